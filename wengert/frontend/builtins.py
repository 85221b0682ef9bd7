"""Python functions whose meaning the frontend knows: on structures with known parts, and on types known in advance."""

from __future__ import annotations

import ast
import functools
import math
import operator
from typing import Any

import numpy as np

from wengert.analyses.complexes import is_complex
from wengert.frontend import asking, disguised, folds  # noqa: F401  (they fill the tables)
from wengert.frontend.context import Flattener, builtin
from wengert.frontend.expressions import binary, collect, number, spread
from wengert.frontend.iterables import Entries
from wengert.frontend.objects import call_special, members
from wengert.frontend.values import Iterable_, Mapping_, Pack, Partial, Record, Rows, Value, children, with_children
from wengert.ir.builder import NONE, constant
from wengert.ir.nodes import Const, Var
from wengert.ir.types import Array, Bool, Complex, Float, Int, List, Number, NumpyScalar, Opaque, Tape, Type, shape_of
from wengert.rules import kinds
from wengert.runtime import stop_gradient

Args = list[Value]
Named = dict[str, Value]


@builtin(len)
def _len(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    match args[0]:
        case Pack(items=items) | Mapping_(items=items):
            return constant(len(items))
        case Rows(columns=columns):
            return f.call(constant(len), [columns[0]], {}, node, hint)
        case Record(cls=cls) if cls is set:
            return constant(len(members(args[0])))
        case Record():
            found = call_special(f, args[0], "len", [], node)
            if found is None:
                f.fails(node, "this object has no length")
            return found
        case Entries(now=now):
            return now().length
        case Iterable_(length=count):
            return count
        case Const(value=str() | tuple() | list() | dict() | range() as value):
            return constant(len(value))
        case Var() | Const() as x:
            t = x.type
            if isinstance(t, Array) and t.shape and isinstance(t.shape[0], int):
                return constant(t.shape[0])
            size = t.shape[0] if isinstance(t, Array) and t.shape else None
            return f.emit.apply(len, (x,), type=Int(size), hint=hint)
        case _:
            f.refuse(node, "the length of this is not known")


@builtin(np.shape)
def _shape(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    x = number(f, args[0], node)
    dims = shape_of(x.type)
    if dims is None:
        return f.emit.apply(np.shape, (x,), type=Opaque())
    return f.attribute(x, "shape", node) if dims else Pack("tuple", ())


@builtin(np.ndim)
def _ndim(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    if isinstance(args[0], Const):
        return constant(np.ndim(args[0].value))
    return f.attribute(number(f, args[0], node), "ndim", node, hint)


@builtin(np.size)
def _size(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    x = number(f, args[0], node)
    if len(args) == 1 and not kwargs:
        return constant(int(np.size(x.value))) if isinstance(x, Const) else f.attribute(x, "size", node, hint)
    axis = args[1] if len(args) > 1 else kwargs["axis"]
    return f.index(f.call(constant(np.shape), [x], {}, node), axis, node, hint)


@builtin(kinds.known)
def _known(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    return constant(isinstance(args[0], Const))


@builtin(kinds.holds_complex)
def _holds_complex(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    value = args[0]
    return constant(isinstance(value, Var | Const) and (is_complex(value.type) or value in f.complex))


@builtin(tuple, list)
def _sequence(fn: Any, f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    kind = "list" if fn is list else "tuple"
    if not args:
        return Pack(kind, ())
    source = args[0]
    if fn is tuple and isinstance(source, Var) and isinstance(source.type, Array):
        count = (source.type.shape or (None,))[0]
        if isinstance(count, int) and count <= FEW:
            return Pack("tuple", tuple(f.index(source, constant(k), node) for k in range(count)))
    made = collect(f, source, node, hint)
    if isinstance(made, Pack):
        return Pack(kind, made.items)
    if fn is tuple and isinstance(made, Var) and isinstance(made.type, List | Tape) and _may_index(made.type.item):
        own = f.emit.apply(list, (made,), type=made.type, hint=hint)
        assert isinstance(own, Var)
        f.tuples.add(own)
        return own
    return made


FEW = 8
"""The longest array that becomes a tuple of its items."""


def _may_index(t: Type) -> bool:
    """True for types of which a position may be."""
    return isinstance(t, Int | Number | Opaque) or (isinstance(t, NumpyScalar) and t.dtype.startswith(("int", "uint")))


@builtin(dict)
def _dict(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    entries: dict[Any, Value] = {}
    if args and isinstance(args[0], Mapping_):
        entries.update(zip(args[0].keys, args[0].items, strict=True))
    elif args:
        for pair in spread(f, args[0], node):
            if not isinstance(pair, Pack) or not isinstance(pair.items[0], Const):
                f.refuse(node, "a dict key must be known in advance")
            entries[pair.items[0].value] = pair.items[1]
    entries.update(kwargs)
    return Mapping_(tuple(entries), tuple(entries.values()))


@builtin(np.where)
def _where(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    """With one argument, the positions where it holds."""
    from wengert.frontend.calls import operation

    if len(args) == 1 and not kwargs:
        return f.call(constant(np.nonzero), args, {}, node, hint)
    rule = kinds.lookup(np.where)
    assert rule is not None
    return operation(f, rule, args, kwargs, node, hint)


@builtin(np.ndarray)
def _ndarray(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    """`np.ndarray(shape, dtype)` is `np.empty(shape, dtype)`."""
    if not set(kwargs) <= {"shape", "dtype"} or len(args) > 2:
        f.refuse(node, "np.ndarray is understood with a shape and a dtype only", "use np.empty, or np.frombuffer outside")
    return f.call(constant(np.empty), args, kwargs, node, hint)


@builtin(slice)
def _slice(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    given = [NONE, args[0], NONE] if len(args) == 1 else [*args, NONE][:3]
    return Pack("slice", tuple(given))


@builtin(functools.partial)
def _partial(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    return Partial(args[0], tuple(args[1:]), tuple(kwargs.items()))


@builtin(float, int, bool, complex)
def _convert(fn: Any, f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    """Conversions of one number; `int` and `bool` cut the derivative."""
    if not args:
        return constant(fn())
    if fn is bool and not isinstance(args[0], Const):
        args = [f.truth(args[0], node)]
    for name in CONVERSIONS[fn]:
        made = call_special(f, args[0], name, [], node)
        if made is not None:
            args = [made]
            break
    x = number(f, args[0], node)
    if len(args) > 1 or kwargs:
        if fn is not complex or len(args) != 2 or kwargs:
            f.refuse(node, f"`{fn.__name__}` is supported with one argument here")
        return f.emit.apply(complex, (x, number(f, args[1], node)), type=Complex(), hint=hint)
    if isinstance(x, Const) and not isinstance(x.type, Array):
        try:
            return constant(fn(x.value))
        except (TypeError, ValueError) as error:
            f.fails(node, str(error))
    types: dict[Any, Type] = {float: Float(), int: Int(), bool: Bool(), complex: Complex()}
    return f.emit.apply(fn, (x,), type=types[fn], hint=hint)


CONVERSIONS: dict[Any, tuple[str, ...]] = {
    float: ("float", "index"), int: ("int", "index", "trunc"), complex: ("complex", "float", "index"), bool: (),
}  # fmt: skip
"""The methods of an object that Python asks for a number, the first that there is."""


@builtin(math.fsum)
def _fsum(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    """Of a list or an array of what is iterated over."""
    from wengert.frontend.calls import operation

    rule = kinds.lookup(math.fsum)
    assert rule is not None
    given = [a if isinstance(a, Var | Const | Pack) else collect(f, a, node) for a in args]
    return operation(f, rule, given, kwargs, node, hint)


@builtin(stop_gradient)
def _stop_gradient(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    def stopped(value: Value) -> Value:
        parts = children(value)
        if parts is not None:
            return with_children(value, tuple(map(stopped, parts)))
        return f.apply(stop_gradient, value, hint=hint) if isinstance(value, Var) else value

    return stopped(args[0])


@builtin(operator.getitem)
def _getitem(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    return f.index(args[0], args[1], node, hint)


@builtin(np.take)
def _take(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    """`np.take(x, i, k)` is `x[:, ..., i]` with as many slices as axes before the k-th."""
    named = dict(zip(("a", "indices", "axis", "out", "mode"), args, strict=False)) | kwargs
    axis, mode, out = named.pop("axis", NONE), named.pop("mode", constant("raise")), named.pop("out", NONE)
    if mode != constant("raise") and out == NONE and isinstance(mode, Const) and isinstance(axis, Const):
        x, indices = number(f, named["a"], node), number(f, named["indices"], node)
        return f.apply(np.take, x, indices, axis=axis, mode=mode, hint=hint)
    if out != NONE:
        named["out"] = out  # refused below
    if set(named) != {"a", "indices"} or not isinstance(axis, Const):
        f.refuse(node, "`np.take` is differentiated with an axis known in advance and no other options")
    x = number(f, named["a"], node)
    if axis == NONE:
        return f.index(f.apply(np.ravel, x), named["indices"], node, hint)
    rank = shape_of(x.type)
    if axis.value < 0 and rank is None:
        f.refuse(node, "`np.take` with a negative axis needs an array whose rank is known")
    before = axis.value if axis.value >= 0 or rank is None else axis.value + len(rank)
    everything = Pack("slice", (NONE, NONE, NONE))
    made = f.index(x, Pack("tuple", (*((everything,) * before), named["indices"])), node, hint)
    return f.apply(np.copy, made, hint=hint) if isinstance(made, Var) and made in f.storage.homes else made


@builtin(divmod)
def _divmod(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    a, b = args
    made = call_special(f, a, "divmod", [b], node)
    if made is not None:
        return made
    return Pack("tuple", (binary(f, operator.floordiv, a, b, node), binary(f, operator.mod, a, b, node)))


@builtin(locals, globals, vars, eval, exec, compile, open, input, delattr)
def _refused(fn: Any, f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    f.refuse(node, f"`{fn.__name__}` is not supported inside a differentiated function")


