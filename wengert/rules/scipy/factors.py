"""Cholesky factors and the systems that are solved with them.

In: nothing. Out: rows for `scipy.linalg.cholesky`, `cho_factor` and `cho_solve`.

    c, lower = sl.cho_factor(a)
    sl.cho_solve((c, lower), b)      slopes by the triangle of `c` that is the factor

SciPy reads one triangle of a symmetric matrix, the upper one unless `lower=True`; `cho_factor` leaves the other as it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import scipy.linalg as sl

from wengert.ir import shapes
from wengert.ir.nodes import Arg
from wengert.ir.types import Bool, Tuple, Type
from wengert.rules.examples import definite, example, matrix, normal
from wengert.rules.kinds import structural
from wengert.rules.linalg import turned
from wengert.rules.scipy.systems import folded, outer, whole
from wengert.rules.typings import item_of, regular
from wengert.runtime import bundle, unbroadcast


def _half(x: Any) -> Any:
    """The lower triangle with half of the diagonal."""
    return 0.5 * (np.tril(x) + np.tril(x, -1))


def _factor_dot(x_dot: Any, factor: Any, lower: Any) -> Any:
    low = np.tril(factor) if lower else turned(np.triu(factor))
    inner = sl.solve_triangular(low, whole(x_dot, lower), lower=True)
    moved = low @ _half(turned(sl.solve_triangular(low, turned(inner), lower=True)))
    return moved if lower else turned(moved)


def _factor_bar(bar: Any, factor: Any, lower: Any) -> Any:
    low = np.tril(factor) if lower else turned(np.triu(factor))
    inner = _half(turned(low) @ (bar if lower else turned(bar)))
    left = sl.solve_triangular(low, inner, trans=1, lower=True)
    return folded(turned(sl.solve_triangular(low, turned(left), trans=1, lower=True)), lower)


def _cholesky_jvp(x_dot: Any, y: Any, x: Any, lower: Any = False, check_finite: Any = True) -> Any:
    return _factor_dot(x_dot, y, lower)


def _cholesky_vjp(y_bar: Any, y: Any, x: Any, lower: Any = False, check_finite: Any = True) -> Any:
    return _factor_bar(y_bar, y, lower)


def _other(x: Any, lower: Any) -> Any:
    """The triangle that is not read: `cho_factor` leaves it as it is."""
    return np.triu(x, 1) if lower else np.tril(x, -1)


def _cho_factor_jvp(x_dot: Any, y: Any, x: Any, lower: Any = False, check_finite: Any = True) -> Any:
    return bundle([_factor_dot(x_dot, y[0], lower) + _other(x_dot, lower), 0.0])


def _cho_factor_vjp(y_bar: Any, y: Any, x: Any, lower: Any = False, check_finite: Any = True) -> Any:
    return _factor_bar(y_bar[0], y[0], lower) + _other(y_bar[0], lower)


def _cho_solve_factor_jvp(dots: Any, y: Any, c_and_lower: Any, b: Any, check_finite: Any = True) -> Any:
    c, lower = c_and_lower[0], c_and_lower[1]
    if lower:
        applied = np.tril(dots[0]) @ (turned(np.tril(c)) @ y) + np.tril(c) @ (turned(np.tril(dots[0])) @ y)
    else:
        applied = turned(np.triu(dots[0])) @ (np.triu(c) @ y) + turned(np.triu(c)) @ (np.triu(dots[0]) @ y)
    return -sl.cho_solve(c_and_lower, applied, check_finite=check_finite)


def _cho_solve_b_jvp(b_dot: Any, y: Any, c_and_lower: Any, b: Any, check_finite: Any = True) -> Any:
    return sl.cho_solve(c_and_lower, b_dot, check_finite=check_finite)


def _cho_solve_factor_vjp(y_bar: Any, y: Any, c_and_lower: Any, b: Any, check_finite: Any = True) -> Any:
    c, lower = c_and_lower[0], c_and_lower[1]
    bar = sl.cho_solve(c_and_lower, y_bar, check_finite=check_finite)
    both = outer(bar, y) + outer(y, bar)
    return bundle([unbroadcast(-np.tril(both @ np.tril(c)) if lower else -np.triu(np.triu(c) @ both), c), 0.0])


def _cho_solve_b_vjp(y_bar: Any, y: Any, c_and_lower: Any, b: Any, check_finite: Any = True) -> Any:
    return unbroadcast(sl.cho_solve(c_and_lower, y_bar, check_finite=check_finite), b)


def _cho_factor_type(op: Any, inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
    return Tuple((regular(item_of(op, 0), inputs, options), Bool()))


_FACTORED = (example(definite(3)), example(definite(3), lower=True), example(definite(3), True, check_finite=False))

structural(sl.cholesky, "x", jvp=(_cholesky_jvp,), vjp=(_cholesky_vjp,), result=regular, examples=_FACTORED)
structural(sl.cho_factor, "x", jvp=(_cho_factor_jvp,), vjp=(_cho_factor_vjp,), result=_cho_factor_type, examples=_FACTORED)
structural(
    sl.cho_solve,
    "c_and_lower b",
    jvp=(_cho_solve_factor_jvp, _cho_solve_b_jvp),
    vjp=(_cho_solve_factor_vjp, _cho_solve_b_vjp),
    result=shapes.probe,
    displays=True,
    examples=[
        example((matrix(3), True), normal(3)),
        example((matrix(3), False), normal(3, 2), check_finite=False),
    ],
)
