"""`numpy.polynomial.polynomial`: values of polynomials, powers of points and fits.

In: nothing. Out: rows for its `polyval`, `polyval2d`, `polygrid2d`, `polyvander`, `polyline` and `polyfit`.

    polyval(x, c)      slopes the derivative's polynomial, and the powers of x
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.polynomial import polynomial as series

from wengert.ir import shapes
from wengert.ir.nodes import Arg
from wengert.ir.sampling import type_of
from wengert.ir.types import Number, Type, shape_of
from wengert.rules.examples import example, normal, positive
from wengert.rules.fitting import fit_jvp, fit_vjp, weighted
from wengert.rules.kinds import structural
from wengert.rules.static import axes, static
from wengert.runtime import unbroadcast


def _powers(x: Any, count: Any) -> Any:
    """The powers of each point along a last axis."""
    return np.expand_dims(x, -1) ** np.arange(count)


def _power_slopes(x: Any, count: Any) -> Any:
    powers = np.arange(count)
    return powers * np.expand_dims(x, -1) ** np.maximum(powers - 1, 0)


@static
def one_tensor(rank: Any, tensor: Any) -> Any:
    """the rank of the coefficients, and whether each is taken at each point."""
    if rank > 1 and not tensor:
        raise NotImplementedError("`polyval` is differentiated by coefficients of several axes with tensor=True only")
    return True


def _val_x_jvp(d: Any, y: Any, x: Any, c: Any, tensor: Any = True) -> Any:
    return series.polyval(x, series.polyder(c), tensor) * d


def _val_x_vjp(y_bar: Any, y: Any, x: Any, c: Any, tensor: Any = True) -> Any:
    return unbroadcast(series.polyval(x, series.polyder(c), tensor) * y_bar, x)


def _val_c_jvp(d: Any, y: Any, x: Any, c: Any, tensor: Any = True) -> Any:
    return series.polyval(x, d, tensor)


def _val_c_vjp(y_bar: Any, y: Any, x: Any, c: Any, tensor: Any = True) -> Any:
    one_tensor(np.ndim(c), tensor)
    if np.ndim(x) == 0:
        return np.multiply.outer(_powers(x, np.shape(c)[0]), y_bar)
    count = np.ndim(x)
    return np.tensordot(_powers(x, np.shape(c)[0]), y_bar, (axes(0, count), axes(np.ndim(c) - 1, np.ndim(c) - 1 + count)))


def _vander_jvp(d: Any, y: Any, x: Any, deg: Any) -> Any:
    return np.expand_dims(d, -1) * _power_slopes(x, deg + 1)


def _vander_vjp(y_bar: Any, y: Any, x: Any, deg: Any) -> Any:
    return np.sum(y_bar * _power_slopes(x, deg + 1), axis=-1)


# Polynomials in two variables: the coefficients have two axes, the points are pairs or a grid


def _by_x(c: Any) -> Any:
    return series.polyder(c)


def _by_y(c: Any) -> Any:
    return series.polyder(c, axis=1)


@static
def two_axes(rank: Any) -> Any:
    """the rank of the coefficients."""
    if rank != 2:
        raise NotImplementedError("polynomials in two variables are differentiated with coefficients of two axes")
    return True


def _pairs_x_jvp(d: Any, z: Any, x: Any, y: Any, c: Any) -> Any:
    return series.polyval2d(x, y, _by_x(c)) * d


def _pairs_y_jvp(d: Any, z: Any, x: Any, y: Any, c: Any) -> Any:
    return series.polyval2d(x, y, _by_y(c)) * d


def _pairs_c_jvp(d: Any, z: Any, x: Any, y: Any, c: Any) -> Any:
    return series.polyval2d(x, y, d)


def _pairs_x_vjp(z_bar: Any, z: Any, x: Any, y: Any, c: Any) -> Any:
    two_axes(np.ndim(c))
    return series.polyval2d(x, y, _by_x(c)) * z_bar


def _pairs_y_vjp(z_bar: Any, z: Any, x: Any, y: Any, c: Any) -> Any:
    two_axes(np.ndim(c))
    return series.polyval2d(x, y, _by_y(c)) * z_bar


def _pairs_c_vjp(z_bar: Any, z: Any, x: Any, y: Any, c: Any) -> Any:
    two_axes(np.ndim(c))
    rows, columns = np.shape(c)
    left = np.reshape(np.expand_dims(z_bar, -1) * _powers(x, rows), (np.size(x), rows))
    return np.transpose(left) @ np.reshape(_powers(y, columns), (np.size(x), columns))


def _over(d: Any, y: Any) -> Any:
    return np.expand_dims(d, axes(np.ndim(d), np.ndim(d) + np.ndim(y)))


def _grid_x_jvp(d: Any, z: Any, x: Any, y: Any, c: Any) -> Any:
    return series.polygrid2d(x, y, _by_x(c)) * _over(d, y)


def _grid_y_jvp(d: Any, z: Any, x: Any, y: Any, c: Any) -> Any:
    return series.polygrid2d(x, y, _by_y(c)) * d


def _grid_c_jvp(d: Any, z: Any, x: Any, y: Any, c: Any) -> Any:
    return series.polygrid2d(x, y, d)


def _grid_x_vjp(z_bar: Any, z: Any, x: Any, y: Any, c: Any) -> Any:
    two_axes(np.ndim(c))
    return np.sum(series.polygrid2d(x, y, _by_x(c)) * z_bar, axis=axes(np.ndim(x), np.ndim(x) + np.ndim(y)))


def _grid_y_vjp(z_bar: Any, z: Any, x: Any, y: Any, c: Any) -> Any:
    two_axes(np.ndim(c))
    return np.sum(series.polygrid2d(x, y, _by_y(c)) * z_bar, axis=axes(0, np.ndim(x)))


def _grid_c_vjp(z_bar: Any, z: Any, x: Any, y: Any, c: Any) -> Any:
    two_axes(np.ndim(c))
    rows, columns = np.shape(c)
    left = np.reshape(_powers(x, rows), (np.size(x), rows))
    right = np.reshape(_powers(y, columns), (np.size(y), columns))
    return np.transpose(left) @ np.reshape(z_bar, (np.size(x), np.size(y))) @ right


def _line_off_jvp(d: Any, y: Any, off: Any, scl: Any) -> Any:
    return np.concatenate([np.reshape(d, 1), np.zeros(np.size(y) - 1)])


def _line_scl_jvp(d: Any, y: Any, off: Any, scl: Any) -> Any:
    return np.concatenate([np.zeros(1), np.reshape(d, 1)])[: np.size(y)]


def _line_off_vjp(y_bar: Any, y: Any, off: Any, scl: Any) -> Any:
    return y_bar[0]


def _line_scl_vjp(y_bar: Any, y: Any, off: Any, scl: Any) -> Any:
    return np.sum(y_bar[1:])


# Fits


def _columns(values: Any) -> Any:
    return np.expand_dims(values, -1) if np.ndim(values) == 1 else values


def _fit(x: Any, values: Any, w: Any, deg: Any, y: Any) -> Any:
    return weighted(_powers(x, deg + 1), w), weighted(_columns(values), w), _columns(y)


@static
def one_degree(deg: Any) -> Any:
    """the degree."""
    if not isinstance(deg, int):
        raise NotImplementedError("`polyfit` is differentiated with one degree, not with a list of powers")
    return True


def _fit_x_jvp(d: Any, y: Any, x: Any, values: Any, w: Any, deg: Any, rcond: Any = None) -> Any:
    one_degree(deg)
    a, b, p = _fit(x, values, w, deg, y)
    moved = weighted(np.expand_dims(d, -1) * _power_slopes(x, deg + 1), w)
    return np.reshape(fit_jvp(moved, None, a, b, p), np.shape(y))


def _fit_y_jvp(d: Any, y: Any, x: Any, values: Any, w: Any, deg: Any, rcond: Any = None) -> Any:
    one_degree(deg)
    a, b, p = _fit(x, values, w, deg, y)
    return np.reshape(fit_jvp(None, weighted(_columns(d), w), a, b, p), np.shape(y))


def _fit_w_jvp(d: Any, y: Any, x: Any, values: Any, w: Any, deg: Any, rcond: Any = None) -> Any:
    one_degree(deg)
    a, b, p = _fit(x, values, w, deg, y)
    return np.reshape(fit_jvp(weighted(_powers(x, deg + 1), d), weighted(_columns(values), d), a, b, p), np.shape(y))


def _fit_x_vjp(y_bar: Any, y: Any, x: Any, values: Any, w: Any, deg: Any, rcond: Any = None) -> Any:
    one_degree(deg)
    a, b, p = _fit(x, values, w, deg, y)
    return np.sum(weighted(fit_vjp(_columns(y_bar), a, b, p)[0], w) * _power_slopes(x, deg + 1), axis=-1)


def _fit_y_vjp(y_bar: Any, y: Any, x: Any, values: Any, w: Any, deg: Any, rcond: Any = None) -> Any:
    one_degree(deg)
    a, b, p = _fit(x, values, w, deg, y)
    return np.reshape(weighted(fit_vjp(_columns(y_bar), a, b, p)[1], w), np.shape(values))


def _fit_w_vjp(y_bar: Any, y: Any, x: Any, values: Any, w: Any, deg: Any, rcond: Any = None) -> Any:
    one_degree(deg)
    a, b, p = _fit(x, values, w, deg, y)
    of_a, of_b = fit_vjp(_columns(y_bar), a, b, p)
    return np.sum(of_a * _powers(x, deg + 1), axis=-1) + np.sum(of_b * _columns(values), axis=-1)


structural(
    series.polyval,
    "x c",
    jvp=(_val_x_jvp, _val_c_jvp),
    vjp=(_val_x_vjp, _val_c_vjp),
    result=shapes.probe,
    examples=[
        example(normal(), normal(4)), example(normal(3), normal(4)), example(normal(2, 3), normal(4)),
        example(normal(3), normal(4, 2)), example(normal(), normal(4, 2)), example(normal(2, 2), normal(4, 3)),
    ],
)  # fmt: skip
structural(
    series.polyvander,
    "x",
    jvp=(_vander_jvp,),
    vjp=(_vander_vjp,),
    result=shapes.probe,
    examples=[example(normal(3), 3), example(normal(2, 3), 2)],
)
structural(
    series.polyfit,
    "x values w?",
    jvp=(_fit_x_jvp, _fit_y_jvp, _fit_w_jvp),
    vjp=(_fit_x_vjp, _fit_y_vjp, _fit_w_vjp),
    result=shapes.nothing,
    examples=[
        example(normal(6), normal(6), 2), example(normal(6), normal(6, 2), 1), example(normal(6), normal(6), 2, w=positive(6)),
    ],
)  # fmt: skip
structural(
    series.polyval2d,
    "x y c",
    jvp=(_pairs_x_jvp, _pairs_y_jvp, _pairs_c_jvp),
    vjp=(_pairs_x_vjp, _pairs_y_vjp, _pairs_c_vjp),
    result=shapes.probe,
    examples=[example(normal(4), normal(4), normal(3, 2)), example(normal(2, 3), normal(2, 3), normal(2, 4))],
)
def _grid(op: Any, inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
    """A grid has the axes of three arrays together: samples of arrays of which nothing is known would be too large."""
    known = all(shape_of(type_of(i)) is not None for i in inputs)
    return shapes.probe(op, inputs, options) if known else Number()


structural(
    series.polygrid2d,
    "x y c",
    jvp=(_grid_x_jvp, _grid_y_jvp, _grid_c_jvp),
    vjp=(_grid_x_vjp, _grid_y_vjp, _grid_c_vjp),
    result=_grid,
    examples=[example(normal(4), normal(3), normal(3, 2)), example(normal(2, 3), normal(2), normal(2, 4))],
)
structural(
    series.polyline,
    "off scl",
    jvp=(_line_off_jvp, _line_scl_jvp),
    vjp=(_line_off_vjp, _line_scl_vjp),
    result=shapes.nothing,
    examples=[example(normal(), positive())],
)
