"""Lines of an adjoint moved down: before and after, and what must stay."""

import operator

import numpy as np

from wengert.ir.builder import constant
from wengert.ir.nodes import LEAF, AddStore, Assign, Block, Comment, Display, Function, Param, Store, Structure, Var
from wengert.ir.show import show
from wengert.ir.types import Array, Float
from wengert.ir.verify import verify
from wengert.simplify.order import order

X, S = Var("x", Float()), Var("s", Float())
ROW = Array("float64", (4,))
U, W = Var("u", ROW), Var("w", ROW)
NONE = constant(None)
REST = Display("slice", (constant(1), NONE, NONE))


def bar(of: Var) -> Var:
    return Var("_bar", of.type, of)


def lines(*statements, ends) -> list[str]:
    params = tuple(Param(v.hint, LEAF, (v,)) for v in (X, S, U, W))
    f = Function("f", params, Block(statements, ends), Structure("tuple", (LEAF,) * len(ends)))
    verify(f)
    after = order(f)
    verify(after)
    assert show(order(after)) == show(after)
    return [line.strip() for line in show(after).split("\n")[1:-1]]


def test_a_new_value_comes_after_the_readers_of_the_old_one() -> None:
    old, new, x_bar = bar(S), bar(S), bar(X)
    part = Var("", Float(), None, True)
    found = lines(
        Assign(old, operator.mul, (X, X)),
        Assign(new, operator.mul, (old, X)),
        Assign(part, operator.mul, (old, S)),
        Assign(x_bar, operator.add, (X, part)),
        ends=(new, x_bar),
    )
    assert found == ["s_bar = mul(x, x)", "v1 = mul(s_bar, s)", "x_bar = add(x, v1)", "s_bar'2 = mul(s_bar, x)"]


def test_not_past_a_reader_of_the_new_one_or_a_comment() -> None:
    old, new, x_bar, y_bar = bar(S), bar(S), bar(X), bar(X)
    first, second = Assign(old, operator.mul, (X, X)), Assign(new, operator.mul, (old, X))
    after = Assign(x_bar, operator.add, (new, X)), Assign(y_bar, operator.mul, (old, S))
    assert lines(first, second, *after, ends=(x_bar, y_bar))[1] == "s_bar'2 = mul(s_bar, x)"
    assert lines(first, second, Comment("here"), after[1], ends=(new, y_bar))[1] == "s_bar'2 = mul(s_bar, x)"


def test_what_is_added_to_a_part_comes_right_before_that() -> None:
    v, t, part = Var("", ROW), Var("", ROW), Var("", ROW, None, True)
    buffer, one, two = (bar(U) for _ in range(3))
    rest = Array("float64", (3,))
    view = Assign(Var("", rest), operator.getitem, (W, REST))
    found = lines(
        view,
        Assign(v, operator.mul, (view.target, X)),
        Assign(part, operator.mul, (v, X)),
        Assign(summand := bar(t), operator.neg, (part,)),
        Assign(buffer, np.zeros_like, (U,)),
        AddStore(one, buffer, REST, v),
        AddStore(two, one, REST, summand),
        ends=(two,),
    )
    assert [line.split(" = ")[1] for line in found[-3:-1]] == ["mul(v2, x)", "neg(v3)"]


def test_what_a_store_would_change_is_read_where_it_is() -> None:
    buffer, one, two, three = (bar(U) for _ in range(4))
    view, t = Var("", Array("float64", (3,))), Var("", Array("float64", (3,)))
    summand = bar(t)
    found = lines(
        Assign(buffer, np.zeros_like, (U,)),
        Store(one, buffer, constant(0), X),
        Assign(view, operator.getitem, (one, REST)),
        Assign(summand, operator.mul, (view, X)),
        AddStore(two, one, constant(0), X),
        AddStore(three, two, REST, summand),
        ends=(three,),
    )
    assert [("mul(" in line) for line in found] == [False, False, False, True, False, False]
