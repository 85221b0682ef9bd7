"""Lists and sets that are written out; sets that change."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from wengert import UnsupportedError, grad, value_and_grad


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


def test_sets_that_change(agrees: Any) -> None:
    def f(x: Any) -> Any:
        seen, total = set(), 0.0
        also = seen
        for k in [0, 1, 0, 2, 1]:
            if k in seen:
                continue
            seen.add(k)
            total = total + x[k] * x[3]
        seen |= {3, 4}
        seen -= {4}
        seen.discard(9)
        edges = {(0, 1), (1, 2)}
        for i, j in sorted(edges):
            total = total * x[i] * x[j]
        left = {0, 1, 2} - {2, 3}
        total = total * len(also) * (2 if also == {0, 1, 2, 3} else 3)
        return total + sum(x[k] for k in left & seen) + (5 if not set() else x[0])

    agrees(f, np.array([0.3, 0.6, 0.4, 1.1]))


def test_a_set_is_returned_as_one() -> None:
    value, _ = value_and_grad(lambda x: (x * x, {1, 2} | {3}), has_aux=True)(2.0)
    assert value == (4.0, {1, 2, 3})
    assert type(value[1]) is set


def test_lists_with_starred_parts(agrees: Any) -> None:
    def f(x: Any) -> Any:
        big = [v for v in x if v > 0.35]
        both = [x[0], *big, *(v * v for v in (x[1], x[2])), *range(2), *{1: 1}]
        return sum(v * (k + 1) for k, v in enumerate([*both[:-1], *big])) * len(both)

    agrees(f, np.array([0.3, 0.6, 0.4, 1.1]))
