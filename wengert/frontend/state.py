"""Stores into attributes: of objects of the program, and of objects from outside, which get them when the function ends.

    self.count = n       the cell of `self` holds a record with another `count`
    CONFIG.last = x      setattr(CONFIG, "last", x), once, at the end
"""

from __future__ import annotations

import ast
import operator
import types
from typing import Any

import numpy as np

from wengert.errors import Problem
from wengert.frontend.attributes import _descriptor, sets
from wengert.frontend.context import Flattener, builtin
from wengert.frontend.expressions import number
from wengert.frontend.items import home, put, set_flat
from wengert.frontend.objects import special
from wengert.frontend.places import WHOLE
from wengert.frontend.values import (
    Pack,
    Place,
    Poison,
    Record,
    Refused,
    Value,
    display,
    plain,
)
from wengert.ir.builder import NONE, constant
from wengert.ir.nodes import Atom, Const, Var
from wengert.ir.types import Array, Number, Opaque


def set_attribute(f: Flattener, base: Value, name: str, value: Value, node: ast.AST) -> None:
    """`base.name = value`."""
    base = plain(base)
    match base:
        case Record(cls=cls):
            found = _descriptor(cls, name)
            if sets(found):
                f.call(constant(type(found).__set__), [constant(found), base, value], {}, node)
                return
            if isinstance(found, property) and found.fset is not None:
                f.call(constant(found.fset), [base, value], {}, node)
                return
            if isinstance(found, property) or getattr(getattr(cls, "__dataclass_params__", None), "frozen", False):
                way = "make a new object, with dataclasses.replace(...)"
                f.refuse(node, f"`{name}` of a `{cls.__name__}` cannot be set", way)
            if special(base, "setattr") is not None:
                f.refuse(node, "a class with a `__setattr__` of its own is not supported", "use properties")
            place = home(f, base, node)
            held = f.storage.contents(place.cell)
            if not isinstance(held, Record):
                f.usable(held, node)
                f.refuse(node, "this attribute cannot be set")
            entries = dict(zip(held.keys, held.items, strict=True)) | {name: f.storage.unload(value, name)}
            f.storage.write(place, Record(cls, tuple(entries), tuple(entries.values())))
        case Const(value=owner) if _has_state(owner):
            _set_state(f, owner, name, value, node)
        case Var(type=Array(shape=tuple())) if name in PARTS and is_complex_array(base):
            set_part(f, base, name, value, node)
        case Var(type=Array() | Number()) if name in PARTS:
            f.refuse(node, f"storing into `.{name}` is not supported", "build the complex array anew")
        case Var(type=Array() | Number()) if name == "flat":
            set_flat(f, base, Pack("slice", (NONE, NONE, NONE)), value, node)
        case Var(type=Array() | Number()) if name == "shape":
            f.refuse(node, "setting the shape of an array is not supported", "use np.reshape")
        case _:
            f.refuse(node, f"setting `{name}` of this is not supported", "keep the value in a local variable")


PARTS = {"real": np.real, "imag": np.imag}
"""What of a complex array can be stored into, and what reads it."""


def is_complex_array(value: Value) -> bool:
    """True for an array with axes that is known to be complex."""
    t = value.type if isinstance(value, Var) else None
    return isinstance(t, Array) and bool(t.shape) and t.dtype is not None and np.dtype(t.dtype).kind == "c"


def set_part(f: Flattener, base: Value, name: str, value: Value, node: ast.AST) -> None:
    """`base.real = value`, `base.imag = value` of a complex array."""
    if getattr(getattr(value, "type", None), "dtype", "") in ("complex64", "complex128") or isinstance(value, Pack):
        f.refuse(node, f"only real numbers can be stored into `.{name}`", "write np.real(...)")
    other = f.apply(PARTS["imag" if name == "real" else "real"], now(f, base))
    mine, rest = (number(f, value, node), other) if name == "real" else (other, number(f, value, node))
    made = f.apply(operator.add, mine, f.apply(operator.mul, constant(1j), rest))
    put(f, base, WHOLE, made, node)  # type: ignore[arg-type]


def part(f: Flattener, base: Value, name: str) -> Value:
    """A copy of `base.real` or `base.imag` that can be changed."""
    copied = f.apply(np.copy, f.apply(PARTS[name], now(f, base)))
    return f.storage.load(f.storage.unload(copied))


def now(f: Flattener, value: Value) -> Atom:
    """An array as it is now."""
    assert isinstance(value, Var)
    current = f.storage.current(value)
    assert isinstance(current, Var | Const)
    return current


@builtin(object.__setattr__)
def _object_setattr(f: Flattener, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str) -> Value:
    """What the `__post_init__` of a frozen dataclass sets attributes with."""
    base, name, value = args
    if not isinstance(base, Record) or not isinstance(name, Const):
        f.refuse(node, "this attribute cannot be set", "write obj.name = value")
    place = home(f, base, node)
    held = f.storage.contents(place.cell)
    if not isinstance(held, Record):
        f.usable(held, node)
        f.refuse(node, "this attribute cannot be set")
    entries = dict(zip(held.keys, held.items, strict=True)) | {name.value: f.storage.unload(value, name.value)}
    f.storage.write(place, Record(held.cls, tuple(entries), tuple(entries.values())))
    return NONE


def _has_state(owner: Any) -> bool:
    """True of objects whose attributes a function may set: no modules, classes, functions."""
    return hasattr(owner, "__dict__") and not isinstance(owner, type | types.ModuleType | types.FunctionType)


def _set_state(f: Flattener, owner: Any, name: str, value: Value, node: ast.AST) -> None:
    """Set an attribute of an object from outside: here at once, on the object when the function ends."""
    found = _descriptor(type(owner), name)
    if isinstance(found, property):
        if found.fset is None:
            f.refuse(node, f"`{name}` of a `{type(owner).__name__}` cannot be set")
        f.call(constant(found.fset), [constant(owner), value], {}, node)
        return
    place = (id(owner), name)
    if place not in f.state_of:
        before: Value = Poison(f"`{name}` is read before it is set")
        if hasattr(owner, name):
            before = f.storage.unload(f.attribute(constant(owner), name, node), name)
        f.state_of[place] = (owner, f.storage.attach(before, name))
    f.storage.write(Place(f.state_of[place][1]), f.storage.unload(value, name))


def leave_state(f: Flattener) -> None:
    """Give the objects from outside the attributes that the function set."""
    for (_, name), (owner, cell) in f.state_of.items():
        shown = display(f.storage.load(f.storage.contents(cell)))
        if shown is None:
            text = f"what `{name}` of a `{type(owner).__name__}` is set to cannot be left on it after the call"
            raise Refused(Problem(text, "set it to a number, an array, or a list or dict of those", f.emit.origin))
        f.emit.apply(setattr, (constant(owner), constant(name), shown), effect=True, type=Opaque())
