"""Registering rows and binding calls."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import wengert.rules  # noqa: F401
from wengert.ir.nodes import Const, Var
from wengert.ir.types import Array, Float, Int, Opaque
from wengert.rules.examples import REAL, example, normal
from wengert.rules.kinds import RULES, Elementwise, UnsupportedOption, elementwise, known, linear, lookup, name_of

x, n = Var("x", Array("float64", (3,))), Var("n", Int())


def test_binds_positions_and_keywords() -> None:
    row = RULES[np.mean]
    assert row.bind((x, 0), {"keepdims": True}) == ((x,), {"axis": 0, "keepdims": True})
    assert row.bind((), {"a": x}) == ((x,), {})
    assert row.places((), {"a": x}) == ("a",)
    assert row.places((x, 0), {}) == (0,)


def test_refuses_options_by_name() -> None:
    with pytest.raises(UnsupportedOption, match=r"option `like` of `np\.full` is not differentiated"):
        RULES[np.full].bind((3, x), {"like": Const(np.float32, Opaque())})
    with pytest.raises(UnsupportedOption, match="`out`"):
        RULES[np.add].bind((x, x), {"out": x})
    with pytest.raises(UnsupportedOption, match="at most 2 positional"):
        RULES[np.add].bind((x, x, x), {})
    with pytest.raises(UnsupportedOption, match="order='C' or 'F'"):
        RULES[np.reshape].bind((x, (3, 1)), {"order": "A"})
    with pytest.raises(UnsupportedOption, match="`out`"):
        RULES[np.sum].bind((x,), {"initial": 1.0, "out": x})
    with pytest.raises(UnsupportedOption):
        RULES[np.where].bind((x,), {})
    assert RULES[np.repeat].bind((x, n), {}) == ((x,), {"repeats": n})
    assert RULES[np.ptp].bind((x,), {"out": Const(None, Opaque())}) == ((x,), {})
    assert RULES[np.sum].bind((x,), {"initial": 1.0})[0] == (x, 1.0)


def test_inputs_that_are_left_out_are_none() -> None:
    row = RULES[np.clip]
    assert row.bind((x,), {"a_max": 1.0}) == ((x, None, 1.0), {})
    assert row.places((x,), {"a_max": 1.0}) == (0, None, "a_max")
    none = Const(None, Opaque())
    assert row.bind((x, 0.0), {}, lambda v: Const(v, Opaque()))[0] == (x, 0.0, none)


def test_singular_by_operands() -> None:
    power = RULES[pow]
    assert not power.is_singular(0, (x, Const(2, Int())))
    assert not power.is_singular(0, (x, Const(3.0, Float())))
    assert power.is_singular(0, (x, Const(0.5, Float())))
    assert power.is_singular(0, (x, n))
    assert power.is_singular(1, (x, Const(2, Int())))


def test_rows_of_a_user() -> None:
    def cube(v: Any) -> Any:
        return v * v * v

    elementwise(cube, "v", "3 * v * v", domain=REAL)
    try:
        row = lookup(cube)
        assert isinstance(row, Elementwise) and row.result is None and row.inputs == ("v",)
        with pytest.raises(ValueError, match="has a rule already"):
            elementwise(cube, "v", "3 * v * v", domain=REAL)
    finally:
        del RULES[cube]


def test_rows_need_checks_and_one_derivative_for_each_input() -> None:
    def f(v: Any) -> Any:
        return v

    with pytest.raises(ValueError, match="needs a domain or examples"):
        elementwise(f, "v", "1.0")
    with pytest.raises(ValueError, match="1 inputs but 2 partials"):
        elementwise(f, "v", "1.0", "1.0", domain=REAL)
    with pytest.raises(ValueError, match="2 inputs but 1 functions"):
        linear(f, "v w", vjp=(None,), examples=[example(normal(3))])
    assert lookup(f) is None
    assert lookup([]) is None  # type: ignore[arg-type]


def test_names() -> None:
    assert [name_of(op) for op in (np.sin, np.sum, pow)] == ["np.sin", "np.sum", "pow"]
    assert name_of(np.linalg.norm) == "np.linalg.norm"
    assert known(3)
