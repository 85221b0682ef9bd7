"""The type of a name that two paths define."""

from __future__ import annotations

import itertools

import pytest

from wengert.frontend.join import covers, fresh_dim, join, serial, stable
from wengert.ir.nodes import Var
from wengert.ir.types import (
    Array,
    Bool,
    Complex,
    Float,
    Int,
    List,
    Number,
    NumpyScalar,
    Opaque,
    Sym,
    Tuple,
    Type,
    Undefined,
    may_be_one,
    shape_of,
)

N, M = Sym("n", True), Sym("m", True)
K = Sym("k")
VECTOR = Array("float64", (N,))
TYPES: list[Type] = [
    Bool(), Int(), Int(N), Float(), Complex(), NumpyScalar("float64"), NumpyScalar("float32"), NumpyScalar("int64"),
    VECTOR, Array("float64", (M,)), Array("float32", (N,)), Array("float64", (1,)), Array("float64", (N, N)),
    Array("float64", ()), Array(), Number(), Tuple((Float(), Int())), List(Float()), Undefined(),
]  # fmt: skip


@pytest.mark.parametrize("t", TYPES, ids=str)
def test_a_type_with_itself_or_with_nothing(t: Type) -> None:
    assert join(t, t) == t
    assert join(t, Undefined()) == t and join(Undefined(), t) == t


@pytest.mark.parametrize(
    ("a", "b", "want"),
    [
        (Int(), Float(), Float()), (Bool(), Int(), Int()), (Int(N), Int(M), Int()), (Float(), Complex(), Complex()),
        (Int(N), Int(), Int()), (Float(), VECTOR, Number()), (Tuple((Int(), Float())), Tuple((Float(), Float())),
        Tuple((Float(), Float()))), (List(Int()), List(Float()), List(Float())),
        (VECTOR, Array("float64", (N, N)), Array("float64", None)),
    ],
    ids=str,
)  # fmt: skip
def test_pairs(a: Type, b: Type, want: Type) -> None:
    assert join(a, b) == want and join(b, a) == want


def test_lengths_that_differ_become_one_of_their_own() -> None:
    joined = join(VECTOR, Array("float64", (M,)))
    assert isinstance(joined, Array) and joined.rank == 1 and joined.shape
    assert joined.shape[0] not in (N, M) and not may_be_one(joined.shape[0])
    other = join(VECTOR, Array("float64", (1,)))
    assert isinstance(other, Array) and other.shape and may_be_one(other.shape[0])
    assert join(VECTOR, Array("float64", (M,))) != joined


def test_a_joined_type_never_claims_what_one_of_the_two_is_not() -> None:
    """Rank, dtype and lengths of the join are those of both."""
    for a, b in itertools.product(TYPES, TYPES):
        joined = join(a, b)
        for t in (a, b):
            if isinstance(t, Undefined) or isinstance(joined, Opaque):
                continue
            p, q = shape_of(joined), shape_of(t)
            if p is not None:
                assert q is not None and len(p) == len(q), (a, b, joined)
                assert all(m == n or may_be_one(m) or not may_be_one(n) for m, n in zip(p, q, strict=True))
            dtype = getattr(joined, "dtype", None)
            if isinstance(joined, Array) and isinstance(t, Array) and dtype is not None:
                assert dtype == t.dtype


def test_covers() -> None:
    before = serial()
    own = Array("float64", (fresh_dim(),))
    assert covers(own, VECTOR, before) and covers(own, Array("float64", (1,)), before)
    assert not covers(Array("float64", (fresh_dim(True),)), Array("float64", (1,)), before)
    assert not covers(VECTOR, Array("float64", (M,)), before)
    assert not covers(own, Array("float32", (N,)), before)
    assert covers(Number(), VECTOR, before) and covers(Float(), Int(), before) and not covers(Int(), Float(), before)
    later = serial()
    assert not covers(own, VECTOR, later)  # that length is known elsewhere by its name


def test_stable_forgets_lengths_of_the_trip() -> None:
    v = Var("n", Int())
    inside = Array("float64", (Sym(v), Sym((v, 1), True), N, 1))
    kept = stable(inside, lambda k: k is v)
    assert isinstance(kept, Array) and kept.shape
    assert kept.shape[2:] == (N, 1) and kept.shape[0] != Sym(v)
    assert not may_be_one(kept.shape[1]) and may_be_one(kept.shape[0])
    assert stable(inside, lambda k: False) == inside
    assert stable(Int(Sym(v)), lambda k: k is v) == Int()
