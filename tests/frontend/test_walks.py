"""What `itertools` makes of sequences, of known length and of run time; walked once, as in Python."""

from __future__ import annotations

import itertools
import operator
from itertools import (
    accumulate,
    chain,
    combinations,
    compress,
    count,
    cycle,
    dropwhile,
    groupby,
    islice,
    product,
    repeat,
    starmap,
    takewhile,
)
from typing import Any

import numpy as np
import pytest

from wengert import UnsupportedError, grad

X = np.array([0.3, 0.6, 0.4, 1.1])


def of_arrays(x):
    pairs = zip(x, x[::-1])
    return (
        sum(v * v for v in accumulate(x))
        + list(accumulate(x, operator.mul))[-1] * list(accumulate(x, operator.mul, initial=2.0))[2]
        + sum(starmap(operator.mul, pairs))
        + sum(islice(x, 1, 3)) ** 2
    )


def while_a_test_holds(x):
    first = [v * v for v in takewhile(lambda v: v < 1.0, x)]
    rest = sum(v * v for v in dropwhile(lambda v: v < 0.5, x))
    return first[-1] * rest + sum(takewhile(lambda v: v < 0.5, [x[0], x[1], x[2]])) + sum(compress(x, [1, 0, 1, 0]))


def without_an_end(x):
    total = 0.0
    for k, v, w, u in zip(count(1, 2), x, cycle([1.0, 2.0]), repeat(x[0])):
        total = total + k * v * v * w * u
    return total + sum(v * x[0] for v in islice(count(2.0), 3))


def arranged(x):
    pairs = sum(x[i] * x[j] for i, j in combinations(range(len(x)), 2)) * sum(a * b for a, b in combinations(x, 2))
    return pairs + sum(a * b * b for a, b in product(x, [x[0], 2.0]))


def grouped(x):
    rows, total = [("a", x[0]), ("a", x[1]), ("b", x[2])], 1.0
    for key, group in groupby(rows, key=lambda row: row[0]):
        total = total * sum(v for _, v in group) * (2 if key == "a" else 3)
    return total + sum(v * (k + 1) for k, (_, v) in enumerate(sorted({"b": x[0], "a": x[3]}.items())))


PROGRAMS = [of_arrays, while_a_test_holds, without_an_end, arranged, grouped]


@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_walks(f: Any, agrees: Any) -> None:
    agrees(f, X)


def walked_twice(x):
    both = chain(x, [2.0])
    return sum(both) + sum(both)


def an_end_that_never_comes(x):
    return sum(v * x[0] for v in itertools.count())


REFUSED = [
    (walked_twice, "an iterator that was walked before is empty here"),
    (an_end_that_never_comes, "this iterator has no end"),
]


@pytest.mark.parametrize("f, text", REFUSED, ids=lambda v: getattr(v, "__name__", ""))
def test_what_is_refused(f: Any, text: str) -> None:
    with pytest.raises(UnsupportedError, match=text):
        grad(f)(X)
