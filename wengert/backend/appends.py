"""Where a loop appends to its tapes.

In: a loop. Out: for the values that an entry is made of, the statement of the trip before which it is appended.

    tape.append(x)          first, because the trip binds `x` again
    x = 0.5 * (x + a / x)
"""

from __future__ import annotations

from collections.abc import Sequence

from wengert.ir.nodes import Atom, Block, For, Var, While
from wengert.ir.queries import defined


class Places:
    """Where the appends of a loop go: at the end of the trip, earlier where a name is about to be bound again.

    Before the statement `last`, which may leave the loop, where everything is known by then.
    """

    def __init__(self, loop: For | While, last: int) -> None:
        self.loop = loop
        self.last = last
        self.bound: dict[Var, int] = {}
        self.names: dict[tuple[str, Var | None], int] = {}
        for k, s in enumerate(loop.body.statements):
            for v in defined(Block((s,), ())):
                self.bound[v] = k
                if v.hint:
                    self.names[v.hint, v.of] = k

    def of(self, values: Sequence[Atom]) -> int:
        """The index of the statement before which `values` are appended."""
        recorded = [a for a in values if isinstance(a, Var)]
        earliest = max((self.bound.get(v, -1) + 1 for v in recorded), default=0)
        soon = any(self._bound_again(v, earliest) for v in recorded)
        return earliest if soon or earliest > self.last else self.last

    def _bound_again(self, v: Var, earliest: int) -> bool:
        carried = self.loop.carried
        moved = v in carried and self.loop.body.yields[carried.index(v)] is not v
        return v.inline or moved or (bool(v.hint) and self.names.get((v.hint, v.of), -1) >= earliest)
