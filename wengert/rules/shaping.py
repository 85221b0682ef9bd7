"""Rearranging and repeating arrays.

In: nothing. Out: rows for `np.reshape`, `np.transpose`, `np.tile` and their like.

    np.transpose(x, axes)      the cotangent is transposed by the inverse permutation
"""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.ir import shapes
from wengert.rules.examples import example, normal
from wengert.rules.kinds import linear
from wengert.rules.static import axes
from wengert.runtime import unbroadcast

# One array, its entries in other places


def _reshape_vjp(y_bar: Any, y: Any, x: Any, shape: Any, order: Any = "C") -> Any:
    if order == "C":
        return np.reshape(y_bar, np.shape(x))
    return np.reshape(y_bar, np.shape(x), order=order)


def _ravel_vjp(y_bar: Any, y: Any, x: Any, order: Any = "C") -> Any:
    if order == "C":
        return np.reshape(y_bar, np.shape(x))
    return np.reshape(y_bar, np.shape(x), order=order)


def _squeeze_vjp(y_bar: Any, y: Any, x: Any, axis: Any = None) -> Any:
    return np.reshape(y_bar, np.shape(x))


def _expand_dims_vjp(y_bar: Any, y: Any, x: Any, axis: Any) -> Any:
    return np.reshape(y_bar, np.shape(x))


def _place(axes: Any, k: int) -> Any:
    """Which of the axes is `k`; axes may count from the end."""
    found = 0
    for j in range(len(axes)):
        if axes[j] % len(axes) == k:
            found = j
    return found


def _transpose_vjp(y_bar: Any, y: Any, x: Any, axes: Any = None) -> Any:
    if axes is None:
        return np.transpose(y_bar)
    return np.transpose(y_bar, tuple([_place(axes, k) for k in range(len(axes))]))


def _swapaxes_vjp(y_bar: Any, y: Any, x: Any, axis1: Any, axis2: Any) -> Any:
    return np.swapaxes(y_bar, axis1, axis2)


def _matrix_transpose_vjp(y_bar: Any, y: Any, x: Any) -> Any:
    return np.swapaxes(y_bar, -1, -2)


def _moveaxis_vjp(y_bar: Any, y: Any, x: Any, source: Any, destination: Any) -> Any:
    return np.moveaxis(y_bar, destination, source)


def _flip_vjp(y_bar: Any, y: Any, x: Any, axis: Any = None) -> Any:
    return np.flip(y_bar, axis=axis)


def _flip_rows(y_bar: Any, y: Any, x: Any) -> Any:
    return np.flip(y_bar, axis=0)


def _flip_columns(y_bar: Any, y: Any, x: Any) -> Any:
    return np.flip(y_bar, axis=1)


def _roll_vjp(y_bar: Any, y: Any, x: Any, shift: Any, axis: Any = None) -> Any:
    if isinstance(shift, (tuple, list)):
        return np.roll(y_bar, tuple([-s for s in shift]), axis=axis)
    return np.roll(y_bar, -shift, axis=axis)


def _broadcast_to_vjp(y_bar: Any, y: Any, x: Any, shape: Any) -> Any:
    return unbroadcast(y_bar, x)


# Repetition


def _tile_vjp(y_bar: Any, y: Any, x: Any, reps: Any) -> Any:
    times = (reps,) if isinstance(reps, int) else tuple(reps)
    rank = max(len(times), np.ndim(x))
    times = (1,) * (rank - len(times)) + times
    lengths = (1,) * (rank - np.ndim(x)) + np.shape(x)
    pairs: tuple[Any, ...] = ()
    for t, n in zip(times, lengths):  # noqa: B905
        pairs = (*pairs, t, n)
    blocks = np.reshape(y_bar, pairs)
    return np.reshape(np.sum(blocks, axis=axes(0, 2 * rank, 2)), np.shape(x))


_ORDER = {"order": ("C", "F")}
linear(
    np.reshape,
    "x",
    vjp=(_reshape_vjp,),
    result=shapes.reshape,
    accepts=_ORDER,
    aliases={"newshape": "shape"},
    examples=[
        example(normal(3, 4), (2, 6)),
        example(normal(3, 4), -1),
        example(normal(3, 4), (4, -1), order="F"),
        example(normal(), (1, 1)),
    ],
)
linear(
    np.ravel,
    "x",
    vjp=(_ravel_vjp,),
    result=shapes.probe,
    accepts=_ORDER,
    examples=[example(normal(3, 4)), example(normal(3, 4), order="F"), example(normal())],
)
linear(
    np.squeeze,
    "x",
    vjp=(_squeeze_vjp,),
    result=shapes.probe,
    examples=[example(normal(3, 1, 2)), example(normal(3, 1, 1), axis=1)],
)
linear(
    np.expand_dims,
    "x",
    vjp=(_expand_dims_vjp,),
    result=shapes.probe,
    examples=[example(normal(3), 0), example(normal(3, 2), (0, -1)), example(normal(), 0)],
)
linear(
    np.transpose,
    "x",
    vjp=(_transpose_vjp,),
    result=shapes.probe,
    examples=[
        example(normal(3, 4)),
        example(normal(2, 3, 4), (1, 2, 0)),
        example(normal(2, 3, 4), axes=(-1, 0, 1)),
        example(normal(3)),
    ],
)
linear(np.swapaxes, "x", vjp=(_swapaxes_vjp,), result=shapes.probe, examples=[example(normal(2, 3, 4), 0, -1)])
if hasattr(np, "matrix_transpose"):
    linear(
        (np.matrix_transpose, np.linalg.matrix_transpose),
        "x",
        vjp=(_matrix_transpose_vjp,),
        result=shapes.probe,
        examples=[example(normal(2, 3)), example(normal(2, 3, 4))],
    )
linear(
    np.moveaxis,
    "x",
    vjp=(_moveaxis_vjp,),
    result=shapes.probe,
    examples=[example(normal(2, 3, 4), 0, -1), example(normal(2, 3, 4), (0, 1), (2, 0))],
)
linear(
    np.flip,
    "x",
    vjp=(_flip_vjp,),
    result=shapes.probe,
    examples=[example(normal(5)), example(normal(3, 4)), example(normal(3, 4), axis=1), example(normal(3, 4), (0, 1))],
)
linear(np.flipud, "x", vjp=(_flip_rows,), result=shapes.probe, examples=[example(normal(3)), example(normal(3, 2))])
linear(np.fliplr, "x", vjp=(_flip_columns,), result=shapes.probe, examples=[example(normal(3, 2))])
linear(
    np.roll,
    "x",
    vjp=(_roll_vjp,),
    result=shapes.probe,
    examples=[
        example(normal(5), 2),
        example(normal(3, 4), -1, axis=1),
        example(normal(3, 4), 5),
        example(normal(3, 4), (1, 2), axis=(0, 1)),
    ],
)
linear(
    np.broadcast_to,
    "x",
    vjp=(_broadcast_to_vjp,),
    result=shapes.broadcast_to,
    examples=[example(normal(3), (2, 3)), example(normal(3, 1), (2, 3, 4)), example(normal(), (2,))],
)
linear(
    np.tile,
    "x",
    vjp=(_tile_vjp,),
    result=shapes.probe,
    examples=[example(normal(3), 2), example(normal(3), (2, 2)), example(normal(2, 3), 2), example(normal(), 3)],
)
