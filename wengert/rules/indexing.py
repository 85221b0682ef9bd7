"""Reading parts of arrays.

In: nothing. Out: rows for `x[index]`, `np.take`, `np.take_along_axis` and the parts of matrices.

    x[index]      the tangent is x_dot[index]; the adjoint transform adds y_bar to that part of x_bar itself
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from wengert.ir import shapes
from wengert.rules.examples import example, normal
from wengert.rules.kinds import linear


def _inverse_along(y_bar: Any, x: Any, indices: Any, axis: Any) -> Any:
    """Sums, for each entry of `x`, the entries of `y_bar` that were read from it: a product with the one-hot matrix."""
    rows = np.moveaxis(y_bar, axis, -1)
    columns = np.moveaxis(indices, axis, -1)
    n = np.shape(x)[axis]
    hits = np.expand_dims(columns % n, -1) == np.arange(n)
    return np.moveaxis(np.sum(np.where(hits, np.expand_dims(rows, -1), 0.0), axis=-2), -1, axis)


def _take_along_axis_vjp(y_bar: Any, y: Any, x: Any, indices: Any, axis: Any) -> Any:
    if axis is None:
        return np.reshape(_inverse_along(y_bar, np.reshape(x, -1), np.reshape(indices, -1), 0), np.shape(x))
    return _inverse_along(y_bar, x, indices, axis)


def _tril_vjp(y_bar: Any, y: Any, x: Any, k: Any = 0) -> Any:
    if np.ndim(x) == 1:
        return np.sum(np.tril(y_bar, k), axis=0)
    return np.tril(y_bar, k)


def _triu_vjp(y_bar: Any, y: Any, x: Any, k: Any = 0) -> Any:
    if np.ndim(x) == 1:
        return np.sum(np.triu(y_bar, k), axis=0)
    return np.triu(y_bar, k)


def _on_diagonal(x: Any, k: Any) -> Any:
    """True on the k-th diagonal of the last two axes of `x`."""
    rows, columns = np.arange(np.shape(x)[-2]), np.arange(np.shape(x)[-1])
    return np.equal(columns[None, :] - rows[:, None], k)


def _spread_diagonal(y_bar: Any, x: Any, k: Any) -> Any:
    """Zeros of the shape of `x` with the last axis of `y_bar` on the k-th diagonal of the last two axes."""
    n = np.shape(y_bar)[-1]
    if k < 0:
        # below the main diagonal every column up to the last entry has one
        entries = np.expand_dims(np.concatenate([y_bar, np.zeros_like(x[..., 0, n:])], axis=-1), -2)
    else:
        entries = np.expand_dims(np.concatenate([y_bar, np.zeros_like(x[..., n:, 0])], axis=-1), -1)
    return np.where(_on_diagonal(x, k), entries, 0.0)


def _matrices(x: Any, axis1: Any, axis2: Any) -> Any:
    """`x` with two axes as its last."""
    return x if np.ndim(x) == 2 and axis1 == 0 and axis2 == 1 else np.moveaxis(x, (axis1, axis2), (-2, -1))


def _from_matrices(bar: Any, x: Any, axis1: Any, axis2: Any) -> Any:
    return bar if np.ndim(x) == 2 and axis1 == 0 and axis2 == 1 else np.moveaxis(bar, (-2, -1), (axis1, axis2))


def _diag_vjp(y_bar: Any, y: Any, x: Any, k: Any = 0) -> Any:
    if np.ndim(x) == 1:
        return np.diag(y_bar, k)
    return _spread_diagonal(y_bar, x, k)


def _diagflat_vjp(y_bar: Any, y: Any, x: Any, k: Any = 0) -> Any:
    return np.reshape(np.diag(y_bar, k), np.shape(x))


def _diagonal_vjp(y_bar: Any, y: Any, x: Any, offset: Any = 0, axis1: Any = 0, axis2: Any = 1) -> Any:
    return _from_matrices(_spread_diagonal(y_bar, _matrices(x, axis1, axis2), offset), x, axis1, axis2)


def _trace_vjp(y_bar: Any, y: Any, x: Any, offset: Any = 0, axis1: Any = 0, axis2: Any = 1) -> Any:
    if np.ndim(x) == 2:
        return np.where(_on_diagonal(x, offset), y_bar, 0.0)
    bar = np.where(_on_diagonal(_matrices(x, axis1, axis2), offset), np.expand_dims(y_bar, (-2, -1)), 0.0)
    return _from_matrices(bar, x, axis1, axis2)


def _linalg_diagonal_vjp(y_bar: Any, y: Any, x: Any, offset: Any = 0) -> Any:
    return _spread_diagonal(y_bar, x, offset)


def _linalg_trace_vjp(y_bar: Any, y: Any, x: Any, offset: Any = 0) -> Any:
    return np.where(_on_diagonal(x, offset), np.expand_dims(y_bar, (-2, -1)), 0.0)


linear(
    operator.getitem,
    "x index",
    vjp=(None, None),
    engine=True,
    result=shapes.getitem,
    examples=[
        example(normal(5), 2),
        example(normal(5), slice(1, -1)),
        example(normal(3, 4), (slice(None), 1)),
        example(normal(3, 4), (None, 1)),
        example(normal(3, 4), (..., slice(None, None, -1))),
        example(normal(5), [0, 0, 3]),
        example(normal(5), np.array([True, False, True, True, False])),
        example(normal(3, 4, 2), (0, slice(None), np.array([0, 1, 1]))),
        example(normal(3, 4, 2), (slice(None), np.array([0, 1, 1]), np.array([[0], [1]]))),
    ],
)
linear(
    np.take_along_axis,
    "x indices",
    vjp=(_take_along_axis_vjp, None),
    result=shapes.probe,
    examples=[
        example(normal(3, 4), np.array([[0, 1, 1], [2, 2, 3], [0, 3, 0]]), 1),
        example(normal(3, 2), np.array([[2, 0]]), axis=0),
    ],
)
linear(
    np.tril,
    "x",
    vjp=(_tril_vjp,),
    result=shapes.probe,
    examples=[example(normal(3, 3)), example(normal(3, 4), 1), example(normal(3)), example(normal(2, 3, 3))],
)
linear(
    np.triu,
    "x",
    vjp=(_triu_vjp,),
    result=shapes.probe,
    examples=[example(normal(3, 3)), example(normal(3, 4), k=-1), example(normal(3)), example(normal(2, 3, 3))],
)
linear(
    np.diag,
    "x",
    vjp=(_diag_vjp,),
    result=shapes.probe,
    examples=[
        example(normal(3)),
        example(normal(3), 1),
        example(normal(3, 3)),
        example(normal(3, 4), 1),
        example(normal(4, 3)),
        example(normal(4, 3), -2),
        example(normal(3, 4), -1),
    ],
)
linear(
    np.diagflat,
    "x",
    vjp=(_diagflat_vjp,),
    result=shapes.probe,
    examples=[example(normal(3)), example(normal(2, 2), 1), example(normal(3), k=-2)],
)
linear(
    np.diagonal,
    "x",
    vjp=(_diagonal_vjp,),
    result=shapes.probe,
    examples=[
        example(normal(3, 3)),
        example(normal(3, 4), 1),
        example(normal(4, 3), offset=-2),
        example(normal(3, 4, 2), 1),
        example(normal(4, 3, 2), -1),
        example(normal(2, 3, 4), 0, 2, 0),
        example(normal(3, 4), axis1=1, axis2=0),
    ],
)
linear(
    np.trace,
    "x",
    vjp=(_trace_vjp,),
    result=shapes.probe,
    examples=[
        example(normal(3, 3)),
        example(normal(3, 4), 1),
        example(normal(3, 3, 2)),
        example(normal(2, 3, 4), 0, -1, 1),
    ],
)
if hasattr(np.linalg, "diagonal"):
    linear(
        np.linalg.diagonal,
        "x",
        vjp=(_linalg_diagonal_vjp,),
        result=shapes.probe,
        examples=[example(normal(3, 3)), example(normal(2, 3, 4), offset=1)],
    )
    linear(
        np.linalg.trace,
        "x",
        vjp=(_linalg_trace_vjp,),
        result=shapes.probe,
        examples=[example(normal(3, 3)), example(normal(2, 3, 4), offset=-1)],
    )
