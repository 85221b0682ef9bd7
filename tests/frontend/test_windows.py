"""Names that are another view of one array in every trip, and are written through."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from wengert import UnsupportedError, grad, jvp

X = np.linspace(0.3, 1.9, 8)


def shorter(x: Any) -> Any:
    y = x.copy()
    view = y
    while len(view) > 1:
        n = len(view)
        view[: n // 2] *= 2.0
        view[n // 2 :] += view[: n // 2] ** 2
        view = view[: n // 2]
    return np.sum(y * y)


def every_second(x: Any) -> Any:
    y = x * x
    smooth = y
    while len(smooth) > 1:
        even, odd = smooth[::2], smooth[1::2]
        odd -= even
        even += 0.5 * odd
        smooth = even
    return np.sum(y * y) * smooth[0]


def rows(x: Any) -> Any:
    A = np.outer(x, x[:3])
    below = A[1:]
    for _ in range(3):
        below[0] *= A[0]
        below += 1.0
        below = below[1:]
    A[0] = 0.5
    return np.sum(A * A)


def after_the_loop(x: Any) -> Any:
    y = x * 2
    v = y[2:]
    for k in range(2):
        v[0] = x[k] ** 2
        v = v[1:-1]
    v *= 3.0
    y[4] += v[1]
    return np.sum(y * y) + np.sum(v)


def two_names(x: Any) -> Any:
    y = x.copy()
    a, b = y, y[::-1]
    for _ in range(3):
        a[0] += b[0] * b[1]
        b *= 1.1
        a, b = a[1:], b[1:]
    return np.sum(y * y)


def longer(x: Any) -> Any:
    y = np.zeros(8)
    v = y[:1]
    for k in range(1, 8):
        v[-1] = x[k] ** 2 + np.sum(v)
        v = y[: k + 1]
    return np.sum(y * y)


@pytest.mark.parametrize("f", [shorter, every_second, rows, after_the_loop, two_names, longer], ids=lambda f: f.__name__)
def test_both_modes(f: Callable[..., Any], agrees: Callable[..., None]) -> None:
    agrees(f, X)


def test_second_order() -> None:
    along, h = np.cos(X), 1e-5
    dot = jvp(grad(every_second), (X,), (along,))[1]
    numeric = (grad(every_second)(X + h * along) - grad(every_second)(X - h * along)) / (2 * h)
    assert np.allclose(dot, numeric, rtol=1e-6, atol=1e-6)


@pytest.mark.usefixtures("any_length")
def test_another_array_is_refused() -> None:
    def f(x: Any) -> Any:
        y = x.copy()
        v = y
        for _ in range(3):
            v[0] *= 2
            v = v[1:] * 1.5
        return np.sum(y) * v[0]

    with pytest.raises(UnsupportedError, match="may share memory"):
        grad(f)(X)
