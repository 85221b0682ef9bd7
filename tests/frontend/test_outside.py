"""What a program leaves behind: arrays of its surroundings are written as in Python, lists and dicts of them are refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from wengert import UnsupportedError, grad, hessian, jacfwd, jacrev, jvp, value_and_grad, vjp

X = np.array([0.3, 0.6, 0.4])
WORK = np.zeros(3)
PARTS = {"w": np.ones(3), "b": 0.5}
SEEN: list[Any] = []
TABLE: dict[str, Any] = {}


class Model:
    rate = 2.0
    weights = np.ones(3)
    history: list[Any] = []  # noqa: RUF012

    def step(self, x):
        self.weights[0] += x[0] ** 2
        return self.rate * (self.weights * x).sum()

    def keep(self, x):
        self.history.append(x[0])
        return sum(self.history)


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    yield
    WORK[:], PARTS["w"][:], Model.weights[:], Model.rate = 0.0, 1.0, 1.0, 2.0
    SEEN.clear()
    TABLE.clear()
    Model.history.clear()


def read_before_and_after(x):
    before = (WORK * x).sum() + 1.0
    WORK[:] = x * x
    return before * (WORK * x).sum()


def in_a_dict(x):
    PARTS["w"][0] = x[0] ** 2
    return (PARTS["w"] * x).sum() * PARTS["b"]


def through_a_view(x):
    part = WORK[1:]
    part += x[:-1]
    return (WORK * x).sum() ** 2


def of_a_class(x):
    return Model().step(x)


def contents() -> list[Any]:
    return [a.copy() for a in (WORK, PARTS["w"], Model.weights)]


@pytest.mark.parametrize("f", [read_before_and_after, in_a_dict, through_a_view, of_a_class], ids=lambda f: f.__name__)
def test_arrays_of_the_surroundings_are_written_once(f: Any) -> None:
    start = contents()

    def reset() -> None:
        for a, b in zip((WORK, PARTS["w"], Model.weights), start, strict=True):
            a[:] = b

    f(X)
    left = contents()
    found = []
    for driver in (grad(f), jacrev(f), lambda x: value_and_grad(f)(x)[1], lambda x: vjp(f, x)[1](1.0)[0]):
        reset()
        found.append(driver(X))
        assert all(map(np.array_equal, contents(), left))
    reset()
    slope = jvp(f, (X,), (np.ones(3),))[1]
    assert all(map(np.array_equal, contents(), left))
    reset()
    forward = jacfwd(f)(X)
    assert all(map(np.array_equal, contents(), left))
    reset()
    second = hessian(f)(X)
    assert all(map(np.array_equal, contents(), left))
    assert np.allclose(found, forward)
    assert np.isclose(slope, forward.sum())

    def gradient(x: Any) -> Any:
        reset()
        return jacfwd(f)(x)

    h = 1e-6
    assert np.allclose(second, [(gradient(X + h * e) - gradient(X - h * e)) / (2 * h) for e in np.eye(3)], atol=1e-6)


def test_what_a_class_keeps_is_read_at_each_call() -> None:
    gradient = grad(lambda x: Model.rate * x[0] + (Model.weights * x).sum())
    assert np.array_equal(gradient(X), [3.0, 1.0, 1.0])
    Model.rate, Model.weights[1] = 5.0, 4.0
    assert np.array_equal(gradient(X), [6.0, 4.0, 1.0])


def test_other_arguments_are_as_they_were_in_each_direction() -> None:
    def f(x, work, items):
        work += x
        items.append(x[0] * x[1])
        return (work * work).sum() * sum(items)

    def given() -> tuple[Any, ...]:
        return X, np.zeros(3), [1.0]

    assert np.allclose(jacfwd(f)(*given()), jacrev(f)(*given()))
    second = hessian(f)(*given())
    assert np.allclose(second, jacrev(jacrev(f))(*given()))


def appended(x, acc=[]):  # noqa: B006
    acc.append(x)
    return sum(acc)


def remembered(x, *, memo={}):  # noqa: B006
    memo["x"] = memo.get("x", 0.0) + x
    return memo["x"]


def list_of_the_module(x):
    SEEN.append(x[0])
    return sum(SEEN) * x[1]


def dict_of_the_module(x):
    TABLE["x"] = x[0]
    return TABLE["x"] * x[1]


REFUSED = [
    (lambda x: appended(x[0]) + appended(x[1]), "`acc` is a default, and Python keeps"),
    (lambda x: remembered(x[0]) + remembered(x[1]), "`memo` is a default, and Python keeps"),
    (list_of_the_module, "`SEEN` is not of this function"),
    (dict_of_the_module, "`TABLE` is not of this function"),
    (lambda x: Model().keep(x), "`history` is not of this function"),
]


@pytest.mark.parametrize("f, text", REFUSED, ids=lambda v: v if isinstance(v, str) else "")
def test_what_would_be_kept_for_the_next_call_is_refused(f: Callable[..., Any], text: str) -> None:
    for driver in (grad, jacfwd):
        with pytest.raises(UnsupportedError, match=text) as caught:
            driver(f)(X)
        assert caught.value.problems[0].location is not None and caught.value.problems[0].instead
    assert not SEEN and not TABLE and not Model.history


def weighed(x, weights=(2.0, 3.0), by=[1.0, 4.0]):  # noqa: B006
    return x[0] * weights[0] * by[1] + x[1] * by[0]


def test_defaults_that_are_only_read(agrees: Any) -> None:
    agrees(lambda x: weighed(x) * weighed(x * x), X)
