"""`min`, `max`, `any` and comparisons of tuples; tests with `and` of lists; comprehensions that need the number of the trip."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from wengert import UnsupportedError, grad, jvp
from wengert.frontend import carried

POINTS = np.array([[0.1, 0.0], [1.0, 0.2], [0.5, 1.0], [0.4, 0.3]])


def extremes(a: Any) -> Any:
    points = [(p[0], p[1]) for p in a]
    first, last = min(points), max(points, key=lambda p: (p[1], p[0]))
    s = first[0] * last[1]
    for p in points:
        if p > (0.45, 0.0):
            s += p[0] * p[1] ** 2
    return s * max(zip(a[0], a[1]))[0]


def stack(a: Any) -> Any:
    """What is tested by `and` is a list of tuples, or a bool."""
    runs: list[Any] = []
    for v in a[:, 1]:
        if runs and abs(runs[-1][0] - v) < 0.4:
            total, count = runs.pop()
            runs.append((total + v, count + 1))
        else:
            runs.append((v, 1))
    return sum(t / c for t, c in runs) * len(runs) + a[0, 0]


def by_name(a: Any) -> Any:
    p = {f"w{i}": a[i] for i in range(4)}
    best = max(p[f"w{i}"][0] for i in range(1, 3))
    parts = [p[f"w{i}"] @ p[f"w{i + 1}"] for i in range(3)]
    return best * sum(p["w" + str(i)][1] for i in range(4)) + parts[0] * parts[2] + any(p[f"w{i}"][0] > 5 for i in range(3))


def tables(a: Any) -> Any:
    """A list of dicts that a short loop fills."""
    v: list[Any] = [{}]
    for s in range(2):
        v[0][s] = a[s, 0]
    for t in range(1, 3):
        v.append({})
        for s in range(2):
            v[t][s] = max(v[t - 1][r] * a[r, 1] for r in range(2)) + a[t, s]
    return max(v[-1].values())


MORE = [pytest.param(f, marks=pytest.mark.exhaustive) for f in (extremes, tables)]


@pytest.mark.parametrize("f", [stack, by_name, *MORE], ids=lambda f: f.__name__)
def test_folds(f: Any, agrees: Any) -> None:
    agrees(f, POINTS)


def test_lists_are_compared_item_by_item() -> None:
    def f(a: Any, b: Any) -> Any:
        return a[0] * b[1] if a < b else b[0] if [a[0], a[1]] >= [b[0]] else a[1]

    for a, b in (([1.0, 2.0], [1.5, 0.3]), ([1.5, 2.0], [1.5, 0.3]), ([1.5, 0.3], [1.5, 0.3])):
        assert jvp(f, (a, b), (a, b))[0] == f(a, b)


@pytest.mark.usefixtures("any_length")
@pytest.mark.usefixtures("any_length")
def test_a_loop_whose_types_do_not_settle_is_refused(monkeypatch: Any) -> None:
    def f(x: Any, n: int) -> Any:
        y = 0
        for _ in range(n):
            y = y + x
        return y

    monkeypatch.setattr(carried, "PASSES", 1)
    with pytest.raises(UnsupportedError, match="`y`, which this loop changes, has another form in every trip") as caught:
        grad(f)(2.0, 3)
    assert caught.value.problems[0].instead and caught.value.problems[0].location is not None


def test_parts_of_complex_arrays() -> None:
    def f(x: Any) -> Any:
        w = x + 1j * x[::-1]
        w.real *= 2.0
        w.imag[1:] = x[:2] ** 2
        w.real[0] += x[2]
        v = np.zeros(3, dtype=complex)
        v.real = x
        v.imag = np.sin(x[0])
        return np.sum(np.abs(w) ** 2) + np.sum(np.abs(v * w))

    x, d = np.array([0.3, 0.6, 0.4]), np.array([0.2, -0.5, 0.7])
    slope = (f(x + 1e-6 * d) - f(x - 1e-6 * d)) / 2e-6
    value, tangent = jvp(f, (x,), (d,))
    assert math.isclose(value, f(x)) and np.isclose(tangent, slope) and np.isclose(grad(f)(x) @ d, slope)
