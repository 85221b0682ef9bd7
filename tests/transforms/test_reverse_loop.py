"""The adjoint of a loop: what is recorded, how it is walked back, how loops nest."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from wengert import grad

X = np.array([0.5, -1.5, 2.5, 0.3])


def test_a_linear_loop_records_nothing(lines: Any) -> None:
    def f(x: float, n: int) -> float:
        for _ in range(n):
            x = 0.5 * x + 1.0
        return x

    text = lines(f, 2.0, 5)
    assert not any(line.startswith("record") for line in text)
    assert sum(line.startswith("for") for line in text) == 1


def test_only_what_the_adjoint_reads_is_recorded(lines: Any) -> None:
    def f(x: float, n: int) -> float:
        t = 0.0
        for k in range(n):
            t = math.sin(t) * x + k
        return t

    recorded = [line for line in lines(f, 2.0, 5) if line.startswith("record")]
    assert 1 <= len(recorded) <= 2


def test_the_adjoint_walks_from_the_end(lines: Any) -> None:
    def f(x: float, n: int) -> float:
        for _ in range(n):
            x = x * x
        return x

    assert any(line.startswith("for") and "reversed(tape)" in line for line in lines(f, 1.1, 3))
    assert math.isclose(grad(f)(1.1, 3), 8.0 * 1.1**7)


def in_order(x: Any) -> Any:
    t = 1.0
    for k, v in enumerate(x):
        t = t * v + k * t * t
    return t


def nested(x: Any) -> Any:
    t = 0.1
    for v in x:
        s = v
        for w in x:
            s = s * w + math.sin(t) * v
        t = t * 0.5 + s * s
    return t


def stopped(x: Any) -> Any:
    t = 1.0
    for v in x:
        t = t * v + t
        if t < 0.0:
            break
    return t * t


def while_with_a_tape(x: float) -> float:
    t, n = x, 0
    while t < 20.0 and n < 50:
        t = t * t * 0.9 + x
        n += 1
    return t + n * x


def branch_in_a_loop(x: Any) -> Any:
    t = 1.0
    for v in x:
        if v > 0.4:
            s = math.exp(t * v)
            t = t + s * s
        elif v > 0.0:
            t = t * v
        else:
            u = v * v
            t = t - u * t
    return t


def arrays(x: Any) -> Any:
    h = np.zeros(4)
    for k in range(3):
        h = np.tanh(h * x[::-1] + x[k])
    return np.sum(h * h)


def outer_array_in_a_loop(x: Any) -> Any:
    t = 0.0
    for k in range(len(x) - 1):
        t = t + (x[k + 1] - x[k] * x[k]) ** 2 * x[-1]
    return t


def two_loops(x: Any) -> Any:
    t = [v * v for v in x]
    s = 0.0
    for a, b in zip(t, x, strict=True):
        s = s * a + b
    return s


def last_trip_kept(x: Any) -> Any:
    for v in x:
        w = v * v
        u = w * v
    return u * w


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (in_order, X), (nested, X * 0.5), (stopped, X), (stopped, np.abs(X)), (while_with_a_tape, 1.5),
        (while_with_a_tape, 0.1), (branch_in_a_loop, X * 0.7), (arrays, X), (outer_array_in_a_loop, X), (two_loops, X),
        (last_trip_kept, X),
    ],
    ids=lambda v: getattr(v, "__name__", ""),
)  # fmt: skip
def test_loops_to_second_order(f: Any, x: Any, agrees: Any) -> None:
    agrees(f, x)


@pytest.mark.parametrize("n", [0, 1])
def test_short_loops(n: int) -> None:
    assert grad(lambda x: np.sum(x) + sum(v * v for v in x))(np.ones(n)).tolist() == [3.0] * n
    assert grad(lambda x: sum([v * v for v in x], 0.0 * np.sum(x)))(np.ones(n)).tolist() == [2.0] * n
