"""Iteration: every iterable is a length and a way to get an item, so that a loop over it is a loop over a range.

What is known item by item (a tuple, a zip of lists) is unrolled; arrays are indexed; a run-time list is walked as it is.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from enum import EnumMeta
from types import MappingProxyType
from typing import Any

import numpy as np

from wengert.frontend.branches import choose
from wengert.frontend.context import ITERATE, Flattener, assigned
from wengert.frontend.iterables import Checkpointed, Endless, Entries, Once, as_constant, item_at, known
from wengert.frontend.lists import row
from wengert.frontend.objects import call_special, members, special
from wengert.frontend.values import Frame, Generator, Iterable_, Key, Mapping_, Method, Pack, Place, Record, Rows, Value
from wengert.frontend.walking import counted, grown, walked
from wengert.frontend.walking import unrolled as visited
from wengert.ir.builder import constant
from wengert.ir.nodes import Atom, Const, Var
from wengert.ir.types import Array, Int, List, Number, Opaque, Range, Tape, Tuple, is_scalar
from wengert.runtime import raise_


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
    from wengert.frontend import iterators

    if isinstance(iterable, Generator):
        f.consume(iterable, node)
        return _generate(f, iterable, visit, node, names, stop, unrolled, collect)
    if isinstance(iterable, Record | Once):
        options = {"names": names, "stop": stop, "hint": hint, "unrolled": unrolled, "collect": collect, "target": target}
        if isinstance(iterable, Once):
            f.consume(iterable, node)
            return f.iterate(iterable.value, visit, node, **options)
        if iterators.is_cursor(iterable):
            return iterators.walk(f, iterable, visit, node, **options)
        return f.iterate(_of_object(f, iterable, node), visit, node, **options)
    if isinstance(iterable, Pack) and iterable.home is not None:
        grown(f, iterable, visit, node, stop, 0)
        return None
    source = as_iterable(f, iterable, node)
    if isinstance(source, Var):
        if unrolled:
            f.refuse(node, "this needs a length that is known in advance", "loop over it, or index its items")
        return walked(f, source, visit, names, stop, hint, collect, node)
    if isinstance(source, Checkpointed) and (unrolled or collect):
        f.refuse(node, "`checkpoint` has no use in a comprehension", "use a `for` statement, or leave `checkpoint` out")
    if source.unroll or unrolled:
        if not isinstance(source.length, Const):
            f.refuse(node, "this needs a length that is known in advance", "pass a tuple or a list")
        visited(f, source, visit, node, stop, 0)
        return None
    return counted(f, source, visit, names, stop, hint, collect, target)


def as_iterable(f: Flattener, value: Value, node: ast.AST) -> Iterable_ | Var:
    """`value` as a length and items; a variable where it is walked at run time as it is."""
    match value:
        case Entries(now=now):
            return now()
        case Once(value=inner):
            f.consume(value, node)
            return as_iterable(f, inner, node)
        case Endless():
            f.refuse(node, "this iterator has no end", "walk it beside a sequence, in zip(...)")
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
            return known(tuple(map(as_constant, keys)))
        case Generator(node=made) if len(made.generators) == 1 and not made.generators[0].ifs:
            f.consume(value, node)
            return _mapped(f, value, node)
        case Const(value=str() | tuple() | range() | list() | dict() | frozenset() | EnumMeta() | MappingProxyType() as items):
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
            f.refuse(node, "this cannot be iterated", "iterate over a list, an array or a range")


def _listed(f: Flattener, home: Place, count: int, node: ast.AST) -> Iterable_:
    """The items of a list as they are when each is reached."""

    def item(i: Atom) -> Value:
        held = f.storage.load(home)
        if not isinstance(held, Pack) or len(held.items) != count or not isinstance(i, Const):
            f.refuse(node, "a list whose length changes while it is iterated over is not supported", "iterate over a copy")
        return f.usable(held.items[int(i.value)], node)

    return Iterable_(constant(count), item, unroll=True)


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
    """What iterating over an object of a user's class walks, and over an iterator."""
    from wengert.frontend.iterators import Cursor, handed_over, walked

    if value.cls is Cursor:
        return handed_over(f, value, node)
    if value.cls is set:
        f.usable(value.items[0], node)
        return known(tuple(as_constant(m) for m in members(value)))
    found = call_special(f, value, "iter", [], node)
    found = value if found is None and special(value, "next") is not None else found
    if isinstance(found, Record) and special(found, "next") is not None:
        return f.call(constant(walked), [found], {}, node)
    if found is not None:
        return found
    count = call_special(f, value, "len", [], node)
    if special(value, "getitem") is None or not isinstance(count, Var | Const):
        f.refuse(node, f"`{value.cls.__name__}` objects cannot be iterated here", "give the class an `__iter__`")
    return Iterable_(count, lambda i: f.index(value, i, node))


def length(f: Flattener, array: Atom) -> Atom:
    """The length of an array's first axis."""
    t = array.type
    if isinstance(t, Array) and t.shape:
        first = t.shape[0]
        if isinstance(first, int):
            return constant(first)
        return f.emit.apply(len, (array,), type=Int(first))
    return f.emit.apply(len, (array,), type=Int())


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
    inner = _frame_of(f, generator)
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


def _frame_of(f: Flattener, generator: Generator) -> Frame:
    """The scope of a comprehension's targets."""
    outer = generator.frame
    assert outer is not None
    f.frames += 1
    own = frozenset(assigned([c.target for c in generator.node.generators]))
    return Frame(f.frames, outer.source, own, outer, outer.free)


def _mapped(f: Flattener, generator: Generator, node: ast.AST) -> Iterable_:
    """A comprehension of one loop as a length and items, each of which is evaluated where it is reached."""
    from wengert.frontend.sequences import indexed
    from wengert.frontend.statements import store

    source = indexed(f, generator.first, node)
    inner = _frame_of(f, generator)

    def item(i: Atom) -> Value:
        caller, f.frame = f.frame, inner
        try:
            store(f, generator.node.generators[0].target, item_at(f, source, i))
            return f.expression(generator.node.elt)
        finally:
            f.frame = caller
            if inner.number not in f.kept:
                for name in sorted(inner.own):
                    f.names.pop((inner.number, name), None)

    return Iterable_(source.length, item, unroll=source.unroll, once=True)


ITERATE.append(iterate)


def fail(f: Flattener, kind: type[Exception], text: str) -> None:
    """Emit what raises an exception."""
    error = f.emit.apply(kind, (constant(text),), type=Opaque(), effect=True)
    f.emit.apply(raise_, (error, constant(None)), type=Opaque(), effect=True)


