"""Running a program of the IR on values and writing down every operation that ran, loops unrolled.

In: a `Function`, one value for each parameter and for each capture, in their order. Out: an `Evaluation`: what the
function returns, leaf by leaf, and a `Row` for each executed assignment and store.

    evaluate(f, (2.0, 5.0)).rows[2]     Row("v1", "log(v-1)", "log(2)", 0.693147..., "primal", ...)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from wengert.errors import ArgumentError, Location, WengertError
from wengert.ir.closed import assert_never
from wengert.ir.nodes import (
    AddStore,
    Arg,
    Assign,
    Atom,
    Block,
    Comment,
    Display,
    End,
    For,
    Function,
    If,
    Loop,
    Statement,
    Store,
    Var,
    While,
)
from wengert.trace import expressions
from wengert.trace.expressions import Text
from wengert.trace.memory import built, stored
from wengert.trace.naming import Names, Trips
from wengert.trace.roles import Roles, is_copy, roles
from wengert.trace.structures import leaves, paths
from wengert.trace.values import is_short

ADJOINT = "adjoint trace"
"""The comment that separates the primal trace from the adjoint trace."""


class EvaluationError(WengertError):
    """The function raised an exception at the point where it was traced."""


@dataclass(frozen=True, slots=True)
class Row:
    """One operation that ran.

    `expression` is in the names of the trace, `numbers` the same with values put in (empty where that says nothing
    more). `section` is "primal", "tangent" or "adjoint". `trips` counts the trips of the loops around it from 0.
    `beside` is the name of the primal row that it belongs to, where that is known.
    """

    name: str
    expression: str
    numbers: str
    value: Any
    section: str = "primal"
    origin: Location | None = None
    trips: Trips = ()
    beside: str = ""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What ran, what the leaves of the result are, and how the rows call each of those."""

    rows: tuple[Row, ...]
    results: tuple[Any, ...]
    names: tuple[str, ...]


class _Cell(NamedTuple):
    """What a variable is bound to: its value, how it is written, how with numbers, what derivatives are named after."""

    value: Any
    text: Text
    numbers: Text
    stem: str


class _Tape(list[Any]):
    """The values that a loop recorded, and the cells that they came from."""

    cells: list[_Cell]


def evaluate(function: Function, arguments: Sequence[Any], captures: Sequence[Any] = ()) -> Evaluation:
    """Run `function` on one value per parameter (a tuple for `*args`) and per capture, and record what it does.

    Raises ArgumentError where the values do not fit the parameters, EvaluationError where an operation raises.
    """
    run = _Run(roles(function))
    run.parameters(function, arguments, captures)
    cells = run.block(function.body)
    run.rows.sort(key=lambda row: row.section == "adjoint")
    return Evaluation(tuple(run.rows), tuple(c.value for c in cells), tuple(c.text.text for c in cells))


@dataclass(slots=True)
class _Run:
    """One evaluation; `trips` are those of the open loops, as the primal trace counts them."""

    roles: Roles
    cells: dict[Var, _Cell] = field(default_factory=dict)
    names: Names = field(default_factory=Names)
    rows: list[Row] = field(default_factory=list)
    trips: Trips = ()
    adjoint: bool = False

    # --- names and values -------------------------------------------------------------------------------------------

    def parameters(self, function: Function, arguments: Sequence[Any], captures: Sequence[Any]) -> None:
        """Bind the leaves of the parameters and record them; v0 is the last input that is not a derivative."""
        own = [p for p in function.params if not p.capture]
        if len(own) != len(arguments):
            raise ArgumentError(f"`{function.name}` takes {len(own)} arguments and got {len(arguments)}")
        self.names.count = -sum(v.of is None for p in own for v in p.leaves)
        read = [p for p in function.params if p.capture]
        for p, value in [*zip(own, arguments, strict=True), *zip(read, captures, strict=True)]:
            found = leaves(p.structure, value, p.name)
            for v, path, leaf in zip(p.leaves, paths(p.structure, p.name), found, strict=True):
                if p.capture:
                    self.record(v, path, "", "", leaf)
                else:
                    name = self.names.numbered() if v.of is None else self.names.derived(v, (), "")
                    self.record(v, name, path, "", leaf)
        self.names.count = 0

    def cell(self, atom: Atom) -> _Cell:
        if isinstance(atom, Var):
            return self.cells[atom]
        text = expressions.number(atom.value)
        return _Cell(atom.value, text, text, "")

    def operand(self, arg: Arg) -> _Cell:
        """An atom, or a display of them."""
        if not isinstance(arg, Display):
            return self.cell(arg)
        items = [self.operand(i) for i in arg.items]
        text = expressions.display(arg.kind, [i.text for i in items], arg.keys)
        numbers = expressions.display(arg.kind, [i.numbers for i in items], arg.keys)
        return _Cell(built(arg.kind, [i.value for i in items], arg.keys), text, numbers, "")

    def record(
        self, v: Var, name: str, expression: str, numbers: str, value: Any, origin: Location | None = None
    ) -> None:
        """Add a row for `v` and bind it."""
        role = self.roles.of(v, self.adjoint)
        shown = "" if numbers == expression else numbers
        beside = self.names.stem(v.of, self.trips) if v.of is not None and role == "tangent" else ""
        self.rows.append(Row(name, expression, shown, value, role, origin, self.trips, beside))
        known = expressions.number(value) if is_short(value) else Text(name)
        self.bind(v, _Cell(value, Text(name), known, name))

    def bind(self, v: Var, cell: _Cell) -> None:
        self.cells[v] = cell
        self.names.bind(v, self.trips, cell.stem)

    def alias(self, v: Var, cell: _Cell) -> None:
        """Bind `v` to what another name denotes: no operation ran."""
        # a constant has no name of its own, so derivatives are named after the variable that holds it
        own = v.hint if v.of is None else self.names.stem(v.of, self.trips) + v.hint
        self.bind(v, cell._replace(stem=cell.stem or own or cell.text.text))

    # --- statements -------------------------------------------------------------------------------------------------

    def block(self, block: Block) -> list[_Cell]:
        """Run the statements; returns what the block yields."""
        for s in block.statements:
            self.statement(s)
        return [self.cell(a) for a in block.yields]

    def statement(self, s: Statement) -> None:
        match s:
            case Assign():
                self.assign(s)
            case Store() | AddStore():
                self.store(s)
            case If():
                arm = s.then if self.holds(self.cell(s.test), s.origin) else s.orelse
                for v, cell, a in zip(s.results, self.block(arm), arm.yields, strict=True):
                    if a in self.roles.nested and v not in self.roles.nested:
                        self.finish(v, cell.text.text, cell.numbers.text, cell.value, s.origin)
                    else:
                        self.alias(v, cell)
            case For() | While():
                self.loop(s)
            case Comment():
                self.adjoint = self.adjoint or s.text == ADJOINT
            case _:
                assert_never(s)

    def assign(self, s: Assign) -> None:
        args = [self.operand(a) for a in s.args]
        kwargs = {k: self.operand(a) for k, a in s.kwargs}
        value = self.guarded(
            lambda: s.op(*(a.value for a in args), **{k: a.value for k, a in kwargs.items()}), s.origin
        )
        text = expressions.call(s.op, [a.text for a in args], [(k, a.text) for k, a in kwargs.items()])
        numbers = expressions.call(s.op, [a.numbers for a in args], [(k, a.numbers) for k, a in kwargs.items()])
        if args and is_copy(s, args[0].value, value):
            if s.target.inline:
                self.alias(s.target, args[0])
                return
            text, numbers = args[0].text, args[0].numbers
        if s.target in self.roles.nested:
            self.bind(s.target, _Cell(value, text, numbers, text.text))
        else:
            self.finish(s.target, text.text, numbers.text, value, s.origin)

    def store(self, s: Store | AddStore) -> None:
        base, index, value = self.cell(s.base), self.operand(s.index), self.cell(s.value)
        adds = isinstance(s, AddStore)
        sign = "+=" if adds else "="
        result = self.guarded(lambda: stored(base.value, index.value, value.value, adds), s.origin)
        if isinstance(index.value, End):
            text = expressions.resized(base.text, index.value, value.text)
            numbers = expressions.resized(base.numbers, index.value, value.numbers)
        else:
            text = expressions.store(base.text, index.text, sign, value.text)
            numbers = expressions.store(base.numbers, index.numbers, sign, value.numbers)
        self.finish(s.result, text.text, numbers.text, result, s.origin)

    def finish(self, v: Var, text: str, numbers: str, value: Any, origin: Location | None) -> None:
        name = self.names.numbered() if v.of is None else self.names.derived(v, self.trips, text)
        if v.of is not None and name == text:  # handed on under another variable: nothing to say
            self.bind(v, _Cell(value, Text(name), Text(numbers), name))
        else:
            self.record(v, name, text, numbers, value, origin)

    def guarded(self, action: Callable[[], Any], origin: Location | None) -> Any:
        try:
            return action()
        except Exception as error:
            message = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
            raise EvaluationError(message, location=origin) from error

    def holds(self, test: _Cell, origin: Location | None) -> bool:
        return bool(self.guarded(lambda: bool(test.value), origin))

    # --- loops ------------------------------------------------------------------------------------------------------

    def loop(self, s: Loop) -> None:
        carried = [self.cell(a) for a in s.inits]
        recorded: list[list[_Cell]] = [[] for _ in s.tapes]
        outside = self.trips
        for _ in self.walk(s, carried):
            after = self.block(s.body)
            carried[:] = after[: len(carried)]
            for tape, cell in zip(recorded, after[len(carried) :], strict=True):
                tape.append(cell)
            if s.stop is not None and carried[s.stop].value:
                break
        self.trips = outside
        for v, cell in zip(s.results, carried, strict=True):
            self.alias(v, cell)
        for v, cells in zip(s.tapes, recorded, strict=True):
            tape_values = _Tape(c.value for c in cells)
            tape_values.cells = cells
            self.bind(v, _Cell(tape_values, Text(v.hint or "tape"), Text(v.hint or "tape"), v.hint or "tape"))

    def walk(self, s: Loop, carried: list[_Cell]) -> Iterator[None]:
        """One step for each trip, with the names that the loop binds for its blocks bound."""
        outside = self.trips
        if isinstance(s, For):
            columns = [self.entries(a, s) for a in s.sequences]
            count = min((len(c) for c in columns if isinstance(c, list)), default=0)
            for k, entries in enumerate(zip(*columns, strict=False)):
                # the adjoint of a loop runs through the trips of the loop from the last to the first
                self.trips = (*outside, count - 1 - k if self.adjoint and count else k)
                self.enter(s, carried)
                for v, cell in zip(s.targets, entries, strict=True):
                    self.alias(v, cell)
                yield
            return
        k = 0
        while True:
            self.trips = (*outside, k)
            self.enter(s, carried)
            if not self.holds(self.block(s.test)[0], s.origin):
                return
            yield
            k += 1

    def enter(self, s: Loop, carried: list[_Cell]) -> None:
        for v, cell in zip(s.carried, carried, strict=True):
            self.alias(v, cell)

    def entries(self, sequence: Atom, s: For) -> Iterable[_Cell]:
        """The entries of a sequence in the order in which they are visited; a list where their number is known."""
        value = self.cell(sequence).value
        if isinstance(value, _Tape):
            return value.cells[::-1] if s.reverse else value.cells
        items = self.guarded(lambda: list(value) if isinstance(value, range) or s.reverse else iter(value), s.origin)
        if isinstance(items, list):
            return [_entry(v) for v in (items[::-1] if s.reverse else items)]
        return map(_entry, items)


def _entry(value: Any) -> _Cell:
    text = expressions.number(value)
    return _Cell(value, text, text, "")
