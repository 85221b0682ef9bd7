"""Which values carry a derivative."""

from __future__ import annotations

import datetime
import operator
from typing import Any

import numpy as np
import pytest

from wengert import MissingRuleError, grad, jvp, pipeline
from wengert.analyses.activity import active, varied
from wengert.ir.nodes import Assign, Block, If, Store, Var
from wengert.ir.types import Array, Bool, Float

X, Y, Z, W, T = (Var(name, Float()) for name in "xyzwt")
B = Var("b", Bool())
U, V = Var("u", Array("float64", (3,))), Var("v", Array("float64", (3,)))


def names(found: Any) -> set[str]:
    return {v.hint for v in found if v.hint}


def of(f: Any, *args: Any, inputs: int = 1) -> set[str]:
    """The active names of a function in its first arguments."""
    made = pipeline.flat_function(f, pipeline.described(f, args, {})).function
    leaves = [v for p in made.params[:inputs] for v in p.leaves]
    return names(active(made.body, leaves, made.body.yields))


def test_varied_and_useful() -> None:
    body = Block((Assign(Y, operator.mul, (X, W)), Assign(Z, operator.neg, (W,)), Assign(T, operator.add, (Y, Z))), (T,))
    assert varied(body, [X]) == {X, Y, T}
    assert active(body, [X], (T,)) == {X, Y, T}
    assert active(body, [X], (Z,)) == set()
    assert active(body, [W], (Y,)) == {W, Y}


def test_comparisons_and_facts_are_not_varied() -> None:
    body = Block((Assign(B, operator.gt, (X, W)), Assign(Y, np.sign, (X,))), (Y,))
    assert varied(body, [X]) == {X}


def test_a_branch_is_varied_where_one_arm_is() -> None:
    choice = If((Z,), B, Block((), (X,)), Block((), (W,)))
    assert active(Block((choice,), (Z,)), [X], (Z,)) == {X, Z}
    assert active(Block((choice,), (Z,)), [Y], (Z,)) == set()


def test_stores_are_varied_by_what_they_hold() -> None:
    from wengert.ir.builder import constant

    body = Block((Store(V, U, constant(0), X),), (V,))
    assert active(body, [X], (V,)) == {X, V}


def test_through_a_loop_that_turns_names_around() -> None:
    def f(x: float, a: float, b: float, n: int) -> float:
        for _ in range(n):
            a, b, x = b, x, x * 0.5
        return a

    assert {"x", "a", "b"} <= of(f, 1.0, 2.0, 3.0, 4)


def test_what_a_loop_does_not_hand_out_is_not_active() -> None:
    def f(x: float, n: int) -> float:
        t, lost = x, x
        for _ in range(n):
            t = t * x
            lost = lost * t
        return t

    assert "lost" not in of(f, 1.0, 3) and "t" in of(f, 1.0, 3)


def test_integers_of_reals_are_cut() -> None:
    def f(x: Any) -> Any:
        i = x.astype(int)
        return np.sum(i * 2.0)

    assert "i" not in of(f, np.ones(3))


class Unknown:
    """`__new__` makes it a class whose objects are not taken apart."""

    def __new__(cls, value: Any) -> Any:
        return object.__new__(cls)

    def __init__(self, value: Any) -> None:
        self.value = value

    def get(self) -> Any:
        return self.value


def test_what_a_method_returns_may_depend_on_what_its_object_was_made_from() -> None:
    for f in (
        lambda x: Unknown(x).get() * x,
        lambda x: datetime.timedelta(seconds=x).total_seconds() * x,
    ):
        with pytest.raises(MissingRuleError, match="no derivative rule is registered"):
            grad(f)(2.0)
        with pytest.raises(MissingRuleError, match="no derivative rule is registered"):
            jvp(f, (2.0,), (1.0,))


def test_methods_of_what_carries_no_derivative_are_called() -> None:
    def f(x: Any) -> Any:
        rng = np.random.default_rng(0)
        return float(f"{2.5:.1f} ".strip()) * x + 0.0 * float(rng.normal(0.0, 1.0, 3)[0]) * x

    assert grad(f)(2.0) == 2.5


@pytest.mark.parametrize(
    "f",
    [
        lambda a: np.prod(np.split(a, 2)[0]) * np.sum(np.split(a, 2)[1]), lambda a: np.sum(np.atleast_1d(a[0], a)[1] ** 2),
        lambda a: np.hypot.reduce(a), lambda a: np.divide.reduce(a), lambda a: np.insert(a, 1, a[2:]) @ np.arange(6.0),
        lambda a: np.pad(a, 1, constant_values=a[0]) @ np.arange(6.0) ** 2,
    ],
)  # fmt: skip
def test_integers_are_real_inputs_in_parts_of_results_too(f: Any) -> None:
    whole = np.array([3, 2, 4, 1])
    direction = np.array([0.5, -1.0, 0.25, 2.0])
    want = grad(f)(whole.astype(float))
    assert np.any(want != 0.0)
    np.testing.assert_allclose(grad(f)(whole), want, rtol=1e-13)
    np.testing.assert_allclose(jvp(f, (whole,), (direction,))[1], want @ direction, rtol=1e-13)
