"""The multivariate normal and the Dirichlet distribution of `scipy.stats`: `pdf` and `logpdf`.

In: nothing. Out: rows whose operations are bound methods, `scipy.stats.multivariate_normal.logpdf`.

    with r = x - mean and w = inv(cov) r:    slopes -w by x, w by the mean, (w w.T - inv(cov)) / 2 by the covariance

SciPy reads the lower triangle of a covariance matrix, and the entries of the other have no derivative.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.special as sc
import scipy.stats as st

from wengert.ir import shapes
from wengert.rules.examples import POSITIVE, Domain, Draw, definite, example, normal, positive
from wengert.rules.kinds import structural
from wengert.rules.reductions import shaped
from wengert.rules.scipy.systems import folded, whole

# the multivariate normal distribution


def _dimension(mean: Any, cov: Any) -> Any:
    if mean is not None:
        return 1 if np.ndim(mean) == 0 else np.size(mean)
    if cov is None:
        return 1
    return 1 if np.ndim(cov) < 2 else np.shape(cov)[0]


def _rows(x: Any, size: Any) -> Any:
    """The points as rows: of one number each where the distribution has one dimension."""
    if np.ndim(x) == 0:
        return np.reshape(x, (1, 1))
    if np.ndim(x) == 1:
        return np.reshape(x, (-1, size))
    return x


def _matrix(cov: Any, size: Any) -> Any:
    if cov is None:
        return np.eye(size)
    if np.ndim(cov) == 0:
        return cov * np.eye(size)
    return np.diag(cov) if np.ndim(cov) == 1 else whole(cov, True)


def _check_rank(cov: Any, allow_singular: Any) -> Any:
    """A density on a subspace has no slopes by what leads out of it."""
    if allow_singular and np.linalg.matrix_rank(_matrix(cov, 1)) < np.shape(_matrix(cov, 1))[0]:
        raise ValueError("multivariate_normal has no derivative at a singular covariance matrix: leave out what does not vary")


def _solved(x: Any, mean: Any, cov: Any) -> Any:
    """inv(cov) (x - mean), row by row."""
    size = _dimension(mean, cov)
    rows = _rows(x, size)
    apart = rows if mean is None else rows - mean
    return np.linalg.solve(_matrix(cov, size), np.expand_dims(apart, -1))[..., 0]


def _over_rows(value: Any, rows: Any) -> Any:
    """One number for each row, over the entries of the row."""
    return np.reshape(value, (*np.shape(rows)[:-1], 1))


def _mvn_x_jvp(x_dot: Any, y: Any, x: Any, mean: Any, cov: Any, allow_singular: Any = False) -> Any:
    _check_rank(cov, allow_singular)
    w = _solved(x, mean, cov)
    return shaped(-np.sum(w * _rows(x_dot, _dimension(mean, cov)), axis=-1), y)


def _mvn_mean_jvp(mean_dot: Any, y: Any, x: Any, mean: Any, cov: Any, allow_singular: Any = False) -> Any:
    _check_rank(cov, allow_singular)
    return shaped(np.sum(_solved(x, mean, cov) * mean_dot, axis=-1), y)


def _mvn_cov_jvp(cov_dot: Any, y: Any, x: Any, mean: Any, cov: Any, allow_singular: Any = False) -> Any:
    _check_rank(cov, allow_singular)
    size, w = _dimension(mean, cov), _solved(x, mean, cov)
    move = _matrix(cov_dot, size)
    inner = np.sum((w @ move) * w, axis=-1) - np.trace(np.linalg.solve(_matrix(cov, size), move))
    return shaped(0.5 * inner, y)


def _mvn_x_vjp(y_bar: Any, y: Any, x: Any, mean: Any, cov: Any, allow_singular: Any = False) -> Any:
    _check_rank(cov, allow_singular)
    w = _solved(x, mean, cov)
    return np.reshape(-_over_rows(y_bar, w) * w, np.shape(x))


def _mvn_mean_vjp(y_bar: Any, y: Any, x: Any, mean: Any, cov: Any, allow_singular: Any = False) -> Any:
    _check_rank(cov, allow_singular)
    w = _solved(x, mean, cov)
    return np.reshape(np.sum(np.reshape(_over_rows(y_bar, w) * w, (-1, np.shape(w)[-1])), axis=0), np.shape(mean))


def _mvn_cov_vjp(y_bar: Any, y: Any, x: Any, mean: Any, cov: Any, allow_singular: Any = False) -> Any:
    _check_rank(cov, allow_singular)
    size = _dimension(mean, cov)
    w = np.reshape(_solved(x, mean, cov), (-1, size))
    inverse = np.linalg.inv(_matrix(cov, size))
    bar = 0.5 * (np.transpose(w) @ (_over_rows(np.reshape(y_bar, -1), w) * w) - np.sum(y_bar) * inverse)
    if np.ndim(cov) == 0:
        return np.trace(bar)
    return np.diagonal(bar) if np.ndim(cov) == 1 else folded(bar, True)


# the Dirichlet distribution


def _parts(x: Any, alpha: Any) -> Any:
    """All parts: SciPy takes points without the last one, too."""
    if np.shape(x)[0] == np.shape(alpha)[0]:
        return x
    return np.concatenate([x, 1 - np.sum(x, axis=0, keepdims=True)])


def _columns(value: Any, like: Any) -> Any:
    return value if np.ndim(like) == 1 else np.expand_dims(value, -1)


def _dirichlet_x_jvp(x_dot: Any, y: Any, x: Any, alpha: Any) -> Any:
    slope = _columns(alpha - 1, x) / _parts(x, alpha)
    if np.shape(x)[0] == np.shape(alpha)[0]:
        return np.sum(slope * x_dot, axis=0)
    return np.sum((slope[:-1] - slope[-1:]) * x_dot, axis=0)


def _dirichlet_x_vjp(y_bar: Any, y: Any, x: Any, alpha: Any) -> Any:
    slope = _columns(alpha - 1, x) / _parts(x, alpha)
    if np.shape(x)[0] == np.shape(alpha)[0]:
        return y_bar * slope
    return y_bar * (slope[:-1] - slope[-1:])


def _alpha_slope(x: Any, alpha: Any) -> Any:
    return np.log(_parts(x, alpha)) + _columns(sc.psi(np.sum(alpha)) - sc.psi(alpha), x)


def _dirichlet_alpha_jvp(alpha_dot: Any, y: Any, x: Any, alpha: Any) -> Any:
    return np.sum(_alpha_slope(x, alpha) * _columns(alpha_dot, x), axis=0)


def _dirichlet_alpha_vjp(y_bar: Any, y: Any, x: Any, alpha: Any) -> Any:
    bar = y_bar * _alpha_slope(x, alpha)
    return bar if np.ndim(x) == 1 else np.sum(bar, axis=-1)


def _jvp_of_density(body: Any) -> Any:
    """The slope of exp(y) from that of y."""

    def jvp(dot: Any, y: Any, x: Any, mean: Any, cov: Any, allow_singular: Any = False) -> Any:
        return y * body(dot, y, x, mean, cov, allow_singular)

    return jvp


def _vjp_of_density(body: Any) -> Any:
    def vjp(y_bar: Any, y: Any, x: Any, mean: Any, cov: Any, allow_singular: Any = False) -> Any:
        return body(y_bar * y, y, x, mean, cov, allow_singular)

    return vjp


def _dirichlet_jvp_of_density(body: Any) -> Any:
    def jvp(dot: Any, y: Any, x: Any, alpha: Any) -> Any:
        return y * body(dot, y, x, alpha)

    return jvp


def _dirichlet_vjp_of_density(body: Any) -> Any:
    def vjp(y_bar: Any, y: Any, x: Any, alpha: Any) -> Any:
        return body(y_bar * y, y, x, alpha)

    return vjp


_PLACES = Domain("parts", ((0.05, 0.3),))
_MVN_JVP = (_mvn_x_jvp, _mvn_mean_jvp, _mvn_cov_jvp)
_MVN_VJP = (_mvn_x_vjp, _mvn_mean_vjp, _mvn_cov_vjp)
_DIRICHLET_JVP = (_dirichlet_x_jvp, _dirichlet_alpha_jvp)
_DIRICHLET_VJP = (_dirichlet_x_vjp, _dirichlet_alpha_vjp)
_MVN_CALLS = [
    example(normal(3), normal(3), definite(3)),
    example(normal(4, 3), normal(3), definite(3)),
    example(normal(2, 4, 2), mean=normal(2), cov=positive(2)),
    example(normal(4, 2), normal(2), positive()),
    example(normal(4), normal(), positive()),
    example(normal(3), normal(3)),
    example(normal(3), cov=definite(3)),
    example(normal(2, 3), normal(3), definite(3), True),
    example(normal()),
]
_DIRICHLET_CALLS = [
    example(Draw((2,), _PLACES), Draw((3,), POSITIVE)),
    example(Draw((3, 4), _PLACES), Draw((4,), POSITIVE)),
]

for _method, _log in (("logpdf", True), ("pdf", False)):
    structural(
        getattr(st.multivariate_normal, _method),
        "x mean? cov?",
        jvp=_MVN_JVP if _log else tuple(map(_jvp_of_density, _MVN_JVP)),
        vjp=_MVN_VJP if _log else tuple(map(_vjp_of_density, _MVN_VJP)),
        result=shapes.nothing,
        examples=_MVN_CALLS,
    )
    structural(
        getattr(st.dirichlet, _method),
        "x alpha",
        jvp=_DIRICHLET_JVP if _log else tuple(map(_dirichlet_jvp_of_density, _DIRICHLET_JVP)),
        vjp=_DIRICHLET_VJP if _log else tuple(map(_dirichlet_vjp_of_density, _DIRICHLET_VJP)),
        result=shapes.nothing,
        examples=_DIRICHLET_CALLS,
    )
