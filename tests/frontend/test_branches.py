"""Branches: one arm where the test is known, results part by part where it is not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from wengert import UnsupportedError, grad, jvp, value_and_grad

X = np.array([0.5, -1.5, 2.5])


def test_a_known_test_takes_one_arm(flat: Any) -> None:
    def f(x: float, n: int | None = None) -> float:
        if n is None:
            return x
        return x.nonsense()  # type: ignore[attr-defined, no-any-return]

    assert flat(f, 1.0) == ["return x"]


def test_only_what_differs_is_a_result(flat: Any) -> None:
    def f(x: float) -> float:
        p, q = (x, 1.0), x
        if x > 0.0:
            p = (x, 2.0)
        return p[0] + p[1] * q

    lines = flat(f, 1.0)
    assert lines[:2] == ["v1 = gt(x, 0.0)", "if v1:"] and lines[2].endswith("2.0") and lines[4].endswith("1.0")
    assert not any("q" in line for line in lines)


def structures(x: Any) -> Any:
    if x[0] > 0.0:
        p = {"a": x[1], "b": [x[0], 1.0]}
    else:
        p = {"a": 2.0, "b": [x[2], x[1]]}
    return p["a"] * p["b"][0] + p["b"][1]


def mixed_types(x: float) -> Any:
    y = 1 if x > 0.0 else x
    z = x if x > 1.0 else 2
    return y * z * x


def mixed_shapes(x: Any) -> Any:
    y = x if x[0] > 0.0 else 1.0
    z = x[0] if x[1] > 0.0 else x[None, :]
    return np.sum(y * z)


def one_path_only(x: float) -> Any:
    if x > 0.0:
        y = x * x
    z = x
    if x > 0.0:
        z = z * y
    return z


def elif_chain(x: float) -> Any:
    if x < -1.0:
        y = -x
    elif x < 0.0:
        return x * x
    elif x < 1.0:
        y = x**3
    else:
        y = 1.0
    return y * x


def swapped(x: float, y: float) -> Any:
    if x < y:
        x, y = y, x
    return x * x * y


CASES = [
    (structures, (X,)), (structures, (-X,)), (mixed_shapes, (X,)), (mixed_shapes, (-X,)),
    *((mixed_types, (v,)) for v in (-0.5, 0.5, 1.5)), *((elif_chain, (v,)) for v in (-1.5, -0.5, 0.5, 1.5)),
    *((one_path_only, (v,)) for v in (-0.5, 0.5)), (swapped, (1.0, 2.0)), (swapped, (2.0, 1.0)),
]  # fmt: skip


@pytest.mark.parametrize(("f", "args"), CASES, ids=lambda v: getattr(v, "__name__", ""))
def test_branches(f: Any, args: Any, agrees: Any) -> None:
    agrees(f, *args)


def test_a_name_of_the_other_path_is_pythons_error() -> None:
    def f(x: float) -> float:
        if x > 0.0:
            y = x * x
        return y

    assert grad(f)(2.0) == 4.0
    with pytest.raises(UnboundLocalError):
        value_and_grad(f)(-2.0)


def test_what_does_not_fit_together_may_stay_unread() -> None:
    def f(x: float) -> float:
        if x > 0.0:
            y: Any = (x, x)
        else:
            y = x  # noqa: F841
        return x * x

    assert grad(f)(2.0) == 4.0


def test_what_a_branch_makes_longer_still_holds_what_it_held() -> None:
    """A list of two lengths, and names that may share memory before a branch that gives both new arrays."""
    def appended(a: Any, b: Any) -> Any:
        held = [a, b]
        if np.sum(a) > 1.0:
            held.append(a)
        b[0] = 5.0
        return held[1]

    def walked(a: Any, b: Any) -> Any:
        held = [a]
        if np.sum(a) > 1.0:
            held += [b]
        for e in held:
            e *= 2.0
        return b

    def two_branches(a: Any, b: Any) -> Any:
        a = a.copy() if a[0] > 100.0 else b
        if a[1] > 0.0:
            pass
        else:
            a, b = np.ones(2), np.ones(2)
        b[0] -= 1.0
        return a

    a, b = np.array([0.2, 0.3]), np.array([0.9, 0.2])
    for f in (appended, walked, two_branches):
        for scale in (1.0, 5.0):
            try:
                got = jvp(f, (a * scale, b), (a, b))[0]
            except UnsupportedError as error:
                assert "may share memory" in str(error)
            else:
                assert np.allclose(got, f(a * scale, b.copy()))
