"""Values of sets, running extremes and quantiles: what ties share, and that many at once are as one by one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from wengert import grad, jacfwd, jacrev
from wengert.testing import check_grads

X = np.array([0.7, -1.2, 0.3, 2.5])
A = np.array([[0.3, -1.2, 0.7, 0.1], [1.5, 0.9, -0.4, 2.0], [-0.8, 1.1, 0.2, 0.6]])
TIES = np.array([1.0, 2.0, 2.0, 0.5, 2.0, 3.0])


def several(x):
    a, b, c = np.atleast_2d(x, x[0], 2.0)
    return a * b + c


def nested(x):
    return np.array([[1, x[0]], [x[1], 2]], ndmin=3) ** 2


def laid_out(x):
    return np.asfortranarray(np.require(np.asanyarray(x), float, "C")) ** 2


def different_rows(x):
    return np.unique(x, axis=0) ** 2 + np.unique(x.T, axis=1).T


def counted(x):
    values, counts = np.unique(np.concatenate([x, x[:1]]), return_counts=True)
    return values * counts


def sets(x):
    return np.union1d(x, x[:2]) ** 2, np.setdiff1d(x, x[:2]) ** 2, np.setxor1d(x, x[1:]) ** 2


def met(x):
    return np.intersect1d(x, x[1:3]) ** 2


def trimmed(x):
    return np.trim_zeros(np.concatenate([np.zeros(2), x, np.zeros(1)])) ** 2


def running(x):
    return np.maximum.accumulate(x, axis=-1) ** 2, np.minimum.accumulate(x) ** 2, np.subtract.accumulate(x) ** 2


def parts(x):
    return np.add.reduceat(x, [0, 2], axis=1) ** 2, np.maximum.reduceat(x, [1, 2]) ** 2, np.add.reduceat(x, [1, 0]) ** 2


def many_quantiles(x):
    return np.quantile(x, [0.1, 0.5, 0.77, 0.2, 0.9], axis=0, method="hazen") ** 2


def ramp(x):
    return np.pad(x, ((1, 2), (0, 3)), mode="linear_ramp", end_values=x[0, 0]) ** 2


def path(x):
    return np.einsum("ij,jk->ik", x, x.T, optimize=np.einsum_path("ij,jk->ik", x, x.T)[0])


PROGRAMS = [
    (several, X), (nested, X), (laid_out, A), (different_rows, A), (counted, X), (sets, X), (met, X), (trimmed, X),
    (running, A), (parts, A), (many_quantiles, A), (ramp, A), (path, A),
]  # fmt: skip


@pytest.mark.parametrize(("f", "x"), PROGRAMS, ids=lambda v: getattr(v, "__name__", ""))
def test_both_modes(f: Callable[..., Any], x: Any) -> None:
    assert check_grads(f, (x,)).ok


@pytest.mark.exhaustive
@pytest.mark.parametrize(("f", "x"), PROGRAMS, ids=lambda v: getattr(v, "__name__", ""))
def test_two_orders(f: Callable[..., Any], x: Any) -> None:
    assert check_grads(f, (x,), order=2).ok


def by_loop(x: Any) -> Any:
    y = x[0]
    for k in range(1, len(x)):
        y = np.maximum(y, x[k])
    return y


def test_ties_of_running_extremes_are_shared() -> None:
    """As by the loop y = max(y, x[k])."""
    for jacobian in (jacfwd, jacrev):
        found = jacobian(np.maximum.accumulate)(TIES)
        for k in (3, 5, 6):
            assert np.allclose(found[k - 1, :k], grad(by_loop)(TIES[:k]))
            assert not np.any(found[k - 1, k:])


def test_ties_of_quantiles_are_shared() -> None:
    q = np.linspace(0.05, 0.95, 7)
    one_by_one = [grad(np.quantile)(TIES, each) for each in q]
    for jacobian in (jacfwd, jacrev):
        assert np.allclose(jacobian(np.quantile)(TIES, q), one_by_one)


def test_equal_rows_share() -> None:
    rows = np.array([[1.0, 2.0], [0.5, 4.0], [1.0, 2.0]])
    found = grad(lambda x: np.sum(np.unique(x, axis=0) * np.array([[1.0, 10.0], [2.0, 20.0]])))(rows)
    assert np.allclose(found, [[1.0, 10.0], [1.0, 10.0], [1.0, 10.0]])
