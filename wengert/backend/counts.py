"""How often the variables of a function are read.

In: a function. Out: a number for each variable that something reads, yields and results of the function included.

    y = mul(x, x)
    return y                {x: 2, y: 1}
"""

from __future__ import annotations

from collections.abc import Sequence

from wengert.ir.nodes import Atom, Function, Var
from wengert.ir.queries import blocks, operands, walk


def count_reads(function: Function) -> dict[Var, int]:
    """How often each variable is read."""
    counts: dict[Var, int] = {}

    def add(atoms: Sequence[Atom]) -> None:
        for a in atoms:
            if isinstance(a, Var):
                counts[a] = counts.get(a, 0) + 1

    for s in walk(function.body):
        add(tuple(operands(s)))
        for block in blocks(s):
            add(block.yields)
    add(function.body.yields)
    return counts
