"""Temporary arrays that are used again: an operation writes its result into an operand that nobody else reads.

In: the printed form, and how often each variable is read. Out: the same with in-place operators,

    v1 = x ** 2                 v1 = x ** 2
    v2 = y - v1                 y_bar = np.subtract(y, v1, out=v1)
    y_bar = -2.0 * v2           y_bar *= -2.0

where the operand is the fresh result of an earlier line of the same block, without a name of the user's, read only here,
and certain to have the shape and dtype of the result. An array that is not made is time saved: a third of what large sums and
products cost. In loops, where an array is let go when the next trip makes it anew, the user's own operations stay as they are.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import replace
from math import prod
from typing import Any

import numpy as np

from wengert.analyses.fresh import is_fresh
from wengert.backend.layout import Branch, Line, Loop, Nested, Node
from wengert.ir.nodes import Arg, Assign, Var
from wengert.ir.types import Array, Type, same_shape

IN_PLACE: dict[Callable[..., Any], Callable[..., Any]] = {
    operator.add: operator.iadd,
    operator.sub: operator.isub,
    operator.mul: operator.imul,
    operator.truediv: operator.itruediv,
}
INTO: dict[Callable[..., Any], Callable[..., Any]] = {operator.sub: np.subtract, operator.truediv: np.divide}
"""What writes into its second operand."""

COMMUTES = (operator.add, operator.mul)
ARITHMETIC = (*IN_PLACE, operator.neg, operator.pow, operator.matmul)

SMALL = 1000
"""Entries of an array of known shape that is made as fast as it is written again."""


def reuse(
    nodes: tuple[Node, ...], counts: Mapping[Var, int], nested: Nested, looped: bool = False
) -> tuple[Node, ...]:
    """`nodes` with in-place operators; `counts` says how often each variable is read, in `nested` lines as well."""
    made: dict[Var, None] = {}
    found: list[Node] = []
    for node in nodes:
        match node:
            case Line(Assign() as s):
                operand = next((a for a in _candidates(s, looped) if a in made and a not in nested), None)
                found.append(node if operand is None else Line(_in_place(s, operand)))
                if _is_made(s) and counts.get(s.target) == 1:
                    made[s.target] = None
            case Branch():
                then, orelse = (reuse(arm, counts, nested, looped) for arm in (node.then, node.orelse))
                found.append(replace(node, then=then, orelse=orelse))
            case Loop():
                found.append(replace(node, body=reuse(node.body, counts, nested, looped=True)))
            case _:
                found.append(node)
    return tuple(found)


def _in_place(s: Assign, operand: Var) -> Assign:
    first, second = s.args
    if s.op in INTO and operand is second:
        return replace(s, op=INTO[s.op], kwargs=(("out", operand),))
    return replace(s, op=IN_PLACE[s.op], args=(operand, second if operand is first else first))


def _candidates(s: Assign, looped: bool) -> list[Var]:
    """The operands of `s` into which its result can be written, the first one first."""
    t = s.target
    if s.op not in IN_PLACE or s.kwargs or s.effect or (t.of is None and (looped or t.hint or not _is_line(t.type))):
        return []
    operands: tuple[Arg, ...] = s.args if s.op in COMMUTES or not looped else s.args[:1]
    return [a for a in operands if isinstance(a, Var) and _fits(a, t)]


def _is_line(t: Type) -> bool:
    """True of an array with one axis: its entries have one order in memory, in which a sum of them is rounded."""
    return isinstance(t, Array) and t.rank == 1


def _fits(operand: Var, target: Var) -> bool:
    """True where the result has the shape and dtype of the operand for certain, and both are worth the while."""
    t, b = target.type, operand.type
    if not isinstance(t, Array) or not isinstance(b, Array) or b.dtype is None or b.dtype != t.dtype or not same_shape(t, b):
        return False
    shape = b.shape or ()
    small = all(isinstance(n, int) for n in shape) and prod(n for n in shape if isinstance(n, int)) <= SMALL
    return bool(shape) and not small and np.dtype(b.dtype).kind in "fc"


def _is_made(s: Assign) -> bool:
    """True where `s` makes an array that has no name of the user's, nor one derived from such a name."""
    root = s.target
    while root.of is not None:
        root = root.of
    plain = not root.hint and not s.kwargs and not s.effect
    return plain and (s.op in ARITHMETIC or isinstance(s.op, np.ufunc)) and is_fresh(s)
