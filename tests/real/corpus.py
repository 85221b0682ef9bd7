"""All real programs, in a fixed order.

    for p in PROGRAMS:
        p.function(*p.args())
"""

from __future__ import annotations

from real import (
    algebra,
    careless,
    complexes,
    data,
    fluids,
    graphs,
    kernels,
    models,
    motion,
    recurrences,
    sequences,
    signals,
    stencils,
)
from real.registry import PROGRAMS, Real

__all__ = ["PROGRAMS", "Real", "named"]

TOPICS = (
    stencils, fluids, algebra, graphs, motion, data, signals, models, recurrences, complexes, kernels, careless, sequences,
)  # fmt: skip


def named(name: str) -> Real:
    """The program of that name."""
    return next(p for p in PROGRAMS if p.name == name)
