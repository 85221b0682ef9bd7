"""The different values of an array, and sets of values of two arrays.

In: nothing. Out: rows for `np.unique` and its parts, `np.union1d`, `np.intersect1d`, `np.setdiff1d`, `np.setxor1d` and
`np.trim_zeros`.

    np.unique(x)      entries that are equal share the cotangent of their value

How many values there are does not change when the entries move, but where two of them meet; that is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from wengert.ir.arrays import array_type
from wengert.ir.nodes import Arg, Const
from wengert.ir.types import Array, Sym, Tuple, Type, shape_of
from wengert.rules.examples import example, normal
from wengert.rules.kinds import structural
from wengert.rules.static import axes, static
from wengert.rules.typings import certain_dtype
from wengert.runtime import bundle, project


def _places(entries: Any, values: Any) -> Any:
    """For each entry the place of its value, and whether it is one of the values."""
    order = np.argsort(values)
    place = order[np.minimum(np.searchsorted(values[order], entries), np.shape(values)[0] - 1)]
    return place, np.equal(values[place], entries)


def _moved(dots: Any, entries: Any, values: Any) -> Any:
    """The tangent of each value: the mean of those of the entries that are equal to it."""
    if np.shape(values)[0] == 0:
        return np.zeros_like(values)
    place, hit = _places(entries, values)
    total = np.bincount(place, np.where(hit, dots, 0.0), minlength=np.shape(values)[0])
    return project(total / np.bincount(place, 1.0 * hit, minlength=np.shape(values)[0]), values)


def _shared(bar: Any, entries: Any, values: Any) -> Any:
    """The cotangent of each entry: its share of that of the value that it is equal to."""
    if np.shape(values)[0] == 0:
        return np.zeros_like(entries)
    place, hit = _places(entries, values)
    number = np.bincount(place, 1.0 * hit, minlength=np.shape(values)[0])
    return np.where(hit, (bar / number)[place], 0.0)


def _row_moved(x_dot: Any, x: Any, y: Any, axis: Any) -> Any:
    """As `_moved`, of slices along an axis."""
    rows, place = np.moveaxis(x_dot, axis, 0), _row_places(x, axis)
    out = np.zeros_like(1.0 * np.moveaxis(y, axis, 0))
    np.add.at(out, place, rows)
    return np.moveaxis(out / _row_numbers(place, out), 0, axis)


def _row_shared(bar: Any, x: Any, axis: Any) -> Any:
    rows, place = np.moveaxis(bar, axis, 0), _row_places(x, axis)
    return np.moveaxis((rows / _row_numbers(place, rows))[place], 0, axis)


def _row_places(x: Any, axis: Any) -> Any:
    return np.reshape(np.unique(x, return_inverse=True, axis=axis)[1], -1)


def _row_numbers(place: Any, rows: Any) -> Any:
    return np.expand_dims(np.bincount(place, minlength=np.shape(rows)[0]), axes(1, np.ndim(rows)))


def _unique_jvp(
    x_dot: Any, y: Any, x: Any, return_index: Any = False, return_inverse: Any = False, return_counts: Any = False,
    axis: Any = None, equal_nan: Any = True, sorted: Any = True,
) -> Any:  # fmt: skip
    more = return_index or return_inverse or return_counts
    values = y[0] if more else y
    moved = _moved(np.reshape(x_dot, -1), np.reshape(x, -1), values) if axis is None else _row_moved(x_dot, x, values, axis)
    if more:
        found: list[Any] = [moved]
        for asked in (return_index, return_inverse, return_counts):
            found = [*found, 0.0] if asked else found
        return bundle(found)
    return moved


def _unique_vjp(
    y_bar: Any, y: Any, x: Any, return_index: Any = False, return_inverse: Any = False, return_counts: Any = False,
    axis: Any = None, equal_nan: Any = True, sorted: Any = True,
) -> Any:  # fmt: skip
    more = return_index or return_inverse or return_counts
    bar, values = (y_bar[0], y[0]) if more else (y_bar, y)
    if axis is None:
        return np.reshape(_shared(bar, np.reshape(x, -1), values), np.shape(x))
    return _row_shared(bar, x, axis)


def _of_parts(count: int) -> tuple[Any, Any]:
    """The bodies of `np.unique_counts` and its like, which give the values and `count` arrays of whole numbers."""

    def jvp(x_dot: Any, y: Any, x: Any) -> Any:
        moved = _moved(np.reshape(x_dot, -1), np.reshape(x, -1), y[0] if count else y)
        return bundle([moved, *[np.zeros(np.shape(y[j + 1])) for j in range(count)]]) if count else moved

    def vjp(y_bar: Any, y: Any, x: Any) -> Any:
        bar, values = (y_bar[0], y[0]) if count else (y_bar, y)
        return np.reshape(_shared(bar, np.reshape(x, -1), values), np.shape(x))

    return jvp, vjp


_WHOLE = str(np.dtype(np.intp))


def _unique_type(op: Any, inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
    """How many values there are, only the run tells."""
    found, axis = array_type(inputs[0]), options.get("axis")
    length, dtype = Sym((op, tuple(inputs), tuple(options.items()))), getattr(found, "dtype", None)
    values = Array(dtype, (length,))
    if axis is not None and not (isinstance(axis, Const) and axis.value is None):
        shape, k = shape_of(found), axis.value if isinstance(axis, Const) else None
        rows = None if shape is None or k is None else tuple(length if j == k % len(shape) else n for j, n in enumerate(shape))
        values = Array(dtype, rows)
    asked = {n: options.get(f"return_{n}") for n in ("index", "inverse", "counts")}
    more = [n for n, flag in asked.items() if isinstance(flag, Const) and flag.value]
    parts = [Array(_WHOLE) if n == "inverse" else Array(_WHOLE, (length,)) for n in more]
    return Tuple((values, *parts)) if parts else values


def _parts_type(parts: str) -> Callable[..., Type]:
    def typed(op: Any, inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
        values = _unique_type(op, inputs, options)
        rows = values.shape if isinstance(values, Array) else None
        more = [Array(_WHOLE) if n == "inverse" else Array(_WHOLE, rows) for n in parts.split()]
        return Tuple((values, *more)) if more else values

    return typed


# Sets of values of two arrays


def _set_bodies(of_b: bool) -> tuple[tuple[Any, Any], tuple[Any, Any]]:
    """The bodies by both arrays; of a difference only the first one has a part in the result."""

    def both(a: Any, b: Any) -> Any:
        return np.concatenate([np.reshape(a, -1), np.reshape(b, -1)]) if of_b else np.reshape(a, -1)

    def a_jvp(d: Any, y: Any, a: Any, b: Any, assume_unique: Any = False) -> Any:
        return _moved(both(d, np.zeros_like(b)), both(a, b), y)

    def b_jvp(d: Any, y: Any, a: Any, b: Any, assume_unique: Any = False) -> Any:
        return _moved(both(np.zeros_like(a), d), both(a, b), y) if of_b else np.zeros_like(y)

    def a_vjp(y_bar: Any, y: Any, a: Any, b: Any, assume_unique: Any = False) -> Any:
        return np.reshape(_shared(y_bar, both(a, b), y)[: np.size(a)], np.shape(a))

    def b_vjp(y_bar: Any, y: Any, a: Any, b: Any, assume_unique: Any = False) -> Any:
        return np.reshape(_shared(y_bar, both(a, b), y)[np.size(a) :], np.shape(b)) if of_b else np.zeros_like(b)

    return (a_jvp, b_jvp), (a_vjp, b_vjp)


def _set_type(op: Any, inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
    return Array(certain_dtype(inputs), (Sym((op, tuple(inputs), tuple(options.items()))),))


# Zeros at the ends


@static
def one_row(rank: Any) -> Any:
    """the rank of the array."""
    if rank != 1:
        raise NotImplementedError("`np.trim_zeros` is differentiated for arrays of one axis")
    return True


def _begin(x: Any, trim: Any) -> Any:
    """How many entries are left out in front."""
    one_row(np.ndim(x))
    return np.argmax(np.append(x != 0, True)) if "f" in trim.lower() else 0


def _trim_jvp(x_dot: Any, y: Any, x: Any, trim: Any = "fb") -> Any:
    begin = _begin(x, trim)
    return x_dot[begin : begin + np.shape(y)[0]]


def _trim_vjp(y_bar: Any, y: Any, x: Any, trim: Any = "fb") -> Any:
    out, begin = np.zeros_like(1.0 * x), _begin(x, trim)
    out[begin : begin + np.shape(y)[0]] = y_bar
    return out


_EXAMPLES = (example(normal(5)), example(normal(2, 3)))

structural(
    np.unique,
    "x",
    jvp=(_unique_jvp,),
    vjp=(_unique_vjp,),
    result=_unique_type,
    examples=[
        *_EXAMPLES, example(normal(3, 4), axis=0), example(normal(3, 4), axis=-1), example(normal(2, 3, 4), axis=1),
    ],
)  # fmt: skip
_PARTS = {"unique_values": "", "unique_counts": "counts", "unique_inverse": "inverse", "unique_all": "index inverse counts"}
for _name, _more in _PARTS.items():
    if hasattr(np, _name):
        _jvp, _vjp = _of_parts(len(_more.split()))
        structural(getattr(np, _name), "x", jvp=(_jvp,), vjp=(_vjp,), result=_parts_type(_more), examples=_EXAMPLES)
for _op, _both in ((np.union1d, True), (np.intersect1d, True), (np.setxor1d, True), (np.setdiff1d, False)):
    _jvps, _vjps = _set_bodies(_both)
    structural(
        _op,
        "a b",
        jvp=_jvps,
        vjp=_vjps,
        result=_set_type,
        aliases={"ar1": "a", "ar2": "b"},
        examples=[example(normal(4), normal(3)), example(normal(2, 2), normal(3))],
    )
structural(
    np.trim_zeros,
    "x",
    jvp=(_trim_jvp,),
    vjp=(_trim_vjp,),
    result=lambda op, inputs, options: Array(getattr(array_type(inputs[0]), "dtype", None), (Sym((op, *inputs)),)),
    aliases={"filt": "x"},
    examples=[example(normal(4)), example(normal(3), "f")],
)
