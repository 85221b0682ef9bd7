"""Which variables may share memory, if every store is done in place.

In: a function. Out: a set of allocations, as bits of an int, for each variable; disjoint sets share nothing.

    y = exp(x)              {y}
    v = getitem(y, 1:)      {y}         a view
    y' = y with [0] = 1.0   {y}         the same buffer, written
    t = f(x)                {x, ?}      not known to be fresh: may be x, or anybody's

An allocation inside a loop has two bits: what this trip allocated, and what the earlier trips did. A value that a
trip hands to the next one moves from the first to the second, so this trip's buffers are known not to be on a tape yet.

What a trip of a loop finds in a carried array is a *cell*: one of the allocations that it may be, and another one than any
other cell of that loop, unless two of them share memory before the loop or after a trip. So two buffers that each trip
swaps stay two. Likewise the results of a loop.
"""

from __future__ import annotations

import copy
import operator
from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType

import numpy as np

from wengert.analyses.fresh import LOCKED, VIEWS, holds_memory, is_array, is_fresh
from wengert.analyses.sites import Sites
from wengert.ir.callee import Emitted
from wengert.ir.closed import assert_never
from wengert.ir.nodes import (
    UNDEFINED,
    AddStore,
    Arg,
    Assign,
    Atom,
    Block,
    Comment,
    Const,
    For,
    Function,
    If,
    Loop,
    Statement,
    Store,
    Var,
    While,
)
from wengert.ir.queries import atoms_of
from wengert.ir.types import List, Opaque, Tape, Tuple, Type

CONTAINERS = (List, Tuple, Tape)

FOREIGN, FOREIGN_LIST = 1, 2
"""The bits of memory that is not the program's own, from wherever it came: of anything, and of lists themselves."""


@dataclass(frozen=True)
class Sharing:
    """`memory`: the allocations of each variable; `unowned`: those that must not be written. `origins`: the same without
    cells, where what shares memory has a bit in common but not the other way round.

    `boxes` are the lists themselves, which no array is. `recorded`: what a tape holds of earlier trips while its loop
    still runs; `parts`: what an assignment made that is not all its own.
    """

    memory: dict[Var, int]
    origins: dict[Var, int]
    recorded: dict[Var, int]
    parts: dict[Var, None]
    unowned: int
    boxes: int
    foreign: int

    def of(self, a: Atom) -> int:
        return self.memory.get(a, 0) if isinstance(a, Var) else _constant(a) and self.foreign

    def origin(self, a: Atom) -> int:
        return self.origins.get(a, 0) if isinstance(a, Var) else _constant(a)

    def written(self, a: Atom) -> int:
        """What a store into `a` changes: of a list of numbers or arrays the list itself, not its items."""
        return self.of(a) & self.boxes if is_flat(a.type) else self.of(a)

    def written_origin(self, a: Atom) -> int:
        return self.origin(a) & self.boxes if is_flat(a.type) else self.origin(a)


def share(function: Function, apart: bool = False) -> Sharing:
    """The memory of each variable of `function`.

    With `apart` what is not recorded of the results of an emitted function is memory of its own, as `storage` makes it.
    """
    solver = _Solver(function, apart)
    sites, cells = solver.sites, solver.cells
    while solver.changed:
        solver.changed = False
        solver.block(function.body)
        if not sites.loops:
            break
    parts = {v: None for v, site in sites.of.items() if solver.memory.get(v, 0) & ~site}
    linked = cells.linked(sites.count)
    memory = {v: linked(bits) for v, bits in solver.memory.items()}
    recorded = {v: linked(bits) for v, bits in solver.recorded.items()}
    origins = {v: cells.reach(bits) for v, bits in solver.memory.items()}
    foreign = linked(FOREIGN | FOREIGN_LIST)
    return Sharing(memory, origins, recorded, parts, linked(solver.unowned), solver.boxes, foreign)


def _constant(c: Const) -> int:
    if c == UNDEFINED or isinstance(
        c.value, (bool, int, float, complex, str, bytes, type(None), type, np.dtype, np.generic, ModuleType)
    ):
        return 0
    return 0 if callable(c.value) or c.value is Ellipsis else FOREIGN | FOREIGN_LIST


def is_flat(t: Type) -> bool:
    """True for a list of numbers or arrays."""
    return isinstance(t, List) and (is_array(t.item) or not holds_memory(t.item))


class _Solver:
    """Walks the function until nothing grows; what a loop hands on is what makes a second walk necessary."""

    def __init__(self, function: Function, apart: bool) -> None:
        self.sites = Sites(first=1, apart=apart)  # the first pair of bits is FOREIGN
        self.cells = self.sites.cells
        self.memory: dict[Var, int] = {}
        self.recorded: dict[Var, int] = {}
        self.unowned = FOREIGN | FOREIGN_LIST
        self.changed = True
        for p in function.params:
            for v in p.leaves:
                if holds_memory(v.type):
                    self.memory[v] = self.sites.allocate(v.type)
                    self.unowned |= self.memory[v]
        self.sites.number(function.body)
        self.boxes = FOREIGN_LIST | self.sites.boxes

    def of(self, a: Atom) -> int:
        return self.memory.get(a, 0) if isinstance(a, Var) else _constant(a)

    def all_of(self, args: Iterator[Arg] | tuple[Arg, ...]) -> int:
        bits = 0
        for arg in args:
            for a in atoms_of(arg):
                bits |= self.of(a)
        return bits

    def grow(self, v: Var, bits: int) -> None:
        if not bits or not holds_memory(v.type):
            return
        if is_array(v.type):
            bits &= ~self.boxes
        old = self.memory.get(v, 0)
        if bits | old != old:
            self.memory[v] = bits | old
            self.changed = True

    def block(self, block: Block) -> None:
        for s in block.statements:
            self.statement(s)

    def statement(self, s: Statement) -> None:
        match s:
            case Assign():
                self.assign(s)
            case Store() | AddStore():
                bits = self.of(s.base)
                # an array takes the numbers of what is stored, a list takes the thing itself
                self.grow(s.result, bits if is_array(s.result.type) else bits | self.of(s.value))
            case If():
                self.block(s.then)
                self.block(s.orelse)
                for r, a, b in zip(s.results, s.then.yields, s.orelse.yields, strict=True):
                    self.grow(r, self.of(a) | self.of(b))
            case For() | While():
                self.loop(s)
            case Comment():
                pass
            case _:
                assert_never(s)

    def assign(self, s: Assign) -> None:
        if s.effect and not is_fresh(s):
            self.capture(s)
        if holds_memory(s.target.type):
            self.grow(s.target, self.result(s))

    def result(self, s: Assign) -> int:
        site = self.sites.of[s.target]
        if s.op is copy.deepcopy:
            return site
        if isinstance(s.op, Emitted):  # its results are its own but for what it recorded
            return site | (self.all_of(s.args) if s.op.recorded else 0) | sum(self.sites.results.get(s.target, ()))
        if s.op is operator.getitem and (own := self.sites.result(*s.args)):
            return own
        if is_fresh(s):
            t = s.target.type
            if not isinstance(t, (*CONTAINERS, Opaque)) or (isinstance(t, List) and not holds_memory(t.item)):
                return site
            items = self.all_of(s.args)
            return site | (items & ~self.boxes if is_flat(t) else items)
        if s.op in VIEWS and not s.kwargs:
            return site | self.all_of(s.args[:1])
        if s.op in LOCKED and not s.kwargs:
            return FOREIGN | self.all_of(s.args[:1])
        foreign = FOREIGN if is_array(s.target.type) else FOREIGN | FOREIGN_LIST
        return foreign | self.all_of((*s.args, *(a for _, a in s.kwargs)))

    def capture(self, s: Assign) -> None:
        """An effect may leave one argument inside another: `xs.append(v)`."""
        args = (*s.args, *(a for _, a in s.kwargs))
        bits = self.all_of(args)
        for arg in args:
            for a in atoms_of(arg):
                if isinstance(a, Var) and isinstance(a.type, (*CONTAINERS, Opaque)):
                    self.grow(a, bits)

    def loop(self, s: Loop) -> None:
        new = self.sites.loops[id(s)]

        def older(bits: int) -> int:
            return bits & ~new | (bits & new) << 1

        for c, init in zip(s.carried, s.inits, strict=True):
            self.enter(c, self.of(init))
        if isinstance(s, For):
            for t, sequence in zip(s.targets, s.sequences, strict=True):
                self.grow(t, self.of(sequence))
        else:
            self.block(s.test)
        self.block(s.body)
        ends = [self.cells.left(self.of(last), new) for last in s.body.yields]
        for c, r, init, end in zip(s.carried, s.results, s.inits, ends, strict=False):
            self.enter(c, older(end))
            self.enter(r, self.of(init) | end)
        for t, end in zip(s.tapes, ends[len(s.carried) :], strict=True):
            self.recorded[t] = self.recorded.get(t, 0) | older(end)
            self.grow(t, end | self.recorded[t])
        self.join_cells(s)

    def enter(self, v: Var, bits: int) -> None:
        """What `v` may be when a trip starts or the loop has ended: its cell, which may be any of `bits`."""
        cell = self.cells.of.get(v)
        if cell is None:
            self.grow(v, bits)
            return
        self.changed |= self.cells.widen(cell, bits & ~self.boxes)
        self.grow(v, cell)

    def join_cells(self, s: Loop) -> None:
        """Those carried arrays may be one that share memory before the loop or after a trip."""
        cells = self.cells
        rows = [
            (c, r, self.of(init), self.of(last))
            for c, r, init, last in zip(s.carried, s.results, s.inits, s.body.yields, strict=False)
            if c in cells.of and r in cells.of
        ]
        for k, (c, r, init, last) in enumerate(rows):
            for c2, r2, init2, last2 in rows[:k]:
                if cells.overlap(init, init2) or cells.overlap(last, last2):
                    for a, b in ((c, c2), (c2, c), (r, r2), (r2, r)):
                        self.grow(a, cells.of[b])
