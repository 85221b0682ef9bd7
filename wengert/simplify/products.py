"""Products of derivatives by one call where NumPy, or `wengert.runtime`, has one.

    v1 = mul(a, b)                      x_bar = vdot(a, b)
    x_bar = sum(v1)

    v1 = is_nonzero(d)                  x_bar = strong_product(d, p)
    v2 = mul(d, p)
    x_bar = where(v1, v2, 0.0)

In: a function whose strong products are written out. Out: the same where shapes and dtypes are known to allow it: real arrays,
and for a sum over all entries two of the same shape. Only what the transforms introduced is touched.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from wengert.ir.builder import is_const
from wengert.ir.nodes import Arg, Assign, Block, Display, Function, Statement, Var
from wengert.ir.queries import uses, walk, within
from wengert.ir.types import Array, Float, NumpyScalar, Type, alike
from wengert.runtime import is_nonzero, strong_dot, strong_product, strong_quotient
from wengert.simplify.signs import is_derivative

REAL = ("float64", "float32")
STRONG: dict[Callable[..., Any], Callable[..., Any]] = {
    operator.mul: strong_product,
    operator.truediv: strong_quotient,
}


def products(function: Function) -> Function:
    """`function` with its sums of products, and its strong products, as calls."""
    if not any(isinstance(s, Assign) and (s.op is np.sum or s.op is np.where) for s in walk(function.body)):
        return function
    return replace(function, body=_Products(function).block(function.body))


class _Products:
    """`made` has the derivative statements by what they bind, `uses` how often each variable is read."""

    def __init__(self, function: Function) -> None:
        self.uses = uses(function.body)
        self.made = {s.target: s for s in walk(function.body) if isinstance(s, Assign) and is_derivative(s)}

    def block(self, block: Block) -> Block:
        return Block(tuple(made for s in block.statements for made in self.signed(s)), block.yields)

    def signed(self, s: Statement) -> tuple[Statement, ...]:
        """`s` by one call; the sign of a product under a test, which is a line of its own, goes to the front."""
        choice, summed = s, False
        if isinstance(s, Assign) and s.op is np.sum and s.target in self.made and len(s.args) == 1:
            choice, summed = self.alone(s.args[0]) or s, True
        product = self.negated(choice) if isinstance(choice, Assign) and isinstance(s, Assign) else None
        if product is None or not isinstance(choice, Assign) or not isinstance(s, Assign):
            return (self.statement(s),)
        inner = Var("", choice.target.type, inline=True)
        unsigned = replace(choice, target=inner, args=(choice.args[0], product, choice.args[2]))
        self.made[inner] = unsigned
        self.uses[inner] = 1
        last = [unsigned]
        if summed:
            total = Var("", s.target.type, inline=True)
            last.append(replace(s, target=total, args=(inner,)))
            self.made[total] = last[-1]
        front = replace(s, op=operator.neg, args=(last[-1].target,), kwargs=())
        return (*map(self.statement, last), front)

    def negated(self, s: Assign) -> Var | None:
        """The product of `where(d != 0.0, -product, 0.0)`."""
        if s.op is not np.where or s.target not in self.made or len(s.args) != 3 or not is_const(s.args[2], 0):
            return None
        test = self.made.get(s.args[0]) if isinstance(s.args[0], Var) else None
        if test is None or test.op is not is_nonzero:
            return None
        minus = self.alone(s.args[1])
        inner = minus.args[0] if minus is not None and minus.op is operator.neg else None
        return inner if isinstance(inner, Var) and self.alone(inner) is not None else None

    def statement(self, s: Statement) -> Statement:
        if isinstance(s, Assign):
            return self.summed(s) or self.strong(s) or s if s.target in self.made else s
        return within(self.block, s)

    def summed(self, s: Assign) -> Assign | None:
        """A sum over all entries of a product that is read for this alone."""
        product = self.alone(s.args[0]) if s.op is np.sum and len(s.args) == 1 else None
        if product is None:
            return None
        if product.op is operator.mul and _are_alike(*product.args):
            return replace(s, op=np.vdot, args=product.args)
        factors = self.guarded(product, operator.mul)
        return replace(s, op=strong_dot, args=factors) if factors is not None and _are_alike(*factors) else None

    def strong(self, s: Assign) -> Assign | None:
        for op, strong in STRONG.items():
            factors = self.guarded(s, op)
            if factors is not None and _is_real(s.target.type) and all(map(_is_number, factors)):
                return replace(s, op=strong, args=factors)
        return None

    def guarded(self, s: Assign, op: Callable[..., Any]) -> tuple[Var, Arg] | None:
        """The factors of a product, or quotient, under the test that the first one is not zero."""
        if s.op is not np.where or len(s.args) != 3 or not is_const(s.args[2], 0):
            return None
        test = self.made.get(s.args[0]) if isinstance(s.args[0], Var) else None
        product = self.alone(s.args[1])
        if test is None or product is None or test.op is not is_nonzero or product.op is not op:
            return None
        d, other = product.args
        return (d, other) if isinstance(d, Var) and d is test.args[0] else None

    def alone(self, arg: Arg) -> Assign | None:
        """The derivative statement that computes `arg`, where nothing else reads it."""
        return self.made.get(arg) if isinstance(arg, Var) and self.uses[arg] == 1 else None


def _is_real(t: Type) -> bool:
    """True of arrays of floats with axes."""
    return isinstance(t, Array) and t.dtype in REAL and bool(t.shape)


def _is_number(a: Arg) -> bool:
    if isinstance(a, Display):
        return False
    return _is_real(a.type) or isinstance(a.type, Float) or (isinstance(a.type, NumpyScalar) and a.type.dtype in REAL)


def _are_alike(a: Arg, b: Arg) -> bool:
    return isinstance(a, Var) and isinstance(b, Var) and _is_real(a.type) and alike(a.type, b.type)
