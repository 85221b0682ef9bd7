"""Random programs, a bounded number of them, and every program that a longer run found wrong.

`python -m tests.fuzz --seconds 600` is the longer run.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from fuzz import checks
from fuzz.__main__ import main
from fuzz.checks import Wrong, check
from fuzz.found import FOUND
from fuzz.hunt import hunted
from fuzz.programs import Program, loaded, numbered, programs
from fuzz.reduce import reduced
from fuzz.writer import FEATURES, WRITING

PRODUCT = Program("def f(x, y):\n    u = np.array([x, y])\n    return u[0] * u[1]\n")
QUICK = settings(
    max_examples=12, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
)


@QUICK
@given(programs())
def test_programs(program: Program) -> None:
    check(program)


@QUICK
@given(programs([f for f in FEATURES if f not in WRITING]))
def test_programs_that_write_nothing(program: Program) -> None:
    check(program)


@pytest.mark.parametrize("start", [0, 5, 10, 15])
def test_numbered_programs(start: int) -> None:
    for number in range(start, start + 5):
        check(numbered(number))


@pytest.mark.slow
@pytest.mark.parametrize("start", range(100, 500, 20))
def test_many_numbered_programs(start: int) -> None:
    for number in range(start, start + 20):
        check(numbered(number))


@pytest.mark.parametrize("name", FOUND)
def test_found(name: str) -> None:
    outcome = check(FOUND[name], more=("jacobians",))
    assert outcome.state in ("checked", "kink") and not outcome.refusals


@pytest.mark.slow
@pytest.mark.parametrize("start", range(600, 700, 20))
def test_programs_by_further_checks(start: int) -> None:
    for number in range(start, start + 20):
        check(numbered(number), more=("jacobians", "returned"))


# --- the fuzzer itself --------------------------------------------------------------------------------------------------


def test_programs_are_made_of_their_number() -> None:
    assert numbered(7) == numbered(7)
    assert len({numbered(k).text for k in range(20)}) == 20


def test_most_programs_run_and_most_have_a_derivative() -> None:
    outcomes = [check(numbered(k), second=False) for k in range(50, 60)]
    assert sum(o.state in ("checked", "refused", "kink") for o in outcomes) > 6
    assert sum(o.state in ("checked", "kink") for o in outcomes) > 4


def test_what_plain_python_cannot_run_says_nothing() -> None:
    assert check(Program("def f(x):\n    return [][0] * x\n")).state == "invalid"
    assert check(Program("def f(x):\n    while True:\n        x += 0.0\n")).state == "invalid"


def test_refusals_are_counted() -> None:
    outcome = check(Program("def f(x):\n    exec('')\n    return x * x\n"))
    assert outcome.state == "refused"
    assert sum(outcome.refusals.values()) > 0


def test_a_wrong_derivative_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    true = checks.jvp

    def doubled(*args: Any) -> Any:
        value, dot = true(*args)
        return value, 2.0 * dot

    monkeypatch.setattr(checks, "jvp", doubled)
    with pytest.raises(Wrong, match="modes disagree"):
        check(PRODUCT)


def test_a_derivative_that_both_modes_get_wrong_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    forward, reverse = checks.jvp, checks.vjp

    def tangent(*args: Any) -> Any:
        value, dot = forward(*args)
        return value, 2.0 * dot

    def cotangent(*args: Any) -> Any:
        value, pullback = reverse(*args)
        return value, lambda bar: tuple(2.0 * b for b in pullback(bar))

    monkeypatch.setattr(checks, "jvp", tangent)
    monkeypatch.setattr(checks, "vjp", cotangent)
    with pytest.raises(Wrong, match="differences disagree"):
        check(PRODUCT)


def test_a_written_argument_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    true = checks.jvp

    def writing(f: Any, args: Any, dots: Any) -> Any:
        made = true(f, args, dots)
        args[0][0] = 7.0
        return made

    monkeypatch.setattr(checks, "jvp", writing)
    with pytest.raises(Wrong, match="wrote into an argument"):
        check(Program("def f(a):\n    return np.sum(a)\n"))


def test_an_error_of_ours_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> Any:
        raise KeyError("lost")

    monkeypatch.setattr(checks, "jvp", broken)
    with pytest.raises(Wrong, match="forward raises: KeyError"):
        check(PRODUCT)


def test_failures_are_made_small() -> None:
    program = numbered(3)
    assert "np" in program.text
    small = reduced(program, lambda p: "np" in p.text)
    assert len(small.text) < 40 and "np" in small.text
    loaded(small)


def test_a_hunt_reports(capsys: pytest.CaptureFixture[str]) -> None:
    report = hunted(0.5, start=3)
    assert sum(report.states.values()) >= 1
    assert "programs:" in str(report)
    assert main(["--number", "3"]) == 0
    assert "def f(" in capsys.readouterr().out


def test_programs_take_what_their_names_say() -> None:
    x, a = Program("def f(x, a):\n    return x\n").args
    assert isinstance(x, float) and isinstance(a, np.ndarray)
