"""Which arrays no other name can share: what `a += b` on a bare name may rebind instead of writing.

An array owns its memory when an operation that allocates made it, one name holds it, and no view was taken of it.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from wengert.frontend.values import Value, atoms
from wengert.ir.nodes import Var

ALLOCATING: frozenset[Callable[..., Any]] = frozenset({
    operator.add, operator.sub, operator.mul, operator.truediv, operator.floordiv, operator.mod, operator.pow,
    operator.matmul, operator.neg, np.zeros, np.ones, np.empty, np.full, np.zeros_like, np.ones_like, np.full_like,
    np.copy, np.array, np.concatenate, np.stack, np.where, np.dot, np.outer, np.eye, np.sum, np.mean, np.linspace,
    np.arange,
})  # fmt: skip


def allocates(op: Callable[..., Any]) -> bool:
    return isinstance(op, np.ufunc) or op in ALLOCATING


def owns_memory(fresh: set[Var], names: Mapping[tuple[int, str], Value], value: Var, key: tuple[int, str]) -> bool:
    """True where nothing but the name `key` can see what is written into `value`."""
    return value in fresh and not any(k != key and (v is value or value in atoms(v)) for k, v in names.items())
