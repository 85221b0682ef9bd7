"""Guarded products: zero where the derivative is zero, and linear in it there, at every order and in every mix of modes."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from wengert import UnsupportedError, grad, hessian, jacfwd, jacrev, value_and_grad
from wengert.testing import unsimplified, verified

MODES = list(itertools.product((jacfwd, jacrev), repeat=2))
STEP = 1e-6


def quotient(x, c):
    return c * (1.0 / (1.0 + x))


def root(x, c):
    return c * x**1.5 + c * np.sqrt(x)


def logarithm(x, c):
    return c * np.log(x) * c + c / x


def arcsine(x, c):
    return c * np.arcsin(x) * np.log(x + 1.0)


def power(x, c):
    return (c * x) ** 2 + c * x**c


def branch(x, c):
    y = c * np.sqrt(x)
    if x > 10.0:
        y = c * np.log(x)
    return y * x


def sums(f):
    return lambda x, c: np.sum(f(x, c))


SCALARS = [(f, x) for f in (quotient, root, logarithm, arcsine, branch) for x in (0.3, 0.7)]
ARRAYS = [(f, np.array([0.3, 0.7])) for f in (quotient, root, logarithm, arcsine)]


def differences(f: Any, x: Any, c: Any) -> tuple[Any, Any, Any]:
    """The second derivatives by central differences of the gradient, at which nothing is zero by the way it is made."""
    def first(k: int, dx: float, dc: float) -> Any:
        return grad(f, (0, 1))(x + dx, c + dc)[k]

    xx = (first(0, STEP, 0.0) - first(0, -STEP, 0.0)) / (2 * STEP)
    xc = (first(0, 0.0, STEP) - first(0, 0.0, -STEP)) / (2 * STEP)
    cc = (first(1, 0.0, STEP) - first(1, 0.0, -STEP)) / (2 * STEP)
    return xx, xc, cc


def diagonal(h: Any) -> Any:
    return np.diagonal(h) if np.ndim(h) == 2 else h


def check(f: Any, x: Any, c: Any, made: Any) -> None:
    xx, xc, cc = differences(f, x, c)
    h = made(f, (0, 1))(x, c)
    for got, want in ((h[0][0], xx), (h[0][1], xc), (h[1][0], xc), (h[1][1], cc)):
        assert np.allclose(diagonal(got), want, rtol=1e-5, atol=1e-6), (f, made)


@pytest.mark.parametrize("outer, inner", MODES, ids=lambda m: m.__name__)
def test_second_derivatives_at_zero(outer: Any, inner: Any) -> None:
    def made(f: Any, argnums: Any) -> Any:
        return outer(inner(f, argnums), argnums)

    for context in (verified, unsimplified):
        with context():
            for f, x in SCALARS:
                check(f, x, 0.0, made)
            for f, x in ARRAYS:
                check(sums(f), x, np.zeros(2), made)
                check(sums(f), x, np.array([0.0, 2.0]), made)


def test_hessians_at_zero() -> None:
    for f, x in SCALARS:
        check(f, x, 0.0, hessian)
    for f, x in ARRAYS:
        check(sums(f), x, np.array([0.0, -1.5]), hessian)


@pytest.mark.parametrize("modes", itertools.product((jacfwd, jacrev), repeat=3), ids=lambda m: "-".join(d.__name__ for d in m))
def test_third_derivatives_at_zero(modes: Any) -> None:
    """c / (1 + x) has the derivative 2 / (1 + x)^3 by x, x and c, whatever c is."""
    for order in ((0, 0, 1), (0, 1, 0), (1, 0, 0)):
        f: Any = quotient
        for made, k in zip(modes, order, strict=True):
            f = made(f, k)
        assert np.isclose(f(2.0, 0.0), 2.0 / 27.0)


@pytest.mark.parametrize("modes", itertools.product((jacfwd, jacrev), repeat=3), ids=lambda m: "-".join(d.__name__ for d in m))
def test_third_derivatives_at_zero_of_what_was_derived_by_the_factor(modes: Any) -> None:
    for order in ((0, 1, 0), (1, 0, 0)):
        f: Any = lambda x, c: c * np.sqrt(x)  # noqa: E731
        for made, k in zip(modes, order, strict=True):
            f = made(f, k)
        assert np.isclose(f(2.0, 0.0), -0.25 * 2.0**-1.5)


def test_zero_stays_zero_where_the_factor_is_infinite() -> None:
    """What is guarded is zero, not nan, where nothing depends on it."""
    x = np.array([0.0, 4.0])
    c = np.array([0.0, 3.0])
    value, (gx, gc) = value_and_grad(sums(lambda x, c: c * np.sqrt(x)), (0, 1))(x, c)
    assert value == 6.0
    assert np.array_equal(gx, [0.0, 0.75]) and np.array_equal(gc, [0.0, 2.0])
    for made in (jacfwd, jacrev):
        assert np.array_equal(made(lambda x: np.sum(np.where(x > 1.0, np.sqrt(x), 0.0)))(x), [0.0, 0.25])


def test_a_choice_of_the_user_is_no_guard() -> None:
    """`where(c != 0, c * p, 0)` as it is written has the derivative of the branch that is taken."""
    def f(x: Any, c: Any) -> Any:
        return np.where(c != 0.0, c * np.sqrt(x), 0.0)

    for outer, inner in MODES:
        assert outer(inner(f, 0), 1)(2.0, 0.0) == 0.0
        assert np.isclose(outer(inner(f, 0), 1)(2.0, 1.0), 0.5 / np.sqrt(2.0))


def test_guards_in_loops_and_branches() -> None:
    def f(x: Any, c: Any) -> Any:
        total = 0.0
        for k in range(3):
            y = c * np.sqrt(x + k)
            if k > 0:
                y = y * c / (x + k)
            total = total + y
        return total

    for outer, inner in MODES:
        check(f, 0.7, 0.0, lambda f, k, outer=outer, inner=inner: outer(inner(f, k), k))


def test_what_is_refused_names_the_place() -> None:
    try:
        got = jacfwd(jacrev(power, (0, 1)), (0, 1))(0.7, 0.0)
    except UnsupportedError as error:
        assert "at zero is not supported" in str(error) and "move the point away from zero" in str(error)
    else:
        assert np.isfinite(np.array([[float(v) for v in row] for row in got])).all()
