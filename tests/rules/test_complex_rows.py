"""Every row of the table of complex rows that is not elementwise, at complex arguments: both modes against differences.

Generated from the rows: their own examples with an imaginary part; a sample by default, the others by `-m exhaustive`. What
NumPy does not take, and what carries no derivative there, is left out.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

import wengert.rules  # noqa: F401
from differences import leaves
from rules.calling import Case, written_case
from wengert import UnsupportedError, jvp, vjp
from wengert.rules.kinds import COMPLEX, RULES, Elementwise, Linear, Structural, name_of

STEP = 1e-5
SINGLE = (np.complex64, np.float32)
ComplexWarning = getattr(np, "exceptions", np).ComplexWarning
EVERY = 29


def moved_off(value: Any, rng: np.random.Generator) -> Any:
    """A value with an imaginary part."""
    if isinstance(value, (list, tuple)):
        return type(value)([moved_off(v, rng) for v in value])
    if isinstance(value, np.ndarray):
        return value + 0.4j * rng.standard_normal(value.shape)
    return complex(value, 0.3)


def drawn(value: Any, rng: np.random.Generator) -> Any:
    if isinstance(value, (list, tuple)):
        return type(value)([drawn(v, rng) for v in value])
    if isinstance(value, (int, np.integer)):
        return 0.0
    d = rng.standard_normal(np.shape(value)) + (1j * rng.standard_normal(np.shape(value)) if np.iscomplexobj(value) else 0.0)
    return d if isinstance(value, np.ndarray) else type(value)(d)


def inner(a: Any, b: Any) -> float:
    return float(sum(np.sum(np.real(x * y)) for x, y in zip(leaves(a), leaves(b), strict=True)))


def complex_case(op: Any, k: int) -> Case | None:
    """The call of an example with complex arguments; None where NumPy does not take it."""
    rule, rng = RULES[op], np.random.default_rng(7)
    args, options = rule.examples[k](rng)
    if "w" in options:  # the weights of the loss have this name
        return None
    case = written_case(rule, args, options)
    if not case.active or any(isinstance(v, list) for v in case.args):
        return None
    values = tuple(moved_off(a, rng) if j in case.active else a for j, a in enumerate(case.args))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            y = case.f(*values)
        except (TypeError, ValueError, RuntimeWarning, ComplexWarning):
            return None
    return Case(rule, case.text, values, case.active) if all(np.asarray(v).dtype.kind in "fci" for v in leaves(y)) else None


OPS = [op for op, row in COMPLEX.items() if isinstance(row, (Linear, Structural)) and not isinstance(RULES[op], Elementwise)]
OPS = [op for op in OPS if "wengert" not in name_of(op) and op not in SINGLE]
OPS = [op for op in OPS if not (isinstance(RULES[op], Linear) and RULES[op].engine)]
CASES = [(op, k) for op in OPS for k in range(len(RULES[op].examples))]


def marked() -> list[Any]:
    return [
        pytest.param(op, k, id=f"{name_of(op)}-{k}", marks=[] if n % EVERY == 0 else [pytest.mark.exhaustive])
        for n, (op, k) in enumerate(CASES)
    ]


@pytest.mark.parametrize(("op", "k"), marked())
def test_row(op: Any, k: int) -> None:
    case = complex_case(op, k)
    if case is None:
        return
    rng = np.random.default_rng(3)
    dots = tuple(drawn(a, rng) for a in case.args)
    try:
        y, y_dot = jvp(case.f, case.args, dots)
        value, pullback = vjp(case.f, *case.args)
    except UnsupportedError as error:  # some combinations of arguments are refused by name
        refused = str(error)
        assert "complex" in refused
        return

    def at(h: float) -> Any:
        return leaves(case.f(*(moved(a, d, h) for a, d in zip(case.args, dots, strict=True))))

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        slopes = [(np.asarray(a) - np.asarray(b)) / (2 * STEP) for a, b in zip(at(STEP), at(-STEP), strict=True)]
    for got, want in zip(leaves(y_dot), slopes, strict=True):
        assert np.allclose(np.broadcast_to(got, np.shape(want)), want, rtol=1e-5, atol=1e-6)
    weights = drawn(value, rng)
    assert inner(pullback(weights), dots) == pytest.approx(inner(weights, slopes_as(y, slopes)), rel=1e-5, abs=1e-6)


def moved(a: Any, d: Any, h: float) -> Any:
    if isinstance(a, (list, tuple)):
        return type(a)([moved(x, y, h) for x, y in zip(a, d, strict=True)])
    return a + h * d


def slopes_as(y: Any, slopes: list[Any]) -> Any:
    return slopes if isinstance(y, (list, tuple)) else slopes[0]
