"""Iterators: `iter` and `next` over what can be indexed, and objects that have a `__next__` of their own.

An iterator is kept as an object with the sequence and a position, which every item that is taken moves.

    it = iter(x); a = next(it); s = sum(it)      a = x[0], and the sum of x[1:]
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterator
from typing import Any

from wengert.frontend import beside
from wengert.frontend.branches import choose, choose_value
from wengert.frontend.context import Flattener, builtin
from wengert.frontend.expressions import collect
from wengert.frontend.iterables import item_at
from wengert.frontend.iterate import fail
from wengert.frontend.lists import is_run_time_list
from wengert.frontend.objects import special
from wengert.frontend.values import Generator, Iterable_, Mapping_, Pack, Partial, Poison, Record, Value
from wengert.ir.builder import NONE, constant
from wengert.ir.nodes import Atom, Const, Var
from wengert.ir.types import Array


class Cursor:
    """The class of iterators while a function is flattened: what is walked, and the position of the next item."""


def is_cursor(value: Value) -> bool:
    return isinstance(value, Record) and value.cls is Cursor


def walked(iterator: Any) -> Iterator[Any]:
    """What a loop does with an object that has a `__next__`."""
    while True:
        try:
            item = iterator.__next__()
        except StopIteration:
            return
        yield item


@builtin(iter)
def _iter(f: Flattener, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str) -> Value:
    if len(args) != 1:
        f.refuse(node, "`iter` with a function and a sentinel is not supported", "write a `while` loop")
    value = args[0]
    if isinstance(value, Record):
        method = special(value, "iter")
        if value.cls is Cursor or (method is None and special(value, "next") is not None):
            return value
        return value if method is None else f.call(constant(method), [value], {}, node)
    if isinstance(value, Partial | Generator) or (isinstance(value, Iterable_) and value.once):
        return value  # an iterator already
    return cursor(f, value, node, hint)


def cursor(f: Flattener, value: Value, node: ast.AST, hint: str) -> Value:
    """A new iterator over `value`."""
    early: Value = NONE
    if isinstance(value, Generator) or beside.runs(value):
        value, seen = beside.in_advance(f, value, node)
        early = constant(seen)
    if isinstance(value, Mapping_):
        value = Pack("tuple", tuple(map(constant, value.keys)))
    if isinstance(value, Iterable_) and not isinstance(value.length, Const):
        value = collect(f, value, node)
    indexed = isinstance(value, Pack) or is_run_time_list(value) or (isinstance(value, Iterable_) and not value.once)
    if not indexed and not (isinstance(value, Var | Const) and isinstance(value.type, Array)):
        f.refuse(node, "an iterator over this is not supported", "make a list of it: list(...)")
    made = Record(Cursor, ("sequence", "at", "early"), (value, constant(0), early))
    return f.storage.load(f.storage.unload(made, hint))


@builtin(next)
def _next(f: Flattener, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str) -> Value:
    value = args[0]
    if isinstance(value, Generator) or beside.runs(value):
        value = _begun(f, value, node)
    if isinstance(value, Record) and value.cls is not Cursor and special(value, "next") is not None:
        if len(args) > 1:
            f.refuse(node, "`next` of this object with a default is not supported", "catch StopIteration")
        return f.call(constant(special(value, "next")), [value], {}, node, hint)
    if not isinstance(value, Record) or value.cls is not Cursor:
        f.refuse(node, "`next` of this is not supported", "make a list of it, and index that")
    at, count = f.attribute(value, "at", node), _length(f, value, node)
    left = f.apply(operator.lt, at, count) if not isinstance(at, Const) or not isinstance(count, Const) else None  # type: ignore[arg-type]
    some = constant(at.value < count.value) if left is None else f.truth(left, node)  # type: ignore[union-attr]
    if some == constant(False):
        return args[1] if len(args) > 1 else f.fails(node, "this iterator has no further item")
    if len(args) > 1 and some != constant(True):
        return choose_value(f, some, lambda: _take(f, value, node, hint), lambda: args[1], hint)
    if some != constant(True):
        choose(f, some, lambda: None, lambda: fail(f, StopIteration, ""))
    return _take(f, value, node, hint)


def _begun(f: Flattener, value: Value, node: ast.AST) -> Value:
    """A generator of which one item is taken: all its names are those of an iterator over what it gives."""
    made = cursor(f, value, node, "")
    for key, held in f.names.items():
        if held is value or (isinstance(held, Partial) and isinstance(value, Partial) and held.function is value.function):
            f.names[key] = f.storage.unload(made)
    return made


def _length(f: Flattener, value: Record, node: ast.AST) -> Atom:
    count = f.call(constant(len), [f.attribute(value, "sequence", node)], {}, node)
    assert isinstance(count, Var | Const)
    return count


def _item(f: Flattener, value: Record, at: Value, node: ast.AST, hint: str = "") -> Value:
    sequence, early = f.attribute(value, "sequence", node), f.attribute(value, "early", node)
    if isinstance(early, Const) and isinstance(early.value, beside.Snapshot):
        early.value.check(f, node)
    if isinstance(sequence, Iterable_):
        assert isinstance(at, Var | Const)
        return item_at(f, sequence, at)
    return f.index(sequence, at, node, hint)


def _take(f: Flattener, value: Record, node: ast.AST, hint: str) -> Value:
    """The next item; the position moves."""
    at = f.attribute(value, "at", node)
    found = _item(f, value, at, node, hint)
    assert isinstance(at, Var | Const)
    _move(f, value, f.apply(operator.add, at, constant(1)))
    return found


def _move(f: Flattener, value: Record, at: Value) -> None:
    assert value.home is not None
    held = f.storage.contents(value.home.cell)
    if isinstance(held, Record):
        f.storage.write(value.home, Record(Cursor, held.keys, (held.items[0], at, held.items[2])))


def handed_over(f: Flattener, value: Record, node: ast.AST) -> Iterable_:
    """The items that an iterator still has, for `zip` and its like; how many of them are taken is not followed."""
    made = rest(f, value, node, moves=False)
    _move(f, value, Poison("how far this iterator has come is not known here", "make a list of it: list(...)"))
    return made


def walk(f: Flattener, value: Record, visit: Callable[[Value], Any], node: ast.AST, **options: Any) -> Value | None:
    """A loop over the items that an iterator still has; nobody else may take items from it meanwhile."""
    assert value.home is not None
    cell = value.home.cell

    def alone(item: Value) -> Any:
        before = f.storage.contents(cell)
        found = visit(item)
        if f.storage.contents(cell) is not before:
            f.refuse(node, "an item is taken from this iterator while a loop walks it", "index the sequence instead")
        return found

    return f.iterate(rest(f, value, node), alone, node, **options)


def rest(f: Flattener, value: Record, node: ast.AST, moves: bool = True) -> Iterable_:
    """The items that an iterator still has; each that is reached moves it."""
    assert value.home is not None
    value = f.storage.load(value.home)  # type: ignore[assignment]
    at, count = f.attribute(value, "at", node), _length(f, value, node)
    assert isinstance(at, Var | Const)
    left: Atom = count if at == constant(0) else f.apply(operator.sub, count, at)
    sequence = f.attribute(value, "sequence", node)
    known = isinstance(sequence, Pack) or (isinstance(sequence, Iterable_) and sequence.unroll)
    if known and not isinstance(left, Const):
        f.refuse(node, "how far this iterator has come is only known when the program runs", "index the list instead")

    def item(i: Atom) -> Value:
        place: Atom = i if at == constant(0) else f.apply(operator.add, at, i)
        found = _item(f, value, place, node)
        if moves:
            _move(f, value, f.apply(operator.add, place, constant(1)))
        return found

    return Iterable_(left, item, unroll=known)
