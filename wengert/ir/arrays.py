"""What is known of arrays that are written out or made.

In: the operands of `np.array`, `np.zeros`, `np.arange` and their like. Out: the type of the array.

    array_type([x, y])                  Array("float64", (2, Sym("n"))): what np.array makes of the operand
    created(np.zeros, ((n, 3),), {})    Array("float64", (the dim that n stands for, 3))
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from wengert.ir.dims import dim_of, less
from wengert.ir.nodes import Arg, Const, Display
from wengert.ir.sampling import constant_value, is_none, type_of, type_of_value
from wengert.ir.types import (
    Array,
    Bool,
    Complex,
    Dim,
    Float,
    Int,
    List,
    Number,
    NumpyScalar,
    Opaque,
    Sym,
    Tape,
    Tuple,
    Type,
    shape_of,
)

Op: TypeAlias = Callable[..., Any]
Options: TypeAlias = Mapping[str, Arg]


def array_type(arg: Arg) -> Type:
    """The type of `np.array(arg)`."""
    if isinstance(arg, Const) and isinstance(arg.value, (list, tuple)):
        return type_of_value(np.asarray(arg.value))
    t = type_of(arg)
    made = array_of(t)
    item = shape_of(array_of(t.item)) if isinstance(t, (List, Tape)) else None
    if item is None or not isinstance(made, Array):
        return made
    return Array(made.dtype, (Sym(("items", arg)), *item))


def array_of(t: Type) -> Type:
    if isinstance(t, Tuple):
        items = [array_of(i) for i in t.items]
        shapes = [shape_of(i) for i in items]
        known = [s for s in shapes if s is not None]
        dtype = common_dtype(items)
        if len(known) != len(shapes) or len({len(s) for s in known}) > 1:
            return Array(dtype)
        inner = tuple(_agreed(dims) for dims in zip(*known, strict=True)) if known else ()
        return Array(dtype, (len(items), *inner))
    if isinstance(t, (Array, NumpyScalar)):
        return Array(t.dtype, shape_of(t))
    if isinstance(t, (Bool, Int, Float, Complex)):
        return Array(common_dtype([t]), ())
    if isinstance(t, (List, Tape)):
        item = array_of(t.item)
        # of an empty list NumPy makes floats; what is complex must be known
        sure = isinstance(item, Array) and item.dtype and (item.dtype == "float64" or np.dtype(item.dtype).kind == "c")
        return Array(item.dtype) if sure and isinstance(item, Array) else Array()
    return Array()


def _agreed(dims: Sequence[Dim]) -> Dim:
    """The one length of items that are stacked: they are equal where the program runs at all."""
    known = [d for d in dims if isinstance(d, int)]
    return known[0] if known else dims[0]


_PLAIN = {Bool: "bool", Int: "int64", Complex: "complex128"}


def common_dtype(types: Sequence[Type]) -> str | None:
    dtypes = []
    for t in types:
        if isinstance(t, (Array, NumpyScalar)):
            dtypes.append(t.dtype)
        elif isinstance(t, (Bool, Int, Complex)):
            dtypes.append(_PLAIN[type(t)])
        else:
            dtypes.append("float64" if isinstance(t, Float) else None)
    known = [d for d in dtypes if d is not None]
    if len(known) != len(dtypes):
        return None
    return str(np.result_type(*map(np.dtype, known))) if known else "float64"


def array(op: Op, inputs: Sequence[Arg], options: Options) -> Type:
    """`np.array(x, dtype=...)` and its like."""
    t = array_type(inputs[0])
    if "dtype" in options and not is_none(options["dtype"]) and isinstance(t, Array):
        return Array(dtype_of(options["dtype"]), t.shape)
    return t


def dtype_of(arg: Arg) -> str | None:
    """The dtype that an operand names, None where it is not known."""
    try:
        return str(np.dtype(constant_value(arg)))
    except TypeError:
        return None


def shape_operand(arg: Arg) -> tuple[Dim, ...] | None:
    """The shape that an operand such as `n`, `(n, 3)` or `np.shape(x)` describes."""
    if isinstance(arg, Display):
        return None if arg.kind not in ("tuple", "list") else tuple(map(_dim, arg.items))
    if isinstance(arg, Const):
        value = arg.value
        return tuple(map(int, value)) if isinstance(value, (tuple, list)) else (int(value),)
    if isinstance(arg.type, Tuple):
        sizes = [i.size if isinstance(i, Int) else None for i in arg.type.items]
        return tuple(Sym(("item", arg, k)) if s is None else s for k, s in enumerate(sizes))
    return (dim_of(arg),) if isinstance(arg.type, Int) else None


def _dim(arg: Arg) -> Dim:
    return Sym(("value", arg)) if isinstance(arg, Display) else dim_of(arg)


def created(op: Op, inputs: Sequence[Arg], options: Options) -> Type:
    """`np.zeros(shape, dtype)`, `ones`, `empty`, `full(shape, value, dtype)`."""
    given = (*inputs, *options.values())
    if not given and "shape" not in options:
        return Number()
    shape = shape_operand(options.get("shape", given[0]))
    dtype = options.get(
        "dtype", inputs[2 if op is np.full else 1] if len(inputs) > (2 if op is np.full else 1) else None
    )
    if dtype is not None and not is_none(dtype):
        return Array(dtype_of(dtype), shape)
    if op is not np.full:
        return Array("float64", shape)
    value = array_type(given[1]) if len(given) > 1 else Array()
    return Array(value.dtype if isinstance(value, Array) else None, shape)


def square(op: Op, inputs: Sequence[Arg], options: Options) -> Type:
    """`np.eye(N, M, k, dtype)` and `np.identity(n, dtype)`."""
    names = ("N", "M", "k", "dtype") if op is np.eye else ("n", "dtype")
    given = dict(zip(names, inputs, strict=False)) | dict(options)
    if not set(given) <= set(names) or names[0] not in given or len(inputs) > len(names):
        return Number()
    rows = dim_of(given[names[0]])
    other = given.get("M")
    columns = rows if other is None or is_none(other) else dim_of(other)
    dtype = given.get("dtype")
    return Array("float64" if dtype is None or is_none(dtype) else dtype_of(dtype), (rows, columns))


def coordinates(op: Op, inputs: Sequence[Arg], options: Options) -> Type:
    """`np.indices(dimensions, dtype, sparse)`: an array of one grid for each axis."""
    given = dict(zip(("dimensions", "dtype", "sparse"), inputs, strict=False)) | dict(options)
    shape = shape_operand(given["dimensions"]) if "dimensions" in given else None
    if shape is None or set(given) - {"dimensions", "dtype"}:
        return Opaque()
    dtype = dtype_of(given["dtype"]) if "dtype" in given else str(np.dtype(int))
    return Array(dtype, (len(shape), *shape))


def ranged(op: Op, inputs: Sequence[Arg], options: Options) -> Type:
    """`np.arange(start, stop, step, dtype)`: its length is known where it counts up by ones from a whole number."""
    given = [i for i in inputs if not is_none(i)]
    dtype = options.get("dtype", inputs[3] if len(inputs) > 3 else None)
    named = set(options) - {"dtype"}
    kind = None if named else _range_dtype([type_of(i) for i in given[:3]])
    if dtype is not None and not is_none(dtype):
        kind = dtype_of(dtype)
    unknown = Array(kind, (Sym(("arange", tuple(inputs), tuple(options.items()))),))
    if named or not 0 < len(given) <= 3 or not all(isinstance(type_of(i), Int) for i in given):
        return unknown
    known = [i.value for i in given if isinstance(i, Const)]
    if len(known) == len(given):
        return Array(kind, (len(range(*known)),)) if known[2:] != [0] else unknown
    start, stop = (0, given[0]) if len(given) == 1 else (getattr(given[0], "value", None), given[1])
    step = 1 if len(given) < 3 else getattr(given[2], "value", None)
    if step != 1 or not isinstance(start, int) or start < 0:
        return unknown
    return Array(kind, (less(dim_of(stop), start),))


def _range_dtype(types: Sequence[Type]) -> str | None:
    if all(isinstance(t, Int) for t in types):
        return "int64" if np.dtype(int).itemsize == 8 else None
    return "float64" if all(isinstance(t, Int | Float) for t in types) else None


def spaced(op: Op, inputs: Sequence[Arg], options: Options) -> Type:
    """`np.linspace(start, stop, num)`."""
    num = dim_of(options["num"]) if "num" in options else 50
    kinds = [shape_of(type_of(i)) for i in inputs]
    if any(k != () for k in kinds):
        return Number()
    plain = all(isinstance(type_of(i), (Bool, Int, Float)) for i in inputs)
    return Array("float64" if plain else None, (num,))


def alike(op: Op, inputs: Sequence[Arg], options: Options) -> Type:
    """`np.zeros_like(x)` and its like."""
    if options.keys() - {"dtype"}:
        return Number()
    t = array_type(inputs[0])
    given = options.get("dtype")
    dtype = t.dtype if isinstance(t, Array) else None
    if given is not None and not is_none(given):
        dtype = dtype_of(given)
    return Array(dtype, shape_of(t))


def filled(op: Op, inputs: Sequence[Arg], options: Options) -> Type:
    """`np.full_like(x, value)`."""
    return alike(op, inputs[:1], options)
