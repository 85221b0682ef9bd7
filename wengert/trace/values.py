"""How values are shown: short for tables that people read, exact for JSON and CSV.

    short(0.6931471805599453)              "0.693147"
    short(np.arange(10.0))                 "[0, 1, ..., 8, 9] (10,)"
    exact(np.array([1.0, np.nan]))         [1.0, "nan"]
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

DIGITS = 6
WIDTH = 48
"""Longer texts of arrays and objects give way to their type and shape."""


def short(value: Any) -> str:
    """The value with about six significant digits, on one line."""
    if isinstance(value, np.ndarray):
        return _array(value)
    if isinstance(value, (bool, np.bool_)):
        return str(bool(value))
    if isinstance(value, (int, np.integer)):
        return str(int(value))
    if isinstance(value, (float, np.floating)):
        return f"{float(value):.{DIGITS}g}"
    if isinstance(value, (complex, np.complexfloating)):
        return f"({complex(value):.{DIGITS}g})"
    if isinstance(value, (tuple, list)) and type(value) in (tuple, list):
        return _sequence(value)
    text = " ".join(repr(value).split())
    return text if len(text) <= WIDTH else f"<{type(value).__name__}>"


def _array(value: np.ndarray[Any, Any]) -> str:
    if value.ndim == 0:
        return short(value[()])
    shape = " " + str(value.shape) if value.ndim > 1 or value.size > 6 else ""
    text = np.array2string(
        value, threshold=6, edgeitems=2, separator=", ", max_line_width=1_000_000, formatter={"all": short}
    )
    text = " ".join(text.split()).replace("[ ", "[")
    return text + shape if len(text) <= WIDTH else f"<{value.dtype} {value.shape}>"


def _sequence(value: tuple[Any, ...] | list[Any]) -> str:
    shown = [short(v) for v in (value if len(value) <= 6 else (*value[:2], *value[-2:]))]
    if len(value) > 6:
        shown.insert(2, "...")
    inside = ", ".join(shown)
    if len(inside) > WIDTH:
        return f"<{type(value).__name__} of {len(value)}>"
    if isinstance(value, list):
        return f"[{inside}]"
    return f"({inside},)" if len(value) == 1 else f"({inside})"


def is_short(value: Any) -> bool:
    """True of values that are short enough to be put into an expression."""
    if isinstance(value, np.ndarray):
        return value.ndim == 0 or (value.ndim == 1 and value.size <= 3)
    return isinstance(value, (bool, int, float, complex, np.generic, str, type(None)))


def exact(value: Any) -> Any:
    """The value as JSON can hold it, with all its digits: arrays as nested lists; "nan", "inf" and "-inf" as text."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, (np.ndarray, np.generic)):
        return exact(value.tolist())
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, (tuple, list)):
        return [exact(v) for v in value]
    if isinstance(value, dict):
        return {str(k): exact(v) for k, v in value.items()}
    return " ".join(repr(value).split())
