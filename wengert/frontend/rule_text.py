"""Evaluating the text of a partial derivative: an expression in the names of a rule's inputs, `y`, `np` and `math`."""

from __future__ import annotations

import ast
import cmath
import math

import numpy as np

from wengert.frontend.context import Flattener
from wengert.frontend.source import Source
from wengert.frontend.values import Frame, Value
from wengert.ir.builder import constant

_MODULES: dict[str, Value] = {
    "np": constant(np), "math": constant(math), "cmath": constant(cmath), "abs": constant(abs), "float": constant(float)
}  # fmt: skip
_NOWHERE = ast.parse("lambda: None", mode="eval").body
assert isinstance(_NOWHERE, ast.Lambda)
_SOURCE = Source("", "", _NOWHERE)


def evaluate(f: Flattener, node: ast.expr, names: dict[str, Value]) -> Value:
    """Emit the expression with `names` bound; what it emits belongs to a rule."""
    bound = _MODULES | names
    f.frames += 1
    frame = Frame(f.frames, _SOURCE, frozenset(bound), None, lambda name: None)
    keys = [(frame.number, n) for n in bound]
    f.names.update(zip(keys, bound.values(), strict=True))
    caller, f.frame = f.frame, frame
    origin = f.emit.origin
    try:
        with f.emit.rules():
            return f.expression(node)
    finally:
        f.frame, f.emit.origin = caller, origin
        for key in keys:
            del f.names[key]
