from typing import Any

import numpy as np
import pytest

from wengert import grad, hessian
from wengert.testing import unsimplified

SHAPES = [
    ((4, 5, 3), (3, 2)), ((2, 4, 5, 3), (3, 2)), ((4, 5, 3), (3,)), ((5, 3), (4, 3, 2)), ((1, 5, 3), (4, 3, 2)),
    ((3,), (4, 3, 2)), ((4, 5, 0), (0, 2)), ((5, 3), (0, 3, 2)), ((4, 0, 3), (3, 2)), ((4, 5, 3), (3, 0)), ((0, 5, 3), (3,)),
]  # fmt: skip


def _matmul(a: Any, b: Any) -> Any:
    return np.sum(np.sin(a @ b))


def _dot(a: Any, b: Any) -> Any:
    return np.sum(np.sin(np.dot(a, b)))


@pytest.mark.parametrize("f", [_matmul, _dot])
@pytest.mark.parametrize(("a", "b"), SHAPES)
def test_batches(f: Any, a: Any, b: Any) -> None:
    rng = np.random.default_rng(0)
    x, y, dx, dy = (rng.standard_normal(s) for s in (a, b, a, b))
    e = 1e-6
    slope = (f(x + e * dx, y + e * dy) - f(x - e * dx, y - e * dy)) / (2 * e)
    for made in (grad(f, (0, 1))(x, y), _plain(f, x, y)):
        assert [g.shape for g in made] == [a, b]
        assert np.isclose(np.sum(made[0] * dx) + np.sum(made[1] * dy), slope, rtol=1e-6, atol=1e-8)


def _plain(f: Any, *args: Any) -> Any:
    with unsimplified():
        return grad(f, (0, 1))(*args)


def test_a_shared_matrix_is_one_product() -> None:
    a, b = np.ones((4, 5, 3)), np.ones((3, 2))
    text = grad(_matmul, (0, 1)).lower(a, b).source
    assert "swapaxes" not in text and "unbroadcast" not in text


def test_second_order() -> None:
    x, y = np.linspace(-1, 1, 12).reshape(2, 2, 3), np.linspace(0, 1, 6).reshape(3, 2)
    h = hessian(lambda y: _matmul(x, y))(y)
    e = 1e-5
    for k in np.ndindex(3, 2):
        d = np.zeros((3, 2))
        d[k] = e
        slope = (grad(_matmul, 1)(x, y + d) - grad(_matmul, 1)(x, y - d)) / (2 * e)
        assert np.allclose(h[(..., *k)], slope, atol=1e-8)
