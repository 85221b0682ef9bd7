"""Medians, quantiles and percentiles, also of what is not nan.

In: nothing. Out: rows for `np.median`, `np.quantile`, `np.percentile` and those that leave nan out.

    np.quantile(x, q)      between the two sorted entries around the place of q; a tie is split evenly

The place of a quantile among n sorted entries is the same quantile of 0, 1, ..., n - 1, by every method of NumPy's.
"""

from __future__ import annotations

from collections.abc import Callable
from inspect import signature
from typing import Any

import numpy as np

from wengert.ir import shapes
from wengert.rules.examples import Domain, Draw, Example, example, normal
from wengert.rules.kinds import known, structural
from wengert.rules.moving import numbered, returned
from wengert.rules.reductions import from_rows, rows_along, shaped
from wengert.rules.typings import named

NAN = float("nan")
_WEIGHS = "weights" in signature(np.quantile).parameters


def _neighbors(rows: Any, place: Any) -> Any:
    """The sorted entries around each place along the last axis, and how far beyond the first of them the place is."""
    ordered = np.sort(rows, axis=-1)
    first = np.floor(place)
    low = np.take_along_axis(ordered, first.astype(int), -1)
    high = np.take_along_axis(ordered, np.ceil(place).astype(int), -1)
    return low, high, place - first


def _shares(rows: Any, place: Any) -> Any:
    """Entry (..., j, k) is the slope of the k-th quantile of a row by its j-th entry."""
    low, high, beyond = _neighbors(rows, place)
    at_low = np.equal(rows[..., :, None], low[..., None, :])
    at_high = np.equal(rows[..., :, None], high[..., None, :])
    below = (1.0 - beyond)[..., None, :] / np.sum(at_low, axis=-2, keepdims=True)
    above = beyond[..., None, :] / np.sum(at_high, axis=-2, keepdims=True)
    return np.where(at_low, below, 0.0) + np.where(at_high, above, 0.0)


def _few(q: Any) -> Any:
    """True where there are so few quantiles that a table of entries and quantiles is no larger than need be."""
    return known(np.size(q)) and np.size(q) <= 4


def _places_of(rows: Any, order: Any, place: Any) -> Any:
    """The places in the rows of the sorted entries on both sides of each place, and how far beyond the first it is."""
    first = np.floor(place)
    low = np.take_along_axis(order, first.astype(int), -1)
    return low, np.take_along_axis(order, np.ceil(place).astype(int), -1), place - first


def _has_ties(rows: Any, order: Any) -> Any:
    ordered = np.take_along_axis(rows, order, -1)
    return np.any(ordered[..., 1:] == ordered[..., :-1])


def _many_jvp(x_dot: Any, y: Any, x: Any, place: Any, axis: Any) -> Any:
    """As `_quantiles_jvp`, in a time that is that of sorting, where no entry is there twice."""
    rows, dots = rows_along(x, axis), rows_along(x_dot, axis)
    order = np.argsort(rows, axis=-1)
    if _has_ties(rows, order):
        return _quantiles_jvp(x_dot, y, x, _shares(rows, place), axis)
    low, high, beyond = _places_of(rows, order, place)
    moved = (1.0 - beyond) * np.take_along_axis(dots, low, -1) + beyond * np.take_along_axis(dots, high, -1)
    return shaped(np.moveaxis(moved, -1, 0), y)


def _many_vjp(y_bar: Any, x: Any, place: Any, axis: Any) -> Any:
    rows = rows_along(x, axis)
    order = np.argsort(rows, axis=-1)
    if _has_ties(rows, order):
        return _quantiles_vjp(y_bar, x, _shares(rows, place), axis)
    low, high, beyond = _places_of(rows, order, place)
    bars = np.moveaxis(np.reshape(y_bar, (np.shape(place)[-1], *np.shape(rows)[:-1])), 0, -1)
    numbers = numbered(rows)
    of_low = returned((1.0 - beyond) * bars, np.take_along_axis(numbers, low, -1), rows)
    return from_rows(of_low + returned(beyond * bars, np.take_along_axis(numbers, high, -1), rows), x, axis)


def _quantiles_jvp(x_dot: Any, y: Any, x: Any, shares: Any, axis: Any) -> Any:
    moved = np.sum(shares * np.expand_dims(rows_along(x_dot, axis), -1), axis=-2)
    return shaped(np.moveaxis(moved, -1, 0), y)


def _quantiles_vjp(y_bar: Any, x: Any, shares: Any, axis: Any) -> Any:
    bars = np.reshape(y_bar, (np.shape(shares)[-1], *np.shape(rows_along(x, axis))[:-1]))
    return from_rows(np.sum(shares * np.expand_dims(np.moveaxis(bars, 0, -1), -2), axis=-1), x, axis)


def _places(rows: Any, place: Any) -> Any:
    """One place for each quantile, the same for all rows."""
    return np.broadcast_to(np.reshape(place, -1), (*np.shape(rows)[:-1], np.size(place)))


def _ranks(rows: Any) -> Any:
    """0, 1, ... along the last axis, nan for the entries that are left out and sorted to the end."""
    return np.where(np.isnan(np.sort(rows, axis=-1)), NAN, np.arange(float(np.shape(rows)[-1])))


def _place(x: Any, q: Any, axis: Any, method: Any) -> Any:
    rows = rows_along(x, axis)
    return _places(rows, np.quantile(np.arange(float(np.shape(rows)[-1])), q, method=method))


def _nan_place(x: Any, q: Any, axis: Any, method: Any) -> Any:
    ranks = _ranks(rows_along(x, axis))
    return np.moveaxis(np.nanquantile(ranks, np.reshape(q, -1), axis=-1, method=method), 0, -1)


def _pace(count: Any, method: Any) -> Any:
    """How many places a unit of q is, by Hyndman and Fan's (1996) definitions; steps do not move."""
    if method == "linear":
        return count - 1
    if method == "hazen" or method == "interpolated_inverted_cdf":
        return count
    if method == "weibull":
        return count + 1
    if method == "median_unbiased":
        return count + 1 / 3
    if method == "normal_unbiased":
        return count + 1 / 4
    return 0 * count


def _rate(rows: Any, place: Any, method: Any) -> Any:
    """How fast each quantile moves with q; on an entry, by the mean of the slopes to both sides."""
    ordered = np.sort(rows, axis=-1)
    count = np.sum(~np.isnan(rows), axis=-1, keepdims=True)
    up = np.minimum(np.floor(place) + 1, count - 1).astype(int)
    down = np.maximum(np.ceil(place) - 1, 0).astype(int)
    rise = np.take_along_axis(ordered, up, -1) - np.take_along_axis(ordered, down, -1)
    rate = _pace(count, method) * rise / np.maximum(up - down, 1)
    # beyond the first and the last place the other methods stay where they are
    return rate if method == "linear" else np.where((place > 0) & (place < count - 1), rate, 0.0)


def _rate_jvp(q_dot: Any, y: Any, rate: Any) -> Any:
    return shaped(np.moveaxis(rate * np.reshape(q_dot, -1), -1, 0), y)


def _rate_vjp(y_bar: Any, q: Any, rate: Any) -> Any:
    bars = np.reshape(y_bar, (np.shape(rate)[-1], *np.shape(rate)[:-1]))
    return np.reshape(np.sum(np.reshape(bars * np.moveaxis(rate, -1, 0), (np.size(q), -1)), axis=-1), np.shape(q))


def _median(place: Callable[..., Any]) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """The jvp and the vjp of a median; `place` finds the places of quantiles."""

    def jvp(x_dot: Any, y: Any, x: Any, axis: Any = None, keepdims: Any = False) -> Any:
        return _quantiles_jvp(x_dot, y, x, _shares(rows_along(x, axis), place(x, 0.5, axis, "linear")), axis)

    def vjp(y_bar: Any, y: Any, x: Any, axis: Any = None, keepdims: Any = False) -> Any:
        return _quantiles_vjp(y_bar, x, _shares(rows_along(x, axis), place(x, 0.5, axis, "linear")), axis)

    return jvp, vjp


def _weighted_shares(rows: Any, y: Any) -> Any:
    """As `_shares`, of quantiles of weighted entries: each is one of the entries."""
    values = np.moveaxis(np.reshape(y, (-1, *np.shape(rows)[:-1])), 0, -1)
    chosen = np.equal(rows[..., :, None], values[..., None, :])
    return np.where(chosen, 1.0 / np.sum(chosen, axis=-2, keepdims=True), 0.0)


def _quantile(place: Callable[..., Any], unit: float) -> tuple[Any, Any]:
    """The jvps and the vjps of quantiles by x and by q, which is counted in `unit`; weights choose an entry, no more."""

    def x_jvp(
        x_dot: Any, y: Any, x: Any, q: Any, weights: Any = None, axis: Any = None, method: Any = "linear", keepdims: Any = False
    ) -> Any:
        if weights is None and not _few(q):
            return _many_jvp(x_dot, y, x, place(x, q / unit, axis, method), axis)
        if weights is None:
            return _quantiles_jvp(x_dot, y, x, _shares(rows_along(x, axis), place(x, q / unit, axis, method)), axis)
        return _quantiles_jvp(x_dot, y, x, _weighted_shares(rows_along(x, axis), y), axis)

    def x_vjp(
        y_bar: Any, y: Any, x: Any, q: Any, weights: Any = None, axis: Any = None, method: Any = "linear", keepdims: Any = False
    ) -> Any:
        if weights is None and not _few(q):
            return _many_vjp(y_bar, x, place(x, q / unit, axis, method), axis)
        if weights is None:
            return _quantiles_vjp(y_bar, x, _shares(rows_along(x, axis), place(x, q / unit, axis, method)), axis)
        return _quantiles_vjp(y_bar, x, _weighted_shares(rows_along(x, axis), y), axis)

    def q_jvp(
        q_dot: Any, y: Any, x: Any, q: Any, weights: Any = None, axis: Any = None, method: Any = "linear", keepdims: Any = False
    ) -> Any:
        if weights is not None:
            return np.zeros_like(y)
        rate = _rate(rows_along(x, axis), place(x, q / unit, axis, method), method)
        return _rate_jvp(q_dot / unit, y, rate)

    def q_vjp(
        y_bar: Any, y: Any, x: Any, q: Any, weights: Any = None, axis: Any = None, method: Any = "linear", keepdims: Any = False
    ) -> Any:
        if weights is not None:
            return np.zeros_like(q)
        rate = _rate(rows_along(x, axis), place(x, q / unit, axis, method), method)
        return _rate_vjp(y_bar / unit, q, rate)

    return (x_jvp, q_jvp, None), (x_vjp, q_vjp, None)


_MIDDLES: tuple[Example, ...] = (
    example(normal(5)),
    example(normal(6)),
    example(normal(3, 4)),
    example(normal(3, 4), 0),
    example(normal(3, 4), axis=-1, keepdims=True),
    example(normal(2, 3, 4), axis=(0, -1)),
)


def _quantile_examples(unit: float, gaps: Any) -> tuple[Example, ...]:
    q = Draw((), Domain("a share", ((0.05 * unit, 0.95 * unit),)))
    several = [0.1 * unit, 0.45 * unit, 0.9 * unit]
    return (
        example(normal(5), q),
        example(normal(3, 4), 0.3 * unit),
        example(gaps, q, 0),
        example(gaps, 0.6 * unit, axis=-1, keepdims=True),
        example(gaps, Draw((2,), q.domain), axis=1),
        example(normal(2, 3, 4), np.array(several), axis=(0, -1)),
        example(gaps, np.linspace(0.05, 0.95, 6) * unit, axis=1),
        example(normal(2, 5), 0.37 * unit, axis=1, method="hazen"),
        example(normal(5), 0.3 * unit, method="lower"),
        example(normal(5), 0.3 * unit, method="midpoint"),
        *(_weighted_examples(unit, gaps) if _WEIGHS else ()),
    )


def _weighted_examples(unit: float, gaps: Any) -> tuple[Example, ...]:
    return (
        example(normal(5), 0.4 * unit, weights=np.array([1.0, 2.0, 0.5, 1.5, 1.0]), method="inverted_cdf"),
        example(gaps, np.array([0.2, 0.7]) * unit, axis=1, weights=_GAPS_WEIGHTS, method="inverted_cdf"),
    )


_GAPS_WEIGHTS = np.linspace(0.5, 2.0, 12).reshape(3, 4)
_FULL = normal(3, 4)
_GAPS = np.array([[0.3, NAN, -1.2, 0.7], [1.5, 0.9, NAN, -0.4], [-0.8, 1.1, 0.2, 0.6]])

for _op, _of in ((np.median, _place), (np.nanmedian, _nan_place)):
    _middle = _median(_of)
    _cases = _MIDDLES if _op is np.median else (*_MIDDLES, example(_GAPS), example(_GAPS, axis=1))
    structural(_op, "x", jvp=_middle[:1], vjp=_middle[1:], result=shapes.probe, examples=_cases)
_QUANTILES: tuple[tuple[Any, Any, float], ...] = (
    (np.quantile, _place, 1.0),
    (np.percentile, _place, 100.0),
    (np.nanquantile, _nan_place, 1.0),
    (np.nanpercentile, _nan_place, 100.0),
)
for _op, _of, _unit in _QUANTILES:
    _jvps, _vjps = _quantile(_of, _unit)
    _calls = _quantile_examples(_unit, _FULL if _of is _place else _GAPS)
    _count = 3 if _WEIGHS else 2
    structural(
        _op,
        "x q weights?" if _WEIGHS else "x q",
        jvp=_jvps[:_count],
        vjp=_vjps[:_count],
        result=named,
        examples=_calls,
    )
