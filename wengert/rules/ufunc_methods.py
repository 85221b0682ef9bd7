"""Methods of ufuncs: `reduce`, `accumulate`, `outer`.

In: nothing. Out: rows for `np.add.reduce`, `np.multiply.outer` and their like. Their axis is the first one by default.

    np.subtract.outer(a, b)      the cotangent of a is y_bar summed over the axes of b
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from wengert.ir import shapes
from wengert.ir.nodes import Arg
from wengert.ir.types import Array, Number, Type, shape_of
from wengert.rules.examples import NONZERO, Draw, Example, example, normal
from wengert.rules.kinds import linear, structural
from wengert.rules.reductions import (
    cumprod_jvp,
    cumprod_vjp,
    cumsum_vjp,
    extreme_jvp,
    extreme_vjp,
    prod_slope,
    spread,
)
from wengert.rules.static import axes


def _add_reduce_vjp(y_bar: Any, y: Any, x: Any, axis: Any = 0, keepdims: Any = False) -> Any:
    return spread(y_bar, axis, keepdims)


def _multiply_reduce_jvp(x_dot: Any, y: Any, x: Any, axis: Any = 0, keepdims: Any = False) -> Any:
    return np.sum(prod_slope(x, axis) * x_dot, axis=axis, keepdims=keepdims)


def _multiply_reduce_vjp(y_bar: Any, y: Any, x: Any, axis: Any = 0, keepdims: Any = False) -> Any:
    return prod_slope(x, axis) * spread(y_bar, axis, keepdims)


def _extreme_reduce_jvp(x_dot: Any, y: Any, x: Any, axis: Any = 0, keepdims: Any = False) -> Any:
    return extreme_jvp(x_dot, y, x, axis, keepdims)


def _extreme_reduce_vjp(y_bar: Any, y: Any, x: Any, axis: Any = 0, keepdims: Any = False) -> Any:
    return extreme_vjp(y_bar, y, x, axis, keepdims)


def _shares(y: Any, x: Any, axis: Any, keepdims: Any) -> Any:
    """The slopes of a logarithm of a sum of exponentials; none where the sum is 0."""
    whole = spread(y, axis, keepdims)
    return np.exp(np.where(np.isneginf(whole), -np.inf, x - np.where(np.isneginf(whole), 0.0, whole)))


def _logaddexp_reduce_jvp(x_dot: Any, y: Any, x: Any, axis: Any = 0, keepdims: Any = False) -> Any:
    return np.sum(_shares(y, x, axis, keepdims) * x_dot, axis=axis, keepdims=keepdims)


def _logaddexp_reduce_vjp(y_bar: Any, y: Any, x: Any, axis: Any = 0, keepdims: Any = False) -> Any:
    return _shares(y, x, axis, keepdims) * spread(y_bar, axis, keepdims)


def _add_accumulate_vjp(y_bar: Any, y: Any, x: Any, axis: Any = 0) -> Any:
    return cumsum_vjp(y_bar, y, x, axis)


def _multiply_accumulate_jvp(x_dot: Any, y: Any, x: Any, axis: Any = 0) -> Any:
    return cumprod_jvp(x_dot, y, x, axis)


def _multiply_accumulate_vjp(y_bar: Any, y: Any, x: Any, axis: Any = 0) -> Any:
    return cumprod_vjp(y_bar, y, x, axis)


# Every entry of one array with every entry of another


def _over(a: Any, b: Any) -> Any:
    """`a` with an axis of length 1 for each axis of `b`."""
    return np.expand_dims(a, axes(np.ndim(a), np.ndim(a) + np.ndim(b)))


def _for_a(whole: Any, a: Any, b: Any) -> Any:
    return np.sum(whole, axis=axes(np.ndim(a), np.ndim(a) + np.ndim(b)))


def _for_b(whole: Any, a: Any, b: Any) -> Any:
    return np.sum(whole, axis=axes(0, np.ndim(a)))


def _add_outer_a_jvp(a_dot: Any, y: Any, a: Any, b: Any) -> Any:
    return np.broadcast_to(_over(a_dot, b), np.shape(y))


def _add_outer_b_jvp(b_dot: Any, y: Any, a: Any, b: Any) -> Any:
    return np.broadcast_to(b_dot, np.shape(y))


def _subtract_outer_b_jvp(b_dot: Any, y: Any, a: Any, b: Any) -> Any:
    return np.broadcast_to(-b_dot, np.shape(y))


def _add_outer_a(y_bar: Any, y: Any, a: Any, b: Any) -> Any:
    return _for_a(y_bar, a, b)


def _add_outer_b(y_bar: Any, y: Any, a: Any, b: Any) -> Any:
    return _for_b(y_bar, a, b)


def _subtract_outer_b(y_bar: Any, y: Any, a: Any, b: Any) -> Any:
    return -_for_b(y_bar, a, b)


def _multiply_outer_a(y_bar: Any, y: Any, a: Any, b: Any) -> Any:
    return _for_a(y_bar * b, a, b)


def _multiply_outer_b(y_bar: Any, y: Any, a: Any, b: Any) -> Any:
    return _for_b(y_bar * _over(a, b), a, b)


def _divide_outer_a_jvp(a_dot: Any, y: Any, a: Any, b: Any) -> Any:
    return _over(a_dot, b) / b


def _divide_outer_b_jvp(b_dot: Any, y: Any, a: Any, b: Any) -> Any:
    return -y * b_dot / b


def _divide_outer_a(y_bar: Any, y: Any, a: Any, b: Any) -> Any:
    return _for_a(y_bar / b, a, b)


def _divide_outer_b(y_bar: Any, y: Any, a: Any, b: Any) -> Any:
    return _for_b(-y_bar * y / b, a, b)


def _outer_type(op: Callable[..., Any], inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
    """The lengths of the first array, then those of the second."""
    a, b = (shapes.type_of(i) for i in inputs)
    p, q = shape_of(a), shape_of(b)
    if not p or q is None:
        return Number()
    found = getattr(a, "dtype", None)
    return Array(found if found == getattr(b, "dtype", None) and found in ("float32", "float64") else None, (*p, *q))


_REDUCED: tuple[Example, ...] = (
    example(normal(5)),
    example(normal(3, 4)),
    example(normal(3, 4), axis=-1),
    example(normal(3, 4), axis=1, keepdims=True),
    example(normal(3, 4), axis=None),
    example(normal(2, 3, 4), axis=(0, 2)),
)
_RUNNING: tuple[Example, ...] = (example(normal(5)), example(normal(3, 4)), example(normal(3, 4), axis=1))
_PAIRS: tuple[Example, ...] = (
    example(normal(3), normal(2)),
    example(normal(2, 3), normal(2)),
    example(normal(3), normal(2, 2)),
)
_QUOTIENTS = (example(normal(3), Draw((2,), NONZERO)), example(normal(2, 3), Draw((2,), NONZERO)))
_REDUCE, _ACCUMULATE = "axis dtype out keepdims initial where", "axis dtype out"

linear(
    np.add.reduce, "x", vjp=(_add_reduce_vjp,), options=_REDUCE, result=shapes.probe, examples=_REDUCED
)
_MANY: tuple[tuple[Any, Any, Any], ...] = (
    (np.multiply.reduce, _multiply_reduce_jvp, _multiply_reduce_vjp),
    (np.maximum.reduce, _extreme_reduce_jvp, _extreme_reduce_vjp),
    (np.minimum.reduce, _extreme_reduce_jvp, _extreme_reduce_vjp),
    (np.logaddexp.reduce, _logaddexp_reduce_jvp, _logaddexp_reduce_vjp),
)
for _op, _jvp, _vjp in _MANY:
    # a reduction whose order may matter takes one axis at a time
    _calls = _REDUCED[:4] if _op == np.logaddexp.reduce else _REDUCED
    structural(_op, "x", jvp=(_jvp,), vjp=(_vjp,), options=_REDUCE, result=shapes.probe, examples=_calls)
linear(
    np.add.accumulate, "x", vjp=(_add_accumulate_vjp,), options=_ACCUMULATE, result=shapes.probe, examples=_RUNNING
)
structural(
    np.multiply.accumulate,
    "x",
    jvp=(_multiply_accumulate_jvp,),
    vjp=(_multiply_accumulate_vjp,),
    options=_ACCUMULATE,
    result=shapes.probe,
    examples=_RUNNING,
)
structural(
    np.add.outer,
    "a b",
    jvp=(_add_outer_a_jvp, _add_outer_b_jvp),
    vjp=(_add_outer_a, _add_outer_b),
    result=_outer_type,
    examples=_PAIRS,
)
structural(
    np.subtract.outer,
    "a b",
    jvp=(_add_outer_a_jvp, _subtract_outer_b_jvp),
    vjp=(_add_outer_a, _subtract_outer_b),
    result=_outer_type,
    examples=_PAIRS,
)
linear(
    np.multiply.outer, "a b", vjp=(_multiply_outer_a, _multiply_outer_b), result=_outer_type, examples=_PAIRS
)
structural(
    np.divide.outer,
    "a b",
    jvp=(_divide_outer_a_jvp, _divide_outer_b_jvp),
    vjp=(_divide_outer_a, _divide_outer_b),
    result=_outer_type,
    singular=True,
    examples=_QUOTIENTS,
)
