"""Which operations give memory of their own, and which may give a view of an argument.

In: an assignment. Out: what is known of its result; an operation that is in no table may give anything.

    y = exp(x)                  fresh
    v = getitem(y, 1:)          a view of its first argument that can be written
    w = broadcast_to(y, s)      a view of its first argument that must not be
"""

from __future__ import annotations

import copy
import inspect
import operator
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from wengert import runtime
from wengert.ir.nodes import Arg, Assign, Display
from wengert.ir.types import SCALARS, Array, Number, Opaque, Range, Type, Undefined
from wengert.rules.random_draws import is_draw

FRESH: frozenset[Any] = frozenset(
    getattr(module, name)
    for module, names in (
        (operator, "add sub mul truediv floordiv mod pow matmul neg pos abs invert and_ or_ xor lshift rshift"),
        (operator, "lt le eq ne gt ge"),
        (np, "sum prod mean std var max min amax amin argmax argmin ptp cumsum cumprod median average trace any all"),
        (np, "count_nonzero nansum nanmean nanmax nanmin zeros ones full empty zeros_like ones_like full_like"),
        (np, "empty_like copy array arange linspace eye identity tri tril triu concatenate stack vstack hstack dstack"),
        (np, "column_stack block append delete insert tile repeat roll pad where select choose take take_along_axis"),
        (np, "compress dot vdot inner outer tensordot kron interp convolve correlate gradient sort argsort"),
        (np, "unique searchsorted clip sinc i0 angle shape ndim size"),
        (np.linalg, "norm inv pinv solve det slogdet cholesky eigh eigvalsh eig eigvals svd qr lstsq"),
        (np.fft, "fft ifft rfft irfft"),
        (runtime, "copy_ project zeros_of listed join_lists repeat_list deep_list folded"),
        (runtime, "strong_product strong_quotient strong_dot strong_matmul on_diagonal sigmoid"),
    )
    for name in names.split()
) | {abs, pow, divmod, list, np.ndarray.astype}
"""Operations whose result shares no memory with an argument or with anything else (a list's items do)."""

VIEWS: frozenset[Any] = frozenset(
    {
        operator.getitem,
        np.reshape,
        np.ravel,
        np.transpose,
        np.swapaxes,
        np.moveaxis,
        np.squeeze,
        np.expand_dims,
        np.atleast_1d,
        np.atleast_2d,
        np.flip,
        np.flipud,
        np.fliplr,
        np.rot90,
        np.asarray,
        np.ascontiguousarray,
        runtime.unbroadcast,
    }
)
"""Operations whose result is fresh or a view, writable and without overlaps, of the first argument."""

LOCKED: frozenset[Any] = frozenset({np.broadcast_to, np.diagonal, np.diag, np.real, np.imag, runtime.broadcast_like})
"""Operations whose result is a view of the first argument that must not be written."""

COPIES: frozenset[Any] = frozenset({np.copy, runtime.copy_, list, copy.deepcopy})


def is_array(t: Type) -> bool:
    """True for what may be an array and is no container."""
    return isinstance(t, (Array, Number))


def holds_memory(t: Type) -> bool:
    """False for values that cannot be written and hold nothing that can."""
    return not isinstance(t, (*SCALARS, Range, Undefined))


def is_fresh(s: Assign) -> bool:
    """True where the result of `s` is memory of its own."""
    op: Callable[..., Any] = s.op
    options = [k for k, _ in s.kwargs]
    if "out" in options or "copy" in options:
        return False
    if isinstance(op, np.ufunc):
        return len(s.args) <= op.nin
    if is_draw(op):
        return True
    if op is operator.getitem and len(s.args) == 2:
        return is_array(_type(s.args[0])) and _selects(s.args[1])
    return op in FRESH and len(s.args) <= _out_place(op)


@cache
def _out_place(op: Callable[..., Any]) -> int:
    """The position at which `op` takes an array to write its result into."""
    try:
        names = list(inspect.signature(op).parameters)
    except ValueError:  # NumPy 1 does not tell it of functions written in C
        names = ["a", "b", "out"] if op in (np.dot, np.concatenate) else []
    return names.index("out") if "out" in names else 99


def _type(a: Arg) -> Type:
    return Opaque() if isinstance(a, Display) else a.type


def _selects(index: Arg) -> bool:
    """True where the index is certain to be an advanced one, which copies."""
    if isinstance(index, Display):
        return index.kind == "list" or (index.kind == "tuple" and any(map(_selects, index.items)))
    t = index.type
    # a 0-d integer array may count as an integer, and then select a view
    return isinstance(t, Array) and ((t.rank is not None and t.rank > 0) or t.dtype == "bool")
