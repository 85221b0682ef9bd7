import operator

import numpy as np

import wengert
from wengert.ir.nodes import LEAF, AddStore, Assign, Block, Display, Function, Param, Statement, Store, Var
from wengert.ir.show import show
from wengert.ir.types import Array, Float, Int, NumpyScalar, Sym
from wengert.ir.verify import verify
from wengert.simplify.reread import reread
from wengert.testing import unsimplified

ROW = Array("float64", (Sym("n"),))
X, B, M, J = Var("x", ROW), Var("b", ROW), Var("i", Int()), Var("j", Int())
W, F = Var("w", NumpyScalar("float64")), Var("f", Float())


def end(*statements: Statement, last: Var) -> str:
    f = Function("f", tuple(Param(v.hint, LEAF, (v,)) for v in (X, B, M, J, W, F)), Block(statements, (last,)), LEAF)
    verify(f)
    after = reread(f)
    verify(after)
    return show(after).split("\n")[-1].strip()


def read(base: Var, index: Var | Display) -> Assign:
    return Assign(Var("_bar", NumpyScalar("float64"), W), operator.getitem, (base, index))


def test_what_was_stored_is_at_hand() -> None:
    bar = Var("_bar", ROW, X)
    again = read(bar, M)
    assert end(Store(bar, B, M, W), again, last=again.target) == "return w"


def test_what_is_read_all_the_same() -> None:
    bar = Var("_bar", ROW, X)
    for store, index in ((Store(bar, B, M, W), J), (Store(bar, B, M, F), M), (AddStore(bar, B, M, W), M)):
        again = read(bar, index)
        assert end(store, again, last=again.target) == "return w_bar"
    own = Var("c", ROW)
    again = read(own, M)
    assert end(Store(own, B, M, W), again, last=again.target) == "return w_bar"  # the store of the user


def test_a_factorization_in_place() -> None:
    def f(A):
        A = A.copy()
        for i in range(A.shape[0]):
            for j in range(i):
                A[i, j] -= A[i, :j] @ A[j, :j]
                A[i, j] /= A[j, j]
            A[i, i] -= A[i, :i] @ A[i, :i]
            A[i, i] = np.sqrt(A[i, i])
        return np.sum(np.log(np.diag(A)))

    r = np.random.default_rng(1).random((4, 4))
    A = r @ r.T + 4.0 * np.eye(4)
    got = wengert.grad(f)(A)
    with unsimplified():
        np.testing.assert_allclose(got, wengert.grad(f)(A), rtol=1e-13)
    np.testing.assert_allclose(np.diag(got), 0.5 * np.diag(np.linalg.inv(A)), rtol=1e-12)
