import numpy as np
import pytest

import wengert
from wengert.testing import unsimplified

TEST = "if not math.isfinite(np.vdot("


def masked_product(x, m):
    """The first row of 1 / x is not used: it may be infinite."""
    y = np.inner(1.0 / x, m)
    z = np.where(np.array([False, True, True]), y, 1.0)
    return np.sum(z * z)


def used_product(x, m):
    """As `masked_product`, with an infinite factor in a sum that counts."""
    y = np.einsum("ij,j->i", 1.0 / x, m)
    return np.sum(np.where(y > 1e9, y, np.sin(y)))


def entries(value: float) -> np.ndarray:
    return np.array([[1.0, value], [2.0, 4.0], [3.0, 5.0]])


@pytest.mark.parametrize("value", [3.0, 0.0, -0.0, np.inf, np.nan, 1e200, 1e-200])
@pytest.mark.filterwarnings("ignore")
def test_the_same_as_without(value: float) -> None:
    x, m = entries(value), np.array([0.5, -2.0])
    for f, args in ((masked_product, (x, m)), (used_product, (x, m))):
        short = wengert.grad(f, (0, 1)).lower(*args)
        assert TEST in short.source
        with unsimplified():
            plain = wengert.grad(f, (0, 1)).lower(*args)
        assert TEST not in plain.source
        for got, want in zip(short(*args), plain(*args), strict=True):
            np.testing.assert_array_equal(got, want)


def test_second_order() -> None:
    x, m = entries(2.0), np.array([0.5, -2.0])
    short = wengert.hessian(masked_product, 1)(x, m)
    with unsimplified():
        np.testing.assert_allclose(short, wengert.hessian(masked_product, 1)(x, m), rtol=1e-14)


def test_a_choice_of_the_user_stays() -> None:
    def f(x, m):
        y = x @ m
        return np.sum(np.where(y != 0.0, y, 2.0 * y))

    assert "vdot" not in wengert.grad(f).lower(np.ones((2, 2)), np.ones((2, 2))).source


@pytest.mark.parametrize("value", [3.0, 0.0, np.inf])
@pytest.mark.filterwarnings("ignore")
def test_sums_of_one_term_are_strong_products(value: float) -> None:
    def f(x, t):
        y = 1.0 / x
        a = np.dot(y, y) if t > 0.0 else 0.0
        return np.where(t > 1.0, a, 2.0 * t) * t

    x = np.array([1.0, value, -2.0])
    for t in (0.5, 2.0):
        short = wengert.grad(f, (0, 1)).lower(x, t)
        with unsimplified():
            plain = wengert.grad(f, (0, 1)).lower(x, t)
        for got, want in zip(short(x, t), plain(x, t), strict=True):
            np.testing.assert_array_equal(got, want)


def triangular(L, b):
    """Forward substitution in place: what is divided may be infinite for all the derivative knows."""
    for i in range(b.shape[0]):
        b[i] = (b[i] - np.dot(L[i, :i], b[:i])) / L[i, i]
    return b


def test_the_adjoint_of_a_triangular_solve_has_one_line_for_each_factor() -> None:
    L, b = np.tril(np.random.default_rng(0).random((4, 4))) + 2.0 * np.eye(4), np.arange(4.0)

    def total(L, b):
        b = b.copy()
        return np.sum(triangular(L, b) ** 2)

    short = wengert.grad(total, (0, 1)).lower(L, b)
    assert "strong_product(" in short.source and "np.isfinite(" not in short.source
    with unsimplified():
        for got, want in zip(short(L, b), wengert.grad(total, (0, 1))(L, b), strict=True):
            np.testing.assert_allclose(got, want, rtol=1e-12)
