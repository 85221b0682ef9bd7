"""Jacobians and Hessians: shapes, both modes, the programs they are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from wengert import ArgumentError, hessian, jacfwd, jacobian, jacrev, jvp, vjp
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


@pytest.mark.parametrize("driver", [jacfwd, jacrev, hessian])
@pytest.mark.parametrize("argnums", [0, (0, 1)])
def test_what_the_function_prints_is_printed_once(
    driver: Any, argnums: Any, capsys: pytest.CaptureFixture[str], simplification: str
) -> None:
    def f(x: Any, y: Any) -> Any:
        total = 0.0
        for i in range(3):
            if x[i] > 0.0:
                print("at", i, x[i])
            total = total + x[i] * x[i] * y[i]
        print("end")
        return total, total * 2.0

    driver(f, argnums=argnums)(X, X)
    assert capsys.readouterr().out == "at 0 0.5\nat 2 2.5\nend\n"
    driver(lambda x: np.sum(driver(f)(x, X)[0] ** 2))(X)
    assert capsys.readouterr().out == "at 0 0.5\nat 2 2.5\nend\n"


class Counter:
    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, x: Any) -> Any:
        self.calls += 1
        self.last = x * 2.0
        return self.last * x


@pytest.mark.parametrize("driver", [jacfwd, jacrev, hessian])
def test_what_a_function_leaves_on_its_object_is_that_of_one_call(driver: Any) -> None:
    counter = Counter()
    want = 4.0 * np.diag(X) if driver is not hessian else 4.0 * np.eye(3)[:, :, None] * np.eye(3)[:, None, :]
    assert np.allclose(driver(counter)(X), want)
    assert counter.calls == 1 and np.allclose(counter.last, 2.0 * X)


@pytest.mark.parametrize("driver", [jacfwd, jacrev, hessian])
def test_what_is_passed_on_beside_the_value(driver: Any) -> None:
    def f(x: Any, k: float = 2.0) -> Any:
        items = [x * k, 3]
        items.append("name")
        return x[:2] * x[1] * k, {"items": items, "k": k}

    plain = driver(lambda x: f(x)[0])(X)
    made, aux = driver(f, has_aux=True)(X)
    assert np.array_equal(made, plain) and np.array_equal(aux["items"][0], X * 2.0)
    assert aux["items"][1:] == [3, "name"] and aux["k"] == 2.0
    both, aux = driver(f, (0, 1), True)(X, 2.0)
    assert len(both) == 2 and aux["k"] == 2.0
    slope = jvp(lambda x: np.sum(driver(f, has_aux=True)(x)[1]["items"][0] * x), (X,), (np.ones(3),))[1]
    assert np.isclose(slope, np.sum(4.0 * X))
    with pytest.raises(ArgumentError, match="has_aux needs a function that returns a pair"):
        driver(lambda x: x, has_aux=True)(X)


def test_arguments_inside_that_have_no_name() -> None:
    cases = [
        (lambda x: np.sum(hessian(lambda z: np.sum(z**4))(x + 1.0)), 24.0 * (X + 1.0)),
        (lambda x: np.sum(jacfwd(lambda z: z**4)(x + 1.0)), 12.0 * (X + 1.0) ** 2),
        (lambda x: np.sum(jacrev(lambda d: d["z"] ** 4)({"z": x + 1.0})["z"]), 12.0 * (X + 1.0) ** 2),
    ]
    for f, want in cases:
        assert np.allclose(vjp(f, X)[1](1.0)[0], want)


def test_second_derivatives_of_holomorphic_functions() -> None:
    z = X + 1j
    assert np.allclose(hessian(lambda z: np.sum(z**3), holomorphic=True)(z), np.diag(6.0 * z))


def eigenpairs(a: Any) -> Any:
    return np.linalg.eigh(a + a.T)


def sign_and_log(a: Any) -> Any:
    return np.linalg.slogdet(a)


@pytest.mark.parametrize("driver", [jacfwd, jacrev])
def test_results_that_numpy_returns_by_name_are_differentiated_part_by_part(driver: Any) -> None:
    a = np.array([[2.0, 0.3, 0.1], [0.2, 1.0, -0.4], [0.5, 0.1, 3.0]])
    sign, logarithm = driver(sign_and_log)(a)
    np.testing.assert_array_equal(sign, np.zeros((3, 3)))
    np.testing.assert_allclose(logarithm, np.linalg.inv(a).T, rtol=1e-12)
    values, vectors = driver(eigenpairs)(a)
    q = np.linalg.eigh(a + a.T)[1]
    np.testing.assert_allclose(values, 2 * np.einsum("ik,jk->kij", q, q), rtol=1e-10, atol=1e-14)
    assert vectors.shape == (3, 3, 3, 3)


def squares_of_some(x: Any) -> Any:
    return {"squares": [v * v for v in x if v > 0.0], "all": x}


@pytest.mark.parametrize("driver", [jacfwd, jacrev])
def test_lists_whose_length_the_run_tells_have_a_jacobian_for_each_item(driver: Any) -> None:
    found = driver(squares_of_some)(X)
    assert isinstance(found["squares"], list)
    np.testing.assert_allclose(found["squares"], [[2 * X[0], 0, 0], [0, 0, 2 * X[2]]])
    np.testing.assert_array_equal(found["all"], np.eye(3))


def test_second_derivatives_of_such_lists() -> None:
    first, last = hessian(squares_of_some)(X)["squares"]
    np.testing.assert_array_equal(first, np.diag([2.0, 0, 0]))
    np.testing.assert_array_equal(last, np.diag([0, 0, 2.0]))
