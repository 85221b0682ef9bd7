"""Reading places: from what a name holds to values, and back; a value whose cell was written since is read again.

    b = a[1:]               unload(v1)     Place(cell of a, (getitem 1:,))
    a[1] = 2.0
    b + 1                   current(v1)    v2, which is `a[1:]` of the new `a`
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from wengert.analyses.fresh import is_fresh
from wengert.errors import Problem
from wengert.frontend.indices import is_integer
from wengert.frontend.join import join
from wengert.frontend.layouts import Layouts, stays_compact
from wengert.frontend.memory import Origins, may_be_written
from wengert.frontend.values import (
    Choice,
    Key,
    Mapping_,
    Maybe,
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
from wengert.ir.nodes import Arg, Assign, Atom, Block, Const, Display, If, Var
from wengert.ir.queries import atoms_of
from wengert.ir.types import Array, List, Number, Range, Tape, is_scalar


@dataclass(slots=True)
class Reading(Layouts):
    """Values and the places that they are at."""

    # --- from values to places and back -----------------------------------------------------------------------------

    def contents(self, key: Key) -> Value:
        """What a cell holds now; what it began with where this path has not met it yet."""
        held = self.names.get(key, self.first.get(key))
        if key in self.either and (held is None or isinstance(held, Poison)):
            held = self._either(key)
        return held if held is not None else Poison("this value cannot be reached any more", "give it a name of its own")

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
            case Maybe(present=present, value=inner):
                return Maybe(present, self.unload(inner, hint))
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
            return v if _may_be_entry(home[0], v) else home[0]
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
            case Var(type=Number()):
                found = self.current(value)  # an entry, or a view of what was written since: refused
                assert isinstance(found, Var)
                return found
            case Pack(kind="tuple", items=items, cls=cls):
                return Pack("tuple", tuple(self.load(i, active) for i in items), cls)
            case Maybe(present=present, value=inner):
                return Maybe(present, self.load(inner, active))
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

    def _step(self, step: Step, base: Atom) -> Atom:
        """One view of an array, or one item of a run-time list."""
        item = base.type.item if isinstance(base.type, List | Tape) and not isinstance(step.args[0], Display) else None
        return self.emit.apply(step.op, (base, *step.args), step.kwargs, type=item)

    # --- what operations make ---------------------------------------------------------------------------------------

    def note(self, result: Atom, op: Callable[..., Any], args: tuple[Arg, ...], kwargs: tuple[tuple[str, Arg], ...]) -> None:
        """Take down where the memory of a result is, before the result is used."""
        if not isinstance(result, Var) or is_scalar(result.type) or isinstance(result.type, Range):
            return
        made = Assign(result, op, args, kwargs)
        base = args[0] if args else None
        if is_fresh(made):
            given = (a.value for a in (*args, *(v for _, v in kwargs)) if isinstance(a, Const))
            ordered = not any(isinstance(v, str) and v in ("F", "A", "K") for v in given)
            self.settle(result, self._order(op, args, result) if ordered else None)
            return
        if op is np.einsum and len(args) == 2 and self._diagonal(result, args):
            return
        if isinstance(base, Var) and self._is_view(op, base, args, kwargs, result):
            deps = self.dense(base)
            self.settle(result, deps if stays_compact(op, args) else None)
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

    def _diagonal(self, result: Var, args: tuple[Arg, ...]) -> bool:
        """Take down that `np.einsum("ii->i", a)` is a view of the diagonal; False of any other call."""
        text, base = args
        letters = text.value.replace(" ", "") if isinstance(text, Const) and isinstance(text.value, str) else ""
        home = self.homes.get(base) if isinstance(base, Var) else None
        if home is None or len(letters) != 5 or letters != f"{letters[0] * 2}->{letters[0]}":
            return False
        assert isinstance(base, Var)
        entries = self.emit.apply(np.arange, (self.emit.apply(len, (base,)),))
        step = Step(operator.getitem, (Display("tuple", (entries, entries)),))
        self.homes[result] = (Place(home[0].cell, (*home[0].path, step)), self.contents(home[0].cell))
        return True

    def rename(self, old: Var, new: Var) -> None:
        """A variable takes the place of another."""
        if old in self.homes:
            place, held = self.homes[new] = self.homes.pop(old)
            if place in self.views and self.views[place][0] is old:
                self.views[place] = (new, held, self.views[place][2])
        if old in self.origins:
            self.origins[new] = self.origins.pop(old)

    def follow(self, left: Atom, v: Var) -> None:
        """`v` is what a loop or a branch left: where that may be a view of a cell, `v` may be one of what it holds now."""
        if isinstance(left, Var) and isinstance(v.type, Number) and v not in self.homes:
            known = [key for key, _ in self.memory((left,)) if key in self.names or key in self.first]
            if known:
                found = dict(self.origins.get(v, ())) | {key: self.contents(key) for key in known}
                self.origins[v] = tuple(found.items())

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

    # --- one of two places ------------------------------------------------------------------------------------------

    def _either(self, key: Key) -> Value | None:
        """What is at one of two places now, as the test of a branch had it."""
        test, *ways = self.either[key]
        found: list[Value] = []
        blocks: list[Block] = []
        for way in ways:
            before = self.names.get(way.cell)
            with self.emit.block() as statements:
                found.append(self._load_place(way, ()))
            if before is not None:
                self.names[way.cell] = before  # what was read again is known in this block only
            else:
                self.names.pop(way.cell, None)
            if not isinstance(found[-1], Var):
                return found[-1]
            blocks.append(Block(tuple(statements), (found[-1],)))
        made = Var(key[1].split("·")[0], join(*(b.yields[0].type for b in blocks)))
        self.emit.append(If((made,), test, blocks[0], blocks[1], self.emit.origin))
        self.settle(made, self.dense(*found))
        self.names[key] = made
        self.homes[made] = (Place(key), made)
        return made


def _may_be_entry(place: Place, value: Var) -> bool:
    """Whether what was selected by ints, of an array of unknown rank, may be a number: then a later store leaves it alone."""
    if not place.path or not isinstance(value.type, Number) or place.path[-1].op is not operator.getitem:
        return False
    index = place.path[-1].args[0]
    items = index.items if isinstance(index, Display) and index.kind == "tuple" else (index,)
    return all(map(is_integer, items))
