"""Products of two arrays: of matrices and vectors.

In: nothing. Out: rows for `@`, `np.dot`, `np.inner`, `np.outer`, `np.vdot`, and for the names that NumPy 2 added.

    X @ w      cotangents np.outer(y_bar, w) and y_bar @ X
"""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

from wengert.ir import shapes
from wengert.rules.examples import Example, example, normal
from wengert.rules.kinds import linear
from wengert.runtime import strong_matmul, unbroadcast


def _matmul_a(y_bar: Any, y: Any, a: Any, b: Any) -> Any:
    if np.ndim(b) == 1:
        if np.ndim(a) == 1:
            return y_bar * b
        if np.ndim(a) == 2:
            return np.outer(y_bar, b)
        return np.expand_dims(y_bar, -1) * b
    if np.ndim(a) == 1:
        if np.ndim(b) == 2:
            return b @ y_bar
        return unbroadcast((b @ np.expand_dims(y_bar, -1))[..., 0], a)
    if np.ndim(b) == 2:
        return y_bar @ np.transpose(b)
    if np.ndim(a) == 2:
        count = math.prod(np.shape(b)[:-2]) * np.shape(b)[-1]
        return _side_by_side(y_bar, count) @ np.transpose(_side_by_side(b, count))
    return unbroadcast(y_bar @ np.swapaxes(b, -1, -2), a)


def _matmul_b(y_bar: Any, y: Any, a: Any, b: Any) -> Any:
    if np.ndim(a) == 1:
        if np.ndim(b) == 1:
            return y_bar * a
        if np.ndim(b) == 2:
            return np.outer(a, y_bar)
        return np.expand_dims(a, -1) * np.expand_dims(y_bar, -2)
    if np.ndim(b) == 1:
        if np.ndim(a) == 2:
            return y_bar @ a
        return np.reshape(y_bar, -1) @ _stacked(a, np.size(y_bar))
    if np.ndim(b) == 2:
        if np.ndim(a) == 2:
            return np.transpose(a) @ y_bar
        count = _count_rows(a)
        return np.transpose(_stacked(a, count)) @ _stacked(y_bar, count)
    return unbroadcast(np.swapaxes(a, -1, -2) @ y_bar, b)


def _strong_a(y_bar: Any, y: Any, a: Any, b: Any, derivative: Any = 0) -> Any:
    return _matmul_a(y_bar, y, a, b)


def _strong_b(y_bar: Any, y: Any, a: Any, b: Any, derivative: Any = 0) -> Any:
    return _matmul_b(y_bar, y, a, b)


def _count_rows(x: Any) -> Any:
    return math.prod(np.shape(x)[:-1])


def _stacked(x: Any, count: Any) -> Any:
    """The matrices of `x` below each other, as one matrix of `count` rows."""
    return np.reshape(x, (count, np.shape(x)[-1]))


def _side_by_side(x: Any, count: Any) -> Any:
    """The matrices of `x` beside each other, as one matrix of `count` columns."""
    return np.reshape(np.moveaxis(x, -2, 0), (np.shape(x)[-2], count))


def _rows(x: Any) -> Any:
    """`x` as a matrix whose columns are its last axis."""
    return _stacked(x, _count_rows(x))


def _dot_a(y_bar: Any, y: Any, a: Any, b: Any) -> Any:
    if np.ndim(b) == 0:
        return y_bar * b
    if np.ndim(a) == 0:
        return np.sum(y_bar * b)
    if np.ndim(b) <= 2:
        return _matmul_a(y_bar, y, a, b)
    right = _rows(np.moveaxis(b, -2, -1))
    return np.reshape(np.reshape(y_bar, (_count_rows(a), np.shape(right)[0])) @ right, np.shape(a))


def _dot_b(y_bar: Any, y: Any, a: Any, b: Any) -> Any:
    if np.ndim(a) == 0:
        return y_bar * a
    if np.ndim(b) == 0:
        return np.sum(y_bar * a)
    if np.ndim(b) <= 2:
        return _matmul_b(y_bar, y, a, b)
    left = _rows(a)
    last = np.moveaxis(b, -2, -1)
    flat = np.reshape(y_bar, (np.shape(left)[0], _count_rows(last)))
    return np.moveaxis(np.reshape(np.transpose(flat) @ left, np.shape(last)), -1, -2)


def _inner_a(y_bar: Any, y: Any, a: Any, b: Any) -> Any:
    if np.ndim(b) == 0:
        return y_bar * b
    if np.ndim(a) == 0:
        return np.sum(y_bar * b)
    right = _rows(b)
    return np.reshape(np.reshape(y_bar, (_count_rows(a), np.shape(right)[0])) @ right, np.shape(a))


def _inner_b(y_bar: Any, y: Any, a: Any, b: Any) -> Any:
    if np.ndim(a) == 0:
        return y_bar * a
    if np.ndim(b) == 0:
        return np.sum(y_bar * a)
    left, right = _rows(a), _rows(b)
    flat = np.reshape(y_bar, (np.shape(left)[0], np.shape(right)[0]))
    return np.reshape(np.transpose(flat) @ left, np.shape(b))


def _outer_a(y_bar: Any, y: Any, a: Any, b: Any) -> Any:
    return np.reshape(y_bar @ np.reshape(b, -1), np.shape(a))


def _outer_b(y_bar: Any, y: Any, a: Any, b: Any) -> Any:
    return np.reshape(np.reshape(a, -1) @ y_bar, np.shape(b))


def _vdot_a(y_bar: Any, y: Any, a: Any, b: Any) -> Any:
    return np.reshape(y_bar * b, np.shape(a))


def _vdot_b(y_bar: Any, y: Any, a: Any, b: Any) -> Any:
    return np.reshape(y_bar * a, np.shape(b))


def vecdot_a(y_bar: Any, y: Any, a: Any, b: Any, axis: Any = -1) -> Any:
    return unbroadcast(np.expand_dims(y_bar, axis) * b, a)


def vecdot_b(y_bar: Any, y: Any, a: Any, b: Any, axis: Any = -1) -> Any:
    return unbroadcast(np.expand_dims(y_bar, axis) * a, b)


def _matvec_a(y_bar: Any, y: Any, a: Any, b: Any) -> Any:
    if np.ndim(a) == 2:
        return np.transpose(_rows(y_bar)) @ _rows(b)
    return unbroadcast(np.expand_dims(y_bar, -1) * np.expand_dims(b, -2), a)


def _matvec_b(y_bar: Any, y: Any, a: Any, b: Any) -> Any:
    if np.ndim(a) == 2:
        return y_bar @ a
    return unbroadcast((np.expand_dims(y_bar, -2) @ a)[..., 0, :], b)


def vecmat_a(y_bar: Any, y: Any, a: Any, b: Any) -> Any:
    if np.ndim(b) == 2:
        return y_bar @ np.transpose(b)
    return unbroadcast((b @ np.expand_dims(y_bar, -1))[..., 0], a)


def vecmat_b(y_bar: Any, y: Any, a: Any, b: Any) -> Any:
    if np.ndim(b) == 2:
        return np.transpose(_rows(a)) @ _rows(y_bar)
    return unbroadcast(np.expand_dims(a, -1) * np.expand_dims(y_bar, -2), b)


_VECTORS: tuple[Example, ...] = (
    example(normal(3), normal(3)),
    example(normal(2, 3), normal(3)),
    example(normal(3), normal(3, 2)),
    example(normal(2, 3), normal(3, 4)),
    example(normal(1, 3), normal(3, 1)),
)
_BATCHES: tuple[Example, ...] = (
    example(normal(5, 2, 3), normal(3)),
    example(normal(3), normal(5, 3, 2)),
    example(normal(5, 2, 3), normal(3, 4)),
    example(normal(2, 3), normal(5, 3, 4)),
    example(normal(5, 2, 3), normal(5, 3, 4)),
    example(normal(1, 2, 3), normal(5, 3, 4)),
    example(normal(6, 1, 2, 3), normal(5, 3, 4)),
)
_NUMBERS: tuple[Example, ...] = (
    example(normal(), normal()),
    example(normal(), normal(2, 3)),
    example(normal(2, 3), normal()),
)

linear(
    strong_matmul,
    "a b",
    vjp=(_strong_a, _strong_b),
    result=shapes.matmul,
    examples=[*_VECTORS[1:], *_BATCHES[:3], example(normal(2, 3), normal(3, 4), derivative=1)],
)
linear(
    (operator.matmul, np.matmul),
    "a b",
    vjp=(_matmul_a, _matmul_b),
    result=shapes.matmul,
    examples=(*_VECTORS, *_BATCHES),
)
linear(
    np.dot,
    "a b",
    vjp=(_dot_a, _dot_b),
    result=shapes.dot,
    options="out",
    examples=[
        *_VECTORS,
        *_NUMBERS,
        example(normal(5, 2, 3), normal(3)),
        example(normal(3), normal(5, 3, 2)),
        example(normal(2, 3), normal(5, 3, 4)),
        example(normal(6, 2, 3), normal(5, 3, 4)),
        example(normal(6, 2, 3), normal(3, 4)),
    ],
)
linear(
    np.inner,
    "a b",
    vjp=(_inner_a, _inner_b),
    result=shapes.probe,
    examples=[
        *_NUMBERS,
        example(normal(3), normal(3)),
        example(normal(2, 3), normal(3)),
        example(normal(3), normal(4, 3)),
        example(normal(5, 2, 3), normal(4, 3)),
    ],
)
linear(
    np.outer,
    "a b",
    vjp=(_outer_a, _outer_b),
    result=shapes.probe,
    examples=[
        example(normal(3), normal(2)),
        example(normal(2, 2), normal(3)),
        example(normal(), normal(3)),
    ],
)
linear(
    np.vdot,
    "a b",
    vjp=(_vdot_a, _vdot_b),
    result=shapes.probe,
    examples=[
        example(normal(3), normal(3)),
        example(normal(2, 3), normal(6)),
        example(normal(), normal()),
    ],
)
_NEW = {name: getattr(module, name) for module, names in (
    (np, "vecdot matvec vecmat"), (np.linalg, "matmul outer")
) for name in names.split() if hasattr(module, name)}  # fmt: skip
_VECDOTS = tuple(f for f in (getattr(np, "vecdot", None), getattr(np.linalg, "vecdot", None)) if f is not None)
if "matmul" in _NEW and _NEW["matmul"] is not np.matmul:
    linear(
        _NEW["matmul"], "a b", vjp=(_matmul_a, _matmul_b), result=shapes.matmul, examples=(*_VECTORS[:4], *_BATCHES[:2])
    )
if "outer" in _NEW:
    linear(
        _NEW["outer"], "a b", vjp=(_outer_a, _outer_b), result=shapes.probe, examples=[example(normal(3), normal(2))]
    )
if _VECDOTS:
    linear(
        _VECDOTS,
        "a b",
        vjp=(vecdot_a, vecdot_b),
        result=shapes.probe,
        examples=[
            example(normal(3), normal(3)),
            example(normal(2, 3), normal(3)),
            example(normal(3, 1), normal(3, 4), axis=0),
        ],
    )
if "matvec" in _NEW:
    linear(
        _NEW["matvec"],
        "a b",
        vjp=(_matvec_a, _matvec_b),
        result=shapes.probe,
        examples=[example(normal(2, 3), normal(3)), example(normal(2, 3), normal(4, 3)), example(normal(4, 2, 3), normal(3))],
    )
    linear(
        _NEW["vecmat"],
        "a b",
        vjp=(vecmat_a, vecmat_b),
        result=shapes.probe,
        examples=[example(normal(3), normal(3, 2)), example(normal(4, 3), normal(3, 2)), example(normal(3), normal(4, 3, 2))],
    )
