"""Programs whose tapes hold what a branch leaves unbound, or what a call recorded: copied once, on the paths where it is."""

from __future__ import annotations

import numpy as np
import pytest

from wengert import jvp, vjp
from wengert.analyses.sites import Sites
from wengert.backend import storage
from wengert.ir.callee import Emitted
from wengert.ir.nodes import LEAF, Assign, Block, Const, Function, Param, Structure, Var
from wengert.ir.types import Array, Int, Opaque
from wengert.testing import unsimplified, verified

A = np.array([0.31, -0.83, 1.13])


def squares(c, n):
    if n <= 0:
        return np.dot(c, c)
    c[[1, 0, 2]] *= c[::-1]
    return squares(c, n - 1)


def either(x, a):
    for _ in range(1, 3):
        if x > 0.0:
            a[0] *= 2.0
        else:
            x = squares(a, 4)
            a[1:] *= a[0]
    return a[:]


def levels(a):
    us = [np.zeros(9), np.zeros(5), np.zeros(3)]
    fs = [a, np.zeros(3)]
    for k in range(2):
        u = us[k]
        u[1:-1] = fs[k][1] * fs[k][1] + u[1:-1]
    return us[0]


def tried(a, b, m):
    try:
        b[:] = m[1]
        for row in m:
            a[:2] = b[:][1:] * row[:2]
    except ValueError:
        a = b
    return a


@pytest.mark.parametrize("x", [0.7, -0.7])
def test_what_a_recursion_recorded_is_copied_once(x, monkeypatch):
    rounds = []
    found = storage.clashes
    monkeypatch.setattr(storage, "clashes", lambda *args: rounds.append(1) or found(*args))

    def g(x, v):
        return vjp(either, x, v)[1](A)[1]

    with verified():
        _, back = vjp(g, x, A)
        by_reverse = back(A)[1]
    assert len(rounds) < 40
    step = 1e-6
    numeric = [(np.dot(g(x, A + step * e), A) - np.dot(g(x, A - step * e), A)) / (2 * step) for e in np.eye(3)]
    np.testing.assert_allclose(by_reverse, numeric, rtol=1e-5, atol=1e-7)
    by_forward = [np.dot(jvp(lambda v: g(x, v), (A,), (e,))[1], A) for e in np.eye(3)]
    np.testing.assert_allclose(by_reverse, by_forward, rtol=1e-12)


def test_branches_inside_of_branches_copy_what_they_bind():
    def g(v):
        return vjp(levels, v)[1](np.ones(9))[0]

    v = np.arange(9.0)
    simplified = vjp(g, v)[1](v)[0]
    with unsimplified():
        np.testing.assert_array_equal(vjp(g, v)[1](v)[0], simplified)
    expected = np.zeros(9)
    expected[1] = 14.0 * v[1]
    np.testing.assert_array_equal(simplified, expected)


def test_a_store_through_a_loop_inside_of_try():
    args = (A, A[::-1].copy(), np.arange(6.0).reshape(2, 3) / 7.0)
    with verified():
        value, tangent = jvp(tried, args, args)
        bars = vjp(tried, *args)[1](np.ones(3))
    np.testing.assert_allclose(value, tried(*(a.copy() for a in args)))
    np.testing.assert_allclose(sum(np.vdot(b, a) for b, a in zip(bars, args, strict=True)), np.sum(tangent))


def test_results_of_a_call_are_memory_of_their_own():
    full = Array("float64", (4,))
    x, y, z = (Var(h, full) for h in "xyz")
    body = Block((Assign(y, np.exp, (x,)), Assign(z, np.sin, (x,))), (y, z, x))
    parts = Structure("tuple", (LEAF, LEAF, LEAF))
    op = Emitted("f", Function("f", (Param("x", LEAF, (x,)),), body, parts), several=True, recorded=1)
    called = Var("r", Opaque())
    sites = Sites(first=1, apart=True)
    sites.number(Block((Assign(called, op, (x,)),), ()))
    first, second, recorded = (sites.result(called, Const(k, Int())) for k in range(3))
    assert first and second and not first & second and not recorded
