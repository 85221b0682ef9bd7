import operator

import numpy as np
import pytest

import wengert
from wengert.backend.parts import MANY, parts
from wengert.ir.builder import constant
from wengert.ir.nodes import LEAF, Assign, Block, For, Function, Param, Statement, Var
from wengert.ir.queries import walk
from wengert.ir.types import Array, Int, Range, Sym
from wengert.ir.verify import verify
from wengert.testing import unsimplified

ROW = Array("float64", (Sym("n"),))
X, R = Var("x", ROW), Var("r", Range())


def temporary(hint: str = "") -> Var:
    return Var(hint, ROW)


def marked(statements: list[Statement], end: Var, around: bool = True) -> int:
    """How many statements of a loop body are parts of others."""
    if around:
        c, out = temporary("c"), temporary("c")
        statements = [For((out,), (), (Var("i", Int()),), (R,), (c,), (X,), Block(tuple(statements), (end,)))]
        end = out
    f = Function("f", tuple(Param(v.hint, LEAF, (v,)) for v in (X, R)), Block(tuple(statements), (end,)), LEAF)
    after = parts(f)
    verify(after)
    return sum(isinstance(s, Assign) and s.target.inline for s in walk(after.body))


def chain(hint: str = "", count: int = MANY + 1) -> tuple[list[Statement], Var]:
    """`x * 2 * 2 * ... + x`"""
    made: list[Statement] = []
    before = X
    for _ in range(count):
        after = temporary(hint)
        made.append(Assign(after, operator.mul, (before, constant(2.0))))
        before = after
    y = temporary("y")
    return [*made, Assign(y, operator.add, (before, X))], y


def test_the_temporaries_of_a_long_trip_are_parts_of_their_readers() -> None:
    assert marked(*chain()) == MANY + 1
    assert marked(*chain("named")) == 0
    assert marked(*chain(count=MANY)) == 0
    assert marked(*chain(), around=False) == 0


def test_what_is_read_twice_or_keeps_its_memory_has_a_line() -> None:
    statements, y = chain()
    a, b, c = temporary(), temporary("y"), temporary("z")
    twice: list[Statement] = [Assign(a, operator.mul, (y, y)), Assign(b, operator.add, (a, X)), Assign(c, operator.mul, (a, b))]
    assert marked([*statements, *twice], c) == MANY + 1
    view: list[Statement] = [Assign(a, operator.mul, (y, y)), Assign(b, np.reshape, (a, constant(-1)))]
    assert marked([*statements, *view], b) == MANY + 1


def relaxed(u, c):
    u = u.copy()
    for _ in range(4):
        u[1:-1] = u[1:-1] + c * (u[2:] - 2.0 * u[1:-1] + u[:-2])
    return np.sum(u * u)


def stirred(u, c):
    u = u.copy()
    for _ in range(4):
        v = u.copy()
        u[1:-1] = (
            v[1:-1] - v[1:-1] * c / 3.0 * (v[1:-1] - v[:-2]) + c * (v[2:] - 2.0 * v[1:-1] + v[:-2]) - 0.1 * v[1:-1] ** 2 / 2.0
        )
    return np.sum(u * u)


@pytest.mark.parametrize("f", [relaxed, stirred])
def test_simulations(f) -> None:
    u = np.random.default_rng(0).random(6)
    lowered = wengert.value_and_grad(f, (0, 1)).lower(u, 0.2)
    assert "value = np.sum(u * u)" in lowered.source
    with unsimplified():
        value, grad = wengert.value_and_grad(f, (0, 1))(u, 0.2)
    got = lowered(u, 0.2)
    assert got[0] == value
    for a, b in zip(got[1], grad, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-13)
