"""The adjoint of a loop: each trip appends to tapes what its adjoint reads, the adjoint loop walks them back."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from wengert.analyses.complexes import is_complex
from wengert.analyses.lasting import Written
from wengert.ir.builder import NONE, constant
from wengert.ir.nodes import Assign, Atom, Block, Display, For, Loop, Statement, Var
from wengert.ir.queries import defined, reads, substitute
from wengert.ir.types import Array, Float, Int, Number, NumpyScalar, Range, Tape, Type, is_scalar
from wengert.runtime import aligned
from wengert.transforms.recompute import split
from wengert.transforms.shaped import derivative_type, joined_scalars

if TYPE_CHECKING:
    from wengert.transforms.reverse import Reverse


@dataclass(frozen=True, slots=True)
class Trips:
    """How an adjoint loop gets back the values of a trip.

    `loop` is the primal loop. The adjoint loop walks `walk` (from the end with `reverse`), runs `first` on each trip and reads
    `names[v]` for `v`; for `first` it carries `carried`, which start as `inits` and become `yields`.
    """

    loop: Loop
    walk: tuple[tuple[Var, Atom], ...]
    first: tuple[Statement, ...] = ()
    names: dict[Var, Atom] = field(default_factory=dict)
    reverse: bool = True
    carried: tuple[Var, ...] = ()
    inits: tuple[Atom, ...] = ()
    yields: tuple[Atom, ...] = ()


def reverse_loop(
    r: Reverse,
    s: Loop,
    reverse_body: Callable[[Block], Block] | None = None,
    regained: Callable[[Loop, Block, Block], Trips] | None = None,
) -> tuple[Statement, ...]:
    """Emit the adjoint of a loop; returns the loop with its tapes.

    `reverse_body` emits the adjoint of the body where that is not the one of its statements; `regained` is given the loop, its
    primal and its adjoint body where trips are not to be recorded.
    """
    if isinstance(s, For) and s.checkpoint is not None:
        from wengert.transforms.checkpoints import reverse_checkpointed

        return reverse_checkpointed(r, s)
    count = len(s.carried)
    own = [k for k in range(count) if s.carried[k] in r.active]
    tapes = [k for k, t in enumerate(s.tapes) if t in r.bars]
    if not tapes and not any(s.results[k] in r.bars for k in own):
        return (s,)
    inits = [r.taken(s.results[k]) for k in own]
    bound = {*s.carried, *_targets(s)}
    outer = [v for v in reads(s.body) if v in r.active and v not in bound]
    outer_inits = [r.taken(v) if r.is_loose(v) else r.owned(v) for v in outer]
    # what comes in belongs to what the trip left, whose lengths may differ from those it started with
    carried = [Var("_bar", _loose(r, s, k, _left_type(s, k)), s.carried[k]) for k in own]
    totals = [Var("_bar", r.yielded_type(v), v) for v in outer]
    taped = [Var("_bar", _entry_type(r, s.body.yields[count + k]), s.tapes[k]) for k in tapes]
    taped_bars = [r.bars.pop(s.tapes[k]) for k in tapes]
    r.masked.update((*carried, *totals, *taped))
    for bar, init in zip((*carried, *totals), (*inits, *outer_inits), strict=True):
        r.follow(bar, init)
    before = r.bars
    r.bars = dict(zip(outer, totals, strict=True))
    moving = [k for k, v in enumerate(_targets(s)) if v in r.active]
    with r.emit.block() as back:
        for k, bar in zip(own, carried, strict=True):
            r.contribute(s.body.yields[k], bar)
        for k, bar in zip(tapes, taped, strict=True):
            r.contribute(s.body.yields[count + k], bar)
        primal = (reverse_body or r.block)(s.body)
        r.emit.origin = s.origin
        left = [r.taken(s.carried[k]) for k in own]
        moved = [r.taken(_targets(s)[k]) for k in moving]
        sums = [r.bars[v] if r.is_loose(v) else r.cast(r.full(r.bars[v], v), v) for v in outer]
    r.bars = before
    body = Block(tuple(back), (*left, *sums, *moved))
    firsts = [_loose(r, s, k, _first_type(s, k)) for k in own]
    exact = all(isinstance(a.type, Float) for a in (*inits, *outer_inits, *left, *sums) if not isinstance(a.type, Array))
    ends = [_ended(t, i.type, y.type, exact) for t, i, y in zip(firsts, inits, left, strict=True)]
    results = [Var("_bar", t, s.carried[k]) for k, t in zip(own, ends, strict=True)]
    ends = [_ended(b.type, i.type, y.type, exact) for b, i, y in zip(totals, outer_inits, sums, strict=True)]
    total_results = [Var("_bar", t, v) for v, t in zip(outer, ends, strict=True)]
    entries = tuple(Var("_bar", Tape(_entry_type(r, _targets(s)[k])), _targets(s)[k]) for k in moving)
    trips = regained(s, primal, body) if regained else _recorded(r, s, primal, body, bool(taped_bars))
    yields = (*left, *sums, *trips.yields, *moved)
    whole = substitute(Block((*trips.first, *body.statements), yields), trips.names)
    targets = (*(v for v, _ in trips.walk), *taped)
    sequences = (*(t for _, t in trips.walk), *taped_bars)
    r.emit.append(
        For(
            (*results, *total_results, *(Var(v.hint, v.type, v.of) for v in trips.carried)), entries, targets, sequences,
            (*carried, *totals, *trips.carried), (*inits, *outer_inits, *trips.inits), whole, reverse=trips.reverse,
            origin=s.origin,
        )
    )  # fmt: skip
    r.masked.update((*results, *total_results, *entries))
    for bar, init, end in zip((*results, *total_results), (*inits, *outer_inits), (*left, *sums), strict=True):
        r.follow(bar, init, end)
    r.bars.update(zip(outer, total_results, strict=True))
    for k, bar in zip(own, results, strict=True):
        r.contribute(s.inits[k], bar)
    for k, entry in zip(moving, entries, strict=True):
        assert isinstance(s, For)
        r.contribute(s.sequences[k], _sequence_bar(r, s, s.sequences[k], entry))
    return (trips.loop,)


def _left_type(s: Loop, k: int) -> Type:
    end = s.body.yields[k]
    return end.type if isinstance(end, Var) else s.carried[k].type


def _first_type(s: Loop, k: int) -> Type:
    init = s.inits[k]
    return init.type if isinstance(init, Var) else s.carried[k].type


def _entry_type(r: Reverse, a: Atom) -> Type:
    """The type of the cotangent of what a trip records."""
    return r.yielded_type(a) if isinstance(a, Var) else derivative_type(a.type)


def _loose(r: Reverse, s: Loop, k: int, t: Type) -> Type:
    """The type of the cotangent of a carried name: of what may be unbound no shape is known."""
    return Number() if r.is_loose(s.carried[k]) and isinstance(t, Array) else derivative_type(t)


def _ended(declared: Type, init: Type, left: Type, exact: bool) -> Type:
    """The type of a cotangent after a loop: where it is not `exact`, trips may hand NumPy scalars from name to name."""
    if not is_scalar(declared):
        return declared
    if any(map(is_complex, (declared, init, left))):
        return NumpyScalar("complex128")
    return joined_scalars(init, left) if exact else joined_scalars(NumpyScalar("float64"), joined_scalars(init, left))


def _targets(s: Loop) -> tuple[Var, ...]:
    return s.targets if isinstance(s, For) else ()


def _renamed(s: Statement, names: dict[Var, Var]) -> Statement:
    """A statement that is computed again, under a new variable of the same name; `names` learns it."""
    assert isinstance(s, Assign)
    names[s.target] = Var("", s.target.type, s.target)
    return replace(s, target=names[s.target])


def _recorded(r: Reverse, s: Loop, primal: Block, back: Block, counted: bool) -> Trips:
    """The loop with the tapes that `back` reads; the adjoint loop walks them, and computes again what is cheap."""
    loop, walk, recompute = _taped(r, s, primal, back, counted)
    names = {v: Var("", v.type, v) for v, _ in walk}
    again = tuple(_renamed(t, names) for t in recompute)
    return Trips(loop, tuple((names[v], t) for v, t in walk), again, dict(names))


def _taped(
    r: Reverse, s: Loop, primal: Block, back: Block, counted: bool
) -> tuple[Loop, list[tuple[Var, Atom]], list[Statement]]:
    """The loop with its tapes, what is walked for each variable, and what is computed again from these."""
    local = {*defined(primal), *s.carried, *_targets(s)}
    needed = [v for v in reads(back) if v in local]
    index = {v for v, q in zip(s.targets, s.sequences, strict=True) if _is_range(q)} if isinstance(s, For) else set()
    lasting = r.overwritten.lasting if isinstance(r.overwritten, Written) else None
    keep, again = split(primal.statements, needed, local, index, r.overwritten, lasting)
    if isinstance(s, For) and s.stop is None and all(v in index for v in keep) and _walkable(s, keep, counted):
        pairs = [(v, q) for v, q in zip(s.targets, s.sequences, strict=True) if v in keep]
        if not pairs and not counted:
            pairs = [(s.targets[0], s.sequences[0])]
        return replace(s, body=primal), [(v, _flipped(r, s, q)) for v, q in pairs], again
    if not keep and not counted:
        loop, total = counting(s, primal)
        walked = r.emit.apply(range, (total,), type=Range(), inline=True)
        return loop, [(Var("", Int()), walked)], again
    tapes = tuple(Var("tape", Tape(v.type)) for v in keep)
    body = Block(primal.statements, (*primal.yields, *keep))
    return replace(s, tapes=(*s.tapes, *tapes), body=body), list(zip(keep, tapes, strict=True)), again


def _is_range(a: Atom) -> bool:
    return isinstance(a.type, Range)


def _walkable(s: For, keep: list[Var], counted: bool) -> bool:
    """True where the sequences can be walked a second time."""
    if keep or counted:
        return True
    return isinstance(s.sequences[0].type, Range | Tape)


def _flipped(r: Reverse, s: For, sequence: Atom) -> Atom:
    """The sequence such that walking it from the end is the opposite of how the loop walked it."""
    if not s.reverse:
        return sequence
    back = Display("slice", (NONE, NONE, constant(-1)))
    return r.emit.apply(operator.getitem, (sequence, back), type=sequence.type)


def counting(s: Loop, primal: Block) -> tuple[Loop, Var]:
    """Count the trips of a loop of which nothing is recorded and whose length is not known before."""
    count = len(s.carried)
    trips, after, total = Var("trips", Int()), Var("trips", Int()), Var("trips", Int())
    step = Assign(after, operator.add, (trips, constant(1)), origin=s.origin)
    yields = (*primal.yields[:count], after, *primal.yields[count:])
    loop = replace(
        s,
        results=(*s.results, total),
        carried=(*s.carried, trips),
        inits=(*s.inits, constant(0)),
        body=Block((*primal.statements, step), yields),
    )
    return loop, total


def _sequence_bar(r: Reverse, s: For, sequence: Atom, entries: Var) -> Atom:
    """The cotangent of a sequence from those of its entries, which were met from the last to the first."""
    lined: Atom = entries
    if not s.reverse:
        lined = r.emit.apply(aligned, (entries, sequence), type=entries.type)
    if isinstance(sequence.type, Array):
        return r.emit.apply(np.array, (lined,), type=derivative_type(sequence.type))
    return lined
