"""`np.mgrid` and `np.ogrid`: coordinates in brackets.

In: a subscript of one of the two. Out: arrays whose types are known; None for everything else.

    Y, X = np.mgrid[0:n, 0:3]          int64 arrays
    np.mgrid[0.0:width:5j]             np.linspace(0.0, width, 5): a derivative goes through its bounds
"""

from __future__ import annotations

import ast
import operator
from typing import Any

import numpy as np

from wengert.frontend.context import Flattener
from wengert.frontend.numpy_objects import may_vary, range_of
from wengert.frontend.values import Pack, Value, display
from wengert.ir.builder import constant
from wengert.ir.dims import dim_of, less
from wengert.ir.nodes import Atom, Const, Var
from wengert.ir.types import Array, Dim, Int, Sym, Tuple, Type

GRIDS = (np.mgrid, np.ogrid)


def grid(f: Flattener, base: Value, key: Value, node: ast.AST, hint: str) -> Value | None:
    """`base[key]` where `base` is one of the two grids."""
    if not isinstance(base, Const) or not any(base.value is g for g in GRIDS):
        return None
    axes = _axes(key)
    if axes is None:
        f.refuse(node, "a grid needs slices with an end", "write np.mgrid[0:n, 0:m]")
    if any(map(may_vary, axes)):
        return _composed(f, base.value is np.mgrid, axes, isinstance(key, Pack) and key.kind == "tuple", node)
    shown = display(key)
    assert shown is not None
    made = _type(base.value is np.mgrid, axes, key)
    return f.emit.apply(operator.getitem, (base, shown), type=made, hint=hint)


def _axes(key: Value) -> list[Pack] | None:
    """The slices of a key, each as start, stop and step."""
    if isinstance(key, Const) and isinstance(key.value, tuple):
        items: list[Value] = [constant(k) for k in key.value]
    else:
        items = list(key.items) if isinstance(key, Pack) and key.kind == "tuple" else [key]
    axes: list[Pack] = []
    for item in items:
        if isinstance(item, Const) and isinstance(item.value, slice):
            item = Pack("slice", (constant(item.value.start), constant(item.value.stop), constant(item.value.step)))
        if not isinstance(item, Pack) or item.kind != "slice" or item.items[1] == constant(None):
            return None
        axes.append(item)
    return axes


def _composed(f: Flattener, dense: bool, axes: list[Pack], several: bool, node: ast.AST) -> Value:
    """The coordinates by functions that are differentiated."""
    ranges = [range_of(f, axis, node) for axis in axes]
    if not several:
        return ranges[0]
    options: dict[str, Value] = {"indexing": constant("ij"), "sparse": constant(not dense)}
    grids = f.call(constant(np.meshgrid), list(ranges), options, node)
    return f.call(constant(np.stack), [grids], {}, node) if dense else grids


def _type(dense: bool, axes: list[Pack], key: Value) -> Type:
    """What NumPy makes of slices of whole numbers and constants: of floats where one of them is not whole."""
    numbers = [i for axis in axes for i in axis.items]
    whole = all(isinstance(i, Const | Var) and (isinstance(i.type, Int) or i == constant(None)) for i in numbers)
    default = "int64" if np.dtype(int).itemsize == 8 else None
    lengths = tuple(_length(axis) for axis in axes)
    several = len(axes) > 1 or (isinstance(key, Pack) and key.kind == "tuple")
    several = several or (isinstance(key, Const) and isinstance(key.value, tuple))
    if not several:
        return Array(default if whole else "float64", lengths)
    if dense:
        return Array(default if whole else "float64", (len(axes), *lengths))
    return Tuple(tuple(Array(_dtype(axis, default), _alone(lengths, k)) for k, axis in enumerate(axes)))


def _dtype(axis: Pack, default: str | None) -> str | None:
    return default if all(i == constant(None) or isinstance(_type_of(i), Int) for i in axis.items) else "float64"


def _type_of(item: Any) -> Type | None:
    return item.type if isinstance(item, Const | Var) else None


def _alone(lengths: tuple[Dim, ...], k: int) -> tuple[Dim, ...]:
    return tuple(n if i == k else 1 for i, n in enumerate(lengths))


def _length(axis: Pack) -> Dim:
    """The length of a range that counts up by ones from a whole number, or that is known."""
    start, stop, step = axis.items
    first = 0 if start == constant(None) else getattr(start, "value", None)
    unit = 1 if step == constant(None) else getattr(step, "value", None)
    if isinstance(unit, complex):
        return int(abs(unit))
    last: Atom | None = stop if isinstance(stop, Const | Var) and isinstance(stop.type, Int) else None
    if type(first) is int and type(unit) is int and isinstance(last, Const) and unit != 0:
        return len(range(first, last.value, unit))
    if type(first) is int and first >= 0 and unit == 1 and last is not None:
        return less(dim_of(last), first)
    return Sym(("grid", start, stop, step))
