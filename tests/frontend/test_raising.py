"""What operations may raise: every entry that says "nothing" is tried."""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np
import pytest

from wengert.frontend.raising import NEVER, may_raise
from wengert.ir.builder import constant
from wengert.ir.nodes import Display, Var
from wengert.ir.types import Array, Float, Int, Number, NumpyScalar, Opaque, Sym, Type

N, M = Sym("n"), Sym("m")
VALUES: dict[Type, Any] = {Float(): (0.0, -1.5, math.inf, math.nan, 1e308), Int(): (0, -3, 7)}


def variable(t: Type) -> Var:
    return Var("v", t)


FLOAT, INT, NUMBER, TEXT = map(variable, (Float(), Int(), Number(), Opaque()))
VECTOR, OTHER, MATRIX = (variable(Array("float64", s)) for s in ((N,), (M,), (3, N)))
SCALAR = variable(NumpyScalar("float64"))


@pytest.mark.parametrize(
    ("op", "args", "errors"),
    [
        (operator.truediv, (FLOAT, FLOAT), {ZeroDivisionError}),
        (operator.truediv, (FLOAT, constant(2.0)), set()),
        (operator.truediv, (FLOAT, constant(0.0)), {ZeroDivisionError}),
        (operator.truediv, (VECTOR, FLOAT), set()),
        (operator.truediv, (SCALAR, FLOAT), set()),
        (operator.truediv, (NUMBER, FLOAT), {ZeroDivisionError}),
        (operator.mul, (FLOAT, INT), set()),
        (operator.mul, (VECTOR, MATRIX), set()),
        (operator.mul, (VECTOR, OTHER), {ValueError}),
        (operator.pow, (FLOAT, constant(2)), {OverflowError}),
        (operator.pow, (FLOAT, FLOAT), {ZeroDivisionError, OverflowError}),
        (np.exp, (VECTOR,), set()),
        (np.add, (VECTOR, OTHER), {ValueError}),
        (math.log, (FLOAT,), {ValueError, OverflowError}),
        (math.exp, (FLOAT,), {OverflowError}),
        (math.tanh, (FLOAT,), set()),
        (float, (FLOAT,), set()),
        (float, (TEXT,), {ValueError, TypeError, OverflowError}),
        (int, (FLOAT,), {ValueError, OverflowError}),
        (operator.getitem, (MATRIX, constant(2)), set()),
        (operator.getitem, (MATRIX, constant(3)), {IndexError, ValueError}),
        (operator.getitem, (VECTOR, INT), {IndexError, ValueError}),
        (operator.getitem, (VECTOR, Display("slice", (INT, constant(None), constant(None)))), set()),
        (operator.getitem, (TEXT, INT), {LookupError, TypeError, ValueError}),
        (len, (VECTOR,), set()),
        (len, (FLOAT,), {TypeError}),
        (np.linalg.norm, (VECTOR,), {np.linalg.LinAlgError, ValueError}),
        (np.sum, (VECTOR,), set()),
        (print, (TEXT,), set()),
        (ValueError, (TEXT,), set()),
        (open, (TEXT,), {Exception}),
    ],
)
def test_classes(op: Any, args: tuple[Any, ...], errors: set[type]) -> None:
    assert set(may_raise(op, args, {})) == errors


@pytest.mark.parametrize("op", sorted((o for o in NEVER if getattr(o, "__module__", "") == "math"), key=lambda o: o.__name__))
def test_functions_of_math_that_raise_nothing(op: Any) -> None:
    for a in VALUES[Float()]:
        for b in VALUES[Float()]:
            try:
                op(a)
            except TypeError:  # of two numbers
                op(a, b)
