"""Tangents and cotangents that a user's function hands to `jvp` and to a pullback, leaf by leaf beside what they belong to.

In: a value of the frontend and a direction of its structure. Out: one atom for each number and variable of the value. What
carries no derivative (strings, None, functions) takes no direction, whatever stands in its place.

    along(f, p, w, ..)      p = {"u": x, "kind": "sin"}, w = {"kind": None, "u": v}      [v]
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from wengert.analyses.complexes import is_complex, is_real
from wengert.frontend.context import Flattener
from wengert.frontend.lists import as_list
from wengert.frontend.values import Mapping_, Pack, Record, Value, children, same_layout
from wengert.ir.builder import ZERO, constant
from wengert.ir.nodes import Atom, Const, Var
from wengert.ir.types import Array, List, Number, is_numeric, shape_of
from wengert.runtime import project
from wengert.transforms.shaped import derivative_type


@dataclass(frozen=True, slots=True)
class Match:
    """What is matched, in the words of messages: "a tangent" and "its primal"."""

    f: Flattener
    node: Any
    name: str
    of: str

    def along(self, value: Value, direction: Value) -> list[Atom]:
        """The leaves of `direction` in the order of those of `value`."""
        if isinstance(value, Var):
            return [self.leaf(value, direction)]
        if isinstance(value, Const):
            return [self.leaf(value, direction)] if carries(value) else []
        parts = children(value)
        if parts is None:
            return []
        return [a for p, d in zip(parts, self.parts(value, direction), strict=True) for a in self.along(p, d)]

    def parts(self, value: Value, direction: Value) -> Sequence[Value]:
        """The parts of `direction` for the parts of `value`: by key where there are keys."""
        match value, direction:
            case Pack(items=items), Pack(items=given) if len(items) == len(given):
                return given
            case Mapping_(keys=names), Mapping_(keys=keys, items=given) if {*names} == {*keys}:
                return [given[keys.index(n)] for n in names]
            case Record(keys=names), Record(keys=keys, items=given) if {*names} == {*keys}:
                return [given[keys.index(n)] for n in names]
            case _ if same_layout(value, direction):
                return children(direction) or ()
            case _:
                self.f.fails(self.node, f"{self.name} must have the structure of {self.of}")

    def leaf(self, value: Atom, d: Value) -> Atom:
        """The direction of one number, array or run-time list."""
        if isinstance(value.type, List):
            made = as_list(self.f, d)
            if made is not None:
                return made
        elif not is_numeric(value.type):
            return d if isinstance(d, Var) else ZERO
        elif isinstance(d, Var | Const) and carries(d):
            return self.number(value, d)
        self.f.fails(self.node, f"{self.name} must have the structure of {self.of}")

    def number(self, value: Atom, d: Atom) -> Atom:
        """A direction of the shape of `value`, and floating: what is stored into a tangent must not be cut to whole numbers."""
        p, q = shape_of(value.type), shape_of(d.type)
        if p is not None and q is not None:
            lengths = [(m, n) for m, n in zip(p, q, strict=False) if isinstance(m, int) and isinstance(n, int)]
            if len(p) != len(q) or any(m != n for m, n in lengths):
                self.f.fails(self.node, f"{self.name} must have the shape of {self.of}")
        if is_complex(d.type) and is_real(value.type):
            self.f.fails(self.node, f"{self.name} is complex, {self.of} is real")
        if isinstance(d.type, Array) and d.type.shape == ():
            return d
        dtype = d.type.dtype if isinstance(d.type, Array) else None
        if dtype is None and isinstance(d.type, Array | Number):
            return self.f.emit.apply(project, (d, value), type=derivative_type(value.type))
        if dtype is not None and np.dtype(dtype).kind not in "fc":
            want = getattr(value.type, "dtype", None) or "float64"
            kind = np.dtype(want if np.dtype(want).kind in "fc" else "float64").type
            return self.f.emit.apply(np.ndarray.astype, (d, constant(kind)))
        return d


def carries(atom: Atom) -> bool:
    """True of a number, an array, or what may be one."""
    return is_numeric(atom.type)
