"""Shapes of results found by running operations on arrays of several sizes.

In: an operation of NumPy, operands with types, known options. Out: the `Type` of the result as far as it is certain.

    probe(np.sum, (x,), {"axis": Const(0)})      Array("float64", (Sym("n"),))
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from wengert.ir.dims import less
from wengert.ir.nodes import Arg, Const, Display, Var
from wengert.ir.sampling import FAILED, constant_value, quiet, type_of, type_of_value
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
    Sym,
    Tuple,
    Type,
    may_be_one,
)

Op: TypeAlias = Callable[..., Any]
Options: TypeAlias = Mapping[str, Arg]

_PROBED: dict[Hashable, Type] = {}
_LARGE = 1 << 16


def probe(op: Op, inputs: Sequence[Arg], options: Options) -> Type:
    """The type of any operation of NumPy whose result's shape depends on shapes and known options only.

    The operation is run on arrays of several sizes. A length of the result that equals one of the operand's lengths
    in every run is that length, one that never changes is an int, and any other is a symbol made of the call.
    """
    try:
        key = (op, tuple(map(_probe_key, inputs)), tuple((k, _probe_key(v)) for k, v in options.items()))
        if any(_unknown(v) for v in options.values()):
            return Number()
        if key not in _PROBED:
            _PROBED[key] = _probe(op, inputs, options, key)
        return _PROBED[key]
    except TypeError:  # an unhashable constant
        return Number()


def _probe_key(arg: Arg) -> Hashable:
    if isinstance(arg, Display):
        return (arg.kind, tuple(map(_probe_key, arg.items)))
    return arg if isinstance(arg, Const) else arg.type


def _unknown(arg: Arg) -> bool:
    if isinstance(arg, Display):
        return arg.kind not in ("tuple", "list") or any(map(_unknown, arg.items))
    return not isinstance(arg, Const)


def _leaves(t: Type) -> Iterator[Type]:
    if isinstance(t, Tuple):
        for item in t.items:
            yield from _leaves(item)
    else:
        yield t


def _probe(op: Op, inputs: Sequence[Arg], options: Options, key: Hashable) -> Type:
    types = list(map(type_of, inputs))
    leaves = [leaf for t in types for leaf in _leaves(t)]
    if not all(isinstance(t, (Bool, Int, Float, Complex, NumpyScalar, Array)) or _is_none_type(t) for t in leaves):
        return Number()
    free = [t for t in leaves if isinstance(t, Array) and t.shape is None]
    if free:
        return _probe_ranks(op, inputs, options, key)
    positions: dict[Dim, tuple[int, int]] = {}
    for shape in (t.shape for t in leaves if isinstance(t, Array) and t.shape is not None):
        for k, d in enumerate(shape):
            if d not in (0, 1):
                positions.setdefault(d, (k, len(shape) - k))
    dtype_known = all(t.dtype is not None for t in leaves if isinstance(t, Array))
    plain = {k: constant_value(v) for k, v in options.items()}
    runs = []
    for run, sizes in _assignments(positions):
        result = quiet(op, [_fill(a, sizes) for a in inputs], plain)
        if result is not FAILED:
            runs.append((run, sizes, result))
    return _conclude(runs, key, dtype_known)


def _is_none_type(t: Type) -> bool:
    return isinstance(t, Opaque)


def _probe_ranks(op: Op, inputs: Sequence[Arg], options: Options, key: Hashable) -> Type:
    """The part of the answer that holds for operands of every rank."""
    found = []
    for rank in range(4):
        guess = [_with_rank(a, rank) for a in inputs]
        t = _probe(op, guess, options, (key, rank))
        if not isinstance(t, Number):
            found.append(Array(t.dtype, None) if isinstance(t, Array) and t.shape else t)
    return found[0] if found and all(t == found[0] for t in found) and not isinstance(found[0], Array) else Number()


def _with_rank(arg: Arg, rank: int) -> Arg:
    if isinstance(arg, Display):
        return Display(arg.kind, tuple(_with_rank(i, rank) for i in arg.items), arg.keys)
    t = _type_with_rank(arg.type, rank)
    return arg if t == arg.type else Var("", t)


def _type_with_rank(t: Type, rank: int) -> Type:
    if isinstance(t, Tuple):
        return Tuple(tuple(_type_with_rank(item, rank) for item in t.items))
    if isinstance(t, Array) and t.shape is None:
        return Array(t.dtype, tuple(Sym(("axis", k)) for k in range(rank)))
    return t


def _assignments(positions: Mapping[Dim, tuple[int, int]]) -> Iterator[tuple[str, dict[Dim, int]]]:
    """Sizes for the lengths: as they are where all are known and small, otherwise several that tell them apart.

    The runs called "axis" give the same size to the lengths at the same place of each operand, counted from the left
    or from the right, for operations whose operands must agree.
    """
    dims = list(positions)
    known = [d for d in dims if isinstance(d, int)]
    if len(known) == len(dims) and np.prod(known, dtype=float) < _LARGE:
        yield "exact", {d: d for d in known}
        return
    primes = (5, 7, 11, 13, 17, 19)
    if len(dims) > len(primes):
        return
    for order in (primes[: len(dims)], primes[len(dims) - 1 :: -1], (*primes[1 : len(dims)], 3)):
        yield "all", dict(zip(dims, order, strict=True))
    for side in (0, 1):
        for order in (primes, primes[::-1]):
            yield "axis", {d: order[p[side] % len(order)] for d, p in positions.items()}
    yield "equal", dict.fromkeys(dims, 4)
    for d in dims:
        yield "one", {e: (2 if e != d else 101) for e in dims}
        yield "one", {e: (4 if e != d else 6) for e in dims}
        if may_be_one(d):
            yield "one", {e: (4 if e != d else 1) for e in dims}
    if any(map(may_be_one, dims)):
        yield "one", {e: (1 if may_be_one(e) else 4) for e in dims}


def _fill(arg: Arg, sizes: Mapping[Dim, int]) -> Any:
    """A value of the operand's type; lists for displays."""
    if isinstance(arg, Display):
        return [_fill(i, sizes) for i in arg.items]
    if isinstance(arg, Const):
        return arg.value
    return _fill_type(arg.type, sizes)


def _fill_type(t: Type, sizes: Mapping[Dim, int]) -> Any:
    match t:
        case Array():
            shape = tuple(sizes.get(d, d) if isinstance(d, int) else sizes[d] for d in t.shape or ())
            return np.ones(shape, t.dtype or float)
        case NumpyScalar():
            return np.ones((), t.dtype)[()]
        case Tuple():
            return tuple(_fill_type(i, sizes) for i in t.items)
        case Bool():
            return True
        case Int():
            return 1
        case Complex():
            return 1j
        case _:
            return 1.0


_Run: TypeAlias = tuple[str, dict[Dim, int], Any]


def _conclude(runs: list[_Run], key: Hashable, dtype_known: bool) -> Type:
    kinds = [type_of_value(r) for _, _, r in runs]
    if not kinds:
        return Number()
    if not all(isinstance(t, Array) for t in kinds):
        same = all(t == kinds[0] for t in kinds)
        return kinds[0] if same and dtype_known and not isinstance(kinds[0], (Opaque, Int)) else Number()
    arrays = [t for t in kinds if isinstance(t, Array)]
    if len({(t.dtype, t.rank) for t in arrays}) != 1:
        return Number()
    shape = tuple(_length(runs, k, (key, k)) for k in range(arrays[0].rank or 0))
    return Array(arrays[0].dtype if dtype_known else None, shape)


def _length(runs: list[_Run], axis: int, key: Hashable) -> Dim:
    """The dim that axis `axis` of the result has in every run; a symbol of its own where that is not certain."""
    lengths = [result.shape[axis] for _, _, result in runs]
    sizes = [each for _, each, _ in runs]
    if runs[0][0] == "exact":
        return int(lengths[0])
    if len(runs) > 2 and all(len({s[d] for s in sizes}) > 1 for d in sizes[0]):
        if len(set(lengths)) == 1:
            return int(lengths[0])
        found = []
        for d in sizes[0]:
            by = max(s[d] - n for s, n in zip(sizes, lengths, strict=True))
            if by >= 0 and all(n == max(s[d] - by, 0) for s, n in zip(sizes, lengths, strict=True)):
                found.append(less(d, by))
        # lengths that no run could tell apart are equal wherever the operation runs, if their places were told apart
        if len(found) == 1 or (found and any(run == "axis" for run, _, _ in runs)):
            return found[0]
    return Sym(("of", key))
