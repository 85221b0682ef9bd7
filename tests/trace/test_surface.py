"""Every public name of NumPy, math and cmath has a status, and it is the one that a derivative finds."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest

from wengert import WengertError, grad
from wengert.trace.surface import MODULES, surface, undecided

BY_NAME = {s.full_name: s for s in surface()}


def test_every_public_name_has_a_status() -> None:
    assert undecided() == ()


def test_every_module_is_walked() -> None:
    walked = {s.module for s in surface()}
    assert walked == {*MODULES, "numpy.random.Generator", "numpy.ndarray", "numpy.ufunc"}


def test_no_name_twice() -> None:
    names = Counter(s.full_name for s in surface())
    assert [n for n, count in names.items() if count > 1] == []


def test_what_is_refused_says_what_to_do() -> None:
    assert [s.full_name for s in surface() if s.status == "refused" and not s.reason] == []


def test_what_is_differentiable_says_how() -> None:
    assert [s.full_name for s in surface() if s.status == "differentiable" and not s.kind] == []


def test_ufuncs_are_in_the_table() -> None:
    for name in dir(np):
        if isinstance(getattr(np, name), np.ufunc):
            assert f"np.{name}" in BY_NAME


def squared(x: Any) -> Any:
    return np.sum(x.dot(x) + x.sum() + x.T.ravel().mean() + x.copy().reshape(3, 1).flatten().std() + x.item(1))


def test_methods_that_are_differentiable_are() -> None:
    x = np.array([1.0, 2.0, 4.0])
    for name in ("dot", "sum", "T", "ravel", "mean", "copy", "reshape", "flatten", "std", "item"):
        assert BY_NAME[f"np.ndarray.{name}"].status == "differentiable"
    assert grad(squared)(x).shape == (3,)


REFUSED_METHODS = {
    "tobytes": lambda x: np.sum(x) + len(x.tobytes()),
    "view": lambda x: np.sum(x.view()),
    "getfield": lambda x: np.sum(x.getfield(float)),
    "resize": lambda x: x.resize(2),
    "nbytes": lambda x: np.sum(x) * x.nbytes,
    "strides": lambda x: np.sum(x) * x.strides[0],
    "setflags": lambda x: x.setflags(write=True),
}


@pytest.mark.parametrize("name", REFUSED_METHODS)
def test_methods_that_are_refused_are(name: str) -> None:
    assert BY_NAME[f"np.ndarray.{name}"].status == "refused"
    with pytest.raises(WengertError):
        grad(REFUSED_METHODS[name])(np.ones(3))


REFUSED_FUNCTIONS = {
    "np.unique": lambda x: np.sum(np.unique(x)),
    "np.apply_over_axes": lambda x: np.sum(np.apply_over_axes(np.sum, x, 0)),
    "np.matrix": lambda x: np.sum(np.matrix(x)),
    "np.longdouble": lambda x: np.sum(np.longdouble(x)),
    "np.nditer": lambda x: sum(v for v in np.nditer(x)),
}


@pytest.mark.parametrize("name", REFUSED_FUNCTIONS)
def test_functions_that_are_refused_are(name: str) -> None:
    if BY_NAME[name].status == "refused":
        with pytest.raises(WengertError):
            grad(REFUSED_FUNCTIONS[name])(np.array([1.0, 2.0, 4.0]))


def test_draws_are_those_of_both_classes() -> None:
    for s in surface():
        if s.module == "numpy.random.Generator" and f"np.random.{s.name}" in BY_NAME:
            other = BY_NAME[f"np.random.{s.name}"]
            assert (other.status, other.inputs) == (s.status, s.inputs), s.name


def test_some_names() -> None:
    assert BY_NAME["np.random.normal"].inputs == ("loc", "scale")
    assert BY_NAME["np.random.Generator.gamma"].inputs == ("scale",)
    assert BY_NAME["np.random.poisson"].status == "refused"
    assert BY_NAME["np.random.Generator.integers"].status == "constant"
    assert BY_NAME["np.copyto"].kind == "rewritten"
    assert BY_NAME["np.ufunc.add.reduce"].inputs == ("x", "initial")
    assert BY_NAME["np.ndarray.shape"].status == "constant"
