"""Which values may be infinite or nan although the program is fine: they must not meet a cotangent that is zero by selection.

    wild(body)      the results of log, of divisions, of exp, of np.empty, ..., and what is computed from them

`np.where(x > 0, x * np.log(x), 0.0)` computes log(0) and does not use it; in its adjoint 0 * log(0) would be nan.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from wengert.ir.callee import Emitted
from wengert.ir.nodes import AddStore, Assign, Atom, Block, Const, For, If, Statement, Store, Var, While
from wengert.ir.queries import blocks, operands, walk
from wengert.rules.scipy import part_of
from wengert.runtime import strong_quotient

OVERFLOWING: frozenset[Callable[..., Any]] = frozenset({
    operator.truediv, operator.pow, np.divide, np.power, np.float_power, np.reciprocal, np.log, np.log2, np.log10,
    np.log1p, np.sqrt, np.exp, np.exp2, np.expm1, np.sinh, np.cosh, np.tan, np.arctanh, np.arcsin, np.arccos,
    np.arccosh, np.logaddexp, math.log, math.sqrt, np.empty, np.empty_like, strong_quotient,
})  # fmt: skip
"""Operations whose result can be infinite or nan at finite arguments."""


CAREFUL: frozenset[Any] = frozenset(
    {np.isnan, np.isfinite, np.isinf, np.isposinf, np.isneginf, math.isnan, math.isfinite, math.isinf, np.nan_to_num}
    | {np.nansum, np.nanprod, np.nanmean, np.nanvar, np.nanstd, np.nanmax, np.nanmin, np.nanmedian, np.nanquantile}
    | {np.nanpercentile, np.nancumsum, np.nancumprod, np.fmax, np.fmin}
)
"""Operations that a program uses whose arguments may hold nan and infinities."""


def careful(block: Block) -> bool:
    """True where the program reckons with values that are not finite: then its arguments may not be."""
    return any(isinstance(s, Assign) and s.op in CAREFUL for s in walk(block))


def wild(block: Block, given: Iterable[Var] = ()) -> set[Var]:
    """The variables of a block, inner blocks included, that may not be finite; those `given` may not be."""
    found = set(given)
    before = -1
    while len(found) != before:
        before = len(found)
        _mark(block, found)
    return found


def _mark(block: Block, found: set[Var]) -> None:
    for s in block.statements:
        _mark_statement(s, found)


def _mark_statement(s: Statement, found: set[Var]) -> None:
    match s:
        case Assign():
            if _overflows(s) or any(a in found for a in operands(s)):
                found.add(s.target)
        case If():
            _mark(s.then, found)
            _mark(s.orelse, found)
            for k, r in enumerate(s.results):
                if s.then.yields[k] in found or s.orelse.yields[k] in found:
                    found.add(r)
        case For() | While():
            for nested in blocks(s):
                _mark(nested, found)
            count = len(s.carried)
            for k in range(count):
                if s.inits[k] in found or s.body.yields[k] in found:
                    found.update((s.carried[k], s.results[k]))
            found.update(t for k, t in enumerate(s.tapes) if s.body.yields[count + k] in found)
            if isinstance(s, For):
                found.update(v for v, q in zip(s.targets, s.sequences, strict=True) if q in found)
        case Store() | AddStore():
            whole = isinstance(s, Store) and isinstance(s.index, Const) and s.index.value is Ellipsis
            if s.value in found or _is_infinite(s.value) or (s.base in found and not whole):
                found.add(s.result)
        case _:
            return


def _is_infinite(a: Atom) -> bool:
    return isinstance(a, Const) and isinstance(a.value, (float, np.floating)) and not np.isfinite(a.value)


def _overflows(s: Assign) -> bool:
    """Division by a constant and positive integer powers stay finite."""
    if isinstance(s.op, Emitted):
        return True
    if s.op not in OVERFLOWING:
        return part_of(s.op) in ("special", "stats")  # poles, logarithms of densities: they have both
    if len(s.args) == 2 and isinstance(s.args[1], Const) and not isinstance(s.args[1].value, np.ndarray):
        value = s.args[1].value
        return not value if s.op in (operator.truediv, np.divide) else not (isinstance(value, int) and value >= 0)
    return True
