"""Whether a vjp grows with its operands as the call itself does: `python benchmarks/growth.py [-k WORD]`, for every row.

In: words that the name of a function must hold. Out: Markdown on stdout: calls that grow by `TOO_FAST`. From operands of
`SMALL` entries to operands of `LARGE` the time of value and vjp grows by so much more than that of the call alone, or than
the entries where the call is a view and takes no time at all; caches alone make a factor of two.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

import wengert
import wengert.rules
from calls import Sized, sized
from rivals import cotangents, lowered
from rule_costs import repeated, shown, timed
from run import PINNED, duration
from wengert.rules.kinds import RULES, Constant, Rule, name_of

SMALL, LARGE = 1 << 12, 1 << 15
TOO_FAST = 2.5
MEMORY = 1 << 32
"""Bytes: a rule that needs more for operands of this size grows too fast in any case."""


@dataclass(frozen=True)
class Growth:
    """The times of a call and of value and vjp together, small and large."""

    call: Sized
    primal: tuple[float, float]
    both: tuple[float, float]
    longer: float

    @property
    def excess(self) -> float:
        """How much faster value and vjp grow than the call alone."""
        return self.both[1] / self.both[0] / max(self.primal[1] / self.primal[0], self.longer)


def times(call: Sized) -> tuple[float, float]:
    """Of the primal, and of value and vjp."""
    weights = cotangents(call)
    runs = ((call.functions()[0], call.args), (lowered(call)[0], (*call.args, *weights)))
    counts = [repeated(*run) for run in runs]
    best = [min(timed(*run, n) for _ in range(5)) for run, n in zip(runs, counts, strict=True)]
    return best[0], best[1]


def growths(rule: Rule) -> Iterator[Growth]:
    """The examples of a row that exist in both sizes."""
    large = {call.number: call for call in sized(rule, LARGE)}
    for call in sized(rule, SMALL):
        if call.number in large and large[call.number].factor > call.factor:
            (a, b), (c, d) = times(call), times(large[call.number])
            yield Growth(large[call.number], (a, c), (b, d), large[call.number].entries / call.entries)


def main() -> int:
    if any(os.environ.get(name) != value for name, value in PINNED.items()):
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **PINNED})
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("-k", action="append", default=[], metavar="WORD", help="only functions whose name holds this")
    words = options.parse_args().k
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    print("| call | NumPy's primal | value and vjp | grows faster by |\n|---|--:|--:|--:|")
    for rule in [r for r in RULES.values() if not isinstance(r, Constant) and all(w in name_of(r.op) for w in words)]:
        try:
            for g in growths(rule):
                print(f"{g.call}: {shown(g.excess)}, {shown(g.both[1] / g.primal[1])} of the primal", file=sys.stderr)
                if g.excess > TOO_FAST:
                    spans = [f"{duration(a)} to {duration(b)}" for a, b in (g.primal, g.both)]
                    print(f"| `{g.call}` | {' | '.join(spans)} | {shown(g.excess)} |", flush=True)
        except (MemoryError, ValueError, wengert.UnsupportedError) as error:  # too large, or not to be had
            print(f"{name_of(rule.op)}: {type(error).__name__} {error}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
