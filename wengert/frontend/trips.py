"""What a loop runs, and one flattening of its body.

    LoopPlan(body, sequences=(range(n),), targets=(("i", Int()),))      for i in range(n): body(i)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from wengert.frontend.values import Key, Place, Value, children
from wengert.ir.nodes import UNDEFINED, Atom, Block, Var
from wengert.ir.types import Type


@dataclass(slots=True)
class LoopPlan:
    """What a loop runs: `body` visits the targets and returns what is collected; `test` is None for a `for`."""

    body: Callable[[tuple[Var, ...]], tuple[Atom, ...]]
    test: Callable[[], Atom] | None = None
    sequences: tuple[Atom, ...] = ()
    targets: tuple[tuple[str, Type], ...] = ()
    names: tuple[Key, ...] = ()
    stop: Key | None = None
    collected: str = ""
    checkpoint: tuple[str, Atom] | None = None  # the kind of mark, and its number


@dataclass(slots=True)
class Pass:
    """One flattening of the body."""

    start: dict[Key, Value]
    targets: tuple[Var, ...]
    block: Block
    test: Block | None
    after: dict[Key, Value]
    recorded: tuple[Atom, ...]


Position = tuple[Key, tuple[int, ...]]
"""A part of what a name or a cell holds: which of its items, and of theirs."""


def part(names: dict[Key, Value], at: Position) -> Value:
    """What is at a position."""
    value = names.get(at[0], UNDEFINED)
    for k in at[1]:
        parts = children(value)
        if parts is None or k >= len(parts):
            return UNDEFINED
        value = parts[k]
    return value


def cell_of(value: Value | None) -> Key | None:
    return value.cell if isinstance(value, Place) else None
