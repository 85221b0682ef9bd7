import operator

import numpy as np

from wengert.analyses.overwritten import overwritten
from wengert.ir.nodes import Assign, Block, Const, Display, For, If, Store, Var
from wengert.ir.types import Array, Float, Int, Opaque, Range

FULL = Array("float64", (4,))
FIRST, TWO = Const(0, Int()), Const(2.0, Float())
NONE = Const(None, Opaque())
REST = Display("slice", (Const(1, Int()), NONE, NONE))
X, TEST = Var("x", FULL), Var("test", Float())


def arrays(text: str) -> list[Var]:
    return [Var(h, FULL) for h in text.split()]


def test_versions_and_views() -> None:
    y, v, r, w, e = arrays("y v r w e")
    block = Block(
        (
            Assign(y, np.exp, (X,)),
            Assign(v, operator.getitem, (y, REST)),
            Assign(e, operator.getitem, (y, Var("i", Array("int64", (2,))))),
            Store(r, y, FIRST, TWO),
            Assign(w, operator.getitem, (r, REST)),
        ),
        (r,),
    )
    found = overwritten(block)
    assert {y, v} <= found and not {r, w, X} & found


def test_what_loops_and_branches_hand_on() -> None:
    y, z, u, r, p, q, out, last = arrays("y z u r p q o l")
    arm = Block((Store(r, u, FIRST, TWO),), (r,))
    body = Block((If((p,), TEST, arm, Block((), (u,))), Assign(q, np.exp, (p,))), (q,))
    loop = For((out,), (), (Var("i", Int()),), (Const(range(3), Range()),), (u,), (y,), body)
    block = Block((Assign(y, np.exp, (X,)), loop, Assign(z, np.exp, (out,)), Store(last, z, FIRST, TWO)), (last,))
    found = overwritten(block)
    assert {y, u, q, z} <= found and not {out, last, r, p} & found
