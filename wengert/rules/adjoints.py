"""Transposes and triangles of matrices, real and complex, for the rows of linear algebra.

In: matrices in the last two axes. Out: parts of the bodies of rows, which emit no conjugation where all is real.

    adjoint(q, x) @ b        q.T @ b, or q.conj().T @ b where x is complex

Whether a value is complex is asked of arguments and results of the operation, whose types are known: of what branches join it
may not be.

Where the values are complex the bodies compute with conjugated cotangents: with these the formulas are those of real matrices,
with adjoints in the places of transposes.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.rules.kinds import holds_complex


def turned(x: Any) -> Any:
    """The transposes of matrices."""
    return np.transpose(x) if np.ndim(x) == 2 else np.swapaxes(x, -1, -2)


def conjugated(x: Any) -> Any:
    return np.conj(x) if holds_complex(x) else x


def conjugated_as(bar: Any, y: Any) -> Any:
    """`bar`, conjugated where `y` is complex."""
    return np.conj(bar) if holds_complex(y) else bar


def adjoint(m: Any, x: Any) -> Any:
    """The transposes of matrices, conjugated where `x` is complex."""
    return np.conj(turned(m)) if holds_complex(x) else turned(m)


def real_part(m: Any, x: Any) -> Any:
    return np.real(m) if holds_complex(x) else m


def paired(a: Any, d: Any, x: Any) -> Any:
    """Entry by entry how far `d` goes along `a`, which are complex where `x` is."""
    return np.real(np.conj(a) * d) if holds_complex(x) else a * d


def whole(m: Any, upper: Any, x: Any) -> Any:
    """The symmetric or Hermitian matrix whose lower (or upper) triangle is that of `m`; its diagonal is real."""
    if holds_complex(x):
        half = np.triu(m, 1) if upper else np.tril(m, -1)
        return half + np.conj(turned(half)) + np.real(m) * np.eye(np.shape(m)[-1])
    if upper:
        return np.triu(m) + turned(np.triu(m, 1))
    return np.tril(m) + turned(np.tril(m, -1))


def triangle(bar: Any, upper: Any, x: Any) -> Any:
    """The cotangent of the triangle that is read, from that of the whole matrix."""
    if holds_complex(x):
        here, there = (np.triu(bar, 1), np.tril(bar, -1)) if upper else (np.tril(bar, -1), np.triu(bar, 1))
        return here + np.conj(turned(there)) + np.real(bar) * np.eye(np.shape(bar)[-1])
    if upper:
        return np.triu(bar) + turned(np.tril(bar, -1))
    return np.tril(bar) + turned(np.triu(bar, 1))


def anchored(row: Any) -> Any:
    """One over the entries that are real, 0 for the others.

    LAPACK's Hermitian eigenvectors and singular vectors have one row that is real, which fixes their phases.
    """
    real = (np.abs(np.imag(row)) <= 1e-6 * np.abs(np.real(row))) & (np.real(row) != 0)
    return np.where(real, 1.0 / np.where(real, np.real(row), 1.0), 0.0)
