"""Calls of NumPy that call functions of Python."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import wengert.frontend.mapped  # noqa: F401
from wengert import jvp, vjp
from wengert.errors import UnsupportedError
from wengert.testing import check_grads, unsimplified

X = np.array([0.5, -1.2, 2.0, -0.3])
A = np.array([[0.5, -1.2, 2.0], [1.1, 0.4, -0.7]])


def squares(x, s):
    return np.vectorize(lambda u: u * u if u > 0 else s * u)(x)


def pairs(x, s):
    return np.vectorize(lambda u, v: u * math.sin(v))(x, s)


def pieces(x, s):
    return np.piecewise(x, [x < 0, x > 1], [lambda u: u * s, np.sin, 3.0])


def given(x, s):
    return np.piecewise(x, [x < 0], [lambda u, k: u * k, s], s * s)


def nothing_there(x, s):
    return np.piecewise(x, [x < -100.0], [lambda u: np.max(u) * s, lambda u: s * u])


def row_sums(x, s):
    return np.apply_along_axis(lambda r, k: np.sum(r * r) * k, -1, x, s)


def columns(x, s):
    return np.apply_along_axis(lambda r: r * np.sum(r) * s, 0, x)


@pytest.mark.parametrize("x", [X, A], ids=["row", "matrix"])
@pytest.mark.parametrize("f", [squares, pairs, pieces, given, nothing_there, row_sums, columns], ids=lambda f: f.__name__)
def test_against_differences(f: Callable[..., Any], x: Any) -> None:
    assert check_grads(f, (x, 0.7), order=2, tolerance=1e-4).ok
    with unsimplified():
        assert check_grads(f, (x, 0.7)).ok
    value = jvp(f, (x, 0.7), (x, 0.0))[0]
    assert value.dtype == f(x, 0.7).dtype
    np.testing.assert_array_equal(value, f(x, 0.7))


def test_options_are_refused() -> None:
    def f(x):
        return np.vectorize(lambda u: u, signature="(n)->(n)")(x)

    with pytest.raises(UnsupportedError, match=r"np\.vectorize with options"):
        jvp(f, (X,), (X,))


def smaller(a: float, b: float) -> float:
    return a * b if a > b else b


def and_twice(a: float) -> tuple[float, float]:
    return a * a, 2 * a


TYPED = np.vectorize(smaller, otypes=[float])


@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.vectorize(and_twice)(x)[1] * x, lambda x: sum(np.vectorize(and_twice, otypes="dd")(x)),
        lambda x: TYPED(x[:, None], x[:2]), lambda x: np.vectorize(smaller, otypes=[np.float64])(x, 2.5),
    ],
)  # fmt: skip
def test_several_results_and_the_types_of_results(f: Any) -> None:
    x = np.array([1.0, 3.0, 0.5, 4.0])
    d, h = np.cos(x), 1e-6
    slope = (f(x + h * d) - f(x - h * d)) / (2 * h)
    np.testing.assert_allclose(jvp(f, (x,), (d,))[1], slope, atol=1e-8)
    value, pullback = vjp(f, x)
    bar = np.sin(1 + value)
    np.testing.assert_allclose(np.vdot(pullback(bar)[0], d), np.vdot(bar, slope), rtol=1e-8)
