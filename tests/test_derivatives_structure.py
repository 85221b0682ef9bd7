"""What the drivers return: the structure of `argnums`, of argument and result trees, value first, JAX's shapes."""

from __future__ import annotations

import inspect
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import wengert
from wengert import grad, hessian, hvp, jacfwd, jacobian, jacrev, jvp, stop_gradient, value_and_grad, vjp


@dataclass
class Point:
    x: float
    y: np.ndarray


def product(a: Any, b: Any, c: Any = 2.0) -> Any:
    """The product."""
    return a * b * c


def vector(x: Any, s: Any) -> Any:
    return np.stack([x[0] * x[1], s * x[2], np.sin(x[0])])


X = np.array([0.5, 2.0, -1.0])
WANT_X = np.array([[2.0, 0.5, 0.0], [0.0, 0.0, 3.0], [math.cos(0.5), 0.0, 0.0]])
WANT_S = np.array([0.0, -1.0, 0.0])


@pytest.mark.parametrize(
    ("argnums", "want"), [(0, 10.0), (1, 6.0), ((0,), (10.0,)), ((0, 1), (10.0, 6.0)), ((1, 0), (6.0, 10.0))]
)
def test_argnums(argnums: Any, want: Any) -> None:
    got = grad(product, argnums)(3.0, 5.0)
    assert got == want and type(got) is type(want)
    value, again = value_and_grad(product, argnums)(3.0, 5.0)
    assert value == 30.0 and again == want


def test_default_is_first_argument_and_keywords_pass() -> None:
    assert grad(product)(3.0, 5.0) == 10.0
    assert grad(product)(3.0, 5.0, c=4.0) == 20.0
    assert grad(product, argnums=2)(3.0, 5.0, 7.0) == 15.0


def test_decorators() -> None:
    @grad
    def plain(x: float) -> float:
        return x * x

    @value_and_grad(argnums=(0, 1))
    def with_options(x: float, y: float) -> float:
        return x * y

    assert plain(3.0) == 6.0
    assert plain.primal(3.0) == 9.0
    assert with_options(3.0, 5.0) == (15.0, (5.0, 3.0))


def test_has_aux() -> None:
    def f(x: Any) -> Any:
        y = x * x
        return y * x, {"square": y, "name": "cube"}

    gradient, aux = grad(f, has_aux=True)(2.0)
    assert gradient == 12.0 and aux == {"square": 4.0, "name": "cube"}
    (value, aux), gradient = value_and_grad(f, has_aux=True)(2.0)
    assert (value, gradient) == (8.0, 12.0) and aux == {"square": 4.0, "name": "cube"}


def test_trees() -> None:
    def f(p: Any, q: Any) -> Any:
        return p.x * np.sum(p.y**2) + q["a"] * q["b"][0] - q["b"][1][0]

    p, q = Point(2.0, np.array([1.0, 3.0])), {"a": 3.0, "b": (5.0, (7.0,))}
    p_bar, q_bar = grad(f, argnums=(0, 1))(p, q)
    assert isinstance(p_bar, Point) and p_bar.x == 10.0
    assert np.array_equal(p_bar.y, [4.0, 12.0])
    assert q_bar == {"a": 5.0, "b": (3.0, (-1.0,))} and list(q_bar) == list(q)


@pytest.mark.parametrize(
    "x",
    [2.0, np.float64(2.0), np.float32(2.0), np.array(2.0), np.array(2.0, "f4"), np.ones(3), np.ones((2, 1), "f4")],
    ids=lambda x: f"{type(x).__name__}-{getattr(x, 'dtype', '')}-{np.shape(x)}",
)
def test_type_and_dtype_are_the_arguments(x: Any) -> None:
    got = grad(lambda v: np.sum(v * v * 0.5))(x)
    assert isinstance(got, type(x))
    assert np.shape(got) == np.shape(x)
    assert getattr(got, "dtype", None) == getattr(x, "dtype", getattr(got, "dtype", None))
    assert np.array_equal(got, x)


def test_argument_without_influence_has_zero_gradient() -> None:
    x_bar, A_bar = grad(lambda x, A: 3.0 * x, argnums=(0, 1))(2.0, np.ones((2, 3), np.float32))
    assert x_bar == 3.0
    assert A_bar.shape == (2, 3) and A_bar.dtype == np.float32 and not A_bar.any()


@pytest.mark.parametrize("driver", [jacfwd, jacrev, jacobian], ids=lambda d: d.__name__)
def test_jacobians(driver: Any) -> None:
    assert np.allclose(driver(vector)(X, 3.0), WANT_X)
    J, j = driver(vector, argnums=(0, 1))(X, 3.0)
    assert np.allclose(J, WANT_X) and J.shape == (3, 3)
    assert np.allclose(j, WANT_S) and np.shape(j) == (3,)
    assert driver(lambda t: t * t)(3.0) == 6.0
    matrix = driver(lambda A: A @ A.T)(np.arange(6.0).reshape(2, 3))
    assert matrix.shape == (2, 2, 2, 3)
    parts = driver(lambda x: {"sum": np.sum(x), "twice": 2.0 * x})(X)
    assert np.allclose(parts["sum"], np.ones(3)) and np.allclose(parts["twice"], 2.0 * np.eye(3))


def test_hessian_and_hvp() -> None:
    def f(x: Any) -> Any:
        return x[0] ** 2 * x[1] + np.exp(x[2])

    want = np.array([[4.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, math.exp(-1.0)]])
    assert np.allclose(hessian(f)(X), want)
    assert np.allclose(hvp(f, (X,), (np.array([1.0, 2.0, 3.0]),)), want @ [1.0, 2.0, 3.0])
    assert math.isclose(hessian(lambda t: t**3)(2.0), 12.0)
    (aa, ab), (ba, bb) = hessian(lambda a, b: a * a * b, argnums=(0, 1))(3.0, 5.0)
    assert (aa, ab, ba, bb) == (10.0, 6.0, 6.0, 0.0)


def test_jvp_and_vjp() -> None:
    value, tangent = jvp(vector, (X, 3.0), (np.ones(3), 2.0))
    assert np.allclose(value, [1.0, -3.0, math.sin(0.5)])
    assert np.allclose(tangent, WANT_X.sum(axis=1) + 2.0 * WANT_S)
    value, pullback = vjp(vector, X, 3.0)
    for w in np.eye(3):
        x_bar, s_bar = pullback(w)
        assert np.allclose(x_bar, w @ WANT_X) and np.isclose(s_bar, w @ WANT_S)
    value, pullback, aux = vjp(lambda x: (x * x, "aux"), 3.0, has_aux=True)
    assert (value, pullback(1.0), aux) == (9.0, (6.0,), "aux")


def test_stop_gradient() -> None:
    assert grad(lambda x: x * stop_gradient(x * x))(3.0) == 9.0
    assert stop_gradient(3.0) == 3.0


def test_gradient_of_a_vector_names_jacobian() -> None:
    with pytest.raises(wengert.WengertError, match="jacobian"):
        grad(vector)(X, 3.0)


def test_integers_are_treated_as_real() -> None:
    assert grad(lambda x, y: x * y)(3, 5.0) == 5.0
    slope = grad(lambda n: np.sum(n * n))(np.array([1, 2, 3]))
    assert slope.dtype == np.float64 and np.array_equal(slope, [2.0, 4.0, 6.0])



def test_no_perturbation_confusion() -> None:
    """d/dx (x d/dy (x + y)) is 1, however the two are differentiated."""
    inner = [lambda g, at: grad(g)(at), lambda g, at: jvp(g, (at,), (1.0,))[1]]
    for one in inner:
        for other in inner:
            assert one(lambda x, other=other: x * other(lambda y: x + y, 1.0), 1.0) == 1.0


def test_derivatives_of_any_order() -> None:
    f: Any = lambda x: math.sin(x) * x  # noqa: E731
    third = grad(grad(grad(f)))(0.7)
    assert math.isclose(third, -3.0 * math.sin(0.7) - 0.7 * math.cos(0.7), rel_tol=1e-12)


def test_metadata() -> None:
    gradient = grad(product, argnums=(0, 1))
    assert gradient.__wrapped__ is product and gradient.primal is product
    assert "The product." in (gradient.__doc__ or "")
    assert list(inspect.signature(gradient).parameters) == ["a", "b", "c"]
    assert "product" in repr(gradient)


def test_lowered_is_callable_and_runs_without_wengert(tmp_path: Any) -> None:
    gradient = grad(product, argnums=(0, 1))
    lowered = gradient.lower(3.0, 5.0)
    assert lowered(3.0, 5.0) == (10.0, 6.0)
    assert "import wengert" not in lowered.source and "from wengert" not in lowered.source
    path = tmp_path / "product_gradient.py"
    gradient.export(path)
    compile(path.read_text(encoding="utf-8"), str(path), "exec")


def test_hessians_of_arrays_and_structures() -> None:
    x = np.array([1.0, 2.0])
    got = hessian(lambda x: np.array([x[0] ** 2 * x[1], np.sin(x[1]), 3.0]))(x)
    assert got.shape == (3, 2, 2)
    assert np.allclose(got, [[[4.0, 2.0], [2.0, 0.0]], [[0.0, 0.0], [0.0, -np.sin(2.0)]], np.zeros((2, 2))])
    assert np.allclose(hessian(lambda t: np.array([np.sin(t), t**3]))(0.5), [-np.sin(0.5), 3.0])

    def f(p: Any) -> Any:
        return p["a"] ** 2 * np.sum(p["b"] ** 3) * p["c"]

    p = {"a": 2.0, "b": x, "c": 3.0}
    got = hessian(f)(p)
    assert np.isclose(got["a"]["a"], 54.0) and np.allclose(got["a"]["b"], 36.0 * x**2)
    assert np.allclose(got["b"]["a"], 36.0 * x**2) and np.allclose(got["b"]["b"], np.diag(72.0 * x))
    assert np.allclose(got["c"]["b"], 12.0 * x**2) and got["c"]["c"] == 0.0
    (aa, ab), (ba, bb) = hessian(lambda a, b: (a * np.sum(b**2), b * a), (0, 1))(2.0, x)[0]
    assert aa == 0.0 and np.allclose(ab, 2 * x) and np.allclose(ba, 2 * x) and np.allclose(bb, 4 * np.eye(2))


def test_the_structure_of_the_result_is_outermost() -> None:
    """As in JAX: each part of the result has a tuple over argnums."""
    def f(a: Any, b: Any) -> Any:
        return a * b, {"q": a * a * b}

    for driver in (jacfwd, jacrev, jacobian):
        assert driver(f, (0, 1))(2.0, 3.0) == ((3.0, 2.0), {"q": (12.0, 4.0)})
    assert hessian(f, (0, 1))(2.0, 3.0) == (((0.0, 1.0), (1.0, 0.0)), {"q": ((6.0, 4.0), (4.0, 0.0))})


@pytest.mark.parametrize("driver", [jacfwd, jacrev])
def test_numpy_scalars_have_items(driver: Any) -> None:
    x = np.float64(0.5)
    for f, want in (
        (lambda x: x[None], [1.0]), (lambda x: np.sum(x[x > 0.2]), 1.0), (lambda x: np.squeeze(x[None]) * x, 1.0),
        (lambda x: np.swapaxes(x[None], 0, -1), [1.0]), (lambda x: x[()] * 2.0, 2.0), (lambda x: x[...] * x, 1.0),
    ):  # fmt: skip
        assert np.array_equal(driver(f)(x), want)
