"""The names of the survey's tables: inputs end at v0, what is computed is v1, v2, ... in the order of evaluation.

A variable is bound once for each trip of the loops around it, so a name belongs to a variable and to the trips in which
it was bound. Derivatives are named after their primal value in the same trip: `v3_dot`, `v3_bar`.

    names.numbered(v, (0,))          "v7"
    names.derived(bar, (0,), "")     "v7_bar"       for Var("_bar", of=v)
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from wengert.ir.nodes import Var

Trips = tuple[int, ...]
"""For each loop around a statement, the trip in which it ran, counted from 0; outermost first."""


@dataclass(slots=True)
class Names:
    """`stems` is what derivatives of a variable are named after; `owners` who was first to use a derived name."""

    count: int = 0
    stems: dict[tuple[Var, Trips], str] = field(default_factory=dict)
    latest: dict[Var, tuple[str, int]] = field(default_factory=dict)
    owners: dict[str, tuple[Var, Trips, str]] = field(default_factory=dict)
    given: dict[tuple[Var, Trips, str], str] = field(default_factory=dict)

    def bind(self, v: Var, trips: Trips, stem: str) -> None:
        """Remember the name of `v` in these trips."""
        self.stems[v, trips] = stem
        self.latest[v] = (stem, len(trips))

    def numbered(self) -> str:
        """The name of the next intermediate value."""
        self.count += 1
        return f"v{self.count}"

    def stem(self, v: Var, trips: Trips) -> str:
        """The name that `v` had in the trips that `trips` belongs to."""
        if v in self.latest:
            stem, depth = self.latest[v]
            return self.stems.get((v, trips[:depth]), stem)
        if v.of is not None:
            return self.stem(v.of, trips) + v.hint
        return v.hint or "v"

    def derived(self, v: Var, trips: Trips, expression: str) -> str:
        """The name of a derivative, such as `v3_bar`.

        What adds to an earlier value of that name keeps it. Another variable that stands for the same primal value
        (the result of an `if`, say) gets a mark, since both cotangents may be in use.
        """
        assert v.of is not None
        depth = self.latest[v.of][1] if v.of in self.latest else len(trips)
        key = (v.of, trips[:depth], v.hint)
        if key not in self.given:
            base = self.stem(v.of, trips) + v.hint
            name, mark = base, 1
            while self.owners.get(name, key) != key and not mentions(expression, name):
                mark += 1
                name = f"{base}'{mark}"
            self.owners.setdefault(name, key)
            self.given[key] = name
        return self.given[key]


def mentions(expression: str, name: str) -> bool:
    """True where `name` occurs in `expression` as a word."""
    return re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w'])", expression) is not None
