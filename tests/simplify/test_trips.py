import operator

import numpy as np

import wengert
from wengert.ir.builder import constant
from wengert.ir.nodes import LEAF, Assign, Block, For, Function, Param, Structure, Var
from wengert.ir.show import show
from wengert.ir.types import Array, Float, Int, Range, Sym, Tape
from wengert.ir.verify import verify
from wengert.simplify.trips import trips
from wengert.testing import unsimplified

ROW = Array("float64", (Sym("n"),))
X, N, Y = Var("x", ROW), Var("n", Int()), Var("y", Float())


def recorded(stop: bool = False, read: bool = False) -> Function:
    """A loop that records `u`, and one that walks the tape."""
    m, r, i, u, u2, after, tape = (
        Var("m", Int()), Var("", Range()), Var("i", Int()), Var("u", ROW), Var("u", ROW), Var("u", ROW), Var("tape", Tape(ROW)),
    )  # fmt: skip
    flag, ended = Var("flag", Int()), Var("flag", Int())
    entry, bar, bar2, out = Var("u", ROW), Var("_bar", Float(), Y), Var("_bar", Float(), Y), Var("_bar", Float(), Y)
    carried, inits, results = ((u, flag), (X, constant(0)), (after, ended)) if stop else ((u,), (X,), (after,))
    step = Assign(u2, operator.mul, (u, u))
    ends = (u2, flag, u) if stop else (u2, u)
    record = For(results, (tape,), (i,), (r,), carried, inits, Block((step,), ends), stop=1 if stop else None)
    double = Assign(bar2, operator.mul, (bar, constant(2.0)))
    total = Assign(Var("", ROW), operator.add, (entry, entry), effect=True)
    body = Block((double, *([total] if read else [])), (bar2,))
    back = For((out,), (), (entry,), (tape,), (bar,), (Y,), body, reverse=True)
    head = (Assign(m, operator.sub, (N, constant(1))), Assign(r, range, (constant(1), m)))
    statements = (*head, record, back)
    return Function("f", tuple(Param(v.hint, LEAF, (v,)) for v in (X, N, Y)), Block(statements, (after, out)),
                    Structure("tuple", (LEAF, LEAF)))  # fmt: skip


def header(f: Function) -> str:
    verify(f)
    after = trips(f)
    verify(after)
    return [line.strip() for line in show(after).split("\n") if "for " in line][-1]


def test_a_tape_of_which_nothing_is_read() -> None:
    assert "tape" not in header(recorded())
    assert "tape" in header(recorded(read=True))
    assert "tape" in header(recorded(stop=True))  # it may have ended early


def relaxed(p, b, k, sweeps, n):
    """A linear iteration inside of a loop: of the sweeps nothing is recorded but how many there were."""
    for _ in range(n):
        p = p * p
        for _ in range(sweeps - 1):
            q = p.copy()
            c = k**2 / 3.0
            p[1:-1] = (q[2:] + q[:-2]) / 2.0 - c * b[1:-1]
            p[0] = p[1]
    return np.sum(p * p)


def test_a_tape_on_a_tape() -> None:
    args = (np.linspace(0.1, 0.5, 7), np.linspace(1.0, 2.0, 7), 0.3, 4, 3)
    short = wengert.grad(relaxed, (0, 1)).lower(*args)
    assert "for _ in range(sweeps - 1):" in short.source.split("adjoint trace")[1]
    with unsimplified():
        plain = wengert.grad(relaxed, (0, 1))(*args)
    for got, want in zip(short(*args), plain, strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-13)
    hessian = wengert.hessian(relaxed)(*args)
    np.testing.assert_allclose(hessian, hessian.T, rtol=1e-12)
