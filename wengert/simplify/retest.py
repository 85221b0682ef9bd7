"""Comparisons that one arm of a branch makes are made again where a later branch asks for them.

    if a: ...                           if a: ...
    else: v1 = lt(x, 1.5); if v1: ..    else: v1 = lt(x, 1.5); if v1: ..
          yield v1
    if a: ...                           if a: ...
    else: if v1': ..                    else: v2 = lt(x, 1.5); if v2: ..

In: a function. Out: the same, where nothing hands a comparison of numbers on that are at hand there; the branches then read
as `if` and `elif`, and those that only decided which one was taken go.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from wengert.ir.nodes import UNDEFINED, Assign, Atom, Block, For, Function, If, Statement, Var, While
from wengert.ir.queries import inner, operands, targets
from wengert.ir.types import is_scalar
from wengert.runtime import is_nonzero

COMPARISONS: frozenset[Callable[..., Any]] = frozenset(
    {operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne, is_nonzero}
)


def retest(function: Function) -> Function:
    """`function` with the comparisons of its arms repeated where later branches depend on them."""
    finder = _Finder()
    finder.depth = {v: 0 for p in function.params for v in p.leaves}
    finder.block(function.body, 0)
    made = {v: s for v, s in finder.made.items() if v not in finder.other}
    return replace(function, body=_rebuilt(function.body, made)) if made else function


class _Finder:
    """`made` has for a result of a branch the comparison that it is; `other` is what is read for more than a test."""

    def __init__(self) -> None:
        self.depth: dict[Var, int] = {}
        self.local: dict[Var, Assign] = {}
        self.made: dict[Var, Assign] = {}
        self.other: set[Var] = set()

    def block(self, block: Block, depth: int) -> None:
        for s in block.statements:
            match s:
                case If():
                    self.block(s.then, depth + 1)
                    self.block(s.orelse, depth + 1)
                    for r, a, b in zip(s.results, s.then.yields, s.orelse.yields, strict=True):
                        self.result(r, a, b, depth)
                case For():
                    self.bind(inner(s), depth + 1)
                    self.read(operands(s))
                    self.loop(s.body, depth + 1)
                case While():
                    self.bind(inner(s), depth + 1)
                    self.read(operands(s))
                    self.loop(s.test, depth + 1)
                    self.loop(s.body, depth + 1)
                case _:
                    self.read(operands(s))
                    if isinstance(s, Assign) and _is_comparison(s):
                        self.local[s.target] = s
            self.bind(targets(s), depth)
        if depth == 0:
            self.read(block.yields)

    def loop(self, block: Block, depth: int) -> None:
        self.block(block, depth)
        self.read(block.yields)

    def bind(self, variables: tuple[Var, ...], depth: int) -> None:
        self.depth.update(dict.fromkeys(variables, depth))

    def read(self, atoms: Any) -> None:
        self.other.update(a for a in atoms if isinstance(a, Var))

    def result(self, r: Var, a: Atom, b: Atom, depth: int) -> None:
        """Finds out whether `r` is a comparison of what is bound outside of the arm that yields it."""
        one = a if b is UNDEFINED else b if a is UNDEFINED else None
        s = self.made.get(one) or self.local.get(one) if isinstance(one, Var) else None
        if s is not None and all(self.depth.get(v, 0) <= depth for v in operands(s) if isinstance(v, Var)):
            self.made[r] = s
        else:
            self.read((a, b))


def _is_comparison(s: Assign) -> bool:
    return s.op in COMPARISONS and not s.effect and all(is_scalar(a.type) for a in operands(s))


def _rebuilt(block: Block, made: dict[Var, Assign]) -> Block:
    statements: list[Statement] = []
    for s in block.statements:
        match s:
            case If():
                test = s.test
                found = made.get(test) if isinstance(test, Var) else None
                if found is not None:
                    test = Var("", found.target.type)
                    statements.append(replace(found, target=test, origin=s.origin))
                statements.append(replace(s, test=test, then=_rebuilt(s.then, made), orelse=_rebuilt(s.orelse, made)))
            case For():
                statements.append(replace(s, body=_rebuilt(s.body, made)))
            case While():
                statements.append(replace(s, test=_rebuilt(s.test, made), body=_rebuilt(s.body, made)))
            case _:
                statements.append(s)
    return Block(tuple(statements), block.yields)
