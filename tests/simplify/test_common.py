import operator

import numpy as np

import wengert
from wengert.ir.nodes import LEAF, Assign, Block, Const, Display, For, Function, If, Param, Structure, Var
from wengert.ir.show import show
from wengert.ir.types import Array, Float, Int, Opaque, Range
from wengert.ir.verify import verify
from wengert.simplify.common import common
from wengert.testing import unsimplified

FULL = Array("float64", (4,))
X = Var("x", FULL)
ONE = Const(1, Int())
TRIPS = Const(range(3), Range())


def function(*statements, ends) -> Function:
    result = Structure("tuple", (LEAF,) * len(ends))
    return Function("f", (Param("x", LEAF, (X,)),), Block(statements, ends), result)


def lines(f: Function) -> list[str]:
    verify(f)
    after = common(f)
    verify(after)
    assert show(common(after)) == show(after)
    return [line.strip() for line in show(after).split("\n")[1:]]


def twice(op, *args, kwargs=(), type=FULL, effect=False, hint="") -> list[str]:
    a, b = Var("", type), Var(hint, type)
    return lines(function(*(Assign(v, op, args, kwargs, effect) for v in (a, b)), ends=(a, b)))


def test_the_same_is_computed_once() -> None:
    assert twice(np.sin, X) == ["v1 = sin(x)", "return v1, v1"]
    index = Display("tuple", (ONE, Display("slice", (ONE, ONE, ONE))))
    assert twice(operator.getitem, X, index) == ["v1 = getitem(x, (1, 1:1:1))", "return v1, v1"]
    assert len(twice(np.sum, X, kwargs=(("axis", ONE),))) == 2


def test_the_users_name_is_kept() -> None:
    assert twice(np.sin, X, hint="s") == ["s = sin(x)", "return s, s"]


def test_chains_and_inner_blocks() -> None:
    a, b, c, d, e, i = (Var(h, FULL) for h in "abcdei")
    inside = Block((Assign(d, np.sin, (X,)), Assign(e, np.cos, (d,))), ())
    f = function(
        Assign(a, np.sin, (X,)),
        Assign(b, np.cos, (a,)),
        If((c,), ONE, Block((Assign(v := Var("v", FULL), np.cos, (a,)),), (v,)), Block((), (b,))),
        For((), (), (i,), (TRIPS,), (), (), inside),
        ends=(b, c),
    )
    assert lines(f) == [
        "a = sin(x)",
        "b = cos(a)",
        "if 1:",
        "yield b",
        "else:",
        "yield b",
        "=> c",
        "for i in range(0, 3):",
        "yield",
        "return b, c",
    ]


def test_what_differs_stays() -> None:
    assert len(twice(np.sin, X, effect=True)) == 3
    assert len(twice(np.zeros_like, X)) == 3
    assert len(twice(np.copy, X)) == 3
    assert len(twice(iter, X, type=Opaque())) == 3
    a, b = Var("a", FULL), Var("b", FULL)
    one, true = Const(1.0, Float()), Const(1, Int())
    f = function(Assign(a, operator.mul, (X, one)), Assign(b, operator.mul, (X, true)), ends=(a, b))
    assert len(lines(f)) == 3


def test_blocks_side_by_side_share_nothing() -> None:
    a, b, c, d = (Var(h, FULL) for h in "abcd")
    branch = If((c,), ONE, Block((Assign(a, np.sin, (X,)),), (a,)), Block((Assign(b, np.sin, (X,)),), (b,)))
    assert len([line for line in lines(function(branch, Assign(d, np.sin, (X,)), ends=(c, d))) if "sin" in line]) == 3


def test_lengths_of_one_array_are_one_number() -> None:
    def shape(k: int) -> tuple[Assign, Assign]:
        whole, n = Var("", Opaque(), inline=True), Var("", Int())
        return Assign(whole, getattr, (X, Const("shape", Opaque()))), Assign(n, operator.getitem, (whole, Const(k, Int())))

    (_, a), (_, b), (_, c) = all_three = shape(1), shape(0), shape(1)
    text = lines(function(*(s for pair in all_three for s in pair), ends=(a.target, b.target, c.target)))
    assert sum("getitem" in line for line in text) == 2
    assert text[-1].split()[1].strip(",") == text[-1].split()[3]
    assert sum("getattr" in line for line in text) == 3  # each is written out where it is indexed


def test_a_length_that_is_asked_for_in_loops_is_computed_before_them() -> None:
    def f(A):
        A = A.copy()
        for k in range(A.shape[1]):
            for j in range(k, A.shape[1]):
                A[k, j] = A[k, j] * A[k, k]
        return np.sum(A)

    A = np.random.default_rng(0).random((3, 3))
    lowered = wengert.grad(f).lower(A)
    code = "".join(line for line in lowered.source.splitlines() if "#" not in line)
    assert code.count(".shape[1]") == 1 and ".append((range" not in code
    with unsimplified():
        np.testing.assert_allclose(lowered(A), wengert.grad(f)(A), rtol=1e-14)
