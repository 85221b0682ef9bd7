import operator

from wengert.ir.nodes import LEAF, UNDEFINED, Assign, Block, Const, Function, If, Param, Structure, Var
from wengert.ir.show import show
from wengert.ir.types import Array, Bool, Float
from wengert.ir.verify import verify
from wengert.simplify.dead import dead
from wengert.simplify.retest import retest

X, Y = Var("x", Float()), Var("y", Float())
U = Var("u", Array("float64", (3,)))
ONE = Const(1.0, Float())


def function(*statements, ends) -> Function:
    params = tuple(Param(v.hint, LEAF, (v,)) for v in (X, Y, U))
    return Function("f", params, Block(statements, ends), Structure("tuple", (LEAF,) * len(ends)))


def lines(f: Function) -> list[str]:
    verify(f)
    after = retest(f)
    verify(after)
    return [line.strip() for line in show(dead(after)).split("\n")[1:]]


def branches(made: Assign, *before: Assign) -> Function:
    """A branch whose other arm makes a comparison, and one that asks for it."""
    first, passed, result, inner = Var("a", Bool()), Var("", Bool()), Var("r", Float()), Var("i", Float())
    again = If((inner,), passed, Block((), (X,)), Block((), (ONE,)))
    return function(
        *before,
        Assign(first, operator.lt, (X, ONE)),
        If((passed,), first, Block((), (UNDEFINED,)), Block((made,), (made.target,))),
        If((result,), first, Block((), (Y,)), Block((again,), (inner,))),
        ends=(result,),
    )


def test_a_comparison_of_numbers_is_made_again() -> None:
    found = lines(branches(Assign(Var("t", Bool()), operator.lt, (X, Y))))
    assert found == [
        "a = lt(x, 1.0)",
        "if a:",
        "yield y",
        "else:",
        "v1 = lt(x, y)",
        "if v1:",
        "yield x",
        "else:",
        "yield 1.0",
        "=> i",
        "yield i",
        "=> r",
        "return r",
    ]


def test_through_two_branches() -> None:
    t, a, b, inner, outer, r, q = (Var(h, Bool()) for h in ["t", "a", "b", "i", "o", "r", "q"])
    nested = If((inner,), b, Block((), (UNDEFINED,)), Block((Assign(t, operator.gt, (Y, X)),), (t,)))
    asked = If((q,), b, Block((), (X,)), Block((If((r,), outer, Block((), (X,)), Block((), (Y,))),), (r,)))
    last = Var("last", Float())
    f = function(
        Assign(a, operator.lt, (X, ONE)),
        Assign(b, operator.lt, (Y, ONE)),
        If((outer,), a, Block((), (UNDEFINED,)), Block((nested,), (inner,))),
        If((last,), a, Block((), (ONE,)), Block((asked,), (q,))),
        ends=(last,),
    )
    assert sum("gt(y, x)" in line for line in lines(f)) == 1 and "v1 = gt(y, x)" in lines(f)



def test_what_is_bound_in_the_arm_is_handed_on() -> None:
    inside, t = Var("z", Float()), Var("t", Bool())
    first, passed, r = Var("a", Bool()), Var("p", Bool()), Var("r", Float())
    arm = Block((Assign(inside, abs, (X,)), Assign(t, operator.lt, (inside, Y))), (t,))
    f = function(
        Assign(first, operator.lt, (X, ONE)),
        If((passed,), first, Block((), (UNDEFINED,)), arm),
        If((r,), passed, Block((), (X,)), Block((), (Y,))),
        ends=(r,),
    )
    assert retest(f) is f


def test_what_is_read_for_more_than_a_test_is_handed_on() -> None:
    first, t, p = Var("a", Bool()), Var("t", Bool()), Var("p", Bool())
    f = function(
        Assign(first, operator.lt, (X, ONE)),
        If((p,), first, Block((), (UNDEFINED,)), Block((Assign(t, operator.lt, (X, Y)),), (t,))),
        ends=(p,),
    )
    assert retest(f) is f


def test_other_operations_are_not_repeated() -> None:
    f = branches(Assign(Var("t", Bool()), any, (U,)))
    assert retest(f) is f
    f = branches(Assign(Var("t", Array("bool", (3,))), operator.lt, (U, ONE)))
    assert retest(f) is f
