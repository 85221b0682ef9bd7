"""What becomes of a public name in a derivative: differentiable, constant, or refused and what to do instead.

In: the module, the name and the object that it denotes. Out: a `Status`, None for a name that nobody has thought of yet.

    status("numpy", "sin", np.sin)          Status("numpy", "sin", "differentiable", "elementwise", ("x",))
    status("numpy", "unique", np.unique)    Status("numpy", "unique", "refused", reason="how many values it gives ...")
    instead_of(np.unique)                   ("how many values it gives depends on them", "use np.sort, or an index")

What is constant carries no derivative: it is called as it stands. What is refused is refused where a derivative would have
to go through it; a program may call it on what does not vary.
"""

from __future__ import annotations

import sys
import types
from dataclasses import dataclass
from typing import Any

import numpy as np

from wengert.rules.kinds import Constant, Elementwise, Linear, Rule, Structural, lookup
from wengert.rules.reasons import KEPT, REFUSED

DIFFERENTIABLE, CONSTANT, REFUSAL = "differentiable", "constant", "refused"
VALUES = (bool, int, float, complex, str, bytes, tuple, dict, type(None), np.generic, np.ndarray)


@dataclass(frozen=True, slots=True)
class Status:
    """One line of the table: `kind` is that of the row, `inputs` are those by which it is differentiated."""

    module: str
    name: str
    status: str
    kind: str = ""
    inputs: tuple[str, ...] = ()
    reason: str = ""

    @property
    def full_name(self) -> str:
        """The name as a program writes it: `np.linalg.norm`."""
        return f"{written(self.module)}.{self.name}"


def written(module: str) -> str:
    """A module as programs write it."""
    return f"np{module[5:]}" if module.partition(".")[0] == "numpy" else module


def status(module: str, name: str, thing: Any) -> Status | None:
    """What becomes of a name of a module; None where nothing is known of it."""
    row = lookup(thing)
    if row is not None:
        return of_row(module, name, row)
    reason = REFUSED.get(module, {}).get(name)
    if reason is not None:
        return Status(module, name, REFUSAL, reason=reason)
    if isinstance(thing, (*VALUES, types.ModuleType)) or name in KEPT.get(module, ()) or _is_kind(thing):
        return Status(module, name, CONSTANT)
    return None


def instead_of(op: Any) -> tuple[str, str]:
    """Why an operation has no row, and what to do instead; empty texts where no table has it."""
    name = getattr(op, "__name__", "")
    for module, reasons in REFUSED.items():
        if name in reasons and getattr(sys.modules.get(module), name, None) is op:
            why, _, way = reasons[name].partition(": ")
            return (why, way) if way else ("", why)
    return "", ""


def _is_kind(thing: Any) -> bool:
    """True of dtypes, abstract or not, and of exceptions, which are named and raised, not computed with."""
    return isinstance(thing, type) and issubclass(thing, np.generic | BaseException)


def of_row(module: str, name: str, row: Rule) -> Status:
    """What the row of an operation says; where it only refuses, the reason is that of the name."""
    if isinstance(row, Constant):
        return Status(module, name, CONSTANT, "constant")
    kind = type(row).__name__.lower()
    inputs = tuple(n for n, body in zip(row.inputs, _bodies(row), strict=True) if body is not None and not refuses(body))
    if inputs:
        return Status(module, name, DIFFERENTIABLE, kind, inputs)
    return Status(module, name, REFUSAL, reason=REFUSED.get(module, {}).get(name, ""))


def _bodies(row: Rule) -> tuple[Any, ...]:
    """What each input of a row has for its derivative."""
    match row:
        case Elementwise():
            return row.partials
        case Linear(engine=True):
            return (True, *row.vjp[1:])
        case Linear() | Structural():
            return row.vjp
        case _:
            return ()


def refuses(body: Any) -> bool:
    """True of a derivative that is there to say why there is none."""
    return getattr(body, "refuses", False) is True
