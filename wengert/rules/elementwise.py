"""NumPy's elementwise functions.

In: nothing. Out: rows for the ufuncs and for `np.clip`, `np.where`, `np.sinc` and others that work entry by entry.

    np.maximum(a, b)      slopes 1, 0, and one half each at a tie
    np.hypot(a, b)        slopes a / y, b / y, and 0 at the origin

Factors are Python numbers, which leave float32 as it is.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from wengert.ir import shapes
from wengert.ir.nodes import Arg
from wengert.ir.types import Type
from wengert.rules.examples import (
    ABOVE_MINUS_ONE,
    ABOVE_ONE,
    COSINE,
    HIGH,
    LOW,
    NONZERO,
    POSITIVE,
    REAL,
    UNIT,
    WHOLE,
    Draw,
    example,
    normal,
)
from wengert.rules.kinds import constant, elementwise, holds_complex, structural
from wengert.runtime import sigmoid, unbroadcast


def _above(x: Any, bound: Any) -> Any:
    """The slope of `maximum(x, bound)` by `x`."""
    return np.where(x == bound, 0.5, x > bound)


def _clip_x(x: Any, low: Any, high: Any, y: Any) -> Any:
    if low is None:
        return 1.0 if high is None else _above(high, x)
    if high is None:
        return _above(x, low)
    return _above(x, low) * _above(high, np.maximum(x, low))


def _clip_low(x: Any, low: Any, high: Any, y: Any) -> Any:
    if low is None:
        return 0.0
    if high is None:
        return _above(low, x)
    return _above(low, x) * _above(high, np.maximum(x, low))


def _clip_high(x: Any, low: Any, high: Any, y: Any) -> Any:
    if high is None:
        return 0.0
    if low is None:
        return _above(x, high)
    return _above(np.maximum(x, low), high)


def _sinc(x: Any, y: Any) -> Any:
    """(cos(pi x) - sinc(x)) / x loses all digits near 0; there the Taylor series is exact to rounding."""
    small = np.abs(x) < 0.05
    p = math.pi * math.pi * x * x
    series = -(math.pi * math.pi / 3) * x * (1 - p / 10 * (1 - p / 28 * (1 - p / 54)))
    away = np.where(small, 1.0, x)
    return np.where(small, series, (np.cos(math.pi * away) - np.where(small, -1.0, y)) / away)


def _arcsinh(x: Any, y: Any) -> Any:
    """One over the root of 1 + x * x, which does not overflow; `np.hypot` takes real numbers only."""
    return 1 / np.sqrt(1 + x * x) if holds_complex(y) else 1 / np.hypot(1.0, x)


def _where_a_jvp(a_dot: Any, y: Any, c: Any, a: Any, b: Any) -> Any:
    return np.where(c, a_dot, 0.0)


def _where_b_jvp(b_dot: Any, y: Any, c: Any, a: Any, b: Any) -> Any:
    return np.where(c, 0.0, b_dot)


def _where_a_vjp(y_bar: Any, y: Any, c: Any, a: Any, b: Any) -> Any:
    return unbroadcast(np.where(c, y_bar, 0.0), a)


def _where_b_vjp(y_bar: Any, y: Any, c: Any, a: Any, b: Any) -> Any:
    return unbroadcast(np.where(c, 0.0, y_bar), b)


def _sigmoid_slope(x: Any, y: Any) -> Any:
    return y * sigmoid(-x)


def _share_a(a: Any, b: Any, y: Any) -> Any:
    return sigmoid(a - b)


def _share_b(a: Any, b: Any, y: Any) -> Any:
    return sigmoid(b - a)


def _share2_a(a: Any, b: Any, y: Any) -> Any:
    return sigmoid(math.log(2.0) * (a - b))


def _share2_b(a: Any, b: Any, y: Any) -> Any:
    return sigmoid(math.log(2.0) * (b - a))


_LOG_2 = repr(math.log(2.0))
_PER_RADIUS = "/ np.hypot(a, b) / np.hypot(a, b)"
"""Over a * a + b * b, which overflows and underflows where the quotient does neither."""

def _filled(op: Any, inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
    """What is put in place of nan and infinities is made to fit."""
    return shapes.elementwise(op, inputs[:1])


elementwise(np.add, "a b", "1.0", "1.0", domain=REAL)
elementwise(np.subtract, "a b", "1.0", "-1.0", domain=REAL)
elementwise(np.multiply, "a b", "b", "a", domain=REAL)
elementwise(np.divide, "a b", "1 / b", "-y / b", domain=(REAL, NONZERO), singular=True)
elementwise(np.remainder, "a b", "1.0", "-np.floor_divide(a, b)", domain=(HIGH, POSITIVE), singular=(False, True))
elementwise(np.fmod, "a b", "1.0", "-np.trunc(np.divide(a, b))", domain=(HIGH, POSITIVE), singular=(False, True))
elementwise(np.negative, "x", "-1.0", domain=REAL)
elementwise((np.positive, np.real, np.conjugate), "x", "1.0", domain=REAL)
elementwise((np.absolute, np.fabs), "x", "np.sign(x)", domain=NONZERO)
elementwise(np.exp, "x", "y", domain=REAL)
elementwise(np.exp2, "x", f"y * {_LOG_2}", domain=REAL)
elementwise(np.expm1, "x", "np.exp(x)", domain=REAL)  # y + 1 has no digits left where y is near -1
elementwise(np.log, "x", "1 / x", domain=POSITIVE, singular=True)
elementwise(np.log2, "x", f"1 / (x * {_LOG_2})", domain=POSITIVE, singular=True)
elementwise(np.log10, "x", f"1 / (x * {math.log(10.0)!r})", domain=POSITIVE, singular=True)
elementwise(np.log1p, "x", "1 / (1 + x)", domain=ABOVE_MINUS_ONE, singular=True)
elementwise(np.sqrt, "x", "0.5 / y", domain=POSITIVE, singular=True)
elementwise(np.square, "x", "2 * x", domain=REAL)
elementwise(np.cbrt, "x", "1 / (3 * y * y)", domain=NONZERO, singular=True)
elementwise(np.reciprocal, "x", "-y * y", domain=NONZERO, singular=True)
elementwise(np.sin, "x", "np.cos(x)", domain=REAL)
elementwise(np.cos, "x", "-np.sin(x)", domain=REAL)
elementwise(np.tan, "x", "1 + y * y", domain=COSINE)
elementwise(np.arcsin, "x", "1 / np.sqrt((1 - x) * (1 + x))", domain=UNIT, singular=True)
elementwise(np.arccos, "x", "-1 / np.sqrt((1 - x) * (1 + x))", domain=UNIT, singular=True)
elementwise(np.arctan, "x", "1 / (1 + x * x)", domain=REAL)
elementwise(np.arctan2, "a b", f"b {_PER_RADIUS}", f"-a {_PER_RADIUS}", domain=NONZERO, singular=True)
elementwise(np.sinh, "x", "np.cosh(x)", domain=REAL)
elementwise(np.cosh, "x", "np.sinh(x)", domain=REAL)
elementwise(np.tanh, "x", "1 - y * y", domain=REAL)
elementwise(np.arcsinh, "x", _arcsinh, domain=REAL)
elementwise(np.arccosh, "x", "1 / (np.sqrt(x - 1) * np.sqrt(x + 1))", domain=ABOVE_ONE, singular=True)
elementwise(np.arctanh, "x", "1 / ((1 - x) * (1 + x))", domain=UNIT, singular=True)
elementwise(
    np.hypot, "a b", "a / np.where(y == 0, 1.0, y)", "b / np.where(y == 0, 1.0, y)", domain=NONZERO, singular=True
)
elementwise((np.deg2rad, np.radians), "x", repr(math.pi / 180.0), domain=REAL)
elementwise((np.rad2deg, np.degrees), "x", repr(180.0 / math.pi), domain=REAL)
elementwise(
    np.maximum,
    "a b",
    "np.where(a == b, 0.5, a > b)",
    "np.where(a == b, 0.5, b > a)",
    domain=(LOW, HIGH),
    examples=[example(normal(5), normal(5))],
)
elementwise(
    np.minimum,
    "a b",
    "np.where(a == b, 0.5, a < b)",
    "np.where(a == b, 0.5, b < a)",
    domain=(LOW, HIGH),
    examples=[example(normal(5), normal(5))],
)
elementwise(
    (np.fmax, np.fmin),
    "a b",
    "np.where(a == b, 0.5, a == y)",
    "np.where(a == b, 0.5, b == y)",
    domain=(LOW, HIGH),
    examples=[example(normal(5), normal(5))],
)
elementwise(np.logaddexp, "a b", _share_a, _share_b, domain=REAL)
elementwise(np.logaddexp2, "a b", _share2_a, _share2_b, domain=REAL)
elementwise(sigmoid, "x", _sigmoid_slope, domain=REAL, result=shapes.elementwise)
elementwise(np.heaviside, "a b", None, "np.where(a == 0, 1.0, 0.0)", domain=(NONZERO, REAL))
elementwise(np.copysign, "a b", "np.sign(a) * np.copysign(1.0, b)", None, domain=NONZERO)
elementwise(np.ldexp, "x n", "np.ldexp(1.0, n)", None, domain=(REAL, WHOLE))
elementwise(np.sinc, "x", _sinc, domain=REAL, examples=[example(0.01), example(1e-5)])
elementwise(
    np.nan_to_num,
    "x nan? posinf? neginf?",
    "np.where(np.isfinite(x), 1.0, 0.0)",
    "np.where(np.isnan(x), 1.0, 0.0)",
    "np.where(np.isposinf(x), 1.0, 0.0)",
    "np.where(np.isneginf(x), 1.0, 0.0)",
    domain=(REAL,),
    result=_filled,
    examples=[
        example(normal(3), nan=normal()),
        example(np.array([0.5, math.nan, math.inf, -math.inf]), nan=normal(), posinf=normal(), neginf=normal()),
    ],
)
elementwise(
    np.clip,
    "x a_min? a_max?",
    _clip_x,
    _clip_low,
    _clip_high,
    examples=[
        example(normal(7), -1.0, 1.0),
        example(normal(7), None, 1.0),
        example(normal(7), -1.0, None),
        example(normal(), -1.0, 1.0),
        example(normal(3, 2), Draw((2,), LOW), Draw((3, 1), HIGH)),
        example(Draw((3,), LOW), normal(3, 1), Draw((), HIGH)),
        example(Draw((3,), HIGH), Draw((3, 1), LOW), normal(3, 1)),
    ],
    aliases={"min": "a_min", "max": "a_max"},
)
structural(
    np.where,
    "c a b",
    jvp=(None, _where_a_jvp, _where_b_jvp),
    vjp=(None, _where_a_vjp, _where_b_vjp),
    examples=[
        example(np.array([True, False, True]), normal(3), normal(3)),
        example(np.array([True, False, True]), normal(2, 1), normal()),
        example(True, normal(3), normal(2, 3)),
        example(False, normal(), normal()),
    ],
    result=shapes.elementwise,
)

constant(
    np.sign,
    np.floor,
    np.ceil,
    np.rint,
    np.trunc,
    np.fix,
    np.isnan,
    np.isfinite,
    np.isinf,
    np.signbit,
    np.spacing,
    np.logical_not,
    np.isneginf,
    np.isposinf,
    domain=REAL,
)
constant(
    np.floor_divide,
    np.greater,
    np.less,
    np.greater_equal,
    np.less_equal,
    np.equal,
    np.not_equal,
    np.logical_and,
    np.logical_or,
    np.logical_xor,
    np.isclose,
    domain=(REAL, NONZERO),
)
constant(
    np.bitwise_and, np.bitwise_or, np.bitwise_xor, np.left_shift, np.right_shift, np.gcd, np.lcm, domain=(WHOLE, WHOLE)
)
constant(np.invert, domain=WHOLE)
constant(np.round, np.around, result=shapes.probe, examples=[example(normal(3)), example(normal(3), 2)])
