"""Linear systems, inverses and determinants of matrices.

In: nothing. Out: rows for `np.linalg.solve`, `inv`, `pinv`, `det`, `slogdet` and `lstsq`; matrices are the last two axes.

    np.linalg.solve(a, b)      cotangents b_bar = solve(a.T, y_bar) and -b_bar y.T

Golub and Pereyra (1973) for the pseudoinverse; Giles, "Collected matrix derivative results" (2008) for the rest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from wengert.ir import shapes
from wengert.ir.nodes import Arg
from wengert.ir.types import Array, Opaque, Tuple, Type
from wengert.rules.adjoints import adjoint, conjugated_as, paired, triangle, whole
from wengert.rules.adjoints import turned as turned
from wengert.rules.examples import definite, example, matrix, normal
from wengert.rules.kinds import constant, holds_complex, structural
from wengert.rules.typings import item_of, regular, several
from wengert.runtime import bundle, cofactors, unbroadcast

NUMPY_1 = int(np.__version__.partition(".")[0]) < 2


def _inv_jvp(x_dot: Any, y: Any, x: Any) -> Any:
    return -(y @ x_dot @ y)


def _inv_vjp(y_bar: Any, y: Any, x: Any) -> Any:
    return -(turned(y) @ y_bar @ turned(y))


def _is_vector(a: Any, b: Any) -> Any:
    """How `solve` takes `b`: NumPy 1 took a stack of vectors too."""
    return np.ndim(b) == 1 or (NUMPY_1 and np.ndim(b) == np.ndim(a) - 1)


def _applied(a: Any, x: Any, b: Any) -> Any:
    """`a @ x` for solutions `x` of systems with right sides `b`."""
    return (a @ np.expand_dims(x, -1))[..., 0] if _is_vector(a, b) else a @ x


def _solve_a_jvp(a_dot: Any, y: Any, a: Any, b: Any) -> Any:
    return -_solved(a, _applied(a_dot, y, b), _is_vector(a, b))


def _solve_b_jvp(b_dot: Any, y: Any, a: Any, b: Any) -> Any:
    return np.linalg.solve(a, b_dot)


def _solved(a: Any, b: Any, vector: Any) -> Any:
    if vector and np.ndim(b) > 1:
        return np.linalg.solve(a, np.expand_dims(b, -1))[..., 0]
    return np.linalg.solve(a, b)


def _solve_a_vjp(y_bar: Any, y: Any, a: Any, b: Any) -> Any:
    vector = _is_vector(a, b)
    bar = _solved(turned(a), y_bar, vector)
    if vector:
        return unbroadcast(-(np.expand_dims(bar, -1) * np.expand_dims(y, -2)), a)
    return unbroadcast(-(bar @ turned(y)), a)


def _solve_b_vjp(y_bar: Any, y: Any, a: Any, b: Any) -> Any:
    return unbroadcast(_solved(turned(a), y_bar, _is_vector(a, b)), b)


def _symmetric(x: Any, hermitian: Any, like: Any) -> Any:
    """The matrix that is decomposed: of a symmetric one the lower triangle is read."""
    return whole(x, False, like) if hermitian else x


def _pinv_jvp(x_dot: Any, y: Any, x: Any, rcond: Any = None, hermitian: Any = False, rtol: Any = None) -> Any:
    given, d = _symmetric(x, hermitian, x), _symmetric(x_dot, hermitian, x)
    back, move = adjoint(y, x), adjoint(d, x)
    left = y @ back @ (move - move @ given @ y)
    right = (move - y @ given @ move) @ back @ y
    return left + right - y @ d @ y


def _pinv_vjp(y_bar: Any, y: Any, x: Any, rcond: Any = None, hermitian: Any = False, rtol: Any = None) -> Any:
    given, back, bar = _symmetric(x, hermitian, x), adjoint(y, x), turned(y_bar)
    left = (bar - given @ (y @ bar)) @ y @ back
    right = back @ y @ (bar - (bar @ y) @ given)
    found = left + right - back @ conjugated_as(y_bar, y) @ back
    return conjugated_as(triangle(found, False, x) if hermitian else found, x)


# Determinants


def _over_matrix(y: Any) -> Any:
    return y if np.ndim(y) == 0 else np.expand_dims(y, (-2, -1))


def _cofactors_slope(x_bar: Any, y: Any, x: Any) -> Any:
    """The second derivative of a determinant in two directions is symmetric in them, so that this is jvp and vjp alike.

    The adjugate by the recurrence of Faddeev and Le Verrier, and its tangent: polynomials, exact at every rank.
    """
    n = np.shape(x)[-1]
    unit = np.eye(n)
    m, m_dot = unit + 0.0 * x, 0.0 * x
    for k in range(1, n):
        power, power_dot = x @ m, x_bar @ m + x @ m_dot
        m = power - _over_matrix(np.sum(power * unit, axis=(-2, -1)) / k) * unit
        m_dot = power_dot - _over_matrix(np.sum(power_dot * unit, axis=(-2, -1)) / k) * unit
    return (-1.0) ** (n - 1) * turned(m_dot)


def _is_regular(x: Any, inverse: Any) -> Any:
    """True of matrices whose inverse is good to some digits: of condition below 1e10 in the Frobenius norm."""
    if np.ndim(x) == 2:
        return np.vdot(x, x) * np.vdot(inverse, inverse) < 1e20
    return np.all(np.sum(x * x, axis=(-2, -1)) * np.sum(inverse * inverse, axis=(-2, -1)) < 1e20)


def _det_slope(y: Any, x: Any) -> Any:
    if np.all(y != 0):
        inverse = np.linalg.inv(x)
        if _is_regular(x, inverse):
            return _over_matrix(y) * turned(inverse)
    return cofactors(x)


def _det_jvp(x_dot: Any, y: Any, x: Any) -> Any:
    return np.sum(_det_slope(y, x) * x_dot, axis=(-2, -1))


def _det_vjp(y_bar: Any, y: Any, x: Any) -> Any:
    return _over_matrix(y_bar) * _det_slope(y, x)


def _slogdet_jvp(x_dot: Any, y: Any, x: Any) -> Any:
    moved = np.sum(turned(np.linalg.inv(x)) * x_dot, axis=(-2, -1))
    if holds_complex(x):
        return bundle([1j * np.imag(moved) * y[0], np.real(moved)])
    return bundle([np.zeros_like(y[0]), moved])


def _slogdet_vjp(y_bar: Any, y: Any, x: Any) -> Any:
    if holds_complex(x):
        return _over_matrix(y_bar[1] + 1j * np.imag(y_bar[0] * y[0])) * turned(np.linalg.inv(x))
    return _over_matrix(y_bar[1]) * turned(np.linalg.inv(x))


# Least squares


def _as_columns(b: Any) -> Any:
    return np.expand_dims(b, -1) if np.ndim(b) == 1 else b


def _lstsq_values(a: Any, s_bar: Any) -> Any:
    u, _, vt = np.linalg.svd(a, full_matrices=False)
    return (u * s_bar) @ vt


def _lstsq_a_jvp(a_dot: Any, y: Any, a: Any, b: Any, rcond: Any = None) -> Any:
    x, p, right = _as_columns(y[0]), np.linalg.pinv(a), _as_columns(b)
    rest, move, back = right - a @ x, adjoint(a_dot, a), adjoint(p, a)
    other = move @ (back @ x)
    x_dot = p @ (back @ (move @ rest)) + other - p @ (a @ other) - p @ (a_dot @ x)
    u, _, vt = np.linalg.svd(a, full_matrices=False)
    s_dot = np.sum(paired(vt, adjoint(u, a) @ a_dot, a), axis=-1)
    return bundle([np.reshape(x_dot, np.shape(y[0])), _residuals(y[1], -2.0 * paired(rest, a_dot @ x, y[0])), 0.0, s_dot])


def _residuals(y: Any, terms: Any) -> Any:
    """Sums of columns, or nothing where there is no residual: a matrix without full rank or with too few rows."""
    return np.sum(terms, axis=0)[: np.size(y)]


def _lstsq_b_jvp(b_dot: Any, y: Any, a: Any, b: Any, rcond: Any = None) -> Any:
    x, p, move = _as_columns(y[0]), np.linalg.pinv(a), _as_columns(b_dot)
    rest = _as_columns(b) - a @ x
    x_dot = np.reshape(p @ move, np.shape(y[0]))
    return bundle([x_dot, _residuals(y[1], 2.0 * paired(rest, move, y[0])), 0.0, np.zeros_like(y[3])])


def _residual_bars(y: Any, y_bar: Any, columns: Any) -> Any:
    """One cotangent for each column; zeros where there are no residuals."""
    return np.concatenate([y_bar, np.zeros(columns)])[:columns]


def _lstsq_a_vjp(y_bar: Any, y: Any, a: Any, b: Any, rcond: Any = None) -> Any:
    x, bar, p, right = _as_columns(y[0]), conjugated_as(_as_columns(y_bar[0]), y[0]), np.linalg.pinv(a), _as_columns(b)
    rest, back, over = right - a @ x, adjoint(p, a), adjoint(bar, y[0])
    of_x = rest @ (over @ p @ back) + back @ (x @ (over - (over @ p) @ a))
    of_rest = 2.0 * rest * _residual_bars(y[1], y_bar[1], np.shape(right)[1])
    found = of_x - back @ (bar @ adjoint(x, y[0])) - of_rest @ adjoint(x, y[0]) + _lstsq_values(a, y_bar[3])
    return conjugated_as(found, y[0])


def _lstsq_b_vjp(y_bar: Any, y: Any, a: Any, b: Any, rcond: Any = None) -> Any:
    x, right = _as_columns(y[0]), _as_columns(b)
    of_rest = 2.0 * (right - a @ x) * _residual_bars(y[1], y_bar[1], np.shape(right)[1])
    found = adjoint(np.linalg.pinv(a), a) @ conjugated_as(_as_columns(y_bar[0]), y[0]) + of_rest
    return np.reshape(conjugated_as(found, y[0]), np.shape(b))


def _lstsq_type(op: Any, inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
    """How many residuals there are depends on the rank."""
    first, last = (regular(item_of(op, k), inputs, options) for k in (0, 3))
    return Tuple((first, Array(getattr(last, "dtype", None), None), Opaque(), last))


_SQUARES = (example(matrix(3)), example(matrix(2, 3)), example(matrix(1)))
_WIDE_AND_TALL = (example(normal(3, 4)), example(normal(4, 3)), example(normal(2, 4, 3)), example(matrix(3)))

structural(np.linalg.inv, "x", jvp=(_inv_jvp,), vjp=(_inv_vjp,), result=regular, examples=_SQUARES)
structural(
    np.linalg.solve,
    "a b",
    jvp=(_solve_a_jvp, _solve_b_jvp),
    vjp=(_solve_a_vjp, _solve_b_vjp),
    result=regular,
    examples=[
        example(matrix(3), normal(3)),
        example(matrix(3), normal(3, 2)),
        example(matrix(2, 3), normal(2, 3, 4)),
        example(matrix(2, 3), normal(1, 3, 4)),
        *([example(matrix(2, 3), normal(2, 3))] if NUMPY_1 else [example(matrix(2, 3), normal(3))]),
        example(matrix(3), normal(2, 3, 4)),
    ],
)
structural(
    np.linalg.pinv,
    "x",
    jvp=(_pinv_jvp,),
    vjp=(_pinv_vjp,),
    result=regular,
    examples=[
        *_WIDE_AND_TALL,
        example(normal(4, 3), 1e-12),
        example(definite(3), hermitian=True),
        example(definite(2, 3), hermitian=True),
        *([] if NUMPY_1 else [example(normal(3, 4), rtol=1e-12)]),
    ],
)
structural(cofactors, "x", jvp=(_cofactors_slope,), vjp=(_cofactors_slope,), result=regular, examples=_SQUARES)
structural(np.linalg.det, "x", jvp=(_det_jvp,), vjp=(_det_vjp,), result=regular, examples=_SQUARES)
structural(
    np.linalg.slogdet,
    "x",
    jvp=(_slogdet_jvp,),
    vjp=(_slogdet_vjp,),
    result=several(2, regular),
    examples=_SQUARES,
)
structural(
    np.linalg.lstsq,
    "a b",
    jvp=(_lstsq_a_jvp, _lstsq_b_jvp),
    vjp=(_lstsq_a_vjp, _lstsq_b_vjp),
    result=_lstsq_type,
    examples=[
        example(normal(5, 3), normal(5), rcond=None),
        example(normal(5, 3), normal(5, 2), rcond=None),
        example(normal(3, 5), normal(3), rcond=None),
    ],
)
constant(np.linalg.matrix_rank, result=shapes.nothing, examples=[example(normal(3, 4))])
