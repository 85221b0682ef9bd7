"""Expressions: order, short circuits, what is decided before the program runs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from wengert import UnsupportedError, grad

X = np.array([0.5, -1.5, 2.5])


def test_one_operation_a_line_and_operands_from_left_to_right(flat: Any) -> None:
    def f(x: float, y: float) -> float:
        return (x + y) * -x - y / 2.0

    assert flat(f, 1.0, 2.0) == [
        "v1 = add(x, y)", "v2 = neg(x)", "v3 = mul(v1, v2)", "v4 = truediv(y, 2.0)", "value = sub(v3, v4)",
        "return value",
    ]  # fmt: skip


def test_tuples_and_dicts_with_known_parts_emit_nothing(flat: Any) -> None:
    def f(x: float) -> float:
        p = {"a": (x, [x, 2.0]), **{"b": x}}
        a, (b, *c) = p["a"], (1.0, x)
        return {**p, "b": a[0]}["b"] * a[1][1] * c[-1] if "a" in p and "c" not in p else b

    assert flat(f, 2.0) == ["v1 = mul(x, 2.0)", "value = mul(v1, x)", "return value"]


def test_the_users_floats_are_not_folded_and_ints_are(flat: Any) -> None:
    assert flat(lambda x: x * 0.0 + 2.0 * 3.0 - (1 + 2), 1.0) == [
        "v1 = mul(x, 0.0)", "v2 = mul(2.0, 3.0)", "v3 = add(v1, v2)", "v4 = sub(v3, 3)", "return v4",
    ]  # fmt: skip


def test_a_chained_comparison_is_decided_link_by_link(flat: Any) -> None:
    assert flat(lambda x: 0.0 < x < 1.0, 2.0) == [
        "v1 = lt(0.0, x)", "if v1:", "v2 = lt(x, 1.0)", "yield v2", "else:", "yield v1", "=> v3", "return v3",
    ]  # fmt: skip


@pytest.mark.parametrize("x", [-2.0, 0.5, 3.0])
def test_and_or_return_an_operand(agrees: Any, x: float) -> None:
    agrees(lambda x: (x > 0.0 and x * x) or -3.0 * x, x)
    agrees(lambda x: (x or 1.0) * (0.0 or x) * (x and 2.0), x)
    agrees(lambda x: x * (not x > 1.0) + (x if not -x else 1.0), x)


def test_what_is_short_circuited_does_not_run(capsys: Any) -> None:
    def f(x: float) -> float:
        return x if x > 0.0 or print("right") else 2.0 * x

    assert grad(f)(1.0) == 1.0 and capsys.readouterr().out == ""
    assert grad(f)(-1.0) == 2.0 and capsys.readouterr().out == "right\n"


def test_the_middle_of_a_chain_runs_once(capsys: Any) -> None:
    def loud(x: float) -> float:
        print("once")
        return x

    assert grad(lambda x: x * x if 0.0 < loud(x) < 1.0 else x)(0.5) == 1.0
    assert capsys.readouterr().out == "once\n"


def test_arithmetic_of_every_kind(agrees: Any) -> None:
    agrees(lambda x, y: x % y + x // y * y + x**y - (-x) ** 2 + +y, 7.3, 2.2)
    agrees(lambda x: x**3 + x**-2 + x**0.5 + 2**x + (1 << 3) * x - (7 ^ 2) * x, 1.3)
    agrees(lambda x, A: x @ A @ x + (A @ A)[0, 1], X, np.arange(9.0).reshape(3, 3))


def test_lists_in_arithmetic_with_arrays_become_arrays(agrees: Any) -> None:
    agrees(lambda x: np.sum(x * [1.0, 2.0, 3.0]) + np.sum([x[0], x[1] * x[2]] * x[:2]), X)
    agrees(lambda x: sum(([x] * 3 + 2 * [x * x])[1:4]), 1.5)


def test_a_walrus_in_a_comprehension_binds_outside(agrees: Any) -> None:
    def f(x: float) -> float:
        parts = [last := x * k for k in (1.0, 2.0, 3.0)]
        if (y := parts[0] * last) > 0.0:
            return y + last
        return y

    agrees(f, 1.5)
    assert grad(f)(1.5) == 2.0 * 3.0 * 1.5 + 3.0


def test_lambdas_see_names_when_they_are_called() -> None:
    def f(x: float) -> float:
        late = [lambda: k * x for k in (1.0, 2.0, 3.0)]  # noqa: B023
        early = [lambda k=k: k * x for k in (1.0, 2.0, 3.0)]
        return sum(g() for g in late) + 100.0 * sum(g() for g in early)

    assert grad(f)(1.0) == 9.0 + 600.0


def test_identity_and_membership_are_decided_now(flat: Any) -> None:
    def f(x: float, y: Any = None) -> float:
        if y is None and x is not None and "a" in ("a", "b") and 3 not in (4, 5):
            return x
        return 2.0 * x

    assert flat(f, 1.0) == ["return x"]


def test_formatted_strings(capsys: Any) -> None:
    def f(x: float) -> float:
        n = 3
        print(f"{x:.3f} {n!r:>4} {x * 2.0=}" + "!")
        return x

    grad(f)(1.25)
    got = capsys.readouterr().out
    f(1.25)
    assert got == capsys.readouterr().out


def test_dict_comprehensions(agrees: Any) -> None:
    agrees(lambda x: sum({k: x ** (k + 1) for k in range(3) if k != 1}.values()), 1.5)


@pytest.mark.usefixtures("any_length")
def test_a_tuple_times_a_number_of_run_time_is_a_tuple() -> None:
    assert grad(lambda x, k: np.sum(x * np.ones((3,) * k)))(1.0, 2) == 9.0
    with pytest.raises(UnsupportedError, match="only known when the program runs"):
        grad(lambda x, n: sum((x,) * n))(2.0, 3)
    assert grad(lambda x, n: sum([x] * n))(2.0, 3) == 3.0
