"""Functions of statistics and information that treat 0 log 0 as 0, and the losses of Huber.

In: nothing. Out: rows for `xlogy`, `xlog1py`, `entr`, `rel_entr`, `kl_div`, `huber` and `pseudo_huber`.

    sc.xlogy(a, b)      slopes log(b) and a / b; at a = b = 0 these are -inf and 0
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.special as sc

from wengert.rules.examples import ABOVE_MINUS_ONE, POSITIVE, REAL
from wengert.rules.kinds import elementwise


def _ratio(a: Any, b: Any) -> Any:
    """a / b, and 0 where both are 0: there `xlogy(a, b)` is 0 for every b."""
    both = np.logical_and(np.equal(a, 0), np.equal(b, 0))
    return np.where(both, 0.0, a / np.where(both, 1.0, b))


def _xlogy_b(a: Any, b: Any, y: Any) -> Any:
    return _ratio(a, b)


def _xlog1py_b(a: Any, b: Any, y: Any) -> Any:
    return _ratio(a, 1.0 + b)


def _rel_entr_b(a: Any, b: Any, y: Any) -> Any:
    return -_ratio(a, b)


def _kl_div_b(a: Any, b: Any, y: Any) -> Any:
    return 1.0 - _ratio(a, b)


def _side(delta: Any, r: Any) -> Any:
    """hypot(delta, r), and 1 where it is 0: the slopes are 0 there."""
    side = np.hypot(delta, r)
    return np.where(side == 0, 1.0, side)


def _pseudo_huber_delta(delta: Any, r: Any, y: Any) -> Any:
    """(side - delta)**2 / side; side - delta is r r / (side + delta), in which nothing cancels."""
    side = _side(delta, r)
    over = r * (r / (side + delta))
    return over * (over / side)


def _pseudo_huber_r(delta: Any, r: Any, y: Any) -> Any:
    return delta * (r / _side(delta, r))


elementwise(sc.xlogy, "a b", "np.log(b)", _xlogy_b, domain=(REAL, POSITIVE), singular=True)
elementwise(sc.xlog1py, "a b", "np.log1p(b)", _xlog1py_b, domain=(REAL, ABOVE_MINUS_ONE), singular=True)
elementwise(sc.entr, "x", "-np.log(x) - 1", domain=POSITIVE, singular=True)
elementwise(sc.rel_entr, "a b", "np.log(np.divide(a, b)) + 1", _rel_entr_b, domain=POSITIVE, singular=True)
elementwise(sc.kl_div, "a b", "np.log(np.divide(a, b))", _kl_div_b, domain=POSITIVE, singular=True)
elementwise(sc.huber, "delta r", "np.maximum(np.abs(r) - delta, 0.0)", "np.clip(r, -delta, delta)", domain=(POSITIVE, REAL))
elementwise(sc.pseudo_huber, "delta r", _pseudo_huber_delta, _pseudo_huber_r, domain=(POSITIVE, REAL))
