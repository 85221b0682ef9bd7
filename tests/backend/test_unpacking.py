"""Calls with several results are unpacked where they are made."""

from __future__ import annotations

import operator

from wengert.backend.emit import emit
from wengert.ir.builder import constant
from wengert.ir.callee import Emitted, Results
from wengert.ir.nodes import LEAF, Assign, Block, Function, Param, Structure, Var
from wengert.ir.types import Float


def program(*read: int, effect: bool = False, whole: bool = False) -> str:
    """A function that applies one with three results and reads some of them."""
    p, x = Var("p", Float()), Var("x", Float())
    shape = Structure("tuple", (LEAF, LEAF, LEAF))
    op = Emitted("three", Function("three", (Param("p", LEAF, (p,)),), Block((), (p, p, p)), shape), several=True)
    several = Var("", Results((Float(),) * 3))
    parts = [Var(f"y{k}", Float()) for k in read]
    lines = [Assign(v, operator.getitem, (several, constant(k))) for v, k in zip(parts, read, strict=True)]
    yields = (*parts, several) if whole else tuple(parts)
    body = Block((Assign(several, op, (x,), effect=effect), *lines), yields)
    f = Function("f", (Param("x", LEAF, (x,)),), body, Structure("tuple", (LEAF,) * len(yields)))
    return emit(f, callees={op: op.defined}).text.split("\n\n\n")[0]


def test_all_are_read() -> None:
    assert program(0, 1, 2) == "def f(x):\n    y0, y1, y2 = three(x)\n    return y0, y1, y2"


def test_what_is_not_read_has_no_name() -> None:
    assert program(2) == "def f(x):\n    _, _, y2 = three(x)\n    return y2,"


def test_an_effect_keeps_its_line() -> None:
    assert program(0, 1, 2, effect=True) == "def f(x):\n    v1 = three(x)\n    y0, y1, y2 = v1\n    return y0, y1, y2"


def test_what_is_read_as_a_whole_stays() -> None:
    assert program(1, whole=True) == "def f(x):\n    v1 = three(x)\n    y1 = v1[1]\n    return y1, v1"
