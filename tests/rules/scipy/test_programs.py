"""Programs that import SciPy in the ways people do, unmodified: both modes, second order, differences, exported files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("scipy")

import scipy.linalg
import scipy.special
import scipy.special as sc
import scipy.stats
from scipy import signal, stats
from scipy.linalg import cho_factor, cho_solve
from scipy.special import expit, logsumexp
from scipy.stats import gamma, norm

from wengert import grad, hessian, jacfwd
from wengert.testing import unsimplified

A = np.array([[2.0, 0.3, 0.1], [0.2, 1.5, -0.4], [0.0, 0.5, 1.1]])
B = np.array([0.4, 1.3, 0.8])
PRIOR = stats.norm(0.5, 2.0)
WIDE = stats.gamma(a=2.0, scale=1.5)
CLOUD = stats.multivariate_normal([0.0, 1.0, 2.0], np.diag([1.0, 2.0, 3.0]))
logpdf = norm.logpdf


def logistic(a: Any, b: Any) -> Any:
    z = a @ b
    return -np.sum(np.log(expit(z))) + logsumexp(z) + scipy.special.log_softmax(z)[0]


def marginal(a: Any, b: Any) -> Any:
    k = a @ a.T + np.eye(3)
    factor = scipy.linalg.cholesky(k, lower=True)
    z = scipy.linalg.solve_triangular(factor, b, lower=True)
    return 0.5 * z @ z + np.sum(np.log(np.diag(factor)))


def whole_factor(a: Any, b: Any) -> Any:
    factor = cho_factor(a @ a.T + np.eye(3))
    return b @ cho_solve(factor, b)


def parts_of_factor(a: Any, b: Any) -> Any:
    c, lower = cho_factor(a @ a.T + np.eye(3), lower=True)
    total = 0.0
    for k in range(3):
        total += cho_solve((c, lower), b * k)[k]
    return total


def flow(a: Any, b: Any) -> Any:
    return np.sum(scipy.linalg.expm(0.3 * a) @ b) + np.sum(scipy.linalg.sqrtm(a @ a.T + np.eye(3)))


def gammas(a: Any, b: Any) -> Any:
    return np.sum(sc.gammaln(b) * sc.jv(2, b)) + sc.polygamma(1, b[0]) + sc.gammainc(2.0, b[1]) + np.sum(a)


def filtered(a: Any, b: Any) -> Any:
    return np.sum(signal.convolve(b, a[0], mode="same") ** 2)


def likelihood(a: Any, b: Any) -> Any:
    return np.sum(stats.norm.logpdf(a, loc=b[0], scale=b[1])) + scipy.stats.gamma.logpdf(b[2], 2.0, scale=b[0])


def bound(a: Any, b: Any) -> Any:
    return np.sum(logpdf(a, b)) + np.sum(gamma.cdf(b, 1.5))


def frozen_outside(a: Any, b: Any) -> Any:
    return np.sum(PRIOR.logpdf(b)) + WIDE.pdf(b[1]) + CLOUD.logpdf(b) + np.sum(a)


def counts(a: Any, b: Any) -> Any:
    return np.sum(stats.poisson.logpmf(np.array([1, 0, 3]), b)) + stats.binom.logpmf(2, 5, expit(a[0, 0]))


def normal_in_space(a: Any, b: Any) -> Any:
    return stats.multivariate_normal.logpdf(b, mean=a[0], cov=a @ a.T + np.eye(3))


PROGRAMS = [
    logistic, marginal, whole_factor, parts_of_factor, flow, gammas, filtered, likelihood, bound, frozen_outside, counts,
    normal_in_space,
]  # fmt: skip


QUICK = (logistic, gammas, likelihood, frozen_outside)


def sampled(programs: list[Any]) -> list[Any]:
    """All of the programs, a few of them by default."""
    return [pytest.param(f, marks=() if f in QUICK else pytest.mark.exhaustive) for f in programs]


def slope(f: Any, a: Any, b: Any, h: float = 1e-5) -> Any:
    return (f(a, b, h) - f(a, b, -h)) / (2 * h)


@pytest.mark.parametrize("f", sampled(PROGRAMS))
def test_programs(f: Any) -> None:
    da, db = np.cos(np.arange(9.0)).reshape(3, 3), np.array([0.3, -0.2, 0.5])
    by_a, by_b = grad(f, (0, 1))(A, B)
    along = np.sum(by_a * da) + np.sum(by_b * db)
    assert along == pytest.approx(slope(lambda a, b, h: f(a + h * da, b + h * db), A, B), rel=1e-6, abs=1e-7)
    for forward, reverse in zip(jacfwd(f, (0, 1))(A, B), (by_a, by_b)):
        np.testing.assert_allclose(forward, reverse, rtol=1e-11, atol=1e-12)
    with unsimplified():
        for raw, reverse in zip(grad(f, (0, 1))(A, B), (by_a, by_b)):
            np.testing.assert_allclose(raw, reverse, rtol=1e-12, atol=1e-13)


@pytest.mark.slow
@pytest.mark.parametrize("f", PROGRAMS)
def test_second_order(f: Any) -> None:
    db = np.array([0.3, -0.2, 0.5])
    by_b = grad(f, 1)
    expected = slope(lambda a, b, h: by_b(a, b + h * db), A, B)
    np.testing.assert_allclose(hessian(f, 1)(A, B) @ db, expected, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("f", sampled([logistic, marginal, flow, filtered]))
def test_exported_files_run(f: Any, tmp_path: Path) -> None:
    file = tmp_path / "exported.py"
    grad(f, 1).export(file, A, B)
    text = file.read_text()
    assert "import scipy" in text
    assert "wengert." not in text.split('"""')[-1]
    names: dict[str, Any] = {}
    exec(compile(text, str(file), "exec"), names)
    np.testing.assert_allclose(names[f"{f.__name__}_grad"](A, B), grad(f, 1)(A, B))
