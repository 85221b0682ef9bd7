"""The heat equation on a work array, differentiated as it is written: what blurred a picture, and what was it before?

u_t = k (u_xx + u_yy) by explicit Euler steps, each of which overwrites the inner points of `u`; the edge keeps its value. The
first handwritten digit of data/digits.csv.gz is blurred with k = 0.15; k and the digit are found again from what is seen.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from wengert import grad, hessian, value_and_grad

DATA = Path(__file__).parent / "data" / "digits.csv.gz"


def diffuse(u, k, steps):
    """`steps` steps of the heat equation, in place; needs k < 1/4."""
    for _ in range(steps):
        u[1:-1, 1:-1] += k * (u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2] - 4.0 * u[1:-1, 1:-1])


def misfit(u0, k, seen, steps):
    u = u0.copy()
    diffuse(u, k, steps)
    return np.sum((u - seen) ** 2)


def load() -> np.ndarray:
    """Return a picture of 8 x 8 points with values from 0 to 1, with two rows and columns of zeros around it."""
    pixels = np.loadtxt(DATA, delimiter=",", skiprows=1, max_rows=1)[:64]
    return np.pad(pixels.reshape(8, 8) / 16.0, 2)


def find_diffusivity(u0: np.ndarray, seen: np.ndarray, steps: int, k: float = 0.05, trips: int = 8) -> float:
    """Newton's method on the misfit as a function of k."""
    slope, curvature = grad(misfit, argnums=1), hessian(misfit, argnums=1)
    for _ in range(trips):
        k = k - slope(u0, k, seen, steps) / abs(curvature(u0, k, seen, steps))
    return float(k)


def find_start(seen: np.ndarray, k: float, steps: int, trips: int = 2000, rate: float = 0.45) -> tuple[np.ndarray, float]:
    """Gradient descent from what is seen; returns the picture before the diffusion and the last misfit."""
    gradient = value_and_grad(misfit)
    u0, value = seen.copy(), np.inf
    for _ in range(trips):
        value, u0_bar = gradient(u0, k, seen, steps)
        u0 = u0 - rate * u0_bar
    return u0, float(value)


def shown(u: np.ndarray) -> str:
    return "\n".join("".join(" .:-=+*#%@"[int(9.99 * min(max(v, 0.0), 1.0))] * 2 for v in row) for row in u[2:-2, 2:-2])


def main() -> None:
    picture, steps = load(), 4
    seen = picture.copy()
    diffuse(seen, 0.15, steps)

    k = find_diffusivity(picture, seen, steps)
    print(f"diffusivity found    {k:.10f}   exact {0.15:.10f}")

    start, value = find_start(seen, k, steps)
    print(f"misfit               {value:.2e}")
    blurred, found = np.max(np.abs(seen - picture)), np.max(np.abs(start - picture))
    print(f"largest error        {blurred:.4f} in what is seen, {found:.4f} in what is found")
    print(f"\nseen\n{shown(seen)}\n\nfound\n{shown(start)}")

    print("\nthe gradient with respect to the start and the diffusivity:\n")
    print(grad(misfit, argnums=(0, 1)).lower(picture, k, seen, steps).source)


if __name__ == "__main__":
    main()
