"""What people differentiate: losses, networks, kernels, simulations."""

from __future__ import annotations

import math

import numpy as np

from corpus.registry import program

rng = np.random.default_rng(16)
X = rng.standard_normal((6, 3))
LABELS = np.array([1.0, -1.0, 1.0, 1.0, -1.0, -1.0])


@program(rng.standard_normal(3), 0.3, X, LABELS, argnums=(0, 1), golden="grad value_and_grad")
def logistic_loss(w, b, X, y):
    z = X @ w + b
    return np.mean(np.log1p(np.exp(-y * z)))


@program(rng.standard_normal(5), golden="grad")
def rosenbrock(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


@program(rng.standard_normal((4, 3)), np.array([0, 2, 1, 1]))
def softmax_cross_entropy(logits, labels):
    shifted = logits - np.max(logits, axis=1, keepdims=True)
    log_probabilities = shifted - np.log(np.sum(np.exp(shifted), axis=1, keepdims=True))
    return -np.mean(log_probabilities[np.arange(len(labels)), labels])


@program(rng.standard_normal(5))
def softmax(x):
    e = np.exp(x - x.max())
    return e / e.sum()


@program(rng.standard_normal((3, 4)), rng.standard_normal(4), rng.standard_normal((4, 2)), rng.standard_normal(2), X,
         argnums=(0, 1, 2, 3), golden="grad")  # fmt: skip
def two_layers(W1, b1, W2, b2, X):
    hidden = np.tanh(X @ W1 + b1)
    out = hidden @ W2 + b2
    return np.mean((out - 1.0) ** 2)


@program(rng.standard_normal((3, 3)) * 0.5, rng.standard_normal((2, 3)), rng.standard_normal((5, 2)), argnums=(0, 1))
def recurrent_cell(U, W, sequence):
    h = np.zeros(3)
    for x in sequence:
        h = np.tanh(h @ U + x @ W)
    return np.sum(h * h)


@program(rng.standard_normal(4), X[:, :2])
def random_features(weights, points):
    frequencies = np.array([[0.3, -1.2, 0.8, 0.1], [1.1, 0.4, -0.6, 0.9]])
    features = np.cos(points @ frequencies + 0.5)
    prediction = features @ weights
    return prediction @ prediction / len(prediction) + 0.1 * weights @ weights


@program(0.8, 1.3, X, argnums=(0, 1))
def kernel_matrix(length, amplitude, points):
    """Squared distances by broadcasting, then the Gaussian kernel."""
    difference = points[:, None, :] - points[None, :, :]
    distance = np.sum(difference**2, axis=-1)
    K = amplitude**2 * np.exp(-0.5 * distance / length**2)
    return np.sum(K @ LABELS * LABELS)


@program(rng.standard_normal(6))
def logsumexp_by_loops(x):
    top = x[0]
    for v in x:
        if v > top:
            top = v
    s = 0.0
    for v in x:
        s += math.exp(v - top)
    return top + math.log(s)


@program(np.array([0.5, -1.0, 0.25, 2.0]), 0.7, argnums=(0, 1))
def horner(coefficients, x):
    y = 0.0
    for c in coefficients[::-1]:
        y = y * x + c
    return y


@program(np.array([1.0, 0.5]), 0.1, argnums=(0, 1))
def lotka_volterra(state, rate):
    prey, predators = state
    dt = 0.1
    for _ in range(10):
        born = prey * (1.0 - predators)
        eaten = predators * (prey - 1.0)
        prey = prey + dt * born
        predators = predators + dt * eaten - dt * rate * predators**2
    return prey * predators


@program(rng.standard_normal(7), 0.2, 3, argnums=(0, 1))
def diffusion(u, alpha, steps):
    """A periodic stencil by concatenation: no stores."""
    for _ in range(steps):
        left = np.concatenate([u[-1:], u[:-1]])
        right = np.concatenate([u[1:], u[:1]])
        u = u + alpha * (left - 2.0 * u + right)
    return np.sum(u**4)


@program(rng.standard_normal(3), 0.05, 4, argnums=(0, 1))
def unrolled_descent(x, rate, steps):
    """A gradient descent differentiated with respect to its start and its step size."""
    for _ in range(steps):
        slope = 4.0 * x**3 - 3.0 * x
        x = x - rate * slope
    return np.sum(x**2)


@program(np.array([0.2, 0.5, 0.3]), np.array([[0.7, 0.2, 0.1], [0.3, 0.4, 0.3], [0.2, 0.3, 0.5]]), argnums=(0, 1))
def markov_entropy(p, transition):
    for _ in range(3):
        p = p @ transition
        p = p / np.sum(p)
    return -np.sum(p * np.log(p))


@program(np.array([0.1, 0.9]), np.array([[0.0, 1.0], [1.0, 0.0], [0.5, 0.5]]))
def smooth_nearest(point, anchors):
    best = 1e9
    for anchor in anchors:
        d = np.sqrt(np.sum((point - anchor) ** 2))
        if d < best:
            best = d
    return best**2 + np.log(best)


@program(rng.standard_normal((5, 2)))
def pairwise_energy(points):
    energy = 0.0
    for i in range(len(points)):
        for j in range(i + 1, len(points)):
            d = points[i] - points[j]
            energy += 1.0 / np.sqrt(np.dot(d, d) + 0.1)
    return energy


@program(rng.standard_normal(4), rng.standard_normal((3, 4)), np.array([1.0, 0.0, 1.0]))
def huber(w, A, targets):
    r = A @ w - targets
    small = np.abs(r) < 1.0
    return np.sum(np.where(small, 0.5 * r * r, np.abs(r) - 0.5))
