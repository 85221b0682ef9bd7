"""Sums and products along axes.

In: nothing. Out: rows for `np.sum`, `np.mean`, `np.prod`, `np.cumsum` and their like.

    np.sum(x)       y_bar for each entry
    np.prod(x)      the product of the others, without a division by what may be zero
"""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.ir import shapes
from wengert.rules.examples import Example, example, normal
from wengert.rules.kinds import holds_complex, known, linear, structural
from wengert.rules.masks import along, counts, everywhere, kept, number_kept, reduced, same_kind, spread
from wengert.rules.static import axes
from wengert.runtime import project


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
    if axis is None or (known(np.ndim(x)) and np.ndim(x) == 0):
        return np.reshape(x, -1)
    if isinstance(axis, int):
        return np.moveaxis(x, axis, -1)
    rows = np.moveaxis(x, axis, axes(-len(axis), 0))
    return np.reshape(rows, (*np.shape(rows)[: np.ndim(x) - len(axis)], count(x, axis)))


def from_rows(rows: Any, x: Any, axis: Any) -> Any:
    """`rows`, made by `rows_along(x, axis)`, in the shape of `x` again."""
    if axis is None or (known(np.ndim(x)) and np.ndim(x) == 0):
        return np.reshape(rows, np.shape(x))
    if isinstance(axis, int):
        return np.moveaxis(rows, -1, axis)
    last = axes(-len(axis), 0)
    return np.moveaxis(np.reshape(rows, np.shape(np.moveaxis(x, axis, last))), last, axis)


def shaped(value: Any, y: Any) -> Any:
    """`value`, which has as many entries as the result `y`, as its tangent: in the shape and the precision of `y`."""
    return project(np.reshape(value, np.shape(y)), y)


def sum_jvp(
    x_dot: Any, y: Any, x: Any, initial: Any = None, axis: Any = None, dtype: Any = None, keepdims: Any = False,
    where: Any = True,
) -> Any:
    return 0.0 if counts(dtype) else np.sum(x_dot, **along(axis, keepdims, where, dtype))


def sum_vjp(
    y_bar: Any, y: Any, x: Any, initial: Any = None, axis: Any = None, dtype: Any = None, keepdims: Any = False,
    where: Any = True,
) -> Any:
    return 0.0 if counts(dtype) else kept(spread(y_bar, axis, keepdims), where, 0.0)


def start_jvp(
    d: Any, y: Any, x: Any, initial: Any = None, axis: Any = None, dtype: Any = None, keepdims: Any = False,
    where: Any = True,
) -> Any:
    """A sum by the value that it starts from."""
    return 0.0 if counts(dtype) else np.broadcast_to(d, np.shape(y))


def start_vjp(
    y_bar: Any, y: Any, x: Any, initial: Any = None, axis: Any = None, dtype: Any = None, keepdims: Any = False,
    where: Any = True,
) -> Any:
    return 0.0 if counts(dtype) else np.sum(np.broadcast_to(y_bar, np.shape(y)))


def _mean_vjp(
    y_bar: Any, y: Any, x: Any, axis: Any = None, dtype: Any = None, keepdims: Any = False, where: Any = True
) -> Any:
    if everywhere(where):
        if isinstance(y_bar, float):  # Python raises where NumPy gives nan: for a mean of nothing
            return y_bar / max(count(x, axis), 1)
        return spread(y_bar / count(x, axis), axis, keepdims)
    return kept(spread(y_bar / number_kept(x, axis, keepdims, where), axis, keepdims), where, 0.0)


TINY, HUGE = 1e-30, 1e30
"""Products out of these bounds are not divided by their factors: a product without one of them is made of the others.

That takes more time: for running products n * n terms."""


def _others(x: Any) -> Any:
    """Along the last axis, the product of all entries but one: products from the left times products from the right."""
    one = np.ones_like(x[..., :1])
    left = np.cumprod(np.concatenate([one, x[..., :-1]], axis=-1), axis=-1)
    right = np.cumprod(np.flip(np.concatenate([x[..., 1:], one], axis=-1), axis=-1), axis=-1)
    return left * np.flip(right, axis=-1)


def prod_slope(x: Any, axis: Any) -> Any:
    """The product of the others, for each entry."""
    slope = from_rows(_others(rows_along(x, axis)), x, axis)
    return slope if axis is None else np.reshape(slope, np.shape(x))


def begun(slope: Any, initial: Any) -> Any:
    return slope if initial is None else slope * initial


def prod_jvp(
    x_dot: Any, y: Any, x: Any, initial: Any = None, axis: Any = None, dtype: Any = None, keepdims: Any = False,
    where: Any = True,
) -> Any:
    if counts(dtype):
        return 0.0
    same_kind(dtype, holds_complex(x))
    slope = kept(prod_slope(kept(x, where, 1.0), axis), where, 0.0)
    return begun(np.sum(slope * x_dot, axis=axis, keepdims=keepdims), initial)


def prod_vjp(
    y_bar: Any, y: Any, x: Any, initial: Any = None, axis: Any = None, dtype: Any = None, keepdims: Any = False,
    where: Any = True,
) -> Any:
    if counts(dtype):
        return 0.0
    same_kind(dtype, holds_complex(x))
    factors = kept(x, where, 1.0)
    if np.all((np.abs(y) > TINY) & (np.abs(y) < HUGE)):
        return kept(spread(y_bar * y, axis, keepdims) / factors, where, 0.0)
    return kept(prod_slope(factors, axis), where, 0.0) * spread(begun(y_bar, initial), axis, keepdims)


def prod_start_jvp(
    d: Any, y: Any, x: Any, initial: Any = None, axis: Any = None, dtype: Any = None, keepdims: Any = False,
    where: Any = True,
) -> Any:
    return 0.0 if counts(dtype) else d * np.prod(x, **along(axis, keepdims, where, dtype))


def prod_start_vjp(
    y_bar: Any, y: Any, x: Any, initial: Any = None, axis: Any = None, dtype: Any = None, keepdims: Any = False,
    where: Any = True,
) -> Any:
    return 0.0 if counts(dtype) else np.sum(y_bar * np.prod(x, **along(axis, keepdims, where, dtype)))


def cumsum_vjp(y_bar: Any, y: Any, x: Any, axis: Any = None, dtype: Any = None) -> Any:
    if counts(dtype):
        return 0.0
    if axis is None or (known(np.ndim(x)) and np.ndim(x) == 0):
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


def cumprod_jvp(x_dot: Any, y: Any, x: Any, axis: Any = None, dtype: Any = None) -> Any:
    if counts(dtype):
        return 0.0
    same_kind(dtype, holds_complex(x))
    if np.all(np.abs(x) > TINY):
        return y * np.cumsum(x_dot / x, axis=axis)
    slope = _cumprod_slope(rows_along(x, axis))
    rows = np.sum(slope * np.expand_dims(rows_along(x_dot, axis), -1), axis=-2)
    return from_rows(rows, y, axis)


def cumprod_vjp(y_bar: Any, y: Any, x: Any, axis: Any = None, dtype: Any = None) -> Any:
    if counts(dtype):
        return 0.0
    same_kind(dtype, holds_complex(x))
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


def _cumulative_sum_vjp(y_bar: Any, y: Any, x: Any, axis: Any = None, dtype: Any = None, include_initial: Any = False) -> Any:
    bar = _without_first(y_bar, _axis(axis)) if include_initial else y_bar
    return cumsum_vjp(bar, y, x, _axis(axis), dtype)


def _cumulative_prod_jvp(x_dot: Any, y: Any, x: Any, axis: Any = None, dtype: Any = None, include_initial: Any = False) -> Any:
    if include_initial:
        return _with_zero(cumprod_jvp(x_dot, _without_first(y, _axis(axis)), x, _axis(axis)), _axis(axis))
    return cumprod_jvp(x_dot, y, x, _axis(axis), dtype)


def _cumulative_prod_vjp(y_bar: Any, y: Any, x: Any, axis: Any = None, dtype: Any = None, include_initial: Any = False) -> Any:
    if include_initial:
        return cumprod_vjp(_without_first(y_bar, _axis(axis)), _without_first(y, _axis(axis)), x, _axis(axis))
    return cumprod_vjp(y_bar, y, x, _axis(axis), dtype)


ALONG: tuple[Example, ...] = (
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
_RUNNING: tuple[Example, ...] = (
    example(normal(5)),
    example(normal(3, 4)),
    example(normal(3, 4), 0),
    example(normal(2, 3, 4), axis=-2),
)

MASK = np.array([[True, False, True, True], [False, True, True, False], [True, True, False, True]])
MASKED: tuple[Example, ...] = (
    example(normal(3, 4), where=MASK),
    example(normal(3, 4), axis=0, where=MASK),
    example(normal(3, 4), axis=-1, keepdims=True, where=MASK),
    example(normal(3, 4), axis=(0, 1), where=MASK[:, :1]),
)
"""Calls of a reduction that leaves entries out."""
PRECISE: tuple[Example, ...] = (example(normal(3, 4), dtype=np.float64), example(normal(3, 4), axis=1, dtype=float))
_STARTED: tuple[Example, ...] = (
    example(normal(5), initial=0.7),
    example(normal(3, 4), axis=1, initial=normal()),
    example(normal(3, 4), axis=-2, keepdims=True, initial=normal(), where=MASK),
)
_TOTALS = (*ALONG, *MASKED, *PRECISE, *_STARTED)

structural(
    np.sum, "x initial?", jvp=(sum_jvp, start_jvp), vjp=(sum_vjp, start_vjp), result=reduced, examples=_TOTALS
)
linear(np.mean, "x", vjp=(_mean_vjp,), result=reduced, examples=(*ALONG, *MASKED, *PRECISE))
linear(np.cumsum, "x", vjp=(cumsum_vjp,), result=shapes.probe, examples=(*_RUNNING, *PRECISE))
structural(
    np.prod,
    "x initial?",
    jvp=(prod_jvp, prod_start_jvp),
    vjp=(prod_vjp, prod_start_vjp),
    result=reduced,
    examples=_TOTALS,
)
structural(
    np.cumprod, "x", jvp=(cumprod_jvp,), vjp=(cumprod_vjp,), result=shapes.probe, examples=(*_RUNNING, *PRECISE)
)

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
            example(normal(3, 4), axis=-1, dtype=np.float64),
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
            example(normal(3, 4), axis=-1, dtype=np.float64),
        ],
    )
