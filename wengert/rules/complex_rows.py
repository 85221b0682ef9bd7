"""The rows that hold at complex values, and those that others take the place of there.

In: nothing. Out: `wengert.rules.kinds.COMPLEX`.

    np.abs(z)       the cotangent of z is y_bar * np.conj(z) / y, for a cotangent dL/dx - i dL/dy
    np.sin(z)       as for real numbers: the cotangent of z is y_bar * np.cos(z)

A cotangent is multiplied by the complex derivative as it is, without conjugation; that of a real input is the real part,
which the transforms take. What sorts compares the real parts first, as NumPy does.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
from numpy.polynomial import polynomial as series

import wengert.rules.elementwise  # noqa: F401
from wengert import runtime
from wengert.rules import (  # noqa: F401  the rows that are taken over
    arithmetic,
    chains,
    complex_values,
    conversions,
    covariances,
    creation,
    decompositions,
    differences,
    einsum,
    fitting,
    gradients,
    indexing,
    joining,
    linalg,
    lists,
    missing_values,
    moments,
    moving,
    norms,
    order,
    outers,
    padding,
    polynomials,
    power_series,
    products,
    recurrences,
    reductions,
    segments,
    selecting,
    series_fits,
    series_values,
    shaping,
    signals,
    singular,
    spaced,
    standard,
    statistics,
    support,
    tensors,
    ufunc_methods,
)
from wengert.rules.kinds import RULES, at_complex, holomorphic


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


# Products that conjugate


def _vdot_a(y_bar: Any, y: Any, a: Any, b: Any) -> Any:
    return np.reshape(np.conj(y_bar * b), np.shape(a))


def _vdot_b(y_bar: Any, y: Any, a: Any, b: Any) -> Any:
    return np.reshape(y_bar * np.conj(a), np.shape(b))


def _vecdot_a(y_bar: Any, y: Any, a: Any, b: Any, axis: Any = -1) -> Any:
    return np.conj(products.vecdot_a(y_bar, y, a, b, axis))


def _vecdot_b(y_bar: Any, y: Any, a: Any, b: Any, axis: Any = -1) -> Any:
    return products.vecdot_b(y_bar, y, np.conj(a), b, axis)


def _vecmat_a(y_bar: Any, y: Any, a: Any, b: Any) -> Any:
    return np.conj(products.vecmat_a(y_bar, y, a, b))


def _vecmat_b(y_bar: Any, y: Any, a: Any, b: Any) -> Any:
    return products.vecmat_b(y_bar, y, np.conj(a), b)


def _det_jvp(x_dot: Any, y: Any, x: Any) -> Any:
    return np.sum(_over_matrix(y) * linalg.turned(np.linalg.inv(x)) * x_dot, axis=(-2, -1))


def _det_vjp(y_bar: Any, y: Any, x: Any) -> Any:
    return _over_matrix(y_bar * y) * linalg.turned(np.linalg.inv(x))


def _over_matrix(y: Any) -> Any:
    return y if np.ndim(y) == 0 else np.expand_dims(y, (-2, -1))


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
holomorphic(
    np.asanyarray, np.asfortranarray, np.require, np.asarray_chkfinite, np.repeat, np.resize, np.delete, np.insert, np.compress,
    np.extract, np.rollaxis, np.take, np.take_along_axis, np.pad, np.select, np.choose, np.sort, np.partition, np.nancumsum,
    np.nancumprod, np.nansum, np.nanprod, np.nanmean, np.ediff1d, np.average,
    np.convolve, np.correlate, np.interp, np.cross, np.gradient, np.linspace, np.logspace, np.geomspace, np.sinc,
    np.float_power, np.var, np.std, np.nanvar, np.nanstd, np.polyder, np.polyint, np.polyadd, np.polysub, np.polymul,
    np.polydiv, np.polyfit, np.multiply.reduce, np.add.accumulate, np.multiply.accumulate, np.subtract.reduce,
    np.subtract.accumulate, np.divide.reduce, np.divide.accumulate, np.add.reduceat, np.multiply.reduceat, np.add.outer,
    np.subtract.outer, np.multiply.outer, np.divide.outer, np.power.outer,
)  # fmt: skip
holomorphic(
    series.polyadd, series.polysub, series.polymul, series.polymulx, series.polydiv, series.polypow, series.polyder,
    series.polyint, series.polyfromroots, series.polyval, series.polyvander, series.polyfit, series.polyval2d,
    series.polyvalfromroots, series.polygrid2d,
)  # fmt: skip
holomorphic(
    np.linalg.pinv, np.linalg.slogdet, np.linalg.lstsq, np.linalg.tensorinv, np.linalg.tensorsolve, np.linalg.norm,
    np.linalg.cond, np.linalg.cholesky, np.linalg.qr, np.linalg.eigh, np.linalg.eigvalsh, np.linalg.svd,
)  # fmt: skip
_NEWER = {
    np: "unstack matrix_transpose cumulative_sum cumulative_prod astype matvec trapezoid trapz",
    np.linalg: "diagonal trace matmul outer matrix_transpose tensordot cross svdvals vector_norm matrix_norm",
}
for _module, _names in _NEWER.items():
    holomorphic(*(_f for _n in _names.split() if (_f := getattr(_module, _n, None)) in RULES))
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
for _vecdot in (getattr(np, "vecdot", None), getattr(np.linalg, "vecdot", None)):
    if _vecdot is not None:
        at_complex(_vecdot, vjp=(_vecdot_a, _vecdot_b))
if hasattr(np, "vecmat"):
    at_complex(np.vecmat, vjp=(_vecmat_a, _vecmat_b))
at_complex(np.linalg.det, jvp=(_det_jvp,), vjp=(_det_vjp,))
