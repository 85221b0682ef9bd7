"""Differences, trapezoids and finite difference gradients of samples.

In: nothing. Out: rows for `np.diff`, `np.ediff1d`, `np.trapezoid`, `np.gradient` and `np.unwrap`.

    np.diff(x)      the cotangent of an entry is what it gave to the difference on its left, less that on its right
"""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.rules.examples import example, normal, positive
from wengert.rules.kinds import structural
from wengert.rules.typings import named
from wengert.runtime import unbroadcast


def _edge(rows: Any) -> Any:
    """A zero for each row."""
    return np.zeros_like(np.sum(rows, axis=-1, keepdims=True))


def _left(rows: Any) -> Any:
    """`rows` with a zero behind: each entry at the place of the left one of two neighbors."""
    return np.concatenate([rows, _edge(rows)], axis=-1)


def _right(rows: Any) -> Any:
    return np.concatenate([_edge(rows), rows], axis=-1)


def _diff_transposed(y_bar: Any, n: Any, axis: Any) -> Any:
    rows = np.moveaxis(y_bar, axis, -1)
    for _ in range(n):
        rows = _right(rows) - _left(rows)
    return np.moveaxis(rows, -1, axis)


def _border_shape(border: Any, x: Any, axis: Any) -> Any:
    """The shape of what is put before or behind `x`: a number counts as one entry of each row."""
    if np.ndim(border) == 0:
        return tuple([1 if k == axis % np.ndim(x) else np.shape(x)[k] for k in range(np.ndim(x))])
    return np.shape(border)


def _extent(border: Any, x: Any, axis: Any) -> Any:
    if border is None:
        return 0
    return 1 if np.ndim(border) == 0 else np.shape(border)[axis]


def _extended(x: Any, prepend: Any, append: Any, axis: Any) -> Any:
    parts = [x]
    if prepend is not None:
        parts = [np.broadcast_to(prepend, _border_shape(prepend, x, axis)), *parts]
    if append is not None:
        parts = [*parts, np.broadcast_to(append, _border_shape(append, x, axis))]
    return np.concatenate(parts, axis=axis) if len(parts) > 1 else x


def _still(border: Any) -> Any:
    return None if border is None else np.zeros_like(border)


def _diff_jvp(x_dot: Any, y: Any, x: Any, prepend: Any, append: Any, n: Any = 1, axis: Any = -1) -> Any:
    moved = _extended(x_dot, _still(prepend), _still(append), axis)
    return np.diff(moved, n=n, axis=axis)


def _diff_prepend_jvp(p_dot: Any, y: Any, x: Any, prepend: Any, append: Any, n: Any = 1, axis: Any = -1) -> Any:
    moved = _extended(np.zeros_like(x), p_dot, _still(append), axis)
    return np.diff(moved, n=n, axis=axis)


def _diff_append_jvp(a_dot: Any, y: Any, x: Any, prepend: Any, append: Any, n: Any = 1, axis: Any = -1) -> Any:
    moved = _extended(np.zeros_like(x), _still(prepend), a_dot, axis)
    return np.diff(moved, n=n, axis=axis)


def _segment(bar: Any, start: Any, stop: Any, axis: Any) -> Any:
    return np.moveaxis(np.moveaxis(bar, axis, 0)[start:stop], 0, axis)


def _diff_vjp(y_bar: Any, y: Any, x: Any, prepend: Any, append: Any, n: Any = 1, axis: Any = -1) -> Any:
    bar = _diff_transposed(y_bar, n, axis)
    if prepend is None and append is None:
        return bar
    start = _extent(prepend, x, axis)
    return _segment(bar, start, start + np.shape(x)[axis], axis)


def _diff_prepend_vjp(y_bar: Any, y: Any, x: Any, prepend: Any, append: Any, n: Any = 1, axis: Any = -1) -> Any:
    bar = _diff_transposed(y_bar, n, axis)
    return unbroadcast(_segment(bar, 0, _extent(prepend, x, axis), axis), prepend)


def _diff_append_vjp(y_bar: Any, y: Any, x: Any, prepend: Any, append: Any, n: Any = 1, axis: Any = -1) -> Any:
    bar = _diff_transposed(y_bar, n, axis)
    start = _extent(prepend, x, axis) + np.shape(x)[axis]
    return unbroadcast(_segment(bar, start, None, axis), append)


def _entries(border: Any) -> Any:
    if border is None:
        return 0
    return 1 if np.ndim(border) == 0 else np.size(border)


def _ediff1d_jvp(x_dot: Any, y: Any, x: Any, to_end: Any, to_begin: Any) -> Any:
    return np.ediff1d(x_dot, _still(to_end), _still(to_begin))


def _ediff1d_end_jvp(e_dot: Any, y: Any, x: Any, to_end: Any, to_begin: Any) -> Any:
    return np.ediff1d(np.zeros_like(1.0 * x), e_dot, _still(to_begin))


def _ediff1d_begin_jvp(b_dot: Any, y: Any, x: Any, to_end: Any, to_begin: Any) -> Any:
    return np.ediff1d(np.zeros_like(1.0 * x), _still(to_end), b_dot)


def _ediff1d_vjp(y_bar: Any, y: Any, x: Any, to_end: Any, to_begin: Any) -> Any:
    start = _entries(to_begin)
    inner = y_bar[start : start + np.size(x) - 1]
    return np.reshape(_right(inner) - _left(inner), np.shape(x))


def _ediff1d_end_vjp(y_bar: Any, y: Any, x: Any, to_end: Any, to_begin: Any) -> Any:
    start = _entries(to_begin)
    return np.reshape(y_bar[start + np.size(x) - 1 :], np.shape(to_end))


def _ediff1d_begin_vjp(y_bar: Any, y: Any, x: Any, to_end: Any, to_begin: Any) -> Any:
    return np.reshape(y_bar[: _entries(to_begin)], np.shape(to_begin))


# Trapezoids: the mean of two neighbors times the step between them


def _steps(x: Any, dx: Any, samples: Any, axis: Any) -> Any:
    """The steps between the samples, along the last axis."""
    if x is None:
        return 1.0 if dx is None else dx
    return np.diff(x) if np.ndim(x) == 1 else np.moveaxis(np.diff(x, axis=axis), axis, -1)


def _pairs(samples: Any, axis: Any) -> Any:
    rows = np.moveaxis(samples, axis, -1)
    return 0.5 * (rows[..., 1:] + rows[..., :-1])


def _trapezoid_jvp(s_dot: Any, y: Any, samples: Any, x: Any, dx: Any, axis: Any = -1) -> Any:
    return np.sum(_steps(x, dx, samples, axis) * _pairs(s_dot, axis), axis=-1)


def _trapezoid_vjp(y_bar: Any, y: Any, samples: Any, x: Any, dx: Any, axis: Any = -1) -> Any:
    steps = _steps(x, dx, samples, axis)
    half, part = 0.5 * np.expand_dims(y_bar, -1) * steps, np.moveaxis(samples, axis, -1)[..., 1:]
    if np.ndim(steps) > 1:  # there may be more rows of steps than of samples
        half = unbroadcast(half, part)
    whole = np.broadcast_to(half, np.shape(part))
    return np.moveaxis(_left(whole) + _right(whole), -1, axis)


def _trapezoid_x_jvp(x_dot: Any, y: Any, samples: Any, x: Any, dx: Any, axis: Any = -1) -> Any:
    return np.sum(_steps(x_dot, dx, samples, axis) * _pairs(samples, axis), axis=-1)


def _trapezoid_x_vjp(y_bar: Any, y: Any, samples: Any, x: Any, dx: Any, axis: Any = -1) -> Any:
    rows = np.expand_dims(y_bar, -1) * _pairs(samples, axis)
    bar = _right(rows) - _left(rows)
    return unbroadcast(bar, x) if np.ndim(x) == 1 else unbroadcast(np.moveaxis(bar, -1, axis), x)


def _trapezoid_dx_jvp(d_dot: Any, y: Any, samples: Any, x: Any, dx: Any, axis: Any = -1) -> Any:
    return np.sum(d_dot * _pairs(samples, axis), axis=-1) if x is None else np.zeros_like(y)


def _trapezoid_dx_vjp(y_bar: Any, y: Any, samples: Any, x: Any, dx: Any, axis: Any = -1) -> Any:
    return unbroadcast(np.expand_dims(y_bar, -1) * _pairs(samples, axis), dx) if x is None else np.zeros_like(dx)


def _unwrap_jvp(p_dot: Any, y: Any, p: Any, period: Any, discont: Any = None, axis: Any = -1) -> Any:
    return p_dot


def _unwrap_vjp(y_bar: Any, y: Any, p: Any, period: Any, discont: Any = None, axis: Any = -1) -> Any:
    return y_bar


def _unwrap_period_jvp(d: Any, y: Any, p: Any, period: Any, discont: Any = None, axis: Any = -1) -> Any:
    return (y - p) / period * d


def _unwrap_period_vjp(y_bar: Any, y: Any, p: Any, period: Any, discont: Any = None, axis: Any = -1) -> Any:
    return np.sum((y - p) * y_bar) / period


structural(
    np.diff,
    "x prepend? append?",
    jvp=(_diff_jvp, _diff_prepend_jvp, _diff_append_jvp),
    vjp=(_diff_vjp, _diff_prepend_vjp, _diff_append_vjp),
    result=named,
    examples=[
        example(normal(5)),
        example(normal(5), 2),
        example(normal(3, 4), axis=0),
        example(normal(3, 4), n=3),
        example(normal(5), prepend=normal()),
        example(normal(3, 4), axis=0, prepend=normal(), append=normal(2, 4)),
        example(normal(3, 4), append=normal(3, 1)),
    ],
)
structural(
    np.ediff1d,
    "x to_end? to_begin?",
    jvp=(_ediff1d_jvp, _ediff1d_end_jvp, _ediff1d_begin_jvp),
    vjp=(_ediff1d_vjp, _ediff1d_end_vjp, _ediff1d_begin_vjp),
    result=named,
    examples=[
        example(normal(5)),
        example(normal(2, 3)),
        example(normal(4), normal(), normal()),
        example(normal(4), to_begin=normal(2)),
        example(normal(4), to_end=normal(2)),
    ],
)
structural(
    getattr(np, "trapezoid" if hasattr(np, "trapezoid") else "trapz"),
    "samples x? dx?",
    jvp=(_trapezoid_jvp, _trapezoid_x_jvp, _trapezoid_dx_jvp),
    vjp=(_trapezoid_vjp, _trapezoid_x_vjp, _trapezoid_dx_vjp),
    result=named,
    examples=[
        example(normal(5)),
        example(normal(5), normal(5)),
        example(normal(5), dx=positive()),
        example(normal(3, 4), normal(3), axis=0),
        example(normal(3, 4), normal(3, 4)),
        example(normal(2, 3, 4), normal(2, 3, 4), axis=1),
        example(normal(3, 4), dx=0.5, axis=-2),
    ],
)
structural(
    np.unwrap,
    "p period?",
    jvp=(_unwrap_jvp, _unwrap_period_jvp),
    vjp=(_unwrap_vjp, _unwrap_period_vjp),
    result=named,
    lazy=True,
    examples=[
        example(np.array([0.1, 2.5, 6.9, 12.0])),
        example(np.array([[0.2, 6.0, 1.0], [3.3, -3.0, 9.1]]), axis=0),
        example(np.array([0.1, 2.5, 6.9, 12.0]), discont=4.0),
        example(np.array([0.1, 2.5, 6.9, 12.0]), period=3.3),
    ],
)
