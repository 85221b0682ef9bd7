"""Functions that call functions: helpers, keywords, closures, lambdas, functions as arguments."""

from __future__ import annotations

import math

import numpy as np

from corpus.registry import program

rng = np.random.default_rng(12)
GRAVITY = 9.81


def softplus(x, beta=1.0, *, shift=0.0):
    return math.log1p(math.exp(beta * (x - shift))) / beta


def polar(x, y):
    return math.sqrt(x * x + y * y), math.atan2(y, x)


def total(*terms, scale=1.0):
    s = 0.0
    for t in terms:
        s = s + t
    return s * scale


def clipped(x, low, high):
    if x < low:
        return low
    if x > high:
        return high
    return x


def square(x):
    return x * x


@program(0.7)
def defaults_and_keywords(x):
    return softplus(x) + softplus(x, 2.0) * softplus(x, shift=0.5, beta=3.0)


@program(0.7, 1.9, argnums=(0, 1))
def two_results(x, y):
    r, angle = polar(x, y)
    r2, _ = polar(r, angle)
    return r * angle + r2


@program(0.7, 1.9, argnums=(0, 1))
def star_arguments(x, y):
    parts = (x, y, x * y)
    options = {"scale": 0.5}
    return total(*parts) * total(x, *parts, **options)


@program(2.4)
def helper_with_early_return(x):
    return clipped(x * x, 0.0, 3.0) * x + clipped(x, 0.0, 3.0) * x + clipped(-x, -1.0, 1.0)


@program(0.6, 1.2, argnums=(0, 1))
def closure_over_active(x, a):
    b = a * a

    def inner(t):
        return b * t + a * math.sin(t)

    return inner(x) * inner(a)


@program(0.6)
def lambdas(x):
    double, cube = lambda t: 2.0 * t, lambda t: t**3
    return double(cube(x)) + (lambda u, v=x: u * v)(math.sin(x))


def apply_twice(f, x):
    return f(f(x))


@program(0.6)
def functions_as_arguments(x):
    return apply_twice(math.sin, x) + apply_twice(square, x) + apply_twice(lambda t: t * x, 2.0)


@program(math.cos, 0.6, argnums=1)
def function_argument(f, x):
    return f(x) * f(f(x))


@program(0.3, 3.0, argnums=(0, 1))
def globals_and_constants(height, speed):
    return GRAVITY * height + 0.5 * speed**2


@program(0.7)
def callee_in_loop(x):
    y = x
    for k in range(3):
        y = softplus(y, beta=1.0 + k) * x
    return y


@program(0.0, 1.5, argnums=(0, 1))
def simpson(a, b):
    def f(t):
        return math.exp(-t * t) * math.cos(a * t + b)

    n = 6
    h = (b - a) / n
    s = f(a) + f(b)
    for i in range(1, n):
        s = s + (4.0 if i % 2 else 2.0) * f(a + i * h)
    return s * h / 3.0


def bisect(f, low, high, steps):
    for _ in range(steps):
        middle = 0.5 * (low + high)
        if f(middle) > 0.0:
            high = middle
        else:
            low = middle
    return low, high


@program(0.4)
def root_then_one_newton_step(a):
    """Bisection carries no derivative; the Newton step after it carries all of it."""
    low, _ = bisect(lambda t: t - math.cos(t) - 0.4, 0.0, 2.0, 40)
    t = low
    return t - (t - math.cos(t) - a) / (1.0 + math.sin(t))


def dense(x, weights, bias, activation=np.tanh):
    return activation(x @ weights + bias)


@program(rng.standard_normal((4, 3)), rng.standard_normal(3), argnums=(0, 1))
def layers(W, b):
    x = np.linspace(-1.0, 1.0, 8).reshape(2, 4)
    hidden = dense(x, W, b)
    out = dense(hidden, W.T, 0.5, activation=lambda z: z * z)
    return out.sum()
