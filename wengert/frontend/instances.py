"""Calls of classes: named tuples, dataclasses and plain classes are kept apart in their fields.

    Point(x, 2.0)      Record(Point, ("a", "b"), (x, 2.0))
"""

from __future__ import annotations

import ast
import builtins
import collections
import dataclasses
import dis
import types
from abc import ABCMeta
from typing import Any

from wengert.frontend.bodies import as_value
from wengert.frontend.context import Flattener
from wengert.frontend.values import Pack, Record, Value
from wengert.ir.builder import NONE, constant

CONTAINERS: tuple[type, ...] = (list, dict, set, tuple, collections.deque)
"""Classes of which Python makes objects that hold values out of sight."""


def construct(
    f: Flattener, cls: type, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str
) -> Value | None:
    """An instance of a class; None where the class is called as it stands."""
    if issubclass(cls, tuple) and hasattr(cls, "_fields"):
        if len(args) > len(cls._fields) or not set(kwargs) <= set(cls._fields):
            f.fails(node, f"`{cls.__name__}` has the fields {', '.join(cls._fields)}")
        named = dict(zip(cls._fields, args, strict=False)) | kwargs
        defaults = {k: as_value(v) for k, v in getattr(cls, "_field_defaults", {}).items()}
        missing = [k for k in cls._fields if k not in named and k not in defaults]
        if missing:
            f.fails(node, f"`{cls.__name__}` needs {', '.join(missing)}")
        return Pack("tuple", tuple(named.get(k, defaults.get(k, NONE)) for k in cls._fields), cls)
    if issubclass(cls, BaseException):
        return None
    if cls is types.SimpleNamespace and not args:
        return Record(cls, tuple(kwargs), tuple(kwargs.values()))
    kept = next((c for c in CONTAINERS if issubclass(cls, c) and cls not in CONTAINERS), None)
    if kept is not None and not (cls.__module__ == "collections" or hasattr(builtins, cls.__name__)):
        text = f"`{cls.__name__}` is derived from `{kept.__name__}`; objects of such a class are not supported"
        f.refuse(node, text, f"keep a {kept.__name__} in an attribute")
    if type(cls) not in (type, ABCMeta) or cls.__new__ is not object.__new__ or cls.__module__ == "builtins":
        return None
    written = _inherited(cls, "__init__")
    if dataclasses.is_dataclass(cls) and not _has_source(written):
        made = f.storage.load(f.storage.unload(_dataclass(f, cls, args, kwargs, node), hint))
        after = _inherited(cls, "__post_init__")
        if isinstance(after, types.FunctionType):
            f.call(constant(after), [made], {}, node)
    else:
        made = f.storage.load(f.storage.unload(_blank(f, cls, node), hint))
        if isinstance(written, types.FunctionType):
            f.call(constant(written), [made, *args], kwargs, node)
        elif args or kwargs:
            f.fails(node, f"`{cls.__name__}` takes no arguments")
    assert isinstance(made, Record) and made.home is not None
    return f.storage.load(made.home)


def _blank(f: Flattener, cls: type, node: ast.AST) -> Record:
    """A new object: it has the attributes of its class that its methods assign to, so that all paths leave the same ones."""
    assigned: dict[str, None] = {}
    for c in cls.__mro__[:-1]:
        for method in vars(c).values():
            code = getattr(method, "__code__", None)
            steps = dis.get_instructions(code) if isinstance(code, types.CodeType) else ()
            assigned.update((step.argval, None) for step in steps if step.opname == "STORE_ATTR")
    names = tuple(n for n in assigned if type(_inherited(cls, n)) in (int, float, complex, bool))
    return Record(cls, names, tuple(f.storage.unload(f.attribute(constant(cls), n, node)) for n in names))


def _has_source(function: Any) -> bool:
    """False for the `__init__` that a dataclass makes."""
    return isinstance(function, types.FunctionType) and function.__code__.co_filename != "<string>"


def _inherited(cls: type, name: str) -> Any:
    """What a class or one of its bases defines, `object` left out."""
    return next((vars(c)[name] for c in cls.__mro__[:-1] if name in vars(c)), None)


def _dataclass(f: Flattener, cls: Any, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    fields = dataclasses.fields(cls)
    placed = [x.name for x in fields if x.init and not x.kw_only]
    if len(args) > len(placed):
        f.fails(node, f"`{cls.__name__}` takes {len(placed)} arguments, {len(args)} were given")
    given = dict(zip(placed, args, strict=False)) | kwargs
    if not set(given) <= {x.name for x in fields if x.init} or len(given) < len(args) + len(kwargs):
        f.fails(node, f"`{cls.__name__}` has other fields")
    for x in fields:
        if x.name not in given:
            if x.default is not dataclasses.MISSING:
                given[x.name] = as_value(x.default)
            elif x.default_factory is not dataclasses.MISSING:
                given[x.name] = as_value(x.default_factory())
            elif x.init:
                f.fails(node, f"`{cls.__name__}` needs `{x.name}`")
    names = tuple(x.name for x in fields if x.name in given)  # the others are set in `__post_init__`
    return Record(cls, names, tuple(given[n] for n in names))
