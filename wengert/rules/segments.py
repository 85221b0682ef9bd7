"""Reductions of parts of an array: `reduceat` of ufuncs.

In: nothing. Out: rows for `np.add.reduceat` and its like, from the rows of `reduce`.

    np.add.reduceat(x, [0, 2])      the sums of x[0:2] and of x[2:]
"""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.ir import shapes
from wengert.rules.examples import example, normal
from wengert.rules.kinds import structural
from wengert.rules.ufunc_methods import (
    LOGADDEXP,
    LOGADDEXP2,
    extreme_reduce_jvp,
    extreme_reduce_vjp,
    multiply_reduce_jvp,
    multiply_reduce_vjp,
)


def _stops(indices: Any, length: Any) -> Any:
    """Where each part ends: before the next one, and after one entry where that does not come later."""
    begins = np.asarray(indices)
    following = np.append(begins[1:], length)
    return np.where(following > begins, following, begins + 1)


def _in_order(begins: Any) -> Any:
    """True where the parts do not overlap: each begins behind the one before."""
    return np.all(begins[1:] > begins[:-1])


def _repeated(parts: Any, begins: Any, length: Any) -> Any:
    """Along the first axis, each entry as often as its part is long; 0 before the first part."""
    counts = _stops(begins, length) - begins
    before = np.zeros_like(np.repeat(parts[:1], begins[0], axis=0))
    return np.concatenate([before, np.repeat(parts, counts, axis=0)], axis=0)


def _sums() -> tuple[Any, Any]:
    """The bodies of `np.add.reduceat`."""

    def jvp(x_dot: Any, y: Any, x: Any, indices: Any, axis: Any = 0) -> Any:
        return np.add.reduceat(x_dot, indices, axis)

    def vjp(y_bar: Any, y: Any, x: Any, indices: Any, axis: Any = 0) -> Any:
        bars, begins, length = np.moveaxis(y_bar, axis, 0), np.asarray(indices), np.shape(x)[axis]
        if _in_order(begins):
            return np.moveaxis(_repeated(bars, begins, length), 0, axis)
        stops = _stops(begins, length)
        out = np.zeros_like(1.0 * np.moveaxis(x, axis, 0))
        for k in range(np.shape(begins)[0]):
            out[begins[k] : stops[k]] += bars[k]
        return np.moveaxis(out, 0, axis)

    return jvp, vjp


def _extremes() -> tuple[Any, Any]:
    """The bodies of `np.maximum.reduceat` and its like: parts that do not overlap are taken together."""
    jvp_of_parts, vjp_of_parts = _by_parts(extreme_reduce_jvp, extreme_reduce_vjp)

    def jvp(x_dot: Any, y: Any, x: Any, indices: Any, axis: Any = 0) -> Any:
        begins = np.asarray(indices)
        if not _in_order(begins):
            return jvp_of_parts(x_dot, y, x, indices, axis)
        rows, moved, found = np.moveaxis(x, axis, 0), np.moveaxis(x_dot, axis, 0), np.moveaxis(y, axis, 0)
        chosen = np.equal(rows, _repeated(found, begins, np.shape(rows)[0]))
        total = np.add.reduceat(np.where(chosen, moved, 0.0), begins, 0)
        return np.moveaxis(total / np.add.reduceat(1.0 * chosen, begins, 0), 0, axis)

    def vjp(y_bar: Any, y: Any, x: Any, indices: Any, axis: Any = 0) -> Any:
        begins = np.asarray(indices)
        if not _in_order(begins):
            return vjp_of_parts(y_bar, y, x, indices, axis)
        rows, bars, found = np.moveaxis(x, axis, 0), np.moveaxis(y_bar, axis, 0), np.moveaxis(y, axis, 0)
        chosen = np.equal(rows, _repeated(found, begins, np.shape(rows)[0]))
        share = bars / np.add.reduceat(1.0 * chosen, begins, 0)
        return np.moveaxis(np.where(chosen, _repeated(share, begins, np.shape(rows)[0]), 0.0), 0, axis)

    return jvp, vjp


def _by_parts(reduce_jvp: Any, reduce_vjp: Any) -> tuple[Any, Any]:
    def jvp(x_dot: Any, y: Any, x: Any, indices: Any, axis: Any = 0) -> Any:
        rows, moved, whole = np.moveaxis(x, axis, 0), np.moveaxis(x_dot, axis, 0), np.moveaxis(y, axis, 0)
        begins, stops = np.asarray(indices), _stops(indices, np.shape(rows)[0])
        out = np.zeros_like(1.0 * whole)
        for k in range(np.shape(begins)[0]):
            out[k] = reduce_jvp(moved[begins[k] : stops[k]], whole[k], rows[begins[k] : stops[k]])
        return np.moveaxis(out, 0, axis)

    def vjp(y_bar: Any, y: Any, x: Any, indices: Any, axis: Any = 0) -> Any:
        rows, bars, whole = np.moveaxis(x, axis, 0), np.moveaxis(y_bar, axis, 0), np.moveaxis(y, axis, 0)
        begins, stops = np.asarray(indices), _stops(indices, np.shape(rows)[0])
        out = np.zeros_like(1.0 * rows)
        for k in range(np.shape(begins)[0]):
            out[begins[k] : stops[k]] += reduce_vjp(bars[k], whole[k], rows[begins[k] : stops[k]])
        return np.moveaxis(out, 0, axis)

    return jvp, vjp


_EXAMPLES = (
    example(normal(6), [0, 2, 3]),
    example(normal(6), np.array([4, 1, 1, 5])),
    example(normal(3, 4), [0, 2], axis=-1),
    example(normal(4, 2), [1, 3]),
    example(normal(5, 2), np.array([0, 1, 4])),
)
_ROWS: tuple[tuple[np.ufunc, tuple[Any, Any]], ...] = (
    (np.add, _sums()),
    (np.multiply, _by_parts(multiply_reduce_jvp, multiply_reduce_vjp)),
    *((op, _extremes()) for op in (np.maximum, np.minimum, np.fmax, np.fmin)),
    (np.logaddexp, _by_parts(LOGADDEXP[0][0], LOGADDEXP[1][0])),
    (np.logaddexp2, _by_parts(LOGADDEXP2[0][0], LOGADDEXP2[1][0])),
)
for _op, (_jvp, _vjp) in _ROWS:
    structural(
        _op.reduceat,
        "x indices",
        jvp=(_jvp, None),
        vjp=(_vjp, None),
        options="axis dtype out",
        result=shapes.probe,
        examples=_EXAMPLES,
    )
