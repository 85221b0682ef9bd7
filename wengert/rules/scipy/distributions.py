"""Continuous distributions of `scipy.stats` by the argument, the parameters, loc and scale: `pdf`, `logpdf`, `cdf`, ..., `ppf`.

In: nothing. Out: rows whose operations are bound methods, `scipy.stats.norm.logpdf`.

    y = logpdf(z) - log(scale), z = (x - loc) / scale, s = d logpdf / dz:   slopes s / scale, -s / scale, -(1 + z s) / scale

Outside of the support all slopes are 0. By its shape parameters a distribution function has no derivative that could be written
down: that is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import scipy.stats as st

from wengert.ir import shapes
from wengert.ir.nodes import Arg
from wengert.ir.types import Type
from wengert.rules.examples import POSITIVE, REAL, Domain, Draw, example
from wengert.rules.kinds import elementwise, lookup
from wengert.rules.scipy import densities as d
from wengert.rules.scipy.errors import BELOW_ONE
from wengert.rules.scipy.refusals import no_slope

Slope = Callable[..., Any]


@cache
def _by_name(op: Any, names: tuple[str, ...]) -> Callable[..., Any]:
    def call(*values: Any) -> Any:
        return op(**{n: v for n, v in zip(names, values, strict=False) if v is not None})

    return call


def broadcast(op: Any, inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
    """The type of a method that works entry by entry, whichever of `loc` and `scale` the call leaves out."""
    rule = lookup(op)
    assert rule is not None
    return shapes.elementwise(_by_name(op, rule.inputs), inputs, options)


def standard(x: Any, loc: Any, scale: Any) -> Any:
    moved = x if loc is None else x - loc
    return moved if scale is None else np.divide(moved, scale)


def _per_scale(value: Any, scale: Any) -> Any:
    return value if scale is None else np.divide(value, scale)


def real_line(z: Any) -> Any:
    return True


def half_line(z: Any) -> Any:
    return z >= 0


def unit_interval(z: Any) -> Any:
    return np.logical_and(z >= 0, z <= 1)


def _at_edges(z: Any, low: Any, high: Any) -> Any:
    """One half at the ends of the support, where a distribution function may have a kink."""
    weight = np.where(np.equal(z, 0), 0.5, 1.0) if low else 1.0
    return weight * np.where(np.equal(z, 1), 0.5, 1.0) if high else weight


@dataclass(frozen=True)
class Family:
    """A distribution in terms of its standard density; `weight(z)` is 0 outside of the support."""

    name: str
    shapes: tuple[str, ...]
    domain: Domain
    log: Slope
    score: Slope
    by_shape: tuple[Slope, ...]
    inside: Slope
    low: bool = False
    high: bool = False


def _density_slopes(family: Family, logarithmic: bool) -> list[Slope]:
    """The slopes of `logpdf`, or of `pdf`, by x, the shape parameters, loc and scale."""
    score, inside, bounded = family.score, family.inside, family.low

    def kept(value: Any, z: Any, y: Any) -> Any:
        value = value if logarithmic else y * value
        return np.where(inside(z), value, 0.0) if bounded else value

    def within(z: Any) -> Any:
        return np.where(inside(z), z, 0.5) if bounded else z

    def by_x(x: Any, *rest: Any) -> Any:
        *shape, loc, scale, y = rest
        z = standard(x, loc, scale)
        return kept(_per_scale(score(within(z), *shape), scale), z, y)

    def by_loc(x: Any, *rest: Any) -> Any:
        return -by_x(x, *rest)

    def by_scale(x: Any, *rest: Any) -> Any:
        *shape, loc, scale, y = rest
        z = standard(x, loc, scale)
        return -kept(_per_scale(1 + within(z) * score(within(z), *shape), scale), z, y)

    def of_shape(slope: Slope) -> Slope:
        def by_shape(x: Any, *rest: Any) -> Any:
            *shape, loc, scale, y = rest
            z = standard(x, loc, scale)
            return kept(slope(within(z), *shape), z, y)

        return by_shape

    return [by_x, *map(of_shape, family.by_shape), by_loc, by_scale]


def _distribution_slopes(family: Family, logarithmic: bool, survival: bool = False) -> list[Slope]:
    """The slopes of `logcdf`, or of `cdf`: the density, or its ratio to the value; minus that for `logsf` and `sf`."""
    log, inside, low, high = family.log, family.inside, family.low, family.high

    def density(z: Any, shape: Any, y: Any) -> Any:
        safe = np.where(inside(z), z, 0.5) if low else z
        value = np.exp(log(safe, *shape) - y) if logarithmic else np.exp(log(safe, *shape))
        value = -value if survival else value
        return np.where(inside(z), value * _at_edges(z, low, high), 0.0) if low else value

    def by_x(x: Any, *rest: Any) -> Any:
        *shape, loc, scale, y = rest
        return _per_scale(density(standard(x, loc, scale), shape, y), scale)

    def by_loc(x: Any, *rest: Any) -> Any:
        return -by_x(x, *rest)

    def by_scale(x: Any, *rest: Any) -> Any:
        *shape, loc, scale, y = rest
        z = standard(x, loc, scale)
        return -_per_scale(z * density(z, shape, y), scale)

    return [by_x, *_no_shapes(family), by_loc, by_scale]


def _survival_slopes(family: Family, logarithmic: bool) -> list[Slope]:
    return _distribution_slopes(family, logarithmic, True)


def _quantile_slopes(family: Family, logarithmic: bool) -> list[Slope]:
    """The slopes of `ppf`, the inverse of `cdf`."""
    log = family.log

    def by_q(q: Any, *rest: Any) -> Any:
        *shape, loc, scale, y = rest
        slope = np.exp(-log(standard(y, loc, scale), *shape))
        return slope if scale is None else slope * scale

    def by_loc(q: Any, *rest: Any) -> Any:
        return 1.0

    def by_scale(q: Any, *rest: Any) -> Any:
        *_, loc, scale, y = rest
        return standard(y, loc, scale)

    return [by_q, *_no_shapes(family), by_loc, by_scale]


def _no_shapes(family: Family) -> list[Slope]:
    """A distribution function by its shape parameters."""
    return [no_slope(f"the distribution function of scipy.stats.{family.name}", f"`{s}`") for s in family.shapes]


FAMILIES = (
    Family("norm", (), REAL, d.norm_log, d.norm_score, (), real_line),
    Family("laplace", (), REAL, d.laplace_log, d.laplace_score, (), real_line),
    Family("logistic", (), REAL, d.logistic_log, d.logistic_score, (), real_line),
    Family("t", ("df",), REAL, d.t_log, d.t_score, (d.t_df,), real_line),
    Family("expon", (), POSITIVE, d.expon_log, d.expon_score, (), half_line, True),
    Family("gamma", ("a",), POSITIVE, d.gamma_log, d.gamma_score, (d.gamma_a,), half_line, True),
    Family("chi2", ("df",), POSITIVE, d.chi2_log, d.chi2_score, (d.chi2_df,), half_line, True),
    Family("beta", ("a", "b"), BELOW_ONE, d.beta_log, d.beta_score, (d.beta_a, d.beta_b), unit_interval, True, True),
    Family("uniform", (), BELOW_ONE, d.uniform_log, d.uniform_score, (), unit_interval, True, True),
)
METHODS = {
    "logpdf": (_density_slopes, True), "pdf": (_density_slopes, False),
    "logcdf": (_distribution_slopes, True), "cdf": (_distribution_slopes, False),
    "logsf": (_survival_slopes, True), "sf": (_survival_slopes, False), "ppf": (_quantile_slopes, False),
}  # fmt: skip


def _calls(family: Family, method: str) -> list[Any]:
    """Without loc and scale, with both, with scale alone."""
    x = BELOW_ONE if method == "ppf" else family.domain
    shape, wide = [Draw((), POSITIVE)] * len(family.shapes), family.domain is REAL
    low, near = Domain("loc", ((-0.6, -0.3),)), Domain("loc near 0", ((-0.04, -0.01),))
    scale = POSITIVE if wide else Domain("scale", ((3.0, 4.0),))
    return [
        example(Draw((3,), x), *shape),
        example(Draw((), x), *shape),
        example(Draw((2, 3), x), *[Draw((3,), POSITIVE)] * len(shape), Draw((), low), Draw((3,), scale)),
        example(Draw((3,), x), *shape, scale=Draw((), scale)),
        example(Draw((3,), x), *shape, loc=Draw((2, 1), near)),
    ]


for _family in FAMILIES:
    for _method, (_slopes, _logarithmic) in METHODS.items():
        elementwise(
            getattr(getattr(st, _family.name), _method),
            " ".join(["q" if _method == "ppf" else "x", *_family.shapes, "loc?", "scale?"]),
            *_slopes(_family, _logarithmic),
            result=broadcast,
            examples=_calls(_family, _method),
            singular=_family.low or _method == "ppf",
        )
