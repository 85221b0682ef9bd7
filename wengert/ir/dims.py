"""Arithmetic on lengths: equal computations give equal dims.

In: dims (ints and symbols). Out: the dim of a broadcast axis, of a slice, of an int.

    broadcast((Sym("n"), 1), (3,))     (Sym("n"), 3)
    less(less(Sym("n"), 1), 1)         Sym(("minus", Sym("n"), 2))
"""

from __future__ import annotations

import numpy as np

from wengert.ir.nodes import Arg, Const, Var
from wengert.ir.types import Dim, Int, Sym, may_be_one


def broadcast_dims(a: Dim, b: Dim) -> Dim:
    """The length of an axis on which lengths `a` and `b` are broadcast."""
    if a == b or b == 1:
        return a
    if a == 1:
        return b
    one_a, one_b = may_be_one(a), may_be_one(b)
    if one_a and one_b:
        first, second = sorted((a, b), key=repr)
        return Sym(("broadcast", first, second))
    if one_a or one_b:
        return b if one_a else a
    return b if isinstance(b, int) else a


def broadcast(*shapes: tuple[Dim, ...]) -> tuple[Dim, ...]:
    """The shape to which all of `shapes` are broadcast."""
    rank = max(map(len, shapes), default=0)
    result: tuple[Dim, ...] = (1,) * rank
    for shape in shapes:
        padded = (1,) * (rank - len(shape)) + shape
        result = tuple(map(broadcast_dims, result, padded))
    return result


def less(n: Dim, by: int) -> Dim:
    """The length `max(n - by, 0)`; taking away twice is taking away the sum."""
    if isinstance(n, int):
        return max(n - by, 0)
    if by == 0:
        return n
    if isinstance(n.key, tuple) and n.key[:1] == ("minus",):
        return Sym(("minus", n.key[1], n.key[2] + by))
    return Sym(("minus", n, by))


def dim_of(arg: Arg) -> Dim:
    """The length that a Python int stands for; a variable that came from no shape is a symbol of its own."""
    if isinstance(arg, Const) and isinstance(arg.value, (int, np.integer)):
        return int(arg.value)
    if isinstance(arg, Var) and isinstance(arg.type, Int) and arg.type.size is not None:
        return arg.type.size
    return Sym(("value", arg))
