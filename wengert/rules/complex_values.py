"""What is made of complex numbers or makes them: rows for `np.imag`, `np.angle`, `complex` and `cmath`.

In: nothing. Out: rows. Which rows hold at complex values is in `complex_rows.py`.

    np.angle(z)     the cotangent of z is -1j * y_bar / z, for a cotangent dL/dx - i dL/dy
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

import wengert.rules.elementwise  # noqa: F401
from wengert.ir import shapes
from wengert.ir.nodes import Arg
from wengert.ir.types import Complex, Float, Tuple, Type
from wengert.rules import support
from wengert.rules.examples import REAL, example, normal
from wengert.rules.kinds import elementwise, holds_complex, holomorphic, linear, structural
from wengert.runtime import bundle


def _number(op: Any, inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
    """A Python complex."""
    return Complex()


def _same(y_bar: Any, y: Any, x: Any) -> Any:
    return y_bar


# Angles


def _unit(deg: Any) -> Any:
    return 180.0 / math.pi if deg else 1.0


def _angle_jvp(x_dot: Any, y: Any, x: Any, deg: Any = False) -> Any:
    if holds_complex(x):
        return np.imag(x_dot / x) * _unit(deg)
    return 0.0 * x_dot


def _angle_vjp(y_bar: Any, y: Any, x: Any, deg: Any = False) -> Any:
    if holds_complex(x):
        return -1j * _unit(deg) * y_bar / x
    return 0.0 * y_bar


def _phase_jvp(x_dot: Any, y: Any, x: Any) -> Any:
    if holds_complex(x):
        return np.imag(x_dot / x)
    return 0.0 * x_dot


def _phase_vjp(y_bar: Any, y: Any, x: Any) -> Any:
    if holds_complex(x):
        return -1j * y_bar / x
    return 0.0 * y_bar


# Complex numbers from two real ones


def _complex_real_jvp(d: Any, y: Any, real: Any, imag: Any) -> Any:
    return d + 0j


def _complex_imag_jvp(d: Any, y: Any, real: Any, imag: Any) -> Any:
    return 1j * d


def _complex_real_vjp(y_bar: Any, y: Any, real: Any, imag: Any) -> Any:
    return y_bar


def _complex_imag_vjp(y_bar: Any, y: Any, real: Any, imag: Any) -> Any:
    return 1j * y_bar


linear((np.complex128, np.complex64), "value", vjp=(_same,), result=support._scalar, examples=[example(1.5)])
structural(
    complex,
    "real imag?",
    jvp=(_complex_real_jvp, _complex_imag_jvp),
    vjp=(_complex_real_vjp, _complex_imag_vjp),
    result=_number,
    examples=[example(1.5)],
)
elementwise(np.imag, "x", "0.0", domain=REAL)
structural(
    np.angle,
    "z",
    jvp=(_angle_jvp,),
    vjp=(_angle_vjp,),
    result=shapes.probe,
    examples=[example(normal()), example(normal(3), deg=True)],
)
structural(cmath.phase, "x", jvp=(_phase_jvp,), vjp=(_phase_vjp,), result=shapes.floating, examples=[example(1.5)])

for _op, _partial in (
    (cmath.exp, "y"),
    (cmath.sqrt, "0.5 / y"),
    (cmath.sin, "cmath.cos(x)"),
    (cmath.cos, "-cmath.sin(x)"),
    (cmath.tan, "1 + y * y"),
    (cmath.sinh, "cmath.cosh(x)"),
    (cmath.cosh, "cmath.sinh(x)"),
    (cmath.tanh, "1 - y * y"),
    (cmath.asin, "1 / cmath.sqrt((1 - x) * (1 + x))"),
    (cmath.acos, "-1 / cmath.sqrt((1 - x) * (1 + x))"),
    (cmath.atan, "1 / (1 + x * x)"),
    (cmath.asinh, "1 / cmath.sqrt(1 + x * x)"),
    (cmath.acosh, "1 / (cmath.sqrt(x - 1) * cmath.sqrt(x + 1))"),
    (cmath.atanh, "1 / ((1 - x) * (1 + x))"),
):
    elementwise(_op, "x", _partial, result=_number, examples=[example(0.4)])
def _log_base(x: Any, base: Any, y: Any) -> Any:
    return 1 / x if base is None else 1 / (x * cmath.log(base))


def _log_by_base(x: Any, base: Any, y: Any) -> Any:
    return -y / (base * cmath.log(base))


def _polar_jvp(x_dot: Any, y: Any, x: Any) -> Any:
    moved = x_dot / x
    if holds_complex(x):
        return bundle([y[0] * moved.real, moved.imag])
    return bundle([y[0] * moved, 0.0])


def _polar_vjp(y_bar: Any, y: Any, x: Any) -> Any:
    if holds_complex(x):
        return (y_bar[0] * y[0] - 1j * y_bar[1]) / x
    return y_bar[0] * y[0] / x


def _rect_r_jvp(d: Any, y: Any, r: Any, phi: Any) -> Any:
    return d * cmath.exp(1j * phi)


def _rect_phi_jvp(d: Any, y: Any, r: Any, phi: Any) -> Any:
    return 1j * y * d


def _rect_r_vjp(y_bar: Any, y: Any, r: Any, phi: Any) -> Any:
    return y_bar * cmath.exp(1j * phi)


def _rect_phi_vjp(y_bar: Any, y: Any, r: Any, phi: Any) -> Any:
    return 1j * y * y_bar


def _two_floats(op: Any, inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
    """A pair of Python floats."""
    return Tuple((Float(), Float()))


elementwise(cmath.log, "x base?", _log_base, _log_by_base, result=_number, examples=[example(1.5), example(1.5, 2.5)])
elementwise(cmath.log10, "x", f"1 / (x * {math.log(10.0)!r})", result=_number, examples=[example(1.5)])
structural(cmath.polar, "x", jvp=(_polar_jvp,), vjp=(_polar_vjp,), result=_two_floats, examples=[example(1.5), example(-0.7)])
structural(
    cmath.rect,
    "r phi",
    jvp=(_rect_r_jvp, _rect_phi_jvp),
    vjp=(_rect_r_vjp, _rect_phi_vjp),
    result=_number,
    examples=[example(1.5, 0.3)],
)
holomorphic(
    cmath.exp, cmath.sqrt, cmath.sin, cmath.cos, cmath.tan, cmath.sinh, cmath.cosh, cmath.tanh, cmath.asin, cmath.acos,
    cmath.atan, cmath.asinh, cmath.acosh, cmath.atanh, cmath.log, cmath.log10, cmath.polar, cmath.rect, cmath.phase,
    np.angle, complex, np.complex128, np.complex64,
)  # fmt: skip
