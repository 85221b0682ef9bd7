"""Random draws: differentiated by the parameters that move and stretch what was drawn.

In: nothing. Out: rows for the methods of `np.random.Generator` and `np.random.RandomState`, whose first argument is the
generator; importing this module registers them.

    y = rng.normal(loc, scale, n)       y_dot = loc_dot + scale_dot * (y - loc) / scale

A draw is y = g(z; parameters) of a standard draw z that does not depend on them. It is made once, by the call that the
program has; the derivative finds z in the value that was drawn: Kingma and Welling, Auto-Encoding Variational Bayes
(2014). Where y does not tell z, at scale 0, the derivative by the scale is nan. Draws whose values jump are refused where a
derivative by their parameters is asked for.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from wengert.ir import shapes
from wengert.ir.nodes import Arg, Const, Display, Var
from wengert.ir.sampling import is_none
from wengert.ir.types import Array, Float, Int, Number, Opaque, Tuple, Type, shape_of
from wengert.rules.kinds import RULES, Constant, Elementwise, Rule, Structural
from wengert.rules.random_vectors import cov_jvp, cov_vjp, mean_jvp, mean_vjp
from wengert.rules.scipy.refusals import no_slope

CLASSES: tuple[type, ...] = (np.random.Generator, np.random.RandomState)
MAKERS: dict[Any, type] = {np.random.default_rng: np.random.Generator, **{cls: cls for cls in CLASSES}}
"""What makes generators, and of which class."""
DRAWS: dict[Any, str] = {}
"""The operations that have a row here, by method; their first argument is the generator."""


@dataclass(frozen=True, slots=True)
class Random(Opaque):
    """A generator that the program makes: its class is known, and so is what its methods do."""

    cls: type


def unbound(method: Any) -> Any:
    """The method of the class for a method of a generator; anything else as it is."""
    owner = getattr(method, "__self__", None)
    return getattr(type(owner), method.__name__) if isinstance(owner, CLASSES) else method


def is_draw(op: Any) -> bool:
    """True of a method of the class of a generator that has a row."""
    try:
        return op in DRAWS
    except TypeError:  # an object of the user's that is called
        return False


def is_random(op: Any) -> bool:
    """True of what gives something else when it is called again: draws, and what makes a generator."""
    return is_draw(op) or any(op is maker for maker in MAKERS)


# --- types ------------------------------------------------------------------------------------------------------------------


def _sized(size: Arg | None, params: Sequence[Arg], dtype: str | None, scalar: Type) -> Type:
    """Draws of a size, or of the shape that the parameters are broadcast to."""
    if size is not None and not is_none(size):
        if isinstance(size, Var) and not isinstance(size.type, Int | Tuple):
            return Number()  # None, or a tuple of any length
        known = isinstance(size, Var | Display) or isinstance(size.value, int | np.integer | tuple | list)
        return Array(dtype, shapes.shape_operand(size) if known else None)
    found = [() if is_none(p) else _shape(p) for p in params]
    if any(s is None for s in found):
        return Number()
    shape = shapes.broadcast(*[s for s in found if s is not None]) if found else ()
    return scalar if shape == () else Array(dtype, shape)


def _shape(p: Arg) -> Any:
    return None if isinstance(p, Display) else shape_of(p.type)


def _floats(op: Any, inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
    """Python's floats or an array of doubles; the size is the last input."""
    return _sized(inputs[-1], inputs[1:-1], "float64", Float())


def _vectors(op: Any, inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
    """Vectors as long as their mean."""
    _, mean, _, size, *_ = inputs
    one, many = _shape(mean), _sized(size, (), "float64", Float())
    if one is None or isinstance(many, Number):
        return Number() if isinstance(many, Number) else Array("float64")
    lead = shape_of(many)
    return Array("float64", None if lead is None else (*lead, *one))


def _opaque(op: Any, inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
    return Opaque()


def _standard(op: Any, inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
    """Draws without parameters, `size` first; NumPy's own dtype unless the call names one."""
    if "dtype" in options or len(inputs) > 2:
        return Opaque()
    size = options.get("size", inputs[1] if len(inputs) > 1 else None)
    return _sized(size, (), "float64", Float())


def _axes(op: Any, inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
    """`rand(2, 3)`, `randn(n)`."""
    dims = inputs[1:]
    if not all(isinstance(d, Var | Const) and isinstance(d.type, Int) for d in dims):
        return Opaque()
    return _sized(Display("tuple", tuple(dims)) if dims else None, (), "float64", Float())


# --- slopes -----------------------------------------------------------------------------------------------------------------


def _ratio(a: Any, b: Any, y: Any) -> Any:
    """a / b; Python's floats would raise at 0."""
    if isinstance(y, float):
        return a / b if b != 0 else math.nan
    return a / b


def _by_scale(rng: Any, loc: Any, scale: Any, size: Any, y: Any) -> Any:
    if loc is None:
        return _ratio(y, scale, y)
    return _ratio(y - loc, scale, y)


def _by_only_scale(rng: Any, scale: Any, size: Any, y: Any) -> Any:
    return _ratio(y, scale, y)


def _by_gamma_scale(rng: Any, shape: Any, scale: Any, size: Any, y: Any) -> Any:
    return _ratio(y, scale, y)


def _or(value: Any, default: Any) -> Any:
    if value is None:
        return default
    return value


def _by_low(rng: Any, low: Any, high: Any, size: Any, y: Any) -> Any:
    top = _or(high, 1.0)
    return _ratio(top - y, top - low, y)


def _by_high(rng: Any, low: Any, high: Any, size: Any, y: Any) -> Any:
    bottom = _or(low, 0.0)
    return _ratio(y - bottom, high - bottom, y)


def _by_sigma(rng: Any, mean: Any, sigma: Any, size: Any, y: Any) -> Any:
    return y * _ratio(np.log(y) - _or(mean, 0.0), sigma, y)


def _by_power(rng: Any, a: Any, size: Any, y: Any) -> Any:
    """Of u ** (1 / a) or its inverse, for `weibull` and `power`."""
    return -y * _ratio(np.log(y), a, y)


def _by_tail(rng: Any, a: Any, size: Any, y: Any) -> Any:
    return -(1 + y) * _ratio(np.log1p(y), a, y)


def _by_mu(rng: Any, mu: Any, kappa: Any, size: Any, y: Any) -> Any:
    return np.where(kappa < 1e-8, 0.0, 1.0)  # NumPy draws from the whole circle there


def _nonzero(x: Any) -> Any:
    return np.where(x == 0, 1.0, x)


def _halves(left: Any, mode: Any, right: Any, y: Any) -> Any:
    """What the root of a triangular draw adds: half of its distance from its own end, over each of the two lengths."""
    below = y <= mode
    reach = 0.5 * np.where(below, y - left, right - y)
    side = np.where(below, mode - left, right - mode)
    return below, reach / _nonzero(side), reach / _nonzero(right - left)


def _by_left(rng: Any, left: Any, mode: Any, right: Any, size: Any, y: Any) -> Any:
    below, of_side, of_base = _halves(left, mode, right, y)
    return np.where(below, 1.0 - of_side - of_base, of_base)


def _by_mode(rng: Any, left: Any, mode: Any, right: Any, size: Any, y: Any) -> Any:
    _, of_side, _ = _halves(left, mode, right, y)
    return of_side


def _by_right(rng: Any, left: Any, mode: Any, right: Any, size: Any, y: Any) -> Any:
    below, of_side, of_base = _halves(left, mode, right, y)
    return np.where(below, of_base, 1.0 - of_side - of_base)


# --- rows -------------------------------------------------------------------------------------------------------------------


def _register(name: str, make: Callable[[Any], Rule]) -> None:
    for cls in CLASSES:
        if hasattr(cls, name):
            op = getattr(cls, name)
            RULES[op] = make(op)
            DRAWS[op] = name


def _draw(name: str, inputs: str, *partials: Any, singular: bool = True) -> None:
    """Register draws entry by entry, of which the first argument is the generator and the last one the size."""
    words = ("rng", *inputs.split(), "size?")
    names, optional = tuple(w.rstrip("?") for w in words), tuple(w.endswith("?") for w in words)
    every = (None, *partials, None)
    flags = tuple(singular and callable(p) and not getattr(p, "refuses", False) for p in every)

    _register(name, lambda op: Elementwise(op, names, optional, result=_floats, lazy=True, singular=flags, partials=every))


def _jumps(name: str, *inputs: str) -> tuple[Any, ...]:
    return tuple(no_slope(name, f"`{k}`", "does not exist: its values jump") for k in inputs)


def _unknown(name: str, *inputs: str) -> tuple[Any, ...]:
    return tuple(no_slope(name, f"`{k}`", "has no formula: how it is drawn depends on it") for k in inputs)


def _refused(name: str, inputs: str, partials: tuple[Any, ...]) -> None:
    """Register draws that are differentiated by none of their inputs."""
    words = ("rng", *inputs.split())
    names, optional = tuple(w.rstrip("?") for w in words), tuple(w.endswith("?") for w in words)
    flags = (False,) * len(names)
    every = (None, *partials, *(None,) * (len(names) - 1 - len(partials)))
    _register(name, lambda op: Elementwise(op, names, optional, result=_opaque, lazy=True, singular=flags, partials=every))


def _constant(name: str, typing: Any = _opaque) -> None:
    _register(name, lambda op: Constant(op, (), result=typing, lazy=True))


for _name in ("normal", "laplace", "logistic", "gumbel"):
    _draw(_name, "loc? scale?", "1.0", _by_scale)
for _name in ("exponential", "rayleigh"):
    _draw(_name, "scale?", _by_only_scale)
for _name in ("weibull", "power"):
    _draw(_name, "a", _by_power)
_draw("uniform", "low? high?", _by_low, _by_high)
_draw("lognormal", "mean? sigma?", "y", _by_sigma)
_draw("pareto", "a", _by_tail)
_draw("triangular", "left mode right", _by_left, _by_mode, _by_right, singular=False)
_draw("gamma", "shape scale?", *_unknown("gamma", "shape"), _by_gamma_scale)
_draw("vonmises", "mu kappa", _by_mu, *_unknown("vonmises", "kappa"), singular=False)

for _name, _inputs in (
    ("beta", "a b"), ("chisquare", "df"), ("f", "dfnum dfden"), ("noncentral_chisquare", "df nonc"),
    ("noncentral_f", "dfnum dfden nonc"), ("standard_t", "df"), ("wald", "mean scale"),
):  # fmt: skip
    _draw(_name, _inputs, *_unknown(_name, *_inputs.split()))
_refused("standard_gamma", "shape size? dtype? out?", _unknown("standard_gamma", "shape"))
_refused("dirichlet", "alpha size?", _unknown("dirichlet", "alpha"))
for _name, _inputs in (
    ("binomial", "n p"), ("geometric", "p"), ("hypergeometric", "ngood nbad nsample"), ("logseries", "p"),
    ("multinomial", "n pvals"), ("negative_binomial", "n p"), ("poisson", "lam?"), ("zipf", "a"),
):  # fmt: skip
    _refused(_name, f"{_inputs} size?", _jumps(_name, *_inputs.replace("?", "").split()))
_refused(
    "choice",
    "a size? replace? p? axis? shuffle?",
    (
        no_slope("choice", "`a`", "is that of an index: draw one, a[rng.choice(len(a), n)]"),
        None,
        None,
        *_jumps("choice", "p"),
    ),
)
for _name, _inputs in (("permutation", "x axis?"), ("permuted", "x axis? out?")):
    _refused(_name, _inputs, (no_slope(_name, "`x`", "is that of an index: draw one, x[rng.permutation(len(x))]"),))

for _name in ("standard_normal", "standard_exponential", "standard_cauchy", "random", "random_sample"):
    _constant(_name, _standard)
for _name in ("rand", "randn"):
    _constant(_name, _axes)
for _name in ("integers", "randint", "random_integers", "bytes", "tomaxint", "multivariate_hypergeometric"):
    _constant(_name)


for _maker in MAKERS:
    RULES[_maker] = Constant(_maker, (), result=_opaque)
_register(
    "multivariate_normal",
    lambda op: Structural(
        op,
        ("rng", "mean", "cov", "size", "check_valid", "tol", "method"),
        (False, False, False, True, True, True, True),
        result=_vectors,
        singular=(False,) * 7,
        jvp=(None, mean_jvp, cov_jvp, None, None, None, None),
        vjp=(None, mean_vjp, cov_vjp, None, None, None, None),
    ),
)
