"""A loop that walks a tape of which it reads nothing walks the range that the tape was written along.

    for i in range(n):                  for i in range(n):
        ...                                 ...
        record tape <- u
    for u in reversed(tape):            for _ in range(n):
        x_bar = ...                         x_bar = ...

In: a function without dead code. Out: the same; what such tapes held is then dead. Loops that may end early keep their tapes.
"""

from __future__ import annotations

import operator
from dataclasses import replace

from wengert.ir.nodes import Arg, Assign, Block, Const, Display, For, Function, Loop, Statement, Var, While
from wengert.ir.queries import targets, uses, walk, within
from wengert.ir.types import Int, Range, Tape

ARITHMETIC = frozenset({operator.add, operator.sub, operator.mul})


def trips(function: Function) -> Function:
    """`function` with such loops over ranges."""
    used = uses(function.body)
    counting = {id(s) for s in walk(function.body) if isinstance(s, For) and _only_counts(s) and not used[s.targets[0]]}
    if not counting:
        return function
    finder = _Finder(function, counting)
    made: list[Statement] = []
    for s in function.body.statements:
        made += finder.statement(s)
        finder.there.update(targets(s))
    return replace(function, body=Block(tuple(made), function.body.yields))


def _only_counts(s: For) -> bool:
    return len(s.sequences) == 1 and isinstance(s.sequences[0], Var) and isinstance(s.sequences[0].type, Tape)


class _Finder:
    """`there` is what the function's own block has bound so far, `tapes` who writes each tape, `walked` what a target walks."""

    def __init__(self, function: Function, counting: set[int]) -> None:
        self.counting = counting
        self.there = {v for p in function.params for v in p.leaves}
        self.made: dict[Var, Assign] = {}
        self.tapes: dict[Var, tuple[Loop, int]] = {}
        self.walked: dict[Var, Arg] = {}
        for s in walk(function.body):
            if isinstance(s, Assign):
                self.made[s.target] = s
            if isinstance(s, (For, While)):
                self.tapes |= {t: (s, k) for k, t in enumerate(s.tapes)}
            if isinstance(s, For):
                self.walked |= zip(s.targets, s.sequences, strict=True)

    def block(self, block: Block) -> Block:
        return Block(tuple(made for s in block.statements for made in self.statement(s)), block.yields)

    def statement(self, s: Statement) -> list[Statement]:
        inside = within(self.block, s)
        if not isinstance(s, For) or id(s) not in self.counting or not isinstance(inside, For):
            return [inside]
        written = self.writer(s.sequences[0])
        loop = None if written is None else written[0]
        if not isinstance(loop, For) or loop.stop is not None or len(loop.sequences) != 1:
            return [inside]
        before: list[Statement] = []
        again = self.again(loop.sequences[0], before)
        if again is None or isinstance(again, Display) or not isinstance(again.type, Range):
            return [inside]
        return [*before, replace(inside, targets=(Var(loop.targets[0].hint, Int()),), sequences=(again,), reverse=False)]

    def writer(self, tape: Arg) -> tuple[Loop, int] | None:
        """The loop that wrote a tape, which may have been recorded itself, and the tape's place."""
        if isinstance(tape, Var) and tape in self.tapes:
            return self.tapes[tape]
        around = self.writer(self.walked[tape]) if isinstance(tape, Var) and tape in self.walked else None
        return None if around is None else self.writer(around[0].body.yields[len(around[0].carried) + around[1]])

    def again(self, a: Arg, made: list[Statement]) -> Arg | None:
        """`a` where it is at hand everywhere, or computed once more from what is by statements that `made` gets."""
        if isinstance(a, Const) or (isinstance(a, Var) and a in self.there):
            return a
        s = self.made.get(a) if isinstance(a, Var) else None
        if s is None or not _is_plain(s):
            return None
        args = [self.again(arg, made) for arg in s.args]
        known = tuple(arg for arg in args if arg is not None)
        if len(known) < len(args):
            return None
        target = Var(s.target.hint, s.target.type, s.target.of, inline=s.op is not range)
        made.append(replace(s, target=target, args=known))
        return target


def _is_plain(s: Assign) -> bool:
    """True of a range, and of arithmetic that cannot fail."""
    return not s.effect and not s.kwargs and (s.op is range or (s.op in ARITHMETIC and isinstance(s.target.type, Int)))
