"""Straight-line programs on Python numbers: operators, `math`, names, printing."""

from __future__ import annotations

import math

from corpus.registry import program


@program(2.0, 5.0, argnums=(0, 1), golden="grad value_and_grad jacfwd")
def survey(x1, x2):
    y = math.log(x1) + x1 * x2 - math.sin(x2)
    return y


@program(1.3, 0.4, argnums=(0, 1))
def every_operator(a, b):
    s = a + b - a * b
    q = a / b
    p = a**b + a**2 + 2.0**b + a**-1
    m = -a + +b
    r = (5.0 * a) % (b + 0.5) + (7.0 * a) // (b + 0.5)
    return s + q * p - m + r


@program(0.6)
def every_math_function(x):
    a = math.sin(x) + math.cos(x) + math.tan(x)
    b = math.exp(x) + math.log(x) + math.log10(x) + math.log1p(x) + math.expm1(x) + math.log2(x)
    c = math.asin(x) + math.acos(x) + math.atan(x) + math.atan2(x, 2.0)
    d = math.sinh(x) + math.cosh(x) + math.tanh(x) + math.sqrt(x)
    e = math.pow(x, 2.5) + math.hypot(x, 2.0) + math.erf(x) + math.fabs(x)
    return a * b + c * d + e


@program(0.7, 1.1, argnums=(0, 1))
def shared_subexpressions(x, y):
    z = x * y
    w = z * z + z
    return w * math.exp(-z) + z


@program(1.5)
def rebinding(x):
    x = x * x
    x = x + math.sin(x)
    y = x
    x = y / (1.0 + x)
    return x * y


@program(0.5, 2.0, argnums=(0, 1))
def augmented(x, y):
    total: float = x
    total += y
    total *= x
    total -= y / 2
    total /= 1.0 + x
    total **= 2
    return total


@program(1.2, 0.7, argnums=(0, 1))
def swap_and_chain(a, b):
    a, b = b, a + b
    c = d = a * b
    (e, f), g = (c + a, d - b), 2.0
    return e * f * g


@program(1.1, 2.2, 3.3, argnums=(0, 1, 2))
def starred(a, b, c):
    first, *rest = (a, b * c, c, a * a)
    *front, last = rest
    return first * rest[0] + front[1] * last


@program(0.8)
def walrus(x):
    if (y := math.sin(x)) > 0.5:
        return y * x
    return y


@program(0.9)
def prints(x):
    """The user's prints run once, with the user's values."""
    y = x * x
    print("y is", y, f"{x:.2f} and {y!r}")
    label = f"{y:8.3f}"
    assert len(label) == 8, f"odd width for {y}"
    return y * math.cos(y)


@program(2.5)
def asserts_and_raises(x):
    assert x > 0.0, "x must be positive"
    if x > 100.0:
        raise ValueError(f"{x} is too large")
    return math.sqrt(x) * x


@program(0.3, 2, argnums=0)
def integers_stay_integers(x, n):
    k = n // 2 + n % 2
    half = 1 / n
    return x**n + k * x + half * x * int(n > 1)


@program(1.7)
def unused_results(x):
    y = math.exp(x)
    z = math.log(x)
    del y
    pass
    return z * z


@program(1.7)
def constant_factor_zero(x):
    return 0 * x + 0.0 * math.sin(x) + 1 * x


@program(2.0)
def imports_inside(x):
    import math as m
    from math import tanh

    return m.sqrt(x) * tanh(x) * m.pi


@program(0.4, 0.6, argnums=(0, 1))
def beale(x, y):
    return (1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * y**3) ** 2


@program(100.0, 105.0, 0.5, 0.02, 0.2, argnums=(0, 1, 2, 3, 4), golden="grad")
def black_scholes(spot, strike, years, rate, volatility):
    spread = volatility * math.sqrt(years)
    d1 = (math.log(spot / strike) + (rate + 0.5 * volatility**2) * years) / spread
    d2 = d1 - spread
    n1 = 0.5 * (1.0 + math.erf(d1 / math.sqrt(2.0)))
    n2 = 0.5 * (1.0 + math.erf(d2 / math.sqrt(2.0)))
    return spot * n1 - strike * math.exp(-rate * years) * n2
