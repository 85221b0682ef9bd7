"""Calls: binding of parameters, callees of every kind, helpers in place of their calls."""

from __future__ import annotations

import functools
import math
from collections import namedtuple
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from wengert import grad, jvp, vjp


def scale(a: Any, b: Any = 2.0, *rest: Any, c: Any = 3.0, **more: Any) -> Any:
    return a * b + sum(rest) * c + more.get("d", 0.0) * a


def power(x: Any, n: int) -> Any:
    return 1.0 if n == 0 else x * power(x, n - 1)


def test_a_helper_is_flattened_in_place(flat: Any) -> None:
    def times(a: float, b: float = 2.0) -> float:
        return a * b

    def f(x: float) -> float:
        v = times(x)
        return v + times(x, b=x)

    assert flat(f, 2.0) == [
        *flat(f, 2.0)[:2], "value'3 = add(value, value'2)", "return value'3",
    ]  # fmt: skip
    assert flat(lambda x: power(x, 3), 2.0)[:2] == ["value = mul(x, 1.0)", "value'2 = mul(x, value)"]


def test_parameters_of_every_kind(agrees: Any) -> None:
    agrees(lambda x, y: scale(x, y, x, y, 2.0, c=x, d=y) + scale(*(x, y), **{"c": y}), 1.5, 0.7)


def test_recursion_of_known_depth(agrees: Any) -> None:
    agrees(lambda x: power(x, 5), 1.3)


@dataclass
class Layer:
    """A dataclass with methods."""

    w: Any
    b: Any = 1.0
    names: list[str] = field(default_factory=list)

    def __call__(self, x: Any) -> Any:
        return self.apply(x) * self.gain

    def apply(self, x: Any) -> Any:
        return np.tanh(x * self.w + self.b)

    @property
    def gain(self) -> Any:
        return self.w * self.w

    @staticmethod
    def half(x: Any) -> Any:
        return x / 2.0

    @classmethod
    def make(cls, w: Any) -> Layer:
        return cls(w, b=2.0 * w)


Point = namedtuple("Point", "x y z", defaults=[3.0])


def test_dataclasses_and_namedtuples_made_inside(agrees: Any) -> None:
    def f(x: float) -> Any:
        p = Point(x, y=2.0 * x)._replace(z=x * x)
        layer = Layer.make(x)
        return layer.apply(x) * layer.gain + p.x * p.y * p[2] + Layer.half(p.z) + len(p) + Point(x, x).z * x

    agrees(f, 0.6)


def test_methods_of_arguments(agrees: Any) -> None:
    agrees(lambda layer, x: layer.apply(x) * layer.gain, Layer(0.5, 0.3), 0.7)


def test_callables_of_every_kind(agrees: Any) -> None:
    class Gain:
        def __init__(self, k: float) -> None:
            self.k = k

        def __call__(self, x: Any) -> Any:
            return self.k * x * x

        def twice(self, x: Any) -> Any:
            return self(x) + self(x)

    gain = Gain(3.0)
    cube = functools.partial(lambda n, x, m=1.0: x**n * m, 3, m=2.0)

    def f(x: float) -> Any:
        local = functools.partial(scale, x, c=x)
        return gain(x) + gain.twice(x) + cube(x) + local(2.0, x) + math.sin(x) + (lambda *a: a[-1])(1.0, x)

    agrees(f, 0.8)


def wrapped(g: Any) -> Any:
    @functools.wraps(g)
    def inner(*args: Any, **kwargs: Any) -> Any:
        return 2.0 * g(*args, **kwargs)

    return inner


@wrapped
def decorated(x: Any, k: Any = 1.0) -> Any:
    return k * x * x


def test_decorated_helpers_keep_their_wrapper() -> None:
    assert grad(lambda x: decorated(x, k=3.0))(1.0) == 12.0
    assert grad(decorated)(1.0) == 4.0


def test_functions_are_values() -> None:
    def f(x: float) -> float:
        table = {"sin": math.sin, "square": lambda v: v * v}
        chosen = [table[name] for name in ("sin", "square")]
        return functools.reduce(lambda v, g: g(v), chosen, x)

    assert math.isclose(grad(f)(0.5), 2.0 * math.sin(0.5) * math.cos(0.5))


def test_a_function_with_effects_of_its_own_runs_once(capsys: Any) -> None:
    def loud(x: float) -> float:
        print("called")
        return x * x

    assert grad(lambda x: loud(x))(3.0) == 6.0
    assert capsys.readouterr().out == "called\n"


def test_mutual_helpers_of_one_name() -> None:
    def make(k: float) -> Any:
        def helper(x: float) -> float:
            return k * x

        return helper

    a, b = make(2.0), make(5.0)
    assert grad(lambda x: a(x) * b(x))(1.0) == 20.0


def test_defaults_are_evaluated_once_where_the_function_is_made() -> None:
    def f(x: float) -> float:
        k = 2.0

        def g(v: float, weight: float = k * x) -> float:
            return v * weight

        k = 100.0
        return g(1.0) + k * x

    assert grad(f)(1.0) == 102.0


def test_recursion_on_values_is_a_function_of_its_own() -> None:
    def countdown(x: float) -> float:
        return x if x < 1.0 else 2.0 * countdown(x - 1.0)

    assert grad(countdown)(3.5) == 8.0

@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.flip(m=x, axis=0), lambda x: np.transpose(a=x) * 2, lambda x: np.diag(v=x @ x.T), lambda x: np.ravel(a=x),
        lambda x: np.broadcast_to(array=x, shape=(2, 2, 3)), lambda x: np.clip(a=x, a_min=2.1, a_max=x * 0.7),
        lambda x: np.sum(a=[x, x * x], axis=0), lambda x: np.kron(a=x, b=x), lambda x: np.pad(array=x, pad_width=1),
    ],
)  # fmt: skip
def test_inputs_by_their_names_in_numpy(f: Any) -> None:
    x = np.arange(1.0, 7.0).reshape(2, 3)
    d, h = np.cos(x), 1e-6
    slope = (f(x + h * d) - f(x - h * d)) / (2 * h)
    np.testing.assert_allclose(jvp(f, (x,), (d,))[1], slope, atol=1e-7)
    value, pullback = vjp(f, x)
    bar = np.sin(1 + value)
    np.testing.assert_allclose(np.vdot(pullback(bar)[0], d), np.vdot(bar, slope), rtol=1e-7)


def test_powers_of_ints_are_sizes() -> None:
    def f(y: Any, r: int, k: int) -> Any:
        n = r**k
        return np.reshape(np.tile(np.reshape(y, (r, r ** (k - 1))).sum(0), r), n)

    y = np.arange(8.0)
    _, pullback = vjp(f, y, 2, 3)
    assert np.allclose(pullback(np.ones(8))[0], 2.0)
    assert np.allclose(jvp(f, (y, 2, 3), (np.ones(8), 0.0, 0.0))[1], 2.0)
