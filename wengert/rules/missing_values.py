"""Reductions that leave nan out.

In: nothing. Out: rows for `np.nansum`, `np.nanmean`, `np.nanvar`, `np.nanstd`, `np.nanprod`, `np.nancumsum` and
`np.nancumprod`; `np.nanmax` and `np.nanmin` share the bodies of `np.max`, since nan is equal to nothing.

    np.nanmean(x)      the cotangent is y_bar / (how many are not nan), and 0 where x is nan
"""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.ir import shapes
from wengert.rules.examples import Example, example, normal
from wengert.rules.kinds import structural
from wengert.rules.reductions import (
    cumprod_jvp,
    cumprod_vjp,
    cumsum_vjp,
    extreme_jvp,
    extreme_vjp,
    prod_slope,
    spread,
)

NAN = float("nan")


def _nansum_jvp(x_dot: Any, y: Any, x: Any, axis: Any = None, keepdims: Any = False) -> Any:
    return np.sum(np.where(np.isnan(x), 0.0, x_dot), axis=axis, keepdims=keepdims)


def _nansum_vjp(y_bar: Any, y: Any, x: Any, axis: Any = None, keepdims: Any = False) -> Any:
    return np.where(np.isnan(x), 0.0, spread(y_bar, axis, keepdims))


def _present(x: Any, axis: Any, keepdims: Any) -> Any:
    """How many entries are not nan."""
    return np.sum(~np.isnan(x), axis=axis, keepdims=keepdims)


def _nanmean_jvp(x_dot: Any, y: Any, x: Any, axis: Any = None, keepdims: Any = False) -> Any:
    return _nansum_jvp(x_dot, y, x, axis, keepdims) / _present(x, axis, keepdims)


def _nanmean_vjp(y_bar: Any, y: Any, x: Any, axis: Any = None, keepdims: Any = False) -> Any:
    return _nansum_vjp(y_bar / _present(x, axis, keepdims), y, x, axis, keepdims)


def _centered(x: Any, axis: Any) -> Any:
    """The distances from the mean of what is not nan; 0 where x is nan."""
    missing = np.isnan(x)
    return np.where(missing, 0.0, np.where(missing, 0.0, x) - np.nanmean(x, axis=axis, keepdims=True))


def _nanvar_jvp(x_dot: Any, y: Any, x: Any, axis: Any = None, ddof: Any = 0, keepdims: Any = False) -> Any:
    total = np.sum(_centered(x, axis) * x_dot, axis=axis, keepdims=keepdims)
    return 2.0 * total / (_present(x, axis, keepdims) - ddof)


def _nanvar_vjp(y_bar: Any, y: Any, x: Any, axis: Any = None, ddof: Any = 0, keepdims: Any = False) -> Any:
    share = 2.0 * y_bar / (_present(x, axis, keepdims) - ddof)
    return spread(share, axis, keepdims) * _centered(x, axis)


def _nanstd_jvp(x_dot: Any, y: Any, x: Any, axis: Any = None, ddof: Any = 0, keepdims: Any = False) -> Any:
    total = np.sum(_centered(x, axis) * x_dot, axis=axis, keepdims=keepdims)
    return total / (_present(x, axis, keepdims) - ddof) / np.where(y == 0, 1.0, y)


def _nanstd_vjp(y_bar: Any, y: Any, x: Any, axis: Any = None, ddof: Any = 0, keepdims: Any = False) -> Any:
    share = np.where(y == 0, 0.0, y_bar / np.where(y == 0, 1.0, y)) / (_present(x, axis, keepdims) - ddof)
    return spread(share, axis, keepdims) * _centered(x, axis)


def _filled(x: Any, value: Any) -> Any:
    return np.where(np.isnan(x), value, x)


def _nanprod_jvp(x_dot: Any, y: Any, x: Any, axis: Any = None, keepdims: Any = False) -> Any:
    slope = np.where(np.isnan(x), 0.0, prod_slope(_filled(x, 1.0), axis))
    return np.sum(slope * x_dot, axis=axis, keepdims=keepdims)


def _nanprod_vjp(y_bar: Any, y: Any, x: Any, axis: Any = None, keepdims: Any = False) -> Any:
    return np.where(np.isnan(x), 0.0, prod_slope(_filled(x, 1.0), axis)) * spread(y_bar, axis, keepdims)


def _nancumsum_jvp(x_dot: Any, y: Any, x: Any, axis: Any = None) -> Any:
    return np.cumsum(np.where(np.isnan(x), 0.0, x_dot), axis=axis)


def _nancumsum_vjp(y_bar: Any, y: Any, x: Any, axis: Any = None) -> Any:
    return np.where(np.isnan(x), 0.0, cumsum_vjp(y_bar, y, x, axis))


def _nancumprod_jvp(x_dot: Any, y: Any, x: Any, axis: Any = None) -> Any:
    return cumprod_jvp(np.where(np.isnan(x), 0.0, x_dot), y, _filled(x, 1.0), axis)


def _nancumprod_vjp(y_bar: Any, y: Any, x: Any, axis: Any = None) -> Any:
    return np.where(np.isnan(x), 0.0, cumprod_vjp(y_bar, y, _filled(x, 1.0), axis))


_GAPS = np.array([[0.3, NAN, -1.2, 0.7], [1.5, 0.9, NAN, -0.4], [-0.8, 1.1, 0.2, 0.6]])
_ALONG: tuple[Example, ...] = (
    example(normal(5)),
    example(_GAPS),
    example(_GAPS, 0),
    example(_GAPS, axis=-1, keepdims=True),
    example(normal(2, 3, 4), axis=(0, -1)),
    example(normal()),
)
_MOMENTS: tuple[Example, ...] = (
    example(normal(5), ddof=1),
    example(_GAPS, axis=0, ddof=1),
    *_ALONG[:-1],
)
_RUNNING: tuple[Example, ...] = (example(normal(5)), example(_GAPS), example(_GAPS, 0), example(normal(2, 3, 4), axis=-2))

structural(np.nansum, "x", jvp=(_nansum_jvp,), vjp=(_nansum_vjp,), result=shapes.probe, examples=_ALONG)
structural(np.nanmean, "x", jvp=(_nanmean_jvp,), vjp=(_nanmean_vjp,), result=shapes.probe, examples=_ALONG)
structural((np.nanmax, np.nanmin), "x", jvp=(extreme_jvp,), vjp=(extreme_vjp,), result=shapes.probe, examples=_ALONG)
structural(np.nanprod, "x", jvp=(_nanprod_jvp,), vjp=(_nanprod_vjp,), result=shapes.probe, examples=_ALONG)
structural(np.nancumsum, "x", jvp=(_nancumsum_jvp,), vjp=(_nancumsum_vjp,), result=shapes.probe, examples=_RUNNING)
structural(np.nancumprod, "x", jvp=(_nancumprod_jvp,), vjp=(_nancumprod_vjp,), result=shapes.probe, examples=_RUNNING)
structural(np.nanvar, "x", jvp=(_nanvar_jvp,), vjp=(_nanvar_vjp,), result=shapes.probe, examples=_MOMENTS)
structural(
    np.nanstd, "x", jvp=(_nanstd_jvp,), vjp=(_nanstd_vjp,), result=shapes.probe, examples=_MOMENTS, singular=True
)
