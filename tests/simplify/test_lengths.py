import operator

import numpy as np

import wengert
from wengert.ir.builder import NONE, constant
from wengert.ir.nodes import LEAF, AddStore, Assign, Block, Const, Display, For, Function, Param, Var
from wengert.ir.queries import defined
from wengert.ir.types import Array, Int, Range, Sym
from wengert.ir.verify import verify
from wengert.simplify.common import common

N = Sym("n")


def test_lengths_follow_their_variables() -> None:
    a, k, first, second = Var("a", Array("float64", (N,))), Var("k", Int()), Var("", Int()), Var("", Int())
    tail, other = (Var("", Array("float64", (Sym(("slice", N, v, None, None)),))) for v in (first, second))
    inner, carried, result = Var("a", a.type), Var("a", a.type), Var("a", a.type)
    body = (
        Assign(first, operator.add, (k, constant(1))),
        Assign(tail, operator.getitem, (carried, Display("slice", (first, NONE, NONE)))),
        Assign(second, operator.add, (k, constant(1))),
        Assign(other, np.exp, (tail,)),
        AddStore(inner, carried, Display("slice", (second, NONE, NONE)), other),
    )
    loop = For((result,), (), (k,), (Const(range(3), Range()),), (carried,), (a,), Block(body, (inner,)))
    f = Function("f", (Param("a", LEAF, (a,)),), Block((loop,), (result,)), LEAF)
    verify(f)
    after = common(f, lengths=True)
    verify(after)
    (length,) = {v.type.shape for v in defined(after.body) if isinstance(v.type, Array) and v.type.shape != (N,)}
    assert length[0].key[2] in defined(after.body)


def test_slices_from_one_index_are_equally_long() -> None:
    def f(a, b):
        for k in range(3):
            a[k + 1 :] += a[k] * b[k + 1 :]
        return np.sum(a)

    source = wengert.grad(f).lower(np.ones(5), np.ones(6)[1:]).source
    assert "unbroadcast" not in source
