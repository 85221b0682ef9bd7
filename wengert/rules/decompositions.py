"""Matrix decompositions: Cholesky, QR, eigenvalues of symmetric and Hermitian matrices.

In: nothing. Out: rows for `np.linalg.cholesky`, `qr`, `eigh` and `eigvalsh`; matrices are the last two axes.

    w, v = np.linalg.eigh(a)      w_dot = diag(v.T a_dot v)

NumPy reads one triangle of a symmetric matrix, and the entries of the other have no derivative. Vectors of equal
eigenvalues may be any basis of a space: what would turn them into each other is left out, which is exact for all that does
not depend on the basis; so are the columns that complete Q to a basis. The phases of complex vectors are those of LAPACK.

Walter and Lehmann (2010) for QR, Murray (2016) for Cholesky.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from wengert.ir.nodes import Arg, Const
from wengert.ir.types import Type
from wengert.rules.adjoints import adjoint, anchored, conjugated_as, paired, real_part, triangle, turned, whole
from wengert.rules.examples import definite, example, matrix, normal
from wengert.rules.kinds import holds_complex, structural
from wengert.rules.linalg import NUMPY_1
from wengert.rules.typings import regular, several
from wengert.runtime import bundle


def _half(x: Any) -> Any:
    """The lower triangle with half of the diagonal."""
    return 0.5 * (np.tril(x) + np.tril(x, -1))


def _cholesky_jvp(x_dot: Any, y: Any, x: Any, upper: Any = False) -> Any:
    lower = adjoint(y, x) if upper else y
    inverse = np.linalg.inv(lower)
    moved = lower @ _half(inverse @ whole(x_dot, upper, x) @ adjoint(inverse, x))
    return adjoint(moved, x) if upper else moved


def _cholesky_vjp(y_bar: Any, y: Any, x: Any, upper: Any = False) -> Any:
    lower, bar = (adjoint(y, x), turned(y_bar)) if upper else (y, conjugated_as(y_bar, y))
    inverse = np.linalg.inv(lower)
    return conjugated_as(triangle(adjoint(inverse, x) @ _half(adjoint(lower, x) @ bar) @ inverse, upper, x), x)


def completed(first_dot: Any, basis: Any) -> Any:
    """The move of an orthogonal matrix, of which the first columns are determined: the rest turns with them."""
    k = np.shape(first_dot)[-1]
    rest = basis[..., k:]
    return np.concatenate([first_dot, -basis[..., :k] @ (adjoint(first_dot, basis) @ rest)], axis=-1)


def of_first(bar: Any, basis: Any, k: Any) -> Any:
    """The cotangent of the first columns, what the rest turns with included."""
    first, rest = basis[..., :k], basis[..., k:]
    return bar[..., :k] - rest @ (adjoint(bar[..., k:], basis) @ first)


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
    inner = adjoint(q, x) @ x_dot
    moved = inner[..., :k] @ inverse
    turn = np.tril(moved, -1)
    turn = turn - adjoint(turn, x)
    if holds_complex(x):
        turn = turn + 1j * np.imag(moved) * np.eye(k)  # the diagonal of R is real
    r_dot = inner - turn @ r
    if mode == "r":
        return r_dot
    c = x_dot[..., :k] @ inverse
    q_dot = q @ turn + c - q @ (adjoint(q, x) @ c)
    if mode == "complete":
        return bundle([completed(q_dot, y[0]), np.concatenate([r_dot, np.zeros_like(y[1][..., k:, :])], axis=-2)])
    return bundle([q_dot, r_dot])


def _qr_vjp(y_bar: Any, y: Any, x: Any, mode: Any = "reduced") -> Any:
    q, r = _reduced(x, y, mode)
    k = np.shape(r)[-2]
    first = r[..., :k]
    r_bar = conjugated_as(y_bar, y) if mode == "r" else conjugated_as(y_bar[1][..., :k, :], y[1])
    of_columns, of_rest = r_bar[..., :k], r_bar[..., k:]
    q_bar = x[..., k:] @ adjoint(of_rest, x)
    if mode != "r":
        of_q = conjugated_as(y_bar[0], y[0])
        q_bar = q_bar + (of_first(of_q, y[0], k) if mode == "complete" else of_q)
    m = first @ adjoint(of_columns, x) - adjoint(q_bar, x) @ q
    x_bar = (q_bar + q @ whole(m, False, x)) @ adjoint(np.linalg.inv(first), x)
    return conjugated_as(np.concatenate([x_bar, q @ of_rest], axis=-1), x)


# Eigenvalues of symmetric matrices


def gaps(w: Any) -> Any:
    """Entry (i, j) is 1 / (w[j] - w[i]), and 0 where they are equal."""
    gap = np.expand_dims(w, -2) - np.expand_dims(w, -1)
    return np.where(gap == 0, 0.0, 1.0 / np.where(gap == 0, 1.0, gap))


def _eigh_jvp(x_dot: Any, y: Any, x: Any, UPLO: Any = "L") -> Any:
    w, v = y[0], y[1]
    inner = adjoint(v, x) @ whole(x_dot, UPLO == "U", x) @ v
    raw = v @ (gaps(w) * inner)
    if holds_complex(x):
        row = -1 if UPLO == "U" else 0
        raw = raw - 1j * v * np.expand_dims(np.imag(raw[..., row, :]) * anchored(v[..., row, :]), -2)
    return bundle([real_part(np.diagonal(inner, 0, -2, -1), x), raw])


def _eigh_vjp(y_bar: Any, y: Any, x: Any, UPLO: Any = "L") -> Any:
    w, v, bar = y[0], y[1], conjugated_as(y_bar[1], y[1])
    if holds_complex(x):
        row = -1 if UPLO == "U" else 0
        turn = np.sum(np.imag(y_bar[1] * v), axis=-2) * anchored(v[..., row, :])
        bar = bar + 1j * np.expand_dims(turn, -2) * np.expand_dims(np.eye(np.shape(v)[-1])[row], -1)
    inner, back = gaps(w) * (adjoint(v, x) @ bar), adjoint(v, x)
    found = v @ inner @ back + (v * np.expand_dims(y_bar[0], -2)) @ back
    return conjugated_as(triangle(found, UPLO == "U", x), x)


def _eigvalsh_jvp(x_dot: Any, y: Any, x: Any, UPLO: Any = "L") -> Any:
    _, v = np.linalg.eigh(x, UPLO)
    return np.sum(paired(v, whole(x_dot, UPLO == "U", x) @ v, x), axis=-2)


def _eigvalsh_vjp(y_bar: Any, y: Any, x: Any, UPLO: Any = "L") -> Any:
    _, v = np.linalg.eigh(x, UPLO)
    return conjugated_as(triangle((v * np.expand_dims(y_bar, -2)) @ adjoint(v, x), UPLO == "U", x), x)


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
