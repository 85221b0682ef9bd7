"""The programs that are timed, each with the gradient that a careful person writes by hand.

In: nothing. Out: `CASES`; a case has the plain NumPy primal, its gradient by hand, and arguments.

    case.hand(*case.args)          what wengert's gradient is measured against
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Case:
    """`target` is the ratio to the hand-written gradient that the project aims for."""

    name: str
    primal: Callable[..., Any]
    hand: Callable[..., Any]
    args: tuple[Any, ...]
    argnums: int | tuple[int, ...] = 0
    target: float = 1.3


def survey(x1, x2):
    y = math.log(x1) + x1 * x2 - math.sin(x2)
    return y


def survey_by_hand(x1, x2):
    return x2 + 1.0 / x1, x1 - math.cos(x2)


def scalar_loop(x, n):
    for _ in range(n):
        x = x + 0.001 * math.sin(x) * (2.0 - x)
    return x


def scalar_loop_by_hand(x, n):
    tape = []
    for _ in range(n):
        tape.append(x)
        x = x + 0.001 * math.sin(x) * (2.0 - x)
    x_bar = 1.0
    for x in reversed(tape):
        v_bar = 0.001 * x_bar
        x_bar = x_bar + v_bar * (math.cos(x) * (2.0 - x) - math.sin(x))
    return x_bar


def newton(a):
    x = a
    while abs(x * x - a) > 1e-12 * a:
        x = 0.5 * (x + a / x)
    return x


def newton_by_hand(a):
    tape = []
    x = a
    while abs(x * x - a) > 1e-12 * a:
        tape.append(x)
        x = 0.5 * (x + a / x)
    a_bar, x_bar = 0.0, 1.0
    for x in reversed(tape):
        v_bar = 0.5 * x_bar
        q_bar = v_bar / x
        a_bar = a_bar + q_bar
        x_bar = v_bar - q_bar * a / x
    return a_bar + x_bar


def rosenbrock(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


def rosenbrock_by_hand(x):
    """Buffers are used again: at n = 100000 this halves the time of the same formula written plainly."""
    a = x[:-1]
    t = a * a
    np.subtract(x[1:], t, out=t)
    t *= 200.0
    x_bar = np.empty_like(x)
    a_bar = x_bar[:-1]
    np.multiply(t, a, out=a_bar)
    np.subtract(a, a_bar, out=a_bar)
    a_bar -= 1.0
    a_bar *= 2.0
    x_bar[-1] = 0.0
    x_bar[1:] += t
    return x_bar


def logistic_loss(w, b, X, y):
    z = X @ w + b
    return np.mean(np.log1p(np.exp(-y * z)))


def logistic_loss_by_hand(w, b, X, y):
    m = -y
    e = np.exp(m * (X @ w + b))
    z_bar = m * e / (1.0 + e)
    return z_bar @ X / len(y), np.sum(z_bar) / len(y)


def two_layers(W1, b1, W2, b2, X, targets):
    """Mean cross entropy of a network with one hidden layer; a row of `targets` adds up to one."""
    hidden = np.tanh(X @ W1 + b1)
    scores = hidden @ W2 + b2
    shifted = scores - np.max(scores, axis=1, keepdims=True)
    log_probabilities = shifted - np.log(np.sum(np.exp(shifted), axis=1, keepdims=True))
    return -np.sum(targets * log_probabilities) / len(X)


def two_layers_by_hand(W1, b1, W2, b2, X, targets):
    hidden = np.tanh(X @ W1 + b1)
    scores = hidden @ W2 + b2
    e = np.exp(scores - np.max(scores, axis=1, keepdims=True))
    scores_bar = (e / np.sum(e, axis=1, keepdims=True) - targets) / len(X)
    hidden_bar = scores_bar @ W2.T * (1.0 - hidden * hidden)
    return X.T @ hidden_bar, np.sum(hidden_bar, axis=0), hidden.T @ scores_bar, np.sum(scores_bar, axis=0)


def cases() -> tuple[Case, ...]:
    rng = np.random.default_rng(0)
    w, X = rng.standard_normal(20), rng.standard_normal((1000, 20))
    y = np.where(X @ rng.standard_normal(20) > 0.0, 1.0, -1.0)
    images, targets = rng.random((256, 64)), np.eye(10)[rng.integers(0, 10, 256)]
    W1, b1 = rng.standard_normal((64, 64)) / 8.0, rng.standard_normal(64)
    W2, b2 = rng.standard_normal((64, 10)) / 8.0, rng.standard_normal(10)
    return (
        Case("survey", survey, survey_by_hand, (2.0, 5.0), (0, 1), target=1.5),
        Case("scalar loop, 1000 steps", scalar_loop, scalar_loop_by_hand, (0.5, 1000), target=1.5),
        Case("Newton `while` loop", newton, newton_by_hand, (3.0,), target=1.5),
        Case("Rosenbrock, n = 10", rosenbrock, rosenbrock_by_hand, (rng.standard_normal(10),)),
        Case("Rosenbrock, n = 1000", rosenbrock, rosenbrock_by_hand, (rng.standard_normal(1000),)),
        Case("Rosenbrock, n = 100000", rosenbrock, rosenbrock_by_hand, (rng.standard_normal(100000),)),
        Case("logistic regression, 1000 x 20", logistic_loss, logistic_loss_by_hand, (w, 0.1, X, y), (0, 1)),
        Case("two layers, 256 x 64-64-10", two_layers, two_layers_by_hand, (W1, b1, W2, b2, images, targets),
             (0, 1, 2, 3)),
    )  # fmt: skip


CASES = cases()
