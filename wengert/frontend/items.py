"""Stores into items: of arrays, run-time lists, lists and dicts with known parts; and their deletion.

    a[1:] = x        Store(a, 1:, x)
    p["w"] = w       the cell of p holds {"w": w, ...}
"""

from __future__ import annotations

import ast
import operator
from typing import Any

from wengert.frontend.attributes import _descriptor, index_operand
from wengert.frontend.context import SET_ITEM, Flattener
from wengert.frontend.expressions import number, spread
from wengert.frontend.lists import as_item, holds_tape, layout_of, lists_of, set_row, told
from wengert.frontend.lookups import at_run_time, is_plain, is_position
from wengert.frontend.outside import refuse_write
from wengert.frontend.splicing import delete, set_slice
from wengert.frontend.values import (
    Mapping_,
    Method,
    Pack,
    Place,
    Record,
    Rows,
    Value,
)
from wengert.ir.builder import constant
from wengert.ir.nodes import Arg, Atom, Const, Display, Var
from wengert.ir.types import Int, List, Number, NumpyScalar, Opaque, Tape, is_scalar
from wengert.runtime import deep_list


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
                f.fails(node, f"`{cls.__name__}` objects have no items to set")
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
    """An item, or a slice, of a run-time list."""
    if isinstance(index, Display) and index.kind == "slice":
        set_slice(f, base, Pack("slice", index.items), value, node)  # type: ignore[arg-type]
        return
    assert isinstance(base.type, List | Tape)
    atom = as_item(f, value, lists_of(base.type.item), node)
    if isinstance(index, Display):
        f.fails(node, "a list is indexed by an int or a slice")
    place = home(f, base, node)
    root = f.storage.contents(place.cell)
    if isinstance(root, Var) and holds_tape(root.type):
        f.storage.detach(place.cell)
        made = f.emit.apply(deep_list, (root,), type=lists_of(root.type))
        f.storage.write(Place(place.cell), made, items=True)
    f.storage.gather(place.cell, f.storage.memory((atom,)))
    f.storage.put(place, index, atom)
    if not place.path:
        told(f, place.cell)


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
            refuse_write(f, base.home.cell, f.location(node))
            return base.home
    elif isinstance(base, Var) and base in f.storage.homes:
        return f.storage.homes[base][0]
    elif isinstance(base, Var):
        for cell, _ in f.storage.origins.get(base, ()):
            f.storage.unknown(cell, "it is not known whether this writes into `{}` or into a copy of it")
        kept = f.storage.unload(base)  # a copy that nobody else sees
        if isinstance(kept, Place):
            return kept
    f.refuse(node, "this stores into a value that has no name", "give it a name first")


def set_flat(f: Flattener, array: Var, key: Value, value: Value, node: ast.AST) -> None:
    """`array.flat[key] = value`: by the C order of the entries, whatever the layout."""
    from wengert.frontend.writing import store_flat

    store_flat(f, array, index_operand(f, key, node), number(f, value, node), node)


def _set_part(f: Flattener, base: Pack | Mapping_, key: Value, value: Value, node: ast.AST) -> None:
    place = home(f, base, node)
    if is_position(key) and (is_plain(value) or layout_of(value) is not None):
        made = at_run_time(f, place, node)
        if made is not None:
            f.set_item(made, key, value, node)
            return
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
                f.fails(node, f"index {k} is out of range for {len(items)} items")
            k %= len(items)
            return (*items[:k], kept, *items[k + 1 :])
        case Pack(kind="slice", items=bounds) if all(isinstance(b, Const) for b in bounds):
            changed: list[Value] = list(items)
            new = [f.storage.unload(v) for v in spread(f, value, node)]
            try:
                changed[slice(*(b.value for b in bounds if isinstance(b, Const)))] = new
            except ValueError as error:
                f.fails(node, str(error))
            return tuple(changed)
        case Var():
            return tuple(_chosen(f, k, len(items), key, item, kept, node) for k, item in enumerate(items))
        case _:
            f.fails(node, "a list is indexed by an int or a slice")


def _chosen(f: Flattener, k: int, count: int, key: Var, item: Value, kept: Value, node: ast.AST) -> Value:
    """The k-th item of a list after a store at an index of run time."""
    from wengert.frontend.branches import choose_value

    if not isinstance(key.type, Int | NumpyScalar | Number):
        f.fails(node, "a list is indexed by an int or a slice")
    here = f.emit.apply(operator.contains, (Display("tuple", (constant(k), constant(k - count))), key))
    load = f.storage.load
    return f.storage.unload(choose_value(f, here, lambda: load(kept), lambda: load(item)))


def _static_key(f: Flattener, key: Value, node: ast.AST) -> Any:
    if isinstance(key, Const):
        return key.value
    if isinstance(key, Pack) and key.kind == "tuple":
        return tuple(_static_key(f, k, node) for k in key.items)
    f.refuse(node, "a dict key must be known in advance", "use a literal, or a list indexed by an int")


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
        case Mapping_(), Pack(items=parts) if all(isinstance(p, Const) for p in parts):
            delete_item(f, base, constant(tuple(p.value for p in parts if isinstance(p, Const))), node)
        case (Var() | Rows(), _) | (Pack(), Var()):
            delete(f, base, key, node)
        case _:
            f.refuse(node, "this item cannot be deleted here", "build a new list or dict without it")


SET_ITEM.append(set_item)
