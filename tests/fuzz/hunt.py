"""Looking for failures: programs of one number after the other are checked, failures are made small.

In: the number of seconds, the number of the first program. Out: a `Report`: how many programs were checked, what was
refused how often, and one small program for each kind of failure.

    print(hunted(seconds=60.0))
"""

from __future__ import annotations

import re
import sys
import time
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from .checks import Wrong, check
from .further import FURTHER
from .programs import Program, numbered
from .reduce import reduced
from .writer import FEATURES


@dataclass
class Found:
    """One kind of failure: how often it was met, the number of the program it was met in first, and that program made small."""

    count: int
    number: int
    detail: str
    program: Program


@dataclass
class Report:
    """What a hunt found."""

    states: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    failures: dict[str, Found] = field(default_factory=dict)

    def __str__(self) -> str:
        counts = ", ".join(f"{n} {state}" for state, n in self.states.most_common())
        lines = [f"{sum(self.states.values())} programs: {counts}"]
        if self.refusals:
            lines += ["", "refused (in one mode at least):", *(f"{n:6}  {m}" for m, n in self.refusals.most_common(25))]
        for kind, found in self.failures.items():
            lines += ["", f"--- {kind} ({found.count} times, first in {found.number})", found.detail, found.program.text]
        return "\n".join(lines)


def failure(program: Program, second: bool = True, more: Collection[str] = FURTHER) -> tuple[str, str] | None:
    """The kind of failure of a program and its details; None where all is well."""
    try:
        check(program, second, more)
    except Wrong as wrong:
        return kind_of(wrong), wrong.detail
    return None


def kind_of(wrong: Wrong) -> str:
    """Failures of one kind have one cause, as far as can be told from outside."""
    if "raises" not in wrong.kind:
        return wrong.kind
    detail = re.sub(r"'\w*'|<wengert [^>]*>:\w+", "..", wrong.detail)
    return f"{wrong.kind}: {detail}"


def hunted(
    seconds: float, start: int = 0, features: Sequence[str] = FEATURES, most: int = 6, reduce: bool = True,
    more: Collection[str] = FURTHER,
) -> Report:
    """Check programs for some time; the first failure of each kind is reduced."""
    report = Report()
    end = time.monotonic() + seconds
    number = start
    while time.monotonic() < end:
        program = numbered(number, features, most)
        try:
            outcome = check(program, more=more)
            report.states[outcome.state] += 1
            report.refusals.update(set(outcome.refusals))
        except Wrong as wrong:
            report.states["wrong"] += 1
            _note(report, number, program, kind_of(wrong), wrong.detail, reduce, more)
        number += 1
    return report


def _note(
    report: Report, number: int, program: Program, kind: str, detail: str, reduce: bool, more: Collection[str]
) -> None:
    """Count a failure; the first of a kind is made small."""
    if kind in report.failures:
        report.failures[kind].count += 1
        return
    later = any(word in kind for word in ("over", "order", "unknown"))
    small = reduced(program, lambda p: (failure(p, later, more) or ("", ""))[0] == kind) if reduce else program
    report.failures[kind] = Found(1, number, (failure(small, more=more) or (kind, detail))[1], small)
    print(f"{number}: {kind}\n{small.text}", file=sys.stderr, flush=True)
