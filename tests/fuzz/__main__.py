"""The long run: `python -m tests.fuzz --seconds 600`.

Prints what was checked, the most frequent refusals, and a small program for each kind of failure; the exit code is 1 where
there is one. The same numbers make the same programs: `--start` continues elsewhere, `--number` looks at one of them.
"""

from __future__ import annotations

import argparse
import sys

from .further import FURTHER
from .hunt import failure, hunted
from .programs import numbered
from .writer import FEATURES, WRITING


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description="Check derivatives of random programs.")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long to look for failures")
    parser.add_argument("--start", type=int, default=0, help="the number of the first program")
    parser.add_argument("--number", type=int, help="print the program of this number and what is wrong with it, and stop")
    parser.add_argument("--statements", type=int, default=6, help="the most statements in a function's outermost block")
    names = ", ".join((*FEATURES, "writing", *FURTHER))
    parser.add_argument("--without", default="", help=f"features and further checks to leave out, of: {names}")
    parser.add_argument("--whole", action="store_true", help="do not make failing programs small")
    given = parser.parse_args(arguments)
    left_out = set(given.without.split(",")) | (WRITING if "writing" in given.without.split(",") else set())
    features, more = [f for f in FEATURES if f not in left_out], [c for c in FURTHER if c not in left_out]
    if given.number is not None:
        program = numbered(given.number, features, given.statements)
        found = failure(program, more=more)
        print(program.text, *(found or ("nothing is wrong",)), sep="\n")
        return int(found is not None)
    report = hunted(given.seconds, given.start, features, given.statements, not given.whole, more)
    print(report)
    return int(bool(report.failures))


if __name__ == "__main__":
    sys.exit(main())
