"""Functions of the program's own: an operation that carries a flat function and is applied by an ordinary `Assign`.

    r = power(b, n)             op is Emitted("power", Function(..))
    r = swap(a, b)              several results: r has the type Results((..., ...))
    x = getitem(r, 0)           and is only read item by item

A function may apply itself, so `function` is set after the operation was made. Identity is its equality. The function is
pure but for the effects of its statements: it never writes into its arguments.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from typing import Any

from wengert.ir.interpret import run
from wengert.ir.nodes import Assign, Block, Function, Structure
from wengert.ir.queries import walk
from wengert.ir.types import Opaque, Tuple, Type


@dataclass(frozen=True, slots=True)
class Results(Tuple):
    """What an emitted function with several results returns, to be read item by item."""


@dataclass(frozen=True, slots=True)
class Recorded(Opaque):
    """What an augmented primal recorded for its pullback: a tuple of values of any kind, which is passed on as it is."""


@dataclass(slots=True, eq=False)
class Emitted:
    """A function that is printed as a `def` of its own.

    Each parameter is one argument of the call. With `several` a call returns the parts of the result, to be read by position,
    and not one value. `recorded` counts the last leaves of its result that only a pullback reads;
    they may share memory with the arguments. `derived` holds what the transforms made of it, so that each is made once.
    """

    name: str
    function: Function | None = None
    several: bool = False
    recorded: int = 0
    derived: dict[Hashable, Any] = field(default_factory=dict)

    @property
    def __name__(self) -> str:
        return self.name

    @property
    def defined(self) -> Function:
        assert self.function is not None, f"{self.name} is not finished"
        return self.function

    @property
    def recursive(self) -> bool:
        """True where it applies itself, or another one that does."""
        return self in applied_in_turn(self.defined.body)

    @property
    def items(self) -> tuple[Structure, ...]:
        """What a call returns."""
        result = self.defined.result
        return result.children if self.several else (result,)

    @property
    def types(self) -> tuple[Type, ...]:
        """The types of the items; those that have parts are passed on as they are."""
        leaves = iter(self.defined.body.yields)
        found: list[Type] = []
        for item in self.items:
            parts = [next(leaves).type for _ in range(item.leaves)]
            found.append(parts[0] if item.kind == "leaf" else Recorded())
        return tuple(found)

    def __call__(self, *args: Any) -> Any:
        """What the program computes with these arguments, statement by statement."""
        given = [leaf for p, arg in zip(self.defined.params, args, strict=True) for leaf in _leaves(p.structure, arg)]
        return _value(self.defined.result, iter(run(self.defined, given)))

    def __repr__(self) -> str:
        return self.name


def _leaves(structure: Structure, value: Any) -> list[Any]:
    if structure.kind == "leaf":
        return [value]
    return [leaf for part, item in zip(structure.children, value, strict=True) for leaf in _leaves(part, item)]


def _value(structure: Structure, leaves: Iterator[Any]) -> Any:
    if structure.kind == "tuple":
        return tuple(_value(part, leaves) for part in structure.children)
    return next(leaves)


def applied(block: Block) -> list[Emitted]:
    """The emitted functions that a block applies, in the order of first use."""
    found = [s.op for s in walk(block) if isinstance(s, Assign) and isinstance(s.op, Emitted)]
    return list(dict.fromkeys(found))


def applied_in_turn(block: Block) -> list[Emitted]:
    """The emitted functions that a block applies, and those that they apply."""
    found: dict[Emitted, None] = {}
    queue = [block]
    while queue:
        for op in applied(queue.pop(0)):
            if op not in found:
                found[op] = None
                queue.append(op.defined.body)
    return list(found)
