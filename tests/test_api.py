"""The drivers among themselves: they compose, and they agree."""

from __future__ import annotations

import math
from collections import namedtuple
from typing import Any

import numpy as np
import pytest

import wengert
from wengert import grad, hessian, hvp, jacfwd, jacobian, jacrev, jvp, stop_gradient, value_and_grad, vjp

X = np.array([0.5, -1.5, 2.5])
Point = namedtuple("Point", "x y")


def f(x: Any) -> Any:
    return np.sum(x**3) * x[0]


def test_everything_public_is_there_and_documented() -> None:
    for name in wengert.__all__:
        assert hasattr(wengert, name)
        assert name.startswith("__") or getattr(wengert, name).__doc__


def test_drivers_agree() -> None:
    g = grad(f)(X)
    assert np.array_equal(value_and_grad(f)(X)[1], g) and value_and_grad(f)(X)[0] == f(X)
    assert np.allclose(vjp(f, X)[1](1.0)[0], g)
    assert np.allclose([jvp(f, (X,), (e,))[1] for e in np.eye(3)], g)
    assert np.allclose(jacrev(f)(X), g) and np.allclose(jacfwd(f)(X), g)
    H = hessian(f)(X)
    assert np.allclose(jacfwd(grad(f))(X), H) and np.allclose(jacrev(grad(f))(X), H)
    assert np.allclose(jacobian(jacfwd(f))(X), H)
    assert np.allclose(hvp(f, (X,), (X,)), H @ X)
    assert np.allclose(jvp(grad(f), (X,), (X,))[1], H @ X) and np.allclose(vjp(grad(f), X)[1](X)[0], H @ X)
    assert np.allclose(grad(lambda v: np.sum(grad(f)(v) * X))(X), H @ X)


def test_pullbacks_can_be_called_again_and_are_linear() -> None:
    _, pullback = vjp(lambda x: (x * x, np.sum(x)), X)
    one, two = pullback((np.ones(3), 0.0))[0], pullback((np.zeros(3), 1.0))[0]
    assert np.allclose(pullback((2.0 * np.ones(3), -3.0))[0], 2.0 * one - 3.0 * two)


def test_a_pullback_belongs_to_the_point_where_it_was_made() -> None:
    x = X.copy()
    _, pullback = vjp(lambda v: np.sum(v * v), x)
    x[:] = 0.0
    assert pullback(1.0)[0].tolist() == (2.0 * X).tolist()


def test_namedtuples_and_lists_keep_their_kind() -> None:
    p = Point(2.0, [X, 3.0])
    g = grad(lambda p: p.x * np.sum(p.y[0]) * p.y[1])(p)
    assert isinstance(g, Point) and isinstance(g.y, list)
    assert g.x == 3.0 * np.sum(X) and g.y[1] == 2.0 * np.sum(X)
    value, dot = jvp(lambda p: Point(p.x * 2.0, p.y), (p,), (Point(1.0, [X, 1.0]),))
    assert isinstance(value, Point) and isinstance(dot, Point) and dot.x == 2.0 and dot.y[1] == 1.0


def test_primals_and_tangents_may_be_lists_and_integers() -> None:
    assert jvp(lambda x, y: x * y, [3, 4.0], [1, 2]) == (12.0, 10.0)
    assert jvp(lambda x: np.sum(x), (X,), (np.array([1, 2, 3]),))[1] == 6.0


def test_stop_gradient_stops_in_both_modes_and_all_orders() -> None:
    def g(x: Any) -> Any:
        return x * stop_gradient(x * x) * x

    assert grad(g)(3.0) == 54.0 and jvp(g, (3.0,), (1.0,)) == (81.0, 54.0)
    assert grad(grad(g))(3.0) == 18.0
    assert grad(lambda p: p[0] * stop_gradient(p)[1])([2.0, 5.0]) == [5.0, 0.0]


def test_gradients_of_derivative_objects_with_options() -> None:
    g = value_and_grad(lambda x, y: x * x * y, argnums=(0, 1))
    assert grad(lambda x: g(x, 2.0)[0] + g(x, 2.0)[1][0] * g(x, 2.0)[1][1])(3.0) == 4.0 * 3.0 + 4.0 * 3.0 * 9.0
    assert grad(grad(lambda x, y: x * x * y, argnums=1), argnums=0)(3.0, 2.0) == 6.0


@pytest.mark.parametrize("driver", [grad, value_and_grad, hessian, jacfwd, jacrev, jacobian])
def test_drivers_are_decorators(driver: Any) -> None:
    made = driver(argnums=0)(lambda x: x * x)
    assert np.shape(made.primal(3.0)) == () and made(3.0) in (6.0, (9.0, 6.0), 2.0)


def test_a_function_of_the_math_module() -> None:
    assert grad(math.sin)(0.0) == 1.0 and jvp(math.exp, (0.0,), (2.0,)) == (1.0, 2.0)


def test_a_numpy_function_itself() -> None:
    assert grad(np.sin)(0.0) == 1.0
    assert grad(np.sum)(X).tolist() == [1.0, 1.0, 1.0]
    assert jvp(np.exp, (0.0,), (2.0,)) == (1.0, 2.0)
