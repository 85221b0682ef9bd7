"""Rows for SciPy's functions, registered when the first function of a part of SciPy is met.

In: an operation that has no row. Out: the rows of the part of SciPy that it belongs to, in `wengert.rules.kinds.RULES`.

    lookup(scipy.special.expit)       imports wengert.rules.scipy.activations and the other files for scipy.special
    lookup(np.sin)                    imports nothing

Nothing here imports SciPy: a program that calls one of its functions has done so.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any

TOPICS: dict[str, tuple[str, ...]] = {
    "special": ("activations", "bessel", "errors", "gammas", "orthogonal", "entropies", "normalizing", "combinatorics"),
    "stats": ("distributions", "counts", "multivariate"),
    "signal": ("signal",),
    "linalg": ("systems", "factors", "spectra", "matfuncs", "structured"),
}
"""The files of this folder that hold the rows of each part of SciPy."""


def part_of(op: Any) -> str | None:
    """The part of SciPy that a callable comes from; the ufuncs of `scipy.special` do not say where they come from."""
    module = getattr(op, "__module__", None)
    if isinstance(module, str) and module.startswith("scipy."):
        return module.split(".")[1]
    numpy = sys.modules["numpy"]
    if isinstance(op, numpy.ufunc) and getattr(numpy, op.__name__, None) is not op:
        return "special"
    return None


def load(op: Any) -> None:
    """Register the rows of the part of SciPy that `op` belongs to."""
    part = part_of(op)
    if part in TOPICS and f"scipy.{part}" in sys.modules:
        for topic in TOPICS[part]:
            importlib.import_module(f"{__name__}.{topic}")


def load_all() -> None:
    """Register every row for SciPy."""
    for part, topics in TOPICS.items():
        importlib.import_module(f"scipy.{part}")
        for topic in topics:
            importlib.import_module(f"{__name__}.{topic}")
