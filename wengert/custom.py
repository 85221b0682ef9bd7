"""Functions with derivatives of the user's own: `custom_jvp` and `custom_vjp`, as in JAX.

    @custom_jvp
    def f(x): return math.log1p(math.exp(x))

    @f.defjvp
    def f_jvp(primals, tangents):
        (x,), (x_dot,) = primals, tangents
        return f(x), x_dot / (1.0 + math.exp(-x))
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from wengert.errors import ArgumentError


class _Custom:
    """A function whose derivative is given instead of derived; calling it calls the function."""

    def __init__(self, fun: Callable[..., Any], nondiff_argnums: tuple[int, ...] = ()) -> None:
        functools.update_wrapper(self, fun)
        self.fun = fun
        self.nondiff_argnums = tuple(nondiff_argnums)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.fun(*args, **kwargs)

    def __wengert_call__(self, *call: Any) -> Any:
        """What a call means inside a function that is being differentiated."""
        from wengert.transforms.custom import call as flatten_call

        self._ready()
        return flatten_call(self, *call)

    def _ready(self) -> None:
        raise NotImplementedError

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {getattr(self.fun, '__qualname__', self.fun)}>"


class custom_jvp(_Custom):
    """A function with its own tangent rule; reverse mode transposes the rule.

    Args:
        fun: a function of numbers and arrays that returns one number or array.
        nondiff_argnums: positions of arguments without a derivative; they are passed to the rule first.

    Raises:
        ArgumentError: when a derivative is made of it before a rule was set with `defjvp` or `defjvps`.

    >>> from wengert import grad
    >>> @custom_jvp
    ... def double(x):
    ...     return x + x
    >>> @double.defjvp
    ... def double_jvp(primals, tangents):
    ...     return double(primals[0]), 2.0 * tangents[0]
    >>> grad(double)(3.0)
    2.0
    """

    rule: Callable[..., Any] | None = None

    def defjvp(self, rule: Callable[..., Any]) -> Callable[..., Any]:
        """Set the rule: `rule(primals, tangents)` returns (value, tangent), the tangent linear in `tangents`."""
        self.rule = rule
        return rule

    def defjvps(self, *rules: Callable[..., Any] | None) -> None:
        """Set one rule for each argument: `rule(x_dot, value, *primals)` returns its part of the tangent; None for none."""
        self.parts = rules

    parts: tuple[Callable[..., Any] | None, ...] | None = None

    def _ready(self) -> None:
        if self.rule is None and self.parts is None:
            raise ArgumentError(f"`{self.fun.__name__}` has no jvp rule", "set one with defjvp")


class custom_vjp(_Custom):
    """A function with its own cotangent rule, for reverse mode only.

    Args:
        fun: a function of numbers and arrays that returns one number or array.
        nondiff_argnums: positions of arguments without a derivative; they are passed to `bwd` first.

    Raises:
        ArgumentError: when a derivative is made of it before a rule was set with `defvjp`.
        UnsupportedError: in forward mode.

    >>> from wengert import grad
    >>> @custom_vjp
    ... def clipped(x):
    ...     return x
    >>> clipped.defvjp(lambda x: (x, None), lambda residuals, bar: (min(bar, 1.0),))
    >>> grad(lambda x: 5.0 * clipped(x))(3.0)
    1.0
    """

    fwd: Callable[..., Any] | None = None
    bwd: Callable[..., Any] | None = None

    def defvjp(self, fwd: Callable[..., Any], bwd: Callable[..., Any]) -> None:
        """Set the rule: `fwd(*args)` returns (value, residuals), `bwd(residuals, bar)` a tuple with a cotangent for each
        differentiable argument."""
        self.fwd, self.bwd = fwd, bwd

    def _ready(self) -> None:
        if self.fwd is None or self.bwd is None:
            raise ArgumentError(f"`{self.fun.__name__}` has no vjp rule", "set one with defvjp")
