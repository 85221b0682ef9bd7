"""What a program does to the arguments that it is called with, and to the arrays of its surroundings.

    touched(f, [(("A",), place of A), (("b",), place of b)], body)
    Touched(written=(("A",),), read=(("A",), ("b",)))          A[0] = b[1]
"""

from __future__ import annotations

import inspect
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from wengert.frontend.context import Flattener
from wengert.frontend.signature import Described
from wengert.frontend.values import Mapping_, Pack, Place, Record, Value, children
from wengert.ir.nodes import Block, Var
from wengert.ir.queries import reads

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
