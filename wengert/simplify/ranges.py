"""Every loop over a range has its own, where it is walked.

    v1 = range(n)                       for _ in range(n):
    for _ in v1: ...                        ...
    for _ in reversed(v1): ...          for _ in range(n):
                                            ...

In: a function. Out: the same with the ranges that several loops walk made by each of them; the order in which numbers come
that nobody reads is left as it is.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from wengert.ir.nodes import Assign, Block, For, Function, If, Statement, Var, While
from wengert.ir.queries import operands, uses, walk
from wengert.ir.types import Int, Range


def ranges(function: Function) -> Function:
    """`function` with ranges where they are walked."""
    made = {s.target: s for s in walk(function.body) if isinstance(s, Assign) and s.op is range and _is_plain(s)}
    if not made:
        return function
    used = uses(function.body)
    walked = Counter(a for s in walk(function.body) if isinstance(s, For) for a in s.sequences if isinstance(a, Var))
    moved = {v: s for v, s in made.items() if 0 < walked[v] == used[v]}
    return replace(function, body=_block(function.body, moved, used))


def _is_plain(s: Assign) -> bool:
    return not s.effect and not s.kwargs and all(isinstance(a.type, Int) for a in operands(s))


def _block(block: Block, moved: dict[Var, Assign], used: Counter[Var]) -> Block:
    made: list[Statement] = []
    for s in block.statements:
        match s:
            case Assign() if s.target in moved:
                pass
            case If():
                made.append(replace(s, then=_block(s.then, moved, used), orelse=_block(s.orelse, moved, used)))
            case For():
                own, s = _with_own(s, moved, used)
                made += [*own, replace(s, body=_block(s.body, moved, used))]
            case While():
                made.append(replace(s, test=_block(s.test, moved, used), body=_block(s.body, moved, used)))
            case _:
                made.append(s)
    return Block(tuple(made), block.yields)


def _with_own(s: For, moved: dict[Var, Assign], used: Counter[Var]) -> tuple[list[Assign], For]:
    """The ranges that `s` walks, and `s` walking them."""
    own: list[Assign] = []
    sequences = list(s.sequences)
    for k, a in enumerate(sequences):
        if isinstance(a, Var) and a in moved:
            sequences[k] = v = Var(a.hint, Range())
            own.append(replace(moved[a], target=v))
    is_plain = all(isinstance(a.type, Range) for a in sequences) and not any(used[t] for t in s.targets)
    return own, replace(s, sequences=tuple(sequences), reverse=s.reverse and not is_plain)
