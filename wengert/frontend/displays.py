"""Tuples, lists, dicts and texts written out, and comprehensions.

    [a, *b]                          a list whose items are known
    [x * x for x in range(n)]        a loop that collects, where the length is not known
"""

from __future__ import annotations

import ast
import copy
from typing import Any

from wengert.errors import Location, Problem
from wengert.frontend.context import Flattener, expression
from wengert.frontend.lists import append, listed_item
from wengert.frontend.objects import call_special
from wengert.frontend.short import is_short, looped_or_unrolled
from wengert.frontend.values import (
    Closure,
    Generator,
    Mapping_,
    NotPlain,
    Pack,
    Record,
    Refused,
    Value,
    display,
)
from wengert.ir.builder import constant
from wengert.ir.nodes import Atom, Const, Display, Var
from wengert.ir.types import Opaque
from wengert.runtime import format_, join_


@expression(ast.Tuple)
def _sequence(f: Flattener, node: ast.Tuple, hint: str) -> Value:
    return Pack("tuple", tuple(items(f, node.elts)))


def items(f: Flattener, nodes: list[ast.expr]) -> list[Value]:
    """The values of a list of expressions, starred ones spread."""
    found: list[Value] = []
    for node in nodes:
        if isinstance(node, ast.Starred):
            found.extend(spread(f, f.expression(node.value), node))
        else:
            found.append(f.expression(node))
    return found


def spread(f: Flattener, value: Value, node: ast.AST) -> list[Value]:
    """The items of something whose length is known."""
    return list(written(f, value, node).items)


@expression(ast.Dict)
def _dict(f: Flattener, node: ast.Dict, hint: str) -> Value:
    entries: dict[Any, Value] = {}
    for key, value in zip(node.keys, node.values, strict=True):
        if key is None:
            inner = f.expression(value)
            if not isinstance(inner, Mapping_):
                f.refuse(value, "`**` needs a dict with keys known in advance")
            entries.update(zip(inner.keys, inner.items, strict=True))
            continue
        name = f.expression(key)
        if not isinstance(name, Const):
            name = _static_key(f, name, key)
        entries[name.value] = f.expression(value)
    return Mapping_(tuple(entries), tuple(entries.values()))


def _static_key(f: Flattener, value: Value, node: ast.AST) -> Const:
    if isinstance(value, Pack) and all(isinstance(i, Const) for i in value.items):
        return constant(tuple(i.value for i in value.items if isinstance(i, Const)))
    f.refuse(node, "a dict key must be known in advance", "use a literal, or a list indexed by an int")


@expression(ast.GeneratorExp)
def _generator(f: Flattener, node: ast.GeneratorExp, hint: str) -> Value:
    return generator(f, node)


def generator(f: Flattener, node: ast.GeneratorExp | ast.ListComp) -> Generator:
    """A comprehension whose outermost iterable is evaluated now."""
    return Generator(node, f.frame, f.expression(node.generators[0].iter))


@expression(ast.ListComp)
def _list_comprehension(f: Flattener, node: ast.ListComp, hint: str) -> Value:
    return collect(f, generator(f, node), node, hint)


def collect(f: Flattener, iterable: Value, node: ast.AST, hint: str = "") -> Value:
    """The list of what an iterable gives: apart in its items where the length is known, a run-time list otherwise."""
    if isinstance(iterable, Generator) and is_short(iterable):
        return looped_or_unrolled(f, lambda out: written(f, iterable, node) if out else _collected(f, iterable, node, hint))
    return _collected(f, iterable, node, hint)


def written(f: Flattener, iterable: Value, node: ast.AST) -> Pack:
    """The list of the items, one by one."""
    found: list[Value] = []
    f.iterate(iterable, found.append, node, unrolled=True)
    return Pack("list", tuple(found))


def _collected(f: Flattener, iterable: Value, node: ast.AST, hint: str) -> Value:
    if isinstance(iterable, Generator) and (len(iterable.node.generators) > 1 or iterable.node.generators[0].ifs):
        return _gathered(f, iterable, node, hint)
    found: list[Value] = []
    depth, spent = len(f.emit.opened), list(f.spent)

    def keep(item: Value) -> Value:
        if isinstance(item, Pack) and len(f.emit.opened) > depth:
            raise _Parts(item, f.location(node))
        found.append(item)
        return item

    try:
        collected = f.iterate(iterable, keep, node, collect=True, hint=hint)
    except NotPlain as refused:
        f.spent[:] = spent
        made = _of_parts(f, iterable, refused.item, node, hint) if isinstance(refused, _Parts) else None
        if made is not None:
            return made
        f.spent[:] = spent
        try:
            return written(f, iterable, node)
        except Refused:
            raise refused from None
    return Pack("list", tuple(found)) if collected is None else collected


class _Parts(NotPlain):
    """A loop makes a list of lists, or of tuples."""

    def __init__(self, item: Pack, where: Location | None) -> None:
        text = "a list of these has to have a length that is known in advance"
        super().__init__(Problem(text, "keep one list for each of the parts", where))
        self.item = item


class ListOf(ast.expr):
    """The element of a comprehension that is a list: one value of run time."""

    _fields = ("value",)

    def __init__(self, value: ast.expr) -> None:
        super().__init__()
        self.value = value


@expression(ListOf)
def _list_of(f: Flattener, node: ListOf, hint: str) -> Value:
    value = f.expression(node.value)
    made = listed_item(f, value) if isinstance(value, Pack) and value.kind == "list" else value
    if made is None:
        raise _Parts(value, f.location(node.value))  # type: ignore[arg-type]
    return made


def _of_parts(f: Flattener, iterable: Value, item: Pack, node: ast.AST, hint: str) -> Value | None:
    """A list of lists, or of tuples, that a loop makes; None where the items have no common form."""
    try:
        if item.kind == "list" and isinstance(iterable, Generator):
            if isinstance(iterable.node.elt, ListOf):
                return None  # the items have been asked for as lists already
            inner = copy.copy(iterable.node)
            inner.elt = ast.copy_location(ListOf(inner.elt), inner.elt)
            return collect(f, Generator(inner, iterable.frame, iterable.first), node, hint)
        return None if is_short(iterable, HANDFUL) else _gathered(f, iterable, node, hint)
    except Refused:
        return None


HANDFUL = 8
"""The most tuples that a comprehension writes out."""


def _gathered(f: Flattener, iterable: Value, node: ast.AST, hint: str) -> Value:
    """A comprehension with conditions or several loops, as the loop that appends to a list."""
    key = f.hidden(hint or "items")
    place = f.names[key] = f.storage.unload(Pack("list", ()), hint)

    def visit(item: Value) -> None:
        append(f, f.storage.load(f.names[key]), item, node)

    f.iterate(iterable, visit, node, names=(key,))
    made = f.storage.load(f.names.pop(key, place))
    return Pack("list", made.items) if isinstance(made, Pack) else f.usable(made, node)


@expression(ast.DictComp)
def _dict_comprehension(f: Flattener, node: ast.DictComp, hint: str) -> Value:
    pairs = ast.copy_location(ast.Tuple(elts=[node.key, node.value], ctx=ast.Load()), node)
    inner = ast.copy_location(ast.GeneratorExp(elt=pairs, generators=node.generators), node)
    entries: dict[Any, Value] = {}
    for pair in spread(f, generator(f, inner), node):
        assert isinstance(pair, Pack)
        key = pair.items[0]
        entries[(key if isinstance(key, Const) else _static_key(f, key, node)).value] = pair.items[1]
    return Mapping_(tuple(entries), tuple(entries.values()))


def text_of(f: Flattener, value: Value, node: ast.AST, how: str = "str") -> Atom | Display:
    """A value as an operand of what prints or formats it; of an object, the text that its class makes."""
    shown = display(value)
    if shown is not None:
        return shown
    if isinstance(value, Record):
        made = (call_special(f, value, "str", [], node) if how == "str" else None) or call_special(f, value, "repr", [], node)
        if isinstance(made, Var | Const):
            return made
    if isinstance(value, Closure):
        return constant(getattr(value.node, "name", "<lambda>"))
    f.refuse(node, "this value cannot be printed from emitted code", "print its parts")


@expression(ast.JoinedStr)
def _f_string(f: Flattener, node: ast.JoinedStr, hint: str) -> Value:
    parts: list[Any] = []
    for part in node.values:
        if isinstance(part, ast.FormattedValue):
            value = f.expression(part.value)
            spec = f.expression(part.format_spec) if part.format_spec else constant("")
            shown = text_of(f, value, part, "repr" if part.conversion == ord("r") else "str")
            if isinstance(value, Record):
                parts.append(shown)
                continue
            field = f.emit.apply(
                format_, (shown, constant(part.conversion), spec), type=Opaque(), inline=True  # type: ignore[arg-type]
            )
            parts.append(field)
        else:
            parts.append(f.expression(part))
    if len(parts) == 1 and isinstance(parts[0], Const):
        return parts[0]
    return f.emit.apply(join_, (Display("list", tuple(parts)),), type=Opaque(), hint=hint, inline=not hint)
