"""What the trips of a loop find in its carried arrays, and what the loop leaves: cells of memory.

In: for each cell, what it may be of the memory that there is outside of its loop. Out: which sets of bits may be one memory.

    for i in r with u = u0, v = v0:     u0 {1}   v0 {2}
        u' = u with [0] = 1.0           u {4}    v {8}      4 and 8 may be 1 and 2 each, but are not one
        yield v, u'

The cells of one loop are not each other: whoever finds that two of its arrays may be one gives both cells to both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

from wengert.ir.nodes import Var


class Cells:
    """`of`: the cell of a variable. `outer`: what a cell may be of what was there before, in the order of the program."""

    def __init__(self) -> None:
        self.of: dict[Var, int] = {}
        self.outer: dict[int, int] = {}
        self.group: dict[int, int] = {}  # equal for cells that are not each other
        self.known: dict[tuple[int, int], bool] = {}  # which pairs may be one, as long as no cell is widened

    def add(self, v: Var, cell: int, group: int) -> None:
        self.of[v] = cell
        self.outer[cell] = 0
        self.group[cell] = group

    def widen(self, cell: int, bits: int) -> bool:
        """`cell` may be any of `bits`; True where that is new."""
        new = bits & ~self.outer[cell]
        if new:
            self.outer[cell] |= bits
            self.known.clear()
        return bool(new)

    def left(self, bits: int, inside: int) -> int:
        """`bits` with the cells among `inside` in terms of what there is outside of their loop."""
        for cell in split(bits & inside):
            if cell in self.outer:
                bits = bits & ~cell | self.left(self.outer[cell], inside)
        return bits

    def reach(self, bits: int) -> int:
        """`bits` and all that its cells may be."""
        todo = found = bits
        while todo:
            more = 0
            for bit in split(todo):
                more |= self.outer.get(bit, 0)
            todo = more & ~found
            found |= more
        return found

    def overlap(self, a: int, b: int) -> bool:
        """True where something of `a` may be something of `b`."""
        return bool(a & b) or any(self.is_one(x, y) for x in split(a) for y in split(b))

    def is_one(self, x: int, y: int) -> bool:
        if x == y:
            return True
        if x in self.group and self.group.get(y) == self.group[x]:
            return False
        if x not in self.outer or (y in self.outer and y > x):
            x, y = y, x  # the younger cell is what older memory it may be
        found = self.known.get((x, y))
        if found is None:
            found = self.known[x, y] = any(self.is_one(z, y) for z in split(self.outer.get(x, 0)))
        return found

    def linked(self, count: int) -> Callable[[int], int]:
        """Makes sets with a bit in common of those that overlap, and of no others; `count` pairs of bits are in use."""
        links: dict[int, int] = {}
        for bit, others in self._near().items():
            for other in split(others):
                if other > bit:
                    link = 1 << (2 * count)
                    count += 1
                    links[bit] = links.get(bit, 0) | link
                    links[other] = links.get(other, 0) | link

        @cache
        def made(bits: int) -> int:
            for bit in split(bits):
                bits |= links.get(bit, 0)
            return bits

        return made

    def _near(self) -> dict[int, int]:
        """What each bit may be besides itself."""
        near: dict[int, int] = {}
        for cell, outer in self.outer.items():
            mine = 0
            for bit in split(outer):
                mine |= bit | near.get(bit, 0)
            for bit in split(mine):
                if self.group.get(bit) != self.group[cell]:
                    near[cell] = near.get(cell, 0) | bit
                    near[bit] = near.get(bit, 0) | cell
        return near


def split(bits: int) -> Iterator[int]:
    """The single bits of a set."""
    while bits:
        low = bits & -bits
        yield low
        bits ^= low
