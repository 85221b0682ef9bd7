"""Abstract values: what is known of a value before the program runs.

In: nothing but NumPy's dtypes. Out: hashable descriptions that the frontend computes while it flattens.

    Array("float64", (3, Sym("n")))     a 3 by n array of doubles
    Float()                             a Python float
    Number()                            a float or an array of any rank: nothing is known

A `Dim` is an int or a `Sym`; equal dims are equal lengths at run time. A `Sym` with `not_one` is a length that is
known to differ from 1, which is what decides whether a cotangent must be summed over a broadcast axis.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Sym:
    """A length that is not known: `key` is its identity, `not_one` says that it is never 1."""

    key: Hashable
    not_one: bool = False


Dim: TypeAlias = int | Sym


class Type:
    """Base of all abstract values."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Bool(Type):
    """A Python bool."""


@dataclass(frozen=True, slots=True)
class Int(Type):
    """A Python int; `size` is the dim that it equals, where it came from a shape or a `len`."""

    size: Dim | None = None


@dataclass(frozen=True, slots=True)
class Float(Type):
    """A Python float (or an int that joined with one)."""


@dataclass(frozen=True, slots=True)
class Complex(Type):
    """A Python complex."""


@dataclass(frozen=True, slots=True)
class NumpyScalar(Type):
    """A NumPy scalar such as `np.float64(2.0)`; immutable."""

    dtype: str


@dataclass(frozen=True, slots=True)
class Array(Type):
    """An `np.ndarray`; `dtype` or `shape` None where unknown. `shape` () is a 0-d array."""

    dtype: str | None = None
    shape: tuple[Dim, ...] | None = None

    @property
    def rank(self) -> int | None:
        return None if self.shape is None else len(self.shape)


@dataclass(frozen=True, slots=True)
class Number(Type):
    """A float, a NumPy scalar or an array of any rank."""


@dataclass(frozen=True, slots=True)
class Tuple(Type):
    """A run-time tuple whose length and item types are known."""

    items: tuple[Type, ...]


@dataclass(frozen=True, slots=True)
class List(Type):
    """A run-time list of any length whose items are all of one type."""

    item: Type


@dataclass(frozen=True, slots=True)
class Tape(Type):
    """What a loop recorded: one `item` for each trip, in the order of the trips."""

    item: Type


@dataclass(frozen=True, slots=True)
class Range(Type):
    """A `range`."""


@dataclass(frozen=True, slots=True)
class Opaque(Type):
    """A run-time value that carries no derivative: a string, a dtype, an iterator, any object."""


@dataclass(frozen=True, slots=True)
class Undefined(Type):
    """The value of a name that this path has not assigned."""


SCALARS = (Bool, Int, Float, Complex, NumpyScalar)
"""Types of rank 0 that are not arrays."""

NUMERIC = (Bool, Int, Float, Complex, NumpyScalar, Array, Number)
"""Types that may carry a derivative by themselves."""


def is_scalar(t: Type) -> bool:
    """True for a value that is known to have no axes and not to be an array."""
    return isinstance(t, SCALARS)


def is_numeric(t: Type) -> bool:
    return isinstance(t, NUMERIC)


def shape_of(t: Type) -> tuple[Dim, ...] | None:
    """The shape of a number, () for scalars, None where it is unknown."""
    if isinstance(t, Array):
        return t.shape
    return () if isinstance(t, SCALARS) else None


def may_be_one(d: Dim) -> bool:
    return d == 1 if isinstance(d, int) else not d.not_one


def at_most_one(d: Dim) -> bool:
    """True of lengths that can only be 0 or 1: that of `x[:, 2:3]` is, however many columns there are."""
    if isinstance(d, int):
        return d in (0, 1)
    match d.key:
        case ("slice", _, start, stop, step):
            first, last, by = (getattr(a, "value", a) for a in (start, stop, step))
            first = 0 if first is None else first
            if not isinstance(first, int) or not isinstance(last, int) or by not in (None, 1):
                return False
            return (first < 0) == (last < 0) and last - first <= 1
        case _:
            return False


def alike(a: Type, b: Type) -> bool:
    """True of arrays with axes, of one shape and one dtype for certain."""
    both = isinstance(a, Array) and isinstance(b, Array) and a.dtype is not None and a.dtype == b.dtype
    return both and bool(shape_of(a)) and same_shape(a, b)


def summable(a: Type, b: Type) -> bool:
    """True of arrays of one dtype whose sum, where it can be made, has the shape of both: no axis is repeated."""
    if not isinstance(a, Array) or not isinstance(b, Array) or a.dtype is None or a.dtype != b.dtype:
        return False
    p, q = a.shape, b.shape
    if not p or not q or len(p) != len(q):
        return False
    return all(m == n or not (may_be_one(m) or may_be_one(n)) for m, n in zip(p, q, strict=True))


def same_shape(a: Type, b: Type) -> bool:
    """True where both have the same shape for certain."""
    p, q = shape_of(a), shape_of(b)
    return p is not None and p == q
