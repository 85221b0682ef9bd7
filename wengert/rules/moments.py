"""Variances and standard deviations.

In: nothing. Out: rows for `np.var` and `np.std`, and the bodies that those which leave nan out share with them.

    np.std(x)       0 where all entries are equal
"""

from __future__ import annotations

from collections.abc import Callable
from inspect import signature
from typing import Any

import numpy as np

from wengert.rules.adjoints import conjugated_as, paired
from wengert.rules.examples import Example, example, normal
from wengert.rules.kinds import holds_complex, structural
from wengert.rules.masks import everywhere, kept, number_kept, reduced_by_name, same_kind, spread
from wengert.rules.reductions import ALONG, MASKED, PRECISE, count
from wengert.rules.static import static
from wengert.runtime import unbroadcast


def _centered(x: Any, mean: Any, axis: Any, where: Any) -> Any:
    if mean is not None:
        return kept(x - mean, where, 0.0)
    if everywhere(where):
        return x - np.mean(x, axis=axis, keepdims=True)
    return np.where(where, x - np.mean(x, axis=axis, keepdims=True, where=where), 0.0)


def _freedom(x: Any, axis: Any, ddof: Any, keepdims: Any, where: Any) -> Any:
    """What the sum of squares is divided by."""
    number = count(x, axis) if everywhere(where) else number_kept(x, axis, keepdims, where)
    if isinstance(ddof, int) and ddof <= 1:
        return number if ddof == 0 else number - ddof
    return np.maximum(number - ddof, 0)


@static
def _real_mean(mean: Any, x: Any) -> Any:
    """whether the mean and the entries are complex."""
    if mean and not x:
        raise NotImplementedError("a complex mean of real numbers is not differentiated")
    return True


Bodies = tuple[tuple[Any, ...], tuple[Any, ...]]


def spreads(centered: Callable[..., Any], freedom: Callable[..., Any]) -> tuple[Bodies, Bodies]:
    """The bodies of a variance and of its root, jvps and vjps, each by the entries and by a mean that is given.

    `centered(x, mean, axis, where)` are the distances from the mean, 0 for what is left out; `freedom(x, axis, ddof, keepdims,
    where)` is what the sum of their squares is divided by.
    """

    def var_jvp(
        x_dot: Any, y: Any, x: Any, mean: Any = None, axis: Any = None, dtype: Any = None, ddof: Any = 0,
        keepdims: Any = False, where: Any = True,
    ) -> Any:  # fmt: skip
        same_kind(dtype, holds_complex(x))
        total = np.sum(paired(centered(x, mean, axis, where), x_dot, x), axis=axis, keepdims=keepdims)
        return 2.0 * total / freedom(x, axis, ddof, keepdims, where)

    def var_vjp(
        y_bar: Any, y: Any, x: Any, mean: Any = None, axis: Any = None, dtype: Any = None, ddof: Any = 0,
        keepdims: Any = False, where: Any = True,
    ) -> Any:  # fmt: skip
        same_kind(dtype, holds_complex(x))
        share = 2.0 * y_bar / freedom(x, axis, ddof, keepdims, where)
        return spread(share, axis, keepdims) * conjugated_as(centered(x, mean, axis, where), x)

    def std_jvp(
        x_dot: Any, y: Any, x: Any, mean: Any = None, axis: Any = None, dtype: Any = None, ddof: Any = 0,
        keepdims: Any = False, where: Any = True,
    ) -> Any:  # fmt: skip
        same_kind(dtype, holds_complex(x))
        total = np.sum(paired(centered(x, mean, axis, where), x_dot, x), axis=axis, keepdims=keepdims)
        return np.where(y == 0, 0.0, total / freedom(x, axis, ddof, keepdims, where) / np.where(y == 0, 1.0, y))

    def std_vjp(
        y_bar: Any, y: Any, x: Any, mean: Any = None, axis: Any = None, dtype: Any = None, ddof: Any = 0,
        keepdims: Any = False, where: Any = True,
    ) -> Any:  # fmt: skip
        same_kind(dtype, holds_complex(x))
        share = np.where(y == 0, 0.0, y_bar / np.where(y == 0, 1.0, y)) / freedom(x, axis, ddof, keepdims, where)
        return spread(share, axis, keepdims) * conjugated_as(centered(x, mean, axis, where), x)

    def by_mean(jvp: Any, vjp: Any) -> Bodies:
        """With the bodies by a mean that is given: each entry moves against it."""

        def mean_jvp(
            d: Any, y: Any, x: Any, mean: Any = None, axis: Any = None, dtype: Any = None, ddof: Any = 0,
            keepdims: Any = False, where: Any = True,
        ) -> Any:  # fmt: skip
            _real_mean(holds_complex(mean), holds_complex(x))
            return -jvp(np.broadcast_to(d, np.shape(x)), y, x, mean, axis, dtype, ddof, keepdims, where)

        def mean_vjp(
            y_bar: Any, y: Any, x: Any, mean: Any = None, axis: Any = None, dtype: Any = None, ddof: Any = 0,
            keepdims: Any = False, where: Any = True,
        ) -> Any:  # fmt: skip
            _real_mean(holds_complex(mean), holds_complex(x))
            return unbroadcast(-vjp(y_bar, y, x, mean, axis, dtype, ddof, keepdims, where), mean)

        return (jvp, mean_jvp), (vjp, mean_vjp)

    return by_mean(var_jvp, var_vjp), by_mean(std_jvp, std_vjp)


def moment(op: Callable[..., Any], bodies: Bodies, singular: bool, examples: tuple[Example, ...]) -> None:
    """Register a variance or its root; NumPy 1 takes no mean."""
    newer = "correction" in signature(op).parameters
    jvps, vjps = bodies
    structural(
        op,
        "x mean?" if newer else "x",
        jvp=jvps if newer else jvps[:1],
        vjp=vjps if newer else vjps[:1],
        result=reduced_by_name,
        aliases={"correction": "ddof"},
        singular=singular,
        examples=examples,
    )


_NEWER = "correction" in signature(np.var).parameters
_GIVEN: tuple[Example, ...] = (
    example(normal(3, 4), axis=0, correction=1),
    example(normal(3, 4), axis=0, mean=normal(1, 4)),
    example(normal(3, 4), mean=normal(1, 1), ddof=1),
)
_MOMENTS: tuple[Example, ...] = (
    example(normal(5), ddof=1),
    example(normal(3, 4), axis=0, ddof=1),
    example(normal(3, 4), axis=-1, keepdims=True),
    *ALONG[:-1],
    *MASKED,
    *PRECISE,
    *(_GIVEN if _NEWER else ()),
)
_var, _std = spreads(_centered, _freedom)
moment(np.var, _var, False, _MOMENTS)
moment(np.std, _std, True, _MOMENTS)
