"""How a real program is written down: a decorator over a function as scientists write it.

    @real(lambda r: (r.random(9), 0.2, 5), "u alpha", writes="u")
    def heat_1d(u, alpha, steps): ...

In: what makes the arguments from a seeded generator, and which of them are differentiated (neighbors). A function that
fills arrays that it is given names them in `writes`. Out: the function, unchanged; `PROGRAMS` grows by one `Real`.
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True)
class Real:
    """A program and its point.

    `smooth` where differences of the gradient exist; `step` is the step of differences; `slow` where the second order is.
    """

    function: Callable[..., Any]
    inputs: Callable[[np.random.Generator], tuple[Any, ...]]
    active: tuple[str, ...]
    writes: tuple[str, ...] = ()
    smooth: bool = True
    step: float = 1e-3
    slow: bool = False

    @property
    def name(self) -> str:
        return self.function.__name__

    @property
    def parameters(self) -> tuple[str, ...]:
        return tuple(inspect.signature(self.function).parameters)

    @property
    def argnums(self) -> tuple[int, ...]:
        return tuple(self.parameters.index(name) for name in self.active)

    def rng(self) -> np.random.Generator:
        """The same numbers in every run and every process."""
        return np.random.default_rng(sum(self.name.encode()))

    def args(self) -> tuple[Any, ...]:
        return self.inputs(self.rng())

    def plain(self, *args: Any) -> Any:
        """The program run by Python on copies: its result, then what it wrote; alone where there is one of them."""
        args = copy.deepcopy(args)
        value = self.function(*args)
        if not self.writes:
            return value
        written = tuple(args[self.parameters.index(name)] for name in self.writes)
        results = written if value is None else (value, *written)
        return results[0] if len(results) == 1 else results

    def restricted(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """`function`, which takes the arguments of the program, as a function of the active ones alone."""
        args, first = self.args(), self.argnums[0]
        before, after = args[:first], args[first + len(self.argnums) :]
        return lambda *active: function(*before, *active, *after)

    def moving(self) -> tuple[Any, ...]:
        """The active arguments."""
        args = self.args()
        return tuple(args[k] for k in self.argnums)


PROGRAMS: list[Real] = []


def real(inputs: Callable[[np.random.Generator], tuple[Any, ...]], active: str, **options: Any) -> Callable[[F], F]:
    """Register the function under the decorator; `writes` is a string of names, the other options are those of `Real`."""
    writes = tuple(options.pop("writes", "").split())

    def register(function: F) -> F:
        entry = Real(function, inputs, tuple(active.split()), writes, **options)
        first = entry.argnums[0]
        assert entry.argnums == tuple(range(first, first + len(entry.argnums))), "neighboring arguments only"
        assert set(entry.writes) <= set(entry.parameters)
        assert entry.name not in {p.name for p in PROGRAMS}, f"two programs named {entry.name}"
        PROGRAMS.append(entry)
        return function

    return register
