"""Linear functions of whole arrays at complex values: both modes, against differences and each other."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from wengert import jvp, vjp

CALLS: dict[str, Any] = {
    "kron": lambda x: np.kron(x, x[0]),
    "tensordot": lambda x: np.tensordot(x, x, ([1], [1])),
    "split": lambda x: np.split(x, [1, 3], axis=1)[1],
    "array_split": lambda x: np.array_split(x, 2)[0],
    "append": lambda x: np.append(x, 1.5),
    "meshgrid": lambda x: np.meshgrid(x[0], x[1])[1],
    "rot90": lambda x: np.rot90(x),
    "block": lambda x: np.block([[x, 2.0 * x], [x, x]]),
    "multi_dot": lambda x: np.linalg.multi_dot([x, x.T, x]),
    "matrix_power": lambda x: np.linalg.matrix_power(x[:, :3], 3),
    "polyval": lambda x: np.polyval(x[0], x[1]),
    "reduce": lambda x: np.add.reduce(x, axis=1),
}


@pytest.mark.parametrize("name", CALLS)
def test_both_modes(name: str) -> None:
    f, rng = CALLS[name], np.random.default_rng(4)
    x, d = (rng.standard_normal((3, 4)) + 1j * rng.standard_normal((3, 4)) for _ in range(2))
    value, moved = jvp(f, (x,), (d,))
    np.testing.assert_allclose(value, f(x))
    np.testing.assert_allclose(moved, (f(x + 1e-5 * d) - f(x - 1e-5 * d)) / 2e-5, rtol=1e-6, atol=1e-7)
    bar = rng.standard_normal(value.shape) + 1j * rng.standard_normal(value.shape)
    x_bar = vjp(f, x)[1](bar)[0]
    assert x_bar.dtype == x.dtype
    np.testing.assert_allclose(np.sum(bar * moved), np.sum(x_bar * d), rtol=1e-12)
