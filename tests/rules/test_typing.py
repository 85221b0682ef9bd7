"""What the table claims of types, on every example: it must agree with what NumPy returns."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import wengert.rules  # noqa: F401
from wengert.ir.nodes import Arg, Const, Display, Var
from wengert.ir.sampling import type_of_value
from wengert.ir.types import (
    Array,
    Bool,
    Complex,
    Dim,
    Float,
    Int,
    List,
    Number,
    NumpyScalar,
    Opaque,
    Range,
    Sym,
    Tuple,
    Type,
)
from wengert.rules.kinds import RULES, Rule, name_of

STYLES = ("own", "shared", "exact", "rank", "none")


def _marks(k: int, style: str, dtype: str) -> Any:
    """Of each row the first call with what is usually known, and with nothing known; the other ways take their time."""
    usual = (style, dtype) == ("own", "float64") or (k == 0 and (style, dtype) in (("none", "float64"), ("rank", "float32")))
    return () if usual else pytest.mark.exhaustive


CASES = [
    pytest.param(rule, call, style, dtype, id=f"{name_of(rule.op)}-{k}-{style}-{dtype}", marks=_marks(k, style, dtype))
    for rule in list(RULES.values())
    if rule.result is not None and getattr(rule.op, "__module__", "") != "wengert.runtime"
    for k, call in enumerate(rule.examples)
    for style in STYLES
    for dtype in ("float64", "float32")
]


class Abstraction:
    """Operands for values, and the sizes of the symbols in them."""

    def __init__(self, style: str) -> None:
        self.style = style
        self.sizes: dict[Dim, int] = {}
        self.count = 0

    def dim(self, n: int) -> Dim:
        if self.style == "exact":
            return n
        self.count += 1
        d = Sym(("size", n) if self.style == "shared" else ("axis", self.count), self.style != "rank" and n != 1)
        if n == 1 and self.style in ("own", "shared"):
            return 1
        self.sizes[d] = n
        return d

    def operand(self, value: Any) -> Arg:
        if isinstance(value, np.ndarray) and value.dtype.kind in "fiub":
            shape = None if self.style == "none" else tuple(map(self.dim, value.shape))
            return Var("x", Array(str(value.dtype), shape))
        if isinstance(value, np.generic):
            return Var("x", NumpyScalar(str(value.dtype)))
        if isinstance(value, float):
            return Var("x", Number() if self.style == "none" else Float())
        if isinstance(value, slice):
            return Display("slice", tuple(map(self.operand, (value.start, value.stop, value.step))))
        if isinstance(value, (list, tuple)):
            return Display(type(value).__name__, tuple(map(self.operand, value)))
        return Const(value, type_of_value(value))

    def length(self, d: Dim) -> int | None:
        """The size of a dim, None for a symbol of which only its identity is known."""
        if isinstance(d, int) or d in self.sizes:
            return d if isinstance(d, int) else self.sizes[d]
        if isinstance(d.key, tuple) and d.key[0] == "minus":
            n = self.length(d.key[1])
            return None if n is None else max(n - d.key[2], 0)
        return None


def check(claim: Type, value: Any, names: Abstraction) -> None:
    match claim:
        case Array():
            assert isinstance(value, np.ndarray)
            assert claim.dtype in (None, str(value.dtype))
            if claim.shape is not None:
                assert len(claim.shape) == value.ndim
                for d, n in zip(claim.shape, value.shape, strict=True):
                    assert names.length(d) in (None, n)
                    assert not isinstance(d, Sym) or not d.not_one or n != 1
                    if isinstance(d, Sym):
                        assert names.sizes.setdefault(d, n) == n
        case NumpyScalar():
            assert isinstance(value, np.generic) and str(value.dtype) == claim.dtype
        case Bool():
            assert type(value) is bool
        case Int():
            assert type(value) is int
            if claim.size is not None:
                assert names.length(claim.size) in (None, value)
        case Float():
            assert type(value) in (float, int)
        case Complex():
            assert type(value) is complex
        case Tuple():
            assert isinstance(value, (tuple, list)) and len(value) == len(claim.items)
            for t, v in zip(claim.items, value, strict=True):
                check(t, v, names)
        case Number():
            assert isinstance(value, (bool, int, float, complex, np.generic, np.ndarray))
        case Range():
            assert isinstance(value, range)
        case List():
            assert isinstance(value, (list, tuple))  # np.unstack gives a tuple of as many as the axis is long
        case _:
            assert isinstance(claim, Opaque)


def cast(value: Any, dtype: str) -> Any:
    if isinstance(value, np.ndarray) and value.dtype == float:
        return value.astype(dtype)
    if isinstance(value, (list, tuple)):
        return type(value)(cast(v, dtype) for v in value)
    if isinstance(value, float) and dtype != "float64":
        return np.float32(value)
    return value


@pytest.mark.parametrize(("rule", "example", "style", "dtype"), CASES)
def test_claims_agree_with_numpy(rule: Rule, example: Any, style: str, dtype: str) -> None:
    args, kwargs = example(np.random.default_rng(3))
    if getattr(rule.op, "__module__", "") == "math" and dtype != "float64":
        return
    args = cast(args, dtype)
    names = Abstraction(style)
    operands = [names.operand(a) for a in args]
    inputs, options = rule.bind(
        operands, {k: names.operand(v) for k, v in kwargs.items()}, lambda v: Const(v, Opaque())
    )
    assert rule.result is not None
    claim = rule.result(rule.op, inputs, options)
    assert rule.result(rule.op, inputs, options) == claim
    check(claim, rule.op(*args, **kwargs), names)
