"""What lasts is read again: checked on programs by hand, and on random nests of loops that are run."""

import operator
import random
from typing import Any

import numpy as np
import pytest

from wengert.analyses.affine import Sum, never_negative, one, plus
from wengert.analyses.lasting import Lasting
from wengert.ir.builder import NONE, constant
from wengert.ir.nodes import Arg, Assign, Block, Const, Display, For, Statement, Store, Var
from wengert.ir.types import Array, Float, Int, NumpyScalar, Range, Sym

SIZE = 7
FULL = Array("float64", (Sym("n"), Sym("m")))


def test_what_is_never_negative() -> None:
    bounds = {"i": ([plus(one("k"), 1)], [plus(one("n"), -1)]), "k": ([Sum()], [plus(one("n"), -1)]), "n": ([Sum()], [])}

    def holds(*terms: tuple[str, int], rest: int = 0) -> bool:
        return never_negative(Sum(terms, rest), lambda s: bounds[s])  # type: ignore[index]

    assert holds(("i", 1), ("k", -1), rest=-1) and holds(("n", 1), ("i", -1), rest=-1) and holds(("i", 2), rest=-2)
    assert not holds(("i", 1), ("k", -1), rest=-2) and not holds(("k", 1), ("i", -1)) and not holds(("n", -1))


# --- random nests of loops ------------------------------------------------------------------------------------------------
#
# A program is a list of ("for", depth, start, stop, step, reverse, body), ("store", index) and ("read", index, name). A number
# in it is a pair (loop, offset): the variable of the loop of that depth, or 0 where it is None, plus the offset.

Number = tuple[Any, int]


def number(r: random.Random, depth: int) -> Number:
    return (r.choice([None, *range(depth)]) if depth else None, r.randint(-1, 2))


def part(r: random.Random, depth: int) -> Any:
    if r.random() < 0.3:
        return ("slice", *(None if r.random() < 0.4 else number(r, depth) for _ in range(2)))
    return number(r, depth)


def program(r: random.Random, depth: int = 0) -> list[Any]:
    made: list[Any] = []
    for _ in range(r.randint(1, 3)):
        kind = r.random()
        if (kind < 0.45 and depth < 3) or depth == 0:
            step = r.choice([1, 1, 1, 2, -1])
            start, stop = number(r, depth), r.choice([(None, SIZE - 2), (None, SIZE - 2), number(r, depth)])
            ends = (start, stop) if step > 0 else (stop, start)
            made.append(("for", depth, *ends, step, r.random() < 0.2, program(r, depth + 1)))
        elif kind < 0.7:
            made.append(("store", (part(r, depth), part(r, depth))))
        else:
            made.append(("read", (part(r, depth), part(r, depth)), len(made)))
    return made


class Built:
    """The program in the IR; `reads` are its statements that read, by the identity of their part of the program."""

    def __init__(self) -> None:
        self.reads: dict[int, Statement] = {}

    def block(self, parts: list[Any], a: Var, indices: list[Var]) -> tuple[list[Statement], Var]:
        made: list[Statement] = []
        for p in parts:
            if p[0] == "for":
                _, _, start, stop, step, reverse, inside = p
                q, i, carried, result = Var("", Range()), Var("i", Int()), Var("a", FULL), Var("a", FULL)
                made.append(Assign(q, range, (*(self.number(x, indices, made) for x in (start, stop)), constant(step))))
                body, end = self.block(inside, carried, [*indices, i])
                made.append(For((result,), (), (i,), (q,), (carried,), (a,), Block(tuple(body), (end,)), reverse))
                a = result
                continue
            index = Display("tuple", tuple(self.part(x, indices, made) for x in p[1]))
            if p[0] == "read":
                self.reads[id(p)] = Assign(Var("", Array("float64")), operator.getitem, (a, index))
                made.append(self.reads[id(p)])
            else:
                after = Var("a", FULL)
                made.append(Store(after, a, index, constant(1.0)))
                a = after
        return made, a

    def part(self, p: Any, indices: list[Var], made: list[Statement]) -> Arg:
        if p[0] != "slice":
            return self.number(p, indices, made)
        return Display("slice", (*(NONE if x is None else self.number(x, indices, made) for x in p[1:]), NONE))

    def number(self, x: Number, indices: list[Var], made: list[Statement]) -> Var | Const:
        if x[0] is None:
            return constant(x[1])
        v = Var("", Int())
        made.append(Assign(v, operator.add, (indices[x[0]], constant(x[1]))))
        return v


def run(parts: list[Any], a: np.ndarray, values: list[int], clock: list[int], seen: list[Any]) -> None:
    """Run a program; what each read gave is in `seen`, every store leaves a number of its own."""

    def at(x: Number) -> int:
        return (0 if x[0] is None else values[x[0]]) + x[1]

    def index(p: Any) -> Any:
        return slice(*(None if x is None else at(x) for x in p[1:])) if p[0] == "slice" else at(p)

    for p in parts:
        if p[0] == "for":
            walked = range(at(p[2]), at(p[3]), p[4])
            for i in reversed(walked) if p[5] else walked:
                run(p[6], a, [*values, i], clock, seen)
        elif p[0] == "store":
            clock[0] += 1
            a[index(p[1][0]), index(p[1][1])] = clock[0]
        else:
            key = (index(p[1][0]), index(p[1][1]))
            seen.append((p, key, np.copy(a[key])))


@pytest.mark.parametrize("seed", range(8))
def test_what_lasts_is_the_same_at_the_end(seed: int) -> None:
    r = random.Random(seed)
    lasting = 0
    for _ in range(60):
        parts = program(r)
        built, a0 = Built(), Var("a0", FULL)
        statements, last = built.block(parts, a0, [])
        answers = Lasting(Block(tuple(statements), (last,)))
        a, seen = np.zeros((SIZE + 8, SIZE + 8)), []
        run(parts, a, [], [0], seen)
        for p, key, value in seen:
            again = answers.again(built.reads[id(p)])
            if again is not None:
                lasting += 1
                assert again.args[0] is last
                assert np.array_equal(a[key], value), (parts, key)
    assert lasting > 20  # some do last


# --- by hand --------------------------------------------------------------------------------------------------------------


def test_the_factors_of_an_elimination_last() -> None:
    """for k in range(n): for i in range(k + 1, n): a[i, k] = w; what is read at a[k, k:] and stored at a[i, k] stays."""
    n, k, i, k1 = Var("n", Int(Sym("n"))), Var("k", Int()), Var("i", Int()), Var("", Int())
    a0, a1, a2, a3, a4, a5 = (Var("a", FULL) for _ in range(6))
    row, own, w = Var("", Array("float64", (Sym("r"),))), Var("", NumpyScalar("float64")), Var("w", NumpyScalar("float64"))
    outer, inner = Var("", Range()), Var("", Range())
    pivots = Assign(row, operator.getitem, (a2, Display("tuple", (k, Display("slice", (k, NONE, NONE))))))
    before = Assign(own, operator.getitem, (a2, Display("tuple", (i, k))))
    stored = Store(a3, a2, Display("tuple", (i, k)), w)
    body = Block((pivots, before, Assign(w, operator.truediv, (own, own)), stored), (a3,))
    trip = Block(
        (
            Assign(k1, operator.add, (k, constant(1))),
            Assign(inner, range, (k1, n)),
            For((a4,), (), (i,), (inner,), (a2,), (a1,), body),
        ),
        (a4,),
    )
    block = Block((Assign(outer, range, (n,)), For((a5,), (), (k,), (outer,), (a1,), (a0,), trip)), (a5,))
    lasting = Lasting(block)
    for s in (pivots, stored):
        again = lasting.again(s)
        assert again is not None and again.args[0] is a5
    assert lasting.again(before) is None
    assert Lasting(block, {a5}).again(pivots) is None  # a later store overwrites it


def test_a_number_is_not_read_again_as_another_type() -> None:
    k, q, w, p = Var("k", Int()), Var("", Range()), Var("w", NumpyScalar("float64")), Var("p", Float())
    for value, kept in ((w, True), (p, False)):
        a0, a1, a2, a3 = (Var("a", Array("float64", (Sym("n"),))) for _ in range(4))
        stored = Store(a2, a1, k, value)
        loop = For((a3,), (), (k,), (q,), (a1,), (a0,), Block((stored,), (a2,)))
        block = Block((Assign(q, range, (constant(5),)), loop), (a3,))
        assert (Lasting(block).again(stored) is not None) is kept
