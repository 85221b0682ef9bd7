"""Sums, products, extrema and moments along axes.

In: nothing. Out: rows for `np.sum`, `np.mean`, `np.max`, `np.std`, `np.cumsum` and their like.

    np.max(x)       a tie is split evenly among the entries that are maximal
    np.std(x)       0 where all entries are equal
    np.prod(x)      the product of the others, without a division
"""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.ir import shapes
from wengert.rules.examples import Example, example, normal, positive
from wengert.rules.kinds import constant, known, linear, structural
from wengert.rules.static import axes
from wengert.runtime import project


def spread(y: Any, axis: Any, keepdims: Any) -> Any:
    """`y`, reduced along `axis`, with an axis of length 1 where each was: it broadcasts to what was reduced."""
    if axis is None:
        return y
    if keepdims:
        return y
    if known(np.ndim(y)) and np.ndim(y) == 0:
        return y
    return np.expand_dims(y, axis)


def count(x: Any, axis: Any) -> Any:
    """How many entries of `x` go into one entry of the result."""
    if axis is None:
        return np.size(x)
    if isinstance(axis, int):
        return np.shape(x)[axis]
    n = 1
    for k in axis:
        n = n * np.shape(x)[k]
    return n


def rows_along(x: Any, axis: Any) -> Any:
    """`x` with what `axis` reduces as its last axis: all of it for None, several axes as one."""
    if axis is None:
        return np.reshape(x, -1)
    if isinstance(axis, int):
        return np.moveaxis(x, axis, -1)
    rows = np.moveaxis(x, axis, axes(-len(axis), 0))
    return np.reshape(rows, (*np.shape(rows)[: np.ndim(x) - len(axis)], count(x, axis)))


def from_rows(rows: Any, x: Any, axis: Any) -> Any:
    """`rows`, made by `rows_along(x, axis)`, in the shape of `x` again."""
    if axis is None:
        return np.reshape(rows, np.shape(x))
    if isinstance(axis, int):
        return np.moveaxis(rows, -1, axis)
    last = axes(-len(axis), 0)
    return np.moveaxis(np.reshape(rows, np.shape(np.moveaxis(x, axis, last))), last, axis)


def shaped(value: Any, y: Any) -> Any:
    """`value`, which has as many entries as the result `y`, as its tangent: in the shape and the precision of `y`."""
    return project(np.reshape(value, np.shape(y)), y)


def _sum_vjp(y_bar: Any, y: Any, x: Any, axis: Any = None, keepdims: Any = False) -> Any:
    return spread(y_bar, axis, keepdims)


def _mean_vjp(y_bar: Any, y: Any, x: Any, axis: Any = None, keepdims: Any = False) -> Any:
    return spread(y_bar / count(x, axis), axis, keepdims)


def extreme_jvp(x_dot: Any, y: Any, x: Any, axis: Any = None, keepdims: Any = False) -> Any:
    chosen = np.equal(x, spread(y, axis, keepdims))
    total = np.sum(np.where(chosen, x_dot, 0.0), axis=axis, keepdims=keepdims)
    return total / np.sum(chosen, axis=axis, keepdims=keepdims)


def extreme_vjp(y_bar: Any, y: Any, x: Any, axis: Any = None, keepdims: Any = False) -> Any:
    chosen = np.equal(x, spread(y, axis, keepdims))
    share = y_bar / np.sum(chosen, axis=axis, keepdims=keepdims)
    return np.where(chosen, spread(share, axis, keepdims), 0.0)


def _centered(x: Any, axis: Any) -> Any:
    return x - np.mean(x, axis=axis, keepdims=True)


def _var_jvp(x_dot: Any, y: Any, x: Any, axis: Any = None, ddof: Any = 0, keepdims: Any = False) -> Any:
    return 2.0 * np.sum(_centered(x, axis) * x_dot, axis=axis, keepdims=keepdims) / (count(x, axis) - ddof)


def _var_vjp(y_bar: Any, y: Any, x: Any, axis: Any = None, ddof: Any = 0, keepdims: Any = False) -> Any:
    return 2.0 * spread(y_bar, axis, keepdims) * _centered(x, axis) / (count(x, axis) - ddof)


def _std_jvp(x_dot: Any, y: Any, x: Any, axis: Any = None, ddof: Any = 0, keepdims: Any = False) -> Any:
    safe = np.where(y == 0, 1.0, y)
    total = np.sum(_centered(x, axis) * x_dot, axis=axis, keepdims=keepdims)
    return np.where(y == 0, 0.0, total / (count(x, axis) - ddof) / safe)


def _std_vjp(y_bar: Any, y: Any, x: Any, axis: Any = None, ddof: Any = 0, keepdims: Any = False) -> Any:
    share = np.where(y == 0, 0.0, y_bar / np.where(y == 0, 1.0, y))
    return spread(share, axis, keepdims) * _centered(x, axis) / (count(x, axis) - ddof)


def _others(x: Any) -> Any:
    """Along the last axis, the product of all entries but one: products from the left times products from the right."""
    one = np.ones_like(x[..., :1])
    left = np.cumprod(np.concatenate([one, x[..., :-1]], axis=-1), axis=-1)
    right = np.cumprod(np.flip(np.concatenate([x[..., 1:], one], axis=-1), axis=-1), axis=-1)
    return left * np.flip(right, axis=-1)


def prod_slope(x: Any, axis: Any) -> Any:
    """The product of the others, for each entry."""
    return from_rows(_others(rows_along(x, axis)), x, axis)


def _prod_jvp(x_dot: Any, y: Any, x: Any, axis: Any = None, keepdims: Any = False) -> Any:
    return np.sum(prod_slope(x, axis) * x_dot, axis=axis, keepdims=keepdims)


def _prod_vjp(y_bar: Any, y: Any, x: Any, axis: Any = None, keepdims: Any = False) -> Any:
    return prod_slope(x, axis) * spread(y_bar, axis, keepdims)


def cumsum_vjp(y_bar: Any, y: Any, x: Any, axis: Any = None) -> Any:
    if axis is None:
        return np.reshape(np.flip(np.cumsum(np.flip(y_bar))), np.shape(x))
    return np.flip(np.cumsum(np.flip(y_bar, axis=axis), axis=axis), axis=axis)


def _cumprod_slope(x: Any) -> Any:
    """Entry (j, k) is the slope of the k-th partial product by x[j]: a product that leaves x[j] out."""
    n = np.shape(x)[-1]
    one = np.ones_like(x[..., :1])
    left = np.cumprod(np.concatenate([one, x[..., :-1]], axis=-1), axis=-1)
    trips = np.arange(n)
    later = trips[None, :] > trips[:, None]
    right = np.cumprod(np.where(later, np.expand_dims(x, -2), 1.0), axis=-1)
    return np.expand_dims(left, -1) * np.where(trips[None, :] >= trips[:, None], right, 0.0)


TINY = 1e-30
"""Entries below this are not divided by: a product without them is made of the others, at the price of n * n terms."""


def cumprod_jvp(x_dot: Any, y: Any, x: Any, axis: Any = None) -> Any:
    if np.all(np.abs(x) > TINY):
        return y * np.cumsum(x_dot / x, axis=axis)
    slope = _cumprod_slope(rows_along(x, axis))
    rows = np.sum(slope * np.expand_dims(rows_along(x_dot, axis), -1), axis=-2)
    return from_rows(rows, y, axis)


def cumprod_vjp(y_bar: Any, y: Any, x: Any, axis: Any = None) -> Any:
    if np.all(np.abs(x) > TINY):
        return cumsum_vjp(y_bar * y, y, x, axis) / x
    slope = _cumprod_slope(rows_along(x, axis))
    return from_rows(np.sum(slope * np.expand_dims(rows_along(y_bar, axis), -2), axis=-1), x, axis)


def _axis(axis: Any) -> Any:
    return 0 if axis is None else axis


def _without_first(y: Any, axis: Any) -> Any:
    """`y` without the start that comes before the first entry."""
    return np.moveaxis(np.moveaxis(y, axis, 0)[1:], 0, axis)


def _with_zero(rows: Any, axis: Any) -> Any:
    moved = np.moveaxis(rows, axis, 0)
    return np.moveaxis(np.concatenate([np.zeros_like(moved[:1]), moved], axis=0), 0, axis)


def _cumulative_sum_vjp(y_bar: Any, y: Any, x: Any, axis: Any = None, include_initial: Any = False) -> Any:
    bar = _without_first(y_bar, _axis(axis)) if include_initial else y_bar
    return cumsum_vjp(bar, y, x, _axis(axis))


def _cumulative_prod_jvp(x_dot: Any, y: Any, x: Any, axis: Any = None, include_initial: Any = False) -> Any:
    if include_initial:
        return _with_zero(cumprod_jvp(x_dot, _without_first(y, _axis(axis)), x, _axis(axis)), _axis(axis))
    return cumprod_jvp(x_dot, y, x, _axis(axis))


def _cumulative_prod_vjp(y_bar: Any, y: Any, x: Any, axis: Any = None, include_initial: Any = False) -> Any:
    if include_initial:
        return cumprod_vjp(_without_first(y_bar, _axis(axis)), _without_first(y, _axis(axis)), x, _axis(axis))
    return cumprod_vjp(y_bar, y, x, _axis(axis))


def _ptp_jvp(x_dot: Any, y: Any, x: Any, axis: Any = None, keepdims: Any = False) -> Any:
    high, low = np.max(x, axis=axis, keepdims=keepdims), np.min(x, axis=axis, keepdims=keepdims)
    return extreme_jvp(x_dot, high, x, axis, keepdims) - extreme_jvp(x_dot, low, x, axis, keepdims)


def _ptp_vjp(y_bar: Any, y: Any, x: Any, axis: Any = None, keepdims: Any = False) -> Any:
    high, low = np.max(x, axis=axis, keepdims=keepdims), np.min(x, axis=axis, keepdims=keepdims)
    return extreme_vjp(y_bar, high, x, axis, keepdims) - extreme_vjp(y_bar, low, x, axis, keepdims)


_ALONG: tuple[Example, ...] = (
    example(normal(5)),
    example(normal(3, 4)),
    example(normal(3, 4), 0),
    example(normal(3, 4), axis=-1),
    example(normal(3, 4), axis=1, keepdims=True),
    example(normal(3, 4), keepdims=True),
    example(normal(2, 3, 4), axis=(0, -1)),
    example(normal(2, 3, 4), axis=(0, 2), keepdims=True),
    example(normal()),
)
_MOMENTS: tuple[Example, ...] = (
    example(normal(5), ddof=1),
    example(normal(3, 4), axis=0, ddof=1),
    example(normal(3, 4), axis=-1, keepdims=True),
    *_ALONG[:-1],
)
_RUNNING: tuple[Example, ...] = (
    example(normal(5)),
    example(normal(3, 4)),
    example(normal(3, 4), 0),
    example(normal(2, 3, 4), axis=-2),
)

linear(np.sum, "x", vjp=(_sum_vjp,), result=shapes.probe, examples=_ALONG)
linear(np.mean, "x", vjp=(_mean_vjp,), result=shapes.probe, examples=_ALONG)
linear(np.cumsum, "x", vjp=(cumsum_vjp,), result=shapes.probe, examples=_RUNNING)
structural((np.max, np.min), "x", jvp=(extreme_jvp,), vjp=(extreme_vjp,), result=shapes.probe, examples=_ALONG)
if np.amax is not np.max:
    structural((np.amax, np.amin), "x", jvp=(extreme_jvp,), vjp=(extreme_vjp,), result=shapes.probe, examples=_ALONG)
structural(np.ptp, "x", jvp=(_ptp_jvp,), vjp=(_ptp_vjp,), result=shapes.probe, examples=_ALONG)
structural(np.prod, "x", jvp=(_prod_jvp,), vjp=(_prod_vjp,), result=shapes.probe, examples=_ALONG)
structural(np.cumprod, "x", jvp=(cumprod_jvp,), vjp=(cumprod_vjp,), result=shapes.probe, examples=_RUNNING)
structural(np.var, "x", jvp=(_var_jvp,), vjp=(_var_vjp,), result=shapes.probe, examples=_MOMENTS)
structural(np.std, "x", jvp=(_std_jvp,), vjp=(_std_vjp,), result=shapes.probe, examples=_MOMENTS, singular=True)

constant(np.argmax, np.argmin, result=shapes.probe, examples=[example(normal(5)), example(normal(3, 4), axis=0)])
constant(
    np.any,
    np.all,
    np.count_nonzero,
    result=shapes.probe,
    examples=[example(normal(5)), example(positive(3, 4), axis=0)],
)
constant(np.nonzero, np.flatnonzero, np.argwhere, result=shapes.unknown, examples=[example(normal(5))])
constant(np.array_equal, np.allclose, result=shapes.boolean, examples=[example(normal(3), normal(3))])
if hasattr(np, "cumulative_sum"):
    linear(
        np.cumulative_sum,
        "x",
        vjp=(_cumulative_sum_vjp,),
        result=shapes.probe,
        examples=[
            example(normal(5)),
            example(normal(3, 4), axis=1),
            example(normal(3, 4), axis=0, include_initial=True),
        ],
    )
    structural(
        np.cumulative_prod,
        "x",
        jvp=(_cumulative_prod_jvp,),
        vjp=(_cumulative_prod_vjp,),
        result=shapes.probe,
        examples=[
            example(normal(5)),
            example(normal(3, 4), axis=1),
            example(normal(3, 4), axis=0, include_initial=True),
        ],
    )
