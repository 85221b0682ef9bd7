"""Padding, in every mode that is linear.

In: nothing. Out: the row for `np.pad`.

    np.pad(x, 1)                 the cotangent of x is y_bar[1:-1]
    np.pad(x, 1, mode="edge")    each entry gets back what the entries that repeat it were given
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from wengert.ir import shapes
from wengert.ir.nodes import Arg
from wengert.ir.sampling import is_none
from wengert.ir.types import Type
from wengert.rules.examples import example, normal
from wengert.rules.kinds import known, structural
from wengert.rules.moving import numbered, returned
from wengert.rules.static import static


@static
def pad_kind(mode: Any, reflect_type: Any) -> Any:
    """the mode: how a padded array depends on what it pads."""
    if mode in ("edge", "wrap") or (mode in ("reflect", "symmetric") and reflect_type == "even"):
        return "places"
    if mode in ("reflect", "symmetric", "linear_ramp", "mean"):
        return "matrix"
    if mode == "constant":
        return "constant"
    raise NotImplementedError(f"`np.pad` with mode={mode!r} is not differentiated")


@static
def pad_widths(pad_width: Any, rank: Any) -> Any:
    """the widths and the rank: what is put before and behind each axis."""
    if isinstance(pad_width, dict):
        raise NotImplementedError("`np.pad` with a dict of widths is not differentiated")
    pairs = np.broadcast_to(pad_width, (rank, 2))
    return tuple((int(before), int(behind)) for before, behind in pairs)


def _pad_jvp(
    x_dot: Any, y: Any, x: Any, pad_width: Any, mode: Any, constant_values: Any, end_values: Any,
    reflect_type: Any = "even",
) -> Any:  # fmt: skip
    kind = pad_kind("constant" if mode is None else mode, reflect_type)
    if kind == "constant":
        return np.pad(x_dot, pad_width)
    if reflect_type == "odd":
        return np.pad(x_dot, pad_width, mode=mode, reflect_type="odd")
    return np.pad(x_dot, pad_width, mode=mode)


def _pad_vjp(
    y_bar: Any, y: Any, x: Any, pad_width: Any, mode: Any, constant_values: Any, end_values: Any,
    reflect_type: Any = "even",
) -> Any:  # fmt: skip
    kind = pad_kind("constant" if mode is None else mode, reflect_type)
    if kind == "places":
        return returned(y_bar, np.pad(numbered(x), pad_width, mode=mode), x)
    if kind == "constant" and not known(pad_width) and not isinstance(pad_width, (tuple, list)):
        return np.reshape(y_bar[np.pad(np.ones(np.shape(x), bool), pad_width)], np.shape(x))
    widths = pad_widths(pad_width, np.ndim(x))
    bar = y_bar
    for axis in range(np.ndim(x)):
        before, behind = widths[axis]
        n = np.shape(x)[axis]
        rows = np.moveaxis(bar, axis, 0)
        if kind == "constant":
            rows = rows[before : before + n]
        elif reflect_type == "odd":
            spread = np.pad(np.eye(n), ((before, behind), (0, 0)), mode=mode, reflect_type="odd")
            rows = np.tensordot(spread, rows, ((0,), (0,)))
        else:
            rows = np.tensordot(np.pad(np.eye(n), ((before, behind), (0, 0)), mode=mode), rows, ((0,), (0,)))
        bar = np.moveaxis(rows, 0, axis)
    return bar


@static
def one_value(shape: Any) -> Any:
    """the shape of the constant: whether one number fills all."""
    if shape != ():
        raise NotImplementedError("`np.pad` is differentiated by one constant value for all sides only")
    return True


def _pad_constant_jvp(
    c_dot: Any, y: Any, x: Any, pad_width: Any, mode: Any, constant_values: Any, end_values: Any,
    reflect_type: Any = "even",
) -> Any:  # fmt: skip
    one_value(np.shape(constant_values))
    return np.pad(np.zeros_like(x), pad_width, constant_values=c_dot)


def _pad_constant_vjp(
    y_bar: Any, y: Any, x: Any, pad_width: Any, mode: Any, constant_values: Any, end_values: Any,
    reflect_type: Any = "even",
) -> Any:  # fmt: skip
    one_value(np.shape(constant_values))
    return np.sum(y_bar * np.pad(np.zeros(np.shape(x)), pad_width, constant_values=1.0))


@static
def no_ends(kind: Any) -> Any:
    """nothing."""
    raise NotImplementedError("`np.pad` is not differentiated by its end_values")


def _pad_ends_jvp(
    e_dot: Any, y: Any, x: Any, pad_width: Any, mode: Any, constant_values: Any, end_values: Any,
    reflect_type: Any = "even",
) -> Any:  # fmt: skip
    return no_ends(0)


def _pad_ends_vjp(
    y_bar: Any, y: Any, x: Any, pad_width: Any, mode: Any, constant_values: Any, end_values: Any,
    reflect_type: Any = "even",
) -> Any:  # fmt: skip
    return no_ends(0)


def _pad_type(op: Any, inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
    mode = {} if is_none(inputs[2]) else {"mode": inputs[2]}
    return shapes.probe(op, inputs[:1], {"pad_width": inputs[1], **mode})


structural(
    np.pad,
    "x pad_width mode? constant_values? end_values?",
    jvp=(_pad_jvp, None, None, _pad_constant_jvp, _pad_ends_jvp),
    vjp=(_pad_vjp, None, None, _pad_constant_vjp, _pad_ends_vjp),
    result=_pad_type,
    displays=True,
    examples=[
        example(normal(3), 2),
        example(normal(2, 3), 1),
        example(normal(2, 3), (1, 2), "constant"),
        example(normal(2, 3), ((1, 0), (0, 2)), constant_values=normal()),
        example(normal(4), (3, 2), mode="wrap"),
        *(example(normal(2, 4), ((0, 1), (3, 2)), mode=m) for m in ("edge", "reflect", "symmetric", "mean")),
        example(normal(4), (2, 1), mode="linear_ramp"),
        *(example(normal(2, 4), ((1, 1), (3, 2)), mode=m, reflect_type="odd") for m in ("reflect", "symmetric")),
    ],
)
