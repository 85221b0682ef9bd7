"""`iter` and `next`, and objects of the user's classes that are walked."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from wengert import UnsupportedError, grad

X = np.array([0.3, 0.6, 0.4, 1.1])


class Doubled:
    def __init__(self, x):
        self.x, self.k = x, 0

    def __iter__(self):
        return self

    def __next__(self):
        if self.k >= 3:
            raise StopIteration
        self.k += 1
        return self.x[self.k] * 2


class Squares:
    def __init__(self, x):
        self.x = x

    def __iter__(self):
        for v in self.x:
            yield v * v


def known_items(x):
    it = iter([x[0], x[1], x[2]])
    a = next(it)
    left = list(it)
    return a * left[0] * len(left) + next(it, x[3])


def items_of_an_array(x):
    it = iter(x)
    best = next(it)
    for v in it:
        if v > best:
            best = v * v
            break
    return best * sum(it)


def of_run_time(x):
    it = iter([v for v in x if v > 0.35])
    return next(it) * sum(it) + next((v for v in x if v > 5), x[0]) + next(v * v for v in x if v > 0.5)


def beside_others(x):
    it = iter(x)
    pairs = [a * b for a, b in zip(it, it)]
    rest = iter(x)
    a = next(rest)
    s = sum(a * b * c for a, b, c in zip(*[iter([x[0], x[1], x[2], x[0]])] * 3))
    for b, c, d in zip(rest, x, rest):
        s += a * b * c * d
    return pairs[0] * s


def objects(x):
    a, *b = Squares([x[0], x[1], x[2]])
    return a * b[0] * b[1] + sum(Doubled(x)) + sum(Squares(x)) * next(Doubled(x))


def an_object_in_a_loop(x):
    total = 0.0
    for v in Doubled(x):
        if v > 2.0:
            break
        total = total + v * v
    return total


PROGRAMS = [beside_others, known_items, items_of_an_array, of_run_time, objects, an_object_in_a_loop]


@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_iterators(f: Any, agrees: Any) -> None:
    agrees(f, X)


def taken_in_the_loop(x):
    it, total = iter(x), 0.0
    for v in it:
        total = total + v * next(it, 1.0)
    return total


def after_a_zip(x):
    it = iter(x)
    return sum(a * b for a, b in zip(it, [1.0, 2.0])) * next(it)


REFUSED = [
    (taken_in_the_loop, "an item is taken from this iterator while a loop walks it"),
    (after_a_zip, "how far this iterator has come is not known here"),
]


@pytest.mark.parametrize("f, text", REFUSED, ids=lambda v: getattr(v, "__name__", ""))
def test_what_is_refused(f: Any, text: str) -> None:
    with pytest.raises(UnsupportedError, match=text):
        grad(f)(X)


def test_no_item_is_left() -> None:
    with pytest.raises(UnsupportedError, match="this iterator has no further item"):
        grad(lambda x: next(iter(())) * x[0])(X)
    with pytest.raises(StopIteration):
        grad(lambda x: next(iter([v for v in x if v > 5.0])))(X)
