"""NumPy's objects: `np.r_`, `np.c_`, `np.finfo`, `np.iinfo`, `np.dtype`, and attributes that tell of memory.

In: a subscript of such an object, a call, or the name of an attribute. Out: its value; None for everything else.

    np.r_[x, 0.0, y]           np.concatenate([x, np.atleast_1d(0.0), y])
    np.c_[x, y]                np.column_stack([x, y])
    np.finfo(x.dtype).eps      a number that is known
"""

from __future__ import annotations

import ast
from typing import Any

import numpy as np

from wengert.frontend.context import Flattener, builtin
from wengert.frontend.values import Pack, Rows, Value
from wengert.ir.builder import constant
from wengert.ir.nodes import Assign, Atom, Const, Var
from wengert.ir.types import Bool, Float, Int, NumpyScalar, Opaque, shape_of
from wengert.rules.reasons import METHODS

JOINS = (np.r_, np.c_)


def joined(f: Flattener, base: Value, key: Value, node: ast.AST, hint: str) -> Value | None:
    """`np.r_[...]` and `np.c_[...]` of arrays and numbers that are not known: a derivative goes through them."""
    join = next((j for j in JOINS if isinstance(base, Const) and base.value is j), None)
    items = list(key.items) if isinstance(key, Pack) and key.kind == "tuple" else [key]
    if join is None or not any(map(may_vary, items)):
        return None
    parts = [_part(f, join, item, node) for item in items]
    op = np.concatenate if join is np.r_ else np.column_stack
    return f.call(constant(op), [Pack("list", tuple(parts))], {}, node, hint)


def may_vary(item: Value) -> bool:
    if isinstance(item, Pack):
        return any(map(may_vary, item.items))
    return isinstance(item, Rows) or (isinstance(item, Var) and not isinstance(item.type, Int | Bool | Opaque))


def _part(f: Flattener, join: Any, item: Value, node: ast.AST) -> Value:
    if isinstance(item, Const) and isinstance(item.value, str):
        f.refuse(node, "text in np.r_ and np.c_ is not supported", "use np.concatenate or np.stack with an axis")
    if isinstance(item, Const) and isinstance(item.value, slice):
        item = Pack("slice", (constant(item.value.start), constant(item.value.stop), constant(item.value.step)))
    if isinstance(item, Pack) and item.kind == "slice":
        return range_of(f, item, node)
    return f.call(constant(np.atleast_1d), [item], {}, node) if join is np.r_ else item


def range_of(f: Flattener, item: Pack, node: ast.AST) -> Value:
    """`start:stop:step` in brackets is np.arange; with an imaginary step it counts points."""
    start, stop, step = (None if isinstance(i, Const) and i.value is None else i for i in item.items)
    start, step = start or constant(0), step or constant(1)
    if stop is None:
        f.fails(node, "a range without an end has no length")
    if isinstance(step, Const) and isinstance(step.value, complex):
        return f.call(constant(np.linspace), [start, stop, constant(int(abs(step.value)))], {}, node)
    return f.call(constant(np.arange), [start, stop, step], {}, node)


@builtin(np.finfo, np.iinfo, np.dtype)
def _limits(info: Any, f: Flattener, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str) -> Value:
    """A dtype or its limits; what names it has to be known."""
    given = args[0] if args else kwargs.get("dtype")
    if info is not np.dtype and isinstance(given, Var) and isinstance(given.type, NumpyScalar | Float):
        given = constant(np.dtype(getattr(given.type, "dtype", "float64")))  # NumPy takes a number for its type
    if not isinstance(given, Const):
        f.refuse(node, f"the dtype must be known in advance for np.{info.__name__}", f"name it: np.{info.__name__}(float)")
    try:
        return constant(info(given.value))
    except (TypeError, ValueError) as error:
        f.fails(node, str(error))


FIELDS: dict[Any, tuple[str, ...]] = {
    np.linalg.eig: ("eigenvalues", "eigenvectors"), np.linalg.eigh: ("eigenvalues", "eigenvectors"),
    np.linalg.qr: ("Q", "R"), np.linalg.slogdet: ("sign", "logabsdet"), np.linalg.svd: ("U", "S", "Vh"),
}  # fmt: skip
"""The names of the parts of what these functions return, which is a tuple."""


def field_of(f: Flattener, result: Var, name: str) -> int | None:
    """The place of a part that is read by its name, as in `np.linalg.eigh(a).eigenvalues`."""
    for statements in f.emit.opened:
        for s in reversed(statements):
            if isinstance(s, Assign) and s.target == result:
                names = FIELDS.get(s.op, ())
                return names.index(name) if name in names else None
    return None


def of_memory(f: Flattener, x: Atom, name: str, node: ast.AST, hint: str) -> Value | None:
    """An attribute of an array that is not its shape or its values."""
    if name == "mT" and hasattr(np.ndarray, "mT"):
        dims = shape_of(x.type)
        if dims is not None and len(dims) < 2:
            f.fails(node, "`mT` needs an array of two axes or more")
        return f.call(constant(np.swapaxes), [x, constant(-1), constant(-2)], {}, node, hint)
    dtype = getattr(x.type, "dtype", None)
    if name == "itemsize" and dtype is not None:
        return constant(np.dtype(dtype).itemsize)
    if name in METHODS and not callable(getattr(np.ndarray, name, len)):
        message, _, way = METHODS[name].rpartition(": ")
        f.refuse(node, f"`{name}` of an array is not supported{': ' if message else ''}{message}", way)
    return None

