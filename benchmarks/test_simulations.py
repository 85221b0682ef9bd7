"""Times value and gradient of programs that overwrite their arrays, measures peak memory, and doubles the grid."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from simulations import SIMULATIONS, Simulation

SWEEPS = 3
NAMES = ("primal", "hand", "wengert")
RUNS = [(sweep, s, name) for sweep in range(SWEEPS) for s in SIMULATIONS for name in NAMES]


def program(name: str, simulation: Simulation) -> Callable[..., Any]:
    """The function to time."""
    if name == "primal":
        return simulation.primal
    if name == "hand":
        return simulation.hand
    import wengert

    return wengert.value_and_grad(simulation.primal, simulation.argnums)


def flat(tree: Any) -> list[Any]:
    return [leaf for part in tree for leaf in flat(part)] if isinstance(tree, tuple) else [tree]


def agree(got: Any, want: Any) -> bool:
    return all(np.allclose(g, w, rtol=1e-8, atol=1e-9) for g, w in zip(flat(got), flat(want), strict=True))


def peak(function: Callable[..., Any], args: tuple[Any, ...]) -> int:
    """The most memory in bytes that one call holds at a time, its result included."""
    function(*args)
    tracemalloc.start()
    function(*args)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most


@pytest.mark.parametrize(("sweep", "simulation", "name"), RUNS, ids=lambda v: getattr(v, "name", str(v)))
def test_simulation(benchmark: Any, sweep: int, simulation: Simulation, name: str) -> None:
    function, args = program(name, simulation), simulation.inputs(simulation.size)
    benchmark.extra_info.update(
        table="simulation", sweep=sweep, case=simulation.name, contender=name, target=simulation.target,
        size=simulation.size, grid="once",
    )  # fmt: skip
    result = benchmark(function, *args)
    if name != "primal":
        assert agree(result, simulation.hand(*args))
    if sweep == 0:
        benchmark.extra_info["peak"] = peak(function, args)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("simulation", SIMULATIONS, ids=lambda s: s.name)
def test_doubled(benchmark: Any, simulation: Simulation, name: str) -> None:
    """Twice as many points along every side of the grid."""
    facts = {"table": "simulation", "case": simulation.name, "target": simulation.target}
    benchmark.extra_info.update(facts, contender=name, grid="doubled")
    arguments = simulation.inputs(2 * simulation.size)
    benchmark.pedantic(program(name, simulation), arguments, rounds=5, warmup_rounds=1)
