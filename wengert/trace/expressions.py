"""Writing an operation down: infix operators with the parentheses they need, calls under their short names.

In: an operation and the texts of its operands, which may be expressions themselves. Out: a `Text`.

    call(operator.mul, (sum_, x))          "(v1 + v2) * v-1"        where sum_ is Text("v1 + v2", 11)
    call(math.log, (x,))                   "log(v-1)"
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Hashable, Sequence
from types import ModuleType
from typing import Any, NamedTuple

from wengert.ir.nodes import End
from wengert.runtime import is_nonzero, join_lists, listed
from wengert.trace.values import short


class Text(NamedTuple):
    """An expression, how tightly its outermost operator binds, and what it is the negation of."""

    text: str
    binding: int = 20
    negated: Text | None = None


POWER, UNARY, SUM = 14, 13, 11

INFIX: dict[Callable[..., Any], tuple[str, int]] = {
    operator.add: ("+", SUM), operator.sub: ("-", SUM), operator.mul: ("*", 12), operator.matmul: ("@", 12),
    operator.truediv: ("/", 12), operator.floordiv: ("//", 12), operator.mod: ("%", 12), operator.pow: ("**", POWER),
    operator.lshift: ("<<", 10), operator.rshift: (">>", 10), operator.and_: ("&", 9), operator.xor: ("^", 8),
    operator.or_: ("|", 7), operator.lt: ("<", 6), operator.le: ("<=", 6), operator.gt: (">", 6),
    operator.ge: (">=", 6), operator.eq: ("==", 6), operator.ne: ("!=", 6), operator.is_: ("is", 6),
    operator.is_not: ("is not", 6),
}  # fmt: skip
PREFIX: dict[Callable[..., Any], tuple[str, int]] = {
    operator.neg: ("-", UNARY), operator.pos: ("+", UNARY), operator.invert: ("~", UNARY), operator.not_: ("not ", 5),
}  # fmt: skip


def number(value: Any) -> Text:
    """A value written into an expression; a negative number binds as its minus sign does."""
    if isinstance(value, ModuleType) or callable(value):
        return Text(name_of(value))
    if value is Ellipsis:
        return Text("...")
    text = short(value)
    return Text(text, UNARY if text.startswith("-") else 20)


def call(op: Any, args: Sequence[Text], kwargs: Sequence[tuple[str, Text]] = ()) -> Text:
    """`op(*args, **kwargs)` as Python writes it."""
    if not isinstance(op, Hashable):
        return _call(op, args, kwargs)
    if not kwargs and len(args) == 2 and op in INFIX:
        if op is operator.add and args[1].negated is not None:
            return _infix("-", SUM, args[0], args[1].negated)
        return _infix(*INFIX[op], *args)
    if not kwargs and len(args) == 1 and op in PREFIX:
        sign, binding = PREFIX[op]
        return Text(sign + _within(args[0], binding + 1), binding, args[0] if op is operator.neg else None)
    if op is listed:
        return args[0]
    if op is join_lists:
        return _infix("+", SUM, *args)
    if op is is_nonzero:
        return _infix("!=", 6, args[0], Text("0.0"))
    if op is operator.contains and len(args) == 2:
        return _infix("in", 6, args[1], args[0])
    if op is operator.getitem and len(args) == 2:
        return Text(f"{_within(args[0], 20)}[{_index(args[1])}]")
    if op is getattr and len(args) == 2:
        return Text(f"{_within(args[0], 20)}.{args[1].text.strip(chr(39))}")
    return _call(op, args, kwargs)


def _call(op: Any, args: Sequence[Text], kwargs: Sequence[tuple[str, Text]]) -> Text:
    inside = [a.text for a in args] + [f"{k}={a.text}" for k, a in kwargs]
    return Text(f"{name_of(op)}({', '.join(inside)})")


def store(base: Text, index: Text, sign: str, value: Text) -> Text:
    """A functional store: `v3 with [1:] += v2`."""
    return Text(f"{_within(base, 5)} with [{_index(index)}] {sign} {value.text}", 0)


def resized(base: Text, end: End, value: Text) -> Text:
    """A list that is longer or shorter by one item: `v3 with append(v2)`."""
    what = f"append({value.text})" if end is End.APPEND else "pop()"
    return Text(f"{_within(base, 5)} with {what}", 0)


def display(kind: str, items: Sequence[Text], keys: Sequence[Hashable] = ()) -> Text:
    """A tuple, list, dict or slice of operands."""
    texts = [i.text for i in items]
    if kind == "slice":
        start, stop, step = ("" if t == "None" else t for t in texts)
        return Text(f"{start}:{stop}:{step}" if step else f"{start}:{stop}", 0)
    if kind == "list":
        return Text(f"[{', '.join(texts)}]")
    if kind == "dict":
        return Text("{" + ", ".join(f"{k!r}: {t}" for k, t in zip(keys, texts, strict=True)) + "}")
    return Text(f"({texts[0]},)" if len(texts) == 1 else f"({', '.join(texts)})")


def name_of(op: Any) -> str:
    """The short name of a function: `log` for `math.log` and `np.log`, `raise` for `raise_`."""
    return str(getattr(op, "__name__", type(op).__name__)).rstrip("_")


def _infix(sign: str, binding: int, left: Text, right: Text) -> Text:
    # ** binds to the right, everything else to the left; a sign is never written straight after an operator
    tight = int(binding == POWER)
    second = _within(right, UNARY if tight else binding + 1)
    if second.startswith("-"):
        second = f"({second})"
    return Text(f"{_within(left, binding + tight)} {sign} {second}", binding)


def _within(part: Text, binding: int) -> str:
    return part.text if part.binding >= binding else f"({part.text})"


def _index(index: Text) -> str:
    """`x[1:, 0]`, not `x[(1:, 0)]`."""
    text = index.text
    if text.startswith("(") and text.endswith(")") and _closes_at_end(text) and text != "()":
        return text[1:-1]
    return text


def _closes_at_end(text: str) -> bool:
    """True where the first parenthesis closes with the last."""
    depth = 0
    for k, c in enumerate(text):
        depth += (c == "(") - (c == ")")
        if depth == 0:
            return k == len(text) - 1
    return False
