"""Deques, ordered and counting dicts: their classes, their greatest length, what differs from lists and dicts."""

from __future__ import annotations

from collections import Counter, OrderedDict, defaultdict, deque
from typing import Any

import numpy as np
import pytest

from wengert import UnsupportedError, grad

X = np.array([0.3, 0.6, 0.4, 1.1])


def classes(x):
    d, items, o, k = deque([x[0], x[1]]), [x[0]], OrderedDict(a=x[2]), defaultdict(float)
    k["a", 1] += x[3]
    return (
        sum(d) * (2 if isinstance(d, list) else 3) * (5 if type(d) is deque else 7) * (2 if isinstance(items, deque) else 11)
        + o["a"] * (13 if isinstance(o, OrderedDict) and isinstance(o, dict) else 2)
        + k["a", 1] * (17 if isinstance(k, defaultdict) and not isinstance(k, OrderedDict) else 2)
    )


def class_of_one_that_grew(x):
    d = deque()
    for v in x:
        if v > 0.35:
            d.append(v)
    return sum(d) * (2 if isinstance(d, list) else 3)


def moving_mean(x):
    window, total = deque(maxlen=2), 0.0
    for v in x:
        if v > 0.35:
            window.append(v * v)
            total = total + (sum(window) / len(window)) ** 2
    return total


def both_ends(x):
    d = deque([x[0], x[1], x[2]], maxlen=2)
    d.append(x[3])
    d.appendleft(x[0])
    e = d.copy()
    e.extend([x[1], x[2] * 2])
    last = deque(x, maxlen=2)
    return d[0] * d[1] + e[0] * e[1] * len(e) + last[0]


def counted(x):
    c = Counter("abca")
    c["z"] += 2
    c.update("aa")
    weights = Counter(a=x[0], b=x[1])
    return x[0] * c["a"] + x[1] * c["b"] ** 2 + x[2] * c["q"] + len(c) * x[3] + weights["a"] * weights["c"] + weights["b"]


@pytest.mark.parametrize("f", [classes, class_of_one_that_grew, moving_mean, both_ends, counted], ids=lambda f: f.__name__)
def test_collections(f: Any, agrees: Any) -> None:
    agrees(f, X)


def one_of_two(x):
    d = deque([x[0]]) if x[0] > 0 else [x[1]]
    return d[0] * (2 if isinstance(d, list) else 3)


def sum_of_counters(x):
    return (Counter(a=x[0]) + Counter(a=x[1]))["a"]


REFUSED = [(one_of_two, "the class of this is not known here"), (sum_of_counters, "arithmetic of Counters is not supported")]


@pytest.mark.parametrize("f, text", REFUSED, ids=lambda v: getattr(v, "__name__", ""))
def test_what_is_refused(f: Any, text: str) -> None:
    with pytest.raises(UnsupportedError, match=text):
        grad(f)(X)
