"""The slopes of the gamma function and of its logarithm, against values computed with 50 digits."""

from __future__ import annotations

import math

import pytest

from wengert import grad
from wengert.runtime import polygamma

VALUES = [
    (0, 0.001, -1000.5755719318103),
    (0, 0.3, -3.502524222200133),
    (0, 1.0, -0.5772156649015329),
    (0, 1.4616, -3.110625123034165e-05),
    (0, 1.47, 0.008066489011364869),
    (0, 2.5, 0.7031566406452432),
    (0, 17.0, 2.8035133283274605),
    (0, 100000.0, 11.512920464961896),
    (0, -0.4, 0.9593807861068093),
    (0, -2.7, -1.1153471291406896),
    (1, 0.001, 1000001.6425331958),
    (1, 0.3, 12.245364546107732),
    (1, 1.0, 1.6449340668482264),
    (1, 1.4616, 0.9677007114650835),
    (1, 1.47, 0.9603162090511507),
    (1, 2.5, 0.49035775610023485),
    (1, 17.0, 0.060587533403239364),
    (1, 100000.0, 1.0000050000166667e-05),
    (1, -0.4, 9.886209670902357),
    (1, -2.7, 14.769375845132314),
    (2, 0.001, -2000000002.3976321),
    (2, 0.3, -75.27253658872604),
    (2, 1.0, -2.4041138063191885),
    (2, 1.4616, -0.8855761967999034),
    (2, 1.47, -0.872684306995607),
    (2, 2.5, -0.2362040516417274),
    (2, 17.0, -0.003669728873958962),
    (2, 100000.0, -1.00001000005e-10),
    (2, -0.4, 21.287168462856535),
    (2, -2.7, -68.9329390232638),
    (3, 0.001, 6000000000006.469),
    (3, 0.3, 743.1417646550498),
    (3, 1.0, 6.493939402266829),
    (3, 1.4616, 1.5511250508129752),
    (3, 1.47, 1.518522164936101),
    (3, 2.5, 0.22390584881725206),
    (3, 17.0, 0.0004444085253892188),
    (3, 100000.0, 2.0000300002e-15),
    (3, -0.4, 281.78204104534575),
    (3, -2.7, 768.9626351155225),
    (7, 0.001, 5.04e+27),
    (7, 0.3, 76818182.99849322),
    (7, 1.0, 5060.54987523764),
    (7, 1.4616, 246.01659622696957),
    (7, 1.47, 235.0670294246259),
    (7, 2.5, 3.565236352523131),
    (7, 17.0, 2.1440871933318984e-06),
    (7, 100000.0, 7.20025200336e-33),
    (7, -0.4, 7990618.245891215),
    (7, -2.7, 76905684.16210902),
]
"""(order, x, value); between 1.4 and 1.5 digamma has a zero."""


@pytest.mark.parametrize(("n", "x", "value"), VALUES)
def test_polygamma(n: int, x: float, value: float) -> None:
    assert polygamma(n, x) == pytest.approx(value, rel=1e-13, abs=0.0)


def test_poles_and_ends() -> None:
    assert all(math.isnan(polygamma(n, x)) for n in (0, 1, 2) for x in (0.0, -1.0, -7.0, -math.inf, math.nan))
    assert polygamma(0, math.inf) == math.inf
    assert polygamma(1, math.inf) == 0.0
    assert polygamma(1, 1e-300) == math.inf


def test_every_order_is_the_slope_of_the_one_before() -> None:
    for n in range(6):
        assert grad(lambda x, n=n: polygamma(n, x))(2.3) == polygamma(n + 1, 2.3)


def test_gamma_of_every_order() -> None:
    """The recurrence of the derivatives: (x G(x))' = G'(x + 1)."""
    for f in (math.gamma, math.lgamma):
        slope = grad(lambda x, f=f: f(x))
        second = grad(grad(lambda x, f=f: f(x)))
        h = 1e-5
        assert second(2.5) == pytest.approx((slope(2.5 + h) - slope(2.5 - h)) / (2 * h), rel=1e-8)
    first = grad(math.gamma)
    assert first(3.7) == pytest.approx(math.gamma(2.7) + 2.7 * first(2.7), rel=1e-13)
