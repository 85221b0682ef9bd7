"""What happens once although the trips of a loop are run again."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from wengert import UnsupportedError, grad, pipeline
from wengert.runtime import checkpoint

WAYS = pytest.mark.parametrize("options", [{"every": 2}, {"slots": 2}, {}], ids=["every", "slots", "default"])


@WAYS
def test_prints_happen_once(options: dict[str, int], capsys: pytest.CaptureFixture[str]) -> None:
    def f(x: float, over: Callable[..., Any]) -> Any:
        for t in over(range(5)):
            x = math.sin(x)
            if x > 0:
                print(t, f"{x:.3f}")
        return x

    grad(f)(0.5, lambda trips: trips)
    once = capsys.readouterr().out
    assert len(once.splitlines()) == 5
    grad(f)(0.5, lambda trips: checkpoint(trips, **options))
    assert capsys.readouterr().out == once


@WAYS
def test_checks_are_made_by_the_first_run(options: dict[str, int]) -> None:
    def f(x: float) -> Any:
        for t in checkpoint(range(5), **options):
            assert x < 2.0, "too large"
            x = 1.5 * x * math.cos(0.1 * x)
            if x < 0.0:
                raise ValueError(f"negative at {t}: {x}")
        return x

    assert grad(f)(0.2) > 0
    with pytest.raises(AssertionError, match="too large"):
        grad(f)(1.9)
    with pytest.raises(ValueError, match="negative at 0"):
        grad(f)(-0.5)
    text = pipeline.lower(f, (0.2,)).source.split("# adjoint trace")
    assert "assert" in text[0] and "raise" in text[0]
    assert not any(word in text[1] for word in ("assert", "raise", "ValueError"))


def test_exceptions_that_the_program_looks_at_stay() -> None:
    def f(x: float, over: Callable[..., Any]) -> Any:
        for t in over(range(6)):
            try:
                x = x * math.sqrt(x - 0.2)
                if t == 2:
                    raise KeyError("two")
            except ValueError:
                x = x + 1.0
            except KeyError:
                x = 2.0 * x
        return x

    for options in ({"every": 2}, {"slots": 2}):
        assert grad(f)(0.9, lambda trips, o=options: checkpoint(trips, **o)) == grad(f)(0.9, lambda trips: trips)


def noted(x: float, k: int) -> Any:
    if k == 0:
        print(x)
        return x
    return math.sin(noted(x, k - 1))


@pytest.mark.usefixtures("any_length")
def test_a_function_with_effects_is_refused_where_it_has_them() -> None:
    def f(x: float, n: int) -> Any:
        for _ in checkpoint(range(n)):
            x = noted(x, n)
        return x

    with pytest.raises(UnsupportedError, match=r"`print` in a function that the loop calls has effects"):
        grad(f)(0.5, 3)


def told(x: float, k: int) -> Any:
    if k == 0:
        print(x)
        return x
    return math.cos(told(x, k - 1))


@pytest.mark.usefixtures("any_length")
def test_every_effect_is_shown() -> None:
    def f(x: float, n: int) -> Any:
        for _ in checkpoint(range(n)):
            x = noted(x, n)
            x = told(x, n)
        return x

    with pytest.raises(UnsupportedError) as info:
        grad(f)(0.5, 3)
    assert len(info.value.problems) == 2
    assert all(p.location is not None and p.instead for p in info.value.problems)


def test_draws_before_the_loop_are_read_again() -> None:
    def f(x: float, over: Callable[..., Any]) -> Any:
        noise = np.random.default_rng(0).normal(size=6)
        for k in over(range(6)):
            x = math.sin(x + noise[k])
        return x

    assert grad(f)(0.5, lambda trips: checkpoint(trips, slots=2)) == grad(f)(0.5, lambda trips: trips)
