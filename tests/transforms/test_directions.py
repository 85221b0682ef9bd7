"""Tangents and cotangents of structures, inside of functions that are differentiated."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from wengert import jacfwd, jacrev, jvp, vjp
from wengert.errors import WengertError
from wengert.testing import unpinned

A = np.array([0.31, -0.83, 1.13])


def keys_in_another_order(a: Any) -> Any:
    return jvp(lambda q: q["u"] * 2.0 + q["v"], ({"u": a, "v": a},), ({"v": 10.0 * a, "u": a},))[1]


def cotangent_in_another_order(a: Any) -> Any:
    _, back = vjp(lambda v: {"u": v * 2.0, "v": v * 3.0}, a)
    return back({"v": 10.0 * a, "u": a})[0]


def static_parts(a: Any) -> Any:
    p = {"kind": "sin", "u": a, "n": 3}
    return jvp(lambda q: np.sin(q["u"]) * q["n"] if q["kind"] == "sin" else q["u"], (p,), ({"kind": "sin", "u": a, "n": 0},))[1]


def none_for_a_string(a: Any) -> Any:
    return jvp(lambda q: np.sin(q["u"]), ({"kind": "sin", "u": a},), ({"kind": None, "u": a},))[1]


def stored(v: Any) -> Any:
    u = v.copy()
    u[0] = np.sin(v[1]) * v[0]
    return u


def whole_numbers_as_tangents(a: Any) -> Any:
    return jvp(stored, (a,), (np.array([1, 2, 3]),))[1] * a


def whole_numbers_as_cotangents(a: Any) -> Any:
    return vjp(stored, a)[1](np.arange(1, 4))[0] * a


def a_tuple_for_a_list(a: Any) -> Any:
    return jvp(lambda q: q[0] * q[1], ([a[0], a[1]],), ((a[2], 1.0),))[1] * a


def lists_of_run_time(a: Any) -> Any:
    def squares(v: Any) -> list[Any]:
        made = []
        for e in v:
            made.append(e**2)
        return made

    _, back = vjp(squares, a)
    bars = []
    for e in a:
        bars.append(np.sin(e))
    return back(bars)[0]


@pytest.mark.parametrize(
    "f",
    [
        keys_in_another_order, cotangent_in_another_order, static_parts, none_for_a_string, whole_numbers_as_tangents,
        whole_numbers_as_cotangents, a_tuple_for_a_list, lists_of_run_time,
    ],
)  # fmt: skip
def test_directions_go_where_python_would_put_them(f: Any) -> None:
    h = 1e-6
    columns = [(f(A + h * e) - f(A - h * e)) / (2 * h) for e in np.eye(3)]
    for derivative in (jacfwd, jacrev):
        with unpinned():
            found = derivative(f)(A)
        np.testing.assert_allclose(found, np.transpose(columns), atol=1e-7)


@pytest.mark.parametrize(
    ("f", "message"),
    [
        (lambda a: jvp(lambda v: v * 2.0, (a,), (1.0,))[1], "a tangent must have the shape of its primal"),
        (lambda a: vjp(lambda v: v * 2.0, a)[1](1.0)[0], "a cotangent must have the shape of the value"),
        (lambda a: vjp(lambda v: v * 2.0, a)[1]([a[0], a[1], a[2]])[0], "a cotangent must have the structure of the value"),
        (lambda a: jvp(lambda q: q["u"], ({"u": a},), ({"v": a},))[1], "a tangent must have the structure of its primal"),
        (lambda a: jvp(lambda v: v * 2.0, (a,), (a * 1j,))[1], "a tangent is complex, its primal is real"),
    ],
)
def test_what_does_not_fit_is_refused_inside_as_outside(f: Any, message: str) -> None:
    with pytest.raises(WengertError):
        f(A)
    with pytest.raises(WengertError, match=message):
        jacfwd(f)(A)
