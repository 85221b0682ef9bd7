"""What is known of a function's arguments: their structure, and the abstract value of each leaf.

    describe(np.ones((3, 1)), "x")     LEAF, (x: Array("float64", (n, 1)),)

Lengths other than 1 become symbols, so a derivative serves every number of samples. Equal `Described.key` means that the same
derivative serves both.
"""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Container, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from wengert.errors import ArgumentError
from wengert.frontend.pinned import LONGEST, is_pinned, is_whole
from wengert.frontend.values import Mapping_, Pack, Record, Value
from wengert.ir.builder import constant
from wengert.ir.nodes import LEAF, Structure, Var
from wengert.ir.types import Array, Bool, Complex, Dim, Float, Int, Number, NumpyScalar, Sym, Type


@dataclass(frozen=True, slots=True)
class Known:
    """What a guard remembers of a container: its layout and what in it is no number."""

    key: Hashable


STATIC = (
    str, bytes, type(None), type(Ellipsis), type, np.dtype, np.ufunc, types.FunctionType, types.BuiltinFunctionType,
    types.MethodType, types.ModuleType, range,
)  # fmt: skip

NUMBERS: frozenset[type] = frozenset({float, int, bool, complex})
"""Types of arguments of which nothing else is known: their `key` is the type."""


@dataclass(frozen=True, slots=True)
class Described:
    """An argument: how it unpacks, its leaves, and what its name denotes while flattening."""

    structure: Structure
    leaves: tuple[Var, ...]
    value: Value


def key(value: Any) -> Hashable:
    """Equal for arguments that one derivative serves; cheap for numbers and arrays."""
    kind = type(value)
    if kind is np.ndarray:
        shape = value.shape
        return (value.dtype, tuple([n == 1 for n in shape]) if 1 in shape else len(shape))
    if kind in NUMBERS or isinstance(value, np.generic):
        return kind  # type: ignore[return-value]
    if kind in (tuple, list):
        return (kind, *map(key, value))
    if kind is dict:
        return (kind, *((k, key(v)) for k, v in value.items()))
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return (kind, *(key(getattr(value, f.name)) for f in dataclasses.fields(value)))
    if isinstance(value, tuple):
        return (kind, *map(key, value))
    if isinstance(value, STATIC):
        return (kind, value)
    return (kind, id(value))  # whatever it says of equality; the derivative keeps it alive


def alike(args: Sequence[Any]) -> Hashable:
    """Which of the arguments that are arrays have the same shape: for each the first that has it."""
    shapes = [a.shape for a in args if type(a) is np.ndarray]
    return tuple(map(shapes.index, shapes)) if len(shapes) > 1 else None


def extents(value: Any) -> Hashable:
    """The lengths of the arrays in a value, and the value itself of a whole number: what `describe_all` can pin down."""
    if type(value) is np.ndarray:
        return value.shape  # type: ignore[no-any-return]
    if isinstance(value, (tuple, list)):
        return tuple(map(extents, value))
    if isinstance(value, dict):
        return tuple(map(extents, value.values()))
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return tuple(extents(getattr(value, f.name)) for f in dataclasses.fields(value))
    return value if type(value) is int else None


def kind_of(value: Any, pinned: bool) -> Hashable:
    """What a program assumes of a value outside: its `key`, and its `extents` where they are pinned down."""
    return (key(value), extents(value)) if pinned else key(value)


def describe_all(values: Mapping[str, Any], active: Container[str] = ()) -> dict[str, Described]:
    """The abstract values of arguments; arrays of one shape, as `alike` tells them, have the same lengths."""
    made: dict[str, Described] = {}
    first: dict[tuple[int, ...], tuple[Dim, ...]] = {}
    for name, value in values.items():
        d = describe(value, name, name not in active)
        if type(value) is np.ndarray:
            leaf = d.leaves[0]
            assert isinstance(leaf.type, Array) and leaf.type.shape is not None
            lengths = first.setdefault(value.shape, leaf.type.shape)
            if lengths != leaf.type.shape:
                leaf = Var(leaf.hint, Array(leaf.type.dtype, lengths))
                d = Described(d.structure, (leaf,), leaf)
        made[name] = d
    return made


def describe(value: Any, name: str, whole: bool = False) -> Described:
    """The abstract value of an argument; leaves are named after the argument.

    Where all is pinned down, `whole` numbers are known.
    """
    leaves: list[Var] = []

    def walk(v: Any, hint: str, path: tuple[Hashable, ...]) -> tuple[Structure, Value]:
        t = None if whole and is_whole(v) else type_of(v, (name, *path))
        if t is not None:
            leaf = Var(hint, t)
            leaves.append(leaf)
            return LEAF, leaf
        if dataclasses.is_dataclass(v) and not isinstance(v, type):
            names = tuple(f.name for f in dataclasses.fields(v))
            parts = [walk(getattr(v, n), n, (*path, n)) for n in names]
            return (
                Structure("record", tuple(p[0] for p in parts), names, type(v)),
                Record(type(v), names, tuple(p[1] for p in parts)),
            )
        if isinstance(v, dict):
            parts = [walk(x, _hint(k, hint), (*path, k)) for k, x in v.items()]
            return (
                Structure("dict", tuple(p[0] for p in parts), tuple(v)),
                Mapping_(tuple(v), tuple(p[1] for p in parts)),
            )
        if isinstance(v, (tuple, list)):
            fields = getattr(v, "_fields", None)
            parts = [walk(x, fields[k] if fields else f"{hint}_{k}", (*path, k)) for k, x in enumerate(v)]
            kind = "list" if isinstance(v, list) else "tuple"
            shape = tuple(p[0] for p in parts)
            structure = Structure("record", shape, fields, type(v)) if fields else Structure(kind, shape)
            return structure, Pack(kind, tuple(p[1] for p in parts), type(v) if fields else None)
        return Structure("static", value=v), constant(v)

    structure, described = walk(value, name, ())
    return Described(structure, tuple(leaves), described)


def _hint(k: Hashable, otherwise: str) -> str:
    return k if isinstance(k, str) and k.isidentifier() else f"{otherwise}_{k}" if isinstance(k, int) else ""


def unknown(name: str, t: Type | None = None) -> Described:
    """An argument of which nothing is known but perhaps its annotation."""
    leaf = Var(name, t or Number())
    return Described(LEAF, (leaf,), leaf)


def as_known(value: Any) -> Described:
    """An argument whose value is part of the program."""
    return Described(Structure("static", value=value), (), constant(value))


ANNOTATED: dict[Any, Type] = {
    float: Float(), int: Int(), bool: Bool(), complex: Complex(), "float": Float(), "int": Int(), "bool": Bool(),
    "complex": Complex(), np.ndarray: Array(), "np.ndarray": Array(), "numpy.ndarray": Array(),
    np.float64: NumpyScalar("float64"), "np.float64": NumpyScalar("float64"),
}  # fmt: skip


def from_annotation(name: str, annotation: Any) -> Described:
    """What an annotation says of a parameter."""
    try:
        return unknown(name, ANNOTATED.get(annotation))
    except TypeError:
        return unknown(name)


def type_of(value: Any, path: tuple[Hashable, ...]) -> Type | None:
    """The abstract value of a leaf; None for structures and static values."""
    match value:
        case bool():
            return Bool()
        case np.generic() if value.dtype.kind in "biufc":
            return NumpyScalar(str(value.dtype))
        case int():
            return Int()
        case float():
            return Float()
        case complex():
            return Complex()
        case np.ndarray():
            if type(value) is not np.ndarray:
                kind = type(value).__name__
                raise ArgumentError(f"`{path[0]}` is a {kind}", "pass a plain array: np.asarray(...)")
            if value.dtype.kind not in "biufc":
                raise ArgumentError(f"`{path[0]}` is an array of dtype {value.dtype}", "pass an array of numbers")
            lengths = range(LONGEST + 1) if is_pinned() else (1,)
            dims = tuple(n if n in lengths else Sym((*path, k), True) for k, n in enumerate(value.shape))
            return Array(str(value.dtype), dims)
        case _:
            return None
