"""An emitted module as a file that runs by itself: what it calls and cannot import is written into it.

In: the text of a module and the objects that its names mean. Out: the text with the functions among them defined; a refusal
for what has no text of its own.

    standalone("def g(x):\\n    return softplus(x)\\n", {"softplus": softplus})     # ... def softplus(x): ... def g(x): ...
"""

from __future__ import annotations

import ast
import builtins
import inspect
import textwrap
from collections.abc import Mapping
from types import FunctionType, ModuleType
from typing import Any

from wengert.errors import UnsupportedError


def standalone(text: str, namespace: Mapping[str, Any]) -> str:
    """`text` with the functions in `namespace` written into it, and the imports that they need.

    Raises UnsupportedError for objects that are no functions with a text, or whose functions use such objects.
    """
    if not namespace:
        return text
    imports: dict[str, str] = {}
    definitions: dict[str, str] = {}
    for name, obj in namespace.items():
        _define(name, obj, imports, definitions)
    head = "".join(f"import {m}\n" if m == name else f"import {m} as {name}\n" for name, m in sorted(imports.items()))
    return "\n\n".join([block for block in (head, *definitions.values()) if block] + [text])


def _define(name: str, obj: Any, imports: dict[str, str], definitions: dict[str, str]) -> None:
    if isinstance(obj, ModuleType):
        if imports.setdefault(name, obj.__name__) != obj.__name__:
            raise _not_alone(name)
        return
    function = getattr(obj, "fun", obj)  # of a function with derivatives of its own
    node = _definition(function)
    if node is None or function.__code__.co_freevars:
        raise _not_alone(name)
    if name in definitions:
        return
    definitions[name] = ""  # a recursion finds it
    node.name, node.decorator_list, node.returns = name, [], None
    for arg in ast.walk(node):
        if isinstance(arg, ast.arg):
            arg.annotation = None
    own = {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)}
    own |= {n.arg for n in ast.walk(node) if isinstance(n, ast.arg)}
    for used in sorted({n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)} - own):
        if used in function.__globals__ and used != function.__name__:
            _define(used, function.__globals__[used], imports, definitions)
        elif used == function.__name__ and used != name:
            raise _not_alone(name)
        elif used != name and not hasattr(builtins, used):
            raise _not_alone(used)
    made = definitions.pop(name)
    definitions[name] = made or ast.unparse(ast.fix_missing_locations(node)) + "\n"


def _definition(function: Any) -> ast.FunctionDef | None:
    """The definition of a function in a text; None for anything else."""
    if not isinstance(function, FunctionType):
        return None
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError):
        return None
    node = tree.body[0]
    return node if isinstance(node, ast.FunctionDef) else None


def _not_alone(name: str) -> UnsupportedError:
    way = "put it into a module of yours and import it, or write it as a function without closures"
    text = f"`{name}` cannot be written into a file: no import leads to it, and it is no function of its own"
    return UnsupportedError(text, way)
