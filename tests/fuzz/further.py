"""What a long run asks as well: Jacobians, code for unknown types, and functions that return what they wrote.

In: the checks of one program, after the first ones passed. Out: nothing, or a `Wrong` is raised.

    jacobians(checks, slope)          J = jacfwd(f) and jacrev(f): w J d is the slope
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from wengert import grad, jacfwd, jacrev, jvp, returning, vjp
from wengert.errors import WengertError
from wengert.testing import inner, leaves

if TYPE_CHECKING:
    from .checks import Run

FURTHER = ("jacobians", "returned", "general")
"""The names of these checks."""


def jacobians(run: Run, slope: tuple[float, float]) -> None:
    """Both, contracted with the weights of the result and the direction."""
    argnums = tuple(range(len(run.program.args)))
    for driver in (jacfwd, jacrev):
        rows = run.attempt(driver.__name__, lambda args, driver=driver: driver(run.f, argnums)(*args))
        if rows is not None:
            parts = [
                np.multiply(run.weights, np.tensordot(row, dot, np.ndim(dot)) if np.ndim(dot) else np.multiply(row, dot))
                for row, dot in zip(rows, run.dots, strict=True)
            ]
            found = float(sum(np.sum(p) for p in parts)), float(sum(np.sum(np.abs(p)) for p in parts))
            run.compare(f"{driver.__name__} and the slope", found, slope, 1e-9)


def general(run: Run, total: Callable[..., Any]) -> None:
    """The program that computes the gradient for any types; a refusal is no news."""
    argnums = tuple(range(len(run.program.args)))
    try:
        source = grad(total, argnums).source
    except WengertError:
        return
    except Exception as error:
        run.raised("the source for unknown types", error)
    space: dict[str, Any] = {}
    exec(compile(source, "<wengert general>", "exec"), space)
    emitted = space["total_grad"]
    if any(p.kind is p.KEYWORD_ONLY for p in inspect.signature(emitted).parameters.values()):
        return
    found = run.attempt("code for unknown types", lambda args: emitted(*args))
    want = run.attempt("the gradient", lambda args: grad(total, argnums)(*args))
    if found is not None and want is not None:
        for a, b in zip(leaves(found), leaves(want), strict=True):
            if not np.allclose(a, b, rtol=1e-8, atol=1e-8, equal_nan=True):
                run.wrong("code for unknown types and the gradient", f"{found} and {want}")


def returned(run: Run) -> None:
    """The function with what it leaves in its first array: value, both modes, differences."""
    names = [n for n, v in zip(run.program.names, run.program.args, strict=True) if isinstance(v, np.ndarray)]
    if not names or isinstance(run.value, tuple):
        return
    place = run.program.names.index(names[0])
    function = returning(run.f, names[0])

    def plain(*args: Any) -> Any:
        args = copy.deepcopy(args)
        value = run.f(*args)
        return value, args[place]

    value = plain(*run.program.args)
    weights = run.weights, np.linspace(0.5, 1.5, np.size(value[1])).reshape(np.shape(value[1]))
    forward = run.attempt("forward of returning", lambda args: jvp(function, args, run.dots))
    reverse = run.attempt("reverse of returning", lambda args: vjp(function, *args)[1](weights))
    slopes = []
    if forward is not None:
        if not all(np.allclose(a, b, rtol=1e-12, atol=1e-12) for a, b in zip(forward[0], value, strict=True)):
            run.wrong("the value of returning", f"{forward[0]} is not {value}")
        slopes.append(inner(weights, forward[1]))
    if reverse is not None:
        slopes.append(inner(reverse, run.dots))
    want = run.difference(lambda *args: inner(weights, plain(*args)))
    for s in slopes:
        run.compare("returning: modes", s, slopes[0], 1e-8)
        if want is not None:
            run.compare("returning: differences", s, want[0], want[1])
