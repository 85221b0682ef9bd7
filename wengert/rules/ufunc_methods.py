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
from wengert.rules.extremes import extreme_jvp, extreme_start_jvp, extreme_start_vjp, extreme_vjp
from wengert.rules.kinds import linear, structural
from wengert.rules.masks import kept, reduced, spread
from wengert.rules.reductions import (
    MASK,
    cumprod_jvp,
    cumprod_vjp,
    cumsum_vjp,
    prod_jvp,
    prod_start_jvp,
    prod_start_vjp,
    prod_vjp,
    start_jvp,
    start_vjp,
    sum_jvp,
    sum_vjp,
)
from wengert.rules.static import axes
from wengert.rules.typings import certain_dtype


def add_reduce_jvp(
    x_dot: Any, y: Any, x: Any, initial: Any = None, axis: Any = 0, dtype: Any = None, keepdims: Any = False, where: Any = True
) -> Any:
    return sum_jvp(x_dot, y, x, initial, axis, dtype, keepdims, where)


def multiply_reduce_jvp(
    x_dot: Any, y: Any, x: Any, initial: Any = None, axis: Any = 0, dtype: Any = None, keepdims: Any = False, where: Any = True
) -> Any:
    return prod_jvp(x_dot, y, x, initial, axis, dtype, keepdims, where)


def extreme_reduce_jvp(
    x_dot: Any, y: Any, x: Any, initial: Any = None, axis: Any = 0, keepdims: Any = False, where: Any = True
) -> Any:
    return extreme_jvp(x_dot, y, x, initial, axis, keepdims, where)


def add_reduce_vjp(
    y_bar: Any, y: Any, x: Any, initial: Any = None, axis: Any = 0, dtype: Any = None, keepdims: Any = False, where: Any = True
) -> Any:
    return sum_vjp(y_bar, y, x, initial, axis, dtype, keepdims, where)


def multiply_reduce_vjp(
    y_bar: Any, y: Any, x: Any, initial: Any = None, axis: Any = 0, dtype: Any = None, keepdims: Any = False, where: Any = True
) -> Any:
    return prod_vjp(y_bar, y, x, initial, axis, dtype, keepdims, where)


def extreme_reduce_vjp(
    y_bar: Any, y: Any, x: Any, initial: Any = None, axis: Any = 0, keepdims: Any = False, where: Any = True
) -> Any:
    return extreme_vjp(y_bar, y, x, initial, axis, keepdims, where)


def add_start_jvp(
    d: Any, y: Any, x: Any, initial: Any = None, axis: Any = 0, dtype: Any = None, keepdims: Any = False, where: Any = True
) -> Any:
    return start_jvp(d, y, x, initial, axis, dtype, keepdims, where)


def multiply_start_jvp(
    d: Any, y: Any, x: Any, initial: Any = None, axis: Any = 0, dtype: Any = None, keepdims: Any = False, where: Any = True
) -> Any:
    return prod_start_jvp(d, y, x, initial, axis, dtype, keepdims, where)


def _extreme_start_jvp(
    d: Any, y: Any, x: Any, initial: Any = None, axis: Any = 0, keepdims: Any = False, where: Any = True
) -> Any:
    return extreme_start_jvp(d, y, x, initial, axis, keepdims, where)


def add_start_vjp(
    y_bar: Any, y: Any, x: Any, initial: Any = None, axis: Any = 0, dtype: Any = None, keepdims: Any = False, where: Any = True
) -> Any:
    return start_vjp(y_bar, y, x, initial, axis, dtype, keepdims, where)


def multiply_start_vjp(
    y_bar: Any, y: Any, x: Any, initial: Any = None, axis: Any = 0, dtype: Any = None, keepdims: Any = False, where: Any = True
) -> Any:
    return prod_start_vjp(y_bar, y, x, initial, axis, dtype, keepdims, where)


def _extreme_start_vjp(
    y_bar: Any, y: Any, x: Any, initial: Any = None, axis: Any = 0, keepdims: Any = False, where: Any = True
) -> Any:
    return extreme_start_vjp(y_bar, y, x, initial, axis, keepdims, where)


def _share(x: Any, whole: Any, power: Any) -> Any:
    """The slope of a logarithm of a sum of powers by one of the exponents; 0 where the sum is 0."""
    return power(np.where(np.isneginf(whole), -np.inf, x - np.where(np.isneginf(whole), 0.0, whole)))


def _logarithms(power: Any) -> tuple[tuple[Any, Any], tuple[Any, Any]]:
    """The bodies of the reduction of a logarithm of a sum of powers, by what is reduced and by what it starts from."""

    def jvp(
        x_dot: Any, y: Any, x: Any, initial: Any = None, axis: Any = 0, keepdims: Any = False, where: Any = True
    ) -> Any:
        shares = kept(_share(x, spread(y, axis, keepdims), power), where, 0.0)
        return np.sum(shares * x_dot, axis=axis, keepdims=keepdims)

    def start_jvp(
        d: Any, y: Any, x: Any, initial: Any = None, axis: Any = 0, keepdims: Any = False, where: Any = True
    ) -> Any:
        return _share(initial, y, power) * d

    def vjp(
        y_bar: Any, y: Any, x: Any, initial: Any = None, axis: Any = 0, keepdims: Any = False, where: Any = True
    ) -> Any:
        return kept(_share(x, spread(y, axis, keepdims), power), where, 0.0) * spread(y_bar, axis, keepdims)

    def start_vjp(
        y_bar: Any, y: Any, x: Any, initial: Any = None, axis: Any = 0, keepdims: Any = False, where: Any = True
    ) -> Any:
        return np.sum(_share(initial, y, power) * y_bar)

    return (jvp, start_jvp), (vjp, start_vjp)


LOGADDEXP, LOGADDEXP2 = _logarithms(np.exp), _logarithms(np.exp2)


def _add_accumulate_vjp(y_bar: Any, y: Any, x: Any, axis: Any = 0, dtype: Any = None) -> Any:
    return cumsum_vjp(y_bar, y, x, axis, dtype)


def _multiply_accumulate_jvp(x_dot: Any, y: Any, x: Any, axis: Any = 0, dtype: Any = None) -> Any:
    return cumprod_jvp(x_dot, y, x, axis, dtype)


def _multiply_accumulate_vjp(y_bar: Any, y: Any, x: Any, axis: Any = 0, dtype: Any = None) -> Any:
    return cumprod_vjp(y_bar, y, x, axis, dtype)


# Every entry of one array with every entry of another


def over(a: Any, b: Any) -> Any:
    """`a` with an axis of length 1 for each axis of `b`."""
    return np.expand_dims(a, axes(np.ndim(a), np.ndim(a) + np.ndim(b)))


def for_a(whole: Any, a: Any, b: Any) -> Any:
    return np.sum(whole, axis=axes(np.ndim(a), np.ndim(a) + np.ndim(b)))


def for_b(whole: Any, a: Any, b: Any) -> Any:
    return np.sum(whole, axis=axes(0, np.ndim(a)))


def _add_outer_a_jvp(a_dot: Any, y: Any, a: Any, b: Any) -> Any:
    return np.broadcast_to(over(a_dot, b), np.shape(y))


def _add_outer_b_jvp(b_dot: Any, y: Any, a: Any, b: Any) -> Any:
    return np.broadcast_to(b_dot, np.shape(y))


def _subtract_outer_b_jvp(b_dot: Any, y: Any, a: Any, b: Any) -> Any:
    return np.broadcast_to(-b_dot, np.shape(y))


def _add_outer_a(y_bar: Any, y: Any, a: Any, b: Any) -> Any:
    return for_a(y_bar, a, b)


def _add_outer_b(y_bar: Any, y: Any, a: Any, b: Any) -> Any:
    return for_b(y_bar, a, b)


def _subtract_outer_b(y_bar: Any, y: Any, a: Any, b: Any) -> Any:
    return -for_b(y_bar, a, b)


def _multiply_outer_a(y_bar: Any, y: Any, a: Any, b: Any) -> Any:
    return for_a(y_bar * b, a, b)


def _multiply_outer_b(y_bar: Any, y: Any, a: Any, b: Any) -> Any:
    return for_b(y_bar * over(a, b), a, b)


def _divide_outer_a_jvp(a_dot: Any, y: Any, a: Any, b: Any) -> Any:
    return over(a_dot, b) / b


def _divide_outer_b_jvp(b_dot: Any, y: Any, a: Any, b: Any) -> Any:
    return -y * b_dot / b


def _divide_outer_a(y_bar: Any, y: Any, a: Any, b: Any) -> Any:
    return for_a(y_bar / b, a, b)


def _divide_outer_b(y_bar: Any, y: Any, a: Any, b: Any) -> Any:
    return for_b(-y_bar * y / b, a, b)


def outer_type(op: Callable[..., Any], inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
    """The lengths of the first array, then those of the second."""
    a, b = (shapes.type_of(i) for i in inputs)
    p, q = shape_of(a), shape_of(b)
    if not p or q is None:
        return Number()
    return Array(certain_dtype(inputs), (*p, *q))


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

_MASKED = tuple(
    example(normal(3, 4), axis=axis, keepdims=keep, initial=-0.8, where=MASK) for axis, keep in ((0, False), (-1, True))
)

_ADDED = (add_reduce_jvp, add_start_jvp), (add_reduce_vjp, add_start_vjp)
_MULTIPLIED = (multiply_reduce_jvp, multiply_start_jvp), (multiply_reduce_vjp, multiply_start_vjp)
_EXTREME = (extreme_reduce_jvp, _extreme_start_jvp), (extreme_reduce_vjp, _extreme_start_vjp)
_MANY: tuple[tuple[np.ufunc, Any], ...] = (
    (np.add, _ADDED),
    (np.multiply, _MULTIPLIED),
    (np.maximum, _EXTREME),
    (np.minimum, _EXTREME),
    (np.fmax, _EXTREME),
    (np.fmin, _EXTREME),
    (np.logaddexp, LOGADDEXP),
    (np.logaddexp2, LOGADDEXP2),
)
for _op, (_jvps, _vjps) in _MANY:
    _calls = (*_REDUCED, *_MASKED, example(normal(3, 4), initial=normal()), example(normal(3, 4), 1, initial=normal()))
    structural(_op.reduce, "x initial?", jvp=_jvps, vjp=_vjps, options=_REDUCE, result=reduced, examples=_calls)
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
    result=outer_type,
    examples=_PAIRS,
)
structural(
    np.subtract.outer,
    "a b",
    jvp=(_add_outer_a_jvp, _subtract_outer_b_jvp),
    vjp=(_add_outer_a, _subtract_outer_b),
    result=outer_type,
    examples=_PAIRS,
)
linear(
    np.multiply.outer, "a b", vjp=(_multiply_outer_a, _multiply_outer_b), result=outer_type, examples=_PAIRS
)
structural(
    np.divide.outer,
    "a b",
    jvp=(_divide_outer_a_jvp, _divide_outer_b_jvp),
    vjp=(_divide_outer_a, _divide_outer_b),
    result=outer_type,
    singular=True,
    examples=_QUOTIENTS,
)
