"""Calls of methods: of arrays, of lists whatever is known of their length, of structures with known parts, of constants.

    items.append(x)      the handler of `append` in `methods.py`, for a list or a run-time list
"""

from __future__ import annotations

import ast

import numpy as np

from wengert.frontend import disguised
from wengert.frontend.bodies import as_value, is_known, python_of
from wengert.frontend.context import Flattener
from wengert.frontend.expressions import collect
from wengert.frontend.lists import is_run_time_list
from wengert.frontend.methods import METHODS
from wengert.frontend.outputs import refuse_random_writes
from wengert.frontend.splicing import PLACED, RUN_TIME
from wengert.frontend.values import Mapping_, Method, Pack, Record, Rows, Value, children, display, with_children
from wengert.ir.builder import NONE, constant
from wengert.ir.nodes import Const, Var
from wengert.ir.types import Array, Opaque, is_numeric
from wengert.runtime import call_, stop_gradient


def call_method(
    f: Flattener, method: Method, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str
) -> Value:
    """`receiver.name(*args)` of an array, a structure with known parts, or a constant."""
    receiver, name = method.receiver, method.name
    if isinstance(receiver, Method) and receiver.name == "__dict__":
        return _of_attributes(f, receiver.receiver, name, args, kwargs, node, hint)
    listed = isinstance(receiver, Pack) and receiver.kind == "list"
    if listed or isinstance(receiver, Rows | Mapping_) or is_run_time_list(receiver):
        return disguised.method(
            f, name, receiver, args, kwargs, lambda: _plain_method(f, receiver, name, args, kwargs, node, hint), node, hint
        )
    return _plain_method(f, receiver, name, args, kwargs, node, hint)


def _of_attributes(
    f: Flattener, owner: Value, name: str, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str
) -> Value:
    """`owner.__dict__.update(...)`, and what reads the attributes as a dict."""
    if not isinstance(owner, Record) or name not in ("update", "items", "keys", "values", "get", "copy"):
        f.refuse(node, f"`{name}` of the attributes of an object is not supported", "name the attributes")
    if name != "update":
        return f.call(Method(Mapping_(owner.keys, owner.items), name), args, kwargs, node, hint)
    given = f.call(constant(dict), args, kwargs, node)
    assert isinstance(given, Mapping_)
    for key, value in zip(given.keys, given.items, strict=True):
        f.call(constant(setattr), [owner, constant(key), value], {}, node)
    return NONE


def _plain_method(
    f: Flattener, receiver: Value, name: str, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str
) -> Value:
    listed = isinstance(receiver, Rows) or (isinstance(receiver, Pack) and receiver.kind == "list")
    grown = isinstance(receiver, Rows) or is_run_time_list(receiver)
    if name in LISTS and (listed or grown):
        if name == "extend" and grown and args[0] == receiver:
            args = [f.call(f.attribute(receiver, "copy", node), [], {}, node)]  # as it is now
        return METHODS["list", name](f, receiver, args, kwargs, node, hint)
    placed = listed and name in PLACED and isinstance(args[0] if args else NONE, Var)
    if name in RUN_TIME and not kwargs and (grown or placed):
        return RUN_TIME[name](f, receiver, args, node, hint)
    kind = "array" if isinstance(receiver, Var | Const) and not _is_text(receiver) else type(receiver).__name__
    handler = METHODS.get((kind, name))
    if handler is not None:
        return handler(f, receiver, args, kwargs, node, hint)
    if isinstance(receiver, Pack) and receiver.cls is not None and name == "_asdict":
        return Mapping_(tuple(receiver.cls._fields), receiver.items)
    if isinstance(receiver, Const) and _is_text(receiver):
        args = [a if isinstance(a, Var | Const) or children(a) is not None else collect(f, a, node) for a in args]
    if isinstance(receiver, Const) and all(map(is_known, (*args, *kwargs.values()))):
        try:
            options = {k: python_of(v) for k, v in kwargs.items()}
            return as_value(getattr(receiver.value, name)(*map(python_of, args), **options))
        except Exception as error:
            f.fails(node, f"{type(error).__name__}: {error}")
    if isinstance(receiver, Var | Const) and isinstance(receiver.type, Opaque):
        if isinstance(receiver, Const) and isinstance(receiver.value, str | bytes):  # a text carries no derivative
            args = [_shut(f, a) for a in args]
            kwargs = {k: _shut(f, v) for k, v in kwargs.items()}
        bound = f.emit.apply(getattr, (receiver, constant(name)), type=Opaque(), inline=True)
        shown = [display(a) for a in args]
        named = tuple((k, display(v)) for k, v in kwargs.items())
        if any(a is None for a in (*shown, *(v for _, v in named))):
            f.refuse(node, f"`{name}` cannot be called with this argument from emitted code")
        refuse_random_writes(f, name, kwargs, node)
        return f.emit.apply(call_, (bound, *shown), named, type=Opaque(), effect=True, hint=hint)  # type: ignore[arg-type]
    f.refuse(node, f"the method `{name}` is not supported on {_shown(receiver)}", "use the NumPy function")


def _shut(f: Flattener, value: Value) -> Value:
    """A value that goes into a text."""
    parts = children(value)
    if parts is not None and not isinstance(value, Rows):
        return with_children(value, tuple(_shut(f, p) for p in parts))
    return f.apply(stop_gradient, value) if isinstance(value, Var) and is_numeric(value.type) else value


LISTS = ("append", "extend", "pop", "sort")
"""Methods that lists have whether or not their length is known."""


def _is_text(value: Var | Const) -> bool:
    return isinstance(value, Const) and not isinstance(value.type, Array) and not isinstance(value.value, np.generic)


def _shown(value: Value) -> str:
    if isinstance(value, Pack):
        return f"a {value.kind}"
    if isinstance(value, Rows) or is_run_time_list(value):
        return "a list"
    return "an array" if isinstance(value, Var) else f"a {type(value).__name__.lower().strip('_')}"
