"""Kinds and dtypes of results found by evaluating operations on samples of their operands' types.

In: an operation and operands with types. Out: the type that an array or a number of those types gives. What an
operation makes of a dtype is NumPy's own answer; the answers are remembered.

    kind_of(operator.mul, (x,), [Array("float32", (2,))])     Array("float32", (2,)): what an array of them gives
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from wengert.ir.nodes import Arg, Const, Display
from wengert.ir.types import (
    Array,
    Bool,
    Complex,
    Float,
    Int,
    Number,
    NumpyScalar,
    Opaque,
    Range,
    Tuple,
    Type,
)

Op: TypeAlias = Callable[..., Any]
Options: TypeAlias = Mapping[str, Arg]

_NUMPY_1 = int(np.__version__.partition(".")[0]) < 2


def type_of_value(value: object) -> Type:
    """The type of a value that is at hand; the lengths of an array are its own."""
    if isinstance(value, np.ndarray):
        return Array(str(value.dtype), value.shape)
    if isinstance(value, np.generic):
        return NumpyScalar(str(value.dtype))
    if isinstance(value, bool):
        return Bool()
    if isinstance(value, int):
        return Int(value)
    if isinstance(value, float):
        return Float()
    if isinstance(value, complex):
        return Complex()
    if isinstance(value, tuple):
        return Tuple(tuple(map(type_of_value, value)))
    return Range() if isinstance(value, range) else Opaque()


def type_of(arg: Arg) -> Type:
    """The type of an operand; a tuple or list written out has the types of its items."""
    if isinstance(arg, Display):
        return Tuple(tuple(map(type_of, arg.items))) if arg.kind in ("tuple", "list") else Opaque()
    return arg.type


def _join(types: list[Type]) -> Type:
    """The one type that several samples gave, or the part of it that they agree on."""
    first = types[0]
    if all(t == first for t in types):
        return first
    if all(isinstance(t, (Float, Int, Bool)) for t in types):
        return Float()
    if all(isinstance(t, Array) for t in types):
        dtypes = {t.dtype for t in types if isinstance(t, Array)}
        ranks = {t.shape for t in types if isinstance(t, Array)}
        return Array(dtypes.pop() if len(dtypes) == 1 else None, ranks.pop() if len(ranks) == 1 else None)
    return Number()


def is_none(arg: Arg) -> bool:
    return isinstance(arg, Const) and arg.value is None


_KINDS: dict[Hashable, Type] = {}
_SAMPLES = (1.0, 0.5, 2.0)


def kind_of(op: Op, inputs: Sequence[Arg], types: list[Type]) -> Type:
    """The kind and dtype of the result; the shape of an array among the answers is that of the samples."""
    operands = [a for a in inputs if not is_none(a)]
    keys: list[tuple[str, str, int, str | None]] = []
    for arg, t in zip(operands, types, strict=True):
        value = arg.value if isinstance(arg, Const) and isinstance(arg.value, (bool, int, float, complex)) else None
        if isinstance(t, Array):
            if t.dtype is None:
                return Number()
            keys.append(("array", t.dtype, min(len(t.shape or ()), 1), None))
        elif isinstance(t, NumpyScalar):
            keys.append(("scalar", t.dtype, 0, None))
        elif isinstance(t, Number):
            return Number()
        else:
            keys.append((type(t).__name__, "", 0, repr(value) if value is not None else None))
    key = (op, tuple(keys), tuple(map(is_none, inputs)))
    if key not in _KINDS:
        _KINDS[key] = _evaluate(op, inputs, operands, keys)
    return _KINDS[key]


def _evaluate(op: Op, inputs: Sequence[Arg], operands: list[Any], keys: list[Any]) -> Type:
    plain = not any(k[0] in ("array", "scalar") for k in keys)
    choices = [list(_samples(k, a, plain)) for k, a in zip(keys, operands, strict=True)]
    found = []
    for row in range(max(map(len, choices))):
        values = iter([c[row % len(c)] for c in choices])
        call = [None if is_none(a) else next(values) for a in inputs]
        given = call[: 1 + max(k for k, value in enumerate(call) if value is not None)]
        result = quiet(op, given, {})
        if result is FAILED and len(given) < len(call):  # some operations want their None, others must not be given it
            result = quiet(op, call, {})
        if result is not FAILED:
            t = type_of_value(result)
            found.append(Int() if isinstance(t, Int) else t)
    if not any(k[0] == "Complex" or np.dtype(k[1] or "f8").kind == "c" for k in keys):
        # a Python float raised to a power is complex for a negative base; real programs do not go there
        found = [t for t in found if not isinstance(t, Complex)] or found
    return _join(found) if found else Number()


FAILED = object()


def quiet(op: Op, args: Sequence[Any], options: Mapping[str, Any]) -> Any:
    """The result of a call on samples, `FAILED` where it raises."""
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            return op(*args, **options)
    except Exception:  # samples may be no input that the operation takes: whatever it says about that
        return FAILED


def _samples(key: tuple[str, str, int, str | None], arg: Arg, plain: bool) -> Iterator[Any]:
    """Values of the type that `key` describes, several because an operation may not take all of them.

    Among Python's own numbers (`plain`) the kind of a result does not depend on how large they are, and a power or
    a shift by a large int would fill the memory.
    """
    kind, dtype, rank, literal = key
    wide = _NUMPY_1 and not plain
    if literal is not None and isinstance(arg, Const):
        yield max(-64, min(64, arg.value)) if plain and type(arg.value) is int else arg.value
    elif kind == "Bool":
        yield from (True, False)
    elif kind == "Int":
        # under NumPy 1 the dtype of a result may depend on how large an int is
        yield from (1, 2, 0, -1, *((2**40,) if wide else ()))
    elif kind == "Float":
        yield from (*_SAMPLES, *((1e200,) if wide else ()))
    elif kind == "Complex":
        yield 1j
    elif np.dtype(dtype).kind in "biufc":
        for value in _SAMPLES:
            one = np.full((2,) * rank, abs(value) if np.dtype(dtype).kind in "bu" else value).astype(dtype)
            yield one if kind == "array" else one[()]


def constant_value(arg: Arg) -> Any:
    """The Python value of an operand that is known."""
    if isinstance(arg, Display):
        items = [constant_value(i) for i in arg.items]
        return tuple(items) if arg.kind == "tuple" else items
    if not isinstance(arg, Const):
        raise TypeError(f"not a constant: {arg!r}")
    return arg.value
