"""One neuron with a sigmoid and a squared error: the first gradients that a textbook computes by hand.

At w = 0.5, b = -0.1, x = 2 and the target 0.8 the gradients are -0.07319962 (w) and -0.03659981 (b).
"""

from __future__ import annotations

import numpy as np

from wengert import grad


def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))


def loss(w, b, x, target):
    prediction = sigmoid(w * x + b)
    return (prediction - target) ** 2


def train(w: float, b: float, x: float, target: float, rate: float, tolerance: float) -> tuple[float, float, int]:
    """Descend until both gradients are below `tolerance`; return the weights and the number of steps."""
    gradient = grad(loss, argnums=(0, 1))
    w_bar, b_bar = gradient(w, b, x, target)
    steps = 0
    while max(abs(w_bar), abs(b_bar)) > tolerance:
        w, b = w - rate * w_bar, b - rate * b_bar
        w_bar, b_bar = gradient(w, b, x, target)
        steps += 1
    return w, b, steps


def main() -> None:
    w, b, x, target = 0.5, -0.1, 2.0, 0.8
    w_bar, b_bar = grad(loss, argnums=(0, 1))(w, b, x, target)
    print(f"loss       {loss(w, b, x, target):.8f}")
    print(f"gradients  w {w_bar:.8f}, b {b_bar:.8f}")

    w, b, steps = train(w, b, x, target, rate=2.0, tolerance=1e-10)
    print(f"trained    w {w:.6f}, b {b:.6f} in {steps} steps, prediction {sigmoid(w * x + b):.8f}")


if __name__ == "__main__":
    main()
