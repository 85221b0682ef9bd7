"""Putting the rows of a trace side by side, as the tables of the literature do.

In: rows in the order in which they ran. Out: lines with a primal row on the left and a derivative row on the right.
Forward mode is read downwards on both sides. In reverse mode the adjoint rows stand beside the primal operation they
come from, so the right side is read upwards (Baydin et al. 2018, table 3):

    v2 = v-1 * v0     v0_bar = v0_bar + v2_bar * v-1
                      v-1_bar = v2_bar * v0
    v3 = sin(v0)      v0_bar = v3_bar * cos(v0)
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from wengert.errors import Location
from wengert.trace.evaluate import Row
from wengert.trace.naming import Trips


class Line(NamedTuple):
    """One line of the table."""

    primal: Row | None
    derivative: Row | None = None


def forward(rows: Sequence[Row]) -> list[Line]:
    """Each tangent beside its primal row; a further row of the same tangent gets a line of its own."""
    lines: list[Line] = []
    place: dict[str, int] = {}
    for row in rows:
        if row.section == "primal":
            place[row.name] = len(lines)
            lines.append(Line(row))
        elif row.beside in place and lines[place[row.beside]].derivative is None:
            lines[place[row.beside]] = lines[place[row.beside]]._replace(derivative=row)
        else:
            lines.append(Line(None, row))
    return lines


def reverse(rows: Sequence[Row]) -> list[Line]:
    """The primal trace downwards, the adjoint trace upwards, each adjoint row at the operation that it comes from."""
    primal = [r for r in rows if r.section != "adjoint"]
    beside: list[list[Row]] = [[] for _ in primal]
    if not primal:
        return [Line(None, r) for r in reversed(rows)]
    named = {r.name: k for k, r in enumerate(primal)}
    placed: dict[tuple[Location, Trips], list[int]] = {}
    for k, r in enumerate(primal):
        if r.origin is not None:
            placed.setdefault((r.origin, r.trips), []).append(k)
    at = len(primal) - 1
    for row in rows:
        if row.section == "adjoint":
            at = min(at, named[row.beside]) if row.beside in named else _above(row, placed, at)
            beside[at].append(row)
    return [line for r, right in zip(primal, beside, strict=True) for line in _group(r, right)]


def _above(row: Row, placed: dict[tuple[Location, Trips], list[int]], at: int) -> int:
    """The nearest place of the row's operation at or above `at`; `at` itself where there is none."""
    if row.origin is None:
        return at
    places = placed.get((row.origin, row.trips), [])
    k = bisect_right(places, at)
    return places[k - 1] if k else at


def _group(primal: Row, adjoint: list[Row]) -> list[Line]:
    """The lines of one primal row; the first of its adjoint rows to run stands lowest."""
    upwards: list[Row | None] = [*reversed(adjoint)] or [None]
    return [Line(primal if k == 0 else None, row) for k, row in enumerate(upwards)]
