from __future__ import annotations

from wengert.ir.nodes import Var
from wengert.ir.types import Float
from wengert.trace.naming import Names, mentions


def test_a_derivative_is_named_after_its_value_in_the_same_trip() -> None:
    names, v = Names(), Var("", Float())
    for trip in range(3):
        names.bind(v, (trip,), names.numbered())
    assert [names.derived(Var("_bar", Float(), v), (k,), "") for k in (2, 1, 0)] == ["v3_bar", "v2_bar", "v1_bar"]


def test_a_cotangent_outside_the_loop_keeps_its_name_in_every_trip() -> None:
    names, x = Names(), Var("x", Float())
    names.bind(x, (), "v0")
    assert [names.derived(Var("_bar", Float(), x), (k,), "v1_bar * 2") for k in (1, 0)] == ["v0_bar", "v0_bar"]


def test_two_variables_for_one_value_are_told_apart() -> None:
    names, x, result = Names(), Var("x", Float()), Var("y", Float())
    names.bind(x, (), "v0")
    names.bind(result, (), "v0")
    assert names.derived(Var("_bar", Float(), x), (), "1") == "v0_bar"
    assert names.derived(Var("_bar", Float(), result), (), "2") == "v0_bar'2"
    assert names.derived(Var("_bar", Float(), result), (), "v0_bar'2 + 1") == "v0_bar'2"


def test_what_adds_to_a_cotangent_shares_its_name() -> None:
    names, x, result = Names(), Var("x", Float()), Var("y", Float())
    names.bind(x, (), "v0")
    names.bind(result, (), "v0")
    names.derived(Var("_bar", Float(), result), (), "2")
    assert names.derived(Var("_bar", Float(), x), (), "v0_bar + 1") == "v0_bar"


def test_mentions_whole_words() -> None:
    assert mentions("v0_bar + 1", "v0_bar") and mentions("2 * v-1_bar", "v-1_bar")
    assert not mentions("v0_bar'2 + 1", "v0_bar") and not mentions("v10_bar", "v0_bar")
