"""Augmented assignment: in place for arrays and lists, a new value for the rest.

    a[1:] += x       AddStore(a, 1:, x)
    s += x           s = s + x for a number; every name of the array `s` sees it for an array
"""

from __future__ import annotations

import ast
import operator
from typing import Any

import numpy as np

from wengert.frontend.attributes import _descriptor, index_operand, sets
from wengert.frontend.context import Flattener
from wengert.frontend.expressions import BINARY, binary, number, spread
from wengert.frontend.items import delete_item, home, put, set_item
from wengert.frontend.lists import is_run_time_list
from wengert.frontend.lookups import deeper, prepared
from wengert.frontend.objects import special
from wengert.frontend.places import WHOLE, is_basic
from wengert.frontend.state import PARTS, is_complex_array, leave_state, now, part, set_attribute, set_part
from wengert.frontend.values import (
    Mapping_,
    Pack,
    Place,
    Record,
    Value,
    children,
    with_children,
)
from wengert.ir.builder import constant
from wengert.ir.nodes import Const, Var
from wengert.ir.types import Array, Float, Number

__all__ = ["augment", "delete_item", "home", "in_place", "leave_state", "put", "set_attribute", "set_item"]


def augment(f: Flattener, node: ast.AugAssign) -> None:
    """`target op= value`: in place for arrays and lists, a new value for the rest."""
    op = BINARY[type(node.op)]
    match node.target:
        case ast.Name(id=name):
            before = f.expression(ast.copy_location(ast.Name(id=name, ctx=ast.Load()), node.target))
            made = in_place(f, op, before, f.expression(node.value), node, name)
            if made is not None:
                f.bind(name, made)
        case ast.Subscript(value=inner, slice=index):
            whole, base = opened(f, inner)
            _augment_item(f, op, base, f.expression(index), node)
            closed(f, whole, base, inner, node)
        case ast.Attribute(value=inner, attr=name):
            base = f.expression(inner)
            if name in PARTS and is_complex_array(base):
                before = part(f, base, name)
                set_part(f, base, name, binary(f, op, before, f.expression(node.value), node), node)
                return
            before = f.attribute(base, name, node)
            made = in_place(f, op, before, f.expression(node.value), node, name)
            if made is None and isinstance(base, Record) and _runs_code(base, name):
                made = _written(f, before)
            if made is not None:
                set_attribute(f, base, name, made, node)


def opened(f: Flattener, node: ast.expr) -> tuple[Value | None, Value]:
    """What a store into items of `node` changes: the real or imaginary part of a complex array is taken out, to be put back."""
    if isinstance(node, ast.Attribute) and node.attr in PARTS:
        whole = f.expression(node.value)
        return (whole, part(f, whole, node.attr)) if is_complex_array(whole) else (None, f.attribute(whole, node.attr, node))
    return None, f.expression(node)


def closed(f: Flattener, whole: Value | None, base: Value, target: ast.expr, node: ast.AST) -> None:
    """Put back the part that was taken out."""
    if whole is not None:
        assert isinstance(target, ast.Attribute)
        set_part(f, whole, target.attr, now(f, base), node)


def _augment_item(f: Flattener, op: Any, base: Value, key: Value, node: ast.AugAssign) -> None:
    """`base[key] op= value`, with `base` and `key` evaluated once."""
    base = prepared(f, base, key, node)
    deep = deeper(f, base, key)
    before = f.index(base, key, node) if deep is None else deep
    if not isinstance(base, Var) or not isinstance(base.type, Array | Number):
        made = in_place(f, op, before, f.expression(node.value), node)
        if made is None and isinstance(base, Record):
            made = _written(f, before)
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


def _runs_code(base: Record, name: str) -> bool:
    """True of attributes whose setting runs code of the class: what was changed in place is handed to it as well."""
    found = _descriptor(base.cls, name)
    return isinstance(found, property) or sets(found) or special(base, "setattr") is not None


def _written(f: Flattener, before: Value) -> Value | None:
    """What was changed in place, as it is now."""
    home = f.storage.homes[before][0] if isinstance(before, Var) else getattr(before, "home", None)
    return None if home is None else f.storage.load(home)


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
    if _is_lone(f, place):
        return made
    if place.path or f.storage.holders(place.cell) > 1:
        f.refuse(
            node,
            "it is not known whether this writes into an array that other names share, or makes a new number",
            "ask with arguments: .lower(...), or write `x = x + ...`",
        )
    f.storage.replace(place, made)
    return None


def _is_lone(f: Flattener, place: Place) -> bool:
    """True for an item of a run-time list that only the list leads to: a new one in its place is the same."""
    held, storage = f.storage.contents(place.cell), f.storage
    if not place.path or not is_run_time_list(held) or place.cell in storage.twins or storage.shares.get(place.cell):
        return False
    inside = storage.inside.get(place.cell, {})
    return not any(
        p.cell in inside or (p.cell == place.cell and p.path) for kept in f.names.values() for p in _places(kept)
    )


def _places(kept: Value) -> list[Place]:
    if isinstance(kept, Place):
        return [kept]
    return [p for part in children(kept) or () for p in _places(part)]


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
