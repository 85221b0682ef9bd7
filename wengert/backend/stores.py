"""Stores -> assignments to `base[index]`.

In: a `Store` or `AddStore` whose base may be overwritten. Out: one statement.

    AddStore(b, i, v)     b[i] += v             where no entry can be selected twice
                          np.add.at(b, i, v)    elsewhere
"""

from __future__ import annotations

import ast
import operator

import numpy as np

from wengert.backend.expressions import Expressions, call
from wengert.backend.layout import Line
from wengert.backend.signs import without_sign
from wengert.ir.indexing import selects_once
from wengert.ir.nodes import APPEND, POP, AddStore, Assign, Atom, Const, Display, Store, Var
from wengert.ir.types import Array, List, is_scalar


def store_statement(s: Store | AddStore, expressions: Expressions) -> ast.stmt:
    base = expressions.atom(s.base)
    if s.index in (APPEND, POP):
        args = [expressions.atom(s.value)] if s.index == APPEND else []
        return ast.Expr(call(ast.Attribute(base, "append" if args else "pop", ast.Load()), args))
    target = expressions.subscript(s.base, s.index)
    if isinstance(s, Store):
        return ast.Assign([target], expressions.atom(s.value), lineno=0)
    op: type[ast.operator] = ast.Add
    value: Atom = s.value
    negative = _negated(value, expressions)
    if isinstance(s.base.type, List) and not is_scalar(s.base.type.item):
        # an entry that is an array may be shared: `+=` would write into it
        op, value = (ast.Sub, negative) if negative is not None else (op, value)
        return ast.Assign([target], ast.BinOp(target, op(), expressions.atom(value)), lineno=0)
    if not isinstance(s.base.type, List) and not selects_once(s.index):
        add = ast.Attribute(expressions.references.path(np.add), "at", ast.Load())
        return ast.Expr(call(add, [base, expressions.arg(s.index), expressions.atom(value)]))
    if negative is not None:
        op, value = ast.Sub, negative
    whole = isinstance(s.index, Const) and s.index.value is Ellipsis and isinstance(s.base.type, Array)
    shown = expressions.atom(value)
    if s.result.of is not None and negative is None and (positive := without_sign(shown)) is not None:
        op, shown = ast.Sub, positive
    return ast.AugAssign(base if whole else target, op(), shown)  # type: ignore[arg-type]


def _negated(value: Atom, expressions: Expressions) -> Atom | None:
    """`x` where `value` is printed as `-x`."""
    line = expressions.nested.get(value) if isinstance(value, Var) else None
    if isinstance(line, Line) and isinstance(line.statement, Assign) and line.statement.op is operator.neg:
        (operand,) = line.statement.args
        return None if isinstance(operand, Display) else operand
    return None
