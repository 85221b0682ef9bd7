"""Which variables are nothing on some paths: results of branches and loops that were left unbound or given None, and what
walks a tape on which such a value was recorded.

    unbound(body)       what must not be read where it is not known to be assigned, not even for its shape
    maybe_none(body)    what a path may have made None
"""

from __future__ import annotations

from collections.abc import Iterable

from wengert.ir.builder import NONE
from wengert.ir.nodes import UNDEFINED, Assign, Atom, Block, Const, For, If, Var, While
from wengert.ir.queries import operands, walk
from wengert.ir.types import List, Tape


def unbound(block: Block) -> set[Var]:
    """The variables of a block, inner blocks included, that may be unbound."""
    return _reached(block, UNDEFINED)


def maybe_none(block: Block) -> set[Var]:
    """The variables of a block, inner blocks included, that may be None."""
    return _reached(block, NONE)


def _reached(block: Block, nothing: Const) -> set[Var]:
    """The variables that branches, loops and tapes may have given the value `nothing`."""
    found: set[Var] = set()
    tapes: set[Var] = set()

    def may_be(a: Atom) -> bool:
        return a == nothing or a in found

    def flow(to: Iterable[Var], *sources: Iterable[Atom]) -> None:
        for v, *atoms in zip(to, *sources, strict=False):
            if any(map(may_be, atoms)):
                found.add(v)
            if not tapes.isdisjoint(atoms):  # a tape that goes through a branch
                tapes.add(v)

    before = (-1, -1)
    while (len(found), len(tapes)) != before:
        before = (len(found), len(tapes))
        for s in walk(block):
            match s:
                case If():
                    flow(s.results, s.then.yields, s.orelse.yields)
                case For() | While():
                    flow(s.carried, s.inits, s.body.yields)
                    flow(s.results, s.inits, s.body.yields)
                    entries = zip(s.tapes, s.body.yields[len(s.carried) :], strict=True)
                    tapes.update(t for t, a in entries if may_be(a) or a in tapes)
                    if isinstance(s, For):
                        _walked(s, tapes, found)
                case Assign() if isinstance(s.target.type, Tape | List) and not tapes.isdisjoint(operands(s)):
                    tapes.add(s.target)
                case _:
                    pass
    return found


def _walked(s: For, tapes: set[Var], found: set[Var]) -> None:
    """What walks a tape with such entries may be one of them, or a tape with such entries itself."""
    reached = [v for v, q in zip(s.targets, s.sequences, strict=True) if q in tapes]
    found.update(v for v in reached if not isinstance(v.type, Tape | List))
    tapes.update(v for v in reached if isinstance(v.type, Tape | List))
