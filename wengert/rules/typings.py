"""What is known of the results of operations that `wengert.ir.shapes` does not know.

In: an operation, its operands and options. Out: the type of the result.

    several(2)(np.linalg.qr, (a,), {})       Tuple((Array("float64", (n, k)), Array("float64", (k, n))))
    regular(np.linalg.inv, (a,), {})         Array("float64", (n, n)), found on samples that have an inverse
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from wengert.ir import shapes
from wengert.ir.arrays import array_type
from wengert.ir.nodes import Arg, Const
from wengert.ir.types import Array, Tuple, Type
from wengert.rules.binding import signature_names
from wengert.rules.kinds import lookup

Op = Callable[..., Any]
Typing = Callable[[Op, Sequence[Arg], Mapping[str, Arg]], Type]


def named(op: Op, inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
    """As `shapes.probe`, for rows whose inputs are not the leading parameters of the operation."""
    rule = lookup(getattr(op, "whole", op))
    assert rule is not None
    return shapes.probe(_by_name(op, rule.inputs), inputs, options)


@functools.cache
def _by_name(op: Op, names: tuple[str, ...]) -> Op:
    rule = lookup(getattr(op, "whole", op))
    own = {} if rule is None else {name: p for p, name in signature_names(rule).items()}

    def call(*args: Any, **options: Any) -> Any:
        given = {own.get(n, n): v for n, v in zip(names, args, strict=True) if v is not None}
        return op(**given, **options)

    return call


def given(op: Op, inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
    """As `shapes.probe`, without the inputs that the call leaves out."""
    return shapes.probe(op, [a for a in inputs if not (isinstance(a, Const) and a.value is None)], options)


def several(count: int, typing: Typing = shapes.probe) -> Typing:
    """The typing of operations with `count` results, each found like the result of an operation of its own."""

    def typed(op: Op, inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
        return Tuple(tuple(typing(item_of(op, k), inputs, options) for k in range(count)))

    return typed


@functools.cache
def item_of(op: Op, k: int) -> Op:
    """The operation that gives the k-th result of `op` alone."""

    def item(*args: Any, **options: Any) -> Any:
        return op(*args, **options)[k]

    item.whole = op  # type: ignore[attr-defined]
    return item


def regular(op: Op, inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
    """As `shapes.probe`, on matrices that have an inverse and real, positive eigenvalues."""
    return shapes.probe(_on_regular(op), inputs, options)


@functools.cache
def _on_regular(op: Op) -> Op:
    def regular_op(*args: Any, **options: Any) -> Any:
        return op(*map(_regular, args), **options)

    return regular_op


def _regular(sample: Any) -> Any:
    """A sample of ones made a matrix that is far from singular."""
    if isinstance(sample, np.ndarray) and sample.ndim > 1 and sample.dtype.kind in "fciu":
        return (sample + 3 * np.eye(*sample.shape[-2:])).astype(sample.dtype)
    return sample


def certain_dtype(inputs: Sequence[Arg]) -> str | None:
    """The dtype of what is made of several floating arrays and numbers, where no rule of promotion may make another of it."""
    types = [array_type(i) for i in inputs]
    found = {t.dtype if isinstance(t, Array) else None for t in types}
    if found <= {"float64", "complex128"}:
        return "complex128" if "complex128" in found else "float64"
    arrays = all(isinstance(shapes.type_of(i), Array) for i in inputs)
    return found.pop() if arrays and found in ({"float32"}, {"complex64"}) else None


def first(op: Op, inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
    """The type of the first input."""
    return shapes.type_of(inputs[0])


def whole_number(arg: Arg | None) -> int | None:
    """The value of an int that is known."""
    return int(arg.value) if isinstance(arg, Const) and isinstance(arg.value, (int, np.integer)) else None

