"""Attributes and subscripts: of arrays, of structures with known parts, of modules and objects."""

from __future__ import annotations

import ast
import functools
import operator
import types
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from wengert.frontend import disguised, distributions
from wengert.frontend.chosen import item_of_dict, item_of_list
from wengert.frontend.context import ATTRIBUTE, INDEX, TRUTH, Flattener
from wengert.frontend.expressions import number
from wengert.frontend.grids import grid
from wengert.frontend.iterables import item_at
from wengert.frontend.lists import row, slice_of_list
from wengert.frontend.maybe import is_there
from wengert.frontend.numpy_objects import field_of, joined, of_memory
from wengert.frontend.objects import call_special, members, super_attribute
from wengert.frontend.source import Binding
from wengert.frontend.values import (
    Closure,
    Iterable_,
    Mapping_,
    Maybe,
    Method,
    Pack,
    Partial,
    Poison,
    Record,
    Rows,
    Super,
    Value,
    display,
)
from wengert.ir.builder import constant
from wengert.ir.nodes import Atom, Const, Display, Var
from wengert.ir.types import Array, Int, List, Number, NumpyScalar, Opaque, Tape, Tuple, is_scalar, shape_of

BOUNDS = ("start", "stop", "step")
ARRAY_VALUES: dict[str, Callable[..., Any]] = {"T": np.transpose, "real": np.real, "imag": np.imag, "size": np.size}


def attribute(f: Flattener, receiver: Value, name: str, node: ast.AST, hint: str = "") -> Value:
    """`receiver.name`."""
    match receiver:
        case Super():
            return super_attribute(f, receiver, name, node)
        case Record(cls=cls) if sets(_descriptor(cls, name)):
            return _class_attribute(f, receiver, cls, name, node)
        case Record(keys=keys, items=items) if name in keys:
            return f.usable(items[keys.index(name)], node)
        case Record(cls=cls) if cls is set or name == "__dict__":
            return Method(receiver, name)
        case Record(cls=cls):
            return _class_attribute(f, receiver, cls, name, node)
        case Pack(kind="slice", items=bounds) if name in BOUNDS:
            return bounds[BOUNDS.index(name)]
        case Pack(cls=cls) if cls is not None and name in cls._fields:
            return f.usable(receiver.items[tuple(cls._fields).index(name)], node)
        case Pack(cls=cls) if cls is not None and isinstance(_descriptor(cls, name), property | types.FunctionType):
            return _class_attribute(f, receiver, cls, name, node)
        case Closure(node=made) if name in ("__name__", "__qualname__"):
            return constant(getattr(made, "name", "<lambda>"))
        case Partial(function=Const(value=types.FunctionType() as function)) if name in ("__name__", "__qualname__", "__doc__"):
            return constant(getattr(function, name))
        case Const() if not isinstance(receiver.type, Array | NumpyScalar):
            return _static_attribute(f, receiver, name, node)
        case Var(type=Opaque()):
            return Method(receiver, name)
        case Var(type=Tuple()) if (place := field_of(f, receiver, name)) is not None:
            return f.index(receiver, constant(place), node, hint)
        case Var() | Const():
            return array_attribute(f, receiver, name, node, hint)
        case _:
            return Method(receiver, name)


def array_attribute(f: Flattener, x: Atom, name: str, node: ast.AST, hint: str) -> Value:
    """An attribute of a number or an array; anything else is a method to be called."""
    if name == "shape":
        return shape(f, x)
    if name == "ndim":
        known = shape_of(x.type)
        return constant(len(known)) if known is not None else f.emit.apply(np.ndim, (x,), type=Int(), hint=hint)
    if name == "size":
        return size(f, x, hint)
    if name in ARRAY_VALUES:
        return f.apply(ARRAY_VALUES[name], x, hint=hint)
    if name == "dtype":
        dtype = getattr(x.type, "dtype", None)
        return constant(np.dtype(dtype)) if dtype else f.emit.apply(getattr, (x, constant(name)), type=Opaque())
    made = of_memory(f, x, name, node, hint)
    return Method(x, name) if made is None else made


def shape(f: Flattener, x: Atom) -> Value:
    """The shape as a tuple of what is known: ints, and lengths read where they are not."""
    dims = shape_of(x.type)
    if dims is None:
        return f.emit.apply(np.shape, (x,), type=Opaque())
    items: list[Atom] = []
    for k, d in enumerate(dims):
        if isinstance(d, int):
            items.append(constant(d))
        else:
            whole = f.emit.apply(getattr, (x, constant("shape")), type=Opaque(), inline=True)
            items.append(f.emit.apply(operator.getitem, (whole, constant(k)), type=Int(d)))
    return Pack("tuple", tuple(items))


def size(f: Flattener, x: Atom, hint: str = "") -> Atom:
    dims = shape_of(x.type)
    if dims is not None and all(isinstance(d, int) for d in dims):
        return constant(int(np.prod([d for d in dims if isinstance(d, int)])))
    first = dims[0] if dims is not None and len(dims) == 1 else None
    op, args = (getattr, (x, constant("size"))) if isinstance(x.type, Array) else (np.size, (x,))
    return f.emit.apply(op, args, type=Int(first), hint=hint)


def _static_attribute(f: Flattener, receiver: Const, name: str, node: ast.AST) -> Value:
    """An attribute of a module, class or object; numbers on objects are read when the derivative is called."""
    owner = receiver.value
    if isinstance(owner, np.finfo | np.iinfo) and not callable(getattr(owner, name, len)):
        return constant(getattr(owner, name))
    if (id(owner), name) in f.state_of:
        return f.usable(f.storage.load(f.storage.contents(f.state_of[id(owner), name][1])), node)
    descriptor = _descriptor(type(owner), name)
    if isinstance(descriptor, property) and isinstance(descriptor.fget, types.FunctionType):
        return f.call(constant(descriptor.fget), [receiver], {}, node)
    try:
        value = getattr(owner, name)
    except AttributeError as error:
        f.fails(node, str(error))
    if isinstance(owner, types.ModuleType) and (owner.__name__.split(".")[0] in _FIXED or callable(value)):
        return constant(value)
    of_distribution = distributions.method(f, owner, name, value, node)
    if of_distribution is not None:
        return of_distribution
    if not isinstance(owner, str | int | float | complex | bytes | np.dtype | tuple) and callable(value):
        f.guard(Binding("attribute", type(owner) if descriptor is not None and not isinstance(owner, type) else owner, name))
    if isinstance(value, types.MethodType) and isinstance(value.__func__, types.FunctionType) and name not in GENERATED:
        return Partial(constant(value.__func__), (constant(value.__self__),))
    if isinstance(owner, str | int | float | complex | bytes | np.dtype | tuple):
        return Method(receiver, name) if callable(value) else constant(value)
    if callable(value):
        return constant(value)
    if isinstance(owner, type):
        return _class_value(f, owner, name, value)
    return f.capture(f, Binding("attribute", owner, name), name)


def _class_value(f: Flattener, cls: type, name: str, value: Any) -> Value:
    """What a class keeps for its objects: floats, arrays and containers are read when the derivative is called."""
    binding = Binding("attribute", cls, name)
    read = isinstance(value, float | complex | np.ndarray | np.inexact | list | dict | tuple)
    if read and not f.emit.generated:
        return f.capture(f, binding, name)
    if not f.emit.generated and not _is_fixed(cls):
        f.guard(binding)
    return constant(value)


def _is_fixed(cls: type) -> bool:
    return cls.__module__.split(".")[0] in (*_FIXED, "builtins", "enum")


GENERATED = ("_replace", "_asdict", "_make", "index", "count")

_FIXED = {"numpy", "math", "cmath", "scipy", "sys"}


def _descriptor(cls: type, name: str) -> Any:
    return next((base.__dict__[name] for base in cls.__mro__ if name in base.__dict__), None)


def sets(descriptor: Any) -> bool:
    """True of a descriptor, written in Python, that comes before what an object has under its name."""
    return isinstance(getattr(type(descriptor), "__set__", None), types.FunctionType)


def _class_attribute(f: Flattener, receiver: Record | Pack, cls: type, name: str, node: ast.AST) -> Value:
    """A method or property of a class."""
    found = _descriptor(cls, name)
    if isinstance(receiver, Pack) and name in GENERATED:
        return Method(receiver, name)  # the class has them from `namedtuple`
    match found:
        case property(fget=types.FunctionType() as getter):
            return f.call(constant(getter), [receiver], {}, node)
        case types.FunctionType():
            return Partial(constant(found), (receiver,))
        case staticmethod():
            return constant(found.__func__)
        case classmethod():
            return Partial(constant(found.__func__), (constant(cls),))
        case functools._lru_cache_wrapper():
            return Partial(constant(found), (receiver,))
        case functools.partialmethod(func=types.FunctionType() as made, args=given, keywords=named):
            options = tuple((k, constant(v)) for k, v in named.items())
            return Partial(constant(made), (receiver, *map(constant, given)), options)
        case functools.cached_property(func=types.FunctionType() as made):
            value = f.storage.kept(f.call(constant(made), [receiver], {}, node), name)
            f.call(constant(object.__setattr__), [receiver, constant(name), value], {}, node)
            return value
        case None:
            f.fails(node, f"`{cls.__name__}` has no attribute `{name}`")
        case _ if isinstance(getattr(type(found), "__get__", None), types.FunctionType):
            return f.call(constant(type(found).__get__), [constant(found), receiver, constant(cls)], {}, node)
        case _:
            return _class_value(f, cls, name, getattr(cls, name))


# --- subscripts ---------------------------------------------------------------------------------------------------------


def index(f: Flattener, base: Value, key: Value, node: ast.AST, hint: str = "") -> Value:
    """`base[key]`."""
    made = joined(f, base, key, node, hint)
    if made is None:
        made = grid(f, base, key, node, hint)
    if made is not None:
        return made
    if isinstance(key, Record) and not isinstance(base, Record) and (at := call_special(f, key, "index", [], node)) is not None:
        key = at
    match base, key:
        case Pack(), Const(value=int() as k):
            if not -len(base.items) <= k < len(base.items):
                f.fails(node, f"index {k} is out of range for {len(base.items)} items")
            return f.usable(base.items[k], node)
        case Pack(), Pack(kind="slice") if all(isinstance(i, Const) for i in key.items):
            return Pack(base.kind, base.items[slice(*(i.value for i in key.items if isinstance(i, Const)))])
        case Mapping_(factory=factory, home=home), Const() if key.value not in base.keys and factory is not None and home:
            f.set_item(base, key, f.call(factory, [], {}, node), node)
            return f.index(f.storage.load(home), key, node)
        case Mapping_(), Const():
            if key.value not in base.keys:
                if (found := disguised.missing(f, base)) is not None:
                    return found
                f.fails(node, f"key {key.value!r} is not in the dict")
            return f.usable(base.items[base.keys.index(key.value)], node)
        case Mapping_(), Pack():
            wanted = tuple(i.value for i in key.items if isinstance(i, Const))
            if wanted in base.keys:
                return f.usable(base.items[base.keys.index(wanted)], node)
            if base.factory is not None and base.home is not None and len(wanted) == len(key.items):
                f.set_item(base, key, f.call(base.factory, [], {}, node), node)
                return f.index(f.storage.load(base.home), key, node)
            if len(wanted) == len(key.items) and (found := disguised.missing(f, base)) is not None:
                return found
            f.fails(node, f"key {wanted!r} is not in the dict")
        case Rows(), Var() | Const():
            return row(f, base, key, node)
        case Rows(columns=columns), Pack(kind="slice"):
            return Rows(base.layout, tuple(f.index(c, key, node) for c in columns))
        case Record(), _:
            found = call_special(f, base, "getitem", [key], node)
            if found is None:
                f.fails(node, f"`{base.cls.__name__}` objects have no items")
            return found
        case Mapping_(), _:
            return item_of_dict(f, base, key, node)
        case Const(), Const() if isinstance(base.type, Opaque):
            return constant(base.value[key.value])
        case Iterable_(length=count), Const(value=int() as k):
            return item_at(f, base, key if k >= 0 else f.apply(operator.add, count, key))
        case Iterable_(), Var(type=Int()):
            return item_at(f, base, key)
        case _:
            return _array_index(f, base, key, node, hint)


def _array_index(f: Flattener, base: Value, key: Value, node: ast.AST, hint: str) -> Value:
    if isinstance(base, Method) and base.name == "__dict__" and isinstance(key, Const):
        return f.attribute(base.receiver, str(key.value), node, hint)
    if isinstance(base, Method) and base.name == "flat":
        return f.index(f.apply(np.ravel, number(f, base.receiver, node)), key, node, hint)
    if isinstance(base, Pack):
        return item_of_list(f, base, key, node)
    array = base if isinstance(base, Var | Const) else number(f, base, node)
    shown = index_operand(f, key, node)
    if isinstance(array.type, Number) and isinstance(shown, Const) and isinstance(shown.value, str):
        f.refuse(node, "it is not known here that this is a dict", "ask with arguments: .lower(...)")
    t = array.type
    if isinstance(t, Tape | List):
        if isinstance(shown, Display):
            return slice_of_list(f, array, shown, hint)
        made = f.emit.apply(operator.getitem, (array, shown), type=t.item, hint=hint)
        f.storage.note(made, operator.getitem, (array, shown), ())
        return made
    if isinstance(t, Tuple) and isinstance(shown, Const):
        made = f.emit.apply(operator.getitem, (array, shown), type=t.items[shown.value], hint=hint)
        f.storage.note(made, operator.getitem, (array, shown), ())
        return made
    if isinstance(t, Opaque):
        return f.emit.apply(operator.getitem, (array, shown), type=Opaque(), hint=hint)
    if is_scalar(t) and not isinstance(t, NumpyScalar):
        f.fails(node, "a number cannot be indexed")
    return f.apply(operator.getitem, array, shown, hint=hint)


def index_operand(f: Flattener, key: Value, node: ast.AST) -> Any:
    """A subscript as one operand: ints, slices, arrays and tuples of them."""
    shown = display(_with_arrays(f, key))
    if isinstance(key, Var) and key in f.tuples:
        f.refuse(node, "an index that is a tuple of unknown length is not supported", "unpack it: i, j = ...; then [i, j]")
    if shown is None:
        f.refuse(node, "this cannot be used as an index")
    return shown


def _with_arrays(f: Flattener, key: Value) -> Value:
    """A subscript with its ranges as NumPy takes them: arrays of ints."""
    match key:
        case Iterable_(span=(start, stop, step)):
            return f.apply(np.arange, start, stop, step)
        case Pack(kind="tuple", items=items):
            return replace(key, items=tuple(_with_arrays(f, i) for i in items))
        case _:
            return key


def truth(f: Flattener, value: Value, node: ast.AST) -> Atom:
    """The test of a branch: decided now where the value is known and is not a float."""
    match value:
        case Const():
            return constant(bool(value.value)) if not isinstance(value.type, Array) else value
        case Var():
            return value
        case Rows(columns=columns):
            return truth(f, columns[0], node)
        case Record(cls=cls) if cls is set:
            return constant(bool(members(value)))
        case Record():
            held = call_special(f, value, "bool", [], node) or call_special(f, value, "len", [], node)
            return constant(True) if held is None else truth(f, held, node)
        case Pack(items=items) | Mapping_(items=items):
            return constant(bool(items))
        case Iterable_(once=False):
            return truth(f, f.call(constant(len), [value], {}, node), node)
        case Poison():
            return truth(f, f.usable(value, node), node)
        case Maybe(value=inner):
            from wengert.frontend.branches import choose_value

            there = is_there(f, value, True)
            filled = truth(f, inner, node)
            if filled == constant(True):
                return there
            held = choose_value(f, there, lambda: truth(f, inner, node), lambda: constant(False))
            return truth(f, held, node)
        case _:
            return constant(True)


ATTRIBUTE.append(attribute)
INDEX.append(index)
TRUTH.append(truth)
