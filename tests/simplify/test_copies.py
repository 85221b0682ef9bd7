import operator

from wengert.ir.nodes import LEAF, Assign, Block, Const, For, Function, If, Param, Structure, Var, While
from wengert.ir.show import show
from wengert.ir.types import Bool, Float, Range
from wengert.ir.verify import verify
from wengert.simplify.copies import copies

X, Y = Var("x", Float()), Var("y", Float())
ONE = Const(1.0, Float())
FALSE, TRUE = Const(False, Bool()), Const(True, Bool())
TRIPS = Const(range(3), Range())


def function(*statements, ends) -> Function:
    result = Structure("tuple", (LEAF,) * len(ends))
    return Function("f", (Param("x", LEAF, (X,)), Param("y", LEAF, (Y,))), Block(statements, ends), result)


def lines(f: Function) -> list[str]:
    verify(f)
    after = copies(f)
    verify(after)
    assert show(copies(after)) == show(after)
    return [line.strip() for line in show(after).split("\n")[1:]]


def floats(text: str) -> list[Var]:
    return [Var(h, Float()) for h in text.split()]


def unchanged(f: Function) -> bool:
    return lines(f) == [line.strip() for line in show(f).split("\n")[1:]]


def test_what_both_arms_agree_on() -> None:
    a, p, q = floats("a p q")
    branch = If((p, q), X, Block((Assign(a, abs, (Y,)),), (Y, a)), Block((), (Y, X)))
    assert lines(function(branch, ends=(p, q))) == [
        "if x:",
        "a = abs(y)",
        "yield a",
        "else:",
        "yield x",
        "=> q",
        "return y, q",
    ]


def test_arms_that_differ_stay() -> None:
    p, q = floats("p q")
    assert unchanged(function(If((p,), X, Block((), (X,)), Block((), (Y,))), ends=(p,)))
    # 1.0 and True are equal in Python and not the same
    assert unchanged(function(If((q,), X, Block((), (ONE,)), Block((), (TRUE,))), ends=(q,)))


def test_a_known_test_leaves_one_arm() -> None:
    a, b, p = floats("a b p")
    then, orelse = Block((Assign(a, abs, (X,)),), (a,)), Block((Assign(b, operator.neg, (X,)),), (b,))
    assert lines(function(If((p,), TRUE, then, orelse), ends=(p,))) == ["a = abs(x)", "return a"]
    assert lines(function(If((p,), FALSE, then, orelse), ends=(p,))) == ["b = neg(x)", "return b"]


def loop(body, carried, inits, yields, stop=None):
    results = tuple(Var(c.hint + "_", Float()) for c in carried)
    return For(results, (), (Var("i", Float()),), (TRIPS,), carried, inits, Block(body, yields), stop=stop)


def test_carried_names_that_do_not_change() -> None:
    c, d, d2, e = floats("c d d2 e")
    inner = loop((Assign(d2, operator.mul, (d, e)),), (d, e), (X, c), (d2, e))
    outer = loop((inner,), (c,), (Y,), (inner.results[1],))
    assert lines(function(outer, ends=(outer.results[0],))) == [
        "for i in range(0, 3):",
        "for i'2 in range(0, 3) with d = x:",
        "d2 = mul(d, y)",
        "yield d2",
        "=> d_",
        "yield",
        "return y",
    ]


def test_carried_names_that_are_always_equal() -> None:
    c, d, c2 = floats("c d c2")
    two = loop((Assign(c2, operator.mul, (c, d)),), (c, d), (X, X), (c2, c2))
    assert lines(function(two, ends=two.results)) == [
        "for i in range(0, 3) with c = x:",
        "c2 = mul(c, c)",
        "yield c2",
        "=> c_",
        "return c_, c_",
    ]
    c, d, c2 = floats("c d c2")
    two = loop((Assign(c2, operator.mul, (c, d)),), (c, d), (X, Y), (c2, c2))
    assert unchanged(function(two, ends=two.results))
    c, d, c2 = floats("c d c2")
    swap = loop((), (c, d), (X, Y), (d, c))
    assert unchanged(function(swap, ends=swap.results))


def test_the_flag_that_ends_a_loop() -> None:
    c, c2, stop = floats("c c2 stop")
    never = loop((Assign(c2, abs, (c,)),), (stop, c), (FALSE, X), (stop, c2), stop=0)
    made = copies(function(never, ends=never.results)).body.statements[0]
    assert isinstance(made, For) and made.stop is None and made.carried == (c,)
    c, c2, stop = floats("c c2 stop")
    maybe = loop((Assign(c2, abs, (c,)),), (stop, c), (Y, X), (stop, c2), stop=0)
    assert unchanged(function(maybe, ends=maybe.results))
    a, b, c, c2, r = floats("a b c c2 r")
    inside = (Assign(c2, abs, (c,)), Assign(r, operator.gt, (c2, ONE)))
    merged = loop(inside, (a, c, b), (FALSE, X, FALSE), (r, c2, r), stop=2)
    made = copies(function(merged, ends=merged.results)).body.statements[0]
    assert isinstance(made, For) and made.stop == 0 and made.carried == (a, c)


def test_while_loops_too() -> None:
    c, d, d2, c3, d3, t = floats("c d d2 c3 d3 t")
    test = Block((Assign(t, operator.lt, (d, c)),), (t,))
    f = function(While((c3, d3), (), (c, d), (Y, X), test, Block((Assign(d2, abs, (d,)),), (c, d2))), ends=(c3, d3))
    assert lines(f)[:2] == ["while with d = x:", "t = lt(d, y)"]
    assert lines(f)[-1] == "return y, d3"
