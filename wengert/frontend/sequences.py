"""The builtins that make iterables: `range`, `enumerate`, `zip`, `reversed`, `map`, and `checkpoint`.

    zip(x, y)      as many items as the shorter has, each of which is a tuple of an item of x and one of y
"""

from __future__ import annotations

import ast
import operator
from functools import partial

from wengert.frontend.branches import choose
from wengert.frontend.context import Flattener, builtin
from wengert.frontend.iterables import Checkpointed, Endless, item_at, known
from wengert.frontend.iterate import as_iterable, fail
from wengert.frontend.objects import special
from wengert.frontend.values import Generator, Iterable_, Pack, Record, Value
from wengert.ir.builder import NONE, constant
from wengert.ir.nodes import Atom, Const, Var
from wengert.ir.types import Int, Number, NumpyScalar, Opaque, Range
from wengert.runtime import checkpoint

FEW = 32
"""The longest loop that is written out trip by trip in the code of a rule."""


@builtin(range)
def _range(f: Flattener, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str) -> Value:
    if kwargs or not 1 <= len(args) <= 3:
        f.fails(node, "range takes one to three arguments")
    given = [a for a in args if isinstance(a, Var | Const)]
    start, stop, step = (
        (constant(0), given[0], constant(1)) if len(given) == 1 else (*given, constant(1)) if len(given) == 2 else given
    )
    fixed = [int(a.value) for a in (start, stop, step) if isinstance(a, Const)]
    if start == constant(0) and step == constant(1):
        count: Atom = stop
    elif len(fixed) == 3:
        count = constant(len(range(*fixed)))
    else:
        made = f.emit.apply(range, (start, stop, step), type=Range(), inline=True)
        count = f.emit.apply(len, (made,), type=Int(), inline=True)
    # a loop of a rule over a few known numbers is written out
    if f.emit.generated and len(fixed) == 3 and len(range(*fixed)) <= FEW:
        return known(tuple(map(constant, range(*fixed))))
    return Iterable_(count, lambda i: i, (start, stop, step))


@builtin(enumerate)
def _enumerate(f: Flattener, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str) -> Value:
    source = indexed(f, args[0], node)
    first = args[1] if len(args) > 1 else kwargs.get("start", constant(0))
    assert isinstance(first, Var | Const)

    def item(i: Atom) -> Value:
        number = i if first == constant(0) else f.apply(operator.add, i, first)
        return Pack("tuple", (number, item_at(f, source, i)))

    return Iterable_(source.length, item, unroll=source.unroll, once=True)


@builtin(zip)
def _zip(f: Flattener, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str) -> Value:
    sources = [a if isinstance(a, Endless) else indexed(f, a, node) for a in _taking_turns(f, args, node)]
    ending = [s for s in sources if not isinstance(s, Endless)]
    for s in sources:
        if isinstance(s, Endless):
            f.consume(s, node)
    if kwargs.get("strict", constant(False)) == constant(True):
        _check_lengths(f, [s.length for s in ending])
    if not ending:
        if not sources:
            return known(())
        return Endless(constant(0), lambda i: Pack("tuple", tuple(s.item(i) for s in sources)), once=True)
    fixed = [s.length.value for s in ending if isinstance(s.length, Const)]
    lengths = list(dict.fromkeys(s.length for s in ending if not isinstance(s.length, Const)))
    if len({getattr(n.type, "size", None) or n for n in lengths}) == 1:
        lengths = lengths[:1]
    if len(fixed) == len(ending):
        count: Atom = constant(min(fixed))
    elif len(lengths) == 1 and not fixed:
        count = lengths[0]
    else:
        bounds = (*lengths, *((constant(min(fixed)),) if fixed else ()))
        count = f.emit.apply(min, bounds, type=Int())
    if any(s.unroll for s in sources) and not isinstance(count, Const):
        count = constant(min(fixed))
        for n in lengths:  # the shorter list is written out: each of the arrays must reach that far
            enough = f.apply(operator.ge, n, count)
            text = f"zip(): this derivative was made for at least {min(fixed)} items"
            choose(f, enough, lambda: None, partial(fail, f, ValueError, text))
    return Iterable_(
        count, lambda i: Pack("tuple", tuple(item_at(f, s, i) for s in sources)), unroll=any(s.unroll for s in sources),
        once=True,
    )


def _taking_turns(f: Flattener, args: list[Value], node: ast.AST) -> list[Value]:
    """`zip(it, it)` of one iterator: each of the two takes every second item."""
    cells = [a.home.cell if isinstance(a, Record) and a.home is not None else None for a in args]
    made = list(args)
    for cell in dict.fromkeys(c for c in cells if c is not None and cells.count(c) > 1):
        places = [k for k, c in enumerate(cells) if c == cell]
        first, count = args[places[0]], constant(len(places))
        if special(first, "next") is not None or special(first, "getitem") is not None or special(first, "iter") is not None:
            continue  # an object of a user's class, which is asked for an iterator each time
        source = indexed(f, first, node)
        length = f.apply(operator.floordiv, source.length, count)
        for j, k in enumerate(places):
            made[k] = Iterable_(length, partial(_turn, f, source, count, constant(j)), unroll=source.unroll, once=True)
    return made


def _turn(f: Flattener, source: Iterable_, count: Atom, j: Atom, i: Atom) -> Value:
    return item_at(f, source, f.apply(operator.add, f.apply(operator.mul, i, count), j))


def _check_lengths(f: Flattener, lengths: list[Atom]) -> None:
    """`zip(..., strict=True)` raises where the lengths differ."""
    for other in lengths[1:]:
        same = f.apply(operator.eq, lengths[0], other)
        choose(f, same, lambda: None, lambda: fail(f, ValueError, "zip() arguments have different lengths"))


@builtin(reversed)
def _reversed(f: Flattener, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str) -> Value:
    if isinstance(args[0], Generator):
        f.refuse(node, "Python does not turn a generator around", "make a list of it: list(...)")
    source = indexed(f, args[0], node)

    def item(i: Atom) -> Value:
        last = f.apply(operator.sub, source.length, constant(1))
        return item_at(f, source, f.apply(operator.sub, last, i))

    return Iterable_(source.length, item, unroll=source.unroll, once=True)


@builtin(map)
def _map(f: Flattener, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str) -> Value:
    pairs = _zip(f, args[1:], {}, node, "")
    assert isinstance(pairs, Iterable_)

    def item(i: Atom) -> Value:
        values = pairs.item(i)
        assert isinstance(values, Pack)
        return f.call(args[0], list(values.items), {}, node)

    return Iterable_(pairs.length, item, unroll=pairs.unroll, once=True)


def indexed(f: Flattener, value: Value, node: ast.AST) -> Iterable_:
    """The value as an iterable with a length; run-time lists are indexed."""
    source = as_iterable(f, value, node)
    if isinstance(source, Checkpointed):
        f.refuse(node, "`checkpoint` has to be the outermost of what a loop walks", "write checkpoint(enumerate(...), ...)")
    if isinstance(source, Var):
        if isinstance(source.type, Opaque):
            f.refuse(node, "the length of this iterable is not known", "walk it alone, or make a list of it first: list(...)")
        count = f.emit.apply(len, (source,), type=Int())
        return Iterable_(count, lambda i: f.index(source, i, node))
    return source


@builtin(checkpoint)
def _checkpoint(f: Flattener, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str) -> Value:
    if len(args) != 1 or not set(kwargs) <= {"every", "slots"}:
        f.refuse(node, "checkpoint takes an iterable, and `every` or `slots`", "write checkpoint(range(n), every=10)")
    given = {k: v for k, v in kwargs.items() if v != NONE}
    if len(given) > 1:
        f.fails(node, "checkpoint takes `every` or `slots`, not both")
    kind, number = next(iter(given.items()), ("slots", NONE))
    if not isinstance(number, Var | Const) or not _is_count(number):
        f.refuse(node, f"`{kind}` of a checkpoint is an int of at least 1", f"write checkpoint(range(n), {kind}=10)")
    source = indexed(f, args[0], node)
    if source.unroll:
        f.refuse(node, "a loop over items that are known one by one is written out: there are no trips to run again",
                 "loop over an array or a range, or leave `checkpoint` out")  # fmt: skip
    return Checkpointed(source.length, source.item, source.span, source.unroll, source.once, kind, number)


def _is_count(number: Atom) -> bool:
    """True for what may be the number of a checkpoint; where it is not known yet, the emitted code checks it."""
    if isinstance(number, Const):
        return number == NONE or (type(number.value) is int and number.value >= 1)
    t = number.type
    return isinstance(t, Int | Number) or (isinstance(t, NumpyScalar) and "int" in t.dtype)
