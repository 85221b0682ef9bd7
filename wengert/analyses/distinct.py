"""Which arrays of integers hold no integer twice: a store at such an index writes every entry once.

    distinct(body)                    the results of np.arange and np.argsort, and slices of them
    is_distinct((rows, labels), ...)  True where `rows` is one of them and `labels` is as long
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from wengert.ir.nodes import Arg, Assign, Block, Const, Display, Var
from wengert.ir.queries import walk
from wengert.ir.types import Array, Int, Type, shape_of

ORDERS: frozenset[Callable[..., Any]] = frozenset({np.argsort, np.argpartition})
"""Operations that return positions along the only axis of their argument."""

KEEPING: frozenset[Callable[..., Any]] = frozenset({np.copy, np.flip, np.sort})


def distinct(block: Block) -> set[Var]:
    """The arrays of a block, inner blocks included, that are certain to hold each position along an axis at most once."""
    found: set[Var] = set()
    for s in walk(block):
        if isinstance(s, Assign) and _is_positions(s.target.type) and _holds_once(s, found):
            found.add(s.target)
    return found


def is_distinct(index: Arg, found: set[Var]) -> bool:
    """True where no two entries that the index selects are the same one; `found` are arrays without repetitions."""
    parts = index.items if isinstance(index, Display) and index.kind == "tuple" else (index,)
    arrays = [p for p in parts if not _is_plain(p)]
    if len(arrays) == 1 and _is_written_out(arrays[0]):
        return True
    variables = [a for a in arrays if isinstance(a, Var) and _is_positions(a.type)]
    if len(variables) != len(arrays):
        return False
    lengths = {shape_of(v.type) for v in variables}  # arrays of unequal length would be broadcast
    return len(lengths) == 1 and any(v in found for v in variables)


def _is_positions(t: Type) -> bool:
    """True for arrays of integers with one axis."""
    return isinstance(t, Array) and t.rank == 1 and t.dtype is not None and np.dtype(t.dtype).kind in "iu"


def _is_plain(part: Arg) -> bool:
    """True for slices, None, Ellipsis and Python ints, which repeat nothing."""
    if isinstance(part, Display):
        return part.kind == "slice"
    if isinstance(part, Const):
        return part.value is None or part.value is Ellipsis or type(part.value) is int
    return isinstance(part.type, Int)


def _is_written_out(part: Arg) -> bool:
    """True for a list of different integers of one sign: `[0, 2, 5]`."""
    if not isinstance(part, Display) or part.kind != "list":
        return False
    values = [i.value for i in part.items if isinstance(i, Const) and type(i.value) is int]
    different = len(set(values)) == len(part.items) and len(values) == len(part.items)
    return different and (all(v >= 0 for v in values) or all(v < 0 for v in values))


def _holds_once(s: Assign, found: set[Var]) -> bool:
    first = s.args[0] if s.args else None
    if s.op is np.arange:
        return not s.kwargs and _counts_up(s.args)
    if s.op in ORDERS:
        return isinstance(first, Var) and isinstance(first.type, Array) and first.type.rank == 1
    if not isinstance(first, Var) or first not in found:
        return False
    if s.op in KEEPING:
        return True
    second = s.args[1] if len(s.args) == 2 else None
    if s.op is operator.getitem:
        return isinstance(second, Display) and second.kind == "slice"
    if isinstance(second, Const) and type(second.value) is int:
        return second.value >= 0 if s.op is operator.add else second.value > 0 and s.op is operator.mul
    return False


def _counts_up(args: tuple[Arg, ...]) -> bool:
    """True for `np.arange(n)`, `np.arange(1, n)`, `np.arange(0, n, 2)`: none of the integers is negative."""
    if len(args) == 1:
        return True
    known = [a.value for a in (args[0], *args[2:]) if isinstance(a, Const) and type(a.value) is int]
    return len(known) == len(args) - 1 and known[0] >= 0 and all(v > 0 for v in known[1:])
