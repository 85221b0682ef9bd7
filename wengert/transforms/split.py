"""An adjoint program in two: the augmented primal, and the pullback that reads what the primal recorded.

In: an adjoint function that takes the cotangent of its result and returns (value, cotangents). Out: two functions,

    f_vjp(x, value_bar):                f_primal(x):                    f_pullback(recorded, value_bar):
        # primal trace                      y = np.exp(x)                   (y,) = recorded
        y = np.exp(x)                       return y, (y,)                  return (value_bar * y,)
        # adjoint trace
        return y, (value_bar * y,)

The primal runs once, the pullback as often as it is called. Views, shapes and the like are computed again instead of recorded.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from wengert.analyses.aliasing import share
from wengert.analyses.paths import Perhaps, maybe_none, unbound
from wengert.frontend.join import fresh_dim
from wengert.ir.builder import NONE, constant
from wengert.ir.callee import Recorded
from wengert.ir.closed import assert_never
from wengert.ir.nodes import (
    LEAF,
    UNDEFINED,
    AddStore,
    Assign,
    Atom,
    Block,
    Comment,
    For,
    Function,
    If,
    Param,
    Statement,
    Store,
    Structure,
    Var,
    While,
)
from wengert.ir.queries import reads, substitute, targets
from wengert.ir.queries import walk as all_statements
from wengert.ir.types import Array, Number, Tape, Tuple, is_scalar
from wengert.runtime import copy_
from wengert.transforms import recompute
from wengert.transforms.results import pair

CUT = "adjoint trace"
"""The comment that `adjoint` writes between its halves."""


@dataclass(frozen=True, slots=True, eq=False)
class Seed:
    """The operation that stands for the cotangent of the result until the program is cut."""

    param: Param

    def __call__(self, leaf: int) -> Any:
        raise AssertionError("a seed is a parameter of the pullback")


def sealed(function: Function) -> Function:
    """`function` with the cotangent of its result bound at the cut: no pass can use it, or its shape, before that."""
    seed = [p for p in function.params if not p.capture][-1]
    op = Seed(seed)
    leaves = tuple(Assign(v, op, (constant(k),), effect=True) for k, v in enumerate(seed.leaves))
    before, after = _halves(function.body.statements)
    body = Block((*before, Comment(CUT), *leaves, *after), function.body.yields)
    return replace(function, params=tuple(p for p in function.params if p is not seed), body=body)


def split(function: Function, owned: bool = True) -> tuple[Function, Function]:
    """The augmented primal of an adjoint program and its pullback.

    `function` was made by `adjoint` with `value` and `seeded`, then `sealed`. The first result takes its parameters and
    returns (value, what is recorded); the second one takes what is recorded and the cotangent and returns the cotangents of
    the inputs. It may be called any number of times: it must not write into what is recorded, nor let go of it. With `owned`
    nothing that is recorded is memory of the caller's.
    """
    shape, bars = function.result.children
    name = function.name.removesuffix("_vjp")
    before, after = _halves(function.body.statements)
    seeds = [s.op.param for s in after if isinstance(s, Assign) and isinstance(s.op, Seed)]
    seed = seeds[0] if seeds else Param("value_bar", Structure("static"), ())  # of a result without a number in it
    after = tuple(s for s in after if not (isinstance(s, Assign) and isinstance(s.op, Seed)))
    values, gradient = function.body.yields[: shape.leaves], function.body.yields[shape.leaves :]
    params = function.params
    inputs = [v for p in params for v in p.leaves]
    local = {*inputs, *(v for s in before for v in targets(s))}
    needed = [v for v in reads(Block(after, gradient)) if v in local]
    free = {v for v in inputs if is_scalar(v.type)}
    recorded, again = recompute.split(before, needed, local, free)
    primal = replace(
        function,
        name=f"{name}_primal",
        params=params,
        body=_assigned(Block(before, (*values, *recorded)), recorded),
        result=pair(shape, Structure("tuple", (LEAF,) * len(recorded))),
    )
    body = Block((*again, *after), gradient)
    absent = unbound(function.body) | maybe_none(function.body)
    own = {v: _parameter(v, v in absent) for v in recorded if v.inline or v in absent}
    pullback = _pullback(function, f"{name}_pullback", seed, recorded, own, body, bars)
    return _owning(primal, recorded) if owned else primal, pullback


def _parameter(v: Var, absent: bool) -> Var:
    """A recorded value as a parameter: no part of an expression, and of no known shape where it may be None."""
    if absent and isinstance(v.type, Array):
        shape = None if v.type.shape is None else tuple(fresh_dim() for _ in v.type.shape)
        return Var(v.hint, Perhaps(v.type.dtype, shape), v.of)
    return Var(v.hint, v.type, v.of)


def _pullback(
    function: Function, name: str, seed: Param, recorded: list[Var], own: dict[Var, Var], body: Block, bars: Structure
) -> Function:
    leaves = tuple(own.get(v, v) for v in recorded)
    param = Param("recorded", Structure("tuple", (LEAF,) * len(recorded)), leaves)
    return Function(name, (param, seed), substitute(body, dict(own)), bars, origin=function.origin)


def _owning(primal: Function, recorded: list[Var]) -> Function:
    """`primal` with a copy of each array that it is given and records as a whole or in a loop: the caller may change it."""
    sharing = share(primal)
    kept = [v for p in primal.params for v in p.leaves if isinstance(v.type, Array | Number)]
    tapes = [v for v in recorded if isinstance(v.type, Tape | Tuple | Recorded)]
    kept = [v for v in kept if v in recorded or any(sharing.of(v) & sharing.of(t) for t in tapes)]
    given = {v: Var(v.hint, v.type, v.of) for v in kept}
    copies = tuple(Assign(v, np.copy if isinstance(v.type, Array) else copy_, (given[v],)) for v in kept)
    params = tuple(replace(p, leaves=tuple(given.get(v, v) for v in p.leaves)) for p in primal.params)
    return replace(primal, params=params, body=replace(primal.body, statements=(*copies, *primal.body.statements)))


def _halves(statements: tuple[Statement, ...]) -> tuple[tuple[Statement, ...], tuple[Statement, ...]]:
    """What comes before the last cut and after it: an adjoint of an adjoint program has an older one in its first half."""
    cut = max(k for k, s in enumerate(statements) if isinstance(s, Comment) and s.text == CUT)
    before = tuple(s for s in statements[:cut] if not (isinstance(s, Comment) and s.text == "primal trace"))
    return before, statements[cut + 1 :]


def _assigned(block: Block, recorded: list[Var]) -> Block:
    """`block` with None for what a path leaves unbound and the pullback of that path does not read."""
    if unbound(block).isdisjoint(recorded):
        return block
    reached = set(recorded)
    count = -1
    while len(reached) != count:
        count = len(reached)
        for s in all_statements(block):
            for result, sources in _flows(s):
                if result in reached:
                    reached.update(a for a in sources if isinstance(a, Var))
    return _with_none(block, reached)


def _flows(s: Statement) -> list[tuple[Var, tuple[Atom, ...]]]:
    """What each result and carried name may have been before."""
    match s:
        case If():
            return [(r, (a, b)) for r, a, b in zip(s.results, s.then.yields, s.orelse.yields, strict=True)]
        case For() | While():
            rows = zip(s.results, s.carried, s.inits, s.body.yields, strict=False)
            return [pair for r, c, init, end in rows for pair in ((r, (c,)), (c, (init, end)))]
        case _:
            return []


def _with_none(block: Block, reached: set[Var]) -> Block:
    def given(to: tuple[Var, ...], atoms: tuple[Atom, ...]) -> tuple[Atom, ...]:
        named = (*to, *(None for _ in atoms[len(to) :]))
        return tuple(NONE if a is UNDEFINED and v in reached else a for v, a in zip(named, atoms, strict=True))

    def statement(s: Statement) -> Statement:
        match s:
            case If():
                then, orelse = _with_none(s.then, reached), _with_none(s.orelse, reached)
                then, orelse = (replace(b, yields=given(s.results, b.yields)) for b in (then, orelse))
                return replace(s, then=then, orelse=orelse)
            case For() | While():
                body = _with_none(s.body, reached)
                body = replace(body, yields=given(s.carried, body.yields))
                return replace(s, inits=given(s.carried, s.inits), body=body)
            case Assign() | Store() | AddStore() | Comment():
                return s
            case _:
                assert_never(s)

    return Block(tuple(map(statement, block.statements)), block.yields)
