"""Programs over sequences and meshes as textbooks and blogs print them: early returns, dicts by time step, lists of rows."""

from __future__ import annotations

import numpy as np

from real.registry import real


@real(lambda r: (np.eye(4) * 4.0 + np.ones((4, 4)), r.random(4)), "A b")
def preconditioned(A, b, M=None, tol=1e-13, callback=None):
    """Conjugate gradients that return from inside of the loop, with a work array for each quantity."""
    x = np.zeros_like(b)
    r = b - A @ x
    solve = (lambda v: v / np.diag(A)) if M is None else M
    z = solve(r)
    p = z.copy()
    rz = r @ z
    norms = [np.linalg.norm(r)]
    for _ in range(2):
        if norms[-1] < tol:
            return x
        Ap = A @ p
        step = rz / (p @ Ap)
        x += step * p
        r -= step * Ap
        z = solve(r)
        rz_new = r @ z
        p *= rz_new / rz
        p += z
        rz = rz_new
        norms.append(np.linalg.norm(r))
        if callback:
            callback(x)
    return x


@real(lambda r: (r.random((3, 2)) * 0.3, r.random((3, 3)) * 0.3, r.random((2, 3)) * 0.3), "Wx Wh Wy", slow=True)
def recurrent_by_hand(Wx, Wh, Wy, inputs=(0, 1, 1), targets=(1, 1, 0)):
    """A network of characters and its gradient by hand; what happened at each step is kept in dicts."""
    xs, hs, ps = {}, {}, {}
    hs[-1] = np.zeros((3, 1))
    loss = 0
    for t in range(len(inputs)):
        xs[t] = np.zeros((2, 1))
        xs[t][inputs[t]] = 1
        hs[t] = np.tanh(np.dot(Wx, xs[t]) + np.dot(Wh, hs[t - 1]))
        y = np.dot(Wy, hs[t])
        ps[t] = np.exp(y) / np.sum(np.exp(y))
        loss += -np.log(ps[t][targets[t], 0])
    dWh = np.zeros_like(Wh)
    dh_next = np.zeros_like(hs[0])
    for t in reversed(range(len(inputs))):
        dy = np.copy(ps[t])
        dy[targets[t]] -= 1
        draw = (1 - hs[t] * hs[t]) * (np.dot(Wy.T, dy) + dh_next)
        dWh += np.dot(draw, hs[t - 1].T)
        dh_next = np.dot(Wh.T, draw)
    return loss, dWh


FACES = np.array([[0, 1, 2], [0, 2, 3], [0, 3, 1], [1, 3, 2]])


@real(lambda r: (np.eye(4)[:, :3] + 0.1 * r.random((4, 3)),), "V", slow=True)
def cotangent_laplacian(V):
    """Assembled face by face from the angles of a mesh."""
    n = len(V)
    L = np.zeros((n, n))
    for f in FACES:
        for k in range(3):
            i, j, m = f[k], f[(k + 1) % 3], f[(k + 2) % 3]
            u, w = V[i] - V[m], V[j] - V[m]
            half = np.dot(u, w) / np.linalg.norm(np.cross(u, w)) / 2
            L[i, j] -= half
            L[j, i] -= half
            L[i, i] += half
            L[j, j] += half
    return np.sum((L @ V) ** 2, axis=1)


@real(lambda r: (r.random((4, 4)), -0.8, 0.7), "score gap temperature")
def soft_alignment(score, gap, temperature, first="ACG", second="AGTC"):
    """Needleman and Wunsch's table, with a soft maximum, in a list of lists."""
    index = {c: k for k, c in enumerate("ACGT")}
    F = [[0.0] * (len(second) + 1) for _ in range(len(first) + 1)]
    for i in range(1, len(first) + 1):
        F[i][0] = gap * i
    for j in range(1, len(second) + 1):
        F[0][j] = gap * j
    for i, a in enumerate(first, start=1):
        for j, b in enumerate(second, start=1):
            options = np.array([F[i - 1][j - 1] + score[index[a], index[b]], F[i - 1][j] + gap, F[i][j - 1] + gap])
            F[i][j] = temperature * np.log(np.sum(np.exp(options / temperature)))
    return F[-1][-1]
