"""What an operation may raise: the classes, as far as types and constants do not exclude them.

    may_raise(operator.truediv, (ONE, x), {})       (ZeroDivisionError,)    of Python floats
    may_raise(np.exp, (v,), {})                     ()
    may_raise(np.linalg.cholesky, (A,), {})         (LinAlgError, ValueError)

What is not known here may raise anything. Exhausted memory, interrupts and integers beyond the range of floats are not
counted; floating point errors only where NumPy was told to raise them or a handler names them.
"""

from __future__ import annotations

import math
import operator
import types
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from wengert.ir.callee import Emitted
from wengert.ir.nodes import AddStore, Arg, Assign, Const, Display, Store, Var
from wengert.ir.queries import atoms_of, walk
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
    Range,
    Tape,
    Tuple,
    Type,
    is_numeric,
    is_scalar,
    shape_of,
)
from wengert.rules.kinds import lookup
from wengert.runtime import assert_, raise_

Errors: TypeAlias = tuple[type[BaseException], ...]

ANYTHING: Errors = (Exception,)
NOTHING: Errors = ()
PYTHON = (Bool, Int, Float, Complex)
"""Python's own numbers, whose division by zero raises."""

NEVER: frozenset[Callable[..., Any]] = frozenset({
    operator.is_, operator.is_not, isinstance, np.shape, np.size, np.ndim, range, slice, str, repr, print, list, id, type,
    callable, bool, complex, np.copy, np.zeros_like, np.ones_like, np.empty_like, np.transpose, np.ravel, np.real, np.imag,
    math.atan, math.tanh, math.fabs, math.isnan, math.isinf, math.isfinite, math.erf, math.erfc, math.asinh, math.atan2,
    math.hypot, math.copysign, math.degrees, math.radians,
})  # fmt: skip
"""Operations on numbers that raise nothing; the conversions among them only of numbers without axes."""

REDUCTIONS: frozenset[Callable[..., Any]] = frozenset({np.sum, np.mean, np.prod, np.var, np.std, np.all, np.any, np.cumsum})
ARITHMETIC: frozenset[Callable[..., Any]] = frozenset({
    operator.add, operator.sub, operator.mul, operator.neg, operator.pos, abs, operator.lt, operator.le, operator.gt,
    operator.ge, operator.eq, operator.ne,
})  # fmt: skip
DIVISIONS: frozenset[Callable[..., Any]] = frozenset({operator.truediv, operator.floordiv, operator.mod})
OVERFLOWS: frozenset[Callable[..., Any]] = frozenset({math.exp, math.expm1, math.cosh, math.sinh, math.ldexp})


def may_raise(op: Any, args: Sequence[Arg], kwargs: Mapping[str, Arg]) -> Errors:
    """The classes of exceptions that `op(*args, **kwargs)` may raise, subclasses included."""
    if isinstance(op, Emitted):
        return _applied(op)
    types_ = [a.type for arg in (*args, *kwargs.values()) for a in atoms_of(arg)]
    if isinstance(op, type) and issubclass(op, BaseException):
        return NOTHING
    if getattr(op, "__module__", "") == "wengert.runtime":
        return NOTHING
    if op is getattr:
        return NOTHING if not isinstance(types_[0], Opaque) else (AttributeError,)
    if op is len:
        return NOTHING if isinstance(types_[0], Array | Tape | List | Range | Tuple) else (TypeError,)
    if op is operator.getitem:
        return _reading(args[0], args[1])
    if op in (float, int):
        return _converting(op, types_[0])
    if op is operator.not_:
        return NOTHING if is_scalar(types_[0]) or isinstance(types_[0], Opaque) else (ValueError,)
    try:
        if op in NEVER:
            return NOTHING if op not in (bool, complex) or is_scalar(types_[0]) else ANYTHING
        rule = lookup(op)
    except TypeError:
        return ANYTHING
    if getattr(op, "__module__", "") == "math":
        return _math(op, types_)
    if getattr(op, "__module__", "") == "numpy.linalg":
        return (np.linalg.LinAlgError, ValueError)
    if op in DIVISIONS or op is operator.pow:
        return (*_arithmetic(op, args, types_), *_shapes(types_))
    if op in ARITHMETIC or isinstance(op, np.ufunc) or op in (np.where, np.clip):
        return (*_shapes(types_), *(() if all(map(is_numeric, types_)) else (TypeError,)))
    if op in REDUCTIONS and not kwargs and len(args) == 1:
        return NOTHING
    return ANYTHING if rule is None or not op_is_plain(op) else (ValueError, TypeError, IndexError, np.linalg.LinAlgError)


def _applied(op: Emitted, around: tuple[Emitted, ...] = ()) -> Errors:
    """What the body of a function of the program's own may raise."""
    if op in around:
        return NOTHING  # asked already
    if op.function is None:
        return ANYTHING
    found: list[type[BaseException]] = []
    for s in walk(op.defined.body):
        if isinstance(s, Store | AddStore):
            found += (LookupError, ValueError, TypeError)
        elif isinstance(s, Assign) and isinstance(s.op, Emitted):
            found += _applied(s.op, (*around, op))
        elif isinstance(s, Assign):
            if s.op is raise_ or s.op is assert_:
                found += ANYTHING
            else:
                found += may_raise(s.op, s.args, dict(s.kwargs))
    return tuple(dict.fromkeys(found))


def op_is_plain(op: Any) -> bool:
    """True of NumPy's functions and of operators, which raise only what is listed."""
    return isinstance(op, types.FunctionType | types.BuiltinFunctionType | np.ufunc) or getattr(op, "__module__", "") in (
        "numpy", "_operator",
    )  # fmt: skip


def _reading(base: Arg, index: Arg) -> Errors:
    """`base[index]`."""
    t = base.type if isinstance(base, Var | Const) else None
    if not isinstance(t, Array) or t.shape is None:
        return (LookupError, TypeError, ValueError)
    entries = index.items if isinstance(index, Display) and index.kind == "tuple" else (index,)
    dims = list(t.shape)
    for entry in entries:
        if isinstance(entry, Const) and entry.value is None:
            continue
        if isinstance(entry, Const) and entry.value is Ellipsis:
            return (IndexError,)
        if not dims:
            return (IndexError,)
        if not _is_inside(entry, dims.pop(0)):
            return (IndexError, ValueError)
    return NOTHING


def _is_inside(entry: Arg, dim: Dim) -> bool:
    """True where an index is certain to be one of an axis of this length."""
    if isinstance(entry, Display):
        return entry.kind == "slice" and not (isinstance(entry.items[2], Var) or getattr(entry.items[2], "value", 1) == 0)
    if isinstance(entry, Const) and type(entry.value) is int and isinstance(dim, int):
        return -dim <= entry.value < dim
    return False


def _converting(op: Any, t: Type) -> Errors:
    if isinstance(t, Bool | Int | Float):
        return NOTHING if op is float or not isinstance(t, Float) else (ValueError, OverflowError)
    if isinstance(t, NumpyScalar):
        return NOTHING if op is float else (ValueError, OverflowError)
    return (ValueError, TypeError, OverflowError)


def _math(op: Any, types_: list[Type]) -> Errors:
    extra: Errors = () if all(map(is_scalar, types_)) else (TypeError,)
    return (*((OverflowError,) if op in OVERFLOWS else (ValueError, OverflowError)), *extra)


def _arithmetic(op: Any, args: Sequence[Arg], types_: list[Type]) -> Errors:
    """Division and powers of Python's numbers."""
    if any(isinstance(t, Array | NumpyScalar) for t in types_):
        return (ValueError,) if op is operator.pow and all(_is_whole(t) for t in types_) else NOTHING
    second = args[1]
    constant = isinstance(second, Const) and isinstance(second.value, int | float) and second.value
    if op is operator.pow:
        if isinstance(second, Const) and isinstance(second.value, int) and second.value >= 0:
            return (OverflowError,)
        return (ZeroDivisionError, OverflowError)
    return NOTHING if constant else (ZeroDivisionError,)


def _is_whole(t: Type) -> bool:
    return isinstance(t, Int | Bool) or (isinstance(t, Array | NumpyScalar) and np.dtype(t.dtype).kind in "iub")


def _shapes(types_: list[Type]) -> Errors:
    """ValueError where shapes may not fit."""
    shapes = [shape_of(t) for t in types_]
    if any(s is None for s in shapes):
        return () if sum(not is_scalar(t) for t in types_) < 2 else (ValueError,)
    known = [s for s in shapes if s]
    rank = max(map(len, known), default=0)
    for k in range(1, rank + 1):
        dims: list[Dim] = [s[-k] for s in known if len(s) >= k and s[-k] != 1]
        if any(d != dims[0] for d in dims):
            return (ValueError,)
    return NOTHING


def floating(op: Any, types_: Sequence[Type]) -> bool:
    """True where NumPy reports a floating point error in the way that was set for it."""
    numpy = isinstance(op, np.ufunc) or any(isinstance(t, Array | NumpyScalar | Number) for t in types_)
    return numpy and op not in NEVER and op not in (operator.getitem, getattr, len)

