"""The last stage: a function of the IR becomes the text of a Python module.

In: a function that has been through `storage`: every store may write into its base. Out: the text, the name of its
function, and the objects that the text names but cannot import.

    emit(Function("f", ..))      Emitted("f", "import numpy as np\\n\\n\\ndef f(x): ...", {})
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Container
from dataclasses import dataclass
from typing import Any

from wengert.backend.classes import Classes
from wengert.backend.expressions import Expressions
from wengert.backend.header import arguments, docstring
from wengert.backend.liveness import Liveness
from wengert.backend.lowering import lower
from wengert.backend.names import Names, identifier, parameter_names, user_names
from wengert.backend.nesting import nest
from wengert.backend.printer import to_text
from wengert.backend.python_ast import Statements
from wengert.backend.references import References
from wengert.backend.tapes import group
from wengert.backend.unbound import with_none
from wengert.ir.nodes import Function, Var
from wengert.ir.types import Opaque


@dataclass(frozen=True)
class Emitted:
    """A module: `text` defines the function `name` once the names in `namespace` mean what they map to."""

    name: str
    text: str
    namespace: dict[str, Any]


def emit(function: Function) -> Emitted:
    """The Python module of `function`."""
    sources = {k: Var(p.name, Opaque()) for k, p in enumerate(function.params) if p.structure.kind != "leaf"}
    pinned: dict[Var, str] = {}
    for k, p in enumerate(function.params):
        pinned[sources[k] if k in sources else p.leaves[0]] = p.name
    nodes, nested = nest(lower(function, group(function), sources))
    live = Liveness(nodes, nested, pinned)
    classes = Classes(nodes, live, pinned)
    kept = with_none(nodes, live, nested, classes)

    users = user_names(function)
    name = identifier(function.name)
    references = References(users | parameter_names(function) | {name})

    def statements(names: Callable[[Var], str]) -> list[ast.stmt]:
        expressions = Expressions(references, names, nested)
        file = function.origin.file if function.origin else None
        head = arguments(function.params, expressions)
        body = Statements(expressions, kept, live.read, classes.same, file)(nodes)
        return [ast.FunctionDef(name, head, [*docstring(function.doc), *body], [], lineno=0)]

    statements(lambda v: "_")  # first, to know what the module refers to
    taken: Container[str] = {name, *references.names}
    definition = to_text(statements(Names(nodes, live, classes, users, taken)))
    return Emitted(name, "\n\n".join([*references.head(), definition]), dict(references.namespace))
