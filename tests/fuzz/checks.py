"""What must be true of the derivatives of a program, whatever it is.

In: a `Program`. Out: an `Outcome` (checked, refused, or no program at all where plain Python fails), or a `Wrong` is raised.

- forward mode and reverse mode agree to rounding, simplified and not, and agree with central differences;
- the value is the one of plain Python, in every place of the result;
- what the caller passed is as it was, and no result shares its memory;
- a pullback called twice gives the same; second derivatives agree, forward over reverse and reverse over forward.
"""

from __future__ import annotations

import copy
import re
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Collection
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from wengert import grad, jvp, vjp
from wengert.errors import WengertError
from wengert.testing import inner, leaves, mapped, unsimplified

from . import further
from .guard import TooLong, limited
from .programs import Program, loaded

SECONDS = 20
"""What one program may take, with all that is made of it."""
LARGE = 1e4
STEPS = (2e-4, 1e-4, 3e-5)


class Wrong(AssertionError):
    """A derivative that is not right, or a failure where plain Python runs; `kind` says which in a word or two."""

    def __init__(self, program: Program, kind: str, detail: str) -> None:
        super().__init__(f"{kind}: {detail}\n{program.text}")
        self.kind = kind
        self.detail = detail


@dataclass
class Outcome:
    """`state` is "checked", "refused" (all of it), "kink" (differences say nothing) or "invalid"; `refusals` are messages."""

    state: str
    refusals: Counter[str] = field(default_factory=Counter)


def check(program: Program, second: bool = True, more: Collection[str] = ()) -> Outcome:
    """All that must be true of one program; raises `Wrong`. `more` names checks that take longer (`further`)."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        f = loaded(program)
        try:
            with limited(1):
                value = f(*program.args)
        except (Exception, TooLong):
            return Outcome("invalid")
        if not _is_tame(value):
            return Outcome("invalid")
        try:
            with limited(SECONDS):
                return Run(program, f, copy.deepcopy(value), more).run(second)
        except TooLong as error:
            raise Wrong(program, "does not end", str(error)) from error


def _is_tame(value: Any) -> bool:
    """A float, an array of floats or a tuple of these, none of them large."""
    if isinstance(value, tuple):
        return bool(value) and all(map(_is_tame, value)) and not any(isinstance(v, tuple) for v in value)
    if not isinstance(value, (float, np.ndarray)) or np.asarray(value).dtype != float:
        return False
    return bool(np.all(np.isfinite(value)) and np.max(np.abs(value), initial=0.0) < LARGE)


def _random(value: Any, seed: int) -> Any:
    """Random numbers of the structure and shapes of `value`, with its number types."""
    rng = np.random.default_rng(seed)

    def one(v: Any) -> Any:
        made = rng.uniform(0.5, 1.5, np.shape(v)) * rng.choice([-1.0, 1.0], np.shape(v))
        return made if isinstance(v, np.ndarray) else float(made)

    return mapped(one, value)


class Run:
    """The checks of one program that plain Python runs."""

    def __init__(self, program: Program, f: Callable[..., Any], value: Any, more: Collection[str] = ()) -> None:
        self.program, self.f, self.value, self.more = program, f, value, more
        self.dots = tuple(_random(program.args, 1))
        self.weights = _random(value, 2)
        self.refusals: Counter[str] = Counter()

    def run(self, second: bool) -> Outcome:
        found = [self.both(nullcontext, ""), self.both(unsimplified, " unsimplified")]
        slopes = [s for pair in found for s in pair if s is not None]
        if not slopes:
            return Outcome("refused", self.refusals)
        for s in slopes:
            self.compare("modes disagree", s, slopes[0], 1e-9)
        want = self.difference(lambda *args: inner(self.weights, self.f(*args)))
        if want is not None:
            self.compare("differences disagree", slopes[0][0], want[0], want[1])
        if "jacobians" in self.more and not isinstance(self.value, tuple):
            further.jacobians(self, slopes[0])
        if "returned" in self.more:
            further.returned(self)
        if second:
            self.second()
        return Outcome("checked" if want is not None else "kink", self.refusals)

    # --- first order ------------------------------------------------------------------------------------------------

    def both(self, context: Any, name: str) -> tuple[Any, Any]:
        """The slope along the direction by forward and by reverse mode, each with its scale; None where refused."""
        with context():
            return self.attempt(f"forward{name}", self.forward), self.attempt(f"reverse{name}", self.reverse)

    def forward(self, args: tuple[Any, ...]) -> tuple[float, float]:
        value, dot = jvp(self.f, args, self.dots)
        self.same_value(value)
        self.own("the tangent", dot, args)
        return inner(self.weights, dot), _scale(self.weights, dot)

    def reverse(self, args: tuple[Any, ...]) -> tuple[float, float]:
        value, pullback = vjp(self.f, *copy.deepcopy(args))
        self.same_value(value)
        bars = pullback(self.weights)
        again = pullback(self.weights)
        if not _equal(bars, again):
            self.wrong("a pullback called twice", f"{bars} and {again}")
        self.own("the cotangent", bars, args)
        for v, bar in zip(args, bars, strict=True):
            if type(bar) is not type(v) or np.shape(bar) != np.shape(v):
                self.wrong(f"layout: {type(bar).__name__} for {type(v).__name__}", f"the cotangent of {v!r} is {bar!r}")
        return inner(bars, self.dots), _scale(bars, self.dots)

    def attempt(self, name: str, way: Callable[[tuple[Any, ...]], Any]) -> Any:
        """`way` of fresh arguments; counts a refusal; anything else that is raised is wrong."""
        args = self.program.args
        try:
            found = way(args)
        except WengertError as refused:
            self.refusals[plain(str(refused.problems[0].message))] += 1
            return None
        except Wrong:
            raise
        except Exception as error:
            self.raised(name, error)
        if not _equal(args, self.program.args):
            self.wrong(f"{name} wrote into an argument", repr(args))
        return found

    def raised(self, name: str, error: Exception) -> NoReturn:
        raise Wrong(self.program, f"{name} raises", described(error)) from error

    def same_value(self, value: Any) -> None:
        if not _equal(value, self.value, 1e-12):
            self.wrong("the value", f"{value} is not {self.value}")

    def own(self, name: str, made: Any, args: tuple[Any, ...]) -> None:
        """Results share no memory with arguments."""
        for a in leaves(made):
            if any(isinstance(v, np.ndarray) and np.shares_memory(a, v) for v in args):
                self.wrong("shared memory", f"{name} shares memory with an argument")

    # --- comparisons ------------------------------------------------------------------------------------------------

    def compare(self, kind: str, got: Any, want: Any, tolerance: float) -> None:
        """Numbers are equal up to the tolerance times the size of what was summed."""
        (a, p), (b, q) = (v if isinstance(v, tuple) else (v, abs(v)) for v in (got, want))
        if not abs(a - b) <= tolerance * max(1.0, p, q):
            self.wrong(kind, f"{a!r} and {b!r}")

    def wrong(self, kind: str, detail: str) -> NoReturn:
        raise Wrong(self.program, kind, detail)

    def difference(self, f: Callable[..., Any]) -> tuple[float, float] | None:
        """The slope by central differences and how far it can be trusted; None near a kink."""

        def at(t: float) -> float:
            moved = mapped(lambda v, d: v + t * d, self.program.args, self.dots)
            return float(f(*moved))

        try:
            slopes = [(4.0 * (at(h / 2) - at(-h / 2)) / h - (at(h) - at(-h)) / (2 * h)) / 3.0 for h in STEPS]
            h, here = STEPS[-1], at(0.0)
            sides = (at(h) - here) / h, (here - at(-h)) / h
        except Exception:  # a neighboring point at which the program does not run
            return None
        spread = max(slopes) - min(slopes)
        if not spread <= 1e-6 * max(1.0, abs(slopes[0])) or not abs(sides[0] - sides[1]) <= 0.03 * max(1.0, abs(slopes[0])):
            return None
        return slopes[1], 1e-4

    # --- second order -----------------------------------------------------------------------------------------------

    def second(self) -> None:
        """Derivatives of the slope, along the direction: forward over reverse, reverse over forward, differences."""
        program = Program(self.program.text + _total(self.program, self.value))
        total = loaded(program)
        space = total.__globals__
        total, slope = space["total"], space["slope"]
        argnums = tuple(range(len(self.program.args)))
        space.update(jvp=jvp, dots=self.dots)

        def over_reverse(args: tuple[Any, ...]) -> tuple[float, float]:
            bars = jvp(grad(total, argnums), args, self.dots)[1]
            return inner(bars, self.dots), _scale(bars, self.dots)

        def over_forward(args: tuple[Any, ...]) -> tuple[float, float]:
            bars = grad(slope, argnums)(*args)
            return inner(bars, self.dots), _scale(bars, self.dots)

        def twice(args: tuple[Any, ...]) -> tuple[float, float]:
            bars = vjp(grad(total, argnums), *args)[1](self.dots)
            return inner(bars, self.dots), _scale(bars, self.dots)

        if "general" in self.more:
            further.general(self, total)
        ways = {"forward over reverse": over_reverse, "reverse over forward": over_forward, "reverse over reverse": twice}
        found = {name: self.attempt(name, way) for name, way in ways.items()}
        known = {name: v for name, v in found.items() if v is not None}
        for name, v in known.items():
            first, reference = next(iter(known.items()))
            self.compare(f"second order: {name} and {first}", v, reference, 1e-9)
        if known:
            want = self.difference(lambda *args: jvp(total, args, self.dots)[1])
            if want is not None:
                self.compare("second order: differences", next(iter(known.values()))[0], want[0], want[1])


def _total(program: Program, value: Any) -> str:
    """The text of a number made of all results, and of its slope."""
    names = ", ".join(program.names)
    parts = value if isinstance(value, tuple) else (value,)
    made = [f"r{k}" for k in range(len(parts))]
    forms = ["0.5 * np.sum(np.sin({r}))" if np.ndim(v) else "{r} * (1.0 + 0.3 * {r})" for v in parts]
    terms = [form.format(r=r) for r, form in zip(made, forms, strict=True)]
    left = ", ".join(made)
    return (
        f"\ndef total({names}):\n    {left} = f({names})\n    return {' + '.join(terms)}\n"
        f"\ndef slope({names}):\n    return jvp(total, ({names},), dots)[1]\n"
    )


def _scale(a: Any, b: Any) -> float:
    """The size of the largest term of an inner product."""
    return float(sum(np.sum(np.abs(np.asarray(x) * np.asarray(y))) for x, y in zip(leaves(a), leaves(b), strict=True)))


def _equal(a: Any, b: Any, tolerance: float = 0.0) -> bool:
    """The same structure, shapes and numbers."""
    if isinstance(a, (tuple, list)) or isinstance(b, (tuple, list)):
        if type(a) is not type(b) or len(a) != len(b):
            return False
        return all(_equal(x, y, tolerance) for x, y in zip(a, b, strict=True))
    return np.shape(a) == np.shape(b) and bool(np.allclose(a, b, rtol=tolerance, atol=tolerance, equal_nan=True))


# --- messages -----------------------------------------------------------------------------------------------------------


def plain(message: str) -> str:
    """A message without what belongs to one program only."""
    return re.sub(r"\d+", "0", re.sub(r"`\w*`", "`..`", message))


def described(error: BaseException) -> str:
    """The error and where it was raised: the innermost file of wengert, or the emitted code."""
    frames = [fr for fr in traceback.extract_tb(error.__traceback__) if "wengert" in fr.filename]
    place = f"{Path(frames[-1].filename).name}:{frames[-1].name}" if frames else "emitted code"
    return f"{type(error).__name__}: {plain(str(error))[:120]} ({place})"
