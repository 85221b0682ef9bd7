"""Sums of cotangents written in place, where nobody can tell the difference.

In: a function whose stores may all be done in place. Out: the same, with

    x_bar'2 = add(x_bar, v1)    as    x_bar'2 = x_bar with [...] += v1

where `x_bar` is a buffer of the program's own that nobody reads afterwards, and the sum has its shape and dtype.
"""

from __future__ import annotations

import operator
from dataclasses import replace

import numpy as np

from wengert.analyses.aliasing import share
from wengert.analyses.liveness import clashes
from wengert.ir.nodes import AddStore, Assign, Atom, Block, Const, Display, For, Function, If, Statement, Var, While
from wengert.ir.queries import walk
from wengert.ir.types import (
    Array,
    Bool,
    Complex,
    Float,
    Int,
    NumpyScalar,
    Opaque,
    Type,
    is_scalar,
    may_be_one,
    same_shape,
    shape_of,
)

ELLIPSIS = Const(Ellipsis, Opaque())


def accumulate(function: Function) -> Function:
    """`function` with each sum of cotangents in place that needs no copy for it."""
    chosen = {s.target: None for s in walk(function.body) if isinstance(s, Assign) and _fits(s)}
    while chosen:
        made = replace(function, body=_rewrite(function.body, chosen))
        sharing = share(made, apart=True)
        found = clashes(made, sharing)
        if not found:
            return made
        guilty = {c.store.result: None for c in found if c.store and c.store.result in chosen}
        if not guilty:
            bits = 0
            for c in found:
                bits |= c.bits
            guilty = {v: None for v in chosen if sharing.origin(v) & bits} or chosen
        chosen = {v: None for v in chosen if v not in guilty}
    return function


def _rewrite(block: Block, chosen: dict[Var, None]) -> Block:
    def statement(s: Statement) -> Statement:
        match s:
            case Assign(target=t) if t in chosen:
                parts = _parts(s)
                assert parts is not None
                return AddStore(t, parts[0], ELLIPSIS, parts[1], origin=s.origin)
            case If():
                return replace(s, then=_rewrite(s.then, chosen), orelse=_rewrite(s.orelse, chosen))
            case For():
                return replace(s, body=_rewrite(s.body, chosen))
            case While():
                return replace(s, test=_rewrite(s.test, chosen), body=_rewrite(s.body, chosen))
            case _:
                return s

    return Block(tuple(map(statement, block.statements)), block.yields)


def _fits(s: Assign) -> bool:
    """True for `x_bar + c` or `c + x_bar` where the sum is certain to have the shape and dtype of `x_bar`."""
    return _parts(s) is not None


def _parts(s: Assign) -> tuple[Var, Atom] | None:
    """The cotangent that a sum goes on with and what is added to it."""
    if s.op is not operator.add or len(s.args) != 2 or s.kwargs or s.effect:
        return None
    first, second = s.args
    for b, c in ((first, second), (second, first)):
        if not isinstance(b, Var) or isinstance(c, Display):
            continue
        named = s.target.of is not None and _is_version(s.target.of, b.of) and s.target.hint == b.hint
        if named and _is_sum(s.target.type, b.type) and _adds_to(c.type, b.type):
            return b, c
    return None


def _is_version(v: Var, other: Var | None) -> bool:
    """True of one value, and of two of one name."""
    return v is other or (other is not None and bool(v.hint) and v.hint == other.hint and v.of is None and other.of is None)


def _is_sum(t: Type, b: Type) -> bool:
    # the sum of 0-d arrays is a NumPy scalar, not an array
    return isinstance(t, Array) and isinstance(b, Array) and bool(b.shape) and same_shape(t, b) and t.dtype == b.dtype


def _spreads_over(c: Type, b: Array) -> bool:
    """True where adding `c` cannot make `b` larger: where both lengths are not 1 they are equal, or the sum would fail."""
    p, q = shape_of(c), b.shape
    if p is None or q is None or len(p) > len(q):
        return False
    pairs = zip(p, q[len(q) - len(p) :], strict=True)
    return all(m == n or m == 1 or not (may_be_one(m) or may_be_one(n)) for m, n in pairs)


def _adds_to(c: Type, b: Type) -> bool:
    """True where `c` has the shape of `b` or none, and adding it keeps the dtype of `b`."""
    assert isinstance(b, Array)
    if b.dtype is None or not (is_scalar(c) or _spreads_over(c, b)):
        return False
    if isinstance(c, (Array, NumpyScalar)):
        return c.dtype is not None and np.result_type(b.dtype, c.dtype) == np.dtype(b.dtype)
    python = {Bool: "biufc", Int: "iufc", Float: "fc", Complex: "c"}
    return np.dtype(b.dtype).kind in python.get(type(c), "")
