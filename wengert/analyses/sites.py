"""Bits for the memory that each statement of a function may allocate.

In: a block. Out: for each assignment its bits, for each loop the range of those of its body, for each carried array a cell.

    y = exp(x)                      4
    for i in r with u = y:          u is a cell, 16
        v = exp(u)                  64      the loop's range: 64 and 128, what this trip and what earlier ones made

Bits come in pairs: what this trip allocated, and what the earlier ones did. A list and its items are two things.
"""

from __future__ import annotations

from itertools import accumulate

from wengert.analyses.cells import Cells
from wengert.analyses.fresh import holds_memory, is_array
from wengert.ir.callee import Emitted
from wengert.ir.nodes import Arg, Assign, Block, Const, For, If, Var, While
from wengert.ir.types import List, Type


class Sites:
    """`of`: the bits of an assignment; `results`: those of each result of a call, where the results are `apart`; `loops`:
    what the body of a loop allocates, by the identity of the loop; `boxes`: the lists themselves."""

    def __init__(self, first: int, apart: bool) -> None:
        self.of: dict[Var, int] = {}
        self.results: dict[Var, tuple[int, ...]] = {}
        self.loops: dict[int, int] = {}
        self.cells = Cells()
        self.boxes = 0
        self.count = first
        self.apart = apart

    def result(self, of: Arg, index: Arg) -> int:
        """The bits of one of the results of a call, 0 where these are not known."""
        if isinstance(of, Var) and of in self.results and isinstance(index, Const):
            bits: int = self.results[of][index.value]
            return bits
        return 0

    def allocate(self, t: Type) -> int:
        """Bits for a value of type `t`; a list and its items are two things."""
        bits = 1 << (2 * self.count)
        self.count += 1
        if isinstance(t, List):
            box = 1 << (2 * self.count)
            self.count += 1
            self.boxes |= box | box << 1
            bits |= box
        return bits

    def allocate_results(self, op: Emitted) -> tuple[int, ...]:
        """Bits for each result of a call; none for what is only recorded, which is memory of the arguments as well."""
        ends = list(accumulate(item.leaves for item in op.items))
        return tuple(self.allocate(t) if end <= ends[-1] - op.recorded else 0 for t, end in zip(op.types, ends, strict=True))

    def number(self, block: Block) -> None:
        """Gives each assignment its bits in order, so that those of a loop's body are a range."""
        for s in block.statements:
            start = self.count
            if isinstance(s, (For, While)):
                self.add_cells(s.carried)
            match s:
                case Assign():
                    if holds_memory(s.target.type):
                        self.of[s.target] = self.allocate(s.target.type)
                    if self.apart and isinstance(s.op, Emitted) and s.op.several:
                        self.results[s.target] = self.allocate_results(s.op)
                case If():
                    self.number(s.then)
                    self.number(s.orelse)
                case For():
                    self.number(s.body)
                case While():
                    self.number(s.test)
                    self.number(s.body)
                case _:
                    pass
            if isinstance(s, (For, While)):
                self.loops[id(s)] = ((1 << 2 * (self.count - start)) - 1) // 3 << 2 * start
                self.add_cells(s.results)

    def add_cells(self, variables: tuple[Var, ...]) -> None:
        for v in variables:
            if is_array(v.type):
                self.cells.add(v, 1 << (2 * self.count), id(variables))
                self.count += 1
