"""Bessel functions of real argument: the slope of one order is made of the two next to it.

In: nothing. Out: rows for the Bessel functions of `scipy.special`, and for Airy's; by the order they are refused.

    sc.jv(v, x)     slope (jv(v - 1, x) - jv(v + 1, x)) / 2
    sc.ive(v, x)    the same with a plus, less sign(x) y; 0 of `i0e` at 0 is the mean of its slopes
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.special as sc

from wengert.rules.examples import POSITIVE, REAL, WHOLE, example, positive
from wengert.rules.kinds import elementwise, structural
from wengert.rules.scipy.refusals import no_slope
from wengert.rules.typings import several
from wengert.runtime import bundle


def _j0(x: Any, y: Any) -> Any:
    return -sc.j1(x)


def _j1(x: Any, y: Any) -> Any:
    return 0.5 * (sc.j0(x) - sc.jv(2, x))


def _jv(v: Any, x: Any, y: Any) -> Any:
    return 0.5 * (sc.jv(v - 1, x) - sc.jv(v + 1, x))


def _jve(v: Any, x: Any, y: Any) -> Any:
    return 0.5 * (sc.jve(v - 1, x) - sc.jve(v + 1, x))


def _y0(x: Any, y: Any) -> Any:
    return -sc.y1(x)


def _y1(x: Any, y: Any) -> Any:
    return 0.5 * (sc.y0(x) - sc.yn(2, x))


def _yn(n: Any, x: Any, y: Any) -> Any:
    return 0.5 * (sc.yn(n - 1, x) - sc.yn(n + 1, x))


def _yv(v: Any, x: Any, y: Any) -> Any:
    return 0.5 * (sc.yv(v - 1, x) - sc.yv(v + 1, x))


def _yve(v: Any, x: Any, y: Any) -> Any:
    return 0.5 * (sc.yve(v - 1, x) - sc.yve(v + 1, x))


def _i0(x: Any, y: Any) -> Any:
    return sc.i1(x)


def _i1(x: Any, y: Any) -> Any:
    return 0.5 * (sc.i0(x) + sc.iv(2, x))


def _iv(v: Any, x: Any, y: Any) -> Any:
    return 0.5 * (sc.iv(v - 1, x) + sc.iv(v + 1, x))


def _i0e(x: Any, y: Any) -> Any:
    return sc.i1e(x) - np.sign(x) * y


def _i1e(x: Any, y: Any) -> Any:
    return 0.5 * (sc.i0e(x) + sc.ive(2, x)) - np.sign(x) * y


def _ive(v: Any, x: Any, y: Any) -> Any:
    """By one more order; where v y / x is no number by two, which take as long again."""
    if np.any(np.equal(x, 0)):
        return 0.5 * (sc.ive(v - 1, x) + sc.ive(v + 1, x)) - np.sign(x) * y
    return sc.ive(v + 1, x) + (v / x - np.sign(x)) * y


def _k0(x: Any, y: Any) -> Any:
    return -sc.k1(x)


def _k1(x: Any, y: Any) -> Any:
    return -0.5 * (sc.k0(x) + sc.kn(2, x))


def _kn(n: Any, x: Any, y: Any) -> Any:
    return -0.5 * (sc.kn(n - 1, x) + sc.kn(n + 1, x))


def _kv(v: Any, x: Any, y: Any) -> Any:
    return -0.5 * (sc.kv(v - 1, x) + sc.kv(v + 1, x))


def _finite(x: Any, y: Any) -> Any:
    """The value but at 0, where it is infinite and the slope is minus that."""
    return np.where(np.equal(x, 0), 0.0, y)


def _k0e(x: Any, y: Any) -> Any:
    return _finite(x, y) - sc.k1e(x)


def _k1e(x: Any, y: Any) -> Any:
    return _finite(x, y) - 0.5 * (sc.k0e(x) + sc.kve(2, x))


def _kve(v: Any, x: Any, y: Any) -> Any:
    return _finite(x, y) - 0.5 * (sc.kve(v - 1, x) + sc.kve(v + 1, x))


def _airy_jvp(x_dot: Any, y: Any, x: Any) -> Any:
    return bundle([y[1] * x_dot, x * y[0] * x_dot, y[3] * x_dot, x * y[2] * x_dot])


def _airy_vjp(y_bar: Any, y: Any, x: Any) -> Any:
    return y[1] * y_bar[0] + x * y[0] * y_bar[1] + y[3] * y_bar[2] + x * y[2] * y_bar[3]


def _order(name: str) -> Any:
    return no_slope(f"scipy.special.{name}", "its order")


_op: Any
_slope: Any
for _op, _slope, _domain in (
    (sc.j0, _j0, REAL), (sc.j1, _j1, REAL), (sc.y0, _y0, POSITIVE), (sc.y1, _y1, POSITIVE),
    (sc.i0, _i0, REAL), (sc.i1, _i1, REAL), (sc.i0e, _i0e, POSITIVE), (sc.i1e, _i1e, POSITIVE),
    (sc.k0, _k0, POSITIVE), (sc.k1, _k1, POSITIVE), (sc.k0e, _k0e, POSITIVE), (sc.k1e, _k1e, POSITIVE),
):  # fmt: skip
    elementwise(_op, "x", _slope, domain=_domain, singular=_domain is POSITIVE)

for _op, _slope in (
    (sc.jv, _jv), (sc.jve, _jve), (sc.yv, _yv), (sc.yve, _yve), (sc.iv, _iv), (sc.ive, _ive), (sc.kv, _kv), (sc.kve, _kve)
):  # fmt: skip
    elementwise(
        _op,
        "v x",
        _order(_op.__name__),
        _slope,
        domain=(WHOLE, POSITIVE),
        singular=True,
        examples=[example(0.5, positive(3)), example(np.array([0, 1, -2]), positive(2, 3)), example(2.5, positive())],
    )
for _op, _slope in ((sc.yn, _yn), (sc.kn, _kn)):
    elementwise(_op, "n x", _order(_op.__name__), _slope, domain=(WHOLE, POSITIVE), singular=True)

structural(
    sc.airy,
    "x",
    jvp=(_airy_jvp,),
    vjp=(_airy_vjp,),
    result=several(4),
    examples=[example(positive(3)), example(positive()), example(positive(2, 3))],
)
