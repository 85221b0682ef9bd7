import operator

from wengert.ir.nodes import LEAF, Assign, Block, Const, For, Function, Param, Structure, Var
from wengert.ir.show import show
from wengert.ir.types import Float, Int, Range
from wengert.ir.verify import verify
from wengert.simplify.ranges import ranges

X, N = Var("x", Float()), Var("n", Int())
ZERO = Const(0.0, Float())


def lines(*statements, ends) -> list[str]:
    params = (Param("x", LEAF, (X,)), Param("n", LEAF, (N,)))
    f = Function("f", params, Block(statements, ends), Structure("tuple", (LEAF,) * len(ends)))
    verify(f)
    after = ranges(f)
    verify(after)
    return [line.strip() for line in show(after).split("\n")[1:]]


def summed(walked: Var, reverse: bool, by_index: bool) -> For:
    i, s, s2, total = Var("i", Int()), Var("s", Float()), Var("s", Float()), Var("s", Float())
    body = Block((Assign(s2, operator.add, (s, i if by_index else X)),), (s2,))
    return For((total,), (), (i,), (walked,), (s,), (ZERO,), body, reverse)


def test_each_loop_has_its_own() -> None:
    r = Var("r", Range())
    first, second = summed(r, False, True), summed(r, True, True)
    found = lines(Assign(r, range, (N,)), first, second, ends=(*first.results, *second.results))
    assert [line for line in found if "range" in line] == ["r = range(n)", "r'2 = range(n)"]
    assert any(line.startswith("for i'2 in reversed(r'2)") for line in found)


def test_an_order_that_nobody_sees_is_not_turned_round() -> None:
    r = Var("", Range())
    loop = summed(r, True, False)
    assert any(line.startswith("for i in v1 with") for line in lines(Assign(r, range, (N,)), loop, ends=loop.results))


def test_a_range_that_is_read_otherwise_stays() -> None:
    r, length = Var("r", Range()), Var("k", Int())
    loop = summed(r, False, True)
    found = lines(Assign(r, range, (N,)), Assign(length, len, (r,)), loop, ends=(*loop.results, length))
    assert sum("range" in line for line in found) == 1 and found[0] == "r = range(n)"
