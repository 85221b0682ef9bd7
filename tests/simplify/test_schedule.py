import operator
import time

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


def test_time_grows_with_the_program_only() -> None:
    f = long_program(5000)
    start = time.perf_counter()
    after = simplify(f)
    assert time.perf_counter() - start < 2.0  # about 0.15 s; room for a busy machine
    verify(after)
    assert show(after) == show(simplify(after))
