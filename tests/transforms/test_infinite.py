"""Linear maps behind and before roots that are zero: all modes agree, and zero times infinity is no derivative."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from wengert import grad, jacfwd, jacrev
from wengert.testing import unsimplified, verified

A = np.array([[2.0, 0.0], [1.0, 3.0]])
MODES = list(itertools.product((jacfwd, jacrev), repeat=2))

LENGTHS: dict[str, Any] = {
    "dot": lambda v: np.sqrt(np.dot(v, v)),
    "@": lambda v: np.sqrt(v @ v),
    "a quadratic form": lambda v: np.sqrt(v @ A @ v),
    "einsum": lambda v: np.sqrt(np.einsum("i,i->", v, v)),
    "rows": lambda v: np.sum(np.sqrt(np.einsum("ij,ij->i", v[None, :], v[None, :]))),
    "a matrix": lambda v: np.sum(np.sqrt(A @ (v * v))),
    "tensordot": lambda v: np.sqrt(np.tensordot(v, v, 1)),
    "convolve": lambda v: np.sum(np.sqrt(np.convolve(v, v))),
    "kron": lambda v: np.sum(np.sqrt(np.kron(v, v))),
    "prod": lambda v: np.sqrt(np.prod(v)),
    "var": lambda v: np.sqrt(np.var(v)),
    "a loop": lambda v: np.sqrt(sum(a * a for a in v)),
    "pairs": lambda v: np.sum(np.sqrt(np.sum((v[:, None] - v[None, :]) ** 2, axis=-1))),
    "a matrix of zeros": lambda v: np.sum(np.array([[0.0, 0.0], [0.0, 1.0]]) @ np.sqrt(v * v)),
}
"""Programs that have the derivative zero where their argument is."""


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("name", LENGTHS)
def test_lengths_of_nothing_do_not_move(name: str) -> None:
    for context in (verified, unsimplified):
        with context():
            for made in (jacfwd, jacrev):
                assert np.array_equal(made(LENGTHS[name])(np.zeros(2)), np.zeros(2)), made


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("name", [n for n in LENGTHS if n not in ("var", "a matrix of zeros")])
def test_second_derivatives_of_lengths_agree(name: str) -> None:
    want = jacfwd(jacfwd(LENGTHS[name]))(np.zeros(2))
    for outer, inner in MODES:
        assert np.array_equal(outer(inner(LENGTHS[name]))(np.zeros(2)), want), (outer, inner)


def test_where_nothing_is_zero_the_derivatives_are_what_they_were() -> None:
    v = np.array([0.3, 0.7])
    for f in LENGTHS.values():
        first, second = (made(f)(v) for made in (jacfwd, jacrev))
        assert np.allclose(first, second, rtol=1e-12)
        step = np.array([1e-6, 2e-6])
        assert np.isclose(first @ step, (f(v + step) - f(v - step)) / 2, rtol=1e-6)


GUARDED: dict[str, Any] = {
    "log": lambda x: np.where(x > 0.0, np.log(x), 0.0),
    "log2": lambda x: np.where(x > 0.0, x * np.log2(x), 0.0),
    "log1p": lambda x: np.where(x > 0.0, np.log1p(x - 1.0), 0.0),
    "arctanh": lambda x: np.where(x > 0.0, np.arctanh(1.0 - x), 0.0),
    "arctan2": lambda x: np.where(x > 0.0, np.arctan2(x, x), 0.0),
    "divide": lambda x: np.where(x > 0.0, np.divide(1.0, x), 0.0),
    "fmod": lambda x: np.where(x > 0.0, np.fmod(1.0, x), 0.0),
}


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("name", GUARDED)
def test_numpy_does_not_raise_for_a_python_number_and_its_derivative_does_not_either(name: str) -> None:
    for made in (jacfwd, jacrev):
        assert made(GUARDED[name])(0.0) == 0.0
    for outer, inner in MODES:
        assert outer(inner(GUARDED[name]))(0.0) == 0.0, (outer, inner)


def test_a_slope_without_bound_is_infinite_for_a_python_number() -> None:
    with np.errstate(divide="ignore"):
        assert grad(np.log)(0.0) == np.inf and grad(lambda x: 2.0 * np.log1p(x))(-1.0) == np.inf


def test_constants_that_are_infinite() -> None:
    def f(x: Any) -> Any:
        return np.nan_to_num(np.array([x, np.nan, np.inf * x]))[0] * x

    for made in (jacfwd, jacrev):
        assert made(f)(1.5) == 3.0
    for outer, inner in MODES:
        assert outer(inner(f))(1.5) == 2.0


def test_a_sum_that_leaves_entries_out_gives_them_no_cotangent() -> None:
    for made in (jacfwd, jacrev):
        with np.errstate(all="ignore"):
            f = made(lambda v: np.sum(np.sqrt(v), where=np.array([False, True])))
            assert np.array_equal(f(np.array([0.0, 4.0])), [0.0, 0.25])


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.sum(np.sqrt(np.einsum("ij,j->i", np.array([[2.0], [-2.0]]), x))),
        lambda x: np.sum(np.sqrt(np.tensordot(np.array([[2.0], [-2.0]]), x, 1))),
        lambda x: np.sum(np.sqrt(np.convolve(x, np.array([2.0, -2.0])))),
        lambda x: np.sqrt(np.einsum("ij,j->i", np.ones((2, 1)), x)) @ np.array([2.0, -1.0]),
    ],
)
def test_infinite_slopes_of_both_signs_have_no_sum(f: Any) -> None:
    for made in (jacfwd, jacrev):
        assert np.isnan(made(f)(np.zeros(1))).all(), made
