"""The hand-written gradients that wengert is measured against are right, and so is what they are measured on."""

from __future__ import annotations

import math

import numpy as np
import pytest

from differences import close, direction, dot, slope
from yardsticks import CASES, Case


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_hand_written_gradient(case: Case) -> None:
    count = len(case.argnums) if isinstance(case.argnums, tuple) else 1
    active, rest = case.args[:count], case.args[count:]
    bars = case.hand(*case.args)
    bars = bars if isinstance(case.argnums, tuple) else (bars,)
    rng = np.random.default_rng(1)
    for _ in range(3):
        along = direction(active, rng)
        numeric = slope(lambda *a: case.primal(*a, *rest), active, along)
        assert close(dot(bars, along), numeric, 1e-8)
    assert all(np.shape(b) == np.shape(a) for a, b in zip(active, bars, strict=True))
    assert math.isfinite(case.primal(*case.args))
