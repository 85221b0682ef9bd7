import operator
import sys

from wengert.ir.nodes import LEAF, Assign, Block, Const, For, Function, If, Param, Var
from wengert.ir.show import show
from wengert.ir.types import Float, Int, Range
from wengert.ir.verify import verify
from wengert.simplify.schedule import simplify


def long_program(count: int) -> Function:
    """Straight lines with loops and branches among them, all of it read."""
    x = Var("x", Float())
    values = [x]
    body = []
    for k in range(count // 5):
        a, b, c, c2, c3, d, e = (Var("", Float()) for _ in range(7))
        body.append(Assign(a, operator.mul, (values[-1], values[k // 2])))
        inside = Block((Assign(c2, operator.mul, (c, a)),), (c2,))
        loop = For((c3,), (), (Var("i", Int()),), (Const(range(3), Range()),), (c,), (a,), inside)
        body.append(loop)
        body.append(If((e,), a, Block((Assign(d, abs, (c3,)),), (d,)), Block((), (c3,))))
        body.append(Assign(b, operator.add, (e, a)))
        values.append(b)
    return Function("f", (Param("x", LEAF, (x,)),), Block(tuple(body), (values[-1],)), LEAF)


def calls(f: Function) -> int:
    """How many Python functions simplifying `f` calls."""
    count = 0

    def seen(frame: object, event: str, arg: object) -> None:
        nonlocal count
        count += event == "call"

    before = sys.getprofile()
    sys.setprofile(seen)
    try:
        simplify(f)
    finally:
        sys.setprofile(before)
    return count


def test_work_grows_with_the_program_only() -> None:
    assert calls(long_program(2000)) < 2.2 * calls(long_program(1000))


def test_a_long_program_stays_right_and_the_same() -> None:
    f = long_program(1000)
    after = simplify(f)
    verify(after)
    assert show(after) == show(simplify(after))
