"""Programs as they are written in a hurry: whole numbers that become floats, tables of lists, names used twice, prints."""

from __future__ import annotations

import math

import numpy as np

from real.registry import real


@real(lambda r: (0.2, 1.5 + r.random(), 0.8), "a b c")
def romberg(a, b, c, n=3):
    """The table starts as zeros, which are ints."""

    def f(x):
        return math.exp(-c * x)

    R = [[0] * (n + 1) for _ in range(n + 1)]
    h = b - a
    R[0][0] = h / 2 * (f(a) + f(b))
    for i in range(1, n + 1):
        h /= 2
        total = 0
        for k in range(1, 2**i, 2):
            total += f(a + k * h)
        R[i][0] = R[i - 1][0] / 2 + total * h
        for j in range(1, i + 1):
            R[i][j] = R[i][j - 1] + (R[i][j - 1] - R[i - 1][j - 1]) / (4**j - 1)
    return R[n][n]


@real(lambda r: (np.arange(5.0) + 0.2 * r.random(5), r.random(5), 2.6), "x y at")
def spline_in_lists(x, y, at):
    """A natural spline by the Thomas algorithm on lists of zeros and ones."""
    n = len(x)
    h = np.diff(x)
    a, b, c, d = [0] * n, [1] * n, [0] * n, [0] * n
    for i in range(1, n - 1):
        a[i], b[i], c[i] = h[i - 1], 2 * (h[i - 1] + h[i]), h[i]
        d[i] = 6 * ((y[i + 1] - y[i]) / h[i] - (y[i] - y[i - 1]) / h[i - 1])
    for i in range(1, n):
        w = a[i] / b[i - 1]
        b[i] -= w * c[i - 1]
        d[i] -= w * d[i - 1]
    m = [0] * n
    m[-1] = d[-1] / b[-1]
    for i in range(n - 2, -1, -1):
        m[i] = (d[i] - c[i] * m[i + 1]) / b[i]
    k = 0
    while k < n - 2 and at > x[k + 1]:
        k += 1
    t = at - x[k]
    slope = (y[k + 1] - y[k]) / h[k] - h[k] * (2 * m[k] + m[k + 1]) / 6
    return y[k] + t * slope + t**2 * m[k] / 2 + t**3 * (m[k + 1] - m[k]) / (6 * h[k])


class Controller:
    """Gains with defaults; the state starts as ints."""

    def __init__(self, kp, ki=0.1, kd=0, limits=(-10, 10)):
        self.kp, self.ki, self.kd = kp, ki, kd
        self.integral = 0
        self.last = 0
        self.low, self.high = limits

    def __call__(self, error, dt):
        self.integral += error * dt
        change = (error - self.last) / dt
        self.last = error
        return np.clip(self.kp * error + self.ki * self.integral + self.kd * change, self.low, self.high)


@real(lambda r: (1.2, 0.4, 0.05 + 0.1 * r.random()), "kp ki kd")
def controlled(kp, ki, kd):
    """A controller object in a loop over times."""
    controller = Controller(kp, ki, kd=kd)
    y, v = 0, 0
    cost = 0
    for _ in np.arange(0, 1, 0.1):
        force = controller(1 - y, 0.1)
        v += (force - 0.5 * v) * 0.1
        y += v * 0.1
        cost += (1 - y) ** 2 * 0.1
    return cost


@real(lambda r: (r.random(10), r.random(10), 0.1), "x d mu")
def adaptive_filter(x, d, mu, taps=3):
    """Least mean squares: windows that are read backwards, weights updated in place."""
    w = np.zeros(taps)
    e = np.zeros(len(x))
    for n in range(taps, len(x)):
        u = x[n - taps : n][::-1]
        e[n] = d[n] - w @ u
        w += 2 * mu * e[n] * u
    return e, w


@real(lambda r: (r.random(9), 0.125), "f h")
def v_cycle(f, h):
    """Multigrid by recursion on arrays that are written: the coarse correction is an argument without a name."""

    def smooth(u, f, h, n):
        for _ in range(n):
            u[1:-1] = 0.5 * (u[2:] + u[:-2] + h * h * f[1:-1])

    def cycle(u, f, h):
        if len(u) <= 3:
            u[1] = 0.5 * h * h * f[1] + 0.5 * (u[0] + u[2])
            return u
        smooth(u, f, h, 2)
        r = np.zeros_like(u)
        r[1:-1] = f[1:-1] + (u[2:] - 2 * u[1:-1] + u[:-2]) / h**2
        e = cycle(np.zeros(len(u) // 2 + 1), r[::2].copy(), 2 * h)
        u[::2] += e
        u[1::2] += 0.5 * (e[:-1] + e[1:])
        smooth(u, f, h, 2)
        return u

    return cycle(np.zeros_like(f), f, h)


@real(lambda r: (r.random(7), 0.3 + 0.1 * r.random()), "a s")
def quicksort_weights(a, s):
    """Sorting in place by recursion over bounds; then the entries are weighted by where they came to lie."""

    def sort(lo, hi):
        if lo >= hi:
            return
        pivot, i = a[hi], lo
        for j in range(lo, hi):
            if a[j] < pivot:
                a[i], a[j] = a[j], a[i]
                i += 1
        a[i], a[hi] = a[hi], a[i]
        sort(lo, i - 1)
        sort(i + 1, hi)

    a = a * 1
    sort(0, len(a) - 1)
    total = 0
    for k, v in enumerate(a):
        total += v * s**k
    return total
