"""Covariances and correlations.

In: nothing. Out: rows for `np.cov` and `np.corrcoef`.

    np.cov(x)      the cotangent of x is (y_bar + y_bar.T) @ (x - mean) / (n - 1)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from wengert.ir.nodes import Arg
from wengert.ir.sampling import is_none, type_of
from wengert.ir.types import Number, Type, shape_of
from wengert.rules.examples import example, normal, positive
from wengert.rules.kinds import structural
from wengert.rules.reductions import shaped
from wengert.rules.typings import named

# The rows are variables, the columns are observations


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


def _freedom_slopes(bias: Any, ddof: Any, fweights: Any, aweights: Any) -> Any:
    """The slopes of `_freedom` by each of the weights."""
    less = (0 if bias else 1) if ddof is None else ddof
    counts = _counts(fweights, aweights)
    total = np.sum(counts)
    apart = 2.0 * aweights / total - np.sum(counts * aweights) / total**2
    return _counts(fweights, 1.0 - less * apart)


def _cov_moved(moved: Any, y: Any, rows: Any, bias: Any, ddof: Any, fweights: Any, aweights: Any) -> Any:
    product = _weighted(_around_mean(rows, fweights, aweights), fweights, aweights) @ np.transpose(moved)
    return shaped((product + np.transpose(product)) / _freedom(rows, bias, ddof, fweights, aweights), y)


def _cov_rows(y_bar: Any, rows: Any, bias: Any, ddof: Any, fweights: Any, aweights: Any) -> Any:
    bar = np.reshape(y_bar, (np.shape(rows)[0], np.shape(rows)[0]))
    apart = _weighted(_around_mean(rows, fweights, aweights), fweights, aweights)
    return (bar + np.transpose(bar)) @ apart / _freedom(rows, bias, ddof, fweights, aweights)


def _cov_jvp(
    m_dot: Any, y: Any, m: Any, other: Any, aweights: Any, rowvar: Any = True, bias: Any = False, ddof: Any = None,
    fweights: Any = None, dtype: Any = None,
) -> Any:  # fmt: skip
    moved, rows = _moved_rows(m_dot, m, other, False, rowvar), _all_rows(m, other, rowvar)
    return _cov_moved(moved, y, rows, bias, ddof, fweights, aweights)


def _cov_other_jvp(
    o_dot: Any, y: Any, m: Any, other: Any, aweights: Any, rowvar: Any = True, bias: Any = False, ddof: Any = None,
    fweights: Any = None, dtype: Any = None,
) -> Any:  # fmt: skip
    moved, rows = _moved_rows(o_dot, m, other, True, rowvar), _all_rows(m, other, rowvar)
    return _cov_moved(moved, y, rows, bias, ddof, fweights, aweights)


def _cov_aweights_jvp(
    d: Any, y: Any, m: Any, other: Any, aweights: Any, rowvar: Any = True, bias: Any = False, ddof: Any = None,
    fweights: Any = None, dtype: Any = None,
) -> Any:  # fmt: skip
    rows, slopes = _all_rows(m, other, rowvar), _freedom_slopes(bias, ddof, fweights, aweights)
    apart = _around_mean(rows, fweights, aweights)
    moved = (apart * _counts(fweights, d)) @ np.transpose(apart)
    return shaped((moved - np.reshape(y, np.shape(moved)) * (slopes @ d)) / _freedom(rows, bias, ddof, fweights, aweights), y)


def _cov_vjp(
    y_bar: Any, y: Any, m: Any, other: Any, aweights: Any, rowvar: Any = True, bias: Any = False, ddof: Any = None,
    fweights: Any = None, dtype: Any = None,
) -> Any:  # fmt: skip
    rows = _cov_rows(y_bar, _all_rows(m, other, rowvar), bias, ddof, fweights, aweights)
    return _part(rows, m, other, False, rowvar)


def _cov_other_vjp(
    y_bar: Any, y: Any, m: Any, other: Any, aweights: Any, rowvar: Any = True, bias: Any = False, ddof: Any = None,
    fweights: Any = None, dtype: Any = None,
) -> Any:  # fmt: skip
    rows = _cov_rows(y_bar, _all_rows(m, other, rowvar), bias, ddof, fweights, aweights)
    return _part(rows, m, other, True, rowvar)


def _cov_aweights_vjp(
    y_bar: Any, y: Any, m: Any, other: Any, aweights: Any, rowvar: Any = True, bias: Any = False, ddof: Any = None,
    fweights: Any = None, dtype: Any = None,
) -> Any:  # fmt: skip
    rows, slopes = _all_rows(m, other, rowvar), _freedom_slopes(bias, ddof, fweights, aweights)
    apart = _around_mean(rows, fweights, aweights)
    bar = np.reshape(y_bar, (np.shape(rows)[0], np.shape(rows)[0]))
    share = _counts(fweights, np.sum(apart * (bar @ apart), axis=0))
    return (share - np.sum(y_bar * y) * slopes) / _freedom(rows, bias, ddof, fweights, aweights)


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
    example(normal(3, 5), aweights=positive(5), fweights=_TIMES),
    example(normal(5, 3), rowvar=False, fweights=_TIMES, aweights=_SHARES, ddof=2, dtype=np.float64),
)

structural(
    np.cov,
    "m other? aweights?",
    jvp=(_cov_jvp, _cov_other_jvp, _cov_aweights_jvp),
    vjp=(_cov_vjp, _cov_other_vjp, _cov_aweights_vjp),
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
