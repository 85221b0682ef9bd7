"""Factorials and binomial coefficients: gamma functions of numbers that need not be whole.

In: nothing. Out: rows for `scipy.special.factorial` and `comb`.

    sc.factorial(n)      slope y * psi(n + 1)
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.special as sc

from wengert.ir import shapes
from wengert.rules.examples import HIGH, Draw, example
from wengert.rules.kinds import structural
from wengert.rules.scipy.errors import BELOW_ONE
from wengert.rules.scipy.gammas import psi_step
from wengert.runtime import unbroadcast


def _factorial(d: Any, y: Any, n: Any, exact: Any = False) -> Any:
    return d * (y * sc.psi(n + 1.0))


def _choices(n: Any, k: Any) -> Any:
    """n, and k where it is from 0 to n: elsewhere SciPy says 0 for all k, and the slopes are 0 with the value."""
    return np.where(np.logical_and(k >= 0, k <= n), k, 0.5 * n)


def _comb_n_jvp(d: Any, y: Any, n: Any, k: Any, exact: Any = False) -> Any:
    k = _choices(n, k)
    return d * (y * psi_step(n - k + 1.0, k))


def _comb_k_jvp(d: Any, y: Any, n: Any, k: Any, exact: Any = False) -> Any:
    k = _choices(n, k)
    return d * (y * (sc.psi(n - k + 1.0) - sc.psi(k + 1.0)))


def _comb_n_vjp(y_bar: Any, y: Any, n: Any, k: Any, exact: Any = False) -> Any:
    return unbroadcast(_comb_n_jvp(y_bar, y, n, k), n)


def _comb_k_vjp(y_bar: Any, y: Any, n: Any, k: Any, exact: Any = False) -> Any:
    return unbroadcast(_comb_k_jvp(y_bar, y, n, k), k)


structural(
    sc.factorial,
    "n",
    jvp=(_factorial,),
    vjp=(_factorial,),
    result=shapes.nothing,
    singular=True,
    examples=[example(Draw((3,), HIGH)), example(Draw((), HIGH))],
)
structural(
    sc.comb,
    "n k",
    jvp=(_comb_n_jvp, _comb_k_jvp),
    vjp=(_comb_n_vjp, _comb_k_vjp),
    result=shapes.nothing,
    singular=True,
    examples=[example(Draw((3,), HIGH), Draw((3,), BELOW_ONE)), example(Draw((3, 1), HIGH), Draw((2,), BELOW_ONE))],
)
