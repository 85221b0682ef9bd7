from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from wengert.trace.values import exact, is_short, short


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (2, "2"),
        (2.0, "2"),
        (0.6931471805599453, "0.693147"),
        (-1e-12, "-1e-12"),
        (float("nan"), "nan"),
        (np.float32(0.1), "0.1"),
        (np.bool_(True), "True"),
        (1 + 2j, "(1+2j)"),
        (np.array(3.0), "3"),
        (np.array([1.0, 2.5]), "[1, 2.5]"),
        (np.arange(10.0), "[0, 1, ..., 8, 9] (10,)"),
        (np.eye(2), "[[1, 0], [0, 1]] (2, 2)"),
        (np.ones((9, 9, 9)), "<float64 (9, 9, 9)>"),
        (np.zeros(0), "[]"),
        ((1.0, 2), "(1, 2)"),
        ((1.0,), "(1,)"),
        ([1.0] * 9, "[1, 1, ..., 1, 1]"),
        ([np.zeros(5)] * 4, "<list of 4>"),
        (None, "None"),
        ("text", "'text'"),
    ],
)
def test_short(value: Any, text: str) -> None:
    assert short(value) == text


def test_exact_keeps_all_digits_and_is_json() -> None:
    value = {"a": np.array([[0.1, np.nan]]), "b": (np.float64(1 / 3), np.int64(2)), "c": [float("-inf"), None, True]}
    found = exact(value)
    assert found == {"a": [[0.1, "nan"]], "b": [1 / 3, 2], "c": ["-inf", None, True]}
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_exact_shows_other_objects_by_their_repr() -> None:
    assert exact(range(3)) == "range(0, 3)"
    assert exact(1j) == "1j"


def test_is_short() -> None:
    assert is_short(1.0) and is_short(np.zeros(3)) and is_short(np.array(1.0))
    assert not is_short(np.zeros(4)) and not is_short(np.zeros((1, 1)))
