"""A trace as text, Markdown, CSV and JSON.

Text and Markdown are tables of `Line`s with short values, cut in the middle where they are long; CSV and JSON hold
every row with all digits, one operation after the other in the order in which they ran.

    text("f(x=2)", "primal", lines, limit=60)
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from wengert.trace.evaluate import Row
from wengert.trace.lines import Line
from wengert.trace.values import exact, short

HEADINGS = {"primal": "", "forward": "tangent trace", "reverse": "adjoint trace (read upwards)"}
"""What stands on the right in each mode."""

FIELDS = ("section", "name", "expression", "numbers", "value", "trips", "file", "line", "source")
PLACE = ("trip", "source")
"""Where a row comes from; a column is there only where some row has it."""

WIDEST = 64
"""Longer expressions and source lines are cut in the text table."""


def text(title: str, mode: str, lines: Sequence[Line], limit: int | None) -> str:
    """Columns of plain text under a title."""
    shown, missing = _cut(lines, limit)
    table = [
        [_clip(c) for c in (*_cells(line.primal), *_cells(line.derivative), *place)]
        for line, place in zip(shown, _places(shown), strict=True)
    ]
    left, right = _aligned([row[:4] for row in table]), _aligned([row[4:8] for row in table])
    columns = [_column("primal trace", left)]
    if HEADINGS[mode]:
        columns.append(_column(HEADINGS[mode], right))
    for k, name in enumerate(PLACE):
        cells = [row[8 + k] for row in table]
        if any(cells):
            columns.append(_column(name, cells))
    body = [" | ".join(parts).rstrip() for parts in zip(*columns, strict=True)]
    body.insert(1, "-+-".join("-" * len(c[0]) for c in columns))
    if missing:
        body.insert(2 + (len(shown) + 1) // 2, f"... {missing} lines left out ...")
    return "\n".join([title, "", *body])


def markdown(title: str, mode: str, lines: Sequence[Line], limit: int | None) -> str:
    """A table that GitHub and notebooks show."""
    shown, missing = _cut(lines, limit)
    sides = ("primal trace", HEADINGS[mode]) if HEADINGS[mode] else ("primal trace",)
    places = list(_places(shown))
    tail = [k for k, name in enumerate(PLACE) if any(p[k] for p in places)]
    heads = [h for side in sides for h in (side, "", "value")] + [PLACE[k] for k in tail]
    body = [f"| {' | '.join(heads)} |", f"|{' --- |' * len(heads)}"]
    for line, place in zip(shown, places, strict=True):
        cells: list[str] = []
        for row in (line.primal, line.derivative)[: len(sides)]:
            name, expression, numbers, value = _cells(row)
            cells += [_code(f"{name} {expression}".strip()), _code(numbers), _code(value.removeprefix("= "))]
        body.append("| " + " | ".join([*cells, *(_code(place[k]) for k in tail)]) + " |")
    if missing:
        left_out = [f"*{missing} lines left out*", *[""] * (len(heads) - 1)]
        body.insert(2 + (len(shown) + 1) // 2, "| " + " | ".join(left_out) + " |")
    return "\n".join([f"**{_code(title)}**", "", *body])


def comma_separated(rows: Sequence[Row]) -> str:
    """One line for each operation; arrays are written as JSON."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(FIELDS)
    for row in rows:
        record = _record(row)
        record["value"] = json.dumps(record["value"]) if isinstance(record["value"], (list, dict)) else record["value"]
        record["trips"] = " ".join(map(str, row.trips))
        writer.writerow([record[f] for f in FIELDS])
    return out.getvalue()


def json_text(function: str, mode: str, arguments: Mapping[str, Any], rows: Sequence[Row]) -> str:
    """An object with the rows as a list of objects."""
    given = {name: exact(value) for name, value in arguments.items()}
    document = {"function": function, "mode": mode, "arguments": given, "rows": [_record(r) for r in rows]}
    return json.dumps(document, indent=2, allow_nan=False)


def _record(row: Row) -> dict[str, Any]:
    origin = row.origin
    return {
        "section": row.section,
        "name": row.name,
        "expression": row.expression,
        "numbers": row.numbers,
        "value": exact(row.value),
        "trips": list(row.trips),
        "file": origin.file if origin else None,
        "line": origin.line if origin else None,
        "source": origin.text.strip() if origin else "",
    }


def _cut(lines: Sequence[Line], limit: int | None) -> tuple[Sequence[Line], int]:
    """The first and the last lines, and how many are missing between them."""
    if limit is None or len(lines) <= max(limit, 2):
        return lines, 0
    limit = max(limit, 2)
    head, tail = (limit + 1) // 2, limit // 2
    return [*lines[:head], *lines[len(lines) - tail :]], len(lines) - limit


def _cells(row: Row | None) -> tuple[str, str, str, str]:
    """Name, expression, expression with numbers, value."""
    if row is None:
        return ("", "", "", "")
    value = short(row.value)
    expression = f"= {row.expression}" if row.expression else ""
    numbers = f"= {row.numbers}" if row.numbers and row.numbers != value else ""
    return (row.name, expression, numbers, f"= {value}")


def _places(lines: Sequence[Line]) -> Iterator[tuple[str, str]]:
    """Trips and source of each line; what the line before says already is left out."""
    before: tuple[Any, ...] = ()
    for line in lines:
        row = line.primal or line.derivative
        assert row is not None
        here = (row.origin.file, row.origin.line, row.trips) if row.origin else ()
        if row.origin is None or here == before:
            yield ("", "")
        else:
            yield (", ".join(map(str, row.trips)), f"{row.origin.line}: {row.origin.text.strip()}")
        before = here


def _clip(cell: str) -> str:
    return cell if len(cell) <= WIDEST else cell[: WIDEST - 3] + "..."


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """The cells of each row in columns, two spaces apart; empty columns take no room."""
    widths = [max((len(row[k]) for row in rows), default=0) for k in range(len(rows[0]) if rows else 0)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True) if width).rstrip() for row in rows
    ]


def _column(heading: str, cells: Sequence[str]) -> list[str]:
    width = max(len(heading), *map(len, cells)) if cells else len(heading)
    return [heading.ljust(width), *(c.ljust(width) for c in cells)]


def _code(cell: str) -> str:
    """A code span; pipes would end the cell."""
    ticks = "``" if "`" in cell else "`"
    return f"{ticks}{cell}{ticks}".replace("|", "\\|") if cell else ""
