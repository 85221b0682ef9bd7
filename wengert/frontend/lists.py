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
from wengert.frontend.values import Pack, Place, Poison, Value
from wengert.ir.builder import NONE, constant
from wengert.ir.nodes import APPEND, POP, Atom, Const, Display, Var
from wengert.ir.types import Array, List, Tape, Type, Undefined, is_numeric, is_scalar
from wengert.runtime import join_lists, listed


def as_list(f: Flattener, held: Value, cell: Any = None) -> Var | None:
    """The contents of a list as one run-time value, emitted here; None where its items are not numbers or arrays."""
    if isinstance(held, Pack) and held.home is not None:
        held = f.storage.contents(held.home.cell)
    if isinstance(held, Var):
        if isinstance(held.type, List):
            return held
        return _var(f.emit.apply(list, (held,), type=List(held.type.item))) if isinstance(held.type, Tape) else None
    if not isinstance(held, Pack) or held.kind != "list":
        return None
    items: list[Atom] = []
    for kept in held.items:
        item = f.storage.load(kept)
        if not isinstance(item, Var | Const) or not (is_numeric(item.type) or isinstance(item.type, List)):
            return None
        if isinstance(kept, Place) and cell is not None:
            f.storage.hold(cell, kept.cell)
        items.append(item)
    t: Type = Undefined()
    for item in items:
        t = join(t, item.type)
    return _var(f.emit.apply(listed, (Display("list", tuple(items)),), type=List(t)))


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
    current = _listed(f, place, node)
    item = current.type.item  # type: ignore[attr-defined]
    atom = as_item(f, value, item, node)
    for key, _ in f.storage.memory((atom,)):
        f.storage.hold(place.cell, key)
    wider = List(join(item, atom.type))
    made = Var(current.hint, wider)
    f.storage.push(place, made, current, APPEND, atom)


def as_item(f: Flattener, value: Value, item: Type, node: ast.AST) -> Atom:
    """A value as an item of a run-time list of `item`s."""
    if isinstance(value, Pack) and value.kind == "list":
        made = as_list(f, Pack("list", tuple(map(f.storage.unload, value.items))))
        if made is not None:
            return made
    if not isinstance(value, Var | Const) or not (is_numeric(value.type) or isinstance(value.type, List)):
        f.refuse(node, "lists that grow in loops hold numbers and arrays only", "keep one list for each of the parts")
    _check_items(f, item, value, node)
    return value


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
        if not isinstance(k, Const) or not isinstance(k.value, int):
            f.refuse(node, "`pop` needs a position known in advance", "pop the last item")
        if not -len(held.items) <= k.value < len(held.items):
            f.refuse(node, "pop from a list that has no such item")
        at = k.value % len(held.items)
        f.storage.write(place, Pack("list", (*held.items[:at], *held.items[at + 1 :])))
        return f.storage.load(held.items[at])
    if args and args[0] != constant(-1):
        f.refuse(node, "`pop` of a list that grows in a loop takes its last item only", "index it instead")
    current = _listed(f, place, node)
    last = f.index(current, constant(-1), node)
    now = _listed(f, place, node)
    made = Var(now.hint, now.type)
    f.storage.push(place, made, now, POP, NONE)
    if isinstance(last, Var):
        f.storage.homes.pop(last, None)  # it left the list
    return last


def _listed(f: Flattener, place: Place, node: ast.AST) -> Var:
    """The run-time list at a place."""
    held = f.storage.contents(place.cell)
    if isinstance(held, Poison):
        f.usable(held, node)
    made = as_list(f, held, place.cell)
    if made is None or place.path:
        f.refuse(node, "this list cannot be changed when its length is not known in advance", "use an array")
    if made is not held:
        f.storage.write(place, made)
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
            for key, _ in found:
                f.storage.inherit(place.cell, key)
                f.storage.hold(place.cell, key)
    return made


def where(f: Flattener, base: Value, node: ast.AST) -> Place:
    """Where a list is kept."""
    if isinstance(base, Pack) and base.home is not None:
        return base.home
    if isinstance(base, Var) and base in f.storage.homes:
        return f.storage.homes[base][0]
    f.refuse(node, "this changes a list that has no name", "give it a name first")


def is_run_time_list(value: Value) -> bool:
    return isinstance(value, Var) and isinstance(value.type, List | Tape)

