"""What the calls that write into an array have in common: which array, where it is kept, what NumPy would refuse.

    overwrite(f, a, np.sort(a))     the cell of `a` now holds the sorted array; every name of `a` sees it
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from wengert.frontend.attributes import size
from wengert.frontend.context import Flattener
from wengert.frontend.places import WHOLE, is_integer
from wengert.frontend.stores import home, put
from wengert.frontend.values import Pack, Place, Value
from wengert.ir.builder import constant
from wengert.ir.nodes import Arg, Atom, Const, Display, Store, Var
from wengert.ir.types import (
    Array,
    Bool,
    Complex,
    Float,
    Int,
    Number,
    NumpyScalar,
    Opaque,
    Type,
    is_scalar,
    same_shape,
    shape_of,
)

# --- what is written ----------------------------------------------------------------------------------------------------


def target(f: Flattener, value: Value, node: ast.AST, name: str) -> Var:
    """The array that a call writes into."""
    if not isinstance(value, Var) or not isinstance(value.type, Array | Number):
        f.refuse(node, f"`{name}` writes into an array, and this is none", "make it one: np.array(...)")
    return value


def place_of(f: Flattener, array: Var, node: ast.AST) -> Place:
    """Where the array is kept; one that has no name yet gets a place of its own."""
    if array not in f.storage.homes and not f.storage.origins.get(array):
        kept = f.storage.unload(array)
        assert isinstance(kept, Place)
        return kept
    return home(f, array, node)


def overwrite(f: Flattener, array: Var, new: Atom, node: ast.AST) -> Value:
    """Give an array the contents that an operation just made; the array as it is then."""
    place = place_of(f, array, node)
    now = f.storage.current(array)
    if not place.path and isinstance(new, Var) and isinstance(new.type, Array) and new.type == getattr(now, "type", None):
        f.storage.replace(place, new)
    else:
        put(f, array, WHOLE, new, node)
    return f.storage.load(place)


def arguments(
    f: Flattener, names: str, args: Sequence[Value], kwargs: dict[str, Value], node: ast.AST, called: str
) -> dict[str, Value]:
    """The arguments of a call by name."""
    known = names.split()
    if len(args) > len(known):
        f.fails(node, f"`{called}` takes {len(known)} arguments, {len(args)} were given")
    found = dict(zip(known, args, strict=False))
    for key, value in kwargs.items():
        if key not in known or key in found:
            f.refuse(node, f"`{called}` cannot take the argument `{key}` here")
        found[key] = value
    return found


def option(f: Flattener, given: dict[str, Value], name: str, default: Any, node: ast.AST) -> Any:
    """An argument that is known now."""
    value = given.get(name, constant(default))
    if not isinstance(value, Const):
        f.refuse(node, f"the argument `{name}` must be known in advance")
    return value.value


def check(f: Flattener, node: ast.AST, call: Callable[..., Any], *operands: Arg) -> None:
    """Refuse what NumPy refuses: `call` is tried on small arrays of the dtypes of the operands, as far as they are known."""
    models = [model(a) for a in operands]
    if any(m is None for m in models):
        return
    try:
        call(*models)
    except (TypeError, ValueError) as error:
        f.fails(node, str(error))


def model(arg: Arg) -> Any:
    """A value of an operand's kind and dtype; arrays have one entry. None where it is not known."""
    if isinstance(arg, Display):
        return None
    if isinstance(arg, Const):
        return arg.value if isinstance(arg.value, (int, float, complex, np.generic)) else None
    match arg.type:
        case Array(dtype=str() as dtype):
            return np.ones(1, dtype)
        case NumpyScalar(dtype=dtype):
            return np.dtype(dtype).type(1)
        case t:
            plain: dict[type[Type], Any] = {Bool: True, Int: 1, Float: 1.0, Complex: 1j}
            return plain.get(type(t))


def part(f: Flattener, op: Callable[..., Any], *args: Arg) -> Atom:
    """Emit an operation that is a part of the call: no name sees its result, so it does not matter whose memory that is."""
    return f.emit.apply(op, args)


# --- by the order of the entries ----------------------------------------------------------------------------------------


def shape_operand(f: Flattener, array: Atom) -> Atom:
    """The shape of an array as one operand."""
    return f.emit.apply(np.shape, (array,), type=Opaque(), inline=True)


def cycled(f: Flattener, values: Atom, like: Atom) -> Atom:
    """`values` in C order, cut or begun again until there is one for each entry of `like`, which has one axis at most."""
    shape = shape_of(values.type)
    if is_scalar(values.type) or shape == ():
        return values
    flat = part(f, np.ravel, values)
    if same_shape(flat.type, like.type) or shape_of(flat.type) == (1,):
        return flat
    steps = part(f, np.arange, size(f, like))
    made = part(f, operator.getitem, flat, part(f, operator.mod, steps, size(f, flat)))
    return made if shape_of(like.type) is not None else part(f, np.reshape, made, shape_operand(f, like))


def store_flat(f: Flattener, array: Var, index: Arg, values: Atom, node: ast.AST) -> None:
    """`array.flat[index] = values`, whatever the layout; `values` are cut or repeated."""
    shape = shape_of(array.type)
    if shape and is_integer(index):
        assert not isinstance(index, Display)
        put(f, array, _unraveled(f, array, index, len(shape), node), values, node)
        return
    if shape is not None and len(shape) == 1:
        put(f, array, index, cycled(f, values, part(f, operator.getitem, array, index)), node)
        return
    flat = part(f, np.ravel, array)
    new = values if is_integer(index) else cycled(f, values, part(f, operator.getitem, flat, index))
    made = Var("", flat.type)
    f.emit.append(Store(made, flat, index, new, f.emit.origin))
    put(f, array, WHOLE, part(f, np.reshape, made, shape_operand(f, array)), node)


def _unraveled(f: Flattener, array: Var, number_: Atom, rank: int, node: ast.AST) -> Arg:
    """The index of the entry with a number in C order; a number that is out of range stays so on the first axis."""
    if rank == 1:
        return number_
    lengths = f.attribute(array, "shape", node)
    assert isinstance(lengths, Pack)
    parts: list[Atom] = []
    for length in reversed(lengths.items[1:]):
        assert isinstance(length, Var | Const)
        parts.append(part(f, operator.mod, number_, length))
        number_ = part(f, operator.floordiv, number_, length)
    return Display("tuple", (number_, *reversed(parts)))


def as_mask(f: Flattener, mask: Atom, array: Var) -> Atom:
    """A mask of booleans of the shape of `array`; NumPy takes anything of as many entries."""
    if not (isinstance(mask.type, Array) and mask.type.dtype == "bool"):
        mask = part(f, np.ndarray.astype, part(f, np.asarray, mask), constant(bool))
    if same_shape(mask.type, array.type):
        return mask
    return part(f, np.reshape, mask, shape_operand(f, array))
