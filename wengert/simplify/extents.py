"""Questions about a shape are asked of the first value that has it, so that no value is computed for its shape alone.

    v5 = np.log1p(v4)              v5_bar = 1.0 / y.size
    v5_bar = 1.0 / v5.size

In: a function. Out: the same, where what the transforms ask (`size`, `shape`, `zeros_like`, `broadcast_like`) is asked of the
earliest variable whose type has the same lengths.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeAlias

import numpy as np

from wengert.analyses.paths import maybe_none, unbound
from wengert.ir.nodes import Arg, Assign, Block, Const, For, Function, If, Statement, Var, While
from wengert.ir.queries import inner, targets, walk
from wengert.ir.types import Array, Dim, Sym
from wengert.runtime import broadcast_like

Known: TypeAlias = ChainMap[tuple[str | None, tuple[Dim, ...]], Var]

ASKING: frozenset[Callable[..., Any]] = frozenset({np.zeros_like, broadcast_like, getattr, np.size, np.shape})


def extents(function: Function) -> Function:
    """`function` with its questions about shapes put to the earliest values."""
    if not any(isinstance(s, Assign) and s.op in ASKING for s in walk(function.body)):
        return function
    leaves = [v for p in function.params for v in p.leaves]
    lengths = {d for v in leaves if isinstance(v.type, Array) for d in v.type.shape or () if isinstance(d, Sym)}
    known: Known = ChainMap()
    nothing = unbound(function.body) | maybe_none(function.body)  # not on every path is there something to ask
    for v in leaves:
        _note(v, known, lengths)
    return replace(function, body=_block(function.body, known, lengths, nothing))


def _note(v: Var, known: Known, lengths: set[Sym]) -> None:
    if isinstance(v.type, Array) and v.type.shape and all(_is_fixed(d, lengths) for d in v.type.shape):
        known.setdefault((v.type.dtype, v.type.shape), v)
        known.setdefault((None, v.type.shape), v)


def _is_fixed(key: object, lengths: set[Sym]) -> bool:
    """True of lengths made of those of the arguments; others may change from trip to trip."""
    match key:
        case Sym():
            return key in lengths or _is_fixed(key.key, lengths)
        case tuple():
            return any(isinstance(k, Sym) for k in key) and all(_is_fixed(k, lengths) for k in key)
        case int() | str() | None:
            return True
        case _:
            return False


def _block(block: Block, outer: Known, lengths: set[Sym], nothing: set[Var], bound: tuple[Var, ...] = ()) -> Block:
    known = outer.new_child()
    for v in bound:
        if v not in nothing:
            _note(v, known, lengths)
    made: list[Statement] = []
    for s in block.statements:
        match s:
            case Assign() if s.target.inline or s.target.of is not None:
                made.append(_asked(s, known))
            case If():
                then, orelse = _block(s.then, known, lengths, nothing), _block(s.orelse, known, lengths, nothing)
                made.append(replace(s, then=then, orelse=orelse))
            case For():
                made.append(replace(s, body=_block(s.body, known, lengths, nothing, inner(s))))
            case While():
                test, body = (_block(b, known, lengths, nothing, inner(s)) for b in (s.test, s.body))
                made.append(replace(s, test=test, body=body))
            case _:
                made.append(s)
        for v in targets(s):
            if v not in nothing:
                _note(v, known, lengths)
    return Block(tuple(made), block.yields)


def _asked(s: Assign, known: Known) -> Assign:
    """The statement with its question put to the earliest value of the same lengths."""
    if s.op is np.zeros_like:
        return replace(s, args=(_first(s.args[0], known, True), *s.args[1:]))
    if s.op is broadcast_like:
        return replace(s, args=(s.args[0], _first(s.args[1], known)))
    facts = s.op is getattr and isinstance(s.args[1], Const) and s.args[1].value in ("shape", "size")
    if facts or s.op in (np.size, np.shape):
        return replace(s, args=(_first(s.args[0], known), *s.args[1:]))
    return s


def _first(arg: Arg, known: Known, same_dtype: bool = False) -> Arg:
    if not isinstance(arg, Var) or not isinstance(arg.type, Array) or not arg.type.shape:
        return arg
    if same_dtype and arg.type.dtype is None:
        return arg
    return known.get((arg.type.dtype if same_dtype else None, arg.type.shape), arg)
