"""Derivatives as data, by topic: importing this package fills the table of rules.

In: nothing. Out: `wengert.rules.kinds.RULES`.

    lookup(np.multiply).partials      ("b", "a")
"""

from wengert.rules import (
    arithmetic,
    chains,
    creation,
    decompositions,
    differences,
    einsum,
    elementwise,
    indexing,
    joining,
    linalg,
    lists,
    missing_values,
    norms,
    order,
    products,
    reductions,
    shaping,
    standard,
    support,
    tensors,
)

__all__ = [
    "arithmetic",
    "chains",
    "creation",
    "decompositions",
    "differences",
    "einsum",
    "elementwise",
    "indexing",
    "joining",
    "linalg",
    "lists",
    "missing_values",
    "norms",
    "order",
    "products",
    "reductions",
    "shaping",
    "standard",
    "support",
    "tensors",
]
