"""Copies, shallow and deep; what `dataclasses` and `namedtuple` make of objects."""

from __future__ import annotations

import copy
import dataclasses
from collections import deque, namedtuple
from functools import singledispatch
from typing import Any, NamedTuple

import numpy as np
import pytest

from wengert import UnsupportedError, grad

X = np.array([0.3, 0.6, 0.4, 1.1])


@dataclasses.dataclass
class Model:
    a: float
    b: float = 2.0
    w: list = dataclasses.field(default_factory=list)


@dataclasses.dataclass(frozen=True)
class Point:
    u: float
    v: float

    def __post_init__(self):
        object.__setattr__(self, "v", self.v * 2)


Plain = namedtuple("Plain", "a b")


class Typed(NamedTuple):
    a: float
    b: float = 3.0

    def times(self):
        return self.a * self.b


def shallow(x):
    items = [x[0], [x[1], x[2]]]
    other = copy.copy(items)
    other[0], other[1][0] = 5.0, x[3]
    p = Model(x[0], x[1], [x[2]])
    q = copy.copy(p)
    q.a = 3.0
    q.w.append(x[3])
    return items[0] * items[1][0] * other[1][1] + p.a * q.b * sum(p.w) * copy.copy(x).sum()


def deep(x):
    inner = [x[1], x[2]]
    items = [x[0], inner, inner, x * 1.0, deque([x[3]], maxlen=1)]
    other = copy.deepcopy(items)
    other[1][0] = x[3]
    other[3][0] = 9.0
    other[4].append(x[0])
    p = copy.deepcopy(Model(x[0], w=[x[2]]))
    return items[0] * items[1][0] * other[2][0] * items[3].sum() + other[4][0] * len(other[4]) + p.a * p.w[0]


def of_dataclasses(x):
    p = Point(x[0], x[1])
    q = dataclasses.replace(p, v=x[2] * x[3])
    d = dataclasses.asdict(Model(x[0], w=[p, x[1]]))
    u, v = dataclasses.astuple(q)
    return p.v * q.v * q.u + d["a"] * d["b"] * d["w"][0]["v"] * d["w"][1] + u * v * len(dataclasses.fields(p))


def of_named_tuples(x):
    n, t = Plain(x[0], x[1]), Typed(x[0])
    m = n._replace(a=x[2])
    d = m._asdict()
    return d["a"] * d["b"] * n.a + Plain._make([x[0], x[1]]).b * len(Plain._fields) + t.times() * t.b


@singledispatch
def measure(v):
    return 2.0 * v


@measure.register(list)
def _(v):
    return sum(v)


@measure.register(np.ndarray)
def _(v):
    return (v * v).sum()


def dispatched(x):
    return measure(x) * measure([x[0], x[1]]) * measure(x[3])


@pytest.mark.parametrize("f", [shallow, deep, of_dataclasses, of_named_tuples, dispatched], ids=lambda f: f.__name__)
def test_copies(f: Any, agrees: Any) -> None:
    agrees(f, X)


def test_an_array_and_a_view_of_it_are_not_copied_apart() -> None:
    def f(x):
        a = x * 2
        b = copy.deepcopy([a, a[1:]])
        b[0][1] = 7.0
        return b[1].sum()

    with pytest.raises(UnsupportedError, match="a deep copy of an array and of a view of it"):
        grad(f)(X)
