"""Known lists at positions that are only known when the program runs: which of them become lists of run time.

In: a list with known items and a position. Out: the same list as one value where it is kept, or None where an item is to be
chosen among the few that there are.

    rows[i][j]      rows = [[a, b], [c, d]]      a list of lists of numbers is one value from here on
    long[i]         long = [a, b, c, ...]        so is a long list of numbers, or of tuples of numbers
    pair[i]         pair = [a, b]                a if i is 0 or -2, b if it is 1 or -1
"""

from __future__ import annotations

import ast
import operator

from wengert.frontend.context import Flattener, expression
from wengert.frontend.lists import as_list, as_rows, is_run_time_list, layout_of, listed_at
from wengert.frontend.places import nested
from wengert.frontend.values import Pack, Place, Rows, Value
from wengert.ir.nodes import Const, Var
from wengert.ir.types import Int, List, Number, NumpyScalar, Tape, is_numeric, is_scalar

FEW = 4
"""The longest list of numbers of which an item is chosen."""


@expression(ast.Subscript)
def _subscript(f: Flattener, node: ast.Subscript, hint: str) -> Value:
    base = f.expression(node.value)
    key = f.expression(node.slice)
    base = prepared(f, base, key, node)
    deep = deeper(f, base, key, hint)
    return f.index(base, key, node, hint) if deep is None else deep


def deeper(f: Flattener, base: Value, key: Value, hint: str = "") -> Value | None:
    """`rows[i][j]`, a number in a list of lists, read at once; None for anything else."""
    if not isinstance(base, Var) or base not in f.storage.homes or not isinstance(base.type, List | Tape):
        return None
    item, (place, _) = base.type.item, f.storage.homes[base]
    held = f.storage.contents(place.cell)
    if not place.path or not isinstance(held, Var) or not is_scalar(item) or not isinstance(key, Var | Const):
        return None
    index = nested(held.type, place.path, key)
    return None if index is None else f.emit.apply(operator.getitem, (held, index), type=item, hint=hint)


def prepared(f: Flattener, base: Value, key: Value, node: ast.AST) -> Value:
    """What is about to be indexed, as a run-time list where that is better."""
    if not isinstance(base, Pack) or base.kind != "list":
        return base
    if is_position(key):
        return base if base.home is None else at_run_time(f, base.home, node) or base
    if isinstance(key, Pack) and key.kind == "slice" and any(map(is_position, key.items)) and base.items:
        return as_list(f, base) or base
    return base


def is_position(key: Value) -> bool:
    """True for an int, or what may be one, that is only known when the program runs."""
    t = key.type if isinstance(key, Var) else None
    return isinstance(t, Int | Number) or (isinstance(t, NumpyScalar) and t.dtype.startswith(("int", "uint")))


def at_run_time(f: Flattener, place: Place, node: ast.AST) -> Value | None:
    """The list at a place, made a run-time value there; None where its items stay apart."""
    held = f.storage.contents(place.cell)
    if place.path or not isinstance(held, Pack) or not held.items:
        return None
    items = [f.storage.load(i) for i in held.items]
    if any(i in f.absent for i in items):
        return None
    if all(_is_list(i) for i in items) and all(map(is_plain, items)):
        return listed_at(f, place, node)
    if len(items) <= FEW:
        return None
    if all(is_number(i) for i in items):
        return listed_at(f, place, node)
    rows = as_rows(f, held, items[0]) if layout_of(items[0]) is not None else None
    if rows is None:
        return None
    f.storage.write(place, rows, items=True)
    loaded = f.storage.load(place)
    return loaded if isinstance(loaded, Rows) else None


def _is_list(value: Value) -> bool:
    return is_run_time_list(value) or (isinstance(value, Pack) and value.kind == "list")


def is_number(value: Value) -> bool:
    return isinstance(value, Var | Const) and is_numeric(value.type) and is_scalar(value.type)


def is_plain(value: Value) -> bool:
    """True for numbers, and for lists of numbers or of such lists."""
    if isinstance(value, Pack):
        numbers = [is_number(i) for i in value.items]
        return value.kind == "list" and all(map(is_plain, value.items)) and (all(numbers) or not any(numbers))
    if is_run_time_list(value) and isinstance(value, Var):
        t = value.type
        while isinstance(t, List | Tape):
            t = t.item
        return is_scalar(t) and is_numeric(t)
    return is_number(value)
