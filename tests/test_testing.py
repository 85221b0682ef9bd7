"""Checking derivatives: the check must fail where it should."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from wengert import ArgumentError, grad, pipeline, stop_gradient
from wengert.testing import check_grads, inner, leaves, mapped, scaled, unsimplified, verified

X = np.array([0.5, -1.5])


@dataclass
class Model:
    w: Any

    def __call__(self, x: Any) -> Any:
        return np.sum(self.w * x)


def test_what_is_right_passes() -> None:
    report = check_grads(lambda x, p: np.sum(np.sin(x) * p["a"]), (X, {"a": 2.0}), order=2)
    assert report.ok and [r.name for r in report.rows[::2]] == ["x", "p"]
    assert str(report).endswith("ok")


def test_what_is_wrong_fails() -> None:
    report = check_grads(lambda x: np.sum(x * stop_gradient(x)), (X,))
    assert not report.ok
    assert str(report).endswith("the derivatives do not agree")


@pytest.mark.parametrize("modes", [("fwd",), ("rev",)])
def test_one_mode(modes: Any) -> None:
    (row,) = check_grads(lambda x: np.sum(x * x), (X,), modes=modes).rows
    assert math.isnan(row.reverse) == (modes == ("fwd",)) and math.isnan(row.forward) == (modes == ("rev",))
    assert row.error < 1e-8


def test_nan_is_not_agreement() -> None:
    with np.errstate(all="ignore"):
        assert not check_grads(lambda x: np.sum(np.log(x)), (X,)).ok


def test_nothing_to_move() -> None:
    with pytest.raises(ArgumentError, match="no argument holds a number"):
        check_grads(lambda s: 1.0, ("text",))


def test_integers_that_count_are_not_moved() -> None:
    """An index or a number of steps has no derivative; moving it would not run."""

    def f(x: Any, n: int) -> Any:
        return sum(x[k % 2] ** 2 for k in range(n))

    assert check_grads(f, (X, 3)).ok


def test_objects_that_can_be_called_are_still_structures() -> None:
    assert leaves(Model(2.0)) == [2.0]
    assert scaled(Model(2.0), 0.5).w == 1.0
    assert check_grads(lambda m, x: np.sum(m.w * x * m.w), (Model(2.0), X)).ok


def test_structures() -> None:
    tree = {"a": (1.0, [X]), "b": None, "c": "text"}
    assert len(leaves(tree)) == 2 and inner(tree, tree) == 1.0 + X @ X
    assert mapped(lambda v: v * 2, tree)["a"][0] == 2.0


def test_contexts() -> None:
    with unsimplified():
        assert pipeline.configuration() == (False, False)
        with verified():
            assert pipeline.configuration() == (False, True)
            assert grad(lambda x: x * x)(3.0) == 6.0
    assert pipeline.configuration() == (True, False)
