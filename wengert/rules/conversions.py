"""Arrays of what may be none, in a dtype, a layout or a number of axes that is asked for.

In: nothing. Out: rows for `np.asanyarray`, `asfortranarray`, `asarray_chkfinite`, `require`, `astype` and `np.atleast_1d` and
its like.

    np.atleast_1d(a, b)      two results; each cotangent is in the shape of its argument again
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from wengert.ir import shapes
from wengert.ir.nodes import Arg, Const
from wengert.ir.types import Array, NumpyScalar, Tuple, Type
from wengert.rules.examples import example, normal
from wengert.rules.kinds import linear, structural
from wengert.rules.masks import counts
from wengert.runtime import bundle

_NAMES = "a b? c? d? e? f?"
_COUNT = len(_NAMES.split())


def _same(y_bar: Any, y: Any, x: Any, dtype: Any = None, order: Any = None) -> Any:
    return np.reshape(y_bar, np.shape(x))


def _anyarray_vjp(y_bar: Any, y: Any, x: Any, dtype: Any = None, order: Any = None, copy: Any = None) -> Any:
    return np.reshape(y_bar, np.shape(x))


def _fortran_vjp(y_bar: Any, y: Any, x: Any, dtype: Any = None) -> Any:
    return np.reshape(y_bar, np.shape(x))


def _require_vjp(y_bar: Any, y: Any, x: Any, dtype: Any = None, requirements: Any = None) -> Any:
    return np.reshape(y_bar, np.shape(x))


def _finite_jvp(x_dot: Any, y: Any, x: Any, dtype: Any = None, order: Any = None) -> Any:
    # a tangent may be infinite where the array is not
    return np.asarray(x_dot, dtype=dtype)


def _astype_jvp(x_dot: Any, y: Any, x: Any, dtype: Any, copy: Any = True) -> Any:
    return 0.0 if counts(dtype) else x_dot.astype(dtype)


def _astype_vjp(y_bar: Any, y: Any, x: Any, dtype: Any, copy: Any = True) -> Any:
    return 0.0 if counts(dtype) else y_bar


def _converted(op: Any, inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
    """The argument in another dtype."""
    found, dtype = shapes.array(op, inputs, options), options.get("dtype")
    if isinstance(found, Array) and isinstance(shapes.type_of(inputs[0]), NumpyScalar) and isinstance(dtype, Const):
        return Array(found.dtype, ())
    return found


# Several arrays at once


def _given(*arrays: Any) -> Any:
    return [a for a in arrays if a is not None]


def _raised(op: Callable[..., Any], k: int) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """The jvp and the vjp of `np.atleast_1d` and its like by the k-th of the arrays."""

    def jvp(dot: Any, y: Any, a: Any, b: Any, c: Any, d: Any, e: Any, f: Any) -> Any:
        count = len(_given(a, b, c, d, e, f))
        if count == 1:
            return op(dot)
        return bundle([op(dot) if j == k else np.zeros_like(y[j]) for j in range(count)])

    def vjp(y_bar: Any, y: Any, a: Any, b: Any, c: Any, d: Any, e: Any, f: Any) -> Any:
        given = _given(a, b, c, d, e, f)
        return np.reshape(y_bar if len(given) == 1 else y_bar[k], np.shape(given[k]))

    return jvp, vjp


def _raised_type(op: Any, inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
    given = [i for i in inputs if not (isinstance(i, Const) and i.value is None)]
    found = tuple(shapes.probe(op, [i], options) for i in given)
    return found[0] if len(found) == 1 else Tuple(found)


_ARRAYS = (example(normal(3)), example(normal(2, 3)), example(normal()))

linear(
    np.asanyarray,
    "x",
    vjp=(_anyarray_vjp,),
    result=shapes.array,
    options="dtype order",
    examples=[*_ARRAYS, example(normal(2, 3), dtype=float, order="F")],
)
linear(
    np.asfortranarray,
    "x",
    vjp=(_fortran_vjp,),
    result=shapes.probe,
    options="dtype",
    examples=[*_ARRAYS, example(normal(3, 2), dtype=float)],
)
linear(
    np.require,
    "x",
    vjp=(_require_vjp,),
    result=shapes.probe,
    aliases={"a": "x"},
    examples=[*_ARRAYS, example(normal(3, 2), float, "F"), example(normal(3, 2), requirements=["C", "A"])],
)
structural(
    np.asarray_chkfinite,
    "x",
    jvp=(_finite_jvp,),
    vjp=(_same,),
    result=shapes.array,
    aliases={"a": "x"},
    examples=[*_ARRAYS, example(normal(3), dtype=float)],
)
if hasattr(np, "astype"):
    structural(
        np.astype,
        "x",
        jvp=(_astype_jvp,),
        vjp=(_astype_vjp,),
        result=_converted,
        examples=[example(normal(2, 3), np.float64), example(normal(3), float, copy=False)],
    )
for _op in (np.atleast_1d, np.atleast_2d, np.atleast_3d):
    _bodies = [_raised(_op, _k) for _k in range(_COUNT)]
    structural(
        _op,
        _NAMES,
        jvp=tuple(j for j, _ in _bodies),
        vjp=tuple(v for _, v in _bodies),
        result=_raised_type,
        examples=[
            *_ARRAYS, example(normal(2, 3, 2)), example(normal(3), normal()), example(normal(), normal(2, 3), normal(2)),
        ],
    )  # fmt: skip
