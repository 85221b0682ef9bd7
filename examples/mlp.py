"""A two-layer network on 1797 handwritten digits (8 x 8 pixels), trained by reverse mode to over 95 % test accuracy.

The parameters are a dict of arrays, and so is the gradient.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from wengert import value_and_grad

DATA = Path(__file__).parent / "data" / "digits.csv.gz"


def logits(params, X):
    hidden = np.tanh(X @ params["W1"] + params["b1"])
    return hidden @ params["W2"] + params["b2"]


def loss(params, X, targets):
    """Mean cross entropy; `targets` has a one in the column of the right digit."""
    scores = logits(params, X)
    shifted = scores - np.max(scores, axis=1, keepdims=True)
    log_probabilities = shifted - np.log(np.sum(np.exp(shifted), axis=1, keepdims=True))
    return -np.mean(np.sum(targets * log_probabilities, axis=1))


def load() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return training images and digits, then those of the test set (every fourth image)."""
    table = np.loadtxt(DATA, delimiter=",")
    X, digits = table[:, :-1] / 16.0, table[:, -1].astype(int)
    test = np.arange(len(digits)) % 4 == 3
    return X[~test], digits[~test], X[test], digits[test]


def initial(rng: np.random.Generator, inputs: int, hidden: int, classes: int) -> dict[str, np.ndarray]:
    return {
        "W1": rng.standard_normal((inputs, hidden)) / np.sqrt(inputs),
        "b1": np.zeros(hidden),
        "W2": rng.standard_normal((hidden, classes)) / np.sqrt(hidden),
        "b2": np.zeros(classes),
    }


def accuracy(params: dict[str, np.ndarray], X: np.ndarray, digits: np.ndarray) -> float:
    return float(np.mean(np.argmax(logits(params, X), axis=1) == digits))


def train(
    X: np.ndarray, digits: np.ndarray, epochs: int = 30, batch: int = 64, rate: float = 0.5
) -> dict[str, np.ndarray]:
    """Stochastic gradient descent with a fixed seed."""
    rng = np.random.default_rng(0)
    params = initial(rng, X.shape[1], 64, 10)
    targets = np.eye(10)[digits]
    gradient = value_and_grad(loss)
    for epoch in range(epochs):
        order = rng.permutation(len(X))
        losses = []
        for start in range(0, len(X) - batch + 1, batch):
            rows = order[start : start + batch]
            value, params_bar = gradient(params, X[rows], targets[rows])
            losses.append(value)
            params = {name: params[name] - rate * params_bar[name] for name in params}
        if epoch % 10 == 9:
            print(f"epoch {epoch + 1:3d}  mean loss {np.mean(losses):.4f}")
    return params


def main() -> None:
    X, digits, X_test, digits_test = load()
    params = train(X, digits)
    print(f"training accuracy  {accuracy(params, X, digits):.4f}")
    print(f"test accuracy      {accuracy(params, X_test, digits_test):.4f}")


if __name__ == "__main__":
    main()
