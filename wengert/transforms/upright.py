"""Which values of a derivative program may be infinite though what the program was derived from is finite.

In: the body of a function. Out: the variables that are quotients by a root, which is zero where it ends upright, and what is
computed from these.

    v1 = sqrt(u)
    v2 = truediv(0.5, v1)         v2 is upright: infinite where u is zero
    v3 = mul(v2, d)               v3 as well
"""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from wengert.ir.nodes import AddStore, Arg, Assign, Block, Const, For, If, Statement, Store, Var, While
from wengert.ir.queries import blocks, operands
from wengert.ir.types import Array, Bool, NumpyScalar, Type
from wengert.runtime import strong_quotient

CLIFFS: frozenset[Any] = frozenset({
    np.sqrt, math.sqrt, np.cbrt, np.arcsin, np.arccos, np.arccosh, math.asin, math.acos, math.acosh,
})  # fmt: skip
"""Operations whose partials are infinite where their results are finite."""

POWERS: frozenset[Any] = frozenset({operator.pow, pow, np.power, np.float_power, math.pow})

_QUOTIENTS: frozenset[Any] = frozenset({operator.truediv, np.divide, strong_quotient})
_PRODUCTS: frozenset[Any] = frozenset({operator.mul, np.multiply, operator.neg})


def is_cliff(op: Any, inputs: Sequence[Arg]) -> bool:
    """True where a partial is infinite at a finite result: roots, and what else ends upright."""
    return op in CLIFFS or (op in POWERS and 0 < _exponent(inputs) < 1)


def _exponent(inputs: Sequence[Arg]) -> float:
    """The exponent of a power, where it is a number in the program; one where it is not."""
    b = inputs[1]
    return b.value if isinstance(b, Const) and isinstance(b.value, (int, float)) else 1


def upright(block: Block) -> set[Var]:
    """The variables of `block`, inner blocks included, that may be infinite where what they were derived from is finite."""
    found = _Found(set(), set())
    before = -1
    while len(found.roots) + len(found.upright) != before:
        before = len(found.roots) + len(found.upright)
        found.block(block)
    return found.upright


class _Found:
    """`roots` are results of operations that end upright, where these are zero, and their products."""

    def __init__(self, roots: set[Var], upright: set[Var]) -> None:
        self.roots = roots
        self.upright = upright

    def block(self, block: Block) -> None:
        for s in block.statements:
            self.statement(s)
            for inner in blocks(s):
                self.block(inner)

    def statement(self, s: Statement) -> None:
        match s:
            case Assign():
                self.assign(s)
            case Store() | AddStore():
                self.passed(s.result, s.base, s.value)
            case If():
                for r, a, b in zip(s.results, s.then.yields, s.orelse.yields, strict=True):
                    self.passed(r, a, b)
            case For() | While():
                count = len(s.carried)
                for r, c, i, y in zip(s.results, s.carried, s.inits, s.body.yields[:count], strict=True):
                    self.passed(c, i, y)
                    self.passed(r, i, y)
                for t, y in zip(s.tapes, s.body.yields[count:], strict=True):
                    self.passed(t, y)
                if isinstance(s, For):
                    for v, q in zip(s.targets, s.sequences, strict=True):
                        self.passed(v, q)
            case _:
                return

    def assign(self, s: Assign) -> None:
        if is_cliff(s.op, s.args) or (s.op in _PRODUCTS and any(a in self.roots for a in operands(s))):
            self.roots.add(s.target)
        if (s.op in _QUOTIENTS and s.args[1] in self.roots) or (s.op in POWERS and _exponent(s.args) < 0):
            self.upright.add(s.target)
        elif not _is_test(s.target.type):
            self.passed(s.target, *operands(s))

    def passed(self, made: Var, *of: Arg) -> None:
        if not self.upright.isdisjoint(of):
            self.upright.add(made)


def _is_test(t: Type) -> bool:
    return isinstance(t, Bool) or (isinstance(t, Array | NumpyScalar) and t.dtype == "bool")
