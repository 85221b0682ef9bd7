"""Derivatives as data, by topic: importing this package fills the table of rules.

In: nothing. Out: `wengert.rules.kinds.RULES`.

    lookup(np.multiply).partials      ("b", "a")
"""

from wengert.rules import (
    arithmetic,
    creation,
    elementwise,
    indexing,
    joining,
    linalg,
    reductions,
    shaping,
    standard,
    support,
)

__all__ = [
    "arithmetic",
    "creation",
    "elementwise",
    "indexing",
    "joining",
    "linalg",
    "reductions",
    "shaping",
    "standard",
    "support",
]
