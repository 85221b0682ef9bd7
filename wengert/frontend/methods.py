"""Methods of arrays, lists, tuples and dicts, as the operations that they are."""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from wengert.frontend.context import Flattener
from wengert.frontend.expressions import number, spread
from wengert.frontend.iterate import entries
from wengert.frontend.lists import append, pop, sort, where
from wengert.frontend.values import Mapping_, Pack, Rows, Value, display
from wengert.ir.builder import NONE, constant
from wengert.ir.nodes import Atom, Const, Display, Var
from wengert.ir.types import Array, Float, NumpyScalar

Handler = Callable[[Flattener, Any, list[Value], dict[str, Value], ast.AST, str], Value]
METHODS: dict[tuple[str, str], Handler] = {}
"""By kind of receiver ("array", "Pack", "Mapping_") and name."""

AS_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "sum": np.sum, "mean": np.mean, "prod": np.prod, "max": np.max, "min": np.min, "var": np.var, "std": np.std,
    "dot": np.dot, "ravel": np.ravel, "copy": np.copy, "squeeze": np.squeeze,
    "cumsum": np.cumsum, "cumprod": np.cumprod, "round": np.round, "clip": np.clip, "argmax": np.argmax,
    "argmin": np.argmin, "any": np.any, "all": np.all, "repeat": np.repeat, "swapaxes": np.swapaxes,
    "trace": np.trace, "diagonal": np.diagonal, "nonzero": np.nonzero,
    "argsort": np.argsort, "take": np.take, "choose": np.choose, "searchsorted": np.searchsorted, "ptp": np.ptp,
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


@method("array", "flatten")
def _flatten(f: Flattener, x: Atom, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str) -> Value:
    """As `ravel`, but never a view."""
    return f.call(constant(np.copy), [f.call(constant(np.ravel), [x, *args], kwargs, node)], {}, node, hint)


@method("array", "copy")
def _copy_array(f: Flattener, x: Atom, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str) -> Value:
    """The method copies in C order; `np.copy` keeps the order that there is."""
    made = f.call(constant(np.copy), [x], {}, node, hint)
    if isinstance(made, Var):
        f.storage.settle(made, None if args or kwargs else ())
    return made


@method("array", "conj", "conjugate")
def _conj(
    name: str, f: Flattener, x: Atom, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str
) -> Value:
    """The method of a real array gives the array itself, where `np.conj` copies."""
    dtype = getattr(x.type, "dtype", None)
    if isinstance(x.type, Array) and not args and (dtype is None or np.dtype(dtype).kind != "c"):
        if dtype is not None:
            return x
        f.refuse(node, f"it is not known whether `{name}` gives a copy here", "write np.conj(x)")
    return f.call(constant(np.conj), [x, *args], kwargs, node, hint)


@method("array", "item")
def _item(f: Flattener, x: Atom, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str) -> Value:
    rank = x.type.rank if isinstance(x.type, Array) else None
    if rank and not args:
        x = f.apply(np.reshape, x, Display("tuple", ()))
    elif (rank is None or rank > 1) and len(args) == 1 and not isinstance(args[0], Pack):
        x = f.apply(np.ravel, x)  # one int counts the entries
    value = f.index(x, args[0] if len(args) == 1 else Pack("tuple", tuple(args)), node) if args else x
    if not isinstance(x.type, Array | NumpyScalar) or x.type.dtype is None:
        return f.call(constant(float), [value], {}, node, hint)
    made = {"f": float, "i": int, "u": int, "b": bool, "c": complex}.get(np.dtype(x.type.dtype).kind)
    if made is None:
        f.refuse(node, f"`item` of an array of {x.type.dtype} is not supported")
    return f.call(constant(made), [value], {}, node, hint)


@method("array", "astype")
def _astype(f: Flattener, x: Atom, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str) -> Value:
    dtype = args[0] if args else kwargs.get("dtype", NONE)
    shown = display(dtype)
    if shown is None or isinstance(shown, Display):
        f.fails(node, "astype needs a dtype")
    copies = kwargs.get("copy", constant(True))
    if isinstance(x.type, Array) and not (isinstance(copies, Const) and copies.value):
        if isinstance(shown, Const) and x.type.dtype == str(np.dtype(shown.value)):
            return x
        if x.type.dtype is None:
            return f.apply(np.asarray, x, dtype=shown, hint=hint)  # a copy or the array itself
    if isinstance(x.type, NumpyScalar | Float) and isinstance(shown, Const):
        return f.apply(np.dtype(shown.value).type, x, hint=hint)
    made = f.apply(np.ndarray.astype, x, shown, hint=hint)
    if isinstance(made, Var) and (len(args) > 1 or "order" in kwargs):
        f.storage.settle(made, None)  # it may lie in another order than the argument
    return made


@method("array", "resize", "setfield", "setflags", "byteswap")
def _in_place(
    name: str, f: Flattener, x: Atom, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str
) -> Value:
    f.refuse(node, f"`{name}` changes what an array is made of; that is not supported", "make a new array")


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
        f.fails(node, str(error))


@method("list", "append")
def _append(f: Flattener, x: Any, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str) -> Value:
    append(f, x, args[0], node)
    return NONE


@method("list", "extend")
def _extend(f: Flattener, x: Any, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str) -> Value:
    place = where(f, x, node)
    given = args[0]
    if isinstance(given, Pack) and given.home is not None:
        given = Pack("list", given.items)  # as it is now, should it be extended by itself

    def visit(item: Value) -> None:
        append(f, f.storage.load(place), item, node)

    f.iterate(given, visit, node)
    return NONE


@method("list", "sort")
def _sort(f: Flattener, x: Any, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str) -> Value:
    if isinstance(x, Pack):
        return METHODS["Pack", "sort"](f, x, args, kwargs, node, hint)
    if isinstance(x, Rows):
        place = where(f, x, node)
        made = f.call(constant(sorted), [x], kwargs, node)
        assert isinstance(made, Rows)
        f.storage.write(place, Rows(made.layout, made.columns), items=True)
        f.storage.pushed.append(place.cell)
        return NONE
    sort(f, x, kwargs, node)
    return NONE


@method("list", "pop")
def _pop(f: Flattener, x: Any, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str) -> Value:
    return pop(f, x, args, node)


@method("Pack", "insert", "remove", "clear", "sort", "reverse", "appendleft", "popleft", "extendleft", "rotate")
def _list_store(
    name: str, f: Flattener, x: Pack, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str
) -> Value:
    place = where(f, x, node)
    held = f.storage.contents(place.cell)
    assert isinstance(held, Pack)
    items = list(held.items)
    match name, args:
        case "insert", [Const(value=int() as k), value]:
            items.insert(k, f.storage.unload(value))
        case "appendleft", [value]:
            items.insert(0, f.storage.unload(value))
        case "popleft", [] if items:
            f.storage.write(place, Pack("list", tuple(items[1:])), items=True)
            return f.storage.load(items[0])
        case "extendleft", [values]:
            items = [*map(f.storage.unload, reversed(spread(f, values, node))), *items]
        case "rotate", [] | [Const()]:
            k = args[0].value if args and isinstance(args[0], Const) else 1
            items = [items[(i - k) % len(items)] for i in range(len(items))]
        case "reverse", []:
            items.reverse()
        case "clear", []:
            items.clear()
        case "remove", [Const() as value] if all(isinstance(i, Const) for i in items):
            if value not in items:
                f.fails(node, "the list has no such item")
            items.remove(value)
        case "sort", []:
            made = f.call(constant(sorted), [x], kwargs, node)
            items = [f.storage.unload(v) for v in spread(f, made, node)]
        case _:
            f.refuse(node, f"`{name}` with values that are only known when the program runs is not supported")
    f.storage.write(place, Pack("list", tuple(items)), items=True)
    return NONE


@method("Pack", "copy")
def _copy(f: Flattener, x: Pack, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str) -> Value:
    return Pack(x.kind, x.items)


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
    if x.home is not None and name != "copy":
        return entries(f, x.home, partial(_entry, name), node)
    match name:
        case "keys":
            return Pack("list", keys)
        case "values":
            return Pack("list", x.items)
        case "copy":
            return Mapping_(x.keys, x.items, factory=x.factory)
        case _:
            pairs = zip(keys, x.items, strict=True)
            return Pack("list", tuple(Pack("tuple", pair) for pair in pairs))


def _entry(name: str, held: Mapping_, k: int) -> Value:
    """One key, value or pair of a dict."""
    key, value = constant(held.keys[k]), held.items[k]
    return key if name == "keys" else value if name == "values" else Pack("tuple", (key, value))


def _at_end(f: Flattener, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> bool:
    """The option `last` of an `OrderedDict`'s methods."""
    last = (args or [kwargs.get("last", constant(True))])[0]
    if not isinstance(last, Const):
        f.refuse(node, "`last` must be known in advance", "write True or False")
    return bool(last.value)


@method("Mapping_", "update", "pop", "setdefault", "clear", "popitem", "move_to_end")
def _dict_store(
    name: str, f: Flattener, x: Mapping_, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str
) -> Value:
    if x.home is None:
        f.refuse(node, "this changes a dict that has no name", "give it a name first")
    held = f.storage.contents(x.home.cell)
    assert isinstance(held, Mapping_)
    entries = dict(zip(held.keys, held.items, strict=True))
    result: Value = NONE
    key = args[0].value if args and isinstance(args[0], Const) else None
    match name, args:
        case "update", _:
            given = f.call(constant(dict), args, kwargs, node)
            assert isinstance(given, Mapping_)
            entries.update(zip(given.keys, map(f.storage.unload, given.items), strict=True))
        case "pop", [Const(), *default]:
            if key not in entries and not default:
                f.fails(node, f"key {key!r} is not in the dict")
            result = f.storage.load(entries.pop(key)) if key in entries else default[0]
        case "setdefault", [Const(), *default]:
            entries.setdefault(key, f.storage.unload(default[0] if default else NONE))
            result = f.storage.load(entries[key])
        case "clear", []:
            entries.clear()
        case "popitem", [] | [Const()] if entries:
            last = list(entries)[-1 if _at_end(f, args, kwargs, node) else 0]
            result = Pack("tuple", (constant(last), f.storage.load(entries.pop(last))))
        case "move_to_end", [Const(), *_]:
            if key not in entries:
                f.fails(node, f"key {key!r} is not in the dict")
            moved = entries.pop(key)
            entries = {**entries, key: moved} if _at_end(f, args[1:], kwargs, node) else {key: moved, **entries}
        case _:
            f.refuse(node, "a dict key must be known in advance", "use a list indexed by an int")
    f.storage.write(x.home, Mapping_(tuple(entries), tuple(entries.values()), factory=held.factory))
    return result


