"""Programs that overwrite their arrays, each with the adjoint that a careful person writes by hand.

In: nothing. Out: `SIMULATIONS`; each makes its arguments for a size, and its hand-written adjoint returns the value and
the gradient. Only what the adjoint reads and the program overwrites is recorded.

    s.hand(*s.inputs(s.size))          what wengert's value_and_grad is measured against
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import flow


@dataclass(frozen=True)
class Simulation:
    """`inputs` makes arguments for a size of the grid; `small` is a size for differences; `target` the ratio aimed for."""

    name: str
    primal: Callable[..., Any]
    hand: Callable[..., Any]
    inputs: Callable[[int], tuple[Any, ...]]
    size: int
    small: int
    argnums: int | tuple[int, ...] = 0
    target: float = 1.3


# --- heat equation: linear in u; the Laplacian is read for the cotangent of alpha --------------------------------------------


def heat(u0, alpha, steps):
    u = u0.copy()
    for _ in range(steps):
        u[1:-1] += alpha * (u[2:] - 2.0 * u[1:-1] + u[:-2])
    return np.sum(u * u)


def heat_by_hand(u0, alpha, steps):
    u = u0.copy()
    tape = []
    for _ in range(steps):
        laplacian = u[2:] - 2.0 * u[1:-1] + u[:-2]
        tape.append(laplacian)
        u[1:-1] += alpha * laplacian
    value = np.sum(u * u)
    u_bar = 2.0 * u
    alpha_bar = 0.0
    for laplacian in reversed(tape):
        inner_bar = u_bar[1:-1]
        alpha_bar += inner_bar @ laplacian
        laplacian_bar = alpha * inner_bar
        u_bar[:-2] += laplacian_bar
        u_bar[2:] += laplacian_bar
        inner_bar -= 2.0 * laplacian_bar
    return value, (u_bar, alpha_bar)


# --- Gauss-Seidel, element by element: nothing is recorded -------------------------------------------------------------------


def seidel(a0, sweeps):
    a = a0.copy()
    n = a.shape[0]
    for _ in range(sweeps):
        for i in range(1, n - 1):
            for j in range(1, n - 1):
                a[i, j] = (a[i - 1, j] + a[i, j - 1] + a[i, j] + a[i, j + 1] + a[i + 1, j]) / 5.0
    return np.sum(a * a)


def seidel_by_hand(a0, sweeps):
    a = a0.copy()
    n = a.shape[0]
    for _ in range(sweeps):
        for i in range(1, n - 1):
            for j in range(1, n - 1):
                a[i, j] = (a[i - 1, j] + a[i, j - 1] + a[i, j] + a[i, j + 1] + a[i + 1, j]) / 5.0
    value = np.sum(a * a)
    a_bar = 2.0 * a
    for _ in range(sweeps):
        for i in range(n - 2, 0, -1):
            for j in range(n - 2, 0, -1):
                v_bar = a_bar[i, j] / 5.0
                a_bar[i, j] = v_bar
                a_bar[i - 1, j] += v_bar
                a_bar[i, j - 1] += v_bar
                a_bar[i, j + 1] += v_bar
                a_bar[i + 1, j] += v_bar
    return value, a_bar


# --- LU in place: the factors are what the adjoint reads, and they are not overwritten once they are final --------------------


def lu(a0):
    a = a0.copy()
    n = a.shape[0]
    for k in range(n):
        for i in range(k + 1, n):
            a[i, k] /= a[k, k]
            a[i, k + 1 :] -= a[i, k] * a[k, k + 1 :]
    return np.sum(np.log(np.abs(np.diag(a))))


def lu_by_hand(a0):
    a = a0.copy()
    n = a.shape[0]
    for k in range(n):
        for i in range(k + 1, n):
            a[i, k] /= a[k, k]
            a[i, k + 1 :] -= a[i, k] * a[k, k + 1 :]
    diagonal = np.diag(a)
    value = np.sum(np.log(np.abs(diagonal)))
    a_bar = np.diag(1.0 / diagonal)
    for k in range(n - 1, -1, -1):
        for i in range(n - 1, k, -1):
            factor_bar = a_bar[i, k] - a_bar[i, k + 1 :] @ a[k, k + 1 :]
            a_bar[k, k + 1 :] -= a[i, k] * a_bar[i, k + 1 :]
            factor_bar /= a[k, k]
            a_bar[i, k] = factor_bar
            a_bar[k, k] -= factor_bar * a[i, k]
    return value, a_bar


# --- many bodies: leapfrog in place; the matrices of separations are recorded -------------------------------------------------


def acceleration(pos, mass, softening):
    x, y, z = pos[:, 0:1], pos[:, 1:2], pos[:, 2:3]
    dx, dy, dz = x.T - x, y.T - y, z.T - z
    inv_r3 = dx**2 + dy**2 + dz**2 + softening**2
    inv_r3[inv_r3 > 0] = inv_r3[inv_r3 > 0] ** (-1.5)
    return np.hstack(((dx * inv_r3) @ mass, (dy * inv_r3) @ mass, (dz * inv_r3) @ mass))


def nbody(mass, pos0, vel0, steps, dt, softening):
    pos, vel = pos0.copy(), vel0.copy()
    acc = acceleration(pos, mass, softening)
    for _ in range(steps):
        vel += acc * dt / 2.0
        pos += vel * dt
        acc[:] = acceleration(pos, mass, softening)
        vel += acc * dt / 2.0
    return 0.5 * np.sum(mass * vel**2) + np.sum(pos**2)


def recorded_acceleration(pos, mass, softening):
    x, y, z = pos[:, 0:1], pos[:, 1:2], pos[:, 2:3]
    dx, dy, dz = x.T - x, y.T - y, z.T - z
    r2 = dx**2 + dy**2 + dz**2 + softening**2
    apart = r2 > 0
    inv_r3 = r2.copy()
    inv_r3[apart] = r2[apart] ** (-1.5)
    fx, fy, fz = dx * inv_r3, dy * inv_r3, dz * inv_r3
    return np.hstack((fx @ mass, fy @ mass, fz @ mass)), (dx, dy, dz, r2, apart, inv_r3, fx, fy, fz)


def acceleration_pullback(acc_bar, record, pos_bar, mass, mass_bar):
    """Add to the cotangents of the positions and the masses."""
    *d, r2, apart, inv_r3, fx, fy, fz = record
    inv_bar = np.zeros_like(r2)
    d_bars = []
    for k, f in enumerate((fx, fy, fz)):
        a_bar = acc_bar[:, k : k + 1]
        mass_bar += f.T @ a_bar
        f_bar = a_bar * mass.T
        d_bars.append(f_bar * inv_r3)
        inv_bar += f_bar * d[k]
    inv_bar[apart] *= -1.5 * inv_r3[apart] / r2[apart]
    inv_bar *= 2.0
    for k in range(3):
        d_bar = d_bars[k]
        d_bar += d[k] * inv_bar
        pos_bar[:, k] += np.sum(d_bar, axis=0) - np.sum(d_bar, axis=1)


def nbody_by_hand(mass, pos0, vel0, steps, dt, softening):
    pos, vel = pos0.copy(), vel0.copy()
    acc, record = recorded_acceleration(pos, mass, softening)
    tape = [record]
    for _ in range(steps):
        vel += acc * dt / 2.0
        pos += vel * dt
        acc, record = recorded_acceleration(pos, mass, softening)
        tape.append(record)
        vel += acc * dt / 2.0
    value = 0.5 * np.sum(mass * vel**2) + np.sum(pos**2)
    mass_bar = 0.5 * np.sum(vel**2, axis=1, keepdims=True)
    vel_bar, pos_bar = mass * vel, 2.0 * pos
    acc_bar = np.zeros_like(pos)
    for _ in range(steps):
        acc_bar += vel_bar * (dt / 2.0)
        acceleration_pullback(acc_bar, tape.pop(), pos_bar, mass, mass_bar)
        vel_bar += pos_bar * dt
        acc_bar = vel_bar * (dt / 2.0)
    acceleration_pullback(acc_bar, tape.pop(), pos_bar, mass, mass_bar)
    return value, (mass_bar, pos_bar, vel_bar)


# --- sizes ------------------------------------------------------------------------------------------------------------------


def heat_inputs(n):
    return np.random.default_rng(0).random(n), 0.2, 500


def seidel_inputs(n):
    return np.random.default_rng(1).random((n, n)), 10


def lu_inputs(n):
    return (np.random.default_rng(2).random((n, n)) + n * np.eye(n),)


def nbody_inputs(n):
    rng = np.random.default_rng(3)
    return 20.0 * np.ones((n, 1)) / n, rng.standard_normal((n, 3)), rng.standard_normal((n, 3)), 40, 0.01, 0.1


SIMULATIONS = (
    Simulation("heat equation, 500 steps", heat, heat_by_hand, heat_inputs, 200, 20, (0, 1)),
    Simulation("Gauss-Seidel elements, 10 sweeps", seidel, seidel_by_hand, seidel_inputs, 60, 7, target=1.5),
    Simulation("LU by loops", lu, lu_by_hand, lu_inputs, 60, 7, target=1.5),
    Simulation("many bodies, 40 steps", nbody, nbody_by_hand, nbody_inputs, 25, 4, (0, 1, 2)),
    Simulation("cavity flow, 20 steps", flow.cavity, flow.cavity_by_hand, flow.inputs, 41, 8, (0, 1, 2, 3, 4)),
)
