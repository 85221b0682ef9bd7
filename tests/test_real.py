"""Real programs, unmodified: values, both modes against differences and each other, two orders, inputs unchanged."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import wengert
from differences import close, direction, dot, is_single, leaves, slope
from real.corpus import PROGRAMS, Real, named

each_program = pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.name)
twice = pytest.mark.parametrize(
    "program", [pytest.param(p, marks=[pytest.mark.slow] * p.slow) for p in PROGRAMS if p.smooth], ids=lambda p: p.name
)


def differentiable(program: Real) -> Callable[..., Any]:
    """The program as a function that returns all that it computes."""
    if not program.writes:
        return lambda *args: program.function(*args)
    return wengert.returning(program.function, *program.writes)


def several(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)


def weighted(function: Callable[..., Any], weights: Any) -> Callable[..., Any]:
    """The program as a function with one number as its result: all it computes, times the weights."""
    nested = tuple(several(part) for part in several(weights))

    def loss(*args: Any) -> Any:
        total = 0.0
        for part, inner in zip(several(function(*args)), nested, strict=True):
            for value, w in zip(several(part), inner, strict=True):
                total = total + np.sum(w * value)
        return total

    return loss


def tolerance(program: Real, tight: float) -> float:
    return 1e-3 if is_single(program.args()) else tight


def same(a: Any, b: Any) -> bool:
    return all(type(u) is type(v) and np.array_equal(u, v) for u, v in zip(leaves(a), leaves(b), strict=True))


@each_program
def test_the_point_is_smooth(program: Real) -> None:
    """Differences with two steps agree: they may be trusted as the yardstick of the other tests."""
    f, args, along = program.restricted(program.plain), program.moving(), direction(program.moving(), program.rng())
    coarse, fine = slope(f, args, along, program.step), slope(f, args, along, program.step / 2.0)
    assert all(np.all(np.isfinite(v)) for v in leaves(coarse))
    assert close(coarse, fine, tolerance(program, 1e-8))


@each_program
def test_first_order(program: Real, simplification: str) -> None:
    """Forward and reverse mode against differences, and against each other to rounding."""
    f, args = program.restricted(differentiable(program)), program.moving()
    rng = program.rng()
    along = direction(args, rng)
    numeric = slope(program.restricted(program.plain), program.moving(), along, program.step)
    value, value_dot = wengert.jvp(f, args, along)
    want = program.plain(*program.args())
    assert same(value, want)
    assert close(value_dot, numeric, tolerance(program, 1e-7)), (value_dot, numeric)
    w = direction(want, rng)
    value, pullback = wengert.vjp(f, *args)
    bars = pullback(w)
    assert same(value, want)
    assert close(dot(bars, along), dot(w, numeric), tolerance(program, 1e-7))
    assert close(dot(bars, along), dot(w, value_dot), 1e-4 if is_single(program.args()) else 1e-10)
    assert same(args, program.moving()), "the call changed its arguments"


@pytest.mark.slow
@each_program
def test_gradient(program: Real, simplification: str) -> None:
    """The whole argument list goes through `value_and_grad`: what is not differentiated is a parameter as well."""
    w = direction(program.plain(*program.args()), program.rng())
    loss = weighted(differentiable(program), w)
    args = program.args()
    value, bars = wengert.value_and_grad(loss, program.argnums)(*args)
    assert close(value, dot(w, program.plain(*program.args())), tolerance(program, 1e-10))
    along = direction(program.moving(), program.rng())
    numeric = slope(program.restricted(program.plain), program.moving(), along, program.step)
    assert close(dot(bars, along), dot(w, numeric), tolerance(program, 1e-7))
    assert [(np.shape(b), getattr(b, "dtype", float)) for b in leaves(bars)] == [
        (np.shape(a), getattr(a, "dtype", float)) for a in leaves(program.moving())
    ]
    assert same(args, program.args()), "the call changed its arguments"


@pytest.mark.slow
@twice
def test_second_order(program: Real, simplification: str) -> None:
    """Forward over reverse against differences of the gradient; reverse over reverse against forward over reverse."""
    rng = program.rng()
    w = direction(program.plain(*program.args()), rng)
    f, args = program.restricted(differentiable(program)), program.moving()

    def gradient(*active: Any) -> Any:
        return wengert.vjp(f, *active)[1](w)

    along, weights = direction(args, rng), direction(args, rng)
    value, by_forward = wengert.jvp(gradient, args, along)
    assert close(value, gradient(*program.moving()), tolerance(program, 1e-12))
    loose = tolerance(program, 1e-6)
    assert close(by_forward, slope(gradient, program.moving(), along, program.step), loose)
    by_reverse = wengert.vjp(gradient, *args)[1](weights)
    assert close(dot(by_reverse, along), dot(by_forward, weights), loose / 100)
    assert same(args, program.moving()), "the call changed its arguments"


# --- what the programs compute ------------------------------------------------------------------------------------------


def matches(name: str, want: Callable[..., Any]) -> None:
    """The program's result at its point is what a library computes from the same arguments."""
    program = named(name)
    assert close(program.plain(*program.args()), want(*program.args()), 1e-10)


def packed_lu(A: Any) -> Any:
    """Both factors in one array, from the inverses of leading blocks."""
    n = len(A)
    pivots = [np.linalg.det(A[:k, :k]) for k in range(1, n + 1)]
    out = np.empty_like(A)
    for i in range(n):
        for j in range(n):
            k = min(i, j)
            part = A[i, j] - A[i, :k] @ np.linalg.solve(A[:k, :k], A[:k, j]) if k else A[i, j]
            out[i, j] = part * (pivots[k - 1] if k else 1.0) / pivots[k] if i > j else part
    return out


def tridiagonal(a: Any, b: Any, c: Any) -> Any:
    return np.diag(b) + np.diag(a[1:], -1) + np.diag(c[:-1], 1)


def toeplitz(r: Any) -> Any:
    full = np.concatenate(([1.0], r[:-1]))
    return full[np.abs(np.subtract.outer(np.arange(len(r)), np.arange(len(r))))]


def test_factorizations_and_solves() -> None:
    matches("lu_rows", packed_lu)
    matches("lu_elements", packed_lu)
    matches("lu_elimination", lambda a: (np.linalg.slogdet(a)[1], packed_lu(a)))
    matches("cholesky_columns", np.linalg.cholesky)
    matches("cholesky", lambda A: np.tril(np.linalg.cholesky(A)) + np.triu(A, 1))
    matches("gauss_pivoted", np.linalg.solve)
    matches("trisolv", lambda L, x, b: np.linalg.solve(np.tril(L), b))
    matches("back_substitution", lambda U, B: np.linalg.solve(np.triu(U), B))
    program = named("householder")
    a, b = program.args()
    assert close(program.plain(a, b)[0], np.linalg.lstsq(a, b, rcond=None)[0], 1e-10)
    program = named("thomas")
    a, b, c, d = program.args()
    assert close(program.plain(a, b, c, d)[1], np.linalg.solve(tridiagonal(a, b, c), d), 1e-12)
    program = named("gram_schmidt")
    Q, R = program.plain(*program.args())
    assert close((Q.T @ Q, Q @ R), (np.eye(4), *program.args()), 1e-12)
    matches("durbin", lambda r: np.linalg.solve(toeplitz(r), -r))
    assert np.isclose(named("power_iteration").plain(*named("power_iteration").args()),
                      np.linalg.eigvalsh(named("power_iteration").args()[0])[-1])  # fmt: skip


def test_products() -> None:
    matches("symm", lambda s, t, C, A, B: s * (np.tril(A) + np.tril(A, -1).T) @ B + t * C)
    matches("syrk", lambda s, t, C, A: np.tril(s * A @ A.T + t * C) + np.triu(C, 1))
    matches("syr2k", lambda s, t, C, A, B: np.tril(s * (A @ B.T + B @ A.T) + t * C) + np.triu(C, 1))
    matches("trmm", lambda s, A, B: s * (np.tril(A, -1).T + np.eye(len(A))) @ B)
    matches("doitgen", lambda A, C4: A @ C4)

    def dense(A_row: Any, A_col: Any, A_val: Any, x: Any) -> Any:
        A = np.zeros((len(A_row) - 1, len(x)))
        for i in range(len(A)):
            A[i, A_col[A_row[i] : A_row[i + 1]]] = A_val[A_row[i] : A_row[i + 1]]
        return A @ x

    matches("spmv", dense)


def test_data_and_signals() -> None:
    program = named("covariance")
    (data,) = program.args()
    assert close(program.plain(data)[0], np.cov(data.T), 1e-12)
    program = named("weighted_histogram")
    a, bins, weights = program.args()
    total, count = np.histogram(a, bins, weights=weights)[0], np.histogram(a, bins)[0]
    assert close(program.plain(a, bins, weights), total / count, 1e-12)
    matches("power_spectrum", lambda re, im, R, K: np.abs(np.fft.fft(re + 1j * im)) ** 2)
    program = named("floyd_warshall")
    (w,) = program.args()
    np.fill_diagonal(w, 0.0)
    assert close(program.plain(w)[0], named("bellman_ford").plain(w), 1e-12)
