import numpy as np

from wengert.backend.firsts import firsts
from wengert.ir.builder import constant
from wengert.ir.nodes import LEAF, AddStore, Assign, Block, Function, Param, Var
from wengert.ir.show import show
from wengert.ir.types import Array, Float
from wengert.ir.verify import verify

ROW = Array("float64", (4,))
X, S, C = Var("x", ROW), Var("s", Float()), Var("c", Array("complex128", (4,)))
ROWS = Var("rows", Array("int64", (2,)))


def last_line(*statements) -> str:
    params = tuple(Param(v.hint, LEAF, (v,)) for v in (X, S, C, ROWS))
    f = Function("f", params, Block(statements, (statements[-1].result,)), LEAF)
    verify(f)
    return show(firsts(f)).split("\n")[-2].strip()


def zeros(of: Var = X, hint: str = "_bar") -> Assign:
    return Assign(Var(hint, of.type, of if hint == "_bar" else None), np.zeros_like, (of,))


def added(base: Var, index, value) -> AddStore:
    return AddStore(Var("_bar", base.type, X), base, index, value)


def test_the_first_part_is_stored() -> None:
    made = zeros()
    assert last_line(made, added(made.target, constant(1), S)).endswith("with [1] = s")
    first = added(made.target, constant(1), S)
    assert last_line(made, first, added(first.result, constant(2), S)).endswith("with [2] += s")


def test_not_where_it_would_be_something_else() -> None:
    made = zeros()
    assert "+=" in last_line(made, added(made.target, ROWS, S))  # an entry that is selected twice
    assert "+=" in last_line(made, added(made.target, constant(...), C))  # a cast that a sum refuses
    users = zeros(hint="y")
    assert "+=" in last_line(users, added(users.target, constant(1), S))
