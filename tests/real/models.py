"""Models from several sciences: what their authors wrote first, before anybody wanted a derivative."""

from __future__ import annotations

import numpy as np

from real.registry import real


@real(lambda r: (r.random(8), 3), "x", writes="x")
def haar_lifting(x, levels):
    """The wavelet transform in place: each level works on every second entry of the one before."""
    for level in range(levels):
        step = 2**level
        even, odd = x[:: 2 * step], x[step :: 2 * step]
        odd -= even
        even += 0.5 * odd


@real(lambda r: (r.random(8),), "x", writes="x")
def haar_views(x):
    """The same with a name that moves from view to view."""
    smooth = x
    while len(smooth) > 1:
        even, odd = smooth[::2], smooth[1::2]
        odd -= even
        even += 0.5 * odd
        smooth = even


@real(lambda r: (1.0 + 0.1 * r.random(), 1.0, 0.05, 0.3, 6), "s0 strike rate sigma", step=1e-4)
def american_put(s0, strike, rate, sigma, n):
    """A binomial tree folded into one array, with early exercise."""
    dt = 1.0 / n
    up = np.exp(sigma * np.sqrt(dt))
    q = (np.exp(rate * dt) - 1.0 / up) / (up - 1.0 / up)
    discount = np.exp(-rate * dt)
    prices = s0 * up ** np.arange(-n, n + 1, 2)
    value = np.maximum(strike - prices, 0.0)
    for level in range(n - 1, -1, -1):
        value[: level + 1] = discount * (q * value[1 : level + 2] + (1.0 - q) * value[: level + 1])
        prices = prices[: level + 1] * up
        value[: level + 1] = np.maximum(value[: level + 1], strike - prices)
    return value[0]


@real(lambda r: (1.0 + 0.1 * r.random((9, 4, 5)), 0.7, 3), "f omega", writes="f")
def lattice_boltzmann(f, omega, steps):
    """Nine velocities: stream with periodic edges, relax to equilibrium; returns the density."""
    cx, cy = np.array([0, 1, 0, -1, 0, 1, -1, -1, 1]), np.array([0, 0, 1, 0, -1, 1, 1, -1, -1])
    w = np.array([4 / 9] + 4 * [1 / 9] + 4 * [1 / 36])
    for _ in range(steps):
        for k in range(9):
            f[k] = np.roll(np.roll(f[k], cx[k], axis=0), cy[k], axis=1)
        rho = np.sum(f, axis=0)
        ux = np.tensordot(cx, f, axes=1) / rho
        uy = np.tensordot(cy, f, axes=1) / rho
        for k in range(9):
            cu = 3.0 * (cx[k] * ux + cy[k] * uy)
            equilibrium = w[k] * rho * (1.0 + cu + 0.5 * cu**2 - 1.5 * (ux**2 + uy**2))
            f[k] += omega * (equilibrium - f[k])
    return f.sum(axis=0)


@real(lambda r: (0.8 + 0.2 * r.random((5, 5)), 0.2 * r.random((5, 5)), 0.04, 0.06, 3), "U V feed kill", writes="U V")
def gray_scott(U, V, feed, kill, steps):
    """Reaction and diffusion; the frame is copied from the other side after every step."""
    u, v = U[1:-1, 1:-1], V[1:-1, 1:-1]
    for _ in range(steps):
        Lu = U[:-2, 1:-1] + U[1:-1, :-2] - 4 * u + U[1:-1, 2:] + U[2:, 1:-1]
        Lv = V[:-2, 1:-1] + V[1:-1, :-2] - 4 * v + V[1:-1, 2:] + V[2:, 1:-1]
        uvv = u * v * v
        u += 0.16 * Lu - uvv + feed * (1 - u)
        v += 0.08 * Lv + uvv - (feed + kill) * v
        for Z in (U, V):
            Z[0, :] = Z[-2, :]
            Z[-1, :] = Z[1, :]
            Z[:, 0] = Z[:, -2]
            Z[:, -1] = Z[:, 1]


@real(lambda r: (1.0 + r.random(5), r.random(4), 0.1 + r.random(5)), "stiffness load springs")
def spring_assembly(stiffness, load, springs):
    """Element matrices are added into a global one by index pairs; the system is solved by elimination in place."""
    n = len(load)
    K = np.zeros((n + 2, n + 2))
    element = np.array([[1.0, -1.0], [-1.0, 1.0]])
    for e in range(len(stiffness)):
        dofs = [e, e + 1]
        K[np.ix_(dofs, dofs)] += stiffness[e] * element
    for e, k in enumerate(springs):
        K[e, e] += k
    free = K[1:-1, 1:-1].copy()
    u = load.copy()
    for k in range(n):
        for i in range(k + 1, n):
            factor = free[i, k] / free[k, k]
            free[i, k:] -= factor * free[k, k:]
            u[i] -= factor * u[k]
    for k in range(n - 1, -1, -1):
        u[k] = (u[k] - free[k, k + 1 :] @ u[k + 1 :]) / free[k, k]
    return u


@real(lambda r: (r.standard_normal((5, 1)), 0.1, 0.2, 0.1), "measured q noise dt")
def kalman_filter(measured, q, noise, dt):
    """Position and velocity from noisy positions; returns the negative log likelihood and the states."""
    F = np.array([[1.0, dt], [0.0, 1.0]])
    H = np.array([[1.0, 0.0]])
    Q = np.zeros((2, 2))
    Q[1, 1] = q
    x, P = np.zeros(2), np.eye(2)
    states = np.empty((len(measured), 2))
    loss = 0.0
    for t, z in enumerate(measured):
        x = F @ x
        P = F @ P @ F.T + Q
        S = H @ P @ H.T
        S += noise
        gain = (P @ H.T)[:, 0] / S[0, 0]
        innovation = z - H @ x
        x += gain * innovation[0]
        P -= np.outer(gain, H @ P)
        loss += 0.5 * (np.log(S[0, 0]) + innovation[0] ** 2 / S[0, 0])
        states[t] = x
    return loss, states


@real(lambda r: (r.random(6) * 4.0, 0.1 * r.standard_normal(6), 0.1, 2), "x v dt", writes="x v")
def particle_in_cell(x, v, dt, steps):
    """Charges are scattered to a grid, the field is gathered back; returns the energy of the field."""
    cells = 4
    energy = 0.0
    for _ in range(steps):
        left = np.floor(x).astype(int)
        part = x - left
        rho = np.zeros(cells)
        np.add.at(rho, left % cells, 1.0 - part)
        np.add.at(rho, (left + 1) % cells, part)
        field = np.cumsum(rho - rho.mean())
        field -= field.mean()
        v += dt * ((1.0 - part) * field[left % cells] + part * field[(left + 1) % cells])
        x += dt * v
        x %= cells
        energy += 0.5 * np.sum(field**2)
    return energy


def dense_network(parameters, x):
    hidden = np.tanh(x @ parameters["W"] + parameters["b"])
    return hidden @ parameters["V"]


@real(
    lambda r: (
        {"W": r.standard_normal((2, 3)), "b": r.standard_normal(3), "V": r.standard_normal(3)},
        0.05, r.standard_normal((5, 2)), r.standard_normal(5), 3,
    ),
    "parameters rate",
)  # fmt: skip
def training(parameters, rate, x, y, steps):
    """Adam with gradients by hand; moments and parameters live in dicts and are updated in place; the final loss."""
    theta = {name: value.copy() for name, value in parameters.items()}
    m = {name: np.zeros_like(value) for name, value in theta.items()}
    v = {name: np.zeros_like(value) for name, value in theta.items()}
    for t in range(1, steps + 1):
        hidden = np.tanh(x @ theta["W"] + theta["b"])
        error = (hidden @ theta["V"] - y) / len(y)
        back = np.outer(error, theta["V"]) * (1.0 - hidden**2)
        grads = {"W": x.T @ back, "b": back.sum(axis=0), "V": hidden.T @ error}
        for name, g in grads.items():
            m[name] *= 0.9
            m[name] += 0.1 * g
            v[name] *= 0.99
            v[name] += 0.01 * g * g
            theta[name] -= rate * (m[name] / (1 - 0.9**t)) / (np.sqrt(v[name] / (1 - 0.99**t)) + 1e-3)
    return np.mean((dense_network(theta, x) - y) ** 2)


@real(lambda r: (0.5 * r.standard_normal((4, 3)), 1.0 + r.random(4)), "angles lengths")
def kinematic_chain(angles, lengths):
    """Bones with three angles each: transforms are filled, collected in a list, and multiplied along the chain."""

    def transform(a, length):
        T = np.eye(4)
        cx, sx, cy, sy, cz, sz = np.cos(a[0]), np.sin(a[0]), np.cos(a[1]), np.sin(a[1]), np.cos(a[2]), np.sin(a[2])
        T[0, :3] = cy * cz, -cy * sz, sy
        T[1, :3] = sx * sy * cz + cx * sz, cx * cz - sx * sy * sz, -sx * cy
        T[2, :3] = sx * sz - cx * sy * cz, cx * sy * sz + sx * cz, cx * cy
        T[:3, 3] = length * T[:3, 0]
        return T

    absolutes = []
    for a, length in zip(angles, lengths, strict=True):
        relative = transform(a, length)
        absolutes.append(relative if not absolutes else absolutes[-1] @ relative)
    ends = np.zeros((len(absolutes), 3))
    for i, T in enumerate(absolutes):
        ends[i] = T[:3, 3]
    return ends


@real(lambda r: (r.standard_normal((3, 3)), r.standard_normal((3, 4)), np.array([0, 2, 1, 3, 3])), "transition emission")
def hidden_markov(transition, emission, symbols):
    """The forward algorithm with rows that are normalized in place."""
    A = np.exp(transition)
    A /= A.sum(axis=1, keepdims=True)
    B = np.exp(emission)
    B /= B.sum(axis=1)[:, np.newaxis]
    alpha = np.zeros((len(symbols), len(A)))
    alpha[0] = B[:, symbols[0]] / len(A)
    scale = np.zeros(len(symbols))
    scale[0] = alpha[0].sum()
    alpha[0] /= scale[0]
    for t in range(1, len(symbols)):
        alpha[t] = (alpha[t - 1] @ A) * B[:, symbols[t]]
        scale[t] = alpha[t].sum()
        alpha[t] /= scale[t]
    return np.log(scale).sum()


@real(lambda r: (r.random((4, 4)), r.random(4), r.random(4), r.random(4), r.random(4)), "A x1 x2 y1 y2", writes="x1 x2")
def mvt(A, x1, x2, y1, y2):
    x1 += A @ y1
    x2 += y2 @ A


@real(lambda r: (1.5, 1.2, r.random((3, 4)), r.random((3, 2)), r.random((2, 4))), "alpha beta C A B", writes="C")
def gemm(alpha, beta, C, A, B):
    C[:] = alpha * A @ B + beta * C


@real(lambda r: (r.random((5, 5)),), "a")
def trace_of_tanh(a):
    trace = 0.0
    for i in range(a.shape[0]):
        trace += np.tanh(a[i, i])
    return a + trace


@real(lambda r: (r.random((2, 4)), r.random((4, 3)), r.random(3), r.random((3, 2)), r.random(2)), "x w1 b1 w2 b2")
def perceptron(x, w1, b1, w2, b2):
    """Two layers; the softmax is taken in place of its input."""

    def softmax(v):
        v -= np.max(v, axis=-1, keepdims=True)
        np.exp(v, out=v)
        v /= np.sum(v, axis=-1, keepdims=True)
        return v

    return softmax(np.maximum(x @ w1 + b1, 0) @ w2 + b2)
