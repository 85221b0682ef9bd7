import operator

from wengert.ir.nodes import (
    LEAF,
    AddStore,
    Assign,
    Block,
    Comment,
    Const,
    For,
    Function,
    If,
    Param,
    Store,
    Structure,
    Var,
    While,
)
from wengert.ir.show import show
from wengert.ir.types import Array, Bool, Float, Int, Range, Tape
from wengert.ir.verify import verify
from wengert.simplify.dead import dead

X = Var("x", Float())
ONE = Const(1.0, Float())
TRIPS = Const(range(3), Range())


def function(*statements, ends=(X,)) -> Function:
    result = Structure("tuple", (LEAF,) * len(ends))
    return Function("f", (Param("x", LEAF, (X,)),), Block(statements, ends), result)


def lines(f: Function) -> list[str]:
    verify(f)
    after = dead(f)
    verify(after)
    assert show(dead(after)) == show(after)
    return [line.strip() for line in show(after).split("\n")[1:-1]]


def floats(text: str) -> list[Var]:
    return [Var(h, Float()) for h in text.split()]


def test_what_nothing_reads_goes() -> None:
    y, z, w = floats("y z w")
    keep = Assign(w, abs, (X,))
    assert lines(function(Assign(y, abs, (X,)), Assign(z, abs, (y,)), keep, ends=(w,))) == ["w = abs(x)"]


def test_stores_that_nothing_reads_go() -> None:
    u, r, s = (Var("u", Array("float64", (3,))) for _ in range(3))
    body = [Store(r, u, Const(0, Int()), ONE), AddStore(s, r, Const(0, Int()), ONE)]
    f = Function("f", (Param("u", LEAF, (u,)),), Block(tuple(body), (u,)), LEAF)
    assert lines(f) == []


def test_an_effect_stays_wherever_it_is() -> None:
    y, z, i, c, c2, c3 = floats("y z i c c2 c3")
    inner = If((), z, Block((Assign(y, print, (c,), effect=True),), ()), Block((), ()))
    loop = For(
        (c3,), (), (i,), (TRIPS,), (c,), (X,), Block((Assign(z, abs, (c,)), Assign(c2, abs, (c,)), inner), (c2,))
    )
    assert lines(function(loop)) == [
        "for i in range(0, 3) with c = x:",
        "z = abs(c)",
        "c2 = abs(c)",
        "if z:",
        "y = print!(c)",
        "yield",
        "else:",
        "yield",
        "yield c2",
        "=> c3",
    ]


def test_results_of_a_branch() -> None:
    a, b, p, q = floats("a b p q")
    branch = If((p, q), X, Block((Assign(a, abs, (X,)), Assign(b, abs, (X,))), (a, b)), Block((), (X, X)))
    assert lines(function(branch, ends=(p,))) == ["if x:", "a = abs(x)", "yield a", "else:", "yield x", "=> p"]
    assert lines(function(branch)) == []


def test_carried_names_that_only_feed_themselves() -> None:
    i, c, c2, c3, d, d2, d3, e, e2, e3 = floats("i c c2 c3 d d2 d3 e e2 e3")
    inside = [Assign(c2, operator.add, (c, d)), Assign(d2, operator.mul, (c, d)), Assign(e2, operator.neg, (e,))]
    loop = For((c3, d3, e3), (), (i,), (TRIPS,), (c, d, e), (X, X, X), Block(tuple(inside), (c2, d2, e2)))
    assert lines(function(loop, ends=(e3,))) == [
        "for i in range(0, 3) with e = x:",
        "e2 = neg(e)",
        "yield e2",
        "=> e3",
    ]
    assert len(lines(function(loop, ends=(c3,)))) == 5
    assert lines(function(loop)) == []


def test_the_flag_and_the_test_of_a_loop_stay() -> None:
    n, n2, n3, c, c2, c3, d, d2, d3 = floats("n n2 n3 c c2 c3 d d2 d3")
    stop, stop2, stop3, test = (Var(h, Bool()) for h in ["stop", "stop2", "stop3", "test"])
    ask = Block((Assign(test, operator.lt, (n, ONE)),), (test,))
    inside = [
        Assign(n2, operator.add, (n, ONE)),
        Assign(c2, abs, (c,)),
        Assign(stop2, operator.gt, (c2, ONE)),
        Assign(d2, abs, (d,)),
    ]
    yields = (d2, n2, c2, stop2)
    carried = (d, n, c, stop)
    inits = (X, X, X, Const(False, Bool()))
    loop = While((d3, n3, c3, stop3), (), carried, inits, ask, Block(tuple(inside), yields), stop=3)
    f = function(loop, ends=(n3,))
    made = dead(f).body.statements[0]
    assert isinstance(made, While) and made.stop == 2 and made.carried == (n, c, stop)
    assert len(lines(f)) == 9


def test_tapes_that_nothing_walks() -> None:
    i, c, c2, c3, t, u, d, d2, d3 = floats("i c c2 c3 t u d d2 d3")
    p, q = Var("p", Tape(Float())), Var("q", Tape(Float()))
    write = For((c3,), (p, q), (i,), (TRIPS,), (c,), (X,), Block((Assign(c2, abs, (c,)),), (c2, c, c2)))
    walk = For((d3,), (), (t, u), (p, q), (d,), (X,), Block((Assign(d2, operator.mul, (d, u)),), (d2,)), reverse=True)
    text = lines(function(write, walk, ends=(d3,)))
    assert "record q <- c2" in text and not any("record p" in line for line in text)
    assert "for u in reversed(q) with d = x:" in text
    alone = For((d3,), (), (t, u), (p, q), (d,), (X,), Block((Assign(d2, operator.mul, (d, d)),), (d2,)))
    text = lines(function(write, alone, ends=(d3,)))
    assert "for t in p with d = x:" in text and not any("record q" in line for line in text)
    # of several, one that is there anyway
    assert "for u in q with d = x:" in lines(function(write, alone, ends=(d3, q)))


def test_a_range_is_not_a_tape() -> None:
    i, t, d, d2, d3 = floats("i t d d2 d3")
    p = Var("p", Tape(Float()))
    c, c2, c3 = floats("c c2 c3")
    write = For((c3,), (p,), (i,), (TRIPS,), (c,), (X,), Block((Assign(c2, abs, (c,)),), (c2, c)))
    both = For((d3,), (), (i2 := Var("i", Int()), t), (TRIPS, p), (d,), (X,), Block((Assign(d2, abs, (d,)),), (d2,)))
    assert lines(function(write, both, ends=(d3,)))[0] == "for i in range(0, 3) with d = x:"
    assert i2 in dead(function(write, both, ends=(d3,))).body.statements[0].targets


def test_comments_stay() -> None:
    assert lines(function(Comment("adjoint trace"))) == ["# adjoint trace"]
