"""Draws in checkpointed loops: each is made once, and the trips that run again get the same."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from wengert import UnsupportedError, checkpoint, grad, jvp, value_and_grad
from wengert.testing import unsimplified


def walk(x: Any, s: Any, n: int, rng: Any) -> Any:
    for _ in checkpoint(range(n), every=3):
        z = rng.normal(size=3)
        z[0] = x
        x = x * 0.9 + np.sum(z * z) * s
    return x * rng.normal()


def steps(x: Any, s: Any, n: int, rng: Any) -> Any:
    for _ in checkpoint(range(1, n, 2), slots=2):
        x = x * 0.9 + rng.normal(s, s * s) * x + rng.uniform()
    return x * rng.normal()


def plain(x: Any, s: Any, n: int, rng: Any) -> Any:
    for _ in checkpoint(range(n)):
        x = x + s * rng.normal()
    return x * x


@pytest.mark.parametrize("f", [walk, steps, plain], ids=lambda f: f.__name__)
def test_draws_are_those_of_the_program(f: Any) -> None:
    def at(x: float, s: float) -> Any:
        return f(x, s, 9, np.random.default_rng(5))

    rng, other = np.random.default_rng(5), np.random.default_rng(5)
    value, (x_bar, s_bar) = value_and_grad(f, argnums=(0, 1))(1.5, 0.1, 9, rng)
    f(1.5, 0.1, 9, other)
    assert rng.normal() == other.normal()  # as many draws as in the program
    assert value == at(1.5, 0.1)
    h = 1e-6
    assert np.isclose(x_bar, (at(1.5 + h, 0.1) - at(1.5 - h, 0.1)) / (2 * h), rtol=1e-5)
    assert np.isclose(s_bar, (at(1.5, 0.1 + h) - at(1.5, 0.1 - h)) / (2 * h), rtol=1e-5)
    tangent = jvp(lambda x: f(x, 0.1, 9, np.random.default_rng(5)), (1.5,), (1.0,))[1]
    assert np.isclose(tangent, x_bar)
    with unsimplified():
        assert np.isclose(grad(f)(1.5, 0.1, 9, np.random.default_rng(5)), x_bar)


def test_draws_that_depend_on_the_state_are_refused() -> None:
    def f(x: Any, rng: Any) -> Any:
        for _ in checkpoint(range(9), every=3):
            x = x * 0.9 + rng.normal(x, 0.1)
        return x

    with pytest.raises(UnsupportedError, match="effects that must happen once"):
        grad(f)(1.5, np.random.default_rng(5))
