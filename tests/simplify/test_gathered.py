import operator

import numpy as np

import wengert
from wengert.ir.nodes import LEAF, AddStore, Assign, Block, Function, Param, Statement, Structure, Var
from wengert.ir.show import show
from wengert.ir.types import Array, Int, NumpyScalar, Sym
from wengert.ir.verify import verify
from wengert.simplify.gathered import gathered

FULL = Array("float64", (Sym("n"),))
X, P, M, J = Var("x", FULL), Var("p", FULL), Var("i", Int()), Var("j", Int())
W = Var("w", NumpyScalar("float64"))


def bar() -> Var:
    return Var("_bar", FULL, X)


def text(*statements: Statement, ends: tuple[Var, ...]) -> str:
    params = tuple(Param(v.hint, LEAF, (v,)) for v in (X, P, M, J, W))
    f = Function("f", params, Block(statements, ends), Structure("tuple", (LEAF,) * len(ends)))
    verify(f)
    after = gathered(f)
    verify(after)
    return show(after)


def two_buffers() -> tuple[list[Statement], list[Var]]:
    q, q1, q2, p1, total = (bar() for _ in range(5))
    made = [
        Assign(q, np.zeros_like, (X,)),
        AddStore(q1, q, M, W),
        AddStore(p1, P, J, W),
        AddStore(q2, q1, J, W),
        Assign(total, operator.add, (p1, q2)),
    ]
    return made, [q, q1, q2, p1, total]


def test_one_buffer_is_enough() -> None:
    made, bound = two_buffers()
    after = text(*made, ends=(bound[-1],))
    assert "zeros_like" not in after and "add(" not in after and after.count("+=") == 3


def test_a_reader_in_between_keeps_both() -> None:
    made, bound = two_buffers()
    for v in bound[1:4]:
        assert "zeros_like" in text(*made, ends=(bound[-1], v))
    read = Assign(Var("v", NumpyScalar("float64")), operator.getitem, (P, M))
    assert "zeros_like" in text(*made[:2], read, *made[2:], ends=(bound[-1], read.target))  # of what `p` was
    assert "zeros_like" not in text(read, *made, ends=(bound[-1], read.target))


def test_what_is_made_later_is_not_added_to_before() -> None:
    q, q1, p1, total = (bar() for _ in range(4))
    made = [
        Assign(q, np.zeros_like, (X,)),
        AddStore(q1, q, M, W),
        Assign(p1, np.exp, (X,)),
        Assign(total, operator.add, (p1, q1)),
    ]
    assert "zeros_like" in text(*made, ends=(total,))


def test_the_cotangent_of_a_copy_goes_where_that_of_the_original_is() -> None:
    def sweeps(p, k):
        for _ in range(3):
            q = p.copy()
            p[1:-1] = k * (q[2:] + q[:-2]) * q[1:-1]
            p[0] = p[1]
        return np.sum(p * p)

    p = np.linspace(0.5, 1.5, 7)
    d = wengert.grad(sweeps, (0, 1))
    assert "zeros" not in d.lower(p, 0.7).source
    p_bar, k_bar = d(p, 0.7)
    h = 1e-6
    steps = h * np.eye(7)
    differences = [(sweeps(p + s, 0.7) - sweeps(p - s, 0.7)) / (2 * h) for s in steps]
    assert np.allclose(p_bar, differences, rtol=1e-6, atol=1e-8)
    assert np.isclose(k_bar, (sweeps(p.copy(), 0.7 + h) - sweeps(p.copy(), 0.7 - h)) / (2 * h), rtol=1e-6)
