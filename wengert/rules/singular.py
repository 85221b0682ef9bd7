"""Singular values and vectors of matrices.

In: nothing. Out: rows for `np.linalg.svd` and `svdvals`; matrices are the last two axes.

    u, s, vt = np.linalg.svd(a)      s_dot = diag(u.T a_dot v)

Vectors of equal singular values may be any basis of a space: what would turn them into each other is left out, which is exact
for all that does not depend on the basis; so are the columns that complete them to a basis. The phases of complex vectors
are those of LAPACK, which gives the first row of one of the factors real.

Townsend (2016); Wan and Zhang, "Automatic differentiation for complex valued SVD" (2019).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from wengert.ir.nodes import Arg, Const
from wengert.ir.types import Type
from wengert.rules.adjoints import adjoint, anchored, conjugated_as, paired, real_part, triangle, turned, whole
from wengert.rules.decompositions import completed, gaps, of_first
from wengert.rules.examples import definite, example, matrix, normal
from wengert.rules.kinds import holds_complex, structural
from wengert.rules.typings import regular, several
from wengert.runtime import bundle


def _inverse_values(s: Any) -> Any:
    return np.where(s == 0, 0.0, 1.0 / np.where(s == 0, 1.0, s))


def _values_jvp(x_dot: Any, y: Any, x: Any) -> Any:
    u, _, vt = np.linalg.svd(x, full_matrices=False)
    return np.sum(paired(u, x_dot @ adjoint(vt, x), x), axis=-2)


def _values_vjp(y_bar: Any, y: Any, x: Any) -> Any:
    u, _, vt = np.linalg.svd(x, full_matrices=False)
    return conjugated_as((u * np.expand_dims(y_bar, -2)) @ vt, x)


def _svd_jvp(
    x_dot: Any, y: Any, x: Any, full_matrices: Any = True, compute_uv: Any = True, hermitian: Any = False
) -> Any:
    if hermitian:
        return _svd_moved(whole(x_dot, False, x), y, whole(x, False, x), full_matrices, compute_uv)
    return _svd_moved(x_dot, y, x, full_matrices, compute_uv)


def _svd_vjp(
    y_bar: Any, y: Any, x: Any, full_matrices: Any = True, compute_uv: Any = True, hermitian: Any = False
) -> Any:
    if hermitian:
        return conjugated_as(triangle(_svd_bar(y_bar, y, whole(x, False, x), full_matrices, compute_uv), False, x), x)
    return conjugated_as(_svd_bar(y_bar, y, x, full_matrices, compute_uv), x)


def _turns(u_part: Any, v_part: Any, u: Any, v: Any) -> Any:
    """How far each pair of vectors has to turn back: one of the first rows stays real."""
    of_v = anchored(v[..., 0, :])
    return np.expand_dims(np.where(of_v != 0, v_part * of_v, u_part * anchored(u[..., 0, :])), -2)


def _svd_moved(x_dot: Any, y: Any, x: Any, full_matrices: Any, compute_uv: Any) -> Any:
    if not compute_uv:
        return _values_jvp(x_dot, y, x)
    s = y[1]
    k = np.shape(s)[-1]
    u, vt = (y[0][..., :k], y[2][..., :k, :]) if full_matrices else (y[0], y[2])
    row, inverse = np.expand_dims(s, -2), np.expand_dims(_inverse_values(s), -2)
    by_gaps, v = gaps(s * s), adjoint(vt, x)
    by_v, by_u = x_dot @ v, adjoint(x_dot, x) @ u
    inner = adjoint(u, x) @ by_v
    u_turn = by_gaps * (inner * row + adjoint(inner * row, x))
    v_turn = by_gaps * (turned(row) * inner + adjoint(turned(row) * inner, x))
    if holds_complex(x):
        u_turn = u_turn + 1j * np.imag(inner) * inverse * np.eye(k)
    u_dot = u @ u_turn + (by_v - u @ inner) * inverse
    v_dot = v @ v_turn + (by_u - v @ adjoint(inner, x)) * inverse
    if holds_complex(x):
        turns = 1j * _turns(np.imag(u_dot[..., 0, :]), np.imag(v_dot[..., 0, :]), u, v)
        u_dot, v_dot = u_dot - u * turns, v_dot - v * turns
    if full_matrices:
        u_dot, v_dot = completed(u_dot, y[0]), completed(v_dot, adjoint(y[2], x))
    return bundle([u_dot, real_part(np.diagonal(inner, 0, -2, -1), x), adjoint(v_dot, x)])


def _svd_bar(y_bar: Any, y: Any, x: Any, full_matrices: Any, compute_uv: Any) -> Any:
    """The cotangent, conjugated where it is complex."""
    if not compute_uv:
        return conjugated_as(_values_vjp(y_bar, y, x), x)
    s = y[1]
    k = np.shape(s)[-1]
    u, vt, u_bar, v_bar = y[0], y[2], conjugated_as(y_bar[0], y[0]), turned(y_bar[2])
    if full_matrices:
        u_bar, v_bar = of_first(u_bar, u, k), of_first(v_bar, adjoint(vt, x), k)
        u, vt = u[..., :k], vt[..., :k, :]
    row, inverse = np.expand_dims(s, -2), np.expand_dims(_inverse_values(s), -2)
    by_gaps, v = gaps(s * s), adjoint(vt, x)
    if holds_complex(x):
        u_bar, v_bar = _turned_back(u_bar, v_bar, u, v)
    of_u, of_v = adjoint(u, x) @ u_bar, adjoint(v, x) @ v_bar
    inner = by_gaps * (of_u - adjoint(of_u, x)) * row + turned(row) * (by_gaps * (of_v - adjoint(of_v, x)))
    if holds_complex(x):
        inner = inner + 1j * np.imag(of_u) * inverse * np.eye(k)
    bar = (u * np.expand_dims(y_bar[1], -2) + u @ inner) @ vt
    left = (u_bar - u @ of_u) * inverse
    right = (v_bar - v @ of_v) * inverse
    return bar + left @ vt + u @ adjoint(right, x)


def _turned_back(u_bar: Any, v_bar: Any, u: Any, v: Any) -> Any:
    """The cotangents of the vectors as they come before one of the first rows is made real."""
    own = np.sum(np.imag(np.conj(u_bar) * u), axis=-2) + np.sum(np.imag(np.conj(v_bar) * v), axis=-2)
    of_v = anchored(v[..., 0, :])
    of_u = np.where(of_v != 0, 0.0, anchored(u[..., 0, :]))
    first_u, first_v = np.eye(np.shape(u)[-2])[:, :1], np.eye(np.shape(v)[-2])[:, :1]
    return u_bar + 1j * np.expand_dims(own * of_u, -2) * first_u, v_bar + 1j * np.expand_dims(own * of_v, -2) * first_v


def _svd_type(op: Any, inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
    both = options.get("compute_uv")
    alone = isinstance(both, Const) and not both.value
    return regular(op, inputs, options) if alone else several(3, regular)(op, inputs, options)


structural(
    np.linalg.svd,
    "x",
    jvp=(_svd_jvp,),
    vjp=(_svd_vjp,),
    result=_svd_type,
    examples=[
        example(matrix(3)),
        example(normal(4, 3), full_matrices=False),
        example(normal(3, 4), full_matrices=False),
        example(matrix(2, 3), full_matrices=False),
        example(normal(4, 3), compute_uv=False),
        example(definite(3), hermitian=True),
        example(definite(3), compute_uv=False, hermitian=True),
    ],
)
if hasattr(np.linalg, "svdvals"):
    structural(
        np.linalg.svdvals,
        "x",
        jvp=(_values_jvp,),
        vjp=(_values_vjp,),
        result=regular,
        examples=[example(normal(4, 3)), example(normal(2, 3, 4))],
    )
