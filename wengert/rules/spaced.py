"""Numbers at even distances, of themselves or of their logarithms.

In: nothing. Out: rows for `np.linspace`, `np.logspace` and `np.geomspace`.

    np.linspace(a, b, n)      each point moves with its share of both ends
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from wengert.ir import shapes
from wengert.ir.nodes import Arg, Const
from wengert.ir.types import Array, Number, Tuple, Type
from wengert.rules.examples import example, normal, positive
from wengert.rules.kinds import structural
from wengert.rules.static import static
from wengert.rules.typings import certain_dtype, named
from wengert.runtime import bundle, project, unbroadcast


def _weights(num: Any, endpoint: Any, of_stop: Any) -> Any:
    """How much each point moves with the end that it is counted from."""
    if of_stop:
        return np.linspace(0.0, 1.0, num, endpoint=endpoint)
    return np.linspace(1.0, 0.0, num, endpoint=endpoint)


def _pairs(d: Any, points: Any, num: Any, endpoint: Any, of_stop: Any, axis: Any) -> Any:
    """The tangents of all points, of which one end moves."""
    return np.moveaxis(np.expand_dims(d, -1) * _weights(num, endpoint, of_stop), -1, axis)


def _total(y_bar: Any, num: Any, endpoint: Any, of_stop: Any, axis: Any) -> Any:
    return np.moveaxis(y_bar, axis, -1) @ _weights(num, endpoint, of_stop)


def _ends(value: Any, axis: Any) -> Any:
    """The value of an end with an axis for the points."""
    return value if np.ndim(value) == 0 else np.expand_dims(value, axis)


def _shaped(move: Any, y: Any) -> Any:
    return project(np.broadcast_to(move, np.shape(y)), y)


def _linspace_bodies(of_stop: bool) -> tuple[Any, Any]:
    sign = 1.0 if of_stop else -1.0

    def jvp(
        d: Any, y: Any, start: Any, stop: Any, num: Any = 50, endpoint: Any = True, retstep: Any = False, dtype: Any = None,
        axis: Any = 0,
    ) -> Any:  # fmt: skip
        points = y[0] if retstep else y
        if np.ndim(d) == 0 and np.ndim(points) == 1:
            moved = _shaped(d * _weights(num, endpoint, of_stop), points)
        else:
            moved = _shaped(_pairs(np.broadcast_to(d, np.shape(start + stop)), points, num, endpoint, of_stop, axis), points)
        if retstep:
            return bundle([moved, np.broadcast_to(sign * d / max(num - 1 if endpoint else num, 1), np.shape(y[1]))])
        return moved

    def vjp(
        y_bar: Any, y: Any, start: Any, stop: Any, num: Any = 50, endpoint: Any = True, retstep: Any = False, dtype: Any = None,
        axis: Any = 0,
    ) -> Any:  # fmt: skip
        end = stop if of_stop else start
        if retstep:
            step = sign * y_bar[1] / max(num - 1 if endpoint else num, 1)
            return unbroadcast(_total(y_bar[0], num, endpoint, of_stop, axis) + step, end)
        return unbroadcast(_total(y_bar, num, endpoint, of_stop, axis), end)

    return jvp, vjp


@static
def one_base(rank: Any) -> Any:
    """the rank of the base."""
    if rank:
        raise NotImplementedError("`np.logspace` is differentiated with one number as its base")
    return True


def _logarithm(base: Any) -> Any:
    if base is None:
        return math.log(10.0)
    one_base(np.ndim(base))
    return np.log(base)


def _logspace_bodies(of_stop: bool) -> tuple[Any, Any]:
    def jvp(
        d: Any, y: Any, start: Any, stop: Any, base: Any, num: Any = 50, endpoint: Any = True, dtype: Any = None, axis: Any = 0
    ) -> Any:
        whole = np.broadcast_to(d, np.shape(start + stop))
        return _shaped(y * _logarithm(base) * _pairs(whole, y, num, endpoint, of_stop, axis), y)

    def vjp(
        y_bar: Any, y: Any, start: Any, stop: Any, base: Any, num: Any = 50, endpoint: Any = True, dtype: Any = None,
        axis: Any = 0,
    ) -> Any:  # fmt: skip
        bar = _total(y_bar * y * _logarithm(base), num, endpoint, of_stop, axis)
        return unbroadcast(bar, stop if of_stop else start)

    return jvp, vjp


def _base_slope(y: Any, start: Any, stop: Any, base: Any, num: Any, endpoint: Any, axis: Any) -> Any:
    one_base(np.ndim(base))
    return np.linspace(start, stop, num, endpoint=endpoint, axis=axis) * y / base


def _base_jvp(
    d: Any, y: Any, start: Any, stop: Any, base: Any, num: Any = 50, endpoint: Any = True, dtype: Any = None, axis: Any = 0
) -> Any:
    return _shaped(_base_slope(y, start, stop, base, num, endpoint, axis) * d, y)


def _base_vjp(
    y_bar: Any, y: Any, start: Any, stop: Any, base: Any, num: Any = 50, endpoint: Any = True, dtype: Any = None, axis: Any = 0
) -> Any:
    return np.sum(_base_slope(y, start, stop, base, num, endpoint, axis) * y_bar)


def _geomspace_bodies(of_stop: bool) -> tuple[Any, Any]:
    def jvp(
        d: Any, y: Any, start: Any, stop: Any, num: Any = 50, endpoint: Any = True, dtype: Any = None, axis: Any = 0
    ) -> Any:
        whole = np.broadcast_to(d / (stop if of_stop else start), np.shape(start + stop))
        return _shaped(y * _pairs(whole, y, num, endpoint, of_stop, axis), y)

    def vjp(
        y_bar: Any, y: Any, start: Any, stop: Any, num: Any = 50, endpoint: Any = True, dtype: Any = None, axis: Any = 0
    ) -> Any:
        end = stop if of_stop else start
        return unbroadcast(_total(y_bar * y, num, endpoint, of_stop, axis) / end, end)

    return jvp, vjp


def _spaced_type(op: Any, inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
    """What is known where nothing but the number of points is said; less where the step or an axis is."""
    given = {k: v for k, v in options.items() if not (isinstance(v, Const) and v.value is None)}
    step = given.get("retstep")
    if isinstance(step, Const) and step.value:
        return Tuple((_spaced_type(op, inputs, {k: v for k, v in given.items() if k != "retstep"}), Number()))
    plain = shapes.spaced(op, inputs, given) if not set(given) - {"num", "endpoint"} else Number()
    if isinstance(plain, Array) and plain.dtype is None:  # NumPy's numbers
        return Array(certain_dtype(inputs), plain.shape) if op is np.linspace else plain
    if not isinstance(plain, Number):
        return plain
    return named(op, inputs, given)


_EVEN = [
    example(normal(), normal(), 5),
    example(normal(), normal(), num=4, endpoint=False),
    example(normal(3), normal(3), 4),
    example(normal(), normal()),
    example(normal(), normal(), 1),
    example(normal(3), normal(), 4),
    example(normal(3), normal(2, 1), 4, axis=-1),
    example(normal(3), normal(2, 1), 4, axis=1),
]
_bodies = (_linspace_bodies(False), _linspace_bodies(True))
structural(
    np.linspace,
    "start stop",
    result=_spaced_type,
    jvp=(_bodies[0][0], _bodies[1][0]),
    vjp=(_bodies[0][1], _bodies[1][1]),
    examples=[
        *_EVEN,
        example(normal(), normal(), 5, retstep=True),
        example(normal(2), normal(2), 5, endpoint=False, retstep=True),
        example(normal(), normal(), 5, dtype=np.float64),
    ],
)
_bodies = (_logspace_bodies(False), _logspace_bodies(True))
structural(
    np.logspace,
    "start stop base?",
    result=named,
    jvp=(_bodies[0][0], _bodies[1][0], _base_jvp),
    vjp=(_bodies[0][1], _bodies[1][1], _base_vjp),
    examples=[*_EVEN, example(normal(), normal(), 4, base=positive()), example(normal(2), normal(), num=3, base=2.0, axis=-1)],
)
_bodies = (_geomspace_bodies(False), _geomspace_bodies(True))
structural(
    np.geomspace,
    "start stop",
    result=named,
    jvp=(_bodies[0][0], _bodies[1][0]),
    vjp=(_bodies[0][1], _bodies[1][1]),
    singular=True,
    examples=[
        example(positive(), positive(), 5),
        example(positive(), positive(), num=4, endpoint=False),
        example(positive(3), positive(), 4),
        example(positive(3), positive(2, 1), 4, axis=-1),
    ],
)
