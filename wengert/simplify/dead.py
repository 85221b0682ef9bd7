"""Takes out what nothing reads.

    y = log(x)                      x_bar = div(1.0, x)
    x_bar = div(1.0, x)             return x_bar
    return x_bar

What is needed is found from the roots, the results of the function and the statements with an effect: a carried name
that only feeds itself is not reached. A loop or branch in which nothing is needed goes; a kept one loses the results,
carried names and tapes that are not.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

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
from wengert.ir.queries import operands
from wengert.ir.types import Tape

T = TypeVar("T")

Key = Var | int
"""A variable, or a branch or loop by its identity."""


def dead(function: Function) -> Function:
    """`function` without the statements, results, carried names and tapes that nothing reads."""
    needs = _Needs()
    needs.block(function.body, ())
    needs.require(function.body.yields)
    needs.close()
    keep = _Keep(needs.needed)
    return replace(function, body=Block(keep.statements(function.body), function.body.yields))


class _Needs:
    """`sources[k]` is what is needed once `k` is; `needed` grows from the roots."""

    def __init__(self) -> None:
        self.sources: dict[Key, list[Key]] = {}
        self.needed: set[Key] = set()
        self.queue: list[Key] = []
        self.walks: list[For] = []  # loops over tapes only, of which one has to stay

    def require(self, keys: Iterable[Atom | int]) -> None:
        for k in keys:
            if isinstance(k, (Var, int)) and k not in self.needed:
                self.needed.add(k)
                self.queue.append(k)

    def link(self, key: Key, *of: Atom | int) -> None:
        self.sources.setdefault(key, []).extend(a for a in of if isinstance(a, (Var, int)))

    def close(self) -> None:
        """Follows the links; where a needed loop has none of its tapes needed, the first is."""
        while self.queue:
            while self.queue:
                self.require(self.sources.get(self.queue.pop(), ()))
            for s in self.walks:
                if id(s) in self.needed and not any(t in self.needed for t in s.targets):
                    ready = [t for t, q in zip(s.targets, s.sequences, strict=True) if q in self.needed]
                    self.require((ready or s.targets)[:1])

    def block(self, block: Block, around: tuple[int, ...]) -> None:
        for s in block.statements:
            self.statement(s, around)

    def statement(self, s: Statement, around: tuple[int, ...]) -> None:
        match s:
            case Assign():
                self.link(s.target, *operands(s))
                if s.effect:
                    self.require((s.target, *around))
            case Store() | AddStore():
                self.link(s.result, *operands(s))
            case If():
                self.link(id(s), s.test)
                for arm in (s.then, s.orelse):
                    self.block(arm, (*around, id(s)))
                    for r, a in zip(s.results, arm.yields, strict=True):
                        self.link(r, a, id(s))
            case For() | While():
                self.loop(s, (*around, id(s)))
            case Comment():
                pass
            case _:
                assert_never(s)

    def loop(self, s: Loop, around: tuple[int, ...]) -> None:
        if s.stop is not None:
            self.link(id(s), s.carried[s.stop])
        if isinstance(s, For):
            always = [t for t, q in zip(s.targets, s.sequences, strict=True) if not isinstance(q.type, Tape)]
            self.link(id(s), *always)
            for t, q in zip(s.targets, s.sequences, strict=True):
                self.link(t, q, id(s))
            if not always:
                self.walks.append(s)
        else:
            self.link(id(s), *s.test.yields)
            self.block(s.test, around)
        for r, c, init, last in zip(s.results, s.carried, s.inits, s.body.yields, strict=False):
            self.link(r, c)
            self.link(c, init, last, id(s))
        for t, last in zip(s.tapes, s.body.yields[len(s.carried) :], strict=True):
            self.link(t, last, id(s))
        self.block(s.body, around)


class _Keep:
    def __init__(self, needed: set[Key]) -> None:
        self.needed = needed

    def statements(self, block: Block) -> tuple[Statement, ...]:
        return tuple(kept for s in block.statements if (kept := self.statement(s)) is not None)

    def statement(self, s: Statement) -> Statement | None:
        match s:
            case Assign():
                return s if s.target in self.needed else None
            case Store() | AddStore():
                return s if s.result in self.needed else None
            case If():
                if id(s) not in self.needed:
                    return None
                kept = [k for k, r in enumerate(s.results) if r in self.needed]
                then, orelse = (Block(self.statements(b), _pick(b.yields, kept)) for b in (s.then, s.orelse))
                return replace(s, results=_pick(s.results, kept), then=then, orelse=orelse)
            case For() | While():
                return self.loop(s) if id(s) in self.needed else None
            case Comment():
                return s
            case _:
                assert_never(s)

    def loop(self, s: Loop) -> Statement:
        kept = [k for k, c in enumerate(s.carried) if c in self.needed]
        tapes = [k for k, t in enumerate(s.tapes) if t in self.needed]
        count = len(s.carried)
        yields = _pick(s.body.yields, [*kept, *(count + k for k in tapes)])
        made = replace(
            s,
            results=_pick(s.results, kept),
            tapes=_pick(s.tapes, tapes),
            carried=_pick(s.carried, kept),
            inits=_pick(s.inits, kept),
            body=Block(self.statements(s.body), yields),
            stop=None if s.stop is None else kept.index(s.stop),
        )
        if isinstance(made, For):
            walked = [k for k, t in enumerate(made.targets) if t in self.needed]
            return replace(made, targets=_pick(made.targets, walked), sequences=_pick(made.sequences, walked))
        return replace(made, test=Block(self.statements(made.test), made.test.yields))


def _pick(of: tuple[T, ...], kept: list[int]) -> tuple[T, ...]:
    return tuple(of[k] for k in kept)
