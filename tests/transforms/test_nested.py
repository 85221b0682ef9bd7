"""Derivatives inside differentiated functions."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from wengert import grad, hessian, hvp, jacfwd, jacobian, jacrev, jvp, value_and_grad, vjp

X = np.array([0.5, -1.5, 2.5])


def cube(x: Any) -> Any:
    return x * x * x


def test_drivers_inside() -> None:
    x = 1.5
    assert grad(lambda x: grad(cube)(x) * x)(x) == 9.0 * x * x
    assert grad(lambda x: value_and_grad(cube)(x)[1] + value_and_grad(cube)(x)[0])(x) == 6.0 * x + 3.0 * x * x
    assert grad(lambda x: jvp(cube, (x,), (x,))[1])(x) == 9.0 * x * x
    assert grad(lambda x: vjp(cube, x)[1](2.0)[0])(x) == 12.0 * x
    assert grad(lambda x: hvp(cube, (x,), (2.0,)))(x) == 12.0
    assert grad(lambda x: hessian(cube)(x) * x)(x) == 12.0 * x
    assert grad(lambda x: grad(grad(cube))(x))(x) == 6.0


def test_jacobians_inside(agrees: Any) -> None:
    def f(x: Any) -> Any:
        J = jacobian(lambda v: np.sin(v) * v[0])(x)
        H = hessian(lambda v: np.sum(v**3) * v[1])(x)
        return np.sum(J * J) + np.sum(H @ jacfwd(lambda v: v * v)(x))

    agrees(f, X, order=1)


def test_the_outer_variable_is_constant_to_the_inner_derivative() -> None:
    assert grad(lambda x: x * grad(lambda y: x * y * y)(2.0))(3.0) == 2.0 * 3.0 * 4.0
    assert grad(lambda x: grad(lambda y: x + y)(x) * x)(3.0) == 1.0
    assert grad(lambda x: jvp(lambda y: x * y, (x,), (1.0,))[1] * x)(3.0) == 6.0
    assert grad(lambda x: grad(lambda x: x * x)(x) * x)(3.0) == 12.0
    assert grad(lambda x: grad(lambda y: grad(lambda z: x * y * z)(y) * y)(x))(3.0) == 4.0 * 3.0


def test_argnums_and_aux_inside() -> None:
    def g(a: float, b: float) -> Any:
        return a * a * b, {"b": b * b}

    def f(x: float) -> float:
        (da, db), aux = grad(g, argnums=(0, -1), has_aux=True)(x, 2.0 * x)
        return da * db + aux["b"]

    # da = 4 x^2, db = x^2, b^2 = 4 x^2
    assert math.isclose(grad(f)(1.5), 16.0 * 1.5**3 + 8.0 * 1.5)


def test_structures_inside() -> None:
    def energy(p: Any) -> Any:
        return p["a"] * np.sum(p["b"] ** 2)

    def f(x: Any) -> Any:
        bars = grad(energy)({"a": 2.0, "b": x})
        return np.sum(bars["b"] * x) + bars["a"]

    assert np.allclose(grad(f)(X), 8.0 * X + 2.0 * X)


def test_a_derivative_made_outside_is_composed_not_called() -> None:
    slope = grad(cube)
    gradient = grad(lambda x: slope(x) * 2.0)
    assert gradient(1.5) == 18.0
    code = [line for line in gradient.source.split("\n") if not line.strip().startswith("#")]
    assert not any("slope" in line or "cube" in line for line in code)


def test_derivatives_in_loops_and_branches(agrees: Any) -> None:
    def newton(a: float) -> float:
        x = a
        for _ in range(4):
            f = lambda v: v * v - a  # noqa: E731
            x = x - f(x) / grad(f)(x)
        return x

    assert math.isclose(newton(2.0), math.sqrt(2.0), rel_tol=1e-6)
    assert math.isclose(grad(newton)(2.0), 0.5 / math.sqrt(2.0), rel_tol=1e-4)

    def chosen(x: float) -> float:
        return grad(cube)(x) if x > 0.0 else grad(lambda v: v * v)(x)

    assert (grad(chosen)(2.0), grad(chosen)(-2.0)) == (12.0, 2.0)


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5])
def test_towers(n: int) -> None:
    f: Any = lambda x: math.sin(2.0 * x)  # noqa: E731
    for _ in range(n):
        f = grad(f)
    want = 2.0**n * math.sin(2.0 * 0.3 + n * math.pi / 2.0)
    assert math.isclose(f(0.3), want, rel_tol=1e-12)


def test_closures_are_inputs_of_the_outer_derivative() -> None:
    def f(x: float, k: float) -> float:
        return grad(lambda v: k * v * v)(x)

    assert grad(f, argnums=(0, 1))(3.0, 5.0) == (10.0, 6.0)


@pytest.mark.parametrize("x", [0.7, 2.5])
def test_the_adjoint_of_an_adjoint_of_a_loop_in_a_branch(x: float, simplification: str) -> None:
    """The tape of the loop does not exist where the branch was not taken."""

    def f(x: float, n: int) -> float:
        if x > 2.0:
            for _ in range(n):
                x = x * x
        return x * x

    want = 2.0 if x < 2.0 else 56.0 * x**6
    assert math.isclose(grad(lambda v: grad(f)(v, 2))(x), want)
    assert math.isclose(jvp(grad(f), (x, 2), (1.0, 0))[1], want)


def stirred(x: Any, v: Any) -> Any:
    """Writes into both of its arguments."""
    for _ in range(2):
        v += 0.1 * x
        x += 0.1 * v**2
    return np.sum(x)


def calm(x: Any, v: Any) -> Any:
    return stirred(x.copy(), v.copy())


def test_each_direction_starts_from_the_arguments_as_they_were_given() -> None:
    x, v = X.copy(), np.array([1.0, -2.0, 3.0])
    for made in (jacfwd, jacobian, hessian):
        for argnums in (0, 1, (0, 1)):
            got, want = made(stirred, argnums)(x, v), made(calm, argnums)(x, v)
            assert np.allclose(np.array(got), np.array(want)), (made, argnums)
    assert np.array_equal(x, X) and np.array_equal(v, [1.0, -2.0, 3.0])


def test_a_derivative_inside_writes_what_a_closure_holds_as_one_alone_does() -> None:
    d = np.array([1.0, 0.0, 0.0])

    def of_an_array(x: Any) -> Any:
        w = x * 2

        def g(u: Any) -> Any:
            w[0] = u[1]
            return np.sum(u**2 * w)

        return grad(g)(x) + w

    def with_copies(x: Any) -> Any:
        w = x * 2
        bar = grad(lambda u: np.sum(u[1:] ** 2 * w[1:]) + u[0] ** 2 * u[1])(x)
        w[0] = x[1]
        return bar + w

    assert np.allclose(of_an_array(X.copy()), with_copies(X))
    assert np.allclose(jvp(of_an_array, (X,), (d,))[0], with_copies(X))
    assert np.allclose(jacfwd(of_an_array)(X), jacfwd(with_copies)(X))
    assert np.allclose(jacobian(of_an_array)(X), jacfwd(with_copies)(X))


def test_second_derivatives_of_loops_that_break() -> None:
    """Their first derivatives make empty tapes inside of loops."""
    def f(x: Any, y: Any, n: int) -> Any:
        for _ in range(n):
            if x > x:
                break
            for _ in range(n):
                x = x * x
        return x * y

    for driver in (hessian, lambda f: jacfwd(grad(f)), lambda f: jacobian(grad(f))):
        assert driver(f)(1.1, 0.5, 0) == 0.0
        assert np.isclose(driver(f)(1.1, 0.5, 2), 0.5 * 16 * 15 * 1.1**14)


def by_items(v: Any, x: Any) -> Any:
    out = np.zeros(3)
    for i in range(3):
        w = v[i] * v[i - 1]
        out[i] = w * x[i]
    return out


def test_columns_of_columns_of_a_loop(simplification: str) -> None:
    """A name that the inner function assigns in its own loop is unbound in the first trip of the loop over columns."""

    def both(x: Any) -> Any:
        return jacrev(lambda v: by_items(v, x))(x)[1] + jacfwd(lambda v: by_items(v, x))(x)[0]

    def total(x: Any) -> Any:
        return np.sum(both(x) ** 2)

    # both(x) = x[0] x[2] + x[1] x[1] at 0, x[0] x[1] at 1, x[0] x[0] at 2
    a, b, c = X
    first = np.array([[c, 2.0 * b, a], [b, a, 0.0], [2.0 * a, 0.0, 0.0]])
    seconds = np.array([[[0, 0, 1], [0, 2, 0], [1, 0, 0]], [[0, 1, 0], [1, 0, 0], [0] * 3], [[2, 0, 0], [0] * 3, [0] * 3]])
    want = 2.0 * (first.T @ first + np.tensordot(both(X), seconds, 1))
    assert np.allclose(jacfwd(jacfwd(total))(X), want)


def test_newton_steps_with_a_jacobian_in_each(simplification: str) -> None:
    def root(x: Any) -> Any:
        y = np.ones(3)
        for _ in range(6):
            y = y - np.linalg.solve(jacfwd(lambda v: v**3 - x)(y), y**3 - x)
        return y

    x = np.array([1.5, 0.7, 2.0])
    assert np.allclose(jacfwd(root)(x), np.diag(x ** (-2 / 3) / 3))
