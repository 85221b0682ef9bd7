"""Reversing blocks: the adjoint of each kind of statement, and of straight-line code.

`Reverse.block` emits the adjoint of a block and returns the block as the primal trace must run it: with what its adjoint
reads handed out. The adjoints of loops are in `loops`.
"""

from __future__ import annotations

import operator
from collections import Counter
from dataclasses import dataclass, replace

import numpy as np

from wengert.analyses.activity import truncates
from wengert.analyses.distinct import is_distinct
from wengert.frontend.values import Value
from wengert.ir.builder import ZERO, constant
from wengert.ir.callee import Recorded
from wengert.ir.closed import assert_never
from wengert.ir.indexing import selects_once
from wengert.ir.nodes import (
    APPEND,
    POP,
    UNDEFINED,
    AddStore,
    Arg,
    Assign,
    Atom,
    Block,
    Comment,
    Display,
    For,
    If,
    Statement,
    Store,
    Var,
    While,
)
from wengert.ir.queries import atoms_of, defined, operands, reads, renewed, substitute
from wengert.ir.types import List, Tape, Tuple, Type, is_numeric, is_scalar, same_shape, shape_of
from wengert.rules import kinds
from wengert.runtime import add_entries, is_nonzero, strong_matmul, strong_product, surviving
from wengert.transforms.callees import is_call, is_item, reverse_call, reverse_item
from wengert.transforms.engine import SPREADING, Engine, operand_of, value_of
from wengert.transforms.guards import guard, replay
from wengert.transforms.reverse_loop import reverse_loop
from wengert.transforms.shaped import derivative_type, joined_scalars

TURNING = frozenset({np.transpose, np.swapaxes, np.moveaxis})
"""Operations that put axes into another order: their adjoint needs the axes of the cotangent, not their whole lengths."""


class Reverse(Engine):
    """`bars` holds the cotangents collected so far, absent is zero; `parts` those of the results of a call; `distinct` are
    indices that select nothing twice.

    With `explicit` a cotangent that is handed on as it is gets a statement of its own, as in the tables of the literature.
    """

    def __init__(self, active: set[Var], explicit: bool = False) -> None:
        super().__init__()
        self.active = active
        self.distinct: set[Var] = set()
        self.overwritten: set[Var] = set()
        self.explicit = explicit
        self.bars: dict[Var, Atom] = {}
        self.parts: dict[Var, dict[int, Atom]] = {}

    # --- cotangents -------------------------------------------------------------------------------------------------

    def contribute(self, v: Atom, bar: Atom) -> None:
        """Add `bar` to the cotangent of `v`."""
        if not isinstance(v, Var) or v not in self.active:
            return
        before, bar = self.bars.get(v), self.fitted(bar, v)
        if before is None:
            self.bars[v] = self.named(bar, "_bar", v)
        elif isinstance(v.type, Tape | List | Tuple | Recorded):
            self.bars[v] = self.named(self.emit.apply(add_entries, (before, bar), type=before.type), "_bar", v)
        else:
            self.bars[v] = self.named(self.plus(before, bar), "_bar", v)

        if self.explicit:
            self.bars[v] = self.stated(self.bars[v], v)

    def stated(self, bar: Atom, v: Var) -> Atom:
        """A statement of its own for a cotangent that was handed on as it is."""
        if (isinstance(bar, Var) and bar.of is v) or not is_numeric(bar.type):
            return bar
        made = Var("_bar", bar.type, v)
        self.emit.append(Assign(made, operator.pos, (bar,), origin=self.emit.origin))
        return self._solid_as(made, bar)

    def taken(self, v: Var) -> Atom:
        """The cotangent of `v`, whole, zeros where there is none; `v` has none afterwards."""
        bar = self.bars.pop(v, None)
        return self.nothing(v) if bar is None else self.whole(bar, v)

    # --- blocks -----------------------------------------------------------------------------------------------------

    def block(self, block: Block) -> Block:
        """Emit the adjoint of `block`, whose yields have their cotangents; returns the primal block."""
        primal: list[Statement] = []
        self.guards.enter(block)
        for s in reversed(block.statements):
            self.emit.origin = getattr(s, "origin", None)
            primal.extend(reversed(self.statement(s)))
        return Block(tuple(reversed(primal)), block.yields)

    def statement(self, s: Statement) -> tuple[Statement, ...]:
        """Emit the adjoint of `s`; return the primal statements that take its place."""
        match s:
            case Assign() if is_call(s):
                return reverse_call(self, s)
            case Assign() if is_item(s):
                reverse_item(self, s)
                return (s,)
            case Assign():
                if s.target in self.bars:
                    self.assign(s, self.bars.pop(s.target))
                return (s,)
            case Store():
                self.store(s)
                return (s,)
            case AddStore():
                self.add_store(s)
                return (s,)
            case If():
                return self.choice(s)
            case For() | While():
                return reverse_loop(self, s)
            case Comment():
                return (s,)
            case _:
                assert_never(s)

    # --- operations -------------------------------------------------------------------------------------------------

    def assign(self, s: Assign, bar: Atom) -> None:
        """Hand the cotangent of a result to the inputs."""
        rule = self.rule(s)
        inputs, options = rule.bind(s.args, dict(s.kwargs), constant)
        if not isinstance(rule, kinds.Constant):
            self.check_options(s, options, self.active)
        if isinstance(rule, kinds.Linear) and rule.engine:
            self.read(s, inputs[0], inputs[1], bar)
            return
        as_it_is = rule.lazy or isinstance(rule, kinds.Elementwise) or (s.op in TURNING and _have_axes_alike(bar, s.target))
        whole = bar if as_it_is else self.full(bar, s.target)
        if bar in self.masked:
            self.masked.add(whole)
        for k, arg in enumerate(inputs):
            if not any(a in self.active for a in _variables(arg)):
                continue
            match rule:
                case kinds.Elementwise():
                    if rule.partials[k] is not None:
                        self.elementwise(s, rule, k, inputs, whole)
                case kinds.Linear() | kinds.Structural():
                    vjp = rule.vjp[k]
                    if vjp is not None:
                        named = {n: value_of(a) for n, a in options.items()}
                        before = len(self.emit.statements)
                        part = operand_of(self.body(vjp, whole, s.target, *map(value_of, inputs), **named))
                        if isinstance(rule, kinds.Linear) and whole in self.masked and isinstance(part, Var):
                            part = self.without_wild(part, rule, whole, s.target, inputs, k, named, before)
                        for a in atoms_of(part):
                            self.selects(before, whole, a)
                            if s.op in SPREADING:
                                self._solid_as(a, whole)
                        self.repeated.update(a for a, n in Counter(atoms_of(part)).items() if n > 1)
                        self.distribute(arg, part, rule.is_singular(k, inputs))

    def without_wild(
        self, part: Var, rule: kinds.Linear, bar: Atom, y: Var, inputs: tuple[Arg, ...], k: int, options: dict[str, Value],
        before: int,
    ) -> Atom:
        """`part`, a sum of products of `bar` and the other inputs, without the terms in which a zero meets an infinite factor.

        A sum has such a term only where `bar` is zero at every infinite factor that it meets; there, the sum over the finite
        factors is the whole sum. Which sums meet one elsewhere, the same product tells of the places where both are nonzero.
        """
        vjp = rule.vjp[k]
        wild = [j for j, a in enumerate(inputs) if j != k and a in self.wild and rule.vjp[j] is not None]
        if not wild:
            return part
        strong = self.strong_form(part, bar, frozenset(a for j in wild for a in atoms_of(inputs[j])), before)
        if strong is not None:
            return strong
        finite = {j: self.op(np.isfinite, inputs[j]) for j in wild}
        calm = [self.op(np.where, finite[j], a, ZERO) if j in finite else a for j, a in enumerate(inputs)]
        met = [self.op(np.where, finite[j], ZERO, constant(1.0)) if j in finite else a for j, a in enumerate(inputs)]
        nonzero = self.op(np.where, self.op(operator.ne, bar, ZERO), constant(1.0), ZERO)
        sums = operand_of(self.body(vjp, bar, y, *map(value_of, calm), **options))
        touched = operand_of(self.body(vjp, nonzero, y, *map(value_of, met), **options))
        return self.op(np.where, self.op(operator.ne, touched, ZERO), part, sums)

    def strong_form(self, part: Var, bar: Atom, wild: frozenset[Atom], before: int) -> Atom | None:
        """`part`, where it is one product of what comes of `bar` and what comes of the wild inputs, as a strong product."""
        of_bar, of_wild = {bar}, set(wild)
        made: Assign | None = None
        for s in self.emit.statements[before:]:
            if not isinstance(s, Assign):
                return None
            made = s if s.target == part else made
            if any(a in of_bar for a in operands(s)):
                of_bar.add(s.target)
            if any(a in of_wild for a in operands(s)):
                of_wild.add(s.target)
        if made is None or made.kwargs or len(made.args) != 2:
            return None
        which = [k for k, a in enumerate(made.args) if a in of_bar and a not in of_wild]
        if len(which) != 1 or made.args[1 - which[0]] in of_bar:
            return None
        d, factor = made.args[which[0]], made.args[1 - which[0]]
        if made.op in (operator.mul, np.multiply):
            return self.op(strong_product, d, factor)
        if made.op is np.outer and all(isinstance(a, Var) and len(shape_of(a.type) or ()) == 1 for a in made.args):
            left, right = (self.op(np.expand_dims, a, constant(1 - k)) for k, a in enumerate(made.args))
            return self.op(strong_product, *((left, right) if which == [0] else (right, left)))
        if made.op in (operator.matmul, np.matmul):
            return self.op(strong_matmul, *made.args, derivative=constant(which[0]))
        return None

    def elementwise(self, s: Assign, rule: kinds.Elementwise, k: int, inputs: tuple[Arg, ...], bar: Atom) -> None:
        v = inputs[k]
        if not isinstance(v, Var) or v not in self.active:
            return
        before = len(self.emit.statements)
        if self.is_guarded(rule, k, bar, inputs, s.target):
            part = self.guarded(bar, rule, k, inputs, s.target)
            before = len(self.emit.statements)
        else:
            part = self.scaled(bar, rule, k, inputs, s.target)
        self.selects(before, bar, part)
        whole = self.cast(self.unbroadcast(part, v, s.target), v)
        self.selects(before, bar, whole)
        self.contribute(v, whole)

    def distribute(self, arg: Arg, part: Arg, singular: bool = False) -> None:
        """Give a rule's cotangent to an operand; to the items of a display where it is one."""
        if isinstance(arg, Display):
            for k, item in enumerate(arg.items):
                if not any(a in self.active for a in _variables(item)):
                    continue
                inner = part.items[k] if isinstance(part, Display) else self.op(operator.getitem, part, constant(k))
                self.distribute(item, inner)
        elif isinstance(arg, Var) and arg in self.active:
            assert not isinstance(part, Display)
            self.contribute(arg, self.cast(part, arg))

    def read(self, s: Assign, base: Arg, index: Arg, bar: Atom) -> None:
        """The adjoint of reading `base[index]` adds to that part of the cotangent of `base`."""
        if isinstance(base, Var) and base in self.active and self.is_point(base):
            self.contribute(base, self.unbroadcast(bar, base, s.target))
        elif isinstance(base, Var) and base in self.active:
            whole = self.owned(base)
            made = Var("_bar", whole.type, base)
            if isinstance(s.target.type, Tape | List | Tuple):  # an entry that is a list is added to entry by entry
                entry = self.emit.apply(operator.getitem, (whole, index), type=s.target.type)
                total = self.emit.apply(add_entries, (entry, bar), type=s.target.type)
                self.emit.append(Store(made, whole, index, total, self.emit.origin))
            else:
                self.emit.append(AddStore(made, whole, index, bar, self.emit.origin))
            self.masked.add(made)
            self.bars[base] = made

    def owned(self, v: Var) -> Atom:
        """The cotangent of `v` so far, whole and in its own dtype, to be added to."""
        bar = self.bars.pop(v, None)
        if bar is None:
            return self.named(self.zeros(v), "_bar", v)
        return self.named(self.cast(self.full(bar, v), v), "_bar", v)

    def store(self, s: Store) -> None:
        """What was stored takes the cotangent of its part; what it replaced gets none of it."""
        bar = self.bars.pop(s.result, None)
        if bar is None:
            return
        whole = self.full(bar, s.result)
        if s.index in (APPEND, POP):
            self.relength(s, whole)
            return
        if isinstance(s.value, Var) and s.value in self.active and not truncates(s):
            self.stored(s, s.value, whole, selects_once(s.index) or is_distinct(s.index, self.distinct))
        if isinstance(s.base, Var) and s.base in self.active:
            made = Var("_bar", whole.type, s.base)
            nested = isinstance(s.value, Var) and isinstance(s.value.type, List | Tape | Tuple)
            zero = self.zeros(s.value) if nested and isinstance(s.value, Var) else ZERO
            self.emit.append(Store(made, whole, s.index, zero, self.emit.origin))
            self.masked.add(made)
            self.contribute(s.base, made)

    def relength(self, s: Store, whole: Atom) -> None:
        """A list that grew by an item gives up the cotangent of it; one that lost an item gets a zero for it."""
        assert isinstance(s.base, Var)
        t = derivative_type(s.base.type)
        if not isinstance(whole.type, List):  # what an array made of the list gave it
            whole = self.emit.apply(list, (whole,), type=derivative_type(s.result.type))
        grew = s.index == APPEND
        if grew and isinstance(s.value, Var) and s.value in self.active:
            part = self.emit.apply(operator.getitem, (whole, constant(-1)), type=derivative_type(s.value.type))
            self.contribute(s.value, self.cast(part, s.value))
        if s.base in self.active:
            made = Var("_bar", t, s.base)
            zero: Atom = ZERO
            if not grew:
                last = self.emit.apply(operator.getitem, (s.base, constant(-1)), type=s.base.type.item)  # type: ignore[attr-defined]
                assert isinstance(last, Var)
                zero = self.zeros(last)
            self.emit.append(Store(made, whole, POP if grew else APPEND, zero, self.emit.origin))
            self.masked.add(made)
            self.contribute(s.base, made)

    def add_store(self, s: AddStore) -> None:
        bar = self.bars.pop(s.result, None)
        if bar is None:
            return
        whole = self.full(bar, s.result)
        if isinstance(s.value, Var) and s.value in self.active and not truncates(s):
            self.stored(s, s.value, whole, True)
        if isinstance(s.base, Var) and s.base in self.active:
            self.contribute(s.base, whole)

    def stored(self, s: Store | AddStore, value: Var, whole: Atom, once: bool) -> None:
        """What was stored takes its part of the cotangent; where an entry was overwritten by a later one, it takes zero."""
        part = self.op(operator.getitem, whole, s.index)
        if not once:
            part = self.op(surviving, part, s.index, whole)
        made = self.cast(self.reduced(part, value), value)
        if whole in self.masked or not once:
            self.masked.add(made)
        self.contribute(value, made)

    def reduced(self, part: Atom, v: Var) -> Atom:
        """`part` summed to the shape of `v`, which was broadcast into it."""
        if same_shape(part.type, v.type) or not isinstance(part, Var):
            return part
        return self.unbroadcast(part, v, part)

    # --- branches ---------------------------------------------------------------------------------------------------

    def choice(self, s: If) -> tuple[Statement, ...]:
        """The branch that ran runs back; what only one branch gives a cotangent to is joined with what it was before."""
        wanted = {k: self.bars.pop(r) for k, r in enumerate(s.results) if r in self.bars}
        if not wanted:
            return (s,)
        d = self.guards.factor(s)
        if d is not None:
            self.guard(s, d, wanted)
            return (s,)
        before = self.bars
        points = {k for k in wanted if self.is_point(s.results[k])}
        arms = [self.arm(arm, wanted, before, points) for arm in (s.then, s.orelse)]
        self.emit.origin = s.origin
        first, second = arms[0].bars, arms[1].bars
        changed = [v for v in dict.fromkeys((*first, *second)) if first.get(v) is not second.get(v)]
        self.bars = {v: b for v, b in first.items() if v not in changed}
        ends = [self.ended(arm, changed) for arm in arms]
        types = [_joined(a.type, b.type, v) for a, b, v in zip(ends[0].yields, ends[1].yields, changed, strict=True)]
        types = [self.yielded_type(v) if v in self.unbound else t for t, v in zip(types, changed, strict=True)]
        results = tuple(Var("_bar", t, v) for t, v in zip(types, changed, strict=True))
        needed = [[v for v in reads(e) if v in arm.inside] for e, arm in zip(ends, arms, strict=True)]
        exported = [{v: Var("", v.type, v) for v in n} for n in needed]
        back = [substitute(e, dict(x)) for e, x in zip(ends, exported, strict=True)]
        self.emit.append(If(results, s.test, back[0], back[1], s.origin))
        self.bars.update(zip(changed, results, strict=True))
        self.masked.update(results)
        for r, a, b in zip(results, ends[0].yields, ends[1].yields, strict=True):
            self.follow(r, a, b)
        first_rest, second_rest = (_instead(n) for n in needed)
        then = Block(
            (*arms[0].primal.statements, *second_rest[0]), (*s.then.yields, *needed[0], *second_rest[1])
        )
        orelse = Block(
            (*arms[1].primal.statements, *first_rest[0]), (*s.orelse.yields, *first_rest[1], *needed[1])
        )
        made = (*s.results, *exported[0].values(), *exported[1].values())
        return (replace(s, results=made, then=then, orelse=orelse),)

    def guard(self, s: If, d: Var, wanted: dict[int, Atom]) -> None:
        """What is linear in the factor `d`: the same of the cotangent is that of `d`; that of all else is linear in `d`."""
        for k, bar in wanted.items() if d in self.active else ():
            part = self.replayed(s, d, k, bar)
            self.masked.add(part)
            self.contribute(d, self.cast(part, d))
        body, new = renewed(s.then)
        for known in (self.active, self.masked, self.wild, self.points, self.unbound, self.complex):
            known.update([n for v, n in new.items() if v in known])
        outer, self.bars = self.bars, {}
        was_active = d in self.active
        self.active.discard(d)
        with self.emit.block() as back:
            for k, bar in wanted.items():
                self.contribute(body.yields[k], bar)
            primal = self.block(body)
        inside = defined(primal)
        bars = {v: b for v, b in self.bars.items() if v not in inside}
        self.bars = outer
        if was_active:
            self.active.add(d)
        if not bars:
            return
        made = tuple(Var("_bar", b.type, v) for v, b in bars.items())
        then = Block((*primal.statements, *back), tuple(bars.values()))
        self.emit.append(If(made, self.op(is_nonzero, d), then, Block((), tuple(ZERO for _ in made)), s.origin))
        self.masked.update(made)
        self.steep.update(made)
        for v, part in zip(bars, made, strict=True):
            self.contribute(v, part)

    def replayed(self, s: If, d: Var, k: int, bar: Atom) -> Atom:
        """Result k of a guard with the cotangent `bar` as its factor."""
        return guard(self, bar, lambda: [replay(self, s.then, {d: bar})[k]])[0]

    def arm(self, arm: Block, wanted: dict[int, Atom], before: dict[Var, Atom], points: set[int]) -> _Arm:
        self.bars = dict(before)
        known = set(self.points)  # what one path shows to be a scalar may be an array on the other
        self.points.update(arm.yields[k] for k in points)
        with self.emit.block() as back:
            for k, bar in wanted.items():
                self.contribute(arm.yields[k], bar)
            primal = self.block(arm)
        self.points = known
        inside = defined(primal)
        return _Arm(primal, back, {v: b for v, b in self.bars.items() if v not in inside}, inside)

    def ended(self, arm: _Arm, changed: list[Var]) -> Block:
        """The adjoint of an arm, yielding the cotangents in `changed` whole."""
        with self.emit.block() as more:
            yields = tuple(self.whole(arm.bars[v], v) if v in arm.bars else self.nothing(v) for v in changed)
        return Block((*arm.back, *more), yields)

    def nothing(self, v: Var) -> Atom:
        """Zeros for a value that this path may not have: they do not ask for its shape."""
        return ZERO if self.is_loose(v) else self.zeros(v)

    def whole(self, bar: Atom, v: Var) -> Atom:
        """`bar` with the whole shape of `v`; as it is where this path may not have `v`."""
        return bar if self.is_loose(v) else self.full(bar, v)


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


@dataclass(slots=True)
class _Arm:
    """One branch reversed: its primal block, its adjoint, the cotangents of outer variables, what is bound inside."""

    primal: Block
    back: list[Statement]
    bars: dict[Var, Atom]
    inside: dict[Var, None]


def _joined(a: Type, b: Type, v: Var) -> Type:
    """The type of a cotangent that comes from one of two branches."""
    return a if a == b else joined_scalars(a, b) if is_scalar(v.type) else derivative_type(v.type)


def _variables(arg: Arg) -> list[Var]:
    return [a for a in atoms_of(arg) if isinstance(a, Var)]


def _have_axes_alike(a: Atom, b: Atom) -> bool:
    p, q = shape_of(a.type), shape_of(b.type)
    return p is not None and q is not None and len(p) == len(q)
