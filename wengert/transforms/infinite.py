"""Linear maps of derivatives that may be infinite where the program is finite: zero times infinity is no derivative.

In: a derivative behind a root, and the statements that a rule made of it. Out: the same with strong products: what a factor
that is zero takes away stays away, as it does in the other mode, which meets the root last.

    n = np.sqrt(v @ v)          v_bar = null_product(y_bar, v) instead of y_bar * v, where y_bar = 0.5 / n
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from wengert.ir.builder import ONE, ZERO, constant
from wengert.ir.nodes import Arg, Assign, Atom, Block, Display, Var
from wengert.ir.queries import atoms_of, operands, reads
from wengert.ir.types import is_scalar
from wengert.rules import kinds
from wengert.runtime import null_product, strong_matmul

if TYPE_CHECKING:
    from wengert.transforms.engine import Engine

PRODUCTS: frozenset[Any] = frozenset({operator.mul, np.multiply})
MATRIX_PRODUCTS: frozenset[Any] = frozenset({operator.matmul, np.matmul})


def without_infinite(e: Engine, d: Atom, made: Arg, before: int, make: Callable[[Atom], Arg]) -> Arg:
    """`made`, what `make` emitted of `d` since `before`, where each product of an infinite `d` and a zero is zero."""
    if d not in e.sheer or not isinstance(made, Var):
        return made
    if _strengthened(e, before, d):
        return made
    if is_scalar(d.type):
        unit = make(ONE)
        assert not isinstance(unit, Display)
        return e.op(null_product, d, unit)
    finite = e.op(np.isfinite, d)
    calm = make(e.op(np.where, finite, d, ZERO))
    touched = make(e.op(np.where, finite, ZERO, e.op(np.sign, d)))
    marked = make(e.op(np.where, finite, ZERO, _marks(e, d)))
    assert not any(isinstance(a, Display) for a in (calm, touched, marked))
    known = e.op(operator.add, calm, e.op(null_product, touched, constant(float("inf"))))
    # infinite terms of both signs may leave nothing of the sum of their signs, and have no sum
    unclear = e.op(np.logical_and, e.op(operator.eq, touched, ZERO), e.op(operator.ne, marked, ZERO))
    return e.op(operator.add, known, e.op(np.where, unclear, constant(float("nan")), ZERO))


def _marks(e: Engine, d: Atom) -> Atom:
    """A number for each entry of `d`, of which no sum with factors is zero unless all the factors are."""
    places = e.op(np.reshape, e.op(np.arange, e.op(np.size, d)), e.op(np.shape, d))
    return e.op(operator.add, constant(2.0), e.op(np.cos, places))


def _strengthened(e: Engine, before: int, d: Atom) -> bool:
    """Make the products since `before` of what comes of `d` strong ones; False where that is not possible."""
    of_d: set[Atom] = {d}
    changed: dict[int, Assign] = {}
    for k, s in enumerate(e.emit.statements[before:], before):
        if not isinstance(s, Assign):
            if not of_d.isdisjoint(reads(Block((s,), ()))):
                return False
            continue
        which = [j for j, a in enumerate(s.args) if not of_d.isdisjoint(atoms_of(a))]
        if not which and of_d.isdisjoint(operands(s)):
            continue
        of_d.add(s.target)
        if not _is_bilinear(s) or not any(isinstance(a, Var) and a not in of_d for a in operands(s)):
            continue
        if len(s.args) != 2 or len(which) != 1 or s.kwargs:
            return False
        strong = _strong(s, which[0])
        if strong is None:
            return False
        changed[k] = strong
    for k, made in changed.items():
        e.emit.statements[k] = made
    return True


def _strong(s: Assign, d: int) -> Assign | None:
    """A product whose argument `d` may be infinite, zero where the other one is."""
    if s.op in PRODUCTS:
        return Assign(s.target, null_product, s.args, (), s.effect, s.origin)
    if s.op in MATRIX_PRODUCTS:
        return Assign(s.target, strong_matmul, s.args, (("derivative", constant(1 - d)),), s.effect, s.origin)
    return None


def _is_bilinear(s: Assign) -> bool:
    """True of operations that multiply what they are given."""
    if s.op in PRODUCTS:
        return True
    rule = kinds.lookup(s.op)
    return isinstance(rule, kinds.Linear) and not rule.engine and sum(v is not None for v in rule.vjp) > 1
