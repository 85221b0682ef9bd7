"""Which variables of the printed form are one name, so that the moves between them are not printed.

In: the printed form and its liveness. Out: a partition of the variables; those of one class never hold different
values that are still read at the same time.

    Moves(x := a) with `a` dead afterwards      classes.of(x) is classes.of(a)

A parameter is merged with versions of its own name only, and two names of the user's are never merged: then the move
`x = a` is printed, as the user wrote it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from wengert.backend.layout import Line, Loop, Moves, Node, inner_blocks
from wengert.backend.liveness import Liveness, Segments
from wengert.backend.reuse import IN_PLACE
from wengert.ir.nodes import AddStore, Arg, Assign, Statement, Store, Var
from wengert.ir.types import Tape


@dataclass(slots=True, eq=False)
class Class:
    """Variables with one name. `lead` gives it; `pinned` is the name of a parameter."""

    lead: Var
    members: list[Var]
    segments: Segments
    pinned: str | None = None


class Classes:
    def __init__(self, nodes: tuple[Node, ...], live: Liveness, pinned: Mapping[Var, str]) -> None:
        self._class = {v: Class(v, [v], segments, pinned.get(v)) for v, segments in live.segments.items()}
        moves: list[tuple[bool, int, int, Var, Var]] = []
        self._stores(nodes)
        self._moves(nodes, live, 0, moves)
        # the moves between versions of one name first, then those of the inner loops
        for _, _, _, to, source in sorted(moves, key=lambda m: m[:3]):
            self._merge(to, source)

    def of(self, v: Var) -> Class | None:
        """The class of `v`, None for a variable that the text does not mention."""
        return self._class.get(v)

    def same(self, a: Var, b: Var) -> bool:
        return self._class[a] is self._class[b]

    def _stores(self, nodes: tuple[Node, ...]) -> None:
        for node in nodes:
            written = _written(node.statement) if isinstance(node, Line) else None
            if written is not None:
                base, result = written
                assert isinstance(base, Var), "a store into a constant"
                merged = self._merge(result, base, forced=True)
                assert merged, f"{base!r} is read after the store that overwrites it"
            for block in inner_blocks(node):
                self._stores(block)

    def _moves(
        self, nodes: tuple[Node, ...], live: Liveness, depth: int, found: list[tuple[bool, int, int, Var, Var]]
    ) -> None:
        for node in nodes:
            if isinstance(node, Moves):
                for v, a in live.moves[node]:
                    if isinstance(a, Var):
                        versions = bool(v.hint) and v.hint == a.hint and v.of is a.of
                        found.append((not versions, -depth, len(found), v, a))
            for block in inner_blocks(node):
                self._moves(block, live, depth + isinstance(node, Loop), found)

    def _merge(self, to: Var, source: Var, forced: bool = False) -> bool:
        a, b = self._class[to], self._class[source]
        if a is b:
            return True
        if not forced and not _compatible(a, b):
            return False
        segments = _united(a.segments, b.segments)
        if segments is None:
            return False
        lead = b.lead if strength(b) > strength(a) else a.lead
        if len(a.members) < len(b.members):
            a, b = b, a
        a.lead, a.segments, a.pinned = lead, segments, a.pinned if a.pinned is not None else b.pinned
        a.members += b.members
        for v in b.members:
            self._class[v] = a
        return True


def _written(s: Statement) -> tuple[Arg, Var] | None:
    """What `s` writes into, and what that is afterwards."""
    match s:
        case Store() | AddStore():
            return s.base, s.result
        case Assign() if s.op in IN_PLACE.values():
            return s.args[0], s.target
        case _:
            return None


def strength(c: Class) -> int:
    """Whose name wins: a parameter's, the user's, one derived from another, a number."""
    return 3 if c.pinned is not None else 2 if is_named(c.lead) else 1 if c.lead.of is not None else 0


def is_named(v: Var) -> bool:
    """True where the name is the user's own."""
    return bool(v.hint) and v.of is None and not isinstance(v.type, Tape)


def written(v: Var) -> str | None:
    """The name that `v` would have if nothing were in its way; None where a number decides."""
    if v.of is None:
        return v.hint if is_named(v) else None
    base = written(v.of)
    return None if base is None else base + v.hint


def _compatible(a: Class, b: Class) -> bool:
    if isinstance(a.lead.type, Tape) != isinstance(b.lead.type, Tape):
        return False
    if strength(a) < 2 and strength(b) < 2:
        return True
    if a.pinned is None and b.pinned is None and 0 in (strength(a), strength(b)):
        return True
    p = a.pinned if a.pinned is not None else written(a.lead)
    q = b.pinned if b.pinned is not None else written(b.lead)
    return p == q


def _united(a: Segments, b: Segments) -> Segments | None:
    """All segments, sorted, neighbors joined; None where two overlap."""
    merged: Segments = []
    for start, end in sorted([*a, *b]):
        if merged and start < merged[-1][1]:
            return None
        if merged and start <= merged[-1][1] + 1:  # read at `end`, bound again by the same line
            merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    return merged
