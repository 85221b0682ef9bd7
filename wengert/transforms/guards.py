"""Derivatives of guarded products: `where(d != 0, d * p, 0)`, which is zero where `d` is, whatever `p` may be.

What a transform guards is linear in `d`, also at `d = 0`: its derivative by `d` there is `p`, guarded by what it is
multiplied with. A `where` or an `if` of the user's program has the derivative of the branch that was taken instead; the two
are told apart by the operation of the test, `is_nonzero`, which only transforms emit.

    y = where(is_nonzero(d), d / x, 0)
    y_dot = where(is_nonzero(d), (d / x)_dot, where(is_nonzero(d_dot), d_dot / x, 0))
"""

from __future__ import annotations

import operator
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from wengert.errors import Problem, UnsupportedError
from wengert.ir.builder import is_const
from wengert.ir.nodes import Arg, Assign, Atom, Block, If, Var
from wengert.ir.queries import map_atoms, renewed
from wengert.ir.types import is_scalar
from wengert.runtime import is_nonzero

if TYPE_CHECKING:
    from wengert.transforms.engine import Engine

CHAIN = (operator.mul, operator.truediv, operator.neg)
"""What a scaled derivative is made of; the derivative is the first operand."""


class Guards:
    """The tests of the guards met so far, and the assignments of the blocks that are open."""

    def __init__(self) -> None:
        self.tests: dict[Var, Var] = {}
        self.definitions: dict[Var, Assign] = {}

    def enter(self, block: Block) -> None:
        """Take note of what a block assigns, before it is transformed."""
        for s in block.statements:
            if isinstance(s, Assign):
                self.definitions[s.target] = s
                if s.op is is_nonzero and isinstance(s.args[0], Var):
                    self.tests[s.target] = s.args[0]

    def guarded(self, s: Assign | If) -> Var | None:
        """The derivative that a statement guards; None where it is no guard."""
        if isinstance(s, Assign):
            is_where = s.op is np.where and len(s.args) == 3 and is_const(s.args[2], 0)
            return self.tests.get(s.args[0]) if is_where and isinstance(s.args[0], Var) else None
        alone = len(s.results) == 1 and not s.orelse.statements and is_const(s.orelse.yields[0], 0)
        return self.tests.get(s.test) if alone and isinstance(s.test, Var) else None


def along(e: Engine, guards: Guards, s: Assign | If, d: Var, other: Atom) -> Atom:
    """What `s` guards with `other` in the place of `d`, guarded by `other`."""
    if isinstance(s, If):
        return e.guarded(other, lambda: _of_block(e, guards, s, d, other))
    value = s.args[1]
    return e.guarded(other, lambda: _replaced(e, guards.definitions, value, d, other, s))


def _replaced(e: Engine, definitions: Mapping[Var, Assign], value: object, d: Var, other: Atom, s: Assign | If) -> Atom:
    """The chain of products that leads from `d` to `value`, begun with `other`."""
    if value is d:
        return other
    made = definitions.get(value) if isinstance(value, Var) else None
    if made is None or made.op not in CHAIN:
        text = "the second derivative of this product at zero is not supported"
        raise UnsupportedError([Problem(text, "move the point away from zero", s.origin)])
    first = _replaced(e, definitions, made.args[0], d, other, s)
    return e.op(made.op, first, *made.args[1:])


def _of_block(e: Engine, guards: Guards, s: If, d: Var, other: Atom) -> Atom:
    """The same of the branch of an `if`: what else it assigns is assigned again under other names."""
    inside = {a.target: a for a in s.then.statements if isinstance(a, Assign)}
    chain: dict[Var, Assign] = {}
    link: Arg = s.then.yields[0]
    while isinstance(link, Var) and link in inside and inside[link].op in CHAIN:
        chain[link] = inside[link]
        link = inside[link].args[0]
    rest = Block(tuple(a for a in s.then.statements if not isinstance(a, Assign) or a.target not in chain), ())
    again, new = renewed(rest)
    for a in again.statements:
        e.emit.append(a)
    links: dict[Var, Assign] = {}
    for v, a in chain.items():
        link_again = map_atoms(lambda atom: new.get(atom, atom) if isinstance(atom, Var) else atom, a)
        assert isinstance(link_again, Assign)
        links[v] = link_again
    return _replaced(e, guards.definitions | links, s.then.yields[0], d, other, s)


def chosen(e: Engine, test: Atom, then: Atom, orelse: Atom) -> Atom:
    """`then` where the test holds, `orelse` elsewhere."""
    if is_scalar(test.type) and is_scalar(then.type) and is_scalar(orelse.type):
        made = Var("", then.type, None, True)
        e.emit.append(If((made,), test, Block((), (then,)), Block((), (orelse,)), e.emit.origin))
        return made
    return e.op(np.where, test, then, orelse)

