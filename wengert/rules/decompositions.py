"""Matrix decompositions: Cholesky, QR, eigenvalues of symmetric matrices, singular values.

In: nothing. Out: rows for `np.linalg.cholesky`, `qr`, `eigh`, `eigvalsh`, `svd` and `svdvals`; matrices are the last
two axes.

    w, v = np.linalg.eigh(a)      w_dot = diag(v.T a_dot v)

NumPy reads one triangle of a symmetric matrix, and the entries of the other have no derivative. Vectors of equal
eigenvalues or singular values may be any basis of a space: what would turn them into each other is left out, which is
exact for all that does not depend on the basis; so are the columns that complete Q or the singular vectors to a basis.

Walter and Lehmann (2010) for QR, Murray (2016) for Cholesky, Townsend (2016) for singular values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from wengert.ir.nodes import Arg, Const
from wengert.ir.types import Type
from wengert.rules.examples import definite, example, matrix, normal
from wengert.rules.kinds import structural
from wengert.rules.linalg import NUMPY_1, turned
from wengert.rules.typings import regular, several
from wengert.runtime import bundle


def _whole(x: Any, upper: Any) -> Any:
    """The symmetric matrix whose lower (or upper) triangle is that of `x`."""
    if upper:
        return np.triu(x) + turned(np.triu(x, 1))
    return np.tril(x) + turned(np.tril(x, -1))


def _triangle(bar: Any, upper: Any) -> Any:
    """The cotangent of the triangle that is read, from that of the symmetric matrix."""
    if upper:
        return np.triu(bar) + turned(np.tril(bar, -1))
    return np.tril(bar) + turned(np.triu(bar, 1))


def _half(x: Any) -> Any:
    """The lower triangle with half of the diagonal."""
    return 0.5 * (np.tril(x) + np.tril(x, -1))


def _cholesky_jvp(x_dot: Any, y: Any, x: Any, upper: Any = False) -> Any:
    lower = turned(y) if upper else y
    inverse = np.linalg.inv(lower)
    moved = lower @ _half(inverse @ _whole(x_dot, upper) @ turned(inverse))
    return turned(moved) if upper else moved


def _cholesky_vjp(y_bar: Any, y: Any, x: Any, upper: Any = False) -> Any:
    lower, bar = (turned(y), turned(y_bar)) if upper else (y, y_bar)
    inverse = np.linalg.inv(lower)
    return _triangle(turned(inverse) @ _half(turned(lower) @ bar) @ inverse, upper)


def _completed(first_dot: Any, whole: Any) -> Any:
    """The move of an orthogonal matrix, of which the first columns are determined: the rest turns with them."""
    k = np.shape(first_dot)[-1]
    rest = whole[..., k:]
    return np.concatenate([first_dot, -whole[..., :k] @ (turned(first_dot) @ rest)], axis=-1)


def _of_first(bar: Any, whole: Any, k: Any) -> Any:
    """The cotangent of the first columns, what the rest turns with included."""
    first, rest = whole[..., :k], whole[..., k:]
    return bar[..., :k] - rest @ (turned(bar[..., k:]) @ first)


# QR


def _reduced(x: Any, y: Any, mode: Any) -> Any:
    """Both factors, computed again where the call gives only the second; of complete ones what is determined."""
    if mode == "complete":
        k = min(np.shape(x)[-2], np.shape(x)[-1])
        return y[0][..., :k], y[1][..., :k, :]
    return np.linalg.qr(x) if mode == "r" else (y[0], y[1])


def _qr_jvp(x_dot: Any, y: Any, x: Any, mode: Any = "reduced") -> Any:
    q, r = _reduced(x, y, mode)
    k = np.shape(r)[-2]  # a wide matrix is decomposed by its first columns
    inverse = np.linalg.inv(r[..., :k])
    inner = turned(q) @ x_dot
    turn = np.tril(inner[..., :k] @ inverse, -1)
    turn = turn - turned(turn)
    r_dot = inner - turn @ r
    if mode == "r":
        return r_dot
    c = x_dot[..., :k] @ inverse
    q_dot = q @ turn + c - q @ (turned(q) @ c)
    if mode == "complete":
        return bundle([_completed(q_dot, y[0]), np.concatenate([r_dot, np.zeros_like(y[1][..., k:, :])], axis=-2)])
    return bundle([q_dot, r_dot])


def _qr_vjp(y_bar: Any, y: Any, x: Any, mode: Any = "reduced") -> Any:
    q, r = _reduced(x, y, mode)
    k = np.shape(r)[-2]
    first = r[..., :k]
    r_bar = y_bar if mode == "r" else y_bar[1][..., :k, :]
    of_first, of_rest = r_bar[..., :k], r_bar[..., k:]
    q_bar = x[..., k:] @ turned(of_rest)
    if mode != "r":
        q_bar = q_bar + (_of_first(y_bar[0], y[0], k) if mode == "complete" else y_bar[0])
    m = first @ turned(of_first) - turned(q_bar) @ q
    symmetric = np.tril(m) + turned(np.tril(m, -1))
    of_columns = (q_bar + q @ symmetric) @ turned(np.linalg.inv(first))
    return np.concatenate([of_columns, q @ of_rest], axis=-1)


# Eigenvalues of symmetric matrices


def _gaps(w: Any) -> Any:
    """Entry (i, j) is 1 / (w[j] - w[i]), and 0 where they are equal."""
    gap = np.expand_dims(w, -2) - np.expand_dims(w, -1)
    return np.where(gap == 0, 0.0, 1.0 / np.where(gap == 0, 1.0, gap))


def _eigh_jvp(x_dot: Any, y: Any, x: Any, UPLO: Any = "L") -> Any:
    w, v = y[0], y[1]
    inner = turned(v) @ _whole(x_dot, UPLO == "U") @ v
    return bundle([np.diagonal(inner, 0, -2, -1), v @ (_gaps(w) * inner)])


def _eigh_vjp(y_bar: Any, y: Any, x: Any, UPLO: Any = "L") -> Any:
    w, v = y[0], y[1]
    inner = _gaps(w) * (turned(v) @ y_bar[1])
    return _triangle(v @ inner @ turned(v) + (v * np.expand_dims(y_bar[0], -2)) @ turned(v), UPLO == "U")


def _eigvalsh_jvp(x_dot: Any, y: Any, x: Any, UPLO: Any = "L") -> Any:
    _, v = np.linalg.eigh(x, UPLO)
    return np.sum(v * (_whole(x_dot, UPLO == "U") @ v), axis=-2)


def _eigvalsh_vjp(y_bar: Any, y: Any, x: Any, UPLO: Any = "L") -> Any:
    _, v = np.linalg.eigh(x, UPLO)
    return _triangle((v * np.expand_dims(y_bar, -2)) @ turned(v), UPLO == "U")


# Singular values


def _inverse_values(s: Any) -> Any:
    return np.where(s == 0, 0.0, 1.0 / np.where(s == 0, 1.0, s))


def _values_jvp(x_dot: Any, y: Any, x: Any) -> Any:
    u, _, vt = np.linalg.svd(x, full_matrices=False)
    return np.sum(u * (x_dot @ turned(vt)), axis=-2)


def _values_vjp(y_bar: Any, y: Any, x: Any) -> Any:
    u, _, vt = np.linalg.svd(x, full_matrices=False)
    return (u * np.expand_dims(y_bar, -2)) @ vt


def _svd_jvp(
    x_dot: Any, y: Any, x: Any, full_matrices: Any = True, compute_uv: Any = True, hermitian: Any = False
) -> Any:
    if hermitian:
        return _svd_moved(_whole(x_dot, False), y, _whole(x, False), full_matrices, compute_uv)
    return _svd_moved(x_dot, y, x, full_matrices, compute_uv)


def _svd_vjp(
    y_bar: Any, y: Any, x: Any, full_matrices: Any = True, compute_uv: Any = True, hermitian: Any = False
) -> Any:
    if hermitian:
        return _triangle(_svd_bar(y_bar, y, _whole(x, False), full_matrices, compute_uv), False)
    return _svd_bar(y_bar, y, x, full_matrices, compute_uv)


def _svd_moved(x_dot: Any, y: Any, x: Any, full_matrices: Any, compute_uv: Any) -> Any:
    if not compute_uv:
        return _values_jvp(x_dot, y, x)
    s = y[1]
    k = np.shape(s)[-1]
    u, vt = (y[0][..., :k], y[2][..., :k, :]) if full_matrices else (y[0], y[2])
    row, inverse = np.expand_dims(s, -2), np.expand_dims(_inverse_values(s), -2)
    gaps, v = _gaps(s * s), turned(vt)
    by_v, by_u = x_dot @ v, turned(x_dot) @ u
    inner = turned(u) @ by_v
    u_turn = gaps * (inner * row + turned(inner * row))
    v_turn = gaps * (turned(row) * inner + turned(turned(row) * inner))
    u_dot = u @ u_turn + (by_v - u @ inner) * inverse
    v_dot = v @ v_turn + (by_u - v @ turned(inner)) * inverse
    if full_matrices:
        u_dot, v_dot = _completed(u_dot, y[0]), _completed(v_dot, turned(y[2]))
    return bundle([u_dot, np.diagonal(inner, 0, -2, -1), turned(v_dot)])


def _svd_bar(y_bar: Any, y: Any, x: Any, full_matrices: Any, compute_uv: Any) -> Any:
    if not compute_uv:
        return _values_vjp(y_bar, y, x)
    s = y[1]
    k = np.shape(s)[-1]
    u, vt, u_bar, v_bar = y[0], y[2], y_bar[0], turned(y_bar[2])
    if full_matrices:
        u_bar, v_bar = _of_first(u_bar, u, k), _of_first(v_bar, turned(vt), k)
        u, vt = u[..., :k], vt[..., :k, :]
    row, inverse = np.expand_dims(s, -2), np.expand_dims(_inverse_values(s), -2)
    gaps, v = _gaps(s * s), turned(vt)
    of_u, of_v = turned(u) @ u_bar, turned(v) @ v_bar
    inner = gaps * (of_u - turned(of_u)) * row + turned(row) * (gaps * (of_v - turned(of_v)))
    bar = (u * np.expand_dims(y_bar[1], -2) + u @ inner) @ vt
    left = (u_bar - u @ of_u) * inverse
    right = (v_bar - v @ of_v) * inverse
    return bar + left @ vt + u @ turned(right)


def _svd_type(op: Any, inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
    both = options.get("compute_uv")
    alone = isinstance(both, Const) and not both.value
    return regular(op, inputs, options) if alone else several(3, regular)(op, inputs, options)


def _qr_type(op: Any, inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
    mode = options.get("mode")
    alone = isinstance(mode, Const) and mode.value == "r"
    return regular(op, inputs, options) if alone else several(2, regular)(op, inputs, options)


_SYMMETRIC = (example(definite(3)), example(definite(2, 3)), example(definite(3), UPLO="U"))

structural(
    np.linalg.cholesky,
    "x",
    jvp=(_cholesky_jvp,),
    vjp=(_cholesky_vjp,),
    result=regular,
    examples=[
        example(definite(3)),
        example(definite(2, 3)),
        example(definite(1)),
        *([] if NUMPY_1 else [example(definite(3), upper=True)]),
    ],
)
structural(
    np.linalg.qr,
    "x",
    jvp=(_qr_jvp,),
    vjp=(_qr_vjp,),
    result=_qr_type,
    accepts={"mode": ("reduced", "r", "complete")},
    examples=[
        example(matrix(3)),
        example(normal(4, 3)),
        example(normal(3, 4)),
        example(normal(2, 4, 3), mode="reduced"),
        example(normal(4, 3), mode="r"),
        example(normal(3, 4), mode="r"),
        example(matrix(3), mode="complete"),
    ],
)
structural(
    np.linalg.eigh, "x", jvp=(_eigh_jvp,), vjp=(_eigh_vjp,), result=several(2, regular), examples=_SYMMETRIC
)
structural(
    np.linalg.eigvalsh, "x", jvp=(_eigvalsh_jvp,), vjp=(_eigvalsh_vjp,), result=regular, examples=_SYMMETRIC
)
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
