"""Sets of values that are known."""

from __future__ import annotations

from typing import Any

import pytest

from wengert import UnsupportedError, grad


def test_sets_of_constants(agrees: Any) -> None:
    def f(x: float) -> float:
        total = 0.0
        for k in (1, 2, 3, 4):
            if k in {2, 4} or k in set((3,)):
                total += k * x * x
        return total * len({k * k % 3 for k in range(5)}) + len(frozenset())

    agrees(f, 1.5)


def test_a_set_of_numbers_of_run_time_is_refused() -> None:
    with pytest.raises(UnsupportedError, match="a set of values that are only known when the program runs"):
        grad(lambda x: len({x, 2.0 * x}) * x)(1.0)
