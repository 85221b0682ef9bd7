"""Copies of structures: `copy.copy`, `copy.deepcopy`, and what `dataclasses` makes of an object.

    copy.copy([x, [y]])                 a new list that holds the same inner list
    dataclasses.replace(p, a=x)         an object of the class of p, made anew with another `a`
"""

from __future__ import annotations

import ast
import copy
import dataclasses
from typing import Any

import numpy as np

from wengert.frontend import disguised
from wengert.frontend.context import Flattener, builtin
from wengert.frontend.lists import slice_of_list
from wengert.frontend.objects import special
from wengert.frontend.values import Key, Mapping_, Pack, Record, Rows, Value
from wengert.ir.builder import NONE, constant
from wengert.ir.nodes import Const, Display, Var
from wengert.ir.types import Array, List, Number, Opaque, Tape, is_scalar

Args = list[Value]
Named = dict[str, Value]


@builtin(copy.copy)
def _copy(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    value = args[0]
    match value:
        case Record() if (method := special(value, "copy")) is not None:
            return f.call(constant(method), [value], {}, node, hint)
        case Record(cls=cls, keys=keys, items=items):
            return Record(cls, keys, items)
        case Pack(kind="list") | Mapping_():
            return f.call(f.attribute(value, "copy", node), [], {}, node, hint)
        case Rows(layout=layout, columns=columns):
            return Rows(layout, columns)
        case Pack():
            return value
        case _:
            return _leaf(f, value, node, hint)


def _leaf(f: Flattener, value: Value, node: ast.AST, hint: str) -> Value:
    """A copy of what has no known parts."""
    match value:
        case Var(type=List() | Tape()) | Const(type=List() | Tape()):
            return slice_of_list(f, value, Display("slice", (NONE, NONE, NONE)), hint)
        case Var(type=Array()) | Const(type=Array()):
            return f.call(constant(np.copy), [value], {}, node, hint)
        case Var() if is_scalar(value.type):
            return value
        case Const(value=None | bool() | int() | float() | complex() | str() | bytes() | tuple() | frozenset() | range()):
            return value
        case Const(value=np.generic() | np.dtype()):
            return value
        case Const(value=held) if callable(held):
            return value
        case Var(type=Number() | Opaque()):
            f.refuse(node, "it is not known here what this is a copy of", "write .copy() for arrays, list(...) for lists")
        case _:
            f.refuse(node, "a copy of this is not supported", "build the object anew")


@builtin(copy.deepcopy)
def _deepcopy(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    return _deep(f, args[0], {}, node, hint)


def _deep(f: Flattener, value: Value, made: dict[Key, Value], node: ast.AST, hint: str = "") -> Value:
    """A copy of a value and of all that it holds; what is held twice is copied once."""
    cell = disguised.cell_of(f, value)
    if isinstance(value, Record):
        cell = value.home.cell if value.home is not None else None
    elif isinstance(value, Var) and value in f.storage.homes:
        place = f.storage.homes[value][0]
        if any(key == place.cell for key in made):
            f.refuse(node, "a deep copy of an array and of a view of it is not supported", "copy the parts one by one")
        cell = place.cell
    if cell is not None and cell in made:
        return made[cell]
    match value:
        case Record() if (method := special(value, "deepcopy")) is not None:
            return f.call(constant(method), [value, Mapping_((), ())], {}, node, hint)
        case Record(cls=cls, keys=keys, items=items):
            copied: Value = Record(cls, keys, tuple(_deep(f, i, made, node) for i in items))
        case Pack(kind=kind, items=items, cls=cls):
            copied = Pack(kind, tuple(_deep(f, i, made, node) for i in items), cls)
        case Mapping_(keys=keys, items=items, factory=factory):
            copied = Mapping_(keys, tuple(_deep(f, i, made, node) for i in items), factory=factory)
        case Var(type=List() | Tape() as t) if not is_scalar(t.item):
            f.refuse(node, "a deep copy of a list of arrays that grew in a loop is not supported", "[a.copy() for a in ...]")
        case _:
            copied = _copy(f, [value], {}, node, hint)
    copied = disguised.like(f, value, copied, hint) if isinstance(copied, Pack | Mapping_) else copied
    copied = f.storage.kept(copied)
    if cell is not None:
        made[cell] = copied
    return copied


# --- dataclasses --------------------------------------------------------------------------------------------------------


def _fields(f: Flattener, value: Value, node: ast.AST) -> tuple[Record, list[Any]]:
    if not isinstance(value, Record) or not dataclasses.is_dataclass(value.cls):
        f.refuse(node, "this is no object of a dataclass that is known here", "ask with arguments: .lower(...)")
    return value, list(dataclasses.fields(value.cls))


@builtin(dataclasses.replace)
def _replace(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    value, fields = _fields(f, args[0], node)
    fixed = [x.name for x in fields if not x.init and x.name in kwargs]
    if fixed:
        f.fails(node, f"`{fixed[0]}` is declared with init=False and cannot be replaced")
    given = {x.name: f.attribute(value, x.name, node) for x in fields if x.init and x.name not in kwargs}
    return f.call(constant(value.cls), [], given | kwargs, node, hint)


@builtin(dataclasses.asdict)
def _asdict(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    if len(args) > 1 or kwargs:
        f.refuse(node, "asdict with a factory is not supported", "make the dict of what asdict returns")
    return _taken_apart(f, args[0], node, named=True)


@builtin(dataclasses.astuple)
def _astuple(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    if len(args) > 1 or kwargs:
        f.refuse(node, "astuple with a factory is not supported", "make it of what astuple returns")
    return _taken_apart(f, args[0], node, named=False)


def _taken_apart(f: Flattener, value: Value, node: ast.AST, named: bool) -> Value:
    """The fields of an object, of the objects in them, and deep copies of the rest."""
    record, fields = _fields(f, value, node)

    def part(inner: Value) -> Value:
        match inner:
            case Record(cls=cls) if dataclasses.is_dataclass(cls):
                return _taken_apart(f, inner, node, named)
            case Pack(kind=kind, items=items, cls=cls):
                return Pack(kind, tuple(map(part, items)), cls)
            case Mapping_(keys=keys, items=items):
                return Mapping_(keys, tuple(map(part, items)))
            case _:
                return _deep(f, inner, {}, node)

    values = tuple(part(f.attribute(record, x.name, node)) for x in fields)
    return Mapping_(tuple(x.name for x in fields), values) if named else Pack("tuple", values)
