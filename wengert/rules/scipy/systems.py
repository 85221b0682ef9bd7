"""Linear systems: `solve` with what it assumes of its matrix, triangular systems, inverses.

In: nothing. Out: rows for `scipy.linalg.solve`, `solve_triangular` and `inv`.

    sl.solve_triangular(a, b, lower=True)      b_bar = solve_triangular(a, y_bar, trans=1, lower=True)

What SciPy does not read of a matrix (one triangle of a symmetric or triangular one) has no derivative. Options that allow
SciPy to write into an argument are refused.
"""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import scipy.linalg as sl

from wengert.rules.examples import definite, example, matrix, normal
from wengert.rules.kinds import structural
from wengert.rules.linalg import turned
from wengert.rules.typings import regular
from wengert.runtime import unbroadcast

SYMMETRIC = ("sym", "symmetric", "her", "hermitian", "pos", "positive definite")
ASSUMED = (None, "gen", "general", *SYMMETRIC, "upper triangular", "lower triangular", "diagonal")
UNSAID = inspect.signature(sl.solve).parameters["assume_a"].default
"""What `solve` assumes where it is not told: older versions a general matrix, newer ones what they find."""


def outer(u: Any, v: Any) -> Any:
    """u v.T for columns, of which a vector is one."""
    if np.ndim(u) == 1:
        return np.expand_dims(u, -1) * np.expand_dims(v, -2)
    return u @ turned(v)


def whole(x: Any, lower: Any) -> Any:
    """The symmetric matrix of which `x` has one triangle."""
    if lower:
        return np.tril(x) + turned(np.tril(x, -1))
    return np.triu(x) + turned(np.triu(x, 1))


def folded(bar: Any, lower: Any) -> Any:
    """The cotangent of the triangle that is read, from that of the symmetric matrix."""
    if lower:
        return np.tril(bar) + turned(np.triu(bar, 1))
    return np.triu(bar) + turned(np.tril(bar, -1))


def column(v: Any, b: Any) -> Any:
    """The solutions for a vector `b` as columns, where there is one for each of several matrices."""
    return np.expand_dims(v, -1) if np.ndim(b) == 1 and np.ndim(v) > 1 else v


def uncolumn(v: Any, y: Any) -> Any:
    return np.reshape(v, np.shape(y)) if np.ndim(v) > np.ndim(y) else v


# solve


def _as_read(x: Any, assume_a: Any, lower: Any) -> Any:
    """The matrix that is solved with, from what is read of `x`."""
    if assume_a in SYMMETRIC:
        return whole(x, lower)
    if assume_a == "upper triangular":
        return np.triu(x)
    if assume_a == "lower triangular":
        return np.tril(x)
    if assume_a == "diagonal":
        return x * np.eye(np.shape(x)[-1])
    return x


def _of_read(bar: Any, assume_a: Any, lower: Any) -> Any:
    """The transpose of `_as_read`."""
    if assume_a in SYMMETRIC:
        return folded(bar, lower)
    return _as_read(bar, assume_a, lower)


def _solve_a_jvp(
    a_dot: Any, y: Any, a: Any, b: Any, lower: Any = False, check_finite: Any = True, assume_a: Any = UNSAID,
    transposed: Any = False,
) -> Any:  # fmt: skip
    move = _as_read(a_dot, assume_a, lower)
    applied = (turned(move) if transposed else move) @ column(y, b)
    moved = sl.solve(a, applied, lower=lower, check_finite=check_finite, assume_a=assume_a, transposed=transposed)
    return -uncolumn(moved, y)


def _solve_b_jvp(
    b_dot: Any, y: Any, a: Any, b: Any, lower: Any = False, check_finite: Any = True, assume_a: Any = UNSAID,
    transposed: Any = False,
) -> Any:  # fmt: skip
    return sl.solve(a, b_dot, lower=lower, check_finite=check_finite, assume_a=assume_a, transposed=transposed)


def _solve_b_vjp(
    y_bar: Any, y: Any, a: Any, b: Any, lower: Any = False, check_finite: Any = True, assume_a: Any = UNSAID,
    transposed: Any = False,
) -> Any:  # fmt: skip
    back = transposed if assume_a in SYMMETRIC else not transposed
    bar = sl.solve(a, column(y_bar, b), lower=lower, check_finite=check_finite, assume_a=assume_a, transposed=back)
    return unbroadcast(uncolumn(bar, y), b)


def _solve_a_vjp(
    y_bar: Any, y: Any, a: Any, b: Any, lower: Any = False, check_finite: Any = True, assume_a: Any = UNSAID,
    transposed: Any = False,
) -> Any:  # fmt: skip
    back = transposed if assume_a in SYMMETRIC else not transposed
    bar = sl.solve(a, column(y_bar, b), lower=lower, check_finite=check_finite, assume_a=assume_a, transposed=back)
    x = column(y, b)
    return unbroadcast(_of_read(-(outer(x, bar) if transposed else outer(bar, x)), assume_a, lower), a)


def _inv_jvp(
    x_dot: Any, y: Any, x: Any, check_finite: Any = True, assume_a: Any = None, lower: Any = False
) -> Any:
    return -(y @ _as_read(x_dot, assume_a, lower) @ y)


def _inv_vjp(
    y_bar: Any, y: Any, x: Any, check_finite: Any = True, assume_a: Any = None, lower: Any = False
) -> Any:
    return _of_read(-(turned(y) @ y_bar @ turned(y)), assume_a, lower)


# triangular systems


def _is_turned(trans: Any) -> Any:
    return not (trans == 0 or trans == "N")


def _triangle(x: Any, lower: Any, unit_diagonal: Any) -> Any:
    if lower:
        return np.tril(x, -1) if unit_diagonal else np.tril(x)
    return np.triu(x, 1) if unit_diagonal else np.triu(x)


def _triangular_a_jvp(
    a_dot: Any, y: Any, a: Any, b: Any, trans: Any = 0, lower: Any = False, unit_diagonal: Any = False,
    check_finite: Any = True,
) -> Any:  # fmt: skip
    move = _triangle(a_dot, lower, unit_diagonal)
    applied = (turned(move) if _is_turned(trans) else move) @ column(y, b)
    moved = sl.solve_triangular(
        a, applied, trans=trans, lower=lower, unit_diagonal=unit_diagonal, check_finite=check_finite
    )
    return -uncolumn(moved, y)


def _triangular_b_jvp(
    b_dot: Any, y: Any, a: Any, b: Any, trans: Any = 0, lower: Any = False, unit_diagonal: Any = False,
    check_finite: Any = True,
) -> Any:  # fmt: skip
    return sl.solve_triangular(
        a, b_dot, trans=trans, lower=lower, unit_diagonal=unit_diagonal, check_finite=check_finite
    )


def _back(y_bar: Any, a: Any, trans: Any, lower: Any, unit_diagonal: Any, check_finite: Any) -> Any:
    other = 0 if _is_turned(trans) else 1
    return sl.solve_triangular(
        a, y_bar, trans=other, lower=lower, unit_diagonal=unit_diagonal, check_finite=check_finite
    )


def _triangular_b_vjp(
    y_bar: Any, y: Any, a: Any, b: Any, trans: Any = 0, lower: Any = False, unit_diagonal: Any = False,
    check_finite: Any = True,
) -> Any:  # fmt: skip
    return unbroadcast(uncolumn(_back(column(y_bar, b), a, trans, lower, unit_diagonal, check_finite), y), b)


def _triangular_a_vjp(
    y_bar: Any, y: Any, a: Any, b: Any, trans: Any = 0, lower: Any = False, unit_diagonal: Any = False,
    check_finite: Any = True,
) -> Any:  # fmt: skip
    bar, x = _back(column(y_bar, b), a, trans, lower, unit_diagonal, check_finite), column(y, b)
    product = outer(x, bar) if _is_turned(trans) else outer(bar, x)
    return unbroadcast(_triangle(-product, lower, unit_diagonal), a)


_STRUCTURED = [
    example(matrix(3), normal(3), assume_a="upper triangular"),
    example(matrix(3), normal(3, 2), assume_a="lower triangular", transposed=True),
    example(matrix(3), normal(3), assume_a="diagonal"),
]
_SYSTEMS = (example(matrix(3), normal(3)), example(matrix(3), normal(3, 2)))

structural(
    sl.solve,
    "a b",
    jvp=(_solve_a_jvp, _solve_b_jvp),
    vjp=(_solve_a_vjp, _solve_b_vjp),
    result=regular,
    accepts={"assume_a": ASSUMED},
    examples=[
        *_SYSTEMS,
        example(matrix(3), normal(3), assume_a="gen", transposed=True, check_finite=False),
        example(definite(3), normal(3), assume_a="pos"),
        example(definite(3), normal(3, 2), True, assume_a="pos"),
        example(definite(3), normal(3), assume_a="sym", lower=True),
        *(_STRUCTURED if UNSAID is None else []),
    ],
)
structural(
    sl.inv,
    "x",
    jvp=(_inv_jvp,),
    vjp=(_inv_vjp,),
    result=regular,
    accepts={"assume_a": ASSUMED},
    examples=[example(matrix(3)), example(matrix(1)), example(matrix(2), check_finite=False)],
)
structural(
    sl.solve_triangular,
    "a b",
    jvp=(_triangular_a_jvp, _triangular_b_jvp),
    vjp=(_triangular_a_vjp, _triangular_b_vjp),
    result=regular,
    examples=[
        *_SYSTEMS,
        example(matrix(3), normal(3), lower=True),
        example(matrix(3), normal(3, 2), 1, True),
        example(matrix(3), normal(3), trans="T", unit_diagonal=True),
        example(matrix(3), normal(3), trans="N", lower=True, unit_diagonal=True, check_finite=False),
    ],
)
