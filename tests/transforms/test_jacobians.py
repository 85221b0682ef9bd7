"""Jacobians and Hessians: shapes, both modes, the programs they are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from wengert import hessian, jacfwd, jacobian, jacrev, jvp, vjp
from wengert.transforms import jacobians

X = np.array([0.5, -1.5, 2.5])
A = np.arange(1.0, 7.0).reshape(2, 3)


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (lambda x: x * x, X), (lambda x: np.outer(x, x), X), (lambda a: a.T @ a, A), (lambda a: np.sum(a, axis=1), A),
        (lambda a: np.sum(a * a), A), (lambda s: X * s * s, 2.0), (lambda s: s * s, 2.0),
        (lambda x: x[:, None] * np.sin(x), X), (lambda x: x[:1] * x[1], X),
    ],
)  # fmt: skip
def test_both_modes_agree_and_have_the_shape_of_value_then_argument(f: Any, x: Any) -> None:
    forward, reverse = jacfwd(f)(x), jacrev(f)(x)
    assert np.shape(forward) == np.shape(reverse) == np.shape(f(x)) + np.shape(x)
    assert np.allclose(forward, reverse, rtol=1e-13)
    direction = np.asarray(x) * 0.7 + 0.1
    tangent = jvp(f, (x,), (direction if np.ndim(x) else float(direction),))[1]
    assert np.allclose(np.tensordot(forward, direction, np.ndim(x)), tangent)


def test_hessians_are_symmetric_and_right(simplification: str) -> None:
    def f(x: Any) -> Any:
        return np.sum(x**3) * x[0] + np.prod(x)

    H = hessian(f)(X)
    assert np.allclose(H, H.T, atol=1e-12)
    for k, e in enumerate(np.eye(3)):
        g = lambda v: vjp(f, v)[1](1.0)[0]  # noqa: E731
        h = 1e-5
        assert np.allclose(H[k], (g(X + h * e) - g(X - h * e)) / (2.0 * h), rtol=1e-7, atol=1e-7)


def test_blocks_of_a_hessian() -> None:
    def f(x: Any, s: Any) -> Any:
        return np.sum(x * x) * s * s

    (xx, xs), (sx, ss) = hessian(f, argnums=(0, 1))(X, 2.0)
    assert np.allclose(xx, 8.0 * np.eye(3)) and np.allclose(xs, 8.0 * X) and np.allclose(sx, 8.0 * X)
    assert np.isclose(ss, 2.0 * X @ X)
    assert np.shape(xs) == np.shape(sx) == (3,)


def test_structured_results() -> None:
    parts = jacfwd(lambda x: (np.sum(x), {"a": x * x}))(X)
    assert np.allclose(parts[0], np.ones(3)) and np.allclose(parts[1]["a"], np.diag(2.0 * X))
    parts = jacobian(lambda x: (np.sum(x), {"a": x * x}))(X)
    assert np.allclose(parts[0], np.ones(3)) and np.allclose(parts[1]["a"], np.diag(2.0 * X))


def test_dtype_is_kept() -> None:
    x = X.astype(np.float32)
    assert jacfwd(lambda x: x * x)(x).dtype == jacrev(lambda x: x * x)(x).dtype == np.float32
    assert hessian(lambda x: np.sum(x**3))(x).dtype == np.float32


def test_empty_arguments() -> None:
    assert jacrev(lambda x: x * x)(np.ones(0)).shape == (0, 0)
    assert jacfwd(lambda x: np.sum(x * x))(np.ones(0)).shape == (0,)


def test_keywords_reach_the_function() -> None:
    assert jacobian(lambda x, k=1.0: k * x)(X, k=3.0).tolist() == (3.0 * np.eye(3)).tolist()


def test_the_bodies_are_plain_python() -> None:
    """They are flattened with their drivers; nothing in them names a transform."""
    for body in (jacobians.forward, jacobians.reverse, jacobians.second, jacobians.product):
        assert not any("adjoint" in n or "tangent" in n for n in body.__code__.co_names)
