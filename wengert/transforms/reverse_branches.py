"""The adjoint of a branch: the arm that ran runs back.

In: an `If` with cotangents of its results. Out: an `If` under the same test; the primal one hands out what the adjoint reads.

    if t: y = sin(x)            if t: x_bar = y_bar * cos(x)
    else: y = x                 else: x_bar = y_bar
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wengert.ir.builder import ZERO
from wengert.ir.nodes import UNDEFINED, Assign, Atom, Block, If, Statement, Var
from wengert.ir.queries import defined, reads, renewed, substitute
from wengert.ir.types import Tape, Type, is_scalar
from wengert.runtime import is_nonzero
from wengert.transforms.guards import guard, replay
from wengert.transforms.shaped import derivative_type, joined_scalars

if TYPE_CHECKING:
    from wengert.transforms.reverse import Reverse


@dataclass(slots=True)
class _Arm:
    """One branch reversed: its primal block, its adjoint, the cotangents of outer variables, what is bound inside."""

    primal: Block
    back: list[Statement]
    bars: dict[Var, Atom]
    inside: dict[Var, None]


def reverse_choice(r: Reverse, s: If) -> tuple[Statement, ...]:
    """The branch that ran runs back; what only one branch gives a cotangent to is joined with what it was before."""
    wanted = {k: r.bars.pop(v) for k, v in enumerate(s.results) if v in r.bars}
    if not wanted:
        return (s,)
    d = r.guards.factor(s)
    if d is not None:
        _guard(r, s, d, wanted)
        return (s,)
    before = r.bars
    points = {k for k in wanted if r.is_point(s.results[k])}
    arms = [_arm(r, arm, wanted, before, points) for arm in (s.then, s.orelse)]
    r.emit.origin = s.origin
    first, second = arms[0].bars, arms[1].bars
    changed = [v for v in dict.fromkeys((*first, *second)) if first.get(v) is not second.get(v)]
    r.bars = {v: b for v, b in first.items() if v not in changed}
    ends = [_ended(r, arm, changed) for arm in arms]
    types = [_joined(a.type, b.type, v) for a, b, v in zip(ends[0].yields, ends[1].yields, changed, strict=True)]
    types = [r.yielded_type(v) if v in r.unbound else t for t, v in zip(types, changed, strict=True)]
    results = tuple(Var("_bar", t, v) for t, v in zip(types, changed, strict=True))
    needed = [[v for v in reads(e) if v in arm.inside] for e, arm in zip(ends, arms, strict=True)]
    exported = [{v: Var("", v.type, v) for v in n} for n in needed]
    back = [substitute(e, dict(x)) for e, x in zip(ends, exported, strict=True)]
    r.emit.append(If(results, s.test, back[0], back[1], s.origin))
    r.bars.update(zip(changed, results, strict=True))
    r.masked.update(results)
    for v, a, b in zip(results, ends[0].yields, ends[1].yields, strict=True):
        r.follow(v, a, b)
    first_rest, second_rest = (_instead(n) for n in needed)
    then = Block(
        (*arms[0].primal.statements, *second_rest[0]), (*s.then.yields, *needed[0], *second_rest[1])
    )
    orelse = Block(
        (*arms[1].primal.statements, *first_rest[0]), (*s.orelse.yields, *first_rest[1], *needed[1])
    )
    made = (*s.results, *exported[0].values(), *exported[1].values())
    return (replace(s, results=made, then=then, orelse=orelse),)


def _guard(r: Reverse, s: If, d: Var, wanted: dict[int, Atom]) -> None:
    """What is linear in the factor `d`: the same of the cotangent is that of `d`; that of all else is linear in `d`."""
    for k, bar in wanted.items() if d in r.active else ():
        part = _replayed(r, s, d, k, bar)
        r.masked.add(part)
        r.contribute(d, r.cast(part, d))
    body, new = renewed(s.then)
    for known in (r.active, r.masked, r.wild, r.points, r.unbound, r.complex, r.upright):
        known.update([n for v, n in new.items() if v in known])
    outer, r.bars = r.bars, {}
    was_active = d in r.active
    r.active.discard(d)
    with r.emit.block() as back:
        for k, bar in wanted.items():
            r.contribute(body.yields[k], bar)
        primal = r.block(body)
    inside = defined(primal)
    bars = {v: b for v, b in r.bars.items() if v not in inside}
    r.bars = outer
    if was_active:
        r.active.add(d)
    if not bars:
        return
    made = tuple(Var("_bar", b.type, v) for v, b in bars.items())
    then = Block((*primal.statements, *back), tuple(bars.values()))
    r.emit.append(If(made, r.op(is_nonzero, d), then, Block((), tuple(ZERO for _ in made)), s.origin))
    r.masked.update(made)
    r.steep.update(made)
    for v, part in zip(bars, made, strict=True):
        r.contribute(v, part)


def _replayed(r: Reverse, s: If, d: Var, k: int, bar: Atom) -> Atom:
    """Result k of a guard with the cotangent `bar` as its factor."""
    return guard(r, bar, lambda: [replay(r, s.then, {d: bar})[k]])[0]


def _arm(r: Reverse, arm: Block, wanted: dict[int, Atom], before: dict[Var, Atom], points: set[int]) -> _Arm:
    r.bars = dict(before)
    known = set(r.points)  # what one path shows to be a scalar may be an array on the other
    r.points.update(arm.yields[k] for k in points)
    with r.emit.block() as back:
        for k, bar in wanted.items():
            r.contribute(arm.yields[k], bar)
        primal = r.block(arm)
    r.points = known
    inside = defined(primal)
    return _Arm(primal, back, {v: b for v, b in r.bars.items() if v not in inside}, inside)


def _ended(r: Reverse, arm: _Arm, changed: list[Var]) -> Block:
    """The adjoint of an arm, yielding the cotangents in `changed` whole."""
    with r.emit.block() as more:
        yields = tuple(r.whole(arm.bars[v], v) if v in arm.bars else r.nothing(v) for v in changed)
    return Block((*arm.back, *more), yields)


def _instead(needed: list[Var]) -> tuple[list[Statement], list[Atom]]:
    """What an arm yields for the values of the other arm: no trips for tapes, nothing for the rest."""
    made: list[Statement] = []
    yields: list[Atom] = []
    for v in needed:
        if isinstance(v.type, Tape):
            empty = Var("tape", v.type)
            made.append(Assign(empty, list, ()))
            yields.append(empty)
        else:
            yields.append(UNDEFINED)
    return made, yields


def _joined(a: Type, b: Type, v: Var) -> Type:
    """The type of a cotangent that comes from one of two branches."""
    return a if a == b else joined_scalars(a, b) if is_scalar(v.type) else derivative_type(v.type)
