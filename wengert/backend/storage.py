"""Where a store may write in place, and the copies that make it so everywhere else.

In: a function whose stores are functional. Out: one that computes the same when every store writes into its base,

    v = getitem(y, 1:)              v'2 = getitem(y, 1:)
    y' = y with [0] = 1.0           v = copy(v'2)
    z = mul(v, y')                  y' = y with [0] = 1.0
                                    z = mul(v, y')

no argument is written, and no result shares memory with an argument or with another result. A copy is made where a
clash is, of the smaller part, and outside of loops where it can be; then the program is looked at again.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from wengert.analyses.aliasing import Sharing, holds_memory, is_flat, share
from wengert.analyses.fresh import COPIES, is_array
from wengert.analyses.layout import Layout
from wengert.analyses.liveness import Clash, clashes, reads_shape_only
from wengert.analyses.paths import maybe_none
from wengert.backend.accumulate import accumulate
from wengert.backend.firsts import firsts
from wengert.backend.methods import methods
from wengert.backend.parts import parts
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
from wengert.ir.queries import inner, map_atoms, targets
from wengert.ir.types import Array, List, Number, Type
from wengert.runtime import copy_


def place(function: Function, recorded: int = 0, borrowed: bool = False) -> Function:
    """`function` with the copies that in-place stores need, and with accumulations written in place.

    The last `recorded` results are only read by a pullback: they may share memory with each other, and with
    the arguments where they are `borrowed`.
    """
    function = replace(function, body=_newest(function.body, {}))
    done: set[tuple[str, Var]] = set()
    while True:
        sharing = share(function)
        found = clashes(function, sharing, recorded, borrowed)
        if not found:
            return methods(parts(firsts(accumulate(function))))
        function = _Copier(_Chooser(Layout(function), sharing, done).choose(found)).function(function)


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


def _newest(block: Block, versions: dict[Var, Var]) -> Block:
    """Questions about a shape asked of the newest version of a buffer, so that the older ones can be let go."""
    made: list[Statement] = []
    mine: list[Var] = []

    def newest(a: Atom) -> Atom:
        while isinstance(a, Var) and a in versions:
            a = versions[a]
        return a

    for s in block.statements:
        match s:
            case Assign() if reads_shape_only(s):
                made.append(map_atoms(newest, s))
            case If():
                made.append(replace(s, then=_newest(s.then, versions), orelse=_newest(s.orelse, versions)))
            case For():
                made.append(replace(s, body=_newest(s.body, versions)))
            case While():
                made.append(replace(s, test=_newest(s.test, versions), body=_newest(s.body, versions)))
            case Store() | AddStore():
                made.append(s)
                if isinstance(s.base, Var) and s.base not in versions:
                    versions[s.base] = s.result
                    mine.append(s.base)
            case _:
                made.append(s)
    for v in mine:
        del versions[v]
    return Block(tuple(made), block.yields)


@dataclass
class _Plan:
    """Copies to make: of the base of the store with this result, of what this carried name starts as, of this variable
    where it is assigned, of this variable where it is recorded, of these results of the function."""

    bases: dict[Var, None] = field(default_factory=dict)
    inits: dict[Var, None] = field(default_factory=dict)
    definitions: dict[Var, None] = field(default_factory=dict)
    records: dict[Atom, None] = field(default_factory=dict)
    results: dict[int, None] = field(default_factory=dict)


class _Chooser:
    """Turns clashes into copies; of two clashes over one buffer only the first, the copy may be enough for both."""

    def __init__(self, layout: Layout, sharing: Sharing, done: set[tuple[str, Var]]) -> None:
        self.layout = layout
        self.sharing = sharing
        self.done = done
        self.before = frozenset(done)
        self.plan = _Plan()

    def choose(self, found: list[Clash]) -> _Plan:
        bases = parts = 0  # the memory that a copy of a base, or of another part, was already chosen for
        for c in found:
            again = c.store is not None and c.other is c.store.base  # whatever else is copied, this one is changed
            if c.bits & bases and not again:
                continue
            if c.store is None:
                if not c.bits & parts:
                    self.plan.results[c.place] = None
                continue
            kind, v = self.fix(c.store, c.other)
            if v in getattr(self.plan, kind):
                continue
            if kind in ("bases", "inits"):
                if c.bits & parts and not (again and kind == "bases"):
                    continue
                bases |= c.bits
            elif any(a in self.plan.definitions and a is not v for a in self.layout.ancestors(v)):
                continue
            parts |= c.bits
            assert kind != "bases" or (kind, v) not in self.before, f"a copy for {v!r} did not settle it"
            getattr(self.plan, kind)[v] = None
        self.plan.records = {a: None for a in self.plan.records if not self.is_settled(a)}
        for kind in ("bases", "inits", "definitions", "records"):
            self.done.update((kind, v) for v in getattr(self.plan, kind))
        return self.plan

    def is_settled(self, a: Atom) -> bool:
        """True where another copy of the plan already makes what is recorded of `a` memory of its own."""
        plan, layout = self.plan, self.layout
        if any(v in plan.definitions for v in layout.ancestors(a)):
            return True
        entry = layout.record[a][0] if isinstance(a, Var) and a in layout.record else None
        return entry is not None and (entry in plan.records or self.is_settled(entry))

    def fix(self, s: Store | AddStore, other: Var | None) -> tuple[str, Var]:
        """Where to copy, so that `s` does not disturb `other`."""
        layout = self.layout
        here = layout.path[s.result]
        kind, v, depth = self.climb(s, other)
        if other is None:
            return kind, v
        if other in layout.record:
            recorded, inside = layout.record[other]
            within = here[: len(inside)] == inside
            if (within or len(inside) <= depth) and self.can_record(recorded, inside) and not self.is_above(other, s):
                assert isinstance(recorded, Var)
                return "records", recorded
        elif self.only_recorded(s, other) and self.can_record(other, layout.path[other]):
            return "records", other
        elif self.is_part(s, other) and len(layout.path[other]) <= depth and ("definitions", other) not in self.before:
            return "definitions", other
        return kind, v

    def is_above(self, other: Var, s: Store | AddStore) -> bool:
        """True where what `s` stores into is a view or an entry of `other`."""
        return any(v is other for v in self.layout.ancestors(s.base))

    def can_record(self, a: Atom, inside: tuple[int, ...]) -> bool:
        """True where a copy of `a` can be recorded by the loop whose body is `inside`, and is not yet."""
        if not isinstance(a, Var) or self.layout.path[a] != inside or ("records", a) in self.before:
            return False
        made = self.layout.definition.get(a)
        return made is None or made.op not in COPIES

    def is_part(self, s: Store | AddStore, other: Var) -> bool:
        """True where `other` is a view of what is stored into, and not the other way round."""
        made = self.layout.definition.get(other)
        return (
            made is not None
            and made.op not in COPIES
            and is_array(other.type)
            and not self.is_above(other, s)
        )

    def only_recorded(self, s: Store | AddStore, other: Var) -> bool:
        """True where all that still reads `other` is a tape of the loop that binds it."""
        layout = self.layout
        path, at = layout.path[other], layout.position[s.result]
        if not path or layout.path[s.result][: len(path)] != path:
            return False
        arms = layout.arms[s.result] if layout.path[s.result] == path else ()
        later = [use.tape for use in layout.uses.get(other, ()) if use.clock > at and not use.excludes(arms)]
        return bool(later) and all(tape == path for tape in later)

    def climb(self, s: Store | AddStore, other: Var | None) -> tuple[str, Var, int]:
        """The outermost place to copy the base of `s`: there, or where a loop around it starts, and its depth."""
        layout = self.layout
        path = layout.path[s.result]
        best: tuple[str, Var, int] = ("bases", s.result, len(path))
        reach: tuple[int, ...] = () if other is None else layout.path.get(other, ())
        if other is not None and other in layout.record:
            inside = layout.record[other][1]
            reach = inside if path[: len(inside)] == inside else reach
        v: Atom = s.base
        while path and reach[: len(path)] != path:
            root = layout.root_of(v)
            if not isinstance(root, Var) or root not in layout.init or layout.path[root] != path:
                break
            v, path = layout.init[root], path[:-1]
            if ("inits", root) not in self.before:
                best = ("inits", root, len(path))
        return best


class _Copier:
    """Rebuilds a function with the copies of a plan."""

    def __init__(self, plan: _Plan) -> None:
        self.plan = plan
        self.made: list[Statement] = []

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
        body = self.recorded(s)
        if isinstance(s, For):
            return [*before, replace(s, inits=tuple(inits), body=body)]
        return [*before, replace(s, inits=tuple(inits), body=body, test=self.block(s.test))]

    def recorded(self, s: For | While) -> Block:
        """The body of `s`, recording a copy of what the plan says, made where it is bound."""
        count = len(s.carried)
        bound = {*inner(s), *(v for inside in s.body.statements for v in targets(inside))}
        wanted = {a: _copy(a) for a in s.body.yields[count:] if a in self.plan.records and a in bound}
        made: list[Statement] = [wanted[v][0] for v in inner(s) if v in wanted]
        for inside in s.body.statements:
            if isinstance(inside, If):
                inside, copies = self.copied_inside(inside, wanted)
                wanted |= copies
            made += self.statement(inside)
            made += [wanted[v][0] for v in targets(inside) if v in wanted and wanted[v][0] is not None]
        tapes = tuple(wanted[a][1] if a in wanted else a for a in s.body.yields[count:])
        return Block(tuple(made), (*s.body.yields[:count], *tapes))


    def copied_inside(self, s: If, wanted: Mapping[Atom, Any]) -> tuple[If, dict[Atom, Any]]:
        """What a branch binds on one path only is copied on that path; elsewhere there is nothing to copy."""
        copies: dict[Atom, Any] = {}
        for k, r in enumerate(s.results):
            ends = (s.then.yields[k], s.orelse.yields[k])
            if r not in wanted or UNDEFINED not in ends:
                continue
            copied = wanted[r][1]
            arms = [_with_copy(arm, arm.yields[k]) for arm in (s.then, s.orelse)]
            s = replace(s, results=(*s.results, copied), then=arms[0], orelse=arms[1])
            copies[r] = (None, copied)
        return s, copies


def _is_cleared(s: Store | AddStore) -> bool:
    """True of a cotangent that is set to zero as a whole: nothing of it need be copied."""
    known = isinstance(s.result.type, Array) and bool(s.result.type.shape) and s.result.type.dtype is not None
    return isinstance(s, Store) and s.result.of is not None and known and is_const(s.value, 0) and is_whole(s.index)


def _with_copy(arm: Block, end: Atom) -> Block:
    """An arm that yields a copy of one of its ends as well."""
    if end is UNDEFINED:
        return Block(arm.statements, (*arm.yields, UNDEFINED))
    made, copied = _copy(end)
    return Block((*arm.statements, made), (*arm.yields, copied))


def _copy(a: Atom, like: Var | None = None, whole: bool = False) -> tuple[Assign, Var]:
    """A statement that copies `a`, with its items where `whole` is set, and the copy, named as `like` or as `a`."""
    named = like or (a if isinstance(a, Var) else None)
    copied = Var(named.hint, a.type, named.of) if named else Var("", a.type)
    items = whole and isinstance(a.type, List) and holds_memory(a.type.item)
    return Assign(copied, copy.deepcopy if items else copy_operation(a.type), (a,)), copied
