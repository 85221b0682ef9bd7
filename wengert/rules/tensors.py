"""Products of arrays of any rank.

In: nothing. Out: rows for `np.tensordot`, `np.kron` and `np.cross`.

    np.tensordot(a, b, 1)      the cotangent of a is y_bar times b over the axes that b has alone
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from wengert.ir import shapes
from wengert.ir.arrays import common_dtype
from wengert.ir.dims import broadcast
from wengert.ir.nodes import Arg
from wengert.ir.sampling import constant_value
from wengert.ir.types import Array, Number, Type, shape_of
from wengert.rules.examples import example, normal
from wengert.rules.kinds import linear
from wengert.rules.static import axes, static
from wengert.rules.typings import certain_dtype
from wengert.runtime import unbroadcast

# Products over chosen axes


@static
def tensordot_plan(axes: Any, ra: Any, rb: Any, by_a: Any) -> Any:
    """the ranks of both arrays: the axes of the cotangent's product, and the transposition that it then needs."""
    pairs = axes if isinstance(axes, (tuple, list)) else (range(ra - axes, ra), range(axes))
    left, right = [[p] if isinstance(p, int) else list(p) for p in pairs]
    left, right = [k % ra for k in left], [k % rb for k in right]
    free_a = [k for k in range(ra) if k not in left]
    free_b = [k for k in range(rb) if k not in right]
    ny = len(free_a) + len(free_b)
    if by_a:
        product = (tuple(range(len(free_a), ny)), tuple(free_b))
        order = free_a + [left[right.index(k)] for k in sorted(right)]
    else:
        product = (tuple(free_a), tuple(range(len(free_a))))
        order = [right[left.index(k)] for k in sorted(left)] + free_b
    back = tuple(order.index(k) for k in range(len(order)))
    return product, (None if back == tuple(range(len(back))) else back)


def _tensordot_type(op: Any, inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
    """The free lengths of both arrays."""
    a, b = (shape_of(shapes.type_of(i)) for i in inputs)
    try:
        axes = constant_value(options["axes"]) if "axes" in options else 2
    except TypeError:
        return Number()
    if a is None or b is None:
        return Number()
    free_b = tensordot_plan(axes, len(a), len(b), True)[0][1]
    free_a = tensordot_plan(axes, len(a), len(b), False)[0][0]
    shape = (*(a[k] for k in free_a), *(b[k] for k in free_b))
    dtype = common_dtype([shapes.type_of(i) for i in inputs])
    return Array(dtype, shape)


def _tensordot_a(y_bar: Any, y: Any, a: Any, b: Any, axes: Any = 2) -> Any:
    product, order = tensordot_plan(axes, np.ndim(a), np.ndim(b), True)
    bar = np.tensordot(y_bar, b, product)
    return bar if order is None else np.transpose(bar, order)


def _tensordot_b(y_bar: Any, y: Any, a: Any, b: Any, axes: Any = 2) -> Any:
    product, order = tensordot_plan(axes, np.ndim(a), np.ndim(b), False)
    bar = np.tensordot(a, y_bar, product)
    return bar if order is None else np.transpose(bar, order)


def _lengths(x: Any, rank: Any) -> Any:
    return (1,) * (rank - np.ndim(x)) + np.shape(x)


def _kron_parts(y_bar: Any, a: Any, b: Any) -> Any:
    """The cotangent with the axes of `a` and `b` side by side, and both arrays ready to be multiplied with it."""
    rank = max(np.ndim(a), np.ndim(b))
    pairs: tuple[Any, ...] = ()
    of_a: tuple[Any, ...] = ()
    of_b: tuple[Any, ...] = ()
    for m, n in zip(_lengths(a, rank), _lengths(b, rank)):  # noqa: B905
        pairs, of_a, of_b = (*pairs, m, n), (*of_a, m, 1), (*of_b, 1, n)
    return np.reshape(y_bar, pairs), np.reshape(a, of_a), np.reshape(b, of_b), rank


def _kron_a(y_bar: Any, y: Any, a: Any, b: Any) -> Any:
    bar, _, right, rank = _kron_parts(y_bar, a, b)
    return np.reshape(np.sum(bar * right, axis=axes(1, 2 * rank, 2)), np.shape(a))


def _kron_b(y_bar: Any, y: Any, a: Any, b: Any) -> Any:
    bar, left, _, rank = _kron_parts(y_bar, a, b)
    return np.reshape(np.sum(bar * left, axis=axes(0, 2 * rank, 2)), np.shape(b))


def _product(a: Any, b: Any, axisa: Any, axisb: Any, axisc: Any) -> Any:
    return np.cross(a, b) if axisa == axisb == axisc == -1 else np.cross(a, b, axisa, axisb, axisc)


def _cross_a(
    y_bar: Any, y: Any, a: Any, b: Any, axisa: Any = -1, axisb: Any = -1, axisc: Any = -1, axis: Any = None
) -> Any:
    if axis is not None:
        return _cross_a(y_bar, y, a, b, axis, axis, axis)
    lengths = np.shape(a)[axisa] + np.shape(b)[axisb]
    if lengths == 6:
        return unbroadcast(_product(b, y_bar, axisb, axisc, axisa), a)
    return _from_space(np.cross(_in_space(b, axisb), _across(y_bar, lengths, axisc)), a, axisa)


def _cross_b(
    y_bar: Any, y: Any, a: Any, b: Any, axisa: Any = -1, axisb: Any = -1, axisc: Any = -1, axis: Any = None
) -> Any:
    if axis is not None:
        return _cross_b(y_bar, y, a, b, axis, axis, axis)
    lengths = np.shape(a)[axisa] + np.shape(b)[axisb]
    if lengths == 6:
        return unbroadcast(_product(y_bar, a, axisc, axisa, axisb), b)
    return _from_space(np.cross(_across(y_bar, lengths, axisc), _in_space(a, axisa)), b, axisb)


# Vectors of two entries lie in the plane: their third entry is 0. The product of two of them is its third entry alone.


def _last(v: Any, axis: Any) -> Any:
    return v if axis == -1 else np.moveaxis(v, axis, -1)


def _in_space(v: Any, axis: Any) -> Any:
    """Vectors along the last axis, with three entries."""
    rows = _last(v, axis)
    return np.concatenate([rows, np.zeros_like(rows[..., :1])], axis=-1)[..., :3]


def _from_space(rows: Any, v: Any, axis: Any) -> Any:
    """The cotangent of `v`, whose vectors may have two entries, from one of vectors of three."""
    bar = unbroadcast(rows[..., : np.shape(v)[axis]], _last(v, axis))
    return bar if axis == -1 else np.moveaxis(bar, -1, axis)


def _across(y_bar: Any, lengths: Any, axis: Any) -> Any:
    """The cotangent of a product as vectors of three entries along the last axis."""
    if lengths == 4:
        return np.expand_dims(y_bar, -1) * np.array([0.0, 0.0, 1.0])
    return _last(y_bar, axis)


def _cross_type(op: Any, inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
    """Two entries for a vector are as good as three to those who do not see them: then the shape is left open."""
    dtype = certain_dtype(inputs)
    rows = [shape_of(shapes.type_of(v)) for v in inputs[:2]]
    if not options and len(inputs) == 2 and all(rows) and any(row is not None and row[-1] == 3 for row in rows):
        return Array(dtype, (*broadcast(*(row[:-1] for row in rows if row is not None)), 3))
    return Number() if dtype is None or np.dtype(dtype).kind != "c" else Array(dtype)


def _linalg_cross_a(y_bar: Any, y: Any, a: Any, b: Any, axis: Any = -1) -> Any:
    return unbroadcast(np.cross(b, y_bar, axis=axis), a)


def _linalg_cross_b(y_bar: Any, y: Any, a: Any, b: Any, axis: Any = -1) -> Any:
    return unbroadcast(np.cross(y_bar, a, axis=axis), b)


_TENSORDOTS = (
    example(normal(2, 3), normal(3, 4), 1),
    example(normal(2, 3, 4), normal(3, 4, 2)),
    example(normal(2, 3, 4), normal(4, 5, 2), axes=([0, 2], [2, 0])),
    example(normal(2, 3), normal(4, 3), axes=(1, -1)),
    example(normal(2), normal(3), axes=0),
    example(normal(2, 3), normal(2, 3)),
)
_CROSSES = (
    example(normal(3), normal(3)),
    example(normal(2, 3), normal(3)),
    example(normal(2, 3), normal(4, 1, 3)),
    example(normal(3, 2), normal(3, 2), axis=0),
)

linear(np.tensordot, "a b", vjp=(_tensordot_a, _tensordot_b), result=_tensordot_type, examples=_TENSORDOTS)
linear(
    np.kron,
    "a b",
    vjp=(_kron_a, _kron_b),
    result=shapes.probe,
    examples=[
        example(normal(2), normal(3)),
        example(normal(2, 3), normal(3, 2)),
        example(normal(2, 3), normal(2)),
        example(normal(2), normal(2, 1, 3)),
    ],
)
linear(
    np.cross,
    "a b",
    vjp=(_cross_a, _cross_b),
    result=_cross_type,
    examples=[*_CROSSES, example(normal(3, 2), normal(2, 3), 0, 1, 0)],  # NumPy warns of vectors of two entries
)
if hasattr(np.linalg, "tensordot"):
    if np.linalg.tensordot is not np.tensordot:
        linear(
            np.linalg.tensordot, "a b", vjp=(_tensordot_a, _tensordot_b), result=_tensordot_type, examples=_TENSORDOTS[1:4]
        )
    linear(
        np.linalg.cross,
        "a b",
        vjp=(_linalg_cross_a, _linalg_cross_b),
        result=_cross_type,
        examples=(_CROSSES[0], _CROSSES[1], _CROSSES[3]),
    )
