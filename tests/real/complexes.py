"""Programs of real arguments and results that compute with complex numbers between them."""

from __future__ import annotations

import numpy as np

from real.registry import real


def stockham(N, R, K, x, y):
    """The transform of x, of length N = R**K, is left in y: radix R, self-sorting, all by reshape."""
    i_coord, j_coord = np.mgrid[0:R, 0:R]
    dft_mat = np.exp(-2.0j * np.pi * i_coord * j_coord / R)
    y[:] = x[:]
    ii_coord, jj_coord = np.mgrid[0:R, 0 : R**K]
    tmp_perm = np.ndarray((R, R ** (K - 1)), dtype=np.complex128)
    for i in range(K):
        yv = np.reshape(y, (R**i, R, R ** (K - i - 1)))
        tmp_perm = np.transpose(yv, axes=(1, 0, 2))
        D = np.empty((R, R**i, R ** (K - i - 1)), dtype=np.complex128)
        tmp = np.exp(-2.0j * np.pi * ii_coord[:, : R**i] * jj_coord[:, : R**i] / R ** (i + 1))
        D[:] = np.repeat(np.reshape(tmp, (R, R**i, 1)), R ** (K - i - 1), axis=2)
        tmp_twid = np.reshape(tmp_perm, (N,)) * np.reshape(D, (N,))
        y[:] = np.reshape(dft_mat @ np.reshape(tmp_twid, (R, R ** (K - 1))), (N,))


@real(lambda r: (r.standard_normal(8), r.standard_normal(8), 2, 3), "re im")
def power_spectrum(re, im, R, K):
    """Squared absolute values of the transform by Stockham's algorithm."""
    x = re + 1j * im
    y = np.empty(R**K, dtype=np.complex128)
    stockham(R**K, R, K, x, y)
    return y.real**2 + y.imag**2


@real(lambda r: (0.1 * r.standard_normal((3, 4, 4)), r.random((4, 2)), 6), "H V", step=3e-4)
def contour_integral(H, V, points):
    """The resolvent of a polynomial of matrices, integrated over a circle: one complex system for each point."""
    P0 = np.zeros((4, 2), dtype=np.complex128)
    for k in range(points):
        z = 2.0 * np.exp(2j * np.pi * (k + 0.5) / points)
        T = np.zeros((4, 4), dtype=np.complex128)
        for n in range(len(H)):
            T += z**n * H[n]
        T += np.diag(np.full(4, 0.5)) * z
        X = np.linalg.solve(T, V)
        P0 += z * X
    return np.real(P0) / points, np.imag(P0)


@real(lambda r: (np.linspace(0.0, 0.4, 5) + 0.01 * r.random(5), np.linspace(0.0, 0.3, 5), 4), "re im", step=1e-4)
def escape(re, im, steps):
    """Iterations of z**2 + c in place, frozen where they have left the disk."""
    c = re + im * 1j
    z = np.zeros(c.shape, dtype=np.complex128)
    for _ in range(steps):
        inside = np.abs(z) < 2.0
        z[inside] = z[inside] ** 2 + c[inside]
    return np.abs(z)


@real(lambda r: (r.standard_normal(6), 0.1, 0.5 + r.random(6), 3), "re dt V")
def split_step(re, dt, V, steps):
    """A wave packet in a potential: half a phase, a hop to the neighbors, half a phase; returns the density."""
    psi = re.astype(complex)
    psi /= np.sqrt(np.sum(np.abs(psi) ** 2))
    half = np.exp(-0.5j * dt * V)
    for _ in range(steps):
        psi *= half
        psi[1:-1] += 0.1j * (psi[2:] + psi[:-2])
        psi *= half
    return np.abs(psi) ** 2
