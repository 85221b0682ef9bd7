"""Rows for the functions of `wengert.runtime` and the conversions that transforms put into derivative programs.

Derivative programs are differentiated again, so what they call needs rows like anything else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from wengert import runtime
from wengert.ir import shapes
from wengert.ir.nodes import Arg, Const, Var
from wengert.ir.types import Array, Float, Int, Number, NumpyScalar, Tape, Type, at_most_one, may_be_one, shape_of
from wengert.rules.examples import example, normal
from wengert.rules.kinds import constant, linear, structural


def _like_second(op: Any, inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
    """The shape of the second input, the dtype of the first; a sum over axes is a NumPy scalar."""
    value, like = inputs
    if not isinstance(like, Var | Const) or not isinstance(value, Var | Const):
        return Number()
    shape = shape_of(like.type)
    dtype = getattr(value.type, "dtype", None) or ("float64" if isinstance(value.type, Float) else None)
    if shape is None:
        return Number()
    if isinstance(like.type, Array):
        rows = shape_of(value.type) if op is runtime.unbroadcast else None
        if rows is not None and len(rows) == len(shape):  # an axis of one entry stays as it is
            shape = tuple(n if m == n or at_most_one(n) or not may_be_one(m) else m for m, n in zip(rows, shape, strict=True))
        return Array(dtype, shape)
    if shape_of(value.type) == ():
        return value.type if not isinstance(value.type, Int) else Float()
    return NumpyScalar(dtype) if isinstance(value.type, Array) and dtype else Number()


def first(op: Any, inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
    """The type of the first input."""
    return inputs[0].type if isinstance(inputs[0], Var | Const) else Number()


def _first_parts(op: Any, inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
    """The types of the items of a list written out."""
    return shapes.type_of(inputs[0])


def _converted(op: Any, inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
    """The first input with the dtype of the second."""
    x, dtype = inputs
    if not isinstance(x, Var | Const) or not isinstance(dtype, Const):
        return Number()
    name = str(np.dtype(dtype.value))
    shape = shape_of(x.type)
    return Array(name, shape) if isinstance(x.type, Array) else NumpyScalar(name) if shape == () else Number()


def _scalar(op: Any, inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
    """What calling a dtype makes of a number."""
    shape = shape_of(inputs[0].type) if isinstance(inputs[0], Var | Const) else None
    name = str(np.dtype(op))
    return NumpyScalar(name) if shape == () else Array(name, shape) if shape is not None else Number()


def _unbroadcast_vjp(y_bar: Any, y: Any, value: Any, like: Any) -> Any:
    return runtime.broadcast_like(y_bar, value)


def _broadcast_like_vjp(y_bar: Any, y: Any, value: Any, like: Any) -> Any:
    return runtime.unbroadcast(y_bar, value)


def _same(y_bar: Any, y: Any, value: Any) -> Any:
    return y_bar


def _project_vjp(y_bar: Any, y: Any, value: Any, like: Any) -> Any:
    return runtime.unbroadcast(y_bar, value)


def _astype_vjp(y_bar: Any, y: Any, x: Any, dtype: Any) -> Any:
    return y_bar


def _aligned_vjp(y_bar: Any, y: Any, entries: Any, like: Any) -> Any:
    return runtime.unaligned(y_bar, entries)


def _unaligned_vjp(y_bar: Any, y: Any, bars: Any, entries: Any) -> Any:
    return runtime.aligned(y_bar, bars)


def _surviving_vjp(y_bar: Any, y: Any, part: Any, index: Any, like: Any) -> Any:
    return runtime.surviving(y_bar, index, like)


def _passed(d: Any, y: Any, a: Any, b: Any) -> Any:
    return d


def _zeros_type(op: Any, inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
    """Zeros are floats where their model is a number, and floating arrays of its shape where it is one."""
    t = inputs[0].type if isinstance(inputs[0], Var | Const) else Number()
    if shape_of(t) == () and not isinstance(t, Array):
        return Float()
    if isinstance(t, Array):
        return t if t.dtype and np.dtype(t.dtype).kind in "fc" else Array("float64" if t.dtype else None, t.shape)
    return t if isinstance(t, Tape) else Number()


def _bundle_vjp(y_bar: Any, y: Any, parts: Any) -> Any:
    return [y_bar[k] for k in range(len(parts))]


_PAIR = [example(normal(2, 3), normal(2, 3))]
_LISTS = [example([1.0, 2.0], [3.0, 4.0, 5.0])]

linear(
    runtime.unbroadcast,
    "value like",
    vjp=(_unbroadcast_vjp, None),
    result=_like_second,
    examples=[example(normal(4, 3), normal(3)), example(normal(4, 3), normal(4, 1))],
)
linear(
    runtime.broadcast_like,
    "value like",
    vjp=(_broadcast_like_vjp, None),
    result=_like_second,
    examples=[example(normal(3), normal(4, 3))],
)
linear(runtime.copy_, "value", vjp=(_same,), result=first, examples=[example(normal(2, 3))])
linear(runtime.project, "value like", vjp=(_project_vjp, None), result=_like_second, examples=_PAIR)
linear(
    np.ndarray.astype,
    "x dtype",
    vjp=(_astype_vjp, None),
    result=_converted,
    options="",
    examples=[example(normal(2, 3), np.float64)],
)
linear((np.float64, np.float32), "value", vjp=(_same,), result=_scalar, examples=[example(1.5)])
linear(runtime.aligned, "entries like", vjp=(_aligned_vjp, None), result=first, examples=_LISTS)
linear(
    runtime.unaligned,
    "bars entries",
    vjp=(_unaligned_vjp, None),
    result=first,
    examples=[example([1.0, 2.0, 3.0], [4.0])],
)
structural(
    runtime.add_entries,
    "a b",
    jvp=(_passed, _passed),
    vjp=(_passed, _passed),
    result=first,
    examples=[example([1.0, 2.0], [3.0, 4.0])],
)
linear(
    runtime.surviving,
    "part index like",
    vjp=(_surviving_vjp, None, None),
    result=first,
    displays=True,
    examples=[example(normal(4), np.array([0, 2, 0, 0]), np.zeros(3))],
)
linear(
    runtime.bundle,
    "parts",
    vjp=(_bundle_vjp,),
    result=_first_parts,
    displays=True,
    examples=[example([normal(3), normal()])],
)
constant(runtime.stop_gradient, examples=[example(1.0)], result=first)
constant(runtime.zeros_of, examples=[example(normal(3))], result=_zeros_type)
constant(runtime.check_scalar, runtime.format_, examples=[example(1.0)], result=shapes.opaque)
constant(runtime.join_, examples=[example(["a", "b"])], result=shapes.opaque)
