"""Signs and factors of derivative arithmetic: before and after, and what must stay."""

import operator

import numpy as np
import pytest

from wengert.ir.builder import constant
from wengert.ir.nodes import LEAF, Assign, Block, Function, Param, Structure, Var
from wengert.ir.show import show
from wengert.ir.types import Array, Float, NumpyScalar, Sym
from wengert.ir.verify import verify
from wengert.simplify.signs import signs
from wengert.simplify.units import units

X, Y = Var("x", Float()), Var("y", Float())
ROW = Array("float64", (Sym("n", True),))
U = Var("u", ROW)


def part(t=Float()) -> Var:  # noqa: B008
    return Var("", t, None, True)


def function(*statements, ends) -> Function:
    result = Structure("tuple", (LEAF,) * len(ends))
    params = tuple(Param(v.hint, LEAF, (v,)) for v in (X, Y, U))
    return Function("f", params, Block(statements, ends), result)


def lines(f: Function, one=signs) -> list[str]:
    verify(f)
    after = one(f)
    verify(after)
    return [line.strip() for line in show(after).split("\n")[1:]]


def test_a_product_with_a_sign_is_subtracted() -> None:
    n, p, s = part(), part(), Var("_bar", Float(), X)
    f = function(
        Assign(n, operator.neg, (Y,)), Assign(p, operator.mul, (n, X)), Assign(s, operator.add, (Y, p)), ends=(s,)
    )
    assert [row for row in lines(f) if "sub" in row or "add" in row] == ["x_bar = sub(y, v2)"]
    assert "v2 = mul(y, x)" in lines(f)


def test_a_sign_goes_into_a_factor() -> None:
    p, n = part(), Var("_bar", Float(), X)
    f = function(Assign(p, operator.mul, (constant(2.0), Y)), Assign(n, operator.neg, (p,)), ends=(n,))
    assert "x_bar = mul(-2.0, y)" in lines(f)


def test_factors_are_multiplied() -> None:
    p, q = part(), Var("_bar", Float(), X)
    f = function(
        Assign(p, operator.mul, (constant(2), Y)), Assign(q, operator.mul, (constant(100.0), p)), ends=(q,)
    )
    assert "x_bar = mul(200.0, y)" in lines(f)


def test_two_signs_cancel_in_a_product() -> None:
    a, b, p = part(), part(), Var("_bar", Float(), X)
    f = function(
        Assign(a, operator.neg, (X,)), Assign(b, operator.neg, (Y,)), Assign(p, operator.mul, (a, b)), ends=(p,)
    )
    assert "x_bar = mul(x, y)" in lines(f)


def test_what_is_read_twice_stays() -> None:
    n, s = part(), Var("_bar", Float(), X)
    f = function(Assign(n, operator.neg, (Y,)), Assign(s, operator.add, (X, n)), ends=(s, n))
    assert "x_bar = add(x, v1)" in lines(f)


def test_the_users_own_signs_stay() -> None:
    n, s = Var("", Float()), Var("", Float())
    f = function(Assign(n, operator.neg, (Y,)), Assign(s, operator.add, (X, n)), ends=(s,))
    assert "v2 = add(x, v1)" in lines(f)


def test_arrays_are_added_to_in_place_so_they_keep_the_sum() -> None:
    n, s = part(ROW), Var("_bar", ROW, U)
    f = function(Assign(n, operator.neg, (U,)), Assign(s, operator.add, (U, n)), ends=(s,))
    assert "u_bar = add(u, v1)" in lines(f)


@pytest.mark.parametrize(
    ("op", "args"),
    [
        (operator.mul, (constant(1.0), Y)),
        (operator.mul, (Y, constant(1))),
        (operator.add, (Y, constant(0.0))),
        (operator.truediv, (Y, constant(1.0))),
    ],
)
def test_units_are_left_out(op, args) -> None:
    p, q = part(), Var("_bar", Float(), X)
    f = function(Assign(p, op, args), Assign(q, operator.mul, (p, X)), ends=(q,))
    assert lines(f, units) == ["x_bar = mul(y, x)", "return x_bar"]


def test_signs_in_pairs_are_left_out() -> None:
    p, q = part(), part()
    f = function(Assign(p, operator.neg, (Y,)), Assign(q, operator.neg, (p,)), ends=(q,))
    assert lines(f, units)[-1] == "return y"


def test_the_users_units_stay() -> None:
    p = Var("", Float())
    f = function(Assign(p, operator.mul, (constant(1.0), Y)), ends=(p,))
    assert "v1 = mul(1.0, y)" in lines(f, units)


@pytest.mark.parametrize("options", [{}, {"axis": 0}, {"initial": 1.0}])
def test_a_sign_comes_out_of_a_sum(options) -> None:
    n, s = part(ROW), Var("_bar", NumpyScalar("float64"), X)
    kwargs = tuple((k, constant(v)) for k, v in options.items())
    f = function(Assign(n, operator.neg, (U,)), Assign(s, np.sum, (n,), kwargs), ends=(s,))
    assert ("x_bar = neg(" in "".join(lines(f))) == ("initial" not in options)


def test_the_sum_of_the_user_stays() -> None:
    n, s = Var("v", ROW), Var("s", NumpyScalar("float64"))
    f = function(Assign(n, operator.neg, (U,)), Assign(s, np.sum, (n,)), ends=(s,))
    assert lines(f)[:2] == ["v = neg(u)", "s = sum(v)"]
