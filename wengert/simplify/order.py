"""Lines of an adjoint where a person would write them.

A new value of a cotangent comes after the last line that reads the old one, so that both can have one name.

    s_bar' = mul(s_bar, x)                  v1 = mul(s_bar, s)
    v1 = mul(s_bar, s)                      x_bar' = add(x_bar, v1)
    x_bar' = add(x_bar, v1)                 s_bar' = mul(s_bar, x)
    yield s_bar', x_bar'                    yield s_bar', x_bar'

What is only computed to be added to a part of a buffer comes right before that.

In: a function. Out: the same, with such lines moved down in their block, never past a line that reads their result.
"""

from __future__ import annotations

import operator
from collections import Counter
from dataclasses import replace

import numpy as np

from wengert.ir.nodes import AddStore, Assign, Atom, Block, Comment, Function, Statement, Store, Var
from wengert.ir.queries import blocks, operands, reads, uses, walk, within
from wengert.ir.types import is_scalar

ARITHMETIC = frozenset({operator.add, operator.sub, operator.mul, operator.truediv, operator.neg})

NEAR = 100
"""Lines that are looked at: a reader does not look farther, and long programs take no longer per line."""


def order(function: Function) -> Function:
    """`function` with the lines of its adjoint in their places."""
    plain = {s.target for s in walk(function.body) if isinstance(s, Assign) and _is_arithmetic(s)}
    stores = [s for s in walk(function.body) if isinstance(s, (AddStore, Store))]
    plain -= {s.base for s in stores if isinstance(s.base, Var)}
    summands = {s.value for s in stores if isinstance(s, AddStore)}
    return replace(function, body=_Order(uses(function.body), plain, summands).block(function.body))


class _Order:
    """`plain` are the results of arithmetic that no store writes: they can be read later; `summands` go into buffers."""

    def __init__(self, used: Counter[Var], plain: set[Var], summands: set[Atom]) -> None:
        self.uses = used
        self.plain = plain
        self.summands = summands

    def block(self, block: Block) -> Block:
        made = [within(self.block, s) for s in block.statements]
        used: list[set[Var]] = []
        parts: dict[Var, set[Var]] = {}  # what is printed inside of a later line is read there
        for s in made:
            read = _used(s)
            inside = [parts[v] for v in read if v in parts] if parts else ()
            used.append(read.union(*inside) if inside else read)
            if isinstance(s, Assign) and s.target.inline:
                parts[s.target] = used[-1]
        for k in reversed(range(len(made))):
            end = self.place(made, used, k)
            if end > k:
                made.insert(end, made.pop(k))
                used.insert(end, used.pop(k))
        return Block(tuple(made), block.yields)

    def place(self, made: list[Statement], used: list[set[Var]], k: int) -> int:
        """Where the line `k` goes: behind the last one that reads an old value of what it binds, or before its reader."""
        s = made[k]
        if not isinstance(s, Assign) or s.effect or not (s.target.inline or (s.target.hint and s.target.of is not None)):
            return k
        direct = [a for a in operands(s) if isinstance(a, Var)]
        # the parts of its expression would stay behind
        old = set() if any(v.inline for v in direct) else {v for v in direct if _is_version(v, s.target)}
        if not old and (self.uses[s.target] != 1 or not (s.target.inline or s.target in self.summands)):
            return k
        last = k
        for later in range(k + 1, min(k + NEAR, len(made))):
            if s.target in used[later]:
                return later - 1 if self.is_part(s, made[later]) else last
            if isinstance(made[later], Comment):
                return last
            if old & used[later]:
                last = later
        return last

    def is_part(self, s: Assign, reader: Statement) -> bool:
        """True where `s` computes a part of what `reader` does from what can be read as well there."""
        if self.uses[s.target] != 1 or not _is_arithmetic(s):
            return False
        if any(isinstance(a, Var) and _is_version(a, s.target) for a in operands(s)):
            return False  # a sum that goes on, which has a line of its own
        summand = isinstance(reader, AddStore) and reader.value is s.target
        return (s.target.inline or summand) and all(is_scalar(a.type) or a in self.plain for a in operands(s))


def _is_arithmetic(s: Assign) -> bool:
    """True where the result is an array of its own, or a number."""
    return (s.op in ARITHMETIC or isinstance(s.op, np.ufunc)) and not s.kwargs and not s.effect


def _used(s: Statement) -> set[Var]:
    """What `s` and its blocks read from outside."""
    inner = blocks(s)
    return {a for a in ((*operands(s), *reads(*inner)) if inner else operands(s)) if isinstance(a, Var)}


def _is_version(v: Var, of: Var) -> bool:
    return v.hint == of.hint and v.of is not None and of.of is not None and (v.of is of.of or _same(v.of, of.of))


def _same(a: Var, b: Var) -> bool:
    """True where both are printed under one name."""
    if not a.hint or a.hint != b.hint:
        return False
    return a.of is b.of or (a.of is not None and b.of is not None and _same(a.of, b.of))
