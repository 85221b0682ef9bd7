"""Iteration: every iterable is a length and a way to get an item, so that a loop over it is a loop over a range.

What is known item by item (a tuple, a zip of lists) is unrolled; arrays are indexed; a run-time list is walked as it is.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from wengert.errors import Problem
from wengert.frontend.branches import choose
from wengert.frontend.context import ITERATE, Flattener, assigned, builtin
from wengert.frontend.lists import row
from wengert.frontend.loops import LoopPlan, loop
from wengert.frontend.objects import call_special, special
from wengert.frontend.places import may_be_written
from wengert.frontend.values import (
    Frame,
    Generator,
    Iterable_,
    Key,
    Mapping_,
    Method,
    NotPlain,
    Pack,
    Place,
    Record,
    Rows,
    Value,
    display,
)
from wengert.ir.builder import NONE, constant
from wengert.ir.nodes import Assign, Atom, Const, Display, Var
from wengert.ir.types import Array, Int, List, Number, NumpyScalar, Opaque, Range, Tape, Tuple, is_scalar
from wengert.runtime import checkpoint, raise_

MOST = 100_000
"""The longest loop over a list that is written out; one that appends to its own list for ever is found by it."""

FEW = 32
"""The longest loop that is written out trip by trip in the code of a rule."""


@dataclass(frozen=True, slots=True, eq=False)
class Checkpointed(Iterable_):
    """What `checkpoint` returns: the iterable with the kind of its mark ("every" or "slots") and the number."""

    kind: str = ""
    number: Atom = NONE


def iterate(
    f: Flattener,
    iterable: Value,
    visit: Callable[[Value], Any],
    node: ast.AST,
    *,
    names: tuple[Key, ...] = (),
    stop: Key | None = None,
    hint: str = "",
    unrolled: bool = False,
    collect: bool = False,
    target: ast.expr | None = None,
) -> Value | None:
    """Run `visit` with each item; returns the run-time list of what was visited where `collect` asks for one."""
    if isinstance(iterable, Generator):
        f.consume(iterable, node)
        return _generate(f, iterable, visit, node, names, stop, unrolled, collect)
    if isinstance(iterable, Pack) and iterable.home is not None:
        _grown(f, iterable, visit, node, stop, 0)
        return None
    source = as_iterable(f, iterable, node)
    if isinstance(source, Var):
        if unrolled:
            f.refuse(node, "this needs a length that is known in advance")
        return _walk(f, source, visit, names, stop, hint, collect, node)
    if isinstance(source, Checkpointed) and (unrolled or collect):
        f.refuse(node, "`checkpoint` has no use in a comprehension", "use a `for` statement, or leave `checkpoint` out")
    if source.unroll or unrolled:
        if not isinstance(source.length, Const):
            f.refuse(node, "this needs a length that is known in advance", "pass a tuple or a list")
        _unroll(f, source, visit, node, stop, 0)
        return None
    return _count(f, source, visit, names, stop, hint, collect, target)


def as_iterable(f: Flattener, value: Value, node: ast.AST) -> Iterable_ | Var:
    """`value` as a length and items; a variable where it is walked at run time as it is."""
    match value:
        case Entries(now=now):
            return now()
        case Iterable_(once=True):
            f.consume(value, node)
            return value
        case Iterable_():
            return value
        case Pack(home=Place() as home, items=items):
            return _listed(f, home, len(items), node)
        case Pack(items=items):
            return known(items)
        case Rows(columns=columns):
            count = f.call(constant(len), [columns[0]], {}, node)
            assert isinstance(count, Var | Const)
            return Iterable_(count, lambda i: row(f, value, i, node))
        case Record():
            return as_iterable(f, _of_object(f, value, node), node)
        case Mapping_(keys=keys):
            return known(tuple(constant(k) for k in keys))
        case Const(value=str() | tuple() | range() | list() | dict() | frozenset() as items):
            return known(tuple(map(constant, items)))
        case Var(type=Tape() | List() | Opaque() | Range()):
            return value
        case Var(type=Tuple(items=types)):
            return known(tuple(f.index(value, constant(k), node) for k in range(len(types))))
        case Method(receiver=Var() as array, name="flat"):
            return as_iterable(f, f.apply(np.ravel, array), node)
        case Var() | Const() if not is_scalar(value.type) and isinstance(value.type, Array | Number):
            count = length(f, value)
            # in a rule the number of items is that of a list written out
            return Iterable_(count, lambda i: f.index(value, i, node), unroll=f.emit.generated and isinstance(count, Const))
        case _:
            f.refuse(node, "this cannot be iterated")


def _listed(f: Flattener, home: Place, count: int, node: ast.AST) -> Iterable_:
    """The items of a list as they are when each is reached."""

    def item(i: Atom) -> Value:
        held = f.storage.load(home)
        if not isinstance(held, Pack) or len(held.items) != count or not isinstance(i, Const):
            f.refuse(node, "a list whose length changes while it is iterated over is not supported", "iterate over a copy")
        return f.usable(held.items[int(i.value)], node)

    return Iterable_(constant(count), item, unroll=True)


@dataclass(frozen=True, slots=True, eq=False)
class Entries(Iterable_):
    """The keys, values or items of a dict, which change as it does; `now` are those that there are."""

    now: Callable[[], Iterable_] = lambda: known(())


def entries(f: Flattener, home: Place, pick: Callable[[Mapping_, int], Value], node: ast.AST) -> Entries:
    """The keys, values or items of a dict as they are when each is reached."""

    def now() -> Iterable_:
        held = f.storage.load(home)
        if not isinstance(held, Mapping_):
            f.usable(held, node)
            f.refuse(node, "this is not the dict that it was")
        return _entries(f, home, len(held.keys), pick, node)

    return Entries(constant(0), lambda i: now().item(i), unroll=True, now=now)


def _entries(f: Flattener, home: Place, count: int, pick: Callable[[Mapping_, int], Value], node: ast.AST) -> Iterable_:
    """The entries of a dict that must not get or lose keys while they are walked."""

    def item(i: Atom) -> Value:
        held = f.storage.load(home)
        if not isinstance(held, Mapping_) or len(held.keys) != count or not isinstance(i, Const):
            f.refuse(node, "a dict that changes its keys while it is iterated over is an error in Python", "use list(...)")
        return pick(held, int(i.value))

    return Iterable_(constant(count), item, unroll=True)


def _of_object(f: Flattener, value: Record, node: ast.AST) -> Value:
    """What iterating over an object of a user's class walks."""
    found = call_special(f, value, "iter", [], node)
    if found is not None:
        return found
    count = call_special(f, value, "len", [], node)
    if special(value, "getitem") is None or not isinstance(count, Var | Const):
        f.refuse(node, f"`{value.cls.__name__}` objects cannot be iterated here", "give the class an `__iter__`")
    return Iterable_(count, lambda i: f.index(value, i, node))


def known(items: tuple[Value, ...]) -> Iterable_:
    """An iterable whose items are all at hand."""

    def item(i: Atom) -> Value:
        assert isinstance(i, Const)
        return items[int(i.value)]

    return Iterable_(constant(len(items)), item, unroll=True)


def length(f: Flattener, array: Atom) -> Atom:
    """The length of an array's first axis."""
    t = array.type
    if isinstance(t, Array) and t.shape:
        first = t.shape[0]
        if isinstance(first, int):
            return constant(first)
        return f.emit.apply(len, (array,), type=Int(first))
    return f.emit.apply(len, (array,), type=Int())


def _unroll(
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
            choose(f, flag, lambda: None, partial(_unroll, f, source, visit, node, stop, k))
            return


def _grown(f: Flattener, items: Pack, visit: Callable[[Value], Any], node: ast.AST, stop: Key | None, k: int) -> None:
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
            choose(f, flag, lambda: None, partial(_grown, f, items, visit, node, stop, k))
            return


def _count(
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


def _walk(
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
    del f.emit.statements[count:], f.problems[noted:], f.spent[spent:]
    length = f.emit.apply(len, (source,), type=Int())
    indexed = Iterable_(length, lambda i: f.index(source, i, node))
    collected = _count(f, indexed, visit, names, stop, hint, collect, None)
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


def _generate(
    f: Flattener,
    generator: Generator,
    visit: Callable[[Value], Any],
    node: ast.AST,
    names: tuple[Key, ...],
    stop: Key | None,
    unrolled: bool,
    collect: bool,
) -> Value | None:
    """A comprehension: nested loops and conditions around the visit; its targets are its own."""
    clauses = generator.node.generators
    unrolled = unrolled or (collect and len(clauses) > 1)
    outer = generator.frame
    assert outer is not None
    f.frames += 1
    inner = Frame(f.frames, outer.source, frozenset(assigned([c.target for c in clauses])), outer, outer.free)
    own = tuple((inner.number, n) for n in sorted(inner.own))
    caller, f.frame = f.frame, inner

    def element() -> Any:
        value = f.expression(generator.node.elt)
        here, f.frame = f.frame, caller
        try:
            visit(value)
        finally:
            f.frame = here
        return value

    def clause(k: int) -> Any:
        if k == len(clauses):
            return element()

        def item(value: Value) -> Any:
            from wengert.frontend.statements import store

            store(f, clauses[k].target, value)
            return condition(k, 0)

        source = generator.first if k == 0 else f.expression(clauses[k].iter)
        target = clauses[k].target
        counts = isinstance(source, Iterable_) and source.span is not None
        hint = target.id if isinstance(target, ast.Name) and counts else ""
        return f.iterate(
            source, item, node, names=(*names, *own), stop=stop, hint=hint, unrolled=unrolled,
            collect=collect and k == len(clauses) - 1, target=target,
        )  # fmt: skip

    def condition(k: int, c: int) -> Any:
        if c == len(clauses[k].ifs):
            return clause(k + 1)
        test = f.truth(f.expression(clauses[k].ifs[c]), clauses[k].ifs[c])
        if isinstance(test, Const):
            return condition(k, c + 1) if test.value else None
        if collect or unrolled:
            f.refuse(clauses[k].ifs[c], "a list whose length depends on values is not supported yet",
                     "use a boolean mask, or sum(...) over the condition")  # fmt: skip
        choose(f, test, lambda: condition(k, c + 1), lambda: None)
        return None

    try:
        collected = clause(0)
    finally:
        f.frame = caller
        if inner.number not in f.kept:
            for key in own:
                f.names.pop(key, None)
    return collected if collect else None


ITERATE.append(iterate)


# --- builtins that make iterables ---------------------------------------------------------------------------------------


@builtin(range)
def _range(f: Flattener, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str) -> Value:
    if kwargs or not 1 <= len(args) <= 3:
        f.refuse(node, "range takes one to three arguments")
    given = [a for a in args if isinstance(a, Var | Const)]
    start, stop, step = (
        (constant(0), given[0], constant(1)) if len(given) == 1 else (*given, constant(1)) if len(given) == 2 else given
    )
    fixed = [int(a.value) for a in (start, stop, step) if isinstance(a, Const)]
    if start == constant(0) and step == constant(1):
        count: Atom = stop
    elif len(fixed) == 3:
        count = constant(len(range(*fixed)))
    else:
        made = f.emit.apply(range, (start, stop, step), type=Range(), inline=True)
        count = f.emit.apply(len, (made,), type=Int(), inline=True)
    # a loop of a rule over a few known numbers is written out
    if f.emit.generated and len(fixed) == 3 and len(range(*fixed)) <= FEW:
        return known(tuple(map(constant, range(*fixed))))
    return Iterable_(count, lambda i: i, (start, stop, step))


def item_at(f: Flattener, source: Iterable_, k: Atom) -> Value:
    """The k-th item, counted from 0; a plain range is counted in its own steps."""
    if source.span is None:
        return source.item(k)
    start, _, step = source.span
    scaled = k if step == constant(1) else f.apply(operator.mul, k, step)
    return scaled if start == constant(0) else f.apply(operator.add, start, scaled)


@builtin(enumerate)
def _enumerate(f: Flattener, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str) -> Value:
    source = _indexed(f, args[0], node)
    first = args[1] if len(args) > 1 else kwargs.get("start", constant(0))
    assert isinstance(first, Var | Const)

    def item(i: Atom) -> Value:
        number = i if first == constant(0) else f.apply(operator.add, i, first)
        return Pack("tuple", (number, item_at(f, source, i)))

    return Iterable_(source.length, item, unroll=source.unroll, once=True)


@builtin(zip)
def _zip(f: Flattener, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str) -> Value:
    sources = [_indexed(f, a, node) for a in args]
    if kwargs.get("strict", constant(False)) == constant(True):
        _check_lengths(f, [s.length for s in sources])
    if not sources:
        return known(())
    fixed = [s.length.value for s in sources if isinstance(s.length, Const)]
    lengths = list(dict.fromkeys(s.length for s in sources if not isinstance(s.length, Const)))
    if len({getattr(n.type, "size", None) or n for n in lengths}) == 1:
        lengths = lengths[:1]
    if len(fixed) == len(sources):
        count: Atom = constant(min(fixed))
    elif len(lengths) == 1 and not fixed:
        count = lengths[0]
    else:
        bounds = (*lengths, *((constant(min(fixed)),) if fixed else ()))
        count = f.emit.apply(min, bounds, type=Int())
    if any(s.unroll for s in sources) and not isinstance(count, Const):
        count = constant(min(fixed))
        for n in lengths:  # the shorter list is written out: each of the arrays must reach that far
            enough = f.apply(operator.ge, n, count)
            text = f"zip(): this derivative was made for at least {min(fixed)} items"
            choose(f, enough, lambda: None, partial(fail, f, ValueError, text))
    return Iterable_(
        count, lambda i: Pack("tuple", tuple(item_at(f, s, i) for s in sources)), unroll=any(s.unroll for s in sources),
        once=True,
    )


def _check_lengths(f: Flattener, lengths: list[Atom]) -> None:
    """`zip(..., strict=True)` raises where the lengths differ."""
    for other in lengths[1:]:
        same = f.apply(operator.eq, lengths[0], other)
        choose(f, same, lambda: None, lambda: fail(f, ValueError, "zip() arguments have different lengths"))


def fail(f: Flattener, kind: type[Exception], text: str) -> None:
    """Emit what raises an exception."""
    error = f.emit.apply(kind, (constant(text),), type=Opaque(), effect=True)
    f.emit.apply(raise_, (error, constant(None)), type=Opaque(), effect=True)


@builtin(reversed)
def _reversed(f: Flattener, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str) -> Value:
    source = _indexed(f, args[0], node)

    def item(i: Atom) -> Value:
        last = f.apply(operator.sub, source.length, constant(1))
        return item_at(f, source, f.apply(operator.sub, last, i))

    return Iterable_(source.length, item, unroll=source.unroll, once=True)


@builtin(map)
def _map(f: Flattener, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str) -> Value:
    pairs = _zip(f, args[1:], {}, node, "")
    assert isinstance(pairs, Iterable_)

    def item(i: Atom) -> Value:
        values = pairs.item(i)
        assert isinstance(values, Pack)
        return f.call(args[0], list(values.items), {}, node)

    return Iterable_(pairs.length, item, unroll=pairs.unroll, once=True)


def _indexed(f: Flattener, value: Value, node: ast.AST) -> Iterable_:
    """The value as an iterable with a length; run-time lists are indexed."""
    if isinstance(value, Generator):
        f.refuse(node, "a generator expression cannot be used here yet", "use a list comprehension")
    source = as_iterable(f, value, node)
    if isinstance(source, Checkpointed):
        f.refuse(node, "`checkpoint` has to be the outermost of what a loop walks", "write checkpoint(enumerate(...), ...)")
    if isinstance(source, Var):
        if isinstance(source.type, Opaque):
            f.refuse(node, "the length of this iterable is not known")
        count = f.emit.apply(len, (source,), type=Int())
        return Iterable_(count, lambda i: f.index(source, i, node))
    return source


@builtin(checkpoint)
def _checkpoint(f: Flattener, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str) -> Value:
    if len(args) != 1 or not set(kwargs) <= {"every", "slots"}:
        f.refuse(node, "checkpoint takes an iterable, and `every` or `slots`", "write checkpoint(range(n), every=10)")
    given = {k: v for k, v in kwargs.items() if v != NONE}
    if len(given) > 1:
        f.refuse(node, "checkpoint takes `every` or `slots`, not both")
    kind, number = next(iter(given.items()), ("slots", NONE))
    if not isinstance(number, Var | Const) or not _is_count(number):
        f.refuse(node, f"`{kind}` of a checkpoint is an int of at least 1", f"write checkpoint(range(n), {kind}=10)")
    source = _indexed(f, args[0], node)
    if source.unroll:
        f.refuse(node, "a loop over items that are known one by one is written out: there are no trips to run again",
                 "loop over an array or a range, or leave `checkpoint` out")  # fmt: skip
    return Checkpointed(source.length, source.item, source.span, source.unroll, source.once, kind, number)


def _is_count(number: Atom) -> bool:
    """True for what may be the number of a checkpoint; where it is not known yet, the emitted code checks it."""
    if isinstance(number, Const):
        return number == NONE or (type(number.value) is int and number.value >= 1)
    t = number.type
    return isinstance(t, Int | Number) or (isinstance(t, NumpyScalar) and "int" in t.dtype)
