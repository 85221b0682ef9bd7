"""Convolution and interpolation.

In: nothing. Out: rows for `np.convolve`, `np.correlate` and `np.interp`.

    np.convolve(a, v)      the cotangent of a is np.correlate(y_bar, v, "valid")
    np.interp(x, xp, fp)   at a knot the slope is the mean of the slopes to both sides
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from wengert.ir import shapes
from wengert.ir.dims import dim_of
from wengert.ir.nodes import Arg
from wengert.ir.types import Array, Type
from wengert.rules.adjoints import conjugated_as
from wengert.rules.examples import Domain, Draw, example, normal
from wengert.rules.kinds import constant, holds_complex, linear, structural
from wengert.rules.moving import counted
from wengert.rules.reductions import shaped
from wengert.rules.typings import named


def correlated(bar: Any, v: Any) -> Any:
    """What convolutions with `v` take back: `np.correlate` conjugates its second argument."""
    row = v if np.ndim(v) == 1 else np.reshape(v, -1)
    return np.correlate(bar, np.conj(row) if holds_complex(v) else row, "valid")


def _full(y_bar: Any, a: Any, v: Any, mode: Any, start_same: Any) -> Any:
    """The cotangent of the full convolution: zeros where the mode leaves entries out."""
    if mode == "full":
        return y_bar
    m, n = np.size(a), np.size(v)
    start = min(m, n) - 1 if mode == "valid" else start_same
    return np.concatenate([np.zeros(start), y_bar, np.zeros(m + n - 1 - start - np.size(y_bar))])


def _convolve_bar(y_bar: Any, a: Any, v: Any, mode: Any) -> Any:
    return _full(y_bar, a, v, mode, (min(np.size(a), np.size(v)) - 1) // 2)


def _convolve_a(y_bar: Any, y: Any, a: Any, v: Any, mode: Any = "full") -> Any:
    return np.reshape(correlated(_convolve_bar(y_bar, a, v, mode), v), np.shape(a))


def _convolve_v(y_bar: Any, y: Any, a: Any, v: Any, mode: Any = "full") -> Any:
    return np.reshape(correlated(_convolve_bar(y_bar, a, v, mode), a), np.shape(v))


def _correlate_bar(y_bar: Any, a: Any, v: Any, mode: Any) -> Any:
    m, n = np.size(a), np.size(v)
    # the shorter one runs along the longer one, and the middle of an even length is on the side where it starts
    return _full(y_bar, a, v, mode, (n - 1) // 2 if m >= n else m // 2)


def _correlate_a(y_bar: Any, y: Any, a: Any, v: Any, mode: Any = "valid") -> Any:
    return np.reshape(np.correlate(_correlate_bar(y_bar, a, v, mode), np.flip(v), "valid"), np.shape(a))


def _correlate_v(y_bar: Any, y: Any, a: Any, v: Any, mode: Any = "valid") -> Any:
    bar = np.reshape(np.flip(correlated(_correlate_bar(y_bar, a, v, mode), a)), np.shape(v))
    return conjugated_as(bar, y)


# Linear interpolation


def _segments(x: Any, xp: Any, fp: Any) -> Any:
    """For each x the place of the knot before it, and how far it is from there to the next knot."""
    place = np.minimum(np.maximum(np.searchsorted(xp, x, side="right") - 1, 0), np.shape(xp)[0] - 2)
    share = (x - xp[place]) / (xp[place + 1] - xp[place])
    return place, np.minimum(np.maximum(share, 0.0), 1.0)


def _interp_slope(x: Any, xp: Any, fp: Any) -> Any:
    """The mean of the slopes before and behind each x; there is none outside of the knots."""
    slopes = np.concatenate([np.zeros(1), np.diff(fp) / np.diff(xp), np.zeros(1)])
    return 0.5 * (slopes[np.searchsorted(xp, x, side="left")] + slopes[np.searchsorted(xp, x, side="right")])


def _extended(values: Any, xp: Any, period: Any) -> Any:
    """What belongs to the knots, in the order of the knots within one period, with those next to it on both sides."""
    ordered = values[np.argsort(xp % period)]
    return np.concatenate([ordered[-1:], ordered, ordered[:1]])


def _periodic(x: Any, xp: Any, fp: Any, period: Any) -> Any:
    """Points, knots and values within one period, as `np.interp` takes them."""
    knots = np.sort(xp % period)
    whole = np.concatenate([knots[-1:] - period, knots, knots[:1] + period])
    return x % period, whole, _extended(fp, xp, period)


def _folded(bar: Any, xp: Any, period: Any) -> Any:
    """What each knot gets from all the places at which it stands."""
    inner = np.copy(bar[1:-1])
    inner[-1] += bar[0]
    inner[0] += bar[-1]
    return inner[np.argsort(np.argsort(xp % period))]


def _interp_jvp(x_dot: Any, y: Any, x: Any, xp: Any, fp: Any, left: Any, right: Any, period: Any = None) -> Any:
    if period is not None:
        return shaped(_interp_slope(*_periodic(x, xp, fp, period)) * x_dot, y)
    return shaped(_interp_slope(x, xp, fp) * x_dot, y)


def _interp_vjp(y_bar: Any, y: Any, x: Any, xp: Any, fp: Any, left: Any, right: Any, period: Any = None) -> Any:
    if period is not None:
        return _interp_slope(*_periodic(x, xp, fp, period)) * y_bar
    return _interp_slope(x, xp, fp) * y_bar


def _inside(value: Any, x: Any, xp: Any, left: Any, right: Any) -> Any:
    """`value` without what the ends `left` and `right` replace."""
    if left is not None:
        value = np.where(x < xp[0], 0.0, value)
    if right is not None:
        value = np.where(x > xp[-1], 0.0, value)
    return value


def _interp_fp_jvp(f_dot: Any, y: Any, x: Any, xp: Any, fp: Any, left: Any, right: Any, period: Any = None) -> Any:
    if period is not None:
        return shaped(np.interp(x, xp, f_dot, period=period), y)
    return shaped(_inside(np.interp(x, xp, f_dot), x, xp, left, right), y)


def _scattered(before: Any, after: Any, place: Any, xp: Any, fp: Any) -> Any:
    """What each knot gets from the segments that it begins and ends."""
    flat, n = np.reshape(place, -1), np.size(xp)
    return counted(flat, np.reshape(before, -1), n, fp) + counted(flat + 1, np.reshape(after, -1), n, fp)


def _interp_fp_vjp(y_bar: Any, y: Any, x: Any, xp: Any, fp: Any, left: Any, right: Any, period: Any = None) -> Any:
    if period is not None:
        x, knots, values = _periodic(x, xp, fp, period)
        place, share = _segments(x, knots, values)
        return _folded(_scattered((1.0 - share) * y_bar, share * y_bar, place, knots, fp), xp, period)
    place, share = _segments(x, xp, fp)
    bar = _inside(y_bar, x, xp, left, right)
    return _scattered((1.0 - share) * bar, share * bar, place, xp, fp)


def _within(x: Any, xp: Any) -> Any:
    return np.where((x >= xp[0]) & (x <= xp[-1]), 1.0, 0.0)


def _interp_xp_jvp(d: Any, y: Any, x: Any, xp: Any, fp: Any, left: Any, right: Any, period: Any = None) -> Any:
    if period is not None:
        whole = _periodic(x, xp, fp, period)
        place, share = _segments(*whole)
        moved = _extended(d, xp, period)
        return shaped(-_interp_slope(*whole) * ((1.0 - share) * moved[place] + share * moved[place + 1]), y)
    place, share = _segments(x, xp, fp)
    moved = (1.0 - share) * d[place] + share * d[place + 1]
    return shaped(-_interp_slope(x, xp, fp) * moved * _within(x, xp), y)


def _interp_xp_vjp(y_bar: Any, y: Any, x: Any, xp: Any, fp: Any, left: Any, right: Any, period: Any = None) -> Any:
    if period is not None:
        whole = _periodic(x, xp, fp, period)
        place, share = _segments(*whole)
        bar = -_interp_slope(*whole) * y_bar
        return _folded(_scattered((1.0 - share) * bar, share * bar, place, whole[1], fp), xp, period)
    place, share = _segments(x, xp, fp)
    bar = -_interp_slope(x, xp, fp) * y_bar * _within(x, xp)
    return _scattered((1.0 - share) * bar, share * bar, place, xp, fp)


def _interp_left_jvp(d: Any, y: Any, x: Any, xp: Any, fp: Any, left: Any, right: Any, period: Any = None) -> Any:
    if period is not None:
        return 0.0  # there is no outside
    return shaped(np.where(x < xp[0], d, 0.0), y)


def _interp_left_vjp(y_bar: Any, y: Any, x: Any, xp: Any, fp: Any, left: Any, right: Any, period: Any = None) -> Any:
    if period is not None:
        return 0.0  # there is no outside
    return np.sum(np.where(x < xp[0], y_bar, 0.0))


def _interp_right_jvp(d: Any, y: Any, x: Any, xp: Any, fp: Any, left: Any, right: Any, period: Any = None) -> Any:
    if period is not None:
        return 0.0  # there is no outside
    return shaped(np.where(x > xp[-1], d, 0.0), y)


def _interp_right_vjp(y_bar: Any, y: Any, x: Any, xp: Any, fp: Any, left: Any, right: Any, period: Any = None) -> Any:
    if period is not None:
        return 0.0  # there is no outside
    return np.sum(np.where(x > xp[-1], y_bar, 0.0))


_MODES = tuple(
    example(normal(m), normal(n), mode) for m, n in ((5, 3), (3, 4), (4, 4)) for mode in ("full", "same", "valid")
)
_INSIDE = Domain("between the knots", ((0.1, 0.9), (1.1, 1.9), (2.1, 2.9)))
_KNOTS = np.array([0.0, 1.0, 2.0, 3.0])
_BEYOND = np.array([-0.5, 0.4, 1.3, 3.6])

linear(
    np.convolve,
    "a v",
    vjp=(_convolve_a, _convolve_v),
    result=shapes.probe,
    examples=[example(normal(4), normal(2)), *_MODES],
)
linear(
    np.correlate,
    "a v",
    vjp=(_correlate_a, _correlate_v),
    result=shapes.probe,
    examples=[example(normal(4), normal(2)), *_MODES],
)
structural(
    np.interp,
    "x xp fp left? right?",
    jvp=(_interp_jvp, _interp_xp_jvp, _interp_fp_jvp, _interp_left_jvp, _interp_right_jvp),
    vjp=(_interp_vjp, _interp_xp_vjp, _interp_fp_vjp, _interp_left_vjp, _interp_right_vjp),
    result=named,
    examples=[
        example(Draw((5,), _INSIDE), _KNOTS, normal(4)),
        example(Draw((2, 3), _INSIDE), _KNOTS, normal(4)),
        example(1.4, _KNOTS, normal(4)),
        example(_BEYOND, _KNOTS, normal(4)),
        example(_BEYOND, _KNOTS, normal(4), left=normal(), right=normal()),
        example(np.array([-0.5, 0.4, 1.3, 3.6, 9.1]), np.array([0.2, 5.0, 3.1, 1.9]), normal(4), period=4.0),
    ],
)


def _window(op: Any, inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
    """Doubles, as many as the argument says."""
    given = inputs[0] if inputs else options["M"]
    dim = dim_of(given)
    return Array("float64", (max(dim, 0) if isinstance(dim, int) else dim,))


constant(np.hanning, np.hamming, np.bartlett, np.blackman, result=_window, examples=[example(5)])
