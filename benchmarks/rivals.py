"""Everybody who computes value and vjp of a call: wengert, autograd and JAX where they have the function.

In: a `Sized` call. Out: a function of the arguments and the cotangents that returns the value and the cotangents of the
active arguments; None where the library does not have the function or refuses the call.

    lowered(call)(*call.args, *weights)      (y, [x_bar, ...])
"""

from __future__ import annotations

import importlib
import importlib.util
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

import wengert
from calls import Sized, leaves
from wengert.rules.kinds import RULES, Constant, Rule, lookup, name_of

Contender = Callable[..., Any]
FOLDERS = {
    "numpy": ("autograd.numpy", "jax.numpy"),
    "numpy.linalg": ("autograd.numpy.linalg", "jax.numpy.linalg"),
    "numpy.fft": ("autograd.numpy.fft", "jax.numpy.fft"),
    "scipy.special": ("autograd.scipy.special", "jax.scipy.special"),
}
COMPOSED = ("stack", "hstack", "vstack", "column_stack", "append", "concatenate", "array")
"""What autograd makes of its primitives in Python."""


def counterpart(op: Any, library: int) -> Any:
    """The function of the same name in autograd (0) or JAX (1); None where there is none."""
    if op is operator.getitem:
        return op
    short = getattr(op, "__name__", "")
    for folder, theirs in FOLDERS.items():
        if getattr(importlib.import_module(folder), short, None) is op:
            return getattr(importlib.import_module(theirs[library]), short, None)
    return None


def common() -> list[Rule]:
    """The rows of functions that autograd has a vjp for."""
    from autograd.core import primitive_vjps

    for library in ("autograd.numpy", "autograd.scipy.special"):
        importlib.import_module(library)
    functions = {id(getattr(p, "fun", None)) for p in primitive_vjps}
    special = [getattr(p, "fun", None) for p in primitive_vjps]
    rows = [*RULES.values(), *filter(None, (lookup(f) for f in special if f is not None))]
    found = {}
    for row in rows:
        taken = id(row.op) in functions or row.op is operator.getitem
        composed = name_of(row.op).removeprefix("np.") in COMPOSED
        if (taken or composed) and not isinstance(row, Constant) and counterpart(row.op, 0) is not None:
            found[name_of(row.op)] = row
    return list(found.values())


def lowered(call: Sized) -> tuple[Contender, str]:
    """`grad(loss, has_aux=True).lower(...)`: one function that returns the cotangents and the value; and its text."""
    _, loss = call.functions()
    weights = cotangents(call)
    made = wengert.grad(loss, call.active, has_aux=True).lower(*call.args, *weights)
    return swapped(made.callable), made.source


def swapped(function: Contender) -> Contender:
    def value_and_bars(*args: Any) -> Any:
        bars, y = function(*args)
        return y, bars

    return value_and_bars


def called(call: Sized) -> Contender:
    """`wengert.vjp` as it is called: with the look-up of what was made for arguments like these."""
    f, _ = call.functions()
    count, active = len(call.args), call.active

    def value_and_bars(*args: Any) -> Any:
        y, pullback = wengert.vjp(f, *args[:count])
        bars = pullback(args[count] if len(args) == count + 1 else args[count:])
        return y, tuple(bars[k] for k in active)

    return value_and_bars


def with_autograd(call: Sized) -> Contender | None:
    """`make_vjp`: the call is traced, then its vjp is pulled back."""
    import autograd.numpy
    from autograd import make_vjp

    f, _ = call.functions(counterpart(call.rule.op, 0), autograd.numpy)
    count = len(call.args)
    one = len(call.active) == 1
    made = make_vjp(f, call.active[0] if one else call.active)

    def value_and_bars(*args: Any) -> Any:
        pullback, y = made(*args[:count])
        weights = args[count:]
        bars = pullback(like(y, weights))
        return y, (bars,) if one else bars

    return value_and_bars


def with_jax(call: Sized) -> Contender | None:
    """The jitted function that returns the value and the cotangents."""
    import jax

    jax.config.update("jax_enable_x64", True)
    op = counterpart(call.rule.op, 1)
    if op is None:
        return None
    f, _ = call.functions(op, jax.numpy)
    count, active = len(call.args), call.active

    def both(*args: Any) -> Any:
        def of_active(*moving: Any) -> Any:
            whole = list(args[:count])
            for k, v in zip(active, moving, strict=True):
                whole[k] = v
            return f(*whole)

        y, pullback = jax.vjp(of_active, *(args[k] for k in active))
        weights = args[count:]
        return y, pullback(like(y, weights))

    compiled = jax.jit(both)
    return lambda *args: jax.block_until_ready(compiled(*args))


def like(y: Any, weights: tuple[Any, ...]) -> Any:
    """The cotangents in the structure of the value."""
    if not isinstance(y, (list, tuple)):
        return weights[0]
    return type(y)(*weights) if hasattr(y, "_fields") else type(y)(weights)


def cotangents(call: Sized) -> tuple[Any, ...]:
    """Random ones, one for each result."""
    f, _ = call.functions()
    rng = np.random.default_rng(3)
    with np.errstate(all="ignore"):
        return tuple(random_like(v, rng) for v in leaves(f(*call.args)))


def random_like(value: Any, rng: np.random.Generator) -> Any:
    shape = np.shape(value)
    made = rng.standard_normal(shape)
    if np.iscomplexobj(value):
        made = made + 1j * rng.standard_normal(shape)
    return made.astype(np.asarray(value).dtype) if isinstance(value, np.ndarray) else made.item() if np.ndim(made) else made


def agree(got: Any, want: Any) -> bool:
    """The same numbers to rounding."""
    got, want = leaves(got), leaves(want)
    if len(got) != len(want):
        return False
    return all(near(np.asarray(g), np.asarray(w)) for g, w in zip(got, want, strict=True))


def near(a: Any, b: Any) -> bool:
    if a.shape != b.shape:
        return False
    size = np.max(np.abs(b), initial=1e-30, where=np.isfinite(b))
    return bool(np.allclose(a, b, rtol=1e-7, atol=1e-8 * size, equal_nan=True))


def installed(name: str) -> bool:
    return importlib.util.find_spec(name) is not None
