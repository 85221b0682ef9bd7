"""Arguments that share memory while a program writes one of them: found before anything is computed.

    check_apart([("A",)], None, {"A": a, "B": a[1:]}, "f")
    ArgumentError: `A` and `B` share memory, and `f` writes into `A`
"""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from wengert.errors import ArgumentError

Path: TypeAlias = "tuple[Hashable, ...]"
"""The name of an argument, then the keys, positions and attributes that lead to a part of it."""


def check_apart(written: Sequence[Path], read: Sequence[Path] | None, arguments: Mapping[str, Any], name: str) -> None:
    """Raise `ArgumentError` where a part that the program `name` writes is also another part of the arguments.

    Only the parts in `read` matter, where it is known what the program reads.
    """
    parts = [part for key, value in arguments.items() for part in parts_of(value, (key,))]
    by_path = dict(parts)
    for path in written:
        mine = by_path.get(path)
        if isinstance(mine, np.ndarray) and _overlaps_itself(mine):
            text = f"entries of `{shown(path)}` share memory, and `{name}` writes into it"
            raise ArgumentError(text, "pass a copy: .copy()")
        for other, theirs in parts:
            if other != path and (read is None or other in read) and mine is not None and _one(mine, theirs):
                text = f"`{shown(path)}` and `{shown(other)}` share memory, and `{name}` writes into `{shown(path)}`"
                raise ArgumentError(text, "pass a copy of one of them")


def parts_of(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    """The arrays and the containers in an argument, each with the way to it."""
    if isinstance(value, np.ndarray):
        yield path, value
    elif isinstance(value, Mapping):
        yield path, value
        for k, v in value.items():
            yield from parts_of(v, (*path, k))
    elif isinstance(value, (list, tuple)):
        if isinstance(value, list):
            yield path, value
        for n, v in zip(getattr(value, "_fields", range(len(value))), value, strict=True):
            yield from parts_of(v, (*path, n))
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        yield path, value
        for field in dataclasses.fields(value):
            yield from parts_of(getattr(value, field.name), (*path, field.name))


def shown(path: Path) -> str:
    """How an error names a part: `A`, `p['w']`, `p[0]`."""
    return str(path[0]) + "".join(f"[{k!r}]" for k in path[1:])


def _one(a: Any, b: Any) -> bool:
    """True for one container, or arrays with an entry in common."""
    if not isinstance(a, np.ndarray) or not isinstance(b, np.ndarray):
        return a is b
    return np.may_share_memory(a, b) and np.shares_memory(a, b)  # the first is cheap, the second exact


def _overlaps_itself(a: np.ndarray[Any, Any]) -> bool:
    """True where two indices may lead to one entry; the layouts of slices and transposes are known not to."""
    if a.size < 2:
        return False
    reach = 0
    for stride, length in sorted((abs(s), n) for s, n in zip(a.strides, a.shape, strict=True) if n > 1):
        if stride <= reach:
            return True
        reach += stride * (length - 1)
    return False
