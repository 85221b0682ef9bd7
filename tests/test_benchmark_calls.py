"""The calls that rules are timed with: their size, and that what is timed is the call and its derivative."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
import pytest

import wengert.rules  # noqa: F401
from calls import ENTRIES, blocks, sized
from rivals import agree, called, cotangents, lowered
from wengert.rules.kinds import RULES

OPS = (np.sin, np.sum, np.take_along_axis, np.concatenate, np.split, np.linalg.det, operator.getitem)


@pytest.mark.parametrize("op", OPS, ids=lambda op: op.__name__)
def test_calls_are_as_large_as_they_are_asked_to_be(op: Any) -> None:
    found = list(sized(RULES[op]))
    assert found
    for call in found:
        assert ENTRIES / 10 <= call.entries <= ENTRIES
        assert call.active and all(np.asarray(call.args[k]).dtype.kind == "f" for k in call.active)


@pytest.mark.parametrize("op", (np.multiply, np.prod, np.split), ids=lambda op: op.__name__)
def test_what_is_timed_is_the_value_and_the_cotangents(op: Any) -> None:
    call = next(sized(RULES[op], 64))
    args = (*call.args, *cotangents(call))
    one, text = lowered(call)
    assert agree(one(*args), called(call)(*args))
    assert "def loss_grad" in text
    f, _ = call.functions()
    assert agree(one(*args)[0], f(*call.args))


def test_blocks_of_indices_count_on() -> None:
    assert blocks(np.array([2, 0]), 3).tolist() == [6, 7, 8, 0, 1, 2]
    assert blocks(np.array([True, False]), 2).tolist() == [True, True, False, False]


def test_what_differs_is_seen() -> None:
    assert agree([1.0, np.ones(2)], (1.0, np.ones(2)))
    assert not agree([np.ones(2)], [np.ones(3)])
    assert not agree([np.ones(2)], [np.array([1.0, 1.001])])
