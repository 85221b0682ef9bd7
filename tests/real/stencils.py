"""Finite differences on grids: explicit and implicit time steps, relaxation, limiters, staggered fields."""

from __future__ import annotations

import numpy as np

from real.registry import real


@real(lambda r: (r.random(9), 0.2, 5), "u alpha", writes="u")
def heat_1d(u, alpha, steps):
    for _ in range(steps):
        u[1:-1] += alpha * (u[2:] - 2.0 * u[1:-1] + u[:-2])


@real(lambda r: (r.random((6, 5)), 0.1 + r.random((6, 5)), 0.1, 4), "u0 kappa dt")
def heat_2d(u0, kappa, dt, steps):
    """Two buffers that change places; the boundary is insulated."""
    old, new = u0.copy(), np.empty_like(u0)
    for _ in range(steps):
        new[1:-1, 1:-1] = old[1:-1, 1:-1] + dt * kappa[1:-1, 1:-1] * (
            old[2:, 1:-1] + old[:-2, 1:-1] + old[1:-1, 2:] + old[1:-1, :-2] - 4.0 * old[1:-1, 1:-1]
        )
        new[0] = new[1]
        new[-1] = new[-2]
        new[:, 0] = new[:, 1]
        new[:, -1] = new[:, -2]
        old, new = new, old
    return old


@real(lambda r: (3, r.random((5, 4, 6)), r.random((5, 4, 6))), "A B", writes="A B")
def heat_3d(steps, A, B):
    for _ in range(1, steps):
        B[1:-1, 1:-1, 1:-1] = (
            0.125 * (A[2:, 1:-1, 1:-1] - 2.0 * A[1:-1, 1:-1, 1:-1] + A[:-2, 1:-1, 1:-1])
            + 0.125 * (A[1:-1, 2:, 1:-1] - 2.0 * A[1:-1, 1:-1, 1:-1] + A[1:-1, :-2, 1:-1])
            + 0.125 * (A[1:-1, 1:-1, 2:] - 2.0 * A[1:-1, 1:-1, 1:-1] + A[1:-1, 1:-1, :-2])
            + A[1:-1, 1:-1, 1:-1]
        )
        A[1:-1, 1:-1, 1:-1] = (
            0.125 * (B[2:, 1:-1, 1:-1] - 2.0 * B[1:-1, 1:-1, 1:-1] + B[:-2, 1:-1, 1:-1])
            + 0.125 * (B[1:-1, 2:, 1:-1] - 2.0 * B[1:-1, 1:-1, 1:-1] + B[1:-1, :-2, 1:-1])
            + 0.125 * (B[1:-1, 1:-1, 2:] - 2.0 * B[1:-1, 1:-1, 1:-1] + B[1:-1, 1:-1, :-2])
            + B[1:-1, 1:-1, 1:-1]
        )


@real(lambda r: (4, r.random(8), r.random(8)), "A B", writes="A B")
def jacobi_1d(steps, A, B):
    for _ in range(1, steps):
        B[1:-1] = 0.33333 * (A[:-2] + A[1:-1] + A[2:])
        A[1:-1] = 0.33333 * (B[:-2] + B[1:-1] + B[2:])


@real(lambda r: (3, r.random((6, 6)), r.random((6, 6))), "A B", writes="A")
def jacobi_2d(steps, A, B):
    for _ in range(1, steps):
        B[1:-1, 1:-1] = 0.2 * (A[1:-1, 1:-1] + A[1:-1, :-2] + A[1:-1, 2:] + A[2:, 1:-1] + A[:-2, 1:-1])
        A[1:-1, 1:-1] = 0.2 * (B[1:-1, 1:-1] + B[1:-1, :-2] + B[1:-1, 2:] + B[2:, 1:-1] + B[:-2, 1:-1])


@real(lambda r: (2, r.random((5, 6))), "A", writes="A")
def seidel_elements(sweeps, A):
    """Gauss-Seidel, one element after the other."""
    m, n = A.shape
    for _ in range(sweeps):
        for i in range(1, m - 1):
            for j in range(1, n - 1):
                A[i, j] = (
                    A[i - 1, j - 1] + A[i - 1, j] + A[i - 1, j + 1]
                    + A[i, j - 1] + A[i, j] + A[i, j + 1]
                    + A[i + 1, j - 1] + A[i + 1, j] + A[i + 1, j + 1]
                ) / 9.0  # fmt: skip


@real(lambda r: (2, 5, r.random((5, 5))), "A", writes="A")
def seidel_rows(sweeps, N, A):
    """The same sweep with what does not depend on the row itself taken as slices."""
    for _ in range(0, sweeps - 1):
        for i in range(1, N - 1):
            A[i, 1:-1] += (
                A[i - 1, :-2] + A[i - 1, 1:-1] + A[i - 1, 2:] + A[i, 2:] + A[i + 1, :-2] + A[i + 1, 1:-1] + A[i + 1, 2:]
            )
            for j in range(1, N - 1):
                A[i, j] += A[i, j - 1]
                A[i, j] /= 9.0


@real(lambda r: (r.random((7, 7)), r.random((7, 7)), 1.4, 3), "u f omega", writes="u")
def red_black_sor(u, f, omega, sweeps):
    """Successive over-relaxation of the Poisson equation in two colors of strided slices; returns the last residual."""

    def relax(i, j):
        above, below = u[i : -2 : 2, j + 1 : -1 : 2], u[i + 2 :: 2, j + 1 : -1 : 2]
        left, right = u[i + 1 : -1 : 2, j:-2:2], u[i + 1 : -1 : 2, j + 2 :: 2]
        here = u[i + 1 : -1 : 2, j + 1 : -1 : 2]
        change = 0.25 * (above + below + left + right - f[i + 1 : -1 : 2, j + 1 : -1 : 2]) - here
        here += omega * change
        return np.sum(change**2)

    residual = 0.0
    for _ in range(sweeps):
        residual = 0.0
        for i, j in ((0, 0), (1, 1), (0, 1), (1, 0)):
            residual += relax(i, j)
    return residual


@real(lambda r: (2, r.random((6, 6)), 0.6, 0.9), "u mu1 mu2", writes="u", slow=True)
def adi(steps, u, mu1, mu2):
    """Alternating directions: tridiagonal solves along columns, then along rows, with work arrays."""
    N = len(u)
    v, p, q = np.empty(u.shape), np.empty(u.shape), np.empty(u.shape)
    a, c = -mu1 / 2.0, -mu1 / 2.0
    b = 1.0 + mu1
    d, f = -mu2 / 2.0, -mu2 / 2.0
    e = 1.0 + mu2
    for _ in range(1, steps + 1):
        v[0, 1 : N - 1] = 1.0
        p[1 : N - 1, 0] = 0.0
        q[1 : N - 1, 0] = v[0, 1 : N - 1]
        for j in range(1, N - 1):
            p[1 : N - 1, j] = -c / (a * p[1 : N - 1, j - 1] + b)
            q[1 : N - 1, j] = (
                -d * u[j, 0 : N - 2] + (1.0 + 2.0 * d) * u[j, 1 : N - 1] - f * u[j, 2:N] - a * q[1 : N - 1, j - 1]
            ) / (a * p[1 : N - 1, j - 1] + b)
        v[N - 1, 1 : N - 1] = 1.0
        for j in range(N - 2, 0, -1):
            v[j, 1 : N - 1] = p[1 : N - 1, j] * v[j + 1, 1 : N - 1] + q[1 : N - 1, j]
        u[1 : N - 1, 0] = 1.0
        p[1 : N - 1, 0] = 0.0
        q[1 : N - 1, 0] = u[1 : N - 1, 0]
        for j in range(1, N - 1):
            p[1 : N - 1, j] = -f / (d * p[1 : N - 1, j - 1] + e)
            q[1 : N - 1, j] = (
                -a * v[0 : N - 2, j] + (1.0 + 2.0 * a) * v[1 : N - 1, j] - c * v[2:N, j] - d * q[1 : N - 1, j - 1]
            ) / (d * p[1 : N - 1, j - 1] + e)
        u[1 : N - 1, N - 1] = 1.0
        for j in range(N - 2, 0, -1):
            u[1 : N - 1, j] = p[1 : N - 1, j] * u[1 : N - 1, j + 1] + q[1 : N - 1, j]


@real(
    lambda r: (r.random((5, 6)), r.random((5, 6)), r.random((5, 6)), r.random(4)), "ex ey hz source", writes="ex ey hz"
)
def fdtd_2d(ex, ey, hz, source):
    """Maxwell's equations on a staggered grid; the first row is driven."""
    for t in range(len(source)):
        ey[0, :] = source[t]
        ey[1:, :] -= 0.5 * (hz[1:, :] - hz[:-1, :])
        ex[:, 1:] -= 0.5 * (hz[:, 1:] - hz[:, :-1])
        hz[:-1, :-1] -= 0.7 * (ex[:-1, 1:] - ex[:-1, :-1] + ey[1:, :-1] - ey[:-1, :-1])


@real(lambda r: (r.random((8, 8, 2)), r.random((4, 4, 2)), r.random((4, 4, 2))), "in_field out_field coeff", writes="out_field")
def horizontal_diffusion(in_field, out_field, coeff):
    """Fourth order diffusion; fluxes up the gradient are cut off."""
    m, n, _ = out_field.shape
    lap = 4.0 * in_field[1 : m + 3, 1 : n + 3, :] - (
        in_field[2 : m + 4, 1 : n + 3, :]
        + in_field[0 : m + 2, 1 : n + 3, :]
        + in_field[1 : m + 3, 2 : n + 4, :]
        + in_field[1 : m + 3, 0 : n + 2, :]
    )
    res = lap[1:, 1 : n + 1, :] - lap[:-1, 1 : n + 1, :]
    flx = np.where(res * (in_field[2 : m + 3, 2 : n + 2, :] - in_field[1 : m + 2, 2 : n + 2, :]) > 0, 0, res)
    res = lap[1 : m + 1, 1:, :] - lap[1 : m + 1, :-1, :]
    fly = np.where(res * (in_field[2 : m + 2, 2 : n + 3, :] - in_field[2 : m + 2, 1 : n + 2, :]) > 0, 0, res)
    out_field[:, :, :] = in_field[2 : m + 2, 2 : n + 2, :] - coeff[:, :, :] * (
        flx[1:, :, :] - flx[:-1, :, :] + fly[:, 1:, :] - fly[:, :-1, :]
    )


@real(lambda r: (0.5 + r.random(12), 0.1, 6), "u dt", writes="u")
def burgers(u, dt, steps):
    """Inviscid Burgers equation, upwind, in place, with an inflow value that is held."""
    for _ in range(steps):
        u[1:] -= dt * u[1:] * (u[1:] - u[:-1])


@real(lambda r: (r.random((4, 3, 5)), 0.1 * r.random((4, 3, 6)), r.random((4, 3, 5)), 0.3), "u w tend dt", writes="tend")
def vertical_advection(u, w, tend, dt):
    """Implicit advection along the last axis: one tridiagonal system for each column, swept with all columns at once."""
    m, n, levels = u.shape
    ccol, dcol = np.ndarray((m, n, levels)), np.ndarray((m, n, levels))
    data = np.ndarray((m, n))
    for k in range(levels):
        gcv = 0.25 * w[:, :, k + 1] if k < levels - 1 else 0.0
        gav = -0.25 * w[:, :, k] if k > 0 else 0.0
        right = tend[:, :, k] + u[:, :, k] / dt
        if k > 0:
            right -= 0.2 * gav * (u[:, :, k - 1] - u[:, :, k])
        if k < levels - 1:
            right -= 0.2 * gcv * (u[:, :, k + 1] - u[:, :, k])
        diagonal = 1.0 / dt - gav - gcv
        if k == 0:
            ccol[:, :, k] = gcv / diagonal
            dcol[:, :, k] = right / diagonal
        else:
            divided = 1.0 / (diagonal - ccol[:, :, k - 1] * gav)
            ccol[:, :, k] = gcv * divided
            dcol[:, :, k] = (right - dcol[:, :, k - 1] * gav) * divided
    for k in range(levels - 1, -1, -1):
        if k == levels - 1:
            data[:] = dcol[:, :, k]
        else:
            data[:] = dcol[:, :, k] - ccol[:, :, k] * data[:, :]
        tend[:, :, k] = (data - u[:, :, k]) / dt


@real(lambda r: (1.0 + 0.1 * r.random(8), 0.1 * r.random(9), 0.2, 5), "h q dt", writes="h q")
def shallow_water(h, q, dt, steps):
    """Height and flow on a staggered grid between two walls; helpers write into the arrays that they are given."""

    def walls(flow):
        flow[0] = flow[-1] = 0.0

    def advance(height, flow):
        middle = flow[1:-1]
        middle -= dt * 9.81 * 0.5 * (height[1:] + height[:-1]) * (height[1:] - height[:-1])
        walls(flow)
        height -= dt * np.diff(flow)

    for _ in range(steps):
        advance(h, q)


@real(lambda r: (np.array([1.3, -1.0, 0.4]), r.standard_normal((3, 4)), 0.1, 2), "speed u dt", writes="u")
def upwind_rows(speed, u, dt, steps):
    """Each row is carried in its own direction; only rows that move to the right steepen."""
    for _ in range(steps):
        for i in range(len(speed)):
            if speed[i] > 0.0:
                flux = u[i] * u[i]
                u[i, 1:] -= dt * flux[1:] * (flux[1:] - flux[:-1])
            else:
                u[i, :-1] -= dt * speed[i] * (u[i, 1:] - u[i, :-1])
