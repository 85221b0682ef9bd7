"""Averages and counts.

In: nothing. Out: rows for `np.average` and `np.bincount`.

    np.average(x, weights=w)      the cotangent of x is y_bar * w / np.sum(w)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from wengert.ir.nodes import Arg, Const
from wengert.ir.types import Array, Sym, Tuple, Type
from wengert.rules.examples import example, normal, positive
from wengert.rules.kinds import linear, structural
from wengert.rules.linalg import NUMPY_1
from wengert.rules.masks import spread
from wengert.rules.reductions import shaped
from wengert.rules.static import static
from wengert.rules.typings import named
from wengert.runtime import bundle


@static
def _weighted_axes(rank: Any, axis: Any) -> Any:
    """the option `axis`, and the rank: how the axes of weights are turned, None where they are in order, and the other axes."""
    chosen = [k % rank for k in (axis if isinstance(axis, tuple) else (axis,))]
    order = tuple(sorted(range(len(chosen)), key=chosen.__getitem__))
    return None if order == tuple(range(len(order))) else order, tuple(k for k in range(rank) if k not in chosen)


@static
def _back(order: Any) -> Any:
    """how axes are turned: how they are turned back."""
    return tuple(order.index(k) for k in range(len(order)))


def _weights(x: Any, weights: Any, axis: Any) -> Any:
    """The weights in a shape that broadcasts to `x`; they may go along some of the axes alone."""
    if weights is None:
        return 1.0
    if np.ndim(weights) == np.ndim(x):
        return weights
    order, others = _weighted_axes(np.ndim(x), axis)
    return np.expand_dims(weights if order is None else np.transpose(weights, order), others)


def _total(x: Any, weights: Any, axis: Any, keepdims: Any) -> Any:
    whole = np.broadcast_to(_weights(x, weights, axis), np.shape(x))
    return np.sum(whole, axis=axis, keepdims=keepdims)


def _average(y: Any, returned: Any) -> Any:
    """The average alone, where the sum of the weights is asked for as well."""
    return y[0] if returned else y


def _average_jvp(
    x_dot: Any, y: Any, x: Any, weights: Any, axis: Any = None, returned: Any = False, keepdims: Any = False
) -> Any:
    moved = np.sum(_weights(x, weights, axis) * x_dot, axis=axis, keepdims=keepdims)
    found = shaped(moved / _total(x, weights, axis, keepdims), _average(y, returned))
    return bundle([found, np.zeros_like(y[1])]) if returned else found


def _average_vjp(
    y_bar: Any, y: Any, x: Any, weights: Any, axis: Any = None, returned: Any = False, keepdims: Any = False
) -> Any:
    share = spread(_average(y_bar, returned) / _total(x, weights, axis, keepdims), axis, keepdims)
    return np.broadcast_to(share * _weights(x, weights, axis), np.shape(x))


def _average_weights_jvp(
    w_dot: Any, y: Any, x: Any, weights: Any, axis: Any = None, returned: Any = False, keepdims: Any = False
) -> Any:
    apart = x - spread(_average(y, returned), axis, keepdims)
    moved = np.sum(apart * _weights(x, w_dot, axis), axis=axis, keepdims=keepdims)
    found = shaped(moved / _total(x, weights, axis, keepdims), _average(y, returned))
    return bundle([found, shaped(_total(x, w_dot, axis, keepdims), y[1])]) if returned else found


def _average_weights_vjp(
    y_bar: Any, y: Any, x: Any, weights: Any, axis: Any = None, returned: Any = False, keepdims: Any = False
) -> Any:
    share = spread(_average(y_bar, returned) / _total(x, weights, axis, keepdims), axis, keepdims)
    whole = share * (x - spread(_average(y, returned), axis, keepdims))
    if returned:
        whole = whole + spread(y_bar[1], axis, keepdims)
    if np.ndim(weights) == np.ndim(x):
        return whole
    order, others = _weighted_axes(np.ndim(x), axis)
    bar = np.sum(whole, axis=others)
    return bar if order is None else np.transpose(bar, _back(order))


def _average_type(op: Any, inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
    """One array or, where the sum of the weights is asked for, two of one shape."""
    asked = options.get("returned")
    one = named(op, inputs, {k: v for k, v in options.items() if k != "returned"})
    return Tuple((one, one)) if isinstance(asked, Const) and asked.value else one


# Counts


def _bincount_vjp(y_bar: Any, y: Any, x: Any, weights: Any, minlength: Any = 0) -> Any:
    return y_bar[x]


def _bincount_type(op: Any, inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
    """As many counts as the largest number says."""
    return Array(None, (Sym(("bincount", tuple(inputs), tuple(options.items()))),))


structural(
    np.average,
    "x weights?",
    jvp=(_average_jvp, _average_weights_jvp),
    vjp=(_average_vjp, _average_weights_vjp),
    result=_average_type,
    examples=[
        example(normal(5)),
        example(normal(5), weights=positive(5)),
        example(normal(3, 4), 0),
        example(normal(3, 4), axis=1, weights=positive(4)),
        example(normal(3, 4), axis=0, weights=positive(3)),
        example(normal(3, 4), weights=positive(3, 4)),
        example(normal(3, 4), axis=-1, weights=positive(3, 4), keepdims=True),
        example(normal(2, 3, 4), axis=1, weights=positive(3)),
        example(normal(3, 4), axis=0, returned=True),
        example(normal(3, 4), axis=1, weights=positive(4), returned=True),
        *([] if NUMPY_1 else [example(normal(2, 3, 4), axis=(2, 0), weights=positive(4, 2))]),
    ],
)
linear(
    np.bincount,
    "x weights?",
    vjp=(None, _bincount_vjp),
    options="minlength",
    result=_bincount_type,
    examples=[
        example(np.array([0, 2, 2, 1]), normal(4)),
        example(np.array([0, 2, 2, 1]), weights=normal(4), minlength=5),
    ],
)
