"""Reversing blocks: the adjoint of each kind of statement, and of straight-line code.

`Reverse.block` emits the adjoint of a block and returns the block as the primal trace must run it: with what its adjoint
reads handed out. What each kind of statement does to the cotangents is in a module of its own.

    y = sin(x); z = y * x       y_bar = z_bar * x; x_bar = z_bar * y; x_bar = x_bar + y_bar * cos(x)
"""

from __future__ import annotations

import operator

from wengert.ir.builder import ZERO
from wengert.ir.callee import Recorded
from wengert.ir.closed import assert_never
from wengert.ir.nodes import (
    AddStore,
    Assign,
    Atom,
    Block,
    Comment,
    For,
    If,
    Statement,
    Store,
    Var,
    While,
)
from wengert.ir.types import List, Tape, Tuple, is_numeric
from wengert.runtime import add_entries
from wengert.transforms.callees import is_call, is_item, reverse_call, reverse_item
from wengert.transforms.engine import Engine
from wengert.transforms.reverse_branches import reverse_choice
from wengert.transforms.reverse_loop import reverse_loop
from wengert.transforms.reverse_operations import reverse_assign
from wengert.transforms.reverse_stores import reverse_add_store, reverse_store


class Reverse(Engine):
    """`bars` holds the cotangents collected so far, absent is zero; `parts` those of the results of a call; `distinct` are
    indices that select nothing twice.

    With `explicit` a cotangent that is handed on as it is gets a statement of its own, as in the tables of the literature.
    """

    def __init__(self, active: set[Var], explicit: bool = False) -> None:
        super().__init__()
        self.active = active
        self.distinct: set[Var] = set()
        self.overwritten: set[Var] = set()
        self.explicit = explicit
        self.bars: dict[Var, Atom] = {}
        self.parts: dict[Var, dict[int, Atom]] = {}

    # --- cotangents -------------------------------------------------------------------------------------------------

    def contribute(self, v: Atom, bar: Atom) -> None:
        """Add `bar` to the cotangent of `v`."""
        if not isinstance(v, Var) or v not in self.active:
            return
        before, bar = self.bars.get(v), self.fitted(bar, v)
        if before is None:
            self.bars[v] = self.named(bar, "_bar", v)
        elif isinstance(v.type, Tape | List | Tuple | Recorded):
            self.bars[v] = self.named(self.emit.apply(add_entries, (before, bar), type=before.type), "_bar", v)
        else:
            self.bars[v] = self.named(self.plus(before, bar), "_bar", v)
        if self.explicit:
            self.bars[v] = self.stated(self.bars[v], v)

    def stated(self, bar: Atom, v: Var) -> Atom:
        """A statement of its own for a cotangent that was handed on as it is."""
        if (isinstance(bar, Var) and bar.of is v) or not is_numeric(bar.type):
            return bar
        made = Var("_bar", bar.type, v)
        self.emit.append(Assign(made, operator.pos, (bar,), origin=self.emit.origin))
        return self._solid_as(made, bar)

    def taken(self, v: Var) -> Atom:
        """The cotangent of `v`, whole, zeros where there is none; `v` has none afterwards."""
        bar = self.bars.pop(v, None)
        return self.nothing(v) if bar is None else self.whole(bar, v)

    def owned(self, v: Var) -> Atom:
        """The cotangent of `v` so far, whole and in its own dtype, to be added to."""
        bar = self.bars.pop(v, None)
        if bar is None:
            return self.named(self.zeros(v), "_bar", v)
        return self.named(self.cast(self.full(bar, v), v), "_bar", v)

    def nothing(self, v: Var) -> Atom:
        """Zeros for a value that this path may not have: they do not ask for its shape."""
        return ZERO if self.is_loose(v) else self.zeros(v)

    def whole(self, bar: Atom, v: Var) -> Atom:
        """`bar` with the whole shape of `v`; as it is where this path may not have `v`."""
        return bar if self.is_loose(v) else self.full(bar, v)

    # --- blocks -----------------------------------------------------------------------------------------------------

    def block(self, block: Block) -> Block:
        """Emit the adjoint of `block`, whose yields have their cotangents; returns the primal block."""
        primal: list[Statement] = []
        self.guards.enter(block)
        for s in reversed(block.statements):
            self.emit.origin = getattr(s, "origin", None)
            primal.extend(reversed(self.statement(s)))
        return Block(tuple(reversed(primal)), block.yields)

    def statement(self, s: Statement) -> tuple[Statement, ...]:
        """Emit the adjoint of `s`; return the primal statements that take its place."""
        match s:
            case Assign() if is_call(s):
                return reverse_call(self, s)
            case Assign() if is_item(s):
                reverse_item(self, s)
                return (s,)
            case Assign():
                if s.target in self.bars:
                    reverse_assign(self, s, self.bars.pop(s.target))
                return (s,)
            case Store():
                reverse_store(self, s)
                return (s,)
            case AddStore():
                reverse_add_store(self, s)
                return (s,)
            case If():
                return reverse_choice(self, s)
            case For() | While():
                return reverse_loop(self, s)
            case Comment():
                return (s,)
            case _:
                assert_never(s)
