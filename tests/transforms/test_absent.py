"""Names that some paths leave unbound, and tangents that a caller leaves zero."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from wengert import grad, jvp, vjp
from wengert.testing import check_grads

pytestmark = pytest.mark.usefixtures("simplification")


def of_one_branch(x: float) -> Any:
    if x < 1.0:
        y = x * x
    return y


def sum_of_one_branch(x: float, n: int) -> Any:
    s = x * x
    if n > 0:
        u = np.array([x, 2.0 * x])
    for i in range(n):
        s = s + u[i] * s
    return s


def of_inner_trips(a: Any) -> Any:
    for e in a:
        for b in a:
            t = b * e
    return t * a[0]


def of_early_returns(a: Any, b: Any) -> Any:
    s = np.sum(a)
    if 0.1 < s < 0.8:
        return s
    for p in a:
        if p > 2.0:
            return s * p
    return np.dot(a, b * s)


def test_a_result_that_is_not_assigned_is_pythons_error() -> None:
    assert grad(of_one_branch)(0.5) == 1.0
    with pytest.raises(UnboundLocalError):
        grad(of_one_branch)(3.0)
    with pytest.raises(UnboundLocalError):
        jvp(of_one_branch, (3.0,), (1.0,))
    with pytest.raises(UnboundLocalError):
        vjp(of_one_branch, 3.0)


@pytest.mark.parametrize("n", [0, 1, 2])
def test_an_array_that_only_one_branch_makes(n: int) -> None:
    assert check_grads(lambda x: sum_of_one_branch(x, n), (0.7,), order=2).ok


def test_names_that_only_trips_assign() -> None:
    assert check_grads(of_inner_trips, (np.array([0.3, -0.7, 1.1]),), order=2).ok


@pytest.mark.parametrize("first", [0.1, 1.1, 3.1])
def test_second_derivatives_behind_early_returns(first: float) -> None:
    a, b = np.array([first, 0.2, 0.3]), np.array([0.5, 0.1, -0.4])
    assert check_grads(of_early_returns, (a, b), order=2).ok
    both = grad(of_early_returns, (0, 1))
    along = jvp(both, (a, b), (b, a))[1]
    back = vjp(both, a, b)[1]((b, a))
    assert all(np.allclose(p, q, rtol=1e-12, atol=1e-12) for p, q in zip(along, back, strict=True))


def test_tangents_that_are_zero_do_not_meet_infinite_partials() -> None:
    power = lambda x, y: x**y  # noqa: E731
    assert jvp(power, (0.0, 0.5), (0.0, 1.0)) == (0.0, 0.0)
    with np.errstate(all="ignore"):
        dot = jvp(np.sqrt, (np.array([0.0, 4.0]),), (np.array([0.0, 1.0]),))[1]
    assert np.array_equal(dot, [0.0, 0.25])
    assert math.isinf(jvp(power, (0.0, 0.5), (1.0, 0.0))[1])
