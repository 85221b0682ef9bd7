"""Which tapes share a list."""

from __future__ import annotations

from wengert.backend.emit import emit
from wengert.backend.load import load
from wengert.backend.tapes import group
from wengert.ir.nodes import LEAF, Atom, Block, Const, For, Function, Param, Statement, Structure, Var
from wengert.ir.types import Float, Int, Opaque, Range, Tape, Type

FLOAT = Float()
TRIPS = Const(range(2), Range())


def writer(body: tuple[Statement, ...], recorded: tuple[Atom, ...], types: tuple[Type, ...]) -> For:
    tapes = tuple(Var("", Tape(t)) for t in types)
    return For((), tapes, (Var("i", Int()),), (TRIPS,), (), (), Block(body, recorded))


def reader(tapes: tuple[Var, ...], body: tuple[Statement, ...] = (), reverse: bool = False) -> For:
    targets = tuple(Var("e", t.type.item) for t in tapes if isinstance(t.type, Tape))
    return For((), (), targets, tapes, (), (), Block(body, ()), reverse)


def function(x: Var, *statements: Statement) -> Function:
    return Function("f", (Param("x", LEAF, (x,)),), Block(statements, (x,)), LEAF)


def test_tapes_with_the_same_readers_share() -> None:
    x = Var("x", FLOAT)
    loop = writer((), (x, Const(1.0, FLOAT), x), (FLOAT,) * 3)
    a, b, c = loop.tapes
    f = function(x, loop, reader((a, b)), reader((c,)))
    assert group(f).lists(loop) == [[0, 1], [2]]


def test_tapes_that_nothing_reads_are_dropped() -> None:
    x = Var("x", FLOAT)
    inner = writer((), (x,), (FLOAT,))
    outer = writer((inner,), inner.tapes, (Tape(FLOAT),))
    assert group(function(x, outer)).lists(inner) == []
    assert "append" not in emit(function(x, outer)).text


def test_a_tape_that_is_used_as_a_value_stays_alone() -> None:
    x = Var("x", FLOAT)
    loop = writer((), (x, x), (FLOAT, FLOAT))
    f = Function(
        "f",
        (Param("x", LEAF, (x,)),),
        Block((loop, reader(loop.tapes)), (loop.tapes[0], Const(None, Opaque()))),
        Structure("tuple", (LEAF, LEAF)),
    )
    assert group(f).lists(loop) == [[0], [1]]
    assert load(emit(f))(1.0) == ([1.0, 1.0], None)


def test_three_levels_share_one_list_each() -> None:
    """What two tapes come back as is followed through every loop that records and walks them."""
    x = Var("x", FLOAT)
    inner = writer((), (x, Const(2.0, FLOAT)), (FLOAT, FLOAT))
    middle = writer((inner,), (x, *inner.tapes), (FLOAT, Tape(FLOAT), Tape(FLOAT)))
    types = tuple(t.type for t in middle.tapes)
    outer = writer((middle,), middle.tapes, types)

    def entries(tapes: tuple[Var, ...]) -> tuple[Var, ...]:
        return tuple(Var("e", t.type.item) for t in tapes if isinstance(t.type, Tape))

    first = entries(outer.tapes)
    second = entries(first)
    third = entries(second[1:])
    read = For((), (), third, second[1:], (), (), Block((), ()))
    read = For((), (), second, first, (), (), Block((read,), ()), reverse=True)
    read = For((), (), first, outer.tapes, (), (), Block((read,), ()))
    f = function(x, outer, read)
    found = group(f)
    assert found.lists(inner) == [[0, 1]]
    assert found.lists(middle) == [[0, 1]]
    assert found.lists(outer) == [[0]]
    assert emit(f).text == (
        "def f(x):\n"
        "    tape = []\n"
        "    for _ in range(2):\n"
        "        tape2 = []\n"
        "        for _ in range(2):\n"
        "            tape3 = []\n"
        "            for _ in range(2):\n"
        "                tape3.append((x, 2.0))\n"
        "            tape2.append((x, tape3))\n"
        "        tape.append(tape2)\n"
        "    for tape2 in tape:\n"
        "        for _, tape3 in reversed(tape2):\n"
        "            for _, _ in tape3:\n"
        "                pass\n"
        "    return x\n"
    )
    assert load(emit(f))(3.0) == 3.0
