"""A `return` inside a loop of an array that the loop writes in place: the result is that array, and nothing else writes it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from wengert import jvp, vjp

A = np.array([[2.0, 0.3], [0.1, 1.0]])
B = np.array([1.0, 2.0])


def relax(a: Any, b: Any) -> Any:
    x = np.zeros_like(b)
    while True:
        r = b - a @ x
        if r @ r < 1e-3:
            return x
        x += 0.3 * r


def one_of_two(a: Any, b: Any) -> Any:
    x, y = b.copy(), np.zeros_like(b)
    for _ in range(8):
        if x[0] > 3:
            return x
        y += x * a[0]
        if y[1] > 2:
            return y
        x *= 1.3
    return x * y


def of_two_loops(a: Any, b: Any) -> Any:
    x = b.copy()
    for _ in range(3):
        for _ in range(3):
            x += a[0] * 0.5
            if x[0] > 3.2:
                return x
            x[1] *= 1.1
        x *= 1.1
    return x[::-1]


def approach(a: Any, b: Any, x: Any) -> Any:
    for _ in range(30):
        r = b - a @ x
        if r @ r < 1e-3:
            return x
        x += 0.3 * r
    return x


def that_a_caller_writes(a: Any, b: Any) -> Any:
    z = np.zeros(2)
    s = approach(a, b, z)
    s *= 2.0
    return z * s


def that_a_caller_keeps(a: Any, b: Any) -> Any:
    z, found = b * 0.1, []
    for m in range(3):
        s = approach(a, b + m, z)
        found.append(s.copy())
        z[0] = 0.0
    return np.array(found) * s


def of_a_view(a: Any, b: Any) -> Any:
    x = b.copy()
    for _ in range(6):
        row = x[1:]
        row += a[0, 0]
        if row[0] > 4.1:
            return row
    return x


def with_finally(a: Any, b: Any) -> Any:
    x = b.copy()
    try:
        for _ in range(6):
            x += a[0]
            if x[0] > 4:
                return x
    finally:
        x *= 2
    return x


def of_names_that_take_turns(a: Any, b: Any) -> Any:
    u, v = b.copy(), np.zeros(2)
    for _ in range(6):
        v[:] = a @ u
        if v[0] > 4:
            return v
        u, v = v, u
    return u


@pytest.mark.parametrize(
    "f", [relax, one_of_two, of_two_loops, that_a_caller_writes, that_a_caller_keeps, of_a_view, with_finally,
          of_names_that_take_turns]
)  # fmt: skip
def test_an_array_returned_from_the_loop_that_writes_it(f: Callable[..., Any]) -> None:
    rng = np.random.default_rng(3)
    da, db, h = rng.normal(size=(2, 2)), rng.normal(size=2), 1e-6
    slope = (f(A + h * da, B + h * db) - f(A - h * da, B - h * db)) / (2 * h)
    value, tangent = jvp(f, (A, B), (da, db))
    np.testing.assert_allclose(value, f(A, B), rtol=1e-13)
    np.testing.assert_allclose(tangent, slope, rtol=1e-6, atol=1e-7)
    value, pullback = vjp(f, A, B)
    np.testing.assert_allclose(value, f(A, B), rtol=1e-13)
    bar = rng.normal(size=value.shape)
    a_bar, b_bar = pullback(bar)
    np.testing.assert_allclose(np.vdot(a_bar, da) + np.vdot(b_bar, db), np.vdot(bar, tangent), rtol=1e-12)
