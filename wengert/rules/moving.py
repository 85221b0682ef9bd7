"""Operations that put the entries of an array in other places, repeat some and leave others out.

In: nothing. Out: rows for `np.repeat`, `np.resize`, `np.rot90`, `np.rollaxis`, `np.append`, `np.insert`,
`np.delete`, `np.compress` and `np.extract`.

    np.delete(x, k)      the same of 0, 1, 2, ... says which entry of x each entry of the result is
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from wengert.ir import shapes
from wengert.ir.arrays import array_type
from wengert.ir.nodes import Arg
from wengert.ir.types import Array, Number, Type
from wengert.rules.examples import example, normal
from wengert.rules.kinds import holds_complex, linear, structural
from wengert.rules.static import static
from wengert.rules.typings import named


def numbered(x: Any) -> Any:
    """The numbers of the entries of `x`, in its shape."""
    return np.reshape(np.arange(np.size(x)), np.shape(x))


def counted(places: Any, weights: Any, length: Any, like: Any) -> Any:
    """Sums of the weights at each of the places; the weights are complex where `like` is, or are known to be."""
    if holds_complex(like) or holds_complex(weights):
        real = np.bincount(places, np.real(weights), minlength=length)
        return real + 1j * np.bincount(places, np.imag(weights), minlength=length)
    return np.bincount(places, weights, minlength=length)


def returned(y_bar: Any, places: Any, x: Any) -> Any:
    """The cotangent of `x` where entry k of the result is entry `places[k]` of it."""
    return np.reshape(counted(np.reshape(places, -1), np.reshape(y_bar, -1), np.size(x), x), np.shape(x))


def kept_type(op: Any, inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
    """Some of the entries of an array, or repetitions of them: how many, only the run may tell."""
    found = shapes.probe(op, inputs, options)
    return found if isinstance(found, Array) else some_of(op, inputs, options)


def some_of(op: Any, inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
    """An array of the dtype of the last input."""
    t = array_type(inputs[-1])
    return Array(t.dtype) if isinstance(t, Array) else Number()


def _repeat_vjp(y_bar: Any, y: Any, x: Any, repeats: Any, axis: Any = None) -> Any:
    if not isinstance(repeats, int):
        return returned(y_bar, np.repeat(numbered(x), repeats, axis=axis), x)
    if axis is None:
        return np.reshape(np.sum(np.reshape(y_bar, (np.size(x), repeats)), axis=1), np.shape(x))
    shape, k = np.shape(x), axis % np.ndim(x)
    return np.sum(np.reshape(y_bar, (*shape[: k + 1], repeats, *shape[k + 1 :])), axis=k + 1)


def _resize_vjp(y_bar: Any, y: Any, x: Any, new_shape: Any) -> Any:
    return returned(y_bar, np.resize(numbered(x), new_shape), x)


def _delete_vjp(y_bar: Any, y: Any, x: Any, obj: Any, axis: Any = None) -> Any:
    return returned(y_bar, np.delete(numbered(x), obj, axis=axis), x)


def _compress_vjp(y_bar: Any, y: Any, condition: Any, x: Any, axis: Any = None) -> Any:
    return returned(y_bar, np.compress(condition, numbered(x), axis=axis), x)


def _extract_vjp(y_bar: Any, y: Any, condition: Any, x: Any) -> Any:
    return returned(y_bar, np.extract(condition, numbered(x)), x)


def _rot90_vjp(y_bar: Any, y: Any, x: Any, k: Any = 1, axes: Any = (0, 1)) -> Any:
    return np.rot90(y_bar, -k, axes)


@static
def rolled_place(axis: Any, start: Any, rank: Any) -> Any:
    """the rank of the array: where `rollaxis` puts the axis."""
    axis, start = axis % rank, start + rank if start < 0 else start
    return axis, start - 1 if axis < start else start


def _rollaxis_vjp(y_bar: Any, y: Any, x: Any, axis: Any, start: Any = 0) -> Any:
    source, place = rolled_place(axis, start, np.ndim(x))
    return np.moveaxis(y_bar, place, source)


# New entries


def _append_jvp(x_dot: Any, y: Any, x: Any, values: Any, axis: Any = None) -> Any:
    return np.append(x_dot, np.zeros_like(values), axis=axis)


def _append_values_jvp(v_dot: Any, y: Any, x: Any, values: Any, axis: Any = None) -> Any:
    return np.append(np.zeros_like(x), v_dot, axis=axis)


def _length(x: Any) -> Any:
    return 1 if isinstance(x, (int, float)) else np.size(x)


def _append_vjp(y_bar: Any, y: Any, x: Any, values: Any, axis: Any = None) -> Any:
    if axis is None:
        return np.reshape(y_bar[: _length(x)], np.shape(x))
    return np.moveaxis(np.moveaxis(y_bar, axis, 0)[: np.shape(x)[axis]], 0, axis)


def _append_values_vjp(y_bar: Any, y: Any, x: Any, values: Any, axis: Any = None) -> Any:
    if axis is None:
        return np.reshape(y_bar[_length(x) :], np.shape(values))
    return np.moveaxis(np.moveaxis(y_bar, axis, 0)[np.shape(x)[axis] :], 0, axis)


def _insert_jvp(x_dot: Any, y: Any, x: Any, obj: Any, values: Any, axis: Any = None) -> Any:
    return np.insert(x_dot, obj, np.zeros_like(values), axis=axis)


def _insert_values_jvp(v_dot: Any, y: Any, x: Any, obj: Any, values: Any, axis: Any = None) -> Any:
    return np.insert(np.zeros_like(1.0 * x), obj, v_dot, axis=axis)


def _insert_vjp(y_bar: Any, y: Any, x: Any, obj: Any, values: Any, axis: Any = None) -> Any:
    places = np.insert(numbered(x), obj, np.full(np.shape(values), -1), axis=axis)
    return returned(y_bar[places >= 0], places[places >= 0], x)


def _insert_values_vjp(y_bar: Any, y: Any, x: Any, obj: Any, values: Any, axis: Any = None) -> Any:
    places = np.insert(np.full(np.shape(x), -1), obj, numbered(values), axis=axis)
    return returned(y_bar[places >= 0], places[places >= 0], values)


linear(
    np.repeat,
    "x",
    vjp=(_repeat_vjp,),
    result=kept_type,
    examples=[
        example(normal(3), 2),
        example(normal(2, 3), 2),
        example(normal(2, 3), 2, axis=0),
        example(normal(2, 3), 3, axis=-1),
        example(normal(3), [1, 0, 2]),
        example(normal(2, 3), np.array([2, 1]), axis=0),
    ],
)
linear(
    np.resize,
    "x",
    vjp=(_resize_vjp,),
    result=shapes.probe,
    examples=[example(normal(3), 5), example(normal(2, 3), (2, 2)), example(normal(3), (2, 4))],
)
linear(
    np.delete,
    "x",
    vjp=(_delete_vjp,),
    result=kept_type,
    examples=[
        example(normal(5), 1),
        example(normal(5), [0, 3]),
        example(normal(3, 4), 1, axis=1),
        example(normal(3, 4), slice(0, 2), 0),
        example(normal(2, 3), 2),
    ],
)
linear(
    np.compress,
    "condition x",
    vjp=(None, _compress_vjp),
    result=some_of,
    examples=[
        example(np.array([True, False, True]), normal(3)),
        example(np.array([True, False, True]), normal(2, 4), axis=1),
        example(np.array([False, True]), normal(2, 4), axis=0),
    ],
)
linear(
    np.extract,
    "condition x",
    vjp=(None, _extract_vjp),
    result=some_of,
    examples=[example(np.array([[True, False, True], [False, True, True]]), normal(2, 3))],
)
linear(
    np.rot90,
    "x",
    vjp=(_rot90_vjp,),
    result=shapes.probe,
    examples=[example(normal(2, 3)), example(normal(2, 3), 2), example(normal(2, 3, 4), -1, axes=(2, 0))],
)
linear(
    np.rollaxis,
    "x",
    vjp=(_rollaxis_vjp,),
    result=shapes.probe,
    examples=[
        example(normal(2, 3, 4), 2),
        example(normal(2, 3, 4), 0, 2),
        example(normal(2, 3, 4), -1, -2),
        example(normal(2, 3, 4), axis=1, start=3),
    ],
)
structural(
    np.append,
    "x values",
    jvp=(_append_jvp, _append_values_jvp),
    vjp=(_append_vjp, _append_values_vjp),
    result=shapes.probe,
    examples=[
        example(normal(3), normal(2)),
        example(normal(3), normal()),
        example(normal(2, 3), normal(2)),
        example(normal(2, 3), normal(1, 3), axis=0),
        example(normal(2, 3), normal(2, 2), axis=-1),
    ],
)
structural(
    np.insert,
    "x obj values",
    jvp=(_insert_jvp, None, _insert_values_jvp),
    vjp=(_insert_vjp, None, _insert_values_vjp),
    result=named,
    examples=[
        example(normal(4), 1, normal()),
        example(normal(4), [3, 1], normal(2)),
        example(normal(3, 4), 1, normal(3), axis=1),
        example(normal(3, 4), 2, normal(), axis=0),
        example(normal(2, 2), 3, normal()),
    ],
)
