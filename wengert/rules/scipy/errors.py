"""Error functions and the normal distribution's: erf and its kin, Dawson's integral, ndtr.

In: nothing. Out: rows for functions of `scipy.special` with a Gaussian as their slope.

    sc.erf(x)          slope 2 / sqrt(pi) exp(-x x)
    sc.log_ndtr(x)     slope sqrt(2 / pi) / erfcx(-x / sqrt(2)), without cancellation far to the left
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import scipy.special as sc

from wengert.rules.examples import REAL, UNIT, Domain
from wengert.rules.kinds import elementwise

BELOW_ONE = Domain("between 0 and 1", ((0.05, 0.95),))
BELOW_TWO = Domain("between 0 and 2", ((0.1, 1.9),))
NEGATIVE = Domain("negative", ((-4.0, -0.1),))

SLOPE = repr(2.0 / math.sqrt(math.pi))
HALF = repr(math.sqrt(math.pi) / 2.0)
DENSITY = repr(1.0 / math.sqrt(2.0 * math.pi))
INVERSE_DENSITY = repr(math.sqrt(2.0 * math.pi))


def _erfcx(x: Any, y: Any) -> Any:
    """2 x y - 2 / sqrt(pi) cancels where x is large; there it is the asymptotic series."""
    large = x > 30.0
    u = 0.5 / np.where(large, x * x, 1.0)
    series = -u * (1 - 3 * u * (1 - 5 * u * (1 - 7 * u * (1 - 9 * u * (1 - 11 * u)))))
    return np.where(large, 2.0 / math.sqrt(math.pi) * series, 2.0 * x * y - 2.0 / math.sqrt(math.pi))


def _dawsn(x: Any, y: Any) -> Any:
    """1 - 2 x y cancels where x is large; there it is the asymptotic series."""
    large = np.abs(x) > 30.0
    u = 0.5 / np.where(large, x * x, 1.0)
    series = -u * (1 + 3 * u * (1 + 5 * u * (1 + 7 * u * (1 + 9 * u * (1 + 11 * u)))))
    return np.where(large, series, 1 - 2 * x * np.where(large, 0.0, y))


def ratio(x: Any) -> Any:
    """The normal density over the normal distribution function."""
    return math.sqrt(2.0 / math.pi) / sc.erfcx(-math.sqrt(0.5) * x)


def _log_ndtr(x: Any, y: Any) -> Any:
    return ratio(x)


def _ndtri_exp(x: Any, y: Any) -> Any:
    return math.sqrt(math.pi / 2.0) * sc.erfcx(-math.sqrt(0.5) * y)


def _owens_h(h: Any, a: Any, y: Any) -> Any:
    return -math.sqrt(0.125 / math.pi) * np.exp(-0.5 * h * h) * sc.erf(math.sqrt(0.5) * a * h)


elementwise(sc.erf, "x", f"{SLOPE} * np.exp(-x * x)", domain=REAL)
elementwise(sc.erfc, "x", f"-{SLOPE} * np.exp(-x * x)", domain=REAL)
elementwise(sc.erfcx, "x", _erfcx, domain=REAL)
elementwise(sc.erfi, "x", f"{SLOPE} * np.exp(x * x)", domain=REAL)
elementwise(sc.dawsn, "x", _dawsn, domain=REAL)
elementwise(sc.erfinv, "x", f"{HALF} * np.exp(y * y)", domain=UNIT, singular=True)
elementwise(sc.erfcinv, "x", f"-{HALF} * np.exp(y * y)", domain=BELOW_TWO, singular=True)
elementwise(sc.ndtr, "x", f"{DENSITY} * np.exp(-0.5 * x * x)", domain=REAL)
elementwise(sc.ndtri, "x", f"{INVERSE_DENSITY} * np.exp(0.5 * y * y)", domain=BELOW_ONE, singular=True)
elementwise(sc.log_ndtr, "x", _log_ndtr, domain=REAL)
elementwise(sc.ndtri_exp, "x", _ndtri_exp, domain=NEGATIVE, singular=True)
elementwise(
    sc.owens_t,
    "h a",
    _owens_h,
    f"{0.5 / math.pi!r} * np.exp(-0.5 * h * h * (1 + a * a)) / (1 + a * a)",
    domain=REAL,
)
