"""Python functions whose meaning the frontend knows: on structures with known parts, and on types known in advance."""

from __future__ import annotations

import ast
import collections
import functools
import math
import operator
import types
from typing import Any

import numpy as np

from wengert.analyses.complexes import is_complex
from wengert.frontend.branches import choose, choose_value
from wengert.frontend.context import Flattener, builtin
from wengert.frontend.expressions import binary, collect, number, spread, text_of
from wengert.frontend.iterate import Entries, as_iterable, length
from wengert.frontend.objects import call_special
from wengert.frontend.values import (
    Choice,
    Closure,
    Generator,
    Iterable_,
    Mapping_,
    Method,
    Pack,
    Partial,
    Record,
    Rows,
    Value,
    children,
    with_children,
)
from wengert.ir.builder import NONE, constant
from wengert.ir.nodes import Atom, Const, Var
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
        case Record():
            found = call_special(f, args[0], "len", [], node)
            if found is None:
                f.refuse(node, "this object has no length")
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
    return f.attribute(x, "shape", node) if shape_of(x.type) is not None else f.emit.apply(np.shape, (x,), type=Opaque())


@builtin(np.ndim)
def _ndim(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    if isinstance(args[0], Const):
        return constant(np.ndim(args[0].value))
    return f.attribute(number(f, args[0], node), "ndim", node, hint)


@builtin(np.size)
def _size(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    x = number(f, args[0], node)
    if len(args) == 1 and not kwargs:
        return f.attribute(x, "size", node, hint)
    axis = args[1] if len(args) > 1 else kwargs["axis"]
    return f.index(f.call(constant(np.shape), [x], {}, node), axis, node, hint)


@builtin(kinds.known)
def _known(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    return constant(isinstance(args[0], Const))


@builtin(kinds.holds_complex)
def _holds_complex(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    value = args[0]
    return constant(is_complex(value.type) if isinstance(value, Var | Const) else False)


@builtin(isinstance)
def _isinstance(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    value, classes = args
    wanted = [c.value for c in ([classes] if isinstance(classes, Const) else spread(f, classes, node)) if isinstance(c, Const)]
    flat = tuple(c for w in wanted for c in _classes(w))
    if isinstance(value, Var) and value in f.nullable:
        return f.emit.apply(isinstance, (value, constant(flat)), type=Bool())
    if value == NONE:
        return constant(isinstance(None, flat))
    model = _model(value)
    listed = isinstance(value, Var) and isinstance(value.type, List | Tape)
    plain = listed or isinstance(value, Pack | Mapping_)
    foreign = any(issubclass(c, DISGUISED) for c in flat) if plain else model is None
    if foreign and (listed or not isinstance(value, Var)):
        if all(issubclass(c, (*NUMBERS, str, tuple, list, dict, set)) for c in flat) and not plain:
            return constant(False)
        f.refuse(node, "the class of this is not known here", "test for what it can do instead")
    if model is None:
        assert isinstance(value, Var)
        if isinstance(value.type, Number) and not any(issubclass(c, NUMBERS) or c is object for c in flat):
            return constant(False)
        return f.emit.apply(isinstance, (value, constant(flat if len(flat) > 1 else flat[0])), type=Bool())
    return constant(isinstance(model, flat))


def _classes(wanted: Any) -> tuple[Any, ...]:
    """The classes of a tuple of them, of `a | b`, or of one."""
    if isinstance(wanted, types.UnionType):
        return tuple(type(None) if c is None else c for c in wanted.__args__)
    return tuple(c for w in wanted for c in _classes(w)) if isinstance(wanted, tuple) else (wanted,)


NUMBERS = (int, float, complex, np.ndarray, np.generic)
DISGUISED = (collections.deque, collections.defaultdict, collections.OrderedDict)
"""Classes whose objects are kept as plain lists and dicts."""


def _model(value: Value) -> Any:
    """A value of the same Python type, as far as that is known."""
    match value:
        case Const(value=v):
            return v if v is not None else NONE
        case Pack(cls=cls) if cls is not None:
            return cls.__new__(cls, *([0.0] * len(cls._fields)))
        case Iterable_(span=span) if span is not None:
            return range(0)
        case Pack(kind=kind):
            return () if kind == "tuple" else []
        case Mapping_():
            return {}
        case Record(cls=cls):
            return object.__new__(cls)
        case Closure():
            return lambda: None
        case Var(type=t):
            return _model_of_type(t)
        case _:
            return None


def _model_of_type(t: Type) -> Any:
    match t:
        case Bool():
            return False
        case Int():
            return 0
        case Float():
            return 0.0
        case Complex():
            return 0j
        case Array():
            return np.zeros(0)
        case NumpyScalar(dtype=dtype):
            return np.dtype(dtype).type(0)
        case List() | Tape():
            return []
        case _:
            return None


@builtin(callable)
def _callable(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    match args[0]:
        case Const(value=value):
            return constant(callable(value))
        case Record(cls=cls):
            return constant(_has_method(cls, "__call__"))
        case Var(type=Opaque()) as x:
            return f.emit.apply(callable, (x,), type=Bool(), hint=hint)
        case value:
            return constant(isinstance(value, Closure | Partial | Choice | Method))


def _has_method(cls: type, name: str) -> bool:
    """True where objects of the class have a method."""
    return any(name in vars(c) for c in cls.__mro__)


@builtin(hasattr)
def _hasattr(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    value, name = args
    model = _model(value)
    if model is None or not isinstance(name, Const):
        f.refuse(node, "hasattr of a value whose type is not known")
    fields = value.keys if isinstance(value, Record) else ()
    return constant(name.value in fields or hasattr(model, name.value))


@builtin(getattr)
def _getattr(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    name = args[1]
    if not isinstance(name, Const) or not isinstance(name.value, str):
        f.refuse(node, "getattr needs a name known in advance")
    if len(args) == 3 and not _hasattr(f, args[:2], {}, node, "").value:  # type: ignore[union-attr]
        return args[2]
    return f.attribute(args[0], name.value, node, hint)


@builtin(tuple, list)
def _sequence(fn: Any, f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    kind = "list" if fn is list else "tuple"
    if not args:
        return Pack(kind, ())
    made = collect(f, args[0], node, hint)
    return Pack(kind, made.items) if isinstance(made, Pack) else made


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


@builtin(sum)
def _sum(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    start = args[1] if len(args) > 1 else kwargs.get("start", constant(0))
    return _fold(f, args[0], start, lambda acc, item: binary(f, operator.add, acc, item, node), node, hint or "total")


@builtin(math.prod)
def _prod(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    start = kwargs.get("start", constant(1))
    return _fold(f, args[0], start, lambda acc, item: binary(f, operator.mul, acc, item, node), node, hint or "product")


@builtin(functools.reduce)
def _reduce(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    def step(acc: Value, item: Value) -> Value:
        return f.call(args[0], [acc, item], {}, node)

    if len(args) == 3:
        return _fold(f, args[1], args[2], step, node, hint or "total")
    source = as_iterable(f, args[1], node)
    if not isinstance(source, Iterable_):
        f.refuse(node, "reduce over this iterable needs a start value")
    first, rest = _head(f, source, node)
    return _fold(f, rest, first, step, node, hint or "total")


def _head(f: Flattener, source: Iterable_, node: ast.AST) -> tuple[Value, Iterable_]:
    """The first item and the rest."""
    from wengert.frontend.iterate import item_at

    if source.length == constant(0):
        f.refuse(node, "this needs at least one item")

    def item(i: Atom) -> Value:
        return item_at(f, source, f.apply(operator.add, i, constant(1)))

    count = f.apply(operator.sub, source.length, constant(1))
    return item_at(f, source, constant(0)), Iterable_(count, item, unroll=source.unroll)


def _fold(f: Flattener, iterable: Value, start: Value, step: Any, node: ast.AST, hint: str) -> Value:
    """`start` combined with each item in turn."""
    key = f.hidden(hint)
    f.names[key] = f.storage.unload(start, hint)

    def visit(item: Value) -> None:
        f.names[key] = f.storage.unload(step(f.storage.load(f.names[key]), item), hint)

    f.iterate(iterable, visit, node, names=(key,))
    return f.storage.load(f.names.pop(key))


@builtin(max, min)
def _extreme(fn: Any, f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    """The first item that no later one beats, as Python's max and min are."""
    better = operator.gt if fn is max else operator.lt
    keyed = kwargs.get("key", NONE)
    plain = keyed == NONE
    default = kwargs.get("default")

    def ranked(value: Value) -> Value:
        """The value, beside what it is compared by."""
        return value if plain else Pack("tuple", (f.call(keyed, [value], {}, node), value))

    def rank(value: Value) -> Value:
        return value if plain else value.items[0]  # type: ignore[union-attr]

    def step(best: Value, item: Value) -> Value:
        new = ranked(item)
        test = f.truth(binary(f, better, rank(new), rank(best), node), node)
        return choose_value(f, test, lambda: new, lambda: best, hint)

    def found(best: Value) -> Value:
        return best if plain else best.items[1]  # type: ignore[union-attr]

    if len(args) > 1:
        best = ranked(args[0])
        for item in args[1:]:
            best = step(best, item)
        return found(best)
    given = collect(f, args[0], node) if isinstance(args[0], Generator) else args[0]
    source = as_iterable(f, given, node)
    if isinstance(source, Var):
        walked = source
        source = Iterable_(length(f, walked), lambda i: f.index(walked, i, node))

    def of_items() -> Value:
        first, rest = _head(f, source, node)
        return found(_fold(f, rest, ranked(first), step, node, hint or "best"))

    if default is None:
        return of_items()
    some = f.apply(operator.gt, source.length, constant(0))
    return choose_value(f, some, of_items, lambda: default, hint)


@builtin(any, all)
def _any(fn: Any, f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    """Looks at the items until one decides; the items after it are not evaluated."""
    wanted = fn is any
    key, stop = f.hidden(hint or "found"), f.hidden("stopped")
    f.names[key], f.names[stop] = constant(not wanted), constant(False)

    def decide() -> None:
        f.names[key], f.names[stop] = constant(wanted), constant(True)

    def visit(item: Value) -> None:
        test = f.truth(item, node)
        if wanted:
            choose(f, test, decide, lambda: None)
        else:
            choose(f, test, lambda: None, decide)

    f.iterate(args[0], visit, node, names=(key, stop), stop=stop)
    del f.names[stop]
    return f.names.pop(key)


@builtin(float, int, bool, complex)
def _convert(fn: Any, f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    """Conversions of one number; `int` and `bool` cut the derivative."""
    if not args:
        return constant(fn())
    if fn is bool and not isinstance(args[0], Const):
        args = [f.truth(args[0], node)]
    x = number(f, args[0], node)
    if len(args) > 1 or kwargs:
        if fn is not complex or len(args) != 2 or kwargs:
            f.refuse(node, f"`{fn.__name__}` is supported with one argument here")
        return f.emit.apply(complex, (x, number(f, args[1], node)), type=Complex(), hint=hint)
    if isinstance(x, Const) and not isinstance(x.type, Array):
        try:
            return constant(fn(x.value))
        except (TypeError, ValueError) as error:
            f.refuse(node, str(error))
    types: dict[Any, Type] = {float: Float(), int: Int(), bool: Bool(), complex: Complex()}
    return f.emit.apply(fn, (x,), type=types[fn], hint=hint)


@builtin(str, repr, format, print, id, type)
def _about(fn: Any, f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    """Calls that look at values but carry no derivative; `print` is kept and runs once."""
    if fn is type and args[0] == NONE:
        return constant(type(None))
    if fn is type and (model := _model(args[0])) is not None:
        return constant(type(model))
    if fn is not print and all(isinstance(a, Const) for a in args):
        return constant(fn(*(a.value for a in args if isinstance(a, Const))))
    shown = tuple(text_of(f, a, node) for a in args)
    named = tuple((k, text_of(f, v, node)) for k, v in kwargs.items())
    return f.emit.apply(fn, shown, named, type=Opaque(), effect=fn is print, hint=hint)


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
    named = dict(zip(("a", "indices", "axis"), args, strict=False)) | kwargs
    axis = named.pop("axis", NONE)
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
    return Pack("tuple", (binary(f, operator.floordiv, a, b, node), binary(f, operator.mod, a, b, node)))


@builtin(locals, globals, vars, eval, exec, compile, open, input, setattr, delattr, iter, next)
def _refused(fn: Any, f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    f.refuse(node, f"`{fn.__name__}` is not supported inside a differentiated function")


