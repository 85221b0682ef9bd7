from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from wengert.ir.nodes import End
from wengert.runtime import join_lists, listed, raise_
from wengert.trace.expressions import Text, call, display, number, resized, store

X, Y = Text("v-1"), Text("v0")
TOTAL = call(operator.add, (X, Y))
PRODUCT = call(operator.mul, (X, Y))
MINUS = number(-2.0)


@pytest.mark.parametrize(
    ("op", "args", "text"),
    [
        (operator.mul, (TOTAL, X), "(v-1 + v0) * v-1"),
        (operator.add, (PRODUCT, TOTAL), "v-1 * v0 + (v-1 + v0)"),
        (operator.add, (TOTAL, PRODUCT), "v-1 + v0 + v-1 * v0"),
        (operator.sub, (X, MINUS), "v-1 - (-2)"),
        (operator.mul, (MINUS, X), "-2 * v-1"),
        (operator.pow, (MINUS, X), "(-2) ** v-1"),
        (operator.pow, (X, MINUS), "v-1 ** (-2)"),
        (operator.pow, (X, call(operator.pow, (X, Y))), "v-1 ** v-1 ** v0"),
        (operator.pow, (call(operator.pow, (X, Y)), X), "(v-1 ** v0) ** v-1"),
        (operator.neg, (TOTAL,), "-(v-1 + v0)"),
        (operator.neg, (PRODUCT,), "-(v-1 * v0)"),
        (operator.neg, (call(operator.neg, (X,)),), "-(-v-1)"),
        (operator.add, (X, call(operator.neg, (PRODUCT,))), "v-1 - v-1 * v0"),
        (operator.add, (X, call(operator.neg, (TOTAL,))), "v-1 - (v-1 + v0)"),
        (operator.not_, (call(operator.lt, (X, Y)),), "not v-1 < v0"),
        (operator.contains, (X, Y), "v0 in v-1"),
        (operator.getitem, (TOTAL, Y), "(v-1 + v0)[v0]"),
        (getattr, (X, number("T")), "v-1.T"),
        (math.log, (X,), "log(v-1)"),
        (np.maximum, (X, Y), "maximum(v-1, v0)"),
        (raise_, (X,), "raise(v-1)"),
        (listed, (display("list", (X, Y)),), "[v-1, v0]"),
        (join_lists, (X, Y), "v-1 + v0"),
    ],
)
def test_call(op: Callable[..., Any], args: tuple[Text, ...], text: str) -> None:
    assert call(op, args).text == text


def test_keywords() -> None:
    assert call(np.sum, (X,), (("axis", number(0)),)).text == "sum(v-1, axis=0)"


def test_indices_lose_their_parentheses() -> None:
    part = display("slice", (number(1), number(None), number(None)))
    both = display("tuple", (part, number(0)))
    assert call(operator.getitem, (X, part)).text == "v-1[1:]"
    assert call(operator.getitem, (X, both)).text == "v-1[1:, 0]"
    assert call(operator.getitem, (X, call(operator.mul, (TOTAL, TOTAL)))).text == "v-1[(v-1 + v0) * (v-1 + v0)]"
    assert store(X, both, "+=", Y).text == "v-1 with [1:, 0] += v0"


def test_lists_that_become_longer_and_shorter() -> None:
    assert resized(X, End.APPEND, Y).text == "v-1 with append(v0)"
    assert resized(X, End.POP, number(0)).text == "v-1 with pop()"


def test_displays() -> None:
    assert display("tuple", (X,)).text == "(v-1,)"
    assert display("list", (X, Y)).text == "[v-1, v0]"
    assert display("dict", (X,), ("a",)).text == "{'a': v-1}"
    assert display("slice", (number(None), number(None), number(-1))).text == "::-1"
    assert number(Ellipsis).text == "..." and number(np.sin).text == "sin" and number(np).text == "numpy"


def test_a_callable_that_cannot_be_hashed() -> None:
    class Unhashable:
        __hash__ = None  # type: ignore[assignment]

        def __call__(self) -> None: ...

    assert call(Unhashable(), (X,)).text == "Unhashable(v-1)"
