"""Products of vectors of two entries, of which NumPy 2 warns: they are no examples of the row."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from differences import close, direction, dot, slope
from wengert import grad, jvp, vjp


def across(a: Any, b: Any) -> Any:
    return np.cross(a, b)


def down(a: Any, b: Any) -> Any:
    return np.cross(a, b, axis=0)


def placed(a: Any, b: Any) -> Any:
    return np.cross(a, b, 0, -1, 0)


def square(a: Any, b: Any) -> Any:
    return np.sum(np.cross(a, b) ** 2)


CASES = [
    (across, (2,), (2,)), (across, (2,), (3,)), (across, (4, 3), (2,)), (across, (2, 2), (2, 2)), (across, (3, 2), (2,)),
    (down, (2, 3), (2, 3)), (placed, (2, 4), (4, 3)),
]  # fmt: skip


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(("f", "a", "b"), CASES)
def test_vectors_in_the_plane(f: Any, a: tuple[int, ...], b: tuple[int, ...]) -> None:
    rng = np.random.default_rng(3)
    args = (rng.standard_normal(a), rng.standard_normal(b))
    dots, bar = direction(args, rng), direction(f(*args), rng)
    moved = jvp(f, args, dots)[1]
    assert close(moved, slope(f, args, dots), 1e-9)
    bars = vjp(f, *args)[1](bar)
    assert [np.shape(v) for v in bars] == [a, b]
    assert dot(bar, moved) == pytest.approx(dot(bars, dots), rel=1e-12)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(("a", "b"), [((2, 2), (2, 2)), ((3, 2), (3,))])
def test_second_order(a: tuple[int, ...], b: tuple[int, ...]) -> None:
    rng = np.random.default_rng(5)
    args = (rng.standard_normal(a), rng.standard_normal(b))
    dots, gradient = direction(args, rng), grad(square, (0, 1))
    forward = jvp(gradient, args, dots)[1]
    assert close(forward, slope(gradient, args, dots), 1e-7)
    assert close(vjp(gradient, *args)[1](dots), forward, 1e-12)
