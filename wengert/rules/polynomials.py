"""Polynomials by their coefficients, the highest power first.

In: nothing. Out: rows for `np.poly`, `np.polyval`, `np.polyder`, `np.polyint`, `np.polyadd`, `np.polysub`, `np.polymul`
and `np.polydiv`.

    np.polyval(p, x)      slopes the powers of x, and the value of the derivative's polynomial
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from wengert.ir import shapes
from wengert.ir.arrays import array_type, common_dtype
from wengert.ir.nodes import Arg
from wengert.ir.types import Array, Sym, Type
from wengert.rules.examples import definite, example, matrix, normal, positive
from wengert.rules.kinds import Body, holds_complex, linear, structural
from wengert.rules.signals import correlated
from wengert.rules.static import axes
from wengert.rules.typings import named, several
from wengert.runtime import bundle, unbroadcast


def _powers(x: Any, count: Any) -> Any:
    return np.expand_dims(x, -1) ** np.arange(count - 1, -1, -1)


def _polyval_p_jvp(p_dot: Any, y: Any, p: Any, x: Any) -> Any:
    return np.polyval(p_dot, x)


def _polyval_p_vjp(y_bar: Any, y: Any, p: Any, x: Any) -> Any:
    whole = np.expand_dims(y_bar, -1) * _powers(x, np.shape(p)[0])
    return np.sum(whole, axis=axes(0, np.ndim(x))) if np.ndim(x) > 0 else whole


def _polyval_x_jvp(x_dot: Any, y: Any, p: Any, x: Any) -> Any:
    return np.polyval(np.polyder(p), x) * x_dot


def _polyval_x_vjp(y_bar: Any, y: Any, p: Any, x: Any) -> Any:
    return np.polyval(np.polyder(p), x) * y_bar


def _polyder_vjp(y_bar: Any, y: Any, p: Any, m: Any = 1) -> Any:
    bar = y_bar
    for _ in range(m):
        n = np.shape(bar)[0]
        bar = np.concatenate([bar * np.arange(n, 0, -1), np.zeros(1)])
    return bar[: np.shape(p)[0]]


def _polyint_jvp(p_dot: Any, y: Any, p: Any, k: Any, m: Any = 1) -> Any:
    return np.polyint(p_dot, m)


def _polyint_vjp(y_bar: Any, y: Any, p: Any, k: Any, m: Any = 1) -> Any:
    bar = y_bar
    for _ in range(m):
        n = np.shape(bar)[0] - 1
        bar = bar[:-1] / np.arange(n, 0, -1)
    return bar


def _polyint_k_jvp(d: Any, y: Any, p: Any, k: Any, m: Any = 1) -> Any:
    return np.polyint(np.zeros_like(p), m, d)


def _polyint_k_vjp(y_bar: Any, y: Any, p: Any, k: Any, m: Any = 1) -> Any:
    """The first constant is integrated m - 1 times, the last one not at all."""
    falling = np.cumprod(np.maximum(np.arange(m), 1))[::-1]
    return unbroadcast(y_bar[np.shape(y)[0] - m :] / falling, k)


def _fitted(p: Any, count: Any) -> Any:
    """A shorter array of coefficients with zeros for the higher powers."""
    return np.concatenate([np.zeros(count - np.shape(p)[0]), p])


def _add_jvp(d: Any, y: Any, a: Any, b: Any) -> Any:
    return _fitted(d, np.shape(y)[0])


def _subtract_jvp(d: Any, y: Any, a: Any, b: Any) -> Any:
    return -_fitted(d, np.shape(y)[0])


def _add_a(y_bar: Any, y: Any, a: Any, b: Any) -> Any:
    return y_bar[np.shape(y)[0] - np.shape(a)[0] :]


def _add_b(y_bar: Any, y: Any, a: Any, b: Any) -> Any:
    return y_bar[np.shape(y)[0] - np.shape(b)[0] :]


def _subtract_b(y_bar: Any, y: Any, a: Any, b: Any) -> Any:
    return -y_bar[np.shape(y)[0] - np.shape(b)[0] :]


# Products, whose leading zeros NumPy leaves out


def last(p: Any, count: Any) -> Any:
    """The last coefficients, or all of them behind zeros."""
    n = np.shape(p)[0]
    return np.concatenate([np.zeros(max(count - n, 0)), p])[max(n - count, 0) :]


def multiplication(cut: Callable[[Any, Any], Any]) -> tuple[tuple[Body, Body], tuple[Body, Body]]:
    """Tangents and cotangents of a product, for coefficients that are cut to a length, or filled up to it, by `cut`."""

    def a_jvp(d: Any, y: Any, a: Any, b: Any) -> Any:
        return cut(np.convolve(d, b), np.shape(y)[0])

    def b_jvp(d: Any, y: Any, a: Any, b: Any) -> Any:
        return cut(np.convolve(a, d), np.shape(y)[0])

    def a_vjp(y_bar: Any, y: Any, a: Any, b: Any) -> Any:
        whole = cut(y_bar, np.shape(a)[0] + np.shape(b)[0] - 1)
        return cut(correlated(whole, b), np.shape(a)[0])

    def b_vjp(y_bar: Any, y: Any, a: Any, b: Any) -> Any:
        whole = cut(y_bar, np.shape(a)[0] + np.shape(b)[0] - 1)
        return cut(correlated(whole, a), np.shape(b)[0])

    return (a_jvp, b_jvp), (a_vjp, b_vjp)


def divided(move: Any, rest: Any, v: Any) -> Any:
    """Tangents of a quotient and a remainder, of which `move` is that of the dividend less the quotient times the divisor."""
    quotient = np.polydiv(move, v)[0]
    return quotient, last(move - last(np.convolve(quotient, v), np.shape(move)[0]), np.shape(rest)[0])


def undivided(q_bar: Any, r_bar: Any, u: Any, v: Any) -> Any:
    """The cotangent of the dividend."""
    rest = last(r_bar, np.shape(u)[0])
    if np.shape(v)[0] > np.shape(u)[0]:
        return rest
    padded = np.concatenate([np.flip(q_bar - correlated(rest, v)), np.zeros(np.shape(v)[0] - 1)])
    return np.concatenate([np.flip(np.polydiv(padded, v)[0]), np.zeros(np.shape(v)[0] - 1)]) + rest


def _div_u_jvp(d: Any, y: Any, u: Any, v: Any) -> Any:
    found = divided(d, y[1], v)
    return bundle([found[0], found[1]])


def _div_v_jvp(d: Any, y: Any, u: Any, v: Any) -> Any:
    found = divided(-last(np.convolve(y[0], d), np.shape(u)[0]), y[1], v)
    return bundle([found[0], found[1]])


def _div_u_vjp(y_bar: Any, y: Any, u: Any, v: Any) -> Any:
    return undivided(y_bar[0], y_bar[1], u, v)


def _div_v_vjp(y_bar: Any, y: Any, u: Any, v: Any) -> Any:
    if np.shape(v)[0] > np.shape(u)[0]:
        return np.zeros_like(v)
    return -correlated(undivided(y_bar[0], y_bar[1], u, v), y[0])


def without_each(y: Any, roots: Any) -> Any:
    """For each root the coefficients of the polynomial of the others: the highest power is the first column."""
    n = np.shape(roots)[0]
    out = np.ones((n, n), dtype=complex) if holds_complex(roots) else np.ones((n, n))
    for k in range(1, n):
        out[:, k] = out[:, k - 1] * roots + y[k]
    return out


def _by_matrix(y: Any, a: Any) -> Any:
    """The slopes of the coefficients of a characteristic polynomial: minus Faddeev and Le Verrier's matrices, transposed."""
    n = np.shape(a)[0]
    out = np.zeros((n, n, n))
    out[0] = -np.eye(n)
    for k in range(1, n):
        out[k] = np.transpose(a) @ out[k - 1] - y[k] * np.eye(n)
    return out


def _poly_jvp(d: Any, y: Any, roots: Any) -> Any:
    if np.ndim(roots) == 1:
        return np.concatenate([np.zeros(1), -(d @ without_each(y, roots))])
    return np.concatenate([np.zeros(1), np.sum(_by_matrix(y, roots) * d, axis=(1, 2))])


def _poly_vjp(y_bar: Any, y: Any, roots: Any) -> Any:
    if np.ndim(roots) == 1:
        return -(without_each(y, roots) @ y_bar[1:])
    return np.tensordot(y_bar[1:], _by_matrix(y, roots), 1)


def some(op: Any, inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
    """A row of coefficients, as many as are left without zeros in front."""
    types = [array_type(i) for i in inputs]
    return Array(common_dtype(types), (Sym((op, tuple(inputs))),))


structural(
    np.polyval,
    "p x",
    jvp=(_polyval_p_jvp, _polyval_x_jvp),
    vjp=(_polyval_p_vjp, _polyval_x_vjp),
    result=shapes.probe,
    examples=[example(normal(4), normal(3)), example(normal(4), normal()), example(normal(3), normal(2, 3))],
)
linear(
    np.polyder,
    "p",
    vjp=(_polyder_vjp,),
    result=shapes.probe,
    examples=[example(normal(4)), example(normal(4), 2), example(normal(5), m=3)],
)
structural(
    np.polyint,
    "p k?",
    jvp=(_polyint_jvp, _polyint_k_jvp),
    vjp=(_polyint_vjp, _polyint_k_vjp),
    result=named,
    examples=[
        example(normal(4)),
        example(normal(4), 2),
        example(normal(4), 3, normal(3)),
        example(normal(4), 2, normal(1)),
        example(normal(4), k=normal()),
    ],
)
_PAIRS = (example(normal(4), normal(2)), example(normal(2), normal(4)), example(normal(3), normal(3)))
structural(
    np.polyadd, "a b", jvp=(_add_jvp, _add_jvp), vjp=(_add_a, _add_b), result=shapes.probe, examples=_PAIRS
)
structural(
    np.polysub, "a b", jvp=(_add_jvp, _subtract_jvp), vjp=(_add_a, _subtract_b), result=shapes.probe, examples=_PAIRS
)
_TANGENTS, _COTANGENTS = multiplication(last)
structural(np.polymul, "a b", jvp=_TANGENTS, vjp=_COTANGENTS, result=some, examples=_PAIRS)
structural(
    np.polydiv,
    "u v",
    jvp=(_div_u_jvp, _div_v_jvp),
    vjp=(_div_u_vjp, _div_v_vjp),
    result=several(2, some),
    singular=True,
    examples=[example(normal(5), positive(3)), example(normal(3), positive(3)), example(normal(4), positive(1))],
)
structural(
    np.poly,
    "roots",
    jvp=(_poly_jvp,),
    vjp=(_poly_vjp,),
    result=shapes.probe,
    examples=[example(normal(4)), example(normal(1)), example(matrix(3)), example(definite(4))],
)
