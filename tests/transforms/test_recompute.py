"""What is recorded of a trip and what is computed again from it."""

from __future__ import annotations

import math
import operator

import numpy as np

from wengert.ir.builder import constant
from wengert.ir.nodes import Assign, Store, Var
from wengert.ir.types import Array, Float, Int
from wengert.transforms.recompute import is_cheap, split

A, X, Y, Z, W = (Var(name, Float()) for name in ("a", "x", "y", "z", "w"))
K, N = Var("k", Int()), Var("n", Int())
V, U = Var("v", Array("float64", (3,))), Var("u", Array("float64", (3,)))


def test_cheap_statements() -> None:
    assert is_cheap(Assign(Y, operator.mul, (A, X)))
    assert is_cheap(Assign(Y, operator.getitem, (V, K)))
    assert is_cheap(Assign(U, np.transpose, (V,)))
    assert is_cheap(Assign(N, len, (V,)))
    assert not is_cheap(Assign(Y, math.sin, (X,)))
    assert not is_cheap(Assign(U, operator.mul, (V, V)))
    assert not is_cheap(Assign(U, operator.getitem, (V, Var("i", Array("int64", (3,))))))
    assert not is_cheap(Assign(Y, operator.mul, (A, X), effect=True))
    assert not is_cheap(Store(U, V, K, X))


def test_computed_from_what_is_recorded_anyway() -> None:
    step = Assign(Y, operator.truediv, (A, X))
    assert split([step], [X, Y], {X, Y}, set()) == ([X], [step])


def test_not_where_more_would_have_to_be_recorded() -> None:
    step = Assign(Y, operator.mul, (X, Z))
    assert split([step], [Y], {X, Y, Z}, set()) == ([Y], [])
    assert split([step], [Y, X], {X, Y, Z}, set()) == ([Y, X], [])


def test_from_outside_the_loop_and_from_the_index() -> None:
    step = Assign(Y, operator.getitem, (V, K))
    assert split([step], [Y], {Y, K}, {K}) == ([K], [step])
    assert split([step], [Y], {Y, K}, set()) == ([Y], [])
    assert split([Assign(Y, operator.add, (A, constant(1.0)))], [Y], {Y}, set())[0] == []


def test_chains_stay_in_order() -> None:
    first, second = Assign(Y, operator.mul, (X, A)), Assign(Z, operator.add, (Y, X))
    kept, again = split([first, second], [X, Y, Z], {X, Y, Z}, set())
    assert kept == [X] and again == [first, second]


def test_what_is_not_needed_is_neither() -> None:
    assert split([Assign(W, operator.mul, (X, A))], [X], {X, W}, set()) == ([X], [])
