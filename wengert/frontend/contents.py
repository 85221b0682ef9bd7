"""A call for the sake of what it leaves in its arguments: what `wengert.returning` means while a function is flattened.

    Contents(("A",)) called with (f, A, b)      f(copy of A, b), and then what is in the copy
"""

from __future__ import annotations

import ast
import copy
import inspect
from dataclasses import dataclass

import numpy as np

from wengert.frontend.bodies import bind
from wengert.frontend.context import Flattener
from wengert.frontend.places import may_be_written
from wengert.frontend.values import Closure, Mapping_, Pack, Partial, Value, atoms, children, with_children
from wengert.ir.builder import NONE
from wengert.ir.nodes import Atom, Const, Var
from wengert.ir.types import Array, Number
from wengert.runtime import copy_


@dataclass(frozen=True, slots=True)
class Contents:
    """Called with a function and its arguments; returns the function's result and the contents of the arguments `names`."""

    names: tuple[str, ...]

    def __wengert_call__(
        self, f: Flattener, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str
    ) -> Value:
        function, *rest = args
        copies: dict[Atom, Atom] = {}
        outermost = f.frame is None  # the arguments of a derivative are not written by it anyway
        kept = [f.storage.unload(a if outermost else _copied(f, a, copies)) for a in rest]
        named = {k: f.storage.unload(v if outermost else _copied(f, v, copies)) for k, v in kwargs.items()}
        places = _by_name(f, function, kept, named, node)
        for name in self.names:
            if name not in places:
                f.refuse(node, f"the function is called without an argument `{name}`", f"it has {', '.join(places)}")
        given = _by_name(f, function, rest, kwargs, node)
        _check_apart(f, self.names, given, node)
        load = f.storage.load
        value = f.call(function, [load(k) for k in kept], {n: load(k) for n, k in named.items()}, node)
        if isinstance(value, Var) and value in f.nullable:
            f.refuse(node, "the function returns None on one path only", "return a value on every path")
        written = [original for original, made in copies.items() if _is_written(f, made)]
        for original in (*written, *(a for n in self.names for a in atoms(given[n]))):
            _mark(f, original)
        contents = tuple(load(places[n]) for n in self.names)
        results = contents if value == NONE else (value, *contents)
        return results[0] if len(results) == 1 else Pack("tuple", results)


def _check_apart(f: Flattener, names: tuple[str, ...], given: dict[str, Value], node: ast.AST) -> None:
    """Copies of two arguments that are one array would be two arrays."""
    cells = {n: {key for key, _ in f.storage.memory(atoms(v))} for n, v in given.items()}
    for name in names:
        for other, theirs in cells.items():
            if other != name and not cells[name].isdisjoint(theirs):
                f.refuse(node, f"`{name}` and `{other}` share memory, and `{name}` is written", "pass a copy of one of them")


def _is_written(f: Flattener, atom: Atom) -> bool:
    return isinstance(atom, Var) and atom in f.storage.homes and f.storage.homes[atom][0].cell in f.storage.written


def _mark(f: Flattener, atom: Atom) -> None:
    """An array counts as written where its copy is: the caller must not pass it twice."""
    if isinstance(atom, Var) and atom in f.storage.homes:
        f.storage.written[f.storage.homes[atom][0].cell] = None


def _copied(f: Flattener, value: Value, copies: dict[Atom, Atom]) -> Value:
    """A value whose arrays and containers are its own."""
    parts = children(value)
    if parts is not None:
        return with_children(value, tuple(_copied(f, p, copies) for p in parts))
    if not isinstance(value, Var) or not may_be_written(value):
        return value
    if value not in copies:
        op = np.copy if isinstance(value.type, Array) else copy_ if isinstance(value.type, Number) else copy.deepcopy
        copies[value] = f.emit.apply(op, (value,), type=value.type, effect=False, hint=value.hint)
    return copies[value]


def _by_name(
    f: Flattener, function: Value, args: list[Value], kwargs: dict[str, Value], node: ast.AST
) -> dict[str, Value]:
    """The arguments of a call by the names of the parameters."""
    match function:
        case Closure():
            return bind(f, function.node, dict(function.defaults), args, kwargs, node)
        case Partial():
            return _by_name(f, function.function, [*function.args, *args], {**dict(function.kwargs), **kwargs}, node)
        case Const():
            fn = function.value
            signature = inspect.signature(fn, follow_wrapped=not inspect.isfunction(fn))
            try:
                bound = signature.bind(*args, **kwargs)
            except TypeError as error:
                f.fails(node, str(error))
            found: dict[str, Value] = {}
            for name, p in signature.parameters.items():
                if p.kind is p.VAR_POSITIONAL:
                    found[name] = Pack("tuple", tuple(bound.arguments.get(name, ())))
                elif p.kind is p.VAR_KEYWORD:
                    extra = bound.arguments.get(name, {})
                    found[name] = f.storage.unload(Mapping_(tuple(extra), tuple(extra.values())))
                elif name in bound.arguments:
                    found[name] = bound.arguments[name]
            return found
        case _:
            f.fails(node, "this cannot be called")
