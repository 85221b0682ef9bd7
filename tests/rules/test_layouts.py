"""How arrays lie in memory makes no difference: in Fortran's order, with gaps between the entries, read-only.

Generated from the rows: the first example of each that has an array; a sample by default, the others by `-m exhaustive`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import wengert.rules  # noqa: F401
from differences import close, leaves
from rules.calling import Case, directions, of_tapes, weights, written_case
from wengert import jvp, vjp
from wengert.rules.kinds import RULES, Constant, Rule, name_of

EVERY = 40


def with_gaps(x: Any) -> Any:
    """A view of every second entry of an array."""
    wide = np.repeat(np.repeat(x, 2, axis=0), 2, axis=-1)
    return wide[::2, ..., ::2] if np.ndim(x) > 1 else np.repeat(x, 2)[::2]


def read_only(x: Any) -> Any:
    made = x.copy()
    made.flags.writeable = False
    return made


LAYOUTS: dict[str, Callable[[Any], Any]] = {"Fortran": np.asfortranarray, "gaps": with_gaps, "read-only": read_only}


def first(rule: Rule) -> Case | None:
    """The first example with an array among its parameters."""
    for example in rule.examples:
        args, kwargs = example(np.random.default_rng(11))
        case = written_case(rule, args, kwargs)
        y = rule.op(*args, **kwargs)
        real = all(np.asarray(v).dtype.kind == "f" for v in leaves(y))
        if case.active and real and not of_tapes(case) and any(isinstance(a, np.ndarray) and a.ndim for a in case.args):
            return case
    return None


ROWS = [r for r in RULES.values() if not isinstance(r, Constant)]
EACH = [
    pytest.param(rule, id=name_of(rule.op), marks=pytest.mark.exhaustive if k % EVERY else ()) for k, rule in enumerate(ROWS)
]


@pytest.mark.parametrize("rule", EACH)
def test_layouts(rule: Rule) -> None:
    case = first(rule)
    if case is None:
        pytest.skip("no example of real arrays")
    dots, y_bar = case.still(directions(case)), weights(case, case.f(*case.args))
    moved, bars = jvp(case.f, case.args, dots), vjp(case.f, *case.args)[1](y_bar)
    for name, laid in LAYOUTS.items():
        args = tuple(laid(a) if isinstance(a, np.ndarray) and a.ndim else a for a in case.args)
        before = [np.copy(a) for a in args]
        assert close(jvp(case.f, args, dots), moved, 1e-9), name
        assert close(list(vjp(case.f, *args)[1](y_bar)), list(bars), 1e-9), name
        for a, b in zip(args, before, strict=True):
            np.testing.assert_array_equal(a, b)
