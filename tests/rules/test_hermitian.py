"""Decompositions of complex matrices: the phases of the vectors are those of LAPACK, and the derivatives follow them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from wengert import hessian, jvp, vjp

RNG = np.random.default_rng(2)


def drawn(*shape: int) -> Any:
    return RNG.standard_normal(shape) + 1j * RNG.standard_normal(shape)


SQUARE = drawn(3, 3)
BATCH = drawn(2, 3, 3)
TALL, WIDE = drawn(4, 3), drawn(3, 4)


def vectors(z):
    w, v = np.linalg.eigh(z)
    return v * w[..., np.newaxis, :]


def vectors_of_upper(z):
    return np.linalg.eigh(z, "U")[1]


def levels(z):
    return np.linalg.eigvalsh(z @ np.conj(np.swapaxes(z, -1, -2)))


def singular(z):
    u, s, vt = np.linalg.svd(z, full_matrices=False)
    return u * s, vt


def singular_alone(z):
    return np.linalg.svd(z, compute_uv=False)


def factor(z):
    return np.linalg.cholesky(z @ np.conj(np.swapaxes(z, -1, -2)) + np.eye(3))


def orthogonal(z):
    q, r = np.linalg.qr(z)
    return q, r


def inverse(z):
    return np.linalg.pinv(z)


def fitted(z):
    return np.linalg.lstsq(z, z[:, 0] ** 2 + 1j, rcond=None)[0]


def sizes(z):
    return np.linalg.norm(z), np.linalg.norm(z, "nuc"), np.linalg.norm(z, 1), np.linalg.norm(z, 3, axis=0), np.linalg.cond(z)


def moments(z):
    return np.var(z, axis=0, ddof=1), np.std(z)


def logarithm(z):
    sign, size = np.linalg.slogdet(z)
    return sign * size, np.linalg.det(z)


def gathered(z):
    return np.sort(z, axis=None), np.repeat(z, [2, 0, 1], axis=0), np.convolve(z[0], np.pad(z[1], 1, mode="edge"))


CASES = [
    (vectors, BATCH), (vectors_of_upper, SQUARE), (levels, BATCH), (singular, SQUARE), (singular, TALL), (singular, WIDE),
    (singular_alone, TALL), (factor, BATCH), (orthogonal, TALL), (inverse, TALL), (fitted, TALL), (sizes, SQUARE),
    (moments, TALL), (logarithm, SQUARE), (gathered, SQUARE),
]  # fmt: skip


def flat(y: Any) -> Any:
    parts = y if isinstance(y, tuple | list) else (y,)
    return np.concatenate([np.ravel(p) + 0j for p in parts])


def weighed(y: Any) -> Any:
    w = RNG.standard_normal(np.shape(y))
    return w + 1j * RNG.standard_normal(np.shape(y)) if np.iscomplexobj(y) else w


def slope(f: Callable[..., Any], z: Any, d: Any, h: float = 1e-5) -> Any:
    return (flat(f(z + h * d)) - flat(f(z - h * d))) / (2 * h)


@pytest.mark.parametrize(("f", "z"), CASES, ids=lambda v: getattr(v, "__name__", "x".join(map(str, np.shape(v)))))
def test_both_modes(f: Callable[..., Any], z: Any) -> None:
    d = RNG.standard_normal(z.shape) + 1j * RNG.standard_normal(z.shape)
    y, pullback = vjp(f, z)
    moved = slope(f, z, d)
    assert np.allclose(flat(jvp(f, (z,), (d,))[1]), moved, rtol=1e-6, atol=1e-6)
    parts = y if isinstance(y, tuple) else (y,)
    weights = tuple(weighed(p) for p in parts)
    (bar,) = pullback(weights if isinstance(y, tuple) else weights[0])
    assert np.isclose(np.sum(np.real(bar * d)), np.sum(np.real(flat(weights) * moved)), rtol=1e-6, atol=1e-6)


def test_second_order() -> None:
    """The energy of a mixture of two Hamiltonians, and its curvature by the couplings."""
    a, b = SQUARE + np.conj(SQUARE.T), BATCH[0] + np.conj(BATCH[0].T)

    def ground(t: Any) -> Any:
        return np.linalg.eigvalsh(t[0] * a + t[1] * b)[0] + np.abs(np.linalg.eigh(a + t[0] * b)[1][1, 0]) ** 2

    t, h = np.array([0.7, -0.4]), 1e-4
    steps = h * np.eye(2)

    def curvature(u: Any, v: Any) -> Any:
        return sum(p * q * ground(t + p * u + q * v) for p in (1, -1) for q in (1, -1)) / (4 * h * h)

    want = [[curvature(u, v) for u in steps] for v in steps]
    assert np.allclose(hessian(ground)(t), want, rtol=1e-4, atol=1e-4)
