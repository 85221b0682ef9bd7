"""The module `statistics`: means and spreads of Python's numbers.

In: nothing. Out: rows for `statistics.mean`, `fmean`, `geometric_mean`, `harmonic_mean`, `variance`, `pvariance`,
`stdev` and `pstdev`, of lists, tuples and arrays.

    statistics.stdev([a, b, c])      0 where all are equal
"""

from __future__ import annotations

import statistics
from typing import Any

import numpy as np

from wengert.ir import shapes
from wengert.rules.examples import example, normal, positive
from wengert.rules.kinds import structural
from wengert.rules.typings import named


def _total(values: Any) -> Any:
    return np.sum(values) if isinstance(values, np.ndarray) else sum(values)


def _shares(x: Any, y_bar: Any) -> Any:
    """The same cotangent for each item."""
    if isinstance(x, np.ndarray):
        return np.full(np.shape(x), y_bar / len(x))
    return [y_bar / len(x) for _ in x]


def _apart(x: Any, mean: Any) -> Any:
    return x - mean if isinstance(x, np.ndarray) else [v - mean for v in x]


def _times(a: Any, b: Any) -> Any:
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        return np.multiply(a, b)
    return [v * w for v, w in zip(a, b)]  # noqa: B905


def _scaled(x: Any, factor: Any) -> Any:
    return factor * x if isinstance(x, np.ndarray) else [factor * v for v in x]


def _inverse(x: Any, power: Any) -> Any:
    return 1.0 / x**power if isinstance(x, np.ndarray) else [1.0 / v**power for v in x]


def _mean_jvp(d: Any, y: Any, x: Any) -> Any:
    return _total(d) / len(x)


def _mean_vjp(y_bar: Any, y: Any, x: Any) -> Any:
    return _shares(x, y_bar)


def _fmean_jvp(d: Any, y: Any, x: Any, weights: Any = None) -> Any:
    if weights is None:
        return _total(d) / len(x)
    return _total(_times(d, weights)) / _total(weights)


def _fmean_vjp(y_bar: Any, y: Any, x: Any, weights: Any = None) -> Any:
    if weights is None:
        return _shares(x, y_bar)
    return _scaled(weights, y_bar / _total(weights))


def _fmean_weights_jvp(d: Any, y: Any, x: Any, weights: Any = None) -> Any:
    return _total(_times(_apart(x, y), d)) / _total(weights)


def _fmean_weights_vjp(y_bar: Any, y: Any, x: Any, weights: Any = None) -> Any:
    return _scaled(_apart(x, y), y_bar / _total(weights))


def _geometric_jvp(d: Any, y: Any, x: Any) -> Any:
    return y / len(x) * _total(_times(_inverse(x, 1), d))


def _geometric_vjp(y_bar: Any, y: Any, x: Any) -> Any:
    return _scaled(_inverse(x, 1), y_bar * y / len(x))


def _harmonic_jvp(d: Any, y: Any, x: Any) -> Any:
    return y * y / len(x) * _total(_times(_inverse(x, 2), d))


def _harmonic_vjp(y_bar: Any, y: Any, x: Any) -> Any:
    return _scaled(_inverse(x, 2), y_bar * y * y / len(x))


# Spreads: around the mean of the items, or around a number that is given


def _middle(x: Any, mean: Any) -> Any:
    return _total(x) / len(x) if mean is None else mean


def _spreading(less: int, root: bool) -> tuple[Any, Any]:
    """The bodies of a variance that divides by `less` than the number of items, or of its root."""

    def share(y: Any, x: Any) -> Any:
        if root:
            return 0.0 if y == 0 else 1.0 / (y * (len(x) - less))
        return 2.0 / (len(x) - less)

    def jvp(d: Any, y: Any, x: Any, mean: Any) -> Any:
        return share(y, x) * _total(_times(_apart(x, _middle(x, mean)), d))

    def mean_jvp(d: Any, y: Any, x: Any, mean: Any) -> Any:
        return -share(y, x) * _total(_apart(x, mean)) * d

    def vjp(y_bar: Any, y: Any, x: Any, mean: Any) -> Any:
        return _scaled(_apart(x, _middle(x, mean)), y_bar * share(y, x))

    def mean_vjp(y_bar: Any, y: Any, x: Any, mean: Any) -> Any:
        return -y_bar * share(y, x) * _total(_apart(x, mean))

    return (jvp, mean_jvp), (vjp, mean_vjp)


_LISTS = (example([normal(), normal(), normal()]), example(normal(4)))
_POSITIVE = (example([positive(), positive()]), example([positive(), positive(), positive()]))

structural(statistics.mean, "x", jvp=(_mean_jvp,), vjp=(_mean_vjp,), result=shapes.probe, displays=True, examples=_LISTS)
_WEIGHS = "weights" in statistics.fmean.__code__.co_varnames
structural(
    statistics.fmean,
    "x weights?" if _WEIGHS else "x",
    jvp=(_fmean_jvp, _fmean_weights_jvp)[: 2 if _WEIGHS else 1],
    vjp=(_fmean_vjp, _fmean_weights_vjp)[: 2 if _WEIGHS else 1],
    result=named,
    displays=True,
    examples=[*_LISTS, *([example([normal(), normal()], [positive(), positive()])] if _WEIGHS else [])],
)
structural(
    statistics.geometric_mean,
    "x",
    jvp=(_geometric_jvp,),
    vjp=(_geometric_vjp,),
    result=shapes.probe,
    displays=True,
    singular=True,
    examples=_POSITIVE,
)
structural(
    statistics.harmonic_mean,
    "x",
    jvp=(_harmonic_jvp,),
    vjp=(_harmonic_vjp,),
    result=shapes.probe,
    displays=True,
    singular=True,
    examples=_POSITIVE,
)
for _op, _less, _root in (
    (statistics.variance, 1, False),
    (statistics.pvariance, 0, False),
    (statistics.stdev, 1, True),
    (statistics.pstdev, 0, True),
):
    _jvps, _vjps = _spreading(_less, _root)
    structural(
        _op,
        "x mean?",
        jvp=_jvps,
        vjp=_vjps,
        result=named,
        displays=True,
        singular=_root,
        examples=[*_LISTS, example([normal(), normal(), normal()], normal())],
    )
