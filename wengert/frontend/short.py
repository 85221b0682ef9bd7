"""Short loops that cannot be loops: they are written out, trip by trip.

In: how to flatten a loop, as a loop or written out. Out: the loop, or the trips one after the other where its body needs the
number of the trip, or changes types from trip to trip.

    for k in range(1, 3): x = p[f"W{k}"] @ x        x = p_W1 @ x; x = p_W2 @ x
    sum(p[f"b{k}"] for k in range(2))               p_b0 + p_b1
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from wengert.frontend.context import Flattener
from wengert.frontend.iterables import Checkpointed
from wengert.frontend.pinned import PINNED
from wengert.frontend.values import Generator, Iterable_, Refused, Value
from wengert.ir.nodes import Const, Var
from wengert.ir.types import shape_of

FEW = 32
"""The longest loop that is written out trip by trip where it cannot be a loop."""

T = TypeVar("T")


def is_short(iterable: Value, few: int = FEW) -> bool:
    """True where the number of trips is known and small, and the loop would be kept."""
    if isinstance(iterable, Generator):
        return is_short(iterable.first, few)
    if isinstance(iterable, Var):
        return 0 < (rows_of(iterable) or 0) <= few
    if not isinstance(iterable, Iterable_) or isinstance(iterable, Checkpointed) or iterable.unroll:
        return False
    return isinstance(iterable.length, Const) and 0 < iterable.length.value <= few


def rows_of(value: Value) -> int | None:
    """The length of an array where that is known."""
    first = ((shape_of(value.type) if isinstance(value, Var) else ()) or (None,))[0]
    return first if isinstance(first, int) else None


def looped_or_unrolled(f: Flattener, run: Callable[[bool], T]) -> T:
    """`run(False)`, a loop; `run(True)`, its trips written out, where the loop is refused and they are not."""
    pinned = PINNED.get()
    if pinned is not None and pinned.loops:
        pinned.loops -= 1
        return run(True)
    before, count, noted, spent = dict(f.names), len(f.emit.statements), len(f.problems), list(f.spent)
    related, refused = f.storage.relations(), None
    made: T
    try:
        made = run(False)
    except Refused as error:
        refused = error
    if refused is None and len(f.problems) == noted:
        return made
    after, statements, problems = dict(f.names), f.emit.statements[count:], f.problems[noted:]
    related_after = f.storage.relations()
    f.storage.relate(related)
    f.names.clear()
    f.names.update(before)
    del f.problems[noted:]
    f.storage.forget(count)
    f.spent[:] = spent
    try:
        again = run(True)
        if len(f.problems) == noted:
            return again
    except Refused:
        pass
    f.names.clear()  # what is wrong with the loop is told of the loop
    f.names.update(after)
    f.storage.relate(related_after)
    f.emit.statements[count:], f.problems[noted:] = statements, problems
    if refused is not None:
        raise refused
    return made
