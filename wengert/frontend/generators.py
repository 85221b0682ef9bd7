"""Generator functions: a call is kept until it is walked; then each `yield` runs what the consumer does with the item.

    for v in gen(x):                for k in range(3):      # the body of gen
        s = s + v           ->          v = x * k
                                        s = s + v           # the body of the loop

What the consumer breaks out of is left as well. Order and number of effects are Python's.
"""

from __future__ import annotations

import ast
import functools
import inspect
import itertools
import math
import operator
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from wengert.frontend import beside, bodies, calls, interrupted, iterators, subset
from wengert.frontend.attempts import Watch, watch
from wengert.frontend.branches import choose
from wengert.frontend.context import BUILTINS, ITERATE, Flattener, builtin, expression
from wengert.frontend.control import VALUE
from wengert.frontend.escapes import Flag
from wengert.frontend.expressions import collect
from wengert.frontend.family import Callee
from wengert.frontend.objects import special
from wengert.frontend.source import lookup, read
from wengert.frontend.values import Closure, Frame, Key, Pack, Partial, Poison, Value
from wengert.frontend.walks import gathered
from wengert.ir.builder import NONE, constant
from wengert.ir.nodes import Const, Var

CONSUMER = "consumer·"
DEEPEST = 4
"""How often a generator may be walked inside of itself where each of the walks is in another branch or loop."""


@dataclass(frozen=True, slots=True, eq=False)
class Walk:
    """What is walked lazily, once: `Partial(Walk(kind), args)`.

    "generator" of a function and its arguments, "filter" of a predicate and an iterable, "count" of a first number and
    an iterable, which are enumerated, "zip" of iterables, "map" of a function and iterables, "slice" of an iterable
    and bounds.
    """

    kind: str = "generator"

    def __wengert_call__(self, f: Flattener, args: Any, kwargs: Any, node: ast.AST, hint: str) -> Value:
        f.refuse(node, "a generator cannot be called", "walk it with `for`")


@dataclass(frozen=True, slots=True, eq=False)
class Consumer:
    """What is done with each item, and the frame that does it."""

    visit: Callable[[Value], Any]
    frame: Frame | None
    trials: int | None  # how many `try` were around the consumer; None where those of the generator count
    body: ast.AST | None = None  # the generator function that hands out the items
    depth: int = 0  # how many branches and loops were around the walk


# --- calls ----------------------------------------------------------------------------------------------------------------


def kept(f: Flattener, callee: Value, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str) -> Value | None:
    """A call of a generator function, or one that is given what such a call returns; it runs nothing yet."""
    if is_generator(callee) and not (isinstance(callee, Const) and callee.value in BUILTINS):
        return Partial(constant(Walk()), (callee, *args), tuple(kwargs.items()))
    if not isinstance(callee, Const) or not any(callee.value is c for c in CONSUMERS):
        return None
    args = [_begun(f, a, node) for a in args]
    if not any(map(beside.runs, args)):
        return calls.call(f, callee, args, kwargs, node, hint)
    if callee.value is enumerate:
        start = args[1] if len(args) > 1 else kwargs.get("start", constant(0))
        return Partial(constant(Walk("count")), (start, args[0]))
    if callee.value is map or (callee.value is zip and kwargs.get("strict", constant(False)) == constant(False)):
        return Partial(constant(Walk("zip" if callee.value is zip else "map")), tuple(args))
    if callee.value is itertools.islice:
        return Partial(constant(Walk("slice")), tuple(args))
    given = [collect(f, a, node) if beside.runs(a) else a for a in args]  # it consumes all of it at once
    return calls.call(f, callee, given, kwargs, node, hint)


CONSUMERS: tuple[Any, ...] = (enumerate, zip, map, max, min, sorted, math.fsum, itertools.islice)
"""Functions that walk what they are given, beside those that let `iterate` do it."""


def _begun(f: Flattener, value: Value, node: ast.AST) -> Value:
    """The iterator that an object of a class with an `__iter__` or a `__next__` gives."""
    method = special(value, "iter")
    found = value if method is None else f.call(constant(method), [value], {}, node)
    if special(found, "next") is None:
        return found
    return f.call(constant(iterators.walked), [found], {}, node)


def is_generator(callee: Value) -> bool:
    """True of functions that yield."""
    match callee:
        case Const(value=types.FunctionType() as fn):
            return inspect.isgeneratorfunction(fn)
        case Closure(node=ast.FunctionDef() as node):
            return any(True for _ in yields(node.body))
        case _:
            return False


def yields(nodes: list[Any], around: tuple[ast.AST, ...] = ()) -> Iterator[tuple[ast.AST, tuple[ast.AST, ...]]]:
    """Each `yield` of a function, with the statements around it."""
    for node in nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda | ast.GeneratorExp):
            continue
        if isinstance(node, ast.Yield | ast.YieldFrom):
            yield node, around
        inside = (*around, node) if isinstance(node, ast.stmt) else around
        yield from yields(list(ast.iter_child_nodes(node)), inside)


# --- walking --------------------------------------------------------------------------------------------------------------


def walk(f: Flattener, iterable: Value, visit: Callable[[Value], Any], node: ast.AST, **options: Any) -> Value | None:
    """As `iterate`, of generators too."""
    kind = lazy(iterable)
    if kind is None:
        return interrupted.interruptible(f, iterable, visit, node, **options)
    assert isinstance(iterable, Partial)
    f.consume(iterable.function, node)
    if options.pop("collect", False):
        return _collected(f, kind, iterable, visit, node)
    w = watch(f)
    depth = len(w.opened) if options.pop("unrolled", False) else None

    def item(value: Value) -> Any:
        if depth is not None and len(w.opened) != depth:
            f.refuse(node, "how many items this has is only known when the program runs", "walk it with `for`")
        return visit(value)

    stop: Key | None = options.get("stop")
    flags = [Flag(stop, plain=True)] if stop is not None and kind == "generator" else []
    w.flags.extend(flags)
    try:
        with w.level():
            WALKS[kind](f, iterable, item, node, options)
    finally:
        for flag in flags:
            w.flags.remove(flag)
    w.guard()
    return None


def lazy(value: Value) -> str | None:
    """The kind of what is walked lazily; None for anything else."""
    if isinstance(value, Partial) and isinstance(value.function, Const) and isinstance(value.function.value, Walk):
        return value.function.value.kind
    return None


def _collected(f: Flattener, kind: str, iterable: Partial, visit: Callable[[Value], Any], node: ast.AST) -> Value:
    """The list of what a visit gives."""
    again = Partial(constant(Walk(kind)), iterable.args, iterable.kwargs)

    def run(keep: Callable[[Value], None], key: Key) -> None:
        def item(value: Value) -> None:
            made = visit(value)
            keep(value if made is None else made)

        f.iterate(again, item, node, names=(key,))

    return gathered(f, run, node)


def _generated(f: Flattener, iterable: Partial, visit: Callable[[Value], Any], node: ast.AST, options: Any) -> None:
    callee, *args = iterable.args
    for place, around in yields(body_of(callee)):
        if any(isinstance(s, ast.With) or (isinstance(s, ast.Try) and s.finalbody) for s in around):
            f.refuse(place, "a `yield` inside `with` or `try ... finally` is not supported", "yield after it, or use a loop")
    w = watch(f)
    run_generator(f, callee, list(args), dict(iterable.kwargs), node, Consumer(visit, f.frame, len(w.trials)))


def _filtered(
    f: Flattener, iterable: Partial, visit: Callable[[Value], Any], node: ast.AST, options: Any, wanted: bool = True
) -> None:
    predicate, source = iterable.args

    def item(value: Value) -> None:
        test = f.truth(value if predicate == NONE else f.call(predicate, [value], {}, node), node)
        arms = (lambda: visit(value), lambda: None)
        choose(f, test, *(arms if wanted else reversed(arms)))

    f.iterate(source, item, node, **options)


def _counted(f: Flattener, iterable: Partial, visit: Callable[[Value], Any], node: ast.AST, options: Any) -> None:
    start, source = iterable.args
    key = f.hidden("i")
    f.names[key] = start

    def item(value: Value) -> None:
        number = f.names[key]
        visit(Pack("tuple", (number, value)))
        assert isinstance(number, Var | Const)
        f.names[key] = f.apply(operator.add, number, constant(1))

    f.iterate(source, item, node, **{**options, "names": (*options.get("names", ()), key)})
    f.names.pop(key, None)


def _zipped(f: Flattener, iterable: Partial, visit: Callable[[Value], Any], node: ast.AST, options: Any) -> None:
    sources = iterable.args
    places = [k for k, s in enumerate(sources) if beside.runs(s)]
    first = next((k for k in places if beside.may_be_endless(sources[k])), places[0])
    beside.zipped(f, sources, first, visit, node, options)


def _mapped(f: Flattener, iterable: Partial, visit: Callable[[Value], Any], node: ast.AST, options: Any) -> None:
    function, *sources = iterable.args
    if len(sources) == 1:
        f.iterate(sources[0], lambda item: visit(f.call(function, [item], {}, node)), node, **options)
        return

    def item(row: Value) -> Any:
        assert isinstance(row, Pack)
        return visit(f.call(function, list(row.items), {}, node))

    _zipped(f, Partial(iterable.function, tuple(sources)), item, node, options)


def _sliced(f: Flattener, iterable: Partial, visit: Callable[[Value], Any], node: ast.AST, options: Any) -> None:
    source, *bounds = iterable.args
    beside.sliced(f, tuple(bounds), source, visit, node, options)


WALKS: dict[str, Callable[..., None]] = {
    "generator": _generated, "filter": _filtered, "count": _counted, "zip": _zipped, "map": _mapped, "slice": _sliced,
    "filterfalse": functools.partial(_filtered, wanted=False),
}  # fmt: skip


@builtin(filter, itertools.filterfalse)
def _filter(fn: Any, f: Flattener, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str) -> Value:
    return Partial(constant(Walk("filter" if fn is filter else "filterfalse")), tuple(args))


def run_generator(
    f: Flattener, callee: Value, args: list[Value], kwargs: dict[str, Value], node: ast.AST, consumer: Consumer
) -> None:
    """Flatten the body of a generator function with its consumer."""
    if len(f.calls) >= bodies.DEEPEST:
        f.refuse(node, "the generators are nested too deeply", "use a loop")
    match callee:
        case Closure():
            target = Callee(callee.source, callee.node, callee.frame, None, node)
            defaults = dict(callee.defaults)
        case Const(value=types.FunctionType() as function):
            source = read(function)
            f.problems.extend(p for p in subset.problems(source) if p not in f.problems)
            target = Callee(source, source.node, None, functools.partial(lookup, function), node)
            defaults = bodies.default_values(f, function)
        case _:
            raise AssertionError("no generator function")
    consumer = replace(consumer, body=target.node, depth=len(f.emit.opened))
    walks: list[Any] = [c for key, c in f.names.items() if key[1] == CONSUMER]
    within = {c.depth for c in walks if c.body is target.node}
    if len(within | {consumer.depth}) > DEEPEST:
        f.refuse(node, "whether this generator ends calling itself is only known when the program runs",
                 "make it a function that returns a list")  # fmt: skip
    bound = bodies.bind(f, target.node, defaults, args, kwargs, node)
    number = f.frames + 1  # the frame of the call
    f.names[number, CONSUMER] = consumer  # type: ignore[assignment]
    f.names[number, VALUE] = NONE  # it may never end by itself
    bodies.in_place(f, target, bound)
    f.names.pop((number, CONSUMER), None)


def body_of(callee: Value) -> list[ast.stmt]:
    """The statements of a generator function."""
    if isinstance(callee, Closure) and isinstance(callee.node, ast.FunctionDef):
        return callee.node.body
    assert isinstance(callee, Const)
    body = read(callee.value).node.body
    return body if isinstance(body, list) else []


@expression(ast.Yield)
def _yield(f: Flattener, node: ast.Yield, hint: str) -> Value:
    value = NONE if node.value is None else f.expression(node.value)
    _hand_out(f, value, node)
    return NONE


@expression(ast.YieldFrom)
def _yield_from(f: Flattener, node: ast.YieldFrom, hint: str) -> Value:
    value = f.expression(node.value)
    f.iterate(value, functools.partial(_hand_out, f, node=node), node)
    if isinstance(value, Partial) and lazy(value) == "generator" and _returns(body_of(value.args[0])):
        return Poison("what a generator returns is not supported", "yield it as its last item")
    return NONE


def _returns(body: list[ast.stmt]) -> bool:
    """True of generators that return a value."""
    inner = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
    nodes = [n for s in body if not isinstance(s, inner) for n in ast.walk(s)]
    return any(isinstance(n, ast.Return) and n.value is not None for n in nodes)


def _hand_out(f: Flattener, value: Value, node: ast.AST) -> None:
    """Let the consumer run with an item, as if it stood here."""
    frame = f.frame
    found: Any = None if frame is None else f.names.get((frame.number, CONSUMER))
    if not isinstance(found, Consumer):
        f.refuse(node, "this `yield` has no consumer", "walk the generator with `for`")
    w = f.emit
    assert isinstance(w, Watch)
    inner = w.trials
    if found.trials is not None:
        w.trials = inner[: found.trials]
    f.frame = found.frame
    try:
        found.visit(value)
    finally:
        f.frame = frame
        w.trials = inner
    w.guard()


interrupted.LAZY.append(kept)
ITERATE[0] = walk
