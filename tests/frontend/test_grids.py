from typing import Any

import numpy as np
import pytest

from wengert import UnsupportedError, grad, jacfwd
from wengert.testing import unsimplified


def spiral(x: Any) -> Any:
    Y, X = np.mgrid[0:4, 0:3]
    return np.sum(np.abs((X + 1j * Y + 1) * x) ** 2)


def rings(x: Any) -> Any:
    Y, X = np.ogrid[-1:1:4j, 0:3]
    return np.sum(np.abs((X + 1j * Y + 1) * x) ** 2)


def moved(x: Any) -> Any:
    Y, X = np.indices((4, 3))
    return np.sum(np.abs((X + 1j * Y + 1) * x) ** 2)


def stretched(x: Any) -> Any:
    return np.sum(np.mgrid[0:x:5j] ** 2) + np.sum(np.r_[0:x:5j, x]) + np.sum(np.c_[0:x:3j, x:1:3j] ** 2)


def stretched_axes(x: Any) -> Any:
    A, B = np.mgrid[0:x:3j, 0:2]
    C, D = np.ogrid[x : 2 * x : 2j, 0 : x * x : 3j]
    return np.sum(A * (B + 1)) + np.sum(C * D)


def counted(x: Any, n: int) -> Any:
    k = np.arange(1, n + 1)
    grid = np.mgrid[0:n]
    return np.sum(np.sin(x / k)) + np.sum(grid * x**2) + (np.sum(1j * np.arange(2, n, 1) * x)).imag


def of_a_function(x: Any) -> Any:
    return np.sum(np.fromfunction(lambda i, j, s: np.sin(i * s) + j * s, (3, 4), s=x))


@pytest.mark.parametrize("f", [spiral, rings, moved, stretched, stretched_axes, of_a_function])
def test_grids(f: Any, agrees: Any) -> None:
    agrees(f, 1.3)


def test_ranges_by_lengths(agrees: Any) -> None:
    agrees(counted, 1.3, 4)


def test_the_text_names_the_grid() -> None:
    text = grad(spiral).lower(2.0).source
    assert "np.mgrid[0:4, 0:3]" in text and "unbroadcast" not in text


def test_a_grid_without_an_end_is_refused() -> None:
    with pytest.raises(UnsupportedError, match="a grid needs slices with an end"):
        grad(lambda x: np.sum(np.mgrid[0:] * x))(1.0)


def test_a_function_on_a_grid_of_unknown_rank_is_refused() -> None:
    with pytest.raises(UnsupportedError, match="the number of axes of this grid is not known"):
        grad(lambda x: np.sum(np.fromfunction(lambda i: i * x, tuple(np.argwhere(x > 0)[0]))))(np.ones(1))


@pytest.mark.parametrize("values", [(0, 4), (1, 4), (4, 1), (1, 6, 2), (3,), (0.0, 2.0, 0.5), (5, 0, -2)])
def test_ranges(values: Any) -> None:
    def f(x: Any) -> Any:
        return np.sum(np.arange(*values) * x) + np.sum(np.arange(*values, dtype=float) * x)

    expected = 2.0 * np.sum(np.arange(*values))
    assert grad(f)(2.0) == jacfwd(f)(2.0) == expected
    with unsimplified():
        assert grad(f)(2.0) == expected
