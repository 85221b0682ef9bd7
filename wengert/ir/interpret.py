"""What a program means: an interpreter to hold the other stages against.

In: a function and the values of its parameters' leaves. Out: the values of the leaves of its result.

    run(f, [2.0, 5.0])                  stores make a new value; nothing is changed
    run(f, [a, 3], in_place=True)       stores write into their base, as the printed program does
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from wengert.ir.closed import assert_never
from wengert.ir.nodes import (
    APPEND,
    POP,
    AddStore,
    Arg,
    Assign,
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

DISPLAYS: dict[str, Any] = {"tuple": tuple, "list": list, "slice": lambda items: slice(*items)}


def run(function: Function, leaves: Sequence[Any], in_place: bool = False) -> list[Any]:
    """The leaves of the result of `function` for the given leaves of its parameters, left to right."""
    bound = [v for p in function.params for v in p.leaves]
    machine = _Machine(dict(zip(bound, leaves, strict=True)), in_place)
    return machine.block(function.body)


class _Machine:
    def __init__(self, values: dict[Var, Any], in_place: bool) -> None:
        self.values = values
        self.in_place = in_place

    def get(self, a: Arg) -> Any:
        if isinstance(a, Var):
            return self.values[a]
        if isinstance(a, Const):
            return a.value
        items = [self.get(i) for i in a.items]
        return dict(zip(a.keys, items, strict=True)) if a.kind == "dict" else DISPLAYS[a.kind](items)

    def block(self, b: Block) -> list[Any]:
        for s in b.statements:
            self.statement(s)
        return [self.get(a) for a in b.yields]

    def statement(self, s: Statement) -> None:
        match s:
            case Assign():
                kwargs = {k: self.get(a) for k, a in s.kwargs}
                self.values[s.target] = s.op(*map(self.get, s.args), **kwargs)
            case Store() | AddStore():
                self.values[s.result] = self.store(s)
            case If():
                got = self.block(s.then if self.get(s.test) else s.orelse)
                self.values.update(zip(s.results, got, strict=True))
            case For() | While():
                self.loop(s)
            case Comment():
                pass
            case _:
                assert_never(s)

    def store(self, s: Store | AddStore) -> Any:
        base, index, value = self.get(s.base), self.get(s.index), self.get(s.value)
        if not self.in_place:
            base = base.copy()
        if s.index == APPEND:
            base.append(value)
        elif s.index == POP:
            base.pop()
        elif isinstance(s, Store):
            base[index] = value
        elif isinstance(base, np.ndarray):
            np.add.at(base, index, value)
        else:
            base[index] += value
        return base

    def loop(self, s: Loop) -> None:
        tapes: list[list[Any]] = [[] for _ in s.tapes]
        state = [self.get(a) for a in s.inits]
        entries = iter(self.entries(s)) if isinstance(s, For) else None
        while True:
            self.values.update(zip(s.carried, state, strict=True))
            if isinstance(s, For):
                assert entries is not None
                if (entry := next(entries, None)) is None:
                    break
                self.values.update(zip(s.targets, entry, strict=True))
            elif not self.block(s.test)[0]:
                break
            got = self.block(s.body)
            state = got[: len(state)]
            for tape, item in zip(tapes, got[len(state) :], strict=True):
                tape.append(item)
            if s.stop is not None and state[s.stop]:
                break
        self.values.update(zip(s.results, state, strict=True))
        self.values.update(zip(s.tapes, tapes, strict=True))

    def entries(self, s: For) -> list[tuple[Any, ...]]:
        rows = list(zip(*map(self.get, s.sequences), strict=True))
        return rows[::-1] if s.reverse else rows
