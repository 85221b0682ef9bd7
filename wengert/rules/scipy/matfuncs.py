"""Functions of matrices, and equations for matrices.

In: nothing. Out: rows for `scipy.linalg.expm`, `logm`, `sqrtm` and `solve_sylvester`.

    sl.expm(a)      along a_dot: a block of expm([[a, a_dot], [0, a]])

Higham, "Functions of Matrices" (2008), theorem 3.6 for the block matrix.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import scipy.linalg as sl

from wengert.ir import shapes
from wengert.ir.nodes import Arg
from wengert.ir.types import Array, Number, Type
from wengert.rules.examples import definite, example, matrix, normal
from wengert.rules.kinds import structural
from wengert.rules.linalg import turned
from wengert.runtime import unbroadcast


def _alike(op: Any, inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
    """A matrix like the first input; SciPy may answer single precision with double."""
    found = shapes.type_of(inputs[0])
    if not isinstance(found, Array) or found.dtype not in ("float32", "float64"):
        return Number()
    return found if found.dtype == "float64" else Array(None, found.shape)


def _root_type(op: Any, inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
    """As `_alike`, but whether the result is complex depends on the values."""
    found = _alike(op, inputs, options)
    return Array(None, found.shape) if isinstance(found, Array) else found


def _check_real(y: Any) -> Any:
    if np.any(np.imag(y) != 0):
        raise ValueError("logm and sqrtm are differentiated where their result is real: here it is complex")


def _check_root(y: Any) -> Any:
    _check_real(y)
    if np.any(np.linalg.matrix_rank(y) < np.shape(y)[-1]):
        raise ValueError("sqrtm has no derivative at a singular matrix: add a small multiple of the identity")


def _blocks(x: Any, move: Any) -> Any:
    upper = np.concatenate([x, move], axis=-1)
    return np.concatenate([upper, np.concatenate([np.zeros_like(x), x], axis=-1)], axis=-2)


def _expm_jvp(x_dot: Any, y: Any, x: Any) -> Any:
    size = np.shape(x)[-1]
    return sl.expm(_blocks(x, x_dot))[..., :size, size:]


def _expm_vjp(y_bar: Any, y: Any, x: Any) -> Any:
    size = np.shape(x)[-1]
    return sl.expm(_blocks(turned(x), y_bar))[..., :size, size:]


def _logm_jvp(x_dot: Any, y: Any, x: Any) -> Any:
    _check_real(y)
    size = np.shape(x)[-1]
    return sl.logm(_blocks(x, x_dot))[..., :size, size:]


def _logm_vjp(y_bar: Any, y: Any, x: Any) -> Any:
    _check_real(y)
    size = np.shape(x)[-1]
    return sl.logm(_blocks(turned(x), y_bar))[..., :size, size:]


def _sqrtm_jvp(x_dot: Any, y: Any, x: Any) -> Any:
    _check_root(y)
    return sl.solve_sylvester(y, y, x_dot)


def _sqrtm_vjp(y_bar: Any, y: Any, x: Any) -> Any:
    _check_root(y)
    return sl.solve_sylvester(turned(y), turned(y), y_bar)


def _sylvester_a_jvp(a_dot: Any, y: Any, a: Any, b: Any, q: Any) -> Any:
    return -sl.solve_sylvester(a, b, a_dot @ y)


def _sylvester_b_jvp(b_dot: Any, y: Any, a: Any, b: Any, q: Any) -> Any:
    return -sl.solve_sylvester(a, b, y @ b_dot)


def _sylvester_q_jvp(q_dot: Any, y: Any, a: Any, b: Any, q: Any) -> Any:
    return sl.solve_sylvester(a, b, q_dot)


def _sylvester_q_vjp(y_bar: Any, y: Any, a: Any, b: Any, q: Any) -> Any:
    return unbroadcast(sl.solve_sylvester(turned(a), turned(b), y_bar), q)


def _sylvester_a_vjp(y_bar: Any, y: Any, a: Any, b: Any, q: Any) -> Any:
    return unbroadcast(-(sl.solve_sylvester(turned(a), turned(b), y_bar) @ turned(y)), a)


def _sylvester_b_vjp(y_bar: Any, y: Any, a: Any, b: Any, q: Any) -> Any:
    return unbroadcast(-(turned(y) @ sl.solve_sylvester(turned(a), turned(b), y_bar)), b)


structural(
    sl.expm, "x", jvp=(_expm_jvp,), vjp=(_expm_vjp,), result=_alike, examples=[example(normal(3, 3)), example(normal(1, 1))]
)
structural(sl.logm, "x", jvp=(_logm_jvp,), vjp=(_logm_vjp,), result=_root_type, examples=[example(definite(3))])
structural(sl.sqrtm, "x", jvp=(_sqrtm_jvp,), vjp=(_sqrtm_vjp,), result=_root_type, examples=[example(definite(3))])
structural(
    sl.solve_sylvester,
    "a b q",
    jvp=(_sylvester_a_jvp, _sylvester_b_jvp, _sylvester_q_jvp),
    vjp=(_sylvester_a_vjp, _sylvester_b_vjp, _sylvester_q_vjp),
    result=shapes.probe,
    examples=[example(matrix(3), matrix(2), normal(3, 2)), example(matrix(2), definite(2), normal(2, 2))],
)
