"""Kinks, poles and edges: what the rows say there is what the conventions ask for, and what both modes give.

The points and what is right at them are found by `special_values` from the rows: nothing is listed by hand.
"""

from __future__ import annotations

import math
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import wengert.rules  # noqa: F401
from rules.calling import carries, written_case
from rules.special_values import Point, agrees, document, given_to, rows, special
from wengert import grad, jvp, vjp
from wengert.rules.kinds import Elementwise, name_of

DOCUMENT = Path(__file__).parent.parent.parent / "docs" / "special_values.md"
EVERY = 12
"""Of the rows with special points so many have a test of both modes by default, the others are left to `-m exhaustive`."""


def same(found: Any, expected: float) -> bool:
    return bool(np.isnan(found)) if math.isnan(expected) else math.isclose(found, expected, rel_tol=1e-12)


@pytest.mark.parametrize("rule", rows(), ids=lambda r: name_of(r.op))
def test_the_row_says_what_the_slopes_to_both_sides_say(rule: Elementwise) -> None:
    for point in special(rule):
        if not origin_of_power(rule, point):
            assert all(map(agrees, point.derivatives, point.expected)), point


def origin_of_power(rule: Elementwise, point: Point) -> bool:
    """0 to the power of 0 is 1 by definition, though 0 to any other power is not: it has the slope that the formula has."""
    return point.args == (0.0, 0.0) and "pow" in name_of(rule.op)


CASES = [
    pytest.param(rule, id=name_of(rule.op), marks=pytest.mark.exhaustive if k % EVERY else ())
    for k, rule in enumerate(r for r in rows() if special(r))
]


@pytest.mark.parametrize("rule", CASES)
def test_both_modes_give_what_the_row_says(rule: Elementwise) -> None:
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        for point in special(rule):
            for k, derivative in enumerate(point.derivatives):
                if derivative is not None and carries(rule, k) and not any(isinstance(a, int) for a in point.args):
                    check(rule, point, k, derivative)


def check(rule: Elementwise, point: Point, k: int, derivative: float) -> None:
    args = given_to(rule, point.args)
    case = written_case(rule, args, {})
    dots = [1.0 if j == k else 0.0 for j in range(len(args))]
    others = [d for j, d in enumerate(point.derivatives) if j != k and d is not None]
    if all(map(math.isfinite, others)):  # zero times infinity: a direction that a caller gives is a number like others
        assert same(jvp(case.f, args, dots)[1], derivative), (point, k)
    assert same(vjp(case.f, *args)[1](1.0)[k], derivative), (point, k)
    assert same(grad(case.f, k)(*args), derivative), (point, k)


def test_the_document_is_up_to_date(update_golden: bool) -> None:
    if update_golden:
        DOCUMENT.write_text(document(), encoding="utf-8")
    if int(np.__version__.partition(".")[0]) < 2:
        pytest.skip("docs/special_values.md has the names of NumPy 2")
    assert DOCUMENT.read_text(encoding="utf-8") == document(), "run pytest tests/rules/test_special_values.py --update-golden"
