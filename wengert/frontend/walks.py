"""What `itertools` makes of one sequence or several: `takewhile`, `starmap`, `groupby`, `count`, `cycle`, products of run time.

The items are gathered in a list, in a loop where their number is only known when the program runs; like every iterator they
are walked once.

    takewhile(test, x)      [v0, v1]: the items before the first one for which the test fails
"""

from __future__ import annotations

import ast
import itertools
import operator
from collections.abc import Callable
from typing import Any

from wengert.frontend.branches import choose
from wengert.frontend.context import Flattener, builtin
from wengert.frontend.expressions import binary, collect, spread
from wengert.frontend.iterables import Endless, Once
from wengert.frontend.iterate import as_iterable
from wengert.frontend.lists import append
from wengert.frontend.values import Iterable_, Mapping_, Pack, Value
from wengert.ir.builder import NONE, constant
from wengert.ir.nodes import Atom, Const, Var

Args = list[Value]
Named = dict[str, Value]
Keep = Callable[[Value], None]


def gathered(f: Flattener, run: Callable[[Callable[[Value], None], Any], None], node: ast.AST) -> Value:
    """The list of what `run` hands to the function that it is given, in a loop or not."""
    key = f.hidden("items")
    f.names[key] = f.storage.unload(Pack("list", ()), "items")

    def keep(item: Value) -> None:
        append(f, f.storage.load(f.names[key]), item, node)

    run(keep, key)
    made = f.usable(f.storage.load(f.names.pop(key)), node)
    return Pack("list", made.items) if isinstance(made, Pack) else made


@builtin(itertools.takewhile)
def _takewhile(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    def run(keep: Keep, key: Any) -> None:
        stop = f.hidden("stopped")
        f.names[stop] = constant(False)

        def ended() -> None:
            f.names[stop] = constant(True)

        def visit(item: Value) -> None:
            choose(f, f.truth(f.call(args[0], [item], {}, node), node), lambda: keep(item), ended)

        f.iterate(args[1], visit, node, names=(key, stop), stop=stop)
        f.names.pop(stop, None)

    return Once.of(gathered(f, run, node))


@builtin(itertools.dropwhile)
def _dropwhile(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    def run(keep: Keep, key: Any) -> None:
        begun = f.hidden("begun")
        f.names[begun] = constant(False)

        def test(item: Value) -> None:
            choose(f, f.truth(f.call(args[0], [item], {}, node), node), lambda: None, begin)

        def begin() -> None:
            f.names[begun] = constant(True)

        def visit(item: Value) -> None:
            choose(f, f.truth(f.names[begun], node), lambda: None, lambda: test(item))
            choose(f, f.truth(f.names[begun], node), lambda: keep(item), lambda: None)

        f.iterate(args[1], visit, node, names=(key, begun))
        f.names.pop(begun, None)

    return Once.of(gathered(f, run, node))


@builtin(itertools.starmap)
def _starmap(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    def run(keep: Keep, key: Any) -> None:
        f.iterate(args[1], lambda item: keep(f.call(args[0], spread(f, item, node), {}, node)), node, names=(key,))

    return Once.of(gathered(f, run, node))


@builtin(itertools.compress)
def _compress(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    def run(keep: Keep, key: Any) -> None:
        def visit(pair: Value) -> None:
            value, wanted = spread(f, pair, node)
            choose(f, f.truth(wanted, node), lambda: keep(value), lambda: None)

        f.iterate(f.call(constant(zip), args, {}, node), visit, node, names=(key,))

    return Once.of(gathered(f, run, node))


@builtin(itertools.groupby)
def _groupby(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    by = args[1] if len(args) > 1 else kwargs.get("key", NONE)
    items = spread(f, args[0], node)
    keys = [i if by == NONE else f.call(by, [i], {}, node) for i in items]
    if not all(isinstance(k, Const) for k in keys):
        f.refuse(node, "groupby needs keys that are known in advance", "compare the items in a loop")
    known = [k.value for k in keys if isinstance(k, Const)]
    rows = []
    for key, places in itertools.groupby(range(len(items)), known.__getitem__):
        group = Once.of(Pack("list", tuple(items[p] for p in places)))
        rows.append(Pack("tuple", (constant(key), group)))
    return Once.of(Pack("list", tuple(rows)))


# --- without an end -----------------------------------------------------------------------------------------------------


@builtin(itertools.count)
def _count(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    start = args[0] if args else kwargs.get("start", constant(0))
    step = args[1] if len(args) > 1 else kwargs.get("step", constant(1))

    def item(i: Atom) -> Value:
        scaled = i if step == constant(1) else binary(f, operator.mul, i, step, node)
        return scaled if start == constant(0) else binary(f, operator.add, start, scaled, node)

    return Endless(constant(0), item, once=True)


@builtin(itertools.cycle)
def _cycle(f: Flattener, args: Args, kwargs: Named, node: ast.AST, hint: str) -> Value:
    given = args[0]
    source = given if isinstance(given, Var) else as_iterable(f, given, node)
    if isinstance(source, Iterable_) and source.unroll:
        items = spread(f, given, node)
        count: Atom = constant(len(items))
        given = Pack("tuple", tuple(items))
    else:
        given = collect(f, given, node)
        found = f.call(constant(len), [given], {}, node)
        assert isinstance(found, Var | Const)
        count = found

    def item(i: Atom) -> Value:
        return f.index(given, f.apply(operator.mod, i, count), node)

    return Endless(constant(0), item, once=True)


def repeated_for_ever(f: Flattener, value: Value) -> Value:
    """`itertools.repeat(value)`."""
    kept = f.storage.kept(value)
    return Endless(constant(0), lambda i: kept, once=True)


# --- arrangements of what is counted when the program runs --------------------------------------------------------------


def product(f: Flattener, sources: Args, node: ast.AST) -> Value:
    """All tuples of one item of each: as nested loops."""
    given = [s if isinstance(s, Pack | Mapping_) else collect(f, s, node) for s in sources]

    def run(keep: Keep, key: Any) -> None:
        def nested(k: int, taken: tuple[Value, ...]) -> None:
            if k == len(given):
                keep(Pack("tuple", taken))
            else:
                f.iterate(given[k], lambda item: nested(k + 1, (*taken, item)), node, names=(key,))

        nested(0, ())

    return Once.of(gathered(f, run, node))


def pairs(f: Flattener, source: Value, node: ast.AST, equal: bool) -> Value:
    """`combinations(source, 2)`, and with `equal` those with replacement."""
    given = collect(f, source, node)

    def run(keep: Keep, key: Any) -> None:
        count = f.call(constant(len), [given], {}, node)

        def first(i: Value) -> None:
            def second(j: Value) -> None:
                keep(Pack("tuple", (f.index(given, i, node), f.index(given, j, node))))

            start = i if equal else binary(f, operator.add, i, constant(1), node)
            f.iterate(f.call(constant(range), [start, count], {}, node), second, node, names=(key,))

        f.iterate(f.call(constant(range), [count], {}, node), first, node, names=(key,))

    return Once.of(gathered(f, run, node))
