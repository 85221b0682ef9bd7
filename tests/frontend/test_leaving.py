"""Recursions that write into what they are given: arrays, views, lists, dicts, objects, names outside."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from wengert import grad, jvp, returning, vjp
from wengert.ir.callee import applied_in_turn
from wengert.pipeline import described, flat_function

X = np.array([0.5, 0.7, 1.2, -0.3])
A = np.array([[4.0, 0.5, 1.0], [1.5, 5.0, 0.3], [0.2, 1.0, 6.0]])


def fill(a: Any, x: Any, n: int) -> None:
    if n > 0:
        a[n - 1] = x[n - 1] ** 2
        fill(a, x, n - 1)


def filled(x: Any, n: int) -> Any:
    a = np.zeros(4)
    fill(a, x, n)
    return np.sum(a * x)


def accumulated(x: Any, n: int) -> Any:
    total = 0.0

    def rec(k: int) -> None:
        nonlocal total
        if k > 0:
            total = total + x[k] * k * total + x[0]
            rec(k - 1)

    rec(n)
    return total


def item_of_a_list(x: Any, n: int) -> Any:
    out = [x[0], 1.0]

    def rec(k: int) -> None:
        if k > 0:
            out[0] = out[0] * x[1]
            rec(k - 1)

    rec(n)
    return out[0] * out[1]


class Point:
    def __init__(self, a: Any, b: Any) -> None:
        self.a, self.b, self.moves = a, b, 0

    def move(self, n: int) -> Any:
        if n == 0:
            return self.a
        self.a = self.a * self.b
        self.b[n] += self.a[0]
        self.moves += 1
        return self.move(n - 1)


def attributes(x: Any, n: int) -> Any:
    p = Point(x, x * 2.0)
    b = p.b
    return np.sum(p.move(n) * b) * p.moves


def what_is_returned_is_the_argument(x: Any, n: int) -> Any:
    a = x * x
    b = scaled(a, n)
    b[0] += x[1]
    return np.sum(a * a)


def scaled(a: Any, n: int) -> Any:
    if n == 0:
        return a
    a[n] *= a[0]
    return scaled(a, n - 1)


def two_parts(a: Any, b: Any, n: int) -> None:
    if n > 0:
        a[0] += b[0] ** 2
        b[1] *= a[0]
        two_parts(b, a, n - 1)


def parts_of_one_array(x: Any, n: int) -> Any:
    a = x.copy()
    two_parts(a[:2], a[2:], n)
    return np.sum(a * a)


def given_twice(x: Any, n: int) -> Any:
    a = x.copy()
    two_parts(a, a, n)
    return np.sum(a * a)


def grown(x: Any, n: int) -> Any:
    found: list[Any] = []

    def rec(v: Any, k: int) -> None:
        if k > 0:
            found.append(v * k)
            rec(v * v, k - 1)

    rec(x[0], n)
    total = 0.0
    for v in found:
        total += v * v
    return total * len(found)


def memory(x: Any, n: int) -> Any:
    memo = np.zeros(12)

    def rec(k: int) -> Any:
        if k < 2:
            return x[k]
        if memo[k] == 0.0:
            memo[k] = rec(k - 1) * x[2] + rec(k - 2)
        return memo[k]

    return rec(n + 2) ** 2


def even(a: Any, n: int) -> None:
    if n > 0:
        a[0] *= 2.0
        odd(a, n - 1)


def odd(a: Any, n: int) -> None:
    if n > 0:
        a[1] += a[0] ** 2
        even(a, n - 1)


def mutual(x: Any, n: int) -> Any:
    a = x.copy()
    even(a, n)
    return np.sum(a * a)


def depth_first(h: Any, n: int) -> Any:
    edges = [[1, 2], [3], [0], []]
    h, seen = h * 1.0, np.zeros(4, dtype=int)

    def visit(node: int, left: int) -> None:
        seen[node] = 1
        for other in range(4):
            if left > 0 and LINKS[node, other] and not seen[other]:
                h[other] += 0.3 * h[node] ** 2
                visit(other, left - 1)

    visit(0, n)
    return np.sum(h) * len(edges)


LINKS = np.array([[0, 1, 1, 0], [1, 0, 0, 1], [1, 0, 0, 0], [0, 1, 0, 0]])


def sort(a: Any, low: int, high: int) -> None:
    if low < high:
        k = low
        for j in range(low, high):
            if a[j] < a[high]:
                a[j], a[k] = a[k], a[j]
                k += 1
        a[k], a[high] = a[high], a[k]
        sort(a, low, k - 1)
        sort(a, k + 1, high)


def sorted_in_place(x: Any, n: int) -> Any:
    a = x * x
    sort(a, 0, n)
    return a @ np.array([1.0, 2.0, 3.0, 4.0])


CASES = [
    filled, accumulated, item_of_a_list, attributes, what_is_returned_is_the_argument, parts_of_one_array, given_twice,
    grown, memory, mutual, depth_first, sorted_in_place,
]  # fmt: skip


@pytest.mark.parametrize("f", CASES, ids=lambda f: f.__name__)
def test_both_modes(f: Callable[..., Any], agrees: Callable[..., None]) -> None:
    agrees(f, X, 3)


@pytest.mark.parametrize("f", [filled, attributes, parts_of_one_array, grown], ids=lambda f: f.__name__)
def test_second_order(f: Callable[..., Any]) -> None:
    along, h = np.cos(X), 1e-5
    dot = jvp(grad(f), (X, 3), (along, 0))[1]
    numeric = (grad(f)(X + h * along, 3) - grad(f)(X - h * along, 3)) / (2 * h)
    assert np.allclose(dot, numeric, rtol=1e-6, atol=1e-7)
    assert np.allclose(vjp(grad(f), X, 3)[1](along)[0], dot)


def test_the_call_returns_what_it_wrote() -> None:
    made = flat_function(filled, described(filled, (X, 3), {})).function
    (op,) = applied_in_turn(made.body)
    assert [p.name for p in op.defined.params] == ["a", "x", "n"]
    assert [a.type for a in op.defined.body.yields] == [op.defined.params[0].leaves[0].type]  # the new `a`, no value


def lu_by_blocks(A: Any) -> None:
    if len(A) > 1:
        A[1:, 0] /= A[0, 0]
        A[1:, 1:] -= np.outer(A[1:, 0], A[0, 1:])
        lu_by_blocks(A[1:, 1:])


def test_views_of_an_argument_are_written_through() -> None:
    f = returning(lu_by_blocks, "A")
    along = np.sin(A)
    value, dot = jvp(f, (A,), (along,))
    L, U = np.tril(value, -1) + np.eye(3), np.triu(value)
    assert np.allclose(L @ U, A)
    h = 1e-6
    assert np.allclose(dot, (f(A + h * along) - f(A - h * along)) / (2 * h), rtol=1e-6, atol=1e-8)
    w = np.cos(A)
    assert np.isclose(np.sum(vjp(f, A)[1](w)[0] * along), np.sum(w * dot))


def test_an_array_without_a_name_is_returned_as_it_was_left(agrees: Any) -> None:
    def climb(x: Any) -> Any:
        def rec(u: Any, n: int) -> Any:
            if n == 0:
                u[0] = x[0]
                return u
            e = rec(np.zeros(2), n - 1)
            u[1] = e[0] + e[1]
            return u

        return rec(x * 2, 12)

    def doubled(x: Any) -> Any:
        def rec(a: Any, k: int) -> Any:
            if k == 0:
                return a
            b = rec(a, k - 1)
            b[0] *= 2
            return b

        return rec(x * 0.5, 12)

    agrees(climb, np.array([0.5, 0.3]))
    agrees(doubled, np.array([0.5, 0.3, 0.8]))


def test_a_multigrid_cycle_in_place(agrees: Any) -> None:
    def smooth(u: Any, b: Any, h: float) -> None:
        u[1:-1] = 0.5 * (u[:-2] + u[2:] + h * h * b[1:-1])

    def cycle(u: Any, b: Any, h: float) -> Any:
        if len(u) <= 3:
            u[1:-1] = 0.5 * h * h * b[1:-1]
            return u
        smooth(u, b, h)
        r = np.zeros_like(u)
        r[1:-1] = b[1:-1] + (u[:-2] - 2 * u[1:-1] + u[2:]) / (h * h)
        coarse = r[::2].copy()
        e = cycle(np.zeros_like(coarse), coarse, 2 * h)
        u[::2] += e
        u[1::2] += 0.5 * (e[:-1] + e[1:])
        smooth(u, b, h)
        return u

    agrees(lambda b: cycle(np.zeros_like(b), b, 1 / (len(b) - 1)), np.linspace(-1.0, 2.0, 9) ** 2)
