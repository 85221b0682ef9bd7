"""Discrete distributions of `scipy.stats`, poisson, binom and bernoulli: `pmf`, `cdf`, `sf` and their logarithms by the rate.

In: nothing. Out: rows whose operations are bound methods, `scipy.stats.poisson.logpmf`.

    poisson.pmf(k, mu)       slope pmf(k - 1, mu) - pmf(k, mu)
    binom.cdf(k, n, p)       slope -n pmf(k, n - 1, p)

Counts are whole numbers and carry no derivative; the number of trials and `loc`, which are whole too, are refused.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.special as sc
import scipy.stats as st

from wengert.rules.examples import POSITIVE, Domain, Draw, example
from wengert.rules.kinds import elementwise
from wengert.rules.scipy.densities import ratio
from wengert.rules.scipy.distributions import broadcast
from wengert.rules.scipy.errors import BELOW_ONE
from wengert.rules.scipy.refusals import no_slope

COUNTS = Domain("counts", ((0, 5),), integer=True)
_WHOLE = "does not exist: it is a whole number"


def _count(k: Any, loc: Any) -> Any:
    return k if loc is None else k - loc


def _is_whole(k: Any) -> Any:
    return np.equal(np.floor(k), k)


def _poisson(k: Any, mu: Any) -> Any:
    """The probability of k, and 0 where k is no count."""
    valid = np.logical_and(k >= 0, _is_whole(k))
    safe = np.where(valid, k, 0)
    return np.where(valid, np.exp(sc.xlogy(safe, mu) - mu - sc.gammaln(safe + 1.0)), 0.0)


def _binomial(k: Any, n: Any, p: Any) -> Any:
    """The probability of k successes in n trials, and 0 where k is no such number."""
    valid = np.logical_and(np.logical_and(k >= 0, k <= n), _is_whole(k))
    safe, trials = np.where(valid, k, 0), np.where(valid, n, 0)
    chosen = sc.gammaln(trials + 1.0) - sc.gammaln(safe + 1.0) - sc.gammaln(trials - safe + 1.0)
    return np.where(valid, np.exp(chosen + sc.xlogy(safe, p) + sc.xlog1py(trials - safe, -p)), 0.0)


def _poisson_logpmf(k: Any, mu: Any, loc: Any, y: Any) -> Any:
    k = _count(k, loc)
    return np.where(np.logical_and(k >= 0, _is_whole(k)), ratio(k, mu) - 1, 0.0)


def _poisson_pmf(k: Any, mu: Any, loc: Any, y: Any) -> Any:
    k = _count(k, loc)
    return _poisson(k - 1, mu) - y


def _poisson_cdf(k: Any, mu: Any, loc: Any, y: Any) -> Any:
    return -_poisson(np.floor(_count(k, loc)), mu)


def _poisson_logcdf(k: Any, mu: Any, loc: Any, y: Any) -> Any:
    return -_poisson(np.floor(_count(k, loc)), mu) * np.exp(-y)


def _poisson_sf(k: Any, mu: Any, loc: Any, y: Any) -> Any:
    return _poisson(np.floor(_count(k, loc)), mu)


def _poisson_logsf(k: Any, mu: Any, loc: Any, y: Any) -> Any:
    return _poisson(np.floor(_count(k, loc)), mu) * np.exp(-y)


def _binom_logpmf(k: Any, n: Any, p: Any, loc: Any, y: Any) -> Any:
    k = _count(k, loc)
    valid = np.logical_and(np.logical_and(k >= 0, k <= n), _is_whole(k))
    return np.where(valid, ratio(k, p) - ratio(n - k, 1 - p), 0.0)


def _binom_pmf(k: Any, n: Any, p: Any, loc: Any, y: Any) -> Any:
    k = _count(k, loc)
    return n * (_binomial(k - 1, n - 1, p) - _binomial(k, n - 1, p))


def _binom_cdf(k: Any, n: Any, p: Any, loc: Any, y: Any) -> Any:
    return -n * _binomial(np.floor(_count(k, loc)), n - 1, p)


def _binom_logcdf(k: Any, n: Any, p: Any, loc: Any, y: Any) -> Any:
    return -n * _binomial(np.floor(_count(k, loc)), n - 1, p) * np.exp(-y)


def _binom_sf(k: Any, n: Any, p: Any, loc: Any, y: Any) -> Any:
    return n * _binomial(np.floor(_count(k, loc)), n - 1, p)


def _binom_logsf(k: Any, n: Any, p: Any, loc: Any, y: Any) -> Any:
    density = _binomial(np.floor(_count(k, loc)), n - 1, p)
    return n * np.where(density == 0, 0.0, density * np.exp(-np.where(density == 0, 0.0, y)))


def _bernoulli_logpmf(k: Any, p: Any, loc: Any, y: Any) -> Any:
    return _binom_logpmf(k, 1, p, loc, y)


def _bernoulli_pmf(k: Any, p: Any, loc: Any, y: Any) -> Any:
    return _binom_pmf(k, 1, p, loc, y)


def _bernoulli_cdf(k: Any, p: Any, loc: Any, y: Any) -> Any:
    return _binom_cdf(k, 1, p, loc, y)


def _bernoulli_logcdf(k: Any, p: Any, loc: Any, y: Any) -> Any:
    return _binom_logcdf(k, 1, p, loc, y)


def _bernoulli_sf(k: Any, p: Any, loc: Any, y: Any) -> Any:
    return _binom_sf(k, 1, p, loc, y)


def _bernoulli_logsf(k: Any, p: Any, loc: Any, y: Any) -> Any:
    return _binom_logsf(k, 1, p, loc, y)


_TABLE = {
    ("poisson", "logpmf"): _poisson_logpmf, ("poisson", "pmf"): _poisson_pmf,
    ("poisson", "cdf"): _poisson_cdf, ("poisson", "logcdf"): _poisson_logcdf,
    ("poisson", "sf"): _poisson_sf, ("poisson", "logsf"): _poisson_logsf,
    ("binom", "logpmf"): _binom_logpmf, ("binom", "pmf"): _binom_pmf,
    ("binom", "cdf"): _binom_cdf, ("binom", "logcdf"): _binom_logcdf,
    ("binom", "sf"): _binom_sf, ("binom", "logsf"): _binom_logsf,
    ("bernoulli", "logpmf"): _bernoulli_logpmf, ("bernoulli", "pmf"): _bernoulli_pmf,
    ("bernoulli", "cdf"): _bernoulli_cdf, ("bernoulli", "logcdf"): _bernoulli_logcdf,
    ("bernoulli", "sf"): _bernoulli_sf, ("bernoulli", "logsf"): _bernoulli_logsf,
}  # fmt: skip

_slope: Any
for (_name, _method), _slope in _TABLE.items():
    _trials = _name == "binom"
    _domain = POSITIVE if _name == "poisson" else BELOW_ONE
    _count_of = COUNTS if _name != "bernoulli" else Domain("no or yes", ((0, 1),), integer=True)
    _text = f"scipy.stats.{_name}.{_method}"
    _fixed = [6] if _trials else []
    elementwise(
        getattr(getattr(st, _name), _method),
        "k n p loc?" if _trials else "k mu loc?" if _name == "poisson" else "k p loc?",
        None,
        *([no_slope(_text, "`n`", _WHOLE)] if _trials else []),
        _slope,
        no_slope(_text, "`loc`", _WHOLE),
        result=broadcast,
        examples=[
            example(Draw((3,), _count_of), *_fixed, Draw((3,), _domain)),
            example(1 if _name != "bernoulli" else 0, *_fixed, Draw((), _domain)),
            example(Draw((2, 1), _count_of), *_fixed, Draw((3,), _domain), 0),
        ],
        singular=True,
    )
