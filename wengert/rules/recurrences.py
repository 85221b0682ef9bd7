"""Methods of ufuncs that go from entry to entry: `reduce` and `accumulate` of any ufunc of two inputs.

In: a ufunc and its partials. Out: rows for `np.hypot.reduce`, `np.maximum.accumulate` and their like.

    np.hypot.accumulate(x)      y[k] = hypot(y[k - 1], x[k]), and so do the slopes go from entry to entry

A running extreme without ties takes the tangents of the entries that it is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from wengert.ir import shapes
from wengert.rules.examples import Example, example, normal, positive
from wengert.rules.kinds import linear, structural
from wengert.rules.moving import numbered, returned
from wengert.rules.static import axes

Partial = Callable[[Any, Any, Any], Any]


def _tangents(x_dot: Any, y: Any, x: Any, of_a: Any, of_b: Any) -> Any:
    """Along the first axis, the tangents of all results of `accumulate`."""
    left, right = of_a(y[:-1], x[1:], y[1:]), of_b(y[:-1], x[1:], y[1:])
    out = np.zeros_like(x_dot)
    out[:1] = x_dot[:1]
    for k in range(1, np.shape(x)[0]):
        out[k] = left[k - 1] * out[k - 1] + right[k - 1] * x_dot[k]
    return out


def _cotangents(y_bar: Any, y: Any, x: Any, of_a: Any, of_b: Any) -> Any:
    left, right = of_a(y[:-1], x[1:], y[1:]), of_b(y[:-1], x[1:], y[1:])
    total = np.copy(y_bar)
    out = np.zeros_like(y_bar)
    for k in range(np.shape(x)[0] - 1, 0, -1):
        out[k] = right[k - 1] * total[k]
        total[k - 1] += left[k - 1] * total[k]
    out[:1] = total[:1]
    return out


def _accumulating(of_a: Partial, of_b: Partial) -> tuple[Any, Any]:
    def jvp(x_dot: Any, y: Any, x: Any, axis: Any = 0) -> Any:
        rows, moved = np.moveaxis(x, axis, 0), np.moveaxis(x_dot, axis, 0)
        return np.moveaxis(_tangents(moved, np.moveaxis(y, axis, 0), rows, of_a, of_b), 0, axis)

    def vjp(y_bar: Any, y: Any, x: Any, axis: Any = 0) -> Any:
        rows, bars = np.moveaxis(x, axis, 0), np.moveaxis(y_bar, axis, 0)
        return np.moveaxis(_cotangents(bars, np.moveaxis(y, axis, 0), rows, of_a, of_b), 0, axis)

    return jvp, vjp


def _sources(y: Any) -> Any:
    """Along the first axis, for each result of a running extreme the place of the entry that it is."""
    places = np.expand_dims(np.arange(np.shape(y)[0]), axes(1, np.ndim(y)))
    moves = np.concatenate([np.zeros(np.shape(y[:1]), bool), y[1:] != y[:-1]], axis=0)
    return np.maximum.accumulate(np.where(moves, places, 0), axis=0)


def _running(of_a: Partial, of_b: Partial) -> tuple[Any, Any]:
    """As `_accumulating`, of an extreme: without a tie each result is one of the entries."""

    def jvp(x_dot: Any, y: Any, x: Any, axis: Any = 0) -> Any:
        rows, moved, found = np.moveaxis(x, axis, 0), np.moveaxis(x_dot, axis, 0), np.moveaxis(y, axis, 0)
        if np.any(rows[1:] == found[:-1]):
            return np.moveaxis(_tangents(moved, found, rows, of_a, of_b), 0, axis)
        return np.moveaxis(np.take_along_axis(moved, _sources(found), 0), 0, axis)

    def vjp(y_bar: Any, y: Any, x: Any, axis: Any = 0) -> Any:
        rows, bars, found = np.moveaxis(x, axis, 0), np.moveaxis(y_bar, axis, 0), np.moveaxis(y, axis, 0)
        if np.any(rows[1:] == found[:-1]):
            return np.moveaxis(_cotangents(bars, found, rows, of_a, of_b), 0, axis)
        places = np.take_along_axis(numbered(rows), _sources(found), 0)
        return np.moveaxis(returned(bars, places, rows), 0, axis)

    return jvp, vjp


def _signed(rows: Any) -> Any:
    """Along the first axis, what is subtracted from the first entry turned around."""
    return np.concatenate([rows[:1], -rows[1:]], axis=0)


def _subtracted_vjp(y_bar: Any, y: Any, x: Any, axis: Any = 0) -> Any:
    bars = np.flip(np.cumsum(np.flip(np.moveaxis(y_bar, axis, 0), 0), axis=0), 0)
    return np.moveaxis(_signed(bars), 0, axis)


def _difference_vjp(y_bar: Any, y: Any, x: Any, axis: Any = 0, keepdims: Any = False) -> Any:
    rows = np.moveaxis(x, axis, 0)
    bar = np.moveaxis(y_bar, axis, 0) if keepdims else np.expand_dims(y_bar, 0)
    return np.moveaxis(_signed(np.broadcast_to(bar, np.shape(rows))), 0, axis)


def _reducing(accumulate: Any, of_a: Partial, of_b: Partial) -> tuple[Any, Any]:
    def jvp(x_dot: Any, y: Any, x: Any, axis: Any = 0, keepdims: Any = False) -> Any:
        rows = np.moveaxis(x, axis, 0)
        found = _tangents(np.moveaxis(x_dot, axis, 0), accumulate(rows), rows, of_a, of_b)[-1]
        return np.expand_dims(found, axis) if keepdims else found

    def vjp(y_bar: Any, y: Any, x: Any, axis: Any = 0, keepdims: Any = False) -> Any:
        rows = np.moveaxis(x, axis, 0)
        bars = np.zeros_like(1.0 * rows)
        bars[-1] = np.squeeze(y_bar, axis) if keepdims else y_bar
        return np.moveaxis(_cotangents(bars, accumulate(rows), rows, of_a, of_b), 0, axis)

    return jvp, vjp


def _one(a: Any, b: Any, y: Any) -> Any:
    return np.ones_like(y)


def _minus_one(a: Any, b: Any, y: Any) -> Any:
    return -np.ones_like(y)


def _is_a(a: Any, b: Any, y: Any) -> Any:
    return np.where(a == b, 0.5, np.where(np.isnan(b), 1.0, np.equal(y, a)))


def _is_b(a: Any, b: Any, y: Any) -> Any:
    return np.where(a == b, 0.5, np.where(np.isnan(a), 1.0, np.equal(y, b)))


def _share_a(a: Any, b: Any, y: Any) -> Any:
    return np.exp(np.where(np.isneginf(a), -np.inf, a - np.where(np.isneginf(a), 0.0, y)))


def _share_b(a: Any, b: Any, y: Any) -> Any:
    return np.exp(np.where(np.isneginf(b), -np.inf, b - np.where(np.isneginf(b), 0.0, y)))


def _share2_a(a: Any, b: Any, y: Any) -> Any:
    return np.exp2(np.where(np.isneginf(a), -np.inf, a - np.where(np.isneginf(a), 0.0, y)))


def _share2_b(a: Any, b: Any, y: Any) -> Any:
    return np.exp2(np.where(np.isneginf(b), -np.inf, b - np.where(np.isneginf(b), 0.0, y)))


def _leg_a(a: Any, b: Any, y: Any) -> Any:
    return a / np.where(y == 0, 1.0, y)


def _leg_b(a: Any, b: Any, y: Any) -> Any:
    return b / np.where(y == 0, 1.0, y)


def _quotient_a(a: Any, b: Any, y: Any) -> Any:
    return 1.0 / b


def _quotient_b(a: Any, b: Any, y: Any) -> Any:
    return -y / b


_RUNNING: tuple[Example, ...] = (example(normal(5)), example(normal(3, 4), axis=-1), example(normal(1)), example(normal(4, 2)))
_QUOTIENTS: tuple[Example, ...] = (example(positive(4)), example(positive(3, 4), axis=-1))
_REDUCED: tuple[Example, ...] = (*_RUNNING[:3], example(normal(3, 4), axis=1, keepdims=True))
ROWS: tuple[tuple[np.ufunc, Partial, Partial, bool, bool], ...] = (
    # whether reduce has a row here, whether its partials can be infinite
    (np.maximum, _is_a, _is_b, False, False),
    (np.minimum, _is_a, _is_b, False, False),
    (np.fmax, _is_a, _is_b, False, False),
    (np.fmin, _is_a, _is_b, False, False),
    (np.logaddexp, _share_a, _share_b, False, False),
    (np.logaddexp2, _share2_a, _share2_b, False, False),
    (np.subtract, _one, _minus_one, False, False),
    (np.divide, _quotient_a, _quotient_b, True, True),
    (np.hypot, _leg_a, _leg_b, True, True),
)
_EXTREME = (np.maximum, np.minimum, np.fmax, np.fmin)
_REDUCE, _ACCUMULATE = "axis dtype out keepdims initial where", "axis dtype out"

linear(
    np.subtract.accumulate,
    "x",
    vjp=(_subtracted_vjp,),
    options=_ACCUMULATE,
    result=shapes.probe,
    examples=(*_RUNNING, example(normal(2, 3, 4), axis=1)),
)
linear(np.subtract.reduce, "x", vjp=(_difference_vjp,), options=_REDUCE, result=shapes.probe, examples=_REDUCED)
for _op, _of_a, _of_b, _reduces, _wild in ROWS:
    if _op is np.subtract:
        continue
    _jvp, _vjp = (_running if _op in _EXTREME else _accumulating)(_of_a, _of_b)
    structural(
        _op.accumulate,
        "x",
        jvp=(_jvp,),
        vjp=(_vjp,),
        options=_ACCUMULATE,
        result=shapes.probe,
        singular=_wild,
        examples=_QUOTIENTS if _op is np.divide else _RUNNING,
    )
    if _reduces:
        _jvp, _vjp = _reducing(_op.accumulate, _of_a, _of_b)
        structural(
            _op.reduce,
            "x",
            jvp=(_jvp,),
            vjp=(_vjp,),
            options=_REDUCE,
            result=shapes.probe,
            singular=_wild,
            examples=_QUOTIENTS if _op is np.divide else _REDUCED,
        )
