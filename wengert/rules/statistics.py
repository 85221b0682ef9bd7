"""Averages, covariances and counts.

In: nothing. Out: rows for `np.average`, `np.cov`, `np.corrcoef` and `np.bincount`.

    np.cov(x)      the cotangent of x is (y_bar + y_bar.T) @ (x - mean) / (n - 1)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from wengert.ir.nodes import Arg
from wengert.ir.sampling import is_none, type_of
from wengert.ir.types import Array, Number, Sym, Type, shape_of
from wengert.rules.examples import example, normal, positive
from wengert.rules.kinds import linear, structural
from wengert.rules.masks import spread
from wengert.rules.reductions import shaped
from wengert.rules.static import axes
from wengert.rules.typings import named


def _weights(x: Any, weights: Any, axis: Any) -> Any:
    """The weights in a shape that broadcasts to `x`; one row of them may go along one axis."""
    if weights is None:
        return 1.0
    if np.ndim(weights) == np.ndim(x):
        return weights
    return np.moveaxis(np.expand_dims(weights, axes(0, np.ndim(x) - 1)), -1, axis)


def _total(x: Any, weights: Any, axis: Any, keepdims: Any) -> Any:
    whole = np.broadcast_to(_weights(x, weights, axis), np.shape(x))
    return np.sum(whole, axis=axis, keepdims=keepdims)


def _average_jvp(x_dot: Any, y: Any, x: Any, weights: Any, axis: Any = None, keepdims: Any = False) -> Any:
    moved = np.sum(_weights(x, weights, axis) * x_dot, axis=axis, keepdims=keepdims)
    return shaped(moved / _total(x, weights, axis, keepdims), y)


def _average_vjp(y_bar: Any, y: Any, x: Any, weights: Any, axis: Any = None, keepdims: Any = False) -> Any:
    share = spread(y_bar / _total(x, weights, axis, keepdims), axis, keepdims)
    return np.broadcast_to(share * _weights(x, weights, axis), np.shape(x))


def _average_weights_jvp(w_dot: Any, y: Any, x: Any, weights: Any, axis: Any = None, keepdims: Any = False) -> Any:
    apart = x - spread(y, axis, keepdims)
    moved = np.sum(apart * _weights(x, w_dot, axis), axis=axis, keepdims=keepdims)
    return shaped(moved / _total(x, weights, axis, keepdims), y)


def _average_weights_vjp(y_bar: Any, y: Any, x: Any, weights: Any, axis: Any = None, keepdims: Any = False) -> Any:
    share = spread(y_bar / _total(x, weights, axis, keepdims), axis, keepdims)
    whole = share * (x - spread(y, axis, keepdims))
    if np.ndim(weights) == np.ndim(x):
        return whole
    return np.sum(np.moveaxis(whole, axis, -1), axis=axes(0, np.ndim(x) - 1))


# Covariances: the rows are variables, the columns are observations


def _rows(x: Any, rowvar: Any) -> Any:
    if np.ndim(x) < 2:
        return np.reshape(x, (1, np.size(x)))
    return x if rowvar else np.transpose(x)


def _all_rows(m: Any, other: Any, rowvar: Any) -> Any:
    rows = _rows(m, rowvar)
    return rows if other is None else np.concatenate([rows, _rows(other, rowvar)], axis=0)


def _as_given(rows: Any, x: Any, rowvar: Any) -> Any:
    if np.ndim(x) < 2:
        return np.reshape(rows, np.shape(x))
    return rows if rowvar else np.transpose(rows)


def _part(rows: Any, m: Any, other: Any, second: Any, rowvar: Any) -> Any:
    """The rows of one of the two arguments."""
    count = np.shape(_rows(m, rowvar))[0]
    return _as_given(rows[count:], other, rowvar) if second else _as_given(rows[:count], m, rowvar)


def _moved_rows(dot: Any, m: Any, other: Any, second: Any, rowvar: Any) -> Any:
    """The tangents of all rows, of which one argument moves."""
    if other is None:
        return _rows(dot, rowvar)
    if second:
        return np.concatenate([np.zeros_like(_rows(m, rowvar)), _rows(dot, rowvar)], axis=0)
    return np.concatenate([_rows(dot, rowvar), np.zeros_like(_rows(other, rowvar))], axis=0)


def _centered(rows: Any) -> Any:
    return rows - np.mean(rows, axis=1, keepdims=True)


def _counts(fweights: Any, aweights: Any) -> Any:
    """How much each observation counts; None where all count the same."""
    if fweights is None:
        return aweights
    return fweights if aweights is None else fweights * aweights


def _around_mean(rows: Any, fweights: Any, aweights: Any) -> Any:
    counts = _counts(fweights, aweights)
    if counts is None:
        return _centered(rows)
    return rows - np.expand_dims(rows @ counts / np.sum(counts), 1)


def _weighted(rows: Any, fweights: Any, aweights: Any) -> Any:
    counts = _counts(fweights, aweights)
    return rows if counts is None else rows * counts


def _freedom(rows: Any, bias: Any, ddof: Any, fweights: Any, aweights: Any) -> Any:
    less = (0 if bias else 1) if ddof is None else ddof
    counts = _counts(fweights, aweights)
    if counts is None:
        return np.shape(rows)[1] - less
    if aweights is None:
        return np.sum(counts) - less
    return np.sum(counts) - less * np.sum(counts * aweights) / np.sum(counts)


def _cov_moved(moved: Any, y: Any, rows: Any, bias: Any, ddof: Any, fweights: Any, aweights: Any) -> Any:
    product = _weighted(_around_mean(rows, fweights, aweights), fweights, aweights) @ np.transpose(moved)
    return shaped((product + np.transpose(product)) / _freedom(rows, bias, ddof, fweights, aweights), y)


def _cov_rows(y_bar: Any, rows: Any, bias: Any, ddof: Any, fweights: Any, aweights: Any) -> Any:
    bar = np.reshape(y_bar, (np.shape(rows)[0], np.shape(rows)[0]))
    apart = _weighted(_around_mean(rows, fweights, aweights), fweights, aweights)
    return (bar + np.transpose(bar)) @ apart / _freedom(rows, bias, ddof, fweights, aweights)


def _cov_jvp(
    m_dot: Any, y: Any, m: Any, other: Any, rowvar: Any = True, bias: Any = False, ddof: Any = None, fweights: Any = None,
    aweights: Any = None, dtype: Any = None,
) -> Any:  # fmt: skip
    moved, rows = _moved_rows(m_dot, m, other, False, rowvar), _all_rows(m, other, rowvar)
    return _cov_moved(moved, y, rows, bias, ddof, fweights, aweights)


def _cov_other_jvp(
    o_dot: Any, y: Any, m: Any, other: Any, rowvar: Any = True, bias: Any = False, ddof: Any = None, fweights: Any = None,
    aweights: Any = None, dtype: Any = None,
) -> Any:  # fmt: skip
    moved, rows = _moved_rows(o_dot, m, other, True, rowvar), _all_rows(m, other, rowvar)
    return _cov_moved(moved, y, rows, bias, ddof, fweights, aweights)


def _cov_vjp(
    y_bar: Any, y: Any, m: Any, other: Any, rowvar: Any = True, bias: Any = False, ddof: Any = None, fweights: Any = None,
    aweights: Any = None, dtype: Any = None,
) -> Any:  # fmt: skip
    rows = _cov_rows(y_bar, _all_rows(m, other, rowvar), bias, ddof, fweights, aweights)
    return _part(rows, m, other, False, rowvar)


def _cov_other_vjp(
    y_bar: Any, y: Any, m: Any, other: Any, rowvar: Any = True, bias: Any = False, ddof: Any = None, fweights: Any = None,
    aweights: Any = None, dtype: Any = None,
) -> Any:  # fmt: skip
    rows = _cov_rows(y_bar, _all_rows(m, other, rowvar), bias, ddof, fweights, aweights)
    return _part(rows, m, other, True, rowvar)


def _lengths(rows: Any) -> Any:
    return np.sqrt(np.sum(rows * rows, axis=1, keepdims=True))


def _corr_moved(moved: Any, y: Any, rows: Any) -> Any:
    """Rows of length 1 move at right angles to themselves."""
    apart = _centered(rows)
    unit = apart / _lengths(apart)
    turn = _centered(moved) / _lengths(apart)
    product = unit @ np.transpose(turn - unit * np.sum(unit * turn, axis=1, keepdims=True))
    return shaped(product + np.transpose(product), y)


def _corr_rows(y_bar: Any, rows: Any) -> Any:
    apart = _centered(rows)
    unit = apart / _lengths(apart)
    bar = np.reshape(y_bar, (np.shape(rows)[0], np.shape(rows)[0]))
    whole = (bar + np.transpose(bar)) @ unit
    return (whole - unit * np.sum(unit * whole, axis=1, keepdims=True)) / _lengths(apart)


def _corr_jvp(x_dot: Any, y: Any, x: Any, other: Any, rowvar: Any = True, dtype: Any = None) -> Any:
    return _corr_moved(_moved_rows(x_dot, x, other, False, rowvar), y, _all_rows(x, other, rowvar))


def _corr_other_jvp(o_dot: Any, y: Any, x: Any, other: Any, rowvar: Any = True, dtype: Any = None) -> Any:
    return _corr_moved(_moved_rows(o_dot, x, other, True, rowvar), y, _all_rows(x, other, rowvar))


def _corr_vjp(y_bar: Any, y: Any, x: Any, other: Any, rowvar: Any = True, dtype: Any = None) -> Any:
    return _part(_corr_rows(y_bar, _all_rows(x, other, rowvar)), x, other, False, rowvar)


def _corr_other_vjp(y_bar: Any, y: Any, x: Any, other: Any, rowvar: Any = True, dtype: Any = None) -> Any:
    return _part(_corr_rows(y_bar, _all_rows(x, other, rowvar)), x, other, True, rowvar)


# Counts


def _bincount_vjp(y_bar: Any, y: Any, x: Any, weights: Any, minlength: Any = 0) -> Any:
    return y_bar[x]


def _bincount_type(op: Any, inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
    """As many counts as the largest number says."""
    return Array(None, (Sym(("bincount", tuple(inputs), tuple(options.items()))),))


def _covariance_type(op: Any, inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
    """A row of observations gives a number, rows of them a matrix."""
    known = all(shape_of(type_of(i)) is not None or is_none(i) for i in inputs)
    rest = {k: v for k, v in options.items() if k not in ("fweights", "aweights")}  # they have the length of the data
    return named(op, inputs, rest) if known else Number()


_COVARIANCES = (
    example(normal(3, 5)),
    example(normal(5)),
    example(normal(3, 5), normal(5)),
    example(normal(5, 3), rowvar=False),
    example(normal(5), normal(5)),
)
_TIMES, _SHARES = np.array([1, 2, 1, 3, 1]), np.array([0.5, 1.0, 1.5, 0.7, 2.0])
_COUNTED = (
    example(normal(3, 5), fweights=_TIMES),
    example(normal(3, 5), normal(5), aweights=_SHARES),
    example(normal(5, 3), rowvar=False, fweights=_TIMES, aweights=_SHARES, ddof=2, dtype=np.float64),
)

structural(
    np.average,
    "x weights?",
    jvp=(_average_jvp, _average_weights_jvp),
    vjp=(_average_vjp, _average_weights_vjp),
    result=named,
    examples=[
        example(normal(5)),
        example(normal(5), weights=positive(5)),
        example(normal(3, 4), 0),
        example(normal(3, 4), axis=1, weights=positive(4)),
        example(normal(3, 4), axis=0, weights=positive(3)),
        example(normal(3, 4), weights=positive(3, 4)),
        example(normal(3, 4), axis=-1, weights=positive(3, 4), keepdims=True),
    ],
)
structural(
    np.cov,
    "m other?",
    jvp=(_cov_jvp, _cov_other_jvp),
    vjp=(_cov_vjp, _cov_other_vjp),
    result=_covariance_type,
    examples=[*_COVARIANCES, example(normal(3, 5), bias=True), example(normal(3, 5), ddof=2), *_COUNTED],
)
structural(
    np.corrcoef,
    "x other?",
    jvp=(_corr_jvp, _corr_other_jvp),
    vjp=(_corr_vjp, _corr_other_vjp),
    result=_covariance_type,
    examples=_COVARIANCES,
)
linear(
    np.bincount,
    "x weights?",
    vjp=(None, _bincount_vjp),
    options="minlength",
    result=_bincount_type,
    examples=[
        example(np.array([0, 2, 2, 1]), normal(4)),
        example(np.array([0, 2, 2, 1]), weights=normal(4), minlength=5),
    ],
)
