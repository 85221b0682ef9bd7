"""Things that move: many bodies, Runge-Kutta in place, boundary values by shooting, cameras."""

from __future__ import annotations

import math

import numpy as np

from real.registry import real


def acceleration(pos, mass, G, softening):
    """Pairwise separations as matrices; a mask keeps the bodies from pulling themselves."""
    x, y, z = pos[:, 0:1], pos[:, 1:2], pos[:, 2:3]
    dx, dy, dz = x.T - x, y.T - y, z.T - z
    inv_r3 = dx**2 + dy**2 + dz**2 + softening**2
    inv_r3[inv_r3 > 0] = inv_r3[inv_r3 > 0] ** (-1.5)
    ax = G * (dx * inv_r3) @ mass
    ay = G * (dy * inv_r3) @ mass
    az = G * (dz * inv_r3) @ mass
    return np.hstack((ax, ay, az))


def energy(pos, vel, mass, G):
    kinetic = 0.5 * np.sum(mass * vel**2)
    x, y, z = pos[:, 0:1], pos[:, 1:2], pos[:, 2:3]
    dx, dy, dz = x.T - x, y.T - y, z.T - z
    inv_r = np.sqrt(dx**2 + dy**2 + dz**2)
    inv_r[inv_r > 0] = 1.0 / inv_r[inv_r > 0]
    potential = G * np.sum(np.sum(np.triu(-(mass * mass.T) * inv_r, 1)))
    return kinetic, potential


@real(
    lambda r: (1.0 + r.random((4, 1)), r.standard_normal((4, 3)), r.standard_normal((4, 3)), 3, 0.05, 1.0, 0.1),
    "mass pos vel",
    writes="pos vel",
)
def nbody(mass, pos, vel, steps, dt, G, softening):
    """Leapfrog: half a kick, a drift, half a kick, all in place; returns the energies of every step."""
    vel -= np.mean(mass * vel, axis=0) / np.mean(mass)
    acc = acceleration(pos, mass, G, softening)
    KE, PE = np.ndarray(steps + 1, dtype=np.float64), np.ndarray(steps + 1, dtype=np.float64)
    KE[0], PE[0] = energy(pos, vel, mass, G)
    for i in range(steps):
        vel += acc * dt / 2.0
        pos += vel * dt
        acc[:] = acceleration(pos, mass, G, softening)
        vel += acc * dt / 2.0
        KE[i + 1], PE[i + 1] = energy(pos, vel, mass, G)
    return KE, PE


@real(lambda r: (1.0 + r.random(4), r.standard_normal((4, 2)), np.zeros((4, 2)), 0.05, 3), "m x v dt", writes="x v")
def nbody_pairs(m, x, v, dt, steps):
    """Pair by pair: rows are views, and both bodies of a pair are kicked in place."""
    n = len(m)
    for _ in range(steps):
        for i in range(n):
            for j in range(i + 1, n):
                d = x[i] - x[j]
                pull = dt * d / (0.01 + np.sum(d * d)) ** 1.5
                vi, vj = v[i], v[j]
                vi -= pull * m[j]
                vj += pull * m[i]
        for position, velocity in zip(x, v, strict=True):
            position += dt * velocity


@real(lambda r: (np.array([1.0, 1.0, 1.0]) + 0.1 * r.random(3), 10.0, 28.0, 8.0 / 3.0, 0.01, 8), "y sigma rho beta", writes="y")
def lorenz_rk4(y, sigma, rho, beta, h, steps):
    """Runge-Kutta with slopes that are written into work vectors, and a row for every step."""

    def slope(state, out):
        out[0] = sigma * (state[1] - state[0])
        out[1] = state[0] * (rho - state[2]) - state[1]
        out[2] = state[0] * state[1] - beta * state[2]

    k1, k2, k3, k4 = np.empty(3), np.empty(3), np.empty(3), np.empty(3)
    path = np.zeros((steps, 3))
    for step in range(steps):
        slope(y, k1)
        slope(y + 0.5 * h * k1, k2)
        slope(y + 0.5 * h * k2, k3)
        slope(y + h * k3, k4)
        y += h / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4)
        path[step] = y
    return path


@real(lambda r: (r.standard_normal(2), 0.5 + r.random(), 0.1, 6), "y k h", writes="y")
def spring_rk4_out(y, k, h, steps):
    """The same scheme with ufuncs that write where they are told, in one workspace whose rows are the slopes."""
    work = np.empty((5, 2))
    slopes, trial = work[:4], work[4]

    def slope(state, out):
        out[0] = state[1]
        np.multiply(state[0], -k, out=out[1:])

    for _ in range(steps):
        slope(y, slopes[0])
        for stage, part in ((1, 0.5), (2, 0.5), (3, 1.0)):
            np.multiply(slopes[stage - 1], part * h, out=trial)
            np.add(trial, y, out=trial)
            slope(trial, slopes[stage])
        slopes[1:3] *= 2.0
        y += h / 6.0 * slopes.sum(axis=0)


@real(lambda r: (0.8 + 0.2 * r.random(), 0.3 * r.random(), 40), "left right")
def shooting(left, right, n):
    """u'' = 1.5 u^2 with u(0) = left and u(1) = right: the secant method on the slope that a march has to start with."""
    h = 1.0 / n

    def march(slope):
        u, du = left, slope
        for _ in range(n):
            half = du + 0.5 * h * 1.5 * u * u
            u = u + h * half
            du = half + 0.5 * h * 1.5 * u * u
        return u - right

    s0, s1 = -1.0, -0.5
    f0, f1 = march(s0), march(s1)
    for _ in range(30):
        if abs(f1) < 1e-13:
            break
        s0, s1 = s1, s1 - f1 * (s1 - s0) / (f1 - f0)
        f0, f1 = f1, march(s1)
    return s1


@real(
    lambda r: (np.cumsum(np.ones((5, 2)), axis=0) + 0.1 * r.random((5, 2)), 0.9, 0.02, 4),
    "x length dt",
    writes="x",
    step=1e-4,
)
def hanging_chain(x, length, dt, steps):
    """Verlet steps of a chain whose links are pulled back to their length one after the other."""
    before = x.copy()
    for _ in range(steps):
        moved = 2.0 * x - before
        moved[:, 1] -= 9.81 * dt**2
        before[...] = x
        x[1:] = moved[1:]
        for _ in range(2):
            for i in range(len(x) - 1):
                d = x[i + 1] - x[i]
                stretch = math.sqrt(d[0] ** 2 + d[1] ** 2)
                correction = 0.5 * (1.0 - length / stretch) * d
                if i > 0:
                    x[i] += correction
                    x[i + 1] -= correction
                else:
                    x[i + 1] -= 2.0 * correction


def rotate(rotation, X):
    """Rodrigues' formula; small angles by the first terms of the series."""
    theta2 = np.sum(rotation * rotation)
    w_cross_X = np.array([
        rotation[1] * X[2] - rotation[2] * X[1],
        rotation[2] * X[0] - rotation[0] * X[2],
        rotation[0] * X[1] - rotation[1] * X[0],
    ])  # fmt: skip
    if theta2 > 1e-12:
        theta = np.sqrt(theta2)
        costheta, sintheta = np.cos(theta), np.sin(theta)
        w = rotation / theta
        return X * costheta + w_cross_X / theta * sintheta + w * (np.dot(w, X) * (1.0 - costheta))
    return X + w_cross_X + 0.5 * (rotation * np.dot(rotation, X) - X * theta2)


def project(camera, X):
    """Camera: rotation, center, focal length, principal point, two radial distortions."""
    local = rotate(camera[0:3], X - camera[3:6])
    plane = local[:2] / local[2]
    r2 = np.sum(plane * plane)
    distorted = plane * (1.0 + camera[9] * r2 + camera[10] * r2 * r2)
    return distorted * camera[6] + camera[7:9]


def bundle_inputs(r):
    cams = 0.1 * r.standard_normal((2, 11))
    cams[1, :3] = 0.0
    points = r.standard_normal((3, 3)) + np.array([0.0, 0.0, 6.0])
    obs = np.array([[0, 0], [1, 0], [0, 2], [1, 1]])
    return cams, points, 1.0 + r.random(4), r.standard_normal((4, 2)), obs


@real(bundle_inputs, "cams X w")
def bundle_adjustment(cams, X, w, feats, obs):
    """Reprojection errors and weight errors of several cameras that see several points; one camera is not turned."""
    p = obs.shape[0]
    reprojection = np.empty(2 * p)
    for i in range(p):
        reprojection[2 * i : 2 * i + 2] = w[i] * (project(cams[obs[i, 0]], X[obs[i, 1]]) - feats[i])
    weights = np.zeros(p)
    for i in range(p):
        weights[i] = 1.0 - w[i] ** 2
    return reprojection, weights


@real(lambda r: tuple(r.random(5) for _ in range(4)), "theta_1 phi_1 theta_2 phi_2")
def arc_distance(theta_1, phi_1, theta_2, phi_2):
    """Distances on a sphere."""
    temp = np.sin((theta_2 - theta_1) / 2) ** 2 + np.cos(theta_1) * np.cos(theta_2) * np.sin((phi_2 - phi_1) / 2) ** 2
    return 2 * (np.arctan2(np.sqrt(temp), np.sqrt(1 - temp)))
