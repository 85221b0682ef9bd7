"""Orthogonal polynomials at real arguments, by the argument; and the nodes of their quadratures, which carry no slope.

In: nothing. Out: rows for the `eval_` functions of `scipy.special`.

    sc.eval_hermite(n, x)     slope 2 n eval_hermite(n - 1, x)

Abramowitz and Stegun, chapter 22.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.special as sc

from wengert.rules.examples import POSITIVE, UNIT, Draw, example
from wengert.rules.kinds import constant, elementwise
from wengert.rules.scipy.refusals import no_slope
from wengert.rules.typings import several


def _legendre(n: Any, x: Any, y: Any) -> Any:
    return sc.eval_gegenbauer(n - 1, 1.5, x)


def _sh_legendre(n: Any, x: Any, y: Any) -> Any:
    return 2.0 * sc.eval_gegenbauer(n - 1, 1.5, 2.0 * x - 1.0)


def _chebyt(n: Any, x: Any, y: Any) -> Any:
    return n * sc.eval_chebyu(n - 1, x)


def _chebyu(n: Any, x: Any, y: Any) -> Any:
    return 2.0 * sc.eval_gegenbauer(n - 1, 2.0, x)


def _gegenbauer(n: Any, a: Any, x: Any, y: Any) -> Any:
    return 2.0 * a * sc.eval_gegenbauer(n - 1, a + 1, x)


def _jacobi(n: Any, a: Any, b: Any, x: Any, y: Any) -> Any:
    return 0.5 * (n + a + b + 1) * sc.eval_jacobi(n - 1, a + 1, b + 1, x)


def _laguerre(n: Any, x: Any, y: Any) -> Any:
    return -sc.eval_genlaguerre(n - 1, 1.0, x)


def _genlaguerre(n: Any, a: Any, x: Any, y: Any) -> Any:
    return -sc.eval_genlaguerre(n - 1, a + 1, x)


def _hermite(n: Any, x: Any, y: Any) -> Any:
    return 2.0 * n * sc.eval_hermite(np.maximum(n - 1, 0), x)


def _hermitenorm(n: Any, x: Any, y: Any) -> Any:
    return n * sc.eval_hermitenorm(np.maximum(n - 1, 0), x)


def _shape(name: str, parameter: str) -> Any:
    return no_slope(f"scipy.special.{name}", parameter)


_op: Any
_slope: Any
_ORDERS = np.array([[0], [1], [4]])

for _op, _slope, _domain in (
    (sc.eval_legendre, _legendre, UNIT), (sc.eval_sh_legendre, _sh_legendre, UNIT), (sc.eval_chebyt, _chebyt, UNIT),
    (sc.eval_chebyu, _chebyu, UNIT), (sc.eval_laguerre, _laguerre, POSITIVE), (sc.eval_hermite, _hermite, UNIT),
    (sc.eval_hermitenorm, _hermitenorm, UNIT),
):  # fmt: skip
    elementwise(
        _op,
        "n x",
        _shape(_op.__name__, "its order"),
        _slope,
        examples=[example(3, Draw((3,), _domain)), example(2, Draw((), _domain)), example(_ORDERS, Draw((3,), _domain))],
    )
for _op, _slope in ((sc.eval_gegenbauer, _gegenbauer), (sc.eval_genlaguerre, _genlaguerre)):
    _refused = _shape(_op.__name__, "its order"), _shape(_op.__name__, "`alpha`")
    elementwise(
        _op,
        "n a x",
        *_refused,
        _slope,
        examples=[example(3, 1.5, Draw((3,), UNIT)), example(2, 0.5, Draw((), UNIT)), example(_ORDERS, 0.7, Draw((3,), UNIT))],
    )
elementwise(
    sc.eval_jacobi,
    "n a b x",
    *(_shape("eval_jacobi", p) for p in ("its order", "`alpha`", "`beta`")),
    _jacobi,
    examples=[example(3, 1.5, 0.5, Draw((3,), UNIT)), example(_ORDERS, 0.7, 0.2, Draw((3,), UNIT))],
)
constant(
    sc.roots_legendre,
    sc.roots_hermite,
    sc.roots_hermitenorm,
    sc.roots_laguerre,
    sc.roots_chebyt,
    sc.roots_chebyu,
    sc.roots_sh_legendre,
    result=several(2),
    examples=[example(4)],
)
