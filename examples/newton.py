"""A `while` loop differentiated: Newton's method, whose number of steps depends on the data.

The derivative of what the loop computes is compared with the derivative of the root itself, which calculus gives:
d sqrt(a) / da = 1 / (2 sqrt(a)), and for Kepler's equation E - e sin(E) = M, dE/dM = 1 / (1 - e cos(E)).
"""

from __future__ import annotations

import math

from wengert import grad, jvp, value_and_grad


def square_root(a):
    x = a
    while abs(x * x - a) > 1e-12 * a:
        x = 0.5 * (x + a / x)
    return x


def eccentric_anomaly(mean_anomaly, eccentricity):
    anomaly = mean_anomaly
    step = 1.0
    while abs(step) > 1e-12:
        residual = anomaly - eccentricity * math.sin(anomaly) - mean_anomaly
        step = residual / (1.0 - eccentricity * math.cos(anomaly))
        anomaly = anomaly - step
    return anomaly


def main() -> None:
    a = 3.0
    root, slope = value_and_grad(square_root)(a)
    print(f"sqrt(3)              {root:.12f}")
    print(f"first derivative     {slope:.12f}   exact {0.5 / math.sqrt(a):.12f}")
    print(f"by forward mode      {jvp(square_root, (a,), (1.0,))[1]:.12f}")
    print(f"second derivative    {grad(grad(square_root))(a):.12f}   exact {-0.25 * a**-1.5:.12f}")

    anomaly, (by_mean, by_eccentricity) = value_and_grad(eccentric_anomaly, argnums=(0, 1))(1.2, 0.3)
    denominator = 1.0 - 0.3 * math.cos(anomaly)
    print(f"Kepler: E            {anomaly:.12f}")
    print(f"dE/dM                {by_mean:.12f}   exact {1.0 / denominator:.12f}")
    print(f"dE/de                {by_eccentricity:.12f}   exact {math.sin(anomaly) / denominator:.12f}")

    print("\nthe adjoint of the loop:\n")
    print(grad(square_root).lower(a).source)


if __name__ == "__main__":
    main()
