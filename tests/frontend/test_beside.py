"""Generators beside other iterables: `zip`, `map`, `enumerate`, `islice`, and `next` of what is run early."""

# programs as users write them
from __future__ import annotations

import functools
import itertools
import math
import operator
from typing import Any

import numpy as np
import pytest

from wengert import UnsupportedError, grad

X = np.array([0.3, 0.62, 0.41, 1.1])


def powers(a):
    v = 1.0
    while True:
        yield v
        v = v * a


def some(a):
    v = 1.0
    for _ in range(3):
        yield v
        v = v * a


def items_of(x):
    for k in range(len(x)):
        yield x[k]


class Grid:
    def __init__(self, x):
        self.x = x

    def __iter__(self):
        for v in self.x:
            yield v, v * v

    def pairs(self):
        for k, v in enumerate(self):
            yield k, v[1]


def either_side(x):
    s = 0.0
    for v, p in zip(x, powers(x[1])):
        s += v * p
    for p, v in zip(powers(x[0]), x):
        s += v * p
    return s + sum(a * b for a, b in zip(some(x[1]), some(x[0])))


def three(x):
    s = 0.0
    for (a, c), p, q in zip([(x[0], 2), (x[1], 3)], powers(x[1]), items_of(x)):
        s += a * p * q * c
    return s


def several_without_an_end(x):
    s = 0.0
    for v, p, q in zip(x, powers(x[1]), powers(x[2])):
        s += v * p * q
    for p, q, k in zip(powers(x[1]), powers(x[2]), range(3)):
        if p * q < 0.2:
            break
        s += p * k + q
    return s


def left(x):
    s = 0.0
    for v, p in zip(x, powers(x[1])):
        if v > 0.5:
            break
        s += v * p
    else:
        s = s + 100.0
    for k, (v, p) in enumerate(zip(x, powers(x[1]))):
        if v > 1.0:
            continue
        s += v * p * k
    else:
        s = s + x[0]
    for v, p in zip(x, powers(x[1])):
        if v * p > 0.36:
            return s * v * p
    return 0.0


def not_run_too_far(x):
    def roots():
        v = 3.0
        while True:
            v = v - 1.0
            yield math.sqrt(v) * x[0]  # the third is the last that can be computed

    return sum(k * v for k, v in zip(range(3), roots()))


def comprehensions(x):
    s = sum(a * b for a, b in zip((v for v in x if v > 0.35), powers(x[0])))
    for k, a in enumerate(v * w for v in x for w in x if v > w):
        s += k * a
    for k, v in enumerate(v * v for v in x):
        s += k * v
    d = dict(zip("abcd", (v * v for v in (x[0], x[1], x[2], x[3]))))
    return s + sum(a * b for a, b in zip((v * v for v in x), (math.sin(v) for v in x))) + d["b"] * d["d"]


def stored_meanwhile(x):
    y = x.copy()
    s = 0.0
    for k, (v, p) in enumerate(zip(items_of(y), x)):
        if k < 3:
            y[k + 1] = y[k + 1] + v * p
        s += v
    for k, v in enumerate(w * w for w in y):
        if k < 3:
            y[k + 1] += v
        s += v
    return s


def mapped(x):
    both = sum(map(operator.mul, some(x[1]), x)) + sum(map(lambda a, b: a * b, items_of(x), items_of(x)))
    return both + sum(map(math.sin, some(x[0]))) + functools.reduce(operator.add, map(lambda v: v * v, [x[0], x[1]]))


def consumed(x):
    largest = max(v * v for v in x if v < 1) + min(some(x[1])) + max(b for _, b in Grid(x))
    return largest + sorted(some(x[2]))[0] * sorted(v * v for v in x)[1] + math.fsum(some(x[2])) + math.fsum(v * v for v in x)


def objects(x):
    g = Grid(x)
    s = 0.0
    for (a, b), c in zip(g, x[::-1]):
        s += a * b * c
    for k, v in g.pairs():
        s += k * v
    a, b = Grid([x[0], x[1]])
    return s + sum(b for _, b in g) + a[0] * b[1] + max(Grid([x[2], x[3]]), key=lambda p: p[0])[1]


def sliced(x, n):
    s = 0.0
    for v in itertools.islice(powers(x[0]), 4):
        s += v * x[1]
    for v in itertools.islice(powers(x[0]), 1, 6, 2):
        s += v * x[2]
    for k, v in enumerate(itertools.islice(some(x[0]), 1, None)):
        s += v * k
    for k in itertools.islice(itertools.count(2), n):
        s += x[0] * k
    return s + sum(itertools.islice(some(x[0]), n)) + sum(itertools.filterfalse(lambda v: v > 0.5, some(x[2])))


def one_by_one(x):
    g = some(x[0])
    a = next(g)
    same = g
    b = next(same)
    squares = (v * v for v in x)
    c, d = next(squares), next(squares)
    for v in g:
        b = b * v
    return a + b * b + c * d + sum(squares) + next(v for v in x if v > 0.5) * next((v for v in x if v > 5.0), x[1])


def run_time(x, n):
    s = 0.0
    for v, p in zip(some(x[0]), range(n)):
        s += v * p
    for p, v in zip(range(n), powers(x[0])):
        s += v * p
    for p, v in zip(range(n), (x[k] ** 2 for k in range(n))):
        s += v * p
    return s


ONE = [
    either_side, three, several_without_an_end, left, not_run_too_far, comprehensions, stored_meanwhile, mapped, consumed,
    objects, one_by_one,
]  # fmt: skip


@pytest.mark.parametrize("f", ONE, ids=lambda f: f.__name__)
def test_against_differences(f: Any, agrees: Any) -> None:
    agrees(f, X)


@pytest.mark.parametrize("f", [sliced, run_time], ids=lambda f: f.__name__)
@pytest.mark.parametrize("n", [0, 2])
def test_counts_of_run_time(f: Any, n: int, agrees: Any) -> None:
    agrees(f, X, n)


# --- what cannot run early ------------------------------------------------------------------------------------------------


def noisy(x):
    for v in x:
        print(v)
        yield v


def two_of_which_one_is_changed(x):
    y = x.copy()
    s = 0.0
    for k, (v, p) in enumerate(zip(items_of(x), items_of(y))):
        y[k] = y[k] + v * p
        s += v * p
    return s


def two_that_print(x):
    return sum(a * b for a, b in zip(noisy(x), noisy(x)))


def two_without_an_end(x):
    return sum(a * b for a, b in zip(powers(x[0]), powers(x[1])))


def one_that_is_changed(x):
    y = x.copy()
    it = (v * v for v in y)
    a = next(it)
    y[1] = 3.0
    return a * next(it)


def names_that_change(x):
    k = 1.0

    def scaled():
        for v in x:
            yield v * k

    s = 0.0
    for a, _ in zip(scaled(), items_of(x)):
        s += a
    for _, a in zip(items_of(x), scaled()):
        s += a
        k = 2.0
    return s


CHANGED = "what this iterator reads is changed while it is walked"
REFUSED = [
    (two_of_which_one_is_changed, CHANGED, "make a list of it: list(...)"),
    (two_that_print, "does more than give items", "make a list of it: list(...)"),
    (two_without_an_end, "it is not known whether this iterator ends", "walk it with `for`"),
    (one_that_is_changed, CHANGED, "make a list of it: list(...)"),
    (names_that_change, CHANGED, "make a list of it: list(...)"),
]


@pytest.mark.parametrize("f, text, instead", REFUSED, ids=lambda v: getattr(v, "__name__", None))
def test_what_is_refused(f: Any, text: str, instead: str) -> None:
    with pytest.raises(UnsupportedError) as caught:
        grad(f)(X)
    assert text in str(caught.value)
    assert f"instead: {instead}" in str(caught.value)
