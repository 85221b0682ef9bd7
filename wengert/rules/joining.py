"""Joining arrays and taking them apart.

In: nothing. Out: rows for `np.concatenate`, `np.stack`, `np.block` and their like, and for `np.split` and its like.

    np.concatenate([a, b])      the cotangents are slices of y_bar, one for each item
    np.split(x, 3)              the cotangent is the cotangents of the parts, concatenated
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from wengert.ir import shapes
from wengert.ir.nodes import Arg, Display
from wengert.ir.sampling import constant_value
from wengert.ir.types import Array, Dim, List, Sym, Tuple, Type, shape_of
from wengert.rules.examples import example, normal
from wengert.rules.kinds import linear
from wengert.rules.static import FLOATING
from wengert.rules.typings import item_of, whole_number


def _segment(y_bar: Any, start: Any, stop: Any, axis: Any) -> Any:
    """`y_bar[start:stop]` along `axis`."""
    if axis == 0:
        return y_bar[start:stop]
    if axis == 1:
        return y_bar[:, start:stop]
    if axis == -1:
        return y_bar[..., start:stop]
    return np.moveaxis(np.moveaxis(y_bar, axis, 0)[start:stop], 0, axis)


def _segments(y_bar: Any, arrays: Any, axis: Any, low: Any) -> Any:
    """The parts of `y_bar` that came from each of the arrays; one of less than `low` axes gave a single row."""
    parts: list[Any] = []
    stop = 0
    for item in arrays:
        start = stop
        if np.ndim(item) < low:
            stop = start + 1
            parts.append(np.reshape(_segment(y_bar, start, stop, axis), np.shape(item)))
        else:
            stop = start + np.shape(item)[axis]
            parts.append(_segment(y_bar, start, stop, axis))
    return tuple(parts)


def _flat_segments(y_bar: Any, arrays: Any) -> Any:
    parts: list[Any] = []
    stop = 0
    for item in arrays:
        start = stop
        stop = start + np.size(item)
        parts.append(np.reshape(y_bar[start:stop], np.shape(item)))
    return tuple(parts)


def _concatenate_vjp(
    y_bar: Any, y: Any, arrays: Any, axis: Any = 0, dtype: Any = None, casting: Any = "same_kind"
) -> Any:
    if axis is None:
        return _flat_segments(y_bar, arrays)
    return _segments(y_bar, arrays, axis, 0)


def _stack_vjp(
    y_bar: Any, y: Any, arrays: Any, axis: Any = 0, dtype: Any = None, casting: Any = "same_kind"
) -> Any:
    if axis == 0:
        return tuple([y_bar[k] for k in range(len(arrays))])
    if axis == -1:
        return tuple([y_bar[..., k] for k in range(len(arrays))])
    rows = np.moveaxis(y_bar, axis, 0)
    return tuple([rows[k] for k in range(len(arrays))])


def _hstack_vjp(y_bar: Any, y: Any, arrays: Any, dtype: Any = None, casting: Any = "same_kind") -> Any:
    return _flat_segments(y_bar, arrays) if np.ndim(arrays[0]) <= 1 else _segments(y_bar, arrays, 1, 0)


def _vstack_vjp(y_bar: Any, y: Any, arrays: Any, dtype: Any = None, casting: Any = "same_kind") -> Any:
    return _segments(y_bar, arrays, 0, 2)


def _column_stack_vjp(y_bar: Any, y: Any, arrays: Any) -> Any:
    return _segments(y_bar, arrays, 1, 2)


def _dstack_vjp(y_bar: Any, y: Any, arrays: Any) -> Any:
    return _segments(y_bar, arrays, 2, 3)


# Blocks: lists in lists, the innermost along the last axis


def _depth(item: Any) -> Any:
    return 1 + _depth(item[0]) if isinstance(item, (list, tuple)) else 0


def _rank(item: Any) -> Any:
    return max([_rank(i) for i in item]) if isinstance(item, (list, tuple)) else np.ndim(item)


def _extent(item: Any, axis: Any) -> Any:
    """The length of a block along an axis that counts from the end."""
    if isinstance(item, (list, tuple)):
        lengths = [_extent(i, axis) for i in item]
        return sum(lengths) if _depth(item) == -axis else lengths[0]
    return np.shape(item)[axis] if np.ndim(item) >= -axis else 1


def _block_bars(y_bar: Any, item: Any) -> Any:
    if not isinstance(item, (list, tuple)):
        return np.reshape(y_bar, np.shape(item)) if isinstance(item, np.ndarray) else np.sum(y_bar)
    bars: list[Any] = []
    stop = 0
    for inner in item:
        start = stop
        stop = start + _extent(inner, -_depth(item))
        bars = [*bars, _block_bars(_segment(y_bar, start, stop, -_depth(item)), inner)]
    return bars


def _block_vjp(y_bar: Any, y: Any, arrays: Any) -> Any:
    return _block_bars(y_bar, arrays)


# Taking apart


def _rejoined(y_bar: Any, x: Any, axis: Any) -> Any:
    """The parts as one array, of which it is said that it has the shape of `x`."""
    return np.reshape(np.concatenate([part for part in y_bar], axis=axis), np.shape(x))


def _split_vjp(y_bar: Any, y: Any, x: Any, indices_or_sections: Any, axis: Any = 0) -> Any:
    return _rejoined(y_bar, x, axis)


def _hsplit_vjp(y_bar: Any, y: Any, x: Any, indices_or_sections: Any) -> Any:
    return _rejoined(y_bar, x, 0 if np.ndim(x) == 1 else 1)


def _vsplit_vjp(y_bar: Any, y: Any, x: Any, indices_or_sections: Any) -> Any:
    return _rejoined(y_bar, x, 0)


def _dsplit_vjp(y_bar: Any, y: Any, x: Any, indices_or_sections: Any) -> Any:
    return _rejoined(y_bar, x, 2)


def _unstack_vjp(y_bar: Any, y: Any, x: Any, axis: Any = 0) -> Any:
    return np.stack([part for part in y_bar], axis=axis)


def _unstack_type(op: Callable[..., Any], inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
    """As many arrays as the axis is long."""
    whole = shapes.type_of(inputs[0])
    shape, dtype = shape_of(whole), getattr(whole, "dtype", None)
    axis = whole_number(options["axis"]) if "axis" in options else 0
    if not shape or axis is None:
        return List(Array(dtype))
    rest = (*shape[: axis % len(shape)], *shape[axis % len(shape) + 1 :])
    length = shape[axis]
    return Tuple((Array(dtype, rest),) * length) if isinstance(length, int) else List(Array(dtype, rest))


def _parts_type(op: Callable[..., Any], inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
    """As many parts as there are sections, or one more than there are places to cut at."""
    whole = shapes.type_of(inputs[0])
    cuts, dtype = options["indices_or_sections"], getattr(whole, "dtype", None)
    try:
        count = constant_value(cuts)
    except TypeError:
        items = len(cuts.items) + 1 if isinstance(cuts, Display) else None
        return List(Array(dtype)) if items is None else Tuple((Array(dtype),) * items)
    if np.ndim(count):
        return Tuple(tuple(shapes.probe(item_of(op, k), inputs, options) for k in range(len(count) + 1)))
    shape = shape_of(whole)
    axis = {np.hsplit: min(1, len(shape or ()) - 1), np.dsplit: 2}.get(op, whole_number(options.get("axis")) or 0)
    if shape is None or not shape:
        return Tuple((Array(dtype),) * int(count))
    axis = axis % len(shape)
    parts = _lengths(op, shape[axis], int(count))
    return Tuple(tuple(Array(dtype, (*shape[:axis], part, *shape[axis + 1 :])) for part in parts))


def _lengths(op: Callable[..., Any], length: Dim, count: int) -> tuple[Dim, ...]:
    """How long the parts are; those of `array_split` may differ by one."""
    if isinstance(length, int):
        return tuple(length // count + (op is np.array_split and k < length % count) for k in range(count))
    own = op is np.array_split
    return tuple(Sym(("part", length, count, k) if own else ("part", length, count)) for k in range(count))


_TWO = (example([normal(3), normal(2)]), example((normal(2, 3), normal(4, 3))))

linear(
    np.concatenate,
    "arrays",
    vjp=(_concatenate_vjp,),
    result=shapes.probe,
    displays=True,
    lazy=False,
    options="axis out dtype casting",
    accepts={"dtype": FLOATING},
    examples=[
        *_TWO,
        example([normal(2, 3), normal(2, 1)], axis=1),
        example([normal(2, 3), normal(2, 1)], axis=-1),
        example([normal(2, 3, 4), normal(2, 1, 4)], axis=-2),
        example([normal(2, 3), normal(2)], axis=None),
        example([normal(3), normal(2)], dtype=np.float64, casting="safe"),
    ],
)
linear(
    np.stack,
    "arrays",
    vjp=(_stack_vjp,),
    result=shapes.probe,
    displays=True,
    accepts={"dtype": FLOATING},
    examples=[
        example([normal(3), normal(3)]),
        example([normal(2, 3), normal(2, 3)], axis=1),
        example((normal(), normal())),
        example([normal(2, 3), normal(2, 3)], axis=-1),
        example([normal(3), normal(3)], 1),
        example([normal(3), normal(3)], dtype=np.float64),
    ],
)
_JOINED: tuple[tuple[Any, Any, tuple[Any, ...]], ...] = (
    (
        np.hstack,
        _hstack_vjp,
        (
            [normal(3), normal(2)],
            [normal(2, 3), normal(2, 2)],
            [normal(), normal(2)],
            [normal(2, 3, 2), normal(2, 1, 2)],
        ),
    ),
    (
        np.vstack,
        _vstack_vjp,
        ([normal(3), normal(3)], [normal(2, 3), normal(3)], [normal(), normal()], [normal(2, 3, 2), normal(1, 3, 2)]),
    ),
    (np.column_stack, _column_stack_vjp, ([normal(3), normal(3)], [normal(3, 2), normal(3)])),
    (np.dstack, _dstack_vjp, ([normal(3), normal(3)], [normal(2, 3), normal(2, 3, 2)], [normal(), normal()])),
    (
        np.block,
        _block_vjp,
        (
            [normal(3), normal(2)],
            [[normal(2, 2), normal(2, 1)], [normal(1, 2), normal(1, 1)]],
            [[normal(2), normal()], [normal(3)]],
            [normal(2, 3), normal(2, 1)],
        ),
    ),
)
for _op, _vjp, _calls in _JOINED:
    _kinds = {"dtype": FLOATING} if _op in (np.hstack, np.vstack) else {}
    _cases = [example(c) for c in _calls]
    linear(_op, "arrays", vjp=(_vjp,), result=shapes.probe, displays=True, accepts=_kinds, examples=_cases)

linear(
    np.split,
    "x",
    vjp=(_split_vjp,),
    result=_parts_type,
    examples=[
        example(normal(6), 3),
        example(normal(6, 2), [2, 3]),
        example(normal(2, 4), 2, axis=1),
        example(normal(2, 4), [1], axis=-1),
    ],
)
linear(np.array_split, "x", vjp=(_split_vjp,), result=_parts_type, examples=[example(normal(5), 2)])
linear(
    np.hsplit, "x", vjp=(_hsplit_vjp,), result=_parts_type, examples=[example(normal(4), 2), example(normal(2, 3), [1])]
)
linear(np.vsplit, "x", vjp=(_vsplit_vjp,), result=_parts_type, examples=[example(normal(4, 2), 2)])
linear(np.dsplit, "x", vjp=(_dsplit_vjp,), result=_parts_type, examples=[example(normal(2, 2, 4), 2)])
if hasattr(np, "unstack"):
    linear(
        np.unstack,
        "x",
        vjp=(_unstack_vjp,),
        result=_unstack_type,
        examples=[example(normal(3, 2)), example(normal(2, 3), axis=1), example(normal(2, 3, 2), axis=-1)],
    )
