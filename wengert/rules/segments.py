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
    add_reduce_jvp,
    add_reduce_vjp,
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


def _by_parts(reduce_jvp: Any, reduce_vjp: Any) -> tuple[Any, Any]:
    def jvp(x_dot: Any, y: Any, x: Any, indices: Any, axis: Any = 0) -> Any:
        rows, moved, whole = np.moveaxis(x, axis, 0), np.moveaxis(x_dot, axis, 0), np.moveaxis(y, axis, 0)
        begins, stops = np.asarray(indices), _stops(indices, np.shape(rows)[0])
        out = np.zeros_like(whole)
        for k in range(np.shape(begins)[0]):
            out[k] = reduce_jvp(moved[begins[k] : stops[k]], whole[k], rows[begins[k] : stops[k]])
        return np.moveaxis(out, 0, axis)

    def vjp(y_bar: Any, y: Any, x: Any, indices: Any, axis: Any = 0) -> Any:
        rows, bars, whole = np.moveaxis(x, axis, 0), np.moveaxis(y_bar, axis, 0), np.moveaxis(y, axis, 0)
        begins, stops = np.asarray(indices), _stops(indices, np.shape(rows)[0])
        out = np.zeros_like(rows)
        for k in range(np.shape(begins)[0]):
            out[begins[k] : stops[k]] += reduce_vjp(bars[k], whole[k], rows[begins[k] : stops[k]])
        return np.moveaxis(out, 0, axis)

    return jvp, vjp


_EXAMPLES = (
    example(normal(6), [0, 2, 3]),
    example(normal(6), np.array([4, 1, 1, 5])),
    example(normal(3, 4), [0, 2], axis=-1),
    example(normal(4, 2), [1, 3]),
)
_ROWS: tuple[tuple[np.ufunc, Any, Any], ...] = (
    (np.add, add_reduce_jvp, add_reduce_vjp),
    (np.multiply, multiply_reduce_jvp, multiply_reduce_vjp),
    (np.maximum, extreme_reduce_jvp, extreme_reduce_vjp),
    (np.minimum, extreme_reduce_jvp, extreme_reduce_vjp),
    (np.fmax, extreme_reduce_jvp, extreme_reduce_vjp),
    (np.fmin, extreme_reduce_jvp, extreme_reduce_vjp),
    (np.logaddexp, LOGADDEXP[0][0], LOGADDEXP[1][0]),
    (np.logaddexp2, LOGADDEXP2[0][0], LOGADDEXP2[1][0]),
)
for _op, _reduce_jvp, _reduce_vjp in _ROWS:
    _jvp, _vjp = _by_parts(_reduce_jvp, _reduce_vjp)
    structural(
        _op.reduceat,
        "x indices",
        jvp=(_jvp, None),
        vjp=(_vjp, None),
        options="axis dtype out",
        result=shapes.probe,
        examples=_EXAMPLES,
    )
