"""Logistic regression on the Wisconsin breast cancer data (569 patients, 30 features), by gradient descent.

The loss is plain NumPy; `value_and_grad` gives the loss and its gradient from one generated function.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from wengert import value_and_grad

DATA = Path(__file__).parent / "data" / "breast_cancer.csv"


def loss(w, b, X, y):
    """Mean negative log-likelihood for labels -1 and 1, and a small penalty on the weights."""
    z = X @ w + b
    return np.mean(np.log1p(np.exp(-y * z))) + 1e-3 * np.sum(w * w)


def load() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return standardized training features and labels, then those of the test set (every fourth patient)."""
    table = np.loadtxt(DATA, delimiter=",", skiprows=1)
    X, y = table[:, :-1], 2.0 * table[:, -1] - 1.0
    test = np.arange(len(y)) % 4 == 3
    mean, deviation = X[~test].mean(axis=0), X[~test].std(axis=0)
    X = (X - mean) / deviation
    return X[~test], y[~test], X[test], y[test]


def accuracy(w: np.ndarray, b: float, X: np.ndarray, y: np.ndarray) -> float:
    return float(np.mean(np.sign(X @ w + b) == y))


def train(X: np.ndarray, y: np.ndarray, steps: int = 300, rate: float = 0.5) -> tuple[np.ndarray, float, float]:
    """Return the weights, the bias, and the loss before the last step."""
    gradient = value_and_grad(loss, argnums=(0, 1))
    w, b, value = np.zeros(X.shape[1]), 0.0, np.inf
    for _ in range(steps):
        value, (w_bar, b_bar) = gradient(w, b, X, y)
        w, b = w - rate * w_bar, b - rate * b_bar
    return w, float(b), float(value)


def main() -> None:
    X, y, X_test, y_test = load()
    w, b, value = train(X, y)
    print(f"loss after training  {value:.4f}")
    print(f"training accuracy    {accuracy(w, b, X, y):.4f}")
    print(f"test accuracy        {accuracy(w, b, X_test, y_test):.4f}")

    lowered = value_and_grad(loss, argnums=(0, 1)).lower(w, b, X, y)
    print("\nits Wengert list:\n")
    print(lowered.source)


if __name__ == "__main__":
    main()
