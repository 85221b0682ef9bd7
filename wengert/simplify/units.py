"""Derivative arithmetic that changes nothing is left out: factors of 1, terms of 0, minus signs in pairs.

    v1_dot = 1.0 * v2          y_dot = v2 + x1
    y_dot = v1_dot + x1

In: a function. Out: the same without such statements. The user's own arithmetic stays as it is.
"""

from __future__ import annotations

import operator
from dataclasses import replace

from wengert.ir.builder import fold_constants, fold_identity
from wengert.ir.nodes import Assign, Atom, Block, For, Function, If, Statement, Var, While
from wengert.ir.queries import map_atoms


def units(function: Function) -> Function:
    """`function` without the derivative statements that only hand on a value."""
    return replace(function, body=_block(function.body, {}, {}))


def _block(block: Block, same: dict[Var, Atom], negated: dict[Var, Atom]) -> Block:
    """`same` maps what was left out to what it equals, `negated` holds the operands of minus signs."""
    made: list[Statement] = []

    def now(a: Atom) -> Atom:
        return same.get(a, a) if isinstance(a, Var) else a

    for s in block.statements:
        match s:
            case Assign():
                s = map_atoms(now, s) if same else s
                assert isinstance(s, Assign)
                if s.target.inline or s.target.of is not None:
                    kept = _equal(s, negated)
                    if kept is not None:
                        same[s.target] = kept
                        continue
                    if s.op is operator.neg and isinstance(s.args[0], Var):
                        negated[s.target] = s.args[0]
                made.append(s)
            case If():
                then, orelse = _block(s.then, same, negated), _block(s.orelse, same, negated)
                made.append(replace(s, test=now(s.test), then=then, orelse=orelse))
            case For():
                walked, inits = tuple(map(now, s.sequences)), tuple(map(now, s.inits))
                made.append(replace(s, sequences=walked, inits=inits, body=_block(s.body, same, negated)))
            case While():
                test, body = _block(s.test, same, negated), _block(s.body, same, negated)
                made.append(replace(s, inits=tuple(map(now, s.inits)), test=test, body=body))
            case _:
                made.append(map_atoms(now, s) if same else s)
    return Block(tuple(made), tuple(map(now, block.yields)))


def _equal(s: Assign, negated: dict[Var, Atom]) -> Atom | None:
    """What a statement hands on as it is."""
    if s.kwargs or s.effect:
        return None
    if s.op is operator.neg and isinstance(s.args[0], Var):
        return negated.get(s.args[0])
    known = fold_constants(s.op, s.args)
    if known is not None:
        return known
    return fold_identity(s.op, s.args, s.target.type)
