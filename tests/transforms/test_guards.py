"""Guarded products: zero where the derivative is zero, and linear in it there, at every order and in every mix of modes."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest

from wengert import grad, hessian, jacfwd, jacrev, value_and_grad
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

    with verified():
        for f, x in SCALARS[::2]:
            check(f, x, 0.0, made)
        for f, x in ARRAYS:
            check(sums(f), x, np.array([0.0, 2.0]), made)


@pytest.mark.slow
@pytest.mark.parametrize("outer, inner", MODES, ids=lambda m: m.__name__)
def test_second_derivatives_at_zero_unsimplified(outer: Any, inner: Any) -> None:
    def made(f: Any, argnums: Any) -> Any:
        return outer(inner(f, argnums), argnums)

    with unsimplified():
        for f, x in SCALARS:
            check(f, x, 0.0, made)
        for f, x in ARRAYS:
            check(sums(f), x, np.zeros(2), made)


def test_hessians_at_zero() -> None:
    for f, x in SCALARS:
        check(f, x, 0.0, hessian)
    for f, x in ARRAYS:
        check(sums(f), x, np.array([0.0, -1.5]), hessian)


TRIPLES = list(itertools.product((jacfwd, jacrev), repeat=3))
FACTORS = {
    "quotient": (quotient, 2.0 / 27.0),
    "root": (lambda x, c: c * np.sqrt(x), -0.25 * 2.0**-1.5),
    "power": (lambda x, c: c * x**2.5, 3.75 * 2.0**0.5),
    "both": (lambda x, c: c * np.sqrt(x) / (1.0 + x), -0.25 * 2**-1.5 / 3 - 2 * 0.5 * 2**-0.5 / 9 + 2 * 2**0.5 / 27),
}


@pytest.mark.parametrize("modes", TRIPLES, ids=lambda m: "-".join(d.__name__ for d in m))
@pytest.mark.parametrize("name", ["quotient", "root", *(pytest.param(n, marks=pytest.mark.slow) for n in ("power", "both"))])
def test_third_derivatives_at_a_zero_factor(name: str, modes: Any) -> None:
    """Twice by x and once by the factor c, in each order: what c is multiplied with, differentiated twice."""
    function, want = FACTORS[name]
    for of, x, c, orders in (
        (function, 2.0, 0.0, ((0, 0, 1), (0, 1, 0), (1, 0, 0))),
        (sums(function), np.array([2.0]), np.array([0.0]), ((0, 0, 1),)),
    ):
        for order in orders:
            f: Any = of
            for made, k in zip(modes, order, strict=True):
                f = made(f, k)
            assert np.isclose(np.ravel(f(x, c))[0], want), order


SERIES: dict[str, tuple[Any, tuple[float, ...]]] = {
    "log(1 + x x)": (lambda x: np.log(1.0 + x * x), (0, 2, 0, -12)),
    "x**3 / (1 + x)": (lambda x: x**3 / (1.0 + x), (0, 0, 6, -24)),
    "sqrt(1 + x x)": (lambda x: np.sqrt(1.0 + x * x), (0, 1, 0, -3)),
    "x sqrt(1 + x)": (lambda x: x * np.sqrt(1.0 + x), (1, 1, -0.75, 1.5)),
    "arcsin(x)": (lambda x: np.arcsin(x), (1, 0, 1, 0)),
    "(1 + x x)**1.5": (lambda x: (1.0 + x * x) ** 1.5, (0, 3, 0, 9)),
    "arctan2(x, 1)": (lambda x: np.arctan2(x, 1.0), (1, 0, -2, 0)),
    "x x / (1 + x) log(1 + x)": (lambda x: (x * x) / (1.0 + x) * np.log(1.0 + x), (0, 0, 6, -36)),
    "hypot(x, 1)": (lambda x: np.hypot(x, 1.0), (0, 1, 0, -3)),
    "x**3 sqrt(4 + x)": (lambda x: x**3 * (4.0 + x) ** 0.5, (0, 0, 12, 6)),
}
"""Functions with derivatives that are zero at zero, and their derivatives there of order 1 to 4."""

ORDERS = [(jacfwd,), (jacrev,), *MODES, *TRIPLES, (jacfwd,) * 4, (jacfwd, jacrev, jacfwd, jacrev)]


@pytest.mark.parametrize("name", SERIES)
def test_taylor_series_at_zero(name: str) -> None:
    function, wanted = SERIES[name]
    for modes in ORDERS:
        f: Any = function
        for made in modes:
            f = made(f)
        assert np.isclose(f(0.0), wanted[len(modes) - 1]), modes


@pytest.mark.parametrize("name", [pytest.param(n, marks=() if "log" in n else pytest.mark.slow) for n in SERIES])
def test_taylor_series_of_arrays_at_zero(name: str) -> None:
    function, wanted = SERIES[name]
    for modes in (*MODES, *TRIPLES[1::3]):
        f: Any = lambda x: np.sum(function(x))  # noqa: E731
        for made in modes:
            f = made(f)
        got = f(np.array([0.0, 0.5]))
        assert np.isclose(got[(0,) * len(modes)], wanted[len(modes) - 1]), modes


def test_third_derivatives_through_loops() -> None:
    def f(x: Any, c: Any) -> Any:
        y = c
        for k in range(3):
            y = y * np.sqrt(x + k) / (1.0 + y)
        return y

    for modes in TRIPLES[::3]:
        g: Any = f
        for made in modes:
            g = made(g, 1)
        step = 1e-3
        second = [jacfwd(jacfwd(f, 1), 1)(0.7, d) for d in (-step, step)]
        assert np.isclose(g(0.7, 0.0), (second[1] - second[0]) / (2 * step), rtol=1e-3), modes


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


def test_powers_of_zero() -> None:
    """(c x)^2 + c x^c at c = 0: derivatives by c of x^c meet log x, by x those of powers below 0."""
    got = jacfwd(jacrev(power, (0, 1)), (0, 1))(0.7, 0.0)
    log = np.log(0.7)
    assert np.allclose(np.array(got, dtype=float), [[0.0, 0.0], [0.0, 2 * 0.49 + 2 * log]], atol=1e-12)


def truncated(v: Any) -> Any:
    """A square root process with full truncation (Lord, Koekkoek and van Dijk, 2010)."""
    for _ in range(3):
        v = v + 0.1 * (0.04 - np.maximum(v, 0.0)) - 0.3 * np.sqrt(np.maximum(v, 0.0)) * np.array([1.0, -1.0])
    return v


def truncated_number(v: Any) -> Any:
    for _ in range(3):
        v = v + 0.1 * (0.04 - max(v, 0.0)) - 0.3 * math.sqrt(max(v, 0.0))
    return v


CHOICES = {
    "maximum": (lambda v: np.sqrt(np.maximum(v, 0.0)), -1.0, 0.0),
    "clip": (lambda v: np.log(np.clip(v, 0.0, 5.0)), 6.0, 0.0),
    "clip below": (lambda v: np.sqrt(np.clip(v, 0.0, 5.0)), -6.0, 0.0),
    "a mask of a number": (lambda v: np.sqrt((v > 0.0) * v), -1.0, 0.0),
    "a number": (truncated_number, 0.01, -0.6),
    "arrays": (lambda v: np.sqrt(np.maximum(v, 0.0)), np.array([-1.0, 4.0]), np.diag([0.0, 0.25])),
    "a mask": (lambda v: np.sqrt((v > 0.0) * v), np.array([-1.0, 4.0]), np.diag([0.0, 0.25])),
    "a loop": (truncated, np.array([0.01, -0.3]), np.diag([-0.6, 1.0])),
}


@pytest.mark.filterwarnings("ignore:divide by zero")
@pytest.mark.parametrize("name", CHOICES)
def test_what_was_not_chosen_has_no_derivative_though_it_may_be_infinite(name: str) -> None:
    function, x, want = CHOICES[name]
    for context in (verified, unsimplified):
        with context():
            for made in (jacfwd, jacrev):
                assert np.allclose(made(function)(x), want, atol=1e-12), made


FLAT: dict[str, Any] = {
    "a norm of fourth powers": (lambda v: np.sqrt(np.sum(v**4)), np.zeros(2)),
    "a norm": (lambda v: np.sum(v**2) ** 0.5, np.zeros(2)),
    "a sum of roots": (lambda v: np.sum(np.sqrt(v * v)), np.array([0.0, 0.0])),
    "a square of a root": (lambda v: np.sum(np.sqrt(v) ** 2), np.zeros(2)),
    "numbers": (lambda x: math.sqrt(x * x), 0.0),
    "an arc": (lambda x: math.asin(1.0 - x * x), 0.0),
    "a branch": (lambda x: np.sqrt(x * x) if x < 1.0 else np.sqrt(x), 0.0),
}


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("name", FLAT)
def test_where_a_root_of_zero_does_not_move_both_modes_give_zero(name: str) -> None:
    function, x = FLAT[name]
    for context in (verified, unsimplified):
        with context():
            for made in (jacfwd, jacrev):
                assert np.array_equal(np.array(made(function)(x)), np.zeros(np.shape(x))), made


SELECTED = {
    "where": lambda v: np.sum(np.where(v > 0.0, np.sqrt(v), 0.0)),
    "a logarithm": lambda v: np.sum(np.where(v > 0.0, np.log(v + (v == 0.0)), 0.0)),
    "an index": lambda v: np.sum(np.sqrt(v)[1:]),
    "reciprocals": lambda v: np.sum(_reciprocals(np.sqrt(v**2))),
}


def _reciprocals(v: Any) -> Any:
    v[v > 0.0] = 1.0 / v[v > 0.0]
    return v


@pytest.mark.parametrize("name", SELECTED)
def test_what_a_selection_leaves_out_does_not_warn(name: str) -> None:
    with np.errstate(all="raise"):
        for made in (jacfwd, jacrev):
            assert np.all(np.isfinite(made(SELECTED[name])(np.array([0.0, 1.0, 2.0]))))


def twice_truncated(k: Any) -> Any:
    v = np.sqrt(np.maximum(k, 0.0)) - 3.0
    return np.sqrt(np.maximum(v, 0.0))


def truncated_variance(k: Any) -> Any:
    """One step of Heston's model in which the variance may fall below zero."""
    v = np.array([0.04 - k, 0.04])
    w = v + k * np.maximum(v, 0.0)
    return np.sum(np.sqrt(np.maximum(w, 0.0)))


def second_of_two(x: Any) -> Any:
    u = x * x
    return np.sum(np.sqrt(np.array([u, u + 1.0]))[1:])


ABOVE_ROOTS: dict[str, tuple[Any, Any, Any]] = {
    "a root of what a root leaves": (twice_truncated, 1.5, 0.0),
    "a variance": (truncated_variance, 1.5, -0.012649110640673517),
    "a fourth power": (lambda x: np.sqrt(x**4), 0.0, 0.0),
    "a number times zero": (lambda x: np.sqrt((0.0 * x) ** 2), 1.0, 0.0),
    "what an index leaves out": (second_of_two, 0.0, 1.0),
    "a sum of fourth powers": (lambda v: np.sqrt(np.sum(v**4)), np.zeros(2), np.zeros((2, 2))),
    "a logarithm that is not asked for": (lambda v: np.sum(np.log(v)[1:]), np.array([0.0, 2.0]), np.diag([0.0, -0.25])),
    "a norm": (lambda v: np.sqrt(np.sum(v * v)), np.zeros(2), np.diag([np.inf, np.inf])),
}
"""Programs whose roots are zero, and their second derivatives there."""


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("name", ABOVE_ROOTS)
def test_second_derivatives_where_a_root_is_zero(name: str) -> None:
    """What the first transform made of the root is infinite; zero times that is zero in each mix of modes."""
    function, x, want = ABOVE_ROOTS[name]
    for outer, inner in MODES:
        assert np.array_equal(outer(inner(function))(x), want) or np.allclose(outer(inner(function))(x), want), (outer, inner)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("name", ABOVE_ROOTS)
def test_second_derivatives_where_a_root_is_zero_unsimplified(name: str) -> None:
    with unsimplified():
        test_second_derivatives_where_a_root_is_zero(name)
