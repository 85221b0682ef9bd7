"""Making arrays.

In: nothing. Out: rows for `np.array`, `np.full`, `np.linspace`, copies, and constant rows for `np.zeros` and its like.

    np.array([a, b])      the cotangents are [y_bar[0], y_bar[1]]
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from wengert.ir import shapes
from wengert.ir.nodes import Arg, Const
from wengert.ir.types import Array, Type
from wengert.rules.examples import example, normal, positive
from wengert.rules.kinds import constant, linear, structural
from wengert.runtime import unbroadcast


def _items(y_bar: Any, x: Any) -> Any:
    """The cotangents of the items of a nested list from that of the array it became."""
    if isinstance(x, (list, tuple)):
        return [_items(y_bar[k], x[k]) for k in range(len(x))]
    return y_bar


def _rank(x: Any) -> Any:
    """How many axes the array of a nested list has."""
    if isinstance(x, (list, tuple)):
        return 1 + (_rank(x[0]) if len(x) else 0)
    return np.ndim(x)


def _array_vjp(
    y_bar: Any, y: Any, x: Any, dtype: Any = None, copy: Any = True, order: Any = "K", subok: Any = False, ndmin: Any = 0
) -> Any:
    if ndmin == 0:
        return _items(y_bar, x)
    return _items(np.reshape(y_bar, np.shape(y_bar)[np.ndim(y_bar) - _rank(x) :]), x)


def _asarray_vjp(y_bar: Any, y: Any, x: Any, dtype: Any = None, order: Any = None, copy: Any = None) -> Any:
    return _items(y_bar, x)


def _array_type(op: Any, inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
    """With `ndmin`, axes of length 1 come before those of the argument."""
    t, least = shapes.array(op, inputs, options), options.get("ndmin")
    if least is None or not isinstance(t, Array):
        return t
    if t.shape is None or not isinstance(least, Const):
        return Array(t.dtype)
    return Array(t.dtype, (*(1,) * (least.value - len(t.shape)), *t.shape))


def _copy_vjp(y_bar: Any, y: Any, x: Any) -> Any:
    return y_bar


def _contiguous_vjp(y_bar: Any, y: Any, x: Any) -> Any:
    return np.reshape(y_bar, np.shape(x))


def _full_jvp(v_dot: Any, y: Any, shape: Any, v: Any, dtype: Any = None) -> Any:
    return np.broadcast_to(v_dot, np.shape(y))


def _full_vjp(y_bar: Any, y: Any, shape: Any, v: Any, dtype: Any = None) -> Any:
    return unbroadcast(y_bar, v)


def _full_like_jvp(v_dot: Any, y: Any, x: Any, v: Any, dtype: Any = None) -> Any:
    return np.broadcast_to(v_dot, np.shape(y))


def _full_like_vjp(y_bar: Any, y: Any, x: Any, v: Any, dtype: Any = None) -> Any:
    return unbroadcast(y_bar, v)


def _arange_start_jvp(v_dot: Any, y: Any, start: Any, stop: Any, step: Any, dtype: Any = None) -> Any:
    # with one argument it is where to stop, which only decides how many entries there are
    if stop is None:
        return np.zeros(np.shape(y))
    return np.broadcast_to(v_dot, np.shape(y))


def _arange_start_vjp(y_bar: Any, y: Any, start: Any, stop: Any, step: Any, dtype: Any = None) -> Any:
    if stop is None:
        return 0.0
    return np.sum(y_bar)


def _arange_step_jvp(v_dot: Any, y: Any, start: Any, stop: Any, step: Any, dtype: Any = None) -> Any:
    return np.arange(np.size(y)) * v_dot


def _arange_step_vjp(y_bar: Any, y: Any, start: Any, stop: Any, step: Any, dtype: Any = None) -> Any:
    return np.sum(np.arange(np.size(y)) * y_bar)


_WRITTEN = (
    example([normal(), normal()]),
    example([normal(3), normal(3)]),
    example([[normal(), normal()], [normal(), normal()]]),
    example(normal(3)),
    example(normal(2, 3), dtype=float),
    example(normal()),
)

_LAID_OUT = example(normal(2, 3), dtype=float, order="F")

linear(
    np.array,
    "x",
    vjp=(_array_vjp,),
    result=_array_type,
    displays=True,
    options="dtype",
    accepts={"ndmin": (int,)},
    examples=[
        *_WRITTEN, _LAID_OUT, example(normal(3), ndmin=3), example([normal(), normal()], ndmin=2),
        example([[normal(), normal()]], float, copy=True, ndmin=1), example(normal(2, 3), order="K", subok=True),
    ],
)  # fmt: skip
linear(
    np.asarray,
    "x",
    vjp=(_asarray_vjp,),
    result=shapes.array,
    displays=True,
    options="dtype order",
    examples=[*_WRITTEN, _LAID_OUT],
)
linear(np.copy, "x", vjp=(_copy_vjp,), result=shapes.array, lazy=True, examples=[example(normal(3)), example(normal())])
linear(
    np.ascontiguousarray,
    "x",
    vjp=(_contiguous_vjp,),
    result=shapes.probe,
    options="dtype",
    examples=[example(normal(3)), example(normal(2, 3)), example(normal())],
)
structural(
    np.full,
    "shape v",
    jvp=(None, _full_jvp),
    vjp=(None, _full_vjp),
    result=shapes.created,
    examples=[
        example((2, 3), normal()),
        example(4, normal()),
        example((2, 3), normal(3)),
        example((2,), normal(), dtype=float),
    ],
)
structural(
    np.full_like,
    "x v",
    jvp=(None, _full_like_jvp),
    vjp=(None, _full_like_vjp),
    result=shapes.filled,
    examples=[
        example(normal(2, 3), normal()),
        example(normal(2, 3), normal(3)),
    ],
)
constant(
    np.zeros,
    np.ones,
    np.empty,
    result=shapes.created,
    examples=[
        example(3),
        example((2, 3)),
        example((2,), float),
        example((2,), dtype=np.float32),
        example(shape=(2,)),
    ],
)
constant(
    np.zeros_like,
    np.ones_like,
    np.empty_like,
    result=shapes.alike,
    examples=[example(normal(2, 3)), example(normal()), example(normal(2), dtype=np.float32)],
)
constant(np.eye, np.identity, result=shapes.square, examples=[example(3)])
constant(np.indices, result=shapes.coordinates, examples=[example((2, 3)), example((3,), dtype=float)])
constant(np.tri, result=shapes.nothing, examples=[example(3)])
structural(
    np.arange,
    "start stop? step?",
    jvp=(_arange_start_jvp, None, _arange_step_jvp),
    vjp=(_arange_start_vjp, None, _arange_step_vjp),
    result=shapes.ranged,
    options="dtype",
    examples=[example(4), example(1, 5), example(normal(), 5.1, 0.75), example(0.1, 5.0, positive())],
)
constant(np.shape, result=shapes.shape, examples=[example(normal(2, 3)), example(normal()), example([1, 2])])
constant(np.ndim, np.size, result=shapes.extent, examples=[example(normal(2, 3)), example(normal())])
