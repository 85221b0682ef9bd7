"""The text of small functions: names, moves, loops, tapes, stores, headers."""

from __future__ import annotations

import functools
import linecache
import math
import operator
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pytest

from wengert.backend.emit import Emitted, emit
from wengert.backend.load import load
from wengert.errors import Location
from wengert.ir.nodes import (
    LEAF,
    UNDEFINED,
    AddStore,
    Arg,
    Assign,
    Atom,
    Block,
    Comment,
    Const,
    Display,
    For,
    Function,
    If,
    Param,
    Statement,
    Store,
    Structure,
    Var,
    While,
)
from wengert.ir.types import Array, Bool, Float, Int, NumpyScalar, Opaque, Range, Tape, Type
from wengert.runtime import assert_, format_, join_, raise_, unbroadcast

FLOAT, ARRAY, FLAG = Float(), Array("float64", (3,)), Bool()
add, mul, sub, lt = operator.add, operator.mul, operator.sub, operator.lt


def c(value: Any) -> Const:
    return Const(value, Opaque())


def var(hint: str = "", type: Type = FLOAT, of: Var | None = None, inline: bool = False) -> Var:
    return Var(hint, type, of, inline)


def param(v: Var, name: str = "", **more: Any) -> Param:
    return Param(name or v.hint, LEAF, (v,), **more)


def function(params: Sequence[Var | Param], statements: Sequence[Statement], *results: Atom, **more: Any) -> Function:
    structure = LEAF if len(results) == 1 else Structure("tuple", (LEAF,) * len(results))
    given = tuple(p if isinstance(p, Param) else param(p) for p in params)
    return Function("f", given, Block(tuple(statements), results), structure, **more)


def body(emitted: Emitted) -> str:
    """The text below the `def` line, without its indentation."""
    return textwrap.dedent(emitted.text.split("):\n", 1)[1])


def shows(f: Function, text: str) -> Callable[..., Any]:
    emitted = emit(f)
    assert body(emitted) == textwrap.dedent(text).lstrip("\n")
    return load(emitted)


# names


def test_versions_share_a_name_where_they_can() -> None:
    x, x1, x2, y = var("x"), var("x"), var("x"), var("y")
    lines: list[Statement] = [Assign(x1, mul, (x, c(2.0))), Assign(x2, add, (x1, c(1.0))), Assign(y, mul, (x2, x1))]
    f = shows(
        function([x], lines, y),
        """
        x = x * 2.0
        x_2 = x + 1.0
        y = x_2 * x
        return y
        """,
    )
    assert f(3.0) == 42.0


def test_generated_names_give_way_to_the_user() -> None:
    x, v1, t, x_bar, bar = var("x"), var("v1"), var(), var("x_bar"), None
    bar = var("_bar", of=x)
    lines: list[Statement] = [
        Assign(v1, mul, (x, x)),
        Assign(x_bar, add, (v1, x)),
        Assign(t, mul, (x_bar, v1)),
        Assign(bar, sub, (t, x_bar)),
    ]
    shows(
        function([x], lines, bar),
        """
        v1 = x * x
        x_bar = v1 + x
        v2 = x_bar * v1
        x_bar_2 = v2 - x_bar
        return x_bar_2
        """,
    )


def test_bars_accumulate_under_one_name() -> None:
    x, x_bar, more = var("x"), None, None
    x_bar, more = var("_bar", of=x), var("_bar", of=x)
    product = var(inline=True)
    lines: list[Statement] = [
        Assign(x_bar, math.sin, (x,)),
        Assign(product, mul, (x, x)),
        Assign(more, add, (x_bar, product)),
    ]
    shows(
        function([x], lines, more),
        """
        x_bar = math.sin(x)
        x_bar = x_bar + x * x
        return x_bar
        """,
    )


def test_a_variable_without_hint_takes_the_name_of_another() -> None:
    x, t, again = var("x"), var(), None
    again = var("", of=t)
    lines: list[Statement] = [Assign(t, mul, (x, x)), Assign(again, add, (t, x))]
    shows(
        function([x], lines, again),
        """
        v1 = x * x
        v1 = v1 + x
        return v1
        """,
    )


def test_user_variables_shadow_builtins_and_modules() -> None:
    np_, abs_, y = var("np"), var("abs"), var("y")
    n = var(type=Range())
    i, s, s1, r = var("i"), var("s"), var("s"), var("s")
    range_ = var("range")
    loop = For((r,), (), (i,), (n,), (s,), (c(0.0),), Block((Assign(s1, add, (s, i)),), (s1,)))
    lines: list[Statement] = [
        Assign(range_, abs, (np_,)),
        Assign(y, np.sin, (range_,)),
        Assign(n, range, (c(3),)),
        loop,
        Assign(abs_, add, (y, r)),
    ]
    emitted = emit(function([np_], lines, abs_))
    assert emitted.text.startswith("import builtins\nimport numpy\n\n\n")
    assert "range = builtins.abs(np)" in emitted.text
    assert "y = numpy.sin(range)" in emitted.text
    assert "for i in builtins.range(3):" in emitted.text
    assert load(emitted)(-2.0) == np.sin(2.0) + 3.0


# inlining


def test_nested_lines_do_not_cross_a_store() -> None:
    u, u1, u2, early, late, y = var("u", ARRAY), var("u", ARRAY), None, None, None, var("y")
    early, late = var(inline=True), var(inline=True)
    total = var("total")
    lines: list[Statement] = [
        Assign(u1, np.copy, (u,)),
        Assign(early, np.sum, (u,)),
        Assign(late, np.max, (u,)),
        Assign(y, mul, (early, c(2.0))),
        Store(u2 := var("u", ARRAY), u1, c(0), y),
        Assign(total, add, (late, y)),
    ]
    shows(
        function([u], lines, u2, total),
        """
        u_2 = np.copy(u)
        v1 = np.max(u)
        y = np.sum(u) * 2.0
        u_2[0] = y
        total = v1 + y
        return u_2, total
        """,
    )


def test_a_line_stays_where_its_operand_is_bound_again() -> None:
    x, t, x1, y = var("x"), var(inline=True), var("x"), var("y")
    lines: list[Statement] = [Assign(t, mul, (x, c(2.0))), Assign(x1, add, (x, c(1.0))), Assign(y, add, (t, x1))]
    shows(
        function([x], lines, y),
        """
        v1 = x * 2.0
        x = x + 1.0
        y = v1 + x
        return y
        """,
    )


def test_parentheses_and_signs() -> None:
    x, parts = var("x"), [var(inline=True) for _ in range(4)]
    y = var("y")
    lines: list[Statement] = [
        Assign(parts[0], sub, (x, c(1.0))),
        Assign(parts[1], sub, (c(2.0), parts[0])),
        Assign(parts[2], operator.neg, (parts[1],)),
        Assign(parts[3], operator.pow, (c(-2.0), c(3))),
        Assign(y, operator.truediv, (parts[2], parts[3])),
    ]
    f = shows(
        function([x], lines, y),
        """
        y = -(2.0 - (x - 1.0)) / (-2.0) ** 3
        return y
        """,
    )
    assert f(5.0) == -0.25


# branches


def test_phi_takes_one_name() -> None:
    x, test, a, b, y = var("x"), var(type=FLAG), var("y"), var(), var("y")
    branch = If(
        (y,), test, Block((Assign(a, math.exp, (x,)),), (a,)), Block((Assign(b, mul, (x, x)), Comment("else")), (b,))
    )
    f = shows(
        function([x], [Assign(test, operator.gt, (x, c(0.0))), branch], y),
        """
        if x > 0.0:
            y = math.exp(x)
        else:
            y = x * x
            # else
        return y
        """,
    )
    assert f(-3.0) == 9.0


def test_empty_arms() -> None:
    x, test, y, x2 = var("x"), var(type=FLAG), var("x"), var("x")
    branch = If((x2,), test, Block((), (x,)), Block((Assign(y, operator.neg, (x,)),), (y,)))
    nothing = If((), test, Block((), ()), Block((), ()))
    f = shows(
        function([x], [Assign(test, operator.gt, (x, c(0.0))), nothing, branch], x2),
        """
        v1 = x > 0.0
        if not v1:
            x = -x
        return x
        """,
    )
    assert f(-3.0) == 3.0


def test_conditional_expressions_and_short_circuits() -> None:
    x, y = var("x"), var("y")
    first, second, both, part = var(type=FLAG), var(type=FLAG), var(type=FLAG), var()
    lines: list[Statement] = [
        Assign(first, operator.gt, (x, c(0.0))),
        If((both,), first, Block((Assign(second, lt, (x, c(1.0))),), (second,)), Block((), (first,))),
        If((y,), both, Block((Assign(part, math.sqrt, (x,)),), (part,)), Block((), (c(0.0),))),
    ]
    f = shows(
        function([x], lines, y),
        """
        v1 = x > 0.0
        v2 = v1 and x < 1.0
        y = math.sqrt(x) if v2 else 0.0
        return y
        """,
    )
    assert [f(-1.0), f(0.25), f(4.0)] == [0.0, 0.5, 0.0]


def test_what_a_path_leaves_unbound_is_recorded_as_none() -> None:
    x, i, n, test, h, h1 = var("x"), var("i"), var(type=Range()), var(type=FLAG), var("h"), var("h")
    tape, s, s1, r, entry = var(type=Tape(FLOAT)), var("s"), var("s"), var("s"), var("h")
    write = For(
        (),
        (tape,),
        (i,),
        (n,),
        (),
        (),
        Block(
            (
                Assign(test, lt, (i, c(1))),
                If((h1,), test, Block((Assign(h, mul, (x, x)),), (h,)), Block((), (UNDEFINED,))),
            ),
            (h1,),
        ),
    )
    read = For((r,), (), (entry,), (tape,), (s,), (c(0),), Block((Assign(s1, add, (s, c(1))),), (s1,)))
    f = shows(
        function([x], [Assign(n, range, (c(2),)), write, read], r),
        """
        tape = []
        for i in range(2):
            if i < 1:
                h = x * x
            else:
                h = None
            tape.append(h)
        s = 0
        for _ in tape:
            s = s + 1
        return s
        """,
    )
    assert f(1.0) == 2


def test_elif() -> None:
    x, first, second = var("x"), var(type=FLAG), var(type=FLAG)
    a, b, d, inner, y = var("y"), var("y"), var("y"), var("y"), var("y")
    nested = If((inner,), second, Block((Assign(b, mul, (x, x)),), (b,)), Block((Assign(d, abs, (x,)),), (d,)))
    lines: list[Statement] = [
        Assign(first, operator.gt, (x, c(1.0))),
        Assign(second, operator.gt, (x, c(0.0))),
        If((y,), first, Block((Assign(a, math.exp, (x,)),), (a,)), Block((nested,), (inner,))),
    ]
    shows(
        function([x], lines, y),
        """
        v1 = x > 0.0
        if x > 1.0:
            y = math.exp(x)
        elif v1:
            y = x * x
        else:
            y = abs(x)
        return y
        """,
    )


# loops


def test_newton() -> None:
    a, x, last = var("a"), var("x"), var("value")
    seed = var("_bar", of=last)
    parts = [var(inline=True) for _ in range(4)]
    more = var(type=FLAG)
    test = Block(
        (
            Assign(parts[0], mul, (x, x)),
            Assign(parts[1], sub, (parts[0], a)),
            Assign(parts[2], abs, (parts[1],)),
            Assign(parts[3], mul, (c(1e-12), a)),
            Assign(more, operator.gt, (parts[2], parts[3])),
        ),
        (more,),
    )
    v1, v2, x1, tape = var(), var(), var("x"), var(type=Tape(FLOAT))
    trip = Block(
        (Assign(v1, operator.truediv, (a, x)), Assign(v2, add, (x, v1)), Assign(x1, mul, (c(0.5), v2))), (x1, x)
    )
    old, x_bar, a_bar = var("x"), var("_bar", of=x), var("_bar", of=a)
    v2_bar, v3, a_bar1, x_bar1 = var("_bar", of=v2), var(), var("_bar", of=a), var("_bar", of=x)
    ratio, product = var(inline=True), var(inline=True)
    back = Block(
        (
            Assign(v2_bar, mul, (c(0.5), x_bar)),
            Assign(v3, operator.truediv, (v2_bar, old)),
            Assign(a_bar1, add, (a_bar, v3)),
            Assign(ratio, operator.truediv, (a, old)),
            Assign(product, mul, (v3, ratio)),
            Assign(x_bar1, sub, (v2_bar, product)),
        ),
        (x_bar1, a_bar1),
    )
    x_bar2, a_bar2, result = var("_bar", of=x), var("_bar", of=a), var("_bar", of=a)
    lines: list[Statement] = [
        Comment("primal trace"),
        While((last,), (tape,), (x,), (a,), test, trip),
        Comment("adjoint trace"),
        For((x_bar2, a_bar2), (), (old,), (tape,), (x_bar, a_bar), (seed, c(0.0)), back, reverse=True),
        Assign(result, add, (a_bar2, x_bar2)),
    ]
    f = shows(
        function([a, param(seed, "x_bar", default=c(1.0))], lines, last, result),
        """
        # primal trace
        tape = []
        x = a
        while abs(x * x - a) > 1e-12 * a:
            tape.append(x)
            v1 = a / x
            v2 = x + v1
            x = 0.5 * v2
        value = x
        # adjoint trace
        a_bar = 0.0
        for x in reversed(tape):
            v2_bar = 0.5 * x_bar
            v3 = v2_bar / x
            a_bar = a_bar + v3
            x_bar = v2_bar - v3 * (a / x)
        a_bar = a_bar + x_bar
        return value, a_bar
        """,
    )
    assert f(3.0) == pytest.approx((math.sqrt(3.0), 0.5 / math.sqrt(3.0)))


def test_swap() -> None:
    a, b, i, n = var("a"), var("b"), var("i"), var("n", Int())
    seq = var(type=Range())
    ca, cb, ra, rb = var("a"), var("b"), var("a"), var("b")
    loop = For((ra, rb), (), (i,), (seq,), (ca, cb), (a, b), Block((), (cb, ca)))
    f = shows(
        function([a, b, n], [Assign(seq, range, (n,)), loop], ra, rb),
        """
        for _ in range(n):
            a, b = b, a
        return a, b
        """,
    )
    assert f(1.0, 2.0, 3) == (2.0, 1.0)
    assert f(1.0, 2.0, 0) == (1.0, 2.0)


def test_carried_name_read_after_its_next_value() -> None:
    x, n, i = var("x"), var(type=Range()), var("i")
    p, q, p1, q1 = var("p"), var("q"), var("p"), var("q")
    rp, rq = var("p"), var("q")
    block = Block((Assign(p1, add, (p, q)), Assign(q1, mul, (p, c(2.0)))), (p1, q1))
    loop = For((rp, rq), (), (i,), (n,), (p, q), (x, x), block)
    f = shows(
        function([x], [Assign(n, range, (c(2),)), loop], rp, rq),
        """
        p = x
        q = x
        for _ in range(2):
            p_2 = p + q
            q = p * 2.0
            p = p_2
        return p, q
        """,
    )
    assert f(1.0) == (4.0, 4.0)


def test_the_header_reads_a_carried_name() -> None:
    x, i, x1, cx, rx = (var("x", ARRAY), var("i", Int()), var("x", ARRAY), var("x", ARRAY), var("x", ARRAY))
    length, n = var(type=Int(), inline=True), var(type=Range())
    loop = For((rx,), (), (i,), (n,), (cx,), (x,), Block((Assign(x1, np.append, (cx, i)),), (x1,)))
    lines: list[Statement] = [Assign(length, len, (x,)), Assign(n, range, (length,)), loop]
    f = shows(
        function([x], lines, rx),
        """
        for i in range(len(x)):
            x = np.append(x, i)
        return x
        """,
    )
    assert f(np.zeros(2)).tolist() == [0.0, 0.0, 0.0, 1.0]


def test_early_return() -> None:
    x, n, i = var("x", ARRAY), var(type=Range()), var("i", Int())
    s, done, value = var("s"), var("returned", FLAG), var("value")
    entry, test, v, s1 = var(inline=True), var(type=FLAG), var(), var("s")
    s2, done1, value1 = var("s"), var("returned", FLAG), var("value")
    arm = Block((Assign(v, mul, (s, s)),), (s, c(True), v))
    rest = Block((Assign(s1, add, (s, i)),), (s1, c(False), value))
    trip = Block(
        (
            Assign(entry, operator.getitem, (x, i)),
            Assign(test, operator.gt, (entry, c(3.0))),
            If((s2, done1, value1), test, arm, rest),
        ),
        (s2, done1, value1),
    )
    rs, rdone, rvalue, last = var("s"), var("returned", FLAG), var("value"), var("value")
    loop = For((rs, rdone, rvalue), (), (i,), (n,), (s, done, value), (c(0.0), c(False), UNDEFINED), trip, stop=1)
    phi = If((last,), rdone, Block((), (rvalue,)), Block((), (rs,)))
    f = shows(
        function([x], [Assign(n, range, (c(3),)), loop, phi], last),
        """
        s = 0.0
        returned = False
        for i in range(3):
            if x[i] > 3.0:
                value = s * s
                returned = True
                break
            s = s + i
            returned = False
        if not returned:
            value = s
        return value
        """,
    )
    assert f(np.array([1.0, 1.0, 5.0])) == 1.0
    assert f(np.zeros(3)) == 3.0


def test_stop_without_a_branch() -> None:
    x, s, s1, r = var("x"), var("s"), var("s"), var("s")
    n, i, flag, now, rflag = var(type=Range()), var("i"), var("flag", FLAG), var("flag", FLAG), var("flag", FLAG)
    block = Block((Assign(s1, mul, (s, c(2.0))), Assign(now, operator.gt, (s1, c(9.0)))), (s1, now))
    loop = For((r, rflag), (), (i,), (n,), (s, flag), (x, c(False)), block, stop=1)
    f = shows(
        function([x], [Assign(n, range, (c(9),)), loop], r),
        """
        s = x
        for _ in range(9):
            s = s * 2.0
            flag = s > 9.0
            if flag:
                break
        return s
        """,
    )
    assert f(1.0) == 16.0


def test_while_with_a_test_of_several_lines() -> None:
    x, s, s1, r, q, t, u = var("x"), var("s"), var("s"), var("s"), var("q"), var(type=FLAG), var()
    test = Block(
        (
            Assign(q, mul, (s, s)),
            Assign(u, add, (q, q)),
            Assign(t, lt, (u, q)),
        ),
        (t,),
    )
    loop = While((r,), (), (s,), (x,), test, Block((Assign(s1, mul, (s, c(2.0))),), (s1,)))
    shows(
        function([x], [loop], r),
        """
        s = x
        while True:
            q = s * s
            v1 = q + q
            if not v1 < q:
                break
            s = s * 2.0
        return s
        """,
    )


def test_tapes_of_nested_loops_share_lists() -> None:
    x, n = var("x"), var("n", Int())
    outer_range, inner_range = var(type=Range()), var(type=Range())
    i, j, a, b, s, s1, r = var("i"), var("j"), var("a"), var("b"), var("s"), var("s"), var("s")
    t1, t2 = var(type=Tape(FLOAT)), var(type=Tape(FLOAT))
    o1, o2 = var(type=Tape(Tape(FLOAT))), var(type=Tape(Tape(FLOAT)))
    inner = For(
        (), (t1, t2), (j,), (inner_range,), (), (), Block((Assign(a, mul, (x, j)), Assign(b, add, (a, i))), (a, b))
    )
    outer = For((), (o1, o2), (i,), (outer_range,), (), (), Block((inner,), (t1, t2)))
    e1, e2, a1, b1 = var(type=Tape(FLOAT)), var(type=Tape(FLOAT)), var("a"), var("b")
    s2, s3, product = var("s"), var("s"), var(inline=True)
    back = Block((Assign(product, mul, (a1, b1)), Assign(s3, add, (s2, product))), (s3,))
    walk = For((s1,), (), (a1, b1), (e1, e2), (s2,), (s,), back, reverse=True)
    outer_walk = For((r,), (), (e1, e2), (o1, o2), (s,), (c(0.0),), Block((walk,), (s1,)), reverse=True)
    lines: list[Statement] = [
        Assign(outer_range, range, (n,)),
        Assign(inner_range, range, (n,)),
        outer,
        outer_walk,
    ]
    f = shows(
        function([x, n], lines, r),
        """
        v1 = range(n)
        tape = []
        for i in range(n):
            tape2 = []
            for j in v1:
                a = x * j
                b = a + i
                tape2.append((a, b))
            tape.append(tape2)
        s = 0.0
        for tape2 in reversed(tape):
            for a, b in reversed(tape2):
                s = s + a * b
        return s
        """,
    )
    assert f(2.0, 2) == sum(2.0 * j * (2.0 * j + i) for i in range(2) for j in range(2))


# stores


def test_stores_write_in_place() -> None:
    x, v = var("x", ARRAY), var("v")
    u = [var("u", ARRAY) for _ in range(8)]
    neg, k, scalar = var(inline=True), var("k", Int()), var("m", NumpyScalar("int64"))
    picks, mask = var("picks", Array("int64", (2,))), var("mask", Array("bool", (3,)))
    lines: list[Statement] = [
        Assign(u[0], np.copy, (x,)),
        Store(u[1], u[0], Display("tuple", (Display("slice", (c(1), c(None), c(None))),)), v),
        AddStore(u[2], u[1], c(slice(None, -1)), v),
        Assign(neg, operator.neg, (v,)),
        AddStore(u[3], u[2], k, neg),
        AddStore(u[4], u[3], picks, v),
        AddStore(u[5], u[4], mask, v),
        AddStore(u[6], u[5], c(...), v),
        AddStore(u[7], u[6], scalar, v),
    ]
    f = shows(
        function([x, v, k, scalar, picks, mask], lines, u[7]),
        """
        u = np.copy(x)
        u[1:,] = v
        u[:-1] += v
        u[k] -= v
        np.add.at(u, picks, v)
        u[mask] += v
        u += v
        u[m] += v
        return u
        """,
    )
    found = f(np.zeros(3), 1.0, 0, np.int64(2), np.array([1, 1]), np.array([True, False, False]))
    assert found.tolist() == [2.0, 5.0, 3.0]


def test_a_store_in_a_loop() -> None:
    x, n, i = var("x", ARRAY), var(type=Range()), var("i", Int())
    u, cu, u1, ru = var("u", ARRAY), var("u", ARRAY), var("u", ARRAY), var("u", ARRAY)
    loop = For((ru,), (), (i,), (n,), (cu,), (u,), Block((Store(u1, cu, i, i),), (u1,)))
    f = shows(
        function([x], [Assign(u, np.copy, (x,)), Assign(n, range, (c(3),)), loop], ru),
        """
        u = np.copy(x)
        for i in range(3):
            u[i] = i
        return u
        """,
    )
    assert f(np.zeros(3)).tolist() == [0.0, 1.0, 2.0]


def test_a_store_into_what_is_still_read_is_refused() -> None:
    x, u, u1 = var("x", ARRAY), var("u", ARRAY), var("u", ARRAY)
    with pytest.raises(AssertionError, match="read after the store"):
        emit(function([x], [Assign(u, np.copy, (x,)), Store(u1, u, c(0), c(1.0))], u, u1))


# operations


def test_effects_print_as_statements() -> None:
    x, t = var("x"), var(inline=True)
    test = var(inline=True, type=FLAG)
    lines: list[Statement] = [
        Assign(test, operator.gt, (x, c(0.0))),
        Assign(var(), assert_, (test, c("positive")), effect=True),
        Assign(var(), assert_, (x, c(None)), effect=True),
        Assign(t, math.sin, (x,)),
        Assign(var(), print, (t,), (("end", c("")),), effect=True),
        Assign(error := var(inline=True), ValueError, (c("no"),)),
        Assign(var(), raise_, (error, c(None)), effect=True),
    ]
    f = shows(
        function([x], lines, x),
        """
        assert x > 0.0, 'positive'
        assert x
        print(math.sin(x), end='')
        raise ValueError('no')
        return x
        """,
    )
    with pytest.raises(ValueError, match="no"):
        f(0.5)
    with pytest.raises(AssertionError, match="positive"):
        f(-0.5)


def test_f_strings() -> None:
    x, field, other, text = var("x"), var(inline=True), var(inline=True), var("text")
    lines: list[Statement] = [
        Assign(field, format_, (x, c(-1), c(".3f"))),
        Assign(other, format_, (x, c(114), c(""))),
        Assign(text, join_, (Display("list", (c('{it\'s} "x" = '), field, c(", "), other)),)),
    ]
    f = shows(
        function([x], lines, text),
        """
        text = f'{{it\\'s}} "x" = {x:.3f}, {x!r}'
        return text
        """,
    )
    assert f(0.5) == '{it\'s} "x" = 0.500, 0.5'


def test_methods_attributes_and_paths() -> None:
    x = var("x", ARRAY)
    names = [var(f"a{k}", ARRAY) for k in range(8)]
    lines: list[Statement] = [
        Assign(names[0], np.transpose, (x,)),
        Assign(names[1], np.ndarray.sum, (x,), (("axis", c(0)),)),
        Assign(names[2], getattr, (x, c("size"))),
        Assign(names[3], np.linalg.norm, (x,)),
        Assign(names[4], np.add.reduce, (x,)),
        Assign(names[5], operator.contains, (x, c(1.0))),
        Assign(names[6], unbroadcast, (x, c(0.0))),
        Assign(names[7], np.reshape, (x, Display("tuple", (c(1), c(-1))))),
    ]
    emitted = emit(function([x], lines, *names))
    assert body(emitted).splitlines()[-9:] == [
        "a0 = x.T",
        "a1 = x.sum(axis=0)",
        "a2 = x.size",
        "a3 = np.linalg.norm(x)",
        "a4 = np.add.reduce(x)",
        "a5 = 1.0 in x",
        "a6 = unbroadcast(x, 0.0)",
        "a7 = np.reshape(x, (1, -1))",
        "return a0, a1, a2, a3, a4, a5, a6, a7",
    ]
    assert "from typing import Any\n" in emitted.text
    assert emitted.namespace == {}
    assert load(emitted)(np.ones(3))[6] == 3.0


def test_objects_that_cannot_be_imported_are_handed_in() -> None:
    x, y, z = var("x"), var("y"), var("z")

    def local(value: float) -> float:
        return value + 1.0

    table = np.arange(3.0)
    half = functools.partial(mul, 0.5)
    lines: list[Statement] = [
        Assign(y, local, (x,)),
        Assign(z, half, (y,)),
        Assign(w := var("w"), add, (z, Const(table, ARRAY))),
    ]
    emitted = emit(function([x], lines, w))
    assert emitted.namespace == {"local": local, "partial": half, "array": table}
    assert load(emitted)(1.0).tolist() == [1.0, 2.0, 3.0]


# headers


class Point(NamedTuple):
    x: float
    y: float


@dataclass
class Model:
    w: float
    b: float


def test_structures_are_unpacked_and_rebuilt() -> None:
    names = ["w", "b", "first", "second", "px", "unused", "mw", "mb"]
    w, b, first, second, px, unused, mw, mb = (var(n) for n in names)
    leaf2 = (LEAF, LEAF)
    params = (
        Param("p", Structure("dict", leaf2, ("w", "b")), (w, b)),
        Param("pair", Structure("tuple", leaf2), (first, second)),
        Param("point", Structure("record", leaf2, ("x", "y"), Point), (px, unused)),
        Param("model", Structure("record", leaf2, ("w", "b"), Model), (mw, mb)),
    )
    result = Structure(
        "tuple",
        (
            Structure("dict", leaf2, ("w", "b")),
            Structure("record", leaf2, ("x", "y"), Point),
            Structure("list", leaf2),
            Structure("static", value="done"),
        ),
    )
    f = Function("f", params, Block((), (w, b, px, first, mw, second)), result)
    emitted = emit(f)
    assert body(emitted) == textwrap.dedent(
        """\
        w = p['w']
        b = p['b']
        first, second = pair
        px = point.x
        mw = model.w
        return {'w': w, 'b': b}, {here}.Point(x=px, y=first), [mw, second], 'done'
        """
    ).replace("{here}", __name__)
    found = load(emitted)({"w": 1.0, "b": 2.0}, (3.0, 4.0), Point(5.0, 6.0), Model(7.0, 8.0))
    assert found == ({"w": 1.0, "b": 2.0}, Point(5.0, 3.0), [7.0, 4.0], "done")


def test_kinds_of_parameters() -> None:
    a, b, k, scale = var("a"), var("b"), var("k"), var("scale")
    rest, extra = var("rest0"), var("extra")
    params = (
        Param("a", LEAF, (a,), "positional_only"),
        Param("b", LEAF, (b,), default=c(-2.0)),
        Param("rest", Structure("tuple", (LEAF,)), (rest,), "var_positional"),
        Param("k", LEAF, (k,), "keyword_only", default=c(None)),
        Param("options", Structure("dict", (LEAF,), ("extra",)), (extra,), "var_keyword"),
        Param("scale", LEAF, (scale,), capture=True),
    )
    emitted = emit(Function("f", params, Block((), (a, b, rest, k, extra, scale)), Structure("tuple", (LEAF,) * 6)))
    assert "def f(a, /, b=-2.0, *rest, k=None, scale, **options):" in emitted.text
    assert load(emitted)(1, 2, 3, extra=4, scale=5) == (1, 2, 3, None, 4, 5)


@pytest.mark.parametrize("doc", ["One line.", 'Says "hi"', 'Two\nlines \\ """ quotes.', "ends with \\"])
def test_docstrings_survive(doc: str) -> None:
    x = var("x")
    assert load(emit(function([x], [], x, doc=doc))).__doc__ == doc


def test_indices() -> None:
    x, i = var("x", Array("float64", None)), var("i", Int())

    def at(index: Arg) -> str:
        y = var("y")
        return body(emit(function([x, i], [Assign(y, operator.getitem, (x, index))], y))).splitlines()[0]

    whole = Display("slice", (c(None), c(None), c(None)))
    assert at(Display("tuple", (whole, i))) == "y = x[:, i]"
    assert at(Display("slice", (i, c(None), c(-1)))) == "y = x[i::-1]"
    assert at(c((slice(1, None), None, ...))) == "y = x[1:, None, ...]"
    assert at(c(())) == "y = x[()]"
    assert at(Display("tuple", (Display("list", (c(0), i)),))) == "y = x[[0, i],]"


def test_comments_lead_back_to_the_source() -> None:
    linecache.cache["<here>"] = (0, None, ["z = x * x + 1\n", "   \n", f"w = {'z + ' * 40}z\n"], "<here>")
    x, v, z, w, u = var("x"), var(), var("z"), var("w"), var("u")
    first, blank, long = (Location("<here>", line, 0) for line in (1, 2, 3))
    lines: list[Statement] = [
        Assign(v, mul, (x, x), origin=first),
        Assign(z, add, (v, c(1.0)), origin=first),
        Assign(u, add, (z, c(1.0)), origin=blank),
        Assign(w, add, (z, u), origin=long),
    ]
    shown = ("w = " + "z + " * 40)[:97] + "..."
    shows(
        function([x], lines, w, origin=first),
        f"""
        # line 1: z = x * x + 1
        v1 = x * x
        z = v1 + 1.0
        u = z + 1.0
        # line 3: {shown}
        w = z + u
        return w
        """,
    )
    other = emit(function([x], lines[:2], z, origin=Location("/a/model.py", 1, 0))).text
    assert "# <here> line 1: z = x * x + 1" in other
