"""Reductions that leave nan out.

In: nothing. Out: rows for `np.nansum`, `np.nanmean`, `np.nanvar`, `np.nanstd`, `np.nanprod`, `np.nancumsum` and
`np.nancumprod`; `np.nanmax` and `np.nanmin` share the bodies of `np.max`, since nan is equal to nothing.

    np.nanmean(x)      the cotangent is y_bar / (how many are not nan), and 0 where x is nan
"""

from __future__ import annotations

from inspect import signature
from typing import Any

import numpy as np

from wengert.ir import shapes
from wengert.rules.examples import Example, example, normal
from wengert.rules.extremes import extreme_jvp, extreme_start_jvp, extreme_start_vjp, extreme_vjp
from wengert.rules.kinds import holds_complex, structural
from wengert.rules.masks import along, counts, everywhere, reduced, same_kind, spread
from wengert.rules.moments import moment, spreads
from wengert.rules.reductions import (
    MASK,
    MASKED,
    PRECISE,
    begun,
    cumprod_jvp,
    cumprod_vjp,
    cumsum_vjp,
    prod_slope,
    start_jvp,
    start_vjp,
)

NAN = float("nan")


def _gone(x: Any, where: Any) -> Any:
    """Which entries have no part in the result."""
    if everywhere(where):
        return np.isnan(x)
    return np.logical_or(np.isnan(x), np.logical_not(where))


def _filled(x: Any, where: Any, value: Any) -> Any:
    return np.where(_gone(x, where), value, x)


def _nansum_jvp(
    x_dot: Any, y: Any, x: Any, initial: Any = None, axis: Any = None, dtype: Any = None, keepdims: Any = False,
    where: Any = True,
) -> Any:  # fmt: skip
    return 0.0 if counts(dtype) else np.sum(np.where(_gone(x, where), 0.0, x_dot), axis=axis, keepdims=keepdims)


def _nansum_vjp(
    y_bar: Any, y: Any, x: Any, initial: Any = None, axis: Any = None, dtype: Any = None, keepdims: Any = False,
    where: Any = True,
) -> Any:  # fmt: skip
    return 0.0 if counts(dtype) else np.where(_gone(x, where), 0.0, spread(y_bar, axis, keepdims))


def _present(x: Any, axis: Any, keepdims: Any, where: Any) -> Any:
    """How many entries are not nan."""
    return np.sum(np.logical_not(_gone(x, where)), axis=axis, keepdims=keepdims)


def _nanmean_jvp(
    x_dot: Any, y: Any, x: Any, axis: Any = None, dtype: Any = None, keepdims: Any = False, where: Any = True
) -> Any:
    total = np.sum(np.where(_gone(x, where), 0.0, x_dot), axis=axis, keepdims=keepdims)
    return total / _present(x, axis, keepdims, where)


def _nanmean_vjp(
    y_bar: Any, y: Any, x: Any, axis: Any = None, dtype: Any = None, keepdims: Any = False, where: Any = True
) -> Any:
    share = y_bar / _present(x, axis, keepdims, where)
    return np.where(_gone(x, where), 0.0, spread(share, axis, keepdims))


def _centered(x: Any, mean: Any, axis: Any, where: Any) -> Any:
    """The distances from the mean of what is not nan; 0 where x is nan."""
    gone = _gone(x, where)
    if mean is not None:
        return np.where(gone, 0.0, np.where(gone, 0.0, x) - mean)
    return np.where(gone, 0.0, np.where(gone, 0.0, x) - np.nanmean(x, **along(axis, True, where)))


def _freedom(x: Any, axis: Any, ddof: Any, keepdims: Any, where: Any) -> Any:
    return np.maximum(_present(x, axis, keepdims, where) - ddof, 0)


def _nanprod_jvp(
    x_dot: Any, y: Any, x: Any, initial: Any = None, axis: Any = None, dtype: Any = None, keepdims: Any = False,
    where: Any = True,
) -> Any:  # fmt: skip
    same_kind(dtype, holds_complex(x))
    slope = np.where(_gone(x, where), 0.0, prod_slope(_filled(x, where, 1.0), axis))
    return begun(np.sum(slope * x_dot, axis=axis, keepdims=keepdims), initial)


def _nanprod_vjp(
    y_bar: Any, y: Any, x: Any, initial: Any = None, axis: Any = None, dtype: Any = None, keepdims: Any = False,
    where: Any = True,
) -> Any:  # fmt: skip
    same_kind(dtype, holds_complex(x))
    slope = prod_slope(_filled(x, where, 1.0), axis)
    return np.where(_gone(x, where), 0.0, slope) * spread(begun(y_bar, initial), axis, keepdims)


def _nanprod_start_jvp(
    d: Any, y: Any, x: Any, initial: Any = None, axis: Any = None, dtype: Any = None, keepdims: Any = False,
    where: Any = True,
) -> Any:  # fmt: skip
    return d * np.prod(_filled(x, where, 1.0), axis=axis, keepdims=keepdims)


def _nanprod_start_vjp(
    y_bar: Any, y: Any, x: Any, initial: Any = None, axis: Any = None, dtype: Any = None, keepdims: Any = False,
    where: Any = True,
) -> Any:  # fmt: skip
    return np.sum(y_bar * np.prod(_filled(x, where, 1.0), axis=axis, keepdims=keepdims))


def _nancumsum_jvp(x_dot: Any, y: Any, x: Any, axis: Any = None, dtype: Any = None) -> Any:
    return np.cumsum(np.where(np.isnan(x), 0.0, x_dot), axis=axis)


def _nancumsum_vjp(y_bar: Any, y: Any, x: Any, axis: Any = None, dtype: Any = None) -> Any:
    return np.where(np.isnan(x), 0.0, cumsum_vjp(y_bar, y, x, axis))


def _nancumprod_jvp(x_dot: Any, y: Any, x: Any, axis: Any = None, dtype: Any = None) -> Any:
    return cumprod_jvp(np.where(np.isnan(x), 0.0, x_dot), y, _filled(x, True, 1.0), axis)


def _nancumprod_vjp(y_bar: Any, y: Any, x: Any, axis: Any = None, dtype: Any = None) -> Any:
    return np.where(np.isnan(x), 0.0, cumprod_vjp(y_bar, y, _filled(x, True, 1.0), axis))


_GAPS = np.array([[0.3, NAN, -1.2, 0.7], [1.5, 0.9, NAN, -0.4], [-0.8, 1.1, 0.2, 0.6]])
_ALONG: tuple[Example, ...] = (
    example(normal(5)),
    example(_GAPS),
    example(_GAPS, 0),
    example(_GAPS, axis=-1, keepdims=True),
    example(normal(2, 3, 4), axis=(0, -1)),
    example(normal()),
)
_STARTED = (example(_GAPS, initial=0.7), example(_GAPS, axis=1, initial=normal()), example(_GAPS, where=MASK, initial=-0.4))
_NEWER = "correction" in signature(np.nanvar).parameters
_GIVEN: tuple[Example, ...] = (example(_GAPS, axis=0, correction=1), example(_GAPS, axis=0, mean=normal(1, 4)))
_MOMENTS: tuple[Example, ...] = (
    example(normal(5), ddof=1),
    example(_GAPS, axis=0, ddof=1),
    *_ALONG[:-1],
    *MASKED,
    *PRECISE,
    *(_GIVEN if _NEWER else ()),
)
_RUNNING: tuple[Example, ...] = (example(normal(5)), example(_GAPS), example(_GAPS, 0), example(normal(2, 3, 4), axis=-2))

_TOTALS = (*_ALONG, *MASKED, *PRECISE, *_STARTED)

structural(
    np.nansum,
    "x initial?",
    jvp=(_nansum_jvp, start_jvp),
    vjp=(_nansum_vjp, start_vjp),
    result=reduced,
    examples=_TOTALS,
)
structural(
    np.nanprod,
    "x initial?",
    jvp=(_nanprod_jvp, _nanprod_start_jvp),
    vjp=(_nanprod_vjp, _nanprod_start_vjp),
    result=reduced,
    examples=_TOTALS,
)
structural(
    np.nanmean, "x", jvp=(_nanmean_jvp,), vjp=(_nanmean_vjp,), result=reduced, examples=(*_ALONG, *MASKED, *PRECISE)
)
structural(
    (np.nanmax, np.nanmin),
    "x initial?",
    jvp=(extreme_jvp, extreme_start_jvp),
    vjp=(extreme_vjp, extreme_start_vjp),
    result=reduced,
    examples=(*_ALONG, *_STARTED),
)
structural(np.nancumsum, "x", jvp=(_nancumsum_jvp,), vjp=(_nancumsum_vjp,), result=shapes.probe, examples=_RUNNING)
structural(np.nancumprod, "x", jvp=(_nancumprod_jvp,), vjp=(_nancumprod_vjp,), result=shapes.probe, examples=_RUNNING)
_nanvar, _nanstd = spreads(_centered, _freedom)
moment(np.nanvar, _nanvar, False, _MOMENTS)
moment(np.nanstd, _nanstd, True, _MOMENTS)
