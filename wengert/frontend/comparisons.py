"""Comparisons, membership, `and`, `or`: decided now where the operands are known, emitted otherwise.

    a < b < c        v1 = a < b; if v1: v2 = b < c
    x is None        True, False, or a statement where `x` may be None
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from functools import partial
from typing import Any

from wengert.frontend.arithmetic import number, refuse_lists, static
from wengert.frontend.branches import choose_value
from wengert.frontend.context import Flattener, expression
from wengert.frontend.displays import spread
from wengert.frontend.maybe import is_there
from wengert.frontend.objects import call_special, operate
from wengert.frontend.values import (
    Iterable_,
    Mapping_,
    Maybe,
    Pack,
    Record,
    Rows,
    Value,
    plain,
)
from wengert.ir.builder import NONE, constant
from wengert.ir.nodes import Atom, Const, Var
from wengert.ir.types import Opaque, is_numeric, is_scalar

COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
}


@expression(ast.Compare)
def _compare(f: Flattener, node: ast.Compare, hint: str) -> Value:
    left = f.expression(node.left)
    return _comparisons(f, left, list(zip(node.ops, node.comparators, strict=True)), node, hint)


def _comparisons(
    f: Flattener, left: Value, rest: list[tuple[ast.cmpop, ast.expr]], node: ast.AST, hint: str
) -> Value:
    """`a < b < c` is `a < b and b < c`, with b evaluated once."""
    op, expr = rest[0]
    right = f.expression(expr)
    first = compare(f, op, left, right, node, hint if len(rest) == 1 else "")
    if len(rest) == 1:
        return first
    test = f.truth(first, node)
    return choose_value(
        f, test, lambda: _comparisons(f, right, rest[1:], node, ""), lambda: first, hint
    )


def compare(f: Flattener, op: ast.cmpop, a: Value, b: Value, node: ast.AST, hint: str) -> Value:
    """One comparison; identity and membership of what is known are decided now."""
    if isinstance(op, ast.In | ast.NotIn):
        inside = _contains(f, a, b, node)
        if isinstance(op, ast.In):
            return inside
        return constant(not inside.value) if isinstance(inside, Const) else f.apply(operator.not_, inside)
    function = COMPARE[type(op)]
    either = a if isinstance(a, Maybe) and b == NONE else b if isinstance(b, Maybe) and a == NONE else None
    if either is not None and isinstance(op, ast.Is | ast.IsNot | ast.Eq | ast.NotEq):
        return is_there(f, either, isinstance(op, ast.IsNot | ast.NotEq))
    if not isinstance(op, ast.Is | ast.IsNot):
        a, b = plain(a), plain(b)
    if isinstance(op, ast.Is | ast.IsNot):
        known = _identical(f, a, b)
        if known is not None:
            return constant(known is isinstance(op, ast.Is))
    if isinstance(a, Const) and isinstance(b, Const):
        if isinstance(op, ast.Is | ast.IsNot):
            return constant(function(a.value, b.value))
        if not (isinstance(a.value, float) or isinstance(b.value, float)):
            return static(f, function, (a, b), node)
    made = operate(f, function, a, b, node)
    if made is not None:
        return made
    if isinstance(op, ast.Eq | ast.NotEq):
        if isinstance(a, Pack) and isinstance(b, Pack):
            return _equal_items(f, op, a, b, node)
        if isinstance(a, Mapping_) and isinstance(b, Mapping_):
            if set(a.keys) != set(b.keys):
                return constant(isinstance(op, ast.NotEq))
            theirs = tuple(b.items[b.keys.index(k)] for k in a.keys)
            return _equal_items(f, op, Pack("tuple", a.items), Pack("tuple", theirs), node)
        if any(isinstance(x, Pack | Mapping_) and _is_plain(y) for x, y in ((a, b), (b, a))):
            return constant(isinstance(op, ast.NotEq))
    refuse_lists(f, node, a, b)
    if isinstance(a, Pack) and isinstance(b, Pack) and a.kind == b.kind:
        return _by_items(f, op, a, b, 0, node)
    if isinstance(a, Pack | Mapping_ | Rows) and isinstance(b, Pack | Mapping_ | Rows):
        f.refuse(node, "this comparison of tuples or lists is not supported yet", "compare their items")
    return f.apply(function, number(f, a, node), number(f, b, node), hint=hint)


def _by_items(f: Flattener, op: ast.cmpop, a: Pack, b: Pack, k: int, node: ast.AST) -> Value:
    """`a < b` of two tuples or two lists: the first items that differ decide."""
    if k == min(len(a.items), len(b.items)):
        return constant(COMPARE[type(op)](len(a.items), len(b.items)))
    x, y = a.items[k], b.items[k]
    same = f.truth(compare(f, ast.Eq(), x, y, node, ""), node)
    return choose_value(f, same, lambda: _by_items(f, op, a, b, k + 1, node), lambda: compare(f, op, x, y, node, ""))


def _is_plain(value: Value) -> bool:
    """True for constants that no list is equal to: None, strings, numbers."""
    return isinstance(value, Const) and (value.value is None or isinstance(value.value, str | int | float))


def _identical(f: Flattener, a: Value, b: Value) -> bool | None:
    """Whether `a is b` for certain; None where that is decided at run time."""
    if isinstance(a, Const) and isinstance(b, Const):
        return a.value is b.value
    if isinstance(a, _KEPT) and isinstance(b, _KEPT) and a.home is not None and b.home is not None:
        one = f.storage.may_share(a.home.cell, b.home.cell)
        return a.home == b.home if a.home == b.home or not one else None
    if any(x is not y and x == constant(NotImplemented) and is_number(y) for x, y in ((a, b), (b, a))):
        return False
    other = b if a == NONE else a if b == NONE else None
    if other is None:
        return True if a is b else None
    if isinstance(other, Var) and (other in f.nullable or isinstance(other.type, Opaque)):
        return None
    return False


def is_number(value: Value) -> bool:
    return isinstance(value, Var) and is_numeric(value.type)


_KEPT = (Pack, Mapping_, Record)
"""What is one object where it is kept in one place."""


def _equal_items(f: Flattener, op: ast.cmpop, a: Pack, b: Pack, node: ast.AST) -> Value:
    if a.kind != b.kind or len(a.items) != len(b.items):
        return constant(isinstance(op, ast.NotEq))
    result: Value = constant(True)
    for x, y in zip(a.items, b.items, strict=True):
        test = f.truth(result, node)
        both = partial(compare, f, ast.Eq(), x, y, node, "")
        result = choose_value(f, test, both, lambda: constant(False))
    if isinstance(op, ast.Eq):
        return result
    test = f.truth(result, node)
    return constant(not test.value) if isinstance(test, Const) else f.apply(operator.not_, test)


def _contains(f: Flattener, a: Value, b: Value, node: ast.AST) -> Atom:
    if isinstance(b, Record):
        found = call_special(f, b, "contains", [a], node)
        if found is not None:
            return f.truth(found, node)
        b = Pack("list", tuple(spread(f, b, node)))
    if isinstance(b, Mapping_):
        if isinstance(a, Const):
            return constant(a.value in b.keys)
        f.refuse(node, "`in` on a dict needs a key known in advance")
    if isinstance(b, Iterable_) and isinstance(b.length, Const):
        b = Pack("list", tuple(spread(f, b, node)))
    if isinstance(b, Pack):
        result: Value = constant(False)
        for item in b.items:
            test = f.truth(result, node)
            if _identical(f, a, item):
                result = choose_value(f, test, lambda: constant(True), lambda: constant(True))
                continue
            equal = partial(compare, f, ast.Eq(), a, item, node, "")
            result = choose_value(f, test, lambda: constant(True), equal)
        return f.truth(result, node)
    if isinstance(a, Const) and isinstance(b, Const):
        return constant(a.value in b.value)
    return f.apply(operator.contains, number(f, b, node), number(f, a, node))


@expression(ast.BoolOp)
def _bool_op(f: Flattener, node: ast.BoolOp, hint: str) -> Value:
    return _short_circuit(f, isinstance(node.op, ast.And), node.values, node, hint)


def _short_circuit(f: Flattener, both: bool, values: list[ast.expr], node: ast.AST, hint: str) -> Value:
    """`and` and `or` return one of their operands."""
    first = f.expression(values[0])
    if len(values) == 1:
        return first
    test = f.truth(first, node)

    def rest() -> Value:
        return _short_circuit(f, both, values[1:], node, "")

    if not both:
        first = plain(first)  # it is returned where it is true
    made = choose_value(f, test, rest, lambda: first, hint) if both else choose_value(f, test, lambda: first, rest, hint)
    return f.usable(made, node)


def tested(f: Flattener, node: ast.expr) -> Atom:
    """The test of a branch or a loop: of `a and b` it does not matter which of the two it is."""
    match node:
        case ast.BoolOp(op=op, values=values):
            return _tested(f, isinstance(op, ast.And), values, node)
        case ast.UnaryOp(op=ast.Not(), operand=ast.BoolOp() as inner):
            test = tested(f, inner)
            return constant(not test.value) if isinstance(test, Const) else f.apply(operator.not_, test)
        case _:
            return f.truth(f.usable(f.expression(node), node), node)


def _tested(f: Flattener, both: bool, values: list[ast.expr], node: ast.AST) -> Atom:
    first = tested(f, values[0])
    if len(values) == 1:
        return first
    decided = first if is_scalar(first.type) else constant(not both)

    def rest() -> Value:
        return _tested(f, both, values[1:], node)

    made = choose_value(f, first, rest, lambda: decided) if both else choose_value(f, first, lambda: decided, rest)
    return f.truth(f.usable(made, node), node)
