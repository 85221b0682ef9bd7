"""Eigenvalues and eigenvectors of matrices that are not symmetric, roots of polynomials: complex results of real arguments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from wengert.testing import check_grads

TURNING = np.array([[0.3, -1.2, 0.4], [1.5, 0.2, 0.7], [-0.1, 0.6, 2.1]])
STRETCHING = np.array([[2.0, 0.3, 0.1], [0.4, -1.0, 0.2], [0.1, 0.5, 4.0]])


def values_real(a):
    return np.real(np.linalg.eigvals(a))


def values_size(a):
    return np.abs(np.linalg.eigvals(a))


def vectors_real(a):
    w, v = np.linalg.eig(a)
    return np.real(v * v), np.imag(w)  # the sign of a vector is not determined


def vectors_imag(a):
    return np.imag(np.linalg.eig(a)[1] ** 2)


def damping(a):
    return np.max(np.real(np.linalg.eigvals(a @ a.T - 2.0 * a)))


def roots_size(p):
    return np.abs(np.roots(p))


def roots_sum(p):
    return np.real(np.sum(np.roots(p) ** 2)), np.imag(np.roots(p))


@pytest.mark.parametrize("a", [TURNING, STRETCHING, np.stack([TURNING, STRETCHING])], ids=["complex", "real", "both"])
@pytest.mark.parametrize("f", [values_real, values_size], ids=lambda f: f.__name__)
def test_eigenvalues(f: Callable[..., Any], a: Any) -> None:
    assert check_grads(f, (a,)).ok


@pytest.mark.parametrize("a", [TURNING, np.stack([TURNING, STRETCHING])], ids=["complex", "both"])
@pytest.mark.parametrize("f", [vectors_real, vectors_imag], ids=lambda f: f.__name__)
def test_eigenvectors(f: Callable[..., Any], a: Any) -> None:
    assert check_grads(f, (a,)).ok


def test_stability() -> None:
    assert check_grads(damping, (TURNING,), order=2, tolerance=1e-4).ok


@pytest.mark.parametrize("p", [np.array([1.0, 0.4, 2.0]), np.array([0.7, -1.1, 0.4, 2.0]), np.array([1.0, -3.0, 1.0])])
@pytest.mark.parametrize("f", [roots_size, roots_sum], ids=lambda f: f.__name__)
def test_of_polynomials(f: Callable[..., Any], p: Any) -> None:
    assert check_grads(f, (p,)).ok
