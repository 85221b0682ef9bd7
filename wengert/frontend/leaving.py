"""What a call of an emitted function leaves in its arguments and in the names around it.

An emitted function never writes into what it is given: it returns new versions of what it wrote, after its value, and the
caller puts them where Python would have written.

    def scale(a, n):                          value, a = scale(a, n)       `a` is written
        if n > 0:
            a *= 2.0
            scale(a[1:], n - 1)               value, v2 = scale(a[1:], n - 1)
                                              a[1:] = v2
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from wengert.errors import Problem
from wengert.frontend.context import Flattener
from wengert.frontend.places import WHOLE, apart
from wengert.frontend.signatures import Signature
from wengert.frontend.values import Key, Mapping_, Pack, Place, Poison, Record, Refused, Value, children, with_children
from wengert.ir.builder import constant
from wengert.ir.nodes import Const, Structure, Var
from wengert.ir.types import Array, List, Number, is_scalar

DEEPEST = 20
"""How deep what is left in an object may be nested; one that contains itself has no end."""


@dataclass(frozen=True, slots=True)
class Given:
    """A part of what a call is given: the parameter or the name outside, and the positions that lead to the part."""

    name: Hashable
    path: tuple[int, ...] = ()


@dataclass(slots=True)
class Entered:
    """Where one flattening of an emitted function keeps what it is given; `names` are those of frames outside of it."""

    cells: dict[Key, Given] = field(default_factory=dict)
    names: dict[Key, Value] = field(default_factory=dict)

    def enter(self, f: Flattener, name: Hashable, kept: Value) -> None:
        """Take down the cells of an argument."""
        for cell, given in _cells(f, kept, Given(name)):
            self.cells.setdefault(cell, given)

    def left(
        self, f: Flattener, known: tuple[Given, ...] = ()
    ) -> tuple[tuple[tuple[Given, ...], tuple[Key, ...]], tuple[Value, ...]]:
        """Which arguments were written (now or in a pass before) and which names assigned, and what they are at the end."""
        written = tuple(c for c, given in self.cells.items() if c in f.storage.written or given in known)
        assigned = tuple(k for k, v in self.names.items() if f.names.get(k) is not v)
        contents = [self._contents(f, cell) for cell in written]
        contents += [self.exported(f, f.names[k]) for k in assigned]
        return (tuple(self.cells[c] for c in written), assigned), tuple(contents)

    def _contents(self, f: Flattener, cell: Key) -> Value:
        held = f.storage.contents(cell)
        if isinstance(held, Pack | Mapping_ | Record):
            return with_children(held, tuple(self.exported(f, part, 1) for part in children(held) or ()))
        return self.exported(f, held, 1)

    def exported(self, f: Flattener, kept: Value, depth: int = 0) -> Value:
        """A kept value for the caller: what the caller gave is `Given`, the rest is apart in its numbers."""
        if depth > DEEPEST:
            raise Refused(Problem("an object that contains itself cannot leave a function of its own", "", f.emit.origin))
        if isinstance(kept, Place) and not kept.path:
            if kept.cell in self.cells:
                return constant(self.cells[kept.cell])
            held = f.storage.contents(kept.cell)
            kept = held if isinstance(held, Pack | Mapping_ | Record) else f.storage.load(kept)
        elif isinstance(kept, Place):
            kept = f.storage.load(kept)
        if isinstance(kept, Poison) and kept.message:
            raise Refused(Problem(kept.message, kept.instead, kept.location or f.emit.origin))
        parts = children(kept)
        return kept if parts is None else with_children(kept, tuple(self.exported(f, p, depth + 1) for p in parts))

    def value(self, f: Flattener, value: Value) -> Value:
        """The result of a function; what the caller gave is `Given`, and stays one with the caller's."""
        home = getattr(value, "home", None)
        if isinstance(value, Var) and value in f.storage.homes:
            home = f.storage.homes[value][0]
        if isinstance(home, Place) and not home.path and home.cell in self.cells:
            return constant(self.cells[home.cell])
        if isinstance(value, Pack) and value.kind == "tuple":
            return with_children(value, tuple(self.value(f, item) for item in value.items))
        return value


def _cells(f: Flattener, kept: Value, given: Given) -> Iterator[tuple[Key, Given]]:
    if isinstance(kept, Place):
        yield kept.cell, given
        kept = f.storage.contents(kept.cell)
    for k, part in enumerate(children(kept) or ()):
        yield from _cells(f, part, Given(given.name, (*given.path, k)))


# --- the caller -----------------------------------------------------------------------------------------------------------


def take_over(f: Flattener, signature: Signature, written: tuple[Given, ...], contents: tuple[Value, ...]) -> None:
    """Put what a function left in its arguments where Python would have written it."""
    given = dict(signature.given)
    parts = [part_of(given, w) for w in written]
    for part, new in zip(parts, contents, strict=True):
        if isinstance(part, Var):
            _rewrite(f, part, new)
        elif isinstance(part, Pack) and isinstance(new, Var) and part.home is not None:
            f.storage.write(part.home, new, items=True)  # a list of run time by now
        elif isinstance(part, Pack | Mapping_ | Record) and part.home is not None:
            kept = tuple(_kept(f, given, v) for v in children(new) or ())
            f.storage.write(part.home, with_children(new, kept))


def assign(f: Flattener, signature: Signature, names: tuple[Key, ...], values: tuple[Value, ...]) -> None:
    """Bind the names outside of a function that it assigned."""
    given = dict(signature.given)
    for name, value in zip(names, values, strict=True):
        f.names[name] = _kept(f, given, value, name[1])


def resolved(f: Flattener, signature: Signature, value: Value) -> Value:
    """A result in which the caller's own arguments are in their places."""
    match value:
        case Const(value=Given()):
            return f.storage.load(f.storage.unload(part_of(dict(signature.given), value.value)))
        case Pack(kind="tuple"):
            return with_children(value, tuple(resolved(f, signature, item) for item in value.items))
        case _:
            return value


def has_given(structure: Structure) -> bool:
    """True where a result is, in part, an argument."""
    return isinstance(structure.value, Given) or any(map(has_given, structure.children))


def part_of(given: Mapping[Any, Value], what: Given) -> Value:
    """A part of what a call is given."""
    value = given[what.name]
    for k in what.path:
        value = (children(value) or ())[k]
    return value


def _kept(f: Flattener, given: Mapping[Any, Value], value: Value, hint: str = "") -> Value:
    """What the caller holds for a part of what was left."""
    if isinstance(value, Const) and isinstance(value.value, Given):
        return f.storage.unload(part_of(given, value.value))
    parts = children(value)
    if parts is None:
        return f.storage.unload(value, hint)
    made = with_children(value, tuple(_kept(f, given, p) for p in parts))
    return made if isinstance(made, Pack) and made.kind == "tuple" else f.storage.keep(made, hint)


def _rewrite(f: Flattener, array: Var, new: Value) -> None:
    """An array or a run-time list of the caller after the call."""
    storage = f.storage
    assert isinstance(new, Var | Const)
    if array not in storage.homes:
        for cell, _ in storage.origins.get(array, ()):
            storage.unknown(cell, "it is not known whether this call writes into `{}` or into a copy of it")
        storage.unload(array, "argument")  # nobody else sees it, but the call may return it
        if array not in storage.homes:
            return
    place = storage.homes[array][0]
    if isinstance(array.type, List) and not place.path:
        storage.detach(place.cell)
        storage.write(place, new, items=True)
    elif isinstance(new, Var) and isinstance(new.type, Array | Number) and not place.path:
        storage.replace(place, new)
    else:
        storage.put(place, WHOLE, new)


def check_apart(f: Flattener, signature: Signature, more: Mapping[Any, Value], written: tuple[Given, ...], name: str) -> None:
    """Refuse a call in which something that is written may be one memory with something else that is given."""
    given = {**dict(signature.given), **more}
    homes = [h for key, value in given.items() for h in _homes(f, value, Given(key))]
    for what in written:
        mine = next((place for g, place in homes if g == what), None)
        if mine is None:
            continue
        for other, theirs in homes:
            if other != what and theirs != mine and f.storage.may_share(mine.cell, theirs.cell) and not apart(mine, theirs):
                one, two = (g.name if isinstance(g.name, str) else g.name[1] for g in (what, other))  # type: ignore[index]
                text = f"`{one}` and `{two}` of `{name}`, a function of its own, may share memory, and it writes `{one}`"
                raise Refused(Problem(text, "pass a copy of one of them: .copy()", f.emit.origin))
            if other != what and theirs == mine and not isinstance(f.storage.contents(mine.cell), Var):
                text = f"`{name}`, which is called here as a function of its own, is given one object twice, and writes it"
                raise Refused(Problem(text, "pass a copy of one of them", f.emit.origin))


def _homes(f: Flattener, value: Value, given: Given) -> Iterator[tuple[Given, Place]]:
    """Where the parts of what is given are kept; a cell that a value may have its memory from counts whole."""
    if isinstance(value, Var):
        if value in f.storage.homes:
            yield given, f.storage.homes[value][0]
        elif not is_scalar(value.type):
            for cell, _ in f.storage.origins.get(value, ()):
                yield given, Place(cell)
    elif isinstance(value, Pack | Mapping_ | Record) and value.home is not None:
        yield given, value.home
    for k, part in enumerate(children(value) or ()):
        yield from _homes(f, part, Given(given.name, (*given.path, k)))
