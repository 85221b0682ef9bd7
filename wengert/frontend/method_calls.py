"""Calls of methods: of arrays, of lists whatever is known of their length, of structures with known parts, of constants.

    items.append(x)      the handler of `append` in `methods.py`, for a list or a run-time list
"""

from __future__ import annotations

import ast

import numpy as np

from wengert.frontend import disguised
from wengert.frontend.bodies import as_value
from wengert.frontend.context import Flattener
from wengert.frontend.expressions import collect
from wengert.frontend.lists import is_run_time_list
from wengert.frontend.methods import METHODS
from wengert.frontend.outputs import refuse_random_writes
from wengert.frontend.splicing import PLACED, RUN_TIME
from wengert.frontend.values import Generator, Mapping_, Method, Pack, Rows, Value, display
from wengert.ir.builder import NONE, constant
from wengert.ir.nodes import Const, Var
from wengert.ir.types import Array, Opaque
from wengert.runtime import call_


def call_method(
    f: Flattener, method: Method, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str
) -> Value:
    """`receiver.name(*args)` of an array, a structure with known parts, or a constant."""
    receiver, name = method.receiver, method.name
    listed = isinstance(receiver, Pack) and receiver.kind == "list"
    if listed or isinstance(receiver, Rows | Mapping_) or is_run_time_list(receiver):
        return disguised.method(
            f, name, receiver, args, kwargs, lambda: _plain_method(f, receiver, name, args, kwargs, node, hint), node, hint
        )
    return _plain_method(f, receiver, name, args, kwargs, node, hint)


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
        args = [collect(f, a, node) if isinstance(a, Generator) else a for a in args]
    if isinstance(receiver, Const) and all(isinstance(a, Const) for a in (*args, *kwargs.values())):
        values = [a.value for a in args if isinstance(a, Const)]
        options = {k: v.value for k, v in kwargs.items() if isinstance(v, Const)}
        try:
            return as_value(getattr(receiver.value, name)(*values, **options))
        except Exception as error:
            f.refuse(node, f"{type(error).__name__}: {error}")
    if isinstance(receiver, Var | Const) and isinstance(receiver.type, Opaque):
        bound = f.emit.apply(getattr, (receiver, constant(name)), type=Opaque(), inline=True)
        shown = [display(a) for a in args]
        named = tuple((k, display(v)) for k, v in kwargs.items())
        if any(a is None for a in (*shown, *(v for _, v in named))):
            f.refuse(node, f"`{name}` cannot be called with this argument from emitted code")
        refuse_random_writes(f, name, kwargs, node)
        return f.emit.apply(call_, (bound, *shown), named, type=Opaque(), effect=True, hint=hint)  # type: ignore[arg-type]
    f.refuse(node, f"the method `{name}` is not supported on {_shown(receiver)}", "use the NumPy function")


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
