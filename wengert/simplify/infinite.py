"""Sums without their infinite factors are made only where there are such factors.

    v1 = matmul(f, d)                       v1 = matmul(f, d)
    v2 = isfinite(f)                        v9 = isfinite(vdot(v1, v1))
    v3 = where(v2, f, 0.0)                  if v9:
    v4 = where(v2, 0.0, 1.0)                    yield v1
    v5 = ne(d, 0.0)                         else:
    v6 = where(v5, 1.0, 0.0)                    v2 = isfinite(f)
    v7 = matmul(v4, v6)                         ...
    v8 = ne(v7, 0.0)                            b' = where(v8, v1, matmul(v3, d))
    b = where(v8, v1, matmul(v3, d))            yield b'
                                            => b

In: a function whose transforms are done. Out: the same, where the sums with and without are found to be one expression. An
infinite factor leaves no sum of products finite that it is a factor of: where all sums are finite, both are the same. Sums of
one term are strong products.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from wengert.ir.builder import is_const
from wengert.ir.nodes import Arg, Assign, Block, Display, Function, If, Statement, Var
from wengert.ir.queries import atoms_of, operands, uses, walk, within
from wengert.ir.types import Array, Bool, NumpyScalar
from wengert.runtime import strong_product
from wengert.simplify.signs import is_derivative


def infinite(function: Function) -> Function:
    """`function` with such sums under a test."""
    if not any(_is_choice(s) for s in walk(function.body)):
        return function
    return replace(function, body=_Sums(function).block(function.body))


def _is_choice(s: Statement) -> bool:
    """True of `where(a, b, c)` of two real arrays in a derivative."""
    if not isinstance(s, Assign) or s.op is not np.where or len(s.args) != 3 or not is_derivative(s):
        return False
    return isinstance(s.args[0], Var) and isinstance(s.args[0].type, Array) and all(map(_is_real, s.args[1:]))


def _is_real(a: Arg) -> bool:
    """True of arrays of floats with axes."""
    return isinstance(a, Var) and isinstance(a.type, Array) and a.type.shape != () and a.type.dtype in ("float64", "float32")


class _Sums:
    def __init__(self, function: Function) -> None:
        self.uses = uses(function.body)
        self.made: dict[Var, Assign] = {}

    def block(self, block: Block) -> Block:
        self.made |= {s.target: s for s in block.statements if isinstance(s, Assign) and not s.effect}
        statements: list[Statement] = []
        for s in block.statements:
            part = self.part(s)
            if part is None or not isinstance(s, Assign):
                statements.append(within(self.block, s))
                continue
            factors = self.factors(s, part)
            if factors is not None:
                statements.append(replace(s, op=strong_product, args=factors))
                continue
            moved = self.only_for(s, part, statements)
            gone = {one.target for one in moved}
            statements = [one for one in statements if not isinstance(one, Assign) or one.target not in gone]
            statements += _tested(s, part, moved)
        return Block(tuple(statements), block.yields)

    def part(self, s: Statement) -> Var | None:
        """The sums over all factors, of a choice between them and those over the finite ones."""
        if not _is_choice(s):
            return None
        assert isinstance(s, Assign)
        test, part, calm = s.args
        met = self.operand(test, operator.ne, 0.0)
        if met is None or part is calm or not isinstance(part, Var):
            return None
        return part if self.is_like(part, calm, self.is_finite_part) and self.is_like(part, met, self.is_met) else None

    def factors(self, s: Assign, part: Var) -> tuple[Arg, Arg] | None:
        """The derivative and the other factor, where the sums have one term each."""
        product, met = self.made[part], self.statement(self.operand(s.args[0], operator.ne, 0.0) or part)
        if product.op is not operator.mul or met is None or met.op is not operator.mul:
            return None
        for d, other, nonzero in ((*product.args, met.args[0]), (*product.args[::-1], met.args[1])):
            if self.operand(self.chosen(nonzero, 1.0, 0.0) or d, operator.ne, 0.0) == d and _is_real(other):
                return d, other
        return None

    def statement(self, arg: Arg) -> Assign | None:
        return self.made.get(arg) if isinstance(arg, Var) else None

    def operand(self, arg: Arg, op: Callable[..., object], *others: float) -> Arg | None:
        """`a` where `arg` is `op(a, *others)`."""
        s = self.statement(arg)
        if s is None or s.op is not op or s.kwargs or len(s.args) != 1 + len(others):
            return None
        return s.args[0] if all(map(is_const, s.args[1:], others)) else None

    def is_like(self, a: Arg, b: Arg, stands_for: Callable[[Arg, Arg], bool]) -> bool:
        """True where `b` is computed as `a` is, from factors that stand for those of `a`."""
        if isinstance(a, Display) or isinstance(b, Display):
            if not isinstance(a, Display) or not isinstance(b, Display) or (a.kind, a.keys) != (b.kind, b.keys):
                return False
            return self.are_like(a.items, b.items, stands_for)
        if a == b or stands_for(a, b):
            return True
        s, t = self.statement(a), self.statement(b)
        if s is None or t is None or s.op is not t.op or [n for n, _ in s.kwargs] != [n for n, _ in t.kwargs]:
            return False
        named = self.are_like([x for _, x in s.kwargs], [y for _, y in t.kwargs], stands_for)
        return named and self.are_like(s.args, t.args, stands_for)

    def are_like(self, a: Sequence[Arg], b: Sequence[Arg], stands_for: Callable[[Arg, Arg], bool]) -> bool:
        return len(a) == len(b) and all(self.is_like(x, y, stands_for) for x, y in zip(a, b, strict=True))

    def chosen(self, b: Arg, *ends: Arg | float) -> Arg | None:
        """The test of `where(test, *ends)`."""
        s = self.statement(b)
        if s is None or s.op is not np.where or len(s.args) != 3:
            return None
        same = (is_const(x, e) if isinstance(e, float) else x == e for x, e in zip(s.args[1:], ends, strict=True))
        return s.args[0] if all(same) else None

    def is_finite_part(self, a: Arg, b: Arg) -> bool:
        test = self.chosen(b, a, 0.0)
        return test is not None and self.operand(test, np.isfinite) == a

    def is_met(self, a: Arg, b: Arg) -> bool:
        infinite = self.chosen(b, 0.0, 1.0)
        if infinite is not None and self.operand(infinite, np.isfinite) == a:
            return True
        nonzero = self.chosen(b, 1.0, 0.0)
        return nonzero is not None and self.operand(nonzero, operator.ne, 0.0) == a

    def only_for(self, s: Assign, part: Var, before: list[Statement]) -> list[Assign]:
        """The statements that nothing reads but `s` and each other."""
        left = {a: self.uses[a] for a in operands(s) if isinstance(a, Var)}
        left[part] = 0
        for a in operands(s):
            if isinstance(a, Var) and a is not part:
                left[a] -= 1
        moved: list[Assign] = []
        for one in reversed(before):
            if not isinstance(one, Assign) or one.effect or one.target is part or left.get(one.target) != 0:
                continue
            moved.append(one)
            for a in (x for arg in (*one.args, *(v for _, v in one.kwargs)) for x in atoms_of(arg)):
                if isinstance(a, Var):
                    left[a] = left.get(a, self.uses[a]) - 1
        return moved[::-1]


def _tested(s: Assign, part: Var, moved: list[Assign]) -> list[Statement]:
    """The choice under the test that something is infinite."""
    assert isinstance(part.type, Array) and part.type.dtype is not None
    squares = Var("", NumpyScalar(part.type.dtype), inline=True)
    finite = Var("", Bool(), inline=True)
    chosen = Var(s.target.hint, s.target.type, s.target.of)
    arm = Block((*moved, replace(s, target=chosen)), (chosen,))
    return [
        Assign(squares, np.vdot, (part, part), origin=s.origin),
        Assign(finite, math.isfinite, (squares,), origin=s.origin),
        If((s.target,), finite, Block((), (part,)), arm, s.origin),
    ]
