"""The hand-written adjoints of the simulations that wengert is measured against are right."""

from __future__ import annotations

import numpy as np
import pytest

from differences import close, direction, dot, slope
from simulations import SIMULATIONS, Simulation

each = pytest.mark.parametrize("simulation", SIMULATIONS, ids=lambda s: s.name)


@each
def test_hand_written_adjoint(simulation: Simulation) -> None:
    args = simulation.inputs(simulation.small)
    many = isinstance(simulation.argnums, tuple)
    count = len(simulation.argnums) if isinstance(simulation.argnums, tuple) else 1
    value, bars = simulation.hand(*args)
    assert np.isclose(value, simulation.primal(*args), rtol=1e-12)
    bars = bars if many else (bars,)
    active, rest = args[:count], args[count:]
    assert all(np.shape(b) == np.shape(a) for a, b in zip(active, bars, strict=True))
    rng = np.random.default_rng(1)
    for _ in range(3):
        along = direction(active, rng)
        numeric = slope(lambda *a: simulation.primal(*a, *rest), active, along, 1e-4)
        assert close(dot(bars, along), numeric, 1e-7), (dot(bars, along), numeric)
