"""Branches and loops: every way in, through and out."""

from __future__ import annotations

import math

import numpy as np

from corpus.registry import program

rng = np.random.default_rng(11)


@program(0.5, golden="grad")
def two_branches(x):
    if x > 0.0:
        y = x * x
    else:
        y = -x
    return y * x


@program(1.4, -0.5, argnums=(0, 1))
def nested_branches(x, y):
    if x > 1.0:
        if y > 0.0:
            z = x * y
        elif y > -1.0:
            z = x - y * y
        else:
            z = 0.0
    elif x > 0.5:
        z = y
    else:
        z = x
    return z * x


@program(-1.3)
def early_returns(x):
    if x > 2.0:
        return math.log(x)
    if x < -1.0:
        y = x * x
        if y > 1.5:
            return y * math.sin(x)
        return y
    return x


@program(0.6)
def branch_only_in_one_arm(x):
    scale = 2.0
    if x < 1.0:
        scale = scale * x
        x = x + scale
    return x * scale


@program(0.7, 0.2, argnums=(0, 1))
def conditional_expressions(x, y):
    larger = x if x > y else y
    smaller = y if x > y else (x if x < 1.0 else 1.0)
    return larger / smaller + (larger * x if smaller > 0.5 else smaller * y)


@program(0.7, 0.0)
def boolean_values(x, y):
    a = y or x
    b = x and x * x
    c = not x
    d = x > 0.0 and x < 1.0 or y > 5.0
    return a * b + (x if d and not c else y)


@program(0.35)
def chained_comparisons(x):
    if 0.0 < x < 0.5 <= 0.5:
        return x * x * x
    return x


@program(0.9, 6)
def power_by_loop(x, n):
    y = 1.0
    for _ in range(n):
        y = y * x
    return y


@program(0.3, 5, golden="grad")
def logistic_map(x, n):
    for k in range(n):
        x = 3.1 * x * (1.0 - x) + 0.01 * k
    return x


@program(0.8)
def loop_variable_after(x):
    s = 0.0
    for i in range(1, 9, 3):
        s = s + x**i
    return s * i


@program(0.8)
def loop_of_no_trips(x):
    y = x * x
    for _ in range(0):
        y = y * 1000.0
    return y * x


@program(rng.standard_normal(5))
def over_array(x):
    s = 0.0
    for v in x:
        s = s + v * v * s + math.sin(v)
    return s


@program(rng.standard_normal((3, 4)))
def over_rows(A):
    total = 0.0
    for row in A:
        total = total * 0.5 + np.sum(row * row)
    return total


@program(rng.standard_normal(4), rng.standard_normal(4), argnums=(0, 1))
def enumerate_and_zip(a, b):
    s = 0.0
    for i, v in enumerate(a):
        s = s + (i + 1) * v * v
    for u, v in zip(a, b):
        s = s * 0.9 + u * v
    for i, (u, v) in enumerate(zip(a, b), 1):
        s = s + u * v**i
    return s


@program(rng.standard_normal(6))
def over_reversed(c):
    """Horner's rule from the last coefficient."""
    y = 0.0
    for a in reversed(c):
        y = y * 0.7 + a
    for i in reversed(range(len(c))):
        y = y * 0.9 + c[i] * i
    return y * y


@program(3.0, golden="grad value_and_grad")
def newton(a):
    x = a
    while abs(x * x - a) > 1e-12 * a:
        x = 0.5 * (x + a / x)
    return x


@program(0.9)
def while_with_counter(x):
    n = 0
    s = x
    while n < 4:
        s = s * x + math.sin(s)
        n += 1
    return s


@program(0.9)
def breaks(x):
    s = x
    for i in range(100):
        s = s * 1.3 + x
        if s > 20.0:
            break
        s = s + 0.1 * i
    return s * x


@program(0.9)
def continues(x):
    s = 0.0
    for i in range(7):
        if i % 3 == 1:
            continue
        s = s + x**i
        if s > 3.0:
            continue
        s = s * x
    return s


@program(rng.standard_normal(5))
def for_else(x):
    s = 1.0
    for v in x:
        if v > 10.0:
            break
        s = s * (1.0 + v * v)
    else:
        s = s * 2.0
    while s > 0.1:
        s = s * 0.5
    else:
        s = s + x[0]
    return s


@program(np.array([1.0, 2.0, 5.0, 1.0]), golden="grad")
def first_large(x):
    s = 0.0
    for i in range(len(x)):
        if x[i] > 3.0:
            return s * x[i]
        s = s + x[i] ** 2
    return s


@program(np.array([1.0, 2.0, 0.5]))
def first_large_missing(x):
    s = 0.0
    for i in range(len(x)):
        if x[i] > 3.0:
            return s * x[i]
        s = s + x[i] ** 2
    return s


@program(1.2)
def return_from_nested_loops(x):
    s = x
    for i in range(5):
        for j in range(i):
            s = s * 1.1 + j
            if s > 9.0:
                return s * s
    return s


@program(rng.standard_normal((4, 4)))
def triangular(A):
    n = A.shape[0]
    s = 0.0
    for i in range(n):
        for j in range(i + 1):
            if i == j:
                continue
            s = s + A[i, j] * A[j, i] * (i - j)
    return s


@program(1.5)
def while_true(x):
    k = 0
    while True:
        x = x - (x**3 - 2.0 * x) / (3.0 * x * x - 1.0) * 0.5
        k += 1
        if k >= 6:
            return x * k


@program(0.4, 3)
def nested_while(x, n):
    s = 0.0
    i = 0
    while i < n:
        j = i
        t = x
        while j < n:
            t = t * x + 1.0
            j = j + 1
        s = s + t * t
        i = i + 1
    return s


@program(0.3)
def collatz_like(x):
    """The branch taken changes from trip to trip."""
    y = x
    for i in range(8):
        if i % 2 == 0:
            y = y * 1.5 + x
        else:
            y = math.sin(y) / (1.0 + x * x)
    return y


@program(0.8, 0.3, argnums=(0, 1))
def kepler(mean_anomaly, eccentricity):
    anomaly = mean_anomaly
    step = 1.0
    while abs(step) > 1e-13:
        step = (anomaly - eccentricity * math.sin(anomaly) - mean_anomaly) / (1.0 - eccentricity * math.cos(anomaly))
        anomaly = anomaly - step
    return anomaly


@program(0.3, -0.2, argnums=(0, 1), golden="grad")
def pendulum(angle, speed):
    """An ordinary differential equation by Euler's method, the state a tuple."""
    state = (angle, speed)
    dt = 0.05
    for _ in range(12):
        q, p = state
        state = (q + dt * p, p - dt * math.sin(q))
    return 0.5 * state[1] ** 2 - math.cos(state[0])
