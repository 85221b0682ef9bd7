"""Iteration: what is unrolled, what becomes a loop, and the items that each iterable gives."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from wengert import grad

X = np.array([0.5, -1.5, 2.5])
A = np.arange(1.0, 7.0).reshape(3, 2)


def test_what_is_known_is_unrolled(flat: Any) -> None:
    def f(x: float) -> float:
        for k, name in enumerate(("a", "b"), start=1):
            x = x * k if name != "a" else x
        return x

    assert flat(f, 2.0) == ["x'2 = mul(x, 2)", "return x'2"]


def test_a_range_is_a_loop_over_a_range(flat: Any) -> None:
    def f(x: float, n: int) -> float:
        for k in range(1, n, 2):
            x = x * k
        return x

    lines = flat(f, 2.0, 5)
    assert lines[0] == "v1 = range(1, n, 2)"
    assert lines.count("x'3 = mul(x'2, k)") == 1
    assert any(line.startswith("for k in v") and "x'2 = x" in line for line in lines)


def over_rows(A: Any) -> Any:
    return sum((k + 1) * r[0] * r @ r for k, r in enumerate(A))


def zipped(x: Any, A: Any) -> Any:
    total = 0.0
    for a, (b, c), k in zip(x, A, range(2, 100)):
        total = total + a * b * c * k
    return total


def reversed_pairs(x: Any) -> Any:
    total = 1.0
    for i, v in reversed(list(enumerate(x))):
        total = total * 0.5 + v * i
    return total


def backwards(x: Any, n: int) -> Any:
    total = 0.0
    for k in range(n - 1, -1, -1):
        total = total * x[k] + k * x[-k]
    return total


def starting_at(x: Any) -> Any:
    total = 0.0
    for i, v in enumerate(x[::-1], start=3):
        total = total + v * v * i
    return total


def nested(A: Any) -> Any:
    return sum(a * b for row in A for a in row for b in row if a != b)


def lists_of_lists(A: Any) -> Any:
    rows = [[a * k for k, a in enumerate(row)] for row in A]
    return np.sum(np.array(rows) ** 2)


def mapped(x: Any) -> Any:
    return sum(map(lambda a, b: a * b * b, x, x[1:])) + sum(list(map(np.sin, x)))


def shadowed(x: Any) -> Any:
    total = 0.0
    for x in x:  # noqa: B020
        total = total + x * x
    return total * x


def after_the_loop(x: Any) -> Any:
    for i, v in enumerate(x):  # noqa: B007
        pass
    return v * v * i


def over_a_dict(x: float) -> Any:
    p = {"a": x, "b": x * x}
    return sum(v * len(k) for k, v in p.items()) + sum(p[k] for k in p) * 2.0


def consumed_while_changing(x: Any) -> Any:
    y = x
    for v in y:
        y = y * v
    return np.sum(y)


def strings(x: float) -> Any:
    return sum(x**k for k, c in enumerate("abab") if c == "b")


CASES = [
    (over_rows, (A,)), (zipped, (X, A)), (reversed_pairs, (X,)), (backwards, (X, 3)), (starting_at, (X,)),
    (nested, (A,)), (lists_of_lists, (A,)), (mapped, (X,)), (shadowed, (X,)), (after_the_loop, (X,)),
    (over_a_dict, (1.5,)), (consumed_while_changing, (X,)), (strings, (1.5,)),
]  # fmt: skip


@pytest.mark.parametrize(("f", "args"), CASES, ids=lambda v: getattr(v, "__name__", ""))
def test_items(f: Any, args: Any, agrees: Any) -> None:
    agrees(f, *args)


@pytest.mark.parametrize("n", [0, 1, 2, 5])
def test_any_length(n: int, agrees: Any) -> None:
    gradient = grad(lambda x: sum(v * v * (i + 1) for i, v in enumerate(x)) + 0.0 * np.sum(x))
    assert np.array_equal(gradient(np.ones(n)), 2.0 * np.arange(1, n + 1))


def test_zip_stops_at_the_shortest_and_strict_does_not() -> None:
    def f(x: Any, y: Any, strict: Any) -> Any:
        if strict:
            return sum(a * b for a, b in zip(x, y, strict=True))
        return sum(a * b for a, b in zip(x, y))

    assert grad(f)(X, X[:2], None).tolist() == [0.5, -1.5, 0.0]
    assert grad(f)(X, X, "yes").tolist() == X.tolist()
    with pytest.raises(ValueError, match="zip"):
        grad(f)(X, X[:2], "yes")
