"""Joining arrays.

In: nothing. Out: rows for `np.concatenate`, `np.stack`, `np.hstack`, `np.vstack` and `np.column_stack`, all linear.

    np.concatenate([a, b])      the cotangents are slices of y_bar, one for each item
"""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.ir import shapes
from wengert.rules.examples import example, normal
from wengert.rules.kinds import linear


def _part(y_bar: Any, start: Any, stop: Any, axis: Any) -> Any:
    """`y_bar[start:stop]` along `axis`."""
    if axis == 0:
        return y_bar[start:stop]
    if axis == 1:
        return y_bar[:, start:stop]
    if axis == -1:
        return y_bar[..., start:stop]
    return np.moveaxis(np.moveaxis(y_bar, axis, 0)[start:stop], 0, axis)


def _parts(y_bar: Any, arrays: Any, axis: Any) -> Any:
    parts: tuple[Any, ...] = ()
    stop = 0
    for item in arrays:
        start = stop
        stop = start + np.shape(item)[axis]
        parts = (*parts, _part(y_bar, start, stop, axis))
    return parts


def _flat_parts(y_bar: Any, arrays: Any) -> Any:
    parts: tuple[Any, ...] = ()
    stop = 0
    for item in arrays:
        start = stop
        stop = start + np.size(item)
        parts = (*parts, np.reshape(y_bar[start:stop], np.shape(item)))
    return parts


def _concatenate_vjp(y_bar: Any, y: Any, arrays: Any, axis: Any = 0) -> Any:
    if axis is None:
        return _flat_parts(y_bar, arrays)
    return _parts(y_bar, arrays, axis)


def _stack_vjp(y_bar: Any, y: Any, arrays: Any, axis: Any = 0) -> Any:
    if axis == 0:
        return tuple([y_bar[k] for k in range(len(arrays))])
    if axis == -1:
        return tuple([y_bar[..., k] for k in range(len(arrays))])
    rows = np.moveaxis(y_bar, axis, 0)
    return tuple([rows[k] for k in range(len(arrays))])


def _hstack_vjp(y_bar: Any, y: Any, arrays: Any) -> Any:
    if np.ndim(y_bar) == 1:
        return _flat_parts(y_bar, arrays)
    return _parts(y_bar, arrays, 1)


def _vstack_vjp(y_bar: Any, y: Any, arrays: Any) -> Any:
    parts: tuple[Any, ...] = ()
    stop = 0
    for item in arrays:
        start = stop
        if np.ndim(item) < 2:
            stop = start + 1
            parts = (*parts, np.reshape(y_bar[start], np.shape(item)))
        else:
            stop = start + np.shape(item)[0]
            parts = (*parts, y_bar[start:stop])
    return parts


def _column_stack_vjp(y_bar: Any, y: Any, arrays: Any) -> Any:
    parts: tuple[Any, ...] = ()
    stop = 0
    for item in arrays:
        start = stop
        if np.ndim(item) < 2:
            stop = start + 1
            parts = (*parts, np.reshape(y_bar[:, start], np.shape(item)))
        else:
            stop = start + np.shape(item)[1]
            parts = (*parts, y_bar[:, start:stop])
    return parts


_TWO = (example([normal(3), normal(2)]), example((normal(2, 3), normal(4, 3))))

linear(
    np.concatenate,
    "arrays",
    vjp=(_concatenate_vjp,),
    result=shapes.probe,
    displays=True,
    lazy=False,
    options="axis out dtype casting",
    examples=[
        *_TWO,
        example([normal(2, 3), normal(2, 1)], axis=1),
        example([normal(2, 3), normal(2, 1)], axis=-1),
        example([normal(2, 3, 4), normal(2, 1, 4)], axis=-2),
        example([normal(2, 3), normal(2)], axis=None),
    ],
)
linear(
    np.stack,
    "arrays",
    vjp=(_stack_vjp,),
    result=shapes.probe,
    displays=True,
    examples=[
        example([normal(3), normal(3)]),
        example([normal(2, 3), normal(2, 3)], axis=1),
        example((normal(), normal())),
        example([normal(2, 3), normal(2, 3)], axis=-1),
        example([normal(3), normal(3)], 1),
    ],
)
linear(
    np.hstack,
    "arrays",
    vjp=(_hstack_vjp,),
    result=shapes.probe,
    displays=True,
    examples=[
        example([normal(3), normal(2)]),
        example([normal(2, 3), normal(2, 2)]),
        example([normal(), normal(2)]),
        example([normal(2, 3, 2), normal(2, 1, 2)]),
    ],
)
linear(
    np.vstack,
    "arrays",
    vjp=(_vstack_vjp,),
    result=shapes.probe,
    displays=True,
    examples=[
        example([normal(3), normal(3)]),
        example([normal(2, 3), normal(3)]),
        example([normal(), normal()]),
        example([normal(2, 3, 2), normal(1, 3, 2)]),
    ],
)
linear(
    np.column_stack,
    "arrays",
    vjp=(_column_stack_vjp,),
    result=shapes.probe,
    displays=True,
    examples=[example([normal(3), normal(3)]), example([normal(3, 2), normal(3)])],
)
