"""Python's operators, for Python numbers and arrays alike.

In: nothing. Out: rows for `operator.*`, `abs` and `pow`; NumPy's own power shares the row of `**`.

    x ** 3       slope 3 * x ** 2
    a / b        slopes 1 / b and -y / b
"""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from wengert.ir import shapes
from wengert.ir.nodes import Arg, Const
from wengert.rules.examples import HIGH, NONZERO, POSITIVE, REAL, WHOLE, example, normal, positive
from wengert.rules.kinds import constant, elementwise, holds_complex, known


def _denominator_may_vanish(inputs: Sequence[Arg]) -> bool:
    b = inputs[1]
    return not (isinstance(b, Const) and isinstance(b.value, (int, float)) and b.value != 0)


def _base_is_singular(inputs: Sequence[Arg]) -> bool:
    """A whole power that is not negative is smooth everywhere."""
    b = inputs[1]
    if isinstance(b, Const) and isinstance(b.value, (int, float)):
        return not (b.value >= 0 and float(b.value).is_integer())
    return True


def _abs(x: Any, y: Any) -> Any:
    if isinstance(x, (int, float)):
        return math.copysign(1.0, x) if x != 0 else 0.0
    return np.sign(x)


def power_base(a: Any, b: Any, y: Any) -> Any:
    if isinstance(b, int):
        if known(b):
            if b == 0:
                return 0.0
            if b == 1:
                return 1.0
            if b == 2:
                return 2 * a
            return b * a ** (b - 1)
        # no branch on b: the exponent 0 stays 0, so that 0 ** -1 is never computed
        return b * a ** (b - (b != 0))
    if isinstance(b, float):
        if isinstance(a, (int, float)):
            return _power_base_float(a, b)
        if known(b):
            if b == 0:
                return 0.0
            if b == 1:
                return 1.0
            if b == 2:
                return 2 * a
            return b * a ** (b - 1)
    return b * a ** (b - (b != 0))


def _power_base_float(a: Any, b: Any) -> Any:
    """Python raises for 0.0 to a negative power, where the slope is infinite or nothing is left of it."""
    if b >= 1:
        return b * a ** (b - 1)
    if b == 0:
        return 0.0
    return b * a ** (b - 1) if a != 0 else math.inf


def power_exponent(a: Any, b: Any, y: Any) -> Any:
    if holds_complex(y):
        return y * np.log(np.where(y == 0, 1.0, a) + 0j)
    if isinstance(a, (int, float)):
        if a > 0:
            return y * math.log(a)
        if a == 0:
            return np.where(y == 0, 0.0, -math.inf) if isinstance(y, np.ndarray) else 0.0 if y == 0 else -math.inf
        return y * math.nan
    return y * np.log(np.where(y == 0, 1.0, a))


elementwise(operator.add, "a b", "1.0", "1.0", domain=REAL)
elementwise(operator.sub, "a b", "1.0", "-1.0", domain=REAL)
elementwise(operator.mul, "a b", "b", "a", domain=REAL)
elementwise(operator.truediv, "a b", "1 / b", "-y / b", domain=(REAL, NONZERO), singular=(_denominator_may_vanish,) * 2)
elementwise(operator.mod, "a b", "1.0", "-(a // b)", domain=(HIGH, POSITIVE), singular=(False, _denominator_may_vanish))
elementwise(
    (operator.pow, pow, np.power, np.float_power),
    "a b",
    power_base,
    power_exponent,
    domain=(POSITIVE, REAL),
    singular=(_base_is_singular, True),
    examples=[
        *(example(normal(3), n) for n in (0, 1, 2, 3, 2.0)),
        *(example(positive(3), n) for n in (-1.0, 1.5, 0.5)),
        *(example(normal(), n) for n in (0, 1, 2, 3, 2.0)),
        example(2.0, normal(3)),
        example(3, positive()),
    ],
)
elementwise(operator.neg, "x", "-1.0", domain=REAL)
elementwise(operator.pos, "x", "1.0", domain=REAL)
elementwise((operator.abs, abs) if operator.abs is not abs else abs, "x", _abs, domain=NONZERO)
# of whole numbers alone: anything else is compared and chosen from, where Python does
elementwise(max, "a b", "0.0 if b > a else 1.0", "1.0 if b > a else 0.0", domain=REAL)
elementwise(min, "a b", "0.0 if b < a else 1.0", "1.0 if b < a else 0.0", domain=REAL)
constant(operator.floordiv, domain=(REAL, NONZERO))
constant(
    operator.lt,
    operator.le,
    operator.gt,
    operator.ge,
    operator.eq,
    operator.ne,
    domain=(REAL, REAL),
)
constant(operator.and_, operator.or_, operator.xor, operator.lshift, operator.rshift, domain=(WHOLE, WHOLE))
constant(operator.invert, domain=WHOLE)
constant(operator.not_, operator.truth, result=shapes.boolean, examples=[example(normal())])
constant(operator.is_, operator.is_not, result=shapes.boolean, examples=[example(normal(), normal())])
constant(operator.contains, result=shapes.boolean, examples=[example([1, 2], 1)])
