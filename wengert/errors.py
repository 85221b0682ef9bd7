"""Errors of wengert, each with the place in the user's file and a caret under it.

In: a kind of error, what is wrong, what to do instead, a `Location`. Out: an exception whose text reads

    model.py:12:9: cannot differentiate `np.linalg.foo`: no derivative rule is registered
        y = np.linalg.foo(x)
            ^~~~~~~~~~~~~
    instead: register one with wengert.rules.elementwise(...)
"""

from __future__ import annotations

import linecache
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Location:
    """A span of the user's source: lines count from 1, columns from 0, as in `ast`."""

    file: str
    line: int
    column: int
    end_line: int = 0
    end_column: int = 0

    @property
    def text(self) -> str:
        """The source line, without its line break; empty where the file cannot be read."""
        return linecache.getline(self.file, self.line).rstrip("\n")

    def __str__(self) -> str:
        # ast columns count UTF-8 bytes, editors characters
        column = len(self.text.encode()[: self.column].decode(errors="replace")) if self.text else self.column
        return f"{self.file}:{self.line}:{column + 1}"

    def picture(self) -> str:
        """The source line with a caret line below it; empty where there is no source."""
        text = self.text
        if not text.strip():
            return ""
        # ast columns count UTF-8 bytes
        start = len(text.encode()[: self.column].decode(errors="replace"))
        end = len(text)
        if self.end_line == self.line and self.end_column > self.column:
            end = len(text.encode()[: self.end_column].decode(errors="replace"))
        shown = text.lstrip()
        indent = len(text) - len(shown)
        marks = "^" + "~" * max(0, end - start - 1)
        return f"    {shown}\n    {' ' * max(0, start - indent)}{marks}"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a program: where, what, and the way out."""

    message: str
    instead: str = ""
    location: Location | None = None

    def __str__(self) -> str:
        head = f"{self.location}: {self.message}" if self.location else self.message
        lines = [head]
        if self.location and (picture := self.location.picture()):
            lines.append(picture)
        if self.instead:
            lines.append(f"instead: {self.instead}")
        return "\n".join(lines)


class WengertError(Exception):
    """Base of every error that wengert raises about a user's program or call.

    `problems` holds each thing that is wrong; `location` is the place of the first.
    """

    def __init__(
        self, message: str | Sequence[Problem], instead: str = "", location: Location | None = None
    ) -> None:
        if isinstance(message, str):
            self.problems: tuple[Problem, ...] = (Problem(message, instead, location),)
        else:
            self.problems = tuple(message)
        super().__init__("\n\n".join(map(str, self.problems)))

    @property
    def location(self) -> Location | None:
        return self.problems[0].location if self.problems else None


class SourceError(WengertError):
    """The source of a function cannot be had (builtins, `exec` without linecache, C functions)."""


class UnsupportedError(WengertError):
    """The program uses a construct that wengert does not differentiate; nothing was computed."""


class MissingRuleError(UnsupportedError):
    """A function that carries a derivative has no rule in the table."""


class ArgumentError(WengertError, TypeError):
    """A driver (`grad`, `jvp`, ...) was called with arguments that it cannot take."""
