"""Programs for arguments of certain lengths: what is refused for arrays of any length may be made for these.

    with `PINNED` set, an array of shape (4, 2) has the type Array("float64", (4, 2)), and the whole number 4 is known

Such a program serves arguments of these lengths and whole numbers alone; `derivative.py` asks for it where the program for all
lengths is refused. Loops over what is known are then short: see `short.py`.
"""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

LONGEST = 32
"""Up to which length an axis is pinned down, and up to which size a whole number."""


@dataclass(slots=True)
class Pinned:
    """The first `loops` short loops are written out, whether or not they could be loops."""

    loops: int = 0


PINNED: ContextVar[Pinned | None] = ContextVar("pinned", default=None)
"""Set while such a program is made."""


ALLOWED: ContextVar[bool] = ContextVar("allowed", default=True)
"""Whether such programs are made at all; tests of what is refused for arrays of any length turn it off."""


def is_pinned() -> bool:
    """True while a program is made for arguments of certain lengths."""
    return PINNED.get() is not None


def is_whole(value: Any) -> bool:
    """True of a whole number that such a program is made for."""
    return is_pinned() and type(value) is int and abs(value) <= LONGEST
