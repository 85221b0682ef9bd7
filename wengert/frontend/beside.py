"""Generators that are walked beside other iterables: `zip` and `map` of what is not run before it is walked.

    for a, b in zip(x, gen(y)):         the body of gen, with the consumer where it yields; x is indexed by a count,
        s = s + a * b                   and where x ends, gen is left

One generator runs as the loop does. Of several, the others are run first, into lists: that is the same where they have no
effects and nothing that they read is changed meanwhile, which is checked.
"""

from __future__ import annotations

import ast
import itertools
import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from wengert.frontend.branches import choose
from wengert.frontend.context import Flattener
from wengert.frontend.expressions import binary, collect
from wengert.frontend.iterables import Endless, item_at
from wengert.frontend.sequences import indexed
from wengert.frontend.values import Closure, Generator, Iterable_, Key, Pack, Partial, Place, Poison, Value, children
from wengert.ir.builder import NONE, constant
from wengert.ir.nodes import Assign, Atom, Block, Const, Var, While
from wengert.ir.queries import walk

Visit = Callable[[Value], Any]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What can be read of names and memory by what was run early, as it was then."""

    held: tuple[tuple[Key, Value], ...]

    def check(self, f: Flattener, node: ast.AST) -> None:
        if any(f.names.get(key) is not value for key, value in self.held):
            f.refuse(node, "what this iterator reads is changed while it is walked", "make a list of it: list(...)")


def zipped(
    f: Flattener, sources: tuple[Value, ...], first: int, visit: Visit, node: ast.AST, options: dict[str, Any]
) -> None:
    """Visit tuples of one item of each source; the one at `first` is walked, the others are indexed."""
    early: list[Snapshot] = []
    beside: dict[int, Iterable_] = {}
    for k, source in enumerate(sources):
        if k != first and not runs(source):
            beside[k] = source if isinstance(source, Endless) else indexed(f, source, node)
    most = _least(f, list(beside.values()), node)
    for k, source in enumerate(sources):
        if k != first and k not in beside:
            made, snapshot = in_advance(f, source, node, most)
            early.append(snapshot)
            beside[k] = indexed(f, made, node)
    before, after = (_least(f, [s for k, s in beside.items() if (k < first) is ahead], node) for ahead in (True, False))
    count, ended = f.hidden("i"), f.hidden("ended")
    stop: Key | None = options.get("stop")

    def finish() -> None:
        f.names[ended] = constant(True)

    def taken(value: Value) -> None:
        at = f.names[count]
        assert isinstance(at, Var | Const)
        row = tuple(value if k == first else _item(f, beside[k], at, node) for k in range(len(sources)))
        visit(Pack("tuple", row))
        following = f.names[count] = f.apply(operator.add, at, constant(1))
        if stop is not None:
            f.names[ended] = f.names[stop]
        if before is not None:
            more = f.truth(f.apply(operator.lt, following, before), node)
            choose(f, more, lambda: None, finish)

    def item(value: Value) -> None:
        if after is None:
            taken(value)
        else:
            choose(f, f.truth(f.apply(operator.lt, f.names[count], after), node), lambda: taken(value), finish)  # type: ignore[arg-type]

    def run() -> None:
        names = (*options.get("names", ()), count, ended)
        f.iterate(sources[first], item, node, names=names, stop=ended)

    f.names[count], f.names[ended] = constant(0), constant(False)
    if before is None:
        run()
    else:
        choose(f, f.truth(f.apply(operator.lt, constant(0), before), node), run, lambda: None)
    for key in (count, ended):
        f.names.pop(key, None)
    for snapshot in early:
        snapshot.check(f, node)


def sliced(
    f: Flattener, bounds: tuple[Value, ...], source: Value, visit: Visit, node: ast.AST, options: dict[str, Any]
) -> None:
    """`itertools.islice(source, *bounds)` of what runs as it is walked."""
    start, stop, step = (NONE, *bounds, NONE)[:3] if len(bounds) == 1 else (*bounds, NONE)[:3]
    number = Endless(constant(0), lambda i: i) if stop == NONE else f.call(constant(range), [stop], {}, node)

    def item(row: Value) -> None:
        assert isinstance(row, Pack)
        at, value = row.items
        first = constant(0) if start == NONE else start
        wanted: list[Value] = [] if start == NONE else [binary(f, operator.ge, at, first, node)]
        if step not in (NONE, constant(1)):
            skipped = binary(f, operator.mod, binary(f, operator.sub, at, first, node), step, node)
            wanted.append(binary(f, operator.eq, skipped, constant(0), node))
        test = f.truth(f.call(constant(all), [Pack("tuple", tuple(wanted))], {}, node), node)
        choose(f, test, lambda: visit(value), lambda: None)

    zipped(f, (number, source), 1, item, node, options)


def in_advance(f: Flattener, source: Value, node: ast.AST, most: Atom | None = None) -> tuple[Value, Snapshot]:
    """The list of what an iterator gives, and what must not change until the last item of it is read.

    Of one that may have no end the first `most` items.
    """
    reads = _reads(f, source)
    bounded = most is not None and may_be_endless(source)
    if bounded:
        source = f.call(constant(itertools.islice), [source, most], {}, node)  # type: ignore[list-item]
    seen = Snapshot(tuple((key, f.names[key]) for key in reads if key in f.names))
    block, before = f.emit.statements, len(f.emit.statements)
    made = collect(f, source, node)
    emitted = list(walk(Block(tuple(f.emit.statements[before:]), ())))
    if block is not f.emit.statements or any(isinstance(s, Assign) and s.effect for s in emitted):
        text = "this iterator does more than give items, and here it would run too early"
        f.refuse(node, text, "make a list of it: list(...)")
    if not bounded and any(isinstance(s, While) for s in emitted):
        f.refuse(node, "it is not known whether this iterator ends, and here all of it would be run", "walk it with `for`")
    seen.check(f, node)
    return made, seen


def runs(value: Value) -> bool:
    """True of what does something when it is walked: generators, and comprehensions that leave items out."""
    from wengert.frontend.generators import lazy

    if isinstance(value, Generator):
        clauses = value.node.generators
        return len(clauses) > 1 or bool(clauses[0].ifs) or runs(value.first)
    return lazy(value) is not None


def may_be_endless(value: Value) -> bool:
    """True of generators with a `while` loop."""
    from wengert.frontend.generators import body_of, is_generator

    match value:
        case Generator(first=first):
            return may_be_endless(first)
        case Partial(args=(callee, *_)) if is_generator(callee):
            return any(isinstance(n, ast.While) for s in body_of(callee) for n in ast.walk(s))
        case Partial(args=args):
            return any(runs(a) and may_be_endless(a) for a in args)
        case _:
            return isinstance(value, Endless)


def _reads(f: Flattener, source: Value) -> dict[Key, None]:
    """The names and cells that an iterator may read while it is walked."""
    found: dict[Key, None] = {}

    def cell(key: Key) -> None:
        for near in (key, *f.storage.shares.get(key, {}), *f.storage.holds.get(key, {})):
            if near not in found:
                found[near] = None
                reach(f.names.get(near))

    def reach(value: Value | None) -> None:
        match value:
            case Place(cell=key):
                cell(key)
            case Partial(function=function, args=args, kwargs=kwargs):
                for part in (function, *args, *(v for _, v in kwargs)):
                    reach(part)
            case Closure(node=node, frame=frame, defaults=defaults):
                mentioned(node, frame)
                for _, default in defaults:
                    reach(default)
            case Generator(node=node, frame=frame, first=first):
                mentioned(node, frame)
                reach(f.storage.unload(first))
            case None:
                return
            case _:
                known = f.storage.homes.get(value) if isinstance(value, Var) else None
                home = known[0] if known is not None else getattr(value, "home", None)
                if isinstance(home, Place):
                    cell(home.cell)
                for part in children(value) or ():
                    reach(part)

    def mentioned(node: ast.AST, frame: Any) -> None:
        names = dict.fromkeys(n.id for n in ast.walk(node) if isinstance(n, ast.Name))
        while frame is not None:
            for key in [(frame.number, name) for name in names if name in frame.own]:
                if key in f.names and key not in found:
                    found[key] = None
                    reach(f.names[key])
            frame = frame.parent

    reach(source)
    return found


def _least(f: Flattener, sources: list[Iterable_], node: ast.AST) -> Atom | None:
    """How many items the shortest of the sources has; None where none of them ends."""
    counts = [s.length for s in sources if not isinstance(s, Endless)]
    if not counts:
        return None
    least: Value = counts[0]
    for other in counts[1:]:
        least = f.call(constant(min), [least, other], {}, node)
    assert isinstance(least, Var | Const)
    return least


def _item(f: Flattener, source: Iterable_, at: Atom, node: ast.AST) -> Value:
    if source.unroll and not isinstance(at, Const) and isinstance(source.length, Const):
        known = tuple(source.item(constant(k)) for k in range(source.length.value))
        if any(isinstance(v, Poison) for v in known):
            f.refuse(node, "this cannot be iterated beside a generator", "make a list of the generator: list(...)")
        return f.index(Pack("tuple", known), at, node)
    return item_at(f, source, at)
