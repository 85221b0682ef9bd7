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
from collections.abc import Callable, Container
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from wengert.analyses.fresh import is_fresh
from wengert.errors import Problem
from wengert.frontend.emitter import Emitter
from wengert.frontend.values import (
    Choice,
    Key,
    Mapping_,
    Method,
    Pack,
    Partial,
    Place,
    Poison,
    Record,
    Refused,
    Rows,
    Step,
    Value,
    children,
    with_children,
)
from wengert.ir.builder import NONE, constant
from wengert.ir.nodes import AddStore, Arg, Assign, Atom, Const, Display, Statement, Store, Var
from wengert.ir.queries import atoms_of
from wengert.ir.types import Array, Int, List, Number, NumpyScalar, Opaque, Range, Tape, Type, is_scalar, shape_of

Origins = tuple[tuple[Key, Value], ...]
"""Cells that a value may have its memory from, with their contents when it was made."""

VIEWS: frozenset[Callable[..., Any]] = frozenset(
    {np.transpose, np.swapaxes, np.moveaxis, np.squeeze, np.expand_dims, np.flip, np.flipud, np.fliplr, np.rot90}
)
"""Operations whose result is a view of their first argument for certain."""

ORDERED: frozenset[Callable[..., Any]] = frozenset(
    {np.zeros, np.ones, np.empty, np.full, np.arange, np.eye, np.identity, np.outer, np.matmul, operator.matmul, np.dot}
)
"""Operations whose result is C-contiguous."""

STACKED: frozenset[Callable[..., Any]] = frozenset({np.matmul, operator.matmul})
"""Operations whose result is laid out like their arguments along the axes before the last two."""

LIKE: frozenset[Callable[..., Any]] = frozenset(
    {np.zeros_like, np.ones_like, np.empty_like, np.full_like, np.ndarray.astype}
)
"""Operations whose result has the layout of their first argument."""

INVERSES: dict[Callable[..., Any], Callable[..., Any]] = {np.flip: np.flip, np.flipud: np.flipud, np.fliplr: np.fliplr}
INVERSES |= {np.swapaxes: np.swapaxes}

WHOLE = Const(Ellipsis, Opaque())
EVERYTHING = Display("slice", (NONE, NONE, NONE))


@dataclass(slots=True)
class Storage:
    """The cells of one flattening, and which may share memory; `names` is the flattener's own table."""

    emit: Emitter
    names: dict[Key, Value]
    homes: dict[Var, tuple[Place, Value]] = field(default_factory=dict)
    origins: dict[Var, Origins] = field(default_factory=dict)
    views: dict[Place, tuple[Var, Value, list[Statement]]] = field(default_factory=dict)
    shares: dict[Key, dict[Key, None]] = field(default_factory=dict)
    holds: dict[Key, dict[Key, None]] = field(default_factory=dict)
    """Of run-time lists: the cells that their items may be; and of those cells the lists."""
    first: dict[Key, Value] = field(default_factory=dict)
    written: dict[Key, None] = field(default_factory=dict)
    compact: dict[Var, tuple[Var, ...]] = field(default_factory=dict)
    """Arrays that are C-contiguous, if these arrays from outside are."""
    assumed: dict[Key, tuple[Var, ...]] = field(default_factory=dict)
    """Of cells that were reshaped: the arrays from outside that have to be C-contiguous for that to be a view."""
    pushed: list[Key] = field(default_factory=list)
    twins: dict[Key, None] = field(default_factory=dict)
    """Run-time lists of which two items may be one memory."""
    entered: list[int] = field(default_factory=list)
    """Of the open loops: how many cells there were before."""
    serial: int = 0
    live: int = 64

    # --- cells ------------------------------------------------------------------------------------------------------

    def cell(self, hint: str) -> Key:
        """A new cell; its number is negative, which no frame's is."""
        self.serial += 1
        return (-self.serial, f"{hint}·")

    def keep(self, value: Value, hint: str) -> Place:
        """Put a value into a cell of its own."""
        key = self.cell(hint)
        self.names[key] = value
        return Place(key)

    def outer(self, value: Value, hint: str) -> Value:
        """Keep a value that comes from outside the function: its cells are there on every path."""
        before = self.serial
        kept = self.unload(value, hint)
        for key in self.names:
            if key[0] < -before:
                held = self.first[key] = self.names[key]
                if isinstance(held, Var) and isinstance(held.type, Array):
                    self.compact[held] = (held,)
        return kept

    def attach(self, value: Value, hint: str) -> Key:
        """A cell for an attribute of an object from outside, which holds `value` on every path."""
        key = self.cell(hint)
        self.names[key] = self.first[key] = value
        return key

    def contents(self, key: Key) -> Value:
        """What a cell holds now; what it began with where this path has not met it yet."""
        held = self.names.get(key, self.first.get(key))
        return held if held is not None else Poison("this value cannot be reached any more", "give it a name of its own")

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
                    if theirs != made and (key in self.twins or not _are_apart(before, step)):
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

    def inherit(self, new: Key, old: Key, apart: Container[Key] = ()) -> bool:
        """Note that a new cell may be in the lists that an old one may be in, or hold what that may hold."""
        found = [k for k in self.holds.get(old, {}) if k not in apart and k not in self.holds.get(new, {})]
        for key in found:
            self.holds.setdefault(new, {})[key] = None
            self.holds.setdefault(key, {})[new] = None
        return bool(found)

    def hold(self, box: Key, item: Key) -> None:
        """Note that an item of a run-time list is, or may be, the memory of a cell."""
        for key in (item, *self.shares.get(item, {})):
            self.holds.setdefault(box, {})[key] = None
            self.holds.setdefault(key, {})[box] = None

    def release(self, item: Key, box: Key) -> None:
        """Note that an item has left a run-time list in which it was once."""
        self.holds.get(box, {}).pop(item, None)
        self.holds.get(item, {}).pop(box, None)

    def may_share(self, a: Key, b: Key) -> bool:
        return a == b or b in self.shares.get(a, {})

    # --- from values to places and back -----------------------------------------------------------------------------

    def unload(self, value: Value, hint: str = "") -> Value:
        """What a name or a container holds for `value`: places for what can be written, the value itself otherwise."""
        match value:
            case Var():
                return self._unload_atom(value, hint)
            case Pack(kind="tuple", items=items, cls=cls):
                return Pack("tuple", tuple(self.unload(i, hint) for i in items), cls)
            case Rows():
                return value.home or self.keep(value, hint)
            case Pack(kind="list") | Mapping_() | Record():
                if value.home is not None:
                    return value.home
                names = value.keys if isinstance(value, Record) else ()
                parts = children(value) or ()
                hints = names or (hint,) * len(parts)
                return self.keep(with_children(value, tuple(map(self.unload, parts, hints))), hint)
            case Partial(function=function, args=args, kwargs=kwargs):
                return Partial(function, tuple(map(self.unload, args)), tuple((k, self.unload(v)) for k, v in kwargs))
            case Method(receiver=receiver, name=name):
                return Method(self.unload(receiver), name)
            case Choice(test=test, then=then, orelse=orelse):
                return Choice(test, self.unload(then), self.unload(orelse))
            case _:
                return value

    def _unload_atom(self, v: Var, hint: str) -> Value:
        home = self.homes.get(v)
        if home is not None:
            return home[0]
        origins = self.origins.get(v, ())
        if not may_be_written(v) and not origins:
            return v
        place = self.keep(v, v.hint or hint)
        self.homes[v] = (place, v)
        for key, _ in origins:
            self.derive(place.cell, key)
        return place

    def kept(self, value: Value, hint: str = "") -> Value:
        """The value, kept in its cells: a list that is then held in two places is one list."""
        return value if isinstance(value, Var | Const) else self.load(self.unload(value, hint))

    def load(self, value: Value, active: tuple[Key, ...] = ()) -> Value:
        """The value that is at a place now, apart in its parts."""
        match value:
            case Place():
                return self._load_place(value, active)
            case Pack(kind="tuple", items=items, cls=cls):
                return Pack("tuple", tuple(self.load(i, active) for i in items), cls)
            case Partial(function=function, args=args, kwargs=kwargs):
                loaded = tuple((k, self.load(v, active)) for k, v in kwargs)
                return Partial(function, tuple(self.load(a, active) for a in args), loaded)
            case Method(receiver=receiver, name=name):
                return Method(self.load(receiver, active), name)
            case Choice(test=test, then=then, orelse=orelse):
                return Choice(test, self.load(then, active), self.load(orelse, active))
            case _:
                return value

    def _load_place(self, place: Place, active: tuple[Key, ...]) -> Value:
        held = self.contents(place.cell)
        if place.path:
            return self.view(place, held)
        if isinstance(held, Var):
            self.homes[held] = (place, held)
            return held
        if isinstance(held, Rows):
            return replace(held, home=place)
        if isinstance(held, Pack | Mapping_ | Record) and not (isinstance(held, Pack) and held.kind == "tuple"):
            if place.cell in active:
                return Poison("an object that contains itself cannot be taken apart", "keep it in a local variable of its own")
            inside = (*active, place.cell)
            parts = tuple(self.load(p, inside) for p in children(held) or ())
            loaded = with_children(held, parts)
            assert isinstance(loaded, Pack | Mapping_ | Record)
            return replace(loaded, home=place)
        return self.load(held, active)

    def view(self, place: Place, held: Value) -> Value:
        """A view of what a cell holds, emitted once for each of its contents."""
        if not isinstance(held, Var | Const):
            return held if isinstance(held, Poison) else Poison("this value was replaced by one without such a part")
        known = self.views.get(place)
        if known is not None and known[1] is held and any(b is known[2] for b in self.emit.opened):
            return known[0]
        base: Atom = held
        for step in place.path:
            base = self._step(step, base)
        if isinstance(base, Var):
            self.homes[base] = (place, held)
            self.views[place] = (base, held, self.emit.statements)
        return base

    # --- what operations make ---------------------------------------------------------------------------------------

    def note(self, result: Atom, op: Callable[..., Any], args: tuple[Arg, ...], kwargs: tuple[tuple[str, Arg], ...]) -> None:
        """Take down where the memory of a result is, before the result is used."""
        if not isinstance(result, Var) or is_scalar(result.type) or isinstance(result.type, Range):
            return
        made = Assign(result, op, args, kwargs)
        base = args[0] if args else None
        if is_fresh(made):
            ordered = not any(isinstance(a, Const) and a.value in ("F", "A", "K") for a in (*args, *(v for _, v in kwargs)))
            self.settle(result, self._order(op, args, result) if ordered else None)
            return
        if isinstance(base, Var) and self._is_view(op, base, args, kwargs, result):
            deps = self.dense(base)
            self.settle(result, deps if _stays_compact(op, args) else None)
            home = self.homes.get(base)
            if home is not None:
                if deps and op in (np.reshape, np.ravel):
                    key = home[0].cell
                    self.assumed[key] = tuple(dict.fromkeys((*self.assumed.get(key, ()), *deps)))
                step = Step(op, args[1:], kwargs)
                same = op in (np.asarray, np.ravel) and result.type == base.type
                place = home[0] if same else Place(home[0].cell, (*home[0].path, step))
                self.homes[result] = (place, self.contents(place.cell))
                self.views.setdefault(place, (result, self.contents(place.cell), self.emit.statements))
                return
            if base not in self.origins:
                return  # a view of what nothing else can see
        found = self.memory((*args, *(a for _, a in kwargs)))
        if found:
            self.origins[result] = found

    # --- the layout of memory ---------------------------------------------------------------------------------------

    def dense(self, *atoms: Value) -> tuple[Var, ...] | None:
        """The arrays from outside that have to be C-contiguous for all of these to be; None where some may not be."""
        found: dict[Var, None] = {}
        for a in atoms:
            if not isinstance(a, Var) or is_scalar(a.type):
                continue
            if a not in self.compact:
                return None
            found.update(dict.fromkeys(self.compact[a]))
        return tuple(found)

    def settle(self, v: Var, deps: tuple[Var, ...] | None) -> None:
        """Note that an array is C-contiguous if `deps` are; with None nothing is known."""
        if deps is None:
            self.compact.pop(v, None)
        else:
            self.compact[v] = deps

    def _order(self, op: Callable[..., Any], args: tuple[Arg, ...], result: Var) -> tuple[Var, ...] | None:
        """As `dense`, of the fresh result of an operation."""
        shape = shape_of(result.type)
        if op in STACKED and (shape is None or len(shape) > 2):
            return self.dense(*args)  # type: ignore[arg-type]
        written_out = op is np.array and args and isinstance(args[0], Display)
        if op in ORDERED or (shape is not None and len(shape) <= 1) or written_out:
            return ()
        if op in LIKE:
            return self.dense(args[0]) if isinstance(args[0], Var) else None
        if op in (np.concatenate, np.stack) and args:
            return self.dense(*atoms_of(args[0]))
        elementwise = isinstance(op, np.ufunc) or getattr(op, "__module__", "") == "_operator" or op in (np.copy, np.array)
        arrays = [a for a in args if isinstance(a, Var) and not is_scalar(a.type)]
        return self.dense(*arrays) if elementwise and arrays else None

    def assumptions(self) -> tuple[Var, ...]:
        """The arrays from outside that have to be C-contiguous for the stores of the program to be what they are."""
        reached = (d for key in self.written for d in self.assumed.get(key, ()))
        return tuple(dict.fromkeys(reached))

    # --- what cells there are behind operands -----------------------------------------------------------------------

    def rename(self, old: Var, new: Var) -> None:
        """A variable takes the place of another."""
        if old in self.homes:
            place, held = self.homes[new] = self.homes.pop(old)
            if place in self.views and self.views[place][0] is old:
                self.views[place] = (new, held, self.views[place][2])
        if old in self.origins:
            self.origins[new] = self.origins.pop(old)

    def memory(self, args: tuple[Arg, ...]) -> Origins:
        """The cells that the operands may have their memory in."""
        found: dict[Key, Value] = {}
        for arg in args:
            for a in atoms_of(arg):
                if not isinstance(a, Var) or is_scalar(a.type):
                    continue
                if a in self.homes:
                    key = self.homes[a][0].cell
                    found[key] = self.contents(key)
                found.update(self.origins.get(a, ()))
        return tuple(found.items())

    def _is_view(
        self, op: Callable[..., Any], base: Var, args: tuple[Arg, ...], kwargs: tuple[tuple[str, Arg], ...], result: Var
    ) -> bool:
        if op is operator.getitem:
            return isinstance(base.type, Array | Number | List | Tape) and is_basic(args[1])
        if op in VIEWS:
            return True
        if op is np.asarray:
            return not kwargs and len(args) == 1 and isinstance(base.type, Array)
        if op in (np.reshape, np.ravel) and not kwargs:
            return base in self.compact
        return False

    # --- reading ----------------------------------------------------------------------------------------------------

    def current(self, arg: Arg) -> Arg:
        """The operand as it is now: read again where its cell was written since it was read."""
        if isinstance(arg, Display):
            items = tuple(map(self.current, arg.items))
            return arg if all(p is q for p, q in zip(items, arg.items, strict=True)) else replace(arg, items=items)
        if not isinstance(arg, Var):
            return arg
        home = self.homes.get(arg)
        if home is not None:
            place, then = home
            now = self.names.get(place.cell, then)
            if now is then:
                return arg
            if place.path and isinstance(arg.type, Number):
                self.unknown(place.cell, "it is not known whether this is a view of `{}`, which was written since")
            found = self._load_place(place, ())
            if isinstance(found, Poison):
                raise Refused(Problem(found.message, found.instead, self.emit.origin))
            assert isinstance(found, Var | Const)
            return found
        for key, then in self.origins.get(arg, ()):
            if self.names.get(key, then) is not then:
                self.unknown(key, "this may be a view of `{}`, which was written since")
        return arg

    def unknown(self, key: Key, text: str) -> None:
        shown = key[1].split("·")[0] or "an array"
        raise Refused(Problem(text.format(shown), "take a copy before the store: .copy()", self.emit.origin))

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
            for other in self.holds.get(key, {}):
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
        self.compact.pop(value, None)
        if isinstance(held, Var):
            self.settle(value, self.compact.get(held))
        self.write(place, value)
        self.homes[value] = (Place(place.cell), value)

    def holders(self, key: Key) -> int:
        """How many names and containers hold a cell or a view of it."""
        return sum(cells(v).count(key) for v in self.names.values()) + len(self.shares.get(key, {}))

    def put(self, place: Place, index: Arg, value: Atom, add: bool = False) -> None:
        """Store `value` into what `index` selects of the array at `place`."""
        held = self.contents(place.cell)
        if isinstance(held, Poison):
            raise Refused(Problem(held.message, held.instead, self.emit.origin))
        assert isinstance(held, Var), held
        listed = isinstance(held.type, List | Tape)
        if listed and not place.path:
            self.detach(place.cell)
        made = self._put(held, place.path, index, value, add)
        self.write(place, made, items=listed and not place.path)
        if listed and place.path and place.cell in self.twins:
            text = f"items of `{made.hint or 'a list'}` may share memory, and one of them is written"
            self.names[place.cell] = Poison(text, "append copies: .copy()")
        self.homes[made] = (Place(place.cell), made)
        self.settle(made, self.compact.get(held))

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

    def _put(self, base: Atom, path: tuple[Step, ...], index: Arg, value: Atom, add: bool) -> Var:
        hint = base.hint if isinstance(base, Var) else ""
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
            made = Var(hint, base.type)
            self.emit.append((AddStore if add else Store)(made, base, index, value, self.emit.origin))
            return made
        step = path[0]
        inner = self._step(step, base)
        changed = self._put(inner, path[1:], index, value, add)
        made = Var(hint, base.type)
        if step.op is operator.getitem:
            self.emit.append(Store(made, base, step.args[0], changed, self.emit.origin))
        else:
            back = self._back(step, base, changed)
            self.emit.append(Store(made, base, WHOLE, back, self.emit.origin))
        return made

    def _step(self, step: Step, base: Atom) -> Atom:
        """One view of an array, or one item of a run-time list."""
        item = base.type.item if isinstance(base.type, List | Tape) and not isinstance(step.args[0], Display) else None
        return self.emit.apply(step.op, (base, *step.args), step.kwargs, type=item)

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

    # --- housekeeping -----------------------------------------------------------------------------------------------

    def sweep(self) -> None:
        """Forget the cells that no name leads to any more."""
        if len(self.names) < self.live:
            return
        reached: dict[Key, None] = dict.fromkeys(self.first)
        queue = [v for k, v in self.names.items() if k[0] >= 0 or k in self.first]
        while queue:
            value = queue.pop()
            for key in cells(value):
                if key not in reached:
                    reached[key] = None
                    queue.append(self.contents(key))
        for key in [k for k in self.names if k[0] < 0 and k not in reached]:
            del self.names[key]
        self.live = 2 * len(self.names) + 64


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


def _are_apart(a: Step, b: Step) -> bool:
    """True for two items of a list at known positions, counted from the same end."""
    i, j = (s.args[0].value if isinstance(s.args[0], Const) else None for s in (a, b))
    return isinstance(i, int) and isinstance(j, int) and i != j and (i < 0) == (j < 0)


def _stays_compact(op: Callable[..., Any], args: tuple[Arg, ...]) -> bool:
    """True where a view of a C-contiguous array is one itself: another shape, rows, a run of rows."""
    if op is not operator.getitem:
        return op in (np.reshape, np.ravel, np.asarray, np.expand_dims, np.squeeze)
    index = args[1]
    if isinstance(index, Display) and index.kind == "slice":
        return index.items[2] in (NONE, constant(1))
    return all(map(is_integer, index.items)) if isinstance(index, Display) else is_integer(index)


def is_cell(key: Key) -> bool:
    return key[0] < 0


def may_be_written(v: Var) -> bool:
    """True for arrays and run-time lists."""
    return isinstance(v.type, Array | Number | List | Tape)


def is_basic(index: Arg) -> bool:
    """True for an index of ints, slices, None and Ellipsis, which selects a view."""
    if isinstance(index, Display):
        return index.kind == "slice" or (index.kind == "tuple" and all(map(is_basic, index.items)))
    if isinstance(index, Const):
        return index.value is None or index.value is Ellipsis or type(index.value) is int or isinstance(index.value, np.integer)
    t = index.type
    return isinstance(t, Int) or (isinstance(t, NumpyScalar) and np.dtype(t.dtype).kind in "iu")


def is_integer(index: Arg) -> bool:
    """True for an index that takes one axis away."""
    if isinstance(index, Const):
        return type(index.value) is int or isinstance(index.value, np.integer)
    return not isinstance(index, Display) and is_basic(index)


def is_whole(index: Arg) -> bool:
    """True for `...` and `:`."""
    return index == EVERYTHING or (isinstance(index, Const) and index.value is Ellipsis)


def composed(first: Arg, second: Arg) -> Arg | None:
    """One index that selects what `second` selects of `first`; None where there is none that is simple."""
    if is_whole(second):
        return first
    if is_whole(first):
        return second
    head = first.items if isinstance(first, Display) and first.kind == "tuple" else (first,)
    if not all(map(is_integer, head)):
        return None
    tail = second.items if isinstance(second, Display) and second.kind == "tuple" else (second,)
    if all(map(is_basic, tail)) or (len(tail) == 1 and len(head) >= 1 and not isinstance(tail[0], Display)):
        return Display("tuple", (*head, *tail))
    return None
