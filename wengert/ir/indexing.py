"""What is known of a part of an array.

In: the shape of an array and an index. Out: the shape of the part; equal slices have equal dims.

    x[1:-1] and x[2:] of n entries      both have Sym(("minus", n, 2)) entries
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from wengert.ir.arrays import array_type
from wengert.ir.dims import broadcast, less
from wengert.ir.nodes import Arg, Atom, Const, Display, Var
from wengert.ir.sampling import type_of, type_of_value
from wengert.ir.types import (
    Array,
    Bool,
    Dim,
    Int,
    List,
    Number,
    NumpyScalar,
    Opaque,
    Sym,
    Tape,
    Tuple,
    Type,
    is_numeric,
)

Op: TypeAlias = Callable[..., Any]
Options: TypeAlias = Mapping[str, Arg]


def getitem(op: Op, inputs: Sequence[Arg], options: Options) -> Type:
    """`x[index]` for arrays; items of tuples, lists and tapes by a known position."""
    base, index = inputs
    t = type_of(base)
    if isinstance(t, Tuple):
        return _item(t, index)
    if isinstance(t, (List, Tape)):
        if isinstance(index, Display) and index.kind == "slice":
            return List(t.item)
        if isinstance(index, Display):  # an item of an item
            first, *rest = index.items
            inner = Var("", getitem(op, (base, first), options))
            return getitem(op, (inner, rest[0] if len(rest) == 1 else Display("tuple", tuple(rest))), options)
        return t.item if isinstance(type_of(index), Int) else Number() if isinstance(index, Var) else Opaque()
    if not isinstance(t, Array):
        return Number() if is_numeric(t) else Opaque()
    if t.shape is None:
        return Number()
    found = index_shape(t.shape, index)
    if found is None:
        return Number()
    shape, scalar = found
    if not shape and scalar:
        return NumpyScalar(t.dtype) if t.dtype is not None else Number()
    return Array(t.dtype, shape)


def _item(t: Tuple, index: Arg) -> Type:
    if isinstance(index, Const) and isinstance(index.value, int) and -len(t.items) <= index.value < len(t.items):
        return t.items[index.value]
    if t.items and all(i == t.items[0] for i in t.items):
        return t.items[0]
    return Number() if all(map(is_numeric, t.items)) else Opaque()


def index_shape(shape: tuple[Dim, ...], index: Arg) -> tuple[tuple[Dim, ...], bool] | None:
    """The shape of `x[index]` and whether no axis left means a scalar; None where it is not certain.

    An index is an int, a slice, None, an Ellipsis, an array of ints or a mask, or a tuple of them.
    """
    parts = list(index.items) if isinstance(index, Display) and index.kind == "tuple" else [index]
    if isinstance(index, Const) and isinstance(index.value, tuple):
        parts = [Const(v, type_of_value(v)) for v in index.value]
    if isinstance(index, Var) and isinstance(index.type, (Tuple, Opaque)):
        return None
    kinds = [_index_kind(p) for p in parts]
    if "unknown" in kinds:
        return None
    used = sum(_consumed(k, p) for k, p in zip(kinds, parts, strict=True))
    if used > len(shape) or kinds.count("ellipsis") > 1:
        return None
    if "ellipsis" not in kinds:
        kinds.append("ellipsis")
        parts.append(Const(..., Opaque()))
        scalar = True
    else:
        scalar = False
    found = _walk_index(shape, kinds, parts, len(shape) - used)
    return None if found is None else (found, scalar)


def _index_kind(part: Arg) -> str:
    if isinstance(part, Display):
        return {"slice": "slice", "list": "fancy"}.get(part.kind, "unknown")
    if isinstance(part, Const) and not isinstance(part.value, (bool, np.bool_)):
        if part.value is None or part.value is Ellipsis:
            return "none" if part.value is None else "ellipsis"
        if isinstance(part.value, slice):
            return "slice"
    t = part.type
    if isinstance(t, Int) or (isinstance(t, NumpyScalar) and np.dtype(t.dtype).kind in "iu"):
        return "int"
    if isinstance(part, Const) and isinstance(part.value, list):
        return "fancy"
    if isinstance(t, Array) and t.shape is not None and t.dtype is not None:
        # an int array without axes counts as an advanced index; what it does to the order of axes is left unknown
        return "fancy" if np.dtype(t.dtype).kind in "iub" and t.shape else "unknown"
    return "unknown"


def _fancy_type(part: Arg) -> Array | None:
    t = array_type(part)
    ok = isinstance(t, Array) and t.shape and t.dtype is not None and np.dtype(t.dtype).kind in "iub"
    return t if ok and isinstance(t, Array) else None


def _consumed(kind: str, part: Arg) -> int:
    """How many axes of the array an index uses up."""
    if kind != "fancy":
        return 1 if kind in ("int", "slice") else 0
    t = _fancy_type(part)
    return len(t.shape or ()) if t is not None and t.dtype == "bool" else 1


def _walk_index(shape: tuple[Dim, ...], kinds: list[str], parts: list[Arg], rest: int) -> tuple[Dim, ...] | None:
    axis = 0
    result: list[Dim] = []
    advanced: list[int] = []
    picked: list[tuple[Dim, ...]] = []
    first = 0
    for k, (kind, part) in enumerate(zip(kinds, parts, strict=True)):
        if kind == "none":
            result.append(1)
        elif kind == "ellipsis":
            result.extend(shape[axis : axis + rest])
            axis += rest
        elif kind == "slice":
            result.append(slice_length(shape[axis], part))
            axis += 1
        elif kind == "int" and "fancy" not in kinds:
            axis += 1
        else:
            lengths = _selected(kind, part)
            if lengths is None:
                return None
            if not advanced:
                first = len(result)
            advanced.append(k)
            picked.append(lengths)
            axis += _consumed(kind, part)
    if not advanced:
        return tuple(result)
    if advanced != list(range(advanced[0], advanced[0] + len(advanced))):
        first = 0  # advanced indices that are apart put their axes in front
    return (*result[:first], *broadcast(*picked), *result[first:])


def _selected(kind: str, part: Arg) -> tuple[Dim, ...] | None:
    """The axes that an advanced index makes; an int beside an array of ints has none."""
    if kind == "int":
        return ()
    t = _fancy_type(part)
    if t is None:
        return None
    return (Sym(("true", part)),) if t.dtype == "bool" else t.shape


def slice_length(n: Dim, part: Arg) -> Dim:
    """How many entries a slice takes from an axis of length `n`."""
    if isinstance(part, Const):
        bounds: list[Atom] = [Const(v, Int()) for v in (part.value.start, part.value.stop, part.value.step)]
    else:
        assert isinstance(part, Display)
        bounds = [b if not isinstance(b, Display) else Var("", Int()) for b in part.items]
    values = [b.value if isinstance(b, Const) else b for b in bounds]
    if isinstance(n, int) and not any(isinstance(v, Var) for v in values):
        return len(range(*slice(*values).indices(n)))
    start, stop, step = values
    if step == -1 and start is None and stop is None:
        return n
    if step in (None, 1) and isinstance(start, (int, type(None))) and isinstance(stop, (int, type(None))):
        if (start or 0) >= 0 and (stop is None or stop < 0):
            return less(n, (start or 0) - (stop or 0))
        if isinstance(stop, int) and isinstance(start, (int, type(None))) and 0 == (start or 0) == stop:
            return 0
    return Sym(("slice", n, *bounds))


def is_whole(index: Arg) -> bool:
    """True of `...` and `:`."""
    if isinstance(index, Display):
        return index.kind == "slice" and all(isinstance(a, Const) and a.value is None for a in index.items)
    return isinstance(index, Const) and index.value is Ellipsis


def selects_once(index: Arg) -> bool:
    """True where `index` cannot name an entry twice: integers, slices, masks."""
    if isinstance(index, Display):
        return index.kind == "slice" or (index.kind == "tuple" and all(map(selects_once, index.items)))
    if isinstance(index, Const):
        return _constant_selects_once(index.value)
    return _type_selects_once(index.type)


def _constant_selects_once(value: object) -> bool:
    if isinstance(value, tuple):
        return all(map(_constant_selects_once, value))
    if isinstance(value, np.ndarray):
        return value.dtype == bool or value.ndim == 0
    return value is None or value is Ellipsis or isinstance(value, (int, slice, np.integer, np.bool_))


def _type_selects_once(t: Type) -> bool:
    match t:
        case Int() | Bool():
            return True
        case NumpyScalar(dtype):
            return np.dtype(dtype).kind in "biu"
        case Array(dtype, shape):
            return dtype == "bool" or (shape == () and dtype is not None and np.dtype(dtype).kind in "iu")
        case Tuple(items):
            return all(map(_type_selects_once, items))
        case _:
            return False
