"""What calls that have ended left behind: names of earlier trips of a loop, which the first trip has not assigned.

In: an inner function that was flattened in a loop, and the names that there were before. Out: the variables that it is given by
names of that kind. It only hands them on, as what a loop starts with or what a branch does not assign; their shape must not be
asked for.

    for e in basis:                 `g` has a loop that sets `y`, so `y` goes from trip to trip of this loop,
        jvp(g, (x,), (e,))          and the loop in `g` starts with the `y` of the trip before
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from wengert.analyses.paths import maybe_none, unbound
from wengert.frontend.context import Flattener
from wengert.frontend.memory import cells
from wengert.frontend.values import Closure, Frame, Key, Partial, Value, children
from wengert.ir.nodes import UNDEFINED, Atom, Block, Const, For, Var, While
from wengert.ir.queries import operands, reads, substitute, targets, walk


def left_over(
    f: Flattener, inner: Block, names: Mapping[Key, Value], frames: int, given: Sequence[Value]
) -> frozenset[Var]:
    """The free variables of `inner` that may be unbound.

    `names` are those that there were before it was flattened, when `frames` calls had been flattened; `given` are the function
    and its arguments.
    """
    suspects = dict.fromkeys(reads(inner))
    for s in walk(inner):
        match s:
            case For():
                read: Iterable[Atom] = s.sequences
            case While():
                read = ()
            case _:
                read = operands(s)
        for a in read:
            if isinstance(a, Var):
                suspects.pop(a, None)
    if not suspects:
        return frozenset()
    bound = {v for block in f.emit.opened for s in block for v in targets(s)}
    held = {a for v in names.values() for a in _atoms(v)} - bound
    found = [v for v in suspects if v in held]
    return frozenset(found) - _reached(f, names, frames, given) if found else frozenset()


def unbound_with(body: Block, absent: Collection[Var]) -> set[Var]:
    """The variables of a block that may be unbound or None, where the free variables `absent` may be.

    What an augmented primal did not record on a path is None there.
    """
    given = substitute(body, dict.fromkeys(absent, UNDEFINED))
    return unbound(given) | maybe_none(given) | {*absent}


def _reached(f: Flattener, names: Mapping[Key, Value], frames: int, given: Sequence[Value]) -> set[Atom]:
    """What the program can still get at: by names of calls that have not ended, through cells and closures."""
    first = f.storage.first
    open_frames = {*range(frames + 1)}
    queue = [*given, *(v for k, v in names.items() if 0 <= k[0] <= frames or k in first), *first.values()]
    seen: set[Key] = set()
    reached: set[Atom] = set()
    while queue:
        value = queue.pop()
        reached.update(_atoms(value))
        keys = cells(value)
        for number in _frames(value):
            if number not in open_frames:
                open_frames.add(number)
                keys += [k for k in names if k[0] == number]
        for key in keys:
            if key not in seen and key in names:
                seen.add(key)
                queue.append(names[key])
    return reached


def _atoms(value: Value) -> list[Atom]:
    parts = children(value)
    if parts is not None:
        return [a for p in parts for a in _atoms(p)]
    return [value] if isinstance(value, Var | Const) else []


def _frames(value: Value) -> Iterator[int]:
    """The calls whose names a value can read."""
    match value:
        case Closure(frame=frame, defaults=defaults):
            outer: Frame | None = frame
            while outer is not None:
                yield outer.number
                outer = outer.parent
            for _, default in defaults:
                yield from _frames(default)
        case Partial(function=inner, args=args):
            for part in (inner, *args):
                yield from _frames(part)
        case _:
            for part in children(value) or ():
                yield from _frames(part)
