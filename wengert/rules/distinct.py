"""The different values of an array.

In: nothing. Out: rows for `np.unique` and `np.unique_values`.

    np.unique(x)      entries that are equal share the cotangent of their value
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from wengert.ir import shapes
from wengert.ir.nodes import Arg, Const
from wengert.ir.types import Array, Opaque, Sym, Tuple, Type
from wengert.rules.examples import example, normal
from wengert.rules.kinds import structural
from wengert.runtime import bundle, project


def _places(x: Any, values: Any) -> Any:
    """For each entry of `x`, in one row, the place of its value."""
    order = np.argsort(values)
    return order[np.searchsorted(values[order], np.reshape(x, -1))]


def _moved(x_dot: Any, x: Any, values: Any) -> Any:
    place = _places(x, values)
    number = np.bincount(place, minlength=np.shape(values)[0])
    return project(np.bincount(place, np.reshape(x_dot, -1), minlength=np.shape(values)[0]) / number, values)


def _shared(bar: Any, x: Any, values: Any) -> Any:
    place = _places(x, values)
    number = np.bincount(place, minlength=np.shape(values)[0])
    return np.reshape((bar / number)[place], np.shape(x))


def _unique_jvp(
    x_dot: Any, y: Any, x: Any, return_index: Any = False, return_inverse: Any = False, return_counts: Any = False,
    equal_nan: Any = True, sorted: Any = True,
) -> Any:  # fmt: skip
    if return_index or return_inverse or return_counts:
        found: list[Any] = [_moved(x_dot, x, y[0])]
        for asked in (return_index, return_inverse, return_counts):
            found = [*found, 0.0] if asked else found
        return bundle(found)
    return _moved(x_dot, x, y)


def _unique_vjp(
    y_bar: Any, y: Any, x: Any, return_index: Any = False, return_inverse: Any = False, return_counts: Any = False,
    equal_nan: Any = True, sorted: Any = True,
) -> Any:  # fmt: skip
    if return_index or return_inverse or return_counts:
        return _shared(y_bar[0], x, y[0])
    return _shared(y_bar, x, y)


def _values_jvp(x_dot: Any, y: Any, x: Any) -> Any:
    return _moved(x_dot, x, y)


def _values_vjp(y_bar: Any, y: Any, x: Any) -> Any:
    return _shared(y_bar, x, y)


def _unique_type(op: Any, inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
    """How many values there are, only the run tells."""
    values = Array(getattr(shapes.type_of(inputs[0]), "dtype", None), (Sym((op, tuple(inputs))),))
    flags = [options.get(f"return_{n}") for n in ("index", "inverse", "counts")]
    more = sum(isinstance(f, Const) and bool(f.value) for f in flags)
    return Tuple((values, *(Opaque(),) * more)) if more else values


structural(
    np.unique,
    "x",
    jvp=(_unique_jvp,),
    vjp=(_unique_vjp,),
    result=_unique_type,
    examples=[example(normal(5)), example(normal(2, 3))],
)
if hasattr(np, "unique_values"):
    structural(
        np.unique_values,
        "x",
        jvp=(_values_jvp,),
        vjp=(_values_vjp,),
        result=_unique_type,
        examples=[example(normal(5)), example(normal(2, 3))],
    )
