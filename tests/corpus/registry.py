"""How the corpus is written down: a decorator over a function that any user could have written.

    @program(2.0, 5.0, argnums=(0, 1), golden="grad jacfwd")
    def survey(x1, x2): ...

In: the arguments at which the function is smooth. Out: the function, unchanged; `PROGRAMS` grows by one `Program`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True)
class Program:
    """A function and a point; `argnums` is one position or several neighboring ones.

    `golden` names the drivers whose emitted source is kept in `tests/golden`.
    """

    function: Callable[..., Any]
    args: tuple[Any, ...]
    argnums: int | tuple[int, ...] = 0
    golden: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.function.__name__

    @property
    def positions(self) -> tuple[int, ...]:
        return (self.argnums,) if isinstance(self.argnums, int) else self.argnums

    @property
    def active(self) -> tuple[Any, ...]:
        """The arguments that are differentiated."""
        return tuple(self.args[k] for k in self.positions)


PROGRAMS: list[Program] = []


def program(*args: Any, argnums: int | tuple[int, ...] = 0, golden: str = "") -> Callable[[F], F]:
    def register(function: F) -> F:
        entry = Program(function, args, argnums, tuple(golden.split()))
        first = entry.positions[0]
        assert entry.positions == tuple(range(first, first + len(entry.positions))), "neighboring positions only"
        assert entry.name not in {p.name for p in PROGRAMS}, f"two programs named {entry.name}"
        PROGRAMS.append(entry)
        return function

    return register
