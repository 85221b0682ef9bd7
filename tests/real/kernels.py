"""Kernels of benchmark suites for numerical Python, as their authors write them."""

from __future__ import annotations

import numpy as np

from real.registry import real


@real(lambda r: (r.standard_normal((2, 3, 4)),), "x")
def softmax(x):
    tmp_max = np.max(x, axis=-1, keepdims=True)
    tmp_out = np.exp(x - tmp_max)
    tmp_sum = np.sum(tmp_out, axis=-1, keepdims=True)
    return tmp_out / tmp_sum


@real(lambda r: (r.random((5, 4)) * 5.0, r.random((5, 4)) * 5.0, 4.0, 3.0, 9.0), "array_1 array_2 a b c")
def clipping(array_1, array_2, a, b, c):
    return np.clip(array_1, 2, 10) * a + array_2 * b + c


def scattering_inputs(r):
    return (np.array([[0, 2], [1, 0], [2, 1]]), r.random((2, 3, 3, 2, 2)), r.random((2, 2, 2, 2)), r.random((3, 2, 2, 2, 2)),
            np.zeros((2, 3, 3, 2, 2)))  # fmt: skip


@real(scattering_inputs, "G D dH Sigma", writes="Sigma")
def scattering_self_energies(neigh_idx, G, D, dH, Sigma):
    for k in range(G.shape[0]):
        for E in range(G.shape[1]):
            for q in range(D.shape[0]):
                for w in range(D.shape[1]):
                    for i in range(D.shape[-2]):
                        for j in range(D.shape[-1]):
                            for a in range(neigh_idx.shape[0]):
                                for b in range(neigh_idx.shape[1]):
                                    if E - w >= 0:
                                        dHG = G[k, E - w, neigh_idx[a, b]] @ dH[a, b, i]
                                        dHD = dH[a, b, j] * D[q, w, i, j]
                                        Sigma[k, E, a] += dHG @ dHD


@real(lambda r: (r.random((4, 5)), r.random(5)), "A x")
def atax(A, x):
    return (A @ x) @ A


@real(lambda r: (r.random((4, 5)), r.random(5), r.random(4)), "A p r")
def bicg(A, p, r):
    return r @ A, A @ p


@real(lambda r: (1.5, 1.2, r.random((4, 4)), r.random((4, 4)), r.random(4)), "alpha beta A B x")
def gesummv(alpha, beta, A, B, x):
    return alpha * A @ x + beta * B @ x


@real(lambda r: (1.5, 1.2, r.random((3, 4)), r.random((4, 2)), r.random((2, 5)), r.random((3, 5))),
      "alpha beta A B C D", writes="D")  # fmt: skip
def two_products(alpha, beta, A, B, C, D):
    D[:] = alpha * A @ B @ C + beta * D


def match(b1, b2):
    if b1 + b2 == 3:
        return 1
    else:
        return 0


@real(lambda r: (np.array([0, 3, 1, 2, 0, 3]), 1.0 + r.random((6, 6))), "score")
def nussinov(seq, score):
    N = len(seq)
    table = np.zeros((N, N))
    for i in range(N - 1, -1, -1):
        for j in range(i + 1, N):
            if j - 1 >= 0:
                table[i, j] = np.maximum(table[i, j], table[i, j - 1])
            if i + 1 < N:
                table[i, j] = np.maximum(table[i, j], table[i + 1, j])
            if j - 1 >= 0 and i + 1 < N:
                if i < j - 1:
                    table[i, j] = np.maximum(table[i, j], table[i + 1, j - 1] + match(seq[i], seq[j]) * score[i, j])
                else:
                    table[i, j] = np.maximum(table[i, j], table[i + 1, j - 1])
            for k in range(i + 1, j):
                table[i, j] = np.maximum(table[i, j], table[i, k] + table[k + 1, j])
    return table


@real(lambda r: (-2.0 + 0.01 * r.random(), 0.5, -1.2 + 0.01 * r.random(), 1.2, 5, 4, 3, 2.0), "xmin xmax ymin ymax", step=1e-4)
def mandelbrot_masked(xmin, xmax, ymin, ymax, xn, yn, maxiter, horizon):
    X = np.linspace(xmin, xmax, xn)
    Y = np.linspace(ymin, ymax, yn)
    C = X + Y[:, None] * 1j
    N = np.zeros(C.shape, dtype=np.int64)
    Z = np.zeros(C.shape, dtype=np.complex128)
    for n in range(maxiter):
        I = np.less(abs(Z), horizon)  # noqa: E741
        N[I] = n
        Z[I] = Z[I] ** 2 + C[I]
    return np.real(Z), np.abs(Z) * N


def get_bin_edges(a, bins):
    bin_edges = np.zeros((bins + 1,), dtype=np.float64)
    a_min = a.min()
    a_max = a.max()
    delta = (a_max - a_min) / bins
    for i in range(bin_edges.shape[0]):
        bin_edges[i] = a_min + i * delta
    bin_edges[-1] = a_max
    return bin_edges


@real(lambda r: (r.random(20), r.random(20), 4), "data")
def azimuthal_masks(data, radius, npt):
    edges = get_bin_edges(radius, npt)
    res = np.zeros(npt, dtype=np.float64)
    for i in range(npt):
        mask_r12 = np.logical_and((edges[i] <= radius), (radius < edges[i + 1]))
        on_values = 0
        tmp = np.float64(0)
        for j in range(data.shape[0]):
            if mask_r12[j]:
                tmp += data[j]
                on_values += 1
        res[i] = tmp / on_values
    return res


def stockham_inputs(r):
    return r.standard_normal(8), r.standard_normal(8), 8, 2, 3, np.zeros(8, dtype=np.complex128)


@real(stockham_inputs, "re im")
def stockham(re, im, N, R, K, y):
    x = re + 1j * im
    i_coord = np.zeros((R, R), dtype=np.int64) + np.arange(R)[:, None]
    j_coord = np.zeros((R, R), dtype=np.int64) + np.arange(R)[None, :]
    dft_mat = np.exp(-2.0j * np.pi * i_coord * j_coord / R)
    y = y + x
    ii_coord, jj_coord = np.zeros((R, R**K), dtype=np.int64), np.zeros((R, R**K), dtype=np.int64)
    ii_coord[:], jj_coord[:] = np.arange(R)[:, None], np.arange(R**K)
    for i in range(K):
        yv = np.reshape(y, (R**i, R, R ** (K - i - 1)))
        tmp_perm = np.transpose(yv, axes=(1, 0, 2))
        D = np.empty((R, R**i, R ** (K - i - 1)), dtype=np.complex128)
        tmp = np.exp(-2.0j * np.pi * ii_coord[:, : R**i] * jj_coord[:, : R**i] / R ** (i + 1))
        D[:] = np.repeat(np.reshape(tmp, (R, R**i, 1)), R ** (K - i - 1), axis=2)
        tmp_twid = np.reshape(tmp_perm, (N,)) * np.reshape(D, (N,))
        y = np.reshape(dft_mat @ np.reshape(tmp_twid, (R, R ** (K - 1))), (N,))
    return np.real(y), np.imag(y)


@real(lambda r: (r.random((6, 3)), r.random((6, 4)), 0.3), "X Y gamma")
def kernel_mean(X, Y, gamma):
    K = np.empty((X.shape[1], Y.shape[1]))
    for i in range(X.shape[1]):
        for j in range(Y.shape[1]):
            diff = X[:, i] - Y[:, j]
            K[i, j] = np.exp(-gamma * np.dot(diff, diff))
    return K.mean(axis=0)


@real(lambda r: (r.random((4, 4)), np.zeros((4, 4)), 0.1, 3), "grid", writes="grid")
def ping_pong(grid, other, k, steps):
    buffers = [grid, other]
    for t in range(steps):
        a, b = buffers[t % 2], buffers[(t + 1) % 2]
        b[1:-1, 1:-1] = a[1:-1, 1:-1] + k * a[2:, 1:-1] * a[:-2, 1:-1]
        b[0], b[-1] = a[0], a[-1]
        b[1:-1, 0], b[1:-1, -1] = a[1:-1, 0], a[1:-1, -1]
    grid[:] = buffers[steps % 2]


def quicksort(a, low, high):
    if low < high:
        pivot, i = a[high], low
        for j in range(low, high):
            if a[j] < pivot:
                a[i], a[j] = a[j], a[i]
                i += 1
        a[i], a[high] = a[high], a[i]
        quicksort(a, low, i - 1)
        quicksort(a, i + 1, high)


@real(lambda r: (r.random(6),), "x", slow=True)
def sorted_squares(x):
    y = x * x
    quicksort(y, 0, len(y) - 1)
    return y * np.arange(1.0, len(y) + 1)


def v_cycle(u, f, h):
    if len(u) <= 3:
        u[1] = 0.5 * (u[0] + u[2] + h * h * f[1])
        return
    for _ in range(2):
        u[1:-1] = 0.5 * (u[:-2] + u[2:] + h * h * f[1:-1])
    residual = np.zeros_like(u)
    residual[1:-1] = f[1:-1] + (u[2:] - 2.0 * u[1:-1] + u[:-2]) / h**2
    coarse = np.zeros((len(u) + 1) // 2)
    v_cycle(coarse, residual[::2].copy(), 2.0 * h)
    u[::2] += coarse
    u[1:-1:2] += 0.5 * (coarse[:-1] + coarse[1:])


@real(lambda r: (np.zeros(9), r.random(9), 0.125), "u f", writes="u", slow=True)
def multigrid(u, f, h):
    v_cycle(u, f, h)
    v_cycle(u, f, h)
