"""Sums and products of derivatives with the signs that a person would write; the numbers are the same to the last bit.

In: an expression. Out: an equal one.

    a + -b              a - b
    a - -0.2 * b        a + 0.2 * b
    -a + b              b - a
    -(2.0 * a)          -2.0 * a
"""

from __future__ import annotations

import ast


def tidy(shown: ast.expr) -> ast.expr:
    """A sum or difference without a sign in its second term, and without one in its first if that can be."""
    match shown:
        case ast.BinOp(left, ast.Add() | ast.Sub() as op, right):
            positive = without_sign(right)
            if positive is not None:
                return ast.BinOp(left, ast.Sub() if isinstance(op, ast.Add) else ast.Add(), positive)
            first = without_sign(left) if isinstance(op, ast.Add) else None
            return shown if first is None else ast.BinOp(right, ast.Sub(), first)
        case _:
            return shown


def without_sign(shown: ast.expr) -> ast.expr | None:
    """`x` of `-x`, `c * x` of `-c * x`; None of what has no sign in front."""
    match shown:
        case ast.UnaryOp(ast.USub(), operand):
            return operand
        case ast.BinOp(left, ast.Mult() | ast.Div() as op, right):
            first = without_sign(left)
            return None if first is None else ast.BinOp(first, op, right)
        case _:
            return None


def negative(product: ast.expr) -> ast.expr:
    """`-x`; the sign of a product goes to its first factor."""
    match product:
        case ast.BinOp(left, ast.Mult() | ast.Div() as op, right):
            return ast.BinOp(negative(left), op, right)
        case _:
            return without_sign(product) or ast.UnaryOp(ast.USub(), product)
