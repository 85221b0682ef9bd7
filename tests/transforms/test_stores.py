"""The adjoints of stores: at repeated positions, of scalars, at second order."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from wengert import grad, hessian, jacfwd, jacobian, jacrev
from wengert.testing import check_grads, unsimplified, verified

I = np.array([0, 2, 0, 1, 2])  # noqa: E741
J = np.array([1, 1, 1, 0, 3])
X, V, S = np.array([0.5, -1.5, 2.0, 0.7]), np.array([1.5, -0.5, 0.3, 2.0, -1.0]), np.array([0.8])
M = np.array([[0, 1], [1, 0], [3, 1]])


def the_last_one_stays(x, v):
    a = x * 2.0
    a[I] = v * v
    return np.sum(a**3)


def augmented_reads_before_it_writes(x, v):
    a = x * x
    a[I] += v * a[1]
    return np.sum(a**3)


def multiplied(x, v):
    a = x * x
    a[I] *= v
    return np.sum(a**3)


def with_other_axes(x, v):
    a = np.outer(x, v)
    a[I, 1:3] = np.outer(v, x[:2])
    a[1:, J] = v * x[0]
    return np.sum(a**3)


def pairs(x, v):
    a = np.outer(x, x)
    a[I, J] = v * v
    a[M] = v[0] * x
    a[M[:, 0], M[:, 1] + 1] = x[:3]
    return np.sum(a**3)


def a_scalar_into_many(x, v):
    a = x * x
    a[I] = v[0] * x[3]
    a[a > 1.0] = x[1] ** 2
    return np.sum(a**3)


def a_broadcast_row(x, v):
    a = np.outer(x, v)
    a[I] = v * x[0]
    a[[3, 3, 1]] = x[:3, None]
    return np.sum(a**3)


def in_a_loop(x, v):
    a = x * 1.0
    for k in range(3):
        a[(I + k) % 4] = v * a[k]
        a[[k, k]] += a[0] * v[:2]
    return np.sum(a**2)


def a_mixture(x, v):
    a = np.outer(x, v)
    a[1:3, None, [0, 0, 4]] = v[1:4] * x[0]
    a[..., [2, -3]] = x[:, None]
    return np.sum(a**3)


def lists_from_the_outside(x, v, where=(0, 3, 0)):
    a = x * 1.0
    a[list(where)] = v[:3]
    return np.sum(a**3)


PROGRAMS = [
    the_last_one_stays, augmented_reads_before_it_writes, multiplied, with_other_axes, pairs, a_scalar_into_many,
    a_broadcast_row, in_a_loop, a_mixture, lists_from_the_outside,
]  # fmt: skip


@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_first_and_second_order(f: Any) -> None:
    for context in (verified, unsimplified):
        with context():
            report = check_grads(f, (X, V), argnums=[0, 1])
            assert report.ok, str(report)
    for k in (0, 1):
        forward, back = hessian(f, k)(X, V), jacrev(grad(f, k), k)(X, V)
        assert np.allclose(forward, back, rtol=1e-9, atol=1e-9)
        assert np.allclose(jacfwd(jacfwd(f, k), k)(X, V), back, rtol=1e-9, atol=1e-9)


def test_the_rows_of_a_jacobian_know_who_was_overwritten() -> None:
    def f(v):
        a = np.zeros(3)
        a[I] = v
        return a

    assert np.array_equal(jacobian(f)(V), [[0, 0, 1, 0, 0], [0, 0, 0, 1, 0], [0, 0, 0, 0, 1]])


def test_masks_and_slices_are_not_tested_at_run_time() -> None:
    def f(x, m):
        a = np.zeros(4)
        a[m] = x[m]
        a[::2] = x[1::2]
        a[-1] = x[0]
        return np.sum(a * a)

    assert "surviving" not in grad(f).lower(X, X > 0.0).source
