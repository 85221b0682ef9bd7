"""Flattening two paths and joining what they leave behind.

`choose(f, test, then, orelse)` runs both arms from the same state; every name that one of them changed becomes a result
of the `If`, part by part where it is a structure. What does not fit together is refused when it is read, not before.
"""

from __future__ import annotations

from collections.abc import Callable

from wengert.errors import Location
from wengert.frontend.context import Flattener, Key
from wengert.frontend.fresh import owns_memory
from wengert.frontend.join import join
from wengert.frontend.values import Poison, Value, children, same_layout, with_children
from wengert.ir.builder import NONE
from wengert.ir.nodes import UNDEFINED, Atom, Block, Const, If, Var
from wengert.ir.types import Opaque, Type, Undefined, is_numeric

RESULT: Key = (0, "result·")
"""Where an arm that is an expression leaves its value."""


def choose(f: Flattener, test: Atom, then: Callable[[], None], orelse: Callable[[], None]) -> None:
    """Emit `if test: then() else: orelse()`; a constant test runs one arm only."""
    if isinstance(test, Const):
        (then if test.value else orelse)()
        return
    before = dict(f.names)
    with f.emit.block() as first:
        then()
    a = dict(f.names)
    f.names.clear()
    f.names.update(before)
    with f.emit.block() as second:
        orelse()
    b = dict(f.names)
    merge = _Merge(f, a, b)
    for key in dict.fromkeys((*a, *b)):
        x, y = a.get(key, UNDEFINED), b.get(key, UNDEFINED)
        if x is not y:
            merge.key = key
            f.names[key] = merge.values(x, y, key[1])
    f.emit.append(
        If(
            tuple(merge.results),
            test,
            Block(tuple(first), tuple(merge.then)),
            Block(tuple(second), tuple(merge.orelse)),
            f.emit.origin,
        )
    )


def choose_value(
    f: Flattener, test: Atom, then: Callable[[], Value], orelse: Callable[[], Value], hint: str = ""
) -> Value:
    """`then() if test else orelse()` as a value."""
    if isinstance(test, Const):
        return then() if test.value else orelse()
    key = (RESULT[0], f"{hint}·{RESULT[1]}")
    outer = f.names.pop(key, None)

    def keep(arm: Callable[[], Value]) -> Callable[[], None]:
        def run() -> None:
            f.names[key] = arm()

        return run

    choose(f, test, keep(then), keep(orelse))
    value = f.names.pop(key)
    if outer is not None:
        f.names[key] = outer
    return value


class _Merge:
    """Collects the results of an `If` while values are joined."""

    def __init__(self, f: Flattener, a: dict[Key, Value], b: dict[Key, Value]) -> None:
        self.f = f
        self.states = (a, b)
        self.key = RESULT
        self.results: list[Var] = []
        self.then: list[Atom] = []
        self.orelse: list[Atom] = []
        self.made: dict[tuple[Atom, Atom], Var] = {}

    def values(self, a: Value, b: Value, name: str) -> Value:
        # what was refused on one path is noted; the other path may still be flattened with it
        a = UNDEFINED if isinstance(a, Poison) and not a.message else a
        b = UNDEFINED if isinstance(b, Poison) and not b.message else b
        if a == b and not isinstance(a, Var):
            return Poison("") if a is UNDEFINED else a
        if a is UNDEFINED or b is UNDEFINED:
            other = b if a is UNDEFINED else a
            parts = children(other)
            if parts is not None:
                empty: list[Value] = [UNDEFINED] * len(parts)
                pairs = zip(parts, empty, strict=True) if b is UNDEFINED else zip(empty, parts, strict=True)
                return with_children(other, tuple(self.values(x, y, name) for x, y in pairs))
            if not isinstance(other, Var | Const) or is_fixed(other):
                return other
        if same_layout(a, b):
            pairs = zip(children(a) or (), children(b) or (), strict=True)
            return with_children(a, tuple(self.values(x, y, name) for x, y in pairs))
        if isinstance(a, Var | Const) and isinstance(b, Var | Const):
            return self.atom(a, b, name)
        return misfit(self.f, a, b, name, self.f.emit.origin)

    def atom(self, a: Atom, b: Atom, name: str) -> Var:
        if (a, b) in self.made:
            return self.made[a, b]
        nothing = NONE in (a, b) or not self.f.nullable.isdisjoint({a, b})
        result = Var(printable(name), join_atoms(a, b))
        if nothing:
            self.f.nullable.add(result)
        if all(
            isinstance(v, Var) and owns_memory(self.f.fresh, names, v, self.key)
            for v, names in zip((a, b), self.states, strict=True)
        ):
            self.f.fresh.add(result)
        self.results.append(result)
        self.then.append(a)
        self.orelse.append(b)
        self.made[a, b] = result
        return result


def join_atoms(a: Atom, b: Atom) -> Type:
    """The type of a value that is one of two; None beside a number leaves the number's type."""
    p: Type = Undefined() if a == NONE else a.type
    q: Type = Undefined() if b == NONE else b.type
    joined = join(p, q)
    return Opaque() if isinstance(joined, Undefined) else joined


def is_fixed(value: Value) -> bool:
    """True for constants that the transformation must know: functions, modules, classes."""
    return isinstance(value, Const) and value is not UNDEFINED and not is_numeric(value.type) and value != NONE


def printable(name: str) -> str:
    """The part of a name that can stand in the emitted code."""
    head = name.split("·")[0]
    head = "value" if head == "return value" else head
    return head if head.isidentifier() else ""


def misfit(f: Flattener, a: Value, b: Value, name: str, where: Location | None) -> Poison:
    """What stands for a name whose values on two paths have no common form."""
    if (isinstance(a, Poison) and not a.message) or (isinstance(b, Poison) and not b.message):
        return Poison("")
    shown = f"`{printable(name)}`" if printable(name) else "the value"
    line = f" (line {where.line})" if where else ""
    return Poison(
        f"{shown} is {describe(a)} on one path and {describe(b)} on another{line}",
        "give it the same layout on both paths",
        where,
    )


def describe(value: Value) -> str:
    """A value's kind in words."""
    parts = children(value)
    if parts is not None:
        kind = getattr(value, "kind", None) or ("dict" if type(value).__name__ == "Mapping_" else "record")
        return f"a {kind} of {len(parts)}"
    if isinstance(value, Var | Const):
        if value == NONE:
            return "None"
        return "undefined" if value is UNDEFINED else f"a {type(value.type).__name__.lower()}"
    return f"a {type(value).__name__.lower()}"


