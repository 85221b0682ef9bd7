"""Powers of points, and polynomials fitted to points by least squares.

In: nothing. Out: rows for `np.vander` and `np.polyfit`.

    np.polyfit(x, values, 2)      moves with the values through the pseudoinverse of np.vander(x, 3)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from wengert.ir import shapes
from wengert.ir.arrays import array_type
from wengert.ir.nodes import Arg
from wengert.ir.sampling import is_none
from wengert.ir.types import Array, Number, Type, shape_of
from wengert.rules.adjoints import adjoint, conjugated_as
from wengert.rules.examples import example, normal, positive
from wengert.rules.kinds import structural
from wengert.rules.typings import certain_dtype, whole_number


def vander_slope(x: Any, n: Any, increasing: Any) -> Any:
    powers = np.arange(n) if increasing else np.arange(n - 1, -1, -1)
    return powers * np.expand_dims(x, -1) ** np.maximum(powers - 1, 0)


def _vander_jvp(x_dot: Any, y: Any, x: Any, N: Any = None, increasing: Any = False) -> Any:
    return np.expand_dims(x_dot, -1) * vander_slope(x, np.shape(y)[1], increasing)


def _vander_vjp(y_bar: Any, y: Any, x: Any, N: Any = None, increasing: Any = False) -> Any:
    return np.sum(y_bar * vander_slope(x, np.shape(y)[1], increasing), axis=-1)


def columns(values: Any) -> Any:
    return np.expand_dims(values, -1) if np.ndim(values) == 1 else values


def weighted(rows: Any, w: Any) -> Any:
    """Each row times its weight."""
    return rows if w is None else np.expand_dims(w, -1) * rows


def fit_jvp(a_dot: Any, b_dot: Any, a: Any, b: Any, p: Any) -> Any:
    """The solution of a least squares problem of full rank, of which one side or both move."""
    inverse = np.linalg.pinv(a)
    if a_dot is None:
        return inverse @ b_dot
    moved = adjoint(inverse, a) @ (adjoint(a_dot, a) @ (b - a @ p)) - a_dot @ p
    return inverse @ (moved if b_dot is None else moved + b_dot)


def fit_vjp(bar: Any, a: Any, b: Any, p: Any) -> Any:
    """The cotangents of the matrix and of the right side."""
    inverse = np.linalg.pinv(a)
    back = adjoint(inverse, a) @ conjugated_as(bar, p)
    found = (b - a @ p) @ adjoint(inverse @ back, p) - back @ adjoint(p, p)
    return conjugated_as(found, p), conjugated_as(back, p)


def _fit(x: Any, values: Any, w: Any, deg: Any, y: Any) -> Any:
    return weighted(np.vander(x, deg + 1), w), weighted(columns(values), w), columns(y)


def _polyfit_x_jvp(d: Any, y: Any, x: Any, values: Any, w: Any, deg: Any, rcond: Any = None) -> Any:
    a, b, p = _fit(x, values, w, deg, y)
    moved = weighted(np.expand_dims(d, -1) * vander_slope(x, deg + 1, False), w)
    return np.reshape(fit_jvp(moved, None, a, b, p), np.shape(y))


def _polyfit_y_jvp(d: Any, y: Any, x: Any, values: Any, w: Any, deg: Any, rcond: Any = None) -> Any:
    a, b, p = _fit(x, values, w, deg, y)
    return np.reshape(fit_jvp(None, weighted(columns(d), w), a, b, p), np.shape(y))


def _polyfit_w_jvp(d: Any, y: Any, x: Any, values: Any, w: Any, deg: Any, rcond: Any = None) -> Any:
    a, b, p = _fit(x, values, w, deg, y)
    return np.reshape(fit_jvp(weighted(np.vander(x, deg + 1), d), weighted(columns(values), d), a, b, p), np.shape(y))


def _polyfit_x_vjp(y_bar: Any, y: Any, x: Any, values: Any, w: Any, deg: Any, rcond: Any = None) -> Any:
    a, b, p = _fit(x, values, w, deg, y)
    return np.sum(weighted(fit_vjp(columns(y_bar), a, b, p)[0], w) * vander_slope(x, deg + 1, False), axis=-1)


def _polyfit_y_vjp(y_bar: Any, y: Any, x: Any, values: Any, w: Any, deg: Any, rcond: Any = None) -> Any:
    a, b, p = _fit(x, values, w, deg, y)
    return np.reshape(weighted(fit_vjp(columns(y_bar), a, b, p)[1], w), np.shape(values))


def _polyfit_w_vjp(y_bar: Any, y: Any, x: Any, values: Any, w: Any, deg: Any, rcond: Any = None) -> Any:
    a, b, p = _fit(x, values, w, deg, y)
    of_a, of_b = fit_vjp(columns(y_bar), a, b, p)
    return np.sum(of_a * np.vander(x, deg + 1), axis=-1) + np.sum(of_b * columns(values), axis=-1)


def fit_type(op: Any, inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
    """As many coefficients as the degree says, for each column of values."""
    dtype = certain_dtype([i for i in inputs if not is_none(i)])
    values, deg = shape_of(array_type(inputs[1])), whole_number(options.get("deg"))
    if dtype not in ("float64", "complex128"):
        return Number()
    return Array(dtype, None if values is None or deg is None else (deg + 1, *values[1:]))


structural(
    np.vander,
    "x",
    jvp=(_vander_jvp,),
    vjp=(_vander_vjp,),
    result=shapes.probe,
    examples=[example(normal(3)), example(normal(3), 4), example(normal(4), N=3, increasing=True)],
)
structural(
    np.polyfit,
    "x values w?",
    jvp=(_polyfit_x_jvp, _polyfit_y_jvp, _polyfit_w_jvp),
    vjp=(_polyfit_x_vjp, _polyfit_y_vjp, _polyfit_w_vjp),
    result=fit_type,
    examples=[
        example(normal(6), normal(6), 2),
        example(normal(6), normal(6, 2), 1),
        example(normal(5), normal(5), deg=3),
        example(normal(6), normal(6), 2, w=positive(6)),
        example(normal(6), normal(6), 1, rcond=1e-12),
    ],
)
