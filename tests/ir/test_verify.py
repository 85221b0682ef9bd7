import operator

import pytest

from wengert.ir.nodes import LEAF, Assign, Block, Const, Display, For, Function, If, Param, Store, Structure, Var, While
from wengert.ir.show import show
from wengert.ir.types import Bool, Float, Int, Range
from wengert.ir.verify import verify


def function(statements, yields, *params):
    result = LEAF if len(yields) == 1 else Structure("tuple", (LEAF,) * len(yields))
    return Function(
        "f", tuple(Param(p.hint, LEAF, (p,)) for p in params), Block(tuple(statements), tuple(yields)), result
    )


def test_a_good_program_passes_and_is_shown() -> None:
    x, test = Var("x", Float()), Var("test", Bool())
    r, i, s, s2, s3 = Var("r", Range()), Var("i", Int()), Var("s", Float()), Var("s", Float()), Var("s", Float())
    v, w, y, bar = Var("", Float()), Var("", Float()), Var("y", Float()), Var("_bar", Float(), of=s)
    loop = For((s3,), (), (i,), (r,), (s,), (Const(0.0, Float()),), Block((Assign(s2, operator.add, (s, x)),), (s2,)))
    body = [
        Assign(r, range, (Const(3, Int()),)),
        loop,
        Assign(v, operator.mul, (s3, x)),
        If((y,), test, Block((Assign(w, operator.neg, (v,)),), (w,)), Block((), (v,))),
        Assign(bar, operator.pos, (y,)),
    ]
    f = function(body, (bar,), x, test)
    verify(f)
    assert show(f) == "\n".join(
        [
            "function f(x, test):",
            "    r = range(3)",
            "    for i in r with s = 0.0:",
            "        s'2 = add(s, x)",
            "        yield s'2",
            "    => s'3",
            "    v1 = mul(s'3, x)",
            "    if test:",
            "        v2 = neg(v1)",
            "        yield v2",
            "    else:",
            "        yield v1",
            "    => y",
            "    s_bar = pos(y)",
            "    return s_bar",
        ]
    )


def bad_programs():
    x, y, z = Var("x", Float()), Var("y", Float()), Var("z", Float())
    one = Const(1.0, Float())
    yield "read before", function([Assign(z, operator.mul, (x, y)), Assign(y, abs, (x,))], (z,), x)
    yield "bound twice", function([Assign(y, abs, (x,)), Assign(y, abs, (x,))], (y,), x)
    yield "bound twice", function([Assign(x, abs, (one,))], (x,), x)
    arm = Block((Assign(y, abs, (x,)),), (y,))
    yield "outside its block", function([If((z,), x, arm, Block((), (one,)))], (y,), x)
    yield "arm's yields", function([If((z,), x, Block((), ()), Block((), (one,)))], (z,), x)
    yield "yields 2 values", Function("f", (Param("x", LEAF, (x,)),), Block((), (x, x)), LEAF)
    yield "one value", function([While((z,), (), (y,), (x,), Block((), ()), Block((), (y,)))], (z,), x)
    yield "body's yields", function([While((z,), (), (y,), (x,), Block((), (y,)), Block((), ()))], (z,), x)
    yield "stop", function([While((z,), (), (y,), (x,), Block((), (y,)), Block((), (y,)), stop=1)], (z,), x)
    yield "differ in number", function([While((), (), (y,), (x,), Block((), (y,)), Block((), (y,)))], (x,), x)
    yield "match sequences", function([For((), (), (), (), (), (), Block((), ()))], (x,), x)
    yield "three items", function([Store(y, x, Display("slice", (one, one)), one)], (y,), x)
    yield "match its structure", Function("f", (Param("x", LEAF, (x, y)),), Block((), (x,)), LEAF)


@pytest.mark.parametrize(("message", "f"), list(bad_programs()))
def test_a_bad_program_is_refused(message, f) -> None:
    with pytest.raises(AssertionError, match=message):
        verify(f)
