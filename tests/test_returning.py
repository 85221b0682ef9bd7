"""`returning`: functions that fill arrays that they are given, as functions of the contents on entry."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pytest

import wengert
from differences import close, dot
from wengert import returning

RNG = np.random.default_rng(3)


def axpy(alpha, x, y):
    y += alpha * x


def fill(A, b):
    """Row 0 is a constant afterwards, row 1 comes from b, the others keep what they had."""
    A[0] = 1.0
    A[1] = b * b


def normalize(v, log):
    size = np.sqrt(np.sum(v * v))
    v /= size
    log[0] = size
    return size


def points() -> tuple[Any, Any]:
    return RNG.random((3, 4)), RNG.random(4)


def test_one_name_gives_the_array() -> None:
    x, y = RNG.random(3), RNG.random(3)
    made = returning(axpy, "y")(2.0, x, y)
    assert isinstance(made, np.ndarray) and np.array_equal(made, y + 2.0 * x)


def test_several_names_in_the_order_asked_for_after_the_result() -> None:
    v, log = np.array([3.0, 4.0]), np.zeros(1)
    size, last, unit = returning(normalize, "log", "v")(v, log)
    assert (size, last[0]) == (5.0, 5.0)
    assert np.array_equal(unit, np.array([0.6, 0.8]))


def test_a_tuple_as_own_result_stays_one_part() -> None:
    def both(a):
        a *= 2.0
        return a[0], a[1]

    (first, second), a = returning(both, "a")(np.array([1.0, 2.0]))
    assert (first, second) == (2.0, 4.0) and np.array_equal(a, [2.0, 4.0])
    value, dots = wengert.jvp(returning(both, "a"), (np.array([1.0, 2.0]),), (np.array([1.0, 0.0]),))
    assert close((value, dots), (((2.0, 4.0), a), ((2.0, 0.0), np.array([2.0, 0.0]))), 0.0)


def test_arguments_keep_their_contents() -> None:
    A, b = points()
    kept, f = A.copy(), returning(fill, "A")
    f(A, b)
    wengert.jvp(f, (A, b), (A, b))
    wengert.vjp(f, A, b)[1](np.ones_like(A))
    wengert.grad(lambda A, b: np.sum(f(A, b)))(A, b)
    assert np.array_equal(A, kept)


def test_results_are_arrays_of_their_own() -> None:
    A, b = points()
    f = returning(fill, "A")
    made = [f(A, b), wengert.jvp(f, (A, b), (A, b))[0], wengert.vjp(f, A, b)[0], *wengert.vjp(f, A, b)[1](np.ones_like(A))]
    assert not any(np.shares_memory(m, given) for m in made for given in (A, b))
    weights = np.ones_like(A)
    pulled = wengert.vjp(f, A, b)[1](weights)
    pulled[0][:] = 7.0
    assert np.array_equal(weights, np.ones_like(A))


def test_derivatives_are_those_of_the_contents_on_entry() -> None:
    """What is overwritten on the way has no influence."""
    A, b = points()
    f = returning(fill, "A")
    A_bar, b_bar = wengert.vjp(f, A, b)[1](np.ones_like(A))
    assert np.array_equal(A_bar, [[0.0] * 4, [0.0] * 4, [1.0] * 4])
    assert np.allclose(b_bar, 2.0 * b)
    A_dot = wengert.jvp(f, (A, b), (np.ones_like(A), np.zeros_like(b)))[1]
    assert np.array_equal(A_dot, A_bar)


def test_every_driver() -> None:
    x, y = RNG.random(3), RNG.random(3)
    f = returning(axpy, "y")

    def loss(alpha, x, y):
        return np.sum(f(alpha, x, y) ** 2)

    r = y + 1.5 * x
    assert close(wengert.grad(loss)(1.5, x, y), 2.0 * dot(r, x), 1e-12)
    assert close(wengert.value_and_grad(loss, (1, 2))(1.5, x, y), (dot(r, r), (3.0 * r, 2.0 * r)), 1e-12)
    assert close(wengert.hessian(loss, 2)(1.5, x, y), 2.0 * np.eye(3), 1e-12)
    product = wengert.hvp(lambda y: loss(1.5, x, y), (y,), (np.ones(3),))
    assert close(product, 2.0 * np.ones(3), 1e-12)
    for driver in (wengert.jacfwd, wengert.jacrev, wengert.jacobian):
        assert close(driver(f, 1)(1.5, x, y), 1.5 * np.eye(3), 1e-12)
    assert close(wengert.jvp(f, (1.5, x, y), (1.0, 0 * x, 0 * y)), (r, x), 1e-12)
    assert close(wengert.vjp(f, 1.5, x, y)[1](r), (dot(r, x), 1.5 * r, r), 1e-12)


def test_made_inside_the_differentiated_function() -> None:
    def loss(y):
        return np.sum(returning(axpy, "y")(2.0, y, y * y) ** 2)

    y = np.array([0.5, -1.5])
    assert close(wengert.grad(loss)(y), 2.0 * (y * y + 2.0 * y) * (2.0 * y + 2.0), 1e-12)


def test_a_name_that_is_rebound_is_another_array() -> None:
    """As in Python: the caller's array keeps what was stored before the assignment."""

    def f(a):
        a[0] = 3.0 * a[0]
        a = a * 10.0
        a[1] = 7.0

    x = np.array([1.0, 2.0])
    assert np.array_equal(returning(f, "a")(x), [3.0, 2.0])
    assert np.array_equal(wengert.jacfwd(returning(f, "a"))(x), [[3.0, 0.0], [0.0, 1.0]])
    assert np.array_equal(wengert.jacrev(returning(f, "a"))(x), [[3.0, 0.0], [0.0, 1.0]])


def test_stores_through_views_and_helpers() -> None:
    def scale(row, by):
        row *= by

    def f(a):
        inner = a[1:, 1:]
        scale(inner.T[0], a[0, 0])

    a = RNG.random((3, 3))
    want = a.copy()
    want[1:, 1] *= a[0, 0]
    assert np.array_equal(returning(f, "a")(a), want)
    a_bar = wengert.vjp(returning(f, "a"), a)[1](np.ones((3, 3)))[0]
    bar = np.ones((3, 3))
    bar[1:, 1] = a[0, 0]
    bar[0, 0] += a[1:, 1].sum()
    assert close(a_bar, bar, 1e-12)


def test_a_written_argument_that_is_also_returned() -> None:
    def f(a):
        a *= a
        return a

    x = np.array([1.0, 2.0])
    first, second = returning(f, "a")(x)
    assert np.array_equal(first, second) and np.array_equal(first, x * x)
    pulled = wengert.vjp(returning(f, "a"), x)[1]((np.ones(2), 10.0 * np.ones(2)))[0]
    assert close(pulled, 22.0 * x, 1e-12)


def test_containers_are_arguments_too() -> None:
    def step(state, dt):
        state["v"] -= dt * state["x"]
        state["x"] += dt * state["v"]

    state = {"x": np.array([1.0, 2.0]), "v": np.array([0.0, 1.0])}
    f = returning(step, "state")
    made = f(state, 0.5)
    assert np.array_equal(state["v"], [0.0, 1.0])
    assert close((made["x"], made["v"]), (np.array([0.75, 2.0]), np.array([-0.5, 0.0])), 1e-12)
    bars = wengert.vjp(f, state, 0.5)[1]({"x": np.ones(2), "v": np.zeros(2)})
    assert close((bars[0]["x"], bars[0]["v"]), (np.full(2, 0.75), np.full(2, 0.5)), 1e-12)


@pytest.mark.parametrize("layout", ["strided", "fortran", "reversed"])
def test_arguments_of_any_layout(layout: str) -> None:
    big = RNG.random((6, 8))
    A = {"strided": big[::2, ::2], "fortran": np.asfortranarray(big[:3, :4]), "reversed": big[2::-1, 3::-1]}[layout]
    b, kept = RNG.random(4), A.copy()
    f = returning(fill, "A")
    assert np.array_equal(f(A, b)[2], kept[2])
    A_bar, _ = wengert.vjp(f, A, b)[1](np.ones((3, 4)))
    assert np.array_equal(A_bar, [[0.0] * 4, [0.0] * 4, [1.0] * 4])
    assert np.array_equal(A, kept)


def test_keywords_and_defaults() -> None:
    def f(a, *, by=2.0):
        a *= by

    x = np.array([1.0, 2.0])
    assert np.array_equal(returning(f, "a")(x), 2.0 * x)
    assert np.array_equal(returning(f, "a")(x, by=3.0), 3.0 * x)
    loss = lambda a: np.sum(returning(f, "a")(a, by=5.0))  # noqa: E731
    assert np.array_equal(wengert.grad(loss)(x), [5.0, 5.0])


def test_of_what_a_partial_or_a_method_fills() -> None:
    class Filter:
        weight = 0.5

        def smooth(self, a):
            a[1:] += self.weight * a[:-1]

    x = np.array([1.0, 2.0, 4.0])
    assert np.array_equal(returning(Filter().smooth, "a")(x), [1.0, 2.5, 5.0])
    assert np.array_equal(wengert.vjp(returning(Filter().smooth, "a"), x)[1](np.ones(3))[0], [1.5, 1.5, 1.0])
    half = functools.partial(axpy, 0.5)
    assert np.array_equal(wengert.vjp(returning(half, "y"), x, x.copy())[1](np.ones(3))[0], [0.5, 0.5, 0.5])


def test_a_name_that_is_no_parameter() -> None:
    with pytest.raises(wengert.ArgumentError, match="z"):
        returning(axpy, "z")


def test_no_name_at_all() -> None:
    with pytest.raises(wengert.ArgumentError):
        returning(axpy)


def test_arguments_that_share_memory_with_a_written_one() -> None:
    """The derivative would be that of separate arrays: an error that names both."""
    x = np.array([1.0, 2.0, 3.0])
    f = returning(axpy, "y")
    for attempt in (
        lambda: wengert.jvp(f, (2.0, x, x), (1.0, x, x)),
        lambda: wengert.vjp(f, 2.0, x, x[::-1])[1](x),
        lambda: wengert.grad(lambda a, x, y: np.sum(f(a, x, y)))(2.0, x[:2], x[1:]),
    ):
        with pytest.raises(wengert.WengertError, match=r"(?s)x.*y|y.*x"):
            attempt()


def test_arguments_may_share_memory_where_nothing_is_written() -> None:
    x = np.array([1.0, 2.0])
    assert close(wengert.grad(lambda a, b: np.sum(a * b), (0, 1))(x, x), (x, x), 0.0)
    y = np.zeros(4)
    assert np.array_equal(wengert.vjp(returning(axpy, "y"), 2.0, y[:2], y[2:])[1](x)[2], x), "they do not overlap"
