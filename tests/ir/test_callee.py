"""Emitted functions as operations: what they return, which of them a program applies, what they compute."""

from __future__ import annotations

import operator

from wengert.ir.callee import Emitted, Recorded, Results, applied, applied_in_turn
from wengert.ir.interpret import run
from wengert.ir.nodes import LEAF, Assign, Block, Const, Function, If, Param, Structure, Var
from wengert.ir.types import Bool, Float, Int, Opaque, Tuple

ONE = Const(1, Int(1))


def param(v: Var) -> Param:
    return Param(v.hint, LEAF, (v,))


def factorial() -> Emitted:
    """n! by itself."""
    op = Emitted("factorial")
    n, less, below, product, r = (Var(h, Int()) for h in "nmfpr")
    small = Var("small", Bool())
    again = (Assign(less, operator.sub, (n, ONE)), Assign(below, op, (less,)), Assign(product, operator.mul, (n, below)))
    body = (Assign(small, operator.le, (n, ONE)), If((r,), small, Block((), (ONE,)), Block(again, (product,))))
    op.function = Function("factorial", (param(n),), Block(body, (r,)), LEAF)
    return op


def test_a_function_applies_itself() -> None:
    op = factorial()
    assert op(5) == 120
    assert applied_in_turn(op.defined.body) == applied(op.defined.body) == [op]
    x, y = Var("x", Int()), Var("y", Int())
    assert run(Function("f", (param(x),), Block((Assign(y, op, (x,)),), (y,)), LEAF), [4]) == [24]


def test_several_results_and_what_is_recorded() -> None:
    a, b, s = Var("a", Float()), Var("b", Float()), Var("s", Float())
    shape = Structure("tuple", (LEAF, Structure("tuple", (LEAF, LEAF))))
    body = Block((Assign(s, operator.add, (a, b)),), (s, a, b))
    op = Emitted("add_primal", Function("add_primal", (param(a), param(b)), body, shape), several=True, recorded=2)
    assert op.items == (LEAF, shape.children[1]) and op.types == (Float(), Recorded())
    assert op(1.0, 2.0) == (3.0, (1.0, 2.0))
    assert isinstance(Recorded(), Opaque) and isinstance(Results((Float(),)), Tuple)


def test_functions_in_the_order_of_first_use() -> None:
    x, y, z = (Var(h, Float()) for h in "xyz")
    inner = Emitted("inner", Function("inner", (param(x),), Block((), (x,)), LEAF))
    v = Var("v", Float())
    outer = Emitted("outer", Function("outer", (param(v),), Block((Assign(y, inner, (v,)),), (y,)), LEAF))
    other = Emitted("other", Function("other", (param(z),), Block((), (z,)), LEAF))
    a, b, c = (Var(h, Float()) for h in "abc")
    block = Block((Assign(a, outer, (x,)), Assign(b, other, (a,)), Assign(c, outer, (b,))), (c,))
    assert applied(block) == [outer, other]
    assert applied_in_turn(block) == [outer, other, inner]
