"""Sorting.

In: nothing. Out: rows for `np.sort`, `np.sort_complex` and `np.partition`; constant ones for the places of sorted entries.

    np.sort(x)      the tangents in the order of the entries
"""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.ir import shapes
from wengert.rules.examples import example, normal
from wengert.rules.kinds import constant, holds_complex, holomorphic, structural
from wengert.rules.moving import numbered, returned


def _sort_jvp(x_dot: Any, y: Any, x: Any, axis: Any = -1, kind: Any = None, stable: Any = None) -> Any:
    if axis is None:
        return np.reshape(x_dot, -1)[np.argsort(x, axis=None)]
    return np.take_along_axis(x_dot, np.argsort(x, axis=axis), axis)


def _put_back(y_bar: Any, order: Any, x: Any, axis: Any) -> Any:
    """The cotangent of `x`, whose entries were taken in this order."""
    if axis is None or np.ndim(x) == 1:
        return returned(y_bar, order, x)
    return returned(y_bar, np.take_along_axis(numbered(x), order, axis), x)


def _sort_vjp(y_bar: Any, y: Any, x: Any, axis: Any = -1, kind: Any = None, stable: Any = None) -> Any:
    return _put_back(y_bar, np.argsort(x, axis=axis), x, axis)


def _partition_jvp(x_dot: Any, y: Any, x: Any, kth: Any, axis: Any = -1, kind: Any = None) -> Any:
    if axis is None:
        return np.reshape(x_dot, -1)[np.argpartition(x, kth, axis=None)]
    return np.take_along_axis(x_dot, np.argpartition(x, kth, axis=axis), axis)


def _partition_vjp(y_bar: Any, y: Any, x: Any, kth: Any, axis: Any = -1, kind: Any = None) -> Any:
    return _put_back(y_bar, np.argpartition(x, kth, axis=axis), x, axis)


def _sort_complex_jvp(x_dot: Any, y: Any, x: Any) -> Any:
    return np.take_along_axis(x_dot, np.argsort(x, axis=-1), -1) + 0j


def _sort_complex_vjp(y_bar: Any, y: Any, x: Any) -> Any:
    bar = y_bar if holds_complex(x) else np.real(y_bar)
    return _put_back(bar, np.argsort(x, axis=-1), x, -1)


_SORTED = (
    example(normal(5)),
    example(normal(3, 4)),
    example(normal(3, 4), axis=0),
    example(normal(3, 4), axis=None),
    example(normal(5), kind="stable"),
)
_PARTED = (
    example(normal(5), 2),
    example(normal(3, 4), 1),
    example(normal(3, 4), (0, 2), axis=0),
    example(normal(3, 4), -1, axis=None),
)

structural(np.sort, "x", jvp=(_sort_jvp,), vjp=(_sort_vjp,), result=shapes.probe, examples=_SORTED)
structural(np.partition, "x", jvp=(_partition_jvp,), vjp=(_partition_vjp,), result=shapes.probe, examples=_PARTED)

structural(
    np.sort_complex,
    "x",
    jvp=(_sort_complex_jvp,),
    vjp=(_sort_complex_vjp,),
    result=shapes.probe,
    aliases={"a": "x"},
    examples=[example(normal(4)), example(normal(2, 3))],
)
holomorphic(np.sort_complex)
constant(np.argsort, result=shapes.probe, examples=[example(normal(5)), example(normal(3, 4), axis=0)])
constant(np.argpartition, result=shapes.probe, examples=[example(normal(5), 2), example(normal(3, 4), 1, axis=0)])
constant(np.searchsorted, result=shapes.probe, examples=[example(np.arange(5.0), normal(3))])
constant(np.lexsort, result=shapes.probe, examples=[example(normal(2, 5))])
constant(np.digitize, result=shapes.probe, examples=[example(normal(3), np.arange(5.0))])
