"""Checking derivatives: forward against reverse against central differences.

    print(check_grads(f, (2.0, 5.0)))
    with unsimplified(): ...        derivatives made inside are not simplified
"""

from __future__ import annotations

import copy
import dataclasses
import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from wengert import pipeline
from wengert.api import jvp, vjp
from wengert.errors import ArgumentError
from wengert.frontend.pinned import ALLOWED


@dataclass(frozen=True, slots=True)
class Row:
    """One comparison: the derivative along a direction by forward mode, reverse mode and differences."""

    name: str
    forward: float
    reverse: float
    difference: float
    error: float


@dataclass(frozen=True, slots=True)
class Report:
    """What `check_grads` found; `ok` where every row agrees within the tolerances."""

    rows: tuple[Row, ...]
    tolerance: float

    @property
    def ok(self) -> bool:
        return all(r.error <= self.tolerance for r in self.rows)

    def __str__(self) -> str:
        head = f"{'':16} {'forward':>22} {'reverse':>22} {'differences':>22} {'error':>10}"
        lines = [
            f"{r.name:16} {r.forward:22.15g} {r.reverse:22.15g} {r.difference:22.15g} {r.error:10.1e}" for r in self.rows
        ]
        return "\n".join([head, *lines, "ok" if self.ok else "the derivatives do not agree"])


@contextmanager
def unsimplified() -> Iterator[None]:
    """Derivatives made and called inside are not simplified: slower, and with the same values."""
    with pipeline.settings(simplified=False):
        yield


@contextmanager
def unpinned() -> Iterator[None]:
    """What is refused for arrays of any length is not tried again for arrays of the lengths at hand."""
    token = ALLOWED.set(False)
    try:
        yield
    finally:
        ALLOWED.reset(token)


@contextmanager
def verified() -> Iterator[None]:
    """The IR is verified between the stages of derivatives made inside."""
    with pipeline.settings(simplified=pipeline.configuration()[0], checked=True):
        yield


def check_grads(
    function: Any,
    args: Sequence[Any],
    kwargs: Mapping[str, Any] | None = None,
    argnums: Sequence[int] | None = None,
    order: int = 1,
    modes: Sequence[str] = ("fwd", "rev"),
    tolerance: float = 1e-5,
    seed: int = 0,
) -> Report:
    """Compare forward mode, reverse mode and central differences along random directions.

    Args:
        function: a function of numbers, arrays and structures of them, with any such result.
        args: the point.
        argnums: which arguments to move; all that hold numbers where None.
        order: 2 checks the gradient of the directional derivative as well.
        modes: "fwd" and "rev", or one of them.
        tolerance: the largest error that agrees, relative to the size of the derivative (absolute below 1).

    Returns:
        A `Report` with a row for each argument and direction. It raises nothing where derivatives disagree.

    Raises:
        ArgumentError: where no argument holds a number.
        UnsupportedError: where the function cannot be differentiated.

    >>> check_grads(lambda x, y: x * y, (2.0, 5.0)).ok
    True
    """
    called = functools.partial(function, **kwargs) if kwargs else function
    names = list(pipeline.bound(called, args, {}))
    chosen = movable(args) if argnums is None else list(argnums)
    if not chosen:
        raise ArgumentError("no argument holds a number", "pass floats or arrays")
    rng = np.random.default_rng(seed)
    rows = []
    for k in chosen:
        name = names[k] if k < len(names) else f"argument {k}"
        rows.append(_row(called, tuple(args), k, name, rng, modes))
        if order > 1:
            slope = _slope(called, tuple(args), k, random_like(args[k], rng))
            rows += check_grads(slope, (args[k],), order=order - 1, modes=modes, tolerance=tolerance, seed=seed + 1).rows
    return Report(tuple(rows), tolerance)


def movable(args: Sequence[Any]) -> list[int]:
    """The positions of arguments that hold floats; of those that hold integers where none does."""
    floats = [k for k, v in enumerate(args) if any(np.asarray(x).dtype.kind in "fc" for x in leaves(v))]
    return floats or [k for k, v in enumerate(args) if leaves(v)]


def _slope(function: Any, args: tuple[Any, ...], k: int, direction: Any) -> Any:
    """The derivative of `function` along a direction of its argument k, as a function of that argument."""
    before, after = args[:k], args[k + 1 :]

    def slope(v: Any) -> Any:
        def only(u: Any) -> Any:
            return function(*before, u, *after)

        return jvp(only, (v,), (direction,))[1]

    return slope


def _row(
    function: Any, args: tuple[Any, ...], k: int, name: str, rng: np.random.Generator, modes: Sequence[str]
) -> Row:
    direction = random_like(args[k], rng)
    tangents = tuple(direction if j == k else scaled(v, 0.0) for j, v in enumerate(args))
    value, pullback = vjp(function, *args)
    weights = random_like(value, rng)
    difference = difference_along(function, args, k, direction, weights)
    forward = reverse = float("nan")
    if "fwd" in modes:
        forward = inner(weights, jvp(function, args, tangents)[1])
    if "rev" in modes:
        reverse = inner(pullback(weights)[k], direction)
    found = [v for v, m in ((forward, "fwd"), (reverse, "rev")) if m in modes]
    error = max(abs(v - w) for v in found for w in (difference, found[0])) / max(1.0, abs(difference))
    return Row(name, forward, reverse, difference, error if error == error else float("inf"))


# --- structures of numbers ----------------------------------------------------------------------------------------------


def mapped(f: Callable[..., Any], *values: Any) -> Any:
    """`f` of the numbers at the same place in structures of one layout; what is no number stays."""
    first = values[0]
    if isinstance(first, Mapping):
        return {k: mapped(f, *(v[k] for v in values)) for k in first}
    if isinstance(first, (tuple, list)):
        parts = [mapped(f, *row) for row in zip(*values, strict=True)]
        return type(first)(*parts) if hasattr(first, "_fields") else type(first)(parts)
    if dataclasses.is_dataclass(first) and not isinstance(first, type):
        names = [x.name for x in dataclasses.fields(first)]
        return dataclasses.replace(first, **{n: mapped(f, *(getattr(v, n) for v in values)) for n in names})
    return f(*values) if leaves(first) else first


def leaves(value: Any) -> list[Any]:
    """The numbers and arrays in a structure, left to right."""
    if isinstance(value, bool):
        return []
    if isinstance(value, Mapping):
        return [x for v in value.values() for x in leaves(v)]
    if isinstance(value, (tuple, list)):
        return [x for v in value for x in leaves(v)]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return [x for f in dataclasses.fields(value) for x in leaves(getattr(value, f.name))]
    return [value] if isinstance(value, (int, float, np.ndarray, np.generic)) else []


def random_like(value: Any, rng: np.random.Generator) -> Any:
    """Normal numbers in the structure and shapes of `value`."""
    return mapped(lambda v: float(rng.standard_normal()) if np.ndim(v) == 0 else rng.standard_normal(np.shape(v)), value)


def scaled(value: Any, factor: float) -> Any:
    return mapped(lambda v: factor * np.asarray(v, float) if np.ndim(v) else factor * float(v), value)


def inner(a: Any, b: Any) -> float:
    """The sum of the products of all numbers at the same places."""
    return float(sum(np.sum(np.asarray(x) * np.asarray(y)) for x, y in zip(leaves(a), leaves(b), strict=True)))


def difference_along(function: Any, args: tuple[Any, ...], k: int, direction: Any, weights: Any) -> float:
    """The derivative of the weighted result along a direction: central differences, extrapolated once (Richardson)."""

    def at(t: float) -> float:
        def moved(v: Any, d: Any) -> Any:
            if np.ndim(v) == 0 and not isinstance(v, np.ndarray):
                return float(v) + t * d
            return np.asarray(v, np.result_type(v, float)) + t * np.asarray(d)

        given = mapped(moved, args[k], direction)
        with np.errstate(all="ignore"):
            return inner(weights, function(*copy.deepcopy((*args[:k], given, *args[k + 1 :]))))  # it may write into them

    h = 1e-4
    coarse, fine = ((at(s) - at(-s)) / (2 * s) for s in (h, h / 2))
    return (4 * fine - coarse) / 3
