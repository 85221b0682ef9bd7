"""The evaluated Wengert list: a program run at a point, with its derivative beside it.

In: a program of the IR (as written, its tangent or its adjoint) and the values of its parameters. Out: a `Trace`.

    print(tabulate(program, (2.0, 5.0), mode="reverse", wrt=("x1", "x2")))

The layout is that of tables 2 and 3 of A. G. Baydin, B. A. Pearlmutter, A. A. Radul, J. M. Siskind, "Automatic
differentiation in machine learning: a survey", Journal of Machine Learning Research 18 (2018).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from wengert.ir.nodes import Function, Var
from wengert.trace import formats
from wengert.trace.evaluate import Evaluation, Row, evaluate
from wengert.trace.lines import Line, forward, reverse
from wengert.trace.roles import roles
from wengert.trace.structures import paths
from wengert.trace.values import short

LIMIT = 60
"""How many lines of a table are shown unless more are asked for."""


@dataclass(frozen=True, slots=True)
class Trace:
    """What ran when `function` was evaluated at `arguments`; `mode` is "primal", "forward" or "reverse"."""

    function: str
    mode: str
    arguments: tuple[tuple[str, Any], ...]
    rows: tuple[Row, ...]

    @property
    def title(self) -> str:
        """The call, as in `f(x1=2, x2=5)`."""
        return f"{self.function}({', '.join(f'{n}={short(v)}' for n, v in self.arguments)})"

    def lines(self) -> list[Line]:
        """The rows side by side."""
        return reverse(self.rows) if self.mode == "reverse" else forward(self.rows)

    def to_text(self, limit: int | None = LIMIT) -> str:
        """A table of plain text; beyond `limit` lines the middle is left out (None shows everything)."""
        return formats.text(self.title, self.mode, self.lines(), limit)

    def to_markdown(self, limit: int | None = LIMIT) -> str:
        """A Markdown table, cut as `to_text` cuts."""
        return formats.markdown(self.title, self.mode, self.lines(), limit)

    def to_csv(self) -> str:
        """Every row with all digits, in the order of evaluation."""
        return formats.comma_separated(self.rows)

    def to_json(self) -> str:
        """Every row with all digits; arrays are nested lists, infinities and nan are text."""
        return formats.json_text(self.function, self.mode, dict(self.arguments), self.rows)

    def __str__(self) -> str:
        return self.to_text()

    def _repr_markdown_(self) -> str:
        return self.to_markdown()


def tabulate(
    function: Function,
    arguments: Sequence[Any],
    captures: Sequence[Any] = (),
    *,
    mode: str = "primal",
    wrt: Sequence[str] = (),
    name: str = "",
) -> Trace:
    """Run a program and lay it out.

    `arguments` holds one value for each parameter that is no capture: those of the function, then, in forward mode, the
    tangents. In forward mode the program returns (value, tangent), in reverse mode (value, one gradient for each of
    `wrt`); `name` is what the function is called in the title. Raises ArgumentError where the arguments do not fit the
    parameters, EvaluationError where an operation raises.
    """
    result = evaluate(function, arguments, captures)
    if mode == "primal":
        rows = (*result.rows, *_outputs(result, paths(function.result, "y"), 0, "primal"))
    else:
        rows = _with_derivatives(function, result, mode, wrt)
    own = [p for p in function.params if not p.capture]
    given = tuple((p.name, v) for p, v in zip(own, arguments, strict=True) if not _is_tangent(p.leaves))
    return Trace(name or function.name, mode, given, rows)


def _is_tangent(leaves: tuple[Var, ...]) -> bool:
    return bool(leaves) and all(v.of is not None and v.hint == "_dot" for v in leaves)


def _with_derivatives(function: Function, result: Evaluation, mode: str, wrt: Sequence[str]) -> tuple[Row, ...]:
    """The rows and, at the ends of the two traces, those that say which of them are the inputs and the outputs."""
    value, derivative = function.result.children
    outputs = paths(value, "y")
    values = _outputs(result, outputs, 0, "primal")
    if mode == "forward":
        tangents = _outputs(result, paths(derivative, "y_dot"), value.leaves, "tangent", outputs)
        return (*result.rows, *values, *tangents)
    primal = [r for r in result.rows if r.section != "adjoint"]
    adjoint = _seeded(function, result, [r for r in result.rows if r.section == "adjoint"])
    named = list(zip(derivative.children, wrt, strict=True))
    inputs = [p for structure, name in named for p in paths(structure, name)]
    bars = [p for structure, name in named for p in paths(structure, f"{name}_bar")]
    row_of = {r.expression: r.name for r in reversed(primal) if r.origin is None}
    gradients = _outputs(result, bars, value.leaves, "adjoint", [row_of.get(p, "") for p in inputs])
    # the last input first, so that each gradient comes to stand beside its input
    return (*primal, *values, *adjoint, *reversed(gradients))


def _outputs(
    result: Evaluation, names: Sequence[str], start: int, section: str, beside: Sequence[str] = ()
) -> list[Row]:
    """`y = v5`, `y_dot = v5_dot`, `x1_bar = v-1_bar`: the leaves of the result from `start` on."""
    return [
        Row(name, result.names[start + k], "", result.results[start + k], section, beside=beside[k] if beside else "")
        for k, name in enumerate(names)
    ]


def _seeded(function: Function, result: Evaluation, adjoint: list[Row]) -> list[Row]:
    """The adjoint rows, of which the first is `v5_bar = y_bar`; the program need not have a statement for it."""
    y = function.body.yields[0]
    if not isinstance(y, Var):
        return adjoint
    seed = Row(f"{result.names[0]}_bar", "y_bar", "", 1.0, "adjoint", beside="y")
    if adjoint and (adjoint[0].name, adjoint[0].expression) == (seed.name, "1"):
        return [seed, *adjoint[1:]]
    return adjoint if y in roles(function).seeded else [seed, *adjoint]
