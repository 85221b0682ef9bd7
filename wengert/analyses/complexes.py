"""Which values may be complex: cotangents of the others are real.

    complexes(body)      {z, w}: what has a complex dtype, and what is computed from such values and has no dtype that is known

A program without complex values has none: derivatives of real values are then not looked at.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from wengert import runtime
from wengert.ir.nodes import AddStore, Assign, Atom, Block, Const, For, If, Statement, Store, Var, While
from wengert.ir.queries import blocks, operands, targets
from wengert.ir.types import Array, Bool, Complex, Float, Int, List, Number, NumpyScalar, Tape, Tuple, Type

REAL: frozenset[Any] = frozenset({
    np.real, np.imag, np.absolute, abs, np.angle, np.linalg.norm, float, np.shape, np.ndim, np.size,
})  # fmt: skip
"""Operations whose results are real, whatever they are applied to."""

_READ_APART = (
    (operator, "abs"),
    (np, "absolute imag conjugate angle vdot vecdot vecmat convolve correlate var std nanvar nanstd cov corrcoef"),
    (np.linalg, "norm vector_norm matrix_norm vecdot cond cholesky qr eigh eigvalsh svd svdvals slogdet pinv"),
)
NOT_HOLOMORPHIC: frozenset[Any] = frozenset({
    abs, *(getattr(module, name) for module, names in _READ_APART for name in names.split() if hasattr(module, name)),
})  # fmt: skip
"""Operations that take complex numbers and have another derivative there than the one of real numbers."""

_KEEPS = (
    (operator, "add sub mul truediv matmul neg pos getitem"),
    (np, "add subtract multiply divide negative conjugate exp sin cos matmul dot outer sum where reshape ravel transpose"),
    (np, "swapaxes moveaxis expand_dims squeeze broadcast_to copy"),
    (runtime, "unbroadcast broadcast_like copy_ strong_product strong_quotient strong_matmul"),
)
KEEPS: frozenset[Any] = frozenset(getattr(module, name) for module, names in _KEEPS for name in names.split())
"""Operations whose results are complex where one of the operands is, whatever the others are."""


def is_complex(t: Type) -> bool:
    """True of numbers that are complex for certain, and of sequences that hold such numbers."""
    match t:
        case Complex():
            return True
        case NumpyScalar(dtype=str() as dtype) | Array(dtype=str() as dtype):
            return np.dtype(dtype).kind == "c"
        case List(item=item) | Tape(item=item):
            return is_complex(item)
        case Tuple(items=items):
            return any(map(is_complex, items))
        case _:
            return False


def is_undecided(t: Type) -> bool:
    """True of numbers of which it is not known whether they are complex."""
    match t:
        case Number() | Array(dtype=None):
            return True
        case List(item=item) | Tape(item=item):
            return is_undecided(item)
        case Tuple(items=items):
            return any(map(is_undecided, items))
        case _:
            return False


def is_real(t: Type) -> bool:
    """True of numbers that are real for certain."""
    return isinstance(t, Bool | Int | Float | Array | NumpyScalar) and not is_complex(t) and not is_undecided(t)


def complexes(body: Block) -> set[Var]:
    """The variables of a block, inner blocks included, that are complex or may be."""
    found: set[Var] = set()
    before = -1
    while len(found) != before:
        before = len(found)
        _mark(body, found)
    return found


def certain(body: Block) -> set[Var]:
    """The variables that are complex for certain, or zero, though their types do not tell; what loops carry is left out."""
    found: set[Var] = set()
    _mark_certain(body, found)
    return found


def _mark_certain(block: Block, found: set[Var]) -> None:
    for s in block.statements:
        for nested in blocks(s):
            _mark_certain(nested, found)
        match s:
            case Assign(target=v) if s.op in KEEPS and any(_in(a, found) for a in operands(s)):
                found.add(v)
            case Store(result=v) | AddStore(result=v) if _in(s.base, found):
                found.add(v)
            case If():
                yields = zip(s.results, s.then.yields, s.orelse.yields, strict=True)
                found.update(r for r, a, b in yields if _in(a, found) and _in(b, found))
        found.update(v for v in targets(s) if _is_of_complex(v))


def _is_of_complex(v: Var) -> bool:
    """True of the derivative of what is complex."""
    while v.of is not None:
        v = v.of
    return is_complex(v.type)


def _mark(block: Block, found: set[Var]) -> None:
    for s in block.statements:
        _mark_statement(s, found)


def _note(target: Var, sources: tuple[Atom, ...], found: set[Var]) -> None:
    if is_complex(target.type) or (is_undecided(target.type) and any(_in(a, found) for a in sources)):
        found.add(target)


def _in(a: Atom, found: set[Var]) -> bool:
    return a in found or is_complex(a.type) if isinstance(a, Var) else isinstance(a, Const) and is_complex(a.type)


def _mark_statement(s: Statement, found: set[Var]) -> None:
    match s:
        case Assign() if s.op in REAL:
            return
        case Assign():
            _note(s.target, tuple(operands(s)), found)
        case If():
            _mark(s.then, found)
            _mark(s.orelse, found)
            for k, r in enumerate(s.results):
                _note(r, (s.then.yields[k], s.orelse.yields[k]), found)
        case For() | While():
            if isinstance(s, For):
                for v, q in zip(s.targets, s.sequences, strict=True):
                    _note(v, (q,), found)
            for nested in blocks(s):
                _mark(nested, found)
            count = len(s.carried)
            for k in range(count):
                for v in (s.carried[k], s.results[k]):
                    _note(v, (s.inits[k], s.body.yields[k], s.carried[k]), found)
            for k, t in enumerate(s.tapes):
                _note(t, (s.body.yields[count + k],), found)
        case Store() | AddStore():
            _note(s.result, (s.base, s.value), found)
        case _:
            return
