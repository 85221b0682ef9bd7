"""The few functions that emitted code may need."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.extra.numpy import mutually_broadcastable_shapes

from wengert import runtime


@settings(max_examples=150, deadline=None)
@given(mutually_broadcastable_shapes(num_shapes=2, max_dims=4, max_side=3))
def test_unbroadcast_is_the_transpose_of_broadcasting(shapes: Any) -> None:
    """<w, broadcast(x)> = <unbroadcast(w), x> for all x."""
    small, whole = shapes.input_shapes[0], shapes.result_shape
    w = np.arange(1.0, 1.0 + np.prod(whole)).reshape(whole)
    x = np.arange(2.0, 2.0 + np.prod(small)).reshape(small)
    bar = np.broadcast_to(runtime.unbroadcast(w, x), small)
    assert np.sum(w * np.broadcast_to(x, whole)) == np.sum(bar * x)


def test_unbroadcast_leaves_what_fits() -> None:
    w = np.ones((2, 3))
    assert runtime.unbroadcast(w, np.zeros((2, 3))) is w
    assert runtime.unbroadcast(w, 0.0) == 6.0
    assert runtime.unbroadcast(np.ones(3), np.zeros((2, 3))).shape == (3,)  # smaller than its primal: broadcasts to it


@pytest.mark.parametrize(
    ("value", "like", "want"),
    [
        (np.float64(2.0), 1.0, 2.0), (2, 1, 2.0), (2.0, True, 2.0), (3.0, np.float32(1.0), np.float32(3.0)),
        (3.0, np.int64(1), np.float64(3.0)), (1.0, np.ones(2, "f4"), np.ones(2, "f4")), (1.0, np.arange(2), np.ones(2)),
        (1.0 + 2.0j, 1.0, 1.0), (1.0 + 2.0j, np.array(1.0), np.array(1.0)), (1j, np.complex128(0), np.complex128(1j)),
        (np.ones(3), np.zeros((2, 3)), np.ones((2, 3))),
    ],
    ids=str,
)  # fmt: skip
def test_a_projected_derivative_is_like_its_argument(value: Any, like: Any, want: Any) -> None:
    got = runtime.project(value, like)
    assert type(got) is type(want) and np.array_equal(got, want)
    assert getattr(got, "dtype", None) == getattr(want, "dtype", None)
    if isinstance(got, np.ndarray):
        assert got.flags.writeable and not np.shares_memory(got, value)


def test_zeros_and_sums_of_structures() -> None:
    assert runtime.zeros_of([1.0, (np.ones(2, "f4"), 3)])[1][0].dtype == np.float32
    assert runtime.zeros_of(np.arange(3)).dtype == float
    assert runtime.add_entries([1.0, [2.0]], [10.0, [20.0]]) == [11.0, [22.0]]


def test_aligned_and_back() -> None:
    """The cotangents of the entries that a loop met, from the last to the first, and zeros for the rest."""
    assert runtime.aligned([3.0, 2.0, 1.0], [0.0] * 5) == [1.0, 2.0, 3.0, 0.0, 0.0]
    assert runtime.unaligned([1.0, 2.0, 3.0, 0.0, 0.0], [None] * 3) == [3.0, 2.0, 1.0]
    assert runtime.aligned([], [1.0]) == [0.0]


def test_scalars_are_told_from_arrays() -> None:
    for fine in (1.0, np.float64(1.0), np.array(1.0), 3):
        runtime.check_scalar(fine)
    for wrong in (np.ones(1), np.ones((1, 1)), [1.0]):
        with pytest.raises(TypeError, match="use jacobian"):
            runtime.check_scalar(wrong)


@pytest.mark.parametrize(("conversion", "spec"), [(-1, ".3f"), (114, ""), (115, ">9"), (97, "")])
def test_formatting_is_an_f_string(conversion: int, spec: str) -> None:
    value: Any = "é" if conversion == 97 else 1.25
    shown = {-1: f"{1.25:.3f}", 114: f"{1.25!r}", 115: f"{1.25!s:>9}", 97: f"{'é'!a}"}[conversion]
    assert runtime.format_(value, conversion, spec) == shown
    assert runtime.join_(["a", shown]) == "a" + shown


def test_copies() -> None:
    x = np.ones(2)
    assert not np.shares_memory(runtime.copy_(x), x) and runtime.copy_(2.0) == 2.0
    y = runtime.broadcast_like(x, np.zeros((3, 2)))
    assert y.shape == (3, 2) and runtime.broadcast_like(x, np.zeros(2)) is x


def test_a_derivative_of_a_numpy_scalar_is_one_though_a_reduction_gave_it_an_axis() -> None:
    made = runtime.project(np.ones(1), np.float64(2.0))
    assert type(made) is np.float64 and made == 1.0


def test_strong_products_do_not_warn_of_what_they_leave_out() -> None:
    zero, some = np.array([0.0, 2.0]), np.array([np.inf, 3.0])
    with np.errstate(all="raise"):
        assert np.array_equal(runtime.strong_product(zero, some), [0.0, 6.0])
        assert np.array_equal(runtime.strong_quotient(zero, np.array([0.0, 4.0])), [0.0, 0.5])
        assert runtime.strong_dot(zero, some) == 6.0


def test_products_with_two_strong_zeros() -> None:
    a, b = np.array([0.0, 2.0, np.inf, np.inf]), np.array([np.inf, 3.0, 0.0, 2.0])
    with np.errstate(all="raise"):
        assert np.array_equal(runtime.null_product(a, b), [0.0, 6.0, 0.0, np.inf])
        assert runtime.null_product(0.0, np.float64(np.inf)) == 0.0 == runtime.null_product(np.float64(np.inf), 0.0)
        assert np.array_equal(runtime.null_product(a[:2], 2.0), [0.0, 4.0])


def test_matrix_products_without_zeros_that_meet_infinities() -> None:
    """Each sum is the one of the terms that are left, finite or not; nan where these have none."""
    poles = np.array([np.inf, 1.0, -np.inf])
    left = np.array([[0.0, 2.0, 0.0], [3.0, 2.0, 0.0], [1.0, 0.0, 1.0], [0.0, 1.0, 2.0]])
    with np.errstate(all="raise"):
        assert np.array_equal(runtime.strong_matmul(left, poles), [2.0, np.inf, np.nan, -np.inf], equal_nan=True)
        got = runtime.strong_matmul(poles, left.T, derivative=1)
        assert np.array_equal(got, [2.0, np.inf, np.nan, -np.inf], equal_nan=True)
        undefined = runtime.strong_matmul(left[:2], np.array([np.nan, 1.0, 1.0]))
        assert np.array_equal(undefined, [2.0, np.nan], equal_nan=True)
