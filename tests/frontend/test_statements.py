"""Statements: what an assignment binds, what shares memory, what is kept for its effect."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from wengert import UnsupportedError, grad

X = np.array([0.5, -1.5, 2.5])


def test_assignments_only_rename(flat: Any) -> None:
    def f(x: float) -> float:
        a = b = x * x
        a, b = b, x
        c: float = a
        d: int  # noqa: F842
        del a
        return c * b

    assert flat(f, 2.0) == ["a = mul(x, x)", "value = mul(a, x)", "return value"]


def test_unpacking(agrees: Any) -> None:
    def f(x: float, v: Any, A: Any) -> Any:
        (a, b), [c, *d], *e = (x, 2.0 * x), [x, 3.0, x * x], x
        p, *q, r = v
        (s, t, _), w = A
        first, *_ = (n for n in (1.0, 2.0))
        return a * b + c * d[1] + e[0] + p * r + q[0] + s * t + w[1] * first

    agrees(f, 1.5, X, np.arange(6.0).reshape(2, 3))


def test_a_swap_reads_before_it_writes(agrees: Any) -> None:
    def f(x: float, y: float) -> float:
        for _ in range(3):
            x, y = y * 2.0, x + y
        return x - y * y

    agrees(f, 0.3, 0.4)


def test_augmented_assignment_of_numbers_rebinds(agrees: Any) -> None:
    def f(x: float) -> float:
        y = x
        y += 1.0
        y *= x
        y -= x / 2.0
        y /= 3.0
        y **= 2
        return y + x

    agrees(f, 1.5)


def test_augmented_assignment_of_an_own_array(agrees: Any) -> None:
    def f(x: Any) -> Any:
        y = x * 2.0
        y += x[::-1]
        y *= y
        y @= np.eye(3)
        return np.sum(y) + np.sum(x)

    agrees(f, X)


def alias(x: Any) -> Any:
    y = x + 1.0
    z = y
    y += x
    return np.sum(z)


def view(x: Any) -> Any:
    y = x + 1.0
    z = y[1:]
    y += x
    return np.sum(z)


def in_a_tuple(x: Any) -> Any:
    p = (x + 1.0, x)
    y = p[0]
    y += x
    return np.sum(p[0])


def in_a_closure(x: Any) -> Any:
    y = x + 1.0
    g = lambda: np.sum(y)  # noqa: E731
    z = y
    z += x
    return g()


def from_a_helper(x: Any) -> Any:
    def same(v: Any) -> Any:
        return v

    y = x + 1.0
    z = same(y)
    z += x
    return np.sum(y)


def reshaped(x: Any) -> Any:
    y = x + 1.0
    z = np.reshape(y, (3, 1))
    z *= 2.0
    return np.sum(y)


def transposed(x: Any) -> Any:
    y = np.outer(x, x)
    z = y.T
    z *= 2.0
    return np.sum(y)


def in_a_loop(x: Any) -> Any:
    y = x + 1.0
    z = y
    for _ in range(2):
        y += x
    return np.sum(z * y)


def on_one_path(x: Any) -> Any:
    y = x + 1.0
    z = y if x[0] > 0.0 else x * 2.0
    z += x
    return np.sum(y)


def kept_from_a_trip(x: Any) -> Any:
    y = x + 1.0
    seen = y
    for _ in range(2):
        seen = y
        y = y * 2.0
    y += x
    seen *= 2.0
    return np.sum(y + seen)


SHARED = [alias, view, in_a_tuple, in_a_closure, from_a_helper, reshaped, transposed, in_a_loop, on_one_path,
          kept_from_a_trip]  # fmt: skip


@pytest.mark.parametrize("f", SHARED, ids=lambda f: f.__name__)
def test_augmented_assignment_of_a_shared_array_is_exact_or_refused(f: Any, agrees: Any) -> None:
    try:
        grad(f)(X)
    except UnsupportedError as error:
        assert "may share memory with" in str(error)
    else:
        agrees(f, X)


def test_effects_run_once_and_in_order(capsys: Any) -> None:
    def f(x: float) -> float:
        print("a", x)
        y = x * x
        if y > 1.0:
            print("b", end="")
        for k in range(2):
            print(k, sep="")
        return y

    assert grad(f)(2.0) == 4.0
    got = capsys.readouterr().out
    f(2.0)
    assert got == capsys.readouterr().out == "a 2.0\nb0\n1\n"


def test_asserts_and_raises_are_kept() -> None:
    def f(x: float) -> float:
        assert x < 10.0, f"too large: {x}"
        if x < 0.0:
            raise ValueError("negative", x) from KeyError("cause")
        return math.sqrt(x)

    assert grad(f)(4.0) == 0.25
    with pytest.raises(AssertionError, match=r"too large: 11\.0"):
        grad(f)(11.0)
    with pytest.raises(ValueError, match="negative") as caught:
        grad(f)(-1.0)
    assert isinstance(caught.value.__cause__, KeyError) and caught.value.args == ("negative", -1.0)


def test_inner_functions_and_nonlocal(agrees: Any) -> None:
    def f(x: float) -> float:
        total = 0.0

        def add(v: float, weight: float = 2.0) -> None:
            nonlocal total
            total = total + weight * v

        for k in range(3):
            add(x * k)
        add(x * x, weight=1.0)
        return total

    agrees(f, 1.5)
    assert grad(f)(1.5) == 6.0 + 3.0


def test_decorators_of_inner_functions(agrees: Any) -> None:
    def f(x: float) -> float:
        def twice(g: Any) -> Any:
            return lambda v: 2.0 * g(v)

        @twice
        @twice
        def square(v: float) -> float:
            return v * v

        return square(x)

    agrees(f, 1.5)


def test_imports_inside(agrees: Any) -> None:
    def f(x: float) -> float:
        import math as m
        from math import cos

        import numpy.linalg

        return m.sin(x) * cos(x) + numpy.linalg.norm(np.stack([x, 1.0]))

    agrees(f, 0.4)


def test_a_deleted_name_is_gone() -> None:
    def f(x: float) -> float:
        y = x
        del y
        return y  # noqa: F821

    with pytest.raises(UnsupportedError, match="`y` is read before it is assigned"):
        grad(f)(1.0)
