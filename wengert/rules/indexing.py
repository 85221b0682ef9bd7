"""Reading parts of arrays.

In: nothing. Out: rows for `x[index]`, `np.take`, `np.take_along_axis` and the parts of matrices.

    x[index]      the tangent is x_dot[index]; the adjoint transform adds y_bar to that part of x_bar itself
"""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from wengert.ir import shapes
from wengert.ir.dims import dim_of
from wengert.ir.nodes import Arg
from wengert.ir.types import Array, Type, shape_of
from wengert.rules.examples import example, normal
from wengert.rules.kinds import holomorphic, linear
from wengert.rules.moving import numbered, returned
from wengert.runtime import on_diagonal, unbroadcast


def _take_along_axis_vjp(y_bar: Any, y: Any, x: Any, indices: Any, axis: Any = -1) -> Any:
    return returned(y_bar, np.take_along_axis(numbered(x), indices, axis), x)


def _take_vjp(y_bar: Any, y: Any, x: Any, indices: Any, axis: Any = None, mode: Any = "raise") -> Any:
    return returned(y_bar, np.take(numbered(x), indices, axis=axis, mode=mode), x)


def _tril_vjp(y_bar: Any, y: Any, x: Any, k: Any = 0) -> Any:
    if np.ndim(x) == 1:
        return np.sum(np.tril(y_bar, k), axis=0)
    return np.tril(y_bar, k)


def _triu_vjp(y_bar: Any, y: Any, x: Any, k: Any = 0) -> Any:
    if np.ndim(x) == 1:
        return np.sum(np.triu(y_bar, k), axis=0)
    return np.triu(y_bar, k)


def _from_matrices(bar: Any, x: Any, axis1: Any, axis2: Any) -> Any:
    return bar if np.ndim(x) == 2 and axis1 == 0 and axis2 == 1 else np.moveaxis(bar, (-2, -1), (axis1, axis2))


def _diag_vjp(y_bar: Any, y: Any, x: Any, k: Any = 0) -> Any:
    if np.ndim(x) == 1:
        return np.diag(y_bar, k)
    return on_diagonal(y_bar, np.shape(x)[-2], np.shape(x)[-1], k)


def _diagflat_vjp(y_bar: Any, y: Any, x: Any, k: Any = 0) -> Any:
    return np.reshape(np.diag(y_bar, k), np.shape(x))


def _diagonal_vjp(y_bar: Any, y: Any, x: Any, offset: Any = 0, axis1: Any = 0, axis2: Any = 1) -> Any:
    bar = on_diagonal(y_bar, np.shape(x)[axis1], np.shape(x)[axis2], offset)
    return _from_matrices(bar, x, axis1, axis2)


def _trace_vjp(y_bar: Any, y: Any, x: Any, offset: Any = 0, axis1: Any = 0, axis2: Any = 1) -> Any:
    bar = on_diagonal(np.expand_dims(y_bar, -1), np.shape(x)[axis1], np.shape(x)[axis2], offset)
    return _from_matrices(bar, x, axis1, axis2)


def _linalg_diagonal_vjp(y_bar: Any, y: Any, x: Any, offset: Any = 0) -> Any:
    return on_diagonal(y_bar, np.shape(x)[-2], np.shape(x)[-1], offset)


def _linalg_trace_vjp(y_bar: Any, y: Any, x: Any, offset: Any = 0) -> Any:
    return on_diagonal(np.expand_dims(y_bar, -1), np.shape(x)[-2], np.shape(x)[-1], offset)


def _on_diagonal_vjp(y_bar: Any, y: Any, entries: Any, rows: Any, columns: Any, k: Any) -> Any:
    return unbroadcast(np.diagonal(y_bar, k, -2, -1), entries)


def _on_diagonal_type(op: Any, inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
    """One matrix for each row of entries."""
    entries = shapes.type_of(inputs[0])
    outer, dtype = shape_of(entries), getattr(entries, "dtype", None)
    return Array(dtype) if outer is None else Array(dtype, (*outer[:-1], dim_of(inputs[1]), dim_of(inputs[2])))


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
    np.take,
    "x indices",
    vjp=(_take_vjp, None),
    result=shapes.probe,
    aliases={"a": "x"},
    examples=[
        example(normal(4), [0, 2, 2]), example(normal(3, 4), 1, axis=0), example(normal(3, 4), [[0, 1], [3, 1]], -1),
        example(normal(5), [0, 5, -7], mode="wrap"), example(normal(3, 4), [0, 9, -7], axis=1, mode="clip"),
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
linear(
    on_diagonal,
    "entries rows columns",
    vjp=(_on_diagonal_vjp, None, None),
    result=_on_diagonal_type,
    examples=[
        example(normal(3), 3, 4, 1),
        example(normal(2), 4, 3, -2),
        example(normal(2, 3), 3, 3, 0),
        example(normal(2, 1), 3, 4, -1),
    ],
)
holomorphic(on_diagonal)
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
