"""The two halves of an adjoint program: the primal runs once, the pullback as often as it is called."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from wengert import grad, jvp, pipeline, vjp
from wengert.ir.verify import verify

X = np.array([0.5, -1.5, 2.0])


def lowered(f: Callable[..., Any], *args: Any) -> pipeline.Lowered:
    positions = tuple(range(len(args)))
    program = pipeline.Adjoint(f, positions, value=True, seeded=True, many=True, name="vjp", cut=True)
    return pipeline.lowered(program, pipeline.described(f, args, {}))


def exponential(x: Any) -> Any:
    return np.exp(x)


def newton(a: Any) -> Any:
    x = a
    while abs(x * x - a) > 1e-12 * a:
        x = 0.5 * (x + a / x)
    return x


def iterated(x: Any, n: int) -> Any:
    total = 0.0
    for _ in range(n):
        x = np.tanh(x * x)
        total = total + np.sum(x)
    return x, total


def branching(x: Any) -> Any:
    if np.sum(x) > 0.0:
        h = x * x
        y = np.sin(h)
    else:
        y = x
    return np.sum(y)


def looping(x: Any, n: int) -> Any:
    y = x[0]
    for k in range(n):
        last = x * y
        y = y + np.sum(last * last) * k
    if n > 0:
        y = y * np.sum(np.sin(last))
    return y


def views(x: Any) -> Any:
    return np.sum(x[1:] * np.transpose(x)[:-1]) * x[0]


def test_the_text_of_the_halves() -> None:
    source = lowered(exponential, X).source
    assert source == (
        "import numpy as np\n\n\n"
        "def exponential_primal(x):\n"
        f"    # line {inspect.getsourcelines(exponential)[1] + 1}: return np.exp(x)\n"
        "    value = np.exp(x)\n"
        "    value_2 = value.copy()\n"
        "    return value_2, (value,)\n\n\n"
        "def exponential_pullback(recorded, value_bar):\n"
        "    value, = recorded\n"
        f"    # line {inspect.getsourcelines(exponential)[1] + 1}: return np.exp(x)\n"
        "    x_bar = value_bar * value\n"
        "    return x_bar,\n"
    )


@pytest.mark.parametrize("simplified", [True, False])
@pytest.mark.parametrize(
    ("f", "args"),
    [(exponential, (X,)), (newton, (2.0,)), (iterated, (X, 3)), (branching, (X,)), (branching, (-X,)), (looping, (X, 3)),
     (looping, (X, 0)), (views, (X,))],
)  # fmt: skip
def test_the_pullback_is_the_transpose_of_the_tangent(f: Callable[..., Any], args: Any, simplified: bool) -> None:
    with pipeline.settings(simplified=simplified, checked=True):
        given = [a.copy() if isinstance(a, np.ndarray) else a for a in args]
        value, pullback = vjp(f, *given)
        dots = tuple(np.cos(a) if isinstance(a, np.ndarray) else 0.7 if isinstance(a, float) else 0.0 for a in args)
        expected, dot = jvp(f, args, dots)
        parts = value if isinstance(value, tuple) else (value,)
        for a, b in zip(parts, expected if isinstance(value, tuple) else (expected,), strict=True):
            assert np.array_equal(a, b)
        bars = tuple(np.sin(p) for p in parts)
        bar = bars if isinstance(value, tuple) else bars[0]
        tangents = dot if isinstance(value, tuple) else (dot,)
        for a in (*given, *parts):
            if isinstance(a, np.ndarray):
                a[...] = np.nan  # whatever becomes of the arrays, the pullback belongs to its point
        wanted = sum(np.sum(b * d) for b, d in zip(bars, tangents, strict=True))
        for scale in (1.0, 2.0, 1.0):
            seed = tuple(scale * b for b in bars) if isinstance(value, tuple) else scale * bar
            found = pullback(seed)
            got = sum(np.sum(b * d) for b, d in zip(found, dots, strict=True))
            assert np.allclose(got, scale * wanted, rtol=1e-12)
            for b in found:
                if isinstance(b, np.ndarray):
                    b[...] = np.nan  # results are the caller's, not the pullback's


def test_random_draws_happen_once() -> None:
    def random(x: Any) -> Any:
        return x * np.random.standard_normal() * x

    value, pullback = vjp(random, 3.0)
    assert pullback(1.0) == pullback(1.0)
    assert np.isclose(pullback(1.0)[0], 2.0 * value / 3.0)


def test_a_result_without_numbers() -> None:
    value, pullback = vjp(lambda x: None, X)
    assert value is None and pullback(None)[0].tolist() == [0.0, 0.0, 0.0]


def test_prints_happen_once(capsys: pytest.CaptureFixture[str]) -> None:
    def noisy(x: float) -> float:
        print("ran", x)
        return x * x

    value, pullback = vjp(noisy, 3.0)
    assert capsys.readouterr().out == "ran 3.0\n"
    assert (value, pullback(1.0), pullback(2.0)) == (9.0, (6.0,), (12.0,))
    assert capsys.readouterr().out == ""


def test_auxiliary_results_and_structures() -> None:
    def f(p: Any) -> Any:
        return {"s": p["a"] * p["b"]}, (p["a"], "text")

    value, pullback, aux = vjp(f, {"a": 2.0, "b": X}, has_aux=True)
    assert value["s"].tolist() == (2.0 * X).tolist() and aux == (2.0, "text")
    (bars,) = pullback({"s": X})
    assert np.allclose(bars["a"], X @ X) and bars["b"].tolist() == (2.0 * X).tolist()


def test_the_adjoint_of_an_adjoint_is_cut_at_its_own_trace() -> None:
    value, pullback = vjp(grad(branching), X)
    assert np.allclose(value, 2.0 * X * np.cos(X**2))
    h = 2.0 * np.cos(X**2) - 4.0 * X**2 * np.sin(X**2)
    assert np.allclose(pullback(X)[0], h * X)


def test_views_are_computed_again_instead_of_recorded() -> None:
    primal, pullback = lowered(views, X).source.split("def views_pullback")
    recorded = primal.strip().splitlines()[-1].partition("(")[2].strip(")").split(", ")
    assert sorted(recorded) == ["v3", "v5", "x"] and "x[1:]" in pullback


def test_halves_are_well_formed() -> None:
    program = pipeline.Adjoint(looping, (0,), value=True, seeded=True, many=True, name="vjp", cut=True)
    made = dict(pipeline.stages(program, pipeline.described(looping, (X, 3), {})))
    verify(made["stored"])
    assert made["source"].name == "looping_primal" and made["source"].further == ("looping_pullback",)


# --- inside a differentiated function -----------------------------------------------------------------------------------


def close_to_differences(f: Callable[[Any], Any], x: Any) -> bool:
    step = 1e-6
    basis = np.eye(np.size(x)).reshape(-1, *np.shape(x)) if np.ndim(x) else [1.0]
    slopes = [(f(x + step * e) - f(x - step * e)) / (2 * step) for e in basis]
    return np.allclose(np.reshape(grad(f)(x), -1), slopes, rtol=1e-5)


def test_a_nested_pullback_belongs_to_its_point() -> None:
    def f(x: Any) -> Any:
        y = x * 2.0
        value, pullback = vjp(lambda t: np.sum(t * t * t), y)
        y[0] = 5.0
        return np.sum(pullback(1.0)[0] * y) + value

    assert close_to_differences(f, X)


def test_a_nested_primal_runs_once(capsys: pytest.CaptureFixture[str]) -> None:
    def f(x: Any) -> Any:
        def g(t: Any) -> Any:
            print("once")
            return t * t * x

        value, pullback = vjp(g, x * 2.0)
        return pullback(1.0)[0] * value + pullback(value)[0]

    assert np.isclose(grad(f)(0.7), 38.416)
    assert capsys.readouterr().out == "once\n"


def test_a_nested_pullback_in_a_loop_and_of_a_loop() -> None:
    def inside(x: Any) -> Any:
        total = 0.0
        for i in range(3):
            value, pullback = vjp(lambda t: np.sin(t) * t, x + i)
            total = total + pullback(value)[0] * x
        return total

    def outside(x: Any) -> Any:
        value, pullback = vjp(lambda t: iterated(t, 3)[1], x)
        return np.sum(pullback(value)[0])

    assert close_to_differences(inside, 0.7)
    assert close_to_differences(outside, X)
