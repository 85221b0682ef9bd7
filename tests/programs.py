"""The one corpus: programs that a user could have written, each with a point at which it is smooth.

In: the files of `tests/corpus`, by topic. Out: `PROGRAMS` in a fixed order, and `named`.

    for p in PROGRAMS:
        wengert.grad(p.function, p.argnums)(*p.args)
"""

from __future__ import annotations

from corpus import arrays, calls, containers, control, models, reading, scalars
from corpus.registry import PROGRAMS, Program

__all__ = ["PROGRAMS", "Program", "named"]

TOPICS = (scalars, control, calls, containers, arrays, reading, models)


def named(name: str) -> Program:
    """The program of that name."""
    return next(p for p in PROGRAMS if p.name == name)
