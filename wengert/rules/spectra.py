"""Eigenvalues of matrices that need not be symmetric, and roots of polynomials: complex, whatever the argument is.

In: nothing. Out: rows for `np.linalg.eig`, `np.linalg.eigvals`, `np.roots` and `polyroots`.

    np.linalg.eigvals(a)      w_dot = diag(inv(v) a_dot v)
    np.roots(p)               each root moves by -p_dot(r) / p'(r)

NumPy gives eigenvectors of length 1 whose largest entry is real; a multiple eigenvalue or root has no derivative: the parts of
the vectors that belong to it are left out. Cotangents are those of a transpose without conjugation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.polynomial import polynomial as series

from wengert.ir import shapes
from wengert.ir.nodes import Arg
from wengert.ir.types import Array, Sym, Tuple, Type, shape_of
from wengert.rules.examples import example
from wengert.rules.kinds import holds_complex, holomorphic, structural
from wengert.rules.linalg import turned
from wengert.runtime import bundle


def _moved(x_dot: Any, v: Any) -> Any:
    """The move of the matrix in the basis of the eigenvectors."""
    return np.linalg.inv(v) @ x_dot @ v


def _like(bar: Any, x: Any) -> Any:
    """The cotangent of a real argument is real."""
    return bar if holds_complex(x) else np.real(bar)


def _diagonal(m: Any) -> Any:
    return np.sum(m * np.eye(np.shape(m)[-1]), axis=-1)


def _gaps(w: Any) -> Any:
    """Entry (i, j) is 1 / (w[j] - w[i]), and 0 where they are equal."""
    gap = np.expand_dims(w, -2) - np.expand_dims(w, -1)
    return np.where(gap == 0, 0.0, 1.0 / np.where(gap == 0, 1.0, gap))


def _largest(v: Any) -> Any:
    """1 at the largest entry of each vector."""
    places = np.expand_dims(np.arange(np.shape(v)[-2]), -1)
    return np.where(np.equal(places, np.expand_dims(np.argmax(np.abs(v), axis=-2), -2)), 1.0, 0.0)


def _sums(values: Any) -> Any:
    return np.sum(values, axis=-2, keepdims=True)


def _eig_jvp(x_dot: Any, y: Any, x: Any) -> Any:
    w, v = y[0] + 0j, y[1] + 0j
    inner = _moved(x_dot, v)
    raw = v @ (_gaps(w) * inner)
    at = _largest(v)
    length = np.real(_sums(np.conj(v) * raw))
    turn = np.imag(_sums(at * raw)) / np.real(_sums(at * v))
    return bundle([_diagonal(inner), raw - v * (length + 1j * turn)])


def _eig_vjp(y_bar: Any, y: Any, x: Any) -> Any:
    w, v = y[0] + 0j, y[1] + 0j
    at, own = _largest(v), _sums(v * y_bar[1])
    turn = np.imag(own) / np.real(_sums(at * v))
    raw_bar = y_bar[1] - np.conj(v) * np.real(own) - 1j * at * turn
    inner = _gaps(w) * (turned(v) @ raw_bar) + np.eye(np.shape(v)[-1]) * np.expand_dims(y_bar[0], -2)
    return _like(turned(np.linalg.inv(v)) @ inner @ turned(v), x)


def _eigvals_jvp(x_dot: Any, y: Any, x: Any) -> Any:
    _, v = np.linalg.eig(x)
    return _diagonal(_moved(x_dot, v + 0j))


def _eigvals_vjp(y_bar: Any, y: Any, x: Any) -> Any:
    _, vectors = np.linalg.eig(x)
    v = vectors + 0j
    return _like(turned(np.linalg.inv(v)) @ (np.expand_dims(y_bar, -1) * turned(v)), x)


def _powers(y: Any, count: Any) -> Any:
    return np.expand_dims(y, -1) ** np.flip(np.arange(count))


def _root_slopes(y: Any, p: Any) -> Any:
    """For each root its slopes by the coefficients."""
    n = np.shape(p)[0]
    steep = _powers(y, n - 1) @ (p[:-1] * np.flip(np.arange(n))[:-1])
    return -_powers(y, n) / np.expand_dims(steep, -1)


def _roots_jvp(d: Any, y: Any, p: Any) -> Any:
    return _root_slopes(y + 0j, p + 0j) @ (d + 0j)


def _roots_vjp(y_bar: Any, y: Any, p: Any) -> Any:
    return _like(np.sum(np.expand_dims(y_bar, -1) * _root_slopes(y + 0j, p + 0j), axis=0), p)


def _rising_slopes(y: Any, c: Any) -> Any:
    """As `_root_slopes`, for coefficients with the lowest power first."""
    n = np.shape(c)[0]
    steep = (np.expand_dims(y, -1) ** np.arange(n - 1)) @ (c[1:] * np.arange(1, n))
    return -(np.expand_dims(y, -1) ** np.arange(n)) / np.expand_dims(steep, -1)


def _polyroots_jvp(d: Any, y: Any, c: Any) -> Any:
    return _rising_slopes(y + 0j, c + 0j) @ (d + 0j)


def _polyroots_vjp(y_bar: Any, y: Any, c: Any) -> Any:
    return _like(np.sum(np.expand_dims(y_bar, -1) * _rising_slopes(y + 0j, c + 0j), axis=0), c)


def _complex(inputs: Sequence[Arg]) -> str:
    single = getattr(shapes.type_of(inputs[0]), "dtype", None) in ("float32", "complex64")
    return "complex64" if single else "complex128"


def _eigvals_type(op: Any, inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
    """Complex numbers: that they all are real may turn out when the program runs."""
    shape = shape_of(shapes.type_of(inputs[0]))
    return Array(_complex(inputs), None if shape is None else shape[:-1])


def _eig_type(op: Any, inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
    shape = shape_of(shapes.type_of(inputs[0]))
    return Tuple((_eigvals_type(op, inputs, options), Array(_complex(inputs), shape)))


def _roots_type(op: Any, inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
    return Array(_complex(inputs), (Sym((op, tuple(inputs))),))


_TURNING = np.array([[0.3, -1.2, 0.4], [1.5, 0.2, 0.7], [-0.1, 0.6, 2.1]])

structural(
    np.linalg.eig,
    "x",
    jvp=(_eig_jvp,),
    vjp=(_eig_vjp,),
    result=_eig_type,
    examples=[example(_TURNING), example(np.stack([_TURNING, 2.0 * _TURNING.T]))],
)
structural(
    np.linalg.eigvals,
    "x",
    jvp=(_eigvals_jvp,),
    vjp=(_eigvals_vjp,),
    result=_eigvals_type,
    examples=[example(_TURNING), example(np.stack([_TURNING, 2.0 * _TURNING.T]))],
)
structural(
    np.roots,
    "p",
    jvp=(_roots_jvp,),
    vjp=(_roots_vjp,),
    result=_roots_type,
    examples=[example(np.array([1.0, 0.4, 2.0])), example(np.array([0.7, -1.1, 0.4, 2.0]))],
)
structural(
    series.polyroots,
    "c",
    jvp=(_polyroots_jvp,),
    vjp=(_polyroots_vjp,),
    result=_roots_type,
    examples=[example(np.array([2.0, 0.4, 1.0])), example(np.array([2.0, 0.4, -1.1, 0.7]))],
)
holomorphic(np.linalg.eig, np.linalg.eigvals, np.roots, series.polyroots)
