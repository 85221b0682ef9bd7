"""The examples of wengert's own rows as calls of a given size.

In: a row of the rule table. Out: `Sized` calls, in which each axis of an example is longer by one factor; index arrays,
masks and the lengths among the options grow with them.

    np.sum(x of (3, 4), axis=0)        np.sum(x of (27, 36), axis=0)
"""

from __future__ import annotations

import inspect
import linecache
import math
import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import FunctionType, ModuleType
from typing import Any

import numpy as np

from wengert.rules.examples import Draw, DrawMatrix, Example, example, normal
from wengert.rules.kinds import Elementwise, Linear, Rule, Structural, name_of

ENTRIES = 1024
"""The largest operand has at most so many; 32 x 32 for matrices."""
RESULT = 32 * ENTRIES
"""Of results that are larger than their operands: an outer product, say."""
INDEXING = (operator.getitem, np.take, np.add.reduceat, np.multiply.reduceat, np.maximum.reduceat)
FURTHER: dict[str, Callable[[int], tuple[Any, ...]]] = {
    "np.cross": lambda n: (example(normal(n // 3, 3), normal(n // 3, 3)), example(normal(3, n // 3), normal(3), axisa=0)),
}
"""Calls in which an axis has a length of its own, which no factor may touch."""


@dataclass(frozen=True)
class Sized:
    """A call of an operation as a function with source text: its arguments, the positions of those with a derivative."""

    rule: Rule
    number: int
    text: str
    args: tuple[Any, ...]
    active: tuple[int, ...]
    factor: int

    @property
    def name(self) -> str:
        return name_of(self.rule.op)

    @property
    def entries(self) -> int:
        return max(np.size(a) for a in self.args)

    def __str__(self) -> str:
        call = self.text.partition("return ")[2].partition("\n")[0]
        shapes = ", ".join(str(np.shape(a)) for k, a in enumerate(self.args) if np.ndim(a) or k in self.active)
        return f"{call.replace('op', self.name, 1)} of {shapes}"

    def functions(self, op: Any = None, numpy: ModuleType = np) -> tuple[FunctionType, FunctionType]:
        """The call, and the loss with its value, for some library: wengert reads their text through `linecache`."""
        file = f"<{self.name} {self.number} {self.factor} {numpy.__name__}>"
        names: dict[str, Any] = {"op": op or self.rule.op, "np": numpy, "__name__": file}
        linecache.cache[file] = (len(self.text), None, self.text.splitlines(True), file)
        exec(compile(self.text, file, "exec"), names)
        return names["f"], names["loss"]


def carries(rule: Rule, k: int) -> bool:
    """Whether input k of a row can carry a derivative."""
    if isinstance(rule, Linear) and rule.engine:
        return k == 0
    bodies = rule.partials if isinstance(rule, Elementwise) else rule.vjp if isinstance(rule, (Linear, Structural)) else ()
    return bodies[k] is not None and not getattr(bodies[k], "refuses", False)


def leaves(value: Any) -> list[Any]:
    return [leaf for v in value for leaf in leaves(v)] if isinstance(value, (list, tuple)) else [value]


def is_active(value: Any) -> bool:
    return bool(leaves(value)) and all(
        isinstance(v, (float, np.ndarray, np.generic)) and np.asarray(v).dtype.kind in "fc" for v in leaves(value)
    )


# --- longer axes --------------------------------------------------------------------------------------------------------


def longer(shape: tuple[int, ...], s: int) -> tuple[int, ...]:
    return tuple(n if n == 1 else n * s for n in shape)


def blocks(value: Any, s: int) -> Any:
    """Each entry some times over; whole numbers are indices, and count on along the last axis of a block."""
    value = np.asarray(value)
    for axis, n in enumerate(value.shape):
        if n != 1:
            value = np.repeat(value, s, axis=axis)
    if value.dtype.kind in "iu" and value.ndim and value.shape[-1] != 1:
        return value * s + np.arange(value.shape[-1]) % s
    return value


def grown(value: Any, s: int, indexing: bool, lengths: bool) -> Any:
    """A part of an example for axes that are `s` times as long; with `lengths` the whole numbers in it are lengths."""
    again = [grown(v, s, indexing, lengths) for v in value] if isinstance(value, (list, tuple)) else []
    match value:
        case Draw():
            return Draw(longer(value.shape, s), value.domain)
        case DrawMatrix():
            return DrawMatrix((*value.shape[:-1], value.shape[-1] * s), value.definite)
        case np.ndarray():
            return blocks(value, s) if value.ndim else value
        case slice() if lengths:
            return slice(*(v if v is None or k == 2 else v * s for k, v in enumerate((value.start, value.stop, value.step))))
        case list() if indexing and value and all(type(v) is int for v in value):
            return blocks(value, s)
        case list() | tuple():
            return type(value)(again)
        case int() if lengths and not isinstance(value, bool) and value > 1:
            return value * s
        case _:
            return value


def filled(value: Any, rng: np.random.Generator) -> Any:
    match value:
        case Draw():
            return value.domain.draw(rng, value.shape)
        case DrawMatrix():
            return value.draw(rng)
        case list() | tuple():
            return type(value)(filled(v, rng) for v in value)
        case _:
            return value


def pattern(example: Example) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """What an example is made of."""
    found = inspect.getclosurevars(example).nonlocals
    return found["args"], found["kwargs"]


def sizes(rule: Rule, args: Any, kwargs: Any) -> tuple[int, int]:
    """The entries of the largest operand, and of the result."""
    y = rule.op(*args, **kwargs)
    return max(np.size(v) for v in leaves([args, list(kwargs.values())])), max(np.size(v) for v in leaves(y))


def attempt(rule: Rule, example: Example, s: int) -> Any:
    """The operands for a factor; None where the operation does not take them."""
    args, kwargs = pattern(example)
    indexing = any(rule.op is op for op in INDEXING)
    for lengths in (False, True):
        grown_args = grown(args, s, indexing, lengths)
        grown_kwargs = {k: grown(v, s, indexing, lengths) for k, v in kwargs.items()}
        try:
            call = filled(grown_args, np.random.default_rng(7)), {
                k: filled(v, np.random.default_rng(8)) for k, v in grown_kwargs.items()
            }
            with np.errstate(all="ignore"):
                return (*call, *sizes(rule, *call))
        except (ValueError, IndexError, TypeError, np.linalg.LinAlgError):
            continue
    return None


def sized(rule: Rule, entries: int = ENTRIES) -> Iterator[Sized]:
    """The examples of a row, and further ones where its own cannot grow, with operands of about `entries`."""
    further = FURTHER.get(name_of(rule.op), lambda n: ())(entries)
    for number, each in enumerate((*rule.examples, *further)):
        if {"args", "kwargs"} <= inspect.getclosurevars(each).nonlocals.keys():
            own = number < len(rule.examples)
            found = grow(rule, each, entries) if own else (*attempt(rule, each, 1)[:2], 1)
            call = None if found is None else written(rule, number, found)
            if call is not None and call.active and call.entries >= entries / 10:
                yield call


def grow(rule: Rule, example: Example, entries: int) -> Any:
    """The operands and the largest factor with which they keep within the bounds; None where they cannot grow."""
    args, kwargs = pattern(example)
    bound = RESULT * entries // ENTRIES
    s = 1
    while s < entries and largest([args, list(kwargs.values())], s + 1) <= entries:
        s += 1
    few, twice = (attempt(rule, example, k) for k in (2, 4))
    if few is not None and twice is not None and twice[3] > few[3]:  # a result that grows as s ** power
        power = math.log2(twice[3] / few[3])
        s = min(s, max(2, int(2 * (bound / few[3]) ** (1 / power))))
    while s > 1:
        found = attempt(rule, example, s)
        if found is not None and found[3] <= bound:
            return (*found[:2], s)
        s = s * 3 // 4
    return None


def largest(value: Any, s: int) -> int:
    return max((math.prod(shape) for shape in shapes_of(value, s)), default=0)


def shapes_of(value: Any, s: int) -> Iterator[tuple[int, ...]]:
    """The shapes of what an example draws, grown."""
    for leaf in leaves(value):
        if isinstance(leaf, Draw):
            yield longer(leaf.shape, s)
        elif isinstance(leaf, DrawMatrix):
            yield (*leaf.shape, leaf.shape[-1] * s * s)
        elif isinstance(leaf, np.ndarray):
            yield longer(leaf.shape, s)


# --- as text ------------------------------------------------------------------------------------------------------------


def shown(value: Any) -> str:
    """Source text of an option."""
    if isinstance(value, (list, tuple)):
        parts = "".join(f"{shown(v)}, " for v in value)
        return f"[{parts}]" if isinstance(value, list) else f"({parts})"
    if isinstance(value, type):
        return value.__name__ if value.__module__ == "builtins" else f"np.{value.__name__}"
    if isinstance(value, float) and not math.isfinite(value):
        return f"-np.{-value!r}" if value < 0 else f"np.{value!r}"
    return "..." if value is Ellipsis else repr(value)


def written(rule: Rule, number: int, found: Any) -> Sized:
    """The call as text: what varies and every array is a parameter, the rest is written out."""
    args, kwargs, s = found
    names: list[str] = []
    values: list[Any] = []
    active: list[int] = []

    def parameter(name: str, value: Any, moves: bool) -> str:
        if isinstance(value, (list, tuple)):
            inner = "".join(f"{parameter(f'{name}_{k}', v, moves)}, " for k, v in enumerate(value))
            return f"[{inner}]" if isinstance(value, list) else f"({inner})"
        if not moves and not isinstance(value, np.ndarray):
            return shown(value)
        if moves:
            active.append(len(names))
        names.append(name)
        values.append(value)
        return name

    inputs, _ = rule.bind(args, kwargs)
    places = enumerate(rule.places(args, kwargs))
    moving = {p: k for k, p in places if p is not None and is_active(inputs[k]) and carries(rule, k)}

    def text_of(place: Any, value: Any) -> str:
        if place in moving:
            return parameter(rule.inputs[moving[place]], value, True)
        return parameter(place if isinstance(place, str) else f"c{place}", value, False)

    listed = [text_of(k, v) for k, v in enumerate(args)]
    options = [f"{k}={text_of(k, v)}" for k, v in kwargs.items()]
    item = isinstance(rule, Linear) and rule.engine
    call = f"{listed[0]}[{listed[1]}]" if item else f"op({', '.join([*listed, *options])})"
    with np.errstate(all="ignore"):
        y = rule.op(*args, **kwargs)
    return Sized(rule, number, text_for(names, call, y), tuple(values), tuple(active), s)


def text_for(names: list[str], call: str, y: Any) -> str:
    """`f`, and `loss`: the value weighted by cotangents, and the value as what `has_aux` hands on."""
    many = isinstance(y, (list, tuple))
    parts = {f"y[{k}]" if many else "y": v for k, v in enumerate(y if many else [y])}
    terms, weights = [], []
    for k, (part, value) in enumerate(parts.items()):
        kind = np.asarray(value).dtype.kind
        if kind in "fc":
            weights.append(f"w{k}")
            terms.append(f"np.sum(w{k} * {part})" if kind == "f" else f"np.real(np.sum(w{k} * {part}))")
    result = f"({', '.join(parts)},)" if many else "y"
    body = f"    y = {call}\n    return {' + '.join(terms)}, {result}\n"
    arguments = ", ".join([*names, *weights])
    return f"def f({', '.join(names)}):\n    return {call}\n\n\ndef loss({arguments}):\n{body}"
