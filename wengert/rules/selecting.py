"""Choosing among arrays, and grids of coordinates.

In: nothing. Out: rows for `np.select`, `np.choose`, `np.meshgrid`, `np.broadcast_arrays`, `np.modf`, `np.frexp`
and `np.divmod`.

    np.select([c, d], [a, b])      the cotangent of b is y_bar where d is the first that holds, 0 elsewhere
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from wengert.ir import shapes
from wengert.ir.arrays import array_type
from wengert.ir.nodes import Arg, Const, Display
from wengert.ir.sampling import is_none
from wengert.ir.types import Array, Number, Tuple, Type, shape_of
from wengert.rules.examples import HIGH, LOW, NONZERO, Draw, example, normal, positive
from wengert.rules.kinds import linear, structural
from wengert.rules.typings import certain_dtype, item_of, several
from wengert.runtime import bundle, unbroadcast


def _chosen_type(op: Any, inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
    """All that is chosen from, and what decides, broadcast against each other."""
    items = [i for arg in inputs if not is_none(arg) for i in (arg.items if isinstance(arg, Display) else (arg,))]
    first = inputs[0].items if isinstance(inputs[0], Display) else (inputs[0],)
    types = [array_type(i) for i in items]
    dtype = certain_dtype([i for i in items if i not in first])
    known = [s for s in map(shape_of, types) if s is not None]
    if len(known) < len(types) or not isinstance(inputs[0], Display) or not isinstance(inputs[1], Display):
        return Array(dtype) if dtype is not None and np.dtype(dtype).kind == "c" else Number()
    return Array(dtype, shapes.broadcast(*known))


def _select_jvp(dots: Any, y: Any, conditions: Any, choices: Any, default: Any) -> Any:
    return np.select(conditions, dots, 0.0)


def _select_vjp(y_bar: Any, y: Any, conditions: Any, choices: Any, default: Any) -> Any:
    bars: list[Any] = []
    rest = y_bar
    for k in range(len(choices)):
        bars = [*bars, unbroadcast(np.where(conditions[k], rest, 0.0), choices[k])]
        rest = np.where(conditions[k], 0.0, rest)
    return bars


def _select_default_jvp(d_dot: Any, y: Any, conditions: Any, choices: Any, default: Any) -> Any:
    return np.select(conditions, [np.zeros_like(c) for c in choices], d_dot)


def _select_default_vjp(y_bar: Any, y: Any, conditions: Any, choices: Any, default: Any) -> Any:
    rest = y_bar
    for k in range(len(choices)):
        rest = np.where(conditions[k], 0.0, rest)
    return unbroadcast(rest, default)


def _choose_vjp(y_bar: Any, y: Any, a: Any, choices: Any, mode: Any = "raise") -> Any:
    places = a
    if mode == "wrap":
        places = np.remainder(a, len(choices))
    elif mode == "clip":
        places = np.minimum(np.maximum(a, 0), len(choices) - 1)
    return [unbroadcast(np.where(np.equal(places, k), y_bar, 0.0), choices[k]) for k in range(len(choices))]


# Grids

_NAMES = "a b? c? d?"


def _given(*arrays: Any) -> Any:
    return [a for a in arrays if a is not None]


def _grid_axis(k: int, indexing: Any) -> Any:
    """The axis along which the k-th coordinate changes: in "xy" order the first two are exchanged."""
    return 1 - k if indexing == "xy" and k < 2 else k


def _meshgrid_jvp(k: int) -> Callable[..., Any]:
    def jvp(
        dot: Any, y: Any, a: Any, b: Any, c: Any, d: Any, copy: Any = True, sparse: Any = False, indexing: Any = "xy"
    ) -> Any:
        rank = len(_given(a, b, c, d))
        axis = 0 if rank == 1 else _grid_axis(k, indexing)
        along = np.reshape(dot, tuple([np.size(dot) if j == axis else 1 for j in range(rank)]))
        return bundle([np.broadcast_to(along, np.shape(y[k])) if j == k else np.zeros_like(y[j]) for j in range(rank)])

    return jvp


def _meshgrid_vjp(k: int) -> Callable[..., Any]:
    def vjp(
        y_bar: Any, y: Any, a: Any, b: Any, c: Any, d: Any, copy: Any = True, sparse: Any = False, indexing: Any = "xy"
    ) -> Any:
        given = _given(a, b, c, d)
        axis = 0 if len(given) == 1 else _grid_axis(k, indexing)
        others = tuple([j for j in range(len(given)) if j != axis])
        return np.reshape(np.sum(y_bar[k], axis=others) if others else y_bar[k], np.shape(given[k]))

    return vjp


def _broadcast_arrays_jvp(k: int) -> Callable[..., Any]:
    def jvp(dot: Any, y: Any, a: Any, b: Any, c: Any, d: Any) -> Any:
        count = len(_given(a, b, c, d))
        return bundle([np.broadcast_to(dot, np.shape(y[k])) if j == k else np.zeros_like(y[j]) for j in range(count)])

    return jvp


def _broadcast_arrays_vjp(k: int) -> Callable[..., Any]:
    def vjp(y_bar: Any, y: Any, a: Any, b: Any, c: Any, d: Any) -> Any:
        return unbroadcast(y_bar[k], _given(a, b, c, d)[k])

    return vjp


def _for_each(op: Any, inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
    """A result for each of the arrays."""
    given = [i for i in inputs if not (isinstance(i, Const) and i.value is None)]
    return Tuple(tuple(shapes.probe(item_of(op, k), given, options) for k in range(len(given))))


def _grid_type(op: Any, inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
    """As many axes as there are arrays."""
    types = [array_type(i) for i in inputs if not (isinstance(i, Const) and i.value is None)]
    dtypes = [getattr(t, "dtype", None) for t in types]
    known = [s for s in map(shape_of, types) if s is not None and len(s) <= 1]
    flags = [options.get(n) for n in ("sparse", "indexing")]
    if len(known) < len(types) or not all(f is None or isinstance(f, Const) for f in flags):
        return Tuple(tuple(Array(d) for d in dtypes))
    sparse, indexing = (f.value if isinstance(f, Const) else None for f in flags)
    order = [_grid_axis(k, indexing or "xy") if len(known) > 1 else k for k in range(len(known))]
    lengths = [s[0] if s else 1 for s in known]
    shape = [lengths[order.index(axis)] for axis in range(len(known))]
    shapes_of_all = [[d if axis == own or not sparse else 1 for axis, d in enumerate(shape)] for own in order]
    return Tuple(tuple(Array(d, tuple(s)) for d, s in zip(dtypes, shapes_of_all, strict=True)))


# A whole and a fractional part


def _modf_jvp(x_dot: Any, y: Any, x: Any) -> Any:
    return bundle([x_dot, np.zeros_like(x)])


def _modf_vjp(y_bar: Any, y: Any, x: Any) -> Any:
    return y_bar[0]


def _frexp_jvp(x_dot: Any, y: Any, x: Any) -> Any:
    return bundle([np.ldexp(x_dot, -y[1]), np.zeros_like(x)])


def _frexp_vjp(y_bar: Any, y: Any, x: Any) -> Any:
    return np.ldexp(y_bar[0], -y[1])


def _divmod_a_jvp(d: Any, y: Any, a: Any, b: Any) -> Any:
    return bundle([np.zeros_like(y[0]), np.broadcast_to(d, np.shape(y[1]))])


def _divmod_b_jvp(d: Any, y: Any, a: Any, b: Any) -> Any:
    return bundle([np.zeros_like(y[0]), -y[0] * d])


def _divmod_a_vjp(y_bar: Any, y: Any, a: Any, b: Any) -> Any:
    return unbroadcast(y_bar[1], a)


def _divmod_b_vjp(y_bar: Any, y: Any, a: Any, b: Any) -> Any:
    return unbroadcast(-y[0] * y_bar[1], b)


_FIRST, _SECOND = np.array([True, False, False]), np.array([True, True, False])

structural(
    np.select,
    "conditions choices default?",
    jvp=(None, _select_jvp, _select_default_jvp),
    vjp=(None, _select_vjp, _select_default_vjp),
    result=_chosen_type,
    displays=True,
    examples=[
        example([_FIRST, _SECOND], [normal(3), normal(3)]),
        example([_FIRST, _SECOND], [normal(3), normal(1)], normal()),
        example([_FIRST], [normal(2, 3)], default=1.5),
    ],
)
linear(
    np.choose,
    "a choices",
    vjp=(None, _choose_vjp),
    options="out mode",
    result=_chosen_type,
    displays=True,
    examples=[
        example(np.array([0, 1, 1]), [normal(3), normal(3)]),
        example(np.array([0, 3, -1]), [normal(3), normal(1)], mode="wrap"),
        example(np.array([0, 3, -1]), [normal(3), normal(3)], mode="clip"),
    ],
)
structural(
    np.meshgrid,
    _NAMES,
    jvp=tuple(map(_meshgrid_jvp, range(4))),
    vjp=tuple(map(_meshgrid_vjp, range(4))),
    result=_grid_type,
    examples=[
        example(normal(2), normal(3)),
        example(normal(2), normal(3), indexing="ij"),
        example(normal(2), normal(3), normal(4)),
        example(normal(2), normal(3), sparse=True),
        example(normal(3)),
    ],
)
structural(
    np.broadcast_arrays,
    _NAMES,
    jvp=tuple(map(_broadcast_arrays_jvp, range(4))),
    vjp=tuple(map(_broadcast_arrays_vjp, range(4))),
    result=_for_each,
    examples=[example(normal(3), normal(2, 1)), example(normal(3), normal(), normal(2, 3))],
)
_PARTS = (example(Draw((5,), NONZERO)), example(Draw((2, 3), NONZERO)))
structural(np.modf, "x", jvp=(_modf_jvp,), vjp=(_modf_vjp,), result=several(2), examples=_PARTS)
structural(np.frexp, "x", jvp=(_frexp_jvp,), vjp=(_frexp_vjp,), result=several(2), examples=_PARTS)
structural(
    np.divmod,
    "a b",
    jvp=(_divmod_a_jvp, _divmod_b_jvp),
    vjp=(_divmod_a_vjp, _divmod_b_vjp),
    result=several(2),
    singular=(False, True),
    examples=[
        example(Draw((3,), HIGH), positive(3)),
        example(Draw((3,), LOW), positive()),
        example(Draw((2, 1), HIGH), positive(3)),
    ],
)
