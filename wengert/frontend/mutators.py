"""NumPy's functions that write into an array that they are given, as stores on its place.

`a.fill(v)`, `a.sort()`, `np.copyto(a, b)`, `np.put(a, i, v)`, `operator.iadd(a, b)`. Every name of the array
sees its new contents.

    np.fill_diagonal(a, v)       a[k, k] = v, with k = np.arange(n)
    operator.imul(a, 2.0)        a *= 2.0, and the call returns a
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from wengert.frontend.attributes import size
from wengert.frontend.context import Flattener, builtin
from wengert.frontend.expressions import number
from wengert.frontend.methods import METHODS, method
from wengert.frontend.places import WHOLE, is_integer
from wengert.frontend.stores import delete_item, home, in_place, put, set_item
from wengert.frontend.values import Method, Pack, Value
from wengert.frontend.writing import (
    arguments,
    as_mask,
    check,
    cycled,
    option,
    overwrite,
    part,
    place_of,
    shape_operand,
    store_flat,
    target,
)
from wengert.ir.builder import NONE, constant
from wengert.ir.nodes import Atom, Display
from wengert.ir.types import is_scalar, same_shape, shape_of

Args = list[Value]
Named = dict[str, Value]


# --- functions ----------------------------------------------------------------------------------------------------------


@builtin(np.copyto)
def _copyto(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    given = arguments(f, "dst src casting where", args, kwargs, node, "np.copyto")
    array, new = target(f, given["dst"], node, "np.copyto"), number(f, given["src"], node)
    casting = option(f, given, "casting", "same_kind", node)
    place_of(f, array, node)
    check(f, node, lambda dst, src: np.copyto(dst, src, casting), array, new)
    mask = number(f, given.get("where", constant(True)), node)
    if mask == constant(True):
        put(f, array, WHOLE, new, node)
    else:
        put(f, array, WHOLE, f.emit.apply(np.where, (mask, new, array)), node)
    return NONE


@builtin(np.put)
def _put(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    given = arguments(f, "a ind v mode", args, kwargs, node, "np.put")
    array, values = target(f, given["a"], node, "np.put"), number(f, given["v"], node)
    place_of(f, array, node)
    check(f, node, lambda a, v: np.put(a, [0], v), array, values)
    mode = option(f, given, "mode", "raise", node)
    with f.emit.rules():
        index = number(f, given["ind"], node)
        if not is_integer(index):
            index = part(f, np.ravel, index)
        if mode == "clip":
            last = part(f, operator.sub, size(f, array), constant(1))
            index = part(f, np.clip, index, constant(0), last)
        elif mode == "wrap":
            index = part(f, operator.mod, index, size(f, array))
        store_flat(f, array, index, values, node)
    return NONE


@builtin(np.place)
def _place(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    given = arguments(f, "arr mask vals", args, kwargs, node, "np.place")
    array, values = target(f, given["arr"], node, "np.place"), number(f, given["vals"], node)
    place_of(f, array, node)
    check(f, node, lambda a, v: np.place(a, [True], v), array, values)
    with f.emit.rules():
        mask = as_mask(f, number(f, given["mask"], node), array)
        put(f, array, mask, cycled(f, values, part(f, operator.getitem, array, mask)), node)
    return NONE


@builtin(np.putmask)
def _putmask(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    """Takes the value at the position of each entry, where `np.place` takes the next value."""
    given = arguments(f, "a mask values", args, kwargs, node, "np.putmask")
    array, values = target(f, given["a"], node, "np.putmask"), number(f, given["values"], node)
    place_of(f, array, node)
    check(f, node, lambda a, v: np.putmask(a, [True], v), array, values)
    with f.emit.rules():
        mask = as_mask(f, number(f, given["mask"], node), array)
        if not (is_scalar(values.type) or same_shape(values.type, array.type)):
            values = part(f, np.reshape, cycled(f, values, part(f, np.ravel, array)), shape_operand(f, array))
        put(f, array, mask, values if is_scalar(values.type) else part(f, operator.getitem, values, mask), node)
    return NONE


@builtin(np.fill_diagonal)
def _fill_diagonal(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    given = arguments(f, "a val wrap", args, kwargs, node, "np.fill_diagonal")
    array, values = target(f, given["a"], node, "np.fill_diagonal"), number(f, given["val"], node)
    place_of(f, array, node)
    wrap = option(f, given, "wrap", False, node)
    dims = shape_of(array.type)
    if dims is None:
        f.refuse(node, "`np.fill_diagonal` needs a known number of axes", "ask with arguments: .lower(...)")
    if len(dims) < 2:
        f.fails(node, "array must be at least 2-d")
    with f.emit.rules():
        shape = f.attribute(array, "shape", node)
        assert isinstance(shape, Pack)
        rows, columns = (number(f, s, node) for s in shape.items[:2])
        if len(dims) > 2:
            index: tuple[Atom, ...] = (part(f, np.arange, rows),) * len(dims)
        elif wrap:
            stop, step = part(f, operator.mul, rows, columns), part(f, operator.add, columns, constant(1))
            places = part(f, np.arange, constant(0), stop, step)
            index = (part(f, operator.floordiv, places, columns), part(f, operator.mod, places, columns))
        else:
            short = rows if dims[0] == dims[1] else f.call(constant(min), [rows, columns], {}, node)
            index = (part(f, np.arange, number(f, short, node)),) * 2
        put(f, array, Display("tuple", index), cycled(f, values, index[0]), node)
    return NONE


@builtin(np.put_along_axis)
def _put_along_axis(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    given = arguments(f, "arr indices values axis", args, kwargs, node, "np.put_along_axis")
    array, values = target(f, given["arr"], node, "np.put_along_axis"), number(f, given["values"], node)
    place_of(f, array, node)
    axis = option(f, given, "axis", -1, node)
    indices = number(f, given["indices"], node)
    with f.emit.rules():
        if axis is None:
            store_flat(f, array, indices, values, node)
            return NONE
        dims = shape_of(array.type)
        if dims is None:
            f.refuse(node, "`np.put_along_axis` needs a known number of axes", "ask with arguments: .lower(...)")
        parts: list[Atom] = []
        for k in range(len(dims)):
            if k == axis % len(dims):
                parts.append(indices)
                continue
            length = f.index(f.attribute(array, "shape", node), constant(k), node)
            along = tuple(constant(-1 if j == k else 1) for j in range(len(dims)))
            parts.append(part(f, np.reshape, part(f, np.arange, number(f, length, node)), Display("tuple", along)))
        put(f, array, Display("tuple", tuple(parts)), values, node)
    return NONE


# --- methods ------------------------------------------------------------------------------------------------------------


@method("array", "fill")
def _fill(f: Flattener, x: Value, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    given = arguments(f, "value", args, kwargs, node, "fill")
    array, value = target(f, x, node, "fill"), number(f, given["value"], node)
    place_of(f, array, node)
    put(f, array, WHOLE, value, node)
    return NONE


@method("array", "sort", "partition")
def _sort(name: str, f: Flattener, x: Value, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    """The kind of sorting decides nothing but the order of equal entries."""
    names = "axis kind order stable" if name == "sort" else "kth axis kind order"
    given = arguments(f, names, args, kwargs, node, name)
    array = target(f, x, node, name)
    if option(f, given, "order", None, node) is not None:
        f.refuse(node, f"`{name}` by fields is not supported")
    wanted = {k: v for k, v in given.items() if k in ("axis", "kth")}
    op = np.sort if name == "sort" else np.partition
    overwrite(f, array, number(f, f.call(constant(op), [array], wanted, node), node), node)
    return NONE


@method("array", "put")
def _put_method(f: Flattener, x: Value, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    names = {"indices": "ind", "values": "v"}
    return f.call(constant(np.put), [x, *args], {names.get(k, k): v for k, v in kwargs.items()}, node)


@method("array", "itemset")
def _itemset(f: Flattener, x: Value, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    if not hasattr(np.ndarray, "itemset"):
        f.refuse(node, "NumPy 2 has no `itemset`", "write a[i] = value")
    array = target(f, x, node, "itemset")
    *key, value = args
    if len(key) == 1 and isinstance(key[0], Pack):
        set_item(f, array, key[0], value, node)
    else:
        set_item(f, Method(array, "flat"), key[0] if key else constant(0), value, node)
    return NONE


# --- operators as functions ---------------------------------------------------------------------------------------------

IN_PLACE: dict[Any, Callable[..., Any]] = {
    operator.iadd: operator.add, operator.isub: operator.sub, operator.imul: operator.mul,
    operator.itruediv: operator.truediv, operator.ifloordiv: operator.floordiv, operator.imod: operator.mod,
    operator.ipow: operator.pow, operator.imatmul: operator.matmul, operator.iand: operator.and_,
    operator.ior: operator.or_, operator.ixor: operator.xor, operator.ilshift: operator.lshift,
    operator.irshift: operator.rshift, operator.iconcat: operator.add,
}  # fmt: skip


@builtin(*IN_PLACE)
def _augmented(fn: Any, f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    """`operator.iadd(a, b)`: writes into what can be written, and returns it."""
    before, value = args
    made = in_place(f, IN_PLACE[fn], before, value, node, hint)
    return f.storage.load(home(f, before, node)) if made is None else made


@builtin(operator.setitem)
def _setitem(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    set_item(f, args[0], args[1], args[2], node)
    return NONE


@builtin(operator.delitem)
def _delitem(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    delete_item(f, args[0], args[1], node)
    return NONE


def _as_method(op: Any) -> Any:
    def handler(f: Flattener, x: Any, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
        return f.call(constant(op), [x, *args], kwargs, node, hint)

    return handler


for _op in (*IN_PLACE, operator.setitem, operator.delitem, operator.getitem):
    if _op is not operator.iconcat:
        METHODS.update({(kind, f"__{_op.__name__}__"): _as_method(_op) for kind in ("array", "Pack", "Mapping_")})
