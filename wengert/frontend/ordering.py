"""The order of tuples and lists whose items are known: the first items that differ decide.

    (a, b) < (c, d)      b < d if a == c else a < c
"""

from __future__ import annotations

import ast
import operator
from typing import Any

from wengert.frontend.branches import choose_value
from wengert.frontend.context import Flattener
from wengert.frontend.values import Pack, Value
from wengert.ir.builder import constant

ORDERS: dict[Any, ast.cmpop] = {operator.lt: ast.Lt(), operator.gt: ast.Gt(), operator.le: ast.LtE(), operator.ge: ast.GtE()}


def ordered(f: Flattener, op: Any, a: Value, b: Value, node: ast.AST) -> Value | None:
    """`a < b` and its like of two tuples or of two lists; None for anything else."""
    from wengert.frontend.comparisons import compare

    if op not in ORDERS or not isinstance(a, Pack) or not isinstance(b, Pack) or a.kind != b.kind:
        return None
    first, second = a.items, b.items
    both = min(len(first), len(second))

    def decided(k: int) -> Value:
        if k == both:
            return constant(op(len(first), len(second)))
        if k == len(first) - 1 == len(second) - 1:
            return compare(f, ORDERS[op], first[k], second[k], node, "")
        same = f.truth(compare(f, ast.Eq(), first[k], second[k], node, ""), node)
        return choose_value(f, same, lambda: decided(k + 1), lambda: compare(f, ORDERS[op], first[k], second[k], node, ""))

    return decided(0)
