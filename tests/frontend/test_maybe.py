"""Tuples, dicts and objects that may be None; strings that change in loops."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from wengert import UnsupportedError, grad

A = np.array([0.5, 1.3, 0.8])


class Found:
    def __init__(self, cost: Any, at: Any) -> None:
        self.cost, self.at = cost, at


def tuple_in_a_loop(x: Any, a: Any) -> Any:
    best = None
    for v in np.linspace(0.0, 1.0, 40):
        c = (v - x) ** 2 * a[0]
        if best is None or c < best[0]:
            best = (c, v + x * a[1])
    return best[0] + best[1]


def object_in_a_loop(x: Any, a: Any) -> Any:
    best = None
    for v in a:
        found = Found((v - x) ** 2, v * x)
        if best is None or found.cost < best.cost:
            best = found
    return best.at * x + best.cost


def dict_in_a_loop(x: Any, a: Any) -> Any:
    best = None
    for v in np.linspace(0.0, 1.0, 40):
        c = {"cost": (v - x) ** 2, "at": v * a[0]}
        if best is None or c["cost"] < best["cost"]:
            best = c
    return best["at"] * x + best["cost"]


def the_last_two(x: Any, a: Any) -> Any:
    prev = None
    cur = None
    for v in a:
        prev = cur
        cur = Found(v * x if cur is None else cur.cost * v, x)
    return prev.cost * cur.cost


def first_seen_in_the_loop(x: Any, a: Any) -> Any:
    cur = Found(x, x)
    for v in a:
        prev = cur
        cur = Found(cur.cost * v, x)
    return prev.cost * cur.cost


def set_and_unset(x: Any, a: Any) -> Any:
    best = None
    for v in a:
        if best is not None and v < 1.0:
            best = None
        elif best is None:
            best = (v, x)
        else:
            best = (best[0] * v, best[1] + x)
    return x if best is None else best[0] * best[1]


def returned(x: Any, a: Any) -> Any:
    def hit(c: Any) -> Any:
        disc = x * x - c
        if disc < 0:
            return None
        return disc**0.5, c * x

    best = None
    for c in np.linspace(0.0, 1.0, 40):
        h = hit(c)
        if h is None:
            continue
        if best is None or h[0] < best[0]:
            best = h
    return best[1] * a[0] if best is not None else x


def none_after_a_search(x: Any, a: Any) -> Any:
    def find(c: Any) -> Any:
        for v in a:
            if v > c:
                return v, v * x
        return None

    r = find(1.0)
    q = find(9.0)
    return r[0] * r[1] * (1.0 if q is None else 2.0)


def either_or(x: Any, a: Any) -> Any:
    r = (x, a[0]) if x > 0.0 else None
    s = r or (1.0, 2.0)
    p, q = s
    return p * q


def in_an_attribute(x: Any, a: Any) -> Any:
    t = Found(None, 0.0)
    for v in a:
        if t.cost is None or v > t.cost[0]:
            t.cost = (v, v + x)
    return t.cost[0] * t.cost[1]


def a_state_machine(x: Any, a: Any) -> Any:
    state, e = "idle", 0.0
    for v in np.linspace(0.0, 1.0, 50):
        if state == "idle":
            e += 0.1 * x
            if e > 0.5:
                state = "run"
        elif state == "run":
            e -= 0.2 * v * a[0]
            if e < 0.1:
                state = "idle"
    return e


PROGRAMS = [
    tuple_in_a_loop, object_in_a_loop, dict_in_a_loop, the_last_two, first_seen_in_the_loop, set_and_unset, returned,
    none_after_a_search, either_or, in_an_attribute, a_state_machine,
]  # fmt: skip


@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_what_may_be_none(f: Any, agrees: Callable[..., None]) -> None:
    agrees(f, 0.7, A)


def test_a_list_of_nodes_is_refused() -> None:
    def f(x: Any, a: Any) -> Any:
        head = None
        for v in a:
            head = Found(v * x, head)
        s = 0.0
        while head is not None:
            s = s * x + head.cost
            head = head.at
        return s

    with pytest.raises(UnsupportedError, match="nested deeper in every trip"):
        grad(f)(0.7, A)


def test_an_object_that_is_kept_and_written_is_refused() -> None:
    def f(x: Any, a: Any) -> Any:
        best = None
        for v in a:
            p = Found(v * x, x)
            if best is None or p.cost > best.cost:
                best = p
            best.cost += 1.0
        return best.cost * p.cost

    with pytest.raises(UnsupportedError, match="may share memory"):
        grad(f)(0.7, A)
