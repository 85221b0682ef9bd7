from __future__ import annotations

import operator
from typing import Any

import numpy as np
import pytest

from wengert.errors import ArgumentError, Location
from wengert.ir.builder import NONE, ONE, ZERO, constant
from wengert.ir.nodes import (
    LEAF,
    AddStore,
    Assign,
    Block,
    Comment,
    Display,
    For,
    Function,
    If,
    Param,
    Store,
    Structure,
    Var,
    While,
)
from wengert.ir.types import Array, Bool, Float, Int, Number, Range, Tape
from wengert.trace.evaluate import Evaluation, EvaluationError, evaluate


def rows(result: Evaluation) -> list[tuple[str, str, Any]]:
    return [(r.name, r.expression, r.value) for r in result.rows]


def function(params: tuple[Var, ...], statements: tuple[Any, ...], *yields: Any) -> Function:
    result = LEAF if len(yields) == 1 else Structure("tuple", (LEAF,) * len(yields))
    made = tuple(Param(p.hint, LEAF, (p,)) for p in params)
    return Function("f", made, Block(statements, yields), result)


def test_survey(survey: Any) -> None:
    result = evaluate(survey.primal(), (2.0, 5.0))
    assert result.names == ("v5",)
    assert [(r.name, r.expression, r.numbers, round(r.value, 3)) for r in result.rows] == [
        ("v-1", "x1", "", 2.0),
        ("v0", "x2", "", 5.0),
        ("v1", "log(v-1)", "log(2)", 0.693),
        ("v2", "v-1 * v0", "2 * 5", 10.0),
        ("v3", "sin(v0)", "sin(5)", -0.959),
        ("v4", "v1 + v2", "0.693147 + 10", 10.693),
        ("v5", "v4 - v3", "10.6931 - (-0.958924)", 11.652),
    ]


def test_tangents_are_beside_their_primal_and_parts_are_nested(survey: Any) -> None:
    result = evaluate(survey.tangent(), (2.0, 5.0, 1.0, 0.0))
    tangents = [(r.name, r.beside, r.expression, r.value) for r in result.rows if r.section == "tangent"]
    assert tangents == [
        ("v-1_dot", "v-1", "x1_dot", 1.0),
        ("v0_dot", "v0", "x2_dot", 0.0),
        ("v1_dot", "v1", "v-1_dot / v-1", 0.5),
        ("v2_dot", "v2", "v-1_dot * v0 + v0_dot * v-1", 5.0),
        ("v3_dot", "v3", "v0_dot * cos(v0)", 0.0),
        ("v4_dot", "v4", "v1_dot + v2_dot", 5.5),
        ("v5_dot", "v5", "v4_dot - v3_dot", 5.5),
    ]


def test_adjoints(survey: Any) -> None:
    result = evaluate(survey.adjoint(), (2.0, 5.0))
    adjoints = [(r.name, r.expression, round(r.value, 3)) for r in result.rows if r.section == "adjoint"]
    assert adjoints == [
        ("v5_bar", "1", 1.0),
        ("v4_bar", "v5_bar", 1.0),
        ("v3_bar", "-v5_bar", -1.0),
        ("v1_bar", "v4_bar", 1.0),
        ("v2_bar", "v4_bar", 1.0),
        ("v0_bar", "v3_bar * cos(v0)", -0.284),
        ("v-1_bar", "v2_bar * v0", 5.0),
        ("v0_bar", "v0_bar + v2_bar * v-1", 1.716),
        ("v-1_bar", "v-1_bar + v1_bar / v-1", 5.5),
    ]
    assert result.results[1:] == pytest.approx((5.5, 2.0 - np.cos(5.0)))


def power_adjoint() -> Function:
    """s = 1; for i in range(n): s = s * x; and its adjoint."""
    x, n, s, after, total, i = (Var(h, Float()) for h in ("x", "n", "s", "s", "s", "i"))
    r, walk = Var("", Range(), None, True), Var("", Range(), None, True)
    tape, entry = Var("tape", Tape(Float())), Var("", Float(), s)
    s_bar, x_bar = Var("_bar", Float(), s), Var("_bar", Float(), x)
    out_s, out_x = Var("_bar", Float(), s), Var("_bar", Float(), x)
    part, more, new_s = Var("", Float(), None, True), Var("_bar", Float(), x), Var("_bar", Float(), s)
    after_bar = Var("_bar", Float(), after)
    statements = (
        Comment("primal trace"),
        Assign(r, range, (n,)),
        For((total,), (tape,), (i,), (r,), (s,), (ONE,), Block((Assign(after, operator.mul, (s, x)),), (after, s))),
        Comment("adjoint trace"),
        Assign(walk, range, (n,)),
        For(
            (out_s, out_x), (), (entry,), (tape,), (s_bar, x_bar), (ONE, ZERO),
            Block(
                (
                    Assign(after_bar, operator.pos, (s_bar,)),
                    Assign(part, operator.mul, (after_bar, entry)),
                    Assign(more, operator.add, (x_bar, part)),
                    Assign(new_s, operator.mul, (after_bar, x)),
                ),
                (new_s, more),
            ),
            reverse=True,
        ),
    )  # fmt: skip
    return function((x, n), statements, total, out_x)


def test_loops_are_unrolled_and_adjoints_are_named_after_the_trip_they_undo() -> None:
    result = evaluate(power_adjoint(), (2.0, 3))
    assert result.results == (8.0, 12.0)
    assert [(*row, r.trips) for row, r in zip(rows(result), result.rows, strict=True)][2:] == [
        ("v1", "1 * v-1", 2.0, (0,)),
        ("v2", "v1 * v-1", 4.0, (1,)),
        ("v3", "v2 * v-1", 8.0, (2,)),
        ("v3_bar", "1", 1.0, (2,)),
        ("v-1_bar", "0 + v3_bar * v2", 4.0, (2,)),
        ("v2_bar", "v3_bar * v-1", 2.0, (2,)),
        ("v-1_bar", "v-1_bar + v2_bar * v1", 8.0, (1,)),
        ("v1_bar", "v2_bar * v-1", 4.0, (1,)),
        ("v-1_bar", "v-1_bar + v1_bar * 1", 12.0, (0,)),
        ("s_bar", "v1_bar * v-1", 8.0, (0,)),
    ]


def test_a_loop_of_no_trips() -> None:
    assert evaluate(power_adjoint(), (2.0, 0)).results == (1.0, 0.0)


def test_while_counts_trips_and_stops() -> None:
    x, c, after, out = Var("x", Float()), Var("y", Float()), Var("y", Float()), Var("y", Float())
    flag, stopped, ended, gone = Var("stop", Bool()), Var("stop", Bool()), Var("stop", Bool()), Var("t", Bool())
    loop = While(
        (out, gone), (), (c, flag), (x, constant(False)),
        Block((Assign(test := Var("", Bool()), operator.lt, (c, constant(100.0))),), (test,)),
        Block((Assign(after, operator.mul, (c, constant(2.0))), Assign(ended, operator.gt, (after, constant(5.0)))),
              (after, ended)),
        stop=1,
    )  # fmt: skip
    result = evaluate(function((x,), (loop,), out), (2.0,))
    assert result.results == (8.0,)
    assert [r.trips for r in result.rows[1:]] == [(0,), (0,), (0,), (1,), (1,), (1,)]
    assert rows(result)[1:4] == [("v1", "v0 < 100", True), ("v2", "v0 * 2", 4.0), ("v3", "v2 > 5", False)]
    assert result.names == ("v5",) and stopped not in loop.results


def test_only_the_branch_that_ran_is_recorded() -> None:
    x, a, b, y = Var("x", Float()), Var("", Float()), Var("", Float()), Var("y", Float())
    test = Var("", Bool())
    body = (
        Assign(test, operator.gt, (x, ZERO)),
        If((y,), test, Block((Assign(a, operator.mul, (x, x)),), (a,)), Block((Assign(b, operator.neg, (x,)),), (b,))),
        Assign(z := Var("", Float()), operator.add, (y, ONE)),
    )
    f = function((x,), body, z)
    assert rows(evaluate(f, (3.0,)))[1:] == [("v1", "v0 > 0", True), ("v2", "v0 * v0", 9.0), ("v3", "v2 + 1", 10.0)]
    assert rows(evaluate(f, (-3.0,)))[2:] == [("v2", "-v0", 3.0), ("v3", "v2 + 1", 4.0)]


def test_a_choice_inside_a_derivative_is_one_row() -> None:
    x, d, part = Var("x", Float()), Var("x_dot", Float()), Var("", Float(), None, True)
    test, y, y_dot = Var("", Bool(), None, True), Var("", Float()), Var("_dot", Float(), x)
    made = Var("_dot", Float(), y)
    guard = If(
        (made,), test, Block((Assign(part, operator.truediv, (y_dot, x)),), (part,)), Block((), (ZERO,))
    )
    body = (Assign(y, abs, (x,)), Assign(test, operator.ne, (y_dot, ZERO)), guard)
    params = (Param("x", LEAF, (x,)), Param("x_dot", LEAF, (y_dot,)))
    f = Function("f", params, Block(body, (y, made)), Structure("tuple", (LEAF, LEAF)))
    assert rows(evaluate(f, (2.0, 1.0)))[2:] == [("v1", "abs(v0)", 2.0), ("v1_dot", "v0_dot / v0", 0.5)]
    assert evaluate(f, (2.0, 0.0)).results == (2.0, 0.0)
    assert d.hint == "x_dot"


def test_stores_copy() -> None:
    u, p, q, r = (Var(h, Array("float64", (3,))) for h in ("u", "u", "u", "u"))
    index = Display("slice", (constant(1), NONE, NONE))
    twice = constant(np.array([0, 0]))
    body = (Store(p, u, index, constant(5.0)), AddStore(q, p, index, ONE), AddStore(r, q, twice, ONE))
    given = np.zeros(3)
    result = evaluate(function((u,), body, p, q, r), (given,))
    assert np.array_equal(given, np.zeros(3))
    assert [list(v) for v in result.results] == [[0.0, 5.0, 5.0], [0.0, 6.0, 6.0], [2.0, 6.0, 6.0]]
    assert [e for _, e, _ in rows(result)[1:]] == ["v0 with [1:] = 5", "v1 with [1:] += 1", "v2 with [[0, 0]] += 1"]


def test_stores_into_lists() -> None:
    xs, made = Var("xs", Number()), Var("xs", Number())
    given = [1.0, 2.0]
    result = evaluate(function((xs,), (AddStore(made, xs, constant(-1), ONE),), made), (given,))
    assert result.results == ([1.0, 3.0],) and given == [1.0, 2.0]


def test_a_loop_over_an_array_in_reverse() -> None:
    x, e, c, after, out = Var("x", Array()), Var("e", Float()), Var("c", Float()), Var("c", Float()), Var("c", Float())
    body = Block((Assign(after, operator.sub, (e, c)),), (after,))
    f = function((x,), (For((out,), (), (e,), (x,), (c,), (ZERO,), body, reverse=True),), out)
    result = evaluate(f, (np.array([1.0, 5.0]),))
    assert result.results == (-4.0,)
    assert rows(result)[1:] == [("v1", "5 - 0", 5.0), ("v2", "1 - v1", -4.0)]


def test_structures_are_unpacked_and_variadic_arguments_are_a_tuple() -> None:
    a, b, c = Var("a", Float()), Var("b", Float()), Var("n", Int())
    params = (
        Param("p", Structure("dict", (LEAF,), ("w",)), (a,)),
        Param("args", Structure("tuple", (LEAF,)), (b,), kind="var_positional"),
        Param("scale", LEAF, (c,), capture=True),
    )
    body = (Assign(d := Var("", Float()), operator.mul, (a, b)), Assign(e := Var("", Float()), operator.mul, (d, c)))
    result = evaluate(Function("f", params, Block(body, (e,)), LEAF), ({"w": 2.0}, (3.0,)), (10,))
    assert rows(result) == [
        ("v-1", "p['w']", 2.0),
        ("v0", "args[0]", 3.0),
        ("scale", "", 10),
        ("v1", "v-1 * v0", 6.0),
        ("v2", "v1 * scale", 60.0),
    ]


def test_the_number_of_arguments_is_checked(survey: Any) -> None:
    with pytest.raises(ArgumentError, match="`f` takes 2 arguments and got 1"):
        evaluate(survey.primal(), (2.0,))


def test_what_the_function_raises_is_shown_with_its_place(survey: Any) -> None:
    with pytest.raises(EvaluationError) as caught:
        evaluate(survey.primal(), (-1.0, 5.0))
    location = caught.value.location
    assert isinstance(location, Location)
    text = str(caught.value)
    assert text.startswith(f"{location.file}:4:9: ValueError:")
    assert text.splitlines()[1:] == [
        "    y = math.log(x1) + x1 * x2 - math.sin(x2)",
        "        ^~~~~~~~~~~~",
    ]
    assert isinstance(caught.value.__cause__, ValueError)
