"""Rows for run-time lists: lists whose length is only known when the program runs.

    listed([a, b])      a list of a and b, printed as it is written
    list(tape)          what a comprehension made, as a list that can be changed
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from wengert import runtime
from wengert.ir.nodes import Arg, Const, Display, Var
from wengert.ir.shapes import integer, opaque
from wengert.ir.types import List, Number, Tape, Type, Undefined
from wengert.rules.examples import example, normal
from wengert.rules.kinds import constant, linear, structural


def _of_parts(op: Any, inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
    """A list of the items of a display."""
    parts = inputs[0]
    types = [p.type for p in parts.items if isinstance(p, Var | Const)] if isinstance(parts, Display) else []
    return List(types[0] if types else Undefined())


def _of_entries(op: Any, inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
    """A list of the entries of a tape or a list."""
    t = inputs[0].type if inputs and isinstance(inputs[0], Var | Const) else None
    return List(t.item if isinstance(t, Tape | List) else Number())


def _parts_vjp(y_bar: Any, y: Any, parts: Any) -> Any:
    return [y_bar[k] for k in range(len(parts))]


def _first_jvp(a_dot: Any, y: Any, a: Any, b: Any) -> Any:
    return runtime.join_lists(a_dot, runtime.zeros_of(b))


def _second_jvp(b_dot: Any, y: Any, a: Any, b: Any) -> Any:
    return runtime.join_lists(runtime.zeros_of(a), b_dot)


def _first_vjp(y_bar: Any, y: Any, a: Any, b: Any) -> Any:
    return y_bar[: len(a)]


def _second_vjp(y_bar: Any, y: Any, a: Any, b: Any) -> Any:
    return y_bar[len(a) :]


def _entries_vjp(y_bar: Any, y: Any, entries: Any) -> Any:
    if isinstance(entries, np.ndarray):
        return np.array(y_bar)
    return y_bar


def _deep_vjp(y_bar: Any, y: Any, rows: Any) -> Any:
    return y_bar


def _repeated_vjp(y_bar: Any, y: Any, items: Any, count: Any) -> Any:
    return runtime.folded(y_bar, items)


def _folded_vjp(y_bar: Any, y: Any, bars: Any, items: Any) -> Any:
    return runtime.repeat_list(y_bar, len(bars) // len(items))


def _first_type(op: Any, inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
    return inputs[0].type if isinstance(inputs[0], Var | Const) else Number()


linear(
    runtime.listed,
    "parts",
    vjp=(_parts_vjp,),
    result=_of_parts,
    displays=True,
    examples=[example([normal(), normal()])],
)
constant(runtime.check_real, examples=[example(np.zeros(2))], result=opaque)
constant(runtime.check_contiguous, examples=[example(np.zeros(2), "x")], result=opaque)
structural(
    runtime.join_lists,
    "a b",
    jvp=(_first_jvp, _second_jvp),
    vjp=(_first_vjp, _second_vjp),
    result=_of_entries,
    examples=[example([1.0, 2.0], [3.0])],
)
linear(list, "entries", vjp=(_entries_vjp,), result=_of_entries, examples=[example([1.0, 2.0])])
linear(runtime.deep_list, "rows", vjp=(_deep_vjp,), result=_first_type, examples=[example([1.0, 2.0])])
linear(
    runtime.repeat_list, "items count", vjp=(_repeated_vjp, None), result=_of_entries, examples=[example([1.0, 2.0], 3)]
)
linear(
    runtime.folded,
    "bars items",
    vjp=(_folded_vjp, None),
    result=_of_entries,
    examples=[example([1.0, 2.0, 3.0, 4.0], [5.0, 6.0])],
)
constant(list.index, examples=[example([1.0, 2.0], 2.0)], result=integer)
constant(list.count, examples=[example([1.0, 2.0], 2.0)], result=integer)
