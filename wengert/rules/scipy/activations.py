"""The logistic function, powers of Box and Cox, and elementary functions that SciPy has of its own.

In: nothing. Out: rows for `expit`, `logit`, `log_expit`, `boxcox`, `exprel`, `cosm1`, the ones in degrees and others.

    sc.expit(x)        slope y * expit(-x), exact where y is near 1
    sc.boxcox(x, l)    slope x**(l - 1) by x; by l a series where l log(x) is small
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import scipy.special as sc

from wengert.ir import shapes
from wengert.rules.examples import (
    ABOVE_MINUS_ONE,
    COSINE,
    NONZERO,
    POSITIVE,
    REAL,
    WHOLE,
    Domain,
    Draw,
    example,
    normal,
    positive,
)
from wengert.rules.kinds import constant, elementwise
from wengert.rules.scipy.errors import BELOW_ONE
from wengert.rules.scipy.refusals import no_slope

ABOVE_HALF = Domain("where l x + 1 is positive", ((0.1, 1.5),))
_DEGREE = repr(math.pi / 180.0)


def _expit(x: Any, y: Any) -> Any:
    return y * sc.expit(-x)


def _log_expit(x: Any, y: Any) -> Any:
    return sc.expit(-x)


def _softplus(x: Any, y: Any) -> Any:
    return sc.expit(x)


def _by_exponent(log: Any, exponent: Any) -> Any:
    """The slope of (exp(t) - 1) / l, t = l log(x), by l: log(x)**2 times the sum of t**k / (k! (k + 2))."""
    t = exponent * log
    small = np.abs(t) < 0.5
    s, near, away = np.where(small, t, 0.0), np.where(small, log, 0.0), np.where(small, 1.0, t)
    total: Any = 0.0
    for k in range(13, -1, -1):
        total = total * s + 1 / math.factorial(k) / (k + 2)
    power = np.exp(away)
    moved = power * (np.where(power == 0, 0.0, away) - 1) + 1
    return np.where(small, near * near * total, moved / np.where(small, 1.0, exponent * exponent))


def _log_over(x: Any, u: Any) -> Any:
    """x log(1 + u) / u, near u = 0 by its series."""
    small = np.abs(u) < 0.01
    s, away = np.where(small, u, 0.0), np.where(small, 1.0, u)
    total: Any = 0.0
    for k in range(10, 0, -1):
        total = 1 / k - s * total
    return x * np.where(small, total, np.log1p(away) / away)


def _boxcox_lambda(x: Any, l: Any, y: Any) -> Any:  # noqa: E741
    return _by_exponent(np.log(x), l)


def _boxcox1p_lambda(x: Any, l: Any, y: Any) -> Any:  # noqa: E741
    return _by_exponent(np.log1p(x), l)


def _boxcox_x(x: Any, l: Any, y: Any) -> Any:  # noqa: E741
    return np.power(x, l - 1.0)


def _boxcox1p_x(x: Any, l: Any, y: Any) -> Any:  # noqa: E741
    return np.power(1.0 + x, l - 1.0)


def _inv_boxcox_x(x: Any, l: Any, y: Any) -> Any:  # noqa: E741
    return y ** (1.0 - l)


def _inv_boxcox1p_x(x: Any, l: Any, y: Any) -> Any:  # noqa: E741
    return (1.0 + y) ** (1.0 - l)


def _inv_boxcox_lambda(x: Any, l: Any, y: Any) -> Any:  # noqa: E741
    return -(y ** (1.0 - l)) * _by_exponent(_log_over(x, l * x), l)


def _inv_boxcox1p_lambda(x: Any, l: Any, y: Any) -> Any:  # noqa: E741
    return -((1.0 + y) ** (1.0 - l)) * _by_exponent(_log_over(x, l * x), l)


def _exprel(x: Any, y: Any) -> Any:
    """By the value where x is large, by exp(x) far to the left, and near 0 by a function without cancellation."""
    right, left = x > 1.0, x < -1.0
    large, low = np.where(right, x, 1.0), np.where(left, x, -1.0)
    near = 0.5 * sc.hyp1f1(2.0, 3.0, np.where(np.logical_or(left, right), 0.0, x))
    far = (1 - np.exp(low) * (1 - low)) / (low * low)
    return np.where(right, np.where(right, y, 1.0) * (1 - 1 / large) + 1 / large, np.where(left, far, near))


def _expm1(x: Any, y: Any) -> Any:
    return np.exp(x)


def _hyp0f1(v: Any, x: Any, y: Any) -> Any:
    return sc.hyp0f1(v + 1, x) / v


def _hyp1f1(a: Any, b: Any, x: Any, y: Any) -> Any:
    return a * sc.hyp1f1(a + 1, b + 1, x) / b


def _hyp2f1(a: Any, b: Any, c: Any, x: Any, y: Any) -> Any:
    return a * b * sc.hyp2f1(a + 1, b + 1, c + 1, x) / c


def _ellipk(m: Any, y: Any) -> Any:
    return math.pi / 8 * sc.hyp2f1(1.5, 1.5, 2.0, m)


def _ellipe(m: Any, y: Any) -> Any:
    return -math.pi / 8 * sc.hyp2f1(0.5, 1.5, 2.0, m)


def _ellipkm1(p: Any, y: Any) -> Any:
    """By E and K, or where they cancel, near p = 1, by the series of K."""
    small = p < 0.5
    q = np.where(small, p, 0.25)
    by_both = (sc.ellipkm1(q) - sc.ellipe(1 - q) / q) / (2 * (1 - q))
    return np.where(small, by_both, -math.pi / 8 * sc.hyp2f1(1.5, 1.5, 2.0, np.where(small, 0.0, 1 - p)))


def _exp1(x: Any, y: Any) -> Any:
    return -np.exp(-x) / x


def _expn(n: Any, x: Any, y: Any) -> Any:
    first = np.equal(n, 0)
    return -np.where(first, y + y / np.where(first, x, 1.0), sc.expn(n - np.where(first, 0, 1), x))


def _tandg(x: Any, y: Any) -> Any:
    return math.pi / 180.0 * (1 + y * y)


def _cotdg(x: Any, y: Any) -> Any:
    return -math.pi / 180.0 * (1 + y * y)


def _sindg(x: Any, y: Any) -> Any:
    return math.pi / 180.0 * sc.cosdg(x)


def _cosdg(x: Any, y: Any) -> Any:
    return -math.pi / 180.0 * sc.sindg(x)


def _powm1_a(a: Any, b: Any, y: Any) -> Any:
    return b * np.power(a, b - np.where(np.equal(b, 0), 0.0, 1.0))


def _powm1_b(a: Any, b: Any, y: Any) -> Any:
    """a**b log(a): where y is near -1, y + 1 has lost its digits."""
    power = np.power(a, b)
    return power * np.log(np.where(power == 0, 1.0, a))


_THREE = [
    example(normal(), 1.3, normal()),
    example(positive(3), positive(3), normal(3)),
    example(1.5, positive(2), normal(3, 1)),
]


def _shape(name: str, parameter: str) -> Any:
    return no_slope(f"scipy.special.{name}", f"`{parameter}`")


elementwise(sc.expit, "x", _expit, domain=REAL)
elementwise(sc.logit, "x", "np.divide(1.0, x * (1 - x))", domain=BELOW_ONE, singular=True)
elementwise(sc.log_expit, "x", _log_expit, domain=REAL)
if hasattr(sc, "softplus"):
    elementwise(sc.softplus, "x", _softplus, result=shapes.elementwise, domain=REAL)
elementwise(sc.boxcox, "x l", _boxcox_x, _boxcox_lambda, domain=(POSITIVE, REAL), singular=True)
elementwise(sc.boxcox1p, "x l", _boxcox1p_x, _boxcox1p_lambda, domain=(ABOVE_MINUS_ONE, REAL), singular=True)
elementwise(sc.inv_boxcox, "x l", _inv_boxcox_x, _inv_boxcox_lambda, domain=(ABOVE_HALF, ABOVE_HALF), singular=True)
elementwise(
    sc.inv_boxcox1p, "x l", _inv_boxcox1p_x, _inv_boxcox1p_lambda, domain=(ABOVE_HALF, ABOVE_HALF), singular=True
)
elementwise(sc.exp2, "x", f"y * {math.log(2.0)!r}", domain=REAL)
elementwise(sc.exp10, "x", f"y * {math.log(10.0)!r}", domain=REAL)
elementwise(sc.expm1, "x", _expm1, domain=REAL)
elementwise(sc.log1p, "x", "np.divide(1.0, 1 + x)", domain=ABOVE_MINUS_ONE, singular=True)
elementwise(sc.cbrt, "x", "1 / (3 * y * y)", domain=NONZERO, singular=True)
elementwise(sc.cosm1, "x", "-np.sin(x)", domain=REAL)
elementwise(sc.powm1, "a b", _powm1_a, _powm1_b, domain=(POSITIVE, REAL), singular=True)
elementwise(sc.exprel, "x", _exprel, domain=REAL)
elementwise(sc.sindg, "x", _sindg, domain=REAL)
elementwise(sc.cosdg, "x", _cosdg, domain=REAL)
elementwise(sc.tandg, "x", _tandg, domain=COSINE)
elementwise(sc.cotdg, "x", _cotdg, domain=POSITIVE)
elementwise(sc.radian, "d m s", _DEGREE, repr(math.pi / 180 / 60), repr(math.pi / 180 / 3600), examples=_THREE)
elementwise(sc.hyp0f1, "v x", _shape("hyp0f1", "v"), _hyp0f1, domain=(POSITIVE, REAL))
elementwise(sc.hyp1f1, "a b x", _shape("hyp1f1", "a"), _shape("hyp1f1", "b"), _hyp1f1, examples=_THREE)
elementwise(
    sc.hyp2f1,
    "a b c x",
    *(_shape("hyp2f1", _p) for _p in "abc"),
    _hyp2f1,
    examples=[example(0.5, 0.7, 1.6, Draw((3,), BELOW_ONE)), example(1.5, -0.7, 1.1, Draw((2, 3), BELOW_ONE))],
)
elementwise(sc.ellipk, "m", _ellipk, domain=BELOW_ONE, singular=True)
elementwise(sc.ellipe, "m", _ellipe, domain=BELOW_ONE, singular=True)
elementwise(sc.ellipkm1, "p", _ellipkm1, domain=BELOW_ONE, singular=True)
elementwise(sc.exp1, "x", _exp1, domain=POSITIVE, singular=True)
elementwise(sc.expi, "x", "np.exp(x) / x", domain=POSITIVE, singular=True)
elementwise(sc.expn, "n x", _shape("expn", "n"), _expn, domain=(WHOLE, POSITIVE), singular=True)
constant(sc.round, sc.gammasgn, domain=REAL)
