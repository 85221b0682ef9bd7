"""Lists whose length is only known when the program runs.

A list is kept apart in its items as long as their number is known. Where a loop or a branch makes it depend on the run it
becomes one run-time value, and `append` and `pop` become stores.

    [a, b]  in a loop that appends      listed([a, b]), then `with v appended` on each trip
"""

from __future__ import annotations

import ast
import operator
from typing import Any

from wengert.frontend.context import Flattener
from wengert.frontend.join import join
from wengert.frontend.outside import refuse_write
from wengert.frontend.values import Key, Pack, Place, Poison, Rows, Value, atoms, children, with_children
from wengert.ir.builder import NONE, constant
from wengert.ir.nodes import APPEND, POP, Atom, Const, Display, Var
from wengert.ir.types import Array, List, NumpyScalar, Tape, Type, Undefined, is_numeric, is_scalar
from wengert.runtime import join_lists, listed, repeat_list


def as_list(f: Flattener, held: Value, cell: Any = None) -> Var | None:
    """The contents of a list as one run-time value, emitted here; None where its items are not numbers or arrays."""
    if isinstance(held, Pack) and held.home is not None:
        held = f.storage.contents(held.home.cell)
    if isinstance(held, Var):
        if isinstance(held.type, List):
            return held
        if not isinstance(held.type, Tape):
            return None
        copied = _var(f.emit.apply(list, (held,), type=List(held.type.item)))
        f.storage.origins[copied] = f.storage.memory((held,))
        return copied
    if not isinstance(held, Pack) or held.kind != "list":
        return None
    return _listed(f, held, cell, [])


def _listed(f: Flattener, held: Pack, cell: Any, seen: list[Key]) -> Var | None:
    """As `as_list`, of a list with known items; `seen` are the cells of the items before."""
    items: list[Atom] = []
    found: dict[Key, Value] = {}
    twice = False
    for kept in held.items:
        item = f.storage.load(kept)
        if item in f.absent:
            return None
        if isinstance(kept, Place):
            twice = twice or any(f.storage.may_share(kept.cell, other) for other in seen)
            if cell is not None:
                f.storage.hold(cell, kept.cell)
            seen.append(kept.cell)
        if isinstance(item, Pack) and item.kind == "list":
            inner = item if item.home is None else f.storage.contents(item.home.cell)
            if item.home is not None:
                found[item.home.cell] = inner
            item = (_listed(f, inner, cell, seen) if isinstance(inner, Pack) else as_list(f, inner)) or item
            twice = twice or item in f.storage.repeats
        if isinstance(item, Var) and isinstance(item.type, Tape):
            item = as_list(f, item) or item
        if not isinstance(item, Var | Const) or not (is_numeric(item.type) or isinstance(item.type, List)):
            return None
        items.append(item)
    t: Type = Undefined()
    for item in items:
        t = join(t, item.type)
    made = _var(f.emit.apply(listed, (Display("list", tuple(items)),), type=List(t)))
    found.update(f.storage.memory(tuple(items)))
    if found:
        f.storage.origins[made] = tuple(found.items())
    if twice:
        f.storage.repeats[made] = None
        if cell is not None:
            f.storage.twins[cell] = None
    return made


def _var(atom: Atom) -> Var:
    assert isinstance(atom, Var)
    return atom


def append(f: Flattener, base: Value, value: Value, node: ast.AST) -> None:
    """`base.append(value)`."""
    place = where(f, base, node)
    held = f.storage.contents(place.cell)
    if isinstance(held, Pack):
        f.storage.write(place, Pack("list", (*held.items, f.storage.unload(value))))
        return
    if isinstance(held, Rows):
        append_row(f, held, place, value, node)
        return
    current = listed_at(f, place, node)
    item = current.type.item  # type: ignore[attr-defined]
    atom = as_item(f, value, item, node)
    f.storage.gather(place.cell, f.storage.memory((atom,)))
    wider = List(join(item, atom.type))
    made = Var(current.hint, wider)
    f.storage.push(place, made, current, APPEND, atom)
    told(f, place.cell)


def as_item(f: Flattener, value: Value, item: Type, node: ast.AST) -> Atom:
    """A value as an item of a run-time list of `item`s."""
    if isinstance(value, Pack) and value.kind == "list":
        value = listed_item(f, value) or value
    if isinstance(value, Var) and isinstance(value.type, Tape):
        value = as_list(f, value) or value
    if not isinstance(value, Var | Const) or not (is_numeric(value.type) or isinstance(value.type, List)):
        f.refuse(node, "lists that grow in loops hold numbers and arrays only", "keep one list for each of the parts")
    _check_items(f, item, value, node)
    return value


def listed_item(f: Flattener, value: Pack) -> Var | None:
    """A list with known items as one value; None where they are not numbers, arrays or lists of those."""
    made = as_list(f, Pack("list", tuple(map(f.storage.unload, value.items))))
    if made in f.storage.repeats:
        return None
    if made is not None and value.home is not None:
        near = (value.home.cell, f.storage.contents(value.home.cell))
        f.storage.origins[made] = (*f.storage.origins.get(made, ()), near)
    return made


def _check_items(f: Flattener, item: Type, value: Atom, node: ast.AST) -> None:
    """Scalars and arrays do not mix in one list: what reads an item could not tell them apart."""
    if isinstance(item, Undefined):
        return
    if isinstance(item, Array) != isinstance(value.type, Array) or isinstance(item, List) != isinstance(value.type, List):
        f.refuse(node, "a list that grows in a loop holds numbers or arrays, not both", "use two lists")


def pop(f: Flattener, base: Value, args: list[Value], node: ast.AST) -> Value:
    """`base.pop()`, `base.pop(k)`."""
    place = where(f, base, node)
    held = f.storage.contents(place.cell)
    if isinstance(held, Pack):
        k = args[0] if args else constant(-1)
        if not isinstance(k, Const):
            from wengert.frontend.splicing import take

            return take(f, base, k, node)
        if type(k.value) is not int:
            f.fails(node, "a list is indexed by an int")
        if not -len(held.items) <= k.value < len(held.items):
            f.fails(node, "pop from a list that has no such item")
        at = k.value % len(held.items)
        f.storage.write(place, Pack("list", (*held.items[:at], *held.items[at + 1 :])))
        return f.storage.load(held.items[at])
    if isinstance(held, Rows) and (not args or args[0] == constant(-1)):
        return pop_row(f, held, place, node)
    if args and args[0] != constant(-1):
        from wengert.frontend.splicing import take

        return take(f, base, args[0], node)
    current = listed_at(f, place, node)
    last = f.index(current, constant(-1), node)
    now = listed_at(f, place, node)
    made = Var(now.hint, now.type)
    f.storage.push(place, made, now, POP, NONE)
    told(f, place.cell)
    if isinstance(last, Var) and last in f.storage.homes and place.cell not in f.storage.twins:
        f.storage.release(f.storage.homes[last][0].cell, place.cell)
    return last


def told(f: Flattener, cell: Key) -> None:
    """After a list got other items: a list of lists that holds it does not have them, and can no longer be read."""
    depth = _depth(f.storage.contents(cell))
    for other in f.storage.holds.get(cell, {}):
        if _depth(f.storage.contents(other)) > depth:
            mine, theirs = (key[1].split("·")[0] or "a list" for key in (cell, other))
            text = f"`{theirs}` may hold the list `{mine}`, which is changed"
            f.storage.write(Place(other), Poison(text, "append a copy: list(...)"), items=True)


def _depth(held: Value) -> int:
    """How deep lists are nested."""
    t, depth = held.type if isinstance(held, Var) else None, 0
    while isinstance(t, List | Tape):
        t, depth = t.item, depth + 1
    return depth


def listed_at(f: Flattener, place: Place, node: ast.AST) -> Var:
    """The run-time list at a place."""
    held = f.storage.contents(place.cell)
    if isinstance(held, Poison):
        f.usable(held, node)
    made = as_list(f, held, place.cell)
    if made is None or place.path:
        f.refuse(node, "this list cannot be changed when its length is not known in advance", "use an array")
    if made is not held:
        f.storage.write(place, made, items=True)
        f.storage.homes[made] = (Place(place.cell), made)
    return made


def slice_of_list(f: Flattener, base: Atom, bounds: Display, hint: str) -> Atom:
    """`base[1:3]` of a run-time list: a list of its own, which holds the same arrays."""
    t = base.type
    assert isinstance(t, List | Tape)
    made = f.emit.apply(operator.getitem, (base, bounds), type=List(t.item), hint=hint)
    return lent(f, made, t.item, (base,))


def joined_lists(f: Flattener, a: Value, b: Value, node: ast.AST, hint: str) -> Atom:
    """`a + b` of which at least one is a run-time list."""
    first, second = as_list(f, a), as_list(f, b)
    if first is None or second is None:
        f.refuse(node, "a list is joined to a list only", "make arrays of both: np.array(...)")
    item = first.type.item  # type: ignore[attr-defined]
    other = second.type.item  # type: ignore[attr-defined]
    if not isinstance(other, Undefined):
        _check_items(f, item, Var("", other), node)
    t = join(item, other)
    made = f.emit.apply(join_lists, (first, second), type=List(t), hint=hint)
    return lent(f, made, t, (first, second))


def lent(f: Flattener, made: Atom, item: Type, sources: tuple[Atom, ...]) -> Atom:
    """A new list whose items are those of others: a store into one of them is seen through all."""
    if isinstance(made, Var) and not is_scalar(item) and not isinstance(item, Undefined):
        found = f.storage.memory(sources)
        if found:
            place = f.storage.keep(made, made.hint)
            f.storage.homes[made] = (place, made)
            inside = [dict.fromkeys(k for k, _ in f.storage.memory((s,))) for s in sources]
            twice = any(k in f.storage.twins for k, _ in found) or any(s in f.storage.repeats for s in sources)
            if twice or (len(inside) > 1 and any(k in inside[1] for k in inside[0])):
                f.storage.twins[place.cell] = None
            for key, _ in found:
                f.storage.inherit(place.cell, key)
                f.storage.hold(place.cell, key)
    return made


def where(f: Flattener, base: Value, node: ast.AST) -> Place:
    """Where a list is kept that is about to be changed."""
    place = None
    if isinstance(base, Pack | Rows):
        place = base.home
    elif isinstance(base, Var) and base in f.storage.homes:
        place = f.storage.homes[base][0]
    if place is not None:
        refuse_write(f, place.cell, f.location(node))
        return place
    f.refuse(node, "this changes a list that has no name", "give it a name first")


def holds_tape(t: Type) -> bool:
    """True for what a comprehension made, and for lists of such."""
    return isinstance(t, Tape) or (isinstance(t, List) and holds_tape(t.item))


def lists_of(t: Type) -> Type:
    """The type of lists that can be changed in the place of tapes."""
    return List(lists_of(t.item)) if isinstance(t, Tape | List) else t


def repeated(f: Flattener, items: Value, count: Atom, hint: str) -> Atom | None:
    """`[a, b] * n` with an n of run time; None where the items are not numbers or arrays."""
    first = as_list(f, items)
    if first is None:
        return None
    t = first.type
    assert isinstance(t, List)
    made = lent(f, f.emit.apply(repeat_list, (first, count), type=t, hint=hint), t.item, (first,))
    if isinstance(made, Var) and made in f.storage.homes:
        f.storage.twins[f.storage.homes[made][0].cell] = None
    return made


def sort(f: Flattener, base: Value, kwargs: dict[str, Value], node: ast.AST) -> None:
    """`base.sort()` of a run-time list of numbers."""
    place = where(f, base, node)
    made = f.call(constant(sorted), [f.storage.load(place)], kwargs, node)
    current = listed_at(f, place, node)
    item = current.type.item  # type: ignore[attr-defined]
    if not isinstance(made, Var) or not is_scalar(item):
        f.refuse(node, "this list cannot be sorted", "sort an array: np.sort(np.array(...))")
    dtype = str(getattr(made.type, "dtype", None) or getattr(item, "dtype", "float64"))
    kept = f.emit.apply(list, (made,), type=List(NumpyScalar(dtype)))
    f.storage.write(place, kept, items=True)
    told(f, place.cell)


def is_run_time_list(value: Value) -> bool:
    """True for one list, of numbers, arrays or lists; a list of tuples is several."""
    return isinstance(value, Var) and isinstance(value.type, List | Tape)


# --- lists of tuples ----------------------------------------------------------------------------------------------------


def as_rows(f: Flattener, held: Value, like: Value) -> Rows | None:
    """A list of tuples as run-time lists of their leaves, emitted here; None where the tuples are not of one layout."""
    if isinstance(held, Rows):
        return held
    if not isinstance(held, Pack) or held.kind != "list":
        return None
    rows = [f.storage.load(i) for i in held.items]
    layout = layout_of(rows[0] if rows else like)
    if layout is None or any(layout_of(r) != layout for r in rows):
        return None
    columns = zip(*map(atoms, rows), strict=True) if rows else [()] * len(atoms(layout))
    made = [as_list(f, Pack("list", tuple(column))) for column in columns]
    if any(m is None for m in made):
        return None
    return Rows(layout, tuple(m for m in made if m is not None))


def layout_of(row: Value) -> Value | None:
    """The layout of a tuple of numbers, and of tuples of such; None for anything else."""
    if isinstance(row, Rows):
        return row.layout
    if not isinstance(row, Pack) or row.kind != "tuple" or not row.items:
        return None

    def bare(value: Value) -> Value | None:
        if isinstance(value, Pack) and value.kind == "tuple":
            parts = [bare(p) for p in value.items]
            return None if any(p is None for p in parts) else Pack("tuple", tuple(p for p in parts if p is not None), value.cls)
        return NONE if isinstance(value, Var | Const) and is_scalar(value.type) else None

    return bare(row)


def filled(layout: Value, leaves: list[Value]) -> Value:
    """A tuple of a layout from its leaves, which are taken from the front of the list."""
    parts = children(layout)
    if parts is None:
        return leaves.pop(0)
    return with_children(layout, tuple(filled(p, leaves) for p in parts))


def row(f: Flattener, rows: Rows, index: Value, node: ast.AST) -> Value:
    """One tuple of the list."""
    now = f.storage.contents(rows.home.cell) if rows.home is not None else rows
    if not isinstance(now, Rows):
        f.refuse(node, "this list is not what it was")
    return filled(now.layout, [f.index(c, index, node) for c in now.columns])


def append_row(f: Flattener, rows: Rows, place: Place, value: Value, node: ast.AST) -> None:
    """`rows.append(value)`."""
    if layout_of(value) != rows.layout:
        f.refuse(node, "the items of a list that grows in a loop must have one layout", "append tuples of as many numbers")
    made = []
    for column, atom in zip(rows.columns, atoms(value), strict=True):
        assert isinstance(column, Var) and isinstance(column.type, List)
        now = f.storage.current(atom)
        assert isinstance(now, Var | Const)
        made.append(f.storage.longer(column, List(join(column.type.item, now.type)), APPEND, now))
    f.storage.write(place, Rows(rows.layout, tuple(made)), items=True)
    f.storage.pushed.append(place.cell)


def pop_row(f: Flattener, rows: Rows, place: Place, node: ast.AST) -> Value:
    """`rows.pop()`."""
    last = row(f, rows, constant(-1), node)
    made = []
    for column in rows.columns:
        assert isinstance(column, Var)
        made.append(f.storage.longer(column, column.type, POP, NONE))
    f.storage.write(place, Rows(rows.layout, tuple(made)), items=True)
    f.storage.pushed.append(place.cell)
    return last


def set_row(f: Flattener, rows: Rows, place: Place, index: Value, value: Value, node: ast.AST) -> None:
    """`rows[index] = value`."""
    if layout_of(value) != rows.layout or not isinstance(index, Var | Const):
        f.refuse(node, "the items of a list that grows in a loop must have one layout", "store tuples of as many numbers")
    made = []
    for column, atom in zip(rows.columns, atoms(value), strict=True):
        assert isinstance(column, Var) and isinstance(column.type, List)
        made.append(f.storage.longer(column, List(join(column.type.item, atom.type)), index, atom))
    f.storage.write(place, Rows(rows.layout, tuple(made)), items=True)
