"""Signs and factors of derivative arithmetic put where a person would write them.

    v1_bar = -y_bar                     x_bar = x_bar - y_bar * x
    x_bar = x_bar + v1_bar * x

In: a function. Out: the same with minus signs moved out of products and quotients, into constants and subtractions, and
constant factors multiplied. Only what the transforms introduced is touched, and only values that are read once.
"""

from __future__ import annotations

import operator
from collections import Counter
from dataclasses import replace

import numpy as np

from wengert.ir.builder import constant
from wengert.ir.nodes import Arg, Assign, Block, Const, For, Function, If, Statement, Var, While
from wengert.ir.queries import uses
from wengert.ir.types import Array, NumpyScalar, is_scalar


def signs(function: Function) -> Function:
    """`function` with the signs and constant factors of its derivative statements in their places."""
    return replace(function, body=_block(function.body, uses(function.body)))


def _block(block: Block, used: Counter[Var]) -> Block:
    made: list[Statement] = []
    defined: dict[Var, Assign] = {}  # derivative statements of this block that are read once
    for s in block.statements:
        match s:
            case Assign() if is_derivative(s) or _is_sum(s):
                for moved in _moved(s, defined):
                    made.append(moved)
                    if used[moved.target] == 1 or (moved is not s and moved.target is not s.target):
                        defined[moved.target] = moved
            case If():
                made.append(replace(s, then=_block(s.then, used), orelse=_block(s.orelse, used)))
            case For():
                made.append(replace(s, body=_block(s.body, used)))
            case While():
                made.append(replace(s, test=_block(s.test, used), body=_block(s.body, used)))
            case _:
                made.append(s)
    return Block(tuple(made), block.yields)


def is_derivative(s: Assign) -> bool:
    return (s.target.inline or s.target.of is not None) and not s.effect and not s.kwargs


def _is_sum(s: Assign) -> bool:
    """True of a derivative that is summed, over all axes or some."""
    made = (s.target.inline or s.target.of is not None) and isinstance(s.target.type, Array | NumpyScalar)
    return made and s.op is np.sum and len(s.args) == 1 and all(k in ("axis", "keepdims") for k, _ in s.kwargs)


def _moved(s: Assign, defined: dict[Var, Assign]) -> tuple[Assign, ...]:
    """One statement with the sign or factor of an operand taken in; two where a sign goes to the front."""
    if s.op is operator.neg:
        return (_negation(s, defined),)
    if s.op in (operator.mul, operator.truediv):
        return _product(s, defined)
    if _is_sum(s):
        summed = _negated(s.args[0], defined)
        return (s,) if summed is None else _with_sign_in_front(s, (summed, *s.args[1:]))
    if s.op is operator.add and all(is_scalar(a.type) for a in s.args if isinstance(a, Var | Const)):
        negative = _negated(s.args[1], defined)
        if negative is not None:
            return (replace(s, op=operator.sub, args=(s.args[0], negative)),)
    return (s,)


def _negated(arg: Arg, defined: dict[Var, Assign]) -> Arg | None:
    """`x` where the operand is `-x`."""
    made = defined.get(arg) if isinstance(arg, Var) else None
    return made.args[0] if made is not None and made.op is operator.neg else None


def _negation(s: Assign, defined: dict[Var, Assign]) -> Assign:
    """`-(c * x)` is `(-c) * x`."""
    made = defined.get(s.args[0]) if isinstance(s.args[0], Var) else None
    if made is None:
        return s
    if made.op is operator.mul and _is_factor(made.args[0]):
        return replace(s, op=operator.mul, args=(_times(made.args[0], -1.0), made.args[1]))
    return s


def _product(s: Assign, defined: dict[Var, Assign]) -> tuple[Assign, ...]:
    """`c * (k * x)` is `(c * k) * x`; a minus sign of one factor goes to the front."""
    a, b = s.args
    made = defined.get(b) if isinstance(b, Var) else None
    if s.op is operator.mul and _is_factor(a) and made is not None and made.op is operator.mul and _is_factor(made.args[0]):
        return (replace(s, args=(_times(made.args[0], a.value), made.args[1])),)  # type: ignore[union-attr]
    signless = (_negated(a, defined) or a, _negated(b, defined) or b)
    if signless == (a, b):
        return (s,)
    if signless[0] is not a and signless[1] is not b:
        return (replace(s, args=signless),)
    return _with_sign_in_front(s, signless)


def _with_sign_in_front(s: Assign, args: tuple[Arg, ...]) -> tuple[Assign, Assign]:
    """`s` applied to `args`, and minus that."""
    inner = Var("", s.target.type, None, True)
    return replace(s, target=inner, args=args), replace(s, op=operator.neg, args=(inner,), kwargs=())


def _is_factor(arg: Arg) -> bool:
    return isinstance(arg, Const) and type(arg.value) in (int, float)


def _times(factor: Arg, by: float) -> Const:
    assert isinstance(factor, Const)
    return constant(float(factor.value * by))
