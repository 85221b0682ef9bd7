"""Jacobians and Hessians as programs: plain Python around `jvp` and `vjp`, flattened like a user's function.

    forward(f, (x,), 0)      one column of the Jacobian for each entry of x

The drivers named here have a meaning only where they are flattened.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from wengert.rules.kinds import known
from wengert.transforms.nested import Differential

_jvp: Any = Differential("jvp")
_vjp: Any = Differential("vjp")
_grad: Any = Differential("grad")
_holomorphic: Any = Differential("grad", holomorphic=True)
_jvp_each: Any = Differential("jvp", repeated=True)
_grad_each: Any = Differential("grad", repeated=True)
_gradients: Any = Differential("gradients", many=True)


def _floating(x: Any) -> Any:
    """The dtype of `x` where that is known to be floating, double precision otherwise."""
    return x.dtype if known(x.dtype) and x.dtype.kind in "fc" else float


def forward(function: Callable[..., Any], args: tuple[Any, ...], k: int) -> Any:
    """The derivative of `function` in its argument k, column by column."""
    x = args[k]

    def only(v: Any) -> Any:
        return function(*args[:k], v, *args[k + 1 :])

    if np.ndim(x) == 0:
        return _jvp_each(only, (x,), (1.0,))[1]
    basis = np.eye(np.size(x), dtype=_floating(x))
    columns = [_jvp_each(only, (x,), (np.reshape(e, np.shape(x)),))[1] for e in basis]
    stacked = np.moveaxis(np.array(columns), 0, -1)
    return np.reshape(stacked, np.shape(stacked)[:-1] + np.shape(x))


def reverse(function: Callable[..., Any], args: tuple[Any, ...], k: int) -> Any:
    """The derivative of `function` in its argument k, row by row."""
    x = args[k]

    def only(v: Any) -> Any:
        return function(*args[:k], v, *args[k + 1 :])

    y, pullback = _vjp(only, x)
    if np.ndim(y) == 0:
        return pullback(1.0)[0]
    basis = np.eye(np.size(y), dtype=_floating(y))
    rows = [pullback(np.reshape(e, np.shape(y)))[0] for e in basis]
    return np.reshape(np.array(rows), np.shape(y) + np.shape(x))


def second(function: Callable[..., Any], args: tuple[Any, ...], k: int, j: int) -> Any:
    """The second derivative of a number in its arguments k and then j: forward over reverse."""

    def gradient(v: Any) -> Any:
        return _grad_each(_of_one(function, args, k, j, v), v if j == k else args[k])

    return forward(gradient, (args[j],), 0)


def second_holomorphic(function: Callable[..., Any], args: tuple[Any, ...], k: int, j: int) -> Any:
    """As `second`, of a holomorphic function."""

    def gradient(v: Any) -> Any:
        return _holomorphic(_of_one(function, args, k, j, v), v if j == k else args[k])

    return forward(gradient, (args[j],), 0)


def second_once(function: Callable[..., Any], args: tuple[Any, ...], k: int, j: int) -> Any:
    """As `second`, reverse over reverse: the function is run once."""

    def gradient(v: Any) -> Any:
        return _grad(_of_one(function, args, k, j, v), v if j == k else args[k])

    return reverse(gradient, (args[j],), 0)


def second_of_array(function: Callable[..., Any], args: tuple[Any, ...], k: int, j: int) -> Any:
    """The second derivative of each entry of an array."""

    def rows(v: Any) -> Any:
        return reverse(_of_one(function, args, k, j, v), (v if j == k else args[k],), 0)

    return forward(rows, (args[j],), 0)


def _of_one(function: Callable[..., Any], args: tuple[Any, ...], k: int, j: int, v: Any) -> Any:
    """`function` of its argument k alone, with `v` for its argument j."""

    def only(u: Any) -> Any:
        given = (*args[:j], v, *args[j + 1 :])
        return function(*given[:k], u, *given[k + 1 :])

    return only


ONCE: dict[Callable[..., Any], Callable[..., Any]] = {forward: reverse, second: second_once}
"""What runs the function once, for drivers that run it once for each column."""


HOLOMORPHIC: dict[Callable[..., Any], Callable[..., Any]] = {second: second_holomorphic}
"""What gives complex derivatives, for drivers that take gradients of real results."""


def product(function: Callable[..., Any], primals: tuple[Any, ...], tangents: tuple[Any, ...]) -> Any:
    """The Hessian of `function` times a direction."""

    def gradient(*given: Any) -> Any:
        return _grad(function, *given) if len(given) == 1 else _gradients(function, *given)

    return _jvp(gradient, primals, tangents)[1]
