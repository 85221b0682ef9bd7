"""Items of known lists and dicts at an index or a key that is only known when the program runs: they are chosen among.

    [x, y][k]            x if k in (0, -2) else y if k in (1, -1) else IndexError
    {"a": x, "b": y}[k]  x if k == "a" else y if k == "b" else KeyError
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any

from wengert.frontend import disguised
from wengert.frontend.branches import choose_value
from wengert.frontend.context import Flattener
from wengert.frontend.values import Mapping_, Pack, Value
from wengert.ir.builder import constant
from wengert.ir.nodes import Atom, Const, Display, Var
from wengert.ir.types import Bool, Int, Opaque
from wengert.runtime import raise_

FEW = 32
"""The largest dict that is read at a key which is only known when the program runs."""


def item_of_list(f: Flattener, base: Pack, key: Value, node: ast.AST) -> Value:
    """An item of a known list at an index that is only known at run time."""
    if not isinstance(key, Var) or not base.items:
        f.refuse(node, "a list is indexed by an int or a slice known in advance", "use an array, or a loop over its items")
    count = len(base.items)

    def test(k: int) -> Atom:
        places = Display("tuple", (constant(k), constant(k - count)))
        return f.emit.apply(operator.contains, (places, key), type=Bool())

    return _picked(f, base.items, test, (IndexError, constant(f"{base.kind} index out of range")), node)


def item_of_dict(f: Flattener, base: Mapping_, key: Value, node: ast.AST) -> Value:
    """The value of a dict at a key that is only known at run time.

    Not in a loop: one over a short range is written out, where the key is known.
    """
    named = isinstance(key, Var) and isinstance(key.type, Int | Bool | Opaque)
    plain = base.factory is None and disguised.class_of(f, base) is not None and disguised.missing(f, base) is None
    if not named or not plain or not 0 < len(base.keys) <= FEW or disguised.in_loop(f):
        f.refuse(node, "a dict key must be known in advance", "use a list indexed by an int")
    assert isinstance(key, Var)

    def test(k: int) -> Atom:
        return f.emit.apply(operator.eq, (key, constant(base.keys[k])), type=Bool())

    return _picked(f, base.items, test, (KeyError, key), node)


def _picked(
    f: Flattener, items: tuple[Value, ...], test: Callable[[int], Atom], error: tuple[Any, Var | Const], node: ast.AST
) -> Value:
    """The first item whose test holds; an exception where none does."""
    items = tuple(f.storage.load(f.storage.unload(i)) for i in items)  # in cells that are there on every path

    def pick(k: int) -> Value:
        if k == len(items):
            made = f.emit.apply(error[0], (error[1],), type=Opaque(), effect=True)
            f.emit.apply(raise_, (made, constant(None)), type=Opaque(), effect=True)
            return items[-1]
        return choose_value(f, test(k), lambda: f.usable(items[k], node), lambda: pick(k + 1))

    return pick(0)
