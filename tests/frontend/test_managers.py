"""`with`: managers that are understood, written in Python, or kept as they are."""

# programs as users write them
# ruff: noqa: B023, F841, UP028
from __future__ import annotations

import contextlib
import io
import math
import threading
import warnings
from collections.abc import Callable
from contextlib import contextmanager, nullcontext, suppress
from typing import Any

import numpy as np
import pytest

from wengert import UnsupportedError, grad, jvp, value_and_grad
from wengert.testing import unsimplified, verified


class Mine(Exception):
    pass


LOCK = threading.Lock()


class Loud:
    def __enter__(self):
        print("enter")
        return self

    def __exit__(self, kind, error, trace):
        print("exit", kind is None)


class Swallowing:
    def __enter__(self):
        return 3.0

    def __exit__(self, kind, error, trace):
        return kind is not None and issubclass(kind, ValueError)


T = Loud()
S = Swallowing()


@contextmanager
def scaled(x: float, k=2.0) -> Any:
    print("in")
    try:
        yield x * k
    except Mine:
        print("swallowed")
    finally:
        print("out")


@contextmanager
def plain(x: float) -> Any:
    yield x + 1
    print("after")


def errstate(x: float) -> Any:
    with np.errstate(divide="ignore"):
        y = np.log(np.array([x, 2 * x]))
    return np.sum(y)


def suppressed(x: float) -> Any:
    with suppress(ValueError, ZeroDivisionError):
        y = math.log(x)
        return y / (x - 2)
    return 3 * x


def nothing_and_a_lock(x: float) -> Any:
    with nullcontext(x) as z, LOCK:
        return z * z


def managers_in_loops(x: float) -> Any:
    with T as t:
        for i in range(4):
            with T:
                if i == 2:
                    break
                x = x * 1.5
    return x


def exceptions_pass(x: float) -> Any:
    with T:
        if x > 1:
            raise Mine("m")
        return x * x


def exceptions_are_swallowed(x: float) -> Any:
    with S as k:
        y = k * x
        y = y * math.sqrt(x - 1)
    return y


def a_generator_that_handles(x: float) -> Any:
    with scaled(x) as z:
        if z > 4:
            raise Mine
        if z < 0:
            return -z
        y = z * z
        return y
    return 5 * x


def two_at_once(x: float) -> Any:
    with plain(x) as a, plain(a * x) as b:
        return a * b


def defined_inside(x: float) -> Any:
    @contextmanager
    def cm(k):
        nonlocal x
        old = x
        x = x * k
        yield
        x = old + x

    with cm(3.0):
        y = x * x
    return y * x


def inside_of_try(x: float) -> Any:
    try:
        with T:
            return math.log(x)
    except ValueError:
        return 2 * x


def errors_that_numpy_raises(x: float) -> Any:
    with np.errstate(all="raise"):
        try:
            y = float(np.float64(x) / np.float64(x - x))
        except FloatingPointError:
            y = 7 * x
    return y


def warnings_caught(x: float) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        y = x * x
    return y


def files(x: float) -> Any:
    with open("/dev/null") as fh:
        s = fh.read()
        return x * x


class Doubling:
    def __init__(self, k):
        self.k = k
        self.log = 0.0

    def __enter__(self):
        self.k = self.k * 2
        return self

    def __exit__(self, kind, err, tb):
        self.k = self.k / 2
        self.log = self.log + 1
        return kind is Mine


def objects_made_here(x: float) -> Any:
    c = Doubling(x)
    with c as d:
        y = d.k * x
        if x > 1:
            raise Mine
        y = y * 2
    return y * c.k + c.log


CASES = [
    (objects_made_here, 0.5),
    (objects_made_here, 1.5),
    (errstate, 1.5),
    (suppressed, 2.5),
    (suppressed, -1.0),
    (suppressed, 3.0),
    (nothing_and_a_lock, 2.0),
    (managers_in_loops, 1.5),
    (exceptions_pass, 0.5),
    (exceptions_pass, 2.0),
    (exceptions_are_swallowed, 2.0),
    (exceptions_are_swallowed, 0.5),
    (a_generator_that_handles, 1.0),
    (a_generator_that_handles, 3.0),
    (a_generator_that_handles, -1.0),
    (two_at_once, 1.5),
    (defined_inside, 1.5),
    (inside_of_try, 2.0),
    (inside_of_try, -1.0),
    (errors_that_numpy_raises, 1.5),
    (warnings_caught, 1.5),
    (files, 1.5),
]


def ran(run: Callable[[], Any]) -> tuple[Any, str]:
    """What a call returns, or the exception that it raises, and what it prints."""
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        try:
            value = run()
        except UnsupportedError:
            raise
        except Exception as error:
            value = repr(error)
    return value, printed.getvalue()


@pytest.mark.parametrize(("f", "x"), CASES, ids=lambda v: getattr(v, "__name__", str(v)))
def test_value_effects_and_derivatives(f: Any, x: float) -> None:
    """As Python runs it; both modes against differences, simplified and raw."""
    want, printed = ran(lambda: f(x))
    for context in (verified, unsimplified):
        with context():
            back, ahead = ran(lambda: value_and_grad(f)(x)), ran(lambda: jvp(f, (x,), (1.0,)))
        assert back[1] == ahead[1] == printed
        if isinstance(want, str):
            assert back[0] == ahead[0] == want
            continue
        h = 1e-6
        slope = (ran(lambda: f(x + h))[0] - ran(lambda: f(x - h))[0]) / (2.0 * h)
        assert back[0][0] == ahead[0][0] == want
        assert back[0][1] == pytest.approx(slope, rel=1e-5, abs=1e-5)
        assert ahead[0][1] == pytest.approx(slope, rel=1e-5, abs=1e-5)


def test_the_state_of_numpy_is_restored_where_the_body_raises() -> None:
    def f(x: float) -> float:
        with np.errstate(divide="ignore"):
            y = x / (x - 1.0)
        return y

    before = np.geterr()
    with pytest.raises(ZeroDivisionError):
        value_and_grad(f)(1.0)
    assert np.geterr() == before


def in_a_loop(x: float) -> Any:
    @contextmanager
    def often() -> Any:
        for k in range(2):
            yield k

    with often():
        return x


def no_manager(x: float) -> Any:
    with 3 as y:  # type: ignore[attr-defined]
        return x * y


@pytest.mark.parametrize(
    ("f", "text"),
    [(in_a_loop, "a context manager that yields in a loop"), (no_manager, "this is no context manager")],
)
def test_refused(f: Any, text: str) -> None:
    with pytest.raises(UnsupportedError, match=text):
        grad(f)(1.5)
