"""Arguments as they are typed in a terminal.

In: the text of a Python literal. Out: its value; nested lists of numbers become arrays.

    parsed("[[1.0, inf], [2, 3]]")      array([[ 1., inf], [ 2.,  3.]])
"""

from __future__ import annotations

import ast
import math
from typing import Any

import numpy as np


def parsed(text: str) -> Any:
    """The value of a literal; raises ValueError, with the reason as its text, for anything else."""
    try:
        value = ast.literal_eval(_Constants().visit(ast.parse(text.strip(), mode="eval")))
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        quoted = f"; a string needs quotes: \"'{text}'\"" if text.isidentifier() else ""
        raise ValueError(f"not a Python literal{quoted}") from None
    return _arrays(value)


class _Constants(ast.NodeTransformer):
    """Puts in the values of `inf`, `nan`, `pi` and `e`, also as attributes of `np` and `math`."""

    def visit_Name(self, node: ast.Name) -> ast.AST:
        known = {"inf": math.inf, "nan": math.nan, "pi": math.pi, "e": math.e}
        return ast.Constant(known[node.id]) if node.id in known else node

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        if isinstance(node.value, ast.Name) and node.value.id in ("np", "numpy", "math"):
            return self.visit_Name(ast.Name(node.attr))
        return node


def _arrays(value: Any) -> Any:
    """`value` with its lists of numbers made into arrays."""
    if isinstance(value, list):
        if _all_numbers(value):
            try:
                return np.array(value) if value else np.array([], dtype=float)
            except ValueError:
                raise ValueError("rows of different lengths") from None
        return [_arrays(v) for v in value]
    if isinstance(value, tuple):
        return tuple(_arrays(v) for v in value)
    if isinstance(value, dict):
        return {k: _arrays(v) for k, v in value.items()}
    return value


def _all_numbers(value: Any) -> bool:
    if isinstance(value, list):
        return all(_all_numbers(v) for v in value)
    return isinstance(value, (bool, int, float, complex))
