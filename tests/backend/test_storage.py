import operator
from dataclasses import replace
from random import Random

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wengert.backend.emit import emit
from wengert.backend.load import load
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
from wengert.ir.types import Array, Bool, Float, Int, List, Number, Opaque, Range, Sym, Tape
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


# Random programs----------------


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
        # recent values make longer chains, and keep to the names of the loop that is being written
        return self.random.choice(of[-4:] if self.random.random() < 0.7 else of)

    def scope(self):
        return list(self.full), list(self.half), list(self.tapes)

    def restore(self, saved) -> None:
        self.full, self.half, self.tapes = (list(x) for x in saved)

    def statements(self, depth: int, count: int) -> list:
        return [s for _ in range(self.random.randint(1, count)) for s in self.statement(depth)]

    def statement(self, depth: int) -> list:
        kinds = ["fresh", "view", "view", "store", "store", "store", "half_store", "accumulate", "cotangent", "widen"]
        if self.random.random() < 0.1:
            kinds = ["unknown"]
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
        if targets:
            # at the end of the trip, or before anything is stored
            fold = self.fold(names[0], targets[0])
            yields[0] = fold[-1].target
            body = [*body, *fold] if self.random.random() < 0.5 else [*fold, *body]
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
        trips = Const(self.random.choice([0, 1, 2, 3, 3]), Int())
        loop = For(
            tuple(results),
            tuple(tapes),
            (i,),
            (r,),
            tuple(names),
            tuple(inits),
            Block(tuple(body), (*yields, *records)),
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

    def fold(self, into: Var, entry: Var) -> list:
        """What is on a tape has to reach the results for anybody to see it."""
        scaled = self.assign(FULL, operator.mul, into, Const(0.5, Float()))
        return scaled + self.assign(FULL, operator.add, scaled[0].target, entry)

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
    body = [*maker.fresh(0), *maker.fresh(0)]
    if random.random() < 0.7:
        # arguments are never written: with fewer of them around, more is
        del maker.full[:2]
    body += maker.statements(0, 9)
    for _ in range(random.randint(0, 2)):
        if maker.tapes:
            body += maker.walk(2)
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


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(programs, st.booleans())
def test_the_printed_program_computes_it_too(f: Function, simplified: bool) -> None:
    leaves = [np.arange(4.0) - 1.5, np.arange(4.0) ** 2]
    kept = [a.copy() for a in leaves]
    with np.errstate(all="ignore"):
        expected = run(f, leaves)
        got = load(emit(place(simplify(f) if simplified else f)))(*leaves)
    for a, b in zip(expected, got if len(expected) > 1 else (got,), strict=True):
        np.testing.assert_array_equal(a, b)
    for a, b in zip(leaves, kept, strict=True):
        np.testing.assert_array_equal(a, b)


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(programs)
def test_simplified_programs_too(f: Function) -> None:
    check_in_place(f, place(simplify(f)))


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(programs, st.sampled_from(PASSES))
def test_each_simplification_keeps_the_meaning(f: Function, one) -> None:
    check_in_place(f, place(one(f)))


# What is copied, and where----------------

X = Var("x", FULL)
ZERO = Const(0, Int())
TWO = Const(2.0, Float())
RANGE = Const(range(3), Range())


def copied(f: Function) -> list[str]:
    """The lines of the placed function that copy, each with its indentation."""
    check_in_place(function((X, Var("unused", FULL)), f.body.statements, f.body.yields), place(with_unused(f)))
    return [line.replace("copy_(", "copy(") for line in show(place(f)).split("\n") if "copy" in line]


def with_unused(f: Function) -> Function:
    return function((X, Var("unused", FULL)), f.body.statements, f.body.yields)


def test_a_buffer_of_its_own_is_stored_into() -> None:
    b, r1, r2, t = (Var("x_bar", FULL) for _ in range(4))
    c, i = Var("x_bar", FULL), Var("i", Int())
    body = [
        Assign(b, np.zeros_like, (X,)),
        AddStore(r1, b, ZERO, TWO),
        For((t,), (), (i,), (RANGE,), (c,), (r1,), Block((AddStore(r2, c, i, TWO),), (r2,))),
    ]
    assert copied(function((X,), body, (t,))) == []


def test_an_argument_is_copied_once_before_all_loops() -> None:
    i, j, c, d, r, e, out = (Var(h, t) for h, t in zip("ijcdreo", [Int(), Int(), *[FULL] * 5], strict=True))
    inner = For((e,), (), (j,), (RANGE,), (d,), (c,), Block((Store(r, d, j, TWO),), (r,)))
    body = [For((out,), (), (i,), (RANGE,), (c,), (X,), Block((inner,), (e,)))]
    assert copied(function((X,), body, (out,))) == ["    c = copy(x)"]


def test_a_view_that_is_read_later_is_copied_and_not_its_base() -> None:
    y, v, r, s, out = Var("y", FULL), Var("v", HALF), Var("y", FULL), Var("s", FULL), Var("out", FULL)
    pair = Display("list", (v, v))
    body = [
        Assign(y, np.exp, (X,)),
        Assign(v, operator.getitem, (y, cut(1, 3))),
        Store(r, y, ZERO, TWO),
        Assign(s, np.concatenate, (pair,)),
        Assign(out, operator.add, (s, r)),
    ]
    assert copied(function((X,), body, (out,))) == ["    v = copy(v1)"]


def test_the_old_version_that_is_read_later_is_kept() -> None:
    y, r, out = Var("y", FULL), Var("z", FULL), Var("out", FULL)
    body = [Assign(y, np.exp, (X,)), Store(r, y, ZERO, TWO), Assign(out, operator.add, (y, r))]
    assert copied(function((X,), body, (out,))) == ["    y'2 = copy(y)"]


def test_of_what_is_cleared_as_a_whole_nothing_is_copied() -> None:
    zero = Const(0.0, Float())
    y, r, out = Var("y", FULL), Var("_bar", FULL, X), Var("out", FULL)
    for index, count in ((Const(Ellipsis, Opaque()), 0), (Display("slice", (NONE,) * 3), 0), (cut(1, 3), 1)):
        body = [Assign(y, np.exp, (X,)), Store(r, y, index, zero), Assign(out, operator.add, (y, r))]
        f = function((X,), body, (out,))
        assert len(copied(f)) == count
        check_in_place(with_unused(f), place(with_unused(f)))


def test_what_is_recorded_and_overwritten_is_recorded_as_a_copy() -> None:
    y, u, r, e, i, tape = (Var("u", FULL) for _ in range(6))
    t, s, s2, s3 = Var("t", FULL), Var("s", FULL), Var("s", FULL), Var("s", FULL)
    tape, i = Var("tape", Tape(FULL)), Var("i", Int())
    body = [
        Assign(y, np.exp, (X,)),
        For((e,), (tape,), (i,), (RANGE,), (u,), (y,), Block((Store(r, u, i, TWO),), (r, u))),
        For((s3,), (), (t,), (tape,), (s,), (e,), Block((Assign(s2, operator.add, (s, t)),), (s2,)), reverse=True),
    ]
    f = function((X,), body, (s3,))
    assert copied(f) == ["        u'3 = copy(u'2)"]
    assert "record tape <- u'3" in show(place(f))


def test_what_each_trip_allocates_is_not_on_the_tape_yet() -> None:
    z, r, u, e, i, t, s, s2, s3 = (Var(h, FULL) for h in ["z", "r", "u", "e", "i", "t", "s", "s2", "s3"])
    i, tape = Var("i", Int()), Var("tape", Tape(FULL))
    inside = Block((Assign(z, np.exp, (u,)), Store(r, z, i, TWO)), (r, r))
    after = Block((Assign(s2, operator.add, (s, t)),), (s2,))
    body = [
        For((e,), (tape,), (i,), (RANGE,), (u,), (X,), inside),
        For((s3,), (), (t,), (tape,), (s,), (X,), after),
        Assign(Var("y", FULL), operator.add, (e, s3)),
    ]
    assert copied(function((X,), body, (body[-1].target,))) == []


def test_an_entry_that_is_recorded_twice_is_not_stored_into() -> None:
    y, t, r, s, s2, s3 = (Var(h, FULL) for h in ["y", "t", "r", "s", "s2", "s3"])
    tape = Var("tape", Tape(FULL))
    inside = (Assign(s2, operator.add, (s, t)), Store(r, t, ZERO, TWO))
    body = [
        Assign(y, np.exp, (X,)),
        For((), (tape,), (Var("i", Int()),), (RANGE,), (), (), Block((), (y,))),
        For((s3,), (), (t,), (tape,), (s,), (X,), Block(inside, (s2,))),
    ]
    assert copied(function((X,), body, (s3,)))[:-1] == ["        t'2 = copy(t)"]


def test_what_the_test_of_a_while_stores_into_is_its_result() -> None:
    y, c, c2, c3, r, d, d2, d3 = (Var(h, FULL) for h in ["y", "c", "c2", "c3", "r", "d", "d2", "d3"])
    element, more = Var("element", Float()), Var("more", Bool())
    first = Const(0, Int())
    ask = (
        Store(r, c, Const(1, Int()), TWO),
        Assign(element, operator.getitem, (r, first)),
        Assign(more, operator.lt, (element, Const(9.0, Float()))),
    )
    body = [
        Assign(y, np.exp, (X,)),
        While(
            (c3, d3),
            (),
            (c, d),
            (y, X),
            Block(ask, (more,)),
            Block((Assign(d2, operator.add, (d, X)), Assign(c2, np.full_like, (d, Const(9.0, Float())))), (c2, d2)),
        ),
    ]
    assert copied(function((X,), body, (c3, d3)))[:-1] == ["        c'2 = copy(c)"]


def test_an_earlier_trips_value_is_on_the_tape() -> None:
    z, last, last3, before, before3, r, t, s, s2, s3, out = (Var(h, FULL) for h in "zlmbcrtsuvo")
    tape = Var("tape", Tape(FULL))
    inside = Block((Assign(z, np.exp, (last,)),), (z, last, z))
    write = For((last3, before3), (tape,), (Var("i", Int()),), (RANGE,), (last, before), (X, X), inside)
    read = For((s3,), (), (t,), (tape,), (s,), (r,), Block((Assign(s2, operator.add, (s, t)),), (s2,)))
    y = Var("y", FULL)
    # the arguments' memory is out of the way, so that it is the tape's that matters
    body = [Assign(y, np.exp, (X,)), replace(write, inits=(y, y)), Store(r, before3, ZERO, TWO), read]
    assert len(copied(function((X,), [*body, Assign(out, operator.neg, (s3,))], (out,)))) == 1


def test_results_share_memory_with_nothing() -> None:
    y, v = Var("y", FULL), Var("v", FULL)
    body = [Assign(y, np.exp, (X,)), Assign(v, operator.getitem, (y, REVERSED))]
    assert copied(function((X,), body, (X, y, v))) == ["    x'2 = copy(x)", "    v'2 = copy(v)"]


def test_a_question_about_the_shape_needs_no_copy() -> None:
    y, r, z, out = Var("y", FULL), Var("y", FULL), Var("z", FULL), Var("out", FULL)
    body = [
        Assign(y, np.exp, (X,)),
        Store(r, y, ZERO, TWO),
        Assign(z, np.zeros_like, (y,)),
        Assign(out, operator.add, (z, r)),
    ]
    f = function((X,), body, (out,))
    assert copied(f) == []
    assert "zeros_like(y'2)" in show(place(f))


def test_a_list_is_copied_as_a_list() -> None:
    floats = List(Float())
    xs, r, n, out = Var("xs", floats), Var("xs", floats), Var("n", Float()), Var("out", Float())
    body = [
        Store(r, xs, ZERO, TWO),
        Assign(n, operator.getitem, (xs, ZERO)),
        Assign(out, operator.getitem, (r, ZERO)),
    ]
    f = function((xs,), body, (n, out))
    placed = place(f)
    assert "xs'2 = list(xs)" in show(placed)
    assert run(placed, [[1.0, 3.0]], in_place=True) == [1.0, 2.0]


def test_a_list_keeps_what_is_put_into_it() -> None:
    rows = List(FULL)
    xs, ys, y, zs, r, out = Var("xs", rows), Var("xs", rows), Var("y", FULL), Var("xs", rows), *(Var("", FULL),) * 2
    r, out = Var("r", FULL), Var("out", FULL)
    body = [
        Assign(ys, list, (xs,)),
        Assign(y, np.exp, (X,)),
        Store(zs, ys, ZERO, y),
        Store(r, y, ZERO, TWO),
        Assign(out, operator.getitem, (zs, ZERO)),
    ]
    f = function((X, xs), body, (r, out))
    x = np.ones(4)
    expected = run(f, [x, [x, x]])
    for a, b in zip(expected, run(place(f), [x, [x, x]], in_place=True), strict=True):
        np.testing.assert_array_equal(a, b)


# Accumulation


def total(b_type, c_type, kept=False, op=operator.add, own=True):
    x, c = Var("x", b_type), Var("c", c_type)
    b, t = Var("_bar", b_type, x), Var("_bar", b_type, x)
    body = [Assign(b, np.exp if own else np.asarray, (x,)), Assign(t, op, (b, c))]
    f = function((x, c), body, (t, b) if kept else (t,))
    return show(place(f)).split("\n")


def test_a_cotangent_grows_in_place() -> None:
    assert "    x_bar'2 = x_bar with [Ellipsis] += c" in total(FULL, FULL)
    assert "    x_bar'2 = x_bar with [Ellipsis] += c" in total(FULL, Float())
    assert "    x_bar'2 = x_bar with [Ellipsis] += c" in total(FULL, Array("float32", (4,)))
    assert "    x_bar'2 = x_bar with [Ellipsis] += c" in total(Array("float64", (3, 4)), FULL)


def test_a_sum_is_left_alone_where_anything_is_unknown() -> None:
    left = "    x_bar'2 = add(x_bar, c)"
    assert left in total(FULL, FULL, kept=True)
    assert left in total(FULL, FULL, own=False)
    assert left in total(Array("float32", (4,)), FULL)
    assert left in total(FULL, Array("float64", (3, 4)))
    assert left in total(Array("float64", (1,)), FULL)
    assert left in total(FULL, Array("float64", (Sym("n"),)))
    assert left in total(FULL, Number())
    assert left in total(Number(), Float())
    assert left in total(Array("float64", ()), Float())
    assert left in total(Array("float64", None), Array("float64", None))
    assert left in total(Array("int64", (4,)), Float())


def swapping(first: Var, second: Var) -> For:
    """Two buffers that each trip swaps, after it wrote the older one: `u, v = v, u`."""
    u, v, r, view, value, u2, v2 = (Var(h, FULL) for h in ["u", "v", "v", "view", "value", "u", "v"])
    body = (
        Assign(view, operator.getitem, (u, cut(0, 2))),
        Assign(value, operator.add, (view, Const(1.0, Float()))),
        Store(r, v, cut(1, 3), value),
    )
    return For((u2, v2), (), (Var("i", Int()),), (RANGE,), (u, v), (first, second), Block(body, (r, u)))


def test_buffers_that_are_swapped_are_two() -> None:
    a, b = Var("a", FULL), Var("b", FULL)
    fresh = [Assign(a, np.exp, (X,)), Assign(b, np.zeros_like, (X,))]
    loop = swapping(a, b)
    assert copied(function((X,), [*fresh, loop], loop.results)) == []


def test_buffers_that_start_as_one_are_not() -> None:
    a = Var("a", FULL)
    loop = swapping(a, a)
    assert copied(function((X,), [Assign(a, np.exp, (X,)), loop], loop.results)) != []


def test_a_buffer_that_both_names_have_after_a_trip_is_copied() -> None:
    a, b, u, v, r, u2, v2, w = (Var(h, FULL) for h in ["a", "b", "u", "v", "r", "u", "v", "w"])
    fresh = [Assign(a, np.exp, (X,)), Assign(b, np.zeros_like, (X,))]
    body = Block((Store(r, v, ZERO, TWO), Assign(w, operator.add, (u, r))), (r, r))
    loop = For((u2, v2), (), (Var("i", Int()),), (RANGE,), (u, v), (a, b), body)
    assert copied(function((X,), [*fresh, loop], (u2, v2))) != []


def test_what_was_swapped_and_is_swapped_again_is_still_two() -> None:
    a, b = Var("a", FULL), Var("b", FULL)
    fresh = [Assign(a, np.exp, (X,)), Assign(b, np.zeros_like, (X,))]
    first = swapping(a, b)
    second = swapping(*first.results)
    assert copied(function((X,), [*fresh, first, second], second.results)) == []


def test_a_loop_that_swaps_inside_of_one_that_swaps() -> None:
    a, b, c, d, e, f = (Var(h, FULL) for h in "abcdef")
    fresh = [Assign(a, np.exp, (X,)), Assign(b, np.zeros_like, (X,))]
    inner = swapping(c, d)
    loop = For((e, f), (), (Var("i", Int()),), (RANGE,), (c, d), (a, b), Block((inner,), inner.results[::-1]))
    assert copied(function((X,), [*fresh, loop], (e, f))) == []


def test_two_loops_may_leave_the_same_buffer() -> None:
    a, c, d, r, s = (Var(h, FULL) for h in "acdrs")
    loops = [For((r,), (), (Var("i", Int()),), (RANGE,), (c,), (a,), Block((), (c,)))]
    loops.append(For((s,), (), (Var("j", Int()),), (RANGE,), (d,), (a,), Block((), (d,))))
    assert copied(function((X,), [Assign(a, np.exp, (X,)), *loops], (r, s))) != []


def test_what_is_recorded_is_copied_once_for_all_tapes() -> None:
    """A view is recorded by a loop inside of another, whose tape is recorded too, and stores come in both."""
    y, u, w, view, r, e, out, total, more, t = (Var(h, FULL) for h in ["y", "u", "w", "v", "r", "e", "o", "s", "m", "t"])
    inner_tape, outer_tape, entry = Var("tape", Tape(HALF)), Var("tapes", Tape(Tape(HALF))), Var("entry", Tape(HALF))
    i, j = Var("i", Int()), Var("j", Int())
    inside = Block((Assign(view, operator.getitem, (w, cut(0, 2))), Store(r, w, i, TWO)), (r, view))
    inner_loop = For((e,), (inner_tape,), (i,), (RANGE,), (w,), (u,), inside)
    outer = For((out,), (outer_tape,), (j,), (RANGE,), (u,), (y,), Block((inner_loop,), (e, inner_tape)))
    parts = [Var(f"p{n}", FULL) for n in range(4)]
    half = Var("h", HALF)
    walk_inner = For(
        (parts[1],), (), (half,), (entry,), (parts[0],), (total,),
        Block((Assign(parts[2], operator.add, (parts[0], Const(1.0, Float()))),
               AddStore(parts[3], parts[2], cut(0, 2), half)), (parts[3],)), reverse=True,
    )  # fmt: skip
    walk = For((t,), (), (entry,), (outer_tape,), (total,), (more,), Block((walk_inner,), (parts[1],)), reverse=True)
    fresh = [Assign(y, np.exp, (X,)), Assign(more, np.exp, (X,))]
    found = copied(function((X,), [*fresh, outer, walk], (out, t)))
    assert len(found) == 1 and "copy(v)" in found[0]


def test_a_branch_stores_in_place_what_is_recorded_as_a_copy() -> None:
    """The arms of a branch each store; a tape records what was there before."""
    y, u, first, second, r, out, s, s2, s3, old, z = (Var(h, FULL) for h in "yufgrosssoz")
    tape, i, test = Var("tape", Tape(FULL)), Var("i", Int()), Var("test", Bool())
    arms = Block((Store(first, u, i, TWO),), (first,)), Block((Store(second, u, ZERO, TWO),), (second,))
    body = Block((Assign(test, operator.gt, (i, ZERO)), If((r,), test, *arms)), (r, u))
    loop = For((out,), (tape,), (i,), (RANGE,), (u,), (y,), body)
    walk = For((s3,), (), (old,), (tape,), (s,), (z,), Block((Assign(s2, operator.add, (s, old)),), (s2,)))
    fresh = [Assign(y, np.exp, (X,)), Assign(z, np.exp, (X,))]
    assert copied(function((X,), [*fresh, loop, walk], (out, s3))) == ["        u'2 = copy(u)"]
