"""Copies of arrays by their method: `x.copy()` takes a quarter of the time of `np.copy(x)` where arrays are small.

    y = copy(x)                     y = copy_(x), which is printed `y = x.copy()`

In: a function. Out: the same with the copies of what is known to be an array.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from wengert.ir.nodes import Assign, Block, Function, Statement, Var
from wengert.ir.queries import within
from wengert.ir.types import Array
from wengert.runtime import copy_


def methods(function: Function) -> Function:
    """`function` with such copies as methods."""
    return replace(function, body=_block(function.body))


def _block(block: Block) -> Block:
    return Block(tuple(map(_statement, block.statements)), block.yields)


def _statement(s: Statement) -> Statement:
    if not isinstance(s, Assign):
        return within(_block, s)
    known = s.op is np.copy and not s.kwargs and len(s.args) == 1
    return replace(s, op=copy_) if known and isinstance(s.args[0], Var) and isinstance(s.args[0].type, Array) else s
