"""The table of statuses as text, Markdown and JSON.

In: statuses, in the order in which they are to be shown. Out: text.

    text(rows)         np.linalg.det   differentiable   structural   by x
    summary(rows)      the counts for each module
    document()         docs/rules.md, of all names
"""

from __future__ import annotations

import fnmatch
import json
from collections.abc import Sequence

import numpy as np

from wengert.rules.status import CONSTANT, DIFFERENTIABLE, REFUSAL, Status, written
from wengert.trace.surface import of_scipy, surface

STATUSES = (DIFFERENTIABLE, CONSTANT, REFUSAL)
HEADS = ("name", "status", "kind", "note")


def chosen(names: Sequence[str], module: str | None) -> list[Status]:
    """The statuses of a module and of the names that match: globs, or parts of names. SciPy is loaded where it is asked for.

    Raises `LookupError` with a message where there are none.
    """
    rows = list(surface())
    if any(asked.startswith("scipy") for asked in (*names, *([module] if module else []))):
        rows += of_scipy()
    if module is not None:
        known = list(dict.fromkeys(s.module for s in rows))
        rows = [s for s in rows if module in (s.module, written(s.module))]
        if not rows:
            raise LookupError(f"no module `{module}` in the table; it has {', '.join(known)}")
    if not names:
        return rows
    for name in names:
        if not any(_matches(s, name) for s in rows):
            raise LookupError(f"no name matches `{name}`{'' if module is None else f' in {module}'}")
    return [s for s in rows if any(_matches(s, name) for name in names)]


def _matches(s: Status, name: str) -> bool:
    full = (s.full_name, f"{s.module}.{s.name}")
    if any(c in name for c in "*?["):
        return any(fnmatch.fnmatchcase(n, name) for n in (*full, s.name))
    return any(name in n for n in full)


def note(s: Status) -> str:
    """By what a name is differentiated, or why it is not."""
    return f"by {', '.join(s.inputs)}" if s.inputs else s.reason


def _cells(s: Status) -> tuple[str, ...]:
    return (s.full_name, s.status, s.kind, note(s))


# --- text -------------------------------------------------------------------------------------------------------------------


def text(rows: Sequence[Status]) -> str:
    """One line for each name, in columns."""
    return _columns([_cells(s) for s in rows])


def summary(rows: Sequence[Status]) -> str:
    """One line for each module, in columns."""
    return _columns([("module", *STATUSES, "all"), *((m, *map(str, c)) for m, c in counts(rows).items())])


def counts(rows: Sequence[Status]) -> dict[str, tuple[int, ...]]:
    """How many names of each module have each status, how many there are, and the sums over several modules."""
    made: dict[str, tuple[int, ...]] = {}
    for module in dict.fromkeys(s.module for s in rows):
        of_module = [s.status for s in rows if s.module == module]
        made[module] = (*map(of_module.count, STATUSES), len(of_module))
    return made if len(made) == 1 else made | {"all": tuple(map(sum, zip(*made.values(), strict=True)))}


def _columns(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    return "\n".join("  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in rows)


# --- JSON -------------------------------------------------------------------------------------------------------------------


def json_text(rows: Sequence[Status]) -> str:
    """The version of NumPy, and the statuses as a list of objects."""
    shown = [
        {"name": s.full_name, "module": s.module, "status": s.status, "kind": s.kind}
        | {"inputs": list(s.inputs), "reason": s.reason}
        for s in rows
    ]
    return json.dumps({"numpy": np.__version__, "names": shown}, indent=2)


def json_summary(rows: Sequence[Status]) -> str:
    fields = (*STATUSES, "all")
    modules = {m: dict(zip(fields, c, strict=True)) for m, c in counts(rows).items()}
    return json.dumps({"numpy": np.__version__, "modules": modules}, indent=2)


# --- Markdown ---------------------------------------------------------------------------------------------------------------


def markdown(rows: Sequence[Status]) -> str:
    """A table that GitHub shows."""
    return _table(HEADS, [(f"`{s.full_name}`", s.status, s.kind, _escaped(note(s))) for s in rows])


def markdown_summary(rows: Sequence[Status]) -> str:
    cells = [(m if m == "all" else f"`{m}`", *map(str, c)) for m, c in counts(rows).items()]
    return _table(("module", *STATUSES, "all"), cells)


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _escaped(cell: str) -> str:
    return cell.replace("|", "\\|").replace("*", "\\*").replace("_", "\\_")


DOCUMENT = """# What wengert differentiates

Every public name of NumPy {version}, `math` and `cmath`, generated from the table of rules
(`pytest tests/trace/test_rule_table.py --update-golden`). `wengert rules NAME` prints single lines of it.

- *differentiable*: there is a row, for both modes and all orders. The column "by" has the inputs that may carry a derivative.
  Rows are elementwise, linear (in each input), structural (anything else) or rewritten (the frontend makes other
  operations of them, such as stores).
- *constant*: integers, booleans, shapes, types, settings. What is called stands as it is and carries no derivative.
- *refused*: a derivative that has to go through it is refused with file and line. On what does not vary it may be called.

{counts}
"""


def document() -> str:
    """All statuses as the text of docs/rules.md."""
    rows = surface()
    version = ".".join(np.__version__.split(".")[:2])
    parts = [DOCUMENT.format(version=version, counts=markdown_summary(rows))]
    for module in dict.fromkeys(s.module for s in rows):
        parts += [f"## {module}\n", *_of_module([s for s in rows if s.module == module])]
    return "\n".join(parts)


def _of_module(rows: Sequence[Status]) -> list[str]:
    parts = []
    by_status = {status: [s for s in rows if s.status == status] for status in STATUSES}
    if by_status[DIFFERENTIABLE]:
        found = [(f"`{s.full_name}`", s.kind, _code(s.inputs)) for s in by_status[DIFFERENTIABLE]]
        parts.append(_table(("differentiable", "kind", "by"), found) + "\n")
    if by_status[REFUSAL]:
        reasons = [(f"`{s.full_name}`", _escaped(s.reason)) for s in by_status[REFUSAL]]
        parts.append(_table(("refused", "why, and what to do"), reasons) + "\n")
    if by_status[CONSTANT]:
        parts.append(f"Constant: {_code([s.name for s in by_status[CONSTANT]])}.\n")
    return parts


def _code(names: Sequence[str]) -> str:
    return ", ".join(f"`{n}`" for n in names)
