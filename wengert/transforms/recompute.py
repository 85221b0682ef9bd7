"""What a loop's adjoint reads of a trip, split into what is recorded and what is computed again from it.

    split(body, [x, q], outer)      ([x], [q = a / x])

Views, shapes, index arithmetic and single scalar operations are computed again where everything that they read is at
hand without recording more.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Container, Sequence
from typing import Any

import numpy as np

from wengert.analyses.fresh import VIEWS
from wengert.ir.nodes import Assign, Atom, Statement, Var
from wengert.ir.queries import operands
from wengert.ir.types import Array, Float, Int, is_scalar

SCALAR_OPS: frozenset[Callable[..., Any]] = frozenset(
    {operator.add, operator.sub, operator.mul, operator.truediv, operator.neg}
)
ALWAYS: frozenset[Callable[..., Any]] = frozenset(
    {np.shape, np.size, np.ndim, getattr, len, np.transpose, np.reshape, range, np.expand_dims, np.squeeze}
)


def is_cheap(s: Statement) -> bool:
    """True of statements that cost no more than keeping their result."""
    if not isinstance(s, Assign) or s.effect:
        return False
    if s.op in ALWAYS:
        return True
    if s.op is operator.getitem:
        return _basic(s)
    return s.op in SCALAR_OPS and isinstance(s.target.type, Int | Float)


def _reads_memory(s: Assign) -> bool:
    """True for a view and for an element."""
    return s.op is operator.getitem or s.op in VIEWS


def _basic(s: Assign) -> bool:
    """Reading with ints and slices: a view or one element."""
    return all(is_scalar(a.type) or not isinstance(a, Var) or not isinstance(a.type, Array) for a in _index(s))


def _index(s: Assign) -> list[Any]:
    from wengert.ir.queries import atoms_of

    return list(atoms_of(s.args[1]))


def split(
    statements: Sequence[Statement],
    needed: Sequence[Var],
    local: set[Var],
    free: set[Var],
    overwritten: Container[Atom] = (),
) -> tuple[list[Var], list[Statement]]:
    """`needed` as (what is recorded, the statements that compute the rest again, in order).

    `local` are the variables of the trip; `free` those of them that are had without recording, such as the index of a
    range; they are added to what is recorded where a recomputed statement reads them. What is read of memory that is
    `overwritten` later is recorded, unless that memory is recorded as a whole.
    """
    keep = dict.fromkeys(needed)
    made = {s.target: s for s in statements if isinstance(s, Assign) and s.target in keep}
    again: list[Statement] = []
    for s in reversed(statements):
        if not isinstance(s, Assign) or s.target not in made or not is_cheap(s):
            continue
        if _reads_memory(s) and s.args[0] in overwritten and s.args[0] not in keep:
            continue
        inside = [a for a in operands(s) if isinstance(a, Var) and a in local]
        if all(a in keep or a in free for a in inside) and s.target not in inside:
            del keep[s.target]
            keep.update(dict.fromkeys(inside))
            again.append(s)
    computed = {s.target for s in again if isinstance(s, Assign)}
    return [v for v in keep if v not in computed], again[::-1]
