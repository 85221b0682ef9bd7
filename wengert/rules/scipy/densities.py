"""Standard densities: logarithms, their slopes by the variable and by the shape parameters.

In: z = (x - loc) / scale and the shape parameters, z inside of the support. Out: numbers, written in NumPy and
`scipy.special`, so that derivatives of them exist.

    gamma_score(z, a)       (a - 1) / z - 1, the slope of gamma_log(z, a) by z
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import scipy.special as sc

_LOG_ROOT = 0.5 * math.log(2.0 * math.pi)


def ratio(a: Any, b: Any) -> Any:
    """a / b, and 0 where both are 0."""
    both = np.logical_and(np.equal(a, 0), np.equal(b, 0))
    return np.where(both, 0.0, a / np.where(both, 1.0, b))


def norm_log(z: Any) -> Any:
    return -0.5 * z * z - _LOG_ROOT


def norm_score(z: Any) -> Any:
    return -z


def laplace_log(z: Any) -> Any:
    return -np.abs(z) - math.log(2.0)


def laplace_score(z: Any) -> Any:
    return -np.sign(z)


def logistic_log(z: Any) -> Any:
    return sc.log_expit(z) + sc.log_expit(-z)


def logistic_score(z: Any) -> Any:
    return -np.tanh(0.5 * z)


def expon_log(z: Any) -> Any:
    return -z


def expon_score(z: Any) -> Any:
    return -1.0


def uniform_log(z: Any) -> Any:
    return 0.0


def uniform_score(z: Any) -> Any:
    return 0.0


def t_log(z: Any, df: Any) -> Any:
    constant = sc.gammaln(0.5 * (df + 1)) - sc.gammaln(0.5 * df) - 0.5 * np.log(math.pi * df)
    return constant - 0.5 * (df + 1) * np.log1p(z * z / df)


def t_score(z: Any, df: Any) -> Any:
    return -(1 + 1 / df) * z / (1 + z * z / df)


def t_df(z: Any, df: Any) -> Any:
    square = z * z / df
    constant = sc.psi(0.5 * (df + 1)) - sc.psi(0.5 * df) - 1 / df
    return 0.5 * (constant - np.log1p(square) + (1 + 1 / df) * square / (1 + square))


def gamma_log(z: Any, a: Any) -> Any:
    return sc.xlogy(a - 1, z) - z - sc.gammaln(a)


def gamma_score(z: Any, a: Any) -> Any:
    return ratio(a - 1, z) - 1


def gamma_a(z: Any, a: Any) -> Any:
    return np.log(z) - sc.psi(a)


def chi2_log(z: Any, df: Any) -> Any:
    return gamma_log(0.5 * z, 0.5 * df) - math.log(2.0)


def chi2_score(z: Any, df: Any) -> Any:
    return ratio(0.5 * df - 1, z) - 0.5


def chi2_df(z: Any, df: Any) -> Any:
    return 0.5 * (np.log(0.5 * z) - sc.psi(0.5 * df))


def beta_log(z: Any, a: Any, b: Any) -> Any:
    return sc.xlogy(a - 1, z) + sc.xlog1py(b - 1, -z) - sc.betaln(a, b)


def beta_score(z: Any, a: Any, b: Any) -> Any:
    return ratio(a - 1, z) - ratio(b - 1, 1 - z)


def beta_a(z: Any, a: Any, b: Any) -> Any:
    return np.log(z) - sc.psi(a) + sc.psi(a + b)


def beta_b(z: Any, a: Any, b: Any) -> Any:
    return np.log1p(-z) - sc.psi(b) + sc.psi(a + b)
