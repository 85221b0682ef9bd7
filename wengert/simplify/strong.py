"""Strong products as NumPy computes them.

    y = strong_product(d, p)        v1 = is_nonzero(d)
                                    v2 = mul(d, p)
                                    y = where(v1, v2, 0.0)

In: a function as the transforms leave it. Out: the same without the products that only transforms know. It is no
simplification: it is done to every program that is to be printed or evaluated, and nothing is differentiated after it.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from wengert.ir.builder import ZERO
from wengert.ir.nodes import Assign, Block, Const, Function, Statement, Var
from wengert.ir.queries import within
from wengert.ir.types import Array, Bool, Number, Type
from wengert.runtime import is_nonzero, null_product, strong_product, strong_quotient

PLAIN: dict[Callable[..., Any], Callable[..., Any]] = {strong_product: operator.mul, strong_quotient: operator.truediv}


def strong(function: Function) -> Function:
    """`function` with its strong products written out."""
    return replace(function, body=_block(function.body))


def _block(block: Block) -> Block:
    made: list[Statement] = []
    for s in block.statements:
        if isinstance(s, Assign) and s.op in (null_product, *PLAIN):
            made += _written_out(_one_sided(s))
        else:
            made.append(within(_block, s))
    return Block(tuple(made), block.yields)


def _one_sided(s: Assign) -> Assign:
    """A product that is zero where either factor is as one that is so where the first is, if the other is a number."""
    for k, number in enumerate(s.args):
        if s.op is null_product and isinstance(number, Const) and number.value != 0:
            return replace(s, op=strong_product, args=(s.args[1 - k], number))
    return s


def _written_out(s: Assign) -> list[Statement]:
    if s.op is null_product:
        return [s]  # a call
    d = s.args[0]
    assert isinstance(d, Var | Const)
    if isinstance(d, Const) and d.value != 0:
        return [replace(s, op=PLAIN[s.op])]
    test = Var("", _tested(d.type), None, True)
    product = Var("", s.target.type, None, True)
    return [
        Assign(test, is_nonzero, (d,), origin=s.origin),
        Assign(product, PLAIN[s.op], s.args, origin=s.origin),
        replace(s, op=np.where, args=(test, product, ZERO)),
    ]


def _tested(t: Type) -> Type:
    """The type of the comparison of a derivative with zero."""
    return Array("bool", t.shape) if isinstance(t, Array) else Number() if isinstance(t, Number) else Bool()
