"""Determinants of singular matrices, and of matrices that are singular up to rounding."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from wengert import grad, hessian, jacfwd, jacrev, jvp

RNG = np.random.default_rng(0)


def of_rank(n: int, rank: int) -> Any:
    return RNG.normal(size=(n, rank)) @ RNG.normal(size=(rank, n))


MATRICES = {
    "zeros": np.zeros((2, 2)),
    "zeros of three": np.zeros((3, 3)),
    "a row of zeros": np.diag([1.0, 2.0, 0.0]),
    "two rows of zeros": np.diag([1.0, 0.0, 0.0]),
    "rank 3 of 4, up to rounding": of_rank(4, 3),
    "rank 2 of 4, up to rounding": of_rank(4, 2),
    "a batch": np.stack([np.eye(3), np.diag([1.0, 0.0, 0.0]), RNG.normal(size=(3, 3))]),
    "regular": RNG.normal(size=(4, 4)),
    "one": np.array([[0.0]]),
}


def f(x: Any) -> Any:
    return np.sum(np.linalg.det(x))


@pytest.mark.parametrize("name", MATRICES)
def test_derivatives_to_the_third_order(name: str) -> None:
    x = MATRICES[name]
    u, v = RNG.normal(size=(2, *x.shape))
    h = 1e-3
    first = (f(x + 1e-5 * v) - f(x - 1e-5 * v)) / 2e-5
    second = sum(a * b * f(x + a * h * u + b * h * v) for a in (1, -1) for b in (1, -1)) / (4 * h * h)
    third = (f(x + 2 * v) - 2 * f(x + v) + 2 * f(x - v) - f(x - 2 * v)) / 2  # exact for cubics
    assert np.isclose(np.sum(grad(f)(x) * v), first, rtol=1e-5, atol=1e-6)
    for got in (jvp(grad(f), (x,), (u,))[1], grad(lambda x: np.sum(grad(f)(x) * u))(x)):
        assert np.isclose(np.sum(got * v), second, rtol=1e-5, atol=1e-5)
    if x.shape[-1] <= 4:
        got = jvp(lambda x: np.sum(jvp(grad(f), (x,), (v,))[1] * v), (x,), (v,))[1]
        assert np.isclose(got, third, rtol=1e-6, atol=1e-6)


def test_a_matrix_that_is_singular_at_a_point() -> None:
    def g(x: Any) -> Any:
        return np.linalg.det(np.array([[x, 0.0, x], [0.0, x, 0.0], [1.0, 2.0, 3.0]]))  # 2 x^2

    for driver in (hessian, lambda g: jacrev(jacfwd(g)), lambda g: jacrev(jacrev(g))):
        assert np.isclose(driver(g)(0.0), 4.0)
