"""Cotangents of several results go to their readers one by one, without a list."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import wengert
from differences import close, dot, slope
from wengert.testing import unsimplified


def halves(x: Any) -> Any:
    y = np.split(x, 2)
    return np.sum(y[0] * np.sin(y[1])) + np.sum(y[1])


def spectrum(x: Any) -> Any:
    w, v = np.linalg.eigh(x @ x.T)
    return np.sum(w * w) + np.sum(v[0] * v[0] * w)


def one_of_three(x: Any) -> Any:
    y = np.split(x, 3)
    return np.sum(np.exp(y[1]))


def by_loop(x: Any) -> Any:
    y = np.split(x, 3)
    total = 0.0
    for k in range(3):
        total += np.sum(y[k] * y[0])
    return total


def in_an_arm(x: Any, c: Any) -> Any:
    y = np.split(x, 2)
    if c > 0:
        return np.sum(y[0] * y[1])
    return np.sum(y[1]) * 2.0


def small(x: Any) -> Any:
    y = np.split(x, 2)
    return np.sum(y[0]) + 2.0 * np.sum(y[1])


VECTOR = np.linspace(0.3, 1.7, 6)
CASES = [
    (halves, (VECTOR,)),
    (spectrum, (np.array([[1.0, 0.2, 0.1], [0.4, 2.0, 0.3], [0.2, 0.1, 3.0]]),)),
    (one_of_three, (VECTOR,)),
    (by_loop, (VECTOR,)),
    (in_an_arm, (VECTOR, 1.0)),
    (in_an_arm, (VECTOR, -1.0)),
    (small, (VECTOR,)),
]
each = pytest.mark.parametrize(("f", "args"), CASES, ids=[f"{f.__name__}{k}" for k, (f, _) in enumerate(CASES)])


@each
def test_derivatives(f: Any, args: tuple[Any, ...]) -> None:
    along = np.cos(np.arange(args[0].size, dtype=float)).reshape(args[0].shape)
    gradient = wengert.grad(f)(*args)
    numeric = slope(lambda x: f(x, *args[1:]), args[:1], (along,))
    assert close(dot(gradient, along), numeric, 1e-7)
    with unsimplified():
        assert close(wengert.grad(f)(*args), gradient, 1e-13)
    if f is not spectrum:
        h = wengert.hessian(f)(*args)
        second = slope(lambda x: wengert.grad(f)(x, *args[1:]), args[:1], (along,))
        assert close(h @ along, second, 1e-6)


@pytest.mark.parametrize("f", [halves, one_of_three, small, spectrum])
def test_no_list_is_made(f: Any) -> None:
    args = next(a for g, a in CASES if g is f)
    source = wengert.grad(f).lower(*args).source
    assert "zeros_of(y)" not in source and "deepcopy" not in source, source


def test_single_precision_stays() -> None:
    assert wengert.grad(small)(VECTOR.astype(np.float32)).dtype == np.float32


def test_a_place_of_run_time_keeps_the_list() -> None:
    assert "zeros_of(y)" in wengert.grad(by_loop).lower(VECTOR).source
