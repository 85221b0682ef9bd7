"""Which variables are nothing on some paths: results of branches and loops that were left unbound or given None, and what
walks a tape on which such a value was recorded.

    unbound(body)       what must not be read where it is not known to be assigned, not even for its shape
    maybe_none(body)    what a path may have made None, or is a parameter that may be None (`Perhaps`)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from wengert.ir.builder import NONE
from wengert.ir.nodes import UNDEFINED, Assign, Atom, Block, Const, For, If, Statement, Var, While
from wengert.ir.queries import operands, reads, walk
from wengert.ir.types import Array, List, Tape


@dataclass(frozen=True, slots=True)
class Perhaps(Array):
    """An array, or None on the paths that do not read it: what an augmented primal recorded on some paths only."""


def unbound(block: Block) -> set[Var]:
    """The variables of a block, inner blocks included, that may be unbound."""
    return _reached(block, UNDEFINED)


def maybe_none(block: Block) -> set[Var]:
    """The variables that a block binds or reads, inner blocks included, that may be None."""
    return _reached(block, NONE, [v for v in reads(block) if isinstance(v.type, Perhaps)])


def _reached(block: Block, nothing: Const, given: Sequence[Var] = ()) -> set[Var]:
    """The variables that branches, loops and tapes may have given the value `nothing`.

    A variable is nothing where one that it comes from is, or where it walks a tape that holds nothing somewhere; those
    that are `given` are.
    """
    flows = [flow for s in walk(block) for flow in _flows(s)]
    queue = [(v, False) for v in given]
    queue += [(v, holds) for a, held, v, holds in flows if not held and isinstance(a, Const) and a == nothing]
    if not queue:
        return set()
    onward: dict[tuple[Atom, bool], list[tuple[Var, bool]]] = {}
    for a, held, v, holds in flows:
        if isinstance(a, Var):
            onward.setdefault((a, held), []).append((v, holds))
    reached = set(queue)
    while queue:
        for found in onward.get(queue.pop(), ()):
            if found not in reached:
                reached.add(found)
                queue.append(found)
    return {v for v, holds in reached if not holds}


def _flows(s: Statement) -> Iterator[tuple[Atom, bool, Var, bool]]:
    """What goes where in a statement, itself or (where the flag is set) as an entry of a tape."""
    match s:
        case If():
            yield from _same(s.results, s.then.yields)
            yield from _same(s.results, s.orelse.yields)
        case For() | While():
            for ends in (s.inits, s.body.yields):
                yield from _same(s.carried, ends)
                yield from _same(s.results, ends)
            for t, a in zip(s.tapes, s.body.yields[len(s.carried) :], strict=True):
                yield a, False, t, True
                yield a, True, t, True  # a tape of tapes
            for v, q in zip(s.targets, s.sequences, strict=True) if isinstance(s, For) else ():
                yield q, True, v, isinstance(v.type, Tape | List)
        case Assign() if isinstance(s.target.type, Tape | List):
            for a in operands(s):
                yield a, True, s.target, True
        case _:
            return


def _same(to: Iterable[Var], atoms: Iterable[Atom]) -> Iterator[tuple[Atom, bool, Var, bool]]:
    for v, a in zip(to, atoms, strict=False):
        yield a, False, v, False
        yield a, True, v, True  # a tape that goes through a branch
