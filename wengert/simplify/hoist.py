"""Moves what a loop computes anew on each trip, and need not, in front of the loop.

    for i in r with s = 0.0:            v1 = mul(2.0, a)
        v1 = mul(2.0, a)                for i in r with s = 0.0:
        s' = add(s, v1)                     s' = add(s, v1)
        yield s'                            yield s'

Only what a transform wrote, never the user's own lines, and only what cannot raise: the loop may not run at all.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from wengert.ir.nodes import Arg, Assign, Atom, Block, Const, Display, For, Function, If, Statement, Var, While
from wengert.ir.queries import atoms_of, inner, map_atoms, operands, targets
from wengert.ir.types import Array, Float, NumpyScalar, is_scalar, same_shape

ARITHMETIC: frozenset[Callable[..., Any]] = frozenset(
    {operator.add, operator.sub, operator.mul, operator.neg, operator.pos}
)

QUESTIONS: frozenset[Callable[..., Any]] = frozenset({np.shape, np.ndim, np.size})


def hoist(function: Function) -> Function:
    """`function` with the invariant parts of its loops in front of them."""
    return replace(function, body=_Hoist().block(function.body))


class _Hoist:
    def __init__(self) -> None:
        self.renamed: dict[Var, Var] = {}
        self.moved: set[Var] = set()

    def get(self, a: Atom) -> Atom:
        return self.renamed.get(a, a) if isinstance(a, Var) else a

    def read(self, s: Statement) -> Statement:
        return map_atoms(self.get, s) if self.renamed else s

    def block(self, block: Block) -> Block:
        made: list[Statement] = []
        for s in block.statements:
            match s:
                case If():
                    then, orelse = self.block(s.then), self.block(s.orelse)
                    made.append(replace(s, test=self.get(s.test), then=then, orelse=orelse))
                case For() | While():
                    made += self.loop(s)
                case _:
                    made.append(self.read(s))
        return Block(tuple(made), tuple(map(self.get, block.yields)))

    def loop(self, s: For | While) -> list[Statement]:
        """The invariant statements of the body, then the loop without them."""
        inits = tuple(map(self.get, s.inits))
        test = self.block(s.test) if isinstance(s, While) else None
        bound = set(inner(s))
        body = self.block(s.body)
        moved: list[Statement] = []
        kept: list[Statement] = []
        for inside in body.statements:
            inside = self.read(inside)
            if isinstance(inside, Assign) and self.may_move(inside) and bound.isdisjoint(operands(inside)):
                moved.append(self.own_line(inside))
            else:
                kept.append(inside)
                bound.update(targets(inside))
        made = Block(tuple(kept), tuple(map(self.get, body.yields)))
        if isinstance(s, For):
            return [*moved, replace(s, inits=inits, sequences=tuple(map(self.get, s.sequences)), body=made)]
        assert test is not None
        return [*moved, replace(s, inits=inits, test=test, body=made)]

    def own_line(self, s: Assign) -> Assign:
        """`s` binding a variable that is not printed inside the loop again."""
        v = s.target
        if not v.inline:
            return s
        self.renamed[v] = Var(v.hint, v.type, v.of)
        self.moved.add(self.renamed[v])
        return replace(s, target=self.renamed[v])

    def may_move(self, s: Assign) -> bool:
        """True for what a transform wrote and cannot raise."""
        written = s.target.inline or s.target.of is not None or s.target in self.moved
        if not written or s.effect or s.kwargs:
            return False
        if s.op in QUESTIONS:
            return True
        return s.op in ARITHMETIC and all(map(_is_plain, s.args)) and _fit(s.args)


def _is_plain(arg: Arg) -> bool:
    """True for floating numbers, and small whole ones, whose sums and products neither overflow nor fail."""
    if isinstance(arg, Display):
        return False
    t = arg.type
    if isinstance(arg, Const) and isinstance(arg.value, int):
        return abs(arg.value) < 2**31
    return isinstance(t, Float) or (isinstance(t, (Array, NumpyScalar)) and t.dtype in ("float64", "float32"))


def _fit(args: tuple[Arg, ...]) -> bool:
    """True where broadcasting the arguments cannot fail."""
    arrays = [a.type for arg in args for a in atoms_of(arg) if not is_scalar(a.type)]
    return all(same_shape(t, arrays[0]) for t in arrays)
