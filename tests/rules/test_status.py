"""What becomes of single names; that every name has a status is tested in tests/trace/test_surface.py."""

from __future__ import annotations

import math

import numpy as np
import pytest

import wengert.rules  # noqa: F401
from wengert.rules.kinds import RULES
from wengert.rules.reasons import KEPT, REFUSED
from wengert.rules.status import Status, instead_of, status, written


def test_the_kinds() -> None:
    assert status("numpy", "sin", np.sin) == Status("numpy", "sin", "differentiable", "elementwise", ("x",))
    assert status("numpy", "reshape", np.reshape) == Status("numpy", "reshape", "differentiable", "linear", ("x",))
    assert status("numpy.linalg", "det", np.linalg.det) == Status("numpy.linalg", "det", "differentiable", "structural", ("x",))
    assert status("numpy", "floor", np.floor) == Status("numpy", "floor", "constant", "constant")
    assert status("math", "pi", math.pi) == Status("math", "pi", "constant")
    assert status("numpy", "int8", np.int8) == Status("numpy", "int8", "constant")


def test_only_inputs_with_a_derivative_are_named() -> None:
    found = status("numpy", "ldexp", np.ldexp)
    assert found is not None
    assert len(found.inputs) == 1


def test_a_reason() -> None:
    found = status("numpy", "apply_over_axes", np.apply_over_axes)
    assert found is not None
    assert (found.status, found.reason) == ("refused", "it calls a function of Python: write the loop")
    assert found.full_name == "np.apply_over_axes"


def test_what_to_do_instead() -> None:
    assert instead_of(np.apply_over_axes) == ("it calls a function of Python", "write the loop")
    assert instead_of(np.longdouble) == ("extended precision has no derivative here", "use float64 or complex128")
    assert instead_of(np.sin) == instead_of(len) == ("", "")


def test_nothing_is_known_of_a_new_name() -> None:
    assert status("numpy", "never_heard_of", len.__call__) is None


@pytest.mark.parametrize(("module", "shown"), [("numpy", "np"), ("numpy.linalg", "np.linalg"), ("math", "math")])
def test_modules_as_they_are_written(module: str, shown: str) -> None:
    assert written(module) == shown


def test_no_name_is_kept_and_refused() -> None:
    for module, names in KEPT.items():
        assert not names & set(REFUSED[module])


def test_constants_that_are_called_have_a_row_or_are_kept() -> None:
    for module, names in KEPT.items():
        holder = {"numpy": np, "numpy.linalg": np.linalg, "numpy.fft": np.fft, "math": math}.get(module)
        for name in sorted(names) if holder is not None else ():
            thing = getattr(holder, name, None) if name != "core" else None
            row = RULES.get(thing) if thing.__hash__ is not None else None  # type: ignore[call-overload]
            assert row is None or type(row).__name__ == "Constant", f"{module}.{name} has a derivative"
