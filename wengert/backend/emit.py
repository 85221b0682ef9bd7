"""The last stage: a function of the IR becomes the text of a Python module.

In: functions that have been through `storage`: every store may write into its base. Out: the text, the name of the first
function, and the objects that the text names but cannot import.

    emit(Function("f", ..))      Emitted("f", "import numpy as np\\n\\n\\ndef f(x): ...", {})
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from wengert.analyses.paths import maybe_none, unbound
from wengert.backend.classes import Classes
from wengert.backend.expressions import Expressions
from wengert.backend.header import arguments, docstring
from wengert.backend.liveness import Liveness
from wengert.backend.lowering import lower
from wengert.backend.names import Names, identifier, parameter_names, user_names
from wengert.backend.nesting import counts, nest
from wengert.backend.printer import to_text
from wengert.backend.python_ast import Statements
from wengert.backend.references import References
from wengert.backend.reuse import reuse
from wengert.backend.spread import spread
from wengert.backend.tapes import group
from wengert.backend.unbound import with_none
from wengert.backend.unpacking import unpack
from wengert.ir import callee
from wengert.ir.nodes import AddStore, Arg, Assign, Function, Store, Var
from wengert.ir.queries import inner, targets, walk
from wengert.ir.types import Array, Number, Opaque


@dataclass(frozen=True)
class Emitted:
    """A module: `text` defines the function `name` once the names in `namespace` mean what they map to.

    `further` are the names of the other functions that it defines.
    """

    name: str
    text: str
    namespace: dict[str, Any]
    further: tuple[str, ...] = ()


def emit(*functions: Function, callees: Mapping[callee.Emitted, Function] = MappingProxyType({})) -> Emitted:
    """The Python module of `functions`, known by the first of them, and of the functions that they call."""
    own = [identifier(f.name) for f in functions]
    used = [users_of(f) for f in (*functions, *callees.values())]
    references = References(frozenset().union(*used, own))
    called = [replace(f, name=references.callee(op)) for op, f in callees.items()]
    parts = [_Part(f, references) for f in (*functions, *called)]
    for part in parts:
        part.definition(lambda v: "_")  # first, to know what the module refers to
    taken: Container[str] = {*own, *references.names}
    definitions = [to_text([part.definition(part.names(taken))]) for part in parts]
    return Emitted(own[0], "\n\n".join([*references.head(), *definitions]), dict(references.namespace), tuple(own[1:]))


def users_of(function: Function) -> frozenset[str]:
    """The names in `function` that nothing of the module may have."""
    return user_names(function) | parameter_names(function)


def _there(f: Function) -> set[Var]:
    """The variables that have a value on every path: what a path leaves unbound is recorded as None."""
    records = any(p.name == "recorded" for p in f.params)  # what walks these may be None
    sure = [s for s in walk(f.body) if not records or isinstance(s, Assign | Store | AddStore)]
    made = {v for s in sure for v in (*targets(s), *inner(s))}
    made -= {s.target for s in walk(f.body) if isinstance(s, Assign) and s.op is operator.getitem and not _is_array(s.args[0])}
    given = {v for p in f.params if p.name != "recorded" for v in p.leaves}
    return (made | given) - unbound(f.body) - maybe_none(f.body)


def _is_array(a: Arg) -> bool:
    return isinstance(a, Var) and isinstance(a.type, Array | Number)


class _Part:
    """One function of a module, lowered, to be given names."""

    def __init__(self, function: Function, references: References) -> None:
        self.function = function
        self.references = references
        sources = {k: Var(p.name, Opaque()) for k, p in enumerate(function.params) if p.structure.kind != "leaf"}
        pinned: dict[Var, str] = {}
        for k, p in enumerate(function.params):
            pinned[sources[k] if k in sources else p.leaves[0]] = p.name
        lowered = unpack(lower(function, group(function), sources))
        nodes, self.nested = nest(lowered)
        self.nodes = reuse(nodes, counts(lowered), self.nested)
        self.live = Liveness(self.nodes, self.nested, pinned)
        self.classes = Classes(self.nodes, self.live, pinned)
        self.kept = with_none(self.nodes, self.live, self.nested, self.classes)

    def names(self, taken: Container[str]) -> Names:
        return Names(self.nodes, self.live, self.classes, user_names(self.function), taken)

    def definition(self, names: Callable[[Var], str]) -> ast.stmt:
        f = self.function
        expressions = Expressions(self.references, names, self.nested, _there(f))
        head = arguments(f.params, expressions)
        file = f.origin.file if f.origin else None
        body = Statements(expressions, self.kept, self.live.read, self.classes.same, file)(self.nodes)
        return spread(ast.FunctionDef(identifier(f.name), head, [*docstring(f.doc), *body], [], lineno=0))
