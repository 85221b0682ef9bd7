"""Which names a loop carries, and with what types: a fixpoint.

The body is flattened with the types on entry, what it leaves is joined to them, and it is flattened again until nothing
changes. Statements of the passes before the last are thrown away.

    s = 0                       pass 1: s is an int, and a float after the trip
    for v in x: s = s + v       pass 2: s is a float, before and after
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from wengert.errors import Problem
from wengert.frontend.context import Flattener
from wengert.frontend.control import VALUE
from wengert.frontend.fitting import is_fixed, join_atoms, misfit, printable
from wengert.frontend.join import Token, covers, join, stable
from wengert.frontend.lists import as_list, as_rows, is_run_time_list
from wengert.frontend.places import is_cell
from wengert.frontend.trips import LoopPlan, Pass, Position, cell_of, part
from wengert.frontend.values import (
    Choice,
    Key,
    Pack,
    Place,
    Poison,
    Refused,
    Rows,
    Value,
    atoms,
    children,
    same_layout,
    with_children,
)
from wengert.frontend.windows import moves, through, window
from wengert.ir.builder import NONE
from wengert.ir.nodes import UNDEFINED, Atom, Block, Const, Var
from wengert.ir.queries import atoms_of, defined
from wengert.ir.types import Type

PASSES = 16
"""How often a body is flattened before its types are said not to settle; each pass only widens them."""


@dataclass(slots=True)
class Carrier:
    """Finds the carried names and their types.

    A position that holds one place before a trip and another one after it gets a cell of its own, which carries the value.
    """

    f: Flattener
    plan: LoopPlan
    entry: dict[Key, Value]
    since: int
    specs: dict[Key, Value] = field(default_factory=dict)
    own: dict[Position, Key] = field(default_factory=dict)
    windows: dict[Key, tuple[Key, Key]] = field(default_factory=dict)
    """Of names that are another view of one array in every trip: its cell, and that of the entries which they select."""
    unsettled: str = ""
    """A name that the last pass still changed."""

    def settle(self) -> Pass:
        """Flatten until the carried names and their types no longer change."""
        f = self.f
        for key in self.plan.names:
            if key in self.entry and not isinstance(self.entry[key], Place):
                self.specs[key] = self.spec(self.entry[key], key[1])
        noted, frames = len(f.problems), f.frames
        for _ in range(PASSES):
            self.unsettled = ""
            del f.problems[noted:]
            f.frames = frames  # the same frame numbers in every pass
            run = self.flatten()
            if not self.widen(run):
                return run
        name = f"`{self.unsettled}`" if self.unsettled else "a value"
        text = f"{name}, which this loop changes, has another form in every trip"
        raise Refused(Problem(text, "give it one form before the loop and after each trip, or use an array", f.emit.origin))

    def spec(self, value: Value, name: str) -> Value:
        """`value` with a template variable for each part that the loop may change."""
        parts = children(value)
        if parts is not None:
            return with_children(value, tuple(self.spec(p, name) for p in parts))
        if value == NONE:
            return value  # nothing is known of what it becomes before a trip has been flattened
        if isinstance(value, Var | Const) and not is_fixed(value):
            return self.like(Var(printable(name), join_atoms(value, UNDEFINED)), value)
        return value

    def like(self, made: Var, model: Atom) -> Var:
        """Carry over what is known of `model` beside its type."""
        if model in self.f.nullable or model == NONE:
            self.f.nullable.add(made)
        if isinstance(model, Var):
            self.f.storage.settle(made, self.f.storage.compact.get(model))
        return made

    def fresh(self, spec: Value) -> Value:
        """New variables for a pass."""
        parts = children(spec)
        if parts is not None:
            return with_children(spec, tuple(map(self.fresh, parts)))
        if isinstance(spec, Var):
            return self.like(Var(spec.hint, spec.type), spec)
        return spec

    def flatten(self) -> Pass:
        f, plan = self.f, self.plan
        start = {**self.entry, **{k: self.fresh(s) for k, s in self.specs.items()}}
        start |= {name: through(cell, start[key]) for name, (cell, key) in self.windows.items()}
        f.names.clear()
        f.names.update(start)
        for key in [k for k in start if k[1] == VALUE and k not in self.entry]:
            del f.names[key]  # a trip that follows has not returned
        test = None
        if plan.test is not None:
            with f.emit.block() as statements:
                flag = plan.test()
            test = Block(tuple(statements), (flag,))
        targets = tuple(Var(hint, t) for hint, t in plan.targets)
        with f.emit.block() as statements:
            recorded = plan.body(targets)
            after = dict(f.names)
            for position, cell in self.own.items():
                after[cell] = self.left(part(after, position))
            for key in [k for k in self.specs if k in after]:
                after[key] = self.as_spec(self.specs[key], after[key], key)
            for name, (_, key) in self.windows.items():
                moved = moves(f, after, start[name], after[name])
                after[key] = window(f, after[name]) if moved else start[key]  # type: ignore[arg-type]
        return Pass(start, targets, Block(tuple(statements), ()), test, after, recorded)

    def as_spec(self, spec: Value, value: Value, key: Key) -> Value:
        """What a trip leaves, with the lists that it made anew as run-time values where the loop carries such."""
        if is_run_time_list(spec) and isinstance(value, Pack) and value.kind == "list":
            return as_list(self.f, value, key) or value
        parts = children(spec)
        if parts is None or not same_layout(spec, value):
            return value
        rows = zip(parts, children(value) or (), strict=True)
        return with_children(value, tuple(self.as_spec(s, v, key) for s, v in rows))

    def left(self, value: Value) -> Value:
        """What is at a place; the views that lead there are read where this is asked."""
        if not isinstance(value, Place):
            return value
        return self.f.storage.load(value) if value.path else self.f.storage.contents(value.cell)

    def widen(self, run: Pass) -> bool:
        """Take in what the body left; True where something changed."""
        local = {*defined(run.block), *run.targets, *(a for s in run.start.values() for a in atoms(s))}
        local -= {a for v in self.entry.values() for a in atoms(v)}

        def is_local(key: Var | Token) -> bool:
            return key.serial >= self.since if isinstance(key, Token) else key in local

        changed = False
        for key, value in run.after.items():
            start = run.start.get(key)
            if value is start or (isinstance(value, Place) and value == start):
                continue
            if is_cell(key) and key not in self.specs and key not in self.entry:
                if key not in self.f.storage.first:
                    continue  # of one trip
                self.entry[key] = self.f.storage.first[key]
            if isinstance(value, Poison) and not value.message:
                continue
            old = self.specs.get(key)
            if old is None:
                first = self.entry.get(key, UNDEFINED)
                new = first is UNDEFINED
                old = self.settled(value, is_local, (key, ()), run) if new else self.spec(first, key[1])
                changed = True
            wider = self.joined(old, value, (key, ()), run)
            if wider is not old:
                changed = True
                self.unsettled = printable(key[1]) if key in self.entry or not self.unsettled else self.unsettled
            self.specs[key] = wider
        return self.shared(run) or changed

    def settled(self, value: Value, is_local: Callable[[Var | Token], bool], at: Position, run: Pass) -> Value:
        """The spec of what is assigned in the loop first: nothing in it belongs to one trip."""
        parts = children(value)
        if parts is not None:
            rows = enumerate(parts)
            return with_children(value, tuple(self.settled(p, is_local, (at[0], (*at[1], k)), run) for k, p in rows))
        if isinstance(value, Place):
            steps = (a for s in value.path for arg in s.args for a in atoms_of(arg))
            if value.cell in self.entry and not any(isinstance(a, Var) and is_local(a) for a in steps):
                return value
            return self.owned(at, value, run, is_local)
        if isinstance(value, Choice):
            return Poison("a function that a loop chose is not known after it", "call it in the loop, and keep the result")
        made = self.spec(value, at[0][1])
        return self.like(Var(made.hint, stable(made.type, is_local)), made) if isinstance(made, Var) else made

    def owned(
        self, at: Position, value: Value, run: Pass, is_local: Callable[[Var | Token], bool] | None = None
    ) -> Place:
        """A cell of its own for what moves from place to place."""
        if at in self.own:
            return Place(self.own[at])
        cell = self.f.storage.cell(printable(at[0][1]))
        self.own[at] = cell
        with self.f.state(self.entry):
            self.entry[cell] = self.left(part(self.entry, at))
        if self.entry[cell] is not UNDEFINED:
            self.specs[cell] = self.spec(self.entry[cell], at[0][1])
        elif is_local is not None and isinstance(value, Place) and not value.path and value.cell in run.after:
            self.specs[cell] = self.settled(run.after[value.cell], is_local, (cell, ()), run)
        return Place(cell)

    def moved(self, spec: Value, value: Value, name: Key, run: Pass) -> Place | None:
        """The spec of a name that is another view of one array in every trip; None where it is not."""
        entry = self.entry.get(name)
        if not isinstance(entry, Place) or entry.cell not in self.entry or not moves(self.f, run.after, entry, value):
            return None
        if name not in self.windows:
            key = self.f.storage.cell("window")
            with self.f.state(self.entry):
                self.entry[key] = first = window(self.f, entry)
            self.specs[key] = self.spec(first, key[1])
            self.windows[name] = (entry.cell, key)
        if isinstance(spec, Place) and len(spec.path) == 1 and spec == through(entry.cell, self.specs[self.windows[name][1]]):
            return spec
        return through(entry.cell, self.specs[self.windows[name][1]])

    def shared(self, run: Pass) -> bool:
        """Note which cells of their own may be one memory in some trip; True where that is new."""
        storage = self.f.storage
        rows = [(cell, cell_of(part(self.entry, at)), cell_of(part(run.after, at))) for at, cell in self.own.items()]
        mine = {row[0] for row in rows}
        new = False
        for k, (cell, before, after) in enumerate(rows):
            for other, their_before, their_after in rows[:k]:
                pairs = ((before, their_before), (after or cell, their_after or other))
                if any(x is not None and y is not None and storage.may_share(x, y) for x, y in pairs):
                    new |= storage.share(cell, other)
            for c in (before, after):
                if c is not None and c != cell:
                    near = (c, *storage.shares.get(c, {}))
                    known = dict(storage.holds.get(cell, {}))
                    storage.inherit(cell, c, mine)  # what it holds of this trip only is no news
                    new |= any(k in self.entry for k in storage.holds.get(cell, {}) if k not in known)
                    for d in near:
                        if d not in mine and d in self.entry:
                            new |= storage.share(cell, d)
        return new

    def joined(self, spec: Value, value: Value, at: Position, run: Pass) -> Value:
        """`spec` widened to describe `value` too; itself where it does already."""
        if isinstance(spec, Poison) or spec is value:
            return spec
        if isinstance(spec, Place) or isinstance(value, Place):
            if spec == value or value is UNDEFINED or (isinstance(spec, Place) and self.own.get(at) == spec.cell):
                return spec
            return self.moved(spec, value, at[0], run) or self.owned(at, value, run)
        if isinstance(value, Poison):
            return value if value.message else spec  # an empty one was refused in the body, and noted there
        if spec == NONE and isinstance(value, Var | Const) and not is_fixed(value) and value != NONE:
            wider = Var(printable(at[0][1]), join_atoms(NONE, value))
            self.f.nullable.add(wider)
            return wider
        if same_layout(spec, value):
            pairs = list(zip(children(spec) or (), children(value) or (), strict=True))
            parts = tuple(self.joined(s, v, (at[0], (*at[1], k)), run) for k, (s, v) in enumerate(pairs))
            return spec if all(p is s for p, (s, _) in zip(parts, pairs, strict=True)) else with_children(spec, parts)
        if isinstance(spec, Var) and isinstance(value, Var | Const) and not is_fixed(value):
            return self.joined_atom(spec, value)
        if spec == value:
            return spec
        grown = self.grown(spec, value, at) or self.rows(spec, value, at, run)
        if grown is not None:
            return grown
        return misfit(self.f, spec, value, at[0][1], self.f.emit.origin)

    def grown(self, spec: Value, value: Value, at: Position) -> Var | None:
        """The spec of a list whose length changes from trip to trip; None where it cannot be a run-time list."""
        if not (isinstance(value, Pack) and value.kind == "list") and not is_run_time_list(value):
            return None
        with self.f.emit.block():  # only the type is wanted: the trip itself makes the list when it is flattened again
            last = as_list(self.f, value, at[0])
        if last is None:
            return None
        if is_run_time_list(spec) and isinstance(spec, Var):
            t: Type = spec.type
        else:
            with self.f.state(self.entry):
                first = as_list(self.f, part(self.entry, at), at[0])
            if first is None:
                return None
            self.place(at, first)
            t = first.type
        t = join(t, last.type)
        if isinstance(spec, Var) and covers(spec.type, t, self.since):
            return spec
        return Var(printable(at[0][1]), t)

    def rows(self, spec: Value, value: Value, at: Position, run: Pass) -> Value | None:
        """As `grown`, of a list of tuples."""
        inside = value.items if isinstance(value, Pack) and value.kind == "list" else ()
        like = value if isinstance(value, Rows) else self.f.storage.load(inside[0]) if inside else spec
        if isinstance(spec, Rows):
            first: Value = spec
        else:
            with self.f.state(self.entry):
                made = as_rows(self.f, part(self.entry, at), like)
            if made is None:
                return None
            self.place(at, made)
            first = self.spec(made, at[0][1])
        with self.f.emit.block(), self.f.state(run.after):
            last = as_rows(self.f, value, like)
        return None if last is None else self.joined(first, last, at, run)

    def place(self, at: Position, value: Value) -> None:
        """Put a value at a position of what there is before the loop."""

        def put(held: Value, path: tuple[int, ...]) -> Value:
            if not path:
                return value
            parts = list(children(held) or ())
            parts[path[0]] = put(parts[path[0]], path[1:])
            return with_children(held, tuple(parts))

        self.entry[at[0]] = put(self.entry[at[0]], at[1])

    def joined_atom(self, spec: Var, value: Atom) -> Var:
        nullable, storage = self.f.nullable, self.f.storage
        absent = value is UNDEFINED or value == NONE
        enough = absent or covers(spec.type, value.type, self.since)
        null = spec in nullable or value == NONE or value in nullable
        dense = storage.dense(spec, value)
        if enough and null == (spec in nullable) and dense == storage.dense(spec):
            return spec
        wider = Var(spec.hint, spec.type if enough else join(spec.type, value.type))
        if null:
            nullable.add(wider)
        storage.settle(wider, dense)
        return wider
