"""Matrices with a structure: banded systems, Toeplitz, Hankel and circulant matrices, blocks on a diagonal.

In: nothing. Out: rows for `scipy.linalg.solve_banded`, `toeplitz`, `hankel`, `circulant` and `block_diag`.

    sl.toeplitz(c, r)       c_bar, r_bar: sums along the diagonals of the cotangent
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.linalg as sl

from wengert.ir import shapes
from wengert.rules.examples import Domain, Draw, example, normal
from wengert.rules.kinds import structural
from wengert.rules.typings import given, named
from wengert.runtime import unbroadcast

# banded systems: row k of `ab` holds the entries (j + k - u, j) of the matrix, j = 0, ..., n - 1


def _shifted(rows: Any, by: Any) -> Any:
    """Entry j + `by` of `rows` at place j, and 0 where there is none."""
    places = np.arange(np.shape(rows)[0]) + by
    inside = np.logical_and(places >= 0, places < np.shape(rows)[0])
    return np.where(inside if np.ndim(rows) == 1 else inside[:, None], np.roll(rows, -by, axis=0), 0.0)


def _over(row: Any, x: Any) -> Any:
    return row if np.ndim(x) == 1 else row[:, None]


def _check_system(ab: Any, b: Any) -> Any:
    if np.ndim(ab) > 2 or np.ndim(b) > 2:
        raise ValueError("solve_banded is differentiated for one matrix: solve the systems one by one")


def _applied(l_and_u: Any, ab: Any, x: Any) -> Any:
    """The product of the banded matrix with `x`."""
    total = _shifted(_over(ab[0], x) * x, l_and_u[1])
    for k in range(1, l_and_u[0] + l_and_u[1] + 1):
        total = total + _shifted(_over(ab[k], x) * x, l_and_u[1] - k)
    return total


def _turned_band(l_and_u: Any, ab: Any) -> Any:
    """The transpose of the banded matrix, in the same form."""
    last = l_and_u[0] + l_and_u[1]
    return np.stack([_shifted(ab[last - k], k - l_and_u[0]) for k in range(last + 1)])


def _banded_ab_jvp(ab_dot: Any, y: Any, ab: Any, b: Any, l_and_u: Any = None, check_finite: Any = True) -> Any:
    _check_system(ab, b)
    return -sl.solve_banded(l_and_u, ab, _applied(l_and_u, ab_dot, y), check_finite=check_finite)


def _banded_b_jvp(b_dot: Any, y: Any, ab: Any, b: Any, l_and_u: Any = None, check_finite: Any = True) -> Any:
    _check_system(ab, b)
    return sl.solve_banded(l_and_u, ab, b_dot, check_finite=check_finite)


def _banded_b_vjp(y_bar: Any, y: Any, ab: Any, b: Any, l_and_u: Any = None, check_finite: Any = True) -> Any:
    _check_system(ab, b)
    return sl.solve_banded((l_and_u[1], l_and_u[0]), _turned_band(l_and_u, ab), y_bar, check_finite=check_finite)


def _banded_ab_vjp(y_bar: Any, y: Any, ab: Any, b: Any, l_and_u: Any = None, check_finite: Any = True) -> Any:
    _check_system(ab, b)
    back = (l_and_u[1], l_and_u[0])
    bar = sl.solve_banded(back, _turned_band(l_and_u, ab), y_bar, check_finite=check_finite)
    rows = [-_shifted(bar, k - l_and_u[1]) * y for k in range(l_and_u[0] + l_and_u[1] + 1)]
    return np.stack([row if np.ndim(y) == 1 else np.sum(row, axis=1) for row in rows])


# Toeplitz


def _antidiagonals(x: Any) -> Any:
    """The sums of the entries (i, j) with i + j = 0, 1, ..., for a matrix of any size."""
    rows, columns = np.shape(x)[0], np.shape(x)[1]
    width = rows + columns - 1
    padded = np.concatenate([x, np.zeros((rows, rows))], axis=1)
    return np.sum(np.reshape(np.reshape(padded, -1)[: rows * width], (rows, width)), axis=0)


def _diagonals(x: Any) -> Any:
    """The sums of the entries (i, j) with j - i = 1 - rows, ..., columns - 1."""
    return _antidiagonals(x[::-1])


def _without_first(x: Any) -> Any:
    return np.concatenate([np.zeros(1), x[1:]])


def _check_vector(x: Any) -> Any:
    """SciPy flattens arrays with more axes, or makes one matrix for each row, by its version."""
    if x is not None and np.ndim(x) > 1:
        raise ValueError("toeplitz, hankel and circulant are differentiated for one vector: make the matrices one by one")


def _toeplitz_c_jvp(c_dot: Any, y: Any, c: Any, r: Any) -> Any:
    _check_vector(c)
    _check_vector(r)
    return sl.toeplitz(c_dot) if r is None else sl.toeplitz(c_dot, np.zeros_like(r))


def _toeplitz_r_jvp(r_dot: Any, y: Any, c: Any, r: Any) -> Any:
    _check_vector(c)
    _check_vector(r)
    return sl.toeplitz(np.zeros_like(c), r_dot)


def _toeplitz_c_vjp(y_bar: Any, y: Any, c: Any, r: Any) -> Any:
    _check_vector(c)
    _check_vector(r)
    sums, rows = _diagonals(y_bar), np.size(c)
    below = sums[:rows][::-1]
    return np.reshape(below + _without_first(sums[rows - 1 :]) if r is None else below, np.shape(c))


def _toeplitz_r_vjp(y_bar: Any, y: Any, c: Any, r: Any) -> Any:
    _check_vector(c)
    _check_vector(r)
    return np.reshape(_without_first(_diagonals(y_bar)[np.size(c) - 1 :]), np.shape(r))


def _hankel_c_jvp(c_dot: Any, y: Any, c: Any, r: Any) -> Any:
    _check_vector(c)
    _check_vector(r)
    return sl.hankel(c_dot) if r is None else sl.hankel(c_dot, np.zeros_like(r))


def _hankel_r_jvp(r_dot: Any, y: Any, c: Any, r: Any) -> Any:
    _check_vector(c)
    _check_vector(r)
    return sl.hankel(np.zeros_like(c), r_dot)


def _hankel_c_vjp(y_bar: Any, y: Any, c: Any, r: Any) -> Any:
    _check_vector(c)
    _check_vector(r)
    return np.reshape(_antidiagonals(y_bar)[: np.size(c)], np.shape(c))


def _hankel_r_vjp(y_bar: Any, y: Any, c: Any, r: Any) -> Any:
    _check_vector(c)
    _check_vector(r)
    return np.reshape(_without_first(_antidiagonals(y_bar)[np.size(c) - 1 :]), np.shape(r))


def _circulant_jvp(c_dot: Any, y: Any, c: Any) -> Any:
    _check_vector(c)
    return sl.circulant(c_dot)


def _circulant_vjp(y_bar: Any, y: Any, c: Any) -> Any:
    _check_vector(c)
    sums, count = _diagonals(y_bar), np.size(c)
    below = sums[:count][::-1]
    return np.reshape(below + np.concatenate([np.zeros(1), sums[count:][::-1]]), np.shape(c))


# blocks on a diagonal

MOST = 12
"""How many blocks a call of `block_diag` may have."""


def _extents(block: Any) -> Any:
    """The rows and columns that a block takes: a vector is a row."""
    if np.ndim(block) >= 2:
        return np.shape(block)[-2], np.shape(block)[-1]
    return 1, np.size(block)


def _block_jvp(number: int) -> Callable[..., Any]:
    def jvp(dot: Any, y: Any, *blocks: Any, number: Any = number) -> Any:
        present = [b for b in blocks if b is not None]
        return sl.block_diag(*[dot if k == number else np.zeros_like(b) for k, b in enumerate(present)])

    return jvp


def _block_vjp(number: int) -> Callable[..., Any]:
    def vjp(y_bar: Any, y: Any, *blocks: Any, number: Any = number) -> Any:
        top, left = 0, 0
        for k in range(number):
            rows, columns = _extents(blocks[k])
            top, left = top + rows, left + columns
        rows, columns = _extents(blocks[number])
        bar = y_bar[..., top : top + rows, left : left + columns]
        if np.ndim(blocks[number]) >= 2:
            return unbroadcast(bar, blocks[number])
        return np.reshape(unbroadcast(bar, np.reshape(blocks[number], (1, columns))), np.shape(blocks[number]))

    return vjp


_ROWS = [example(normal(4)), example(normal(4), normal(3)), example(normal(2), r=normal(5))]
_ENTRIES = Domain("entries off the diagonal", ((0.2, 1.0),))

structural(
    sl.solve_banded,
    "ab b",
    jvp=(_banded_ab_jvp, _banded_b_jvp),
    vjp=(_banded_ab_vjp, _banded_b_vjp),
    result=shapes.nothing,
    examples=[
        example((0, 1), Draw((2, 4), _ENTRIES), normal(4)),
        example((1, 0), Draw((2, 4), _ENTRIES), normal(4, 2)),
        example((2, 0), Draw((3, 4), _ENTRIES), normal(4), check_finite=False),
        example((0, 0), Draw((1, 4), _ENTRIES), normal(4)),
        example((1, 1), Draw((3, 4), _ENTRIES), normal(4)),
        example((1, 2), Draw((4, 5), _ENTRIES), normal(5, 2)),
    ],
)
structural(
    sl.toeplitz,
    "c r?",
    jvp=(_toeplitz_c_jvp, _toeplitz_r_jvp),
    vjp=(_toeplitz_c_vjp, _toeplitz_r_vjp),
    result=named,
    examples=[*_ROWS, example(normal(1), normal(1))],
)
structural(
    sl.hankel,
    "c r?",
    jvp=(_hankel_c_jvp, _hankel_r_jvp),
    vjp=(_hankel_c_vjp, _hankel_r_vjp),
    result=named,
    examples=_ROWS,
)
structural(
    sl.circulant,
    "c",
    jvp=(_circulant_jvp,),
    vjp=(_circulant_vjp,),
    result=shapes.probe,
    examples=[example(normal(4)), example(normal(1))],
)
structural(
    sl.block_diag,
    " ".join(["a_0", *(f"a_{_k}?" for _k in range(1, MOST))]),
    jvp=tuple(map(_block_jvp, range(MOST))),
    vjp=tuple(map(_block_vjp, range(MOST))),
    result=given,
    examples=[
        example(normal(2, 3)),
        example(normal(2, 2), normal(3, 1)),
        example(normal(2, 3), normal(2), normal(1, 1), normal(3, 2)),
    ],
)
