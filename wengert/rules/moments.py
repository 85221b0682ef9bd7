"""Variances and standard deviations.

In: nothing. Out: rows for `np.var` and `np.std`.

    np.std(x)       0 where all entries are equal
"""

from __future__ import annotations

from inspect import signature
from typing import Any

import numpy as np

from wengert.rules.examples import Example, example, normal
from wengert.rules.kinds import structural
from wengert.rules.masks import everywhere, kept, number_kept, reduced_by_name, spread
from wengert.rules.reductions import ALONG, MASKED, PRECISE, count
from wengert.runtime import unbroadcast


def _centered(x: Any, mean: Any, axis: Any, where: Any) -> Any:
    if mean is not None:
        return kept(x - mean, where, 0.0)
    if everywhere(where):
        return x - np.mean(x, axis=axis, keepdims=True)
    return np.where(where, x - np.mean(x, axis=axis, keepdims=True, where=where), 0.0)


def _freedom(x: Any, axis: Any, ddof: Any, keepdims: Any, where: Any) -> Any:
    """What the sum of squares is divided by."""
    number = count(x, axis) if everywhere(where) else number_kept(x, axis, keepdims, where)
    return number if isinstance(ddof, int) and ddof == 0 else number - ddof


def _var_jvp(
    x_dot: Any, y: Any, x: Any, mean: Any = None, axis: Any = None, dtype: Any = None, ddof: Any = 0, keepdims: Any = False,
    where: Any = True,
) -> Any:  # fmt: skip
    total = np.sum(_centered(x, mean, axis, where) * x_dot, axis=axis, keepdims=keepdims)
    return 2.0 * total / _freedom(x, axis, ddof, keepdims, where)


def _var_vjp(
    y_bar: Any, y: Any, x: Any, mean: Any = None, axis: Any = None, dtype: Any = None, ddof: Any = 0, keepdims: Any = False,
    where: Any = True,
) -> Any:  # fmt: skip
    if everywhere(where):
        return 2.0 * spread(y_bar, axis, keepdims) * _centered(x, mean, axis, where) / _freedom(x, axis, ddof, keepdims, where)
    return 2.0 * spread(y_bar / _freedom(x, axis, ddof, keepdims, where), axis, keepdims) * _centered(x, mean, axis, where)


def _var_mean_jvp(
    d: Any, y: Any, x: Any, mean: Any = None, axis: Any = None, dtype: Any = None, ddof: Any = 0, keepdims: Any = False,
    where: Any = True,
) -> Any:  # fmt: skip
    total = np.sum(_centered(x, mean, axis, where) * d, axis=axis, keepdims=keepdims)
    return -2.0 * total / _freedom(x, axis, ddof, keepdims, where)


def _var_mean_vjp(
    y_bar: Any, y: Any, x: Any, mean: Any = None, axis: Any = None, dtype: Any = None, ddof: Any = 0, keepdims: Any = False,
    where: Any = True,
) -> Any:  # fmt: skip
    return unbroadcast(-_var_vjp(y_bar, y, x, mean, axis, dtype, ddof, keepdims, where), mean)


def _std_jvp(
    x_dot: Any, y: Any, x: Any, mean: Any = None, axis: Any = None, dtype: Any = None, ddof: Any = 0, keepdims: Any = False,
    where: Any = True,
) -> Any:  # fmt: skip
    safe = np.where(y == 0, 1.0, y)
    total = np.sum(_centered(x, mean, axis, where) * x_dot, axis=axis, keepdims=keepdims)
    return np.where(y == 0, 0.0, total / _freedom(x, axis, ddof, keepdims, where) / safe)


def _std_vjp(
    y_bar: Any, y: Any, x: Any, mean: Any = None, axis: Any = None, dtype: Any = None, ddof: Any = 0, keepdims: Any = False,
    where: Any = True,
) -> Any:  # fmt: skip
    share = np.where(y == 0, 0.0, y_bar / np.where(y == 0, 1.0, y))
    if everywhere(where):
        return spread(share, axis, keepdims) * _centered(x, mean, axis, where) / _freedom(x, axis, ddof, keepdims, where)
    return spread(share / _freedom(x, axis, ddof, keepdims, where), axis, keepdims) * _centered(x, mean, axis, where)


def _std_mean_jvp(
    d: Any, y: Any, x: Any, mean: Any = None, axis: Any = None, dtype: Any = None, ddof: Any = 0, keepdims: Any = False,
    where: Any = True,
) -> Any:  # fmt: skip
    return -_std_jvp(np.broadcast_to(d, np.shape(x)), y, x, mean, axis, dtype, ddof, keepdims, where)


def _std_mean_vjp(
    y_bar: Any, y: Any, x: Any, mean: Any = None, axis: Any = None, dtype: Any = None, ddof: Any = 0, keepdims: Any = False,
    where: Any = True,
) -> Any:  # fmt: skip
    return unbroadcast(-_std_vjp(y_bar, y, x, mean, axis, dtype, ddof, keepdims, where), mean)


_NEWER = "correction" in signature(np.var).parameters
_GIVEN: tuple[Example, ...] = (
    example(normal(3, 4), axis=0, correction=1),
    example(normal(3, 4), axis=0, mean=normal(1, 4)),
    example(normal(3, 4), mean=normal(1, 1), ddof=1),
)
_MOMENTS: tuple[Example, ...] = (
    example(normal(5), ddof=1),
    example(normal(3, 4), axis=0, ddof=1),
    example(normal(3, 4), axis=-1, keepdims=True),
    *ALONG[:-1],
    *MASKED,
    *PRECISE,
    *(_GIVEN if _NEWER else ()),
)
for _op, _jvps, _vjps in (
    (np.var, (_var_jvp, _var_mean_jvp), (_var_vjp, _var_mean_vjp)),
    (np.std, (_std_jvp, _std_mean_jvp), (_std_vjp, _std_mean_vjp)),
):
    structural(
        _op,
        "x mean?" if _NEWER else "x",
        jvp=_jvps if _NEWER else _jvps[:1],
        vjp=_vjps if _NEWER else _vjps[:1],
        result=reduced_by_name,
        aliases={"correction": "ddof"},
        singular=_op is np.std,
        examples=_MOMENTS,
    )
