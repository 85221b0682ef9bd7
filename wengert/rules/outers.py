"""Every entry of one array with every entry of another: `outer` of ufuncs whose slopes depend on both.

In: a ufunc and its partials. Out: rows for `np.maximum.outer`, `np.power.outer` and their like.

    np.hypot.outer(a, b)      the cotangent of a is y_bar * a / y, summed over the axes of b
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from wengert.rules import recurrences
from wengert.rules.arithmetic import power_base, power_exponent
from wengert.rules.examples import HIGH, NONZERO, POSITIVE, Domain, Draw, example
from wengert.rules.kinds import structural
from wengert.rules.ufunc_methods import for_a, for_b, outer_type, over

Partial = Callable[[Any, Any, Any], Any]


def _by_pairs(of_a: Partial, of_b: Partial | None) -> tuple[Any, Any]:
    def a_jvp(d: Any, y: Any, a: Any, b: Any) -> Any:
        return of_a(over(a, b), b, y) * over(d, b)

    def a_vjp(y_bar: Any, y: Any, a: Any, b: Any) -> Any:
        return for_a(of_a(over(a, b), b, y) * y_bar, a, b)

    if of_b is None:
        return (a_jvp, None), (a_vjp, None)

    def b_jvp(d: Any, y: Any, a: Any, b: Any) -> Any:
        return of_b(over(a, b), b, y) * d

    def b_vjp(y_bar: Any, y: Any, a: Any, b: Any) -> Any:
        return for_b(of_b(over(a, b), b, y) * y_bar, a, b)

    return (a_jvp, b_jvp), (a_vjp, b_vjp)


def _angle_a(a: Any, b: Any, y: Any) -> Any:
    return b / (a * a + b * b)


def _angle_b(a: Any, b: Any, y: Any) -> Any:
    return -a / (a * a + b * b)


def _sign(a: Any, b: Any, y: Any) -> Any:
    return np.sign(a) * np.copysign(1.0, b)


def _one(a: Any, b: Any, y: Any) -> Any:
    return np.ones_like(y)


def _minus_floor(a: Any, b: Any, y: Any) -> Any:
    return -np.floor(a / b)


def _minus_whole(a: Any, b: Any, y: Any) -> Any:
    return -np.trunc(a / b)


_HAVE_ROWS = (np.subtract, np.divide)
_ROWS: tuple[tuple[np.ufunc, Partial, Partial | None, Domain, Domain, bool], ...] = (
    *((op, of_a, of_b, NONZERO, NONZERO, wild) for op, of_a, of_b, _, wild in recurrences.ROWS if op not in _HAVE_ROWS),
    (np.power, power_base, power_exponent, POSITIVE, NONZERO, True),
    (np.arctan2, _angle_a, _angle_b, NONZERO, NONZERO, True),
    (np.copysign, _sign, None, NONZERO, NONZERO, False),
    (np.remainder, _one, _minus_floor, HIGH, POSITIVE, True),
    (np.fmod, _one, _minus_whole, HIGH, POSITIVE, True),
)
for _op, _of_a, _of_b, _left, _right, _wild in _ROWS:
    _jvps, _vjps = _by_pairs(_of_a, _of_b)
    structural(
        _op.outer,
        "a b",
        jvp=_jvps,
        vjp=_vjps,
        result=outer_type,
        singular=_wild,
        examples=[
            example(Draw((3,), _left), Draw((2,), _right)),
            example(Draw((2, 3), _left), Draw((2,), _right)),
            example(Draw((3,), _left), Draw((2, 2), _right)),
        ],
    )
