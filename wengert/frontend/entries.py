"""Walking the entries of arrays: `np.ndindex`, `np.ndenumerate`, `np.nditer`; and windows over them.

In: such a call. Out: a length and items that a loop over a range reads; windows as a stack of slices.

    for i, j in np.ndindex(2, n)             for k in range(2 * n): i = k // n; j = k % n
    sliding_window_view(x, 2)                np.stack([x[:-1], x[1:]], axis=-1)
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from functools import partial

import numpy as np

from wengert.frontend.branches import choose
from wengert.frontend.context import Flattener, builtin
from wengert.frontend.expressions import binary, number
from wengert.frontend.iterables import known
from wengert.frontend.iterate import fail
from wengert.frontend.values import Iterable_, Pack, Value
from wengert.frontend.writing import arguments
from wengert.ir.builder import NONE, constant
from wengert.ir.nodes import Atom, Const, Var
from wengert.ir.types import Opaque

Args = list[Value]
Named = dict[str, Value]

FEW = 16
"""The widest window that is written out as slices; wider ones are gathered by an index array."""


@builtin(np.ndindex)
def _ndindex(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    given = args[0] if len(args) == 1 else Pack("tuple", tuple(args))
    dims = given.items if isinstance(given, Pack) else (given,)
    if any(not isinstance(d, Var | Const) or (isinstance(d, Var) and isinstance(d.type, Opaque)) for d in dims):
        f.refuse(node, "np.ndindex needs a shape whose rank is known", "write one loop for each axis")
    return _indices(f, dims, lambda index, i: index, node)


def _indices(f: Flattener, dims: tuple[Value, ...], item: Callable[[Pack, Atom], Value], node: ast.AST) -> Iterable_:
    """One item for each index of a shape, the last axis fastest; `item` makes it of the index and of its number."""
    if not dims:
        return known((item(Pack("tuple", ()), constant(0)),))
    count: Value = dims[0]
    for d in dims[1:]:
        count = binary(f, operator.mul, count, d, node)
    assert isinstance(count, Var | Const)

    def at(i: Atom) -> Value:
        places: list[Value] = []
        rest: Value = i
        for d in reversed(dims[1:]):
            places.append(binary(f, operator.mod, rest, d, node))
            rest = binary(f, operator.floordiv, rest, d, node)
        return item(Pack("tuple", (rest, *reversed(places))), i)

    return Iterable_(count, at, once=True)


def _dims(f: Flattener, array: Atom, name: str, node: ast.AST) -> tuple[Value, ...]:
    shape = f.attribute(array, "shape", node)
    if not isinstance(shape, Pack):
        f.refuse(node, f"np.{name} needs an array whose rank is known", "ask with arguments: .lower(...)")
    return shape.items


@builtin(np.ndenumerate)
def _ndenumerate(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    array = number(f, args[0], node)
    dims = _dims(f, array, "ndenumerate", node)
    return _indices(f, dims, lambda index, i: Pack("tuple", (index, f.index(array, index, node))), node)


@builtin(np.nditer)
def _nditer(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    """The entries in the order in which they lie in memory."""
    if len(args) != 1 or kwargs or isinstance(args[0], Pack):
        f.refuse(node, "np.nditer is supported with one array and no options", "use np.ndindex or np.ndenumerate")
    array = number(f, args[0], node)
    dims = _dims(f, array, "nditer", node)
    if len(dims) > 1 and f.storage.dense(array) != ():
        f.refuse(node, "np.nditer goes in the order of memory, which is not known here", "loop over x.flat, which goes by rows")
    return _indices(f, dims, lambda index, i: f.index(array, index, node), node)


# --- windows ------------------------------------------------------------------------------------------------------------


@builtin(np.lib.stride_tricks.sliding_window_view)
def _windows(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    """A copy, which NumPy's view is as good as: nobody can write it, and after a store into `x` it cannot be read."""
    name = "np.lib.stride_tricks.sliding_window_view"
    given = arguments(f, "x window_shape axis subok writeable", args, kwargs, node, name)
    if any(given.get(k, constant(False)) != constant(False) for k in ("subok", "writeable")):
        f.refuse(node, "a window that can be written is not supported", "leave the option out")
    x = number(f, given["x"], node)
    rank = len(_dims(f, x, "lib.stride_tricks.sliding_window_view", node))
    sizes, axis = _several(given["window_shape"]), given.get("axis", NONE)
    axes = tuple(constant(k) for k in range(rank)) if axis == NONE else _several(axis)
    if len(axes) != len(sizes) or not all(isinstance(a, Const) for a in axes):
        f.fails(node, "there must be one size of the window for each of its axes")
    made: Value = x
    for size, place in zip(sizes, axes, strict=True):
        assert isinstance(place, Const)
        made = _along(f, made, size, place.value % rank, node)
    assert isinstance(made, Var | Const)
    if isinstance(made, Var) and (memory := f.storage.memory((x,))):
        f.storage.origins[made] = memory
    return made


def _several(value: Value) -> tuple[Value, ...]:
    return value.items if isinstance(value, Pack) else (value,)


def _along(f: Flattener, x: Value, size: Value, axis: int, node: ast.AST) -> Value:
    """The windows along one axis, which become the last axis."""
    assert isinstance(x, Var | Const)
    length = _dims(f, x, "lib.stride_tricks.sliding_window_view", node)[axis]
    fits = f.truth(binary(f, operator.ge, length, size, node), node)
    choose(f, fits, lambda: None, partial(fail, f, ValueError, "window shape cannot be larger than input array shape"))
    every = Pack("slice", (NONE, NONE, NONE))
    if isinstance(size, Const) and 1 <= size.value <= FEW:
        ends = [NONE if k == 0 else constant(k) for k in range(1 - size.value, 1)]
        cuts = [Pack("slice", (constant(k), end, NONE)) for k, end in enumerate(ends)]
        parts = [f.index(x, Pack("tuple", (*(every,) * axis, cut)), node) for cut in cuts]
        return f.call(constant(np.stack), [Pack("list", tuple(parts))], {"axis": constant(-1)}, node)
    count = binary(f, operator.add, binary(f, operator.sub, length, size, node), constant(1), node)
    starts = f.index(f.call(constant(np.arange), [count], {}, node), Pack("tuple", (every, NONE)), node)
    index = binary(f, operator.add, starts, f.call(constant(np.arange), [size], {}, node), node)
    made = f.index(x, Pack("tuple", (*(every,) * axis, index)), node)
    return f.call(constant(np.moveaxis), [made, constant(axis + 1), constant(-1)], {}, node)


