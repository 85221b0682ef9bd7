"""Names of one of two places: a store through them goes into the one that the test chose, and is seen through the other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from wengert import UnsupportedError, grad, jvp

X = np.array([0.7, 1.3, -0.4, 2.1])


def chosen(x: Any, n: int) -> Any:
    a, b = x.copy(), x * 2
    c = a if n > 0 else b
    c[0] = x[1] ** 2
    c += 1.0
    a[1] = c[0] * b[0]
    c[2] *= c[1]
    b[3] = c[3]
    return np.sum(a * b * c)


def rows(x: Any, n: int) -> Any:
    A = np.outer(x, x)
    r = A[0] if n > 0 else A[1]
    r *= 2.0
    r[1] = A[2, 2] ** 2
    A[0] += r
    return np.sum(A * A)


def item_of_two(x: Any, n: int) -> Any:
    buffers = [x.copy(), np.zeros(4)]
    for t in range(n + 3):
        a, b = buffers[t % 2], buffers[(t + 1) % 2]
        b[1:-1] = a[1:-1] + 0.1 * a[2:] * a[:-2]
        b[0] += a[0]
    return np.sum(buffers[0] * buffers[1])


def item_of_three(x: Any, n: int) -> Any:
    buffers = [x.copy(), x * 2, x * 3]
    for t in range(n + 3):
        b = buffers[t % 3]
        b[1:] += buffers[(t + 1) % 3][:-1] * x[1:]
        buffers[(t + 2) % 3][0] = b[1]
    return np.sum(buffers[0] * buffers[1] + buffers[2])


def statements(x: Any, n: int) -> Any:
    a, b = x.copy(), np.ones(4)
    for t in range(n + 3):
        if t % 2 == 0:
            source, target = a, b
        else:
            source, target = b, a
        target[1:-1] = source[1:-1] + 0.1 * source[2:] * source[:-2]
        np.multiply(source, 0.5, out=target[:1].repeat(4))
        np.add(source, target, out=source)
    return np.sum(a * b)


def returned(x: Any, n: int) -> Any:
    a, b = x.copy(), x * 2

    def pick(k: int) -> Any:
        if k > 1:
            return a
        return b

    p, q = pick(n), pick(n + 1)
    p[0] = x[3] ** 2
    q[1] = p[0] * q[2]
    return np.sum(a * b)


def fill(target: Any, source: Any) -> None:
    target[1:] = source[:-1] * source[1:]
    target *= 2


def handed_on(x: Any, n: int) -> Any:
    a, b = x.copy(), np.ones(4)
    for t in range(n + 2):
        fill(b if t % 2 == 0 else a, a if t % 2 == 0 else b)
    return np.sum(a + b)


def without_axes(x: Any, n: int) -> Any:
    s, t = np.zeros(()), np.array(x[0])
    for v in x:
        s += v * t
        t[...] = s * x[n]
    s[()] = s * t
    s[s > 1e3] = 0.0
    return s * s


CASES = [chosen, rows, item_of_two, item_of_three, statements, returned, handed_on, without_axes]


@pytest.mark.parametrize("n", [0, 1])
@pytest.mark.parametrize("f", CASES, ids=lambda f: f.__name__)
def test_both_modes(f: Callable[..., Any], n: int, agrees: Callable[..., None]) -> None:
    agrees(f, X, n)


@pytest.mark.parametrize("f", [item_of_two, without_axes], ids=lambda f: f.__name__)
def test_second_order(f: Callable[..., Any]) -> None:
    along, h = np.cos(X), 1e-5
    dot = jvp(grad(f), (X, 1), (along, 0))[1]
    assert np.allclose(dot, (grad(f)(X + h * along, 1) - grad(f)(X - h * along, 1)) / (2 * h), rtol=1e-6, atol=1e-7)


@pytest.mark.usefixtures("any_length")
def test_what_moves_from_trip_to_trip_is_refused() -> None:
    def f(x: Any, n: int) -> Any:
        a, b = x.copy(), x * 2
        c = a
        for _ in range(n):
            c[0] += x[1] * c[1]
            c = b if c[0] > 0 else a
        return np.sum(c * c)

    with pytest.raises(UnsupportedError, match="may share memory"):
        grad(f)(X, 2)


# --- names that a path leaves unbound ----------------------------------------------------------------------------------------


def after_a_branch(x: float) -> float:
    if x > 0:
        y = x * 2.0
    return x + y


def after_a_loop(x: float) -> float:
    for i in range(int(x)):
        y = x * i
    return x - y


def in_a_list(x: float) -> float:
    if x > 0:
        y = [x, x]
    return x + y[0]


def increased(x: float) -> float:
    if x > 0:
        y = x
    y += x
    return y


@pytest.mark.parametrize("f", [after_a_branch, after_a_loop, in_a_list, increased], ids=lambda f: f.__name__)
def test_python_raises_where_no_derivative_reads_the_name(f: Callable[[float], float]) -> None:
    for call in (f, grad(f), lambda x: jvp(f, (x,), (1.0,))):
        with pytest.raises(UnboundLocalError):
            call(-1.0)
    assert np.isclose(grad(f)(2.5), (f(2.5 + 1e-6) - f(2.5 - 1e-6)) / 2e-6)
