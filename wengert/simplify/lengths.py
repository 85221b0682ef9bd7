"""Lengths that are named by a variable, after two variables turned out to be one.

    v1 = add(k, 1)                              v1 = add(k, 1)
    p = getitem(a, v1:)     n - v1 entries      p = getitem(a, v1:)
    v2 = add(k, 1)                              q = getitem(b, v1:)     n - v1 entries, as p has
    q = getitem(b, v2:)     n - v2 entries

In: a function that does not bind the other variables any more, and what they are called now. Out: the same with equal types for
what is equal, so that the transforms know which shapes are the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from wengert.ir.closed import assert_never
from wengert.ir.nodes import AddStore, Assign, Block, Comment, For, Function, If, Statement, Store, Var, While
from wengert.ir.queries import defined, substitute
from wengert.ir.types import Array, Int, List, Sym, Tape, Tuple, Type


def renamed_lengths(function: Function, names: Mapping[Var, Var]) -> Function:
    """`function` with the lengths in its types in the variables that `names` gives for others."""
    if not any(isinstance(v.type, Int) for v in names):
        return function
    renaming = _Renaming(names)
    fresh: dict[Var, Var] = {}
    for v in defined(function.body):
        kind = renaming.type(v.type)
        if kind != v.type or v.of in fresh:
            fresh[v] = renaming.names[v] = Var(v.hint, kind, fresh.get(v.of, v.of) if v.of else None, v.inline)
    return replace(function, body=_bound(substitute(function.body, dict(fresh)), fresh)) if fresh else function


class _Renaming:
    def __init__(self, names: Mapping[Var, Var]) -> None:
        self.names = dict(names)
        self.known: dict[Sym, Sym] = {}

    def type(self, t: Type) -> Type:
        match t:
            case Array(shape=tuple() as shape):
                return replace(t, shape=self.key(shape))
            case Int(size=Sym() as size):
                return replace(t, size=self.key(size))
            case Tuple(items=items):
                return replace(t, items=tuple(map(self.type, items)))  # of a class of its own where it is what a call returns
            case List(item=item):
                return replace(t, item=self.type(item))
            case Tape(item=item):
                return replace(t, item=self.type(item))
            case _:
                return t

    def key(self, k: Any) -> Any:
        """A part of what identifies a length."""
        if isinstance(k, Var):
            return self.names.get(k, k)
        if isinstance(k, tuple):
            return tuple(map(self.key, k))
        if isinstance(k, Sym):
            if k not in self.known:
                self.known[k] = Sym(self.key(k.key), k.not_one)
            return self.known[k]
        return k


def _bound(block: Block, fresh: Mapping[Var, Var]) -> Block:
    """`block` binding the fresh variables."""

    def of(*variables: Var) -> tuple[Var, ...]:
        return tuple(fresh.get(v, v) for v in variables)

    def bound(s: Statement) -> Statement:
        match s:
            case Assign():
                return replace(s, target=fresh.get(s.target, s.target))
            case Store() | AddStore():
                return replace(s, result=fresh.get(s.result, s.result))
            case If():
                return replace(s, results=of(*s.results), then=_bound(s.then, fresh), orelse=_bound(s.orelse, fresh))
            case For():
                body = _bound(s.body, fresh)
                again = replace(s, results=of(*s.results), tapes=of(*s.tapes), carried=of(*s.carried))
                return replace(again, targets=of(*s.targets), body=body)
            case While():
                made = replace(s, results=of(*s.results), tapes=of(*s.tapes), carried=of(*s.carried))
                return replace(made, test=_bound(s.test, fresh), body=_bound(s.body, fresh))
            case Comment():
                return s
            case _:
                assert_never(s)

    return Block(tuple(map(bound, block.statements)), block.yields)
