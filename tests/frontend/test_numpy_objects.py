"""`np.r_` and `np.c_` join arrays; limits of dtypes are known; what tells of memory is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from differences import close, slope
from wengert import UnsupportedError, grad, jvp, vjp

X = np.array([0.3, -1.2, 2.0])
Y = np.array([1.5, 0.4, 0.7])


def rows(x: Any, y: Any) -> Any:
    return np.sin(np.r_[x, 1.0, y[0], y * x, 0:3, [x[1], 2.0]])


def one(x: Any, y: Any) -> Any:
    return np.r_[x * y]


def ranges(x: Any, y: Any) -> Any:
    return np.r_[x, -1:1:5j, 4:0:-2] * np.sum(y)


def columns(x: Any, y: Any) -> Any:
    return np.c_[x, y * x, np.ones(3)] ** 2


def blocks(x: Any, y: Any) -> Any:
    return np.c_[np.outer(x, y), x]


def constants(x: Any, y: Any) -> Any:
    return x * np.r_[1.0, 0:2] + y * np.c_[[1.0, 2.0, 3.0]][:, 0]


def stored(x: Any, y: Any) -> Any:
    z = np.r_[x, y]
    z[0] = y[1] * z[4]
    return z


def limits(x: Any, y: Any) -> Any:
    tiny = np.finfo(x.dtype).eps + np.finfo(float).tiny + np.iinfo(np.int8).max + np.dtype(float).itemsize + x.itemsize
    return x * y / (tiny + np.finfo(x[0]).eps)


@pytest.mark.parametrize("f", [rows, one, ranges, columns, blocks, constants, stored, limits], ids=lambda f: f.__name__)
def test_both_modes(f: Any) -> None:
    dots = (np.array([0.4, 0.1, -0.3]), np.array([1.0, -0.6, 0.2]))
    y, y_dot = jvp(f, (X, Y), dots)
    assert close(y, f(X, Y), 0.0)
    assert close(y_dot, slope(f, (X, Y), dots), 1e-7)
    weight = np.cos(np.arange(np.size(y)).reshape(np.shape(y)))
    bars = vjp(f, X, Y)[1](weight)
    assert float(np.sum(weight * y_dot)) == pytest.approx(sum(float(b @ d) for b, d in zip(bars, dots, strict=True)))


def results_by_name(x: Any, y: Any) -> Any:
    a = np.outer(x, y) + np.diag(y) * 3.0
    s, w, q, u = np.linalg.slogdet(a), np.linalg.eigh(a + a.T), np.linalg.qr(a), np.linalg.svd(a)
    parts = np.sum(w.eigenvalues**3) * w.eigenvectors[0, 0] ** 2 + q.Q * q.R
    return s.logabsdet * s.sign + parts + np.sum(u.S * u.U**2 * u.Vh**4)


def test_results_by_name() -> None:
    test_both_modes(results_by_name)
    with pytest.raises(UnsupportedError):
        grad(lambda x: np.linalg.eigh(np.outer(x, x)).values[0])(X)


@pytest.mark.skipif(not hasattr(np.ndarray, "mT"), reason="NumPy 1")
def test_matrix_transpose() -> None:
    a = np.arange(6.0).reshape(2, 3)
    assert close(grad(lambda a: np.sum(a.mT @ a))(a), grad(lambda a: np.sum(a.T @ a))(a), 1e-14)
    with pytest.raises(UnsupportedError, match="two axes or more"):
        grad(lambda x: np.sum(x.mT))(X)


@pytest.mark.parametrize(
    ("f", "text"),
    [
        (lambda x: np.sum(np.r_["0,2", x, x]), "text in np.r_"),
        (lambda x: np.sum(x) if x.base is None else np.sum(x) * 2, "`base` of an array is not supported"),
        (lambda x: np.sum(x) * x.nbytes, "`nbytes` of an array is not supported"),
        (lambda x: np.sum(x) * x.strides[0], "`strides` of an array is not supported"),
        (lambda x: np.sum(x) if x.flags.writeable else 0.0, "`flags` of an array is not supported"),
    ],
)
def test_refused(f: Any, text: str) -> None:
    with pytest.raises(UnsupportedError, match=text):
        grad(f)(X)
