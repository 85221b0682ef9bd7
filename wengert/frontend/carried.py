"""Which names a loop carries, and with what types: a fixpoint.

The body is flattened with the types on entry, what it leaves is joined to them, and it is flattened again until nothing
changes. Statements of the passes before the last are thrown away.

    s = 0                       pass 1: s is an int, and a float after the trip
    for v in x: s = s + v       pass 2: s is a float, before and after
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable
from dataclasses import dataclass

from wengert.errors import Problem
from wengert.frontend.control import VALUE
from wengert.frontend.fitting import is_fixed, is_text, join_atoms, misfit, printable
from wengert.frontend.join import Token, covers, join, stable
from wengert.frontend.lists import as_list, as_rows, is_run_time_list
from wengert.frontend.maybe import DEEPEST, as_maybe, depth, fills
from wengert.frontend.places import is_cell
from wengert.frontend.positions import Positions
from wengert.frontend.trips import Pass, Position, part
from wengert.frontend.values import (
    Choice,
    Key,
    Maybe,
    Pack,
    Place,
    Poison,
    Record,
    Refused,
    Rows,
    Value,
    atoms,
    children,
    same_layout,
    with_children,
)
from wengert.frontend.windows import moves, through, window
from wengert.ir.builder import NONE, constant
from wengert.ir.nodes import UNDEFINED, Atom, Block, Const, Var
from wengert.ir.queries import atoms_of, defined
from wengert.ir.types import Opaque, Type

PASSES = 16
"""How often a body is flattened before its types are said not to settle; each pass only widens them."""


@dataclass(slots=True)
class Carrier(Positions):
    """Finds the carried names and their types."""

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

    def flatten(self) -> Pass:
        f, plan = self.f, self.plan
        start = {**self.entry, **{k: self.fresh(s) for k, s in self.specs.items()}}
        start |= {name: through(cell, start[key]) for name, (cell, key) in self.windows.items()}
        f.names.clear()
        f.names.update(start)
        for key in [k for k, v in start.items() if k[1] == VALUE and k not in self.entry and isinstance(v, Place)]:
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
            for key in [k for k in self.specs if k in after]:
                after[key] = self.filled(self.specs[key], after[key])
            for position, cell in self.own.items():
                after[cell] = self.left(part(after, position))
            for key in [k for k in self.specs if k in after]:
                after[key] = self.as_spec(self.specs[key], after[key], key)
            for name, (_, key) in self.windows.items():
                moved = moves(f, after, start[name], after[name])
                after[key] = window(f, after[name]) if moved else start[key]  # type: ignore[arg-type]
        return Pass(start, targets, Block(tuple(statements), ()), test, after, recorded)

    def widen(self, run: Pass) -> bool:
        """Take in what the body left; True where something changed."""
        local = {*defined(run.block), *run.targets, *(a for s in run.start.values() for a in atoms(s))}
        local -= {a for v in self.entry.values() for a in atoms(v)}

        def is_local(key: Var | Token) -> bool:
            return key.serial >= self.since if isinstance(key, Token) else key in local

        self.is_local = is_local
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
            here = value.cell in self.entry and value.cell not in self.own.values()
            if here and not any(isinstance(a, Var) and is_local(a) for a in steps):
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

    def joined(self, spec: Value, value: Value, at: Position, run: Pass) -> Value:
        """`spec` widened to describe `value` too; itself where it does already."""
        if isinstance(spec, Poison) or spec is value:
            return spec
        if isinstance(spec, Maybe) or (spec == NONE and self.is_structure(value, run)) or (
            fills(value) and self.is_structure(spec, run)
        ):
            return self.either(spec, value, at, run)
        if value is UNDEFINED and children(spec) is not None:
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
        if isinstance(spec, Var) and isinstance(value, Var | Const) and (
            not is_fixed(value) or (is_text(value) and isinstance(spec.type, Opaque))
        ):
            return self.joined_atom(spec, value)
        if is_text(spec) and spec != value and (is_text(value) or (isinstance(value, Var) and isinstance(value.type, Opaque))):
            return self.joined_atom(Var(printable(at[0][1]), Opaque()), value)  # type: ignore[arg-type]
        if spec == value:
            return spec
        grown = self.grown(spec, value, at) or self.rows(spec, value, at, run)
        if grown is not None:
            return grown
        return misfit(self.f, spec, value, at[0][1], self.f.emit.origin)

    def either(self, spec: Value, value: Value, at: Position, run: Pass) -> Value:
        """The spec of what may be None before a trip or after it."""
        value = as_maybe(value)
        if isinstance(value, Poison):
            return value if value.message else spec
        if not isinstance(value, Maybe):
            return spec
        known = ChainMap(run.after, self.specs, self.entry, self.f.storage.first)
        holder, inner = known.get(at[0]), known.get(value.value.cell) if isinstance(value.value, Place) else None
        linked = isinstance(holder, Record) and isinstance(inner, Record) and holder.cls is inner.cls
        if linked or max(depth(v, known) for v in (spec, value)) > DEEPEST:
            text = f"`{printable(at[0][1])}` is nested deeper in every trip of this loop"
            return Poison(text, "keep its parts in lists", self.f.emit.origin)
        self.place(at, as_maybe(part(self.entry, at)), self.entry)
        self.place(at, value, run.after)
        present, inside = (at[0], (*at[1], 0)), (at[0], (*at[1], 1))
        if not isinstance(spec, Maybe):
            deep = len(at[1])
            moved = [p for k, p in self.own if k == at[0] and p[:deep] == at[1]]
            self.own.update([((at[0], (*at[1], 1, *p[deep:])), self.own.pop((at[0], p))) for p in moved])
            first = self.spec(constant(True), at[0][1])
            spec = Maybe(first, UNDEFINED if spec == NONE else spec)  # type: ignore[arg-type]
        there = self.joined(spec.present, value.present, present, run)
        if spec.value is UNDEFINED:
            held = UNDEFINED if value.value is UNDEFINED else self.settled(value.value, self.is_local, inside, run)
        else:
            held = self.joined(spec.value, value.value, inside, run)
        if there is spec.present and held is spec.value:
            return spec
        assert isinstance(there, Var)
        return Maybe(there, held)

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
