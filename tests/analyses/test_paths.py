"""Which variables may be unbound or None."""

from __future__ import annotations

import operator

from wengert.analyses.paths import Perhaps, maybe_none, unbound
from wengert.ir.builder import NONE, constant
from wengert.ir.nodes import UNDEFINED, Assign, Block, Display, For, If, Var
from wengert.ir.types import Bool, Float, Range, Tape

T, R = Var("t", Bool()), Var("r", Range())


def number(name: str) -> Var:
    return Var(name, Float())


def choice(then: object, orelse: object) -> tuple[If, Var]:
    result = number("y")
    return If((result,), T, Block((), (then,)), Block((), (orelse,))), result  # type: ignore[arg-type]


def test_a_result_that_one_branch_leaves_out() -> None:
    x = number("x")
    s, y = choice(x, UNDEFINED)
    assert unbound(Block((s,), (y,))) == {y}
    assert maybe_none(Block((s,), (y,))) == set()


def test_none_of_one_branch() -> None:
    s, y = choice(number("x"), NONE)
    assert maybe_none(Block((s,), (y,))) == {y}
    assert unbound(Block((s,), (y,))) == set()


def test_what_a_loop_carries_from_nothing() -> None:
    x, c, last, i = number("x"), number("c"), number("last"), number("i")
    loop = For((last,), (), (i,), (R,), (c,), (UNDEFINED,), Block((), (x,)))
    assert unbound(Block((loop,), (last,))) == {c, last}


def test_what_walks_a_tape_of_such_values() -> None:
    s, y = choice(number("x"), UNDEFINED)
    tape, back, entry = (Var("tape", Tape(Float())) for _ in range(3))
    entry = number("entry")
    record = For((), (tape,), (number("i"),), (R,), (), (), Block((s,), (y,)))
    turned = Assign(back, operator.getitem, (tape,))
    walk = For((), (), (entry,), (back,), (), (), Block((), ()))
    assert unbound(Block((record, turned, walk), ())) == {y, entry}


def test_a_parameter_that_may_be_none() -> None:
    p, x = Var("p", Perhaps("float64", (3,))), number("x")
    s, y = choice(p, x)
    assert maybe_none(Block((s,), (y,))) == {p, y}
    assert maybe_none(Block((), (p,))) == {p}
    assert unbound(Block((s,), (y,))) == set()


def test_the_none_of_a_slice_is_no_entry_of_a_tape() -> None:
    tape, back, entry = Var("tape", Tape(Float())), Var("back", Tape(Float())), number("entry")
    turned = Assign(back, operator.getitem, (tape, Display("slice", (NONE, NONE, constant(-1)))))
    walk = For((), (), (entry,), (back,), (), (), Block((), ()))
    assert maybe_none(Block((turned, walk), ())) == set()
