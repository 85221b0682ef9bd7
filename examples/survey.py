"""The worked example of the survey of automatic differentiation: f(x1, x2) = ln(x1) + x1 x2 - sin(x2) at (2, 5).

A. G. Baydin, B. A. Pearlmutter, A. A. Radul, J. M. Siskind, "Automatic differentiation in machine learning: a survey",
Journal of Machine Learning Research 18 (2018), tables 2 and 3. The same tables in a terminal:

    wengert trace examples/survey.py:f --at 2 5 --mode forward
    wengert trace examples/survey.py:f --at 2 5 --mode reverse
"""

from __future__ import annotations

import math

from wengert import grad, jvp


def f(x1, x2):
    """The operations in the order in which the survey numbers them."""
    a = math.log(x1)
    b = x1 * x2
    c = math.sin(x2)
    return a + b - c


def main() -> None:
    gradient = grad(f, argnums=(0, 1))

    value, tangent = jvp(f, (2.0, 5.0), (1.0, 0.0))
    print(f"f(2, 5)    = {value:.3f}")
    print(f"forward:  df/dx1 = {tangent:.3f}")

    x1_bar, x2_bar = gradient(2.0, 5.0)
    print(f"reverse:  df/dx1 = {x1_bar:.3f}, df/dx2 = {x2_bar:.3f}")

    print("\nthe trace in reverse mode:\n")
    print(gradient.trace(2.0, 5.0))
    print("\nthe program that computes the gradient:\n")
    print(gradient.lower(2.0, 5.0).source)


if __name__ == "__main__":
    main()
