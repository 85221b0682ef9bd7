"""The layout of arrays in memory: what is a view of what, and what is C-contiguous.

`np.reshape` is a view of an array that is C-contiguous and a copy of another. Arrays that the program makes are followed; those
from outside are assumed to be C-contiguous, which is checked on entry where a store depends on it.

    b = np.zeros((2, 3))    dense(b) == ()         C-contiguous for certain
    c = x + 1.0             dense(c) == (x,)       if the argument `x` is
    d = c.T                 dense(d) is None       may not be
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from wengert.frontend.indices import is_basic, is_integer
from wengert.frontend.memory import Memory
from wengert.frontend.values import (
    Value,
)
from wengert.ir.builder import NONE, constant
from wengert.ir.nodes import Arg, Display, Var
from wengert.ir.queries import atoms_of
from wengert.ir.types import Array, List, Number, Tape, is_scalar, shape_of

VIEWS: frozenset[Callable[..., Any]] = frozenset(
    {np.transpose, np.swapaxes, np.moveaxis, np.squeeze, np.expand_dims, np.flip, np.flipud, np.fliplr, np.rot90}
)
"""Operations whose result is a view of their first argument for certain."""

ORDERED: frozenset[Callable[..., Any]] = frozenset(
    {np.zeros, np.ones, np.empty, np.full, np.arange, np.eye, np.identity, np.outer, np.matmul, operator.matmul, np.dot}
)
"""Operations whose result is C-contiguous."""

STACKED: frozenset[Callable[..., Any]] = frozenset({np.matmul, operator.matmul})
"""Operations whose result is laid out like their arguments along the axes before the last two."""

LIKE: frozenset[Callable[..., Any]] = frozenset(
    {np.zeros_like, np.ones_like, np.empty_like, np.full_like, np.ndarray.astype}
)
"""Operations whose result has the layout of their first argument."""


@dataclass(slots=True)
class Layouts(Memory):
    """What is known of the layout of arrays."""

    def dense(self, *atoms: Value) -> tuple[Var, ...] | None:
        """The arrays from outside that have to be C-contiguous for all of these to be; None where some may not be."""
        found: dict[Var, None] = {}
        for a in atoms:
            if not isinstance(a, Var) or is_scalar(a.type):
                continue
            if a not in self.compact:
                return None
            found.update(dict.fromkeys(self.compact[a]))
        return tuple(found)

    def settle(self, v: Var, deps: tuple[Var, ...] | None) -> None:
        """Note that an array is C-contiguous if `deps` are; with None nothing is known."""
        if deps is None:
            self.compact.pop(v, None)
        else:
            self.compact[v] = deps

    def _order(self, op: Callable[..., Any], args: tuple[Arg, ...], result: Var) -> tuple[Var, ...] | None:
        """As `dense`, of the fresh result of an operation."""
        shape = shape_of(result.type)
        if op in STACKED and (shape is None or len(shape) > 2):
            return self.dense(*args)  # type: ignore[arg-type]
        written_out = op is np.array and args and isinstance(args[0], Display)
        if op in ORDERED or (shape is not None and len(shape) <= 1) or written_out:
            return ()
        if op in LIKE:
            return self.dense(args[0]) if isinstance(args[0], Var) else None
        if op in (np.concatenate, np.stack) and args:
            return self.dense(*atoms_of(args[0]))
        elementwise = isinstance(op, np.ufunc) or getattr(op, "__module__", "") == "_operator" or op in (np.copy, np.array)
        arrays = [a for a in args if isinstance(a, Var) and not is_scalar(a.type)]
        return self.dense(*arrays) if elementwise and arrays else None

    def assumptions(self) -> tuple[Var, ...]:
        """The arrays from outside that have to be C-contiguous for the stores of the program to be what they are."""
        reached = (d for key in self.written for d in self.assumed.get(key, ()))
        return tuple(dict.fromkeys(reached))

    def _is_view(
        self, op: Callable[..., Any], base: Var, args: tuple[Arg, ...], kwargs: tuple[tuple[str, Arg], ...], result: Var
    ) -> bool:
        if op is operator.getitem:
            return isinstance(base.type, Array | Number | List | Tape) and is_basic(args[1])
        if op in VIEWS:
            return True
        if op is np.asarray:
            return not kwargs and len(args) == 1 and isinstance(base.type, Array)
        if op in (np.reshape, np.ravel) and not kwargs:
            return base in self.compact
        return False


def stays_compact(op: Callable[..., Any], args: tuple[Arg, ...]) -> bool:
    """True where a view of a C-contiguous array is one itself: another shape, rows, a run of rows."""
    if op is not operator.getitem:
        return op in (np.reshape, np.ravel, np.asarray, np.expand_dims, np.squeeze)
    index = args[1]
    if isinstance(index, Display) and index.kind == "slice":
        return index.items[2] in (NONE, constant(1))
    return all(map(is_integer, index.items)) if isinstance(index, Display) else is_integer(index)
