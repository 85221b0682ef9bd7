"""Arguments: what is known of them, and which of them one derivative serves."""

from __future__ import annotations

from collections import namedtuple
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from wengert.errors import ArgumentError
from wengert.frontend.signature import describe, from_annotation, key
from wengert.ir.types import Array, Bool, Complex, Float, Int, Number, NumpyScalar, Sym, Type

Point = namedtuple("Point", "x y")


@dataclass
class Pair:
    a: Any
    b: Any


@pytest.mark.parametrize(
    ("value", "want"),
    [
        (True, Bool()), (1, Int()), (1.0, Float()), (1j, Complex()), (np.float32(1), NumpyScalar("float32")),
        (np.int64(1), NumpyScalar("int64")), (np.bool_(True), NumpyScalar("bool")),
        (np.array(1.0), Array("float64", ())),
        (np.ones((1, 2), "f4"), Array("float32", (1, Sym(("x", 1), True)))),
    ],
)  # fmt: skip
def test_leaves(value: Any, want: Type) -> None:
    (leaf,) = describe(value, "x").leaves
    assert leaf.type == want and leaf.hint == "x"


def test_structures_and_names_of_leaves() -> None:
    d = describe({"w": [1.0, (2.0, None)], 3: Pair(1.0, "text"), "p": Point(1.0, 2.0)}, "q")
    assert [v.hint for v in d.leaves] == ["w_0", "w_1_0", "a", "x", "y"]
    assert d.structure.kind == "dict" and d.structure.keys == ("w", 3, "p")
    assert d.structure.leaves == 5
    assert [c.kind for c in d.structure.children] == ["list", "record", "record"]


def test_a_length_of_one_is_known_and_others_have_their_own_name() -> None:
    (a,), (b,) = describe(np.ones((3, 1)), "x").leaves, describe(np.ones((5, 1)), "x").leaves
    assert a.type == b.type
    (c,) = describe(np.ones((3, 1)), "y").leaves
    assert c.type != a.type


SAME = [
    (1.0, 2.0), (1, 5), (np.ones(3), np.zeros(7)), (np.ones((2, 1)), np.ones((9, 1))), ("a", "a"), (None, None),
    ((1.0, [2]), (3.0, [4])), ({"a": 1.0}, {"a": 2.0}), (Pair(1.0, 2), Pair(3.0, 4)), (np.ones(0), np.ones(2)),
]  # fmt: skip
DIFFERENT = [
    (1, 1.0), (1, True), (1.0, np.float64(1.0)), (np.float32(1), np.float64(1)), (1.0, np.array(1.0)),
    (np.ones(3), np.ones(1)), (np.ones(3), np.ones((3, 3))), (np.ones(3), np.ones(3, "f4")), ("a", "b"), (None, "a"),
    ((1.0,), [1.0]), ((1.0,), (1.0, 2.0)), ({"a": 1.0}, {"b": 1.0}), (Pair(1.0, 2.0), (1.0, 2.0)),
    (Point(1.0, 2.0), (1.0, 2.0)), ({"a": 1.0, "b": 1.0}, {"b": 1.0, "a": 1.0}), (np.sin, np.cos),
    (np.dtype("f4"), np.dtype("f8")), (np.ones((1, 3)), np.ones((3, 1))),
]  # fmt: skip


@pytest.mark.parametrize(("a", "b"), SAME, ids=str)
def test_one_derivative_serves(a: Any, b: Any) -> None:
    assert key(a) == key(b) and hash(key(a)) == hash(key(b))


@pytest.mark.parametrize(("a", "b"), DIFFERENT, ids=str)
def test_another_derivative_is_needed(a: Any, b: Any) -> None:
    assert key(a) != key(b)


def test_annotations() -> None:
    for annotation, want in ((float, Float()), ("float", Float()), (np.ndarray, Array()), ("np.ndarray", Array())):
        assert from_annotation("x", annotation).leaves[0].type == want
    for annotation in (list[float], "Anything", {}, None):
        assert from_annotation("x", annotation).leaves[0].type == Number()


@pytest.mark.parametrize("value", [np.ma.array([1.0]), np.array(["a"]), np.array([None]), np.array(["2020"], "M8[Y]")])
def test_arrays_that_hold_no_numbers(value: Any) -> None:
    with pytest.raises(ArgumentError, match=r"`x` is an? "):
        describe([value], "x")
