"""What a loop carries: templates of its names and cells, and the cells of what moves from place to place.

    spec((x, 1.0))                 (Var x, Var Float): what a trip may begin with
    place(((1, "p"), (0,)), v)     the first item of `p`, before the loop, is `v`
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable
from dataclasses import dataclass, field

from wengert.frontend.context import Flattener
from wengert.frontend.fitting import is_fixed, join_atoms, printable
from wengert.frontend.join import Token
from wengert.frontend.lists import as_list, is_run_time_list
from wengert.frontend.maybe import as_maybe, is_structure
from wengert.frontend.trips import LoopPlan, Pass, Position, cell_of, part
from wengert.frontend.values import Key, Maybe, Pack, Place, Value, children, same_layout, with_children
from wengert.ir.builder import NONE
from wengert.ir.nodes import UNDEFINED, Atom, Const, Var


@dataclass(slots=True)
class Positions:
    """What is known of the names and cells that a loop carries; positions are parts of what they hold.

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
    is_local: Callable[[Var | Token], bool] = lambda key: False
    """Whether something belongs to the trip that was flattened last."""
    unsettled: str = ""
    """A name that the last pass still changed."""

    def spec(self, value: Value, name: str) -> Value:
        """`value` with a template variable for each part that the loop may change."""
        parts = children(value)
        if parts is not None:
            return with_children(value, tuple(self.spec(p, name) for p in parts))
        if value == NONE or value is UNDEFINED:
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

    def as_spec(self, spec: Value, value: Value, key: Key) -> Value:
        """What a trip leaves, with the lists that it made anew as run-time values where the loop carries such."""
        if is_run_time_list(spec) and isinstance(value, Pack) and value.kind == "list":
            return as_list(self.f, value, key) or value
        parts = children(spec)
        if parts is None or not same_layout(spec, value):
            return value
        rows = zip(parts, children(value) or (), strict=True)
        return with_children(value, tuple(self.as_spec(s, v, key) for s, v in rows))

    def filled(self, spec: Value, value: Value) -> Value:
        """What a trip leaves, with the atom that says whether it is there where the loop carries such."""
        if isinstance(spec, Maybe) and isinstance(as_maybe(value), Maybe):
            value = as_maybe(value)
        parts = children(spec)
        if parts is None or not same_layout(spec, value):
            return value
        rows = zip(parts, children(value) or (), strict=True)
        made = tuple(self.filled(s, v) for s, v in rows)
        return value if all(m is v for m, v in zip(made, children(value) or (), strict=True)) else with_children(value, made)

    def left(self, value: Value) -> Value:
        """What is at a place; the views that lead there are read where this is asked."""
        if not isinstance(value, Place):
            return value
        return self.f.storage.load(value) if value.path else self.f.storage.contents(value.cell)

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

    def is_structure(self, value: Value, run: Pass) -> bool:
        """True of what has parts, or leads to it."""
        return is_structure(value, ChainMap(run.after, self.entry, self.f.storage.first))

    def place(self, at: Position, value: Value, names: dict[Key, Value] | None = None) -> None:
        """Put a value at a position of what there is before the loop, or of other names."""
        names = self.entry if names is None else names
        if at[0] not in names:
            return

        def put(held: Value, path: tuple[int, ...]) -> Value:
            if not path:
                return value
            parts = list(children(held) or ())
            if not parts:
                return held  # nothing is there before the loop
            parts[path[0]] = put(parts[path[0]], path[1:])
            return with_children(held, tuple(parts))

        names[at[0]] = put(names[at[0]], at[1])
