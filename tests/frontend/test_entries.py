"""`np.ndindex`, `np.ndenumerate`, `np.nditer`, and windows over arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view

from wengert import UnsupportedError, grad

X = np.array([0.3, 0.62, 0.41, 1.1])
A = np.arange(12.0).reshape(3, 4) * 0.1 + 0.33


def indices(a):
    out = np.zeros_like(a)
    for i, j in np.ndindex(*a.shape):
        out[i, j] = a[i, j] ** 2 * (i + 2 * j)
    for k in np.ndindex(out.shape[:1]):
        out[k] *= 2
    for i, j, k in np.ndindex((2, 1, 2)):
        out[i, k] += a[i, j]
    return np.sum(out * a) * len(list(np.ndindex(2, 2)))


def enumerated(a):
    s = 0.0
    for (i, j), v in np.ndenumerate(a):
        if v > 1.12:
            break
        s += v * (i + 1) * (j + 1)
    for (i,), v in np.ndenumerate(a[0]):
        s += v * i
    for where, v in np.ndenumerate(a * a):
        s += v * a[where]
    return s


def in_memory_order(a):
    s = 0.0
    for v in np.nditer(np.outer(a[0], a[1])):
        s = s * 0.9 + v * v
    for v in np.nditer(a[0]):
        s += np.sin(v)
    return s


def windows(a):
    rows = sliding_window_view(a, 3, axis=1)
    pairs = sliding_window_view(a, window_shape=(2,), axis=(-2,))
    patches = sliding_window_view(a, (2, 2))
    mixed = np.einsum("ijk,k->", rows, a[0, :3]) + np.sum(np.tensordot(patches, a[:2, :2], axes=2) ** 2)
    return np.sum(np.max(rows, axis=-1) * 2) + np.sum(pairs.var(axis=2)) + mixed


def wide_windows(a):
    b = np.concatenate([np.ravel(a), np.ravel(a) ** 2])
    return np.sum(sliding_window_view(b, 20).mean(axis=1) ** 2)


def before_a_store(a):
    b = a * 1.0
    w = sliding_window_view(b, 2, axis=0).sum(axis=-1)
    b[0] = 5.0
    return np.sum(w**2) + b[0, 0] * b[1, 1]


@pytest.mark.parametrize(
    "f", [indices, enumerated, in_memory_order, windows, wide_windows, before_a_store], ids=lambda f: f.__name__
)
def test_against_differences(f: Any, agrees: Any) -> None:
    agrees(f, A)


def test_a_window_of_run_time(agrees: Any) -> None:
    agrees(lambda x, w: np.sum(sliding_window_view(x, w).max(axis=1) ** 2), X, 2)


def test_a_window_that_is_too_wide() -> None:
    with pytest.raises(ValueError, match="window shape cannot be larger than input array shape"):
        grad(lambda x: np.sum(sliding_window_view(x, 5)))(X)


def seen_after_a_store(a):
    b = a * 1.0
    w = sliding_window_view(b, 2, axis=0)
    b[0] = 5.0
    return np.sum(w**2)


REFUSED = [
    (seen_after_a_store, "`w` may share memory with `b`, which is written"),
    (lambda a: np.sum(sliding_window_view(a, (2, 2), writeable=True)), "a window that can be written is not supported"),
    (lambda a: sum(v for v in np.nditer(a)), "np.nditer goes in the order of memory, which is not known here"),
    (lambda a: sum(v for v in np.nditer(a, flags=["refs_ok"])), "np.nditer is supported with one array and no options"),
    (lambda a: sum(a[k] for k in np.ndindex(str(a))), "np.ndindex needs a shape whose rank is known"),
]


@pytest.mark.parametrize("f, text", REFUSED, ids=[str(k) for k in range(len(REFUSED))])
def test_what_is_refused(f: Any, text: str) -> None:
    with pytest.raises(UnsupportedError, match=text):
        grad(f)(A)
