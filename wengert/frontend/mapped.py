"""Functions of NumPy that call functions of Python: `np.vectorize`, `np.piecewise`, `np.fromfunction` and the like.

In: such a call. Out: what NumPy would do, written out: a loop over the entries, the pieces or the rows.

    np.vectorize(g)(x)      a loop that stores g(x[k]) into an array whose dtype is that of the first result
"""

from __future__ import annotations

import ast
from typing import Any

import numpy as np

from wengert.frontend.context import Flattener, builtin
from wengert.frontend.values import Closure, Method, Pack, Partial, Value
from wengert.frontend.writing import arguments
from wengert.ir.builder import NONE, constant
from wengert.ir.nodes import Const, Var
from wengert.ir.types import Array

Args = list[Value]
Named = dict[str, Value]


@builtin(np.vectorize)
def _vectorize(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    """A function that was wrapped where it is called."""
    given = arguments(f, "pyfunc otypes doc excluded cache signature", args, kwargs, node, "np.vectorize")
    types = given.get("otypes", NONE)
    if "pyfunc" not in given or any(given.get(n, NONE) != NONE for n in ("excluded", "signature")):
        f.refuse(node, "np.vectorize with options is not supported", "write the loop")
    if isinstance(types, Pack) and all(isinstance(t, Const) for t in types.items):
        types = constant(tuple(t.value for t in types.items))  # type: ignore[union-attr]
    if not isinstance(types, Const):
        f.refuse(node, "the otypes of np.vectorize must be known in advance", "write them as a list: otypes=[float]")
    return Partial(constant(_over_entries), (given["pyfunc"], _dtypes(types.value)), ())


def _dtypes(types: Any) -> Value:
    """The dtypes that the results of a wrapped function get, one by one; None where they are those of the first results."""
    return NONE if types is None else Pack("tuple", tuple(constant(np.dtype(t)) for t in types))


def vectorized(f: Flattener, fn: Any, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    """A call of a function that `np.vectorize` has wrapped."""
    if kwargs or fn.excluded or fn.signature is not None:
        f.refuse(node, "np.vectorize with options is not supported", "write the loop")
    with f.emit.rules():
        return f.call(constant(_over_entries), [constant(fn.pyfunc), _dtypes(fn.otypes), *args], {}, node, hint)


def _over_entries(function: Any, dtypes: Any, *arrays: Any) -> Any:
    """NumPy takes the dtypes from the first results where it is not told them; several results are several arrays."""
    shape = np.shape(sum(arrays))
    rows = [np.reshape(np.broadcast_to(a, shape), -1) for a in arrays]
    n = np.shape(rows[0])[0]
    first = function(*[row[0] for row in rows])
    if isinstance(first, tuple):
        found = [np.full(n, v, None if dtypes is None else dtypes[j]) for j, v in enumerate(first)]
        for k in range(1, n):
            for out, v in zip(found, function(*[row[k] for row in rows]), strict=True):
                out[k] = v
        return tuple([np.reshape(out, shape) for out in found])
    out = np.full(n, first, None if dtypes is None else dtypes[0])
    for k in range(1, n):
        out[k] = function(*[row[k] for row in rows])
    return np.reshape(out, shape)


@builtin(np.fromfunction)
def _fromfunction(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    """The function gets one array of coordinates for each axis, once."""
    given = dict(zip(("function", "shape"), args, strict=False)) | kwargs
    shape = given.pop("shape", NONE)
    dtype = given.pop("dtype", constant(float))
    if "function" not in given or len(args) > 2 or "like" in given:
        f.refuse(node, "np.fromfunction takes a function, a shape and a dtype here", "call the function with np.indices(shape)")
    function = given.pop("function")
    grids = f.call(constant(np.indices), [shape, dtype], {}, node)
    if not isinstance(grids, Var) or not isinstance(grids.type, Array) or not grids.type.shape:
        f.refuse(node, "the number of axes of this grid is not known", "write the shape as a tuple: (n, m)")
    count = grids.type.shape[0]
    assert isinstance(count, int)
    return f.call(function, [f.index(grids, constant(k), node) for k in range(count)], given, node, hint)


@builtin(np.piecewise)
def _piecewise(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    if len(args) < 3:
        f.refuse(node, "np.piecewise is called with its arguments in their order")
    x, conditions, functions, *more = args
    pieces = getattr(functions, "items", None)
    tests = getattr(conditions, "items", None)
    if pieces is None or tests is None or len(pieces) - len(tests) not in (0, 1):
        f.refuse(node, "np.piecewise needs a list of conditions and a list of functions", "use np.where")
    with f.emit.rules():
        rest = f.call(constant(_none_of), list(tests), {}, node)
        out = f.call(constant(np.zeros_like), [f.call(constant(np.asarray), [x], {}, node)], {}, node)
        for test, piece in zip((*tests, rest), pieces, strict=False):
            called = isinstance(piece, (Closure, Partial, Method)) or (isinstance(piece, Const) and callable(piece.value))
            body = constant(_fill_by if called else _fill_with)
            out = f.call(body, [out, x, test, piece, *(more if called else [])], kwargs if called else {}, node)
    return out


def _none_of(*tests: Any) -> Any:
    found = tests[0]
    for test in tests[1:]:
        found = np.logical_or(found, test)
    return np.logical_not(found)


def _fill_by(out: Any, x: Any, test: Any, function: Any, *more: Any, **options: Any) -> Any:
    if np.any(test):
        out[test] = function(np.asarray(x)[test], *more, **options)
    return out


def _fill_with(out: Any, x: Any, test: Any, value: Any) -> Any:
    out[test] = value
    return out


@builtin(np.apply_along_axis)
def _apply_along_axis(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    if len(args) < 3:
        f.refuse(node, "np.apply_along_axis is called with its arguments in their order")
    with f.emit.rules():
        return f.call(constant(_over_rows), args, kwargs, node, hint)


def _over_rows(function: Any, axis: Any, array: Any, *more: Any, **options: Any) -> Any:
    moved = np.moveaxis(array, axis, -1)
    rows = np.reshape(moved, (-1, np.shape(moved)[-1]))
    found = np.array([function(row, *more, **options) for row in rows])
    whole = np.reshape(found, np.shape(moved)[:-1] + np.shape(found)[1:])
    return np.moveaxis(whole, -1, axis) if np.ndim(found) == 2 else whole
