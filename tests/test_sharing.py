"""Arguments that share memory, found before a program that writes one of them runs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from wengert import ArgumentError, grad, hessian, jacobian, jvp, returning, value_and_grad, vjp
from wengert.sharing import check_apart, parts_of

WORK = np.zeros(3)


def first_from_second(a, b):
    a[0] = b[1] * b[1]
    return np.sum(a * b)


def reads(a, b):
    c = a * 1.0
    c[0] = b[1]
    return np.sum(c * b)


def nested(p, b):
    p["w"][0] = b[0]
    return np.sum(p["w"] * b)


def through_a_view(a, b):
    row = a[1:]
    row *= b[1:]
    return np.sum(row)


def into_work(a):
    WORK[:] = a * a
    a[0] = WORK[1]
    return np.sum(WORK * a)


DRIVERS: dict[str, Any] = {
    "grad": lambda f, *args: grad(f, (0, 1))(*args),
    "value_and_grad": lambda f, *args: value_and_grad(f)(*args),
    "jvp": lambda f, *args: jvp(f, args, args),
    "vjp": lambda f, *args: vjp(f, *args),
    "jacobian": lambda f, *args: jacobian(f)(*args),
    "hessian": lambda f, *args: hessian(f)(*args),
    "returning": lambda f, *args: jacobian(returning(f, "a"))(*args),
    "called": lambda f, *args: returning(f, "a")(*args),
}


@pytest.mark.parametrize("driver", DRIVERS)
def test_an_error_that_names_both(driver: str) -> None:
    x = np.arange(4.0)
    for args in ((x, x), (x[1:], x[:-1]), (x, x[::-1])):
        with pytest.raises(ArgumentError, match="`a` and `b` share memory, and `first_from_second` writes into `a`"):
            DRIVERS[driver](first_from_second, *args)
    assert np.array_equal(x, np.arange(4.0))


@pytest.mark.parametrize("driver", DRIVERS)
def test_neighbors_in_one_array_do_not_share(driver: str) -> None:
    x = np.arange(6.0)
    for args in ((x[:3], x[3:]), (x[::2], x[1::2]), (x[:3], x[:3].copy())):
        DRIVERS[driver](first_from_second, *args)
    assert np.array_equal(x, np.arange(6.0))


def test_arguments_that_are_only_read_may_be_one() -> None:
    x = np.arange(3.0)
    assert np.array_equal(grad(reads)(x, x), [0.0, 1.0, 2.0])


def test_an_argument_that_is_not_read_may_be_anything() -> None:
    def f(a, spare):
        a[0] = a[1]
        return np.sum(a)

    x = np.arange(3.0)
    assert np.array_equal(grad(f)(x, x), [0.0, 2.0, 1.0])
    args = (x, 2.0)
    assert np.array_equal(grad(lambda v: f(v, *args[1:]))(x), [0.0, 2.0, 1.0])


def test_inside_of_containers() -> None:
    x = np.arange(3.0)
    with pytest.raises(ArgumentError, match=r"`p\['w'\]` and `b` share memory"):
        grad(nested, 1)({"w": x[::-1]}, x)
    assert np.array_equal(grad(nested, 1)({"w": x.copy()}, x), [0.0, 1.0, 2.0])  # twice b[0], which is 0


def test_one_container_twice() -> None:
    def f(p, q):
        p["w"] = q["w"] * 2.0
        return np.sum(p["w"] * q["w"])

    p = {"w": np.ones(2)}
    with pytest.raises(ArgumentError, match="`p` and `q` share memory"):
        grad(f)(p, p)


def test_through_views_and_in_the_surroundings() -> None:
    x = np.arange(3.0)
    with pytest.raises(ArgumentError, match="`a` and `b`"):
        grad(through_a_view)(x, x)
    with pytest.raises(ArgumentError, match="WORK"):
        grad(into_work)(WORK)
    assert np.array_equal(grad(into_work)(np.ones(3)), [2.0, 5.0, 3.0])
    assert np.array_equal(WORK, np.ones(3))  # it is not an argument: it is written as Python does
    WORK[:] = 0.0


def test_arguments_of_every_kind() -> None:
    def f(*args, scale, **options):
        args[0][0] = scale[0] * options["by"][1]
        return np.sum(args[0] * args[1])

    x, y = np.arange(3.0), np.ones(3)
    with pytest.raises(ArgumentError, match=r"`args\[0\]` and `args\[1\]`"):
        grad(f)(x, x, scale=y, by=y)
    with pytest.raises(ArgumentError, match=r"`args\[0\]` and `options\['by'\]`"):
        grad(f)(x, y, scale=y, by=x)
    with pytest.raises(ArgumentError, match=r"`args\[0\]` and `scale`"):
        grad(f)(x, y, scale=x, by=y)


def test_an_array_that_overlaps_itself() -> None:
    base = np.arange(4.0)
    windows = np.lib.stride_tricks.as_strided(base, (3, 2), (8, 8))
    with pytest.raises(ArgumentError, match="entries of `a` share memory"):
        check_apart([("a",)], None, {"a": windows}, "f")
    for plain in (base[::-1], base.reshape(2, 2).T, base[None, ::2], np.zeros((0, 3)), base[:, None]):
        check_apart([("a",)], None, {"a": plain}, "f")


def test_the_parts_of_a_structure() -> None:
    x = np.zeros(2)
    assert [p for p, _ in parts_of({"a": [x, (x, 1.0)], "b": 2.0}, ("q",))] == [
        ("q",), ("q", "a"), ("q", "a", 0), ("q", "a", 1, 0)
    ]  # fmt: skip
