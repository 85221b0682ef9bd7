"""The abstract value of a name that two paths define: what is true on both.

    join(Int(), Float())                                     Float()
    join(Array("float64", (n,)), Array("float64", (n,)))     Array("float64", (n,))

Where two lengths differ, or may differ from trip to trip, the joined length is a symbol that nothing else has.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np

from wengert.ir.nodes import Var
from wengert.ir.types import (
    Array,
    Bool,
    Complex,
    Dim,
    Float,
    Int,
    List,
    Number,
    NumpyScalar,
    Opaque,
    Sym,
    Tape,
    Tuple,
    Type,
    Undefined,
    may_be_one,
)

_serial = itertools.count()
_ORDER: tuple[type[Type], ...] = (Bool, Int, Float, Complex)


class Token:
    """The identity of a length that nothing else is known to equal."""

    __slots__ = ("serial",)

    def __init__(self) -> None:
        self.serial = next(_serial)

    def __repr__(self) -> str:
        return "?"


def fresh_dim(not_one: bool = False) -> Sym:
    return Sym(Token(), not_one)


def join(a: Type, b: Type) -> Type:
    """The least type that describes both."""
    if a == b or isinstance(b, Undefined):
        return a
    if isinstance(a, Undefined):
        return b
    match a, b:
        case (Bool() | Int() | Float() | Complex()), (Bool() | Int() | Float() | Complex()):
            wide = max(a, b, key=lambda t: _ORDER.index(type(t)))
            return Int() if isinstance(wide, Int) else wide
        case NumpyScalar(), NumpyScalar():
            return NumpyScalar(str(np.promote_types(a.dtype, b.dtype)))
        case NumpyScalar(), (Bool() | Int() | Float() | Complex()):
            return _with_python(a, b)
        case (Bool() | Int() | Float() | Complex()), NumpyScalar():
            return _with_python(b, a)
        case Array(), Array():
            return Array(a.dtype if a.dtype == b.dtype else None, _join_shapes(a.shape, b.shape))
        case (List() | Tape()), (List() | Tape()):
            return List(join(a.item, b.item))
        case Tuple(), Tuple() if len(a.items) == len(b.items):
            return Tuple(tuple(map(join, a.items, b.items)))
        case _:
            numeric = (Bool, Int, Float, Complex, NumpyScalar, Array, Number)
            return Number() if isinstance(a, numeric) and isinstance(b, numeric) else Opaque()


def _with_python(a: NumpyScalar, b: Bool | Int | Float | Complex) -> Type:
    """A NumPy scalar on one path, a Python number on the other: rank 0 for certain."""
    if isinstance(b, Complex):
        return NumpyScalar(str(np.promote_types(a.dtype, "complex128")))
    if isinstance(b, Float) and np.dtype(a.dtype).kind not in "fc":
        return NumpyScalar("float64")
    return a


def _join_shapes(a: tuple[Dim, ...] | None, b: tuple[Dim, ...] | None) -> tuple[Dim, ...] | None:
    if a is None or b is None or len(a) != len(b):
        return None
    return tuple(p if p == q else fresh_dim(not (may_be_one(p) or may_be_one(q))) for p, q in zip(a, b, strict=True))


def covers(wide: Type, narrow: Type, since: int) -> bool:
    """True where every value that `narrow` describes is described by `wide`.

    A length whose token was made after `since` belongs to the value that `wide` describes alone and covers any.
    """
    match wide, narrow:
        case Array(), Array():
            if wide.dtype is not None and wide.dtype != narrow.dtype:
                return False
            if wide.shape is None:
                return True
            if narrow.shape is None or len(wide.shape) != len(narrow.shape):
                return False
            return all(_covers_dim(p, q, since) for p, q in zip(wide.shape, narrow.shape, strict=True))
        case List(), (List() | Tape()):
            return covers(wide.item, narrow.item, since)
        case Tuple(), Tuple() if len(wide.items) == len(narrow.items):
            return all(covers(w, n, since) for w, n in zip(wide.items, narrow.items, strict=True))
        case _:
            return join(wide, narrow) == wide


def _covers_dim(wide: Dim, narrow: Dim, since: int) -> bool:
    if wide == narrow:
        return True
    own = isinstance(wide, Sym) and isinstance(wide.key, Token) and wide.key.serial >= since
    return own and not (isinstance(wide, Sym) and wide.not_one and may_be_one(narrow))


def stable(t: Type, is_local: Callable[[Var | Token], bool]) -> Type:
    """`t` without lengths that are named by something which changes from trip to trip."""

    def local(key: object) -> bool:
        match key:
            case Var() | Token():
                return is_local(key)
            case Sym():
                return local(key.key)
            case tuple():
                return any(local(k) for k in key)
            case _:
                return False

    def keep(d: Dim) -> Dim:
        return fresh_dim(d.not_one) if isinstance(d, Sym) and local(d) else d

    match t:
        case Array(shape=tuple() as shape):
            return Array(t.dtype, tuple(map(keep, shape)))
        case Int(size=Sym() as size) if local(size):
            return Int()
        case _:
            return t


def serial() -> int:
    """A number below that of every token made from now on."""
    return next(_serial)
