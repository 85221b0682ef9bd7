"""Samples of operands: what the checks of a row are generated from.

In: a random generator. Out: positional and keyword arguments for one call of the row's operation.

    example(normal(3, 4), axis=0)(rng)      ((a 3 by 4 array,), {"axis": 0})
    REAL.draw(rng, (3,))                    an array inside the domain
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

Call: TypeAlias = tuple[tuple[Any, ...], dict[str, Any]]
# text, because naming `np.random` imports it, which takes longer than all rules together
Example: TypeAlias = "Callable[[np.random.Generator], Call]"


@dataclass(frozen=True, slots=True)
class Domain:
    """Open intervals on which an operation is smooth; `integer` for operands that must be whole."""

    name: str
    intervals: tuple[tuple[float, float], ...]
    integer: bool = False

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...] = ()) -> Any:
        """An array of samples, or a Python number where `shape` is ()."""
        low, high = np.array(self.intervals).T
        pick = rng.integers(len(low), size=shape)
        if self.integer:
            value = rng.integers(low[pick].astype(int), high[pick].astype(int), size=shape)
        else:
            value = low[pick] + (high - low)[pick] * rng.uniform(0.02, 0.98, size=shape)
        return value.item() if shape == () else value


REAL = Domain("real", ((-2.0, 2.0),))
POSITIVE = Domain("positive", ((0.2, 3.0),))
NONZERO = Domain("nonzero", ((-2.0, -0.3), (0.3, 2.0)))
UNIT = Domain("unit", ((-0.95, 0.95),))
ABOVE_ONE = Domain("above one", ((1.1, 3.0),))
ABOVE_MINUS_ONE = Domain("above minus one", ((-0.9, 2.0),))
COSINE = Domain("away from the poles of the tangent", ((-1.4, 1.4),))
HIGH = Domain("high", ((2.1, 3.0),))
LOW = Domain("low", ((-3.0, -2.1),))
NOT_WHOLE = Domain("away from the poles of gamma", ((-2.7, -2.3), (-1.7, -1.3), (0.3, 4.0)))
WHOLE = Domain("whole", ((1, 5),), integer=True)


@dataclass(frozen=True, slots=True)
class Draw:
    """A place in an example that is filled with samples."""

    shape: tuple[int, ...]
    domain: Domain = REAL


@dataclass(frozen=True, slots=True)
class DrawMatrix:
    """A place for square matrices that are far from singular; with `definite` they are symmetric and positive definite."""

    shape: tuple[int, ...]
    definite: bool = False

    def draw(self, rng: np.random.Generator) -> Any:
        n = self.shape[-1]
        free = rng.uniform(-1.0, 1.0, (*self.shape, n))
        whole = free @ np.swapaxes(free, -1, -2) if self.definite else free
        return whole + np.diag(np.linspace(2.0, 4.0, n))


def matrix(*shape: int) -> DrawMatrix:
    """A place for well-conditioned square matrices: of size n for `matrix(n)`, b of them for `matrix(b, n)`."""
    return DrawMatrix(shape)


def definite(*shape: int) -> DrawMatrix:
    """A place for symmetric, positive definite matrices with eigenvalues of their own."""
    return DrawMatrix(shape, True)


def normal(*shape: int) -> Draw:
    """A place for real numbers of either sign."""
    return Draw(shape)


def positive(*shape: int) -> Draw:
    """A place for positive numbers."""
    return Draw(shape, POSITIVE)


def example(*args: Any, **kwargs: Any) -> Example:
    """A call with each `Draw` in it, also inside lists and tuples, filled with fresh samples."""

    def fill(value: Any, rng: np.random.Generator) -> Any:
        if isinstance(value, Draw):
            return value.domain.draw(rng, value.shape)
        if isinstance(value, DrawMatrix):
            return value.draw(rng)
        if isinstance(value, (list, tuple)):
            return type(value)(fill(item, rng) for item in value)
        return value

    def call(rng: np.random.Generator) -> Call:
        return tuple(fill(a, rng) for a in args), {k: fill(v, rng) for k, v in kwargs.items()}

    return call


def from_domains(domains: tuple[Domain, ...], scalars: bool, arrays: bool) -> tuple[Example, ...]:
    """Calls of an elementwise operation: scalars, equal shapes and shapes that broadcast."""
    shapes: list[tuple[tuple[int, ...], ...]] = []
    if scalars:
        shapes.append(tuple(() for _ in domains))
    if arrays:
        shapes.append(tuple((3, 2) for _ in domains))
        if len(domains) > 1:
            rows = ((2,), (3, 1), (1, 2))
            shapes.append(tuple((3, 2) if k == 0 else () for k in range(len(domains))))
            shapes.append(tuple(rows[k % 3] for k in range(len(domains))))
    return tuple(example(*(Draw(s, d) for s, d in zip(each, domains, strict=True))) for each in shapes)
