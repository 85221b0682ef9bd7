"""Strong products by one call: functions that printed programs may need; as those of `wengert.runtime` they are copied there.

Each computes what the plain lines of a strong product do, faster where all is finite: where the sum of the squares of the
products is, no factor was infinite or undefined, and a product with a zero is zero.

    strong_product(np.array([0.0, 2.0]), np.array([np.inf, 3.0]))      array([0., 6.])
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np


def strong_product(derivative: Any, factor: Any) -> Any:
    """A product that is zero wherever its first factor is, an infinite or undefined second factor notwithstanding."""
    product = derivative * factor
    finite = math.isfinite(factor if isinstance(factor, float) else np.vdot(product, product))
    return product if finite else np.where(derivative != 0.0, product, 0.0)


def strong_quotient(derivative: Any, divisor: Any) -> Any:
    """A quotient that is zero wherever its numerator is, even where the divisor is zero."""
    quotient = derivative / divisor
    finite = abs(divisor) > 0.0 if isinstance(divisor, float) else math.isfinite(np.vdot(quotient, quotient))
    return quotient if finite else np.where(derivative != 0.0, quotient, 0.0)


def strong_dot(derivative: Any, factor: Any) -> Any:
    """The sum of the products of the entries, without those of which the first factor is zero."""
    total = np.vdot(derivative, factor)
    return total if math.isfinite(total) else np.sum(np.where(derivative != 0.0, derivative * factor, 0.0))
