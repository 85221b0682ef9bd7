"""Gradients of samples on a grid.

In: nothing. Out: the row for `np.gradient` along one axis.

    np.gradient(x, h)      inside the mean slope to both neighbors, at the ends a one-sided one
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from wengert.ir import shapes
from wengert.ir.nodes import Arg, Const
from wengert.ir.types import Array, Type, shape_of
from wengert.rules.examples import example, normal, positive
from wengert.rules.kinds import structural
from wengert.rules.static import static


@static
def one_axis(axis: Any, rank: Any) -> Any:
    """the rank of the array: the axis of a gradient."""
    if axis is None and rank == 1:
        return 0
    if not isinstance(axis, int):
        raise NotImplementedError("`np.gradient` is differentiated along one axis at a time: np.gradient(x, axis=0)")
    return axis


@static
def steps_only(rank: Any) -> Any:
    """the rank of the spacing."""
    if rank:
        raise NotImplementedError("`np.gradient` is differentiated by a spacing that is one number, not by coordinates")
    return rank


def _steps(rows: Any, spacing: Any) -> Any:
    """The distances between neighbors along the last axis."""
    if spacing is None:
        return np.ones(np.shape(rows)[-1] - 1)
    if np.ndim(spacing) == 0:
        return np.full(np.shape(rows)[-1] - 1, spacing)
    return np.diff(spacing)


def _weights(d: Any) -> Any:
    """What the left neighbor, the point itself and the right neighbor give to the slope inside."""
    before, behind = d[:-1], d[1:]
    left = -behind / (before * (before + behind))
    return left, (behind - before) / (before * behind), before / (behind * (before + behind))


def _end_weights(near: Any, far: Any, edge_order: Any) -> Any:
    """What the last point, the one before and the one before that give to the slope at an end."""
    if edge_order == 1:
        return -1.0 / near, 1.0 / near, 0.0
    return -(2.0 * near + far) / (near * (near + far)), (near + far) / (near * far), -near / (far * (near + far))


def _at(values: Any, rows: Any, before: Any) -> Any:
    """`values`, one for each row, at a place from the start (or before -1 from the end) of zeros like `rows`."""
    places = np.arange(np.shape(rows)[-1])
    place = before if before >= 0 else np.shape(rows)[-1] + before
    return np.where(places == place, np.expand_dims(values, -1), 0.0)


def _gradient_vjp(y_bar: Any, y: Any, x: Any, spacing: Any, axis: Any = None, edge_order: Any = 1) -> Any:
    k = one_axis(axis, np.ndim(x))
    rows = np.moveaxis(y_bar, k, -1)
    d = _steps(rows, spacing)
    left, middle, right = _weights(d)
    inner, edge = rows[..., 1:-1], np.zeros_like(rows[..., :1])
    bar = np.concatenate([left * inner, edge, edge], axis=-1) + np.concatenate([edge, middle * inner, edge], axis=-1)
    bar = bar + np.concatenate([edge, edge, right * inner], axis=-1)
    first, last = rows[..., 0], rows[..., -1]
    far = (d[0], d[0]) if edge_order == 1 else (d[1], d[-2])
    begin, end = _end_weights(d[0], far[0], edge_order), _end_weights(d[-1], far[1], edge_order)
    bar = bar + _at(begin[0] * first, rows, 0) + _at(begin[1] * first, rows, 1)
    bar = bar - _at(end[0] * last, rows, -1) - _at(end[1] * last, rows, -2)
    if edge_order == 2:
        bar = bar + _at(begin[2] * first, rows, 2) - _at(end[2] * last, rows, -3)
    return np.moveaxis(bar, -1, k)


def _gradient_jvp(x_dot: Any, y: Any, x: Any, spacing: Any, axis: Any = None, edge_order: Any = 1) -> Any:
    k = one_axis(axis, np.ndim(x))
    if spacing is None:
        return np.gradient(x_dot, axis=k, edge_order=edge_order)
    return np.gradient(x_dot, spacing, axis=k, edge_order=edge_order)


def _spacing_jvp(h_dot: Any, y: Any, x: Any, spacing: Any, axis: Any = None, edge_order: Any = 1) -> Any:
    steps_only(np.ndim(spacing))
    return -y * (h_dot / spacing)


def _spacing_vjp(y_bar: Any, y: Any, x: Any, spacing: Any, axis: Any = None, edge_order: Any = 1) -> Any:
    steps_only(np.ndim(spacing))
    return -np.sum(y * y_bar) / spacing


def _gradient_type(op: Any, inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
    """One array of the shape of the samples where it is taken along one axis."""
    found = shapes.type_of(inputs[0])
    axis, shape = options.get("axis"), shape_of(found)
    one = (isinstance(axis, Const) and isinstance(axis.value, int)) or (axis is None and shape is not None and len(shape) == 1)
    dtype = getattr(found, "dtype", None)
    return Array(dtype if dtype == "float64" else None, shape) if one else shapes.opaque(op, inputs, options)


structural(
    np.gradient,
    "x spacing?",
    jvp=(_gradient_jvp, _spacing_jvp),
    vjp=(_gradient_vjp, _spacing_vjp),
    result=_gradient_type,
    examples=[
        example(normal(5)),
        example(normal(2)),
        example(normal(5), positive()),
        example(normal(5), np.array([0, 1, 3, 4, 6])),
        example(normal(4), edge_order=2),
        example(normal(5), np.array([0, 1, 3, 4, 6]), edge_order=2),
        example(normal(3, 4), axis=0),
        example(normal(3, 4), 0.5, axis=-1, edge_order=2),
    ],
)
