"""Names that a path leaves unbound: what reads them nevertheless gets None."""

from __future__ import annotations

from typing import Any

import pytest

from wengert import grad, hessian, jvp


def never_walked(x: Any, k: Any) -> Any:
    total = 1.0
    for j in range(3):
        for _ in range(k):
            q = []
        if j > 0:
            total = total + sum(q)
        q = [x * j]
    return total


def longer(x: Any, k: Any) -> Any:
    total = 1.0
    for j in range(3):
        if j > 0:
            for _ in range(k):
                q = q + [x]  # noqa: F821
            total = total + sum(q)
        q = [x * j]
    return total


def both(x: Any, k: Any) -> Any:
    total = x
    for j in range(3):
        for _ in range(k):
            if j > 0:
                q = q + [x]  # noqa: F821
                total = total * sum(q)
        q = [x * j]
    return total


@pytest.mark.parametrize("f", [never_walked, longer, both])
@pytest.mark.parametrize("k", [0, 2])
def test_a_list_that_is_made_for_an_inner_loop_of_a_name_that_is_not_assigned_yet(f: Any, k: int, simplification: str) -> None:
    step = 1e-5
    slope = (f(2.0 + step, k) - f(2.0 - step, k)) / (2.0 * step)
    value, tangent = jvp(f, (2.0, k), (1.0, 0.0))
    assert value == f(2.0, k)
    assert tangent == pytest.approx(slope) and grad(f)(2.0, k) == pytest.approx(slope)
    curvature = (grad(f)(2.0 + step, k) - grad(f)(2.0 - step, k)) / (2.0 * step)
    assert hessian(f)(2.0, k) == pytest.approx(curvature, rel=1e-6, abs=1e-6)
