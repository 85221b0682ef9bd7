"""Calls of emitted functions: each derivative is made once for what a call knows."""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert import jacfwd, jacrev, pipeline
from wengert.ir.callee import Emitted, applied_in_turn
from wengert.ir.interpret import run
from wengert.ir.nodes import LEAF, Block, Function
from wengert.transforms.callees import Facts, halves_of, tangent_of


def power(b: Any, n: int) -> Any:
    return 1.0 if n == 0 else b * power(b, n - 1)


def emitted() -> Emitted:
    flat = pipeline.flat_function(power, pipeline.described(power, (1.5, 4), {})).function
    (op,) = applied_in_turn(flat.body)
    return op


def test_the_tangent_returns_values_then_tangents() -> None:
    op = emitted()
    made = tangent_of(op, Facts((True, False)))
    assert made.name == "power_tangent" and made.items == (LEAF, LEAF)
    assert made(1.5, 4, 1.0) == (1.5**4, 4 * 1.5**3)
    assert applied_in_turn(made.defined.body) == [made]


def test_the_halves_of_the_adjoint() -> None:
    op = emitted()
    primal, pullback = halves_of(op, Facts((True, False), (False, False), solid=True))
    value, recorded = primal(1.5, 4)
    assert value == 1.5**4
    assert pullback(recorded, 1.0) == 4 * 1.5**3 and pullback(recorded, 2.0) == 8 * 1.5**3
    assert op.recursive and not Emitted("empty", Function("empty", (), Block((), ()), LEAF)).recursive


def test_a_recursion_finds_its_own_halves() -> None:
    primal, pullback = halves_of(emitted(), Facts((True, False), (False, False)))
    assert applied_in_turn(primal.defined.body) == [primal] and applied_in_turn(pullback.defined.body) == [pullback]


def test_a_derivative_is_made_once_for_what_is_known() -> None:
    op = emitted()
    facts = Facts((True, False), (False, False), solid=True)
    assert halves_of(op, facts) is halves_of(op, Facts((True, False), (False, False), solid=True))
    assert halves_of(op, facts) is not halves_of(op, Facts((True, False), (False, False), masked=True))
    assert tangent_of(op, Facts((True, False))) is tangent_of(op, Facts((True, False)))


def test_second_order_applies_the_derivatives_of_derivatives() -> None:
    op = emitted()
    primal, pullback = halves_of(op, Facts((True, False), (False, False), solid=True))
    moved = tangent_of(primal, Facts((True, False)))
    value, recorded, dot, recorded_dot = moved(1.5, 4, 1.0)
    assert (value, dot) == (1.5**4, 4 * 1.5**3)
    turned = tangent_of(pullback, Facts((True, False)))
    assert turned(recorded, 1.0, recorded_dot) == (4 * 1.5**3, 12 * 1.5**2)


def test_the_interpreter_runs_calls() -> None:
    flat = pipeline.flat_function(power, pipeline.described(power, (1.5, 4), {})).function
    assert run(flat, [1.5, 6]) == [1.5**6]


def test_tangents_of_tangents_of_a_recursion() -> None:
    def product(x: float, n: int) -> float:
        if n < 1:
            return x
        return x * product(x, n - 1)

    x = 0.3
    assert np.isclose(jacfwd(jacfwd(product))(x, 9), 90 * x**8)
    assert np.isclose(jacfwd(jacfwd(jacfwd(product)))(x, 9), 720 * x**7)
    assert np.isclose(jacfwd(jacrev(jacfwd(product)))(x, 9), 720 * x**7)
