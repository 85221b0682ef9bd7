"""Names that are another view of one array in every trip of a loop: the entries that they select are carried as an index array.

    view = a                            window = arange(len(a))
    while len(view) > 1:                with window:
        view[::2] += view[1::2]             a = a with [window] = ...
        view = view[::2]                    window = window[::2]
"""

from __future__ import annotations

import operator

import numpy as np

from wengert.frontend.context import Flattener
from wengert.frontend.values import Key, Place, Step, Value
from wengert.ir.nodes import Atom, Display, Var
from wengert.ir.types import Array


def moves(f: Flattener, names: dict[Key, Value], before: Value, after: Value) -> bool:
    """True where both are views of one array that select whole rows: slices of slices."""
    if not isinstance(before, Place) or not isinstance(after, Place) or before.cell != after.cell:
        return False
    held = names.get(before.cell, f.storage.first.get(before.cell))
    ranked = isinstance(held, Var) and isinstance(held.type, Array) and bool(held.type.rank)
    return ranked and all(_is_window(s) for s in (*before.path, *after.path))


def through(cell: Key, window: Value) -> Place:
    """The view of an array that a window selects."""
    assert isinstance(window, Var)
    return Place(cell, (Step(operator.getitem, (window,)),))


def window(f: Flattener, place: Place) -> Atom:
    """The entries that a view selects, as an index array that is emitted here."""
    first, *rest = place.path or (None,)
    if first is not None and _is_index(first):
        entries = first.args[0]
    else:
        array = f.storage.load(Place(place.cell))
        assert isinstance(array, Var)
        size = f.emit.apply(len, (array,))
        entries = f.emit.apply(np.arange, (size,))
        rest = list(place.path)
    assert not isinstance(entries, Display)
    for step in rest:
        entries = f.emit.apply(operator.getitem, (entries, *step.args))
    return entries


def _is_window(step: Step) -> bool:
    is_slice = bool(step.args) and isinstance(step.args[0], Display) and step.args[0].kind == "slice"
    return step.op is operator.getitem and (is_slice or _is_index(step))


def _is_index(step: Step) -> bool:
    index = step.args[0] if step.op is operator.getitem else None
    return isinstance(index, Var) and isinstance(index.type, Array)
