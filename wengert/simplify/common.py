"""Computes the same thing once.

    v1 = sin(x)                     v1 = sin(x)
    y = mul(v1, x)                  y = mul(v1, x)
    v2 = sin(x)                     z = add(v1, y)
    z = add(v2, y)

The earlier value must be bound in the same block or in one around it. Memory that a store may be meant for is not
shared, nor anything that has a state, such as an iterator.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Hashable
from dataclasses import replace
from typing import Any

import numpy as np

from wengert.ir.closed import assert_never
from wengert.ir.nodes import (
    AddStore,
    Arg,
    Assign,
    Atom,
    Block,
    Comment,
    Const,
    Display,
    For,
    Function,
    If,
    Statement,
    Store,
    Var,
    While,
)
from wengert.ir.queries import map_arg, operands
from wengert.ir.types import SCALARS, Array, Number, Opaque, Range, Tuple
from wengert.runtime import copy_, zeros_of
from wengert.simplify.lengths import renamed_lengths

ALLOCATIONS: frozenset[Callable[..., Any]] = frozenset(
    {
        np.zeros,
        np.ones,
        np.empty,
        np.full,
        np.zeros_like,
        np.ones_like,
        np.empty_like,
        np.full_like,
        np.copy,
        np.array,
        np.eye,
        np.identity,
        copy_,
        zeros_of,
        list,
        range,
    }
)
"""Memory to be written, which sharing would only make a copy of, and `range`, which reads best where it is walked."""

SHAPE = Const("shape", Opaque())

SHARED = (*SCALARS, Array, Number, Range, Tuple)
"""Types of values without a state."""


def common(function: Function, lengths: bool = False) -> Function:
    """`function` without the second computation of a value.

    With `lengths` the types that name a variable that is gone name the one it is now. Variables are then bound anew, which is
    for programs of which nobody else knows a variable: what an emitted function records is known by its variables.
    """
    finder = _Finder()
    body = finder.block(function.body)
    function = replace(function, body=_named(body, finder.names) if finder.names else body)
    if not lengths:
        return function
    names = finder.names
    return renamed_lengths(function, {v: names.get(first, first) for v, first in (finder.same | names).items()})


def _key(arg: Arg) -> Hashable:
    if isinstance(arg, Display):
        return (arg.kind, tuple(map(_key, arg.items)), arg.keys)
    return id(arg) if isinstance(arg, Var) else arg


class _Finder:
    """`known` is what has been computed so far in the blocks around; `names` a better name for it; `shapes` whose they are."""

    def __init__(self) -> None:
        self.known: dict[Hashable, Var] = {}
        self.same: dict[Var, Var] = {}
        self.names: dict[Var, Var] = {}
        self.shapes: dict[Arg, Var] = {}

    def get(self, a: Atom) -> Atom:
        return self.same.get(a, a) if isinstance(a, Var) else a

    def block(self, block: Block) -> Block:
        made: list[Statement] = []
        mine: list[Hashable] = []
        for s in block.statements:
            s = self.read(s)
            key = self.key(s)
            if key is None or not isinstance(s, Assign):
                made.append(self.inside(s))
                continue
            first = self.known.get(key)
            if first is None:
                self.known[key] = s.target
                mine.append(key)
                made.append(s)
            else:
                self.same[s.target] = first
                if _is_users(s.target) and not _is_users(first):
                    self.names.setdefault(first, s.target)
        for key in mine:
            del self.known[key]
        return Block(tuple(made), tuple(map(self.get, block.yields)))

    def key(self, s: Statement) -> Hashable | None:
        """Equal for statements that compute the same; None for what is not to be shared."""
        if isinstance(s, Assign) and s.op is getattr and isinstance(s.args[0], Var) and s.args[1] == SHAPE:
            self.shapes[s.target] = s.args[0]  # not shared itself: `x.shape[0]` is written out
        if not isinstance(s, Assign) or s.effect or s.op in ALLOCATIONS or not isinstance(s.target.type, SHARED):
            return None
        if s.op is operator.getitem and s.args[0] in self.shapes and isinstance(s.args[1], Const):
            return ("shape", id(self.shapes[s.args[0]]), s.args[1])
        return (id(s.op), tuple(map(_key, s.args)), tuple((k, _key(a)) for k, a in s.kwargs))

    def read(self, s: Statement) -> Statement:
        """`s` reading the first of each value; its blocks come later."""
        if not self.same:
            return s
        get = self.get
        match s:
            case Assign():
                if self.same.keys().isdisjoint(operands(s)):
                    return s
                args = tuple(map_arg(get, a) for a in s.args)
                return replace(s, args=args, kwargs=tuple((k, map_arg(get, a)) for k, a in s.kwargs))
            case Store() | AddStore():
                return replace(s, base=get(s.base), index=map_arg(get, s.index), value=get(s.value))
            case If():
                return replace(s, test=get(s.test))
            case For():
                return replace(s, sequences=tuple(map(get, s.sequences)), inits=tuple(map(get, s.inits)))
            case While():
                return replace(s, inits=tuple(map(get, s.inits)))
            case Comment():
                return s
            case _:
                assert_never(s)

    def inside(self, s: Statement) -> Statement:
        match s:
            case If():
                return replace(s, then=self.block(s.then), orelse=self.block(s.orelse))
            case For():
                return replace(s, body=self.block(s.body))
            case While():
                return replace(s, test=self.block(s.test), body=self.block(s.body))
            case _:
                return s


def _is_users(v: Var) -> bool:
    return bool(v.hint) and v.of is None and not v.inline


def _named(block: Block, names: dict[Var, Var]) -> Block:
    """`block` with variables bound and read under their better names."""

    def get(a: Atom) -> Atom:
        return names.get(a, a) if isinstance(a, Var) else a

    def statement(s: Statement) -> Statement:
        match s:
            case Assign():
                args = tuple(map_arg(get, a) for a in s.args)
                kwargs = tuple((k, map_arg(get, a)) for k, a in s.kwargs)
                return replace(s, target=names.get(s.target, s.target), args=args, kwargs=kwargs)
            case Store() | AddStore():
                return replace(s, base=get(s.base), index=map_arg(get, s.index), value=get(s.value))
            case If():
                return replace(s, test=get(s.test), then=_named(s.then, names), orelse=_named(s.orelse, names))
            case For():
                sequences, inits = tuple(map(get, s.sequences)), tuple(map(get, s.inits))
                return replace(s, sequences=sequences, inits=inits, body=_named(s.body, names))
            case While():
                test, body = _named(s.test, names), _named(s.body, names)
                return replace(s, inits=tuple(map(get, s.inits)), test=test, body=body)
            case Comment():
                return s
            case _:
                assert_never(s)

    return Block(tuple(map(statement, block.statements)), tuple(map(get, block.yields)))
