"""The nodes: atoms, operands, statements, blocks, functions.

Structured single assignment. A `Var` is defined by one statement (or is a parameter, a loop target or a carried
name); the only way out of a block is its `yields`. Nodes are immutable; facts about them live in dicts.

    Assign(v1, operator.mul, (x1, x2))          v1 = x1 * x2
    If((y,), test, Block(.., (a,)), Block(.., (b,)))
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, TypeAlias

from wengert.errors import Location
from wengert.ir.types import Opaque, Type, Undefined


@dataclass(frozen=True, slots=True, eq=False)
class Var:
    """A name of the Wengert list; equality is identity.

    Printed as `hint` (the user's name) where `of` is None, as the name of `of` followed by `hint` otherwise
    (`x` and "_bar" give `x_bar`), and as a numbered temporary `v1, v2, ...` where both are empty.
    `inline` marks a part of a rule's expression: printed inside the line that uses it where it is used once.
    """

    hint: str
    type: Type
    of: Var | None = None
    inline: bool = False

    def __repr__(self) -> str:
        return f"{self.of!r}{self.hint}" if self.of else self.hint or f"v@{id(self) & 0xFFFF:x}"


@dataclass(frozen=True, slots=True, eq=False)
class Const:
    """A value known when the function is transformed: a number, None, a string, a dtype, a function, a module.

    Equal to another `Const` of the same type and value; objects other than plain literals compare by identity.
    """

    value: Any
    type: Type

    def _key(self) -> Hashable:
        v = self.value
        if isinstance(v, (bool, int, float, complex, str, bytes, type(None))):
            return (type(v).__name__, repr(v))
        return id(v)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Const) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def __repr__(self) -> str:
        return repr(self.value)


Atom: TypeAlias = Var | Const


class _Undefined:
    """The one value of names that a path has not assigned; never printed: the name stays unbound."""

    def __repr__(self) -> str:
        return "<undefined>"


UNDEFINED = Const(_Undefined(), Undefined())


class End(Enum):
    """Where a `Store` changes the length of a run-time list: it appends the value, or drops the last item."""

    APPEND = "append"
    POP = "pop"


APPEND = Const(End.APPEND, Opaque())
POP = Const(End.POP, Opaque())


@dataclass(frozen=True, slots=True)
class Display:
    """A tuple, list, slice or dict written out as an operand: `(n, -1)`, `[a, b]`, `1:n`, `{"a": x}`.

    Not an operation: it has no statement of its own and no derivative; its items are atoms or displays.
    A slice has exactly three items; a dict has as many `keys` as items.
    """

    kind: str  # "tuple" | "list" | "slice" | "dict"
    items: tuple[Arg, ...]
    keys: tuple[Hashable, ...] = ()


Arg: TypeAlias = Var | Const | Display


@dataclass(frozen=True, slots=True)
class Assign:
    """`target = op(*args, **kwargs)`: one line of the Wengert list.

    `op` is the Python callable itself: `operator.mul`, `np.sin`, `math.log`, `operator.getitem`.
    With `effect` it is never removed, repeated or reordered against another effect.
    """

    target: Var
    op: Callable[..., Any]
    args: tuple[Arg, ...]
    kwargs: tuple[tuple[str, Arg], ...] = ()
    effect: bool = False
    origin: Location | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Store:
    """`result` is `base` with what `index` selects replaced by `value` (broadcast and cast as NumPy does).

    With the index `APPEND` or `POP`, `base` is a run-time list, and `result` is longer or shorter by one.
    """

    result: Var
    base: Atom
    index: Arg
    value: Atom
    origin: Location | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class AddStore:
    """`result` is `base` with `value` added to what `index` selects; an index that occurs twice adds twice."""

    result: Var
    base: Atom
    index: Arg
    value: Atom
    origin: Location | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Block:
    """Statements, then what the block hands to the statement it belongs to."""

    statements: tuple[Statement, ...]
    yields: tuple[Atom, ...]


@dataclass(frozen=True, slots=True)
class If:
    """`results` are whatever the branch that ran yields."""

    results: tuple[Var, ...]
    test: Atom
    then: Block
    orelse: Block
    origin: Location | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The mark of a loop whose trips the adjoint runs again from states that it kept, instead of recording them all.

    `kind` says how: "every" keeps a state before each of so many trips, "slots" at most so many states. The number is what
    `carried[place]` of the loop starts as and stays. Read by the transforms only: later passes may drop that name.
    """

    kind: str
    place: int


@dataclass(frozen=True, slots=True)
class For:
    """Runs `body` for each entry of `sequences`, walked side by side and from the end where `reverse` is set.

    `targets[k]` is the entry of `sequences[k]` (a range, a tape, any iterable). `carried[k]` starts as `inits[k]`
    and becomes `body.yields[k]` after each trip; `results[k]` is its last value. `body.yields[len(carried) + j]` is
    what each trip appends to `tapes[j]`. Where `stop` is k, the loop ends after a trip that made `carried[k]` true.
    """

    results: tuple[Var, ...]
    tapes: tuple[Var, ...]
    targets: tuple[Var, ...]
    sequences: tuple[Atom, ...]
    carried: tuple[Var, ...]
    inits: tuple[Atom, ...]
    body: Block
    reverse: bool = False
    stop: int | None = None
    checkpoint: Checkpoint | None = None
    origin: Location | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class While:
    """As `For`, but runs while `test`, a block over the carried names, yields true (its only yield)."""

    results: tuple[Var, ...]
    tapes: tuple[Var, ...]
    carried: tuple[Var, ...]
    inits: tuple[Atom, ...]
    test: Block
    body: Block
    stop: int | None = None
    origin: Location | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Comment:
    """A line of its own for the reader ("primal trace", "adjoint trace"); never moved, never removed."""

    text: str
    origin: Location | None = field(default=None, compare=False)


Statement: TypeAlias = Assign | Store | AddStore | If | For | While | Comment
Loop: TypeAlias = For | While


@dataclass(frozen=True, slots=True)
class Structure:
    """The shape of a Python value made of leaves: what a parameter unpacks into and what a function returns.

    `kind` is "leaf", "static" (with `value`), "tuple", "list", "dict" (with `keys`) or "record" (a dataclass or
    namedtuple: `value` is the class, `keys` its fields).
    """

    kind: str
    children: tuple[Structure, ...] = ()
    keys: tuple[Hashable, ...] = ()
    value: Any = None

    @property
    def leaves(self) -> int:
        return 1 if self.kind == "leaf" else sum(c.leaves for c in self.children)


LEAF = Structure("leaf")


@dataclass(frozen=True, slots=True)
class Param:
    """A parameter as the user declared it and the leaves that it unpacks into, left to right.

    `kind` is `inspect.Parameter.kind`'s name in lower case ("positional_or_keyword", ...). `default` is an atom, or
    None where the parameter is required. `capture` marks what the function reads from its module or closure.
    """

    name: str
    structure: Structure
    leaves: tuple[Var, ...]
    kind: str = "positional_or_keyword"
    default: Const | None = None
    capture: bool = False


@dataclass(frozen=True, slots=True)
class Function:
    """A whole program: `body.yields` are the leaves of `result`, left to right."""

    name: str
    params: tuple[Param, ...]
    body: Block
    result: Structure
    doc: str = ""
    origin: Location | None = field(default=None, compare=False)
