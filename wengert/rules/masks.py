"""What the reductions share: entries left out by `where=`, the value that they start from, the dtype that they sum in.

In: the options of a reduction. Out: parts of the bodies of its rows, and the type of its result.

    np.sum(x, where=m)      the cotangent is y_bar where m holds and 0 elsewhere
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from wengert.ir import shapes
from wengert.ir.nodes import Arg
from wengert.ir.types import Type
from wengert.rules.kinds import known
from wengert.rules.static import static
from wengert.rules.typings import named


def spread(y: Any, axis: Any, keepdims: Any) -> Any:
    """`y`, reduced along `axis`, with an axis of length 1 where each was: it broadcasts to what was reduced."""
    if axis is None:
        return y
    if keepdims:
        return y
    if known(np.ndim(y)) and np.ndim(y) == 0:
        return y
    return np.expand_dims(y, axis)


def everywhere(where: Any) -> Any:
    """True where no entry is left out; decided when the rule is flattened."""
    return known(where) and where is True


def kept(x: Any, where: Any, value: Any) -> Any:
    """`x` with another value in place of the entries that are left out."""
    if everywhere(where):
        return x
    return np.where(where, x, value)


def number_kept(x: Any, axis: Any, keepdims: Any, where: Any) -> Any:
    """How many entries of `x` go into each entry of the result."""
    return np.sum(np.broadcast_to(where, np.shape(x)), axis=axis, keepdims=keepdims)


def along(axis: Any, keepdims: Any, where: Any = True, dtype: Any = None) -> Any:
    """The options of a reduction that are not as they are by default."""
    options: dict[str, Any] = {}
    if axis is not None:
        options["axis"] = axis
    if dtype is not None:
        options["dtype"] = dtype
    if keepdims is not False:
        options["keepdims"] = keepdims
    if not everywhere(where):
        options["where"] = where
    return options


@static
def counts(dtype: Any) -> Any:
    """the dtype of the result: whether it is one of whole numbers, which carry no derivative."""
    return dtype is not None and np.dtype(dtype).kind in "biu"


@static
def same_kind(dtype: Any, complex_values: Any) -> Any:
    """the dtype of the result: a real one would cut complex numbers before they are multiplied."""
    if complex_values and dtype is not None and np.dtype(dtype).kind != "c":
        raise NotImplementedError("complex numbers are not cut to real ones here: take their real parts before")
    return True


def reduced(op: Callable[..., Any], inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
    """The type of a reduction, which no mask and no start changes."""
    return shapes.probe(op, inputs[:1], _unmasked(options))


def reduced_by_name(op: Callable[..., Any], inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
    """The type of a reduction whose other inputs have a part in it."""
    return named(op, inputs, _unmasked(options))


def _unmasked(options: Mapping[str, Arg]) -> Mapping[str, Arg]:
    return {k: v for k, v in options.items() if k not in ("where", "initial")}
