"""Walking: the loop that visits each item of an iterable, or the visits one after the other.

In: an iterable as a length and items, or a run-time list. Out: a `For`, and the list of what was visited where one is wanted.

    known item by item (a tuple, a zip of lists)      unrolled(...): each visit is written out
    an array, a range, a run-time list                counted(...), walked(...): one loop
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from wengert.errors import Problem
from wengert.frontend.branches import choose
from wengert.frontend.context import Flattener
from wengert.frontend.iterables import Checkpointed, item_at
from wengert.frontend.loops import LoopPlan, loop
from wengert.frontend.places import may_be_written
from wengert.frontend.values import Iterable_, Key, Mapping_, NotPlain, Pack, Value, display
from wengert.ir.builder import constant
from wengert.ir.nodes import Assign, Atom, Const, Display, Var
from wengert.ir.types import Int, List, Opaque, Range, Tape

MOST = 100_000
"""The longest loop over a list that is written out; one that appends to its own list for ever is found by it."""


def unrolled(
    f: Flattener, source: Iterable_, visit: Callable[[Value], Any], node: ast.AST, stop: Key | None, k: int
) -> None:
    """Visit the items one after the other; once `stop` may be set, the rest is under `if not stop`."""
    assert isinstance(source.length, Const)
    while k < source.length.value:
        visit(item_at(f, source, constant(k)))
        k += 1
        flag = f.names.get(stop) if stop else None
        if isinstance(flag, Const) and flag.value is True:
            return
        if isinstance(flag, Var):
            choose(f, flag, lambda: None, partial(unrolled, f, source, visit, node, stop, k))
            return


def grown(f: Flattener, items: Pack, visit: Callable[[Value], Any], node: ast.AST, stop: Key | None, k: int) -> None:
    """Visit the items of a list that the visit itself may change: those that are appended are visited too."""
    assert items.home is not None
    while True:
        held = f.storage.load(items.home)
        if not isinstance(held, Pack):
            f.refuse(node, "a list that is changed while it is iterated over must have a known length", "iterate over a copy")
        if k >= len(held.items):
            return
        if k >= MOST:
            f.refuse(node, f"this loop over a list that it changes runs more than {MOST} times", "use a `while` loop")
        visit(held.items[k])
        k += 1
        flag = f.names.get(stop) if stop else None
        if isinstance(flag, Const) and flag.value is True:
            return
        if isinstance(flag, Var):
            choose(f, flag, lambda: None, partial(grown, f, items, visit, node, stop, k))
            return


def counted(
    f: Flattener,
    source: Iterable_,
    visit: Callable[[Value], Any],
    names: tuple[Key, ...],
    stop: Key | None,
    hint: str,
    collect: bool,
    target: ast.expr | None,
) -> Value | None:
    """A loop over a range."""
    bounds = source.span or (source.length,)
    shown: tuple[Atom, ...] = bounds
    if len(bounds) == 3 and bounds[2] == constant(1):
        shown = bounds[:2] if bounds[0] != constant(0) else bounds[1:2]
    sequence = f.emit.apply(range, shown, type=Range(), inline=True)

    items: dict[Key, None] = {}

    def body(targets: tuple[Var, ...]) -> tuple[Atom, ...]:
        item = source.item(targets[0])
        return _collected(f, visit(item if target is None else christened(f, target, item)), collect, items)

    mark = (source.kind, source.number) if isinstance(source, Checkpointed) else None
    plan = LoopPlan(body, None, (sequence,), ((hint or "i", Int()),), names, stop, checkpoint=mark)
    return _tape(f, loop(f, plan), collect, items)


def christened(f: Flattener, target: ast.expr, item: Value) -> Value:
    """An item that a trip has just read, under the name of the loop's target; nothing else refers to it yet."""
    match target, item:
        case ast.Name(id=name), Var(hint="", of=None, inline=False):
            for k, s in enumerate(f.emit.statements):
                if isinstance(s, Assign) and s.target is item and s.op is operator.getitem:
                    made = Var(name, item.type)
                    f.emit.statements[k] = replace(s, target=made)
                    f.storage.rename(item, made)
                    return made
            return item
        case ast.Tuple(elts=parts) | ast.List(elts=parts), Pack(items=items) if len(parts) == len(items):
            return Pack(item.kind, tuple(christened(f, p, v) for p, v in zip(parts, items, strict=True)), item.cls)
        case _:
            return item


def walked(
    f: Flattener,
    source: Var,
    visit: Callable[[Value], Any],
    names: tuple[Key, ...],
    stop: Key | None,
    hint: str,
    collect: bool,
    node: ast.AST,
) -> Value | None:
    """A loop over a run-time list, tape or iterator."""
    item = source.type.item if isinstance(source.type, Tape | List) else Opaque()
    item = Int() if isinstance(source.type, Range) else item

    home = f.storage.homes.get(source)
    items: dict[Key, None] = {}

    def body(targets: tuple[Var, ...]) -> tuple[Atom, ...]:
        if home is not None and may_be_written(targets[0]):
            f.storage.lend(targets[0], home[0].cell)
        return _collected(f, visit(targets[0]), collect, items)

    before, count, noted, spent = dict(f.names), len(f.emit.statements), len(f.problems), len(f.spent)
    pushed = len(f.storage.pushed)
    made = loop(f, LoopPlan(body, None, (source,), ((hint, item),), names, stop))
    if home is None or f.storage.contents(home[0].cell) is home[1]:
        return _tape(f, made, collect, items)
    if not may_be_written(Var("", item)):
        f.refuse(node, "a list that is changed while it is iterated over is not supported", "iterate over a copy")
    f.names.clear()  # its items are written: they are reached through the list itself
    f.names.update(before)
    del f.problems[noted:], f.spent[spent:]
    f.storage.forget(count)
    length = f.emit.apply(len, (source,), type=Int())
    indexed = Iterable_(length, lambda i: f.index(source, i, node))
    collected = counted(f, indexed, visit, names, stop, hint, collect, None)
    if home[0].cell in f.storage.pushed[pushed:]:
        f.refuse(node, "a list that is changed while it is iterated over is not supported", "iterate over a copy")
    return collected


def _collected(f: Flattener, value: Any, collect: bool, items: dict[Key, None]) -> tuple[Atom, ...]:
    if not collect:
        return ()
    shown = display(value)
    if shown is None or isinstance(value, Mapping_):
        text = "a list of these has to have a length that is known in advance"
        raise NotPlain(Problem(text, "make a list of numbers, or iterate over a tuple or a list", f.emit.origin))
    if isinstance(shown, Display):
        shown = f.apply(np.array, shown)
    assert isinstance(shown, Var | Const)
    items.update(dict.fromkeys(key for key, _ in f.storage.memory((shown,))))
    return (shown,)


def _tape(f: Flattener, tapes: tuple[Var, ...], collect: bool, items: dict[Key, None]) -> Value | None:
    """What a loop collected; `items` are the cells that the items may be."""
    if not collect:
        return None
    storage = f.storage
    near = (k for key in items for k in (key, *storage.shares.get(key, {}), *storage.holds.get(key, {})))
    outside = [k for k in dict.fromkeys(near) if k in f.names or k in storage.first]
    if outside:
        place = storage.keep(tapes[0], tapes[0].hint)
        storage.homes[tapes[0]] = (place, tapes[0])
        storage.twins[place.cell] = None
        for key in outside:
            storage.inherit(place.cell, key)
            storage.hold(place.cell, key)
    return tapes[0]
