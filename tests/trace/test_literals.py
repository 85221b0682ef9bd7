from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from wengert.trace.literals import parsed


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("-1e3", -1e3), ("np.pi", math.pi), ("-inf", -math.inf), ("(1.0, 2)", (1.0, 2)), ("'a'", "a"),
        ("{'a': None}", {"a": None}),
    ],
)  # fmt: skip
def test_literals(text: str, value: Any) -> None:
    assert parsed(text) == value


def test_lists_of_numbers_are_arrays_down_to_where_they_are_not() -> None:
    assert parsed("[[1, 2], [3, 4]]").dtype.kind == "i" and parsed("[]").dtype == float
    mixed = parsed("[('a', [1.0])]")
    assert isinstance(mixed, list) and isinstance(mixed[0][1], np.ndarray)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1 +", "not a Python literal"), ("a+b", "not a Python literal"), ("__import__('os')", "not a Python literal"),
        ("sin", """not a Python literal; a string needs quotes: "'sin'\""""), ("[[1], [2, 3]]", "rows of different lengths"),
    ],
)  # fmt: skip
def test_what_is_no_literal(text: str, reason: str) -> None:
    with pytest.raises(ValueError) as info:
        parsed(text)
    assert str(info.value) == reason
