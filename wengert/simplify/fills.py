"""What is set to zero and then added to is stored.

    b1 = b with [i] = 0.0
    b2 = b1 with [j] += w               b1 = b with [i] = v
    b3 = b2 with [i] += v               b3 = b1 with [j] += w

In: a function. Out: the same, where the versions in between are read for this alone and `v` is there before the first sum; and
without the stores of what is there already, `b with [i] = b[i]`. What is set to zero as a whole and then added to is what is
added. Only cotangents are looked at: sums may change their order.
"""

from __future__ import annotations

import operator
from dataclasses import replace

import numpy as np

from wengert.ir.builder import is_const
from wengert.ir.indexing import is_whole, selects_once
from wengert.ir.nodes import AddStore, Arg, Assign, Atom, Block, Function, Statement, Store, Var
from wengert.ir.queries import substitute, targets, uses, walk, within
from wengert.ir.types import Array, Float, NumpyScalar, Type, alike, summable

Part = tuple[Arg, Arg]


def fills(function: Function) -> Function:
    """`function` with such sums as stores."""
    if not any(map(_touches_memory, walk(function.body))):
        return function
    filler = _Filler(function)
    body = filler.block(function.body)
    return replace(function, body=substitute(body, filler.final()))


def _touches_memory(s: Statement) -> bool:
    return isinstance(s, (Store, AddStore)) or (isinstance(s, Assign) and s.op is operator.getitem)


class _Filler:
    """`parts` has what was read of a buffer where; `same` what turned out to equal another version."""

    def __init__(self, function: Function) -> None:
        self.uses = uses(function.body)
        self.parts: dict[Var, Part] = {}
        self.same: dict[Var, Atom] = {}
        for s in walk(function.body):
            if isinstance(s, Assign) and s.op is operator.getitem:
                self.parts[s.target] = (s.args[0], s.args[1])
                base = s.args[0]
                if s.target.of is None or not isinstance(base, Var) or not is_whole(s.args[1]):
                    continue
                if alike(s.target.type, base.type):
                    self.same[s.target] = base

    def final(self) -> dict[Var, Atom]:
        """Each version that is gone, by what stands for it."""
        made = {}
        for v, a in self.same.items():
            while isinstance(a, Var) and a in self.same:
                a = self.same[a]
            made[v] = a
        return made

    def block(self, block: Block) -> Block:
        statements = [within(self.block, s) for s in block.statements]
        place = {v: k for k, s in enumerate(statements) for v in targets(s)}
        adds = {s.base: k for k, s in enumerate(statements) if isinstance(s, AddStore)}
        moved: dict[int, list[Statement]] = {}
        gone: set[int] = set()
        for k, s in enumerate(statements):
            if isinstance(s, Assign) and self.is_sum_with_zero(s, statements, place):
                gone.add(k)
            if not isinstance(s, Store) or not _is_cleared(s):
                continue
            found = self.sum_into(s, statements, adds)
            if found is None:
                continue
            last = statements[found]
            assert isinstance(last, AddStore)
            first = adds[s.result]
            if not isinstance(last.value, Var) or place.get(last.value, -1) < first:
                gone |= {k, found}
                self.same[last.result] = last.base
                if not self.is_there(s, last.value):
                    moved.setdefault(first, []).append(replace(s, value=last.value))
                else:
                    self.same[s.result] = s.base
        kept = [[*moved.get(k, ()), *([] if k in gone else [s])] for k, s in enumerate(statements)]
        return Block(tuple(s for part in kept for s in part), block.yields)

    def is_sum_with_zero(self, s: Assign, statements: list[Statement], place: dict[Var, int]) -> bool:
        """True of a sum with a buffer that was set to zero as a whole for it: it is the other term."""
        if s.op is not operator.add or s.target.of is None or len(s.args) != 2:
            return False
        for zero, term in (s.args, s.args[::-1]):
            made = statements[place[zero]] if isinstance(zero, Var) and zero in place else None
            if not isinstance(made, Store) or not _is_cleared(made) or not is_whole(made.index):
                continue
            if isinstance(term, Var) and summable(made.result.type, term.type):
                self.same[s.target] = term
                return True
        return False

    def sum_into(self, s: Store, statements: list[Statement], adds: dict[Atom, int]) -> int | None:
        """Where what was set to zero is added to, with nothing but sums into the buffer in between."""
        version = s.result
        while self.uses[version] == 1 and version in adds:
            add = statements[adds[version]]
            assert isinstance(add, AddStore)
            if add.index == s.index:
                return adds[version] if _fits(add.value.type, add.result.type) else None
            version = add.result
        return None

    def is_there(self, s: Store, value: Atom) -> bool:
        """True where `value` is what the store replaces."""
        return isinstance(value, Var) and self.parts.get(value) == (s.base, s.index)


def _is_cleared(s: Store) -> bool:
    """True of a part of a cotangent that is set to zero, no entry of it twice."""
    return s.result.of is not None and is_const(s.value, 0) and selects_once(s.index)


def _fits(value: Type, buffer: Type) -> bool:
    """True where a store of the value does what a sum does: no cast that a sum would refuse."""
    if not isinstance(buffer, Array) or buffer.dtype is None:
        return False
    if isinstance(value, Float):
        return np.dtype(buffer.dtype).kind in "fc"
    return isinstance(value, (Array, NumpyScalar)) and value.dtype == buffer.dtype
