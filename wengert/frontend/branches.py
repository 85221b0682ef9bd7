"""Flattening two paths and joining what they leave behind.

`choose(f, test, then, orelse)` runs both arms from the same state; every name that one of them changed becomes a result
of the `If`, part by part where it is a structure. What does not fit together is refused when it is read, not before.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from wengert.frontend.context import Flattener
from wengert.frontend.control import VALUE
from wengert.frontend.fitting import is_callable, is_fixed, join_atoms, misfit, printable
from wengert.frontend.lists import as_list, as_rows, layout_of
from wengert.frontend.maybe import as_maybe, fills, is_structure, narrowed, renarrowed
from wengert.frontend.places import is_cell
from wengert.frontend.values import (
    Choice,
    Key,
    Maybe,
    Pack,
    Place,
    Poison,
    Refused,
    Value,
    children,
    same_layout,
    with_children,
)
from wengert.ir.builder import NONE, constant
from wengert.ir.nodes import UNDEFINED, Atom, Block, Const, If, Statement, Var
from wengert.ir.queries import atoms_of, defined
from wengert.ir.types import Array

RESULT: Key = (0, "result·")
"""Where an arm that is an expression leaves its value."""


def choose(f: Flattener, test: Atom, then: Callable[[], None], orelse: Callable[[], None]) -> None:
    """Emit `if test: then() else: orelse()`; a constant test runs one arm only."""
    if isinstance(test, Const):
        (then if test.value else orelse)()
        return
    before = dict(f.names)
    with f.emit.block() as first:
        narrowed(f, test, True)
        then()
    a = dict(f.names)
    f.names.clear()
    f.names.update(before)
    with f.emit.block() as second:
        narrowed(f, test, False)
        orelse()
    merge = Merge(f, test, Arm(a, first), Arm(dict(f.names), second))
    merge.all(before)
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
            try:
                value = arm()
            except Refused as refused:
                if refused.problem is not None:
                    raise
                value = Poison("")  # refused before, or not known yet: the other arm tells
            f.names[key] = f.storage.unload(value, hint)

        return run

    choose(f, test, keep(then), keep(orelse))
    value = f.storage.load(f.names.pop(key))
    if outer is not None:
        f.names[key] = outer
    return value


@dataclass(frozen=True, slots=True, eq=False)
class Arm:
    """One path: its names when it ended, and its statements."""

    names: dict[Key, Value]
    statements: list[Statement]


class Merge:
    """Collects the results of an `If` while values are joined."""

    def __init__(self, f: Flattener, test: Atom, first: Arm, second: Arm) -> None:
        self.f = f
        self.test = test
        self.arms = (first, second)
        self.results: list[Var] = []
        self.then: list[Atom] = []
        self.orelse: list[Atom] = []
        self.made: dict[tuple[Atom, Atom], Var] = {}
        self.cells: dict[Key, None] = {}
        self.places: dict[tuple[Any, ...], tuple[Value, Value, Value]] = {}
        self.before: dict[Key, Value] = {}
        self.hollow = False  # while the parts of what may be None are joined

    def all(self, before: dict[Key, Value]) -> None:
        """Bind every name to what it is after either path; cells that only one path knows are left out."""
        first, second = (arm.names for arm in self.arms)
        entry = self.f.storage.first
        self.before = before
        self.f.names.clear()
        self.f.names.update(before)
        joined: dict[Key, Value] = {}
        for key in dict.fromkeys((*first, *second)):
            if is_cell(key):
                a, b = first.get(key, entry.get(key)), second.get(key, entry.get(key))
                if a is None or b is None:
                    continue
            else:
                missing = Poison("") if key[1] == VALUE else UNDEFINED  # a path that has not returned
                a, b = first.get(key, missing), second.get(key, missing)
            same = a if a is b else renarrowed(self.f, self.test, before.get(key), a, b)
            joined[key] = self.values(a, b, key[1]) if same is None else same
            if is_cell(key):
                self.hold_items(key, a, b, joined[key])
        made = {k: v for k, v in self.f.names.items() if k not in before}  # the cells of what was joined
        self.f.names.clear()
        self.f.names.update(joined)
        self.f.names.update(made)
        for (a, b), result in self.made.items():
            self.f.storage.follow(a, result)
            self.f.storage.follow(b, result)

    def values(self, a: Value, b: Value, name: str) -> Value:
        # what was refused on one path is noted; the other path may still be flattened with it
        alone = self.alone(a, b, name)
        if alone is not None:
            return alone
        if (fills(a) and self.is_structure(b, 1)) or (fills(b) and self.is_structure(a, 0)):
            first, second = as_maybe(a), as_maybe(b)
            if isinstance(first, Maybe) and isinstance(second, Maybe):
                present = self.values(first.present, second.present, name)
                outer, self.hollow = self.hollow, True
                held = self.values(first.value, second.value, name)
                self.hollow = outer
                return with_children(first, (present, held))
        if isinstance(a, Place) or isinstance(b, Place):
            return a if a == b else self.place(a, b, name)
        a = UNDEFINED if isinstance(a, Poison) and not a.message else a
        b = UNDEFINED if isinstance(b, Poison) and not b.message else b
        if a == b and not isinstance(a, Var):
            return Poison("") if a is UNDEFINED else a
        if isinstance(a, Poison) or isinstance(b, Poison):
            return a if isinstance(a, Poison) else b
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
        if is_callable(a) and is_callable(b):
            return Choice(self.test, self.exported(a, 0), self.exported(b, 1))
        if isinstance(a, Var | Const) and isinstance(b, Var | Const):
            return self.atom(a, b, name)
        if any(isinstance(v, Pack) and v.kind == "list" for v in (a, b)):
            both = self.rows(a, b)
            if both is not None:
                return self.values(*both, name)
            lists = self.listed(a, 0), self.listed(b, 1)
            if lists[0] is not None and lists[1] is not None:
                return self.atom(lists[0], lists[1], name)
        return misfit(self.f, a, b, name, self.f.emit.origin)

    def is_structure(self, value: Value, arm: int) -> bool:
        """True of what has parts, or leads to it, at the end of an arm."""
        return is_structure(value, ChainMap(self.arms[arm].names, self.f.storage.first))

    def alone(self, a: Value, b: Value, name: str) -> Value | None:
        """What is kept on one path, where the other one was refused; None where that is not so."""
        for arm, (one, other) in enumerate(((a, b), (b, a))):
            if isinstance(other, Poison) and not other.message:
                if isinstance(one, Place) and one.cell in self.arms[1 - arm].names:
                    return one
                if isinstance(one, Pack) and one.kind == "tuple":
                    rows = ((p, other) if arm == 0 else (other, p) for p in one.items)
                    return with_children(one, tuple(self.values(x, y, name) for x, y in rows))
        return None

    def place(self, a: Value, b: Value, name: str) -> Value:
        """A cell of its own for what is at one of two places; it may be the memory of either."""
        pair = tuple(v if isinstance(v, Place) else id(v) for v in (a, b))
        if pair in self.places:
            return self.places[pair][2]
        storage = self.f.storage
        held = self.held(a, 0), self.held(b, 1)
        merged = made = self.values(*held, name)
        if not isinstance(merged, Poison | Const):
            hint = merged.hint if isinstance(merged, Var) else printable(name)
            merged = storage.keep(merged, hint)
            self.hold_items(merged.cell, *held, made)
            self.cells[merged.cell] = None
            for p, q, other in self.places.values():
                if isinstance(other, Place) and (self.meet(p, a) or self.meet(q, b)):
                    storage.share(merged.cell, other.cell)
            for old in (a, b):
                if isinstance(old, Place):
                    storage.derive(merged.cell, old.cell, self.cells)
            first, second = self.outer(a, 0), self.outer(b, 1)
            if first is not None and second is not None:
                storage.either[merged.cell] = (self.test, first, second)
        self.places[pair] = (a, b, merged)
        return merged

    def meet(self, a: Value, b: Value) -> bool:
        """True of two places that may be one memory."""
        return isinstance(a, Place) and isinstance(b, Place) and self.f.storage.may_share(a.cell, b.cell)

    def hold_items(self, box: Key, a: Value, b: Value, joined: Value) -> None:
        """A list that became a run-time value because the paths give it lengths of their own still holds what it held."""
        storage = self.f.storage
        for value in (a, b) if isinstance(joined, Var) else ():
            seen: list[Key] = []
            for item in value.items if isinstance(value, Pack) and value.kind == "list" else ():
                if isinstance(item, Place):
                    if any(storage.may_share(item.cell, other) for other in seen):
                        storage.twins[box] = None
                    storage.hold(box, item.cell)
                    seen.append(item.cell)

    def outer(self, value: Value, arm: int) -> Place | None:
        """A place of an array as it is known after the branches; None where only the arm knows it."""
        storage, statements = self.f.storage, self.arms[arm].statements
        if not isinstance(value, Place) or not isinstance(getattr(storage.names.get(value.cell, NONE), "type", None), Array):
            held = self.arms[arm].names.get(value.cell) if isinstance(value, Place) else None
            if not isinstance(getattr(held, "type", None), Array):
                return None
        assert isinstance(value, Place)
        mine = defined(Block(tuple(statements), ()))
        if value.cell in self.before or value.cell in storage.first:
            steps = (x for s in value.path for arg in (*s.args, *(v for _, v in s.kwargs)) for x in atoms_of(arg))
            return None if any(x in mine for x in steps) else value
        if value.path or value.cell not in storage.either:
            return None
        test, *ways = storage.either[value.cell]
        first, second = (self.outer(w, arm) for w in ways)
        if first is None or second is None:
            return None
        if test in mine:
            no = constant(False)
            test = self.atom(test, no, "") if arm == 0 else self.atom(no, test, "")
        cell = storage.cell(printable(value.cell[1]))
        storage.either[cell] = (test, first, second)
        return Place(cell)

    def held(self, value: Value, arm: int) -> Value:
        """What is at a place at the end of one arm; its parts are kept in places themselves."""
        if not isinstance(value, Place):
            return value
        names, statements = self.arms[arm].names, self.arms[arm].statements
        storage = self.f.storage
        held = names.get(value.cell)
        if not value.path and held is not None and not isinstance(held, Poison):
            return held
        with self.f.state(names), self.f.emit.reopened(statements):
            return storage.load(value) if value.path else storage.contents(value.cell)

    def exported(self, value: Value, arm: int) -> Value:
        """A choice between functions that leaves the arm in which its test was made."""
        if not isinstance(value, Choice):
            return value
        no = constant(False)
        test = self.atom(value.test, no, "") if arm == 0 else self.atom(no, value.test, "")
        return Choice(test, self.exported(value.then, arm), self.exported(value.orelse, arm))

    def rows(self, a: Value, b: Value) -> tuple[Value, Value] | None:
        """Both as lists of tuples whose lengths are not known."""
        made = []
        for arm, (value, other) in enumerate(((a, b), (b, a))):
            with self.f.state(self.arms[arm].names), self.f.emit.reopened(self.arms[arm].statements):
                like: Value = other
                for v in (value, other):
                    if isinstance(v, Pack) and v.items:
                        like = self.f.storage.load(v.items[0])
                        break
                made.append(as_rows(self.f, value, like) if layout_of(like) is not None else None)
        return None if made[0] is None or made[1] is None else (made[0], made[1])

    def listed(self, value: Value, arm: int) -> Var | None:
        """A list at the end of one arm as a run-time value."""
        with self.f.state(self.arms[arm].names), self.f.emit.reopened(self.arms[arm].statements):
            return as_list(self.f, value)

    def atom(self, a: Atom, b: Atom, name: str) -> Var:
        if (a, b) in self.made:
            return self.made[a, b]
        nothing = NONE in (a, b) or not self.f.nullable.isdisjoint({a, b})
        result = Var(printable(name), join_atoms(a, b))
        if nothing:
            self.f.nullable.add(result)
        if (UNDEFINED in (a, b) and not self.hollow) or not self.f.absent.isdisjoint({a, b}):
            self.f.absent.add(result)
        self.f.storage.settle(result, self.f.storage.dense(a, b))
        self.results.append(result)
        self.then.append(a)
        self.orelse.append(b)
        self.made[a, b] = result
        return result
