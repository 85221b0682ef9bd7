"""Types of results: dtypes as NumPy's, lengths that are provable and nothing more."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
import pytest

from wengert.ir import shapes
from wengert.ir.dims import broadcast_dims
from wengert.ir.nodes import Arg, Const, Display, Var
from wengert.ir.sampling import type_of_value
from wengert.ir.types import Array, Bool, Dim, Float, Int, Number, NumpyScalar, Opaque, Sym, Tuple, Type

NUMPY_2 = not np.__version__.startswith("1.")
N, M = Sym("n", not_one=True), Sym("m")
x, u = Var("x", Array("float64", (N, M))), Var("u", Array("float64", (N,)))
f, k = Var("f", Float()), Var("k", Int())


def const(value: Any) -> Const:
    return Const(value, type_of_value(value) if not isinstance(value, int) else Int(value))


def cut(start: Any = None, stop: Any = None, step: Any = None) -> Display:
    return Display("slice", tuple(b if isinstance(b, Var) else const(b) for b in (start, stop, step)))


def index(*parts: Any) -> Display:
    return Display("tuple", tuple(p if isinstance(p, (Var, Const, Display)) else const(p) for p in parts))


def at(base: Var, part: Arg) -> Type:
    return shapes.getitem(operator.getitem, (base, part), {})


def single(*shape: Dim) -> Var:
    return Var("a", Array("float32", shape))


@pytest.mark.parametrize(
    ("op", "operands", "expected"),
    [
        (operator.mul, (f, f), Float()),
        (operator.mul, (k, k), Int()),
        (operator.truediv, (k, k), Float()),
        (operator.pow, (k, k), Float()),
        (operator.pow, (k, const(2)), Int()),
        (operator.pow, (f, const(0.5)), Float()),
        (operator.lt, (f, k), Bool()),
        # NumPy 1 widens float32 for a Python float that does not fit
        (operator.mul, (single(N), f), Array("float32" if NUMPY_2 else None, (N,))),
        (operator.mul, (single(N), u), Array("float64", (N,))),
        (operator.mul, (single(), single()), NumpyScalar("float32")),
        (operator.mul, (Var("n", Number()), f), Number()),
        (operator.mul, (Var("n", Number()), u), Array()),
        (operator.lt, (u, f), Array("bool", (N,))),
        (np.sin, (f,), NumpyScalar("float64")),
        (np.sin, (Var("i", Array("int64", (3,))),), Array("float64", (3,))),
        (np.add, (Var("a", Array(None, (N,))), f), Array(None, (N,))),
        (np.add, (Var("a", Array("float64", None)), f), Number()),
        (np.where, (const(True), f, f), Array("float64", ())),
        (operator.add, (x, u), Array("float64", (N, N))),
    ],
)
def test_elementwise(op: Any, operands: tuple[Arg, ...], expected: Type) -> None:
    assert shapes.elementwise(op, operands) == expected


def test_broadcast() -> None:
    other = Sym("other", not_one=True)
    assert broadcast_dims(1, M) == M
    assert broadcast_dims(N, other) == N
    assert broadcast_dims(N, M) == N == broadcast_dims(M, N)
    assert broadcast_dims(M, 5) == 5
    assert broadcast_dims(M, Sym("k")) == broadcast_dims(Sym("k"), M) == Sym(("broadcast", Sym("k"), M))


def test_slices_of_one_array_have_comparable_lengths() -> None:
    two = Array("float64", (Sym(("minus", N, 2)),))
    assert at(u, cut(1, -1)) == at(u, cut(2)) == at(u, cut(None, -2)) == two
    assert at(Var("v", at(u, cut(1))), cut(None, -1)) == two
    assert at(u, cut()) == at(u, cut(None, None, -1)) == u.type
    assert at(u, cut(k)) == at(u, cut(k)) != at(u, cut(Var("k", Int())))
    assert at(Var("w", Array("float64", (7,))), cut(1, -1, 2)) == Array("float64", (3,))
    assert at(u, cut(None, 3)) != Array("float64", (3,))


def test_indexing() -> None:
    ints = Var("i", Array("int64", (4,)))
    mask = Var("b", Array("bool", (N,)))
    assert at(u, k) == NumpyScalar("float64")
    assert at(u, index(k, ...)) == Array("float64", ())
    assert at(x, k) == Array("float64", (M,))
    assert at(x, index(None, cut(), k)) == Array("float64", (1, N))
    assert at(x, index(..., None)) == Array("float64", (N, M, 1))
    assert at(x, index(ints)) == Array("float64", (4, M))
    assert at(x, index(cut(), ints)) == Array("float64", (N, 4))
    assert at(x, index(ints, k)) == Array("float64", (4,))
    cube = Var("c", Array("float64", (N, M, 3)))
    assert at(cube, index(k, cut(), ints)) == Array("float64", (4, M))
    assert at(cube, index(cut(), k, ints)) == Array("float64", (N, 4))
    assert at(x, mask) == Array("float64", (Sym(("true", mask)), M))
    assert at(x, Var("j", Number())) == Number()
    assert at(Var("y", Array("float64")), k) == Number()
    assert at(Var("t", Tuple((Float(), Opaque()))), const(1)) == Opaque()


def test_probe() -> None:
    assert shapes.probe(np.sum, (x,), {}) == NumpyScalar("float64")
    assert shapes.probe(np.sum, (x,), {"axis": const(0)}) == Array("float64", (M,))
    assert shapes.probe(np.sum, (x,), {"axis": const(0), "keepdims": const(True)}) == Array("float64", (1, M))
    assert shapes.probe(np.sum, (x,), {"axis": k}) == Number()
    assert shapes.probe(np.sum, (Var("y", Array("float64")),), {}) == NumpyScalar("float64")
    assert shapes.probe(np.diff, (u,), {}) == Array("float64", (Sym(("minus", N, 1)),))
    assert shapes.probe(np.squeeze, (x,), {}) == Number()
    assert shapes.probe(np.stack, (Display("list", (u, u)),), {}) == Array("float64", (2, N))
    other = Var("v", Array("float64", (Sym("other"), M)))
    joined = shapes.probe(np.concatenate, (Display("list", (x, other)),), {})
    assert isinstance(joined, Array) and joined.shape is not None and joined.shape[1] == M
    assert joined.shape[0] not in (N, Sym("other"))
    square = shapes.probe(np.diag, (x,), {})
    assert isinstance(square, Array) and square.shape is not None and square.shape[0] not in (N, M)
    large = Var("l", Array("float64", (1000, 1000)))
    assert shapes.probe(np.diff, (large,), {}) == Array("float64", (1000, 999))


def test_products() -> None:
    assert shapes.matmul(
        operator.matmul, (Var("a", Array("float64", (N, M))), Var("b", Array("float32", (M,)))), {}
    ) == (Array("float64", (N,)))
    assert shapes.matmul(operator.matmul, (u, u), {}) == NumpyScalar("float64")
    assert shapes.dot(np.dot, (f, x), {}) == x.type


def test_reshape() -> None:
    def to(*shape: Any) -> Type:
        return shapes.reshape(np.reshape, (x,), {"shape": index(*shape)})

    n = Var("n", Int(N))
    assert to(n, -1) == Array("float64", (N, M))
    assert to(-1, n, 1) == Array("float64", (M, N, 1))
    assert shapes.reshape(np.reshape, (Var("y", Array("float64", (4, 6))),), {"shape": index(-1, 8)}) == (
        Array("float64", (3, 8))
    )
    # an int may be -1: two reshapes with it do not have one length
    other = shapes.reshape(np.reshape, (u,), {"shape": k})
    assert to(k) != other


def test_creation() -> None:
    n = Var("n", Int(N))
    assert shapes.created(np.zeros, (index(n, 3),), {}) == Array("float64", (N, 3))
    assert shapes.created(np.zeros, (n, const(np.float32)), {}) == Array("float32", (N,))
    assert shapes.ranged(np.arange, (n,), {}) == Array("int64", (N,))
    assert shapes.array_type(Display("list", (f, f))) == Array("float64", (2,))
    assert shapes.array_type(Display("list", (single(N), single(N)))) == Array("float32", (2, N))


def test_large_ints_are_not_computed_with() -> None:
    assert shapes.elementwise(operator.pow, (k, const(10**9))) == Int()
    assert shapes.elementwise(operator.lshift, (k, const(10**12))) == Int()
    assert shapes.elementwise(operator.lshift, (k, k)) == Int()
