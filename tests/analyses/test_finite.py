"""Values that may be infinite or nan although the program is fine."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from wengert import grad, pipeline
from wengert.analyses.finite import wild

X = np.array([0.5, 1.5])


def of(f: Any, *args: Any) -> set[str]:
    made = pipeline.flat_function(f, pipeline.described(f, args, {})).function
    return {v.hint for v in wild(made.body) if v.hint}


def test_where_they_come_from_and_where_they_go() -> None:
    def f(x: Any, n: int) -> Any:
        a = np.log(x)
        b = a + 1.0
        c = x * 2.0
        d = c / 3.0
        e = 1.0 / c
        g = c**2
        h = c**-1
        return b + d + e + g + h

    assert of(f, X, 2) == {"a", "b", "e", "h", "value"}


def test_around_a_loop() -> None:
    def f(x: float, n: int) -> float:
        late, t = 0.0, x
        for _ in range(n):
            late = t
            t = 1.0 / (t + 1.0)
        fine = x * 2.0
        return late + fine

    found = of(f, 1.0, 3)
    assert "late" in found and "fine" not in found


@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.sum(np.where(x > 0.0, x * np.log(x), 0.0)),
        lambda x: np.sum(np.where(x > 0.0, np.exp(-1.0 / x), 0.0)),
        lambda x: np.sum(np.where(x > 0.0, np.sqrt(x) * x, x)),
        lambda x: np.sum(np.where(x > 0.0, x / x, x)),
        lambda x: np.sum(np.maximum(np.where(x > 0.0, np.log(x) ** 2, 0.0), -1.0)),
        lambda x: np.sum(np.where(x > 0.0, x**x, 1.0)[::-1]),
    ],
)
def test_a_value_that_is_not_selected_does_not_poison_the_gradient(f: Any, simplification: str) -> None:
    with np.errstate(all="ignore"):
        got = grad(f)(np.array([0.0, 2.0]))
        alone = grad(f)(np.array([1e-300, 2.0])) if np.isfinite(f(np.array([1e-300, 2.0]))) else got
    assert np.all(np.isfinite(got)), got
    assert np.isclose(got[1], alone[1])
