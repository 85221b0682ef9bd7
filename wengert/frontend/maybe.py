"""A tuple, list, dict or object that may be None: whether it is there is an atom of its own.

    best = None                                          Maybe(False, undefined)
    for v in x:
        if best is None or v < best[0]:                  a test of that atom; in `best[0]` it is there
            best = (v, 2 * v)                            Maybe(True, (v, 2 * v))

Where a branch tests whether it is there, it is a plain value in the one arm and None in the other. Everything that Python
does with such values and never with None takes them as they are.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping

from wengert.frontend.context import Flattener
from wengert.frontend.values import Key, Mapping_, Maybe, Pack, Place, Poison, Record, Rows, Value, children, plain
from wengert.ir.builder import NONE, constant
from wengert.ir.nodes import UNDEFINED, Atom, Const, Var

__all__ = ["DEEPEST", "as_maybe", "depth", "fills", "is_structure", "is_there", "narrowed", "plain", "renarrowed"]


def is_structure(value: Value, names: Mapping[Key, Value]) -> bool:
    """True of tuples, and of places of lists, dicts and objects: what may be None on another path."""
    if isinstance(value, Place) and not value.path:
        held = names.get(value.cell)
        return isinstance(held, Mapping_ | Record | Rows) or (isinstance(held, Pack) and held.kind == "list")
    return isinstance(value, Maybe) or (isinstance(value, Pack) and value.kind == "tuple")


def as_maybe(value: Value) -> Value:
    """The value, which may be None, with the atom that says so."""
    if isinstance(value, Maybe | Poison) or value is UNDEFINED:
        return value
    return Maybe(constant(False), UNDEFINED) if value == NONE else Maybe(constant(True), value)


def fills(value: Value) -> bool:
    """True of what may stand beside a structure on another path."""
    return value == NONE or isinstance(value, Maybe)


def is_there(f: Flattener, value: Maybe, wanted: bool) -> Atom:
    """The test of `value is not None`, or of `value is None`."""
    if wanted or isinstance(value.present, Const):
        return constant(value.present.value is wanted) if isinstance(value.present, Const) else value.present
    made = f.apply(operator.not_, value.present)
    assert isinstance(made, Var)
    f.opposite[made] = value.present
    return made


DEEPEST = 3
"""How many values that may be None are followed into one another."""


def depth(value: Value, names: Mapping[Key, Value], seen: tuple[Key, ...] = ()) -> int:
    """How many values that may be None lie inside one another."""
    if isinstance(value, Place):
        held = names.get(value.cell)
        return 0 if held is None or value.cell in seen else depth(held, names, (*seen, value.cell))
    inside = max((depth(p, names, seen) for p in children(value) or ()), default=0)
    return inside + isinstance(value, Maybe)


def narrowed(f: Flattener, test: Atom, holds: bool) -> None:
    """Take what `test` asks about as it is in the arm of a branch."""
    there = f.opposite.get(test, test) if isinstance(test, Var) else test
    if there is not test:
        holds = not holds
    for key, value in f.names.items():
        if isinstance(value, Maybe) and value.present is there:
            f.names[key] = value.value if holds else NONE


def renarrowed(f: Flattener, test: Atom, before: Value | None, then: Value, orelse: Value) -> Value | None:
    """What was there before a branch, where neither arm did more than take it as what it is there."""
    if not isinstance(before, Maybe) or not isinstance(test, Var):
        return None
    there = f.opposite.get(test, test)
    filled, empty = (then, orelse) if there is test else (orelse, then)
    return before if before.present is there and filled is before.value and empty == NONE else None
