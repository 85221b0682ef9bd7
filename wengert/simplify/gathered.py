"""Cotangents that are added up in the end are added up in one buffer from the start.

    q = zeros_like(x)
    q1 = q with [i] += v                p1 = p with [i] += v
    p1 = p with [j] += w                p2 = p1 with [j] += w
    p2 = add(p1, q1)

In: a function. Out: the same without the second buffer, where nothing but the sums read either of them in between; the terms
are added in another order. So the cotangent of a copy goes where that of the original is.
"""

from __future__ import annotations

import operator
from collections import Counter
from dataclasses import replace

import numpy as np

from wengert.ir.nodes import AddStore, Assign, Block, Function, Statement, Var
from wengert.ir.queries import blocks, operands, reads, targets, uses, within
from wengert.ir.types import alike


def gathered(function: Function) -> Function:
    """`function` with one buffer for what is one sum."""
    return replace(function, body=_block(function.body, uses(function.body)))


def _block(block: Block, used: Counter[Var]) -> Block:
    made = [within(lambda b: _block(b, used), s) for s in block.statements]
    if any(_is_zeros(s) for s in made):
        made = _Gatherer(made, used).statements()
    return Block(tuple(made), block.yields)


class _Gatherer:
    """The statements of one block: `place` says where a variable is bound, `last` where it is read last."""

    def __init__(self, made: list[Statement], used: Counter[Var]) -> None:
        self.made: list[Statement | None] = list(made)
        self.uses = used
        self.place = {v: k for k, s in enumerate(made) for v in targets(s)}
        self.readers: dict[Var, list[int]] = {}
        for k, s in enumerate(made):
            inside = blocks(s)
            for a in dict.fromkeys((*operands(s), *(reads(*inside) if inside else ()))):
                if isinstance(a, Var):
                    self.readers.setdefault(a, []).append(k)
        self.taken: set[int] = set()

    def statements(self) -> list[Statement]:
        for k, s in enumerate(self.made):
            if isinstance(s, Assign) and s.op is operator.add and s.target.of is not None and len(s.args) == 2:
                first, second = s.args
                if isinstance(first, Var) and isinstance(second, Var) and first is not second:
                    _ = self.gather(k, s.target, first, second) or self.gather(k, s.target, second, first)
        return [s for s in self.made if s is not None]

    def gather(self, at: int, total: Var, p: Var, q: Var) -> bool:
        """Add what goes into `q` to `p` as it comes; False where that is not possible."""
        if not alike(p.type, q.type) or not alike(p.type, total.type):
            return False
        others = self.sums(q, 0)
        if others is None or not others[1] or not _is_zeros(self.statement(others[0])) or self.uses[others[0]] != 1:
            return False
        zeros, into_q = self.place[others[0]], others[1]
        own = self.sums(p, into_q[0])
        if own is None:
            return False
        start, into_p = own
        if self.place.get(start, -1) > into_q[0]:
            return False
        places = sorted([*into_p, *into_q])
        if any(k >= places[0] and k not in (at, *into_p[:1]) for k in self.readers.get(start, ())):
            return False  # what it was is still read
        if not self.taken.isdisjoint([*places, zeros, at]):
            return False
        self.taken.update([*places, zeros, at])
        self.made[zeros] = self.made[at] = None
        before = start
        for k in places:
            s = self.made[k]
            assert isinstance(s, AddStore)
            after = total if k == places[-1] else Var(p.hint, p.type, p.of)
            self.made[k] = replace(s, base=before, result=after)
            before = after
        return True

    def sums(self, v: Var, since: int) -> tuple[Var, list[int]] | None:
        """The buffer before the sums that made `v` and nothing else reads, from the place `since` on; and their places."""
        places: list[int] = []
        while self.place.get(v, -1) > since or (not since and v in self.place):
            s = self.statement(v)
            if not isinstance(s, AddStore):
                break
            if self.uses[v] != 1 or not isinstance(s.base, Var):
                return None
            places.append(self.place[v])
            v = s.base
        return v, places[::-1]

    def statement(self, v: Var) -> Statement | None:
        return self.made[self.place[v]] if v in self.place else None


def _is_zeros(s: Statement | None) -> bool:
    return isinstance(s, Assign) and s.op is np.zeros_like and s.target.of is not None
