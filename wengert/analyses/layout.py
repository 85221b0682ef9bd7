"""Where in the loops each variable is bound and read, and what its buffer started as.

In: a function. Out: facts by variable.

    u0 = copy(x)                    path (), root u0
    for i in r with u = u0:         u: path (1,), root u, init u0
        u' = u with [i] = 0.0       u': path (1,), root u
        yield u'
    => u''                          root u0
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from wengert.ir.closed import assert_never
from wengert.ir.nodes import (
    AddStore,
    Assign,
    Atom,
    Block,
    Comment,
    For,
    Function,
    If,
    Loop,
    Statement,
    Store,
    Var,
    While,
)
from wengert.ir.queries import inner, operands, targets

Arms: TypeAlias = tuple[tuple[int, int], ...]
"""Branches from outside in, each with the side that one is on."""


@dataclass(frozen=True, slots=True)
class Use:
    """A read: when, by which loop's tape if by one, and where."""

    clock: int
    tape: tuple[int, ...] | None
    arms: Arms

    def excludes(self, arms: Arms) -> bool:
        """True where what is in `arms` does not run in the trip in which this does: they are on two sides of a branch."""
        return any(a[0] == b[0] and a[1] != b[1] for a, b in zip(self.arms, arms, strict=False))


class Layout:
    """Where each variable is bound: `path` is its loops from outside in, `root` the variable its buffer starts as."""

    def __init__(self, function: Function) -> None:
        self.path: dict[Var, tuple[int, ...]] = {v: () for p in function.params for v in p.leaves}
        self.root: dict[Var, Atom] = {}
        self.definition: dict[Var, Assign] = {}
        self.init: dict[Var, Atom] = {}
        self.sequence: dict[Var, Atom] = {}
        self.record: dict[Var, tuple[Atom, tuple[int, ...]]] = {}
        self.uses: dict[Var, list[Use]] = {}
        self.position: dict[Var, int] = {}
        self.arms: dict[Var, Arms] = {}
        self.ends: dict[Var, tuple[Atom, Atom]] = {}  # what a result of a branch is after either arm
        self.around: Arms = ()  # the arms of branches around what is being walked
        self.loops = 0
        self.clock = 0
        self.block(function.body, (), 0)

    def use(self, a: Atom, tape: tuple[int, ...] | None = None) -> None:
        """Notes a use of `a`: when, and by which loop's tape if by one."""
        if isinstance(a, Var):
            self.uses.setdefault(a, []).append(Use(self.clock, tape, self.around))

    def root_of(self, a: Atom) -> Atom:
        return self.root.get(a, a) if isinstance(a, Var) else a

    def block(self, block: Block, path: tuple[int, ...], tapes: int) -> None:
        for s in block.statements:
            self.clock += 1
            for a in operands(s):
                self.use(a)
            self.statement(s, path)
            for v in targets(s):
                self.path[v] = path
                self.position[v] = self.clock
                self.arms[v] = self.around
        self.clock += 1
        for k, a in enumerate(block.yields):
            self.use(a, path if k >= len(block.yields) - tapes else None)

    def statement(self, s: Statement, path: tuple[int, ...]) -> None:
        match s:
            case Assign():
                self.definition[s.target] = s
            case Store() | AddStore():
                self.root[s.result] = self.root_of(s.base)
            case If():
                self.loops += 1
                branch, around = self.loops, self.around
                for side, arm in ((0, s.then), (1, s.orelse)):
                    self.around = (*around, (branch, side))
                    self.block(arm, path, 0)
                self.around = around
                for r, a, b in zip(s.results, s.then.yields, s.orelse.yields, strict=True):
                    self.ends[r] = (a, b)
                    if self.root_of(a) is self.root_of(b):
                        self.root[r] = self.root_of(a)
            case For() | While():
                self.loop(s, path)
            case Comment():
                pass
            case _:
                assert_never(s)

    def loop(self, s: Loop, path: tuple[int, ...]) -> None:
        self.loops += 1
        inside = (*path, self.loops)
        self.init.update(zip(s.carried, s.inits, strict=True))
        if isinstance(s, For):
            self.sequence.update(zip(s.targets, s.sequences, strict=True))
        for v in inner(s):
            self.path[v] = inside
            self.position[v] = self.clock
        if isinstance(s, While):
            self.block(s.test, inside, 0)
        self.block(s.body, inside, len(s.tapes))
        for r, c, init, last in zip(s.results, s.carried, s.inits, s.body.yields, strict=False):
            if self.root_of(last) is c:
                self.root[r] = self.root_of(init)
        for t, last in zip(s.tapes, s.body.yields[len(s.carried) :], strict=True):
            self.record[t] = (last, inside)

    def ancestors(self, a: Atom) -> Iterator[Var]:
        """The variables of which `a` is a view or an entry, step by step."""
        seen: set[Var] = set()
        queue = [a]
        while queue:
            v = self.root_of(queue.pop())
            if not isinstance(v, Var) or v in seen:
                continue
            seen.add(v)
            yield v
            if v in self.init:
                queue.append(self.init[v])
            elif v in self.sequence:
                queue.append(self.sequence[v])
            elif v in self.definition:
                queue += [b for b in self.definition[v].args if isinstance(b, Var)]
