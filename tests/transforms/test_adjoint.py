"""Reverse mode: contributions, branches, zero cotangents, what the gradient looks like."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from wengert import grad, hessian, jacrev, vjp
from wengert.ir.interpret import run
from wengert.pipeline import lower
from wengert.rules import kinds
from wengert.rules.examples import example

X = np.array([0.5, -1.5, 2.5])


def test_the_first_contribution_defines_and_later_ones_add(lines: Any) -> None:
    def f(x: float, y: float) -> float:
        return x * y + x

    assert lines(f, 2.0, 3.0) == ["x_bar = add(1.0, y)", "return x_bar"] or lines(f, 2.0, 3.0) == [
        "x_bar = add(y, 1.0)", "return x_bar",
    ]  # fmt: skip


def test_what_the_gradient_does_not_read_is_not_computed(lines: Any) -> None:
    text = " ".join(lines(lambda x, y: math.log(y) + x * 3.0, 2.0, 3.0))
    assert "log" not in text
    assert lines(lambda x: x * 3.0, 2.0)[-1] == "return 3.0"


def test_inactive_branches_are_left_alone(lines: Any) -> None:
    def f(x: float, y: float) -> float:
        z = y * 2.0 if y > 0.0 else y  # noqa: F841
        return x * x

    assert not any(line.startswith("if") for line in lines(f, 2.0, 3.0))


def test_the_ir_computes_the_gradient() -> None:
    """The interpreter of the IR runs what the transform made, without the printer."""
    lowered = lower(lambda x, y: x * math.sin(y) + y, (2.0, 0.5), argnums=(0, 1))
    got = run(lowered.ir, [2.0, 0.5])
    assert np.allclose(got, (math.sin(0.5), 2.0 * math.cos(0.5) + 1.0))


def test_shapes_and_dtypes_of_the_argument() -> None:
    gradient = grad(lambda x, s: np.sum(x) * s + np.mean(x), argnums=(0, 1))
    for x in (np.ones((2, 3), "f4"), np.ones((2, 1)), np.ones(()), np.arange(3)):
        with np.errstate(invalid="ignore", divide="ignore"):
            x_bar, s_bar = gradient(x, 2.0)
        assert x_bar.shape == x.shape and isinstance(s_bar, float)
        assert x_bar.dtype == (x.dtype if x.dtype.kind == "f" else float)


def test_zero_cotangents_do_not_meet_infinite_partials() -> None:
    x = np.array([0.0, 4.0])
    assert grad(lambda x: np.sum(np.where(x > 0.0, np.sqrt(x), 0.0)))(x).tolist() == [0.0, 0.25]
    assert grad(lambda x: np.sum(np.where(x > 0.0, x * np.log(x), 0.0)))(x).tolist() == [0.0, math.log(4.0) + 1.0]
    assert grad(lambda x: np.sum(np.sqrt(x)[1:]))(x).tolist() == [0.0, 0.25]
    assert grad(lambda x: np.max(np.stack([np.sum(x) * 0.0 + 5.0, np.sum(np.sqrt(x * 0.0))])))(x).tolist() == [0.0, 0.0]


def test_an_infinite_partial_is_infinite_where_it_is_wanted() -> None:
    assert grad(np_sqrt)(np.float64(0.0)) == math.inf


def np_sqrt(x: Any) -> Any:
    return np.sqrt(x)


def test_a_cotangent_that_one_arm_lacks(agrees: Any) -> None:
    def f(x: Any, y: Any) -> Any:
        t = np.sum(x * y)
        if x[0] > 0.0:
            t = t + np.sum(x * x)
        else:
            t = t * y[0]
        return t + x[1]

    agrees(f, X, X * X)
    agrees(f, -X, X * X)


def test_nested_branches_hand_out_what_their_adjoints_read(agrees: Any) -> None:
    def f(x: float, y: float) -> float:
        if x > 0.0:
            a = math.sin(x) * y
            if y > 0.0:
                b = math.exp(a) * a
                z = b * b
            else:
                z = a * y
        else:
            c = x * y
            z = c * c * c
        return z * x

    for point in ((0.5, 0.7), (0.5, -0.7), (-0.5, 0.7)):
        agrees(f, *point)


def test_cotangents_of_structures() -> None:
    value, pullback = vjp(lambda p: {"s": p["a"] * p["b"], "t": (p["a"], [p["b"][0]])}, {"a": 2.0, "b": X})
    assert value["s"].tolist() == (2.0 * X).tolist()
    (bar,) = pullback({"s": np.ones(3), "t": (10.0, [100.0])})
    assert bar["a"] == np.sum(X) + 10.0
    assert bar["b"].tolist() == [102.0, 2.0, 2.0]


def test_a_value_used_many_times_has_linear_cost(lines: Any) -> None:
    """Each use adds once: the adjoint of n doublings has O(n) statements."""
    counts = []
    for n in (4, 8, 16):
        names = ("a",) * n

        def f(x: float, names: Any = names) -> float:
            for _ in names:
                x = x * x + x
            return x

        counts.append(len(lines(f, 0.5, names)))
    assert counts[2] - counts[1] == 2 * (counts[1] - counts[0])


@pytest.mark.parametrize("f", [lambda x: 3.0, lambda x: np.sum(np.sign(x)), lambda x: float(len(x))])
def test_no_dependence_is_a_zero_of_the_argument(f: Any) -> None:
    got = grad(f)(X)
    assert got.shape == (3,) and got.dtype == float and not got.any()


def test_new_axes_of_an_element() -> None:
    """An element of an array is a scalar, and a scalar of NumPy can be indexed."""
    assert grad(lambda x: np.sum(x[0][..., None]))(X).tolist() == [1.0, 0.0, 0.0]
    assert grad(lambda x: np.sum(x[0][None] * X))(X).tolist() == [np.sum(X), 0.0, 0.0]


@pytest.mark.parametrize("isolated", [np.array([False, True, False]), np.array([False, False, False])])
def test_sums_with_infinite_factors_of_what_is_not_chosen(isolated: Any) -> None:
    """Rows without a neighbor are divided by zero and replaced: nothing of them reaches the gradient."""
    weights = np.array([[0.0, 1.0, 2.0], [0.0, 0.0, 0.0], [3.0, 1.0, 0.0]]) + np.where(isolated, 0.0, 0.5)[:, None]

    def spread(v: Any, w: Any) -> Any:
        with np.errstate(all="ignore"):
            means = (w / np.sum(w, axis=1, keepdims=True)) @ v
        means[isolated] = 0.0
        return np.sum(means**2)

    v = np.array([1.0, -2.0, 0.5])
    rows = ~isolated
    shares = weights[rows] / weights[rows].sum(1, keepdims=True)
    with np.errstate(all="ignore"):
        made = grad(spread)(v, weights)
        assert np.allclose(made, 2 * shares.T @ (shares @ v))
        assert np.isfinite(grad(spread, 1)(v, weights)[rows]).all()
        assert np.allclose(hessian(spread)(v, weights), 2 * shares.T @ shares)


def doubled(parts: Any, k: Any) -> Any:
    return (parts[0] + parts[1]) * k


def doubled_vjp(y_bar: Any, y: Any, parts: Any, k: Any) -> Any:
    v = y_bar * k
    return [v, v]


def doubled_jvp(parts_dot: Any, y: Any, parts: Any, k: Any) -> Any:
    return (parts_dot[0] + parts_dot[1]) * k


def test_a_rule_that_gives_one_value_to_two_operands(monkeypatch: pytest.MonkeyPatch, simplification: str) -> None:
    monkeypatch.setattr(kinds, "RULES", dict(kinds.RULES))
    x = np.array([1.0, 2.0])
    kinds.structural(
        doubled, "parts k", jvp=(doubled_jvp, None), vjp=(doubled_vjp, None), displays=True, examples=[example([x, x], 2.0)]
    )
    assert np.allclose(jacrev(lambda a: np.sum(doubled([a, a], 2.0) ** 2))(x), 32.0 * x)
    assert np.allclose(jacrev(lambda a: np.sum(doubled([a * a, a], 2.0) ** 2))(x), 8.0 * (x * x + x) * (2.0 * x + 1.0))
