"""Convolution of arrays with any number of axes.

In: nothing. Out: rows for `scipy.signal.convolve` and `fftconvolve`.

    convolve(a, b)      a_bar = convolve(y_bar, flip(b), "valid")

What `mode` cuts off of the full convolution is zero in its cotangent.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.signal as ss

from wengert.ir import shapes
from wengert.rules.examples import example, normal
from wengert.rules.kinds import linear


def _full(y_bar: Any, a: Any, b: Any, mode: Any) -> Any:
    """The cotangent of the full convolution."""
    if mode == "full":
        return y_bar
    before: list[Any] = []
    after: list[Any] = []
    for n, m in zip(np.shape(a), np.shape(b)):  # noqa: B905
        first = (m - 1) // 2 if mode == "same" else min(n, m) - 1
        before = [*before, first]
        after = [*after, m - 1 - first if mode == "same" else first]
    return np.pad(y_bar, list(zip(before, after)))  # noqa: B905


def _convolve_a(y_bar: Any, y: Any, a: Any, b: Any, mode: Any = "full", method: Any = "auto") -> Any:
    if np.ndim(a) == 0:
        return y_bar * b
    return ss.convolve(_full(y_bar, a, b, mode), np.flip(b), mode="valid", method=method)


def _convolve_b(y_bar: Any, y: Any, a: Any, b: Any, mode: Any = "full", method: Any = "auto") -> Any:
    if np.ndim(b) == 0:
        return y_bar * a
    return ss.convolve(_full(y_bar, a, b, mode), np.flip(a), mode="valid", method=method)


def _fftconvolve_a(y_bar: Any, y: Any, a: Any, b: Any, mode: Any = "full") -> Any:
    if np.ndim(a) == 0:
        return y_bar * b
    return ss.fftconvolve(_full(y_bar, a, b, mode), np.flip(b), mode="valid")


def _fftconvolve_b(y_bar: Any, y: Any, a: Any, b: Any, mode: Any = "full") -> Any:
    if np.ndim(b) == 0:
        return y_bar * a
    return ss.fftconvolve(_full(y_bar, a, b, mode), np.flip(a), mode="valid")


_CALLS = [
    example(normal(5), normal(3)),
    example(normal(5), normal(2), mode="same"),
    example(normal(5), normal(3), "valid"),
    example(normal(2), normal(4), "valid"),
    example(normal(4, 5), normal(2, 3)),
    example(normal(4, 5), normal(3, 2), mode="same"),
    example(normal(2, 3), normal(3, 4), mode="same"),
    example(normal(4, 5), normal(2, 3), mode="valid"),
]

linear(
    ss.convolve,
    "in1 in2",
    vjp=(_convolve_a, _convolve_b),
    result=shapes.probe,
    accepts={"mode": ("full", "same", "valid")},
    examples=[*_CALLS, example(normal(5), normal(3), method="direct")],
)
linear(
    ss.fftconvolve,
    "in1 in2",
    vjp=(_fftconvolve_a, _fftconvolve_b),
    result=shapes.probe,
    accepts={"mode": ("full", "same", "valid")},
    examples=_CALLS,
)
