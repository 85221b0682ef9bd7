"""Slopes that are no formula are refused at the line that needs them, and nowhere else."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

pytest.importorskip("scipy")

import scipy.linalg as sl
import scipy.special as sc
import scipy.stats as st

from wengert import UnsupportedError, grad, jvp, stop_gradient

CALLS = [
    (lambda a, x: sc.jv(a, x), r"`scipy.special.jv` by its order"),
    (lambda a, x: sc.kve(a, x), r"`scipy.special.kve` by its order"),
    (lambda a, x: sc.gammainc(a, x), r"`scipy.special.gammainc` by `a`"),
    (lambda a, x: sc.betainc(a, 2.0, x), r"`scipy.special.betainc` by `a`"),
    (lambda a, x: sc.zeta(1.0 + a, x), r"`scipy.special.zeta` by `x`"),
    (lambda a, x: sc.hyp1f1(a, 2.0, x), r"`scipy.special.hyp1f1` by `a`"),
    (lambda a, x: sc.eval_legendre(a, x), r"`scipy.special.eval_legendre` by its order"),
    (lambda a, x: st.gamma.cdf(x, a), r"the distribution function of scipy.stats.gamma by `a`"),
    (lambda a, x: st.t.ppf(x, a), r"the distribution function of scipy.stats.t by `df`"),
]
IDS = ["jv", "kve", "gammainc", "betainc", "zeta", "hyp1f1", "eval_legendre", "gamma.cdf", "t.ppf"]


@pytest.mark.parametrize(("f", "message"), CALLS, ids=IDS)
def test_by_the_shape(f: Any, message: str) -> None:
    for derivative in (grad(f), grad(f, (0, 1)), lambda a, x: jvp(f, (a, x), (1.0, 0.0))):
        with pytest.raises(UnsupportedError, match=message) as refused:
            derivative(0.5, 0.7)
        assert refused.value.location is not None and refused.value.location.file == __file__


@pytest.mark.parametrize(("f", "message"), CALLS, ids=IDS)
def test_by_the_argument(f: Any, message: str) -> None:
    a, x, h = 2.5 if f is CALLS[6][0] else 1.5, 0.7, 1e-6
    slope = (f(a, x + h) - f(a, x - h)) / (2 * h)
    assert grad(f, 1)(a, x) == pytest.approx(slope, rel=1e-7)
    assert grad(lambda a, x: f(stop_gradient(a), x), (0, 1))(a, x)[0] == 0.0


def test_counts_of_trials() -> None:
    with pytest.raises(UnsupportedError, match="by `n` does not exist: it is a whole number"):
        grad(lambda n: st.binom.logpmf(2, n, 0.3))(5.0)


def test_writing_into_arguments() -> None:
    a, b = np.eye(2), np.ones(2)
    with pytest.raises(UnsupportedError, match="option `overwrite_b`"):
        grad(lambda b: np.sum(sl.solve_triangular(a, b, overwrite_b=True)))(b)
    with pytest.raises(UnsupportedError, match="option `overwrite_a`"):
        grad(lambda a: np.sum(sl.cholesky(a, overwrite_a=True)))(a)


def test_what_has_no_row() -> None:
    with pytest.raises(UnsupportedError, match="lu_factor"):
        grad(lambda a: np.sum(sl.lu_factor(a)[0]))(np.eye(2))


@pytest.mark.parametrize("f", [sl.logm, sl.sqrtm])
def test_complex_results_of_real_matrices(f: Any) -> None:
    for derivative in (grad(lambda a: np.sum(np.real(f(a)))), lambda a: jvp(lambda a: np.real(f(a)), (a,), (a,))):
        with pytest.raises(ValueError, match="where their result is real"):
            derivative(np.diag([-1.0, 2.0]))
