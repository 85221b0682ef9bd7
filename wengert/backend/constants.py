"""Values known at transformation time -> expressions.

In: a Python value. Out: an expression that evaluates to an equal value of the same type, or to the object itself.

    -0.0      UnaryOp(-, 0.0)          nan       math.nan
    slice(1, None)   slice(1, None)    np.float32(0.5)   np.float32(0.5)
"""

from __future__ import annotations

import ast
import enum
import math
from typing import Any

import numpy as np

from wengert.backend.references import References, where

LONGEST_INT = 4096  # bits; Python limits the digits of a literal


def constant(value: Any, references: References) -> ast.expr:
    """An expression for `value`; an object that has none is handed to the module under a name."""
    found = _literal(value, references)
    return references.path(value) if found is None else found


def _literal(value: Any, references: References) -> ast.expr | None:
    kind = type(value)
    if value is None or value is Ellipsis or kind in (bool, str, bytes):
        return ast.Constant(value)
    if kind is int:
        return _signed(value, value < 0) if value.bit_length() < LONGEST_INT else None
    if kind is float:
        return _float(value, references)
    if kind is complex:
        return _complex(value, references)
    if kind is tuple:
        return ast.Tuple([constant(v, references) for v in value], ast.Load())
    if kind is slice:
        given = [value.stop] if value.start is None and value.step is None else [value.start, value.stop]
        given = [*given, value.step] if value.step is not None else given
        return _call(references.builtin("slice"), [constant(v, references) for v in given])
    if kind is range:
        given = [value.start, value.stop] if value.step == 1 else [value.start, value.stop, value.step]
        given = given[1:] if given[0] == 0 and len(given) == 2 else given
        return _call(references.builtin("range"), [constant(v, references) for v in given])
    if isinstance(value, enum.Enum) and where(kind) is not None:
        member = str(value.name)
        found = member.isidentifier() and getattr(kind, member, None) is value
        return ast.Attribute(references.path(kind), member, ast.Load()) if found else None
    if isinstance(value, np.generic):
        return _numpy_scalar(value, references)
    if isinstance(value, np.dtype):
        names = [n for n in (value.name, value.str) if _same_dtype(n, value)]
        return _call(references.path(np.dtype), [ast.Constant(names[0])]) if names else None
    return None


def slice_parts(value: slice, references: References) -> ast.Slice:
    """A slice as it is written between brackets."""
    lower, upper, step = (None if v is None else constant(v, references) for v in (value.start, value.stop, value.step))
    return ast.Slice(lower, upper, step)


def _same_dtype(name: str, dtype: np.dtype[Any]) -> bool:
    try:
        return dtype.fields is None and dtype.metadata is None and np.dtype(name) == dtype
    except TypeError:
        return False


def _signed(value: float, negative: bool) -> ast.expr:
    """Negative numbers are an operation: `(-2) ** x` keeps its parentheses."""
    return ast.UnaryOp(ast.USub(), ast.Constant(-value)) if negative else ast.Constant(value)


def _float(value: float, references: References) -> ast.expr:
    if math.isfinite(value):
        return _signed(value, math.copysign(1.0, value) < 0)
    named = ast.Attribute(references.module("math"), "nan" if math.isnan(value) else "inf", ast.Load())
    return ast.UnaryOp(ast.USub(), named) if value < 0 else named


def _complex(value: complex, references: References) -> ast.expr:
    real, imag = value.real, value.imag
    plain = math.isfinite(imag) and math.copysign(1.0, imag) > 0 and math.isfinite(real)
    if plain and repr(complex(0.0, imag)) == repr(value):
        return ast.Constant(value)
    if plain and repr(real + complex(0.0, imag)) == repr(value):
        return ast.BinOp(_float(real, references), ast.Add(), ast.Constant(complex(0.0, imag)))
    return _call(references.builtin("complex"), [_float(real, references), _float(imag, references)])


def _numpy_scalar(value: np.generic, references: References) -> ast.expr | None:
    if value.dtype.kind not in "biufc" or where(type(value)) is None:
        return None
    item = value.item()
    if type(item) not in (bool, int, float, complex):
        return None
    if isinstance(item, float) and math.isfinite(item) and type(value)(str(value)) == value:
        item = math.copysign(float(str(value)), item)
    return _call(references.path(type(value)), [constant(item, references)])


def _call(function: ast.expr, args: list[ast.expr]) -> ast.Call:
    return ast.Call(function, args, [])
