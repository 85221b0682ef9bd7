import numpy as np

import wengert
from wengert.backend.methods import methods
from wengert.ir.nodes import LEAF, Assign, Block, Function, Param, Var
from wengert.ir.show import show
from wengert.ir.types import Array, Number, Sym, Type


def shown(t: Type) -> str:
    x, y = Var("x", t), Var("y", t)
    return show(methods(Function("f", (Param("x", LEAF, (x,)),), Block((Assign(y, np.copy, (x,)),), (y,)), LEAF)))


def test_arrays_are_copied_by_their_method() -> None:
    assert "copy_(x)" in shown(Array("float64", (Sym("n"),)))
    assert "copy(x)" in shown(Number())  # which may be a float


def test_the_order_of_the_copy_is_that_of_the_method() -> None:
    def f(x, k):
        y = x.copy()
        y[0] *= k
        return np.sum(y)

    x = np.asfortranarray(np.arange(6.0).reshape(2, 3))
    lowered = wengert.value_and_grad(f, (0, 1)).lower(x, 2.0)
    assert "= x.copy()" in lowered.source and "np.copy(" not in lowered.source
    value, (x_bar, k_bar) = lowered(x, 2.0)
    assert value == f(x, 2.0) and x_bar.tolist() == [[2.0, 2.0, 2.0], [1.0, 1.0, 1.0]] and k_bar == 3.0
