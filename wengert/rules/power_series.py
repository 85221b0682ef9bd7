"""`numpy.polynomial.polynomial`: polynomials by their coefficients, the lowest power first.

In: nothing. Out: rows for its arithmetic, its calculus and `polyfromroots`; a sum or a product is as long as what is left
without zeros behind.

    polyder(c)      the cotangent of c[k] is k times that of the entry before
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.polynomial import polynomial as series

from wengert.ir import shapes
from wengert.ir.nodes import Arg
from wengert.ir.types import Array, Sym, Type
from wengert.rules.examples import example, normal, positive
from wengert.rules.kinds import linear, structural
from wengert.rules.polynomials import multiplication, some, undivided, without_each
from wengert.rules.signals import correlated
from wengert.rules.static import axes
from wengert.rules.typings import several
from wengert.runtime import bundle


def _first(p: Any, count: Any) -> Any:
    """The first coefficients, or all of them before zeros."""
    return np.concatenate([p, np.zeros(max(count - np.shape(p)[0], 0))])[:count]


def _add_jvp(d: Any, y: Any, a: Any, b: Any) -> Any:
    return _first(d, np.shape(y)[0])


def _sub_jvp(d: Any, y: Any, a: Any, b: Any) -> Any:
    return -_first(d, np.shape(y)[0])


def _add_a(y_bar: Any, y: Any, a: Any, b: Any) -> Any:
    return _first(y_bar, np.shape(a)[0])


def _add_b(y_bar: Any, y: Any, a: Any, b: Any) -> Any:
    return _first(y_bar, np.shape(b)[0])


def _sub_b(y_bar: Any, y: Any, a: Any, b: Any) -> Any:
    return -_first(y_bar, np.shape(b)[0])


def _mulx_jvp(d: Any, y: Any, c: Any) -> Any:
    return _first(np.concatenate([np.zeros(1), d]), np.shape(y)[0])


def _mulx_vjp(y_bar: Any, y: Any, c: Any) -> Any:
    return _first(y_bar[1:], np.shape(c)[0])


def _div_u_jvp(d: Any, y: Any, u: Any, v: Any) -> Any:
    if np.shape(v)[0] > np.shape(u)[0]:
        return bundle([np.zeros_like(y[0]), d])
    found = _div_rest(d, y, v)
    return bundle([found[0], found[1]])


def _div_rest(move: Any, y: Any, v: Any) -> Any:
    quotient = np.flip(np.polydiv(np.flip(move), np.flip(v))[0])
    return quotient, _first(move - np.convolve(quotient, v), np.shape(y[1])[0])


def _div_v_jvp(d: Any, y: Any, u: Any, v: Any) -> Any:
    if np.shape(v)[0] > np.shape(u)[0]:
        return bundle([np.zeros_like(y[0]), np.zeros_like(y[1])])
    found = _div_rest(-np.convolve(y[0], d), y, v)
    return bundle([found[0], found[1]])


def _div_bar(y_bar: Any, u: Any, v: Any) -> Any:
    """The cotangent of the dividend."""
    rest = np.flip(_first(y_bar[1], np.shape(u)[0]))
    return np.flip(undivided(np.flip(y_bar[0]), rest, np.flip(u), np.flip(v)))


def _div_u_vjp(y_bar: Any, y: Any, u: Any, v: Any) -> Any:
    return _div_bar(y_bar, u, v)


def _div_v_vjp(y_bar: Any, y: Any, u: Any, v: Any) -> Any:
    if np.shape(v)[0] > np.shape(u)[0]:
        return np.zeros_like(v)
    return -correlated(_div_bar(y_bar, u, v), y[0])


def _pow_slope(c: Any, power: Any) -> Any:
    return power * series.polypow(c, power - 1)


def _pow_jvp(d: Any, y: Any, c: Any, power: Any) -> Any:
    if power == 0:
        return np.zeros_like(y)
    return _first(np.convolve(_pow_slope(c, power), d), np.shape(y)[0])


def _pow_vjp(y_bar: Any, y: Any, c: Any, power: Any) -> Any:
    if power == 0:
        return np.zeros_like(c)
    slope = _pow_slope(c, power)
    bar = _first(y_bar, np.shape(c)[0] + np.shape(slope)[0] - 1)
    return correlated(bar, slope)


# Derivatives and integrals


def _along_first(values: Any, rows: Any) -> Any:
    """One number for each coefficient, in a shape that broadcasts to `rows`."""
    return values if np.ndim(rows) == 1 else np.expand_dims(values, axes(1, np.ndim(rows)))


def _der_vjp(y_bar: Any, y: Any, c: Any, m: Any = 1, scl: Any = 1, axis: Any = 0) -> Any:
    n = np.shape(c)[axis]
    if m >= n:
        return np.zeros_like(c)
    bar = np.moveaxis(y_bar, axis, 0)
    for _ in range(m):
        scaled = bar * _along_first(scl * np.arange(1, np.shape(bar)[0] + 1), bar)
        bar = np.concatenate([np.zeros_like(scaled[:1]), scaled])
    return np.moveaxis(bar, 0, axis)


def _int_jvp(d: Any, y: Any, c: Any, m: Any = 1, k: Any = (), lbnd: Any = 0, scl: Any = 1, axis: Any = 0) -> Any:
    return series.polyint(d, m, lbnd=lbnd, scl=scl, axis=axis)


def _int_vjp(y_bar: Any, y: Any, c: Any, m: Any = 1, k: Any = (), lbnd: Any = 0, scl: Any = 1, axis: Any = 0) -> Any:
    bar = np.moveaxis(y_bar, axis, 0)
    for _ in range(m):
        powers = np.arange(1, np.shape(bar)[0])
        start = bar[:1] * _along_first(float(lbnd) ** powers, bar)
        bar = (bar[1:] - start) * _along_first(scl / powers, bar)
    return np.moveaxis(bar, 0, axis)


def _from_roots_jvp(d: Any, y: Any, roots: Any) -> Any:
    return np.concatenate([np.flip(-(d @ without_each(np.flip(y), roots))), np.zeros(1)])


def _from_roots_vjp(y_bar: Any, y: Any, roots: Any) -> Any:
    return -(without_each(np.flip(y), roots) @ np.flip(y_bar)[1:])


def _power_type(op: Any, inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
    """The dtype of the coefficients, and a length of its own."""
    return Array(getattr(some(op, inputs[:1], options), "dtype", None), (Sym((op, tuple(inputs))),))


_PAIRS = (example(normal(4), normal(2)), example(normal(2), normal(4)), example(normal(3), normal(3)))

structural(series.polyadd, "a b", jvp=(_add_jvp, _add_jvp), vjp=(_add_a, _add_b), result=some, examples=_PAIRS)
structural(series.polysub, "a b", jvp=(_add_jvp, _sub_jvp), vjp=(_add_a, _sub_b), result=some, examples=_PAIRS)
_TANGENTS, _COTANGENTS = multiplication(_first)
structural(series.polymul, "a b", jvp=_TANGENTS, vjp=_COTANGENTS, result=some, examples=_PAIRS)
structural(series.polymulx, "c", jvp=(_mulx_jvp,), vjp=(_mulx_vjp,), result=some, examples=[example(normal(4))])
structural(
    series.polydiv,
    "u v",
    jvp=(_div_u_jvp, _div_v_jvp),
    vjp=(_div_u_vjp, _div_v_vjp),
    result=several(2, some),
    singular=True,
    examples=[
        example(normal(5), positive(3)), example(normal(3), positive(3)), example(normal(4), positive(1)),
        example(normal(2), positive(3)),
    ],
)  # fmt: skip
structural(
    series.polypow,
    "c power",
    jvp=(_pow_jvp, None),
    vjp=(_pow_vjp, None),
    result=_power_type,
    examples=[example(normal(3), n) for n in (0, 1, 2, 3)],
)
linear(
    series.polyder,
    "c",
    vjp=(_der_vjp,),
    result=shapes.probe,
    examples=[
        example(normal(5)), example(normal(5), 2), example(normal(2), 3), example(normal(3, 4), axis=1, scl=2.0),
        example(normal(3, 4)),
    ],
)  # fmt: skip
structural(
    series.polyint,
    "c",
    jvp=(_int_jvp,),
    vjp=(_int_vjp,),
    result=shapes.probe,
    examples=[
        example(normal(4)), example(normal(4), 2, k=[0.5, 1.5]), example(normal(4), lbnd=0.5, scl=2.0),
        example(normal(3, 4), axis=1), example(normal(3, 2), 2, lbnd=-1.0),
    ],
)  # fmt: skip
structural(
    series.polyfromroots,
    "roots",
    jvp=(_from_roots_jvp,),
    vjp=(_from_roots_vjp,),
    result=shapes.probe,
    examples=[example(normal(4)), example(normal(1))],
)
