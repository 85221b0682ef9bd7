"""Slopes at kinks, at poles, at edges and far out, for both modes, with the conventions of the docs."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

pytest.importorskip("scipy")

import scipy.linalg as sl
import scipy.special as sc
import scipy.stats as st

from wengert import grad, hessian, jacfwd, jvp

INF, NAN = math.inf, math.nan

POINTS = [
    (lambda a: sc.xlogy(a, 0.0), 0.0, -INF),
    (lambda b: sc.xlogy(0.0, b), 0.0, 0.0),
    (lambda b: sc.xlog1py(0.0, b), -1.0, 0.0),
    (lambda x: sc.entr(x), 0.0, INF),
    (lambda b: sc.rel_entr(0.0, b), 0.0, 0.0),
    (lambda b: sc.kl_div(0.0, b), 0.0, 1.0),
    (lambda x: sc.expit(x), 50.0, math.exp(-50.0) / (1 + math.exp(-50.0)) ** 2),
    (lambda x: sc.expit(x), 800.0, 0.0),
    (lambda x: sc.logit(x), 0.0, INF),
    (lambda x: sc.log1p(x), -1.0, INF),
    (lambda x: sc.log_expit(x), -800.0, 1.0),
    (lambda x: sc.i0e(x), 0.0, 0.0),
    (lambda x: sc.i1e(x), 0.0, 0.5),
    (lambda x: sc.j1(x), 0.0, 0.5),
    (lambda x: sc.jv(0, x), 0.0, 0.0),
    (lambda x: sc.jv(0.5, x), 0.0, INF),
    (lambda x: sc.erfinv(x), 1.0, INF),
    (lambda x: sc.log_ndtr(x), -1e5, 1e5 + 1e-5),
    (lambda x: sc.log_ndtr(x), 40.0, 0.0),
    (lambda x: sc.erfcx(x), 1e6, -1 / math.sqrt(math.pi) * 1e-12 * (1 - 1.5e-12)),
    (lambda x: sc.gammainc(1.0, x), 0.0, 1.0),
    (lambda x: sc.gammainc(2.0, x), 0.0, 0.0),
    (lambda x: sc.gammainc(0.5, x), 0.0, INF),
    (lambda x: sc.rgamma(x), -2.0, 2.0),
    (lambda x: sc.rgamma(x), 0.0, 1.0),
    (lambda x: sc.gamma(x), -1.0, NAN),
    (lambda k: sc.boxcox(3.0, k), 0.0, 0.5 * math.log(3.0) ** 2),
    (lambda k: sc.inv_boxcox(2.0, k), 0.0, -2.0 * math.exp(2.0)),
    (lambda x: sc.exprel(x), 0.0, 0.5),
    (lambda x: sc.cosm1(x), 0.0, 0.0),
    (lambda r: sc.huber(1.0, r), -1.0, -1.0),
    (lambda x: sc.boxcox(x, 0.5), 0.0, INF),
    (lambda b: sc.rel_entr(1.0, b), 0.0, -INF),
    (lambda d: sc.pseudo_huber(d, 2.0), 0.0, 2.0),
    (lambda m: sc.ellipk(m), 0.0, math.pi / 8),
    (lambda m: sc.ellipe(m), 0.0, -math.pi / 8),
    (lambda p: sc.ellipkm1(p), 1.0, -math.pi / 8),
    (lambda x: st.laplace.logpdf(x), 0.0, 0.0),
    (lambda x: st.uniform.cdf(x), 0.0, 0.5),
    (lambda x: st.uniform.cdf(x), 1.0, 0.5),
    (lambda x: st.uniform.cdf(x), 1.5, 0.0),
    (lambda x: st.expon.cdf(x), 0.0, 0.5),
    (lambda x: st.expon.logpdf(x), -1.0, 0.0),
    (lambda x: st.gamma.pdf(x, 2.5), -1.0, 0.0),
    (lambda x: st.norm.logcdf(x), -40.0, 40.0249688),
    (lambda d: st.t.logpdf(0.5, d), 1e8, 0.0),
    (lambda m: st.poisson.pmf(1, m), 0.0, 1.0),
    (lambda m: st.poisson.logpmf(0, m), 0.0, -1.0),
    (lambda p: st.binom.pmf(0, 5, p), 0.0, -5.0),
    (lambda p: st.bernoulli.logpmf(1, p), 1.0, 1.0),
    (lambda p: st.bernoulli.pmf(2, p), 0.4, 0.0),
]


@pytest.mark.parametrize(
    ("f", "x", "slope"),
    [pytest.param(*p, id=str(k), marks=pytest.mark.exhaustive if k % 4 else ()) for k, p in enumerate(POINTS)],
)
def test_points(f: Any, x: float, slope: float) -> None:
    with np.errstate(all="ignore"):
        for found in (grad(f)(x), jacfwd(f)(x), jvp(f, (x,), (1.0,))[1]):
            np.testing.assert_allclose(found, slope, rtol=1e-7, atol=1e-12)


SECOND = [
    (lambda a: sc.xlogy(a[0], a[1]), (0.0, 2.0), [[0.0, 0.5], [0.5, 0.0]]),
    (lambda a: sc.xlog1py(a[0], a[1]), (0.0, 1.0), [[0.0, 0.5], [0.5, 0.0]]),
    (lambda a: sc.rel_entr(a[0], a[1]), (1.0, 2.0), [[1.0, -0.5], [-0.5, 0.25]]),
    (lambda a: sc.boxcox(a[0], a[1]), (1.0, 0.0), [[-1.0, 0.0], [0.0, 0.0]]),
    (lambda a: sc.boxcox(math.e, a[1]), (1.0, 0.0), [[0.0, 0.0], [0.0, 1 / 3]]),
    (lambda a: sc.rgamma(a[0]), (0.0, 0.0), [[2 * np.euler_gamma, 0.0], [0.0, 0.0]]),
    (lambda a: sc.exprel(a[0]), (0.0, 0.0), [[1 / 3, 0.0], [0.0, 0.0]]),
    (lambda a: st.norm.logpdf(a[0], scale=a[1]), (0.0, 1.0), [[-1.0, 0.0], [0.0, 1.0]]),
]


@pytest.mark.parametrize(
    ("f", "x", "expected"),
    [pytest.param(*p, id=str(k), marks=pytest.mark.exhaustive if k % 4 else ()) for k, p in enumerate(SECOND)],
)
def test_second_order(f: Any, x: tuple[float, float], expected: Any) -> None:
    np.testing.assert_allclose(hessian(f)(np.array(x)), expected, rtol=1e-12, atol=1e-14)


def test_sums_without_terms() -> None:
    """Where all terms are zero their logarithm is -inf, and so it stays."""
    f = lambda x: sc.logsumexp(x)  # noqa: E731
    np.testing.assert_array_equal(grad(f)(np.array([-INF, -INF])), [0.0, 0.0])
    np.testing.assert_allclose(grad(f)(np.array([-INF, 1.0])), [0.0, 1.0])
    np.testing.assert_allclose(grad(lambda b: sc.logsumexp(np.array([0.0, 0.0]), b=b))(np.array([0.0, 2.0])), [0.5, 0.5])


def test_branches_that_are_not_taken() -> None:
    f = lambda x: np.sum(np.where(x > 0, sc.xlogy(x, x) + sc.logit(x), 0.0))  # noqa: E731
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(grad(f)(np.array([0.0, 0.5])), [0.0, 1 + math.log(0.5) + 4.0])


def test_only_what_is_read() -> None:
    a = np.array([[2.0, 100.0], [0.5, 3.0]])
    bar = grad(lambda a: np.sum(sl.cholesky(a, lower=True)))(a)
    assert bar[0, 1] == 0.0 and bar[1, 0] != 0.0
    bar = grad(lambda a: np.sum(sl.solve_triangular(a, np.ones(2), lower=True, unit_diagonal=True)))(a)
    np.testing.assert_allclose(bar, [[0.0, 0.0], [-1.0, 0.0]])
