"""Objects of `collections` that are kept as lists and dicts: deques, ordered and counting dicts.

In: such an object, as it is made. Out: a list or a dict in a cell whose name says the class, which `isinstance`, `append`
of a deque with a greatest length and reading a `Counter` ask for.

    deque([x, y], maxlen=2)      the list [x, y] in the cell "d·deque:2·"
"""

from __future__ import annotations

import ast
import collections
import operator
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from wengert.frontend.context import Flattener, builtin
from wengert.frontend.expressions import binary, collect, spread
from wengert.frontend.values import Key, Mapping_, Pack, Place, Rows, Value
from wengert.ir.builder import NONE, constant
from wengert.ir.nodes import Const, Var

Args = list[Value]
Named = dict[str, Value]

CLASSES: dict[str, Any] = {
    c.__name__: c for c in (collections.deque, collections.OrderedDict, collections.defaultdict, collections.Counter)
}
_NESTED = (0, "disguised in a loop")
"""Noted among the constants: what a name denotes after a loop may be in another cell, which does not say the class."""
_AROUND = (0, "loops around")
"""Noted among the constants: the loops around a function that is differentiated, which do not count."""


def disguised(f: Flattener, value: Value, cls: Any, hint: str, more: str = "") -> Value:
    """The value in a cell that says its class."""
    assert isinstance(value, Pack | Mapping_ | Var)
    if in_loop(f):
        f.constants[_NESTED] = NONE
    kept: Value = value
    if isinstance(value, Pack):
        kept = Pack("list", tuple(map(f.storage.unload, value.items)))
    elif isinstance(value, Mapping_):
        kept = Mapping_(value.keys, tuple(map(f.storage.unload, value.items)), factory=value.factory)
    return f.storage.load(f.storage.keep(kept, f"{hint}·{cls.__name__}{more}"))


def in_loop(f: Flattener) -> bool:
    """True inside of a loop of the function that is differentiated."""
    around = f.constants.get(_AROUND, constant(0))
    return len(f.storage.entered) > (around.value if isinstance(around, Const) else 0)


@contextmanager
def differentiated(f: Flattener) -> Iterator[None]:
    """The loops that are open here are not those of the function that is differentiated inside."""
    before = f.constants.get(_AROUND, constant(0))
    f.constants[_AROUND] = constant(len(f.storage.entered))
    try:
        yield
    finally:
        f.constants[_AROUND] = before


def cell_of(f: Flattener, value: Value) -> Key | None:
    """The cell that a list or a dict is kept in."""
    if isinstance(value, Pack | Mapping_ | Rows):
        return value.home.cell if value.home is not None else None
    home = f.storage.homes.get(value) if isinstance(value, Var) else None
    return home[0].cell if home is not None and not home[0].path else None


def _mark(cell: Key) -> list[str]:
    """What the name of a cell says: the class, and the greatest length."""
    parts = cell[1].split("·")
    return parts[1].split(":") if len(parts) > 2 else []


def class_of(f: Flattener, value: Value) -> Any:
    """The class of what is kept as a list or a dict; None where that is not known."""
    plain = dict if isinstance(value, Mapping_) else list
    cell = cell_of(f, value)
    if cell is None:
        return plain
    if _mark(cell):
        return CLASSES[_mark(cell)[0]]
    near = f.storage.shares.get(cell, {})
    return None if _NESTED in f.constants or any(map(_mark, near)) else plain


def like(f: Flattener, base: Value, copied: Value, hint: str) -> Value:
    """A copy of `base` with the class of `base`."""
    cell = cell_of(f, base)
    mark = _mark(cell) if cell is not None else []
    return disguised(f, copied, CLASSES[mark[0]], hint, "".join(f":{n}" for n in mark[1:])) if mark else copied


def greatest(f: Flattener, value: Value, node: ast.AST) -> int | None:
    """The greatest length of a deque; None for anything else."""
    cell = cell_of(f, value)
    if cell is None:
        return None
    limits = {m[1] for m in map(_mark, (cell, *f.storage.shares.get(cell, {}))) if len(m) > 1}
    if limits and len(_mark(cell)) < 2:
        f.refuse(node, "it is not known whether this is a deque with a greatest length", "use one deque on every path")
    return int(_mark(cell)[1]) if limits else None


# --- making -------------------------------------------------------------------------------------------------------------


@builtin(collections.deque)
def _deque(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    longest = args[1] if len(args) > 1 else kwargs.get("maxlen", NONE)
    made = collect(f, args[0], node) if args else Pack("list", ())
    if longest == NONE:
        return disguised(f, made, collections.deque, hint)
    if not isinstance(longest, Const) or type(longest.value) is not int:
        f.refuse(node, "the greatest length of a deque must be known in advance", "pass an int, or use a list")
    if in_loop(f):
        f.refuse(node, "a deque with a greatest length cannot be made in a loop", "make it before the loop, or use a list")
    last = Pack("slice", (constant(-longest.value) if longest.value else constant(0), NONE, NONE))
    if not longest.value:
        made = Pack("list", ())
    return disguised(f, f.index(made, last, node), collections.deque, hint, f":{longest.value}")


@builtin(collections.defaultdict)
def _default_dict(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    given = f.call(constant(dict), args[1:], kwargs, node)
    assert isinstance(given, Mapping_)
    factory = args[0] if args and args[0] != NONE else None
    return disguised(f, Mapping_(given.keys, given.items, factory=factory), collections.defaultdict, hint)


@builtin(collections.OrderedDict)
def _ordered(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    given = f.call(constant(dict), args, kwargs, node, hint)
    return disguised(f, given, collections.OrderedDict, hint) if isinstance(given, Mapping_) else given


@builtin(collections.Counter)
def _counter(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    if not args or isinstance(args[0], Mapping_):
        given = f.call(constant(dict), args, kwargs, node)
        assert isinstance(given, Mapping_)
        return disguised(f, given, collections.Counter, hint)
    items = spread(f, args[0], node)
    known = [i.value for i in items if isinstance(i, Const)]
    if kwargs or len(known) < len(items):
        f.refuse(node, "what a Counter counts must be known in advance", "count with np.unique or np.bincount")
    counts = collections.Counter(known)
    return disguised(f, Mapping_(tuple(counts), tuple(map(constant, counts.values()))), collections.Counter, hint)


# --- methods that differ from those of lists and dicts ------------------------------------------------------------------


def method(
    f: Flattener, name: str, base: Value, args: Args, kwargs: Named, plain: Callable[[], Value], node: ast.AST, hint: str
) -> Value:
    """A method of what is kept as a list or a dict; `plain` is that of the list or the dict."""
    cls = class_of(f, base)
    if cls in (list, dict):
        return plain()
    if name == "copy":
        return like(f, base, plain(), hint)
    if isinstance(base, Mapping_):
        return _of_dict(f, cls, name, base, args, kwargs, plain, node)
    longest = greatest(f, base, node)
    return plain() if longest is None else _cut(f, name, longest, base, args, plain, node)


def _of_dict(
    f: Flattener, cls: Any, name: str, base: Mapping_, args: Args, kwargs: Named, plain: Callable[[], Value], node: ast.AST
) -> Value:
    if cls is None and (name in _COUNTING or kwargs):
        f.refuse(node, "the class of this dict is not known here", "use one kind of dict on every path")
    if cls is collections.Counter and name in _COUNTING:
        if name != "update" or kwargs or len(args) != 1:
            f.refuse(node, f"`{name}` of a Counter is not supported", "write a loop over its items")
        given = f.call(constant(collections.Counter), args, {}, node)
        assert isinstance(given, Mapping_)
        for key, count in zip(given.keys, given.items, strict=True):
            now = _now(f, base)
            f.set_item(now, constant(key), binary(f, operator.add, f.index(now, constant(key), node), count, node), node)
        return NONE
    if name == "move_to_end" and cls is not collections.OrderedDict:
        f.refuse(node, "this is no OrderedDict, or it is not known whether it is one", "use an OrderedDict on every path")
    return plain()


_COUNTING = ("update", "subtract", "most_common", "elements", "total")


def missing(f: Flattener, base: Mapping_) -> Value | None:
    """What reading a key that a dict does not have gives without making it: the 0 of a Counter."""
    return constant(0) if class_of(f, base) is collections.Counter else None


def _cut(f: Flattener, name: str, longest: int, base: Value, args: Args, plain: Callable[[], Value], node: ast.AST) -> Value:
    """A method of a deque with a greatest length: what is too much goes away at the other end."""
    from wengert.frontend import splicing

    if name in ("extend", "extendleft"):
        one = "append" if name == "extend" else "appendleft"
        f.iterate(args[0], lambda item: f.call(f.attribute(_now(f, base), one, node), [item], {}, node), node)
        return NONE
    if name == "insert":
        f.refuse(node, "`insert` into a deque with a greatest length is not supported", "use append")
    if name not in ("append", "appendleft"):
        return plain()
    if longest == 0:
        return NONE
    if isinstance(base, Pack):
        if len(base.items) >= longest:
            f.call(f.attribute(base, "popleft" if name == "append" else "pop", node), [], {}, node)
    elif longest == 1:
        splicing.empty(f, base, node)
    elif name == "append":
        splicing.keep(f, base, constant(1 - longest), NONE, node)
    else:
        splicing.keep(f, base, NONE, constant(longest - 1), node)
    return plain()


def _now(f: Flattener, base: Value) -> Value:
    cell = cell_of(f, base)
    assert cell is not None
    return f.storage.load(Place(cell))
