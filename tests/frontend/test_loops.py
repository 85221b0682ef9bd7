"""Loops: what they carry, how types widen, how they end."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from wengert import grad, jacfwd, jacrev, value_and_grad

X = np.array([0.5, -1.5, 2.5])


def test_only_what_changes_is_carried(flat: Any) -> None:
    def f(x: float, k: float, n: int) -> float:
        t = 1.0
        for _ in range(n):
            t = t * x + k
        return t

    assert flat(f, 2.0, 3.0, 4) == [
        "v1 = range(n)",
        "for _ in v1 with t = 1.0, _'2 = <undefined>:",
        "v2 = mul(t, x)",
        "t'2 = add(v2, k)",
        "yield t'2, _",
        "=> t'3, _'3",
        "return t'3",
    ]


def test_a_while_tests_in_a_block_of_its_own(flat: Any) -> None:
    def f(x: float) -> float:
        while x > 1.0:
            x = x / 2.0
        return x

    assert flat(f, 4.0) == [
        "while with x'2 = x:", "v1 = gt(x'2, 1.0)", "test v1", "do:", "x'3 = truediv(x'2, 2.0)", "yield x'3",
        "=> x'4", "return x'4",
    ]  # fmt: skip


def widening(x: float) -> Any:
    t = 0
    for v in (x, x * x):
        t = t + v
    s = 1
    for _ in range(int(abs(x)) + 2):
        s = s * x
    return t * s


def to_an_array(x: Any) -> Any:
    t = 0.0
    for k in range(len(x)):
        t = t + x * k
    return np.sum(t * t)


def from_none(x: Any) -> Any:
    best = None
    for v in x:
        best = v if best is None or v * v > best * best else best
    return best * best


def structures(x: Any) -> Any:
    p, d = (0.0, [1.0, 2.0]), {"a": 1.0}
    for v in x:
        p, d = (p[0] + v, [p[1][1], p[1][0] * v]), {"a": d["a"] * v}
    return p[0] * p[1][0] + p[1][1] * d["a"]


def growing_shape(x: Any) -> Any:
    y = x
    for _ in range(3):
        y = np.concatenate([y, x * y[0]])
    return np.sum(y * y)


def shrinking_shape(x: Any) -> Any:
    y = x
    while len(y) > 1:
        y = y[1:] * y[:-1]
    return y[0]


def broadcast_on_the_way(x: Any, s: float) -> Any:
    t = s
    for row in np.outer(x, x):
        t = t * 0.5 + row
    return np.sum(t * t)


def first_in_the_loop(x: Any) -> Any:
    for v in x:
        y = v * v
    return y * v


def else_clause(x: Any) -> Any:
    t = 0.0
    for v in x:
        if v > 100.0:
            break
        t = t + v * v
    else:
        t = t * 3.0
    return t


def early_return(x: Any) -> Any:
    for i in range(3):
        for j in range(3):
            if x[i] * x[j] < 0.0:
                return x[i] * x[i] * x[j]
    return x[0]


def continued(x: Any) -> Any:
    t = 1.0
    for v in x:
        if v < 0.0:
            continue
        t = t * v
        if t > 100.0:
            break
    return t


def bisection(x: float) -> Any:
    low, high = 0.0, x
    while high - low > 0.1:
        middle = (low + high) / 2.0
        if middle * middle < 0.3:
            low = middle
        else:
            high = middle
    return low * high


def walrus(x: float) -> Any:
    t = 0.0
    while (y := x / (1.0 + t)) > 0.3:
        t = t + y
    return t * y


def closures_in_a_loop(x: Any) -> Any:
    t = 0.0
    for v in x:
        g = lambda u: u * v  # noqa: B023, E731
        t = t + g(v) * g(2.0)
    return t


def index_changed(x: Any) -> Any:
    t = 0.0
    for k in range(3):
        k = k * 2 % 3
        t = t + x[k] ** (k + 1)
    return t


CASES = [
    (widening, (2.5,)), (to_an_array, (X,)), (from_none, (X,)), (structures, (X,)), (growing_shape, (X,)),
    (shrinking_shape, (X,)), (broadcast_on_the_way, (X, 0.5)), (first_in_the_loop, (X,)), (else_clause, (X,)),
    (early_return, (X,)), (continued, (X,)), (bisection, (2.0,)), (walrus, (1.5,)), (closures_in_a_loop, (X,)),
    (index_changed, (X,)),
]  # fmt: skip


@pytest.mark.parametrize(("f", "args"), CASES, ids=lambda v: getattr(v, "__name__", ""))
def test_loops(f: Any, args: Any, agrees: Any) -> None:
    agrees(f, *args)


def test_a_loop_that_does_not_run(agrees: Any) -> None:
    def f(x: float, n: int) -> float:
        for _ in range(n):
            x = x * x
        return x * 3.0

    assert [grad(f)(2.0, n) for n in (0, 1, 2)] == [3.0, 12.0, 96.0]


def test_a_name_that_no_trip_assigned_is_pythons_error() -> None:
    def f(x: float, n: int) -> float:
        for k in range(n):
            y = x * k
        return y

    assert grad(f)(2.0, 3) == 2.0
    with pytest.raises(UnboundLocalError):
        value_and_grad(f)(2.0, 0)


def test_items_whose_lengths_have_several_names_settle() -> None:
    """A list that begins with an argument and goes on with arrays of a written length: the history of every solver."""
    def solver(x: Any) -> Any:
        ys = [x]
        for _ in range(50):
            ys.append(np.array([ys[-1][1], 0.99 * ys[-1][0]]))
        return np.sum(np.array(ys)[:, 0])

    def until(x: Any) -> Any:
        ys = [x]
        while len(ys) < 4:
            ys.append(np.array([ys[-1][1] ** 2, ys[-1][0]]))
        return ys[-1][0]

    def renewed(x: Any) -> Any:
        q = [np.zeros(2), np.ones(2)]
        for e in x:
            q = [x * e]
        return np.sum(q[0])

    x = np.array([1.1, 0.2])
    for f in (solver, until, renewed):
        for made in (grad, jacfwd, jacrev):
            want = [(f(x + d) - f(x - d)) / 2e-6 for d in 1e-6 * np.eye(2)]
            assert np.allclose(made(f)(x), want, atol=1e-7), f


def test_a_list_that_each_trip_makes_anew() -> None:
    """Its length is another one than before the loop: what a trip leaves is the list of the trip."""
    def numbers(x: Any) -> Any:
        q = [0.0, 1.0]
        for e in x:
            q = [e * e]
        return q[0]

    def filled(x: Any) -> Any:
        q = [np.zeros(2), np.ones(2)]
        for e in x:
            q = [x * e]
            q.append(x * 2)
            q.append(x * e * e)
        return np.sum(q[2]) + np.sum(q[0])

    def empty(x: Any) -> Any:
        q: list[Any] = []
        for e in x:
            q = [x, x * e]
        return np.sum(q[1])

    def in_a_tuple(x: Any) -> Any:
        pair = ([x], 1.0)
        for e in x:
            pair = ([x * e, x], e * 2)
        return np.sum(pair[0][0]) * pair[1]

    x = np.array([1.1, 0.2])
    for f in (numbers, filled, empty, in_a_tuple):
        for made in (grad, jacfwd, jacrev):
            want = [(f(x + d) - f(x - d)) / 2e-6 for d in 1e-6 * np.eye(2)]
            assert np.allclose(made(f)(x), want, atol=1e-7), f
