"""Functions of the standard library that make or walk sequences: `itertools`, `functools`, `operator`, `collections`.

Where the lengths are known they give the items themselves; where a loop decides, they are the loop.

    accumulate([a, b, c])     [a, a + b, a + b + c]
"""

from __future__ import annotations

import ast
import bisect
import functools
import itertools
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from wengert.frontend import copying, entries, heaps, iterators, mapped, sequences, walks  # noqa: F401  (they fill the tables)
from wengert.frontend.bodies import is_known, python_of
from wengert.frontend.context import Flattener, builtin
from wengert.frontend.expressions import binary, collect, number, spread
from wengert.frontend.iterables import Endless, Once
from wengert.frontend.iterate import as_iterable
from wengert.frontend.lists import as_list
from wengert.frontend.values import Generator, Iterable_, Mapping_, Pack, Partial, Record, Rows, Value
from wengert.frontend.walks import gathered
from wengert.ir.builder import NONE, constant
from wengert.ir.nodes import Const, Var
from wengert.ir.types import Array, List, Number, Opaque, Tape, is_numeric, is_scalar, shape_of

Args = list[Value]
Named = dict[str, Value]


@builtin(itertools.accumulate)
def _accumulate(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    step = args[1] if len(args) > 1 else kwargs.get("func", NONE)
    first = kwargs.get("initial", NONE)
    total, begun = f.hidden("total"), [first != NONE]
    given = as_iterable(f, args[0], node) if not isinstance(args[0], Var | Generator | Partial | Record) else args[0]
    source: Value = given
    if first == NONE and isinstance(given, Iterable_) and isinstance(given.length, Const):
        source = Pack("list", tuple(spread(f, given, node)))  # what starts it has no value before the first item
    elif first == NONE:
        source = given if isinstance(given, Var) else collect(f, given, node)
        first, begun[0] = f.index(source, constant(0), node), True
        source = f.index(source, Pack("slice", (constant(1), NONE, NONE)), node)

    def add(a: Value, b: Value) -> Value:
        return binary(f, operator.add, a, b, node) if step == NONE else f.call(step, [a, b], {}, node)

    def run(keep: Callable[[Value], None], key: Any) -> None:
        if begun[0]:
            f.names[total] = f.storage.unload(first)
            keep(first)

        def visit(item: Value) -> None:
            value = add(f.storage.load(f.names[total]), item) if begun[0] else item
            begun[0] = True
            f.names[total] = f.storage.unload(value, "total")
            keep(value)

        f.iterate(source, visit, node, names=(key, total))
        f.names.pop(total, None)

    return Once.of(gathered(f, run, node))


@builtin(itertools.chain)
def _chain(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    def run(keep: Callable[[Value], None], key: Any) -> None:
        for part in args:
            f.iterate(part, keep, node, names=(key,))

    return Once.of(gathered(f, run, node))


@builtin(itertools.chain.from_iterable)
def _chain_from(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    return _chain(f, spread(f, args[0], node), {}, node, hint)


@builtin(itertools.product, itertools.combinations, itertools.permutations, itertools.combinations_with_replacement)
def _arranged(fn: Any, f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    """Arrangements of items that are known."""
    options = {k: v.value for k, v in kwargs.items() if isinstance(v, Const)}
    count = len(args) if fn is itertools.product else 1
    if not all(isinstance(a, Const) for a in (*args[count:], *kwargs.values())):
        f.refuse(node, f"{fn.__name__} needs a length that is known in advance", "use loops")
    rest = [a.value for a in args[count:] if isinstance(a, Const)]
    if not all(_is_counted(a) for a in args[:count]):
        if fn is itertools.product:
            return walks.product(f, args * options.get("repeat", 1), node)
        if fn in (itertools.combinations, itertools.combinations_with_replacement) and (rest or [*options.values()]) == [2]:
            return walks.pairs(f, args[0], node, equal=fn is not itertools.combinations)
        f.refuse(node, f"{fn.__name__} needs a length that is known in advance", "use loops")
    rows = fn(*(spread(f, a, node) for a in args[:count]), *rest, **options)
    return Once.of(Pack("list", tuple(Pack("tuple", tuple(row)) for row in rows)))


def _is_counted(value: Value) -> bool:
    """False where the number of items is only known when the program runs."""
    if isinstance(value, Var | Const):
        t = value.type
        return not isinstance(t, List | Tape | Number | Opaque | Array) or isinstance(value, Const)
    return not isinstance(value, Iterable_) or isinstance(value.length, Const) or isinstance(value, Once)


@builtin(itertools.pairwise)
def _pairwise(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    source = args[0]
    if isinstance(source, Var) and not is_scalar(source.type):
        every = (NONE, NONE, NONE)
        ends = (Pack("slice", (NONE, constant(-1), NONE)), Pack("slice", (constant(1), *every[1:])))
        return f.call(constant(zip), [f.index(source, e, node) for e in ends], {}, node)
    items = spread(f, source, node)
    return Once.of(Pack("list", tuple(Pack("tuple", pair) for pair in itertools.pairwise(items))))


@builtin(itertools.islice)
def _islice(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    bounds = [a.value for a in args[1:] if isinstance(a, Const)]
    source = args[0]
    if len(bounds) != len(args) - 1:
        count = args[1]
        if isinstance(source, Endless) and len(args) == 2 and isinstance(count, Var | Const):
            f.consume(source, node)
            return Iterable_(count, source.item, once=True)
        f.refuse(node, "islice needs bounds known in advance", "slice the array or list")
    if isinstance(source, Endless):
        if len(bounds) > 1 and bounds[1] is None:
            f.refuse(node, "this iterator has no end", "give islice a stop")
        places = range(*bounds)
        f.consume(source, node)
        return Once.of(Pack("list", tuple(source.item(constant(k)) for k in places)))
    if isinstance(source, Var) and not is_scalar(source.type) and not isinstance(source.type, Opaque):
        given = slice(*bounds)
        return f.index(source, Pack("slice", tuple(map(constant, (given.start, given.stop, given.step)))), node)
    return Once.of(Pack("list", tuple(itertools.islice(spread(f, source, node), *bounds))))


@builtin(itertools.repeat)
def _repeat(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    times = args[1] if len(args) > 1 else kwargs.get("times")
    if times is None:
        return walks.repeated_for_ever(f, args[0])
    if not isinstance(times, Const):
        f.refuse(node, "itertools.repeat needs a number of times that is known in advance", "use a loop")
    return Once.of(Pack("list", (f.storage.kept(args[0]),) * times.value))


@builtin(itertools.zip_longest)
def _zip_longest(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    rows = [spread(f, a, node) for a in args]
    fill = f.storage.kept(kwargs.get("fillvalue", NONE))
    return Once.of(Pack("list", tuple(Pack("tuple", r) for r in itertools.zip_longest(*rows, fillvalue=fill))))


@builtin(dict.fromkeys)
def _fromkeys(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    value = f.storage.kept(args[1] if len(args) > 1 else NONE)
    keys = spread(f, args[0], node)
    if not all(isinstance(k, Const) for k in keys):
        f.refuse(node, "a dict key must be known in advance", "use a list indexed by an int")
    unique = tuple(dict.fromkeys(k.value for k in keys if isinstance(k, Const)))
    return Mapping_(unique, (value,) * len(unique))


@builtin(sorted)
def _sorted(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    """Stable, by a key or backwards, as Python sorts."""
    key, backwards = kwargs.get("key", NONE), kwargs.get("reverse", constant(False))
    if not isinstance(backwards, Const):
        f.refuse(node, "`reverse` of sorted must be known in advance", "sort both ways, and choose between the lists")
    given = args[0]
    if isinstance(given, Once):
        f.consume(given, node)
        given = given.value
    if isinstance(given, Mapping_):
        given = Pack("list", tuple(map(constant, given.keys)))
    if isinstance(given, Generator) or (isinstance(given, Iterable_) and not isinstance(given.length, Const)):
        given = collect(f, given, node)
    if isinstance(given, Rows) or (isinstance(given, Var) and key != NONE and isinstance(given.type, List | Tape)):
        return _sorted_rows(f, given, key, bool(backwards.value), node)
    if isinstance(given, Var) and key == NONE and not _are_numbers(given):
        f.refuse(node, "sorted of items that may be no numbers is not supported", "sort by one number: key=lambda item: ...")
    if isinstance(given, Var) and key == NONE and not backwards.value:
        return collect(f, f.call(constant(np.sort), [number(f, given, node)], {}, node), node, hint)
    if isinstance(given, Var):
        ranks = number(f, given if key == NONE else collect(f, f.call(constant(map), [key, given], {}, node), node), node)
        return collect(f, f.index(number(f, given, node), _order(f, [ranks], bool(backwards.value), node), node), node, hint)
    items = spread(f, given, node)
    keys = [i if key == NONE else f.call(key, [i], {}, node) for i in items]
    firsts = [k.items[0] if isinstance(k, Pack) and k.items else k for k in keys]
    if all(isinstance(k, Const) for k in keys) or _decide(firsts):  # what comes after keys that differ is not compared
        known = [k.value for k in firsts if isinstance(k, Const)]
        places = sorted(range(len(items)), key=known.__getitem__, reverse=bool(backwards.value))
        return Pack("list", tuple(items[p] for p in places))
    columns = list(zip(*(k.items if isinstance(k, Pack) else (k,) for k in keys), strict=False))
    widths = {(k.kind, len(k.items)) if isinstance(k, Pack) else ("number", 1) for k in keys}
    if len(widths) > 1 or not all(isinstance(k, Var | Const) for column in columns for k in column):
        f.refuse(node, "sorted by keys that are no numbers is not supported", "sort by one number: key=lambda item: ...")
    order = _order(f, [number(f, Pack("list", column), node) for column in columns], bool(backwards.value), node)
    given = Pack("list", tuple(items))
    return Pack("list", tuple(f.index(given, f.index(order, constant(k), node), node) for k in range(len(items))))


def _sorted_rows(f: Flattener, given: Rows | Var, key: Value, backwards: bool, node: ast.AST) -> Value:
    """A run-time list in the order of its tuples, or by a key: each item stays what it is."""

    def run(keep: Callable[[Value], None], name: Any) -> None:
        f.iterate(given, lambda item: keep(f.call(key, [item], {}, node)), node, names=(name,))

    keys = given if key == NONE else gathered(f, run, node)
    compared = keys.columns if isinstance(keys, Rows) else (keys,)
    if any(not isinstance(c, Var) or not is_scalar(getattr(c.type, "item", Opaque())) for c in compared):
        f.refuse(node, "sorted by keys that are no numbers is not supported", "sort by one number: key=lambda item: ...")
    ranks: Args = [number(f, c, node) for c in compared]
    order = _order(f, ranks, backwards, node)

    def placed(column: Value) -> Value:
        count = f.call(constant(len), [order], {}, node)
        assert isinstance(count, Var | Const)
        return collect(f, Iterable_(count, lambda i: f.index(column, f.index(order, i, node), node)), node)

    if not isinstance(given, Rows):
        return placed(given)
    columns = tuple(as_list(f, placed(column)) or column for column in given.columns)
    return Rows(given.layout, columns)


def _are_numbers(items: Var) -> bool:
    """True of a run-time list of numbers, and of an array with one axis."""
    if isinstance(items.type, List | Tape):
        return is_scalar(items.type.item)
    return len(shape_of(items.type) or ()) == 1


def _decide(keys: list[Value]) -> bool:
    """True for keys that are known and that no two items have."""
    known = [k.value for k in keys if isinstance(k, Const)]
    return len(known) == len(keys) and all(a != b for a, b in itertools.combinations(known, 2))


def _order(f: Flattener, ranks: Args, backwards: bool, node: ast.AST) -> Value:
    """The positions of the items in their order; items that are equal stay as they were, backwards too."""
    around = Pack("slice", (NONE, NONE, constant(-1)))
    turned = [f.index(r, around, node) for r in ranks] if backwards else ranks
    if len(ranks) > 1:
        order = f.call(constant(np.lexsort), [Pack("tuple", tuple(reversed(turned)))], {}, node)
    else:
        order = f.call(constant(np.argsort), [turned[0]], {"kind": constant("stable")}, node)
    if not backwards:
        return order
    last = binary(f, operator.sub, f.call(constant(len), [ranks[0]], {}, node), constant(1), node)
    return f.index(binary(f, operator.sub, last, order, node), around, node)


@builtin(operator.itemgetter, operator.attrgetter, operator.methodcaller)
def _make_getter(fn: Any, f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    if not all(map(is_known, (*args, *kwargs.values()))):
        f.refuse(node, f"what {fn.__name__} gets must be known in advance", "write a lambda")
    return constant(fn(*map(python_of, args), **{k: python_of(v) for k, v in kwargs.items()}))


@builtin(operator.concat)
def _concat(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    return binary(f, operator.add, args[0], args[1], node, hint)


def as_index(key: Any) -> Value:
    """A subscript that is known, as the frontend takes it."""
    if isinstance(key, slice):
        return Pack("slice", tuple(map(constant, (key.start, key.stop, key.step))))
    return Pack("tuple", tuple(map(as_index, key))) if isinstance(key, tuple) else constant(key)


@builtin(bisect.bisect, bisect.bisect_left, bisect.bisect_right)
def _bisect(fn: Any, f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    """The place of a number in a sorted sequence."""
    if len(args) != 2 or kwargs or not _holds_numbers(args[0]):
        halved = heaps.bisect_left if fn is bisect.bisect_left else heaps.bisect_right
        return f.call(constant(halved), args, kwargs, node, hint)
    side = constant("left" if fn is bisect.bisect_left else "right")
    found = f.call(constant(np.searchsorted), [number(f, args[0], node), args[1]], {"side": side}, node)
    return f.call(constant(int), [found], {}, node, hint)


def _holds_numbers(value: Value) -> bool:
    """True of arrays, and of lists and tuples of numbers."""
    if isinstance(value, Pack):
        return all(isinstance(i, Var | Const) and is_numeric(i.type) for i in value.items)
    return isinstance(value, Var) and not isinstance(getattr(value.type, "item", None), Opaque)


def getter(f: Flattener, fn: Any, args: Args, node: ast.AST, hint: str) -> Value:
    """`operator.itemgetter(...)` and its kin, called."""
    if isinstance(fn, operator.itemgetter):
        found = [f.index(args[0], as_index(k), node) for k in fn.__reduce__()[1]]
    elif isinstance(fn, operator.attrgetter):
        paths = [path.split(".") for path in fn.__reduce__()[1]]
        found = [functools.reduce(lambda v, n: f.attribute(v, n, node), path, args[0]) for path in paths]
    else:
        made, given = fn.__reduce__()
        name, *rest = (*made.args, *given) if isinstance(made, functools.partial) else given
        options = made.keywords if isinstance(made, functools.partial) else {}
        named: Named = {k: constant(v) for k, v in options.items()}
        return f.call(f.attribute(args[0], name, node), list(map(constant, rest)), named, node, hint)
    return found[0] if len(found) == 1 else Pack("tuple", tuple(found))
