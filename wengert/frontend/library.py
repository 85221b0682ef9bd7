"""Functions of the standard library that make or walk sequences: `itertools`, `functools`, `operator`, `collections`.

Where the lengths are known they give the items themselves; where a loop decides, they are the loop.

    accumulate([a, b, c])     [a, a + b, a + b + c]
"""

from __future__ import annotations

import ast
import collections
import functools
import itertools
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from wengert.frontend.context import Flattener, builtin
from wengert.frontend.expressions import binary, collect, number, spread
from wengert.frontend.lists import append
from wengert.frontend.values import Mapping_, Pack, Value
from wengert.ir.builder import NONE, constant
from wengert.ir.nodes import Const, Var
from wengert.ir.types import is_scalar

Args = list[Value]
Named = dict[str, Value]


def gathered(f: Flattener, run: Callable[[Callable[[Value], None], Any], None], node: ast.AST) -> Value:
    """The list of what `run` hands to the function that it is given, in a loop or not."""
    key = f.hidden("items")
    f.names[key] = f.storage.unload(Pack("list", ()), "items")

    def keep(item: Value) -> None:
        append(f, f.storage.load(f.names[key]), item, node)

    run(keep, key)
    made = f.usable(f.storage.load(f.names.pop(key)), node)
    return Pack("list", made.items) if isinstance(made, Pack) else made


@builtin(itertools.accumulate)
def _accumulate(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    step = args[1] if len(args) > 1 else kwargs.get("func", NONE)
    first = kwargs.get("initial", NONE)
    total, begun = f.hidden("total"), [first != NONE]
    source = args[0]
    if first == NONE:
        items = spread(f, source, node)  # what starts it has no value before the first item
        source = Pack("list", tuple(items))

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

    return gathered(f, run, node)


@builtin(itertools.chain)
def _chain(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    def run(keep: Callable[[Value], None], key: Any) -> None:
        for part in args:
            f.iterate(part, keep, node, names=(key,))

    return gathered(f, run, node)


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
    rows = fn(*(spread(f, a, node) for a in args[:count]), *rest, **options)
    return Pack("list", tuple(Pack("tuple", tuple(row)) for row in rows))


@builtin(itertools.pairwise)
def _pairwise(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    source = args[0]
    if isinstance(source, Var) and not is_scalar(source.type):
        every = (NONE, NONE, NONE)
        ends = (Pack("slice", (NONE, constant(-1), NONE)), Pack("slice", (constant(1), *every[1:])))
        return f.call(constant(zip), [f.index(source, e, node) for e in ends], {}, node)
    items = spread(f, source, node)
    return Pack("list", tuple(Pack("tuple", pair) for pair in itertools.pairwise(items)))


@builtin(itertools.islice)
def _islice(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    bounds = [a.value for a in args[1:] if isinstance(a, Const)]
    if len(bounds) != len(args) - 1:
        f.refuse(node, "islice needs bounds known in advance", "slice the array or list")
    return Pack("list", tuple(itertools.islice(spread(f, args[0], node), *bounds)))


@builtin(itertools.repeat)
def _repeat(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    times = args[1] if len(args) > 1 else kwargs.get("times")
    if not isinstance(times, Const):
        f.refuse(node, "itertools.repeat needs a number of times that is known in advance", "use a loop")
    return Pack("list", (f.storage.kept(args[0]),) * times.value)


@builtin(itertools.zip_longest)
def _zip_longest(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    rows = [spread(f, a, node) for a in args]
    fill = f.storage.kept(kwargs.get("fillvalue", NONE))
    return Pack("list", tuple(Pack("tuple", r) for r in itertools.zip_longest(*rows, fillvalue=fill)))


@builtin(collections.deque)
def _deque(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    if kwargs or len(args) > 1:
        f.refuse(node, "a deque with a greatest length is not supported", "use a list")
    made = collect(f, args[0], node) if args else Pack("list", ())
    return made


@builtin(collections.defaultdict)
def _default_dict(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    given = f.call(constant(dict), args[1:], kwargs, node)
    assert isinstance(given, Mapping_)
    return Mapping_(given.keys, given.items, factory=args[0] if args and args[0] != NONE else None)


@builtin(dict.fromkeys)
def _fromkeys(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    value = f.storage.kept(args[1] if len(args) > 1 else NONE)
    keys = spread(f, args[0], node)
    if not all(isinstance(k, Const) for k in keys):
        f.refuse(node, "a dict key must be known in advance", "use a list indexed by an int")
    unique = tuple(dict.fromkeys(k.value for k in keys if isinstance(k, Const)))
    return Mapping_(unique, (value,) * len(unique))


@builtin(collections.OrderedDict)
def _ordered(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    return f.call(constant(dict), args, kwargs, node, hint)


@builtin(sorted)
def _sorted(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    """Stable, by a key or backwards, as Python sorts."""
    key, backwards = kwargs.get("key", NONE), kwargs.get("reverse", constant(False))
    if not isinstance(backwards, Const):
        f.refuse(node, "`reverse` of sorted must be known in advance")
    given = args[0]
    if isinstance(given, Mapping_):
        given = Pack("list", tuple(map(constant, given.keys)))
    if isinstance(given, Var) and key == NONE and not backwards.value:
        return collect(f, f.call(constant(np.sort), [number(f, given, node)], {}, node), node, hint)
    if isinstance(given, Var):
        ranks = number(f, given if key == NONE else collect(f, f.call(constant(map), [key, given], {}, node), node), node)
        return collect(f, f.index(number(f, given, node), _order(f, ranks, bool(backwards.value), node), node), node, hint)
    items = spread(f, given, node)
    keys = [i if key == NONE else f.call(key, [i], {}, node) for i in items]
    if all(isinstance(k, Const) for k in keys):
        known = [k.value for k in keys if isinstance(k, Const)]
        places = sorted(range(len(items)), key=known.__getitem__, reverse=bool(backwards.value))
        return Pack("list", tuple(items[p] for p in places))
    if not all(isinstance(k, Var | Const) for k in keys):
        f.refuse(node, "sorted by keys that are no numbers is not supported", "sort by one number: key=lambda item: ...")
    order = _order(f, number(f, Pack("list", tuple(keys)), node), bool(backwards.value), node)
    given = Pack("list", tuple(items))
    return Pack("list", tuple(f.index(given, f.index(order, constant(k), node), node) for k in range(len(items))))


def _order(f: Flattener, keys: Value, backwards: bool, node: ast.AST) -> Value:
    """The positions of the items in their order; items that are equal stay as they were, backwards too."""
    options: Named = {"kind": constant("stable")}
    if not backwards:
        return f.call(constant(np.argsort), [keys], options, node)
    turned = f.index(keys, Pack("slice", (NONE, NONE, constant(-1))), node)
    order = f.call(constant(np.argsort), [turned], options, node)
    last = binary(f, operator.sub, f.call(constant(len), [keys], {}, node), constant(1), node)
    return f.index(binary(f, operator.sub, last, order, node), Pack("slice", (NONE, NONE, constant(-1))), node)


@builtin(operator.itemgetter, operator.attrgetter, operator.methodcaller)
def _make_getter(fn: Any, f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    if not all(isinstance(a, Const) for a in (*args, *kwargs.values())):
        f.refuse(node, f"what {fn.__name__} gets must be known in advance", "write a lambda")
    known = [a.value for a in args if isinstance(a, Const)]
    return constant(fn(*known, **{k: v.value for k, v in kwargs.items() if isinstance(v, Const)}))


def getter(f: Flattener, fn: Any, args: Args, node: ast.AST, hint: str) -> Value:
    """`operator.itemgetter(...)` and its kin, called."""
    if isinstance(fn, operator.itemgetter):
        found = [f.index(args[0], constant(k), node) for k in fn.__reduce__()[1]]
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
