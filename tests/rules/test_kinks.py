"""Special values: kinks, poles and edges, by the conventions of the docs, for each mode."""

from __future__ import annotations

import math
import operator
import warnings
from typing import Any

import numpy as np
import pytest

import wengert.rules  # noqa: F401
from wengert.rules.kinds import RULES, Elementwise, Structural

INF, NAN = math.inf, math.nan
V = lambda *v: np.array(v, dtype=float)  # noqa: E731

PARTIALS = [
    (np.abs, (0.0,), (0.0,)),
    (np.fabs, (0.0,), (0.0,)),
    (operator.abs, (0.0,), (0.0,)),
    (operator.abs, (-2.0,), (-1.0,)),
    (math.fabs, (0.0,), (0.0,)),
    (np.maximum, (0.0, 0.0), (0.5, 0.5)),
    (np.minimum, (1.0, 1.0), (0.5, 0.5)),
    (np.fmax, (NAN, 1.0), (0.0, 1.0)),
    (np.fmin, (2.0, 2.0), (0.5, 0.5)),
    (np.maximum, (INF, INF), (0.5, 0.5)),
    (np.clip, (0.0, 0.0, 1.0), (0.5, 0.5, 0.0)),
    (np.clip, (1.0, 0.0, 1.0), (0.5, 0.0, 0.5)),
    (np.clip, (0.5, 0.0, 1.0), (1.0, 0.0, 0.0)),
    (np.clip, (-3.0, 0.0, 1.0), (0.0, 1.0, 0.0)),
    (np.clip, (3.0, 0.0, 1.0), (0.0, 0.0, 1.0)),
    (np.sqrt, (np.float64(0.0),), (INF,)),
    (math.sqrt, (0.0,), (INF,)),
    (np.cbrt, (np.float64(0.0),), (INF,)),
    (np.hypot, (0.0, 0.0), (0.0, 0.0)),
    (math.hypot, (0.0, 0.0), (0.0, 0.0)),
    (np.arctan2, (np.float64(0.0), np.float64(0.0)), (NAN, NAN)),
    (math.atan2, (0.0, 0.0), (NAN, NAN)),
    (np.sinc, (0.0,), (0.0,)),
    (np.sinc, (1e-9,), (-(math.pi**2) / 3 * 1e-9,)),
    (np.logaddexp, (-INF, 0.0), (0.0, 1.0)),
    (np.logaddexp, (5.0, 5.0), (0.5, 0.5)),
    (np.logaddexp, (800.0, -800.0), (1.0, 0.0)),
    (np.copysign, (0.0, -1.0), (0.0, None)),
    (math.asin, (1.0,), (INF,)),
    (math.acos, (-1.0,), (-INF,)),
    (math.acosh, (1.0,), (INF,)),
    (operator.mod, (-7.5, 2.0), (1.0, 4.0)),
    (np.remainder, (-7.5, 2.0), (1.0, 4.0)),
    (math.fmod, (-7.5, 2.0), (1.0, 3.0)),
    (np.fmod, (-7.5, 2.0), (1.0, 3.0)),
    (math.remainder, (7.5, 2.0), (1.0, -4.0)),
    (operator.pow, (0.0, 0), (0.0, None)),
    (operator.pow, (0.0, 1), (1.0, None)),
    (operator.pow, (0.0, 2), (0.0, 0.0)),
    (operator.pow, (-2.0, 3), (12.0, None)),
    (operator.pow, (3.0, -2), (-2 / 27, None)),
    (operator.pow, (0.0, 0.0), (0.0, -INF)),
    (operator.pow, (0.0, 1.5), (0.0, 0.0)),
    (operator.pow, (0.0, 0.5), (INF, 0.0)),
    (operator.pow, (0.0, 2.0), (0.0, 0.0)),
    (operator.pow, (-2.0, 3.0), (12.0, NAN)),
    (operator.pow, (2.0, 3.0), (12.0, 8 * math.log(2))),
    (operator.pow, (V(0, 2), 1.0), (V(1, 1), V(0, 2 * math.log(2)))),
    (operator.pow, (V(0, 2), 0.5), (V(INF, 0.5 / math.sqrt(2)), None)),
    (operator.pow, (V(0, 2), V(0, 3)), (V(0, 12), V(-INF, 8 * math.log(2)))),
    (operator.pow, (0.0, V(2, 3)), (V(0, 0), V(0, 0))),
    (operator.pow, (V(-2, 3), 3), (V(12, 27), None)),
    (operator.pow, (V(-2, 3), np.array([2, 0])), (V(-4, 0), None)),
    (math.pow, (0.0, 0.5), (INF, 0.0)),
    (math.pow, (0.0, 0.0), (0.0, -INF)),
    (math.pow, (-2.0, 3.0), (12.0, NAN)),
    (np.heaviside, (0.0, 0.5), (None, 1.0)),
    (np.nan_to_num, (NAN,), (0.0,)),
]  # fmt: skip


@pytest.mark.parametrize(("op", "args", "expected"), PARTIALS, ids=lambda v: getattr(v, "__name__", str(v)))
def test_partials(op: Any, args: tuple[Any, ...], expected: tuple[Any, ...]) -> None:
    rule = RULES[op]
    assert isinstance(rule, Elementwise)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        y = op(*args)
        for partial, value in zip(rule.partials, expected, strict=False):
            if value is None:
                continue
            if callable(partial):
                found = partial(*rule.bind(args, {})[0], y)
            else:
                names = dict(zip(rule.inputs, args, strict=False))
                found = eval(str(partial), {"np": np, "math": math, **names, "y": y})
            np.testing.assert_allclose(found, value, rtol=1e-12)


STRUCTURAL = [
    (np.max, V(1, 3, 3), {}, V(0, 0.5, 0.5)),
    (np.min, V(1, 1, 1), {}, V(1, 1, 1) / 3),
    (np.max, np.array([[1.0, 1.0], [2.0, 3.0]]), {"axis": 1}, np.array([[0.5, 0.5], [0.0, 1.0]])),
    (np.linalg.norm, V(0, 0, 0), {}, V(0, 0, 0)),
    (np.linalg.norm, np.array([[0.0, 0.0], [3.0, 4.0]]), {"axis": 1}, np.array([[0.0, 0.0], [0.6, 0.8]])),
    (np.std, V(2, 2), {}, V(0, 0)),
    (np.prod, V(0, 2, 3), {}, V(6, 0, 0)),
    (np.prod, V(0, 0, 3), {}, V(0, 0, 0)),
    (np.cumprod, V(2, 0, 3), {}, V(1, 8, 0)),
    (np.nansum, V(1, NAN, 3), {}, V(1, 0, 1)),
    (np.prod, np.zeros(0), {}, np.zeros(0)),
    (np.sort, V(3, 1, 2), {}, V(1, 1, 1)),
]


@pytest.mark.parametrize(("op", "x", "kwargs", "expected"), STRUCTURAL)
def test_structural(op: Any, x: Any, kwargs: Any, expected: Any) -> None:
    rule = RULES[op]
    assert isinstance(rule, Structural)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        y = op(x, **kwargs)
        vjp, jvp = rule.vjp[0], rule.jvp[0]
        assert vjp is not None and jvp is not None
        bar = np.broadcast_to(vjp(np.ones(np.shape(y)), y, x, **kwargs), x.shape)
        np.testing.assert_allclose(bar, expected, rtol=1e-12)
        forward = [np.sum(jvp(dot.reshape(x.shape), y, x, **kwargs)) for dot in np.eye(x.size)]
        np.testing.assert_allclose(np.reshape(forward, x.shape), expected, rtol=1e-12)
