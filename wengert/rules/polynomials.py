"""Polynomials by their coefficients, the highest power first.

In: nothing. Out: rows for `np.polyval`, `np.polyder`, `np.polyint`, `np.polyadd`, `np.polysub`, `np.polyfit`, `np.vander`.

    np.polyval(p, x)      slopes the powers of x, and the value of the derivative's polynomial
"""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.ir import shapes
from wengert.rules.examples import example, normal
from wengert.rules.kinds import linear, structural
from wengert.rules.static import axes


def _powers(x: Any, count: Any) -> Any:
    return np.expand_dims(x, -1) ** np.arange(count - 1, -1, -1)


def _polyval_p_jvp(p_dot: Any, y: Any, p: Any, x: Any) -> Any:
    return np.polyval(p_dot, x)


def _polyval_p_vjp(y_bar: Any, y: Any, p: Any, x: Any) -> Any:
    whole = np.expand_dims(y_bar, -1) * _powers(x, np.shape(p)[0])
    return np.sum(whole, axis=axes(0, np.ndim(x))) if np.ndim(x) > 0 else whole


def _polyval_x_jvp(x_dot: Any, y: Any, p: Any, x: Any) -> Any:
    return np.polyval(np.polyder(p), x) * x_dot


def _polyval_x_vjp(y_bar: Any, y: Any, p: Any, x: Any) -> Any:
    return np.polyval(np.polyder(p), x) * y_bar


def _polyder_vjp(y_bar: Any, y: Any, p: Any, m: Any = 1) -> Any:
    bar = y_bar
    for _ in range(m):
        n = np.shape(bar)[0]
        bar = np.concatenate([bar * np.arange(n, 0, -1), np.zeros(1)])
    return bar[: np.shape(p)[0]]


def _polyint_vjp(y_bar: Any, y: Any, p: Any, m: Any = 1) -> Any:
    bar = y_bar
    for _ in range(m):
        n = np.shape(bar)[0] - 1
        bar = bar[:-1] / np.arange(n, 0, -1)
    return bar


def _fitted(p: Any, count: Any) -> Any:
    """A shorter array of coefficients with zeros for the higher powers."""
    return np.concatenate([np.zeros(count - np.shape(p)[0]), p])


def _add_jvp(d: Any, y: Any, a: Any, b: Any) -> Any:
    return _fitted(d, np.shape(y)[0])


def _subtract_jvp(d: Any, y: Any, a: Any, b: Any) -> Any:
    return -_fitted(d, np.shape(y)[0])


def _add_a(y_bar: Any, y: Any, a: Any, b: Any) -> Any:
    return y_bar[np.shape(y)[0] - np.shape(a)[0] :]


def _add_b(y_bar: Any, y: Any, a: Any, b: Any) -> Any:
    return y_bar[np.shape(y)[0] - np.shape(b)[0] :]


def _subtract_b(y_bar: Any, y: Any, a: Any, b: Any) -> Any:
    return -y_bar[np.shape(y)[0] - np.shape(b)[0] :]


# Powers of points, and fitting by least squares


def _vander_slope(x: Any, n: Any, increasing: Any) -> Any:
    powers = np.arange(n) if increasing else np.arange(n - 1, -1, -1)
    return powers * np.expand_dims(x, -1) ** np.maximum(powers - 1, 0)


def _vander_jvp(x_dot: Any, y: Any, x: Any, N: Any = None, increasing: Any = False) -> Any:
    return np.expand_dims(x_dot, -1) * _vander_slope(x, np.shape(y)[1], increasing)


def _vander_vjp(y_bar: Any, y: Any, x: Any, N: Any = None, increasing: Any = False) -> Any:
    return np.sum(y_bar * _vander_slope(x, np.shape(y)[1], increasing), axis=-1)


def _columns(values: Any) -> Any:
    return np.expand_dims(values, -1) if np.ndim(values) == 1 else values


def _polyfit_y_jvp(v_dot: Any, y: Any, x: Any, values: Any, deg: Any) -> Any:
    return np.polyfit(x, v_dot, deg)


def _polyfit_y_vjp(y_bar: Any, y: Any, x: Any, values: Any, deg: Any) -> Any:
    return np.transpose(np.linalg.pinv(np.vander(x, deg + 1))) @ y_bar


def _polyfit_x_jvp(x_dot: Any, y: Any, x: Any, values: Any, deg: Any) -> Any:
    v, p = np.vander(x, deg + 1), _columns(y)
    inverse = np.linalg.pinv(v)
    moved = np.expand_dims(x_dot, -1) * _vander_slope(x, deg + 1, False)
    rest = np.transpose(moved) @ (_columns(values) - v @ p)
    return np.reshape(inverse @ (np.transpose(inverse) @ rest - moved @ p), np.shape(y))


def _polyfit_x_vjp(y_bar: Any, y: Any, x: Any, values: Any, deg: Any) -> Any:
    v, p = np.vander(x, deg + 1), _columns(y)
    back = np.transpose(np.linalg.pinv(v)) @ _columns(y_bar)
    bar = (_columns(values) - v @ p) @ np.transpose(np.linalg.pinv(v) @ back) - back @ np.transpose(p)
    return np.sum(bar * _vander_slope(x, deg + 1, False), axis=-1)


structural(
    np.polyval,
    "p x",
    jvp=(_polyval_p_jvp, _polyval_x_jvp),
    vjp=(_polyval_p_vjp, _polyval_x_vjp),
    result=shapes.probe,
    examples=[example(normal(4), normal(3)), example(normal(4), normal()), example(normal(3), normal(2, 3))],
)
linear(
    np.polyder,
    "p",
    vjp=(_polyder_vjp,),
    result=shapes.probe,
    examples=[example(normal(4)), example(normal(4), 2), example(normal(5), m=3)],
)
linear(
    np.polyint, "p", vjp=(_polyint_vjp,), result=shapes.probe, examples=[example(normal(4)), example(normal(4), 2)]
)
_PAIRS = (example(normal(4), normal(2)), example(normal(2), normal(4)), example(normal(3), normal(3)))
structural(
    np.polyadd, "a b", jvp=(_add_jvp, _add_jvp), vjp=(_add_a, _add_b), result=shapes.probe, examples=_PAIRS
)
structural(
    np.polysub, "a b", jvp=(_add_jvp, _subtract_jvp), vjp=(_add_a, _subtract_b), result=shapes.probe, examples=_PAIRS
)
structural(
    np.vander,
    "x",
    jvp=(_vander_jvp,),
    vjp=(_vander_vjp,),
    result=shapes.probe,
    examples=[example(normal(3)), example(normal(3), 4), example(normal(4), N=3, increasing=True)],
)
structural(
    np.polyfit,
    "x values",
    jvp=(_polyfit_x_jvp, _polyfit_y_jvp),
    vjp=(_polyfit_x_vjp, _polyfit_y_vjp),
    result=shapes.nothing,
    examples=[example(normal(6), normal(6), 2), example(normal(6), normal(6, 2), 1), example(normal(5), normal(5), deg=3)],
)
