"""The largest and the smallest entries along axes.

In: nothing. Out: rows for `np.max`, `np.min`, `np.ptp`, and for what tells which
entries are extreme or nonzero.

    np.max(x)       a tie is split evenly among the entries that are maximal
"""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.ir import shapes
from wengert.rules.examples import Example, example, normal, positive
from wengert.rules.kinds import constant, structural
from wengert.rules.masks import everywhere, reduced, spread
from wengert.rules.reductions import ALONG, MASK


def _is_chosen(y: Any, x: Any, axis: Any, keepdims: Any, where: Any) -> Any:
    """Which entries are the extreme one."""
    chosen = np.equal(x, spread(y, axis, keepdims))
    return chosen if everywhere(where) else np.logical_and(chosen, where)


def _winners(chosen: Any, y: Any, initial: Any, axis: Any, keepdims: Any) -> Any:
    """How many entries are the extreme one, the value to start from among them."""
    number = np.sum(chosen, axis=axis, keepdims=keepdims)
    return number if initial is None else number + np.equal(y, initial)


def extreme_jvp(
    x_dot: Any, y: Any, x: Any, initial: Any = None, axis: Any = None, keepdims: Any = False, where: Any = True
) -> Any:
    chosen = _is_chosen(y, x, axis, keepdims, where)
    total = np.sum(np.where(chosen, x_dot, 0.0), axis=axis, keepdims=keepdims)
    return total / _winners(chosen, y, initial, axis, keepdims)


def extreme_vjp(
    y_bar: Any, y: Any, x: Any, initial: Any = None, axis: Any = None, keepdims: Any = False, where: Any = True
) -> Any:
    chosen = _is_chosen(y, x, axis, keepdims, where)
    share = y_bar / _winners(chosen, y, initial, axis, keepdims)
    return np.where(chosen, spread(share, axis, keepdims), 0.0)


def extreme_start_jvp(
    d: Any, y: Any, x: Any, initial: Any = None, axis: Any = None, keepdims: Any = False, where: Any = True
) -> Any:
    chosen = _is_chosen(y, x, axis, keepdims, where)
    return np.where(np.equal(y, initial), d, 0.0) / _winners(chosen, y, initial, axis, keepdims)


def extreme_start_vjp(
    y_bar: Any, y: Any, x: Any, initial: Any = None, axis: Any = None, keepdims: Any = False, where: Any = True
) -> Any:
    chosen = _is_chosen(y, x, axis, keepdims, where)
    return np.sum(np.where(np.equal(y, initial), y_bar / _winners(chosen, y, initial, axis, keepdims), 0.0))


def _ptp_jvp(x_dot: Any, y: Any, x: Any, axis: Any = None, keepdims: Any = False) -> Any:
    high, low = np.max(x, axis=axis, keepdims=keepdims), np.min(x, axis=axis, keepdims=keepdims)
    return extreme_jvp(x_dot, high, x, None, axis, keepdims) - extreme_jvp(x_dot, low, x, None, axis, keepdims)


def _ptp_vjp(y_bar: Any, y: Any, x: Any, axis: Any = None, keepdims: Any = False) -> Any:
    high, low = np.max(x, axis=axis, keepdims=keepdims), np.min(x, axis=axis, keepdims=keepdims)
    return extreme_vjp(y_bar, high, x, None, axis, keepdims) - extreme_vjp(y_bar, low, x, None, axis, keepdims)


EXTREMES: tuple[Example, ...] = (
    *ALONG,
    example(normal(3, 4), where=MASK, initial=-0.3),
    example(normal(3, 4), axis=0, initial=normal()),
    example(normal(3, 4), axis=-1, keepdims=True, where=MASK, initial=0.4),
    example(normal(5), initial=0.2),
)

for _op in dict.fromkeys((np.max, np.min, np.amax, np.amin)):
    structural(
        _op,
        "x initial?",
        jvp=(extreme_jvp, extreme_start_jvp),
        vjp=(extreme_vjp, extreme_start_vjp),
        result=reduced,
        examples=EXTREMES,
    )
structural(np.ptp, "x", jvp=(_ptp_jvp,), vjp=(_ptp_vjp,), result=shapes.probe, examples=ALONG)

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
