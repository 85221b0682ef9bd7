"""Builtins that combine all items of an iterable: `sum`, `max`, `any`, `functools.reduce`.

    sum(v * v for v in x)      total = 0, and a loop that adds to it
"""

from __future__ import annotations

import ast
import functools
import math
import operator
from typing import Any

from wengert.frontend.branches import choose, choose_value
from wengert.frontend.comparisons import compare
from wengert.frontend.context import Flattener, builtin
from wengert.frontend.expressions import binary, collect
from wengert.frontend.iterables import item_at
from wengert.frontend.iterate import as_iterable, length
from wengert.frontend.short import is_short, looped_or_unrolled
from wengert.frontend.values import Generator, Iterable_, Pack, Value
from wengert.ir.builder import NONE, constant
from wengert.ir.nodes import Atom, Const, Var
from wengert.ir.types import Float, Int

Args = list[Value]
Named = dict[str, Value]


@builtin(sum)
def _sum(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    start = args[1] if len(args) > 1 else kwargs.get("start", constant(0))
    return _fold(f, args[0], start, lambda acc, item: binary(f, operator.add, acc, item, node), node, hint or "total")


@builtin(math.prod)
def _prod(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    start = kwargs.get("start", constant(1))

    def step(acc: Value, item: Value) -> Value:
        if acc == constant(1) and isinstance(item, Var) and isinstance(item.type, Int | Float):
            return item
        return binary(f, operator.mul, acc, item, node)

    return _fold(f, args[0], start, step, node, hint or "product")


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
    if source.length == constant(0):
        f.fails(node, "this needs at least one item")

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

    def run(unrolled: bool) -> None:
        f.iterate(iterable, visit, node, names=(key,), unrolled=unrolled)

    looped_or_unrolled(f, run) if is_short(iterable) else run(False)
    return f.storage.load(f.names.pop(key))


@builtin(max, min)
def _extreme(fn: Any, f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    """The first item that no later one beats, as Python's max and min are."""
    better = ast.Gt() if fn is max else ast.Lt()
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
        test = f.truth(compare(f, better, rank(new), rank(best), node, ""), node)
        return choose_value(f, test, lambda: new, lambda: best, hint)

    def found(best: Value) -> Value:
        return best if plain else best.items[1]  # type: ignore[union-attr]

    whole = [a for a in args if isinstance(a, Const | Var) and isinstance(a.type, Int)]
    if plain and len(whole) == len(args) > 1:
        return functools.reduce(lambda a, b: f.apply(fn, a, b), whole)
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

    def run(unrolled: bool) -> None:
        f.iterate(args[0], visit, node, names=(key, stop), stop=stop, unrolled=unrolled)

    looped_or_unrolled(f, run) if is_short(args[0]) else run(False)
    del f.names[stop]
    return f.names.pop(key)
