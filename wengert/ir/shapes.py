"""What is known of a result before the program runs: its kind, dtype and shape.

In: an operation, its operands (atoms and displays with types) and options. Out: the `Type` of the result; whatever is
not certain is left unknown, `Number()` where nothing is known.

    elementwise(operator.mul, (x, y))          Array("float64", (3, Sym("n")))
    probe(np.sum, (x,), {"axis": Const(0)})    Array("float64", (Sym("n"),))
    getitem(operator.getitem, (x, 1:), {})     Array("float64", (Sym(("minus", 3, 1)), Sym("n")))

A function that types the calls of an operation has the signature `(op, inputs, options) -> Type`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from wengert.ir.arrays import (
    alike,
    array,
    array_of,
    array_type,
    common_dtype,
    coordinates,
    created,
    filled,
    ranged,
    shape_operand,
    spaced,
    square,
)
from wengert.ir.dims import broadcast, less
from wengert.ir.indexing import getitem, index_shape
from wengert.ir.nodes import Arg, Display
from wengert.ir.probing import probe
from wengert.ir.sampling import is_none, kind_of, type_of, type_of_value
from wengert.ir.types import (
    Array,
    Bool,
    Complex,
    Dim,
    Float,
    Int,
    Number,
    NumpyScalar,
    Opaque,
    Range,
    Sym,
    Tuple,
    Type,
    is_numeric,
    is_scalar,
    shape_of,
)

Op: TypeAlias = Callable[..., Any]
Options: TypeAlias = Mapping[str, Arg]

__all__ = [
    "alike", "array", "array_type", "boolean", "broadcast", "broadcast_to", "coordinates", "created", "dot",
    "elementwise", "extent", "filled", "floating", "getitem", "index_shape", "integer", "less", "matmul", "nothing",
    "opaque", "probe", "ranged", "reshape", "rounded", "shape", "shape_operand", "spaced", "span", "square", "type_of",
    "type_of_value", "unknown",
]  # fmt: skip


def elementwise(op: Op, inputs: Sequence[Arg], options: Options | None = None) -> Type:
    """The type of `op` applied entry by entry, with broadcasting."""
    if options:
        return Number()
    types = [_as_array(a) for a in inputs if not is_none(a)]
    if not types or any(t is None for t in types):
        return Number()
    known = [t for t in types if t is not None]
    if all(map(is_scalar, known)):
        return _with_shape(kind_of(op, inputs, known), ())
    shapes = [shape_of(t) for t in known]
    some_axes = any(s for s in shapes)
    if any(s is None for s in shapes):
        return Array(_elementwise_dtype(op, inputs, known)) if some_axes else Number()
    shape = broadcast(*[s for s in shapes if s is not None])
    return _with_shape(kind_of(op, inputs, known), shape)


def _with_shape(kind: Type, shape: tuple[Dim, ...]) -> Type:
    if isinstance(kind, Array):
        return Array(kind.dtype, shape)
    return Array(None, shape) if shape and isinstance(kind, Number) else kind


def _as_array(arg: Arg) -> Type | None:
    """The type that NumPy makes of an operand, None where it is no number."""
    t = array_type(arg) if isinstance(arg, Display) else arg.type
    return t if isinstance(t, (Bool, Int, Float, Complex, NumpyScalar, Array, Number)) else None


def _elementwise_dtype(op: Op, inputs: Sequence[Arg], types: list[Type]) -> str | None:
    if any(isinstance(t, Number) or (isinstance(t, Array) and t.dtype is None) for t in types):
        return None
    axes = [Array(t.dtype, (2,)) if isinstance(t, Array) and t.shape is None else t for t in types]
    flat = [Array(t.dtype, ()) if isinstance(t, Array) and t.shape is None else t for t in types]
    kinds = [kind_of(op, inputs, axes), kind_of(op, inputs, flat)]
    dtypes = {k.dtype if isinstance(k, Array) else None for k in kinds}
    return dtypes.pop() if len(dtypes) == 1 else None


def nothing(op: Op, inputs: Sequence[Arg], options: Options) -> Type:
    """A result that is a number, of which nothing more is known."""
    return Number()


def opaque(op: Op, inputs: Sequence[Arg], options: Options) -> Type:
    """A result that is no number: a string, an iterator, a type."""
    return Opaque()


def unknown(op: Op, inputs: Sequence[Arg], options: Options) -> Type:
    """A value of which nothing is known but that it carries no derivative."""
    return Opaque()


def boolean(op: Op, inputs: Sequence[Arg], options: Options) -> Type:
    """A Python bool."""
    return Bool()


def integer(op: Op, inputs: Sequence[Arg], options: Options) -> Type:
    """A Python int."""
    return Int()


def floating(op: Op, inputs: Sequence[Arg], options: Options) -> Type:
    """A Python float."""
    return Float()


def span(op: Op, inputs: Sequence[Arg], options: Options) -> Type:
    """A `range`."""
    return Range()


def rounded(op: Op, inputs: Sequence[Arg], options: Options) -> Type:
    """Python's `round`: an int without a number of digits."""
    t = type_of(inputs[0])
    if len(inputs) == 1 and not options:
        return Int() if isinstance(t, (Bool, Int, Float)) else Number()
    return t if isinstance(t, (Int, Float, Array, NumpyScalar)) else Number()


# Facts about shapes


def shape(op: Op, inputs: Sequence[Arg], options: Options) -> Type:
    """`np.shape(x)`: a tuple of ints that know which lengths they are."""
    found = _known_shape(inputs[0])
    return Opaque() if found is None else Tuple(tuple(map(Int, found)))


def extent(op: Op, inputs: Sequence[Arg], options: Options) -> Type:
    """`np.ndim(x)` and `np.size(x)` without an axis."""
    found = _known_shape(inputs[0])
    if found is None or len(inputs) > 1 or options:
        return Int()
    if op is np.ndim:
        return Int(len(found))
    lengths = [d for d in found if d != 1]
    known = [d for d in lengths if isinstance(d, int)]
    if len(known) == len(lengths):
        return Int(int(np.prod(known)))
    return Int(lengths[0]) if len(lengths) == 1 else Int(Sym(("size", found)))


def _known_shape(arg: Arg) -> tuple[Dim, ...] | None:
    t = type_of(arg)
    return shape_of(array_of(t)) if is_numeric(t) or isinstance(t, Tuple) else None


# Products


def _lengths(inputs: Sequence[Arg]) -> list[tuple[Dim, ...]] | None:
    shapes = [shape_of(array_type(a)) if is_numeric(type_of(a)) or isinstance(a, Display) else None for a in inputs]
    known = [s for s in shapes if s is not None]
    return known if len(known) == len(shapes) else None


def _product_type(op: Op, inputs: Sequence[Arg], shape: tuple[Dim, ...] | None) -> Type:
    dtype = common_dtype([array_type(a) for a in inputs])
    if shape is None:
        return Number()
    if shape or dtype is None:
        return Array(dtype, shape) if shape else Number()
    return NumpyScalar(dtype)


def _complex_product(inputs: Sequence[Arg]) -> Type:
    """A product with a matrix is an array; its dtype must be known where it is complex."""
    types = [array_type(a) if is_numeric(type_of(a)) else Number() for a in inputs]
    dtype = common_dtype(types)
    matrix = any(isinstance(t, Array) and t.shape is not None and len(t.shape) > 1 for t in types)
    return Array(dtype) if matrix and dtype is not None and np.dtype(dtype).kind == "c" else Number()


def matmul(op: Op, inputs: Sequence[Arg], options: Options) -> Type:
    """`a @ b` for operands of one axis or more, with leading axes broadcast."""
    shapes = _lengths(inputs)
    if options or shapes is None or not all(shapes):
        return _complex_product(inputs)
    a, b = shapes
    left, right = a[-2:-1], b[-1:] if len(b) > 1 else ()
    return _product_type(op, inputs, (*broadcast(a[:-2], b[:-2]), *left, *right))


def dot(op: Op, inputs: Sequence[Arg], options: Options) -> Type:
    """`np.dot`: a product with a number, or the last axis of `a` against the last but one of `b`."""
    shapes = _lengths(inputs)
    if options or shapes is None:
        return Number()
    a, b = shapes
    if not a or not b:
        product = elementwise(np.multiply, inputs)
        if not isinstance(product, Array):
            return product
        # unlike `*`, `dot` takes a Python number as a double
        python = any(isinstance(type_of(i), (Bool, Int, Float)) for i in inputs)
        return Array(None, product.shape) if python and product.dtype != "float64" else product
    return _product_type(op, inputs, (*a[:-1], *b[:-2], *(b[-1:] if len(b) > 1 else ())))


# Shape


def reshape(op: Op, inputs: Sequence[Arg], options: Options) -> Type:
    """`np.reshape(x, shape)`; a -1 is computed where all other lengths are known."""
    t = array_type(inputs[0])
    shape = shape_operand(options["shape"]) if "shape" in options else None
    dtype = t.dtype if isinstance(t, Array) else None
    if shape is None:
        return Array(dtype)
    old = shape_of(t)
    # an int that came from no shape may be -1 when the program runs
    shape = tuple(Sym(("reshape", d, old or inputs[0])) if _is_value(d) else d for d in shape)
    if -1 in shape:
        rest = Sym(("reshape", inputs[0], shape)) if old is None else _missing(old, shape)
        shape = tuple(rest if d == -1 else d for d in shape)
    return Array(dtype, shape)


def _is_value(d: Dim) -> bool:
    return isinstance(d, Sym) and isinstance(d.key, tuple) and d.key[:1] == ("value",)


def _missing(old: tuple[Dim, ...], new: tuple[Dim, ...]) -> Dim:
    """The length that -1 stands for."""
    rest = [d for d in new if d != -1]
    left = list(old)
    for d in list(rest):
        if d in left and d != 0:
            left.remove(d)
            rest.remove(d)
    left, rest = [d for d in left if d != 1], [d for d in rest if d != 1]
    if not rest and len(left) <= 1:
        return left[0] if left else 1
    known: list[int] = [d for d in left if isinstance(d, int)]
    below: list[int] = [d for d in rest if isinstance(d, int)]
    divisor = int(np.prod(below))
    if len(known) == len(left) and len(below) == len(rest) and divisor:
        return int(np.prod(known)) // divisor
    return Sym(("reshape", old, new))


def broadcast_to(op: Op, inputs: Sequence[Arg], options: Options) -> Type:
    """`np.broadcast_to(x, shape)`."""
    t = array_type(inputs[0])
    return Array(
        t.dtype if isinstance(t, Array) else None, shape_operand(options["shape"]) if "shape" in options else None
    )
