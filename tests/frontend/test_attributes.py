"""Attributes and subscripts of arrays, modules, objects and structures with known parts."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from wengert import grad

A = np.arange(1.0, 7.0).reshape(2, 3)
X = np.array([0.5, -1.5, 2.5])


def test_shapes_that_are_known_are_numbers(flat: Any) -> None:
    assert any(line.endswith("mul(2, a)") for line in flat(lambda a: a.shape[0] * a.ndim * a, np.ones((1, 3))))
    assert flat(lambda a: a.T.ndim, A) == ["v1 = transpose(a)", "return 2"]


def test_facts_of_arrays(agrees: Any) -> None:
    agrees(lambda a: np.sum(a.T @ a) / a.size + a.shape[-1] * a.real[0, 0] + a.ndim * a[1, 1] * (a.dtype == float), A)
    agrees(lambda a: np.sum(np.zeros(a.shape) + (a.T @ a).reshape(-1)[: a.size].reshape(a.shape)), A)


def test_modules_and_classes() -> None:
    class Settings:
        rate = 3.0

        class Inner:
            power = 2

    assert grad(lambda x: np.pi * x + math.e * x + Settings.rate * x**Settings.Inner.power)(1.0) == np.pi + math.e + 6.0


def test_properties_of_objects_run() -> None:
    class Model:
        def __init__(self) -> None:
            self.k = 2.0

        @property
        def double(self) -> float:
            return 2.0 * self.k

    model = Model()
    gradient = grad(lambda x: model.double * x)
    assert gradient(1.0) == 4.0
    model.k = 5.0
    assert gradient(1.0) == 10.0


@pytest.mark.parametrize("k", [0, 1, 2, -1, -3])
def test_a_list_at_an_index_of_run_time(k: int, agrees: Any) -> None:
    agrees(lambda x, k: [x, x * x, 3.0 * x][k], 1.5, k)
    assert grad(lambda x, k: [x, x * x, 3.0 * x][k])(1.5, k) == [1.0, 3.0, 3.0][k]


def test_an_index_of_run_time_out_of_range_is_pythons_error() -> None:
    gradient = grad(lambda x, k: [x, x * x, 3.0 * x][k])
    for k in (3, -4):
        with pytest.raises(IndexError):
            gradient(1.5, k)


def test_slices_of_what_is_known(flat: Any) -> None:
    assert flat(lambda x: [x, 2.0, x][::-1][1] * (x, x)[:1][0], 1.0) == ["v1 = mul(2.0, x)", "return v1"]


def test_subscripts_of_every_kind(agrees: Any) -> None:
    agrees(lambda a, n: a[n, -1] * a[..., n].sum() * np.sum(a[a > 2.5]) + np.sum(a[[0, 1], [2, 2]]) + a[1][n:][0], A, 1)
    agrees(lambda a: np.sum(a[:, None] * a[None, :, ::-1]) + np.sum(a[np.array([0, 0, 1])] ** 2), A)


def test_a_mask_computed_from_the_argument(agrees: Any) -> None:
    agrees(lambda x: np.sum(x[x > 0.0] ** 2) + np.sum(x[np.argsort(x)][:2]), X)
