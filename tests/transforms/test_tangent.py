"""Forward mode: a tangent beside each varied value, and nothing beside the others."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from wengert import jvp

X = np.array([0.5, -1.5, 2.5])


def test_each_statement_is_followed_by_its_tangent(lines: Any) -> None:
    def f(x: float, y: float) -> float:
        z = x * y
        return math.sin(z)

    assert lines(f, 2.0, 3.0, mode="forward", simplified=False) == [
        "z = mul(x, y)", "z_dot = mul(x_dot, y)", "value = sin(z)", "v1 = cos(z)", "value_dot = mul(z_dot, v1)",
        "return value, value_dot",
    ]  # fmt: skip


def test_what_does_not_vary_has_no_tangent(lines: Any) -> None:
    text = " ".join(lines(lambda x, y: x * math.exp(y), 2.0, 3.0, mode="forward"))
    assert "exp" in text and text.count("_dot") == 3


@pytest.mark.parametrize("n", [0, 1, 2, -1])
def test_an_integer_that_is_an_index_carries_no_derivative(n: int) -> None:
    """The tangent of `x[n]` is `x_dot[n]`, whatever the tangent of n is said to be."""
    x_dot = np.array([1.0, 10.0, 100.0])
    for n_dot in (0, 0.0, 1.0):
        assert jvp(lambda x, n: x[n] * 2.0, (X, n), (x_dot, n_dot)) == (2.0 * X[n], 2.0 * x_dot[n])
        assert jvp(lambda x, n: np.sum(x[n:]), (X, n), (x_dot, n_dot))[1] == np.sum(x_dot[n:])


@pytest.mark.parametrize("index", [np.array([0, 2, 2]), np.array([True, False, True]), np.array([[1], [0]])], ids=str)
def test_an_array_that_is_an_index_carries_no_derivative(index: Any) -> None:
    x_dot = np.array([1.0, 10.0, 100.0])
    got = jvp(lambda x, i: x[i], (X, index), (x_dot, np.zeros(index.shape)))[1]
    assert got.tolist() == x_dot[index].tolist()


def test_options_carry_no_derivative() -> None:
    def f(x: Any, axis: int) -> Any:
        return np.sum(x * x, axis=axis)

    A = np.arange(6.0).reshape(2, 3)
    for axis in (0, 1):
        assert jvp(f, (A, axis), (np.ones((2, 3)), 0.0))[1].tolist() == (2.0 * A).sum(axis=axis).tolist()


def test_a_tangent_has_the_shape_of_its_value() -> None:
    for f in (lambda x: x * 0.0 + 1.0, lambda x: np.ones((2, 3)) * x, lambda x: np.sum(x), lambda x: [x, 3.0, X]):
        value, dot = jvp(f, (np.ones(3),), (np.zeros(3),))
        pairs = zip(value, dot, strict=True) if isinstance(value, list) else [(value, dot)]
        assert all(np.shape(a) == np.shape(b) for a, b in pairs)


def test_loops_and_branches_carry_tangents_beside_values(agrees: Any) -> None:
    def f(x: float, n: int) -> float:
        t, s = 1.0, 0.0
        for k in range(n):
            if t * x < 5.0:
                t = t * x + k
            else:
                s = s + t * x
                t = 1.0
            if s > 50.0:
                break
        return t * s + x

    for n in (0, 1, 5):
        agrees(f, 1.7, n)


def test_aux_passes_without_a_tangent() -> None:
    value, dot, aux = jvp(lambda x: (x * x, {"x": x, "name": "f"}), (3.0,), (2.0,), has_aux=True)
    assert (value, dot, aux) == (9.0, 12.0, {"x": 3.0, "name": "f"})


@pytest.mark.parametrize(
    "f", [lambda x: x[None], lambda x: np.squeeze(x[None]), lambda x: x[x > 0.2], lambda x: x.item(0) * np.ones(1)]
)
def test_a_python_number_as_the_direction_of_a_numpy_scalar(f: Any) -> None:
    tangent = jvp(f, (np.float64(0.5),), (1.0,))[1]
    assert np.array_equal(tangent, np.ones(np.shape(tangent)))
