"""The adjoint of a checkpointed loop: its trips are run again from states that were kept, instead of being recorded.

In: a loop over a range that carries the mark `Checkpoint`. Out: the primal loop in pieces, with what it carries kept where a
piece starts, and an adjoint that takes the pieces, or the trips, from the last to the first.

    for trips in segments(range(n), 10):        for trips, x in reversed(tape):
        tape.append((trips, x))                     (the loop over trips from x, with tapes of its own,
        for t in trips:                              and the adjoint of that)
            x = step(x)

With a number of slots no piece is recorded either: before each trip is reversed the state before it is computed from the one
that was kept last. `backwards` in `runtime` is the schedule.

    for trips in binomial_segments(range(n), slots):    for t, pieces in zip(range(n)[::-1], backwards(range(n), slots)):
        x_states.append(x)                                  x = x_states.pop()
        for t in trips:                                     for piece in pieces:
            x = step(x)                                         x_states.append(x)
                                                                for t in piece:
                                                                    x = step(x)
                                                            (the statements of the trip, and their adjoint)

Griewank and Walther, Evaluating Derivatives (2008), chapter 12; Algorithm 799: revolve (2000).
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from wengert.analyses.fresh import holds_memory
from wengert.analyses.paths import unbound
from wengert.errors import Problem, UnsupportedError
from wengert.ir.builder import NONE, constant
from wengert.ir.nodes import APPEND, POP, UNDEFINED, Assign, Atom, Block, Const, Display, For, Loop, Statement, Store, Var
from wengert.ir.queries import reads, renewed
from wengert.ir.types import Int, List, Opaque, Range, Tape
from wengert.runtime import backwards, binomial_segments, segments, slots_for
from wengert.transforms.again import check_repeatable, repeated
from wengert.transforms.reverse_loop import Trips, counting, reverse_loop

if TYPE_CHECKING:
    from wengert.transforms.reverse import Reverse


def reverse_checkpointed(r: Reverse, s: For) -> tuple[Statement, ...]:
    """Emit the adjoint of a marked loop; returns the loop in pieces."""
    assert s.checkpoint is not None
    number = s.inits[s.checkpoint.place]
    plain = _unmarked(s, s.checkpoint.place)
    if not any(v in r.bars for v in (*s.results, *s.tapes)):
        return (s,)
    if s.tapes or s.reverse or len(s.targets) != 1 or not isinstance(s.sequences[0].type, Range):
        return reverse_loop(r, plain)
    check_repeatable(s.body)
    return _by_slots(r, plain, number) if s.checkpoint.kind == "slots" else _by_segments(r, plain, number)


def _unmarked(s: For, place: int) -> For:
    """The loop without its mark and the name that carries the number."""

    def others(of: tuple[Atom, ...]) -> tuple[Atom, ...]:
        return (*of[:place], *of[place + 1 :])

    stop = s.stop if s.stop is None or s.stop < place else s.stop - 1
    body = Block(s.body.statements, others(s.body.yields))
    results, carried = (tuple(v for v in others(of) if isinstance(v, Var)) for of in (s.results, s.carried))
    return replace(s, results=results, carried=carried, inits=others(s.inits), body=body, stop=stop, checkpoint=None)


# --- pieces ---------------------------------------------------------------------------------------------------------------


def _pieces(r: Reverse, s: For) -> tuple[For, For]:
    """A loop over pieces of the trips of `s`, of which the sequence is still missing, and the loop over one piece."""
    first = tuple(_alike(r, v) for v in s.carried)
    ends = tuple(_alike(r, v) for v in s.results)
    trips = Var("trips", Range())
    inner = replace(s, results=ends, inits=first, sequences=(trips,))
    return replace(s, targets=(trips,), sequences=(), carried=first, body=Block((inner,), ends)), inner


def _by_segments(r: Reverse, s: For, every: Atom) -> tuple[Statement, ...]:
    """Each piece is run again with tapes."""
    outer, inner = _pieces(r, s)
    made = Assign(Var("", Opaque(), inline=True), segments, (s.sequences[0], every), origin=s.origin)

    def back(body: Block) -> Block:
        again = _again(r, inner)
        for old, new in zip(inner.results, again.results, strict=True):
            if old in r.bars:
                r.bars[new] = r.bars.pop(old)
        with r.emit.block() as adjoint:
            primal = reverse_loop(r, again)
        r.emit.statements.extend((*primal, *adjoint))
        return body

    return (made, *reverse_loop(r, replace(outer, sequences=(made.target,)), back))


def _alike(r: Reverse, v: Var) -> Var:
    """A new variable of which the same is known as of `v`."""
    made = Var(v.hint, v.type, v.of, v.inline)
    _note_alike(r, made, v)
    return made


def _note_alike(r: Reverse, made: Var, v: Var) -> None:
    """Note of a new variable what is known of `v`."""
    for known in (r.active, r.wild, r.unbound, r.distinct, r.overwritten):
        if v in known:
            known.add(made)
    if v in r.points:
        r.points.add(made)


def _again(r: Reverse, s: For) -> For:
    """The loop once more, over new variables; it is not given what may be unbound and it does not read."""
    again = repeated(s, r.active)
    read = reads(again.body)
    unread = [c in r.unbound and c not in read for c in s.carried]
    _check_bound(r, again)
    inits = tuple(UNDEFINED if u else a for u, a in zip(unread, again.inits, strict=True))
    return _renewed(r, replace(again, inits=inits))


def _renewed(r: Reverse, s: For) -> For:
    """The loop over new variables, of which the same is known."""
    block, new = renewed(Block((s,), ()))
    for old, made in new.items():
        _note_alike(r, made, old)
    (copy,) = block.statements
    assert isinstance(copy, For)
    return copy


# --- one trip at a time -----------------------------------------------------------------------------------------------------


def _by_slots(r: Reverse, s: For, slots: Atom) -> tuple[Statement, ...]:
    """Each trip is run again from the state before it."""
    before: list[Statement] = []
    if not isinstance(slots, Const) or slots == NONE:
        given, slots = slots, Var("slots", Int())
        before.append(Assign(slots, slots_for, (s.sequences[0], given), origin=s.origin))
    kept = _Kept(r, s, slots)
    # of the loop as it is run again only the trips are emitted: what is asked of its results is asked of the primal ones
    reverse_loop(r, replace(_again(r, s), results=s.results, stop=None), regained=kept.trips)
    return (*before, *kept.primal())


class _Kept:
    """The states of a loop that are kept in lists, one for each of the carried names `state` that a trip reads.

    The primal loop records on a tape what may be unbound there: a tape holds None for it.
    """

    def __init__(self, r: Reverse, s: For, slots: Atom) -> None:
        self.r = r
        self.loop = s
        self.slots = slots
        self.state: list[int] = []
        self.bound = 0  # so many of them are bound on every path
        self.lists: tuple[Var, ...] = ()
        self.tapes: tuple[Var, ...] = ()
        self.made = Var("trips", Int()) if s.stop is not None else None  # they may be fewer than the range has

    def find_state(self, carried: Sequence[Var], *read: Block) -> None:
        """Which of the carried names, here under other names, the blocks read; those that may be unbound come last."""
        wanted = reads(*read)
        unbound = self.r.unbound
        state = [k for k, c in enumerate(carried) if c in wanted]
        self.state = sorted(state, key=lambda k: carried[k] in unbound)
        self.bound = sum(carried[k] not in unbound for k in state)
        self.lists = self.new_lists(self.bound)
        self.tapes = tuple(Var("tape", Tape(carried[k].type)) for k in self.state[self.bound :])

    def new_lists(self, count: int | None = None) -> tuple[Var, ...]:
        """New variables for the lists, or for the first of them."""
        names = [self.loop.carried[k] for k in self.state[:count]]
        return tuple(Var("_states", List(v.type), v) for v in names)

    def longer(self, lists: tuple[Var, ...], states: Sequence[Var]) -> tuple[tuple[Statement, ...], tuple[Var, ...]]:
        """The states appended to the lists, and the lists after that."""
        made = self.new_lists(len(lists))
        rows = zip(made, lists, states, strict=True)
        return tuple(Store(b, a, APPEND, v, self.loop.origin) for b, a, v in rows), made

    def primal(self) -> list[Statement]:
        """The loop in pieces, before each of which the state is kept."""
        outer, inner = _pieces(self.r, self.loop)
        origin = self.loop.origin
        pieces = Var("", Opaque(), inline=True)
        empty, entry = self.new_lists(self.bound), self.new_lists(self.bound)
        states = [outer.carried[k] for k in self.state]
        kept, longer = self.longer(entry, states[: self.bound])
        piece: Loop = inner
        inits: tuple[Atom, ...] = empty
        carried, yields, results = entry, longer, self.lists
        if self.made is not None:
            count = Var("trips", Int())
            counted, total = counting(inner, inner.body)
            piece = replace(counted, inits=(*counted.inits[:-1], count))
            inits = (*inits, constant(0))
            carried, yields, results = (*carried, count), (*yields, total), (*results, self.made)
        loop = replace(
            outer,
            results=(*outer.results, *results),
            tapes=self.tapes,
            carried=(*outer.carried, *carried),
            inits=(*outer.inits, *inits),
            sequences=(pieces,),
            body=Block((*kept, piece), (*outer.body.yields, *yields, *states[self.bound :])),
        )
        return [
            *(Assign(v, list, (), origin=origin) for v in empty),
            Assign(pieces, binomial_segments, (self.loop.sequences[0], self.slots), origin=origin),
            loop,
        ]

    def trips(self, s: Loop, primal: Block, back: Block) -> Trips:
        """The adjoint loop walks the trips from the end; each starts with the way from the state kept last to its own."""
        assert isinstance(s, For)
        self.find_state(s.carried, s.body, back)
        emit, origin = self.r.emit, s.origin
        if not self.state:
            return Trips(s, ((s.targets[0], self.last_first(s)),), primal.statements, reverse=False)
        given: tuple[Atom, ...] = (s.sequences[0], self.slots, *(() if self.made is None else (self.made,)))
        # an iterator: the effect says that two of them are never the same
        schedule = emit.assign(backwards, given, Opaque(), hint="schedule", effect=True)
        pieces = Var("pieces", Opaque())
        taped = [emit.assign(list, (t,), v.type) for t, v in zip(self.tapes, self.new_lists()[self.bound :], strict=True)]
        entry, popped, after = self.new_lists(), self.new_lists(), self.new_lists()
        starts = [_alike(self.r, s.carried[k]) for k in self.state]
        first: list[Statement] = []
        for v, states, shorter in zip(starts, entry, popped, strict=True):
            first.append(Assign(v, operator.getitem, (states, constant(-1)), origin=origin))
            first.append(Store(shorter, states, POP, NONE, origin))
        first.append(self.way(s, pieces, popped, after, starts))
        walk = ((s.targets[0], self.last_first(s)), (pieces, schedule))
        return Trips(
            s, walk, (*first, *primal.statements), reverse=False, carried=entry, inits=(*self.lists, *taped), yields=after
        )

    def last_first(self, s: For) -> Var:
        """The trips that were made, from the last to the first."""
        emit, trips = self.r.emit, s.sequences[0]
        if self.made is not None:
            trips = emit.assign(operator.getitem, (trips, Display("slice", (NONE, self.made, NONE))), Range(), inline=True)
        back = Display("slice", (NONE, NONE, constant(-1)))
        return emit.assign(operator.getitem, (trips, back), Range(), inline=True)

    def way(self, s: For, pieces: Var, before: tuple[Var, ...], after: tuple[Var, ...], starts: list[Var]) -> For:
        """The loop over pieces that leads to a trip: it leaves the state in the carried names of `s`."""
        piece = Var("piece", Range())
        lists, states = self.new_lists(), [_alike(self.r, v) for v in starts]
        kept, longer = self.longer(lists, states)
        step = _advance(self.r, s, self.state, piece, states)
        results = (*after, *(s.carried[k] for k in self.state))
        body = Block((*kept, step), (*longer, *step.results))
        return For(results, (), (piece,), (pieces,), (*lists, *states), (*before, *starts), body, origin=s.origin)


def _check_bound(r: Reverse, s: For) -> None:
    """Refuses a loop with a state that cannot be kept: an array that may be unbound, a name that a trip may delete."""
    read = reads(s.body)
    still = unbound(Block((replace(s, inits=(NONE,) * len(s.inits)),), ()))
    for c in s.carried:
        if c not in read or c not in r.unbound:
            continue
        if c in still or holds_memory(c.type):
            text = f"`{_name(c)}` may have no value where a trip of this checkpointed loop starts"
            raise UnsupportedError([Problem(text, "assign it before the loop, or leave `checkpoint` out", s.origin)])


def _name(v: Var) -> str:
    return v.hint or (_name(v.of) if v.of else "a value")


def _advance(r: Reverse, s: For, state: list[int], piece: Var, start: list[Var]) -> For:
    """The loop over the trips of `piece` from the state `start`, which computes the parts of the state only."""
    step = _renewed(r, s)
    return replace(
        step,
        results=tuple(step.results[k] for k in state),
        sequences=(piece,),
        carried=tuple(step.carried[k] for k in state),
        inits=tuple(start),
        body=Block(step.body.statements, tuple(step.body.yields[k] for k in state)),
    )
