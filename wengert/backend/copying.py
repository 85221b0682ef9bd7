"""A function with the copies of a plan.

In: a function and a plan. Out: the function with the copies that the plan asks for, named as what they are copies of.

    for i in r with u = x:              u' = copy(x)
        u'2 = u with [i] = 0.0          for i in r with u = u':
                                            u'2 = u with [i] = 0.0
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from wengert.analyses.aliasing import is_flat
from wengert.analyses.fresh import holds_memory
from wengert.analyses.paths import maybe_none
from wengert.backend.choosing import Plan
from wengert.ir.builder import is_const
from wengert.ir.closed import assert_never
from wengert.ir.indexing import is_whole
from wengert.ir.nodes import (
    UNDEFINED,
    AddStore,
    Assign,
    Atom,
    Block,
    Comment,
    Const,
    For,
    Function,
    If,
    Statement,
    Store,
    Var,
    While,
)
from wengert.ir.queries import inner, targets
from wengert.ir.types import Array, List, Number, Type
from wengert.runtime import copy_


def copy_operation(t: Type) -> Callable[..., Any]:
    """The operation that copies a value of type `t`."""
    match t:
        case Array():
            return np.copy
        case Number():
            return copy_
        case List() if is_flat(t):
            return list
        case _:
            return copy.deepcopy


class Copier:
    """Rebuilds a function with the copies of a plan; `recorded` has the copies that loops record."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.recorded: list[Var] = []

    def function(self, f: Function) -> Function:
        statements = self.statements(f.body)
        yields = list(f.body.yields)
        nothing = maybe_none(f.body) if self.plan.results else ()
        for k in self.plan.results:
            made, copied = _copy(yields[k], whole=True)
            made = replace(made, op=copy.deepcopy) if yields[k] in nothing else made  # a copy of None is None
            statements.append(made)
            yields[k] = copied
        return replace(f, body=Block(tuple(statements), tuple(yields)))

    def block(self, b: Block) -> Block:
        return Block(tuple(self.statements(b)), b.yields)

    def statements(self, b: Block) -> list[Statement]:
        return [made for s in b.statements for made in self.statement(s)]

    def statement(self, s: Statement) -> list[Statement]:
        plan = self.plan
        match s:
            case Assign():
                if s.target not in plan.definitions:
                    return [s]
                part = Var("", s.target.type, inline=True)
                whole = Assign(s.target, copy_operation(part.type), (part,), origin=s.origin)
                return [replace(s, target=part), whole]
            case Store() | AddStore():
                if s.result not in plan.bases:
                    return [s]
                if _is_cleared(s):
                    return [Assign(s.result, np.zeros_like, (s.base,), origin=s.origin)]
                made, copied = _copy(s.base, s.result if isinstance(s.base, Const) else None)
                return [made, replace(s, base=copied)]
            case If():
                return [replace(s, then=self.block(s.then), orelse=self.block(s.orelse))]
            case For() | While():
                return self.loop(s)
            case Comment():
                return [s]
            case _:
                assert_never(s)

    def loop(self, s: For | While) -> list[Statement]:
        before: list[Statement] = []
        inits = list(s.inits)
        for k, c in enumerate(s.carried):
            if c in self.plan.inits:
                made, inits[k] = _copy(inits[k], c)
                before.append(made)
        body = self.recording(s)
        if isinstance(s, For):
            return [*before, replace(s, inits=tuple(inits), body=body)]
        return [*before, replace(s, inits=tuple(inits), body=body, test=self.block(s.test))]

    def recording(self, s: For | While) -> Block:
        """The body of `s`, recording a copy of what the plan says, made where it is bound."""
        count = len(s.carried)
        bound = {*inner(s), *(v for inside in s.body.statements for v in targets(inside))}
        wanted = {a: _copy(a) for a in s.body.yields[count:] if a in self.plan.records and a in bound}
        made: list[Statement] = [wanted[v][0] for v in inner(s) if v in wanted]
        for inside in s.body.statements:
            made += self.statement(_copied_inside(inside, wanted) if isinstance(inside, If) else inside)
            made += [wanted[v][0] for v in targets(inside) if v in wanted and not _is_loose((inside,), v)]
        self.recorded += [copied for _, copied in wanted.values()]
        tapes = tuple(wanted[a][1] if a in wanted else a for a in s.body.yields[count:])
        return Block(tuple(made), (*s.body.yields[:count], *tapes))


def _copied_inside(s: If, wanted: Mapping[Atom, tuple[Assign, Var]]) -> If:
    """What a branch binds on one path only is copied on that path; elsewhere there is nothing to copy."""
    for r, then, orelse in zip(s.results, s.then.yields, s.orelse.yields, strict=True):
        if r in wanted and _is_loose((s,), r):
            results = (*s.results, wanted[r][1])
            s = replace(s, results=results, then=_with_copy(s.then, then), orelse=_with_copy(s.orelse, orelse))
    return s


def _is_loose(statements: Sequence[Statement], a: Atom) -> bool:
    """True where one of the arms in which `a` ends leaves it unbound."""
    for s in statements:
        if isinstance(s, If) and a in s.results:
            k = s.results.index(a)
            return any(arm.yields[k] is UNDEFINED or _is_loose(arm.statements, arm.yields[k]) for arm in (s.then, s.orelse))
    return False


def _with_copy(arm: Block, end: Atom) -> Block:
    """An arm that yields a copy of one of its ends as well, of what is bound there."""
    if end is UNDEFINED:
        return Block(arm.statements, (*arm.yields, UNDEFINED))
    made, copied = _copy(end)
    if not _is_loose(arm.statements, end):
        return Block((*arm.statements, made), (*arm.yields, copied))
    inside = [_copied_inside(s, {end: (made, copied)}) if isinstance(s, If) else s for s in arm.statements]
    return Block(tuple(inside), (*arm.yields, copied))


def _is_cleared(s: Store | AddStore) -> bool:
    """True of a cotangent that is set to zero as a whole: nothing of it need be copied."""
    known = isinstance(s.result.type, Array) and bool(s.result.type.shape) and s.result.type.dtype is not None
    return isinstance(s, Store) and s.result.of is not None and known and is_const(s.value, 0) and is_whole(s.index)


def _copy(a: Atom, like: Var | None = None, whole: bool = False) -> tuple[Assign, Var]:
    """A statement that copies `a`, with its items where `whole` is set, and the copy, named as `like` or as `a`."""
    named = like or (a if isinstance(a, Var) else None)
    copied = Var(named.hint, a.type, named.of) if named else Var("", a.type)
    items = whole and isinstance(a.type, List) and holds_memory(a.type.item)
    return Assign(copied, copy.deepcopy if items else copy_operation(a.type), (a,)), copied
