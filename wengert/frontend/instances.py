"""Calls of classes: named tuples, dataclasses and plain classes are kept apart in their fields.

    Point(x, 2.0)      Record(Point, ("a", "b"), (x, 2.0))
"""

from __future__ import annotations

import ast
import dataclasses
import types
from abc import ABCMeta
from typing import Any

from wengert.frontend.bodies import as_value
from wengert.frontend.context import Flattener
from wengert.frontend.values import Pack, Record, Value
from wengert.ir.builder import NONE, constant


def construct(
    f: Flattener, cls: type, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str
) -> Value | None:
    """An instance of a class; None where the class is called as it stands."""
    if issubclass(cls, tuple) and hasattr(cls, "_fields"):
        if len(args) > len(cls._fields) or not set(kwargs) <= set(cls._fields):
            f.refuse(node, f"`{cls.__name__}` has the fields {', '.join(cls._fields)}")
        named = dict(zip(cls._fields, args, strict=False)) | kwargs
        defaults = {k: as_value(v) for k, v in getattr(cls, "_field_defaults", {}).items()}
        missing = [k for k in cls._fields if k not in named and k not in defaults]
        if missing:
            f.refuse(node, f"`{cls.__name__}` needs {', '.join(missing)}")
        return Pack("tuple", tuple(named.get(k, defaults.get(k, NONE)) for k in cls._fields), cls)
    if issubclass(cls, BaseException):
        return None
    if cls is types.SimpleNamespace and not args:
        return Record(cls, tuple(kwargs), tuple(kwargs.values()))
    if type(cls) not in (type, ABCMeta) or cls.__new__ is not object.__new__ or cls.__module__ == "builtins":
        return None
    written = _inherited(cls, "__init__")
    if dataclasses.is_dataclass(cls) and not _has_source(written):
        made = f.storage.load(f.storage.unload(_dataclass(f, cls, args, kwargs, node), hint))
        after = _inherited(cls, "__post_init__")
        if isinstance(after, types.FunctionType):
            f.call(constant(after), [made], {}, node)
    else:
        made = f.storage.load(f.storage.unload(Record(cls, (), ()), hint))
        if isinstance(written, types.FunctionType):
            f.call(constant(written), [made, *args], kwargs, node)
        elif args or kwargs:
            f.refuse(node, f"`{cls.__name__}` takes no arguments")
    assert isinstance(made, Record) and made.home is not None
    return f.storage.load(made.home)


def _has_source(function: Any) -> bool:
    """False for the `__init__` that a dataclass makes."""
    return isinstance(function, types.FunctionType) and function.__code__.co_filename != "<string>"


def _inherited(cls: type, name: str) -> Any:
    """What a class or one of its bases defines, `object` left out."""
    return next((vars(c)[name] for c in cls.__mro__[:-1] if name in vars(c)), None)


def _dataclass(f: Flattener, cls: Any, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    fields = [x for x in dataclasses.fields(cls) if x.init]
    if len(args) > len(fields):
        f.refuse(node, f"`{cls.__name__}` takes {len(fields)} arguments, {len(args)} were given")
    given = dict(zip((x.name for x in fields), args, strict=False)) | kwargs
    for x in fields:
        if x.name not in given:
            if x.default is not dataclasses.MISSING:
                given[x.name] = as_value(x.default)
            elif x.default_factory is not dataclasses.MISSING:
                given[x.name] = as_value(x.default_factory())
            else:
                f.refuse(node, f"`{cls.__name__}` needs `{x.name}`")
    names = tuple(x.name for x in fields)
    if set(given) != set(names) or len(names) != len(dataclasses.fields(cls)):
        f.refuse(node, f"`{cls.__name__}` has other fields")
    return Record(cls, names, tuple(given[n] for n in names))
