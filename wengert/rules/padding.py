"""Padding, in every mode.

In: nothing. Out: the row for `np.pad`. It pads one axis after the other: the corners belong to the last one.

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
    if mode in ("reflect", "symmetric"):
        return "matrix"
    if mode == "linear_ramp":
        return "ramp"
    if mode in ("maximum", "minimum", "mean", "median"):
        return "statistic"
    if mode == "constant":
        return "constant"
    raise NotImplementedError(f"`np.pad` with mode={mode!r} is not differentiated")


@static
def pad_widths(pad_width: Any, rank: Any) -> Any:
    """the widths and the rank: what is put before and behind each axis."""
    if isinstance(pad_width, dict):
        raise NotImplementedError("`np.pad` with a dict of widths is not differentiated: write a tuple")
    pairs = np.broadcast_to(pad_width, (rank, 2))
    return tuple((int(before), int(behind)) for before, behind in pairs)


@static
def pad_lengths(stat_length: Any, rank: Any) -> Any:
    """the lengths and the rank: how many entries at each end a statistic is taken of; None for all."""
    if stat_length is None:
        return ((None, None),) * rank
    return tuple((int(before), int(behind)) for before, behind in np.broadcast_to(stat_length, (rank, 2)))


def _shares(part: Any, mode: Any) -> Any:
    """How much each entry along the first axis has in the statistic of all."""
    n = np.shape(part)[0]
    if mode == "mean":
        return np.full(np.shape(part), 1.0 / n)
    if mode == "median":
        rank = np.argsort(np.argsort(part, axis=0), axis=0)
        return 0.5 * (np.equal(rank, (n - 1) // 2) + 1.0 * np.equal(rank, n // 2))
    extreme = np.max(part, axis=0, keepdims=True) if mode == "maximum" else np.min(part, axis=0, keepdims=True)
    chosen = np.equal(part, extreme)
    return chosen / np.sum(chosen, axis=0, keepdims=True)


def _ends(rows: Any, lengths: Any) -> Any:
    """The entries at both ends along the first axis of which statistics are taken."""
    n = np.shape(rows)[0]
    first = n if lengths[0] is None else min(lengths[0], n)
    last = n if lengths[1] is None else min(lengths[1], n)
    return rows[:first], rows[n - last :]


def _behind_and_before(first: Any, rows: Any, last: Any, width: Any) -> Any:
    return np.concatenate([np.repeat(first, width[0], axis=0), rows, np.repeat(last, width[1], axis=0)], axis=0)


def _statistic_rows(rows: Any, mode: Any, lengths: Any, width: Any) -> Any:
    first, last = _ends(rows, lengths)
    before = np.sum(_shares(first, mode) * first, axis=0, keepdims=True)
    return _behind_and_before(before, rows, np.sum(_shares(last, mode) * last, axis=0, keepdims=True), width)


def _statistic_jvp(x_dot: Any, x: Any, widths: Any, mode: Any, lengths: Any) -> Any:
    for axis in range(np.ndim(x)):
        rows, dots = np.moveaxis(x, axis, 0), np.moveaxis(x_dot, axis, 0)
        (first, last), (first_dot, last_dot) = _ends(rows, lengths[axis]), _ends(dots, lengths[axis])
        before = np.sum(_shares(first, mode) * first_dot, axis=0, keepdims=True)
        behind = np.sum(_shares(last, mode) * last_dot, axis=0, keepdims=True)
        x_dot = np.moveaxis(_behind_and_before(before, dots, behind, widths[axis]), 0, axis)
        x = np.moveaxis(_statistic_rows(rows, mode, lengths[axis], widths[axis]), 0, axis)
    return x_dot


def _statistic_vjp(bar: Any, x: Any, widths: Any, mode: Any, lengths: Any) -> Any:
    stages = [x]
    for axis in range(np.ndim(x) - 1):
        rows = _statistic_rows(np.moveaxis(stages[axis], axis, 0), mode, lengths[axis], widths[axis])
        stages = [*stages, np.moveaxis(rows, 0, axis)]
    for axis in range(np.ndim(x) - 1, -1, -1):
        rows, bars, before = np.moveaxis(stages[axis], axis, 0), np.moveaxis(bar, axis, 0), widths[axis][0]
        n = np.shape(rows)[0]
        first, last = _ends(rows, lengths[axis])
        of_first = _shares(first, mode) * np.sum(bars[:before], axis=0, keepdims=True)
        of_last = _shares(last, mode) * np.sum(bars[before + n :], axis=0, keepdims=True)
        whole = np.copy(bars[before : before + n])
        whole[: np.shape(first)[0]] += of_first
        whole[n - np.shape(last)[0] :] += of_last
        bar = np.moveaxis(whole, 0, axis)
    return bar


def _of_edge(width: Any, mode: Any) -> Any:
    """How much of the edge each entry put there has, the outermost first."""
    return np.arange(width) / max(width, 1) if mode == "linear_ramp" else np.zeros(width)


def _inside(rows: Any, widths: Any, n: Any, mode: Any) -> Any:
    """The cotangents along the first axis of the entries that were there, of those that were put beside them."""
    before, behind = widths
    if mode != "linear_ramp":
        return rows[before : before + n]
    whole = np.copy(rows[before : before + n])
    whole[0] += np.tensordot(_of_edge(before, mode), rows[:before], 1)
    whole[-1] += np.tensordot(np.flip(_of_edge(behind, mode)), rows[before + n :], 1)
    return whole


def _pad_jvp(
    x_dot: Any, y: Any, x: Any, pad_width: Any, mode: Any, constant_values: Any, end_values: Any,
    reflect_type: Any = "even", stat_length: Any = None,
) -> Any:  # fmt: skip
    kind = pad_kind("constant" if mode is None else mode, reflect_type)
    if kind == "constant":
        return np.pad(x_dot, pad_width)
    if kind == "statistic":
        rank = np.ndim(x)
        return _statistic_jvp(x_dot, x, pad_widths(pad_width, rank), mode, pad_lengths(stat_length, rank))
    if reflect_type == "odd":
        return np.pad(x_dot, pad_width, mode=mode, reflect_type="odd")
    return np.pad(x_dot, pad_width, mode=mode)


def _pad_vjp(
    y_bar: Any, y: Any, x: Any, pad_width: Any, mode: Any, constant_values: Any, end_values: Any,
    reflect_type: Any = "even", stat_length: Any = None,
) -> Any:  # fmt: skip
    kind = pad_kind("constant" if mode is None else mode, reflect_type)
    if kind == "places":
        return returned(y_bar, np.pad(numbered(x), pad_width, mode=mode), x)
    if kind == "constant" and not known(pad_width) and not isinstance(pad_width, (tuple, list)):
        return np.reshape(y_bar[np.pad(np.ones(np.shape(x), bool), pad_width)], np.shape(x))
    widths = pad_widths(pad_width, np.ndim(x))
    if kind == "statistic":
        return _statistic_vjp(y_bar, x, widths, mode, pad_lengths(stat_length, np.ndim(x)))
    bar = y_bar
    for axis in range(np.ndim(x)):
        before, behind = widths[axis]
        n = np.shape(x)[axis]
        rows = np.moveaxis(bar, axis, 0)
        if kind == "matrix":
            spread = np.pad(np.eye(n), ((before, behind), (0, 0)), mode=mode, reflect_type="odd")
            rows = np.tensordot(spread, rows, ((0,), (0,)))
        else:
            rows = _inside(rows, widths[axis], n, mode)
        bar = np.moveaxis(rows, 0, axis)
    return bar


# By the values that are put in: one for all sides, one for each end, or one for each end of each axis


def _sides(y_bar: Any, x: Any, pad_width: Any, mode: Any) -> Any:
    """For each axis the cotangents of what is put before and behind it."""
    widths, bar = pad_widths(pad_width, np.ndim(x)), y_bar
    found: list[Any] = []
    for axis in range(np.ndim(x) - 1, -1, -1):
        before, behind = widths[axis]
        n = np.shape(x)[axis]
        rows = np.moveaxis(bar, axis, 0)
        total = np.sum(np.reshape(rows, (np.shape(rows)[0], -1)), axis=1)
        first = np.sum((1.0 - _of_edge(before, mode)) * total[:before])
        found = [[first, np.sum((1.0 - np.flip(_of_edge(behind, mode))) * total[before + n :])], *found]
        bar = np.moveaxis(_inside(rows, widths[axis], n, mode), 0, axis)
    return found


def _in_the_form_of(values: Any, sides: Any) -> Any:
    """What the values that were given get: they stand for all sides that they are used at."""
    shape = np.shape(values)
    before, behind = sum([s[0] for s in sides]), sum([s[1] for s in sides])
    if len(shape) == 0:
        return before + behind
    if len(shape) == 1:
        return [before, behind] if shape[0] == 2 else [before + behind]
    if shape[0] == 1:
        return [[before, behind]] if shape[1] == 2 else [[before + behind]]
    return [[s[0], s[1]] if shape[1] == 2 else [s[0] + s[1]] for s in sides]


def _pad_constant_jvp(
    c_dot: Any, y: Any, x: Any, pad_width: Any, mode: Any, constant_values: Any, end_values: Any,
    reflect_type: Any = "even", stat_length: Any = None,
) -> Any:  # fmt: skip
    return np.pad(np.zeros_like(1.0 * x), pad_width, constant_values=c_dot)


def _pad_constant_vjp(
    y_bar: Any, y: Any, x: Any, pad_width: Any, mode: Any, constant_values: Any, end_values: Any,
    reflect_type: Any = "even", stat_length: Any = None,
) -> Any:  # fmt: skip
    if np.ndim(constant_values) == 0:
        return np.sum(y_bar * np.pad(np.zeros(np.shape(x)), pad_width, constant_values=1.0))
    return _in_the_form_of(constant_values, _sides(y_bar, x, pad_width, "constant"))


def _pad_ends_jvp(
    e_dot: Any, y: Any, x: Any, pad_width: Any, mode: Any, constant_values: Any, end_values: Any,
    reflect_type: Any = "even", stat_length: Any = None,
) -> Any:  # fmt: skip
    return np.pad(np.zeros_like(1.0 * x), pad_width, mode=mode, end_values=e_dot)


def _pad_ends_vjp(
    y_bar: Any, y: Any, x: Any, pad_width: Any, mode: Any, constant_values: Any, end_values: Any,
    reflect_type: Any = "even", stat_length: Any = None,
) -> Any:  # fmt: skip
    return _in_the_form_of(end_values, _sides(y_bar, x, pad_width, mode))


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
        example(normal(2, 3), ((1, 2), (0, 1)), constant_values=((normal(), normal()), (normal(), normal()))),
        example(normal(2, 3), 1, constant_values=(normal(), normal())),
        example(normal(2, 3), ((1, 2), (2, 1)), mode="linear_ramp", end_values=(normal(), normal())),
        example(normal(3), 2, mode="linear_ramp", end_values=normal()),
        *(example(normal(3, 4), ((0, 1), (3, 2)), mode=m) for m in ("maximum", "minimum", "median")),
        *(example(normal(3, 4), 2, mode=m, stat_length=((1, 2), (3, 2))) for m in ("maximum", "mean", "median")),
        *(example(normal(2, 4), ((1, 1), (3, 2)), mode=m, reflect_type="odd") for m in ("reflect", "symmetric")),
    ],
)
