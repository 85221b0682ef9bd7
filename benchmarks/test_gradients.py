"""Times the gradient of every case by every contender, in interleaved sweeps: machine drift cancels in ratios."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from contenders import NAMES, contender, installed
from yardsticks import CASES, Case

SWEEPS = 5
RUNS = [(sweep, case, name) for sweep in range(SWEEPS) for case in CASES for name in NAMES if installed(name)]


def agree(got: Any, want: Any) -> bool:
    got, want = (v if isinstance(v, tuple) else (v,) for v in (got, want))
    pairs = zip(got, want, strict=True)
    return len(got) == len(want) and all(np.allclose(g, w, rtol=1e-8, atol=1e-10) for g, w in pairs)


@pytest.mark.parametrize(("sweep", "case", "name"), RUNS, ids=lambda v: getattr(v, "name", str(v)))
def test_gradient(benchmark: Any, sweep: int, case: Case, name: str) -> None:
    function, args = contender(name, case)
    benchmark.extra_info.update(table="gradient", sweep=sweep, case=case.name, contender=name, target=case.target)
    result = benchmark(function, *args)
    if name != "primal":
        assert agree(result, case.hand(*case.args))
