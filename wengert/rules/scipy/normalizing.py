"""`logsumexp`, `softmax` and `log_softmax` along axes.

In: nothing. Out: their rows.

    sc.logsumexp(a, b=b)     slopes b exp(a - y) and exp(a - y), with the sign of the sum
    sc.softmax(x)            y * (x_dot - sum(y * x_dot))
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import scipy.special as sc

from wengert.ir import shapes
from wengert.ir.nodes import Arg, Const
from wengert.ir.types import Type
from wengert.rules.examples import example, normal, positive
from wengert.rules.kinds import structural
from wengert.rules.masks import spread
from wengert.rules.typings import named, several
from wengert.runtime import bundle, unbroadcast


def _terms(y: Any, a: Any, axis: Any, keepdims: Any, return_sign: Any) -> Any:
    """exp(a - y), with the sign of the sum; 0 for terms that are zero, where all of them are, too."""
    value = y[0] if return_sign else y
    none = np.isneginf(a)
    terms = np.where(none, 0.0, np.exp(np.where(none, 0.0, a) - spread(value, axis, keepdims)))
    return terms * spread(y[1], axis, keepdims) if return_sign else terms


def _weighted(terms: Any, b: Any) -> Any:
    """b exp(a - y): a term with the weight 0 is none, however large it is."""
    return terms if b is None else b * np.where(np.equal(b, 0), 0.0, terms)


def _logsumexp_a_jvp(
    a_dot: Any, y: Any, a: Any, b: Any, axis: Any = None, keepdims: Any = False, return_sign: Any = False
) -> Any:
    terms = _terms(y, a, axis, keepdims, return_sign)
    moved = np.sum(_weighted(terms, b) * a_dot, axis=axis, keepdims=keepdims)
    return bundle([moved, np.zeros_like(y[1])]) if return_sign else moved


def _logsumexp_b_jvp(
    b_dot: Any, y: Any, a: Any, b: Any, axis: Any = None, keepdims: Any = False, return_sign: Any = False
) -> Any:
    moved = np.sum(_terms(y, a, axis, keepdims, return_sign) * b_dot, axis=axis, keepdims=keepdims)
    return bundle([moved, np.zeros_like(y[1])]) if return_sign else moved


def _logsumexp_a_vjp(
    y_bar: Any, y: Any, a: Any, b: Any, axis: Any = None, keepdims: Any = False, return_sign: Any = False
) -> Any:
    terms = _terms(y, a, axis, keepdims, return_sign)
    bar = spread(y_bar[0] if return_sign else y_bar, axis, keepdims) * _weighted(terms, b)
    return bar if b is None else unbroadcast(bar, a)


def _logsumexp_b_vjp(
    y_bar: Any, y: Any, a: Any, b: Any, axis: Any = None, keepdims: Any = False, return_sign: Any = False
) -> Any:
    terms = _terms(y, a, axis, keepdims, return_sign)
    bar = spread(y_bar[0] if return_sign else y_bar, axis, keepdims) * terms
    return unbroadcast(np.broadcast_to(bar, np.broadcast_shapes(np.shape(bar), np.shape(b))), b)


def _softmax_slope(d: Any, y: Any, x: Any, axis: Any = None) -> Any:
    return y * (d - np.sum(y * d, axis=axis, keepdims=True))


def _log_softmax_jvp(x_dot: Any, y: Any, x: Any, axis: Any = None) -> Any:
    return x_dot - np.sum(np.exp(y) * x_dot, axis=axis, keepdims=True)


def _log_softmax_vjp(y_bar: Any, y: Any, x: Any, axis: Any = None) -> Any:
    return y_bar - np.exp(y) * np.sum(y_bar, axis=axis, keepdims=True)


def _logsumexp_type(op: Any, inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
    signed = options.get("return_sign")
    if signed is None or (isinstance(signed, Const) and not signed.value):
        return named(op, inputs, options)
    return several(2, named)(op, inputs, options)


_ALONG = [example(normal(4)), example(normal(3, 4)), *(example(normal(2, 3, 4), axis=k) for k in (0, 1, -1, (0, 2)))]

structural(
    sc.logsumexp,
    "a b?",
    jvp=(_logsumexp_a_jvp, _logsumexp_b_jvp),
    vjp=(_logsumexp_a_vjp, _logsumexp_b_vjp),
    result=_logsumexp_type,
    examples=[
        *_ALONG,
        example(normal(3, 4), axis=1, keepdims=True),
        example(normal(3, 4), keepdims=True),
        example(normal(3, 4), b=positive(3, 4)),
        example(normal(3, 4), axis=0, b=positive(4)),
        example(normal(3, 4), 0, positive(3, 1), True),
        example(normal(3, 4), axis=1, b=normal(3, 4), return_sign=True),
        example(normal(3, 4), axis=1, return_sign=True),
    ],
)
structural(sc.softmax, "x", jvp=(_softmax_slope,), vjp=(_softmax_slope,), result=shapes.probe, examples=_ALONG)
structural(sc.log_softmax, "x", jvp=(_log_softmax_jvp,), vjp=(_log_softmax_vjp,), result=shapes.probe, examples=_ALONG)
