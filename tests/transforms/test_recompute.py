"""What is recorded of a trip and what is computed again from it."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

import wengert
import wengert.testing
from wengert.ir.builder import constant
from wengert.ir.nodes import Assign, Store, Var
from wengert.ir.types import Array, Float, Int
from wengert.transforms.recompute import is_cheap, split

A, X, Y, Z, W = (Var(name, Float()) for name in ("a", "x", "y", "z", "w"))
K, N = Var("k", Int()), Var("n", Int())
V, U = Var("v", Array("float64", (3,))), Var("u", Array("float64", (3,)))


def test_cheap_statements() -> None:
    assert is_cheap(Assign(Y, operator.mul, (A, X)))
    assert is_cheap(Assign(Y, operator.getitem, (V, K)))
    assert is_cheap(Assign(U, np.transpose, (V,)))
    assert is_cheap(Assign(N, len, (V,)))
    assert not is_cheap(Assign(Y, math.sin, (X,)))
    assert not is_cheap(Assign(U, operator.mul, (V, V)))
    assert not is_cheap(Assign(U, operator.getitem, (V, Var("i", Array("int64", (3,))))))
    assert not is_cheap(Assign(Y, operator.mul, (A, X), effect=True))
    assert not is_cheap(Store(U, V, K, X))


def test_computed_from_what_is_recorded_anyway() -> None:
    step = Assign(Y, operator.truediv, (A, X))
    assert split([step], [X, Y], {X, Y}, set()) == ([X], [step])


def test_not_where_more_would_have_to_be_recorded() -> None:
    step = Assign(Y, operator.mul, (X, Z))
    assert split([step], [Y], {X, Y, Z}, set()) == ([Y], [])
    assert split([step], [Y, X], {X, Y, Z}, set()) == ([Y, X], [])


def test_from_outside_the_loop_and_from_the_index() -> None:
    step = Assign(Y, operator.getitem, (V, K))
    assert split([step], [Y], {Y, K}, {K}) == ([K], [step])
    assert split([step], [Y], {Y, K}, set()) == ([Y], [])
    assert split([Assign(Y, operator.add, (A, constant(1.0)))], [Y], {Y}, set())[0] == []


def test_chains_stay_in_order() -> None:
    first, second = Assign(Y, operator.mul, (X, A)), Assign(Z, operator.add, (Y, X))
    kept, again = split([first, second], [X, Y, Z], {X, Y, Z}, set())
    assert kept == [X] and again == [first, second]


def test_what_is_not_needed_is_neither() -> None:
    assert split([Assign(W, operator.mul, (X, A))], [X], {X, W}, set()) == ([X], [])


def test_integers_are_computed_from_the_index() -> None:
    """for k in range(n): j = k + 1; y = v[j]: the index is enough."""
    j = Var("j", Int())
    steps = [Assign(j, operator.add, (K, constant(1))), Assign(Y, operator.getitem, (V, j))]
    assert split(steps, [Y], {Y, K, j}, {K}) == ([K], steps)
    assert split(steps, [Y], {Y, K, j}, set()) == ([Y], [])
    assert split(steps, [Y], {Y, K, j}, {K}, {V}) == ([Y], [])  # what `v` was is overwritten


def records(f: Callable[..., Any], *args: Any) -> bool:
    return "append" in wengert.grad(f).lower(*args).source


def gradient_is_right(f: Callable[..., Any], x: np.ndarray, *rest: Any, second: bool = False) -> None:
    """Reverse, and forward and second order if asked for, of a program in place against differences."""
    made, h = wengert.grad(f)(x, *rest), 1e-6
    steps = h * np.eye(x.size).reshape(x.size, *x.shape)
    differences = [(f(x + s, *rest) - f(x - s, *rest)) / (2 * h) for s in steps]
    assert np.allclose(made, np.reshape(differences, x.shape), rtol=1e-5, atol=1e-7)
    if not second:
        return
    assert np.allclose(wengert.jacfwd(f)(x, *rest), made, rtol=1e-10)
    hessian, gradient = wengert.hessian(f)(x, *rest), wengert.grad(f)
    ahead = [(gradient(x + s, *rest) - gradient(x - s, *rest)) / (2 * h) for s in steps]
    assert np.allclose(hessian, np.reshape(ahead, hessian.shape), rtol=1e-4, atol=1e-5)
    with wengert.testing.unsimplified():
        assert np.allclose(wengert.grad(f)(x, *rest), made, rtol=1e-10)


def elimination(a):
    n = len(a)
    for k in range(n):
        for i in range(k + 1, n):
            a[i, k] /= a[k, k]
            a[i, k + 1 :] -= a[i, k] * a[k, k + 1 :]
    return np.sum(a * a)


def marching(u):
    for t in range(len(u) - 1):
        u[t + 1] = np.sin(u[t]) + 0.5 * u[t + 1]
    return u[-1] * u[0]


def backwards(u):
    for t in range(len(u) - 2, -1, -1):
        u[t] = u[t] * u[t + 1]
    return np.sum(u)


def rows(a):
    for t in range(len(a) - 1):
        a[t + 1, :] = a[t, :] * a[t, ::-1] + a[t + 1, :]
    return np.sum(a[-1] ** 2)


def test_what_lasts_is_not_recorded() -> None:
    rng = np.random.default_rng(0)
    matrix, vector = rng.random((4, 4)) + 4.0 * np.eye(4), rng.random(5) + 0.5
    assert not records(elimination, matrix)
    gradient_is_right(elimination, matrix[:3, :3].copy())
    gradient_is_right(marching, vector, second=True)
    gradient_is_right(backwards, vector)
    assert not records(rows, matrix)
    gradient_is_right(rows, matrix)


def sweeps(u, count):
    for _ in range(count):
        for i in range(1, len(u)):
            u[i] = u[i] * u[i - 1]
    return np.sum(u)


def overwritten_in_the_end(u):
    for i in range(1, len(u)):
        u[i] = u[i] * u[i - 1]
    u[2] = 0.0
    u[:] = u * 2.0
    return np.sum(u * u)


def from_the_end(u):
    for i in range(len(u)):
        u[i - 1] = u[i] * u[i - 1]
    return np.sum(u)


def late_index(u):
    i = 0
    while i < len(u) - 1:
        u[i + 1] = u[i] * u[i + 1]
        i += 1
    return np.sum(u)


def rewritten_row(a):
    for i in range(1, len(a)):
        for j in range(len(a)):
            a[i, j] = a[i - 1, j] * a[i, j]
        a[i - 1, :] = 1.0 + a[i, 0]
    return np.sum(a)


def test_what_does_not_last_is_recorded() -> None:
    rng = np.random.default_rng(1)
    vector = rng.random(5) + 0.5
    assert records(sweeps, vector, 2)
    gradient_is_right(sweeps, vector, 2, second=True)
    for f in (overwritten_in_the_end, from_the_end, late_index):
        assert records(f, vector)
        gradient_is_right(f, vector)
    gradient_is_right(rewritten_row, rng.random((3, 3)) + 0.5)


def test_checkpoints_and_what_lasts() -> None:
    def f(a, every):
        n = len(a)
        for k in wengert.checkpoint(range(n), every=every):
            for i in range(k + 1, n):
                a[i, k] /= a[k, k]
                a[i, k + 1 :] -= a[i, k] * a[k, k + 1 :]
        return np.sum(a * a)

    matrix = np.random.default_rng(2).random((4, 4)) + 4.0 * np.eye(4)
    assert np.allclose(wengert.grad(f)(matrix, 2), wengert.grad(elimination)(matrix), rtol=1e-12)
