"""Lists and sets that are written out. Sets hold values that are known when the function is transformed.

    [x, *grown, y]                  a run-time list, where `grown` is one
    name in {"a", "b"}              decided now
    {k * k for k in range(3)}       an object whose `members` are the constant frozenset({0, 1, 4})
"""

from __future__ import annotations

import ast
import functools
import operator
from collections.abc import Callable
from typing import Any

from wengert.frontend.context import Flattener, builtin, expression
from wengert.frontend.expressions import collect, generator, items, spread
from wengert.frontend.lists import joined_lists
from wengert.frontend.methods import method
from wengert.frontend.objects import is_set, members
from wengert.frontend.values import Iterable_, Mapping_, Pack, Record, Value
from wengert.ir.builder import NONE, constant
from wengert.ir.nodes import Const, Var
from wengert.ir.types import Array


@expression(ast.List)
def _list(f: Flattener, node: ast.List, hint: str) -> Value:
    """The items, known one by one; joined run-time lists where the number of some is only known when the program runs."""
    parts: list[Value] = []
    known: list[Value] = []
    for item in node.elts:
        if not isinstance(item, ast.Starred):
            known.append(f.storage.kept(f.expression(item)) if parts else f.expression(item))
            continue
        value = f.expression(item.value)
        known_length = isinstance(value, Pack | Mapping_) or (isinstance(value, Iterable_) and isinstance(value.length, Const))
        made = Pack("list", tuple(spread(f, value, item))) if known_length else collect(f, value, item)
        if isinstance(made, Pack):
            known.extend(made.items)
        else:
            parts += [Pack("list", tuple(known)), made]
            known = []
    if not parts:
        return Pack("list", tuple(known))
    pieces = [p for p in (*parts, Pack("list", tuple(known))) if not isinstance(p, Pack) or p.items]
    if len(pieces) == 1:
        return f.call(f.attribute(pieces[0], "copy", node), [], {}, node, hint)
    return functools.reduce(lambda a, b: joined_lists(f, a, b, node, hint), pieces)


@expression(ast.Set)
def _set(f: Flattener, node: ast.Set, hint: str) -> Value:
    return _mutable(_frozen(f, items(f, node.elts), node))


@expression(ast.SetComp)
def _set_comprehension(f: Flattener, node: ast.SetComp, hint: str) -> Value:
    inner = ast.copy_location(ast.GeneratorExp(elt=node.elt, generators=node.generators), node)
    return _mutable(_frozen(f, spread(f, generator(f, inner), node), node))


@builtin(set)
def _made(f: Flattener, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str) -> Value:
    return _mutable(_frozen(f, spread(f, args[0], node) if args else [], node))


@builtin(frozenset)
def _made_frozen(f: Flattener, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str) -> Value:
    return _frozen(f, spread(f, args[0], node) if args else [], node)


@method("array", "tolist")
def _tolist(f: Flattener, x: Value, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str) -> Value:
    """Lists of numbers: of an array with several axes, lists of such."""

    def nested(rows: Value) -> Value:
        if not isinstance(rows, Var) or not isinstance(rows.type, Array) or (rows.type.rank or 0) < 2:
            return collect(f, rows, node, hint)
        made = f.iterate(rows, nested, node, collect=True, hint=hint)
        return collect(f, rows, node, hint) if made is None else made

    return nested(x)


def _mutable(members: Const) -> Record:
    return Record(set, ("members",), (members,))


def _frozen(f: Flattener, values: list[Value], node: ast.AST) -> Const:
    """A set of constants, and of tuples of them."""
    found = []
    for value in values:
        known = _known(value)
        if known is None:
            f.refuse(node, "a set of values that are only known when the program runs is not supported", "use a list")
        found.append(known.value)
    return constant(frozenset(found))


def _known(value: Value) -> Const | None:
    if isinstance(value, Const):
        return value
    if not isinstance(value, Pack) or value.kind != "tuple":
        return None
    parts = [_known(i) for i in value.items]
    return None if None in parts else constant(tuple(p.value for p in parts if p is not None))


@method("Record", "add", "discard", "remove", "update", "clear", "difference_update", "intersection_update")
def _changed(
    name: str, f: Flattener, x: Value, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str
) -> Value:
    """Methods that change a set."""
    if not isinstance(x, Record) or x.home is None:
        f.refuse(node, "this changes a set that has no name", "give it a name first")
    given = args if name in ("add", "discard", "remove") else [v for a in args for v in spread(f, a, node)]
    other = _frozen(f, given, node).value
    now = members(x)
    if name == "remove" and not other <= now:
        f.fails(node, "the set has no such member")
    if name == "clear":
        made: frozenset[Any] = frozenset()
    else:
        changes = {"add": "union", "update": "union", "intersection_update": "intersection"}
        made = getattr(now, changes.get(name, "difference"))(other)
    f.storage.write(x.home, _mutable(constant(made)))
    return NONE


@method("Record", "union", "intersection", "difference", "symmetric_difference", "issubset", "issuperset", "isdisjoint", "copy")
def _compared(
    name: str, f: Flattener, x: Value, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str
) -> Value:
    """Methods that ask a set."""
    found = getattr(members(x), name)(*(_frozen(f, spread(f, a, node), node).value for a in args))
    return _mutable(constant(found)) if isinstance(found, frozenset) else constant(found)


IN_PLACE: dict[Any, Callable[[frozenset[Any], frozenset[Any]], frozenset[Any]]] = {
    set.__ior__: operator.or_, set.__iand__: operator.and_, set.__isub__: operator.sub, set.__ixor__: operator.xor,
}  # fmt: skip


@builtin(*IN_PLACE)
def _augmented(op: Any, f: Flattener, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str) -> Value:
    """`a |= b` of sets."""
    a, b = args
    if not is_set(b) or not isinstance(a, Record) or a.home is None:
        f.refuse(node, "a set is combined with a set only", "write set(...)")
    made = IN_PLACE[op](members(a), members(b))
    f.storage.write(a.home, _mutable(constant(made)))
    return f.storage.load(a.home)
