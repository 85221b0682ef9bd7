"""Emitting one operation: look up what is known of it, type the result, fold what a transform introduced.

    e = Emitter()
    v = e.apply(operator.mul, (x, y), hint="z")       appends  z = x * y
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from wengert.ir.builder import Builder, constant, fold_constants, fold_identity
from wengert.ir.nodes import Arg, Atom, Const, Var
from wengert.ir.types import Number, Opaque, Type
from wengert.rules.kinds import lookup


class Emitter(Builder):
    """A builder that types what it appends.

    While `generated` is set, what is emitted belongs to a rule or to a transform: its temporaries are parts of one printed
    expression, and arithmetic on constants and units is folded. The user's own arithmetic is never folded.
    """

    def __init__(self) -> None:
        super().__init__()
        self.generated = False
        self.current: Callable[[Arg], Arg] | None = None  # reads an operand again where it was written since

    def apply(
        self,
        op: Callable[..., Any],
        args: tuple[Arg, ...],
        kwargs: tuple[tuple[str, Arg], ...] = (),
        *,
        hint: str = "",
        of: Var | None = None,
        effect: bool = False,
        type: Type | None = None,
        inline: bool | None = None,
    ) -> Atom:
        """Append `op(*args, **kwargs)` and return its result; an operation without a rule is taken to have an effect."""
        args, kwargs = self._now(args, kwargs)
        if not kwargs and not effect and (folded := fold_constants(op, args)) is not None and self._may_fold(folded):
            return folded
        result = result_type(op, args, kwargs) if type is None else type
        if self.generated and not kwargs and (same := fold_identity(op, args, result)) is not None:
            return same
        if self.generated:
            hint = ""  # the names inside a rule are not the user's
        if inline is None:
            inline = self.generated and of is None
        known = effect is False and (op is getattr or lookup(op) is not None)
        return self.assign(op, args, result, kwargs, hint=hint, of=of, inline=inline, effect=not known)

    def _now(
        self, args: tuple[Arg, ...], kwargs: tuple[tuple[str, Arg], ...]
    ) -> tuple[tuple[Arg, ...], tuple[tuple[str, Arg], ...]]:
        if self.current is None:
            return args, kwargs
        return tuple(map(self.current, args)), tuple((k, self.current(a)) for k, a in kwargs)

    def _may_fold(self, value: Const) -> bool:
        """The user's floats are left as written; integers, bools and all of a rule's constants fold."""
        return self.generated or not isinstance(value.value, float | complex)

    @contextmanager
    def rules(self, on: bool = True) -> Iterator[None]:
        """Mark what is emitted inside as belonging to a rule."""
        before, self.generated = self.generated, on
        try:
            yield
        finally:
            self.generated = before


def result_type(op: Callable[..., Any], args: tuple[Arg, ...], kwargs: tuple[tuple[str, Arg], ...]) -> Type:
    """What is known of the result: from the operation's row, a number where the row does not say."""
    rule = lookup(op)
    if rule is None:
        return Opaque()
    if rule.result is None:
        return Number()
    inputs, options = rule.bind(args, dict(kwargs), constant)
    return rule.result(op, inputs, options)
