"""What holds of complex numbers: rows for `np.imag`, `np.angle`, `complex`, `cmath`, and the table of rows at complex values.

In: nothing. Out: rows, and `wengert.rules.kinds.COMPLEX`.

    np.abs(z)       the cotangent of z is y_bar * np.conj(z) / y, for a cotangent dL/dx - i dL/dy
    np.sin(z)       as for real numbers: the cotangent of z is y_bar * np.cos(z)

A cotangent is multiplied by the complex derivative as it is, without conjugation; that of a real input is the real part,
which the transforms take.
"""

from __future__ import annotations

import cmath
import math
import operator
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

import wengert.rules.elementwise  # noqa: F401
from wengert import runtime
from wengert.ir import shapes
from wengert.ir.nodes import Arg
from wengert.ir.types import Complex, Float, Tuple, Type
from wengert.rules import (  # noqa: F401  the rows that are taken over
    arithmetic,
    chains,
    creation,
    differences,
    einsum,
    fitting,
    indexing,
    joining,
    linalg,
    lists,
    moving,
    polynomials,
    products,
    reductions,
    selecting,
    shaping,
    standard,
    support,
    tensors,
    ufunc_methods,
)
from wengert.rules.examples import REAL, example, normal
from wengert.rules.kinds import RULES, at_complex, elementwise, holds_complex, holomorphic, linear, structural
from wengert.runtime import bundle


def _number(op: Any, inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
    """A Python complex."""
    return Complex()


def _same(y_bar: Any, y: Any, x: Any) -> Any:
    return y_bar


def _conjugate_vjp(y_bar: Any, y: Any, x: Any) -> Any:
    return np.conj(y_bar)


def _imag_vjp(y_bar: Any, y: Any, x: Any) -> Any:
    return -1j * y_bar


def _divisor(y: Any) -> Any:
    if isinstance(y, (int, float)):
        return y if y != 0 else 1.0
    return np.where(y == 0, 1.0, y)


def _abs_jvp(x_dot: Any, y: Any, x: Any) -> Any:
    return np.real(np.conj(x) * x_dot) / _divisor(y)


def _abs_vjp(y_bar: Any, y: Any, x: Any) -> Any:
    return y_bar * np.conj(x) / _divisor(y)


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


# Products that conjugate


def _vdot_a(y_bar: Any, y: Any, a: Any, b: Any) -> Any:
    return np.reshape(np.conj(y_bar * b), np.shape(a))


def _vdot_b(y_bar: Any, y: Any, a: Any, b: Any) -> Any:
    return np.reshape(y_bar * np.conj(a), np.shape(b))


def _det_jvp(x_dot: Any, y: Any, x: Any) -> Any:
    return np.sum(_over_matrix(y) * linalg.turned(np.linalg.inv(x)) * x_dot, axis=(-2, -1))


def _det_vjp(y_bar: Any, y: Any, x: Any) -> Any:
    return _over_matrix(y_bar * y) * linalg.turned(np.linalg.inv(x))


def _over_matrix(y: Any) -> Any:
    return y if np.ndim(y) == 0 else np.expand_dims(y, (-2, -1))


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
holomorphic(
    operator.add, operator.sub, operator.mul, operator.truediv, operator.neg, operator.pos, operator.pow, pow, np.power,
    np.add, np.subtract, np.multiply, np.divide, np.negative, np.positive, np.square, np.reciprocal, np.sqrt,
    np.exp, np.exp2, np.expm1, np.log, np.log2, np.log10, np.log1p, np.sin, np.cos, np.tan, np.arcsin, np.arccos, np.arctan,
    np.sinh, np.cosh, np.tanh, np.arcsinh, np.arccosh, np.arctanh, np.where,
)  # fmt: skip
holomorphic(
    np.sum, np.mean, np.prod, np.cumsum, np.cumprod, np.reshape, np.ravel, np.squeeze, np.expand_dims, np.atleast_1d,
    np.atleast_2d, np.atleast_3d, np.transpose, np.swapaxes, np.moveaxis, np.flip, np.flipud, np.fliplr, np.roll,
    np.broadcast_to, np.tile, np.tril, np.triu, np.diag, np.diagonal, np.trace, np.array, np.asarray, np.copy,
    np.ascontiguousarray, np.concatenate, np.stack, np.hstack, np.vstack, np.column_stack, np.einsum, np.full,
    operator.getitem, operator.matmul, np.matmul, np.dot, np.inner, np.outer, np.linalg.solve, np.linalg.inv,
    np.ndarray.astype, np.diff, np.kron, np.tensordot, np.split, np.array_split, np.hsplit, np.vsplit, np.dsplit, np.dstack,
    np.block, np.append, np.meshgrid, np.broadcast_arrays, np.rot90, np.diagflat, np.full_like, np.add.reduce, np.vander,
    np.polyval, np.linalg.multi_dot, np.linalg.matrix_power,
)  # fmt: skip
holomorphic(*(getattr(np, name) for name in ("unstack", "matrix_transpose", "cumulative_sum") if hasattr(np, name)))
holomorphic(
    runtime.strong_matmul, runtime.unbroadcast, runtime.broadcast_like, runtime.copy_, runtime.project, runtime.add_entries,
    runtime.surviving,
    runtime.bundle, runtime.listed, list, np.float64, np.float32,
)  # fmt: skip
at_complex(np.real, vjp=(_same,))
at_complex(np.imag, vjp=(_imag_vjp,))
at_complex(np.conjugate, vjp=(_conjugate_vjp,))
for _absolute in dict.fromkeys((np.absolute, abs, operator.abs)):
    if _absolute in RULES:
        at_complex(_absolute, jvp=(_abs_jvp,), vjp=(_abs_vjp,))
at_complex(np.vdot, vjp=(_vdot_a, _vdot_b))
at_complex(np.linalg.det, jvp=(_det_jvp,), vjp=(_det_vjp,))
