"""Flow in a box under a moving lid, and its adjoint by hand.

In: velocities, pressure, density and viscosity, and the numbers of steps. Out: a number; by hand, the number and the
gradient. The pressure iteration is linear: nothing of it is recorded.

    value, (u_bar, v_bar, p_bar, rho_bar, nu_bar) = cavity_by_hand(*inputs(41))
"""

from __future__ import annotations

import numpy as np


def build_up_b(b, rho, dt, u, v, dx, dy):
    b[1:-1, 1:-1] = rho * (
        1 / dt * ((u[1:-1, 2:] - u[1:-1, 0:-2]) / (2 * dx) + (v[2:, 1:-1] - v[0:-2, 1:-1]) / (2 * dy))
        - ((u[1:-1, 2:] - u[1:-1, 0:-2]) / (2 * dx)) ** 2
        - 2 * ((u[2:, 1:-1] - u[0:-2, 1:-1]) / (2 * dy) * (v[1:-1, 2:] - v[1:-1, 0:-2]) / (2 * dx))
        - ((v[2:, 1:-1] - v[0:-2, 1:-1]) / (2 * dy)) ** 2
    )


def pressure_poisson(nit, p, dx, dy, b):
    for _ in range(nit):
        pn = p.copy()
        p[1:-1, 1:-1] = ((pn[1:-1, 2:] + pn[1:-1, 0:-2]) * dy**2 + (pn[2:, 1:-1] + pn[0:-2, 1:-1]) * dx**2) / (
            2 * (dx**2 + dy**2)
        ) - dx**2 * dy**2 / (2 * (dx**2 + dy**2)) * b[1:-1, 1:-1]
        p[:, -1] = p[:, -2]
        p[0, :] = p[1, :]
        p[:, 0] = p[:, 1]
        p[-1, :] = 0


def walls(u, v):
    u[0, :] = 0
    u[:, 0] = 0
    u[:, -1] = 0
    u[-1, :] = 1
    v[0, :] = 0
    v[-1, :] = 0
    v[:, 0] = 0
    v[:, -1] = 0


def cavity(u0, v0, p0, rho, nu, steps, nit, dt, dx, dy):
    u, v, p = u0.copy(), v0.copy(), p0.copy()
    b = np.zeros_like(u)
    for _ in range(steps):
        un, vn = u.copy(), v.copy()
        build_up_b(b, rho, dt, u, v, dx, dy)
        pressure_poisson(nit, p, dx, dy, b)
        u[1:-1, 1:-1] = (
            un[1:-1, 1:-1]
            - un[1:-1, 1:-1] * dt / dx * (un[1:-1, 1:-1] - un[1:-1, 0:-2])
            - vn[1:-1, 1:-1] * dt / dy * (un[1:-1, 1:-1] - un[0:-2, 1:-1])
            - dt / (2 * rho * dx) * (p[1:-1, 2:] - p[1:-1, 0:-2])
            + nu
            * (
                dt / dx**2 * (un[1:-1, 2:] - 2 * un[1:-1, 1:-1] + un[1:-1, 0:-2])
                + dt / dy**2 * (un[2:, 1:-1] - 2 * un[1:-1, 1:-1] + un[0:-2, 1:-1])
            )
        )
        v[1:-1, 1:-1] = (
            vn[1:-1, 1:-1]
            - un[1:-1, 1:-1] * dt / dx * (vn[1:-1, 1:-1] - vn[1:-1, 0:-2])
            - vn[1:-1, 1:-1] * dt / dy * (vn[1:-1, 1:-1] - vn[0:-2, 1:-1])
            - dt / (2 * rho * dy) * (p[2:, 1:-1] - p[0:-2, 1:-1])
            + nu
            * (
                dt / dx**2 * (vn[1:-1, 2:] - 2 * vn[1:-1, 1:-1] + vn[1:-1, 0:-2])
                + dt / dy**2 * (vn[2:, 1:-1] - 2 * vn[1:-1, 1:-1] + vn[0:-2, 1:-1])
            )
        )
        walls(u, v)
    return np.sum(u * u) + np.sum(v * v) + np.sum(p * p)


# --- the adjoint ------------------------------------------------------------------------------------------------------------

IN = (slice(1, -1), slice(1, -1))
EAST, WEST = (slice(1, -1), slice(2, None)), (slice(1, -1), slice(0, -2))
NORTH, SOUTH = (slice(2, None), slice(1, -1)), (slice(0, -2), slice(1, -1))


def cavity_by_hand(u0, v0, p0, rho, nu, steps, nit, dt, dx, dy):
    u, v, p = u0.copy(), v0.copy(), p0.copy()
    b = np.zeros_like(u)
    cx, cy, ax, ay = dt / dx, dt / dy, dt / dx**2, dt / dy**2
    tape = []
    for _ in range(steps):
        un, vn = u.copy(), v.copy()
        ux, uy = (u[EAST] - u[WEST]) / (2 * dx), (u[NORTH] - u[SOUTH]) / (2 * dy)
        vx, vy = (v[EAST] - v[WEST]) / (2 * dx), (v[NORTH] - v[SOUTH]) / (2 * dy)
        source = (ux + vy) / dt - ux**2 - 2 * (uy * vx) - vy**2
        b[IN] = rho * source
        pressure_poisson(nit, p, dx, dy, b)
        px, py = p[EAST] - p[WEST], p[NORTH] - p[SOUTH]
        ui, vi = un[IN], vn[IN]
        du, eu = ui - un[WEST], ui - un[SOUTH]
        dv, ev = vi - vn[WEST], vi - vn[SOUTH]
        lu = ax * (un[EAST] - 2 * ui + un[WEST]) + ay * (un[NORTH] - 2 * ui + un[SOUTH])
        lv = ax * (vn[EAST] - 2 * vi + vn[WEST]) + ay * (vn[NORTH] - 2 * vi + vn[SOUTH])
        u[IN] = ui - ui * cx * du - vi * cy * eu - dt / (2 * rho * dx) * px + nu * lu
        v[IN] = vi - ui * cx * dv - vi * cy * ev - dt / (2 * rho * dy) * py + nu * lv
        walls(u, v)
        tape.append((ui, vi, ux, uy, vx, vy, source, px, py, du, eu, dv, ev, lu, lv))
    value = np.sum(u * u) + np.sum(v * v) + np.sum(p * p)

    u_bar, v_bar, p_bar = 2.0 * u, 2.0 * v, 2.0 * p
    rho_bar = nu_bar = 0.0
    while tape:
        ui, vi, ux, uy, vx, vy, source, px, py, du, eu, dv, ev, lu, lv = tape.pop()
        U, V = u_bar[IN], v_bar[IN]
        nu_bar += np.sum(U * lu) + np.sum(V * lv)
        kx, ky = dt / (2 * rho * dx), dt / (2 * rho * dy)
        rho_bar += (kx * np.sum(U * px) + ky * np.sum(V * py)) / rho
        xU, yV = kx * U, ky * V
        p_bar[EAST] -= xU
        p_bar[WEST] += xU
        p_bar[NORTH] -= yV
        p_bar[SOUTH] += yV
        un_bar = momentum_pullback(U, ui, vi, du, eu, nu, cx, cy, ax, ay)
        vn_bar = momentum_pullback(V, ui, vi, dv, ev, nu, cx, cy, ax, ay)
        un_bar[IN] -= cx * (U * du + V * dv)
        vn_bar[IN] -= cy * (U * eu + V * ev)
        source_bar = poisson_pullback(nit, p_bar, dx, dy)
        rho_bar += np.sum(source_bar * source)
        source_bar *= rho
        spread(un_bar, EAST, WEST, source_bar * (1 / dt - 2 * ux) / (2 * dx))
        spread(un_bar, NORTH, SOUTH, source_bar * vx / -dy)
        spread(vn_bar, EAST, WEST, source_bar * uy / -dx)
        spread(vn_bar, NORTH, SOUTH, source_bar * (1 / dt - 2 * vy) / (2 * dy))
        u_bar, v_bar = un_bar, vn_bar
    return value, (u_bar, v_bar, p_bar, rho_bar, nu_bar)


def spread(bar, ahead, behind, difference_bar):
    bar[ahead] += difference_bar
    bar[behind] -= difference_bar


def momentum_pullback(W, ui, vi, d, e, nu, cx, cy, ax, ay):
    """The cotangent of the field that is transported, where W is the one of its new values inside."""
    bar = np.zeros((W.shape[0] + 2, W.shape[1] + 2))
    west, south = cx * ui * W, cy * vi * W
    wide, high = nu * ax * W, nu * ay * W
    bar[IN] = W - west - south - 2 * (wide + high)
    west += wide
    south += high
    bar[WEST] += west
    bar[SOUTH] += south
    bar[EAST] += wide
    bar[NORTH] += high
    return bar


def poisson_pullback(nit, p_bar, dx, dy):
    """Take the cotangent of the pressure back through the sweeps, in place; return the one of the right side."""
    scale = 2 * (dx**2 + dy**2)
    kx, ky, kb = dy**2 / scale, dx**2 / scale, dx**2 * dy**2 / scale
    b_bar = np.zeros((p_bar.shape[0] - 2, p_bar.shape[1] - 2))
    for _ in range(nit):
        p_bar[-1, :] = 0.0
        p_bar[:, 1] += p_bar[:, 0]
        p_bar[:, 0] = 0.0
        p_bar[1, :] += p_bar[0, :]
        p_bar[0, :] = 0.0
        p_bar[:, -2] += p_bar[:, -1]
        p_bar[:, -1] = 0.0
        inner = p_bar[IN].copy()
        b_bar -= kb * inner
        p_bar[IN] = 0.0
        wide, high = kx * inner, ky * inner
        p_bar[EAST] += wide
        p_bar[WEST] += wide
        p_bar[NORTH] += high
        p_bar[SOUTH] += high
    return b_bar


def inputs(n):
    """A square grid of n points a side, slightly stirred."""
    rng = np.random.default_rng(4)
    u, v, p = (0.01 * rng.random((n, n)) for _ in range(3))
    return u, v, p, 1.0, 0.1, 20, 50, 0.001, 2.0 / (n - 1), 2.0 / (n - 1)
