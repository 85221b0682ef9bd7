"""Names denote places: what is stored through one name is seen through every other.

A mutable value (array, list, dict, object) lives in a *cell*. A name is bound to a `Place`: the cell, and the views that
lead from its contents to the value. Reading a name loads the place; an operation that reads a value whose cell was
written since reads the cell again. Cells are kept among the names: branches join them and loops carry them as they do names.

    b = a[1:]        b -> Place(cell of a, (getitem 1:,))
    b[0] = 2.0       the cell of a now holds `a with [1:][0] = 2.0`

Where it is not known whether two cells are one memory (`np.reshape` of what may not be contiguous, `b = a if c else d`),
they *share*: a store into one makes the other unreadable, and reading it is refused.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from wengert.errors import Problem
from wengert.frontend.indices import WHOLE, apart, are_apart, composed, is_basic, is_integer, is_whole
from wengert.frontend.join import join
from wengert.frontend.memory import Origins, cells, is_cell, may_be_written
from wengert.frontend.reading import Reading
from wengert.frontend.values import (
    Key,
    Place,
    Poison,
    Refused,
    Step,
    Value,
    children,
    with_children,
)
from wengert.ir.builder import NONE, constant
from wengert.ir.nodes import AddStore, Arg, Atom, Block, Const, Display, If, Statement, Store, Var
from wengert.ir.types import Array, List, Opaque, Tape, Type

__all__ = ["WHOLE", "Storage", "apart", "is_basic", "is_cell", "is_integer", "may_be_written"]

INVERSES: dict[Callable[..., Any], Callable[..., Any]] = {np.flip: np.flip, np.flipud: np.flipud, np.fliplr: np.fliplr}
INVERSES |= {np.swapaxes: np.swapaxes}



@dataclass(slots=True)
class Storage(Reading):
    """The cells of one flattening: what is written through one name is seen through every other."""

    # --- writing ----------------------------------------------------------------------------------------------------

    def write(self, place: Place, value: Value, items: bool = False) -> None:
        """Replace what a cell holds; who may share its memory can no longer be read.

        With `items` a list gets other items, and the memory of none of them is written.
        """
        key = place.cell
        self.names[key] = value
        self.written[key] = None
        mine = key[1].split("·")[0] or "an array"
        others = dict(self.shares.get(key, {}))
        if not items:
            for other in (*self.holds.get(key, {}), *self.beside(key)):
                others.update(dict.fromkeys((other, *self.shares.get(other, {}))))
        others.pop(key, None)
        for other in others:
            if other in self.names or other in self.first:
                theirs = other[1].split("·")[0] or "an array"
                line = f" (line {self.emit.origin.line})" if self.emit.origin else ""
                text = f"`{theirs}` may share memory with `{mine}`, which is written{line}"
                self.names[other] = Poison(text, "make it an array of its own: .copy()")
            self.written[other] = None

    def replace(self, place: Place, value: Var) -> None:
        """An array is overwritten by one of the same type: the layout of its memory stays."""
        held = self.contents(place.cell)
        if self._put_either(place, WHOLE, value, False):
            return
        self.compact.pop(value, None)
        if isinstance(held, Var):
            self.settle(value, self.compact.get(held))
        self.write(place, value)
        self.homes[value] = (Place(place.cell), value)

    def put(self, place: Place, index: Arg, value: Atom, add: bool = False) -> None:
        """Store `value` into what `index` selects of the array at `place`."""
        held = self.contents(place.cell)
        if isinstance(held, Poison):
            raise Refused(Problem(held.message, held.instead, self.emit.origin))
        assert isinstance(held, Var), held
        listed = isinstance(held.type, List | Tape)
        if not listed and self._put_either(place, index, value, add):
            return
        if listed and not place.path:
            self.detach(place.cell)
        made = self._put(held, place.path, index, value, add)
        self.write(place, made, items=listed and not place.path)
        if listed and place.path and place.cell in self.twins:
            text = f"items of `{made.hint or 'a list'}` may share memory, and one of them is written"
            self.names[place.cell] = Poison(text, "append copies: .copy()")
        self.homes[made] = (Place(place.cell), made)
        self.settle(made, self.compact.get(held))

    def _put(self, base: Atom, path: tuple[Step, ...], index: Arg, value: Atom, add: bool) -> Var:
        listed = isinstance(base.type, List | Tape)
        while path and path[0].op is operator.getitem and not listed:
            after = path[1].args[0] if len(path) > 1 and path[1].op is operator.getitem else index if len(path) == 1 else None
            joined = None if after is None else composed(path[0].args[0], after)
            if joined is None:
                break
            if len(path) == 1:
                path, index = (), joined
            else:
                path = (Step(operator.getitem, (joined,)), *path[2:])
        if not path:
            return self._stored(base, index, value, add)
        deep = nested(base.type, path, index)
        if deep is not None:
            return self._stored(base, deep, value, add)
        step = path[0]
        inner = self._step(step, base)
        changed = self._put(inner, path[1:], index, value, add)
        if step.op is operator.getitem:
            return self._stored(base, step.args[0], changed)
        return self._stored(base, WHOLE, self._back(step, base, changed))

    def _stored(self, base: Atom, index: Arg, value: Atom, add: bool = False) -> Var:
        """A new version of what a cell holds."""
        if isinstance(base, Var) and isinstance(base.type, Array) and base.type.shape == ():
            return self._refilled(base, index, value, add)
        t = base.type
        if isinstance(t, List) and not (isinstance(index, Display) and index.kind == "slice"):
            t = _holding(t, len(index.items) if isinstance(index, Display) else 1, value.type)
        made = Var(base.hint if isinstance(base, Var) else "", t)
        self.emit.append((AddStore if add else Store)(made, base, index, value, self.emit.origin))
        return made

    def _refilled(self, base: Var, index: Arg, value: Atom, add: bool) -> Var:
        """An array without axes that holds something else: made anew, because its derivative may be a scalar."""
        whole = is_whole(index) or (isinstance(index, Display) and all(map(is_basic, index.items)))
        new: Atom = self.emit.apply(operator.add, (base, value)) if add else value
        if not whole:
            new = self.emit.apply(np.where, (index, new, base))
            new = self.emit.apply(np.reshape, (new, Display("tuple", ())))
        dtype = getattr(base.type, "dtype", None)
        options = () if dtype is None or getattr(new.type, "dtype", None) == dtype else (("dtype", constant(np.dtype(dtype))),)
        return self.emit.assign(np.array, (new,), base.type, options, hint=base.hint)

    def _back(self, step: Step, base: Atom, changed: Var) -> Atom:
        """The contents of a cell from a view of all of it."""
        if step.op in INVERSES:
            return self.emit.apply(INVERSES[step.op], (changed, *step.args), step.kwargs)
        if step.op is np.transpose and (not (step.args or step.kwargs) or step.args == (NONE,)):
            return self.emit.apply(np.transpose, (changed,))
        if step.op in (np.reshape, np.ravel, np.squeeze, np.expand_dims):
            shape = self.emit.apply(np.shape, (base,), type=Opaque(), inline=True)
            return self.emit.apply(np.reshape, (changed, shape))
        name = getattr(step.op, "__name__", "this")
        text = f"storing through `{name}` is not supported"
        raise Refused(Problem(text, "store into the array itself, or into a copy", self.emit.origin))

    # --- one of two places ------------------------------------------------------------------------------------------

    def _put_either(self, place: Place, index: Arg, value: Atom, add: bool) -> bool:
        """Store through a name of one of two places, into that one; False where the name is of one place only."""
        ends = self._ends(place.cell)
        if getattr(self.emit, "trials", ()):  # what the store raises in one of the arms would have to leave both
            return False
        if place.cell not in self.either or any(self.may_share(p, q) for k, p in enumerate(ends) for q in ends[:k]):
            return False
        state = {cell: self.contents(cell) for cell in ends}
        if not all(isinstance(v, Var) for v in state.values()):
            return False
        after = dict(state)
        self._put_ends(place, after, index, value, add)
        for cell, held in state.items():
            if after[cell] is not held:
                made = after[cell]
                assert isinstance(made, Var)
                self.write(Place(cell), made)
                self.homes[made] = (Place(cell), made)
                self.settle(made, self.dense(held))
        return True

    def _ends(self, cell: Key) -> list[Key]:
        """The cells that a cell may be."""
        if cell not in self.either:
            return [cell]
        _, first, second = self.either[cell]
        found = [*self._ends(first.cell), *self._ends(second.cell)]
        return list(dict.fromkeys(found))

    def _put_ends(self, place: Place, state: dict[Key, Value], index: Arg, value: Atom, add: bool) -> None:
        if place.cell not in self.either:
            base = state[place.cell]
            assert isinstance(base, Var)
            state[place.cell] = self._put(base, place.path, index, value, add)
            return
        test, *ways = self.either[place.cell]
        arms: list[tuple[dict[Key, Value], list[Statement]]] = []
        for way in ways:
            after = dict(state)
            with self.emit.block() as statements:
                self._put_ends(Place(way.cell, (*way.path, *place.path)), after, index, value, add)
            arms.append((after, statements))
        first, second = (after for after, _ in arms)
        changed = [c for c in state if first[c] is not second[c]]
        held = {c: v for c, v in state.items() if c in changed and isinstance(v, Var)}
        results = {c: Var(v.hint, v.type) for c, v in held.items()}
        blocks = [Block(tuple(s), tuple(v for c, v in a.items() if c in held and isinstance(v, Var))) for a, s in arms]
        self.emit.append(If(tuple(results.values()), test, blocks[0], blocks[1], self.emit.origin))
        state.update(results)

    # --- lists of run time ------------------------------------------------------------------------------------------

    def lend(self, item: Var, box: Key) -> None:
        """An entry that a loop takes from a run-time list: a store into it is one into the list."""
        place = self.keep(item, item.hint)
        self.homes[item] = (place, item)
        self.hold(box, place.cell)

    def gather(self, box: Key, found: Origins) -> None:
        """Note that a run-time list gets an item that may be the memory of these cells."""
        for key, _ in found:
            again = key == box or key in self.holds.get(box, {})
            if again or (self.entered and -key[0] <= self.entered[-1]):
                self.twins[box] = None
            if key != box:
                self.hold(box, key)

    def detach(self, key: Key) -> None:
        """Before a run-time list gets other items: what was taken from it before stays what it is."""
        held = self.contents(key)
        moved: dict[Step, Place] = {}

        def apart(place: Place, now: Var | None) -> Place:
            step = place.path[0]
            if step not in moved:
                item = self._load_place(Place(key, (step,)), ()) if now is None or len(place.path) > 1 else now
                moved[step] = made = self.keep(item, key[1].split("·")[0])
                for other in self.holds.get(key, {}):
                    if other in self.names or other in self.first:
                        self.share(made.cell, other)
                for before, theirs in moved.items():
                    if theirs != made and (key in self.twins or not are_apart(before, step)):
                        self.share(made.cell, theirs.cell)
                self.hold(key, made.cell)
            return Place(moved[step].cell, place.path[1:])

        def renewed(value: Value) -> Value:
            if isinstance(value, Place):
                return apart(value, None) if value.cell == key and value.path else value
            parts = children(value)
            if parts is None:
                return value
            made = tuple(map(renewed, parts))
            return value if all(p is q for p, q in zip(made, parts, strict=True)) else with_children(value, made)

        for name, value in list(self.names.items()):
            self.names[name] = renewed(value)
        for v, (place, then) in list(self.homes.items()):
            if place.cell == key and place.path:
                if then is held or place.path[0] in moved:
                    place = apart(place, v)
                    self.homes[v] = (place, self.contents(place.cell) if then is held else then)
                else:
                    del self.homes[v]
                    self.origins[v] = ((key, then),)

    def longer(self, base: Var, t: Type, end: Atom, value: Atom) -> Var:
        """A new version of a run-time list that is part of a list of tuples."""
        made = Var(base.hint, t)
        self.emit.append(Store(made, base, end, value, self.emit.origin))
        return made

    def push(self, place: Place, made: Var, base: Var, end: Const, value: Atom) -> None:
        """A run-time list that is longer or shorter by one item."""
        self.detach(place.cell)
        self.emit.append(Store(made, base, end, value, self.emit.origin))
        self.write(place, made, items=True)
        self.pushed.append(place.cell)
        self.homes[made] = (Place(place.cell), made)

    # --- housekeeping -----------------------------------------------------------------------------------------------

    def sweep(self) -> None:
        """Forget the cells that no name leads to any more."""
        if len(self.names) < self.live:
            return
        reached: dict[Key, None] = dict.fromkeys(self.first)
        queue = [v for k, v in self.names.items() if k[0] >= 0 or k in self.first]
        while queue:
            value = queue.pop()
            found = cells(value)
            found += [way.cell for key in tuple(found) if key in self.either for way in self.either[key][1:]]
            for key in found:
                if key not in reached:
                    reached[key] = None
                    queue.append(self.contents(key))
        for key in [k for k in self.names if k[0] < 0 and k not in reached]:
            del self.names[key]
        self.live = 2 * len(self.names) + 64


def nested(t: Type, path: tuple[Step, ...], index: Arg) -> Display | None:
    """The positions that lead to an item of a list of lists, as one index; None where something else is on the way."""
    found: list[Arg] = []
    for arg in (*(s.args[0] for s in path if s.op is operator.getitem), index):
        if not isinstance(t, List | Tape) or not is_integer(arg):
            return None
        found.append(arg)
        t = t.item
    return Display("tuple", tuple(found)) if len(found) == len(path) + 1 else None


def _holding(t: Type, depth: int, value: Type) -> Type:
    """The type of a list of which an item so deep inside is replaced: a list of ints may get a float."""
    if depth == 0 or not isinstance(t, List):
        return join(t, value)
    return List(_holding(t.item, depth - 1, value))
