"""Signs of sums and products, as text and as numbers."""

from __future__ import annotations

import ast

import numpy as np
import pytest

from wengert import grad, jacfwd
from wengert.backend.signs import negative, tidy, without_sign


def parsed(text):
    return ast.parse(text, mode="eval").body


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a + -b", "a - b"),
        ("a - -b", "a + b"),
        ("a + -(b * c)", "a - b * c"),
        ("a + -0.2 * b", "a - 0.2 * b"),
        ("a - -b / c", "a + b / c"),
        ("-a + b", "b - a"),
        ("-a * b + c", "c - a * b"),
        ("-a - b", "-a - b"),
        ("a + -(b + c)", "a - (b + c)"),
        ("a + (-b) ** 2", "a + (-b) ** 2"),
        ("a + b * -c", "a + b * -c"),
        ("a * -b", "a * -b"),
    ],
)
def test_sums(before, after):
    shown = ast.unparse(tidy(parsed(before)))
    assert shown == after
    rng = np.random.default_rng(0)
    for _ in range(20):
        names = dict(zip("abc", rng.standard_normal(3), strict=True))
        assert eval(before, names) == eval(after, names)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a", "-a"),
        ("-a", "a"),
        ("a * b / c", "-a * b / c"),
        ("2.0 * a", "-2.0 * a"),
        ("-2.0 * a", "2.0 * a"),
        ("a ** b", "-a ** b"),
        ("a + b", "-(a + b)"),
    ],
)
def test_negatives(before, after):
    assert ast.unparse(negative(parsed(before))) == after
    names = {"a": 0.3, "b": 0.7, "c": 1.1}
    assert -eval(before, names) == eval(after, names)


def test_no_sign():
    assert without_sign(parsed("a * b")) is None and without_sign(parsed("a - b")) is None


def test_derivatives_are_printed_with_them():
    def f(x, y):
        s = 0.0
        for _ in range(3):
            s = s - x * y
            x = x - 0.2 * s
        return s

    text = jacfwd(f).lower(0.5, 0.7).source
    assert "+ -" not in text and "s_dot = s_dot - " in text


def test_a_mask_keeps_its_minus_outside():
    def f(x):
        mask = x > 0.5
        return np.sum(-(mask * x)) + np.sum(-(mask * x * x))

    x = np.array([0.2, 0.7, 0.9])
    np.testing.assert_allclose(grad(f)(x), [0.0, -1.0 - 1.4, -1.0 - 1.8])


def test_ones_are_made_as_ones():
    def f(u0):
        u = u0.copy()
        for _ in range(2):
            u[1:] -= 0.1 * u[1:] * (u[1:] - u[:-1])
        return np.sum(u)

    text = grad(f).lower(np.ones(4)).source
    assert "u_bar = np.ones(u0.shape)" in text and "broadcast_like" not in text


def test_the_last_entry_is_popped():
    def f(x):
        xs = [x]
        for _ in range(int(3 + 0 * x)):
            xs.append(xs[-1] * x)
        return xs[-1]

    text = grad(f).lower(0.7).source
    assert "xs_bar.pop()\n" in text and "= xs_bar.pop()" in text
    assert abs(grad(f)(0.7) - 4 * 0.7**3) < 1e-12
