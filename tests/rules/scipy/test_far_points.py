"""Slopes of SciPy's functions where formulas cancel, overflow or have poles that the function does not have.

The numbers are those of the functions' limits and expansions: what is expected is written as a formula.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

pytest.importorskip("scipy")

import scipy.linalg as sl
import scipy.special as sc
import scipy.stats as st

from wengert import grad, hessian, jacfwd

INF, NAN = math.inf, math.nan

FAR = [
    (lambda x: sc.exprel(x), -1e20, 1e-40),
    (lambda x: sc.exprel(x), -3.0, (1 - 4 * math.exp(-3.0)) / 9),
    (lambda x: sc.exprel(x), 3.0, (2 * math.exp(3.0) + 1) / 9),
    (lambda x: sc.exprel(x), 1e9, INF),
    (lambda d: sc.pseudo_huber(d, 1e-8), 0.9, 1e-32 / (4 * 0.9**3)),
    (lambda d: sc.pseudo_huber(d, 0.0), 0.0, 0.0),
    (lambda k: sc.boxcox(1e-300, k), -3.0, INF),
    (lambda k: sc.boxcox(0.0, k), 2.0, 0.25),
    (lambda k: sc.inv_boxcox(1e-20, k), 0.5, -5e-41),
    (lambda k: sc.inv_boxcox1p(2.0, k), 0.5, -4 * (4 * math.log(2.0) - 2)),
    (lambda b: sc.powm1(1e20, b), -1.0, 1e-20 * math.log(1e20)),
    (lambda a: sc.powm1(a, 0.0), 0.0, 0.0),
    (lambda x: sc.expm1(x), -100.0, math.exp(-100.0)),
    (lambda x: sc.dawsn(x), 1e8, -5e-17),
    (lambda a: sc.betaln(a, 1.0), 1e20, -1e-20),
    (lambda a: sc.betaln(a, 2.0), 1e6, -1e-6 - 1 / (1e6 + 1)),
    (lambda b: sc.beta(1.0, b), 50.0, -1 / 2500),
    (lambda z: sc.poch(z, 2.0), 1e8, 2e8 + 1),
    (lambda x: sc.ive(1.0, x), 0.0, 0.5),
    (lambda x: sc.ive(-2.0, x), -1.5, sc.ive(1.0, -1.5) + 2 / 1.5 * sc.ive(2.0, 1.5) + sc.ive(2.0, 1.5)),
    (lambda x: sc.k0e(x), 0.0, -INF),
    (lambda x: sc.kve(2.5, x), 0.0, -INF),
    (lambda x: sc.rgamma(x), -1.5, -sc.psi(-1.5) * sc.rgamma(-1.5)),
]
POLES = [  # binomial coefficients and products that are polynomials: gamma has poles there, they have none
    (lambda n: sc.binom(n, 2.0), 1.0, 0.5, 1.0),
    (lambda n: sc.binom(n, 3.0), 1.0, -1 / 6, 0.0),
    (lambda n: sc.binom(n, 1.0), 0.0, 1.0, 0.0),
    (lambda n: sc.binom(n, 2.0), 7.0, 6.5, 1.0),
    (lambda z: sc.poch(z, 1.0), 0.0, 1.0, 0.0),
    (lambda z: sc.poch(z, 3.0), -2.0, 3 * 4.0 - 12.0 + 2.0, -6.0),
    (lambda z: sc.poch(z, 3.0), -5.0, 3 * 25.0 - 30.0 + 2.0, -24.0),
    (lambda z: sc.poch(z, 2.0), 30.5, 62.0, 2.0),
    (lambda n: sc.comb(n, 2.0), 1.0, 0.0, 0.0),
]


def sampled(points: list[Any], every: int) -> list[Any]:
    return [pytest.param(*p, id=str(k), marks=pytest.mark.exhaustive if k % every else ()) for k, p in enumerate(points)]


@pytest.mark.parametrize(("f", "x", "slope"), sampled(FAR, 4))
def test_far_points(f: Any, x: float, slope: float) -> None:
    with np.errstate(all="ignore"):
        for found in (grad(f)(x), jacfwd(f)(x)):
            np.testing.assert_allclose(found, slope, rtol=1e-9)


@pytest.mark.parametrize(("f", "x", "slope", "second"), sampled(POLES, 4))
def test_polynomials_at_poles(f: Any, x: float, slope: float, second: float) -> None:
    with np.errstate(all="ignore"):
        for found in (grad(f)(x), jacfwd(f)(x)):
            np.testing.assert_allclose(found, slope, rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(hessian(f)(x), second, rtol=1e-8, atol=1e-9)


def test_sums_of_weighted_terms() -> None:
    with np.errstate(all="ignore"):
        one = grad(lambda x: sc.logsumexp(x, b=np.array([0.0, 1.0])))(np.array([1000.0, 1.0]))
        np.testing.assert_array_equal(one, [0.0, 1.0])
        large = grad(lambda x: sc.logsumexp(x))(np.array([INF, 1.0]))
        np.testing.assert_array_equal(large, [NAN, 0.0])
        negative = grad(lambda x: sc.logsumexp(x, b=np.array([1.0, -2.0])))(np.array([1.0, 1.0]))
        np.testing.assert_array_equal(negative, [NAN, NAN])
    a, b = np.array([[0.5, 1.0]]), np.array([[1.0, 2.0], [0.5, 0.1], [0.3, 0.4]])
    by_weight = grad(lambda a, b: np.sum(sc.logsumexp(a, axis=0, b=b)), 1)(a, b)
    np.testing.assert_allclose(by_weight, np.exp(a - sc.logsumexp(a, axis=0, b=b)) * np.ones((3, 1)))


def test_survival_of_counts() -> None:
    def f(m: Any, p: Any) -> Any:
        k = np.array([0, 1, 3, 7, -1])
        return np.sum(st.poisson.logsf(k, m)) + np.sum(st.binom.sf(k, 5, p)) + st.bernoulli.logsf(0, p) + st.poisson(m).sf(2)

    for k, x in enumerate((1.7, 0.3)):
        args, h = [1.7, 0.3], 1e-6
        step = [a + h * (j == k) for j, a in enumerate(args)], [a - h * (j == k) for j, a in enumerate(args)]
        assert grad(f, k)(*args) == pytest.approx((f(*step[0]) - f(*step[1])) / (2 * h), rel=1e-7), x


def test_several_matrices() -> None:
    """A stack of matrices with one right side, with a vector as well as with columns: SciPy broadcasts them."""
    a = np.array([[[2.0, 0.3], [0.1, 1.5]], [[1.0, -0.4], [0.2, 3.0]]])
    if not _broadcasts(a):
        pytest.skip("this version of SciPy takes one matrix")
    vector = np.array([1.0, 2.0])
    for f in (lambda a, b: np.sum(sl.solve(a, b) ** 2), lambda a, b: np.sum(sl.solve_triangular(a, b, lower=True) ** 2)):
        for k in (0, 1):
            np.testing.assert_allclose(grad(f, k)(a, vector), jacfwd(f, k)(a, vector), rtol=1e-12)
    g = lambda a: np.sum(sl.block_diag(a, np.eye(2)) ** 2)  # noqa: E731
    np.testing.assert_allclose(grad(g)(a), 2 * a)


def _broadcasts(a: Any) -> bool:
    try:
        sl.block_diag(a, a), sl.solve(a, np.ones(2))
    except (ValueError, np.linalg.LinAlgError):
        return False
    return True


@pytest.mark.filterwarnings("ignore:Matrix is singular")
def test_what_has_no_derivative_is_said() -> None:
    with pytest.raises(ValueError, match="no derivative at a singular matrix"):
        grad(lambda a: np.sum(sl.sqrtm(a)))(np.diag([1.0, 0.0, 2.0]))
    f = lambda c: st.multivariate_normal.logpdf(np.array([0.1, 0.1]), np.zeros(2), c, allow_singular=True)  # noqa: E731
    with pytest.raises(ValueError, match="no derivative at a singular covariance"):
        grad(f)(np.ones((2, 2)))
    np.testing.assert_allclose(grad(f)(np.eye(2)), [[-0.495, 0.0], [0.01, -0.495]], atol=1e-12)


def test_one_number_as_a_vector() -> None:
    assert grad(lambda c: np.sum(sl.toeplitz(c)))(1.5) == 1.0
    with np.errstate(all="ignore"):
        assert np.isnan(st.norm.logpdf(0.3, 0.0, 0.0)) and np.isinf(grad(lambda s: st.norm.logpdf(0.3, 0.0, s))(0.0))
