"""The rows of strong products, which derivative programs are made of between transforms; see `transforms/guards.py`.

    is_nonzero(d)             d != 0.0
    strong_product(d, p)      d * p, zero where d is
    strong_quotient(d, p)     d / p, zero where d is
    null_product(a, b)        a * b, zero where either is
"""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from typing import Any

from wengert import runtime
from wengert.ir import shapes
from wengert.ir.nodes import Arg, Const
from wengert.ir.types import Float, Type
from wengert.rules.examples import example, normal
from wengert.rules.kinds import constant, elementwise, holomorphic


def _compared(op: Any, inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
    """The type of a comparison with a number."""
    return shapes.elementwise(operator.ne, (*inputs, Const(0.0, Float())), options)


def _multiplied(op: Any, inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
    return shapes.elementwise(operator.mul, inputs, options)


def _divided(op: Any, inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
    return shapes.elementwise(operator.truediv, inputs, options)


constant(runtime.is_nonzero, result=_compared, examples=[example(normal()), example(normal(2, 3))])

_ARRAYS = [example(normal(3), normal(3)), example(normal(2, 3), normal(3)), example(normal(2, 3), normal())]

elementwise(runtime.strong_product, "d p", "p", "d", examples=_ARRAYS, result=_multiplied)
elementwise(runtime.null_product, "a b", "b", "a", examples=_ARRAYS, result=_multiplied)
elementwise(runtime.strong_quotient, "d p", "1 / p", "-(y / p)", examples=_ARRAYS, result=_divided)
holomorphic(runtime.strong_product, runtime.null_product, runtime.strong_quotient)
