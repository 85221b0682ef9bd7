"""Whole random programs: parameters, helpers, a body, a result.

Out: the strategy `programs`, which draws a `Program`; `loaded` makes a function of its text.

    def f(x, a):
        u = a[1:]
        u[0] *= x
        return np.sum(a)

What a parameter holds follows from its name (`INPUTS`), so that the text is the whole program.
"""

from __future__ import annotations

import ast
import itertools
import linecache
import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st

from .control import block, closure, helper, observed, recursive
from .expressions import value
from .writer import FEATURES, Arr, Kind, Num, Place, Writer

INPUTS: dict[str, Any] = {
    "x": 0.7,
    "y": -0.4,
    "a": np.array([0.31, -0.83, 1.13]),
    "b": np.array([0.92, 0.19, -0.57]),
    "m": np.array([[0.67, -0.23, 0.41], [-0.74, 0.53, 1.21]]),
}
"""What the parameters hold."""

STATE = """\
class State:
    def __init__(self, s, u):
        self.s = s
        self.u = u

    def kick(self, t):
        self.s = self.s + t
        self.u[1:] += t * self.u[:-1]

    def swap(self):
        self.u = self.u[::-1]
"""

RESULTS: tuple[tuple[Kind, ...], ...] = ((Num(),), (Num(), Arr((3,))), (Arr((3,)),), (Arr((2, 3)), Num(), Arr((3,))))
COUNT = itertools.count()


@dataclass(frozen=True)
class Program:
    """The text of a module whose function `f` is the program."""

    text: str

    @property
    def names(self) -> list[str]:
        """The parameters of `f`."""
        f = next(n for n in ast.parse(self.text).body if isinstance(n, ast.FunctionDef) and n.name == "f")
        return [a.arg for a in f.args.args]

    @property
    def args(self) -> tuple[Any, ...]:
        return tuple(np.copy(v) if isinstance(v, np.ndarray) else v for v in map(INPUTS.__getitem__, self.names))

    def __repr__(self) -> str:
        return f"Program('''\\\n{self.text}''')"


def loaded(program: Program) -> Callable[..., Any]:
    """The function `f` of a program, whose source can be found."""
    file = f"<fuzz {next(COUNT)}>"
    linecache.cache[file] = (len(program.text), None, program.text.splitlines(True), file)
    space: dict[str, Any] = {"np": np, "math": math, "__name__": file}
    exec(compile(program.text, file, "exec"), space)
    made: Callable[..., Any] = space["f"]
    return made


def written(choose: Callable[[int], int], features: Sequence[str] = FEATURES, most: int = 6) -> Program:
    """A program of some of the features, from a source of whole numbers below a bound."""
    w = Writer(choose, set())
    w.features = {f for f in features if choose(3) > 0 or f in ("branches", "for")}
    if w.has("helpers"):
        for k in range(w.pick([1, 2])):
            helper(w, f"g{k}")
    if w.has("recursion") and w.chance():
        recursive(w, "rec")
    names = w.pick([("x", "a"), ("a", "b"), ("x", "y"), ("x", "m"), ("x", "a", "b"), ("x", "a", "m")])
    w.places = {n: Place(Arr(INPUTS[n].shape) if isinstance(INPUTS[n], np.ndarray) else Num()) for n in names}
    w.gives = w.pick(RESULTS)
    with w.block(f"def f({', '.join(names)}):"):
        if w.has("closures"):
            block(w, 1, 2)
            closure(w, "g")
        if w.has("recursion") and w.chance():
            recursive(w, "again")
        block(w, 2, most)
        result = [value(w, k, 0) for k in w.gives]
        if isinstance(w.gives[0], Num) and not w.chance(4):
            result[0] = observed(w)
        w.line(f"return {', '.join(result)}")
    text = "\n".join(w.lines)
    return Program(tidy(f"{STATE}\n{text}" if "State(" in text else text))


def tidy(text: str) -> str:
    """The text without needless parentheses."""
    return ast.unparse(ast.parse(text)) + "\n"


@st.composite
def programs(draw: Any, features: Sequence[str] = FEATURES, most: int = 6) -> Program:
    """A random program of some of the features; it shrinks towards few and simple statements."""
    return written(lambda n: int(draw(st.integers(0, n - 1))), features, most)


def numbered(number: int, features: Sequence[str] = FEATURES, most: int = 6) -> Program:
    """The program of that number: the same one at every call."""
    return written(random.Random(number).randrange, features, most)
