"""Run-time lists that are cut and put together: `insert`, `pop(k)`, `del l[k]`, `l[a:b] = ...`, `reverse`, `clear`.

In: a list whose length is only known when the program runs. Out: the same list with other contents, made of its slices.

    l.insert(1, v)      l holds l[:1] + [v] + l[1:]
    l.pop(0)            the item l[0]; l holds l[:0] + l[1:]
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any

from wengert.frontend.context import Flattener
from wengert.frontend.expressions import collect
from wengert.frontend.join import join
from wengert.frontend.lists import as_item, as_list, layout_of, listed_at, repeated, row, slice_of_list, told, where
from wengert.frontend.values import Pack, Place, Rows, Value, atoms
from wengert.ir.builder import NONE, constant
from wengert.ir.nodes import POP, Atom, Const, Display, Var
from wengert.ir.types import Bool, Int, List, NumpyScalar, Tape, is_scalar
from wengert.runtime import join_lists, listed

Args = list[Value]
Named = dict[str, Value]

# --- columns: a run-time list is one, a list of tuples is one for each leaf ---------------------------------------------


def _columns(f: Flattener, place: Place, node: ast.AST) -> tuple[Var, ...]:
    """The run-time lists at a place, made of known items where these are all that there is."""
    held = f.storage.contents(place.cell)
    if isinstance(held, Rows):
        return tuple(c for c in held.columns if isinstance(c, Var))
    return (listed_at(f, place, node),)


def _refill(f: Flattener, place: Place, columns: list[Var]) -> None:
    """Give the list at a place new contents; names of its items stay what they are."""
    f.storage.detach(place.cell)
    held = f.storage.contents(place.cell)
    if isinstance(held, Rows):
        f.storage.write(place, Rows(held.layout, tuple(columns)), items=True)
    else:
        f.storage.write(place, columns[0], items=True)
        f.storage.homes[columns[0]] = (Place(place.cell), columns[0])
        told(f, place.cell)
    f.storage.pushed.append(place.cell)


def _part(f: Flattener, column: Var, start: Atom = NONE, stop: Atom = NONE, step: Atom = NONE) -> Var:
    """`column[start:stop:step]`."""
    assert isinstance(column.type, List | Tape)
    bounds = Display("slice", (start, stop, step))
    made = f.emit.apply(operator.getitem, (column, bounds), type=List(column.type.item), hint=column.hint)
    assert isinstance(made, Var)
    return made


def _joined(f: Flattener, *parts: Var) -> Var:
    first, *rest = parts
    for other in rest:
        assert isinstance(first.type, List | Tape) and isinstance(other.type, List | Tape)
        t = List(join(first.type.item, other.type.item))
        made = f.emit.apply(join_lists, (first, other), type=t, hint=parts[0].hint)
        assert isinstance(made, Var)
        first = made
    return first


# --- positions ----------------------------------------------------------------------------------------------------------


def _position(f: Flattener, value: Value, node: ast.AST) -> Atom:
    if isinstance(value, Const) and type(value.value) is int:
        return value
    t = value.type if isinstance(value, Var) else None
    if isinstance(value, Var) and (isinstance(t, Int) or (isinstance(t, NumpyScalar) and "int" in t.dtype)):
        return value
    f.fails(node, "a list is indexed by an int or a slice")


def _after(f: Flattener, column: Var, at: Atom) -> Atom:
    """The position behind the one at `at`, which may be counted from the end."""
    if isinstance(at, Const):
        return NONE if at.value == -1 else constant(at.value + 1)
    count = f.emit.apply(len, (column,), type=Int())
    return f.emit.apply(operator.add, (f.emit.apply(operator.mod, (at, count), type=Int()), constant(1)), type=Int())


def _bounds(f: Flattener, key: Pack, node: ast.AST) -> tuple[Atom, Atom]:
    """Where the part before a slice ends and where the part behind it begins."""
    start, stop, step = (NONE if b == NONE else _position(f, b, node) for b in key.items)
    if step not in (NONE, constant(1)):
        f.refuse(node, "a slice with a step of a list that grows in a loop cannot be changed", "use an array")
    if start == NONE or stop == NONE:
        return constant(0) if start == NONE else start, stop
    known = isinstance(start, Const) and isinstance(stop, Const)
    if not known or start.value > stop.value or (start.value < 0) is not (stop.value < 0):  # type: ignore[union-attr]
        f.refuse(node, "this slice of a list that grows in a loop cannot be changed",
                 "leave one of the bounds out, or use two numbers of one sign in ascending order")  # fmt: skip
    return start, stop


# --- what changes a list ------------------------------------------------------------------------------------------------


def insert(f: Flattener, base: Value, at: Value, value: Value, node: ast.AST) -> None:
    """`base.insert(at, value)`."""
    place, position = where(f, base, node), _position(f, at, node)
    columns = _columns(f, place, node)
    made = []
    for column, atom in zip(columns, _items_for(f, place, columns, value, node), strict=True):
        t = List(join(column.type.item, atom.type))  # type: ignore[attr-defined]
        one = f.emit.apply(listed, (Display("list", (atom,)),), type=t)
        assert isinstance(one, Var)
        if position == constant(0):
            made.append(_joined(f, one, column))
        else:
            made.append(_joined(f, _part(f, column, stop=position), one, _part(f, column, position)))
    _refill(f, place, made)


def _items_for(f: Flattener, place: Place, columns: tuple[Var, ...], value: Value, node: ast.AST) -> list[Atom]:
    """A new item of the list at `place`: one atom for each column."""
    held = f.storage.contents(place.cell)
    if isinstance(held, Rows):
        if layout_of(value) != held.layout:
            f.refuse(node, "the items of a list that grows in a loop must have one layout", "insert tuples of as many numbers")
        return [f.storage.current(a) for a in atoms(value)]  # type: ignore[misc]
    atom = as_item(f, value, columns[0].type.item, node)  # type: ignore[attr-defined]
    f.storage.gather(place.cell, f.storage.memory((atom,)))
    return [atom]


def take(f: Flattener, base: Value, at: Value, node: ast.AST) -> Value:
    """`base.pop(at)`."""
    place, position = where(f, base, node), _position(f, at, node)
    _columns(f, place, node)
    held = f.storage.contents(place.cell)
    item = row(f, held, position, node) if isinstance(held, Rows) else f.index(held, position, node)
    columns = _columns(f, place, node)
    made = []
    for column in columns:
        if position == constant(-1):
            made.append(f.storage.longer(column, column.type, POP, NONE))
        else:
            rest = _part(f, column, _after(f, column, position))
            made.append(rest if position == constant(0) else _joined(f, _part(f, column, stop=position), rest))
    _refill(f, place, made)
    if isinstance(item, Var) and item in f.storage.homes and place.cell not in f.storage.twins:
        f.storage.release(f.storage.homes[item][0].cell, place.cell)
    return item


def delete(f: Flattener, base: Value, key: Value, node: ast.AST) -> None:
    """`del base[key]`."""
    if isinstance(key, Pack) and key.kind == "slice":
        set_slice(f, base, key, Pack("list", ()), node)
    else:
        take(f, base, key, node)


def set_slice(f: Flattener, base: Value, key: Pack, value: Value, node: ast.AST) -> None:
    """`base[a:b] = value`."""
    place = where(f, base, node)
    start, stop = _bounds(f, key, node)
    given = None if isinstance(value, Pack) and not value.items else as_list(f, _as_items(f, value, node))
    if given is None and not (isinstance(value, Pack) and not value.items):
        f.refuse(node, "a slice of a list that grows in a loop takes numbers or arrays", "use an array")
    columns = _columns(f, place, node)
    if given is not None:
        if isinstance(f.storage.contents(place.cell), Rows):
            f.refuse(node, "a slice of a list of tuples cannot be replaced here", "store the items one by one")
        as_item(f, Var("", given.type.item), columns[0].type.item, node)  # type: ignore[attr-defined]
        f.storage.gather(place.cell, f.storage.memory((given,)))
        if given in f.storage.repeats:
            f.storage.twins[place.cell] = None
    made = []
    for column in columns:
        pieces = [] if start == constant(0) else [_part(f, column, stop=start)]
        pieces += [given] if given is not None else []
        pieces += [] if stop == NONE else [_part(f, column, stop)]
        made.append(_joined(f, *pieces) if pieces else _part(f, column, stop=constant(0)))
    _refill(f, place, made)


def _as_items(f: Flattener, value: Value, node: ast.AST) -> Value:
    made = collect(f, value, node)
    return Pack("list", tuple(map(f.storage.unload, made.items))) if isinstance(made, Pack) else made


def turn(f: Flattener, base: Value, node: ast.AST) -> None:
    """`base.reverse()`."""
    place = where(f, base, node)
    _refill(f, place, [_part(f, c, step=constant(-1)) for c in _columns(f, place, node)])


def empty(f: Flattener, base: Value, node: ast.AST) -> None:
    """`base.clear()`."""
    place = where(f, base, node)
    _refill(f, place, [_part(f, c, stop=constant(0)) for c in _columns(f, place, node)])


def keep(f: Flattener, base: Value, start: Atom, stop: Atom, node: ast.AST) -> None:
    """Drop all items but those of `base[start:stop]`."""
    place = where(f, base, node)
    _refill(f, place, [_part(f, c, start, stop) for c in _columns(f, place, node)])


def rotate(f: Flattener, base: Value, by: Value, node: ast.AST) -> None:
    """`base.rotate(by)` of a deque."""
    place, steps = where(f, base, node), _position(f, by, node)
    made = []
    for column in _columns(f, place, node):
        count = f.emit.apply(len, (column,), type=Int())
        some = f.emit.apply(max, (count, constant(1)), type=Int())
        at = f.emit.apply(operator.mod, (f.emit.apply(operator.neg, (steps,), type=Int()), some), type=Int())
        made.append(_joined(f, _part(f, column, at), _part(f, column, stop=at)))
    _refill(f, place, made)


# --- questions ----------------------------------------------------------------------------------------------------------


def find(f: Flattener, op: Any, base: Value, args: Args, node: ast.AST, hint: str = "") -> Atom:
    """`base.index(value)` and `base.count(value)` of a list of numbers."""
    column = base if isinstance(base, Var) else None
    if column is None or not is_scalar(column.type.item) or len(args) != 1:  # type: ignore[attr-defined]
        f.refuse(node, f"`{op.__name__}` is supported for lists of numbers, with one argument", "use a loop")
    if not isinstance(args[0], Var | Const):
        return constant(0) if op is list.count else f.fails(node, "this is not in the list")
    return f.emit.apply(op, (column, args[0]), type=Int(), hint=hint)


def equal(f: Flattener, a: Value, b: Value, node: ast.AST) -> Atom | None:
    """`a == b` of which at least one is a run-time list; None where neither is."""
    if not any(isinstance(v, Rows) or (isinstance(v, Var) and isinstance(v.type, List | Tape)) for v in (a, b)):
        return None
    for one, other in ((a, b), (b, a)):
        if isinstance(other, Const) or (isinstance(other, Pack) and other.kind == "tuple"):
            return constant(False)
        if isinstance(other, Pack) and not other.items:
            return f.apply(operator.not_, f.truth(one, node))
    sides = [as_list(f, v) for v in (a, b)]
    first, second = sides
    if first is None or second is None or not all(is_scalar(s.type.item) for s in (first, second)):  # type: ignore[attr-defined]
        f.refuse(node, "lists of numbers can be compared, not others", "compare their items")
    return f.emit.apply(operator.eq, (first, second), type=Bool())


def times(f: Flattener, a: Value, b: Value, node: ast.AST, hint: str = "") -> Atom | None:
    """`items * n` of a run-time list; None for anything else."""
    base, count = (a, b) if isinstance(a, Var) and isinstance(a.type, List | Tape) else (b, a)
    if not isinstance(base, Var) or not isinstance(base.type, List | Tape) or not isinstance(count, Var | Const):
        return None
    whole = isinstance(count.type, Int) or (isinstance(count, Const) and type(count.value) is int)
    return repeated(f, base, count, hint) if whole else None


# --- methods ------------------------------------------------------------------------------------------------------------


def _insert(f: Flattener, x: Value, args: Args, node: ast.AST, hint: str) -> Value:
    insert(f, x, args[0], args[1], node)
    return NONE


def _pop_first(f: Flattener, x: Value, args: Args, node: ast.AST, hint: str) -> Value:
    return take(f, x, constant(0), node)


def _append_first(f: Flattener, x: Value, args: Args, node: ast.AST, hint: str) -> Value:
    insert(f, x, constant(0), args[0], node)
    return NONE


def _remove(f: Flattener, x: Value, args: Args, node: ast.AST, hint: str) -> Value:
    take(f, x, find(f, list.index, x, args, node), node)
    return NONE


def _turn(f: Flattener, x: Value, args: Args, node: ast.AST, hint: str) -> Value:
    turn(f, x, node)
    return NONE


def _clear(f: Flattener, x: Value, args: Args, node: ast.AST, hint: str) -> Value:
    empty(f, x, node)
    return NONE


def _rotate(f: Flattener, x: Value, args: Args, node: ast.AST, hint: str) -> Value:
    rotate(f, x, args[0] if args else constant(1), node)
    return NONE


def _index(f: Flattener, x: Value, args: Args, node: ast.AST, hint: str) -> Value:
    return find(f, list.index, x, args, node, hint)


def _count(f: Flattener, x: Value, args: Args, node: ast.AST, hint: str) -> Value:
    return find(f, list.count, x, args, node, hint)


def _copy(f: Flattener, x: Value, args: Args, node: ast.AST, hint: str) -> Value:
    if isinstance(x, Rows):
        return Rows(x.layout, x.columns)
    assert isinstance(x, Var)
    return slice_of_list(f, x, Display("slice", (NONE, NONE, NONE)), hint)


RUN_TIME: dict[str, Callable[[Flattener, Value, Args, ast.AST, str], Value]] = {
    "insert": _insert, "popleft": _pop_first, "appendleft": _append_first, "remove": _remove, "reverse": _turn,
    "clear": _clear, "rotate": _rotate, "index": _index, "count": _count, "copy": _copy,
}  # fmt: skip
"""Methods of lists whose length is only known when the program runs, beside those in `methods.py`."""

PLACED = ("insert", "rotate")
"""Those that make a run-time list of a known one where the position is only known when the program runs."""
