"""Sets: literals, comprehensions and `set(...)` of values that are known when the function is transformed.

    name in {"a", "b"}              decided now
    {k * k for k in range(3)}       the constant frozenset({0, 1, 4})
"""

from __future__ import annotations

import ast
from typing import Any

from wengert.frontend.context import Flattener, builtin, expression
from wengert.frontend.expressions import generator, items, spread
from wengert.frontend.values import Pack, Value
from wengert.ir.builder import constant
from wengert.ir.nodes import Const


@expression(ast.Set)
def _set(f: Flattener, node: ast.Set, hint: str) -> Value:
    return _constant(f, items(f, node.elts), node)


@expression(ast.SetComp)
def _set_comprehension(f: Flattener, node: ast.SetComp, hint: str) -> Value:
    inner = ast.copy_location(ast.GeneratorExp(elt=node.elt, generators=node.generators), node)
    return _constant(f, spread(f, generator(f, inner), node), node)


@builtin(set, frozenset)
def _made(fn: Any, f: Flattener, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str) -> Value:
    return _constant(f, spread(f, args[0], node) if args else [], node)


def _constant(f: Flattener, values: list[Value], node: ast.AST) -> Const:
    """A set of constants, and of tuples of them."""
    found = []
    for value in values:
        known = _known(value)
        if known is None:
            f.refuse(node, "a set of values that are only known when the program runs is not supported", "use a list")
        found.append(known.value)
    return constant(frozenset(found))


def _known(value: Value) -> Const | None:
    if isinstance(value, Const):
        return value
    if not isinstance(value, Pack) or value.kind != "tuple":
        return None
    parts = [_known(i) for i in value.items]
    return None if None in parts else constant(tuple(p.value for p in parts if p is not None))
