"""Temporary arrays that are written again: where it is done, where it must not be, and that it changes no number."""

from __future__ import annotations

import numpy as np
import pytest

from wengert import grad, jacfwd, value_and_grad, vjp
from wengert.backend import emit

X = np.linspace(0.3, 1.2, 2000)
W = np.linspace(-0.4, 0.9, 2000)
M = np.arange(12.0).reshape(4, 3) / 7.0


def stencil(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


def chain(x, w):
    return np.sum(np.log1p(np.exp(-w * np.sin(x * w))) / (2.0 + x))


def named(x):
    y = x * x
    z = np.exp(y) * y
    return np.sum(z * z - y)


def looped(x):
    for _ in range(3):
        x = x - 0.1 * (np.roll(x, 1) - np.sin(x) * x)
    return np.sum(x * x)


def branched(x):
    if x[0] > 0.0:
        return np.sum(np.exp(np.sin(x) * 2.0) / x)
    return np.sum(x)


def matrix(a):
    return np.sum(np.exp(np.tanh(a @ a.T) * 2.0) / (1.0 + (a @ a.T) ** 2))


PROGRAMS = [(stencil, (X,)), (chain, (X, W)), (named, (X,)), (looped, (X,)), (branched, (X,)), (matrix, (M,))]


def body(derivative, *args):
    text = derivative.lower(*args).source
    return [line.strip() for line in text[text.rindex("\ndef ") :].split("\n") if not line.strip().startswith("#")]


@pytest.mark.parametrize(("f", "args"), PROGRAMS, ids=lambda p: getattr(p, "__name__", ""))
@pytest.mark.parametrize("made", [value_and_grad, grad, jacfwd])
def test_every_bit_is_what_it_was(f, args, made, monkeypatch):
    args = args if made is not jacfwd else tuple(a[:3] if a is not M else a for a in args)
    kept = [a.copy() for a in args]
    got = made(f)(*args)
    for a, k in zip(args, kept, strict=True):
        np.testing.assert_array_equal(a, k)
    monkeypatch.setattr(emit, "reuse", lambda nodes, counts, nested: nodes)
    plain = made(f)(*args)
    for a, b in zip(np.atleast_1d(got), np.atleast_1d(plain), strict=True) if made is grad else [(got, plain)]:
        np.testing.assert_equal(a, b)


def test_large_sums_and_products_are_written_into_their_operands():
    lines = body(grad(stencil), X)
    assert "v2_bar *= -2.0" in lines and "v4_bar *= 200.0" in lines
    assert "v4_bar = np.subtract(v1, v3, out=v3)" in lines


def test_what_the_user_named_and_its_cotangent_stay():
    lines = body(value_and_grad(named), X)
    assert not [line for line in lines if line.startswith(("y *=", "z *=", "z_bar *=", "y -="))]


def test_small_arrays_of_known_shape_are_left_alone():
    def f(x):
        a = np.array([x, 2.0, 3.0])
        return np.sum(np.exp(np.sin(a) * 2.0))

    assert not [line for line in body(value_and_grad(f), 0.5) if "*=" in line or "out=" in line]


def test_scalars_are_left_alone():
    assert not [line for line in body(grad(lambda x: np.exp(np.sin(x) * 2.0) / x), 0.5) if "*=" in line or "out=" in line]


def test_in_a_loop_the_user_s_operations_stay():
    lines = body(value_and_grad(looped), X)
    primal = lines[: next(k for k, line in enumerate(lines) if "_bar" in line)]
    assert not [line for line in primal if "out=" in line or "-=" in line or "*=" in line]


def test_another_dtype_is_not_written_into():
    def f(x):
        return np.sum(np.sin(x) * W)  # float32 times float64

    x = X.astype(np.float32)
    _, pullback = vjp(f, x)
    assert pullback(np.float64(1.0))[0].dtype == np.float32
    np.testing.assert_allclose(pullback(np.float64(1.0))[0], np.cos(X) * W, rtol=1e-5)
