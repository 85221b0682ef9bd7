"""The test of guarded products: no derivative, and the same answers as a comparison with zero."""

from __future__ import annotations

import numpy as np

from wengert.rules import kinds
from wengert.runtime import is_nonzero


def test_it_is_a_comparison_with_zero() -> None:
    a = np.array([0.0, -0.0, 2.0, np.nan, -np.inf])
    assert np.array_equal(is_nonzero(a), a != 0.0)
    assert is_nonzero(1e-300) and not is_nonzero(0.0)


def test_it_carries_no_derivative() -> None:
    rule = kinds.lookup(is_nonzero)
    assert isinstance(rule, kinds.Constant)
