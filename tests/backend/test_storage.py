import operator
from random import Random

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wengert.backend.storage import place
from wengert.ir.interpret import run
from wengert.ir.nodes import (
    LEAF,
    AddStore,
    Assign,
    Block,
    Const,
    Display,
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
from wengert.ir.types import Array, Bool, Float, Int, Number, Opaque, Range, Tape
from wengert.ir.verify import verify
from wengert.simplify.schedule import PASSES, simplify

FULL = Array("float64", (4,))
HALF = Array("float64", (2,))
NONE = Const(None, Opaque())
REVERSED = Display("slice", (NONE, NONE, Const(-1, Int())))


def cut(start: int, stop: int) -> Display:
    return Display("slice", (Const(start, Int()), Const(stop, Int()), NONE))


def function(params, statements, yields) -> Function:
    result = LEAF if len(yields) == 1 else Structure("tuple", (LEAF,) * len(yields))
    return Function("f", tuple(Param(p.hint, LEAF, (p,)) for p in params), Block(tuple(statements), tuple(yields)), result)


# Random programs --------------------------------------------------------------------------------------------------------


class Maker:
    """Draws programs over arrays of 4 and of 2 numbers, with every way to share memory."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.full: list[Var] = []
        self.half: list[Var] = []
        self.tapes: list[Var] = []
        self.number = 0
        self.types = random.choice([FULL, Number(), Array("float64", None)])

    def var(self, t, hint="v") -> Var:
        self.number += 1
        return Var(f"{hint}{self.number}", t if t is not FULL else self.types)

    def pick(self, of: list):
        # recent values make longer chains
        k = self.random.randint(0, len(of) - 1)
        return of[-1 - k // 2] if self.random.random() < 0.5 else of[k]

    def scope(self):
        return list(self.full), list(self.half), list(self.tapes)

    def restore(self, saved) -> None:
        self.full, self.half, self.tapes = (list(x) for x in saved)

    def statements(self, depth: int, count: int) -> list:
        return [s for _ in range(self.random.randint(1, count)) for s in self.statement(depth)]

    def statement(self, depth: int) -> list:
        kinds = ["fresh", "view", "view", "store", "store", "store", "half_store", "accumulate", "cotangent", "unknown", "widen"]
        if depth < 3:
            kinds += ["if", "for", "for", "while", "walk"]
        return getattr(self, self.random.choice(kinds))(depth)

    def assign(self, t, op, *args) -> list:
        v = self.var(t)
        (self.half if t is HALF else self.full).append(v)
        return [Assign(v, op, args)]

    def fresh(self, depth) -> list:
        op = self.random.choice([operator.add, np.add, operator.mul])
        return self.assign(FULL, op, self.pick(self.full), Const(0.5, Float()))

    def view(self, depth) -> list:
        x = self.pick(self.full)
        if self.random.random() < 0.5:
            return self.assign(FULL, operator.getitem, x, REVERSED)
        return self.assign(HALF, operator.getitem, x, self.random.choice([cut(0, 2), cut(1, 3), cut(2, 4)]))

    def unknown(self, depth) -> list:
        return self.assign(FULL, identity, self.pick(self.full))

    def widen(self, depth) -> list:
        if not self.half:
            return []
        pair = Display("list", (self.pick(self.half), self.pick(self.half)))
        return self.assign(FULL, np.concatenate, pair)

    def store(self, depth) -> list:
        base = self.pick(self.full)
        r = self.var(FULL, "r")
        which = self.random.choice([Store, AddStore])
        if self.half and self.random.random() < 0.5:
            s = which(r, base, self.random.choice([cut(0, 2), cut(1, 3)]), self.pick(self.half))
        elif self.random.random() < 0.5:
            s = which(r, base, Const(self.random.randint(0, 3), Int()), Const(2.0, Float()))
        else:
            s = which(r, base, Const(Ellipsis, Opaque()), self.pick(self.full))
        if self.random.random() < 0.5:
            self.full.remove(base)
        self.full.append(r)
        return [s]

    def accumulate(self, depth) -> list:
        b, c = self.pick(self.full), self.pick(self.full)
        t = Var(b.hint, self.types, b.of)
        self.full.append(t)
        return [Assign(t, operator.add, (b, c))]

    def cotangent(self, depth) -> list:
        of = self.pick(self.full)
        b, t = Var("_bar", self.types, of), Var("_bar", self.types, of)
        like, c = self.pick(self.full), self.pick(self.full)
        self.full.append(t)
        return [Assign(b, np.zeros_like, (like,)), Assign(t, operator.add, (b, c))]

    def half_store(self, depth) -> list:
        if not self.half:
            return []
        r = self.var(HALF, "h")
        s = Store(r, self.pick(self.half), Const(0, Int()), Const(3.0, Float()))
        self.half.append(r)
        return [s]

    def if_(self, depth) -> list:
        saved = self.scope()
        then = self.statements(depth + 1, 3)
        a = self.pick(self.full)
        self.restore(saved)
        orelse = self.statements(depth + 1, 3)
        c = self.pick(self.full)
        self.restore(saved)
        r = self.var(FULL)
        self.full.append(r)
        test = self.var(Bool())
        k = Const(self.random.randint(0, 3), Int())
        e = self.var(Float())
        return [
            Assign(e, operator.getitem, (self.pick(saved[0]), k)),
            Assign(test, operator.gt, (e, Const(1.0, Float()))),
            If((r,), test, Block(tuple(then), (a,)), Block(tuple(orelse), (c,))),
        ]

    def carried(self):
        inits = [self.pick(self.full) for _ in range(self.random.randint(1, 3))]
        return [self.var(FULL, "c") for _ in inits], inits

    def loop_body(self, depth, names, targets, before=()):
        saved = self.scope()
        self.full += [*targets, *names]
        body = [*before, *self.statements(depth + 1, 4)]
        yields = [self.pick(self.full) for _ in names]
        records = [self.pick(self.full) for _ in range(self.random.randint(0, 2))]
        self.restore(saved)
        return body, yields, records

    def for_(self, depth) -> list:
        names, inits = self.carried()
        r, i = self.var(Range()), self.var(Int())
        body, yields, records = self.loop_body(depth, names, [])
        results, tapes = [self.var(FULL) for _ in names], [self.var(Tape(FULL), "tape") for _ in records]
        self.full += results
        self.tapes += tapes
        trips = Const(self.random.randint(0, 3), Int())
        loop = For(
            tuple(results), tuple(tapes), (i,), (r,), tuple(names), tuple(inits), Block(tuple(body), (*yields, *records))
        )
        return [Assign(r, range, (trips,)), loop]

    def walk(self, depth) -> list:
        if not self.tapes:
            return self.for_(depth)
        names, inits = self.carried()
        entry = self.var(FULL, "t")
        tape = self.pick(self.tapes)
        body, yields, records = self.loop_body(depth, names, [entry])
        results, tapes = [self.var(FULL) for _ in names], [self.var(Tape(FULL), "tape") for _ in records]
        self.full += results
        self.tapes += tapes
        reverse = self.random.random() < 0.5
        block = Block(tuple(body), (*yields, *records))
        return [For(tuple(results), tuple(tapes), (entry,), (tape,), tuple(names), tuple(inits), block, reverse)]

    def while_(self, depth) -> list:
        names, inits = self.carried()
        n, n2, n3, test, stop, stop2, stop3 = (self.var(Int()) for _ in range(7))
        bump = [Assign(n2, operator.add, (n, Const(1, Int()))), Assign(stop2, operator.gt, (n2, Const(1, Int())))]
        saved = self.scope()
        self.full += names
        ahead = self.statements(3, 2)
        self.restore(saved)
        body, yields, records = self.loop_body(depth, names, [], bump)
        results, tapes = [self.var(FULL) for _ in names], [self.var(Tape(FULL), "tape") for _ in records]
        self.full += results
        self.tapes += tapes
        ask = Block((*ahead, Assign(test, operator.lt, (n, Const(self.random.randint(0, 3), Int())))), (test,))
        block = Block(tuple(body), (n2, stop2, *yields, *records))
        zero = Const(0, Int())
        carried, starts, ends = (n, stop, *names), (zero, Const(False, Bool()), *inits), (n3, stop3, *results)
        return [While(ends, tuple(tapes), carried, starts, ask, block, self.random.choice([None, 1]))]


setattr(Maker, "if", Maker.if_)
setattr(Maker, "for", Maker.for_)
setattr(Maker, "while", Maker.while_)


def identity(x):
    return x


def program(random: Random) -> Function:
    maker = Maker(random)
    x, y = Var("x", maker.types), Var("y", maker.types)
    maker.full += [x, y]
    body = maker.statements(0, 9)
    results = [maker.pick(maker.full + maker.half) for _ in range(random.randint(1, 3))]
    return function((x, y), body, results)


programs = st.randoms(use_true_random=False).map(program)


def check_in_place(f: Function, placed: Function) -> None:
    verify(placed)
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=4) + 1, rng.normal(size=4) + 1
    with np.errstate(all="ignore"):
        for shared in (False, True):
            leaves = [x, x if shared else y]
            kept = [a.copy() for a in leaves]
            expected = [np.array(v) for v in run(f, leaves)]
            again = [np.array(v) for v in run(placed, leaves)]
            got = run(placed, leaves, in_place=True)
            for a, b, c in zip(expected, got, again, strict=True):
                np.testing.assert_array_equal(a, b, err_msg=f"{show(f)}\n{show(placed)}")
                np.testing.assert_array_equal(a, c)
            for a, b in zip(leaves, kept, strict=True):
                np.testing.assert_array_equal(a, b)
            for k, a in enumerate(got):
                assert not any(np.shares_memory(a, b) for b in (*leaves, *got[:k])), show(placed)


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(programs)
def test_in_place_computes_what_the_program_means(f: Function) -> None:
    verify(f)
    check_in_place(f, place(f))


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(programs)
def test_simplified_programs_too(f: Function) -> None:
    check_in_place(f, place(simplify(f)))


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(programs, st.sampled_from(PASSES))
def test_each_simplification_keeps_the_meaning(f: Function, one) -> None:
    check_in_place(f, place(one(f)))
