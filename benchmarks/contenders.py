"""Everybody who computes the gradient of a case: by hand, wengert, and autograd and JAX where they are installed.

In: a `Case`. Out: a function without arguments that computes the gradient, ready to be timed.

    contender("hand", case)()
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from types import FunctionType, ModuleType
from typing import Any

from yardsticks import Case, newton, scalar_loop

NAMES = ("primal", "hand", "lowered", "wengert", "autograd", "jax")


def installed(name: str) -> bool:
    return name not in ("autograd", "jax") or importlib.util.find_spec(name) is not None


def rebound(function: Callable[..., Any], numpy: ModuleType) -> Callable[..., Any]:
    """The same source with `np` and `math` bound to a library's own NumPy."""
    assert isinstance(function, FunctionType)
    return FunctionType(function.__code__, {**function.__globals__, "np": numpy, "math": numpy}, function.__name__)


def with_autograd(case: Case) -> Callable[..., Any]:
    import autograd
    import autograd.numpy

    function = rebound(case.primal, autograd.numpy)
    if isinstance(case.argnums, int):
        return autograd.grad(function, case.argnums)
    tuple_of_active = autograd.grad(lambda active, *rest: function(*active, *rest))
    count = len(case.argnums)
    return lambda *args: tuple_of_active(args[:count], *args[count:])


def with_jax(case: Case) -> tuple[Callable[..., Any], tuple[Any, ...]]:
    """The compiled gradient and its arguments; loops are written with `jax.lax`, as JAX asks for."""
    import jax

    jax.config.update("jax_enable_x64", True)
    if case.primal is scalar_loop:
        gradient, args = jax.grad(jax_scalar_loop), case.args
        compiled = jax.jit(gradient, static_argnums=1)
    elif case.primal is newton:  # JAX has no reverse mode through a loop of unknown length
        compiled, args = jax.jit(jax.jacfwd(jax_newton)), case.args
    else:
        compiled = jax.jit(jax.grad(rebound(case.primal, jax.numpy), case.argnums))
        args = jax.device_put(case.args)
    return lambda *active: jax.block_until_ready(compiled(*active)), args


def jax_scalar_loop(x: Any, n: int) -> Any:
    import jax

    return jax.lax.fori_loop(0, n, lambda _, x: x + 0.001 * jax.numpy.sin(x) * (2.0 - x), x)


def jax_newton(a: Any) -> Any:
    import jax

    return jax.lax.while_loop(lambda x: abs(x * x - a) > 1e-12 * a, lambda x: 0.5 * (x + a / x), a)


def contender(name: str, case: Case) -> tuple[Callable[..., Any], tuple[Any, ...]]:
    """The function to time and its arguments."""
    if name == "primal":
        return case.primal, case.args
    if name == "hand":
        return case.hand, case.args
    if name == "autograd":
        return with_autograd(case), case.args
    if name == "jax":
        return with_jax(case)
    import wengert

    gradient = wengert.grad(case.primal, case.argnums)
    if name == "lowered":
        return gradient.lower(*case.args).callable, case.args
    return gradient, case.args
