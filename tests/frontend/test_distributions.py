"""Distributions of `scipy.stats` as objects in programs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

pytest.importorskip("scipy")

from scipy import stats
from scipy.stats import laplace, norm

from wengert import UnsupportedError, grad
from wengert.frontend.distributions import is_distribution

logpdf = norm.logpdf
held: dict[str, Any] = {"prior": stats.norm(0.5, 2.0)}
named = {"normal": norm, "laplace": laplace}
prior = stats.norm(0.5, 2.0)


class Model:
    def __init__(self, scale: float) -> None:
        self.noise = stats.norm(scale=scale)

    def __call__(self, x: Any) -> Any:
        return self.noise.logpdf(x)


def test_what_is_a_distribution() -> None:
    assert all(map(is_distribution, (stats.norm, stats.poisson, stats.multivariate_normal, stats.dirichlet)))
    assert not any(map(is_distribution, (prior, stats.norm.logpdf, stats.gaussian_kde, np.sin, 1.0, stats.cauchy)))


def test_methods_are_operations() -> None:
    for f in (
        lambda x: stats.norm.logpdf(x, 0.5, scale=2.0),
        lambda x: norm.logpdf(x, loc=0.5, scale=2.0),
        lambda x: logpdf(x, 0.5, 2.0),
        lambda x: prior.logpdf(x),
        lambda x: held["prior"].logpdf(x),
    ):
        assert grad(f)(1.0) == -0.125


def test_chosen_by_name() -> None:
    f = grad(lambda x, name: named[name].logpdf(x, 0.3))
    assert f(1.0, "normal") == pytest.approx(-0.7)
    assert f(1.0, "laplace") == -1.0


def test_as_an_argument() -> None:
    f = grad(lambda x, d: d.logpdf(x))
    assert f(1.0, prior) == -0.125
    assert f(1.0, norm) == -1.0
    assert f(1.0, stats.expon(scale=0.5)) == -2.0


def test_parameters_are_those_of_the_call() -> None:
    global prior
    before, f = prior, grad(lambda x: prior.logpdf(x))
    try:
        assert f(1.0) == -0.125
        prior = stats.norm(0.0, 1.0)
        assert f(1.0) == -1.0
        prior = stats.laplace(scale=0.5)
        assert f(1.0) == -2.0
    finally:
        prior = before


def test_held_by_an_object() -> None:
    model = Model(2.0)
    f = grad(model)
    assert f(1.0) == -0.25
    model.noise = stats.norm(scale=1.0)
    assert f(1.0) == -1.0


def test_methods_without_a_row_are_refused() -> None:
    with pytest.raises(UnsupportedError, match="isf"):
        grad(lambda x: norm.isf(x))(np.array([0.3]))
