"""What both transforms note of derivatives while they emit them, and how these get their names.

In: a derivative that was just emitted. Out: whether it may be zero, and why, or infinite; which decides where a zero is strong.

    w_bar = np.where(t, y_bar, 0.0)      `w_bar` is masked
    v_bar = w_bar * 0.5 / w              steep and sheer: infinite where `w`, the root of `v`, is zero
"""

from __future__ import annotations

import math
import operator
from collections.abc import Iterator
from typing import Any

import numpy as np

from wengert.frontend.context import Flattener
from wengert.frontend.emitter import Emitter
from wengert.frontend.flatten import capture
from wengert.ir.builder import ZERO, constant, is_const
from wengert.ir.nodes import Arg, Assign, Atom, Block, Const, For, If, Statement, Var, While
from wengert.ir.queries import blocks, walk
from wengert.ir.types import is_scalar
from wengert.rules import kinds
from wengert.runtime import null_product, strong_product
from wengert.transforms.guards import STRONG, Guards
from wengert.transforms.upright import upright

SELECTING: frozenset[Any] = STRONG | {np.where, np.tril, np.triu, np.select, np.zeros_like}
"""Operations in a rule that make parts of a derivative zero whatever the cotangent is."""


class Noted:
    """What is known of the derivatives so far.

    `solid` holds the derivatives that are not zero by construction, `masked` those that a selection made zero in parts,
    `steep` those that may be infinite (all of them where a loop may make them so: `steep_loops`), `sheer` those of them
    that may be so where the value is finite,
    `wild` the values of the program that may be infinite or nan, `upright` those of a derivative program that may be so where
    what it was derived from is finite (`selective`: it may have poles that are not chosen), `points` those that turned out to
    have no axes, `unbound` those that some paths do not assign, `complex` those that may be complex.
    `parts_of_complex` are real parts, `repeated` what a rule gives to several operands.
    """

    def __init__(self) -> None:
        self.emit = Emitter()
        self.emit.generated = True
        self.flat = Flattener(self.emit, capture)
        self.solid: set[Atom] = set()
        self.masked: set[Atom] = set()
        self.steep: set[Atom] = set()
        self.steep_loops = False
        self.sheer: set[Atom] = set()
        self.wild: set[Var] = set()
        self.upright: set[Var] = set()
        self.selective = False
        self.points: set[Atom] = set()
        self.unbound: set[Var] = set()
        self.complex: set[Var] = set()
        self.parts_of_complex: set[Atom] = set()
        self.repeated: set[Atom] = set()
        self.guards = Guards()
        self._since: tuple[list[Statement], int] = ([], 0)

    def is_point(self, v: Atom) -> bool:
        """True of values without axes: by their type, or because a scalar was computed from them entry by entry."""
        return v in self.points or is_scalar(v.type)

    def selects(self, before: int, d: Atom, made: Atom) -> None:
        """Note that `made`, emitted since `before` from the derivative `d`, is zero in parts by selection, or infinite."""
        self.follow(made, d)
        if d in self.masked or any(isinstance(s, Assign) and s.op in SELECTING for s in self.emit.statements[before:]):
            self.masked.add(made)

    def note_steep(self, body: Block) -> None:
        """Whether a loop of the program makes derivatives that may be infinite, which then come round to all of its trips."""
        self.upright = upright(body)
        self.selective = any(isinstance(s, Assign) and s.op in (np.where, np.select) for s in walk(body))
        self.steep_loops = any(map(self._is_steep, _looped(body)))

    def _is_steep(self, s: Statement) -> bool:
        rule = kinds.lookup(s.op) if isinstance(s, Assign) else None
        if not isinstance(s, Assign) or rule is None or not any(rule.singular):
            return False
        inputs, _ = rule.bind(s.args, dict(s.kwargs), constant)
        return any(rule.is_singular(k, inputs) for k in range(len(inputs)))

    def follow(self, made: Atom, *of: Atom) -> None:
        """Note that `made` may be infinite where one of the derivatives `of` may be."""
        for known in (self.steep, self.sheer):
            if not known.isdisjoint(of):
                known.add(made)

    def rises(self, made: Atom, *of: Arg) -> None:
        """Note that `made`, of a strong product of a derivative program, may be infinite where one of the values `of` is.

        In a program that selects, what is infinite may be a pole that is not selected.
        """
        if self.selective or not self.upright.isdisjoint(of):
            self.steep.add(made)
            self.sheer.add(made)

    def is_wild(self, a: Atom) -> bool:
        """True of values that may be infinite or nan, and of such constants."""
        return a in self.wild or (isinstance(a, Const) and isinstance(a.value, float) and not math.isfinite(a.value))

    def is_steep(self, d: Atom) -> bool:
        return d in self.steep or (self.steep_loops and not self.is_solid(d))

    def _solid_as(self, result: Atom, d: Atom) -> Atom:
        self.follow(result, d)
        if self.is_solid(d):
            self.solid.add(result)
        return result

    def is_solid(self, d: Atom) -> bool:
        return d in self.solid or (isinstance(d, Const) and not is_const(d, 0))

    # --- names ------------------------------------------------------------------------------------------------------

    def op(self, op: Any, *args: Arg, **kwargs: Arg) -> Atom:
        if args[0] in self.sheer:
            if op is operator.mul and is_const(args[1], 0):
                return ZERO
            if op is strong_product:
                op = null_product
        return self.emit.apply(op, args, tuple(kwargs.items()))

    def named(self, value: Atom, suffix: str, of: Var) -> Atom:
        """`value` as the derivative of `of`: what was just emitted for it alone takes the name."""
        last = self.emit.statements[-1] if self.emit.statements else None
        if not isinstance(value, Var) or not value.inline or value in self.repeated:
            return value
        if isinstance(last, Assign) and last.target is value:
            made = Var(suffix, value.type, of)
            self.emit.statements[-1] = Assign(made, last.op, last.args, last.kwargs, last.effect, last.origin)
        elif isinstance(last, If) and last.results == (value,):
            made = Var(suffix, value.type, of)
            self.emit.statements[-1] = If((made,), last.test, last.then, last.orelse, last.origin)
        else:
            return value
        for known in (self.solid, self.masked, self.steep, self.sheer):
            if value in known:
                known.add(made)
        return made


def _looped(block: Block) -> Iterator[Statement]:
    """The statements that run in a loop, each once."""
    for s in block.statements:
        if isinstance(s, For | While):
            yield from walk(Block((s,), ()))
        else:
            for inner in blocks(s):
                yield from _looped(inner)
