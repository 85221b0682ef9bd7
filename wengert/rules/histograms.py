"""Histograms: sums of weights over bins.

In: nothing. Out: rows for `np.histogram`, `np.histogram2d` and `np.histogram_bin_edges`.

    np.histogram(a, bins=4, weights=w)      each weight goes into one sum; the edges move with the extremes of a

The counts do not change when the data move, but where a datum crosses an edge; that is left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from wengert.ir.nodes import Arg, Const
from wengert.ir.types import Array, Sym, Tuple, Type
from wengert.rules.examples import example, normal, positive
from wengert.rules.extremes import extreme_jvp, extreme_vjp
from wengert.rules.kinds import structural
from wengert.rules.static import static
from wengert.rules.typings import named, several
from wengert.runtime import bundle


@static
def even_bins(bins: Any, given: Any) -> Any:
    """the bins: whether they divide the range of the data."""
    return isinstance(bins, (int, str)) and not given


def _moves(bins: Any, range: Any) -> Any:
    return even_bins(None if isinstance(bins, (np.ndarray, list, tuple)) else bins, range is not None)


def _edges_jvp(d: Any, y: Any, a: Any, bins: Any = 10, range: Any = None) -> Any:
    if not _moves(bins, range):
        return np.zeros_like(y)
    low, high = extreme_jvp(d, np.min(a), a), extreme_jvp(d, np.max(a), a)
    share = np.linspace(0.0, 1.0, np.shape(y)[0])
    return low * (1.0 - share) + high * share


def _edges_vjp(y_bar: Any, y: Any, a: Any, bins: Any = 10, range: Any = None) -> Any:
    if not _moves(bins, range):
        return np.zeros_like(a)
    share = np.linspace(0.0, 1.0, np.shape(y)[0])
    low, high = np.sum((1.0 - share) * y_bar), np.sum(share * y_bar)
    return extreme_vjp(low, np.min(a), a) + extreme_vjp(high, np.max(a), a)


def _places(a: Any, edges: Any) -> Any:
    """The bin of each datum, and which of them are in one; the last bin has its right edge too."""
    place = np.searchsorted(edges, a, side="right") - 1
    inside = np.logical_and(np.greater_equal(a, edges[0]), np.less_equal(a, edges[-1]))
    return np.minimum(np.maximum(place, 0), np.shape(edges)[0] - 2), inside


def _sums(a: Any, weights: Any, edges: Any) -> Any:
    place, inside = _places(a, edges)
    return np.bincount(np.ravel(place), np.ravel(np.where(inside, weights, 0.0)), minlength=np.shape(edges)[0] - 1)


def _number(a: Any, weights: Any, edges: Any) -> Any:
    """The sum of all weights that are in a bin."""
    inside = _places(a, edges)[1]
    return np.sum(inside) if weights is None else np.sum(np.where(inside, weights, 0.0))


def _histogram_jvp(d: Any, y: Any, a: Any, weights: Any, bins: Any = 10, range: Any = None, density: Any = None) -> Any:
    moved = _edges_jvp(d, y[1], a, bins, range)
    counts = -y[0] * np.diff(moved) / np.diff(y[1]) if density else np.zeros(np.shape(y[0]))
    return bundle([counts, moved])


def _histogram_vjp(y_bar: Any, y: Any, a: Any, weights: Any, bins: Any = 10, range: Any = None, density: Any = None) -> Any:
    bar = y_bar[1]
    if density:
        share = -y_bar[0] * y[0] / np.diff(y[1])
        bar = bar + np.concatenate([np.zeros(1), share]) - np.concatenate([share, np.zeros(1)])
    return _edges_vjp(bar, y[1], a, bins, range)


def _histogram_weights_jvp(
    d: Any, y: Any, a: Any, weights: Any, bins: Any = 10, range: Any = None, density: Any = None
) -> Any:
    moved = _sums(a, d, y[1])
    if density:
        number = _number(a, weights, y[1])
        moved = moved / (np.diff(y[1]) * number) - y[0] * (np.sum(moved) / number)
    return bundle([moved, np.zeros_like(y[1])])


def _histogram_weights_vjp(
    y_bar: Any, y: Any, a: Any, weights: Any, bins: Any = 10, range: Any = None, density: Any = None
) -> Any:
    place, inside = _places(a, y[1])
    bar = y_bar[0]
    if density:
        number = _number(a, weights, y[1])
        bar = bar / (np.diff(y[1]) * number) - np.sum(bar * y[0]) / number
    return np.where(inside, bar[place], 0.0)


# In two variables


@static
def fixed_edges(moves: Any) -> Any:
    """the bins."""
    if moves:
        raise NotImplementedError("`np.histogram2d` is differentiated by its data with edges or a range only")
    return True


def _pairs_jvp(
    d: Any, z: Any, x: Any, y: Any, weights: Any, bins: Any = 10, range: Any = None, density: Any = None
) -> Any:
    fixed_edges(_moves(bins, range))
    return bundle([np.zeros_like(z[0]), np.zeros_like(z[1]), np.zeros_like(z[2])])


def _pairs_vjp(
    z_bar: Any, z: Any, x: Any, y: Any, weights: Any, bins: Any = 10, range: Any = None, density: Any = None
) -> Any:
    fixed_edges(_moves(bins, range))
    return np.zeros_like(x)


def _pair_places(z: Any, x: Any, y: Any) -> Any:
    """The bin of each pair, counted row by row, and which of the pairs are in one."""
    (row, in_row), (column, in_column) = _places(x, z[1]), _places(y, z[2])
    return row * (np.shape(z[2])[0] - 1) + column, np.logical_and(in_row, in_column)


def _areas(z: Any) -> Any:
    return np.expand_dims(np.diff(z[1]), -1) * np.diff(z[2])


def _pairs_weights_jvp(
    d: Any, z: Any, x: Any, y: Any, weights: Any, bins: Any = 10, range: Any = None, density: Any = None
) -> Any:
    place, inside = _pair_places(z, x, y)
    moved = np.reshape(np.bincount(place, np.where(inside, d, 0.0), minlength=np.size(z[0])), np.shape(z[0]))
    if density:
        number = np.sum(np.where(inside, weights, 0.0))
        moved = moved / (_areas(z) * number) - z[0] * (np.sum(moved) / number)
    return bundle([moved, np.zeros_like(z[1]), np.zeros_like(z[2])])


def _pairs_weights_vjp(
    z_bar: Any, z: Any, x: Any, y: Any, weights: Any, bins: Any = 10, range: Any = None, density: Any = None
) -> Any:
    place, inside = _pair_places(z, x, y)
    bar = z_bar[0]
    if density:
        number = np.sum(np.where(inside, weights, 0.0))
        bar = bar / (_areas(z) * number) - np.sum(bar * z[0]) / number
    return np.where(inside, np.reshape(bar, -1)[place], 0.0)


def _edges_type(op: Any, inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
    """As `named`; how many bins a rule by name makes, only the run tells."""
    return Array(None, (_length("edges", inputs, options),)) if _by_rule(options) else named(op, inputs, options)


def _histogram_type(op: Any, inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
    if not _by_rule(options):
        return several(2, named)(op, inputs, options)
    counts, edges = (Array(None, (_length(part, inputs, options),)) for part in ("counts", "edges"))
    return Tuple((counts, edges))


def _by_rule(options: Mapping[str, Arg]) -> bool:
    bins = options.get("bins")
    return isinstance(bins, Const) and isinstance(bins.value, str)


def _length(part: str, inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Sym:
    return Sym((np.histogram, part, tuple(inputs), tuple(options.items())))


_DATA = np.array([0.3, 2.1, 0.9, 1.7, 2.8, -0.4])
_EDGES = np.array([0.0, 1.0, 2.0, 3.0])

structural(
    np.histogram_bin_edges,
    "a",
    jvp=(_edges_jvp,),
    vjp=(_edges_vjp,),
    result=_edges_type,
    examples=[
        example(normal(6), 3),
        example(normal(12), bins="sturges"),
        example(normal(6), bins=4, range=(0.0, 3.1)),
        example(normal(6), bins=_EDGES),
    ],
)
structural(
    np.histogram,
    "a weights?",
    jvp=(_histogram_jvp, _histogram_weights_jvp),
    vjp=(_histogram_vjp, _histogram_weights_vjp),
    result=_histogram_type,
    examples=[
        example(_DATA, bins="scott"),
        example(_DATA, bins=_EDGES, weights=normal(6)),
        example(_DATA, bins=4, range=(0.0, 3.1), weights=normal(6)),
        example(_DATA, bins=3, weights=positive(6), density=True),
        example(_DATA, [0.0, 1.0, 3.0], weights=positive(6), density=True),
        example(_DATA, 3, density=True),
    ],
)
structural(
    np.histogram2d,
    "x y weights?",
    jvp=(_pairs_jvp, _pairs_jvp, _pairs_weights_jvp),
    vjp=(_pairs_vjp, _pairs_vjp, _pairs_weights_vjp),
    result=several(3, named),
    examples=[
        example(_DATA, _DATA[::-1].copy(), bins=[_EDGES, _EDGES], weights=normal(6)),
        example(_DATA, _DATA**2, bins=2, range=[[-1.0, 3.0], [0.0, 9.0]], weights=positive(6), density=True),
    ],
)
