"""Flattening a loop: which names it carries, and with what types.

The types of the carried names are a fixpoint: the body is flattened with the types on entry, what it leaves is joined to
them, and it is flattened again until nothing changes. Statements of the passes before the last are thrown away.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from wengert.frontend.branches import is_fixed, join_atoms, misfit, printable
from wengert.frontend.context import Flattener, Key, Refused
from wengert.frontend.fresh import owns_memory
from wengert.frontend.join import Token, covers, join, serial, stable
from wengert.frontend.values import Poison, Value, atoms, children, same_layout, with_children
from wengert.ir.builder import NONE
from wengert.ir.nodes import UNDEFINED, Atom, Block, Const, For, Var, While
from wengert.ir.queries import defined
from wengert.ir.types import Tape, Type

PASSES = 16
"""How often a body is flattened before its types are said not to settle; each pass only widens them."""


@dataclass(slots=True)
class LoopPlan:
    """What a loop runs: `body` visits the targets and returns what is collected; `test` is None for a `for`."""

    body: Callable[[tuple[Var, ...]], tuple[Atom, ...]]
    test: Callable[[], Atom] | None = None
    sequences: tuple[Atom, ...] = ()
    targets: tuple[tuple[str, Type], ...] = ()
    names: tuple[Key, ...] = ()
    stop: Key | None = None
    collected: str = ""


@dataclass(slots=True)
class _Pass:
    """One flattening of the body."""

    start: dict[Key, Value]
    targets: tuple[Var, ...]
    block: Block
    test: Block | None
    after: dict[Key, Value]
    recorded: tuple[Atom, ...]


@dataclass(slots=True)
class _Carrier:
    """Finds the carried names and their types."""

    f: Flattener
    plan: LoopPlan
    entry: dict[Key, Value]
    since: int
    specs: dict[Key, Value] = field(default_factory=dict)
    key: Key = (0, "")
    after: dict[Key, Value] = field(default_factory=dict)

    def settle(self) -> _Pass:
        """Flatten until the carried names and their types no longer change."""
        f = self.f
        for key in self.plan.names:
            if key in self.entry:
                self.specs[key] = self.spec(self.entry[key], key[1], key)
        noted, frames = len(f.problems), f.frames
        for _ in range(PASSES):
            del f.problems[noted:]
            f.frames = frames  # the same frame numbers in every pass
            run = self.flatten()
            if not self.widen(run):
                return run
        raise AssertionError("the types of a loop do not settle")

    def spec(self, value: Value, name: str, key: Key) -> Value:
        """`value` with a template variable for each part that the loop may change."""
        parts = children(value)
        if parts is not None:
            return with_children(value, tuple(self.spec(p, name, key) for p in parts))
        if value == NONE:
            return value  # nothing is known of what it becomes before a trip has been flattened
        if isinstance(value, Var | Const) and not is_fixed(value):
            made = self.like(Var(printable(name), join_atoms(value, UNDEFINED)), value)
            if isinstance(value, Var) and not owns_memory(self.f.fresh, self.f.names, value, key):
                self.f.fresh.discard(made)  # another name sees what the loop would write
            return made
        return value

    def like(self, made: Var, model: Atom) -> Var:
        """Carry over what is known of `model` beside its type."""
        if model in self.f.nullable or model == NONE:
            self.f.nullable.add(made)
        if model in self.f.fresh:
            self.f.fresh.add(made)
        return made

    def fresh(self, spec: Value) -> Value:
        """New variables for a pass."""
        parts = children(spec)
        if parts is not None:
            return with_children(spec, tuple(map(self.fresh, parts)))
        if isinstance(spec, Var):
            return self.like(Var(spec.hint, spec.type), spec)
        return spec

    def flatten(self) -> _Pass:
        f, plan = self.f, self.plan
        start = {**self.entry, **{k: self.fresh(s) for k, s in self.specs.items()}}
        f.names.clear()
        f.names.update(start)
        test = None
        if plan.test is not None:
            with f.emit.block() as statements:
                flag = plan.test()
            test = Block(tuple(statements), (flag,))
        targets = tuple(Var(hint, t) for hint, t in plan.targets)
        with f.emit.block() as statements:
            recorded = plan.body(targets)
        return _Pass(start, targets, Block(tuple(statements), ()), test, dict(f.names), recorded)

    def widen(self, run: _Pass) -> bool:
        """Take in what the body left; True where something changed."""
        local = {*defined(run.block), *run.targets, *(a for s in run.start.values() for a in atoms(s))}
        local -= {a for v in self.entry.values() for a in atoms(v)}

        def is_local(key: Var | Token) -> bool:
            return key.serial >= self.since if isinstance(key, Token) else key in local

        changed = False
        for key, value in run.after.items():
            if value is run.start.get(key):
                continue
            old = self.specs.get(key)
            if old is None:
                first = self.entry.get(key, UNDEFINED)
                if isinstance(value, Poison) and not value.message:
                    continue
                old = self.spec(value if first is UNDEFINED else first, key[1], key)
                if first is UNDEFINED:
                    old = self.settled(old, is_local)
                changed = True
            self.key, self.after = key, run.after
            new = self.joined(old, value, key[1])
            if new is not old:
                changed = True
            self.specs[key] = new
        return changed

    def settled(self, spec: Value, is_local: Callable[[Var | Token], bool]) -> Value:
        parts = children(spec)
        if parts is not None:
            return with_children(spec, tuple(self.settled(p, is_local) for p in parts))
        return Var(spec.hint, stable(spec.type, is_local)) if isinstance(spec, Var) else spec

    def joined(self, spec: Value, value: Value, name: str) -> Value:
        """`spec` widened to describe `value` too; itself where it does already."""
        if isinstance(spec, Poison) or spec is value:
            return spec
        if spec == NONE and isinstance(value, Var | Const) and not is_fixed(value) and value != NONE:
            wider = Var(printable(name), join_atoms(NONE, value))
            self.f.nullable.add(wider)
            return wider
        if same_layout(spec, value):
            pairs = list(zip(children(spec) or (), children(value) or (), strict=True))
            parts = tuple(self.joined(s, v, name) for s, v in pairs)
            return spec if all(p is s for p, (s, _) in zip(parts, pairs, strict=True)) else with_children(spec, parts)
        if isinstance(spec, Var) and isinstance(value, Var | Const) and not is_fixed(value):
            return self.joined_atom(spec, value)
        if spec == value:
            return spec
        if isinstance(value, Poison) and not value.message:
            return spec  # refused in the body, and noted there
        return misfit(self.f, spec, value, name, self.f.emit.origin)

    def joined_atom(self, spec: Var, value: Atom) -> Var:
        nullable, fresh = self.f.nullable, self.f.fresh
        absent = value is UNDEFINED or value == NONE
        enough = absent or covers(spec.type, value.type, self.since)
        null = spec in nullable or value == NONE or value in nullable
        owned = spec in fresh and (
            absent or (isinstance(value, Var) and owns_memory(fresh, self.after, value, self.key))
        )
        if enough and null == (spec in nullable) and owned == (spec in fresh):
            return spec
        wider = Var(spec.hint, spec.type if enough else join(spec.type, value.type))
        if null:
            nullable.add(wider)
        if owned:
            fresh.add(wider)
        return wider


def loop(f: Flattener, plan: LoopPlan) -> tuple[Var, ...]:
    """Emit the loop and bind what it leaves; returns the collected tapes."""
    entry = dict(f.names)
    carrier = _Carrier(f, plan, entry, serial())
    try:
        run = carrier.settle()
    except Refused:
        f.names.clear()
        f.names.update(entry)
        raise
    carried: list[Var] = []
    inits: list[Atom] = []
    yields: list[Atom] = []
    results: list[Var] = []
    stop: list[int] = []
    f.names.clear()
    f.names.update(entry)
    for key, spec in carrier.specs.items():
        if plan.stop == key:
            stop.append(len(carried))
        made = _lay(run.start[key], entry.get(key, UNDEFINED), run.after.get(key, UNDEFINED), carried, inits, yields)
        f.names[key] = _results(made, results, f) if not isinstance(spec, Poison) else spec
    tapes = tuple(Var(plan.collected, Tape(a.type)) for a in run.recorded)
    block = Block(run.block.statements, (*yields, *run.recorded))
    common = (tuple(results), tapes)
    if run.test is None:
        f.emit.append(
            For(*common, run.targets, plan.sequences, tuple(carried), tuple(inits), block,
                stop=stop[0] if stop else None, origin=f.emit.origin)
        )  # fmt: skip
    else:
        f.emit.append(
            While(*common, tuple(carried), tuple(inits), run.test, block,
                  stop=stop[0] if stop else None, origin=f.emit.origin)
        )  # fmt: skip
    return tapes


def _lay(
    start: Value, entry: Value, after: Value, carried: list[Var], inits: list[Atom], yields: list[Atom]
) -> Value:
    """Line up the parts of a carried value: its variable in the body, what it starts as, what it becomes."""
    parts = children(start)
    if parts is not None:
        count = len(parts)
        before = children(entry) or (UNDEFINED,) * count
        left = children(after) or (UNDEFINED,) * count
        rows = zip(parts, before, left, strict=True)
        return with_children(start, tuple(_lay(p, e, a, carried, inits, yields) for p, e, a in rows))
    if isinstance(start, Var):
        entry = entry if isinstance(entry, Var | Const) else UNDEFINED  # refused elsewhere
        after = after if isinstance(after, Var | Const) else UNDEFINED
        carried.append(start)
        inits.append(entry)
        yields.append(after)
    return start


def _results(value: Value, results: list[Var], f: Flattener) -> Value:
    parts = children(value)
    if parts is not None:
        return with_children(value, tuple(_results(p, results, f) for p in parts))
    if isinstance(value, Var):
        made = Var(value.hint, value.type)
        if value in f.nullable:
            f.nullable.add(made)
        if value in f.fresh:
            f.fresh.add(made)
        results.append(made)
        return made
    return value
