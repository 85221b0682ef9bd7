"""Which arrays a later store writes over, if it is done in place: what is read of them must be recorded.

In: a block. Out: the variables whose contents do not last.

    v = getitem(y, 1:)                  v
    y' = y with [0] = 1.0               y
    for i in r with u = u0:             u, u0
        u' = u with [i] = 0.0
"""

from __future__ import annotations

from wengert.analyses.fresh import LOCKED, VIEWS, is_array
from wengert.ir.nodes import AddStore, Assign, Atom, Block, For, If, Store, Var, While
from wengert.ir.queries import walk


def overwritten(block: Block) -> set[Var]:
    """The variables of `block`, and those that it reads, whose memory a store of the block writes."""
    sources: dict[Var, list[Atom]] = {}
    views: dict[Atom, list[Var]] = {}
    todo: list[Atom] = []
    for s in walk(block):
        match s:
            case Store() | AddStore():
                todo.append(s.base)
            case Assign():
                if (s.op in VIEWS or s.op in LOCKED) and isinstance(s.args[0], Var) and is_array(s.target.type):
                    sources[s.target] = [s.args[0]]
                    views.setdefault(s.args[0], []).append(s.target)
            case If():
                for r, a, b in zip(s.results, s.then.yields, s.orelse.yields, strict=True):
                    sources[r] = [a, b]
            case For() | While():
                for c, r, init, last in zip(s.carried, s.results, s.inits, s.body.yields, strict=False):
                    sources[c] = sources[r] = [init, last]
            case _:
                pass
    found: set[Var] = set()
    while todo:
        v = todo.pop()
        if isinstance(v, Var) and v not in found:
            found.add(v)
            todo += sources.get(v, [])
            todo += views.get(v, [])
    return found
