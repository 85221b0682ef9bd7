"""Takes out names that are only other names of a value.

    for i in r with u = 0.0, c = a:         for i in r with u = 0.0:
        u' = mul(u, c)                          u' = mul(u, a)
        yield u', c                             yield u'

Also the results of a branch that both arms agree on, two carried names that always hold the same, and the branch itself
where its test is known.
"""

from __future__ import annotations

from dataclasses import replace

from wengert.ir.closed import assert_never
from wengert.ir.nodes import (
    UNDEFINED,
    AddStore,
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
from wengert.ir.queries import map_arg


def copies(function: Function) -> Function:
    """`function` with every variable that is a copy of another replaced by it."""
    finder = _Copies()
    while finder.changed:
        finder.changed = False
        finder.block(function.body)
    if not finder.same and not finder.spliced:
        return function
    return replace(function, body=_Rebuild(finder).block(function.body))


def _known(test: Atom) -> bool | None:
    """What a test is known to be."""
    known = isinstance(test, Const) and isinstance(test.value, (bool, int, float, type(None)))
    return bool(test.value) if known and isinstance(test, Const) else None


class _Copies:
    """`same` leads from a variable to what it is a copy of; `spliced` holds branches whose test is known."""

    def __init__(self) -> None:
        self.same: dict[Var, Atom] = {}
        self.spliced: set[int] = set()
        self.changed = True

    def get(self, a: Atom) -> Atom:
        path: list[Var] = []
        while isinstance(a, Var) and a in self.same:
            path.append(a)
            a = self.same[a]
        for v in path[:-1]:
            self.same[v] = a
        return a

    def put(self, v: Var, a: Atom) -> None:
        self.same[v] = self.get(a)
        self.changed = True

    def block(self, block: Block) -> None:
        for s in block.statements:
            match s:
                case If():
                    self.branch(s)
                case For() | While():
                    self.loop(s)
                case Assign() | Store() | AddStore() | Comment():
                    pass
                case _:
                    assert_never(s)

    def branch(self, s: If) -> None:
        known = _known(self.get(s.test))
        if known is not None:
            self.spliced.add(id(s))
            arm = s.then if known else s.orelse
            self.block(arm)
            for r, a in zip(s.results, arm.yields, strict=True):
                if r not in self.same:
                    self.put(r, a)
            return
        self.block(s.then)
        self.block(s.orelse)
        for r, a, b in zip(s.results, s.then.yields, s.orelse.yields, strict=True):
            # what both arms yield is bound outside of both
            if r not in self.same and self.get(a) == self.get(b):
                self.put(r, a)

    def loop(self, s: Loop) -> None:
        if isinstance(s, While):
            self.block(s.test)
        self.block(s.body)
        alike: dict[tuple[Atom, Atom], int] = {}
        for k, (c, init, last) in enumerate(zip(s.carried, s.inits, s.body.yields, strict=False)):
            if c in self.same:
                continue
            if self.get(last) is c:
                # a flag that ends the loop after its first trip has to stay
                if s.stop != k or _known(self.get(init)) is False:
                    self.put(c, init)
                    self.put(s.results[k], init)
            elif init != UNDEFINED:
                first = alike.setdefault((self.get(init), self.get(last)), k)
                if first != k:
                    self.put(c, s.carried[first])
                    self.put(s.results[k], s.results[first])


class _Rebuild:
    def __init__(self, found: _Copies) -> None:
        self.found = found

    def block(self, block: Block) -> Block:
        made: list[Statement] = []
        for s in block.statements:
            made += self.statement(s)
        return Block(tuple(made), self.all_of(block.yields))

    def all_of(self, atoms: tuple[Atom, ...]) -> tuple[Atom, ...]:
        return tuple(map(self.found.get, atoms))

    def statement(self, s: Statement) -> tuple[Statement, ...]:
        get = self.found.get
        match s:
            case Assign():
                args = tuple(map_arg(get, a) for a in s.args)
                return (replace(s, args=args, kwargs=tuple((k, map_arg(get, a)) for k, a in s.kwargs)),)
            case Store() | AddStore():
                return (replace(s, base=get(s.base), index=map_arg(get, s.index), value=get(s.value)),)
            case If():
                return self.branch(s)
            case For() | While():
                return (self.loop(s),)
            case Comment():
                return (s,)
            case _:
                assert_never(s)

    def branch(self, s: If) -> tuple[Statement, ...]:
        test = self.found.get(s.test)
        if id(s) in self.found.spliced:
            return self.block(s.then if _known(test) else s.orelse).statements
        kept = [k for k, r in enumerate(s.results) if r not in self.found.same]
        then, orelse = (self.block(b) for b in (s.then, s.orelse))
        then, orelse = (Block(b.statements, tuple(b.yields[k] for k in kept)) for b in (then, orelse))
        return (replace(s, results=tuple(s.results[k] for k in kept), test=test, then=then, orelse=orelse),)

    def loop(self, s: Loop) -> Statement:
        count = len(s.carried)
        kept = [k for k in range(count) if s.carried[k] not in self.found.same]
        body = self.block(s.body)
        yields = (*(body.yields[k] for k in kept), *body.yields[count:])
        made = replace(
            s,
            results=tuple(s.results[k] for k in kept),
            carried=tuple(s.carried[k] for k in kept),
            inits=self.all_of(tuple(s.inits[k] for k in kept)),
            body=Block(body.statements, yields),
            stop=self.stop(s, kept),
        )
        if isinstance(made, For):
            return replace(made, sequences=self.all_of(made.sequences))
        return replace(made, test=self.block(made.test))

    def stop(self, s: Loop, kept: list[int]) -> int | None:
        """Where the flag that ends the loop went; nowhere if it is never set."""
        if s.stop is None:
            return None
        flag = self.found.get(s.carried[s.stop])
        return next((n for n, k in enumerate(kept) if s.carried[k] is flag), None)
