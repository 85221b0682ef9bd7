from typing import Any

import numpy as np
import pytest

from wengert import jvp, vjp
from wengert.testing import unsimplified


def carried(x: Any, R: Any) -> Any:
    y = np.zeros_like(x)
    for i in range(3):
        t = x * R**i
        y[:] = y + t * t
    return y


def stored(G: Any, S: Any) -> Any:
    S = S.copy()
    for k in range(G.shape[0]):
        if k >= 1:
            S[k] += G[k] * G[0]
    return S


@pytest.mark.parametrize("f", [lambda z: carried(z * z, 0.5), lambda z: carried(z * z, 2), lambda z: stored(z * z, z * z * z)])
def test_second_derivatives_of_complex_loops(f: Any) -> None:
    rng = np.random.default_rng(0)
    z, d, e, w = (rng.standard_normal(3) + 1j * rng.standard_normal(3) for _ in range(4))

    def first(z: Any) -> Any:
        return jvp(f, (z,), (d,))[1]

    h = 1e-6
    slope = (first(z + h * e) - first(z - h * e)) / (2 * h)
    for twice in (_twice, _twice_plain):
        forward, reverse = twice(first, z, e, w)
        assert np.allclose(forward, slope, atol=1e-7)
        assert np.isclose(np.real(np.sum(reverse * e)), np.real(np.sum(w * slope)), atol=1e-6)


def _twice(f: Any, z: Any, e: Any, w: Any) -> Any:
    return jvp(f, (z,), (e,))[1], vjp(f, z)[1](w)[0]


def _twice_plain(f: Any, z: Any, e: Any, w: Any) -> Any:
    with unsimplified():
        return _twice(f, z, e, w)
