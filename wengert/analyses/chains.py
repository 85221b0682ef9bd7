"""The versions of an array: from the first one through every store, loop and branch to the last one.

In: the statements of a function. Out: for each array that is stored into, its versions in order, the stores between them, and
the loops around each.

    a = copy(a0)                        a           order 0, in no loop
    for i in r with a1 = a:             a1          order 1, in the loop
        a2 = a1 with [i] = v            store 2, a2 order 3, in the loop
        yield a2
    -> a3                               a3          order 4, in no loop: the last version
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from wengert.ir.nodes import AddStore, Atom, Block, For, If, Loop, Statement, Store, Var, While
from wengert.ir.queries import targets
from wengert.ir.types import Array


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a chain: in these loops, after everything in them with a smaller `order`."""

    loops: tuple[Loop, ...]
    order: int


@dataclass(slots=True)
class Chain:
    """The versions and stores of one array; `last` is its last version, which is in no loop."""

    last: Var
    versions: dict[Var, Place] = field(default_factory=dict)
    stores: list[tuple[Store | AddStore, Place]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Step:
    """From one version to the next by a statement; `parts` are the steps inside of its blocks, from their start."""

    statement: Statement
    made: Var
    parts: tuple[tuple[Var, tuple[_Step, ...]], ...] = ()


def chains(block: Block) -> list[Chain]:
    """The chains of the arrays whose last version `block` binds itself."""
    made: list[Chain] = []
    back = _Back()
    defined = back.definitions(block)
    read_on = {a for s in block.statements for a in _predecessors(s)}
    for v in defined:
        if v in read_on or not isinstance(v.type, Array):
            continue
        found = back.steps(block, v)
        if found is None or not found[1]:
            continue
        start, steps = found
        chain = Chain(v)
        chain.versions[start] = Place((), 0)
        _number(chain, steps, (), 0)
        made.append(chain)
    return made


def _predecessors(s: Statement) -> Sequence[Atom]:
    match s:
        case Store() | AddStore():
            return (s.base,)
        case For() | While():
            return s.inits
        case If():
            return (*s.then.yields, *s.orelse.yields)
        case _:
            return ()


class _Back:
    """The steps of a block from one version to another, found from the end."""

    def __init__(self) -> None:
        self.known: dict[int, dict[Var, Statement]] = {}

    def definitions(self, block: Block) -> dict[Var, Statement]:
        """The stores, loops and branches of `block` by what they bind."""
        if id(block) not in self.known:
            kinds = (Store, AddStore, For, While, If)
            self.known[id(block)] = {v: s for s in block.statements if isinstance(s, kinds) for v in targets(s)}
        return self.known[id(block)]

    def steps(self, block: Block, v: Atom) -> tuple[Var, tuple[_Step, ...]] | None:
        """The version from which `block` makes `v`, and how; None where it is not made of one alone."""
        steps: list[_Step] = []
        defined = self.definitions(block)
        while isinstance(v, Var) and v in defined:
            found = self.step(defined[v], v)
            if found is None:
                return None
            steps.append(found[1])
            v = found[0]
        return (v, tuple(reversed(steps))) if isinstance(v, Var) else None

    def step(self, s: Statement, v: Var) -> tuple[Atom, _Step] | None:
        """The version before `v`, which `s` binds, and the step between them."""
        match s:
            case Store() | AddStore():
                return s.base, _Step(s, v)
            case For() | While() if v in s.results:
                k = s.results.index(v)
                inside = self.steps(s.body, s.body.yields[k])
                if inside is not None and inside[0] is s.carried[k]:
                    return s.inits[k], _Step(s, v, (inside,))
            case If():
                k = s.results.index(v)
                first, second = (self.steps(arm, arm.yields[k]) for arm in (s.then, s.orelse))
                if first is not None and second is not None and first[0] is second[0]:
                    return first[0], _Step(s, v, (first, second))
            case _:
                pass
        return None


def _number(chain: Chain, steps: Sequence[_Step], loops: tuple[Loop, ...], order: int) -> int:
    """Give what comes after `order` its place; returns the last order that was given."""
    for step in steps:
        s = step.statement
        order += 1
        if isinstance(s, Store | AddStore):
            chain.stores.append((s, Place(loops, order)))
        inside = (*loops, s) if isinstance(s, For | While) else loops
        for start, parts in step.parts:
            if inside is not loops:
                chain.versions[start] = Place(inside, order)
            order = _number(chain, parts, inside, order)
        order += 1
        chain.versions[step.made] = Place(loops, order)
    return order
