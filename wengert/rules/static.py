"""What a rule computes when a function is transformed, not when its derivative runs: subscripts, axes, permutations.

In: a function of Python values. Out: the same function, which the frontend calls where it meets a call of it in a rule.

    @static
    def inverse(axes): ...          np.transpose(y_bar, inverse((2, 0, 1))) is emitted as np.transpose(y_bar, (1, 2, 0))
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from wengert.ir.builder import constant
from wengert.ir.nodes import Const

F = TypeVar("F", bound=Callable[..., Any])

FLOATING: tuple[Any, ...] = (
    None, float, complex, np.float64, np.float32, np.complex128, np.complex64, "float64", "float32", "complex128", "complex64",
    "float", "complex",
)  # fmt: skip
"""The option `dtype` where the result carries a derivative."""


def static(function: F) -> F:
    """Mark a function of known values; a program is refused where one is not known, or where it is not implemented."""

    def call(flattener: Any, args: list[Any], kwargs: dict[str, Any], node: Any, hint: str) -> Any:
        try:
            values = [known_value(a) for a in args]
            options = {k: known_value(v) for k, v in kwargs.items()}
        except LookupError:
            flattener.refuse(node, f"this needs to know {function.__doc__ or ''}", "ask with arguments: .lower(...)")
        try:
            return constant(function(*values, **options))
        except NotImplementedError as error:
            flattener.refuse(node, str(error), "cut it with wengert.stop_gradient if it carries no derivative")

    function.__wengert_call__ = call  # type: ignore[attr-defined]
    return function


def known_value(value: Any) -> Any:
    """The Python value of what is known; raises LookupError where it is not."""
    if isinstance(value, Const):
        return value.value
    kind = getattr(value, "kind", None)
    if kind not in ("tuple", "list"):
        raise LookupError
    items = [known_value(v) for v in value.items]
    return items if kind == "list" else tuple(items)


@static
def axes(start: Any, stop: Any, step: Any = 1) -> Any:
    """the rank of the array: some of its axes."""
    return tuple(range(start, stop, step))
