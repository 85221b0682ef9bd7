"""Which copies make room for stores in place, when the program stands in their way.

In: the clashes of a function. Out: a plan of copies, of the smaller part, and outside of loops where they can be.

    v = getitem(y, 1:)
    y' = y with [0] = 1.0       clash with v        definitions: v
    z = mul(v, y')
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from wengert.analyses.aliasing import Sharing
from wengert.analyses.fresh import COPIES, is_array
from wengert.analyses.layout import Layout
from wengert.analyses.liveness import Clash
from wengert.analyses.paths import unbound
from wengert.ir.nodes import UNDEFINED, AddStore, Atom, Function, Store, Var


@dataclass
class Plan:
    """Copies to make: of the base of the store with this result, of what this carried name starts as, of this variable
    where it is assigned, of this variable where it is recorded, of these results of the function."""

    bases: dict[Var, None] = field(default_factory=dict)
    inits: dict[Var, None] = field(default_factory=dict)
    definitions: dict[Var, None] = field(default_factory=dict)
    records: dict[Atom, None] = field(default_factory=dict)
    results: dict[int, None] = field(default_factory=dict)


class Chooser:
    """Turns clashes into copies; of two clashes over one buffer only the first, the copy may be enough for both."""

    def __init__(self, function: Function, sharing: Sharing, done: set[tuple[str, Var]]) -> None:
        self.function = function
        self.layout = Layout(function)
        self.sharing = sharing
        self.done = done
        self.before = frozenset(done)
        self.plan = Plan()

    @cached_property
    def unbound(self) -> set[Var]:
        return unbound(self.function.body)

    def choose(self, found: list[Clash]) -> Plan:
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
        return (made is None or made.op not in COPIES) and self.is_bound(a)

    def is_bound(self, a: Var) -> bool:
        """True where `a` can be copied: bound on each path, or bound by branches that can copy it where they bind it."""
        if a not in self.unbound:
            return True
        depth = len(self.layout.arms.get(a, ()))
        ends = [e for e in self.layout.ends.get(a, ()) if isinstance(e, Var)]
        return bool(ends) and all(
            e not in self.unbound or (len(self.layout.arms.get(e, ())) > depth and self.is_bound(e)) for e in ends
        )

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
            if ("inits", root) not in self.before and v is not UNDEFINED and v not in self.unbound:
                best = ("inits", root, len(path))
        return best
