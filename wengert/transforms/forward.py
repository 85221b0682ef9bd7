"""Tangents of blocks: each statement, followed by the statement of its tangent.

In: the statements of a function and the tangents of its inputs (`dots`). Out: the same statements with those of the tangents.

    y = sin(x)          y = sin(x)
                        y_dot = x_dot * cos(x)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from wengert.analyses.activity import truncates
from wengert.ir.builder import ZERO, constant
from wengert.ir.closed import assert_never
from wengert.ir.nodes import (
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
from wengert.ir.queries import atoms_of
from wengert.ir.types import List, Tape, Tuple, Type
from wengert.rules import kinds
from wengert.runtime import add_entries, zeros_of
from wengert.transforms.callees import forward_call, forward_item, is_call, is_item
from wengert.transforms.engine import Engine, operand_of, value_of
from wengert.transforms.guards import guard, replay
from wengert.transforms.infinite import without_infinite
from wengert.transforms.shaped import derivative_type


class Forward(Engine):
    """`dots` holds the tangent of every varied variable seen so far, `several` the results of calls with tangents."""

    def __init__(self) -> None:
        super().__init__()
        self.dots: dict[Var, Atom] = {}
        self.varied: set[Var] = set()
        self.several: dict[Var, tuple[Var, int]] = {}

    def dot(self, atom: Atom) -> Atom | None:
        """The tangent of an atom; None where it is zero."""
        return self.dots.get(atom) if isinstance(atom, Var) else None

    def final(self, atom: Atom) -> Atom:
        """The whole tangent of a result."""
        d = self.dot(atom)
        if d is not None and isinstance(atom, Var):
            return self.full(d, atom)
        return self.zeros(atom) if isinstance(atom, Var) else ZERO

    def outcome(self, atom: Atom) -> Atom:
        """The tangent of a result of the function, which may be None on some paths."""
        if isinstance(atom, Var) and self.is_loose(atom):
            return self.dot(atom) or self.emit.apply(zeros_of, (atom,), type=self.yielded_type(atom))
        return self.final(atom)

    def filled(self, atom: Atom) -> Atom:
        """The tangent of what a block yields: whole, zeros where there is none.

        What may be unbound is not asked for its shape: its tangent may be smaller.
        """
        if atom is UNDEFINED:
            return UNDEFINED
        if self.is_loose(atom):
            return self.dot(atom) or ZERO
        return self.final(atom)

    def block(self, block: Block) -> None:
        self.guards.enter(block)
        for s in block.statements:
            self.emit.origin = getattr(s, "origin", None)
            self.statement(s)

    def statement(self, s: Statement) -> None:
        match s:
            case Assign() if is_call(s) and s.target in self.varied:
                forward_call(self, s)
            case Assign() if is_item(s):
                forward_item(self, s)
            case Assign():
                self.emit.append(s)
                if s.target in self.varied:
                    self.assign(s)
            case Store() | AddStore():
                self.emit.append(s)
                self.store(s)
            case If():
                self.choice(s)
            case For() | While():
                self.loop(s)
            case Comment():
                self.emit.append(s)
            case _:
                assert_never(s)

    # --- statements -------------------------------------------------------------------------------------------------

    def assign(self, s: Assign) -> None:
        rule = self.rule(s)
        inputs, options = rule.bind(s.args, dict(s.kwargs), constant)
        if not isinstance(rule, kinds.Constant):
            self.check_options(s, options, self.dots)
        total: Atom | None = None
        for k, arg in enumerate(inputs):
            d = self.tangent_of(arg)
            if d is None:
                continue
            part = self.part(s, rule, k, d, inputs, options)
            if part is not None:
                if total is not None and isinstance(s.target.type, Tape | List | Tuple):
                    total = self.emit.apply(add_entries, (total, part), type=total.type)
                else:
                    total = part if total is None else self.plus(total, part)
        if total is not None:
            self.dots[s.target] = self.named(self.cast(total, s.target), "_dot", s.target)

    def tangent_of(self, arg: Arg) -> Arg | None:
        """The tangent of an operand: of a display, a display of the tangents of its items."""
        if not isinstance(arg, Display):
            return self.dot(arg)
        parts = [self.tangent_of(i) for i in arg.items]
        if all(p is None for p in parts):
            return None
        items = tuple(
            p if p is not None else self.zero_of(i) if isinstance(i, Display) else self.final(i)
            for p, i in zip(parts, arg.items, strict=True)
        )
        whole = tuple(
            i if isinstance(i, Display) or isinstance(a, Display) else self.full(i, a)
            for i, a in zip(items, arg.items, strict=True)
        )
        return Display(arg.kind, whole, arg.keys)

    def zero_of(self, arg: Display) -> Display:
        items = tuple(self.zero_of(i) if isinstance(i, Display) else self.final(i) for i in arg.items)
        return Display(arg.kind, items, arg.keys)

    def part(
        self, s: Assign, rule: kinds.Rule, k: int, d: Arg, inputs: tuple[Arg, ...], options: dict[str, Arg]
    ) -> Atom | None:
        """What the tangent of input k gives to the tangent of the result."""
        arg = inputs[k]
        if not isinstance(d, Display) and not isinstance(arg, Display) and not rule.lazy:
            d = self.full(d, arg)
        match rule:
            case kinds.Elementwise():
                if rule.partials[k] is None:
                    return None
                assert not isinstance(d, Display)
                atom = d
                if self.is_guarded(rule, k, atom, inputs, s.target):
                    return self.guarded(atom, rule, k, inputs, s.target)
                return self.scaled(atom, rule, k, inputs, s.target)
            case kinds.Linear():
                if (k > 0 and rule.engine) or (not rule.engine and rule.vjp[k] is None):
                    return None  # an index carries no tangent
                place = rule.places(s.args, dict(s.kwargs))[k]

                def applied(d: Arg) -> Arg:
                    args = tuple(d if j == place else a for j, a in enumerate(s.args))
                    return self.emit.apply(s.op, args, tuple((n, d if n == place else a) for n, a in s.kwargs))

                return self.linearly(d, applied)
            case kinds.Structural():
                jvp = rule.jvp[k]
                if jvp is None:
                    return None
                rest = (s.target, *map(value_of, inputs))
                named = {n: value_of(a) for n, a in options.items()}
                return self.linearly(d, lambda d: operand_of(self.body(jvp, value_of(d), *rest, **named)))
            case _:
                return None

    def linearly(self, d: Arg, make: Callable[[Arg], Arg]) -> Atom:
        """What `make` emits of the tangent `d`, in which it is linear."""
        before = len(self.emit.statements)
        part = make(d)
        if not isinstance(d, Display):
            part = without_infinite(self, d, part, before, make)
        assert not isinstance(part, Display)
        self.follow(part, *atoms_of(d))
        return part

    def store(self, s: Store | AddStore) -> None:
        base, value = self.dot(s.base), None if truncates(s) else self.dot(s.value)
        if base is None and value is None:
            return
        if isinstance(s.base.type, List | Tape) and s.index != POP and isinstance(s.value, Var):
            value = self.final(s.value)  # an item of a list is read as it was put there: nothing makes it whole later
        whole = self.final(s.base) if base is None else self.full(base, s.base)
        made = Var("_dot", whole.type, s.result)
        add = isinstance(s, AddStore)
        if add and value is None:
            self.dots[s.result] = whole
            return
        kind = AddStore if add else Store
        self.emit.append(kind(made, whole, s.index, ZERO if value is None else value, s.origin))
        self.dots[s.result] = made

    def choice(self, s: If) -> None:
        d = self.guards.factor(s)
        if d is not None:
            self.guard(s, d)
            return
        active = [k for k, r in enumerate(s.results) if r in self.varied]
        arms = []
        for arm in (s.then, s.orelse):
            with self.emit.block() as statements:
                self.block(arm)
                extra = tuple(self.filled(arm.yields[k]) for k in active)
            arms.append(Block(tuple(statements), (*arm.yields, *extra)))
        dots = tuple(Var("_dot", self.yielded_type(s.results[k]), s.results[k]) for k in active)
        count = len(s.results)
        for k, d in enumerate(dots, count):
            self.follow(d, *(arm.yields[k] for arm in arms))
        self.dots.update(zip((s.results[k] for k in active), dots, strict=True))
        self.emit.append(replace(s, results=(*s.results, *dots), then=arms[0], orelse=arms[1]))

    def guard(self, s: If, d: Var) -> None:
        """What is linear in the factor `d`: the same of its tangent, and under the same test the tangent by all else."""
        active = [k for k, r in enumerate(s.results) if r in self.varied]
        d_dot = self.dots.pop(d, None)
        with self.emit.block() as statements:
            self.block(s.then)
            dots = {k: self.dot(s.then.yields[k]) for k in active}
        if d_dot is not None:
            self.dots[d] = d_dot
        inner = {k: a for k, a in dots.items() if a is not None}
        made = {k: Var("_dot", self.yielded_type(s.results[k]), s.results[k]) for k in inner}
        zeros = Block((), (*s.orelse.yields, *(ZERO for _ in inner)))
        then = Block(tuple(statements), (*s.then.yields, *inner.values()))
        self.emit.append(replace(s, results=(*s.results, *made.values()), then=then, orelse=zeros))
        parts: dict[int, Atom] = dict(made)
        if d_dot is not None and active:
            one = d_dot
            further = guard(self, one, lambda: [replay(self, s.then, {d: one})[k] for k in active])
            for k, part in zip(active, further, strict=True):
                parts[k] = self.plus(parts[k], part) if k in parts else part
        for k, part in parts.items():
            self.masked.add(part)
            self.steep.add(part)
            self.dots[s.results[k]] = self.named(part, "_dot", s.results[k])

    def loop(self, s: For | While) -> None:
        count = len(s.carried)
        active = [k for k, c in enumerate(s.carried) if c in self.varied]
        taped = [k for k, t in enumerate(s.tapes) if t in self.varied]
        inits = tuple(self.filled(s.inits[k]) for k in active)
        carried = tuple(self.dot_for(s.carried[k]) for k in active)
        results = tuple(self.dot_for(s.results[k]) for k in active)
        tapes = tuple(self.dot_for(s.tapes[k]) for k in taped)
        moving = [k for k, v in enumerate(s.targets) if v in self.varied] if isinstance(s, For) else []
        sequences = tuple(self.sequence_dot(s.sequences[k]) for k in moving) if isinstance(s, For) else ()
        targets = tuple(self.dot_for(s.targets[k]) for k in moving) if isinstance(s, For) else ()
        with self.emit.block() as statements:
            self.block(s.body)
            old = s.body.yields
            new = (
                *old[:count], *(self.filled(old[k]) for k in active),
                *old[count:], *(self.filled(old[count + k]) for k in taped),
            )  # fmt: skip
        self.emit.origin = s.origin
        made = replace(
            s,
            results=(*s.results, *results),
            tapes=(*s.tapes, *tapes),
            carried=(*s.carried, *carried),
            inits=(*s.inits, *inits),
            body=Block(tuple(statements), new),
        )
        if isinstance(made, For):
            made = replace(made, targets=(*made.targets, *targets), sequences=(*made.sequences, *sequences))
        self.emit.append(made)

    def dot_for(self, v: Var) -> Var:
        """A new tangent variable for a name that a loop binds."""
        made = Var("_dot", self.dot_type(v), v)
        self.dots[v] = made
        return made

    def dot_type(self, v: Var) -> Type:
        return Tape(derivative_type(v.type.item)) if isinstance(v.type, Tape) else self.yielded_type(v)

    def sequence_dot(self, sequence: Atom) -> Atom:
        d = self.dot(sequence)
        return self.emit.apply(zeros_of, (sequence,), type=derivative_type(sequence.type)) if d is None else d
