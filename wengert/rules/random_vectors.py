"""Draws of `multivariate_normal`, differentiated by the mean and by the covariance.

In: nothing. Out: the jvp and vjp functions that `wengert.rules.random_draws` puts into the row.

    y = rng.multivariate_normal(mean, cov)      y = mean + A z, where A is the root of cov that `method` says

With `method="cholesky"` A is the triangular factor. Otherwise it has the eigenvectors v of cov with the values w, and A turns
as they do. The eigenvectors of equal values may be any basis: there the symmetric root is taken to move, which is what keeps
the covariance of the draws, and exact where the values stay equal. NumPy reads the lower triangle of cov for "cholesky" and
"eigh"; for "svd" cov is taken to stay symmetric.
"""

from __future__ import annotations

from typing import Any

import numpy as np


def mean_jvp(
    mean_dot: Any, y: Any, rng: Any, mean: Any, cov: Any, size: Any, check_valid: Any, tol: Any, method: Any
) -> Any:
    return np.broadcast_to(mean_dot, np.shape(y))


def mean_vjp(
    y_bar: Any, y: Any, rng: Any, mean: Any, cov: Any, size: Any, check_valid: Any, tol: Any, method: Any
) -> Any:
    return np.sum(np.reshape(y_bar, (-1, np.shape(mean)[0])), axis=0)


def cov_jvp(
    cov_dot: Any, y: Any, rng: Any, mean: Any, cov: Any, size: Any, check_valid: Any, tol: Any, method: Any
) -> Any:
    if method == "cholesky":
        lower = np.linalg.cholesky(cov)
        inverse = np.linalg.inv(lower)
        inner = inverse @ _whole(cov_dot) @ inverse.T
        return (y - mean) @ inverse.T @ _half(inner).T @ lower.T
    triangle = method == "eigh"
    w, v = np.linalg.eigh(_symmetric(cov, triangle))
    turn = _slopes(w) * (v.T @ _symmetric(cov_dot, triangle) @ v)
    return (y - mean) @ v @ turn.T @ v.T


def cov_vjp(
    y_bar: Any, y: Any, rng: Any, mean: Any, cov: Any, size: Any, check_valid: Any, tol: Any, method: Any
) -> Any:
    bars, draws = _rows(y_bar, mean), _rows(y - mean, mean)
    if method == "cholesky":
        lower = np.linalg.cholesky(cov)
        inverse = np.linalg.inv(lower)
        inner = _half((bars @ lower).T @ (draws @ inverse.T))
        return _triangle(inverse.T @ inner @ inverse)
    triangle = method == "eigh"
    w, v = np.linalg.eigh(_symmetric(cov, triangle))
    whole = v @ (_slopes(w) * ((bars @ v).T @ (draws @ v))) @ v.T
    return _triangle(whole) if triangle else 0.5 * (whole + whole.T)


def _rows(x: Any, mean: Any) -> Any:
    return np.reshape(x, (-1, np.shape(mean)[0]))


def _slopes(w: Any) -> Any:
    """Entry (i, j) is 1 / (w[j] - w[i]), and 1 / (2 w[i]) where they are equal."""
    column = np.expand_dims(w, -1)
    return 1.0 / np.where(w == column, 2.0 * column, w - column)


def _symmetric(x: Any, triangle: Any) -> Any:
    """The symmetric matrix that is read of `x`."""
    return _whole(x) if triangle else 0.5 * (x + x.T)


def _half(x: Any) -> Any:
    """The lower triangle with half of the diagonal."""
    return 0.5 * (np.tril(x) + np.tril(x, -1))


def _whole(x: Any) -> Any:
    """The symmetric matrix whose lower triangle is that of `x`."""
    return np.tril(x) + np.tril(x, -1).T


def _triangle(bar: Any) -> Any:
    """The cotangent of the lower triangle, from that of the symmetric matrix."""
    return np.tril(bar) + np.triu(bar, 1).T
