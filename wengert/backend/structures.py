"""Tuples, dicts and records: taken apart at the start of a function, put together at its end.

In: a `Structure` and names or atoms for its leaves. Out: expressions.

    {"w": leaf, "b": leaf} of p      p["w"], p["b"]
    (leaf, (leaf, leaf))             (value, (w_bar, b_bar))
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from wengert.backend.expressions import Expressions
from wengert.ir.nodes import Atom, Structure


def rebuilt(structure: Structure, leaves: Iterator[Atom], expressions: Expressions) -> ast.expr:
    """The value of `structure` with `leaves` in it."""
    if structure.kind == "leaf":
        return expressions.atom(next(leaves))
    if structure.kind == "static":
        return expressions.key(structure.value)
    parts = [rebuilt(c, leaves, expressions) for c in structure.children]
    match structure.kind:
        case "tuple":
            return ast.Tuple(parts, ast.Load())
        case "list":
            return ast.List(parts, ast.Load())
        case "dict":
            keys: list[ast.expr | None] = [expressions.key(k) for k in structure.keys]
            return ast.Dict(keys, parts)
        case "record":
            keywords = [ast.keyword(str(k), p) for k, p in zip(structure.keys, parts, strict=True)]
            return ast.Call(expressions.references.path(structure.value), [], keywords)
        case _:
            raise AssertionError(f"unhandled structure: {structure.kind}")


def pattern(structure: Structure, names: Iterator[ast.expr]) -> ast.expr | None:
    """`a, (b, c)` for tuples of leaves; None where there is anything else in them."""
    if structure.kind == "leaf":
        return next(names)
    if structure.kind not in ("tuple", "list"):
        return None
    parts = [pattern(c, names) for c in structure.children]
    return None if None in parts else ast.Tuple([p for p in parts if p is not None], ast.Store())


def unpacked(structure: Structure, source: ast.expr, leaf: int, expressions: Expressions) -> ast.expr:
    """The path from `source` to its leaf of that number."""
    for k, child in enumerate(structure.children):
        if leaf < child.leaves:
            return unpacked(child, _part(structure, source, k, expressions), leaf, expressions)
        leaf -= child.leaves
    return source


def _part(structure: Structure, source: ast.expr, k: int, expressions: Expressions) -> ast.expr:
    match structure.kind:
        case "tuple" | "list":
            return ast.Subscript(source, ast.Constant(k), ast.Load())
        case "dict":
            return ast.Subscript(source, expressions.key(structure.keys[k]), ast.Load())
        case _:
            return ast.Attribute(source, str(structure.keys[k]), ast.Load())
