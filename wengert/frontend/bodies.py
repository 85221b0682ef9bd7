"""Functions of the user: parameters are bound as Python binds them, and the body is flattened where the call is.

    def f(a, b=2.0): ...      f(x) binds a to x and b to 2.0 in a frame of its own
"""

from __future__ import annotations

import ast
import functools
import os
import types
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from wengert.frontend.callees import called
from wengert.frontend.context import Flattener, assigned
from wengert.frontend.control import VALUE, structured
from wengert.frontend.family import Callee
from wengert.frontend.outside import DEFAULT
from wengert.frontend.source import Source
from wengert.frontend.values import Frame, Mapping_, Pack, Poison, Refused, Value, children
from wengert.ir.builder import constant
from wengert.ir.nodes import Const

_HERE = os.path.dirname(__file__)

DEEPEST = 60
"""How many calls may be flattened inside one another."""


def default_values(f: Flattener, function: types.FunctionType) -> dict[str, Value]:
    """The values of a function's defaults; numbers among them are constants of the function."""
    code = function.__code__
    names = code.co_varnames[: code.co_argcount]
    given = function.__defaults__ or ()
    found = dict(zip(names[len(names) - len(given) :], given, strict=True)) | (function.__kwdefaults__ or {})
    return {n: _default_value(f, function, n, v) for n, v in found.items()}


def _default_value(f: Flattener, function: types.FunctionType, name: str, value: Any) -> Value:
    """A default; a list or a dict is one object in all calls of the function."""
    made = as_value(value)
    if children(made) is None or f.emit.generated:
        return made
    place = (id(function), f"{name}{DEFAULT}")
    if place not in f.constants:
        f.constants[place] = f.storage.outer(made, name)
    return f.storage.load(f.constants[place])


def as_value(value: Any) -> Value:
    """A Python value that is known now, apart in its parts where it is a plain structure."""
    match value:
        case tuple() if hasattr(value, "_fields"):
            return Pack("tuple", tuple(map(as_value, value)), type(value))
        case tuple() | list():
            return Pack("tuple" if isinstance(value, tuple) else "list", tuple(map(as_value, value)))
        case dict():
            return Mapping_(tuple(value), tuple(map(as_value, value.values())))
        case _:
            return constant(value)


def is_known(value: Value) -> bool:
    """True of constants, and of tuples, lists, slices and dicts of them."""
    match value:
        case Const():
            return True
        case Pack(items=items, cls=None) | Mapping_(items=items, factory=None):
            return all(map(is_known, items))
        case _:
            return False


def python_of(value: Value) -> Any:
    """What a known value is in Python; the other way round as `as_value`."""
    match value:
        case Const(value=known):
            return known
        case Pack(kind=kind, items=items):
            parts = map(python_of, items)
            return slice(*parts) if kind == "slice" else (tuple if kind == "tuple" else list)(parts)
        case Mapping_(keys=keys, items=items):
            return dict(zip(keys, map(python_of, items), strict=True))
        case _:
            raise AssertionError(f"not known: {value!r}")


def inline(
    f: Flattener,
    source: Source,
    node: ast.FunctionDef | ast.Lambda,
    parent: Frame | None,
    defaults: Mapping[str, Value],
    args: list[Value],
    kwargs: dict[str, Value],
    at: ast.AST,
    free: Callable[[str], Any] | None = None,
) -> Value:
    """Call a function with its parameters bound: in place, or as a function of its own."""
    if len(f.calls) >= DEEPEST:
        f.refuse(at, "the calls are nested too deeply", "use a loop")
    bound = bind(f, node, defaults, args, kwargs, at)
    return called(f, Callee(source, node, parent, free, at), bound, in_place)


def in_place(f: Flattener, callee: Callee, bound: Mapping[str, Value]) -> Value:
    """Flatten the body of a function here, with its parameters bound; the value that it returns."""
    node, at = callee.node, callee.at
    body, own = prepared(node)
    f.frames += 1
    site = f.location(at) if os.path.dirname(callee.source.file) == _HERE else None
    frame = Frame(f.frames, callee.source, own | frozenset(bound), callee.parent, callee.free or (lambda name: None), site)
    for name, value in bound.items():
        f.names[frame.number, name] = f.storage.unload(value, name)
    caller, origin, f.frame = f.frame, f.emit.origin, frame
    f.calls.append(node)
    try:
        if isinstance(node, ast.Lambda):
            result: Value = f.expression(node.body)
        else:
            f.body(body)
            result = f.storage.load(f.names.get((frame.number, VALUE), Poison("")))
    finally:
        f.calls.pop()
        f.frame, f.emit.origin = caller, origin
        if frame.number not in f.kept:
            for key in [k for k in f.names if k[0] == frame.number]:
                del f.names[key]
    if isinstance(result, Poison) and not result.message:
        raise Refused(None)
    return f.usable(result, at)


@functools.lru_cache(maxsize=4096)
def prepared(node: ast.FunctionDef | ast.Lambda) -> tuple[tuple[Any, ...], frozenset[str]]:
    """The body without jumps, and the names that are the function's own."""
    if isinstance(node, ast.Lambda):
        return (), frozenset(assigned([node.body]))
    body = structured(node.body)
    return tuple(body), frozenset(assigned(body)) - declared(node.body)


def declared(statements: Sequence[ast.stmt]) -> set[str]:
    """The names that statements declare to be another scope's; inner functions declare for themselves."""
    found: set[str] = set()
    for s in statements:
        if isinstance(s, ast.Nonlocal | ast.Global):
            found.update(s.names)
        elif not isinstance(s, ast.FunctionDef | ast.ClassDef):
            found |= declared([c for c in ast.iter_child_nodes(s) if isinstance(c, ast.stmt)])
    return found


def bind(
    f: Flattener,
    node: ast.FunctionDef | ast.Lambda,
    defaults: Mapping[str, Value],
    args: list[Value],
    kwargs: dict[str, Value],
    at: ast.AST,
) -> dict[str, Value]:
    """The parameters by name, as Python binds them."""
    spec = node.args
    name = getattr(node, "name", "<lambda>")
    positional = [a.arg for a in (*spec.posonlyargs, *spec.args)]
    bound: dict[str, Value] = dict(zip(positional, args, strict=False))
    rest = args[len(positional) :]
    if spec.vararg:
        bound[spec.vararg.arg] = Pack("tuple", tuple(rest))
    elif rest:
        f.fails(at, f"`{name}` takes {len(positional)} positional arguments, {len(args)} were given")
    known = {a.arg for a in (*spec.args, *spec.kwonlyargs)}
    extra: dict[str, Value] = {}
    for key, value in kwargs.items():
        if key in known and key in bound and key in positional:
            f.fails(at, f"`{name}` got several values for `{key}`")
        if key in known:
            bound[key] = value
        elif spec.kwarg:
            extra[key] = value
        else:
            f.fails(at, f"`{name}` has no parameter `{key}`")
    if spec.kwarg:
        bound[spec.kwarg.arg] = Mapping_(tuple(extra), tuple(extra.values()))
    for key in (*positional, *(a.arg for a in spec.kwonlyargs)):
        if key not in bound:
            if key not in defaults:
                f.fails(at, f"`{name}` is called without its argument `{key}`")
            bound[key] = defaults[key]
    return bound
