"""Indices as operands: which select views, and how two of them compare.

    is_basic(1:, 0)                 True: ints, slices, None and Ellipsis select a view
    composed(i, 1:)                 (i, 1:), which selects from `a` what `1:` selects from `a[i]`
    apart(a[:k], a[k:])             True: no entry in common
"""

from __future__ import annotations

import operator

import numpy as np

from wengert.frontend.values import (
    Place,
    Step,
)
from wengert.ir.builder import NONE, constant
from wengert.ir.nodes import Arg, Const, Display
from wengert.ir.types import Int, NumpyScalar, Opaque

WHOLE = Const(Ellipsis, Opaque())
EVERYTHING = Display("slice", (NONE, NONE, NONE))


def is_basic(index: Arg) -> bool:
    """True for an index of ints, slices, None and Ellipsis, which selects a view."""
    if isinstance(index, Display):
        return index.kind == "slice" or (index.kind == "tuple" and all(map(is_basic, index.items)))
    if isinstance(index, Const):
        return index.value is None or index.value is Ellipsis or type(index.value) is int or isinstance(index.value, np.integer)
    t = index.type
    return isinstance(t, Int) or (isinstance(t, NumpyScalar) and np.dtype(t.dtype).kind in "iu")


def is_integer(index: Arg) -> bool:
    """True for an index that takes one axis away."""
    if isinstance(index, Const):
        return type(index.value) is int or isinstance(index.value, np.integer)
    return not isinstance(index, Display) and is_basic(index)


def is_whole(index: Arg) -> bool:
    """True for `...` and `:`."""
    return index == EVERYTHING or (isinstance(index, Const) and index.value is Ellipsis)


def composed(first: Arg, second: Arg) -> Arg | None:
    """One index that selects what `second` selects of `first`; None where there is none that is simple."""
    if is_whole(second):
        return first
    if is_whole(first):
        return second
    head = first.items if isinstance(first, Display) and first.kind == "tuple" else (first,)
    if not all(map(is_integer, head)):
        return None
    tail = second.items if isinstance(second, Display) and second.kind == "tuple" else (second,)
    if all(map(is_basic, tail)) or (len(tail) == 1 and len(head) >= 1 and not isinstance(tail[0], Display)):
        return Display("tuple", (*head, *tail))
    return None


def apart(a: Place, b: Place) -> bool:
    """True for two views of one array that have no entry in common: its parts before and after one index."""
    if a.cell != b.cell or not a.path or not b.path:
        return False
    first, second = a.path[0], b.path[0]
    if first.op is not operator.getitem or second.op is not operator.getitem:
        return False
    one, other = (
        i.args[0].items if isinstance(i.args[0], Display) and i.args[0].kind == "tuple" else i.args[:1] for i in (first, second)
    )
    if any(isinstance(i, Const) and i.value in (None, Ellipsis) for i in (*one, *other)):
        return False
    return any(_before(p, q) or _before(q, p) for p, q in zip(one, other, strict=False))


def _before(p: Arg, q: Arg) -> bool:
    """True where an index of one axis ends where another one begins."""
    ends, starts = (_bounds(i) for i in (p, q))
    if ends is None or starts is None:
        return False
    (_, stop), (start, _) = ends, starts
    if stop == start:
        return stop != NONE
    if isinstance(stop, Const) and isinstance(start, Const):
        return isinstance(stop.value, int) and isinstance(start.value, int) and 0 <= stop.value <= start.value
    return False


def _bounds(i: Arg) -> tuple[Arg, Arg] | None:
    """The first entry that an index selects, and the one after the last; both count from the same end of the axis."""
    if isinstance(i, Display):
        start, stop, step = i.items if i.kind == "slice" else (NONE, NONE, NONE)
        return (constant(0) if start == NONE else start, stop) if i.kind == "slice" and step in (NONE, constant(1)) else None
    if isinstance(i, Const) and type(i.value) is int and i.value >= 0:
        return i, constant(i.value + 1)
    return None


def are_apart(a: Step, b: Step) -> bool:
    """True for two items of a list at known positions, counted from the same end."""
    i, j = (s.args[0].value if isinstance(s.args[0], Const) else None for s in (a, b))
    return isinstance(i, int) and isinstance(j, int) and i != j and (i < 0) == (j < 0)
