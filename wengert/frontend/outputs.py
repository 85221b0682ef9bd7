"""Calls of NumPy that write where they are told: `out=`, `where=` of ufuncs, `ufunc.at`, `copy=False`.

In: any call of a function of NumPy. Out: the value of the call where it writes, None where it is a call like any other.

    b = np.add(x, y, out=a)                 the store a[...] = x + y; `b` and `a` are one array
    np.divide(x, y, out=q, where=y != 0)    q[y != 0] = x[y != 0] / y[y != 0]: what is masked out is not even computed
    np.maximum.at(a, i, v)                  for j in range(len(i)): a[i[j]] = np.maximum(a[i[j]], v[j])
"""

from __future__ import annotations

import ast
import inspect
import operator
import types
from functools import cache
from typing import Any

import numpy as np

from wengert.frontend.attributes import index_operand
from wengert.frontend.context import Flattener
from wengert.frontend.expressions import number
from wengert.frontend.places import is_basic
from wengert.frontend.stores import put
from wengert.frontend.values import Method, Pack, Value
from wengert.frontend.writing import arguments, check, overwrite, part, place_of, shape_operand, target
from wengert.ir.builder import NONE, constant
from wengert.ir.nodes import Arg, Atom, Const, Store, Var
from wengert.ir.types import Array, Float, NumpyScalar, Type, is_scalar, same_shape, shape_of
from wengert.rules.kinds import name_of

Args = list[Value]
Named = dict[str, Value]
WRITING_METHODS: frozenset[str] = frozenset({"fill", "sort", "put", "partition", "itemset"})


def written(f: Flattener, fn: Any, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value | None:
    """The value of a call that writes into one of its arguments; None for every other call."""
    owner = getattr(fn, "__self__", None)
    if isinstance(owner, np.ufunc) and fn.__name__ == "at":
        return at(f, owner, args, kwargs, node)
    if isinstance(fn, types.MethodDescriptorType) and fn.__objclass__ is np.ndarray and fn.__name__ in WRITING_METHODS:
        return f.call(Method(args[0], fn.__name__), args[1:], kwargs, node, hint) if args else None
    draws = isinstance(owner, np.random.Generator | np.random.RandomState)  # NumPy 1 does not tell their module
    if not draws and not isinstance(fn, np.ufunc) and (getattr(fn, "__module__", None) or "").split(".")[0] != "numpy":
        return None
    if draws:
        refuse_random_writes(f, fn.__name__, kwargs, node)
        return None
    if fn is np.nan_to_num:
        return _nan_to_num(f, args, kwargs, node, hint)
    if getattr(fn, "__hash__", None) is None:  # a polynomial that is called
        return None
    place = fn.nin if isinstance(fn, np.ufunc) else out_position(fn)
    outs: Value = kwargs.get("out", NONE)
    rest = {k: v for k, v in kwargs.items() if k != "out"}
    if len(args) > place:
        if isinstance(fn, np.ufunc) or not isinstance(args[place], Const):
            outs = args[place] if len(args) == place + 1 or not isinstance(fn, np.ufunc) else Pack("tuple", tuple(args[place:]))
        rest |= dict(zip(_names_after(fn, place), args[place + 1 :], strict=False)) if not isinstance(fn, np.ufunc) else {}
        args = args[:place]
    elif not ("out" in kwargs or (isinstance(fn, np.ufunc) and "where" in kwargs)):
        return None
    if isinstance(fn, np.ufunc):
        return _ufunc(f, fn, args, rest, outs, node, hint)
    made = f.call(constant(fn), args, rest, node, hint)
    return made if outs == NONE else _into(f, fn, outs, made, "same_kind", node)


def refuse_random_writes(f: Flattener, name: str, kwargs: Named, node: ast.AST) -> None:
    """Random numbers are not written into arrays that the program knows."""
    if name == "shuffle":
        f.refuse(node, "`shuffle` writes in a random order", "index with a permutation: x[rng.permutation(len(x))]")
    if kwargs.get("out", NONE) != NONE:
        f.refuse(node, f"`{name}` with `out` is not supported", "store its result: a[...] = ...")


@cache
def out_position(fn: Any) -> int:
    """At which position a function takes the array to write its result into."""
    try:
        positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
        names = [n for n, p in inspect.signature(fn).parameters.items() if p.kind in positional]
    except (TypeError, ValueError):  # NumPy 1 does not tell it of functions written in C
        return 2 if fn is np.dot else 99
    return names.index("out") if "out" in names else 99


def _names_after(fn: Any, place: int) -> list[str]:
    return list(inspect.signature(fn).parameters)[place + 1 :]


def _into(f: Flattener, fn: Any, out: Value, made: Value, casting: str, node: ast.AST) -> Value:
    """Write a result where the call says; the value of the call is that array."""
    if isinstance(out, Pack) and out.kind == "tuple":
        if len(out.items) == 1:
            return _into(f, fn, out.items[0], made, casting, node)
        if not isinstance(made, Pack) or len(made.items) != len(out.items):
            f.fails(node, f"`{name_of(fn)}` does not have {len(out.items)} results")
        pairs = zip(out.items, made.items, strict=True)
        return Pack("tuple", tuple(m if o == NONE else _into(f, fn, o, m, casting, node) for o, m in pairs))
    array, new = target(f, out, node, f"out= of {name_of(fn)}"), number(f, made, node)
    _check_cast(f, fn, array, new, casting, node)
    place_of(f, array, node)
    return overwrite(f, array, new, node)


def _check_cast(f: Flattener, fn: Any, array: Var, new: Atom, casting: str, node: ast.AST) -> None:
    """Refuse a result that NumPy does not write into an array of that dtype."""
    to, of = getattr(array.type, "dtype", None), getattr(new.type, "dtype", None)
    if to is None or of is None:
        return
    if not np.can_cast(of, to, casting) or (fn is np.dot and of != to):  # type: ignore[arg-type]
        f.refuse(node, f"NumPy cannot write what `{name_of(fn)}` gives, {of}, into an array of {to}", "give `out` that dtype")


# --- ufuncs -------------------------------------------------------------------------------------------------------------


def _ufunc(f: Flattener, fn: np.ufunc, args: Args, rest: Named, outs: Value, node: ast.AST, hint: str) -> Value:
    """A ufunc with `out` or `where`."""
    casting = rest.pop("casting", constant("same_kind"))
    mask = rest.pop("where", constant(True))
    for name, default in (("order", "K"), ("subok", True)):
        if rest.get(name) == constant(default):
            del rest[name]
    if not isinstance(casting, Const):
        f.refuse(node, "the argument `casting` must be known in advance")
    if isinstance(outs, Pack) and outs.kind == "tuple" and len(outs.items) == 1:
        outs = outs.items[0]
    test = number(f, mask, node)
    if isinstance(test, Const) and test.value is True:
        made = f.call(constant(fn), args, rest, node, hint)
        return made if outs == NONE else _into(f, fn, outs, made, casting.value, node)
    if fn.nout != 1 or fn.signature is not None:
        f.refuse(node, f"`{name_of(fn)}` with `where` is not supported", "use np.where on its result")
    return _masked(f, fn, [number(f, a, node) for a in args], rest, test, outs, casting.value, node)


def _masked(
    f: Flattener, fn: np.ufunc, args: list[Atom], rest: Named, mask: Atom, outs: Value, casting: str, node: ast.AST
) -> Value:
    """Only the entries under the mask are computed, so that what lies outside of it can do no harm."""
    if isinstance(mask.type, Array | NumpyScalar) and mask.type.dtype not in (None, "bool"):
        f.refuse(node, "the argument `where` must be an array of booleans", "compare: mask != 0")
    array = None if outs == NONE else target(f, outs, node, f"out= of {name_of(fn)}")
    if array is not None:
        place_of(f, array, node)
    with f.emit.rules():
        like = array if array is not None else _largest(f, [*args, mask])
        if array is not None and shape_of(like.type) == ():
            made = number(f, f.call(constant(fn), list(args), rest, node), node)
            new = part(f, np.where, mask, made, f.storage.current(array))
            return _into(f, fn, outs, new, casting, node)
        chosen = _spread(f, mask, like)
        parts: Args = [a if is_scalar(a.type) else part(f, operator.getitem, _spread(f, a, like), chosen) for a in args]
    new = number(f, f.call(constant(fn), parts, rest, node), node)
    if array is None:
        dtype = getattr(new.type, "dtype", None)
        shown = constant(np.dtype(dtype)) if dtype else f.attribute(new, "dtype", node)
        empty = f.emit.apply(np.empty_like, (like,), (("dtype", shown),))  # type: ignore[arg-type]
        made = Var("", empty.type)
        f.emit.append(Store(made, empty, chosen, new, f.emit.origin))
        return made
    _check_cast(f, fn, array, new, casting, node)
    put(f, array, chosen, new, node)
    return f.storage.load(place_of(f, array, node))


def _largest(f: Flattener, atoms: list[Atom]) -> Atom:
    """A value of the shape that all of them are broadcast to."""
    whole = atoms[0]
    for a in atoms[1:]:
        whole = part(f, np.add, whole, a)
    for a in atoms:
        if shape_of(whole.type) is not None and same_shape(a.type, whole.type) and isinstance(a.type, Array):
            return a
    return part(f, np.asarray, whole)


def _spread(f: Flattener, a: Atom, like: Atom) -> Atom:
    if same_shape(a.type, like.type) and isinstance(a.type, Array):
        return a
    return part(f, np.broadcast_to, a, shape_operand(f, like))


# --- the methods `at` of ufuncs -----------------------------------------------------------------------------------------


def at(f: Flattener, ufunc: np.ufunc, args: Args, kwargs: Named, node: ast.AST) -> Value:
    """`ufunc.at(a, indices, b)`: entry by entry, so that an index that occurs twice is applied twice."""
    name = f"np.{ufunc.__name__}.at"
    given = arguments(f, "a indices b", args, kwargs, node, name)
    array = target(f, given["a"], node, name)
    place_of(f, array, node)
    index = index_operand(f, given["indices"], node)
    operand = () if "b" not in given else (number(f, given["b"], node),)
    check(f, node, lambda a, *b: ufunc.at(a, [0], *b), array, *operand)
    if ufunc is np.add and operand:
        put(f, array, index, operand[0], node, add=True)
    elif ufunc is np.subtract and operand and _has_sign(operand[0].type):
        put(f, array, index, f.apply(operator.neg, operand[0]), node, add=True)
    elif is_basic(index) or (isinstance(index, Var) and getattr(index.type, "dtype", None) == "bool"):
        made = f.call(constant(ufunc), [f.index(array, given["indices"], node), *operand], {}, node)
        put(f, array, index, number(f, made, node), node)
    else:
        body = _each_of_vector if _is_vector(array, index, *operand) else _each if operand else _each_alone
        with f.emit.rules():
            f.call(constant(body), [constant(ufunc), array, given["indices"], *operand], {}, node)
    return NONE


def _has_sign(t: Type) -> bool:
    """True where `x - y` is `x + -y`: the negative of an unsigned integer is not its opposite."""
    return isinstance(t, Float) or np.dtype(getattr(t, "dtype", None) or "b").kind in "fc"


def _is_vector(array: Var, index: Arg, *operand: Arg) -> bool:
    """True where all have one axis, and the last two one length."""
    given = [a.type for a in (array, index, *operand) if isinstance(a, Var) and isinstance(a.type, Array) and a.type.rank == 1]
    return len(given) == 3 and same_shape(given[1], given[2])


def _each_of_vector(ufunc: Any, a: Any, indices: Any, b: Any) -> None:
    for k in range(np.size(indices)):
        a[indices[k]] = ufunc(a[indices[k]], b[k])


def _each(ufunc: Any, a: Any, indices: Any, b: Any) -> None:
    """One call for each entry that the indices select, in their order."""
    numbers = np.reshape(np.arange(np.size(a)), np.shape(a))[indices]
    places, values = np.ravel(np.copy(numbers)), np.ravel(np.broadcast_to(b, np.shape(numbers)))
    flat = np.reshape(np.copy(a), -1)
    for k in range(np.size(places)):
        flat[places[k]] = ufunc(flat[places[k]], values[k])
    a[...] = np.reshape(flat, np.shape(a))


def _each_alone(ufunc: Any, a: Any, indices: Any) -> None:
    places = np.ravel(np.reshape(np.arange(np.size(a)), np.shape(a))[indices])
    flat = np.reshape(np.copy(a), -1)
    for k in range(np.size(places)):
        flat[places[k]] = ufunc(flat[places[k]])
    a[...] = np.reshape(flat, np.shape(a))


# --- copy=False ---------------------------------------------------------------------------------------------------------


def _nan_to_num(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value | None:
    """`np.nan_to_num(x, copy=False)` writes into `x`, and returns it."""
    given = arguments(f, "x copy nan posinf neginf", args, kwargs, node, "np.nan_to_num")
    copies = given.pop("copy", constant(True))
    if not isinstance(copies, Const):
        f.refuse(node, "the argument `copy` must be known in advance")
    x = given["x"]
    if copies.value:
        return None if len(args) < 2 and "copy" not in kwargs else f.call(constant(np.nan_to_num), [], given, node, hint)
    made = f.call(constant(np.nan_to_num), [], given, node, hint)
    if not isinstance(x, Var) or is_scalar(x.type):
        return made
    return overwrite(f, target(f, x, node, "np.nan_to_num"), number(f, made, node), node)
