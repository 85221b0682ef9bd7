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


class Layout:
    """Where each variable is bound: `path` is its loops from outside in, `root` the variable its buffer starts as."""

    def __init__(self, function: Function) -> None:
        self.path: dict[Var, tuple[int, ...]] = {v: () for p in function.params for v in p.leaves}
        self.root: dict[Var, Atom] = {}
        self.definition: dict[Var, Assign] = {}
        self.init: dict[Var, Atom] = {}
        self.sequence: dict[Var, Atom] = {}
        self.record: dict[Var, tuple[Atom, tuple[int, ...]]] = {}
        self.uses: dict[Var, list[tuple[int, tuple[int, ...] | None]]] = {}
        self.position: dict[Var, int] = {}
        self.loops = 0
        self.clock = 0
        self.block(function.body, (), 0)

    def use(self, a: Atom, tape: tuple[int, ...] | None = None) -> None:
        """Notes a use of `a`: when, and by which loop's tape if by one."""
        if isinstance(a, Var):
            self.uses.setdefault(a, []).append((self.clock, tape))

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
                self.block(s.then, path, 0)
                self.block(s.orelse, path, 0)
                for r, a, b in zip(s.results, s.then.yields, s.orelse.yields, strict=True):
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
