"""What is added to a part of zeros is put there.

    x_bar = zeros_like(x)               x_bar = zeros_like(x)
    x_bar' = x_bar with [1:] += v       x_bar' = x_bar with [1:] = v
    x_bar'' = x_bar' with [:-1] += w    x_bar'' = x_bar' with [:-1] += w

In: a function. Out: the same, with the first sum into a buffer of zeros a store, where no entry is selected twice and the
value fits into the buffer as it is.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from wengert.ir.indexing import selects_once
from wengert.ir.nodes import AddStore, Assign, Block, For, Function, If, Statement, Store, Var, While
from wengert.ir.types import Array, Float, NumpyScalar, Type


def firsts(function: Function) -> Function:
    """`function` with the first parts of its buffers stored."""
    return replace(function, body=_block(function.body))


def _block(block: Block) -> Block:
    zeros: set[Var] = set()
    made: list[Statement] = []
    for s in block.statements:
        match s:
            case Assign() if s.op in (np.zeros_like, np.zeros) and s.target.of is not None:
                zeros.add(s.target)
                made.append(s)
            case AddStore() if s.base in zeros and _fits(s.value.type, s.result.type) and selects_once(s.index):
                made.append(Store(s.result, s.base, s.index, s.value, s.origin))
            case If():
                made.append(replace(s, then=_block(s.then), orelse=_block(s.orelse)))
            case For():
                made.append(replace(s, body=_block(s.body)))
            case While():
                made.append(replace(s, test=_block(s.test), body=_block(s.body)))
            case _:
                made.append(s)
    return Block(tuple(made), block.yields)


def _fits(value: Type, buffer: Type) -> bool:
    """True where a store does what a sum does: no cast that a sum would refuse."""
    if not isinstance(buffer, Array) or buffer.dtype is None:
        return False
    if isinstance(value, Float):
        return np.dtype(buffer.dtype).kind in "fc"
    return isinstance(value, (Array, NumpyScalar)) and value.dtype == buffer.dtype
