"""Gradients of samples on a grid.

In: nothing. Out: the row for `np.gradient`, along one axis or several, with steps or coordinates.

    np.gradient(x, h)      inside the mean slope to both neighbors, at the ends a one-sided one
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from wengert.ir import shapes
from wengert.ir.nodes import Arg
from wengert.ir.sampling import constant_value
from wengert.ir.types import Array, Tuple, Type, shape_of
from wengert.rules.examples import example, normal, positive
from wengert.rules.kinds import holds_complex, structural
from wengert.rules.static import static
from wengert.runtime import bundle

_MOST = 4
"""As many axes may have a spacing of their own."""


@static
def gradient_axes(axis: Any, rank: Any) -> Any:
    """the rank of the array: the axes along which slopes are taken."""
    if axis is None:
        return tuple(range(rank))
    return (axis,) if isinstance(axis, int) else tuple(axis)


def _last(x: Any, axis: Any) -> Any:
    return x if axis == np.ndim(x) - 1 or axis == -1 else np.moveaxis(x, axis, -1)


def _turned_back(rows: Any, axis: Any) -> Any:
    return rows if axis == np.ndim(rows) - 1 or axis == -1 else np.moveaxis(rows, -1, axis)


def _shares(spacing: Any) -> Any:
    """The distances between neighbors, one number where they are equal; what a slope inside takes of that on its left and of
    that on its right."""
    if spacing is None or np.ndim(spacing) == 0:
        return 1.0 if spacing is None else spacing, 0.5, 0.5
    d = np.diff(spacing)
    both = d[:-1] + d[1:]
    return d, d[1:] / both, d[:-1] / both


def _at_ends(spacing: Any) -> Any:
    """What the slopes at the ends take, by the second order, of the difference between the two nearest ones."""
    if spacing is None or np.ndim(spacing) == 0:
        return 0.5, 0.5
    d = np.diff(spacing)
    return d[0] / (d[0] + d[1]), d[-1] / (d[-1] + d[-2])


def _evenly_along(rows: Any) -> Any:
    """As `_along`, where all distances are 1 and the slopes at the ends are of the first order."""
    inner = 0.5 * rows[..., 1:-1]
    bar = np.zeros_like(1.0 * rows)
    bar[..., 2:] += inner
    bar[..., :-2] -= inner
    bar[..., :1] -= rows[..., :1]
    bar[..., 1:2] += rows[..., :1]
    bar[..., -2:-1] -= rows[..., -1:]
    bar[..., -1:] += rows[..., -1:]
    return bar


def _along(rows: Any, spacing: Any, edge_order: Any) -> Any:
    """The transpose of the slopes along the last axis, applied to their cotangents.

    Each is a mean of the slopes between neighbors, and the cotangents of those are differences away.
    """
    if edge_order == 1 and (spacing is None or np.ndim(spacing) == 0):
        return _evenly_along(rows if spacing is None else rows / spacing)
    d, of_left, of_right = _shares(spacing)
    first, inner, last = rows[..., :1], rows[..., 1:-1], rows[..., -1:]
    left, right = of_left * inner, of_right * inner
    if edge_order == 2:
        begin, end = _at_ends(spacing)
        right = np.concatenate([right[..., :1] - begin * first, right[..., 1:]], axis=-1)
        left = np.concatenate([left[..., :-1], left[..., -1:] - end * last], axis=-1)
        first, last = (1.0 + begin) * first, (1.0 + end) * last
    slopes = (np.concatenate([left, last], axis=-1) + np.concatenate([first, right], axis=-1)) / d
    edge = np.zeros_like(rows[..., :1])
    return np.concatenate([edge, slopes], axis=-1) - np.concatenate([slopes, edge], axis=-1)


# By the coordinates: each slope depends on two distances, the ends on one or two


def _near(n: Any) -> Any:
    """Which distances the slopes along an axis of n entries depend on."""
    left = np.clip(np.arange(n) - 1, 0, max(n - 3, 0))
    return left, np.minimum(left + 1, n - 2)


def _end_slopes(values: Any, near: Any, far: Any) -> Any:
    """What a one-sided slope of second order changes by when the near or the far distance does."""
    both = 1.0 / (near + far) ** 2
    of_near = (1.0 / near**2 + both) * values[0] - values[1] / near**2 - both * values[2]
    return of_near, both * values[0] - values[1] / far**2 + (1.0 / far**2 - both) * values[2]


def _by_distance(rows: Any, y: Any, d: Any, edge_order: Any) -> Any:
    """The slopes of the results along the last axis by the distance on the left and the one on the right."""
    before, behind = d[:-1], d[1:]
    low, middle, high = rows[..., :-2], rows[..., 1:-1], rows[..., 2:]
    both = 1.0 / (before + behind) ** 2
    left = both * (behind * (2.0 * before + behind) / before**2) * low - middle / before**2 + both * high
    right = -both * low + middle / behind**2 - both * (before * (before + 2.0 * behind) / behind**2) * high
    none = np.zeros_like(y[..., :1])
    if edge_order == 1:
        first = (np.expand_dims(-y[..., 0] / d[0], -1), none)
        last = (none, np.expand_dims(-y[..., -1] / d[-1], -1))
    else:
        near, far = _end_slopes((rows[..., 0], rows[..., 1], rows[..., 2]), d[0], d[1])
        first = (np.expand_dims(near, -1), np.expand_dims(far, -1))
        near, far = _end_slopes((rows[..., -1], rows[..., -2], rows[..., -3]), d[-1], d[-2])
        last = (np.expand_dims(-far, -1), np.expand_dims(-near, -1))
    of_left = np.concatenate([first[0], left, last[0]], axis=-1)
    return of_left, np.concatenate([first[1], right, last[1]], axis=-1)


def _coordinates_jvp(h_dot: Any, y: Any, x: Any, spacing: Any, axis: Any, edge_order: Any) -> Any:
    if np.ndim(spacing) == 0:
        return -y * (h_dot / spacing)
    rows, d_dot = np.moveaxis(x, axis, -1), np.diff(h_dot)
    left, right = _by_distance(rows, np.moveaxis(y, axis, -1), np.diff(spacing), edge_order)
    on_left, on_right = _near(np.shape(rows)[-1])
    return np.moveaxis(left * d_dot[on_left] + right * d_dot[on_right], -1, axis)


def _coordinates_vjp(y_bar: Any, y: Any, x: Any, spacing: Any, axis: Any, edge_order: Any) -> Any:
    if np.ndim(spacing) == 0:
        return -np.sum(y * y_bar) / spacing
    rows, bars = np.moveaxis(x, axis, -1), np.moveaxis(y_bar, axis, -1)
    left, right = _by_distance(rows, np.moveaxis(y, axis, -1), np.diff(spacing), edge_order)
    n = np.shape(rows)[-1]
    on_left, on_right = _near(n)
    d_bar = np.zeros(n - 1)
    np.add.at(d_bar, on_left, np.sum(np.reshape(bars * left, (-1, n)), axis=0))
    np.add.at(d_bar, on_right, np.sum(np.reshape(bars * right, (-1, n)), axis=0))
    return np.append(0.0, d_bar) - np.append(d_bar, 0.0)


# The row


def _spacing_of(spacings: Any, k: Any) -> Any:
    """The spacing of axis number k: a single one holds for all axes."""
    return spacings[0] if spacings[1] is None else spacings[k]


def _part(values: Any, k: Any, count: Any) -> Any:
    return values if count == 1 else values[k]


def _slope_along(x: Any, spacing: Any, axis: Any, edge_order: Any) -> Any:
    if spacing is None:
        return np.gradient(x, axis=axis, edge_order=edge_order)
    return np.gradient(x, spacing, axis=axis, edge_order=edge_order)


def _gradient_jvp(
    x_dot: Any, y: Any, x: Any, h: Any = None, i: Any = None, j: Any = None, k: Any = None, axis: Any = None,
    edge_order: Any = 1,
) -> Any:  # fmt: skip
    axes = gradient_axes(axis, np.ndim(x))
    found = [_slope_along(x_dot, _spacing_of((h, i, j, k), n), axes[n], edge_order) for n in range(len(axes))]
    return found[0] if len(axes) == 1 else bundle(found)


def _gradient_vjp(
    y_bar: Any, y: Any, x: Any, h: Any = None, i: Any = None, j: Any = None, k: Any = None, axis: Any = None,
    edge_order: Any = 1,
) -> Any:  # fmt: skip
    axes = gradient_axes(axis, np.ndim(x))
    bar = 0.0
    for n in range(len(axes)):
        rows = _last(_part(y_bar, n, len(axes)), axes[n])
        bar = bar + _turned_back(_along(rows, _spacing_of((h, i, j, k), n), edge_order), axes[n])
    return np.reshape(bar, np.shape(x))


@static
def _real_spacing(is_complex: Any) -> Any:
    """whether a spacing is complex."""
    if is_complex:
        raise NotImplementedError("`np.gradient` is not differentiated by complex spacings")
    return True


def _spacing_bodies(number: int) -> tuple[Any, Any]:
    """The jvp and the vjp by one of the spacings."""

    def jvp(
        d: Any, y: Any, x: Any, h: Any = None, i: Any = None, j: Any = None, k: Any = None, axis: Any = None,
        edge_order: Any = 1,
    ) -> Any:  # fmt: skip
        axes, given = gradient_axes(axis, np.ndim(x)), (h, i, j, k)
        _real_spacing(holds_complex(given[number]))
        found: list[Any] = []
        for n in range(len(axes)):
            if n == number or i is None:
                move = _coordinates_jvp(d, _part(y, n, len(axes)), x, given[number], axes[n], edge_order)
                found = [*found, move]
            else:
                found = [*found, np.zeros_like(x)]
        return found[0] if len(axes) == 1 else bundle(found)

    def vjp(
        y_bar: Any, y: Any, x: Any, h: Any = None, i: Any = None, j: Any = None, k: Any = None, axis: Any = None,
        edge_order: Any = 1,
    ) -> Any:  # fmt: skip
        axes, given = gradient_axes(axis, np.ndim(x)), (h, i, j, k)
        _real_spacing(holds_complex(given[number]))
        bar = 0.0
        for n in range(len(axes)):
            if n == number or i is None:
                whole = _part(y_bar, n, len(axes)), _part(y, n, len(axes))
                bar = bar + _coordinates_vjp(whole[0], whole[1], x, given[number], axes[n], edge_order)
        return bar

    return jvp, vjp


def _gradient_type(op: Any, inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
    """One array of the shape of the samples for each axis; alone where it is one."""
    found = shapes.type_of(inputs[0])
    shape, dtype = shape_of(found), getattr(found, "dtype", None)
    one = Array(dtype if dtype in ("float64", "complex128") else None, shape)
    try:
        axis = constant_value(options["axis"]) if "axis" in options else None
    except TypeError:
        return shapes.opaque(op, inputs, options)
    if axis is None and shape is None:
        return shapes.opaque(op, inputs, options)
    count = len(gradient_axes(axis, len(shape or ())))
    return one if count == 1 else Tuple((one,) * count)


_GRID = np.array([0.0, 1.0, 2.5, 3.0, 5.0])
_bodies = [_spacing_bodies(number) for number in range(_MOST)]
structural(
    np.gradient,
    "x h? i? j? k?",
    jvp=(_gradient_jvp, *(jvp for jvp, _ in _bodies)),
    vjp=(_gradient_vjp, *(vjp for _, vjp in _bodies)),
    result=_gradient_type,
    examples=[
        example(normal(5)),
        example(normal(2)),
        example(normal(5), positive()),
        example(normal(5), _GRID),
        example(normal(2), np.array([0.5, 2.0])),
        example(normal(4), edge_order=2),
        example(normal(5), _GRID, edge_order=2),
        example(normal(3, 4), axis=0),
        example(normal(3, 4), 0.5, axis=-1, edge_order=2),
        example(normal(3, 5), _GRID, axis=1),
        example(normal(3, 4)),
        example(normal(3, 5), positive(), _GRID, edge_order=2),
        example(normal(2, 3, 5), positive(), axis=(0, -1)),
        example(normal(2, 5, 3), positive(), _GRID, positive()),
    ],
)
