"""Displays and functional stores on actual values.

    stored(np.zeros(3), slice(1, None), 2.0, adds=False)      array([0., 2., 2.])
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np

from wengert.ir.nodes import End


def built(kind: str, items: list[Any], keys: Sequence[Hashable]) -> Any:
    """The value of a display."""
    match kind:
        case "tuple":
            return tuple(items)
        case "list":
            return items
        case "slice":
            return slice(*items)
        case _:
            return dict(zip(keys, items, strict=True))


def stored(base: Any, index: Any, value: Any, adds: bool) -> Any:
    """A copy of `base` with `value` stored at `index`, or added there; an index that occurs twice adds twice."""
    result: Any = base.copy() if isinstance(base, (np.ndarray, list, dict)) else np.array(base)
    if index is End.APPEND:
        result.append(value)
    elif index is End.POP:
        result.pop()
    elif not adds:
        result[index] = value
    elif isinstance(result, np.ndarray) and not _is_basic(index):
        np.add.at(result, index, value)
    else:
        result[index] = result[index] + value
    return result


def _is_basic(index: Any) -> bool:
    """True of indices that select no entry twice: numbers, slices, `...` and None."""
    parts = index if isinstance(index, tuple) else (index,)
    kinds = (int, np.integer, slice, type(None), type(Ellipsis))
    return all(isinstance(p, kinds) and not isinstance(p, bool) for p in parts)
