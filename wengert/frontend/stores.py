"""Stores: into arrays, containers and objects, through whatever name.

`a[i] = e`, `a.x = e`, `a += e`, `del a[i]`. A store into an array makes a new version of its cell (`places.py`); a list,
dict or object whose parts are known gets new contents.

    a[1:] += x       AddStore(a, 1:, x)
    p["w"] = w       the cell of p holds {"w": w, ...}
"""

from __future__ import annotations

import ast
import operator
import types
from typing import Any

import numpy as np

from wengert.errors import Problem
from wengert.frontend.attributes import _descriptor, index_operand
from wengert.frontend.context import SET_ITEM, Flattener, builtin
from wengert.frontend.expressions import BINARY, binary, number, spread
from wengert.frontend.lists import holds_tape, is_run_time_list, lists_of, set_row
from wengert.frontend.objects import special
from wengert.frontend.places import WHOLE, is_basic
from wengert.frontend.values import (
    Mapping_,
    Method,
    Pack,
    Place,
    Poison,
    Record,
    Refused,
    Rows,
    Value,
    children,
    display,
    with_children,
)
from wengert.ir.builder import NONE, constant
from wengert.ir.nodes import Arg, Atom, Const, Display, Var
from wengert.ir.types import Array, Float, Int, List, Number, NumpyScalar, Opaque, Tape, is_scalar
from wengert.runtime import deep_list

# --- items --------------------------------------------------------------------------------------------------------------


def set_item(f: Flattener, base: Value, key: Value, value: Value, node: ast.AST) -> None:
    """`base[key] = value`."""
    match base:
        case Pack(kind="list") | Mapping_():
            _set_part(f, base, key, value, node)
        case Method(receiver=Var() as array, name="flat"):
            set_flat(f, array, key, value, node)
        case Var() if not is_scalar(base.type):
            _set_array(f, base, key, value, node)
        case Rows():
            place = home(f, base, node)
            held = f.storage.contents(place.cell)
            assert isinstance(held, Rows)
            set_row(f, held, place, key, value, node)
        case Pack():
            f.refuse(node, f"a {base.kind} cannot be changed", "use a list")
        case Record(cls=cls):
            setter = _descriptor(cls, "__setitem__")
            if setter is None:
                f.refuse(node, f"`{cls.__name__}` objects have no items to set")
            f.call(constant(setter), [base, key, value], {}, node)
        case _:
            f.refuse(node, "storing into this is not supported", "store into an array, a list or a dict made in the function")


def _set_array(f: Flattener, base: Var, key: Value, value: Value, node: ast.AST) -> None:
    index = index_operand(f, key, node)
    if isinstance(base.type, List | Tape):
        set_listed(f, base, index, value, node)
        return
    if isinstance(base.type, Opaque):
        f.refuse(node, "storing into a value of which nothing is known is not supported", "make it an array: np.array(...)")
    put(f, base, index, number(f, value, node), node)


def set_listed(f: Flattener, base: Var, index: Arg, value: Value, node: ast.AST) -> None:
    """An item of a run-time list."""
    item = base.type.item if isinstance(base.type, List | Tape) else Number()
    atom = number(f, value, node)
    if isinstance(index, Display) or not _fits(item, atom):
        f.refuse(node, "this store into a list made by a loop is not supported yet", "use an array")
    place = home(f, base, node)
    root = f.storage.contents(place.cell)
    if isinstance(root, Var) and holds_tape(root.type):
        f.storage.detach(place.cell)
        made = f.emit.apply(deep_list, (root,), type=lists_of(root.type))
        f.storage.write(Place(place.cell), made, items=True)
    f.storage.gather(place.cell, f.storage.memory((atom,)))
    f.storage.put(place, index, atom)


def _fits(item: Any, atom: Atom) -> bool:
    return item == atom.type or (is_scalar(item) and is_scalar(atom.type)) or (
        isinstance(item, Array) and isinstance(atom.type, Array) and item.dtype == atom.type.dtype
        and len(item.shape or ()) == len(atom.type.shape or ())
    )  # fmt: skip


def put(f: Flattener, base: Var, index: Arg, value: Atom, node: ast.AST, add: bool = False) -> None:
    """Store an atom into what `index` selects of an array."""
    place = home(f, base, node)
    now = f.storage.current(value)
    assert isinstance(now, Var | Const)
    f.storage.put(place, _now(f, index), now, add)


def _now(f: Flattener, index: Arg) -> Arg:
    """The index as it is now; an array among its parts that may be written later is one of its own already."""
    return f.storage.current(index)


def home(f: Flattener, base: Value, node: ast.AST) -> Place:
    """Where a value is kept that is about to be written."""
    if isinstance(base, Pack | Mapping_ | Record | Rows):
        if base.home is not None:
            return base.home
    elif isinstance(base, Var) and base in f.storage.homes:
        return f.storage.homes[base][0]
    elif isinstance(base, Var):
        for cell, _ in f.storage.origins.get(base, ()):
            f.storage.unknown(cell, "it is not known whether this writes into `{}` or into a copy of it")
    f.refuse(node, "this stores into a value that has no name", "give it a name first")


def set_flat(f: Flattener, array: Var, key: Value, value: Value, node: ast.AST) -> None:
    """`array.flat[key] = value`: by the C order of the entries, whatever the layout."""
    from wengert.frontend.writing import store_flat

    store_flat(f, array, index_operand(f, key, node), number(f, value, node), node)


def _set_part(f: Flattener, base: Pack | Mapping_, key: Value, value: Value, node: ast.AST) -> None:
    place = home(f, base, node)
    held = f.storage.contents(place.cell)
    kept = f.storage.unload(value)
    match held:
        case Pack(items=items):
            f.storage.write(place, Pack("list", _set_listed_items(f, items, key, value, kept, node)))
        case Mapping_(keys=keys, items=items):
            k = _static_key(f, key, node)
            entries = dict(zip(keys, items, strict=True)) | {k: kept}
            f.storage.write(place, Mapping_(tuple(entries), tuple(entries.values()), factory=held.factory))
        case Var():
            set_listed(f, held, index_operand(f, key, node), value, node)
        case _:
            f.usable(held, node)
            f.refuse(node, "this item cannot be set")


def _set_listed_items(
    f: Flattener, items: tuple[Value, ...], key: Value, value: Value, kept: Value, node: ast.AST
) -> tuple[Value, ...]:
    match key:
        case Const(value=int() as k):
            if not -len(items) <= k < len(items):
                f.refuse(node, f"index {k} is out of range for {len(items)} items")
            k %= len(items)
            return (*items[:k], kept, *items[k + 1 :])
        case Pack(kind="slice", items=bounds) if all(isinstance(b, Const) for b in bounds):
            changed: list[Value] = list(items)
            new = [f.storage.unload(v) for v in spread(f, value, node)]
            try:
                changed[slice(*(b.value for b in bounds if isinstance(b, Const)))] = new
            except ValueError as error:
                f.refuse(node, str(error))
            return tuple(changed)
        case Var():
            return tuple(_chosen(f, k, len(items), key, item, kept, node) for k, item in enumerate(items))
        case _:
            f.refuse(node, "a list is indexed by an int or a slice")


def _chosen(f: Flattener, k: int, count: int, key: Var, item: Value, kept: Value, node: ast.AST) -> Value:
    """The k-th item of a list after a store at an index of run time."""
    from wengert.frontend.branches import choose_value

    if not isinstance(key.type, Int | NumpyScalar | Number):
        f.refuse(node, "a list is indexed by an int or a slice")
    here = f.emit.apply(operator.contains, (Display("tuple", (constant(k), constant(k - count))), key))
    load = f.storage.load
    return f.storage.unload(choose_value(f, here, lambda: load(kept), lambda: load(item)))


def _static_key(f: Flattener, key: Value, node: ast.AST) -> Any:
    if isinstance(key, Const):
        return key.value
    if isinstance(key, Pack) and key.kind == "tuple":
        return tuple(_static_key(f, k, node) for k in key.items)
    f.refuse(node, "a dict key must be known in advance", "use a literal, or a list indexed by an int")


# --- attributes ---------------------------------------------------------------------------------------------------------


def set_attribute(f: Flattener, base: Value, name: str, value: Value, node: ast.AST) -> None:
    """`base.name = value`."""
    match base:
        case Record(cls=cls):
            found = _descriptor(cls, name)
            if isinstance(found, property) and found.fset is not None:
                f.call(constant(found.fset), [base, value], {}, node)
                return
            if isinstance(found, property) or getattr(getattr(cls, "__dataclass_params__", None), "frozen", False):
                f.refuse(node, f"`{name}` of a `{cls.__name__}` cannot be set")
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
        case Var(type=Array() | Number()) if name in ("real", "imag"):
            f.refuse(node, f"storing into `.{name}` is not supported", "build the complex array anew")
        case Var(type=Array() | Number()) if name == "flat":
            set_flat(f, base, Pack("slice", (NONE, NONE, NONE)), value, node)
        case Var(type=Array() | Number()) if name == "shape":
            f.refuse(node, "setting the shape of an array is not supported", "use np.reshape")
        case _:
            f.refuse(node, f"setting `{name}` of this is not supported", "keep the value in a local variable")


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


# --- augmented assignment -----------------------------------------------------------------------------------------------


def augment(f: Flattener, node: ast.AugAssign) -> None:
    """`target op= value`: in place for arrays and lists, a new value for the rest."""
    op = BINARY[type(node.op)]
    match node.target:
        case ast.Name(id=name):
            before = f.read(name, node.target)
            made = in_place(f, op, before, f.expression(node.value), node, name)
            if made is not None:
                f.bind(name, made)
        case ast.Subscript(value=inner, slice=index):
            base = f.expression(inner)
            key = f.expression(index)
            _augment_item(f, op, base, key, node)
        case ast.Attribute(value=inner, attr=name):
            base = f.expression(inner)
            before = f.attribute(base, name, node)
            made = in_place(f, op, before, f.expression(node.value), node, name)
            if made is not None:
                set_attribute(f, base, name, made, node)


def _augment_item(f: Flattener, op: Any, base: Value, key: Value, node: ast.AugAssign) -> None:
    """`base[key] op= value`, with `base` and `key` evaluated once."""
    before = f.index(base, key, node)
    if not isinstance(base, Var) or not isinstance(base.type, Array | Number):
        made = in_place(f, op, before, f.expression(node.value), node)
        if made is not None:
            set_item(f, base, key, made, node)
        return
    index = index_operand(f, key, node)
    place = home(f, base, node)
    held = f.storage.contents(place.cell)
    value = f.expression(node.value)
    untouched = f.storage.contents(place.cell) is held
    if op in (operator.add, operator.sub) and is_basic(index) and untouched and (op is operator.add or _signed(base, value)):
        added = number(f, value, node)
        put(f, base, index, added if op is operator.add else f.apply(operator.neg, added), node, add=True)
        return
    made = binary(f, op, before, value, node)
    _check_cast(f, base, before, made, node)
    set_item(f, base, key, made, node)


def _signed(base: Var, value: Value) -> bool:
    """True where `base -= value` is `base += -value`: the negative of an unsigned integer is not."""
    types = [t for t in (base.type, getattr(value, "type", None)) if t is not None]
    return any(isinstance(t, Float) or np.dtype(getattr(t, "dtype", None) or "b").kind in "fc" for t in types)


def in_place(f: Flattener, op: Any, before: Value, value: Value, node: ast.AST, hint: str = "") -> Value | None:
    """`before op= value`: done in place where None is returned, otherwise the new value for whoever held the old one."""
    if isinstance(before, Pack) and before.kind == "list" and op in (operator.add, operator.mul):
        made = binary(f, op, before, Pack("list", tuple(spread(f, value, node))) if op is operator.add else value, node)
        _refill(f, before, made, node)
        return None
    if is_run_time_list(before) and op is operator.add:
        f.call(f.attribute(before, "extend", node), [value], {}, node)
        return None
    if isinstance(before, Mapping_) and op is operator.or_:
        _refill(f, before, binary(f, op, before, value, node), node)
        return None
    if isinstance(before, Record):
        name = f"__i{op.__name__.strip('_')}__"
        method = _descriptor(before.cls, name)
        if method is None:
            return binary(f, op, before, value, node, hint)
        return f.call(constant(method), [before, value], {}, node)
    if not isinstance(before, Var) or not isinstance(before.type, Array | Number):
        return binary(f, op, before, value, node, hint)
    if before not in f.storage.homes:
        for cell, _ in f.storage.origins.get(before, ()):
            f.storage.unknown(cell, "it is not known whether this writes into `{}` or into a copy of it")
        return binary(f, op, before, value, node, hint)
    place = f.storage.homes[before][0]
    if place.path and op in (operator.add, operator.sub) and _signed(before, value):
        added = number(f, value, node)
        put(f, before, WHOLE, added if op is operator.add else f.apply(operator.neg, added), node, add=True)
        return None
    made = binary(f, op, before, value, node, hint)
    _check_cast(f, before, before, made, node)
    now = f.storage.current(before)
    if isinstance(before.type, Number) and isinstance(made, Var):
        return _rebound(f, place, made, node)
    if not place.path and isinstance(made, Var) and made.type == now.type:  # type: ignore[union-attr]
        f.storage.replace(place, made)
        return None
    put(f, before, WHOLE, number(f, made, node), node)
    return None


def _rebound(f: Flattener, place: Place, made: Var, node: ast.AST) -> Value | None:
    """A number or an array, it is not known which: only where nobody else can see the difference."""
    if place.path or f.storage.holders(place.cell) > 1:
        f.refuse(
            node,
            "it is not known whether this writes into an array that other names share, or makes a new number",
            "ask with arguments: .lower(...), or write `x = x + ...`",
        )
    f.storage.replace(place, made)
    return None


def _check_cast(f: Flattener, base: Var, before: Value, made: Value, node: ast.AST) -> None:
    """NumPy refuses in-place arithmetic whose result the array cannot hold."""
    if not isinstance(before, Var) or not isinstance(before.type, Array) or not isinstance(made, Var | Const):
        return
    to, of = getattr(base.type, "dtype", None), getattr(made.type, "dtype", None)
    if to and of and not np.can_cast(of, to, "same_kind"):
        f.refuse(node, f"NumPy cannot write {of} into an array of {to} in place", "make the array one of floats")


def _refill(f: Flattener, old: Pack | Mapping_, made: Value, node: ast.AST) -> None:
    """Give a list or a dict new contents."""
    place = home(f, old, node)
    f.storage.write(place, with_children(made, tuple(map(f.storage.unload, children(made) or ()))))


# --- deletion -----------------------------------------------------------------------------------------------------------


def delete_item(f: Flattener, base: Value, key: Value, node: ast.AST) -> None:
    """`del base[key]` of a list or a dict with known parts."""
    place = home(f, base, node)
    held = f.storage.contents(place.cell)
    match held, key:
        case Pack(items=items), Const(value=int() as k) if -len(items) <= k < len(items):
            kept = list(items)
            del kept[k]
            f.storage.write(place, Pack("list", tuple(kept)))
        case Pack(items=items), Pack(kind="slice", items=bounds) if all(isinstance(b, Const) for b in bounds):
            kept = list(items)
            del kept[slice(*(b.value for b in bounds if isinstance(b, Const)))]
            f.storage.write(place, Pack("list", tuple(kept)))
        case Mapping_(keys=keys, items=items, factory=factory), Const(value=k) if k in keys:
            at = keys.index(k)
            f.storage.write(place, Mapping_((*keys[:at], *keys[at + 1 :]), (*items[:at], *items[at + 1 :]), factory=factory))
        case _:
            f.refuse(node, "this item cannot be deleted here", "build a new list or dict without it")


SET_ITEM.append(set_item)
