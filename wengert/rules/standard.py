"""Python's builtins and the `math` module, for Python numbers.

In: nothing. Out: rows whose partials are pure Python, so that scalar programs stay fast; where Python would raise at
a point where the function itself is fine, the partial gives the limit.

    math.sqrt(x)      slope 0.5 / y, infinite at 0
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from wengert.ir import shapes
from wengert.rules.examples import (
    ABOVE_MINUS_ONE,
    ABOVE_ONE,
    COSINE,
    HIGH,
    NONZERO,
    NOT_WHOLE,
    POSITIVE,
    REAL,
    UNIT,
    WHOLE,
    Draw,
    example,
    normal,
    positive,
)
from wengert.rules.kinds import constant, elementwise, linear, structural
from wengert.rules.typings import several
from wengert.runtime import bundle, polygamma


def _log(x: Any, base: Any, y: Any) -> Any:
    if base is None:
        return 1 / x
    return 1 / (x * math.log(base))


def _log_base(x: Any, base: Any, y: Any) -> Any:
    return -y / (base * math.log(base))


def _pow_base(a: Any, b: Any, y: Any) -> Any:
    if b >= 1:
        return b * math.pow(a, b - 1)
    if b == 0:
        return 0.0
    return b * math.pow(a, b - 1) if a != 0 else math.inf


def _pow_exponent(a: Any, b: Any, y: Any) -> Any:
    if a > 0:
        return y * math.log(a)
    if a == 0:
        return 0.0 if y == 0 else -math.inf
    return math.nan


def _atan2_a(a: Any, b: Any, y: Any) -> Any:
    square = a * a + b * b
    return b / square if square != 0 else math.nan


def _atan2_b(a: Any, b: Any, y: Any) -> Any:
    square = a * a + b * b
    return -a / square if square != 0 else math.nan


def _fabs(x: Any, y: Any) -> Any:
    return math.copysign(1.0, x) if x != 0 else 0.0


def _copysign(a: Any, b: Any, y: Any) -> Any:
    return math.copysign(1.0, a) * math.copysign(1.0, b) if a != 0 else 0.0


# sequences: `math` takes lists, tuples and arrays


def _fsum_vjp(y_bar: Any, y: Any, x: Any) -> Any:
    if isinstance(x, np.ndarray):
        return np.full(np.shape(x), y_bar)
    return [y_bar for _ in x]


def _scaled(y_bar: Any, x: Any, factors: Any) -> Any:
    """`y_bar` times each of the factors, as a sequence like `x`."""
    if isinstance(x, np.ndarray):
        return y_bar * np.asarray(factors)
    return [y_bar * v for v in factors]


def _sumprod_p(y_bar: Any, y: Any, p: Any, q: Any) -> Any:
    return _scaled(y_bar, p, q)


def _sumprod_q(y_bar: Any, y: Any, p: Any, q: Any) -> Any:
    return _scaled(y_bar, q, p)


def _apart(p: Any, q: Any) -> Any:
    if isinstance(p, np.ndarray) or isinstance(q, np.ndarray):
        return np.subtract(p, q)
    return [a - b for a, b in zip(p, q)]  # noqa: B905


def _dist_jvp_p(p_dot: Any, y: Any, p: Any, q: Any) -> Any:
    apart = _apart(p, q)
    if isinstance(apart, np.ndarray):
        return float(np.dot(apart, p_dot)) / (y if y != 0 else 1.0)
    return sum([d * v for d, v in zip(apart, p_dot)]) / (y if y != 0 else 1.0)  # noqa: B905


def _dist_jvp_q(q_dot: Any, y: Any, p: Any, q: Any) -> Any:
    return -_dist_jvp_p(q_dot, y, p, q)


def _dist_vjp_p(y_bar: Any, y: Any, p: Any, q: Any) -> Any:
    return _scaled(y_bar / (y if y != 0 else 1.0), p, _apart(p, q))


def _dist_vjp_q(y_bar: Any, y: Any, p: Any, q: Any) -> Any:
    return _scaled(-y_bar / (y if y != 0 else 1.0), q, _apart(p, q))


def _gamma(x: Any, y: Any) -> Any:
    return y * polygamma(0, x)


def _lgamma(x: Any, y: Any) -> Any:
    return polygamma(0, x)


def _polygamma(n: Any, x: Any, y: Any) -> Any:
    return polygamma(n + 1, x)


def _frexp_jvp(x_dot: Any, y: Any, x: Any) -> Any:
    return bundle([math.ldexp(x_dot, -y[1]), 0.0])


def _frexp_vjp(y_bar: Any, y: Any, x: Any) -> Any:
    return math.ldexp(y_bar[0], -y[1])


def _modf_jvp(x_dot: Any, y: Any, x: Any) -> Any:
    return bundle([x_dot, 0.0])


def _modf_vjp(y_bar: Any, y: Any, x: Any) -> Any:
    return y_bar[0]


def _edge(slope: str, at: str) -> str:
    """A slope that is infinite where `at` is 0, where Python would raise."""
    return f"{slope} if {at} != 0 else math.inf"


_ORDERS = [example(n, Draw((), NOT_WHOLE)) for n in range(3)]

elementwise(float, "x", "1.0", domain=REAL)
elementwise(math.sin, "x", "math.cos(x)", domain=REAL)
elementwise(math.cos, "x", "-math.sin(x)", domain=REAL)
elementwise(math.tan, "x", "1 + y * y", domain=COSINE)
elementwise(math.asin, "x", _edge("1 / math.sqrt((1 - x) * (1 + x))", "x * x - 1"), domain=UNIT, singular=True)
elementwise(
    math.acos, "x", "-1 / math.sqrt((1 - x) * (1 + x)) if x * x != 1 else -math.inf", domain=UNIT, singular=True
)
elementwise(math.atan, "x", "1 / (1 + x * x)", domain=REAL)
elementwise(math.atan2, "a b", _atan2_a, _atan2_b, domain=NONZERO, singular=True)
elementwise(math.sinh, "x", "math.cosh(x)", domain=REAL)
elementwise(math.cosh, "x", "math.sinh(x)", domain=REAL)
elementwise(math.tanh, "x", "1 - y * y", domain=REAL)
elementwise(math.asinh, "x", "1 / math.sqrt(1 + x * x)", domain=REAL)
elementwise(
    math.acosh, "x", _edge("1 / (math.sqrt(x - 1) * math.sqrt(x + 1))", "x - 1"), domain=ABOVE_ONE, singular=True
)
elementwise(math.atanh, "x", "1 / ((1 - x) * (1 + x))", domain=UNIT, singular=True)
elementwise(math.exp, "x", "y", domain=REAL)
elementwise(math.expm1, "x", "y + 1", domain=REAL)
elementwise(math.log, "x base?", _log, _log_base, domain=POSITIVE, examples=[example(2.5, 3.0)], singular=True)
elementwise(math.log2, "x", f"1 / (x * {math.log(2.0)!r})", domain=POSITIVE, singular=True)
elementwise(math.log10, "x", f"1 / (x * {math.log(10.0)!r})", domain=POSITIVE, singular=True)
elementwise(math.log1p, "x", "1 / (1 + x)", domain=ABOVE_MINUS_ONE, singular=True)
elementwise(math.sqrt, "x", _edge("0.5 / y", "y"), domain=POSITIVE, singular=True)
elementwise(math.pow, "a b", _pow_base, _pow_exponent, domain=(POSITIVE, REAL), singular=True)
elementwise(math.fabs, "x", _fabs, domain=NONZERO)
elementwise(
    math.hypot,
    "a b? c? d? e? f?",
    *(f"{name} / y if y != 0 else 0.0" for name in "abcdef"),
    domain=(NONZERO,),
    examples=[example(normal(), normal()), example(normal(), normal(), normal())],
    singular=True,
)
elementwise(math.copysign, "a b", _copysign, None, domain=NONZERO)
elementwise(math.fmod, "a b", "1.0", "(y - a) / b", domain=(HIGH, POSITIVE), singular=(False, True))
elementwise(math.remainder, "a b", "1.0", "(y - a) / b", domain=(HIGH, POSITIVE), singular=(False, True))
elementwise(math.ldexp, "x n", "math.ldexp(1.0, n)", None, domain=(REAL, WHOLE))
elementwise(math.degrees, "x", repr(180.0 / math.pi), domain=REAL)
elementwise(math.radians, "x", repr(math.pi / 180.0), domain=REAL)
elementwise(math.erf, "x", f"{2.0 / math.sqrt(math.pi)!r} * math.exp(-x * x)", domain=REAL)
elementwise(math.erfc, "x", f"-{2.0 / math.sqrt(math.pi)!r} * math.exp(-x * x)", domain=REAL)
elementwise(math.gamma, "x", _gamma, domain=NOT_WHOLE)
elementwise(math.lgamma, "x", _lgamma, domain=NOT_WHOLE)
elementwise(polygamma, "n x", None, _polygamma, result=shapes.floating, examples=_ORDERS)
elementwise(math.nextafter, "x toward", "1.0", None, domain=REAL)
structural(
    math.frexp, "x", jvp=(_frexp_jvp,), vjp=(_frexp_vjp,), result=several(2), examples=[example(1.3), example(-5.7)]
)
structural(math.modf, "x", jvp=(_modf_jvp,), vjp=(_modf_vjp,), result=several(2), examples=[example(1.3), example(-5.7)])
linear(math.fsum, "x", vjp=(_fsum_vjp,), result=shapes.floating, displays=True, examples=[example([normal(), normal()])])
structural(
    math.dist,
    "p q",
    jvp=(_dist_jvp_p, _dist_jvp_q),
    vjp=(_dist_vjp_p, _dist_vjp_q),
    result=shapes.floating,
    displays=True,
    singular=True,
    examples=[example([normal(), normal()], [normal(), normal()]), example((positive(), normal()), normal(2))],
)
if hasattr(math, "sumprod"):
    linear(
        math.sumprod,
        "p q",
        vjp=(_sumprod_p, _sumprod_q),
        result=shapes.probe,  # a Python float of Python floats, a scalar of NumPy's where an array comes in
        displays=True,
        examples=[example([normal(), normal()], [normal(), normal()]), example(normal(3), normal(3))],
    )
if hasattr(math, "fma"):
    elementwise(math.fma, "a b c", "b", "a", "1.0", examples=[example(normal(), normal(), normal())])
if hasattr(math, "exp2"):
    elementwise(math.exp2, "x", f"y * {math.log(2.0)!r}", domain=REAL)
    elementwise(math.cbrt, "x", _edge("1 / (3 * y * y)", "y"), domain=NONZERO, singular=True)

constant(math.floor, math.ceil, math.trunc, math.isnan, math.isinf, math.isfinite, math.ulp, domain=REAL)
constant(math.isclose, result=shapes.boolean, examples=[example(normal(), normal())])
constant(math.factorial, math.isqrt, result=shapes.integer, examples=[example(5)])
constant(math.comb, math.perm, math.gcd, math.lcm, result=shapes.integer, examples=[example(6, 4)])
constant(round, result=shapes.rounded, examples=[example(normal()), example(normal(), 2)])
constant(int, result=shapes.integer, examples=[example(2.5)])
constant(bool, result=shapes.boolean, examples=[example(2.5)])
constant(isinstance, result=shapes.boolean, examples=[example(2.5, float)])
constant(callable, result=shapes.boolean, examples=[example(float)])
constant(len, result=shapes.integer, examples=[example([1, 2])])
constant(str, repr, type, id, result=shapes.opaque, examples=[example(2.5)])
constant(range, result=shapes.span, examples=[example(3)])
