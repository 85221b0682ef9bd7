"""The Bessel function of order 0 and the window that is made of it.

In: nothing. Out: rows for `np.i0` and `np.kaiser`.

    np.i0(x)      slope I1(x), the mean of exp(x cos t) cos t over all angles t

The sum over equal steps is exact to rounding as long as I0 does not overflow: what it leaves out are Bessel functions of orders
from 255 on.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from wengert.rules.examples import REAL, example, normal, positive
from wengert.rules.kinds import elementwise, structural
from wengert.rules.typings import named

_STEPS = 128


def _i1(x: Any) -> Any:
    """The Bessel function of order 1, by the trapezoidal rule."""
    cosines = np.cos(np.linspace(0.0, math.pi, _STEPS + 1))
    values = np.exp(np.expand_dims(x, -1) * cosines) * cosines
    ends = 0.5 * (values[..., 0] + values[..., -1])
    return (ends + np.sum(values[..., 1:-1], axis=-1)) / _STEPS


def _i0_slope(x: Any, y: Any) -> Any:
    return _i1(x)


def _kaiser_slope(y: Any, M: Any, beta: Any) -> Any:
    if M <= 1:
        return np.zeros_like(y)
    half = (M - 1) / 2.0
    root = np.sqrt(np.maximum(1.0 - ((np.arange(M) - half) / half) ** 2, 0.0))
    return (_i1(beta * root) * root - y * _i1(beta)) / np.i0(beta)


def _kaiser_jvp(d: Any, y: Any, M: Any, beta: Any) -> Any:
    return _kaiser_slope(y, M, beta) * d


def _kaiser_vjp(y_bar: Any, y: Any, M: Any, beta: Any) -> Any:
    return np.sum(_kaiser_slope(y, M, beta) * y_bar)


elementwise(np.i0, "x", _i0_slope, domain=REAL, examples=[example(np.array([0.0, 7.5, -30.0]))])
structural(
    np.kaiser,
    "M beta",
    jvp=(None, _kaiser_jvp),
    vjp=(None, _kaiser_vjp),
    result=named,
    examples=[example(5, positive()), example(6, normal()), example(1, positive())],
)
