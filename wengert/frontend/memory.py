"""The cells of one flattening, and which of them may be one memory.

In: values that are kept in cells. Out: for each cell its contents, the cells that *share* with it (a store into one makes the
others unreadable) and the run-time lists that may *hold* it.

    c = a if t else b       the cell of c shares with those of a and b
    l.append(a)             the list holds the cell of a
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field

from wengert.errors import Problem
from wengert.frontend.emitter import Emitter
from wengert.frontend.values import (
    Choice,
    Key,
    Method,
    Partial,
    Place,
    Refused,
    Value,
    children,
)
from wengert.ir.nodes import Atom, Statement, Var
from wengert.ir.queries import targets
from wengert.ir.types import Array, List, Number, Tape

Origins = tuple[tuple[Key, Value], ...]
"""Cells that a value may have its memory from, with their contents when it was made."""

Links = dict[Key, dict[Key, None]]
Relations = tuple[Links, Links, Links, dict[Key, None]]
"""Which cells share, which lists hold them, what is inside of these, and which have two items that may be one memory."""


@dataclass(slots=True)
class Memory:
    """Cells, and what is known of their memory; `names` is the flattener's own table."""

    emit: Emitter
    names: dict[Key, Value]
    homes: dict[Var, tuple[Place, Value]] = field(default_factory=dict)
    origins: dict[Var, Origins] = field(default_factory=dict)
    views: dict[Place, tuple[Var, Value, list[Statement]]] = field(default_factory=dict)
    shares: dict[Key, dict[Key, None]] = field(default_factory=dict)
    holds: dict[Key, dict[Key, None]] = field(default_factory=dict)
    """Of run-time lists: the cells that their items may be; and of those cells the lists."""
    inside: dict[Key, dict[Key, None]] = field(default_factory=dict)
    """Of run-time lists: the cells that their items may be, without the lists that they are items of."""
    first: dict[Key, Value] = field(default_factory=dict)
    written: dict[Key, None] = field(default_factory=dict)
    compact: dict[Var, tuple[Var, ...]] = field(default_factory=dict)
    """Arrays that are C-contiguous, if these arrays from outside are."""
    assumed: dict[Key, tuple[Var, ...]] = field(default_factory=dict)
    """Of cells that were reshaped: the arrays from outside that have to be C-contiguous for that to be a view."""
    either: dict[Key, tuple[Atom, Place, Place]] = field(default_factory=dict)
    """Of cells that are one of two places: which one, as the test of a branch had it."""
    bound: dict[Var, list[Statement]] = field(default_factory=dict)
    """By name that a path may leave unbound: the block in which it was looked at first."""
    pushed: list[Key] = field(default_factory=list)
    twins: dict[Key, None] = field(default_factory=dict)
    """Run-time lists of which two items may be one memory."""
    repeats: dict[Value, None] = field(default_factory=dict)
    """Run-time lists that were written out with one item twice."""
    entered: list[int] = field(default_factory=list)
    """Of the open loops: how many cells there were before."""

    def relations(self) -> Relations:
        """What is noted of which cells may be one memory, to be put back where statements are flattened in another way."""
        return (
            _copied(self.shares), _copied(self.holds), _copied(self.inside), dict(self.twins)
        )  # fmt: skip

    def relate(self, noted: Relations) -> None:
        """Go back to what `relations` gave."""
        self.shares, self.holds, self.inside, self.twins = noted

    def forget(self, since: int) -> None:
        """Statements of the open block are taken out from `since` on: what was read there has to be read again."""
        block = self.emit.statements
        gone = {v for s in block[since:] for v in targets(s)}
        for place in [p for p, (v, _, b) in self.views.items() if b is block and v in gone]:
            del self.views[place]
        for name in [v for v, b in self.bound.items() if b is block]:
            del self.bound[name]
        del block[since:]

    def rewind(self, before: Mapping[Key, Value]) -> None:
        """Give every cell what it held `before`, or what it began with: for one more run of the same function."""
        self.names.update({k: before.get(k, self.first.get(k, v)) for k, v in self.names.items() if is_cell(k)})

    serial: int = 0
    live: int = 64

    def cell(self, hint: str) -> Key:
        """A new cell; its number is negative, which no frame's is."""
        self.serial += 1
        return (-self.serial, f"{hint}·")

    def keep(self, value: Value, hint: str) -> Place:
        """Put a value into a cell of its own."""
        key = self.cell(hint)
        self.names[key] = value
        return Place(key)

    def share(self, a: Key, b: Key) -> bool:
        """Note that two cells may be one memory, which is not transitive; True where that is new."""
        if a == b or b in self.shares.get(a, {}):
            return False
        self.shares.setdefault(a, {})[b] = None
        self.shares.setdefault(b, {})[a] = None
        return True

    def derive(self, new: Key, old: Key, apart: Container[Key] = ()) -> None:
        """Note that a new cell may be the memory of an old one, or of what that may be; but not of those in `apart`."""
        for key in (old, *self.shares.get(old, {})):
            if key not in apart:
                self.share(new, key)
        self.inherit(new, old, apart)

    def inherit(self, new: Key, old: Key, apart: Container[Key] = ()) -> bool:
        """Note that a new cell may be in the lists that an old one may be in, or hold what that may hold."""
        found = [k for k in self.holds.get(old, {}) if k not in apart and k not in self.holds.get(new, {})]
        for key in found:
            self.holds.setdefault(new, {})[key] = None
            self.holds.setdefault(key, {})[new] = None
            box, item = (new, key) if key in self.inside.get(old, {}) else (key, new)
            self.inside.setdefault(box, {})[item] = None
        return bool(found)

    def hold(self, box: Key, item: Key) -> None:
        """Note that an item of a run-time list is, or may be, the memory of a cell."""
        for key in (item, *self.shares.get(item, {})):
            self.holds.setdefault(box, {})[key] = None
            self.holds.setdefault(key, {})[box] = None
            self.inside.setdefault(box, {})[key] = None

    def beside(self, box: Key) -> dict[Key, None]:
        """The other lists that may have an item of a list."""
        found = (b for item in self.inside.get(box, {}) for b in self.holds.get(item, {}) if item in self.inside.get(b, {}))
        return {b: None for b in found if b != box}

    def release(self, item: Key, box: Key) -> None:
        """Note that an item has left a run-time list in which it was once."""
        self.holds.get(box, {}).pop(item, None)
        self.inside.get(box, {}).pop(item, None)
        self.holds.get(item, {}).pop(box, None)

    def may_share(self, a: Key, b: Key) -> bool:
        return a == b or b in self.shares.get(a, {})

    def holders(self, key: Key) -> int:
        """How many names and containers hold a cell or a view of it."""
        return sum(cells(v).count(key) for v in self.names.values()) + len(self.shares.get(key, {}))

    def unknown(self, key: Key, text: str) -> None:
        shown = key[1].split("·")[0] or "an array"
        raise Refused(Problem(text.format(shown), "take a copy before the store: .copy()", self.emit.origin))


def cells(value: Value) -> list[Key]:
    """The cells that a kept value refers to."""
    match value:
        case Place(cell=key):
            return [key]
        case Partial(args=args, kwargs=kwargs):
            return [k for part in (*args, *(v for _, v in kwargs)) for k in cells(part)]
        case Method(receiver=receiver):
            return cells(receiver)
        case Choice(then=then, orelse=orelse):
            return [*cells(then), *cells(orelse)]
        case _:
            return [k for part in children(value) or () for k in cells(part)]


def is_cell(key: Key) -> bool:
    return key[0] < 0


def may_be_written(v: Var) -> bool:
    """True for arrays and run-time lists."""
    return isinstance(v.type, Array | Number | List | Tape)


def _copied(links: Links) -> Links:
    return {k: dict(v) for k, v in links.items()}
