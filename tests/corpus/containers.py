"""Tuples, lists, dicts and dataclasses as arguments, as results and inside."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from corpus.registry import program

rng = np.random.default_rng(13)


@dataclass
class Spring:
    stiffness: float
    rest: float


@dataclass(frozen=True)
class Layer:
    weights: np.ndarray
    bias: np.ndarray


@program((0.4, 1.3))
def tuple_argument(point):
    x, y = point
    return x * math.exp(y) + point[0] * point[-1]


@program([0.4, 1.3, -0.2])
def list_argument(values):
    s = 0.0
    for i, v in enumerate(values):
        s = s + (i + 1) * v * v
    return s * values[0] + len(values)


@program({"a": 0.4, "b": np.array([1.0, 2.0])}, golden="grad")
def dict_argument(params):
    return params["a"] * np.sum(params["b"] ** 2) + params["a"] ** 3


@program(Spring(2.0, 0.5), 0.8, argnums=(0, 1))
def dataclass_argument(spring, x):
    stretch = x - spring.rest
    return 0.5 * spring.stiffness * stretch**2


@program({"layers": [(rng.standard_normal((2, 3)), rng.standard_normal(3)),
                     (rng.standard_normal((3, 3)), rng.standard_normal(3))], "scale": 0.5})  # fmt: skip
def nested_trees(params):
    h = np.array([[0.3, -0.4], [0.1, 0.9]])
    for weights, bias in params["layers"]:
        h = np.tanh(h @ weights + bias)
    return params["scale"] * np.sum(h)


@program(0.7, 1.1, argnums=(0, 1))
def tuple_result(x, y):
    return x * y, (math.sin(x), y * y)


@program(0.7, 1.1, argnums=(0, 1))
def list_and_dict_result(x, y):
    return {"product": x * y, "parts": [x, y, x / y]}


@program(Spring(2.0, 0.5))
def dataclass_result(spring):
    return Spring(stiffness=spring.stiffness * spring.rest, rest=spring.rest**2)


@program(Layer(rng.standard_normal((2, 2)), rng.standard_normal(2)), rng.standard_normal(2), argnums=(0, 1))
def array_result(layer, x):
    return np.tanh(layer.weights @ x + layer.bias)


@program(0.7)
def built_and_read(x):
    pair = (x, x * x)
    table = {"pair": pair, "n": 2}
    items = [x, math.sin(x), pair[1]]
    n = table["n"]
    a, b = table["pair"]
    return items[n] * items[-2] + a * b + sum(items) + max(items) * min(items)


@program((1.0, (0.5, [2.0, 3.0])))
def deep_unpacking(tree):
    a, (b, (c, d)) = tree
    return a * b + c * d * a


@program((0.1, -0.4), 6)
def state_through_loop(state, n):
    for i in range(n):
        x, v = state
        state = (x + 0.1 * v, v - 0.1 * x**3) if i % 2 else (x, v * 0.9)
    return state


@program(0.4)
def tuple_arithmetic(x):
    pair = (x,) + (x * x, 2.0)
    again = pair * 2
    return again[4] * again[0] + len(again) + pair[1:][0]


@program((0.5, 0.2, 0.1))
def loop_over_tuple(coefficients):
    y = 0.0
    for c in coefficients:
        y = y * 1.5 + c * c
    return y


@program({"b": 0.5, "a": 1.5})
def loop_over_dict(weights):
    s = 0.0
    for key, value in weights.items():
        s = s + value * value * (2.0 if key == "a" else 3.0)
    for key in weights:
        s = s * weights[key]
    return s + math.prod(weights.values())
