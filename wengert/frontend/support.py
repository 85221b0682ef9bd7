"""What emitted code needs where operations may raise; copied into exported modules as `wengert.runtime` is.

    error_of(ZeroDivisionError, operator.truediv, 1.0, 0.0)         ZeroDivisionError('float division by zero')
    error_of(ZeroDivisionError, operator.truediv, 1.0, 2.0)         None
"""

from __future__ import annotations

from typing import Any

import numpy as np


def error_of(kinds: Any, function: Any, *args: Any, **options: Any) -> Any:
    """The exception that a call raises, of the classes `kinds`; None where it raises none."""
    try:
        function(*args, **options)
    except kinds as error:
        return error
    return None


def attempt(kinds: Any, function: Any, *args: Any, **options: Any) -> Any:
    """The value of a call and None, or None and the exception, of the classes `kinds`, that it raises."""
    try:
        return function(*args, **options), None
    except kinds as error:
        return None, error


def store_error_of(kinds: Any, base: Any, index: Any, value: Any) -> Any:
    """The exception that `base[index] = value` would raise, of the classes `kinds`; nothing is stored."""
    try:
        part = base[index]
        if isinstance(base, np.ndarray):
            np.empty(np.shape(part), base.dtype)[...] = value
    except kinds as error:
        return error
    return None


def exception_of(error: Any) -> Any:
    """What `raise error` raises: an instance of a class."""
    return error() if isinstance(error, type) else error


for _function in (error_of, attempt, store_error_of, exception_of):
    _function.__module__ = "wengert.runtime"
