import operator

import numpy as np

import wengert
from wengert.ir.builder import ZERO
from wengert.ir.nodes import LEAF, AddStore, Assign, Block, Const, Display, Function, Param, Statement, Store, Structure, Var
from wengert.ir.show import show
from wengert.ir.types import Array, Int, NumpyScalar, Opaque, Sym
from wengert.ir.verify import verify
from wengert.simplify.dead import dead
from wengert.simplify.fills import fills

FULL = Array("float64", (Sym("n"),))
X, B, C, M, J = Var("x", FULL), Var("b", FULL), Var("c", FULL), Var("i", Int()), Var("j", Int())
W = Var("w", NumpyScalar("float64"))
WHOLE = Const(Ellipsis, Opaque())


def bar() -> Var:
    return Var("_bar", FULL, X)


def lines(*statements: Statement, ends: tuple[Var, ...]) -> list[str]:
    params = tuple(Param(v.hint, LEAF, (v,)) for v in (X, B, C, M, J, W))
    f = Function("f", params, Block(statements, ends), Structure("tuple", (LEAF,) * len(ends)))
    verify(f)
    after = fills(f)
    verify(after)
    return [line.strip() for line in show(dead(after)).split("\n")[1:]]


def kinds(text: list[str]) -> str:
    return " ".join("+=" if "+=" in t else "=" for t in text if " with " in t)


def chain(*values: tuple[object, object]) -> list[Statement]:
    """A part set to zero, then sums."""
    made: list[Statement] = [Store(bar(), B, M, ZERO)]
    for index, value in values:
        made.append(AddStore(bar(), made[-1].result, index, value))  # type: ignore[union-attr,arg-type]
    return made


def end(made: list[Statement]) -> Var:
    return made[-1].result  # type: ignore[union-attr]


def test_what_is_cleared_and_added_to_is_stored() -> None:
    made = chain((J, W), (M, W))
    assert kinds(lines(*made, ends=(end(made),))) == "= +="
    made = chain((M, W))
    assert kinds(lines(*made, ends=(end(made),))) == "="


def test_another_reader_keeps_the_zero() -> None:
    made = chain((J, W), (M, W))
    assert kinds(lines(*made, ends=(made[0].result, end(made)))) == "= += +="  # type: ignore[union-attr]
    late = Var("v", NumpyScalar("float64"))
    made = [*chain((J, W)), Assign(late, operator.getitem, (C, J))]
    made.append(AddStore(bar(), made[1].result, M, late))  # type: ignore[union-attr]
    assert kinds(lines(*made, ends=(end(made),))) == "= += +="  # what is added is not there before the first sum


def test_what_is_there_is_not_stored() -> None:
    part = Var("_bar", NumpyScalar("float64"), W)
    made = [Assign(part, operator.getitem, (B, M)), *chain((J, W), (M, part))]
    assert kinds(lines(*made, ends=(end(made),))) == "+="


def test_an_index_that_selects_twice_is_left() -> None:
    twice = Var("k", Array("int64", (3,)))
    made = [Assign(twice, np.array, (Display("list", (M, M, J)),)), Store(bar(), B, twice, ZERO)]
    made.append(AddStore(bar(), made[-1].result, twice, W))  # type: ignore[union-attr]
    assert kinds(lines(*made, ends=(end(made),))) == "= +="


def test_what_is_cleared_as_a_whole_is_what_is_added() -> None:
    cleared, total = Store(bar(), B, WHOLE, ZERO), bar()
    text = lines(cleared, Assign(total, operator.add, (cleared.result, C)), ends=(total,))
    assert text == ["return c"] or kinds(text) == ""


def test_gauss_seidel_stores_what_it_took() -> None:
    def f(a):
        for i in range(1, len(a) - 1):
            a[i] = (a[i - 1] + a[i] + a[i + 1]) / 3.0
        return np.sum(a * a)

    a = np.linspace(0.5, 1.5, 6)
    d = wengert.grad(f)
    assert "= 0.0" not in d.lower(a).source
    steps = 1e-6 * np.eye(6)
    assert np.allclose(d(a), [(f(a + h) - f(a - h)) / 2e-6 for h in steps], rtol=1e-6)
