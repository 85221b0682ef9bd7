import operator

import numpy as np
import pytest

import wengert
from wengert.ir.builder import ZERO
from wengert.ir.nodes import LEAF, Assign, Block, Function, Param, Structure, Var
from wengert.ir.types import Array, Float, NumpyScalar, Sym
from wengert.ir.verify import verify
from wengert.runtime import is_nonzero, strong_dot, strong_product, strong_quotient
from wengert.simplify.products import products

N = Sym("n")
FULL = Array("float64", (N,))
A, B, C, K = (
    Var("a", FULL), Var("b", FULL), Var("c", Array("complex128", (N,))), Var("k", Float()),
)  # fmt: skip
W = Var("w", Array("float64", (1,)))


def function(*statements: Assign) -> Function:
    params = tuple(Param(v.hint, LEAF, (v,)) for v in (A, B, C, K, W))
    ends = (statements[-1].target,)
    return Function("f", params, Block(statements, ends), Structure("tuple", (LEAF,)))


def last(*statements: Assign) -> Assign:
    f = function(*statements)
    verify(f)
    after = products(f)
    verify(after)
    s = after.body.statements[-1]
    assert isinstance(s, Assign)
    return s


def temporary(t=FULL) -> Var:
    return Var("", t, None, True)


def total(*statements: Assign) -> Assign:
    return Assign(Var("_bar", NumpyScalar("float64"), A), np.sum, (statements[-1].target,))


def guarded(d: Var, p: Var, op=operator.mul) -> tuple[Assign, Assign, Assign]:
    test, product = temporary(Array("bool", (N,))), temporary()
    return (
        Assign(test, is_nonzero, (d,)),
        Assign(product, op, (d, p)),
        Assign(Var("_bar", FULL, A), np.where, (test, product, ZERO)),
    )


def test_a_sum_of_products() -> None:
    product = Assign(temporary(), operator.mul, (A, B))
    assert last(product, total(product)).op is np.vdot
    spread = Assign(temporary(), operator.mul, (A, W))
    assert last(spread, total(spread)).op is np.sum  # of other shapes
    turning = Assign(temporary(C.type), operator.mul, (C, C))
    assert last(turning, total(turning)).op is np.sum  # vdot would conjugate
    users = Assign(Var("", FULL), operator.mul, (A, B))
    assert last(users, Assign(Var("y", NumpyScalar("float64")), np.sum, (users.target,))).op is np.sum


def test_strong_products() -> None:
    assert last(*guarded(A, B)).op is strong_product
    assert last(*guarded(A, K)).op is strong_product
    assert last(*guarded(A, K, operator.truediv)).op is strong_quotient
    assert last(*guarded(A, C)).op is np.where
    one = guarded(A, B)
    assert last(*one, total(*one)).op is strong_dot
    again = Assign(temporary(), operator.mul, (one[2].target, B))
    assert last(*one, again, total(*one)).op is np.sum  # the products are read for something else


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_what_the_functions_compute() -> None:
    d = np.array([0.0, 2.0, 0.0, -1.0])
    for p in (np.array([1.0, 2.0, 3.0, 4.0]), np.array([np.inf, 2.0, np.nan, 4.0]), np.array([np.inf, np.inf, 0.0, 1e300])):
        want = np.where(d != 0.0, d * p, 0.0)
        assert np.array_equal(strong_product(d, p), want)
        assert np.array_equal(strong_dot(d, p), np.sum(want))
    for q in (np.array([1.0, 2.0, 3.0, 4.0]), np.array([0.0, 2.0, np.nan, 0.0])):
        assert np.array_equal(strong_quotient(d, q), np.where(d != 0.0, d / q, 0.0))
    for number in (2.0, np.float64(3.0), np.inf, -np.inf, np.nan, 0.0):
        assert np.array_equal(strong_product(d, number), np.where(d != 0.0, d * number, 0.0), equal_nan=True)
        quotient = np.where(d != 0.0, d / np.float64(number), 0.0)
        assert np.array_equal(strong_quotient(d, number), quotient, equal_nan=True)
    assert strong_product(d[:0], d[:0]).shape == (0,)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_zero_cotangent_meets_an_infinite_factor() -> None:
    """What is overwritten takes no part, infinite or not."""

    def f(x, k):
        y = 1.0 / x
        z = y * (k * y)
        z[0] = 1.0
        return np.sum(z)

    for x in (np.array([2.0, 4.0]), np.array([0.0, 4.0])):
        x_bar, k_bar = wengert.grad(f, (0, 1))(x, 3.0)
        assert x_bar[0] == 0.0 and np.isclose(x_bar[1], -6.0 / 64.0) and np.isclose(k_bar, 1.0 / 16.0)
    source = wengert.grad(f, (0, 1)).lower(x, 3.0).source
    assert "def strong_product" in source and "import math" in source


def test_the_sign_of_a_strong_product_goes_to_the_front() -> None:
    test, product, whole = guarded(A, B)
    minus = Assign(temporary(), operator.neg, (product.target,))
    choice = Assign(Var("_bar", FULL, A), np.where, (test.target, minus.target, ZERO))
    assert last(test, product, minus, choice).op is operator.neg
    ops = [s.op for s in products(function(test, product, minus, choice)).body.statements if isinstance(s, Assign)]
    assert strong_product in ops and np.where not in ops
    inner = Assign(temporary(), np.where, choice.args)
    ops = [s.op for s in products(function(test, product, minus, inner, total(inner))).body.statements if isinstance(s, Assign)]
    assert strong_dot in ops and ops[-1] is operator.neg
    other = Assign(temporary(Array("bool", (N,))), operator.gt, (A, B))
    kept = Assign(Var("_bar", FULL, A), np.where, (other.target, minus.target, ZERO))
    assert last(other, product, minus, kept).op is np.where
    assert whole.op is np.where
