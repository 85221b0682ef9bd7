import operator

import numpy as np

from wengert.ir.nodes import LEAF, Assign, Block, Const, For, Function, If, Param, Var, While
from wengert.ir.show import show
from wengert.ir.types import Array, Bool, Float, Int, Number, Range
from wengert.ir.verify import verify
from wengert.simplify.hoist import hoist

FULL = Array("float64", (4,))
TRIPS = Const(range(3), Range())
TWO = Const(2, Int())


def moved(op, *args, type=FULL, inline=True, of=None, depth=1) -> bool:
    """True where `v = op(*args)` leaves a loop, or `depth` of them."""
    x = args[0] if args and isinstance(args[0], Var) else Var("x", FULL)
    v, c, c2, c3 = Var("", type, of, inline), Var("c", FULL), Var("c2", FULL), Var("c3", FULL)
    inside = (Assign(v, op, args), Assign(c2, operator.add, (c, v)))
    loop = For((c3,), (), (Var("i", Int()),), (TRIPS,), (c,), (x,), Block(inside, (c2,)))
    for _ in range(depth - 1):
        d, d3 = Var("d", FULL), Var("d3", FULL)
        loop = For((d3,), (), (Var("i", Int()),), (TRIPS,), (d,), (x,), Block((loop,), loop.results))
    leaves = dict.fromkeys((x, *(a for a in args if isinstance(a, Var))))
    params = tuple(Param(p.hint, LEAF, (p,)) for p in leaves)
    f = Function("f", params, Block((loop,), loop.results), LEAF)
    verify(f)
    after = hoist(f)
    verify(after)
    first = after.body.statements[0]
    assert (first is not loop) or show(f) == show(after)
    assert not isinstance(first, Assign) or not first.target.inline
    return isinstance(first, Assign) and first.op is op


def test_invariant_arithmetic_of_a_transform_moves_out() -> None:
    x, y = Var("x", FULL), Var("y", FULL)
    assert moved(operator.mul, x, TWO)
    assert moved(operator.mul, x, y)
    assert moved(operator.neg, x, inline=False, of=x)
    assert moved(np.shape, x)
    assert moved(operator.mul, x, TWO, depth=3)


def test_what_may_raise_or_was_the_users_stays() -> None:
    x, h, n, half = Var("x", FULL), Var("h", Float()), Var("n", Number()), Var("half", Array("float64", (2,)))
    assert not moved(operator.mul, x, TWO, inline=False)
    assert not moved(operator.truediv, x, TWO)
    assert not moved(operator.truediv, h, TWO)
    assert not moved(operator.getitem, x, TWO)
    assert not moved(operator.mul, x, half)
    assert not moved(operator.mul, n, x)
    assert not moved(operator.mul, x, Const(10**400, Int()))
    assert not moved(np.zeros_like, x)


def test_what_depends_on_the_trip_stays_and_a_while_is_a_loop_too() -> None:
    x, c, c2, c3 = (Var(h, Float()) for h in ["x", "c", "c2", "c3"])
    v, w, t = Var("", Float(), inline=True), Var("", Float(), inline=True), Var("t", Bool())
    inside = (Assign(v, operator.mul, (x, TWO)), Assign(w, operator.mul, (v, c)), Assign(c2, operator.add, (w, v)))
    test = Block((Assign(t, operator.lt, (c, x)),), (t,))
    loop = While((c3,), (), (c,), (x,), test, Block(inside, (c2,)))
    branch = If((r := Var("r", Float()),), TWO, Block((loop,), (c3,)), Block((), (x,)))
    f = Function("f", (Param("x", LEAF, (x,)),), Block((branch,), (r,)), LEAF)
    verify(hoist(f))
    assert [line.strip() for line in show(hoist(f)).split("\n")][2:8] == [
        "v1 = mul(x, 2)",
        "while with c = x:",
        "t = lt(c, x)",
        "test t",
        "do:",
        "v2 = mul(v1, c)",
    ]
