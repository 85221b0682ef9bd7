"""What a program does to the arguments that it is called with, and to the arrays and containers of its surroundings.

    touched(f, [(("A",), place of A), (("b",), place of b)], body)
    Touched(written=(("A",),), read=(("A",), ("b",)))          A[0] = b[1]

Arguments are left alone. Arrays of the module or of a closure are written when the function has ended, as Python does; a list
or a dict of the surroundings, or one that is a default, would keep what is written for the next call: that is refused.
"""

from __future__ import annotations

import inspect
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from wengert.errors import Location, Problem
from wengert.frontend.context import Flattener
from wengert.frontend.signature import Described
from wengert.frontend.source import Binding
from wengert.frontend.values import Key, Mapping_, Pack, Place, Poison, Record, Refused, Value, children
from wengert.ir.builder import constant
from wengert.ir.nodes import Assign, Block, Var
from wengert.ir.queries import map_atoms, reads
from wengert.ir.types import Opaque
from wengert.runtime import stop_gradient

Path: TypeAlias = "tuple[Hashable, ...]"
"""The name of an argument, then the keys, positions and attributes that lead to a part of it."""


@dataclass(frozen=True, slots=True)
class Touched:
    """The parts from outside that a program writes, and those that it reads or writes."""

    written: tuple[Path, ...] = ()
    read: tuple[Path, ...] = ()


UNTOUCHED = Touched()


def paths(signature: inspect.Signature, described: Mapping[str, Described]) -> list[Path]:
    """The way to each argument of a call: its name, and its place where the parameter takes several."""
    single: list[Path] = []
    named: list[Path] = []
    for name, p in signature.parameters.items():
        value = described[name].value
        if p.kind is p.VAR_POSITIONAL:
            single.extend((name, k) for k in range(len(value.items) if isinstance(value, Pack) else 0))
        elif p.kind is p.VAR_KEYWORD:
            named.extend((name, k) for k in (value.keys if isinstance(value, Mapping_) else ()))
        else:
            (named if p.kind is p.KEYWORD_ONLY else single).append((name,))
    return [*single, *named]


def touched(f: Flattener, outside: Sequence[tuple[Path, Value]], body: Block) -> Touched:
    """What the flat program does to values that were kept on entry; nothing is looked for where it writes none of them."""
    parts = [part for path, kept in outside for part in _parts(f, kept, path)]
    written = tuple(path for path, place, _ in parts if place.cell in f.storage.written)
    if not written:
        return UNTOUCHED
    read = reads(body)
    used = [p for p, _, on_entry in parts if p in written or not isinstance(on_entry, Var) or on_entry in read]
    return Touched(written, tuple(used))


def _parts(f: Flattener, kept: Value, path: Path) -> Iterator[tuple[Path, Place, Value]]:
    """The arrays and containers in a value from outside: where they are kept, and what they were on entry."""
    if isinstance(kept, Place):
        place, kept = kept, f.storage.first.get(kept.cell, kept)
        yield path, place, kept
    parts = children(kept) or ()
    keys: Sequence[Hashable] = range(len(parts))
    if isinstance(kept, Mapping_ | Record):
        keys = kept.keys
    elif isinstance(kept, Pack) and kept.cls is not None:
        keys = kept.cls._fields
    for k, part in zip(keys, parts, strict=True):
        yield from _parts(f, part, (*path, k))


# --- what outlives the call ---------------------------------------------------------------------------------------------

DEFAULT = "·default"
"""Ends the name under which the default of a function is kept among the constants."""


def _lasting(f: Flattener) -> Iterator[tuple[str, Binding | None, Path, Place, Value]]:
    """Of defaults, and of what is read from the surroundings: the name, the way to each part, its place, what it was."""
    for (_, name), kept in f.constants.items():
        yield from ((name, None, *part) for part in _parts(f, kept, (name,)))
    for capture in f.captures.values():
        name = capture.param.name
        yield from ((name, capture.binding, *part) for part in _parts(f, capture.value, (name,)))


def refuse_write(f: Flattener, cell: Key, location: Location | None) -> None:
    """Refuse to write into a list or a dict that outlives the call."""
    if f.opaque or cell not in f.storage.first or (f.family is not None and f.family.making):
        return
    for name, _, _, place, on_entry in _lasting(f):
        if place.cell == cell and not isinstance(on_entry, Var):
            raise Refused(_problem(name, location))


def _problem(name: str, location: Location | None) -> Problem:
    if name.endswith(DEFAULT):
        shown = name.removesuffix(DEFAULT)
        text = f"`{shown}` is a default, and Python keeps what is written into it for the next call"
        return Problem(text, f"write {shown}=None, and make it in the function", location)
    text = f"`{name}` is not of this function, and what is written into it would outlive the call"
    return Problem(text, "pass it as an argument, or make it in the function", location)


def leave_arrays(f: Flattener) -> None:
    """When the function has ended: write what it stored into arrays of its surroundings, refuse what it changed beside them.

    What it reads of such an array is a copy from the start: the adjoint may read it after the array is written.
    """
    if f.emit.generated or f.frame is not None or len(f.emit.opened) != 1:
        return
    copies: dict[Var, Var] = {}
    for name, binding, path, place, on_entry in list(_lasting(f)):
        if place.cell not in f.storage.written:
            continue
        if not isinstance(on_entry, Var) or binding is None:
            problem = _problem(name, f.checked_location())
            if all(problem.message != p.message for p in f.problems):
                f.note(Refused(problem))
            continue
        now = f.storage.contents(place.cell)
        if isinstance(now, Poison):
            f.note(Refused(Problem(now.message, now.instead, f.checked_location())))
        elif isinstance(now, Var) and now is not on_entry and on_entry not in copies:
            copies[on_entry] = Var(on_entry.hint, on_entry.type)
            left = f.emit.apply(stop_gradient, (now,), type=now.type)
            f.emit.assign(np.copyto, (constant(_object(f, binding, path)), left), Opaque(), effect=True)
    if not copies:
        return
    statements = f.emit.statements
    statements[:] = [map_atoms(lambda a: copies.get(a, a) if isinstance(a, Var) else a, s) for s in statements]
    statements[:0] = [Assign(v, np.copy, (old,), effect=True) for old, v in copies.items()]


def _object(f: Flattener, binding: Binding, path: Path) -> Any:
    """The array itself; each call of the derivative checks that it is still there."""
    f.guard(binding)
    found = binding.get()
    for name in path[1:]:
        part = _Part("part", found, name)  # type: ignore[arg-type]
        f.guard(part)
        found = part.get()
    return found


@dataclass(frozen=True, slots=True, eq=False)
class _Part(Binding):
    """An item of a container, or an attribute of an object."""

    def get(self) -> Any:
        try:
            held: Any = self.holder
            name: Any = self.name
            return held[name] if isinstance(held, dict | list | tuple) else getattr(held, name)
        except (KeyError, IndexError, AttributeError):
            return None
