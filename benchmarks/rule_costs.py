"""What one call and its vjp cost, against autograd and JAX: `python benchmarks/rule_costs.py [-k WORD] [--sources]`.

In: words that the name of a function must hold. Out: Markdown on stdout. Everything is timed in this process, in turns, and
ratios are medians of the ratios of single turns, so that the state of the machine cancels. Before a call is timed, all
have to agree on value and cotangents; those that do not are listed.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from calls import Sized, sized
from rivals import agree, called, common, cotangents, installed, lowered, with_autograd, with_jax
from run import PINNED, duration
from wengert.rules.kinds import name_of

TURNS = 9
TURN = 4e-4
"""Seconds: how long one contender is timed before the next one has its turn."""
TARGET = 0.7


@dataclass
class Cost:
    """The times of a call: one list for each contender, one entry for each turn."""

    call: Sized
    source: str
    times: dict[str, list[float]]
    wrong: list[str] = field(default_factory=list)

    def time(self, name: str) -> float:
        return statistics.median(self.times[name])

    def ratio(self, name: str, other: str) -> float | None:
        if name not in self.times or other not in self.times:
            return None
        return statistics.median([a / b for a, b in zip(self.times[name], self.times[other], strict=True)])


def repeated(function: Callable[..., Any], args: tuple[Any, ...]) -> int:
    """How many calls fill a turn."""
    function(*args)
    start = time.perf_counter()
    function(*args)
    once = max(time.perf_counter() - start, 1e-7)
    return max(1, int(TURN / once))


def timed(function: Callable[..., Any], args: tuple[Any, ...], count: int) -> float:
    start = time.perf_counter()
    for _ in range(count):
        function(*args)
    return (time.perf_counter() - start) / count


def cost(call: Sized, rivals: bool = True) -> Cost:
    """Check that all agree, then time them in turns."""
    weights = cotangents(call)
    mine, source = lowered(call)
    makers: dict[str, Any] = {"vjp": called}
    if rivals:
        makers |= {"autograd": with_autograd} if installed("autograd") else {}
        makers |= {"jax": with_jax} if installed("jax") else {}
    contenders: dict[str, Any] = {"lowered": mine}
    args = (*call.args, *weights)
    found = Cost(call, source, {})
    want = mine(*args)
    for name, make in makers.items():
        try:
            function = make(call)
            if function is None:
                continue
            if agree(function(*args), want):
                contenders[name] = function
            else:
                found.wrong.append(name)
        except Exception as error:  # whatever is raised where a call is not taken
            found.wrong.append(f"{name} raises {type(error).__name__}")
    runs = {name: (function, args) for name, function in contenders.items()}
    runs["primal"] = (call.functions()[0], call.args)
    counts = {name: repeated(*run) for name, run in runs.items()}
    found.times = {name: [] for name in runs}
    for _ in range(TURNS):
        for name, run in runs.items():
            found.times[name].append(timed(*run, counts[name]))
    return found


def costs(words: list[str]) -> Iterator[Cost]:
    for row in common():
        if all(word in name_of(row.op) for word in words):
            for call in sized(row):
                yield cost(call)


def shown(ratio: float | None) -> str:
    return "-" if ratio is None else f"{ratio:.2f}"


def median_of(costs_: list[Cost], name: str, other: str) -> float | None:
    ratios = [r for r in (c.ratio(name, other) for c in costs_) if r is not None]
    return statistics.median(ratios) if ratios else None


def table(found: list[Cost]) -> list[str]:
    """One line for each function: medians over its calls."""
    lines = [
        "| function | calls | NumPy's primal | `lower(...)` | to the primal | to autograd | to JAX | `vjp` to autograd "
        "| slowest call to autograd |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for name in dict.fromkeys(c.call.name for c in found):
        own = [c for c in found if c.call.name == name]
        slowest = max((r for r in (c.ratio("lowered", "autograd") for c in own) if r is not None), default=None)
        cells = [
            f"`{name}`",
            str(len(own)),
            duration(statistics.median(c.time("primal") for c in own)),
            duration(statistics.median(c.time("lowered") for c in own)),
            *(shown(median_of(own, "lowered", other)) for other in ("primal", "autograd", "jax")),
            shown(median_of(own, "vjp", "autograd")),
            shown(slowest),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def worst(found: list[Cost], other: str, count: int = 10) -> list[str]:
    lines = [f"| call | NumPy's primal | `lower(...)` | {other} | ratio |", "|---|--:|--:|--:|--:|"]
    compared = [c for c in found if other in c.times]
    for c in sorted(compared, key=lambda c: -(c.ratio("lowered", other) or 0.0))[:count]:
        times = " | ".join(duration(c.time(name)) for name in ("primal", "lowered", other))
        lines.append(f"| `{c.call}` | {times} | {shown(c.ratio('lowered', other))} |")
    return lines


def summary(found: list[Cost]) -> list[str]:
    """The medians over functions of the medians over their calls."""
    names = list(dict.fromkeys(c.call.name for c in found))
    lines = []
    for mine, other, said in (
        ("lowered", "autograd", f" (target: at most {TARGET})"), ("vjp", "autograd", ""), ("lowered", "jax", ""),
        ("lowered", "primal", ""),
    ):  # fmt: skip
        ratios = [r for r in (median_of([c for c in found if c.call.name == n], mine, other) for n in names) if r is not None]
        if ratios:
            lines.append(f"- `{mine}` to {other}: {statistics.median(ratios):.2f}, over {len(ratios)} functions{said}")
    return lines


def main() -> int:
    if any(os.environ.get(name) != value for name, value in PINNED.items()):
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **PINNED})
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("-k", action="append", default=[], metavar="WORD", help="only functions whose name holds this")
    options.add_argument("--sources", action="store_true", help="print the emitted code of each call")
    chosen = options.parse_args()
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    found = []
    for c in costs(chosen.k):
        found.append(c)
        ratios = [f"{name} {shown(c.ratio('lowered', name))}" for name in ("primal", "autograd", "jax")]
        print(f"{c.call}: {', '.join([*ratios, *c.wrong])}", file=sys.stderr)
        if chosen.sources:
            print(c.source, file=sys.stderr)
    print("\n".join(summary(found)), end="\n\n")
    print("The ten worst calls against autograd:", end="\n\n")
    print("\n".join(worst(found, "autograd")), end="\n\n")
    print("The ten worst calls against JAX, compiled:", end="\n\n")
    print("\n".join(worst(found, "jax")), end="\n\n")
    print("\n".join(table(found)))
    apart = [f"- `{c.call}`: {', '.join(c.wrong)}" for c in found if c.wrong]
    if apart:
        print("\nNot compared:\n\n" + "\n".join(apart))
    return 0


if __name__ == "__main__":
    sys.exit(main())
