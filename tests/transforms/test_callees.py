"""Calls of emitted functions: each derivative is made once for what a call knows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from wengert import grad, hessian, jacfwd, jacrev, jvp, pipeline, vjp
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


A = np.array([0.31, -0.83, 1.13])


def made_on_one_path(a: Any) -> Any:
    def rec(z: Any, n: int) -> Any:
        if n <= 0:
            return np.sin(z)
        u = np.full(2, z) * a[:2]
        return rec(u[1], n - 1) * z + u[0]

    return rec(a[0], 4)


def written_on_one_path(a: Any) -> Any:
    def rec(c: Any, n: int) -> Any:
        if n <= 0:
            return np.dot(c, c)
        if c[0] > 0.0:
            w = c[::-1] * 2.0
            c[1:] *= w[1:]
        s = rec(c, n - 1)
        c[0] += 0.1 * s * c[1]
        return s

    return rec(a * 0.5, 4) + np.sum(a)


class State:
    def __init__(self, u: Any) -> None:
        self.u = u


def of_an_attribute(a: Any) -> Any:
    def rec(z: Any, n: int) -> Any:
        if n <= 0:
            return z
        o = State(np.full(3, z) * np.ones(3))
        s = rec(o.u[2], n - 1)
        return np.dot(o.u, o.u[:]) * s

    return rec(a[0] + 0.4, 6)


@pytest.mark.parametrize("f", [made_on_one_path, written_on_one_path, of_an_attribute])
def test_what_was_recorded_on_one_path_only_has_no_shape_on_the_other(f: Any, simplification: str) -> None:
    """Second derivatives of recursions in every mix of modes: an array of the other path is None there."""
    d, e, h = np.array([0.7, 1.1, -0.4]), np.array([-0.6, 0.9, 1.3]), 1e-5
    gradient = grad(f)
    want = e @ (gradient(A + h * d) - gradient(A - h * d)) / (2.0 * h)
    assert np.isclose(e @ jvp(gradient, (A,), (d,))[1], want, rtol=1e-6)
    assert np.isclose(vjp(gradient, A)[1](e)[0] @ d, want, rtol=1e-6)
    assert np.isclose(grad(lambda a: jvp(f, (a,), (d,))[1])(A) @ e, want, rtol=1e-6)


def test_a_recursion_prints_once_in_a_jacobian(capsys: pytest.CaptureFixture[str]) -> None:
    def rec(z: Any, n: int) -> Any:
        print(n)
        return z if n <= 0 else rec(np.sin(z), n - 1) * z

    def total(a: Any) -> Any:
        return np.sum(rec(a, 6))

    x = np.array([0.3, 0.5])
    for made in (jacfwd(lambda a: rec(a, 6)), hessian(total)):
        made(x)
        assert capsys.readouterr().out.split() == [str(n) for n in range(6, -1, -1)]
