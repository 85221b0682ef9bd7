"""Temporary arrays as parts of the lines that read them, where they would take up memory while a simulation is taken back.

    v1 = mul(v3, v8)                b[1:] = v3 * v8 - v2
    v2' = sub(v1, v2)
    b' = b with [1:] = v2'

In: a function whose stores are in place. Out: the same, where results that one operation of the same block reads, and that
nobody named, are marked as parts of it: what is summed up after a loop, and all of a trip that leaves `MANY` behind. Other
operations keep their lines. Whether a marked one is nested is decided when it is printed.
"""

from __future__ import annotations

import operator
from collections import Counter
from dataclasses import replace

import numpy as np

from wengert.ir.nodes import AddStore, Assign, Block, For, Function, Statement, Store, Var, While
from wengert.ir.queries import operands, substitute, uses, walk, within
from wengert.ir.types import Array

ARITHMETIC = frozenset({operator.add, operator.sub, operator.mul, operator.truediv, operator.neg, operator.pow})


MANY = 12
"""Temporary arrays of a trip that are let go as they are read."""

SUMS = frozenset({np.sum, np.mean})


def parts(function: Function) -> Function:
    """`function` with such arrays marked."""
    if not any(isinstance(s, (For, While)) for s in walk(function.body)):
        return function
    finder = _Finder(uses(function.body))
    body = finder.block(function.body, False)
    return replace(function, body=substitute(body, dict(finder.marked)))


class _Finder:
    """`marked` has the new names of what became a part of a line."""

    def __init__(self, used: Counter[Var]) -> None:
        self.used = used
        self.marked: dict[Var, Var] = {}

    def block(self, block: Block, inside: bool) -> Block:
        """A block with its temporary arrays marked: those of sums, and all of a trip that has many."""
        looped = any(isinstance(s, (For, While)) for s in block.statements)
        made = [within(lambda b: self.block(b, inside or isinstance(s, (For, While))), s) for s in block.statements]  # noqa: B023
        temporary = {s.target: k for k, s in enumerate(made) if isinstance(s, Assign) and self.is_temporary(s)}
        many = inside and len(temporary) > MANY
        for s in made if many or looped else ():
            if isinstance(s, (Assign, Store, AddStore)) and (many or _is_sum(s)):
                for a in operands(s):
                    if isinstance(a, Var) and a in temporary and _reads(s, a):
                        self.mark(a, temporary[a], made)
        return Block(tuple(made), block.yields)

    def is_temporary(self, s: Assign) -> bool:
        """True of arithmetic whose result nobody named, and one operation reads."""
        v = s.target
        plain = not v.hint and v.of is None and not v.inline and not s.effect and not s.kwargs and self.used[v] == 1
        return plain and isinstance(v.type, Array) and v.type.shape != () and _is_arithmetic(s)

    def mark(self, v: Var, place: int, made: list[Statement]) -> None:
        s = made[place]
        assert isinstance(s, Assign)
        self.marked[v] = Var("", v.type, inline=True)
        made[place] = replace(s, target=self.marked[v])


def _is_arithmetic(s: Assign) -> bool:
    return s.op in ARITHMETIC or isinstance(s.op, np.ufunc)


def _is_sum(s: Statement) -> bool:
    return isinstance(s, Assign) and s.op in SUMS


def _reads(s: Assign | Store | AddStore, a: Var) -> bool:
    """True where `a` is an operand of arithmetic, of a sum or of a store."""
    if not isinstance(s, Assign):
        return a is s.value
    return _is_arithmetic(s) or _is_sum(s) or s.op is operator.matmul
