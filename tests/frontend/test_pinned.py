"""Programs that are made for arguments of certain lengths and whole numbers, where the one for all lengths is refused."""

from __future__ import annotations

import itertools
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pytest

import wengert
from wengert import UnsupportedError, grad
from wengert.testing import unpinned

COUNT = 4


def dicts(pos: Any, mass: Any) -> Any:
    bodies = [{"p": pos[i], "v": np.zeros(2), "m": m} for i, m in enumerate(mass)]
    for _ in range(2):
        for a in bodies:
            for b in bodies:
                if a is not b:
                    d = b["p"] - a["p"]
                    a["v"] = a["v"] + 0.1 * b["m"] * d / (np.sum(d * d) + 0.1) ** 1.5
        for a in bodies:
            a["p"] = a["p"] + 0.1 * a["v"]
    return sum(np.sum(b["p"] ** 2) for b in bodies)


class Body:
    def __init__(self, p: Any, m: Any) -> None:
        self.p, self.v, self.m = p, np.zeros(2), m


def objects(pos: Any, mass: Any) -> Any:
    bodies = [Body(p.copy(), m) for p, m in zip(pos, mass, strict=True)]
    for a in bodies:
        for b in bodies:
            if a is not b:
                a.v += 0.1 * b.m * (b.p - a.p)
    for a in bodies:
        a.p += 0.1 * a.v
    return sum(np.sum(b.p**2) for b in bodies)


def pairs(x: Any) -> Any:
    return sum(a * b for a, b in itertools.combinations(x, 2))


def buckets(x: Any) -> Any:
    n = len(x)
    T: list[list[Any]] = [[] for _ in range(n)]
    for i in range(n):
        for j in range(i):
            T[i].append(x[j] * x[i])
    return sum(sum(t) for t in T)


def by_number(x: Any, n: int) -> Any:
    d = {}
    for i in range(n):
        d[i] = x * i + (d[i - 1] if i else 0.0)
    return d[n - 1] * d[n - 2]


def of_layers(x: Any, layers: list[int]) -> Any:
    weights, k = {}, 0
    for i in range(len(layers) - 1):
        a, b = layers[i], layers[i + 1]
        weights[f"W{a}{i}"] = x[k : k + a * b].reshape(a, b)
        k += a * b
    h = np.ones(layers[0])
    for i in range(len(layers) - 1):
        h = np.tanh(h @ weights[f"W{layers[i]}{i}"])
    return np.sum(h)


POS = np.array([[0.1, -0.5], [1.2, 0.4], [-0.3, 0.9]])


@pytest.mark.parametrize("f", [dicts, objects], ids=lambda f: f.__name__)
def test_particles(f: Any, agrees: Any) -> None:
    agrees(f, POS, np.array([1.0, 0.5, 2.0]))
    agrees(f, POS[:2], np.array([1.0, 0.5]))


@pytest.mark.parametrize("f", [pairs, buckets], ids=lambda f: f.__name__)
def test_lengths(f: Any, agrees: Any) -> None:
    agrees(f, np.array([0.5, -1.0, 2.0]))
    agrees(f, np.array([0.5, -1.0, 2.0, 1.5]))


def test_each_length_has_its_own_program() -> None:
    d = grad(buckets)
    for n in (2, 3, 5, 3, 2):
        x = np.arange(1.0, n + 1.0)
        assert np.array_equal(d(x), np.sum(x) - x)
    assert len(d._entries) == 3


def test_whole_numbers() -> None:
    d = grad(by_number)
    assert [d(1.5, n) for n in (5, 3, 5)] == [180.0, 9.0, 180.0]
    x = np.linspace(-1.0, 1.0, 14)
    for layers in ([2, 3, 2, 1], [2, 3, 2], [3, 2, 1]):
        e, step = np.cos(np.arange(14.0)), 1e-6
        slope = (of_layers(x + step * e, layers) - of_layers(x - step * e, layers)) / (2 * step)
        assert np.isclose(np.sum(grad(of_layers)(x, layers) * e), slope, atol=1e-8)


def test_whole_numbers_outside(monkeypatch: Any) -> None:
    def f(x: Any) -> Any:
        d = {i: x * i for i in range(COUNT) if i != 1}
        return d[COUNT - 1] ** 2

    d = grad(f)
    assert d(2.0) == 36.0
    monkeypatch.setitem(f.__globals__, "COUNT", 6)
    assert d(2.0) == 100.0


def test_arrays_outside() -> None:
    layers = np.array([1.0, 2.0, 3.0])

    def f(x: Any) -> Any:
        return sum(a * b * x for a, b in itertools.combinations(layers, 2))

    d = grad(f)
    assert d(2.0) == 11.0
    layers = np.array([1.0, 2.0])
    assert d(2.0) == 2.0


class State(NamedTuple):
    x: Any
    n: int = 2


@dataclass
class Fields:
    x: Any
    n: int = 2


PARTS: list[tuple[Any, Any]] = [
    (lambda x: State(x), lambda v: v.x),
    (lambda x: Fields(x), lambda v: v.x),
    (lambda x: OrderedDict(x=x), lambda v: v["x"]),
    (lambda x: {"a": [(x, 1.0)]}, lambda v: v["a"][0][0]),
    (lambda x: [State(x)], lambda v: v[0].x),
]


@pytest.mark.parametrize(("make", "part"), PARTS)
def test_the_lengths_of_parts_of_arguments(make: Any, part: Any) -> None:
    d = grad(lambda v: buckets(part(v)))
    for n in (3, 4, 2, 3):
        x = np.arange(1.0, n + 1.0)
        assert np.array_equal(part(d(make(x))), np.sum(x) - x)


def test_a_number_that_is_differentiated_is_not_pinned() -> None:
    with pytest.raises(UnsupportedError, match="a dict key must be known in advance"):
        grad(by_number, 1)(1.5, 3)


def test_long_arrays_are_refused_for_the_reason_of_all_lengths() -> None:
    with pytest.raises(UnsupportedError, match="known in advance"):
        grad(buckets)(np.ones(33))
    with unpinned(), pytest.raises(UnsupportedError, match="known in advance"):
        grad(buckets)(np.ones(3))


def test_the_drivers() -> None:
    x = np.array([0.5, -1.0, 2.0])
    value, pullback = wengert.vjp(buckets, x)
    assert np.allclose(pullback(1.0)[0], np.sum(x) - x) and np.isclose(value, buckets(x))
    assert np.allclose(wengert.hessian(buckets)(x), 1.0 - np.eye(3))
    assert np.allclose(wengert.jacfwd(buckets)(x), np.sum(x) - x)
    assert "    for i in range" not in grad(buckets).lower(x).source
