"""NumPy's functions that write into an array that they are given: exact, and the caller's arrays stay as they are."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
import pytest

from wengert import UnsupportedError, grad, hessian, jacrev, returning

W = np.array([1.0, -2.0, 3.0, 0.5, 1.5, 2.5])
TWICE = np.array([0, 1, 0, 3, 3, 3])
RNG = np.random.default_rng(5)
POINTS = [np.array([0.7, -0.3, 1.2, 0.4, -0.9, 2.1]), np.array([-0.7, 0.35, -1.2, -0.45, 0.9, -0.1])]


# --- methods ------------------------------------------------------------------------------------------------------------


def fill(x):
    a = np.zeros(6)
    a.fill(x[0])
    a[1] = x[1]
    return np.sum(a * W * x)


def fill_a_view(x):
    a = x * 1.0
    a[1:4].fill(x[0] * x[5])
    return np.sum(a**2 * W)


def sort(x):
    a = x * x
    b = a
    a.sort()
    return np.sum(b * W)


def sort_along_axes(x):
    a = np.reshape(x * x, (2, 3))
    a.sort(axis=0)
    a.T.sort(0)
    return np.sum(a * W.reshape(2, 3))


def partition(x):
    a = x * x
    a.partition(2)
    return a[2] * np.sum(a[3:])


def unbound_methods(x):
    a = x * x
    np.ndarray.sort(a)
    np.ndarray.fill(a[:2], x[0])
    return np.sum(a * W)


# --- positions and masks ------------------------------------------------------------------------------------------------


def put_method(x):
    a = x * 2.0
    a.put([0, 2, 0], [x[1], x[2], x[3]])
    return np.sum(a * a * W)


def put_in_a_matrix(x):
    a = np.reshape(x * 2.0, (2, 3))
    np.put(a, [5, -1, 1], x[:2] * x[0])
    np.put(a, 2, x[4])
    return np.sum(a * a * W.reshape(2, 3))


def put_out_of_range(x):
    a = np.reshape(x * 2.0, (2, 3))
    np.put(a, [7, -1, 1], x[:2] * x[0], mode="wrap")
    np.put(a, [44, -3], x[3], mode="clip")
    return np.sum(a * a * W.reshape(2, 3))


def copyto(x):
    a = np.empty(6)
    np.copyto(a, x * x)
    np.copyto(a[1:], a[:-1])
    np.copyto(a, x[0], where=x > 0)
    return np.sum(a * a * W)


def place(x):
    a = x * 3.0
    np.place(a, x > 0, [x[0] * x[1], x[1]])
    return np.sum(a * a * W)


def putmask(x):
    a = x * 3.0
    np.putmask(a, x > 0, x * x)
    np.putmask(a, x < -0.5, np.array([1.0, 2.0]) * x[:2])
    np.putmask(a, x > 1, 0.0)
    return np.sum(a * a * W)


def fill_diagonal(x):
    a = np.outer(x, x)
    np.fill_diagonal(a, x * x)
    np.fill_diagonal(a[1:], 2.0)
    np.fill_diagonal(a[:, 2:], x[:2])
    return np.sum(a * a * np.outer(W, W))


def fill_diagonal_wrapped(x):
    a = np.outer(x, x[:3])
    np.fill_diagonal(a, x[:2], wrap=True)
    return np.sum(a * a * np.outer(W, W[:3]))


def fill_diagonal_of_a_cube(x):
    a = x[:2, None, None] * x[None, 2:4, None] * x[4:]
    np.fill_diagonal(a, x[1])
    return np.sum(a * a * a)


def put_along_axis(x):
    a = np.outer(x[:2], x[:3])
    np.put_along_axis(a, np.array([[0, 2, 0], [1, 1, 2]]), np.reshape(x * x, (2, 3)), axis=1)
    np.put_along_axis(a, np.array([[1, 0, 1]]), x[5], axis=0)
    np.put_along_axis(a, np.array([0, 2, 0]), x[:3] ** 2, axis=None)
    return np.sum(a * a * W.reshape(2, 3))


def flat(x):
    a = np.outer(x, x)
    a.flat[3:9] = x * x
    a.flat[[0, 0]] = x[:2]
    a.flat[2] = x[0]
    a.flat[-1] = x[1]
    total = 0.0
    for k, v in enumerate(a.flat):
        total = total + v * v * (k % 5)
    return total + a.flat[7]


def flat_in_cycles(x):
    a = np.outer(x, x)
    a.flat[3:9] = x[:2] * 2
    a.flat[::2] = [x[1], x[2]]
    b = np.zeros((2, 3))
    b.flat = x * x
    return np.sum(a * a * a) + np.sum(b * W.reshape(2, 3))


def flat_of_a_transpose(x):
    a = np.outer(x, x[:2])
    a.T.flat[1] = x[3] * x[3]
    for k in range(4):
        a.flat[2 * k + 1] *= x[k]
    return np.sum(a * a)


# --- ufunc.at -----------------------------------------------------------------------------------------------------------


def add_at(x):
    a = x * 1.0
    np.add.at(a, TWICE, x * x)
    np.subtract.at(a, TWICE, x[::-1] * x)
    np.add.at(a, TWICE, 1.0)
    np.add.at(a, 2, x[2])
    return np.sum(a * a * W)


def multiply_at(x):
    a = x + 2.0
    np.multiply.at(a, TWICE, x * x)
    np.divide.at(a, TWICE[2:], x[2:])
    return np.sum(a * a * W)


def extremes_at(x):
    a = x * 0.1
    np.maximum.at(a, TWICE, x * x)
    np.minimum.at(a, [0, 0, 1], x[3])
    np.power.at(a, [0, 3, 3], 2.0)
    return np.sum(a * a * W)


def at_in_a_matrix(x):
    a = np.outer(x[:2], x[:3])
    np.multiply.at(a, (np.array([0, 1, 0]), np.array([1, 1, 1])), x[3:])
    np.add.at(a, (0, slice(None)), x[:3])
    np.multiply.at(a, a > 0, 2.0)
    np.negative.at(a, [0, 0, 1])
    return np.sum(a * a * a)


def at_through_a_view(x):
    b = x * 1.0
    a = b[1:]
    np.multiply.at(a, [0, 0, 1], x[3:])
    return np.sum(b * b * W)


# --- out= and where= ----------------------------------------------------------------------------------------------------


def out_is_the_result(x):
    a = np.empty(6)
    b = np.multiply(x, x, out=a)
    a[0] = x[3]
    np.add(b, x, a)
    np.sin(a, out=(a,))
    return np.sum(a * b * W)


def out_is_a_view(x):
    a = np.zeros((2, 6))
    np.multiply(x, x[0], out=a[1])
    np.add(a[1], 1.0, out=a[0])
    np.exp(a[1, ::2], out=a[0, 1::2])
    return np.sum(a * a * W)


def out_of_functions(x):
    a, c, s = np.zeros(6), np.zeros(6), np.empty(())
    np.cumsum(x * x, out=a)
    np.dot(np.outer(a, x), x, out=c)
    d = np.clip(c, -1.0, 50.0, out=c)
    np.sum(c * W, out=s)
    np.minimum(c, x, out=c)
    return s * s + np.sum(c * d)


def out_of_methods(x):
    a, b, c = np.zeros(6), np.zeros(3), np.zeros(3)
    (x * x).cumsum(out=a)
    np.reshape(a, (2, 3)).sum(axis=0, out=b)
    b.clip(0.1, 1.0, c)
    return np.sum(a * a * W) + np.sum(b * c)


def out_broadcast(x):
    a = np.ones((3, 6))
    np.add(x, x[0], out=a)
    return np.sum(a * a * W)


def under_a_mask(x):
    a = np.divide(x, x[::-1], out=np.zeros_like(x), where=x > 0)
    b = np.ones(6)
    np.sqrt(x, out=b, where=x > 0)
    q = np.log(x, where=x > 0, out=None)
    return np.sum(a * W) + np.sum(b * W) + np.sum(np.where(x > 0, q, 0.0))


def under_a_broadcast_mask(x):
    b = np.ones((3, 6))
    np.divide(1.0, x, out=b, where=x > 0)
    np.multiply(x, x[0], out=b, where=np.array([[True], [False], [True]]))
    return np.sum(b * b * b * W)


def nan_to_num(x):
    a = np.where(x > 0, x * x, np.nan)
    b = np.nan_to_num(a, copy=False)
    b[0] += x[1]
    return np.sum(a * b * W)


def in_a_loop(x):
    a, t = np.zeros(6), np.empty(6)
    for k in range(4):
        np.multiply(x, a + k, out=t)
        np.add(a, t, out=a)
        np.maximum(a, t - 0.05 * k - 0.01, out=a, where=t > 0.11)
        np.add.at(a, [k, k], t[:2])
    return np.sum(a * W)


def in_a_branch(x):
    a = np.zeros(6)
    if x[0] > 0:
        b = np.multiply(x, x, out=a)
    else:
        a += 1.0
        b = np.sin(x, out=a)
    b[1] = x[2] * x[3]
    return np.sum(a * W)


def in_a_helper(x):
    def double(v, into):
        return np.multiply(v, 2.0, out=into)

    a = x * x
    b = double(a[:3], a[3:])
    b += a[0]
    return np.sum(a * W)


# --- operators as functions ---------------------------------------------------------------------------------------------


def operators(x):
    a = x * 1.0
    b = operator.iadd(a, x * x)
    operator.imul(a[1:], 2.0)
    operator.setitem(a, 0, x[3])
    items = [x[0], x[1]]
    operator.delitem(items, 0)
    more = operator.iadd(items, [x[2]])
    a.__setitem__(1, x[5])
    a.__isub__(x[1])
    return np.sum(a * b * W) + items[0] * items[1] * len(more)


PROGRAMS = [
    fill, fill_a_view, sort, sort_along_axes, partition, unbound_methods, put_method, put_in_a_matrix, put_out_of_range,
    copyto, place, putmask, fill_diagonal, fill_diagonal_wrapped, fill_diagonal_of_a_cube, put_along_axis, flat,
    flat_in_cycles, flat_of_a_transpose, add_at, multiply_at, extremes_at, at_in_a_matrix, at_through_a_view,
    out_is_the_result, out_is_a_view, out_of_functions, out_of_methods, out_broadcast, under_a_mask,
    under_a_broadcast_mask, nan_to_num, in_a_loop, in_a_branch, in_a_helper, operators,
]  # fmt: skip


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("point", [0, 1])
def test_exact_in_both_modes_and_at_second_order(f: Any, point: int, agrees: Any) -> None:
    x = POINTS[point]
    agrees(f, x)
    twice = hessian(f)(x)
    assert np.allclose(twice, jacrev(grad(f))(x), rtol=1e-9, atol=1e-9)
    assert np.allclose(twice, twice.T, rtol=1e-9, atol=1e-9)
    h, e = 1e-6, np.cos(np.arange(6.0))
    assert np.allclose(twice @ e, (grad(f)(x + h * e) - grad(f)(x - h * e)) / (2 * h), rtol=1e-4, atol=1e-4)


def test_an_argument_is_written_in_the_program_only() -> None:
    def f(a, b):
        np.add(a, b, out=a)
        a.sort()
        np.maximum.at(b, [0, 0], 5.0)
        return np.sum(a * b)

    a, b = np.array([3.0, 1.0, 2.0]), np.array([1.0, 2.0, 4.0])
    da, db = grad(f, (0, 1))(a, b)
    assert np.array_equal(a, [3.0, 1.0, 2.0]) and np.array_equal(b, [1.0, 2.0, 4.0])
    assert np.array_equal(da, [2.0, 5.0, 4.0])  # a + b is (4, 3, 6): its order is 1, 0, 2
    assert np.array_equal(db, [2.0, 5.0 + 4.0, 4.0 + 6.0])


def test_what_lies_outside_of_a_mask_is_not_computed(recwarn: Any) -> None:
    def f(x):
        return np.sum(np.divide(1.0, x, out=np.zeros_like(x), where=x != 0.0))

    assert np.array_equal(grad(f)(np.array([0.0, 2.0])), [0.0, -0.25])
    assert not recwarn.list


def test_unwritten_entries_do_not_leak() -> None:
    def f(x):
        q = np.divide(x, x, where=x > 0.0, out=None)
        return np.sum(np.where(x > 0.0, q * x, 1.0))

    assert np.array_equal(grad(f)(np.array([0.0, 2.0])), [0.0, 1.0])


def test_casts_are_numpys() -> None:
    def into_single(x):
        a = np.zeros(3, np.float32)
        np.multiply(x, x, out=a)
        return np.sum(a * a)

    x = np.array([0.1, 0.2, 0.3])
    assert np.allclose(grad(into_single)(x), 4.0 * x**3, rtol=1e-6)

    def whole(x):
        a = np.zeros(3, int)
        np.multiply(x, 10.0, out=a, casting="unsafe")
        return np.sum(a * x)

    assert np.array_equal(grad(whole)(x), [1.0, 2.0, 3.0])


def ints(x: Any) -> Any:
    return np.zeros(3, int)


REFUSED: dict[str, tuple[Any, str]] = {
    "a cast of a ufunc": (lambda x: np.add(x, 1.0, out=ints(x)), "float64, into an array of int64"),
    "a cast of np.copyto": (lambda x: np.copyto(ints(x), x), "Cannot cast"),
    "a cast of np.putmask": (lambda x: np.putmask(ints(x), x > 0.0, x), "Cannot cast"),
    "another dtype in np.dot": (
        lambda x: np.dot(np.outer(x, x), x, out=np.zeros(3, np.float32)), "into an array of float32"
    ),
    "a mask of numbers": (lambda x: np.add(x, x, where=np.array([1, 0, 1]), out=x), "array of booleans"),
    "no array": (lambda x: np.add(x, x, out=[x]), "writes into an array"),
    "no array to fill": (lambda x: np.copyto([1.0, 2.0, 3.0], x), "writes into an array"),
    "shuffle": (lambda x: np.random.shuffle(x), "permutation"),
    "resize": (lambda x: x.resize((1, 3)), "`resize`"),
    "setflags": (lambda x: x.setflags(write=False), "`setflags`"),
    "a diagonal of a vector": (lambda x: np.fill_diagonal(x, 0.0), "at least 2-d"),
    "an unknown argument": (lambda x: np.copyto(x, x, what=3), "cannot take the argument `what`"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    call, message = REFUSED[name]

    def f(x):
        call(x)
        return np.sum(x)

    with pytest.raises(UnsupportedError, match=message.replace("(", r"\(")):
        grad(f)(np.array([1.0, 2.0, 3.0]))


@pytest.mark.parametrize("make", [lambda: np.random.default_rng(3), lambda: RNG])
def test_random_generators_do_not_write_behind_the_back(make: Any) -> None:
    def shuffled(x):
        a = x * 1.0
        make().shuffle(a)
        return np.sum(a * W[:3])

    def filled(x):
        a = x * 1.0
        make().random(out=a)
        return np.sum(a * x)

    for f, message in ((shuffled, "shuffle"), (filled, "out")):
        with pytest.raises(UnsupportedError, match=message):
            grad(f)(np.ones(3))


def test_options_of_a_method_that_is_called_when_the_program_runs() -> None:
    def f(x):
        rng = np.random.default_rng(3)
        return np.sum(x * rng.normal(size=3, scale=2.0))

    want = np.random.default_rng(3).normal(size=3, scale=2.0)
    assert np.array_equal(grad(f)(np.ones(3)), want)
    space: dict[str, Any] = {}
    exec(grad(f).lower(np.ones(3)).source, space)
    assert np.array_equal(space["f_grad"](np.ones(3)), want)


def test_itemset_where_numpy_has_it() -> None:
    def f(a):
        a.itemset(1, a.item(0) * 2.0)

    if hasattr(np.ndarray, "itemset"):
        assert np.array_equal(returning(f, "a")(np.array([1.0, 5.0])), [1.0, 2.0])
    else:
        with pytest.raises(UnsupportedError, match="itemset"):
            jacrev(returning(f, "a"))(np.array([1.0, 5.0]))


def test_rows_of_an_array_of_unknown_rank_at_an_index() -> None:
    def f(m: Any, a: Any) -> Any:
        np.subtract.at(m, [0, 0], a)
        return np.sum(m * m)

    m = np.array([[1.0, 2.0], [3.0, 4.0]])
    namespace: dict[str, Any] = {}
    exec(grad(f).source, namespace)
    assert np.allclose(namespace["f_grad"](m.copy(), 1.5), grad(f)(m.copy(), 1.5))
