"""Leaving a block in the middle: what follows a statement that may have escaped stands in the arm where it did not.

In: statements as they are emitted while a `try` body, or a generator whose consumer may stop, is flattened. Out: branches.

    if c: raise E               if c: error = E()
    z = g(y)            ->      if error is None:
                                    z = g(y)

An escape is a flag: a name that holds the exception, or True. An open arm is closed where the block around it ends, and
there the names of both paths are joined; a flag that a branch or a loop may have set opens an arm for what comes next.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from wengert.frontend.branches import choose
from wengert.frontend.context import Flattener
from wengert.frontend.control import VALUE
from wengert.frontend.emitter import Emitter
from wengert.frontend.values import Key, Value
from wengert.ir.builder import NONE, constant
from wengert.ir.nodes import Atom, Const, For, If, Statement, Var, While
from wengert.ir.types import Bool


@dataclass(frozen=True, slots=True, eq=False)
class Flag:
    """The name of an escape: it holds None or an exception, or False or True where `plain`."""

    key: Key
    plain: bool = False

    @property
    def clear(self) -> Const:
        return constant(False) if self.plain else NONE


@dataclass(slots=True, eq=False)
class Arm:
    """An open arm: it runs where `test` is true (never where it is None); otherwise names are as in `escaped`."""

    test: Atom | None
    flag: Flag
    escaped: dict[Key, Value]
    statements: list[Statement]
    problems: int  # how many there were: what is refused where nothing runs is no problem


@dataclass(slots=True, eq=False)
class Level:
    """A block with its open arms; `stop` is the flag of the loop whose trip it is, `frames` what was there before it."""

    frames: int
    stop: Key | None = None
    arms: list[Arm] = field(default_factory=list)


class Escaping(Emitter):
    """The emitter of a function with escapes: it takes the place of another, whose state it shares."""

    def __init__(self, f: Flattener, of: Emitter) -> None:
        self.__dict__ = of.__dict__
        self.f = f
        self.flags: list[Flag] = []
        self.levels: list[Level] = [Level(f.frames)]
        self.closing = False

    # --- blocks -----------------------------------------------------------------------------------------------------

    @contextmanager
    def block(self) -> Iterator[list[Statement]]:
        before = self.closing
        try:
            with super().block() as statements, self.level():
                yield statements
        finally:
            self.closing = before

    @contextmanager
    def level(self, stop: Key | None = None) -> Iterator[Level]:
        """What is inside is closed when it ends; thrown away where it was refused."""
        level = Level(self.f.frames, stop)
        self.levels.append(level)
        depth = len(self.opened)
        try:
            yield level
            self.close(level)
        finally:
            del self.opened[depth:]
            self.levels.remove(level)

    @contextmanager
    def reopened(self, statements: list[Statement]) -> Iterator[None]:
        before, self.closing = self.closing, True
        try:
            with super().reopened(statements):
                yield
        finally:
            self.closing = before

    def close(self, level: Level) -> None:
        """Close the open arms, from the innermost outwards, and join what they leave."""
        before, self.closing = self.closing, True
        try:
            while level.arms:
                self.close_arm(level, level.arms.pop())
        finally:
            self.closing = before

    def close_arm(
        self, level: Level, arm: Arm, more: Callable[[], None] | None = None, instead: Callable[[], None] | None = None
    ) -> None:
        """Emit the branch of an arm; `more` runs at its end, `instead` on the other path."""
        self.opened.pop()
        names = self.f.names
        after = dict(names)
        names.clear()
        # a function that has ended took its names along
        names.update({k: v for k, v in arm.escaped.items() if k in after or not 0 < k[0] > level.frames})
        if arm.test is None:
            del self.f.problems[arm.problems :]
            return
        key = arm.flag.key
        if more is None and after.get(key) == arm.flag.clear:
            after[key] = value = arm.escaped[key]  # it is None, or False, on this path
            if isinstance(value, Var) and not arm.flag.plain:
                self.f.nullable.add(value)
        if more is instead is None and not arm.statements and all(names.get(k) is v for k, v in after.items()):
            return

        def then() -> None:
            names.clear()
            names.update(after)
            self.statements.extend(arm.statements)
            if more is not None:
                more()

        choose(self.f, arm.test, then, instead or (lambda: None))

    # --- escapes ----------------------------------------------------------------------------------------------------

    def open(self, test: Atom | None, flag: Flag, value: Value) -> None:
        """What follows runs where `test` is true; elsewhere the flag has this value."""
        names = self.f.names
        level = self.levels[-1]
        escaped = {k: v for k, v in names.items() if k[0]}  # what an expression is in the middle of is left
        escaped[flag.key] = value
        if level.stop is not None:
            escaped[level.stop] = constant(True)
        names[flag.key] = flag.clear
        frame = self.f.frame
        if test is None and frame is not None:
            names.setdefault((frame.number, VALUE), NONE)  # nothing reads it
        statements: list[Statement] = []
        self.opened.append(statements)
        level.arms.append(Arm(test, flag, escaped, statements, len(self.f.problems)))

    def guard(self) -> None:
        """Open an arm for what comes next where a flag may be set."""
        if self.closing:
            return
        for flag in self.flags:
            value = self.f.names.get(flag.key, flag.clear)
            if isinstance(value, Const) and value == flag.clear:
                continue
            if isinstance(value, Const) or (isinstance(value, Var) and not flag.plain and value not in self.f.nullable):
                self.open(None, flag, value)
                return
            assert isinstance(value, Var)
            op, other = (operator.not_, ()) if flag.plain else (operator.is_, (NONE,))
            test = super().assign(op, (value, *other), Bool(), inline=True)
            self.open(test, flag, value)

    def append(self, statement: Statement) -> None:
        super().append(statement)
        if self.flags and isinstance(statement, If | For | While):
            self.guard()
