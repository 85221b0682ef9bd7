"""Generator functions: each `yield` runs what the consumer does."""

# programs as users write them
# ruff: noqa: B023, F841, I001
from __future__ import annotations

import contextlib
import io
import logging
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from wengert import UnsupportedError, grad, jvp, value_and_grad
from wengert.testing import unsimplified, verified


log = logging.getLogger(__name__)


def multiples(x: float, n) -> Any:
    for k in range(n):
        yield x * k


def powers(x: float) -> Any:
    yield x
    y = x * x
    yield y
    print("tail")
    yield y * x


def endless(x: float) -> Any:
    while True:
        x = x * 1.1
        yield x


def chained(x: float) -> Any:
    yield x
    yield from multiples(x, 3)
    for v in powers(x):
        yield 2 * v


def positive(v):
    for a in v:
        if a > 0:
            yield a


def until(x: float) -> Any:
    for k in range(10):
        if k * x > 5:
            return
        yield k * x


def summed(x: float) -> Any:
    return sum(multiples(x, 4))


def broken_off(x: float) -> Any:
    t = 0.0
    for v in endless(x):
        if v > 3:
            break
        t += v
    return t


def unpacked(x: float) -> Any:
    a, b, c = powers(x)
    return a * b + c + max(powers(x))


def listed(x: float) -> Any:
    return sum(v * v for v in chained(x)) + list(powers(x))[1]


def of_an_array(x: float) -> Any:
    t = 0.0
    for v in positive(np.array([x, -x, 2 * x])):
        t += v * v
    return t


def that_return(x: float) -> Any:
    t = 1.0
    for v in until(x):
        if v == 0:
            continue
        t = t * v
    return t


def nested(x: float) -> Any:
    for v in multiples(x, 5):
        for w in multiples(v, 3):
            if w > 4:
                return w * v
    return x


def with_nonlocals(x: float) -> Any:
    def local(y):
        nonlocal x
        for _ in range(3):
            y = y * x
            yield y
            x = x + 0.1

    s = 0.0
    for v in local(2.0):
        s += v
        x = x * 1.01
    return s


def inside_of_try(x: float) -> Any:
    try:
        for v in multiples(x, 5):
            s = math.sqrt(2 - v)
    except ValueError:
        s = x * s
    return s


def roots(x: float) -> Any:
    for k in range(4):
        try:
            yield math.sqrt(2 - x * k)
        except ValueError:
            yield -x


def with_handlers(x: float) -> Any:
    s = 0.0
    for v in roots(x):
        s += v
    return s


def handlers_of_the_consumer(x: float) -> Any:
    s = 0.0
    for v in roots(x):
        try:
            s += math.log(v)
        except ValueError:
            s += 2 * v
    return s


def first_only(x: float) -> Any:
    g = powers(x)
    a = 0.0
    for v in g:
        a += v
        break
    return a


def asked(x: float) -> Any:
    if any(v > 2 for v in multiples(x, 4)):
        return x * 3
    return dict(enumerate([x, 2 * x]))[1]


def logged(x: float) -> Any:
    log.info("hi %s", x)
    return x * sum([v for v in powers(x)])


def running(xs):
    t = 0.0
    for v in xs:
        t = t + v
        yield t


def in_a_row(x: float) -> Any:
    return sum(running(running(multiples(x, 4))))


def growing(x: float) -> Any:
    k = 0
    while True:
        x = x * 1.5
        if x > 10:
            return
        yield x


def filtered(x: float) -> Any:
    return sum(filter(lambda v: v > 1, multiples(x, 4))) + sum(filter(None, [x, 0.0, 2 * x]))


def largest(x: float) -> Any:
    return max(powers(x)) * min(multiples(x, 3)) + sorted(powers(x))[0] + max(v for v in powers(x))


def enumerated(x: float) -> Any:
    t = 0.0
    for i, v in enumerate(endless(x)):
        if v > 4:
            break
        t += i * v
    return t


def grown_lists(x: float) -> Any:
    vals = list(multiples(x, 4))
    w = [2 * v for v in multiples(x, 3)]
    u = np.array(list(growing(x)))
    return vals[2] * w[1] + np.sum(u)


def counting_down(x: float, n: int) -> Any:
    if n > 0:
        yield x * n
        yield from counting_down(x, n - 1)


def recursive(x: float) -> Any:
    return sum(counting_down(x, 3))


CASES = [
    (filtered, 1.5),
    (largest, 1.5),
    (enumerated, 1.5),
    (grown_lists, 1.5),
    (recursive, 1.5),
    (summed, 1.5),
    (broken_off, 0.5),
    (broken_off, 4.0),
    (unpacked, 1.5),
    (listed, 1.5),
    (of_an_array, 1.5),
    (that_return, 1.5),
    (that_return, 0.1),
    (nested, 1.5),
    (nested, 0.45),
    (with_nonlocals, 1.5),
    (inside_of_try, 0.3),
    (inside_of_try, 1.5),
    (with_handlers, 0.3),
    (with_handlers, 1.5),
    (handlers_of_the_consumer, 0.3),
    (handlers_of_the_consumer, 1.5),
    (first_only, 1.5),
    (asked, 1.5),
    (asked, 0.5),
    (logged, 1.5),
    (in_a_row, 1.5),
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


def twice(x: float) -> Any:
    items = multiples(x, 3)
    return sum(items) + sum(items)


def cleaning(x: float) -> Any:
    try:
        yield x
    finally:
        print("end")


def cleaned(x: float) -> Any:
    return sum(cleaning(x))


@pytest.mark.parametrize(
    ("f", "text"),
    [
        (twice, "an iterator that was walked before is empty"),
        (cleaned, "a `yield` inside `with` or `try ... finally` is not supported"),
        (lambda x: next(zip(endless(x), endless(x)))[0], "it is not known whether this iterator ends"),
    ],
)
def test_refused(f: Any, text: str) -> None:
    with pytest.raises(UnsupportedError, match=text):
        grad(f)(1.5)


def test_a_generator_that_walks_itself_over_what_is_known(agrees: Callable[..., None]) -> None:
    def f(x: Any, y: Any) -> Any:
        def orders(items: Any) -> Any:
            if len(items) <= 1:
                yield items
            else:
                for i in range(len(items)):
                    for rest in orders(items[:i] + items[i + 1 :]):
                        yield [items[i]] + rest

        return sum(p[0] * p[1] ** 2 for p in orders([x, y]))

    agrees(f, 0.7, 0.5)
