"""Kinds of iterables beside the plain ones: without an end, walked once, the entries of a dict, marked by `checkpoint`.

    known((a, b))      two items at hand
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from wengert.frontend.context import Flattener
from wengert.frontend.values import Iterable_, Pack, Value
from wengert.ir.builder import NONE, constant
from wengert.ir.nodes import Atom, Const


@dataclass(frozen=True, slots=True, eq=False)
class Endless(Iterable_):
    """An iterator without an end; something beside it ends the loop."""


@dataclass(frozen=True, slots=True, eq=False)
class Once(Iterable_):
    """An iterator that is a list already: it is walked as the list, once."""

    value: Value = NONE

    @staticmethod
    def of(value: Value) -> Once:
        return Once(constant(0), lambda i: NONE, once=True, value=value)


@dataclass(frozen=True, slots=True, eq=False)
class Checkpointed(Iterable_):
    """What `checkpoint` returns: the iterable with the kind of its mark ("every" or "slots") and the number."""

    kind: str = ""
    number: Atom = NONE


@dataclass(frozen=True, slots=True, eq=False)
class Entries(Iterable_):
    """The keys, values or items of a dict, which change as it does; `now` are those that there are."""

    now: Callable[[], Iterable_] = lambda: known(())


def as_constant(value: Any) -> Value:
    """A member of a set or a key, as it is; tuples apart in their items."""
    return Pack("tuple", tuple(map(as_constant, value))) if type(value) is tuple else constant(value)


def known(items: tuple[Value, ...]) -> Iterable_:
    """An iterable whose items are all at hand."""

    def item(i: Atom) -> Value:
        assert isinstance(i, Const)
        return items[int(i.value)]

    return Iterable_(constant(len(items)), item, unroll=True)


def item_at(f: Flattener, source: Iterable_, k: Atom) -> Value:
    """The k-th item, counted from 0; a plain range is counted in its own steps."""
    if source.span is None:
        return source.item(k)
    start, _, step = source.span
    scaled = k if step == constant(1) else f.apply(operator.mul, k, step)
    return scaled if start == constant(0) else f.apply(operator.add, start, scaled)
