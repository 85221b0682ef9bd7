"""The gamma function and what is made of it: beta, digamma, zeta, incomplete gamma and beta functions.

In: nothing. Out: rows for the functions of `scipy.special` around the gamma function.

    sc.gamma(x)            slope y * psi(x)
    sc.gammainc(a, x)      slope x**(a - 1) exp(-x) / gamma(a) by x; by a it is refused

Orders are whole numbers or have slopes that are no formula: a program that varies them is refused.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import scipy.special as sc

from wengert.ir import shapes
from wengert.rules.examples import HIGH, NOT_WHOLE, POSITIVE, Draw, example, positive
from wengert.rules.kinds import elementwise
from wengert.rules.scipy.errors import BELOW_ONE
from wengert.rules.scipy.refusals import no_slope


def _gamma(x: Any, y: Any) -> Any:
    return y * sc.psi(x)


def _gammaln(x: Any, y: Any) -> Any:
    return sc.psi(x)


def _rgamma(x: Any, y: Any) -> Any:
    """Left of 1 / 2 by reflection, y = gamma(1 - x) sin(pi x) / pi: it has slopes at the poles of gamma, where y is 0."""
    left = x < 0.5
    if not np.any(left):
        return -sc.psi(x) * y
    z = np.where(left, 1.0 - x, x)
    mirrored = sc.gamma(np.where(left, z, 1.0)) * np.cos(math.pi * x)
    return np.where(left, mirrored, 0.0) - sc.psi(z) * y


def _psi(x: Any, y: Any) -> Any:
    return sc.zeta(2.0, x)


def _polygamma(n: Any, x: Any, y: Any) -> Any:
    return sc.polygamma(n + 1, x)


def _zeta_q(x: Any, q: Any, y: Any) -> Any:
    return -x * sc.zeta(x + 1, q)


def psi_step(x: Any, by: Any) -> Any:
    """psi(x + by) - psi(x); where both are large by the asymptotic series, of which the differences are taken term by term."""
    large = np.minimum(x, x + by) > 20.0
    if not np.any(large):
        return sc.psi(x + by) - sc.psi(x)
    step = np.where(large, by, 0.0)
    u = 1.0 / np.where(large, x, 20.0)
    v = u / (1.0 + step * u)
    uu, vv = u * u, v * v
    both = uu * uu + uu * vv + vv * vv
    terms = 1 / 12 - (uu + vv) / 120 + both / 252 - (uu + vv) * (uu * uu + vv * vv) / 240
    series = np.log1p(step * u) + step * u * v * (0.5 + (u + v) * terms)
    return np.where(large, series, sc.psi(x + by) - sc.psi(x))


def _beta_a(a: Any, b: Any, y: Any) -> Any:
    return -y * psi_step(a, b)


def _beta_b(a: Any, b: Any, y: Any) -> Any:
    return -y * psi_step(b, a)


def _betaln_a(a: Any, b: Any, y: Any) -> Any:
    return -psi_step(a, b)


def _betaln_b(a: Any, b: Any, y: Any) -> Any:
    return -psi_step(b, a)


def _poch_z(z: Any, m: Any, y: Any) -> Any:
    """At a pole of gamma(z) by reflection, y = gamma(z + m) gamma(1 - z) sin(pi z) / pi: y is 0 there, or m is whole."""
    pole = np.logical_and(z <= 0, np.equal(z, np.floor(z)))
    both = np.logical_and(pole, np.logical_and(z + m <= 0, np.equal(m, np.floor(m))))
    one = np.logical_and(pole, np.logical_not(both))
    off, at = np.where(pole, 1.0, z), np.where(pole, z, 0.0)
    over = sc.gamma(np.where(one, z + m, 1.0)) * sc.gamma(1.0 - at) * np.cos(math.pi * at)
    finite = y * (sc.psi(np.where(both, 1.0 - z - m, 1.0)) - sc.psi(np.where(both, 1.0 - z, 1.0)))
    moved = over + y * (sc.psi(np.where(one, z + m, 1.0)) - sc.psi(1.0 - at))
    return np.where(both, finite, np.where(one, moved, y * psi_step(off, np.where(pole, 0.0, m))))


def _poch_m(z: Any, m: Any, y: Any) -> Any:
    return y * sc.psi(z + m)


def _turned(n: Any, k: Any) -> Any:
    """Where k > n: there y = beta(n + 1, k - n) sin(pi (n - k + 1)) / pi, and this is the slope of the sine in it."""
    beyond = n - k < -0.5
    return np.where(beyond, sc.beta(n + 1, np.where(beyond, k - n, 1.0)) * np.cos(math.pi * (n - k + 1)), 0.0)


def _mirrored(x: Any) -> Any:
    """x where gamma(x) has no poles, and else what is as far from 1 / 2 on the other side."""
    return np.where(x < 0.5, 1 - x, x)


def _binom_n(n: Any, k: Any, y: Any) -> Any:
    low = n - k + 1
    return y * psi_step(_mirrored(low), np.where(low < 0.5, n + low, k)) + _turned(n, k)


def _binom_k(n: Any, k: Any, y: Any) -> Any:
    return y * (sc.psi(_mirrored(n - k + 1)) - sc.psi(_mirrored(k + 1))) - _turned(n, k) + _turned(n, n - k)


def _multigammaln(a: Any, d: Any, y: Any) -> Any:
    total = 0.0
    for j in range(d):
        total = total + sc.psi(a - 0.5 * j)
    return total


def gamma_density(a: Any, x: Any) -> Any:
    """x**(a - 1) exp(-x) / gamma(a)."""
    return np.exp(sc.xlogy(a - 1, x) - x - sc.gammaln(a))


def beta_density(a: Any, b: Any, x: Any) -> Any:
    """x**(a - 1) (1 - x)**(b - 1) / beta(a, b)."""
    return np.exp(sc.xlogy(a - 1, x) + sc.xlog1py(b - 1, -x) - sc.betaln(a, b))


def _gammainc(a: Any, x: Any, y: Any) -> Any:
    return gamma_density(a, x)


def _gammaincc(a: Any, x: Any, y: Any) -> Any:
    return -gamma_density(a, x)


def _gammaincinv(a: Any, p: Any, y: Any) -> Any:
    return 1 / gamma_density(a, y)


def _gammainccinv(a: Any, p: Any, y: Any) -> Any:
    return -1 / gamma_density(a, y)


def _betainc(a: Any, b: Any, x: Any, y: Any) -> Any:
    return beta_density(a, b, x)


def _betaincc(a: Any, b: Any, x: Any, y: Any) -> Any:
    return -beta_density(a, b, x)


def _betaincinv(a: Any, b: Any, p: Any, y: Any) -> Any:
    return 1 / beta_density(a, b, y)


def _betainccinv(a: Any, b: Any, p: Any, y: Any) -> Any:
    return -1 / beta_density(a, b, y)


def _shape(name: str, parameter: str) -> Any:
    return no_slope(f"scipy.special.{name}", f"`{parameter}`")


def _order(name: str) -> Any:
    return no_slope(f"scipy.special.{name}", "its order", "does not exist: the order is a whole number")


elementwise(sc.gamma, "x", _gamma, domain=NOT_WHOLE)
elementwise((sc.gammaln, sc.loggamma), "x", _gammaln, domain=POSITIVE)
elementwise(sc.rgamma, "x", _rgamma, domain=NOT_WHOLE)
elementwise(sc.psi, "x", _psi, domain=NOT_WHOLE)
elementwise(
    sc.polygamma,
    "n x",
    _order("polygamma"),
    _polygamma,
    result=shapes.elementwise,
    examples=[example(1, positive(3)), example(2, positive()), example(np.array([[1], [2]]), positive(3))],
)
elementwise(
    sc.zeta,
    "x q?",
    no_slope("scipy.special.zeta", "`x`"),
    _zeta_q,
    result=shapes.elementwise,
    examples=[example(2.5, positive(3)), example(Draw((3,), HIGH), positive()), example(Draw((2, 1), HIGH), positive(3))],
)
elementwise(sc.beta, "a b", _beta_a, _beta_b, domain=POSITIVE)
elementwise(sc.betaln, "a b", _betaln_a, _betaln_b, domain=POSITIVE)
elementwise(sc.poch, "z m", _poch_z, _poch_m, domain=POSITIVE)
elementwise(sc.binom, "n k", _binom_n, _binom_k, domain=(HIGH, BELOW_ONE))
elementwise(
    sc.multigammaln,
    "a d",
    _multigammaln,
    _order("multigammaln"),
    result=shapes.elementwise,
    examples=[example(Draw((3,), HIGH), 3), example(Draw((), HIGH), 2)],
)
elementwise(sc.gammainc, "a x", _shape("gammainc", "a"), _gammainc, domain=POSITIVE, singular=True)
elementwise(sc.gammaincc, "a x", _shape("gammaincc", "a"), _gammaincc, domain=POSITIVE, singular=True)
elementwise(sc.gammaincinv, "a p", _shape("gammaincinv", "a"), _gammaincinv, domain=(POSITIVE, BELOW_ONE), singular=True)
elementwise(sc.gammainccinv, "a p", _shape("gammainccinv", "a"), _gammainccinv, domain=(POSITIVE, BELOW_ONE), singular=True)
for _name, _slope in (
    ("betainc", _betainc), ("betaincc", _betaincc), ("betaincinv", _betaincinv), ("betainccinv", _betainccinv)
):  # fmt: skip
    if hasattr(sc, _name):
        _refused = _shape(_name, "a"), _shape(_name, "b")
        _calls = [
            example(1.3, 2.2, Draw((3,), BELOW_ONE)),
            example(positive(3, 1), positive(2), Draw((3, 2), BELOW_ONE)),
            example(0.7, 1.2, Draw((), BELOW_ONE)),
        ]
        elementwise(getattr(sc, _name), "a b x", *_refused, _slope, examples=_calls, singular=True)
