"""What a loop's adjoint reads of a trip, split into what is recorded and what is computed again from it.

    split(body, [x, q], outer)      ([x], [q = a / x])

Views, shapes, index arithmetic, single scalar operations and numbers that no trip changes are computed again where everything
that they read is at hand without recording more.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Container, Sequence
from typing import Any

import numpy as np

from wengert.analyses.fresh import VIEWS
from wengert.analyses.lasting import Lasting
from wengert.ir.nodes import Arg, Assign, Atom, Statement, Store, Var
from wengert.ir.queries import operands
from wengert.ir.types import Array, Float, Int, is_scalar

SCALAR_OPS: frozenset[Callable[..., Any]] = frozenset(
    {operator.add, operator.sub, operator.mul, operator.truediv, operator.neg, max, min}
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
    lasting: Lasting | None = None,
) -> tuple[list[Var], list[Statement]]:
    """`needed` as (what is recorded, the statements that compute the rest again, in order).

    `local` are the variables of the trip; `free` those of them that are had without recording, such as the index of a
    range; they are added to what is recorded where a recomputed statement reads them, and so are integers that are computed
    from them. What is read of memory that is `overwritten` later is recorded, unless that memory is recorded as a whole, or the
    part is `lasting`.
    """
    return _Split(statements, needed, local, free, overwritten, lasting).found()


class _Split:
    """`keep` is what is still to be had: of the trip's statements, the last ones are looked at first."""

    def __init__(
        self, statements: Sequence[Statement], needed: Sequence[Var], local: set[Var], free: set[Var],
        overwritten: Container[Atom], lasting: Lasting | None,
    ) -> None:  # fmt: skip
        self.statements = statements
        self.keep = dict.fromkeys(needed)
        self.local = local
        self.free = free
        self.overwritten = overwritten
        self.lasting = lasting
        self.made = {s.target: s for s in statements if isinstance(s, Assign)}
        self.computed: set[Var] = set()
        self.had: dict[Var, bool] = {}
        self.constants: dict[Var, bool] = {}

    def found(self) -> tuple[list[Var], list[Statement]]:
        again: list[Statement] = []
        for s in reversed(self.statements):
            v = s.target if isinstance(s, Assign) else s.value if isinstance(s, Store) else None
            if not isinstance(v, Var) or v not in self.keep or v in self.computed or v not in self.made:
                continue
            once_more = self.once_more(s)
            if once_more is None:
                continue
            inside = [a for a in operands(once_more) if isinstance(a, Var) and a in self.local]
            if v not in inside and all(map(self.is_had, inside)):
                del self.keep[v]
                self.keep.update(dict.fromkeys(a for a in inside if a not in self.computed))
                self.computed.add(v)
                again.append(once_more)
        return [v for v in self.keep if v not in self.computed], again[::-1]

    def once_more(self, s: Statement) -> Assign | None:
        """The statement that computes again what `s` binds or stores; None where that is to be recorded."""
        if self.lasting is not None:
            same = self.lasting.again(s)
            if same is not None:
                return same
        if not isinstance(s, Assign) or not (is_cheap(s) or self.is_constant(s.target)):
            return None
        if _reads_memory(s) and s.args[0] in self.overwritten and s.args[0] not in self.keep and not self.lasts(s.args[0]):
            return None
        return s

    def is_constant(self, v: Var) -> bool:
        """True of numbers that are computed from what no trip changes, such as `dx ** 2`."""
        if v not in self.constants:
            s = self.made.get(v)
            number = s is not None and s.op in SCALAR_OPS | {operator.pow} and isinstance(v.type, Int | Float) and not s.effect
            inside = [a for a in operands(s) if isinstance(a, Var) and a in self.local] if number and s is not None else []
            self.constants[v] = number and all(map(self.is_constant, inside))
        return self.constants[v]

    def lasts(self, a: Arg) -> bool:
        """True of a view that can be read again."""
        s = self.made.get(a) if isinstance(a, Var) else None
        return s is not None and self.lasting is not None and self.lasting.again(s) is not None

    def is_had(self, v: Var) -> bool:
        """True of what is recorded anyway, or computed without recording more."""
        if v in self.computed:
            return False  # it is computed farther down
        if v in self.keep or v in self.free:
            return True
        if v not in self.had:
            self.had[v] = False
            s = self.made.get(v)
            index = s is not None and isinstance(v.type, Int) and not _reads_memory(s) and is_cheap(s)
            if s is not None and (index or self.is_constant(v) or self.lasts(v)):
                inside = operands(self.once_more(s) or s)
                self.had[v] = all(self.is_had(a) for a in inside if isinstance(a, Var) and a in self.local)
        return self.had[v]
