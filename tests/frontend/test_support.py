"""Attempts: the exception or the value, and nothing is stored."""

from __future__ import annotations

import operator

import numpy as np
import pytest

from wengert.frontend.support import attempt, error_of, exception_of, store_error_of


def test_error_of() -> None:
    assert error_of(ZeroDivisionError, operator.truediv, 1.0, 2.0) is None
    assert isinstance(error_of((KeyError, ZeroDivisionError), operator.truediv, 1.0, 0.0), ZeroDivisionError)
    with pytest.raises(ZeroDivisionError):
        error_of(KeyError, operator.truediv, 1.0, 0.0)


def test_attempt() -> None:
    assert attempt(ValueError, float, "2.5") == (2.5, None)
    value, error = attempt(ValueError, float, "x")
    assert value is None and isinstance(error, ValueError)


def test_store_error_of() -> None:
    a = np.zeros(3)
    assert store_error_of((IndexError, ValueError), a, 2, 1.0) is None
    assert isinstance(store_error_of(IndexError, a, 3, 1.0), IndexError)
    assert isinstance(store_error_of(ValueError, a, slice(0, 2), np.ones(3)), ValueError)
    assert isinstance(store_error_of(LookupError, [1.0], 5, 1.0), IndexError)
    assert np.array_equal(a, np.zeros(3))


def test_exception_of() -> None:
    error = ValueError("x")
    assert exception_of(error) is error
    assert isinstance(exception_of(KeyError), KeyError)
