"""What a program under construction knows: its lines, the places in scope, and how templates are filled.

In: a source of choices and the names of the features that a program may use. Out: a `Writer` to which the other modules add.

    w = Writer(random.Random(0).randrange, {"stores"})
    w.places["u"] = Place(Arr((3,)))
    w.line("u[0] = " + w.filled("<s> + <s>"))
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

FEATURES = (
    "augment", "tuples", "branches", "for", "while", "leave", "return", "where", "helpers", "closures", "lists", "dicts",
    "objects", "reads", "views", "aliases", "stores", "slices", "masks", "fancy", "at", "out", "swap", "empty", "mutators",
    "sweeps", "ints", "tables", "complex", "recursion",
)  # fmt: skip
"""What a program may use. Each program draws a subset, so that features are met in small company too."""

WRITING = frozenset(
    {"stores", "slices", "masks", "fancy", "at", "out", "swap", "empty", "mutators", "dicts", "objects", "sweeps", "tables"}
)
"""The features that write into values."""


class Kind:
    """What a place holds."""


@dataclass(frozen=True)
class Num(Kind):
    """A float."""


@dataclass(frozen=True)
class Index(Kind):
    """An int from 0 to `size` - 1."""

    size: int


@dataclass(frozen=True)
class Arr(Kind):
    """An array of floats."""

    shape: tuple[int, ...]


@dataclass(frozen=True)
class Seq(Kind):
    """A list that holds items of one kind; it may be empty."""

    item: Kind


@dataclass(frozen=True)
class Table(Kind):
    """A list of lists of numbers, which may be whole ones to begin with."""

    rows: int
    columns: int


@dataclass(frozen=True)
class Complex(Kind):
    """A complex number or array."""

    shape: tuple[int, ...]


@dataclass(frozen=True)
class Place:
    """A name or a path such as `o.u` and `q[0]`; `bound` where an assignment statement may give it another value."""

    kind: Kind
    bound: bool = True


@dataclass(frozen=True)
class Routine:
    """A function that a program defined: what it takes and returns (None: nothing)."""

    name: str
    takes: tuple[Kind, ...]
    gives: Kind | None


NAMES: Mapping[type[Kind], str] = {Num: "stpr", Arr: "uvwk", Seq: "q", Index: "ijl", Table: "g", Complex: "Z"}


@dataclass
class Writer:
    """`choose(n)` is a whole number below n; `gives` what the function returns; `inner` is true in helpers; `loops` counts
    those around a line; `reserved` names must not be assigned."""

    choose: Callable[[int], int]
    features: set[str]
    lines: list[str] = field(default_factory=list)
    places: dict[str, Place] = field(default_factory=dict)
    routines: list[Routine] = field(default_factory=list)
    gives: tuple[Kind, ...] = ()
    indent: int = 0
    loops: int = 0
    inner: bool = False
    count: int = 0
    reserved: set[str] = field(default_factory=set)

    # --- choices ----------------------------------------------------------------------------------------------------

    def pick(self, choices: Sequence[Any]) -> Any:
        """One of the choices; programs shrink towards the first."""
        return choices[self.choose(len(choices))]

    def chance(self, one_in: int = 2) -> bool:
        return self.choose(one_in) == one_in - 1

    def has(self, *features: str) -> bool:
        return all(f in self.features for f in features)

    # --- lines ------------------------------------------------------------------------------------------------------

    def line(self, text: str) -> None:
        self.lines.append("    " * self.indent + text)

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        """A block under `head`; what it assigns first is not seen after it."""
        before = dict(self.places)
        self.line(head)
        start = len(self.lines)
        self.indent += 1
        yield
        if len(self.lines) == start:
            self.line("pass")
        self.indent -= 1
        self.places = before

    # --- places -----------------------------------------------------------------------------------------------------

    def of(self, kind: Kind) -> list[str]:
        """The places that hold this kind."""
        return [name for name, p in self.places.items() if p.kind == kind]

    def arrays(self) -> list[tuple[str, tuple[int, ...]]]:
        return [(name, p.kind.shape) for name, p in self.places.items() if isinstance(p.kind, Arr)]

    def lists(self) -> list[tuple[str, Kind]]:
        return [(name, p.kind.item) for name, p in self.places.items() if isinstance(p.kind, Seq)]

    def held(self) -> list[tuple[str, Table | Complex]]:
        """The places that hold lists of lists and complex numbers."""
        return [(name, p.kind) for name, p in self.places.items() if isinstance(p.kind, (Table, Complex))]

    def indices(self, size: int) -> list[str]:
        """Names that are an index into `size` entries."""
        return [name for name, p in self.places.items() if isinstance(p.kind, Index) and p.kind.size <= size]

    def fresh(self, kind: Kind) -> str:
        """A name that holds nothing yet."""
        letters = NAMES[type(kind)]
        free = [n for n in letters if n not in self.places and n not in self.reserved]
        if free:
            return free[0]
        self.count += 1
        return f"{letters[0]}{self.count}"

    def assign(self, name: str, kind: Kind) -> None:
        """Note that a name was assigned: paths that went through its old value are gone."""
        gone = [p for p in self.places if p.startswith((f"{name}.", f"{name}["))]
        for p in gone:
            del self.places[p]
        self.places[name] = Place(kind)

    def target(self, kind: Kind) -> str:
        """A place to assign a value of this kind to: a new name, or one that holds that kind."""
        known = [name for name, p in self.places.items() if p.kind == kind and p.bound]
        return str(self.pick([self.fresh(kind), *known]))
