"""Methods of arrays, lists, tuples and dicts, as the operations that they are."""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from wengert.frontend.context import Flattener
from wengert.frontend.expressions import collect, number
from wengert.frontend.values import Mapping_, Pack, Value, display
from wengert.ir.builder import NONE, constant
from wengert.ir.nodes import Atom, Const, Display
from wengert.ir.types import Float, NumpyScalar

Handler = Callable[[Flattener, Any, list[Value], dict[str, Value], ast.AST, str], Value]
METHODS: dict[tuple[str, str], Handler] = {}
"""By kind of receiver ("array", "Pack", "Mapping_") and name."""

AS_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "sum": np.sum, "mean": np.mean, "prod": np.prod, "max": np.max, "min": np.min, "var": np.var, "std": np.std,
    "dot": np.dot, "ravel": np.ravel, "flatten": np.ravel, "copy": np.copy, "squeeze": np.squeeze,
    "cumsum": np.cumsum, "cumprod": np.cumprod, "round": np.round, "clip": np.clip, "argmax": np.argmax,
    "argmin": np.argmin, "any": np.any, "all": np.all, "repeat": np.repeat, "swapaxes": np.swapaxes,
    "trace": np.trace, "diagonal": np.diagonal, "conj": np.conj, "conjugate": np.conj, "nonzero": np.nonzero,
    "argsort": np.argsort, "take": np.take, "searchsorted": np.searchsorted, "ptp": np.ptp,
}  # fmt: skip


def method(kind: str, *names: str) -> Callable[[Any], Any]:
    """Register a method; a handler of several is told first which one was called."""

    def register(handler: Any) -> Any:
        for name in names:
            METHODS[kind, name] = handler if len(names) == 1 else partial(handler, name)
        return handler

    return register


def _function(op: Callable[..., Any]) -> Handler:
    def handler(
        f: Flattener, x: Any, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str
    ) -> Value:
        return f.call(constant(op), [x, *args], kwargs, node, hint)

    return handler


METHODS.update({("array", name): _function(op) for name, op in AS_FUNCTIONS.items()})


@method("array", "reshape", "transpose")
def _shape_args(
    name: str, f: Flattener, x: Atom, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str
) -> Value:
    """`x.reshape(2, 3)` is `np.reshape(x, (2, 3))`."""
    op = np.reshape if name == "reshape" else np.transpose
    shape: list[Value] = [Pack("tuple", tuple(args))] if len(args) > 1 else list(args)
    return f.call(constant(op), [x, *shape], kwargs, node, hint)


@method("array", "item")
def _item(f: Flattener, x: Atom, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str) -> Value:
    value = f.index(x, args[0] if len(args) == 1 else Pack("tuple", tuple(args)), node) if args else x
    return f.call(constant(float), [value], {}, node, hint)


@method("array", "astype")
def _astype(f: Flattener, x: Atom, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str) -> Value:
    dtype = args[0] if args else kwargs.get("dtype", NONE)
    shown = display(dtype)
    if shown is None or isinstance(shown, Display):
        f.refuse(node, "astype needs a dtype")
    if isinstance(x.type, NumpyScalar | Float) and isinstance(shown, Const):
        return f.apply(np.dtype(shown.value).type, x, hint=hint)
    return f.apply(np.ndarray.astype, x, shown, hint=hint)


@method("array", "tolist")
def _tolist(f: Flattener, x: Atom, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str) -> Value:
    return collect(f, x, node, hint)


@method("array", "fill", "sort", "put", "itemset", "partition", "resize", "setfield", "setflags", "byteswap")
def _in_place(
    name: str, f: Flattener, x: Atom, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str
) -> Value:
    f.refuse(node, f"`{name}` writes into an array; that is not supported yet", "use the function that returns a new array")


@method("array", "is_integer", "bit_length", "conjugate_")
def _number_fact(
    name: str, f: Flattener, x: Atom, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str
) -> Value:
    f.refuse(node, "this method of a number is not supported", "compare with math.floor")


@method("Pack", "index", "count")
def _find(
    name: str, f: Flattener, x: Pack, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str
) -> Value:
    if not all(isinstance(i, Const) for i in (*x.items, *args)):
        f.refuse(node, f"`{name}` on values that are only known when the program runs is not supported")
    wanted = number(f, args[0], node)
    assert isinstance(wanted, Const)
    try:
        return constant(getattr([i.value for i in x.items if isinstance(i, Const)], name)(wanted.value))
    except ValueError as error:
        f.refuse(node, str(error))


@method("Pack", "append", "extend", "insert", "pop", "remove", "clear", "sort", "reverse")
def _list_store(
    name: str, f: Flattener, x: Pack, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str
) -> Value:
    f.refuse(node, "changing a list is not supported yet", "build it with a comprehension or with `+`")


@method("Pack", "copy")
def _copy(f: Flattener, x: Pack, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str) -> Value:
    return x


@method("Pack", "_replace")
def _replace(f: Flattener, x: Pack, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str) -> Value:
    return Pack("tuple", tuple(kwargs.get(k, v) for k, v in zip(x.cls._fields, x.items, strict=True)), x.cls)


@method("Mapping_", "get")
def _get(f: Flattener, x: Mapping_, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str) -> Value:
    key = args[0]
    if not isinstance(key, Const):
        f.refuse(node, "a dict key must be known in advance")
    default = args[1] if len(args) > 1 else NONE
    return x.items[x.keys.index(key.value)] if key.value in x.keys else default


@method("Mapping_", "keys", "values", "items", "copy")
def _entries(
    name: str, f: Flattener, x: Mapping_, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str
) -> Value:
    keys = tuple(map(constant, x.keys))
    match name:
        case "keys":
            return Pack("list", keys)
        case "values":
            return Pack("list", x.items)
        case "copy":
            return x
        case _:
            pairs = zip(keys, x.items, strict=True)
            return Pack("list", tuple(Pack("tuple", pair) for pair in pairs))


@method("Mapping_", "update", "pop", "setdefault", "clear", "popitem")
def _dict_store(
    name: str, f: Flattener, x: Mapping_, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str
) -> Value:
    f.refuse(node, "changing a dict is not supported yet", "build a new one: {**d, key: value}")


