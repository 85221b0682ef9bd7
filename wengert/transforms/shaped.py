"""The shapes, kinds and dtypes of derivative values.

A derivative of `v` (tangent or cotangent) is any value that broadcasts to the shape of `v`. `full` makes it the whole
array where that is needed; `unbroadcast` sums a contribution over the axes along which the input was broadcast.

    unbroadcast(c, v, y)      v_bar = np.sum(c, axis=0), where `y = u + v` has an axis that `v` has not
"""

from __future__ import annotations

import operator
from collections.abc import Container
from dataclasses import replace

import numpy as np

from wengert.analyses.complexes import certain, complexes, is_complex, is_real, is_undecided
from wengert.analyses.paths import Perhaps
from wengert.errors import Problem, UnsupportedError
from wengert.frontend.join import join
from wengert.ir.builder import ZERO, constant
from wengert.ir.callee import Recorded
from wengert.ir.nodes import Arg, Atom, Display, Function, Var
from wengert.ir.queries import targets, walk
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
    Tape,
    Tuple,
    Type,
    at_most_one,
    is_numeric,
    is_scalar,
    may_be_one,
    shape_of,
)
from wengert.runtime import broadcast_like, unbroadcast, zeros_of
from wengert.transforms.noted import Noted


class Shaped(Noted):
    """Emits what gives a derivative the shape, kind and dtype of its value."""

    # --- complex values ---------------------------------------------------------------------------------------------

    def complex_values(self, function: Function, active: Container[Atom]) -> None:
        """Find what is complex; refuse what carries a derivative and may be complex or not."""
        given = {v for p in function.params for v in p.leaves if is_complex(v.type)}
        self.complex = self.flat.complex = complexes(function.body) | given
        known = certain(function.body) if self.complex else ()
        for s in walk(function.body) if self.complex else ():
            for v in targets(s):
                if v in active and v in self.complex and is_undecided(v.type) and v not in known:
                    way = "give arrays a dtype where they are made: np.zeros(n, dtype=complex), x.astype(complex)"
                    text = "it is not known here whether this is complex"
                    raise UnsupportedError([Problem(text, way, getattr(s, "origin", None))])

    def may_be_complex(self, a: Atom) -> bool:
        return a in self.complex or is_complex(a.type)

    def kind_at(self, c: Atom, v: Atom, y: Atom) -> Type:
        """The type of `c`, whose dtype is not known, once it is of the kind of `v`; it broadcasts to the shape of `y`."""
        want = derivative_type(v.type)
        if isinstance(c.type, Array):
            return Array("complex128" if getattr(want, "dtype", None) == "complex128" else None, c.type.shape)
        whole = shape_of(v.type) == shape_of(y.type)  # where `y` has more axes than `v`, its cotangent may have them as well
        return want if whole and (is_scalar(want) or (isinstance(want, Array) and want.shape is None)) else Number()

    def fitted(self, c: Atom, v: Atom, y: Atom | None = None) -> Atom:
        """The derivative `c`, of the shape of `y`, as `v` is: its real part where `v` is real, complex where `v` is."""
        y = v if y is None else y
        if not self.complex or not is_numeric(v.type):
            return c
        if not self.may_be_complex(v):
            if is_real(c.type) or c in self.parts_of_complex or not is_numeric(c.type):
                return c
            known = not is_undecided(c.type)
            made = self.op(np.real, c) if known else self.emit.apply(np.real, (c,), type=self.kind_at(c, v, y))
            self.parts_of_complex.add(made)
        elif is_complex(c.type) or not is_numeric(c.type):
            return c
        else:
            real = is_undecided(c.type)
            args = (c, constant(0j))
            made = self.emit.apply(operator.add, args, type=self.kind_at(c, v, y)) if real else self.op(operator.add, *args)
        if c in self.masked:
            self.masked.add(made)
        return self._solid_as(made, c)

    # --- shapes -----------------------------------------------------------------------------------------------------

    def zeros(self, v: Var) -> Atom:
        """A zero derivative of `v` that may be written into."""
        t = v.type
        if is_scalar(t):
            return ZERO
        if isinstance(t, Perhaps):
            return self.emit.apply(zeros_of, (v,), type=self.yielded_type(v))
        if isinstance(t, Array) and t.dtype is not None:
            if np.dtype(t.dtype).kind in "fc":
                return self.op(np.zeros_like, v)
            return self.op(np.zeros, self.emit.apply(np.shape, (v,)))
        return self.emit.apply(zeros_of, (v,), type=derivative_type(t))

    def is_whole(self, d: Atom, v: Atom) -> bool:
        """True where `d`, which broadcasts to the shape of `v`, has that shape: no axis of it can be one of length 1."""
        if self.is_point(v):
            return True
        p, q = shape_of(d.type), shape_of(v.type)
        if p is None or q is None or len(p) != len(q):
            return False
        return all(m == n or not may_be_one(m) for m, n in zip(p, q, strict=True))

    def yielded_type(self, v: Var) -> Type:
        """The type of the derivative of what a block yields: nothing is known of its shape where `v` may be unbound."""
        return Number() if self.is_loose(v) and isinstance(v.type, Array) else derivative_type(v.type)

    def is_loose(self, v: Atom) -> bool:
        """True of numbers and arrays that some paths do not assign, or make None: their shape must not be asked for."""
        return isinstance(v.type, Perhaps) or (v in self.unbound and not isinstance(v.type, Tape | List | Tuple))

    def full(self, d: Atom, v: Atom) -> Atom:
        """`d` with the whole shape of `v`."""
        if self.is_whole(d, v) or isinstance(v.type, Tape | List | Tuple | Recorded):
            return d
        return self._solid_as(self.emit.apply(broadcast_like, (d, v), type=full_type(d.type, v.type)), d)

    def unbroadcast(self, c: Atom, v: Var, y: Var) -> Atom:
        """The contribution `c`, of the shape of `y`, summed to the shape of `v`."""
        c = self.fitted(c, v, y)
        if self.is_point(y):
            self.points.add(v)
            return c
        p, q = shape_of(v.type), shape_of(y.type)
        if p is not None and q is not None:
            axes = broadcast_axes(p, q)
            if axes == ():
                return c
            if axes is not None:
                return self._solid_as(self._summed(c, p, q, axes, y), c)
        whole = self.full(c, y)
        kind = derivative_type(v.type)
        kind = NumpyScalar("float64") if isinstance(kind, Float) else kind  # what was summed is no Python float
        return self._solid_as(self.emit.apply(unbroadcast, (whole, v), type=kind), c)

    def _summed(self, c: Atom, p: tuple[Dim, ...], q: tuple[Dim, ...], axes: tuple[int, ...], y: Var) -> Atom:
        if len(axes) == len(q):
            if is_scalar(c.type) and not p:
                return self.op(operator.mul, c, self.op(np.size, y))
            whole = self.full(c, y)
            total = self.op(np.sum, whole)
            return total if not p else self.op(np.reshape, total, Display("tuple", (constant(1),) * len(p)))
        whole = self.full(c, y)
        lead = len(q) - len(p)
        first = tuple(a for a in axes if a < lead)
        if first:
            whole = self.op(np.sum, whole, axis=axis_operand(first))
        rest = tuple(a - lead for a in axes if a >= lead)
        return self.op(np.sum, whole, axis=axis_operand(rest), keepdims=constant(True)) if rest else whole

    def cast(self, c: Atom, v: Var) -> Atom:
        """`c` in the floating dtype of `v`, where the two are known to differ."""
        c = self.fitted(c, v)
        have, want = c.type, v.type
        if isinstance(have, NumpyScalar) and isinstance(want, NumpyScalar) and have.dtype != want.dtype:
            kind = np.dtype(want.dtype)
            return self._solid_as(self.op(kind.type, c), c) if kind.kind == "f" and have.dtype[0] == "f" else c
        if not (isinstance(have, Array) and isinstance(want, Array) and have.dtype and want.dtype):
            return c
        target = np.dtype(want.dtype)
        if target.kind not in "fc" or have.dtype == want.dtype or np.dtype(have.dtype).kind not in "fc":
            return c
        made = self.emit.apply(np.ndarray.astype, (c, constant(target.type)), type=Array(want.dtype, have.shape))
        return self._solid_as(made, c)


def axis_operand(axes: tuple[int, ...]) -> Arg:
    return constant(axes[0]) if len(axes) == 1 else Display("tuple", tuple(map(constant, axes)))


def broadcast_axes(p: tuple[Dim, ...], q: tuple[Dim, ...]) -> tuple[int, ...] | None:
    """The axes of shape `q` along which shape `p` is repeated where it has entries; None where that is not known."""
    lead = len(q) - len(p)
    if lead < 0:
        return None
    axes = list(range(lead))
    for k, (m, n) in enumerate(zip(p, q[lead:], strict=True)):
        if m == n or not may_be_one(m):
            continue
        if not at_most_one(m) or may_be_one(n):
            return None
        axes.append(lead + k)
    return tuple(axes)


def derivative_type(t: Type) -> Type:
    """The type of a whole derivative of a value of type `t`: integers are treated as real."""
    match t:
        case Bool() | Int() | Float():
            return Float()
        case NumpyScalar(dtype=dtype):
            return t if np.dtype(dtype).kind in "fc" else NumpyScalar("float64")
        case Array(dtype=str() as dtype):
            return t if np.dtype(dtype).kind in "fc" else replace(t, dtype="float64")
        case Tape(item=item):
            return Tape(derivative_type(item))
        case List(item=item):
            return List(derivative_type(item))
        case Tuple(items=items):
            return Tuple(tuple(map(derivative_type, items)))
        case _:
            return t


def joined_scalars(a: Type, b: Type) -> Type:
    """The type of the derivative of a scalar that comes from one of two paths: a NumPy scalar where it is not known better."""
    return join(*(t if is_scalar(t) else NumpyScalar("float64") for t in (a, b)))


def full_type(d: Type, v: Type) -> Type:
    """The type of `d` broadcast to the shape of `v`."""
    shape = shape_of(v)
    plain = "float64" if isinstance(d, Float) else "complex128" if isinstance(d, Complex) else None
    dtype = d.dtype if isinstance(d, Array | NumpyScalar) else plain
    return Array(dtype, shape) if shape is not None else Number()
