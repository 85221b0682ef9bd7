"""Stores that cannot be done in place as the program stands, and whom they would disturb.

In: a function and the memory of its variables. Out: the clashes, in program order.

    v = getitem(y, 1:)
    y' = y with [0] = 1.0       clash: v shares memory with y
    z = mul(v, y')              and is read here

A variable is live where a later statement, a later trip or the iteration that is under way still reads its contents.
Questions about the shape alone (`np.zeros_like(y)`) do not: a store changes no shape.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from wengert.analyses.aliasing import Sharing
from wengert.analyses.fresh import is_array
from wengert.ir.closed import assert_never
from wengert.ir.nodes import (
    AddStore,
    Assign,
    Atom,
    Block,
    Comment,
    Const,
    For,
    Function,
    If,
    Statement,
    Store,
    Var,
    While,
)
from wengert.ir.queries import blocks, inner, operands, targets
from wengert.ir.types import Opaque, is_scalar

SHAPE_ONLY: frozenset[object] = frozenset(
    {np.shape, np.ndim, np.size, np.zeros_like, np.ones_like, np.empty_like, len, type, isinstance}
)

SHAPE_NAMES = ("shape", "ndim", "size", "dtype")


@dataclass(frozen=True)
class Clash:
    """`store` would change `other`; where `other` is None, memory that is not the program's own.

    Without a store: the `place`-th result of the function would share memory with an argument or another result.
    """

    store: Store | AddStore | None
    other: Var | None
    bits: int
    place: int = -1


def reads_shape_only(s: Statement) -> bool:
    """True for a statement whose result does not depend on what its arrays contain."""
    if not isinstance(s, Assign):
        return False
    if s.op is getattr and len(s.args) > 1:
        name = s.args[1]
        return isinstance(name, Const) and name.value in SHAPE_NAMES
    return s.op in SHAPE_ONLY and not s.kwargs and len(s.args) == 1


def clashes(function: Function, sharing: Sharing, recorded: int = 0, borrowed: bool = False) -> list[Clash]:
    """What stands in the way of doing every store in place; empty where nothing does.

    The last `recorded` results are only read by a pullback: they may share memory with each other, and with
    the arguments where they are `borrowed`.
    """
    walker = _Walker(sharing)
    walker.entries(function.body)
    results = list(_results(function, sharing, recorded, borrowed))
    walker.block(function.body)
    return walker.found[::-1] + results


def _results(function: Function, sharing: Sharing, recorded: int, borrowed: bool) -> Iterator[Clash]:
    yields = function.body.yields
    first = len(yields) - recorded
    taken = origins = sharing.unowned
    for k in (*range(first, len(yields)), *range(first)):
        a = yields[k]
        bits = 0 if isinstance(a.type, Opaque) else sharing.of(a)  # a string, a dtype: not to be copied
        if bits & (taken if k < first else 0 if borrowed else sharing.unowned):
            yield Clash(None, None, sharing.origin(a) & origins, k)
        else:
            taken |= bits
            origins |= sharing.origin(a)


class _Live:
    """The live variables and the memory that they hold; what a block adds can be taken back."""

    def __init__(self, sharing: Sharing) -> None:
        self.sharing = sharing
        self.named: dict[Var, bool] = {}  # true where the contents are read, false where only the shape is
        self.held: dict[Var, int] = {}
        self.log: list[tuple[Var, bool | None]] = []

    def add(self, a: Atom, contents: bool = True, held: int | None = None) -> None:
        if not isinstance(a, Var) or is_scalar(a.type):
            return
        before = self.named.get(a)
        if before or (before is False and not contents):
            return
        self.log.append((a, before))
        self.named[a] = contents
        if contents:
            self.held[a] = self.sharing.of(a) if held is None else held

    def remove(self, v: Var) -> None:
        self.named.pop(v, None)
        self.forget(v)

    def forget(self, v: Var) -> None:
        """Leaves the memory of `v` out of account from here on."""
        self.held.pop(v, None)

    def take_back(self, mark: int) -> None:
        """Forgets what was added since `mark`."""
        for v, before in reversed(self.log[mark:]):
            self.remove(v)
            if before is not None:
                self.named[v] = before
        del self.log[mark:]


class _Walker:
    """Walks backwards; `reads` holds what the blocks of each loop read from outside."""

    def __init__(self, sharing: Sharing) -> None:
        self.sharing = sharing
        self.live = _Live(sharing)
        self.reads: dict[int, dict[Var, bool]] = {}
        self.found: list[Clash] = []

    def entries(self, *of: Block) -> dict[Var, bool]:
        """What the blocks read from outside, true where contents are read; kept for every loop on the way."""
        read: dict[Var, bool] = {}
        bound: set[Var] = set()

        def note(a: Atom, contents: bool) -> None:
            if isinstance(a, Var) and a not in bound:
                read[a] = read.get(a, False) or contents

        for block in of:
            for s in block.statements:
                contents = not reads_shape_only(s)
                for a in operands(s):
                    note(a, contents)
                bound.update(inner(s))
                if isinstance(s, (If, For, While)):
                    inside = self.entries(*blocks(s))
                    self.reads[id(s)] = inside
                    for v, deep in inside.items():
                        note(v, deep)
                bound.update(targets(s))
            for a in block.yields:
                note(a, True)
        return read

    def block(self, block: Block) -> None:
        for a in block.yields:
            self.live.add(a)
        for s in reversed(block.statements):
            self.statement(s)

    def statement(self, s: Statement) -> None:
        match s:
            case Assign():
                self.live.remove(s.target)
                contents = not reads_shape_only(s)
                for a in operands(s):
                    self.live.add(a, contents)
            case Store() | AddStore():
                self.live.remove(s.result)
                self.store(s)
                for a in operands(s):
                    self.live.add(a)
            case If():
                for r in s.results:
                    self.live.remove(r)
                for arm in (s.orelse, s.then):
                    mark = len(self.live.log)
                    self.block(arm)
                    self.live.take_back(mark)
                self.after(s)
            case For() | While():
                self.loop(s)
            case Comment():
                pass
            case _:
                assert_never(s)

    def after(self, s: If | For | While) -> None:
        """What is live before `s` on account of what `s` reads."""
        for v, contents in self.reads[id(s)].items():
            if v not in inner(s):
                self.live.add(v, contents)
        for a in operands(s):
            self.live.add(a)

    def loop(self, s: For | While) -> None:
        recorded = [t for t in s.tapes if t in self.live.named]
        for v in targets(s):
            self.live.remove(v)
        mark = len(self.live.log)
        for v, contents in self.reads[id(s)].items():
            if v not in inner(s):
                self.live.add(v, contents)
        for t in recorded:
            self.live.add(t, held=self.sharing.recorded.get(t, 0))
        if isinstance(s, For):
            for a in s.sequences:
                self.live.add(a)
        self.block(s.body)
        if isinstance(s, While):
            for c in s.carried:
                self.live.add(c)
            self.block(s.test)
        self.live.take_back(mark)
        self.after(s)

    def store(self, s: Store | AddStore) -> None:
        sharing = self.sharing
        bits = sharing.written(s.base)
        origin = sharing.written_origin(s.base)
        if bits & sharing.unowned:
            self.found.append(Clash(s, None, origin & sharing.unowned))
            return
        if isinstance(s.base, Const):
            return
        if s.base in self.live.named:
            # a copy of the base settles the rest as well
            self.found.append(Clash(s, s.base, origin))
            return
        others = {v: None for v, held in self.live.held.items() if held & bits}
        if not is_array(s.result.type) and isinstance(s.value, Var) and sharing.of(s.value) & bits:
            others[s.value] = None
        # a list is not an array: a store into it cannot be seen through one
        lists = not is_array(s.base.type)
        for other in others:
            if lists and is_array(other.type):
                continue
            self.found.append(Clash(s, other, origin & sharing.origin(other) or origin))
            if other in sharing.parts:
                # to be copied where it is assigned, whichever store it is for: one clash says it
                self.live.forget(other)
