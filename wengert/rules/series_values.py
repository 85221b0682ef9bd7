"""`numpy.polynomial.polynomial`: values of polynomials and powers of points.

In: nothing. Out: rows for its `polyval`, `polyvalfromroots`, `polyval2d`, `polygrid2d`, `polyvander` and `polyline`.

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
from wengert.rules.kinds import structural
from wengert.rules.reductions import prod_slope
from wengert.rules.static import axes, static
from wengert.runtime import unbroadcast


def powers(x: Any, count: Any) -> Any:
    """The powers of each point along a last axis."""
    return np.expand_dims(x, -1) ** np.arange(count)


def power_slopes(x: Any, count: Any) -> Any:
    exponents = np.arange(count)
    return exponents * np.expand_dims(x, -1) ** np.maximum(exponents - 1, 0)


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
        return np.multiply.outer(powers(x, np.shape(c)[0]), y_bar)
    count = np.ndim(x)
    return np.tensordot(powers(x, np.shape(c)[0]), y_bar, (axes(0, count), axes(np.ndim(c) - 1, np.ndim(c) - 1 + count)))


def _vander_jvp(d: Any, y: Any, x: Any, deg: Any) -> Any:
    return np.expand_dims(d, -1) * power_slopes(x, deg + 1)


def _vander_vjp(y_bar: Any, y: Any, x: Any, deg: Any) -> Any:
    return np.sum(y_bar * power_slopes(x, deg + 1), axis=-1)


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
    left = np.reshape(np.expand_dims(z_bar, -1) * powers(x, rows), (np.size(x), rows))
    return np.transpose(left) @ np.reshape(powers(y, columns), (np.size(x), columns))


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
    left = np.reshape(powers(x, rows), (np.size(x), rows))
    right = np.reshape(powers(y, columns), (np.size(y), columns))
    return np.transpose(left) @ np.reshape(z_bar, (np.size(x), np.size(y))) @ right


def _line_off_jvp(d: Any, y: Any, off: Any, scl: Any) -> Any:
    return np.concatenate([np.reshape(d, 1), np.zeros(np.size(y) - 1)])


def _line_scl_jvp(d: Any, y: Any, off: Any, scl: Any) -> Any:
    return np.concatenate([np.zeros(1), np.reshape(d, 1)])[: np.size(y)]


def _line_off_vjp(y_bar: Any, y: Any, off: Any, scl: Any) -> Any:
    return y_bar[0]


def _line_scl_vjp(y_bar: Any, y: Any, off: Any, scl: Any) -> Any:
    return np.sum(y_bar[1:])


# Values by the roots


def _from_roots_slope(x: Any, r: Any) -> Any:
    """For each root along the last axis the product of the distances to the others."""
    return prod_slope(np.expand_dims(x, -1) - r, -1)


def _from_roots_x_jvp(d: Any, y: Any, x: Any, r: Any, tensor: Any = True) -> Any:
    one_axis(np.ndim(r))
    return np.sum(_from_roots_slope(x, r), axis=-1) * d


def _from_roots_x_vjp(y_bar: Any, y: Any, x: Any, r: Any, tensor: Any = True) -> Any:
    one_axis(np.ndim(r))
    return np.sum(_from_roots_slope(x, r), axis=-1) * y_bar


def _from_roots_r_jvp(d: Any, y: Any, x: Any, r: Any, tensor: Any = True) -> Any:
    one_axis(np.ndim(r))
    return -(_from_roots_slope(x, r) @ d)


def _from_roots_r_vjp(y_bar: Any, y: Any, x: Any, r: Any, tensor: Any = True) -> Any:
    one_axis(np.ndim(r))
    return unbroadcast(-_from_roots_slope(x, r) * np.expand_dims(y_bar, -1), r)


@static
def one_axis(rank: Any) -> Any:
    """the rank of the roots."""
    if rank != 1:
        raise NotImplementedError("`polyvalfromroots` is differentiated with one row of roots")
    return True


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
    series.polyvalfromroots,
    "x r",
    jvp=(_from_roots_x_jvp, _from_roots_r_jvp),
    vjp=(_from_roots_x_vjp, _from_roots_r_vjp),
    result=shapes.probe,
    examples=[example(normal(), normal(3)), example(normal(4), normal(3)), example(normal(2, 3), normal(2))],
)
structural(
    series.polyvander,
    "x",
    jvp=(_vander_jvp,),
    vjp=(_vander_vjp,),
    result=shapes.probe,
    examples=[example(normal(3), 3), example(normal(2, 3), 2)],
)
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
