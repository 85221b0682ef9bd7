"""Questions about shapes: before and after, and what must stay."""

import operator

import numpy as np

from wengert.ir.builder import constant
from wengert.ir.nodes import LEAF, Assign, Block, Function, Param, Var
from wengert.ir.show import show
from wengert.ir.types import Array, Int, Sym
from wengert.ir.verify import verify
from wengert.simplify.extents import extents

N, M = Sym("n", True), Sym("m", True)
X = Var("x", Array("float64", (N,)))
LIKE, OTHER = Var("", Array("float64", (N,))), Var("", Array("float64", (M,)))
SINGLE = Var("", Array("float32", (N,)))


def lines(*statements, end) -> list[str]:
    f = Function("f", (Param("x", LEAF, (X,)),), Block(statements, (end,)), LEAF)
    verify(f)
    after = extents(f)
    verify(after)
    return [line.strip() for line in show(after).split("\n")[1:]]


def part(t=Int()) -> Var:  # noqa: B008
    return Var("", t, None, True)


def test_a_size_is_asked_of_the_first_value_of_that_length() -> None:
    size = part()
    made = lines(Assign(LIKE, np.sin, (X,)), Assign(size, getattr, (LIKE, constant("size"))), end=size)
    assert made[1] == "v2 = getattr(x, 'size')"


def test_zeros_keep_their_dtype() -> None:
    zeros = Var("_bar", SINGLE.type, SINGLE)
    made = lines(Assign(SINGLE, np.sin, (X,)), Assign(zeros, np.zeros_like, (SINGLE,)), end=zeros)
    assert "zeros_like(v1)" in made[1]


def test_another_length_stays() -> None:
    size = part()
    made = lines(Assign(OTHER, np.sin, (X,)), Assign(size, np.size, (OTHER,)), end=size)
    assert made[1] == "v2 = size(v1)"


def test_what_the_user_asks_stays() -> None:
    size = Var("n", Int())
    made = lines(Assign(LIKE, operator.neg, (X,)), Assign(size, np.size, (LIKE,)), end=size)
    assert made[1] == "n = size(v1)"
