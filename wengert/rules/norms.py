"""Norms of vectors and matrices of every order, condition numbers.

In: nothing. Out: rows for `np.linalg.norm`, `vector_norm`, `matrix_norm` and `cond`.

    np.linalg.norm(x)         slope x / y, 0 where x is 0
    np.linalg.norm(x, 1)      for a matrix the signs of the column with the largest sum; a tie is split evenly
"""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.ir import shapes
from wengert.rules.adjoints import adjoint, conjugated, conjugated_as, paired
from wengert.rules.examples import example, matrix, normal
from wengert.rules.kinds import holds_complex, structural
from wengert.rules.masks import spread
from wengert.rules.reductions import from_rows, rows_along
from wengert.rules.typings import regular


def _safe(y: Any) -> Any:
    return np.where(y == 0, 1.0, y)


def _direction(x: Any) -> Any:
    return x / _safe(np.abs(x)) if holds_complex(x) else np.sign(x)


def _norm_jvp(x_dot: Any, y: Any, x: Any, ord: Any = None, axis: Any = None, keepdims: Any = False) -> Any:
    if _euclidean(x, ord, axis):
        return np.sum(paired(x, x_dot, x), axis=axis, keepdims=keepdims) / _safe(y)
    return np.sum(paired(_slope(x, ord, axis), x_dot, x), axis=axis, keepdims=keepdims)


def _norm_vjp(y_bar: Any, y: Any, x: Any, ord: Any = None, axis: Any = None, keepdims: Any = False) -> Any:
    if _euclidean(x, ord, axis):
        return spread(y_bar / _safe(y), axis, keepdims) * conjugated(x)
    return spread(y_bar, axis, keepdims) * conjugated_as(_slope(x, ord, axis), x)


def _euclidean(x: Any, ord: Any, axis: Any) -> Any:
    """True where the norm is the root of the sum of all squares."""
    if ord is None or ord == "fro":
        return True
    return ord == 2 and (isinstance(axis, int) or (axis is None and np.ndim(x) == 1))


def _slope(x: Any, ord: Any, axis: Any) -> Any:
    """The slope of the norm along `axis` by each entry."""
    if isinstance(axis, int) or (axis is None and np.ndim(x) == 1):
        return _vector_slope(x, ord, axis)
    if axis is None:
        return matrix_slope(x, ord)
    return np.moveaxis(matrix_slope(np.moveaxis(x, axis, (-2, -1)), ord), (-2, -1), axis)


def _vector_slope(x: Any, ord: Any, axis: Any) -> Any:
    size = np.abs(x)
    if ord == 0:
        return np.zeros_like(x)
    if ord == np.inf or ord == -np.inf:
        y = np.max(size, axis=axis, keepdims=True) if ord > 0 else np.min(size, axis=axis, keepdims=True)
        return _direction(x) * _chosen(size, y, axis)
    if ord == 1:
        return _direction(x)
    y = np.linalg.norm(x, ord, axis=axis, keepdims=True)
    # an entry of size 0 has a slope of 0 from both sides, or none that is finite
    ratio = np.where(size == 0, 1.0, size) / _safe(y)
    return _direction(x) * ratio ** (ord - 1)


def _chosen(size: Any, y: Any, axis: Any) -> Any:
    """The share of each entry in an extreme value."""
    hit = np.equal(size, y).astype(size.dtype)
    return hit / np.sum(hit, axis=axis, keepdims=True)


def matrix_slope(x: Any, ord: Any) -> Any:
    """The slope of a norm of the matrices in the last two axes by each entry."""
    if ord is None or ord == "fro":
        return x / _safe(np.sqrt(np.sum(paired(x, x, x), axis=(-2, -1), keepdims=True)))
    if ord == "nuc" or ord == 2 or ord == -2:
        u, s, vt = np.linalg.svd(x, full_matrices=False)
        if ord == "nuc":
            weights = np.where(s > 0, 1.0, 0.0)
        else:
            top = np.max(s, axis=-1, keepdims=True) if ord == 2 else np.min(s, axis=-1, keepdims=True)
            weights = _chosen(s, top, -1)
        return (u * np.expand_dims(weights, -2)) @ vt
    along = -2 if ord == 1 or ord == -1 else -1  # sums over columns or rows
    sums = np.sum(np.abs(x), axis=along, keepdims=True)
    across = -3 - along
    y = np.max(sums, axis=across, keepdims=True) if ord > 0 else np.min(sums, axis=across, keepdims=True)
    return _direction(x) * _chosen(sums, y, across)


def _vector_norm_slope(y: Any, x: Any, axis: Any, keepdims: Any, ord: Any) -> Any:
    """Several axes are taken as one: no order is that of a matrix."""
    if ord == 2:
        return x / _safe(spread(y, axis, keepdims))
    return from_rows(_vector_slope(rows_along(x, axis), ord, -1), x, axis)


def _vector_norm_jvp(x_dot: Any, y: Any, x: Any, axis: Any = None, keepdims: Any = False, ord: Any = 2) -> Any:
    return np.sum(paired(_vector_norm_slope(y, x, axis, keepdims, ord), x_dot, x), axis=axis, keepdims=keepdims)


def _vector_norm_vjp(y_bar: Any, y: Any, x: Any, axis: Any = None, keepdims: Any = False, ord: Any = 2) -> Any:
    return spread(y_bar, axis, keepdims) * conjugated_as(_vector_norm_slope(y, x, axis, keepdims, ord), x)


def _matrix_norm_jvp(x_dot: Any, y: Any, x: Any, keepdims: Any = False, ord: Any = "fro") -> Any:
    return np.sum(paired(matrix_slope(x, ord), x_dot, x), axis=(-2, -1), keepdims=keepdims)


def _matrix_norm_vjp(y_bar: Any, y: Any, x: Any, keepdims: Any = False, ord: Any = "fro") -> Any:
    return spread(y_bar, (-2, -1), keepdims) * conjugated_as(matrix_slope(x, ord), x)


def _cond_slope(x: Any, y: Any, p: Any) -> Any:
    """The slope of |x| |1/x|; for the 2-norm the ratio of the largest and the smallest singular value."""
    if p is None or p == 2 or p == -2:
        big, small = (-2, 2) if p == -2 else (2, -2)
        s = np.linalg.svd(x, compute_uv=False)
        of_big = np.expand_dims(s[..., -1] if p == -2 else s[..., 0], (-2, -1))
        of_small = np.expand_dims(s[..., 0] if p == -2 else s[..., -1], (-2, -1))
        return np.expand_dims(y, (-2, -1)) * (matrix_slope(x, big) / of_big - matrix_slope(x, small) / of_small)
    inverse = np.linalg.inv(x)
    back = adjoint(inverse, x)
    size = np.expand_dims(np.linalg.norm(x, p, axis=(-2, -1)), (-2, -1))
    other = np.expand_dims(np.linalg.norm(inverse, p, axis=(-2, -1)), (-2, -1))
    return other * matrix_slope(x, p) - size * (back @ matrix_slope(inverse, p) @ back)


def _cond_jvp(x_dot: Any, y: Any, x: Any, p: Any = None) -> Any:
    return np.sum(paired(_cond_slope(x, y, p), x_dot, x), axis=(-2, -1))


def _cond_vjp(y_bar: Any, y: Any, x: Any, p: Any = None) -> Any:
    return np.expand_dims(y_bar, (-2, -1)) * conjugated_as(_cond_slope(x, y, p), x)


_VECTOR_ORDERS = (None, 1, 2, 3, 2.5, np.inf, -np.inf, 0, -1)
_MATRIX_ORDERS = ("fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf)

structural(
    np.linalg.norm,
    "x",
    jvp=(_norm_jvp,),
    vjp=(_norm_vjp,),
    result=shapes.probe,
    singular=True,
    examples=[
        example(normal(5)),
        example(normal(3, 4)),
        example(normal(3, 4), axis=1),
        example(normal(3, 4), axis=0, keepdims=True),
        example(normal(3, 4), keepdims=True),
        example(normal(2, 3, 4), axis=(0, 1)),
        *(example(normal(5), ord) for ord in _VECTOR_ORDERS[1:]),
        *(example(normal(3, 4), ord, axis=1) for ord in (1, 3, np.inf)),
        *(example(normal(3, 4), ord) for ord in _MATRIX_ORDERS),
        *(example(normal(2, 3, 4), ord, axis=(2, 0)) for ord in (1, np.inf, 2)),
        example(normal(2, 3, 4), "nuc", axis=(0, 1), keepdims=True),
    ],
)
if hasattr(np.linalg, "vector_norm"):
    structural(
        np.linalg.vector_norm,
        "x",
        jvp=(_vector_norm_jvp,),
        vjp=(_vector_norm_vjp,),
        result=shapes.probe,
        singular=True,
        examples=[
            example(normal(5)),
            example(normal(3, 4)),
            example(normal(3, 4), axis=1),
            example(normal(3, 4), axis=0, keepdims=True, ord=3),
            example(normal(3, 4), keepdims=True, ord=1),
            example(normal(5), ord=np.inf),
            *(example(normal(2, 3, 4), axis=(0, -1), ord=ord) for ord in (1, 2, 3, np.inf)),
            example(normal(2, 3, 4), axis=(1, 0), keepdims=True),
        ],
    )
    structural(
        np.linalg.matrix_norm,
        "x",
        jvp=(_matrix_norm_jvp,),
        vjp=(_matrix_norm_vjp,),
        result=shapes.probe,
        singular=True,
        examples=[
            example(normal(3, 4)),
            example(normal(2, 3, 4), keepdims=True),
            *(example(normal(2, 3, 4), ord=ord) for ord in _MATRIX_ORDERS),
        ],
    )
structural(
    np.linalg.cond,
    "x",
    jvp=(_cond_jvp,),
    vjp=(_cond_vjp,),
    result=regular,
    examples=[
        example(matrix(3)),
        example(normal(4, 3)),
        example(normal(2, 3, 4), 2),
        example(matrix(3), -2),
        *(example(matrix(3), p) for p in ("fro", 1, -1, np.inf)),
        example(matrix(2, 3), 1),
    ],
)
