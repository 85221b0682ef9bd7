"""`numpy.polynomial.polynomial.polyfit`: polynomials fitted to points by least squares, the lowest power first.

In: nothing. Out: the row.

    polyfit(x, values, 2)      moves with the values through the pseudoinverse of polyvander(x, 2)
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.polynomial import polynomial as series

from wengert.rules.examples import example, normal, positive
from wengert.rules.fitting import fit_jvp, fit_type, fit_vjp, weighted
from wengert.rules.kinds import structural
from wengert.rules.series_values import power_slopes, powers
from wengert.rules.static import static


def _columns(values: Any) -> Any:
    return np.expand_dims(values, -1) if np.ndim(values) == 1 else values


def _fit(x: Any, values: Any, w: Any, deg: Any, y: Any) -> Any:
    return weighted(powers(x, deg + 1), w), weighted(_columns(values), w), _columns(y)


@static
def one_degree(deg: Any) -> Any:
    """the degree."""
    if not isinstance(deg, int):
        raise NotImplementedError("`polyfit` is differentiated with one degree, not with a list of powers")
    return True


def _fit_x_jvp(d: Any, y: Any, x: Any, values: Any, w: Any, deg: Any, rcond: Any = None) -> Any:
    one_degree(deg)
    a, b, p = _fit(x, values, w, deg, y)
    moved = weighted(np.expand_dims(d, -1) * power_slopes(x, deg + 1), w)
    return np.reshape(fit_jvp(moved, None, a, b, p), np.shape(y))


def _fit_y_jvp(d: Any, y: Any, x: Any, values: Any, w: Any, deg: Any, rcond: Any = None) -> Any:
    one_degree(deg)
    a, b, p = _fit(x, values, w, deg, y)
    return np.reshape(fit_jvp(None, weighted(_columns(d), w), a, b, p), np.shape(y))


def _fit_w_jvp(d: Any, y: Any, x: Any, values: Any, w: Any, deg: Any, rcond: Any = None) -> Any:
    one_degree(deg)
    a, b, p = _fit(x, values, w, deg, y)
    return np.reshape(fit_jvp(weighted(powers(x, deg + 1), d), weighted(_columns(values), d), a, b, p), np.shape(y))


def _fit_x_vjp(y_bar: Any, y: Any, x: Any, values: Any, w: Any, deg: Any, rcond: Any = None) -> Any:
    one_degree(deg)
    a, b, p = _fit(x, values, w, deg, y)
    return np.sum(weighted(fit_vjp(_columns(y_bar), a, b, p)[0], w) * power_slopes(x, deg + 1), axis=-1)


def _fit_y_vjp(y_bar: Any, y: Any, x: Any, values: Any, w: Any, deg: Any, rcond: Any = None) -> Any:
    one_degree(deg)
    a, b, p = _fit(x, values, w, deg, y)
    return np.reshape(weighted(fit_vjp(_columns(y_bar), a, b, p)[1], w), np.shape(values))


def _fit_w_vjp(y_bar: Any, y: Any, x: Any, values: Any, w: Any, deg: Any, rcond: Any = None) -> Any:
    one_degree(deg)
    a, b, p = _fit(x, values, w, deg, y)
    of_a, of_b = fit_vjp(_columns(y_bar), a, b, p)
    return np.sum(of_a * powers(x, deg + 1), axis=-1) + np.sum(of_b * _columns(values), axis=-1)


structural(
    series.polyfit,
    "x values w?",
    jvp=(_fit_x_jvp, _fit_y_jvp, _fit_w_jvp),
    vjp=(_fit_x_vjp, _fit_y_vjp, _fit_w_vjp),
    result=fit_type,
    examples=[
        example(normal(6), normal(6), 2), example(normal(6), normal(6, 2), 1), example(normal(6), normal(6), 2, w=positive(6)),
    ],
)  # fmt: skip
