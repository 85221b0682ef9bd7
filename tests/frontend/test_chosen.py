"""Items of known lists and dicts at what is only known when the program runs; the order of tuples."""

# programs as users write them
from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from wengert import UnsupportedError, grad, jvp

X = np.array([0.3, 0.62, 0.41, 1.1])
PLACE = 0


def numbers(x, k):
    d = {1: x[0], 2: x[1] * x[2]}
    return d[k] * {True: 2.0, False: x[0]}[k > 1] * [x[0], x[3]][k - 1]


def functions(x, k):
    return np.sum({1: np.cos, 2: lambda v: v * x[0]}[k](x))


def arrays(x, k):
    d = {1: x.copy(), 2: x * 2.0}
    d[k][0] = 3.0
    return np.sum(d[2] * d[1] * d[k])


def missing(x, k):
    d = {1: x[0], 7: x[1]}
    try:
        return d[k]
    except KeyError:
        return x[2] ** 2


def tuples(x, k):
    first = x[0] if (x[0], x[1]) < (x[0], x[2]) else x[1]
    best = (1e9, 0.0)
    for v in x:
        c = (v * v, v)
        if c < best:
            best = c
    known = ([x[0], x[1]] <= [x[0], x[1]]) + ((x[0],) < (x[0], 1.0)) * 2 + ((1, "a", x[0]) > (1, "a", x[1])) * 4
    largest = max((x[0], x[1]), (x[1], x[2]))[1] * max(zip(x, range(9)))[1]
    least = min([(x[1], x[1]), (x[0], x[2]), (x[0], x[1])])[1] + min(zip(x, x[::-1]))[1]
    return first * known * k + best[1] * largest * least


def just_made(x, k):
    w = [x * 2, x * x][k - 1]
    w[0] = x[1]
    return np.sum((x * k, x)[PLACE] * {1: x * 3, 2: w}[k]) + [x * 2][PLACE][1]


@pytest.mark.parametrize("k", [1, 2])
@pytest.mark.parametrize("f", [numbers, functions, arrays, missing, tuples, just_made], ids=lambda f: f.__name__)
def test_against_differences(f: Any, k: int, agrees: Any) -> None:
    agrees(f, X, k)


def test_a_key_that_is_not_there() -> None:
    with pytest.raises(KeyError, match="3"):
        jvp(lambda x, k: {1: x[0], 2: x[1]}[k], (X, 3), (X, 0))


@pytest.mark.usefixtures("any_length")
def test_a_key_in_a_long_loop() -> None:
    def f(x, n):
        d = {0: x[0], 1: x[1]}
        return sum(d[k % 2] for k in range(n))

    with pytest.raises(UnsupportedError, match="a dict key must be known in advance"):
        grad(f)(X, 50)
