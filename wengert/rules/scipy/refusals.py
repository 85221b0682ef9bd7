"""Slopes that have no formula: a row that names one is refused where that slope is needed, and only there.

In: a function and one of its inputs, in words. Out: a partial derivative that a row may hold.

    elementwise(sc.jv, "v x", no_slope("scipy.special.jv", "its order `v`"), _jv_x, ...)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from wengert.errors import UnsupportedError

_WAY = "leave it out of argnums, or cut it with wengert.stop_gradient if it carries no derivative"


class Refusal:
    """A call of it, in a rule, refuses the line that is differentiated."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __call__(self, *inputs: Any) -> NoReturn:
        raise UnsupportedError(self.text, _WAY)

    def __wengert_call__(self, flattener: Any, args: Any, kwargs: Any, node: Any, hint: str) -> Any:
        flattener.refuse(node, self.text, _WAY)


def no_slope(function: str, by: str, why: str = "is not a formula in known functions") -> Callable[..., Any]:
    """The partial derivative of a function by an input where it has none that can be written down."""
    refusal = Refusal(f"the derivative of {function if ' ' in function else f'`{function}`'} by {by} {why}")

    def partial(*inputs: Any) -> Any:
        return refusal(*inputs)

    partial.refuses = True  # type: ignore[attr-defined]
    return partial
