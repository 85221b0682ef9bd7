"""Operations that may raise what a `try` around them catches, and exceptions that the program raises itself.

In: operations as the body of a `try` emits them. Out: the question whether they raise, and the arm where they do not.

    y = 1.0 / x                 error = error_of(ZeroDivisionError, truediv, 1.0, x)
    z = g(y)            ->      if error is None:
                                    y = 1.0 / x
                                    z = g(y)

An operation without effects runs in its arm once more, under its own rule; one with effects runs once, inside `attempt`.
"""

from __future__ import annotations

import operator
from builtins import type as _Class
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from wengert.errors import Problem
from wengert.frontend.branches import choose
from wengert.frontend.context import Flattener
from wengert.frontend.emitter import Emitter
from wengert.frontend.escapes import Escaping, Flag
from wengert.frontend.raising import DIVISIONS, NEVER, Errors, floating, may_raise
from wengert.frontend.support import attempt, error_of, exception_of, store_error_of
from wengert.frontend.values import Refused
from wengert.ir.builder import NONE, constant
from wengert.ir.callee import Emitted
from wengert.ir.nodes import APPEND, POP, AddStore, Arg, Atom, Const, Display, Statement, Store, Var
from wengert.ir.queries import atoms_of
from wengert.ir.types import Bool, Float, Int, Number, Opaque, Tuple, Type, is_numeric
from wengert.runtime import assert_, raise_, stop_gradient


@dataclass(slots=True, eq=False)
class Trial:
    """A `try` whose body is being flattened: what it catches, the flag of its exception, what may have been caught."""

    kinds: Errors
    flag: Flag
    seen: dict[type[BaseException], None] = field(default_factory=dict)


class Watch(Escaping):
    """An emitter that minds what raises. `classes` and `carried` are the class and the arguments of known exceptions.

    `raises` counts the `np.errstate` around that make NumPy raise.
    """

    def __init__(self, f: Flattener, of: Emitter) -> None:
        super().__init__(f, of)
        self.trials: list[Trial] = []
        self.classes: dict[Var, type[BaseException]] = {}
        self.carried: dict[Var, tuple[Arg, ...]] = {}
        self.raises = 0

    def throw(self, error: Atom) -> None:
        """Escape to the handlers of the innermost `try`."""
        self.open(None, self.trials[-1].flag, error)

    # --- operations -------------------------------------------------------------------------------------------------

    def append(self, statement: Statement) -> None:
        if self.trials and not self.closing and isinstance(statement, Store | AddStore):
            kinds = self.caught((LookupError, ValueError, TypeError))
            if kinds and statement.index not in (APPEND, POP):
                given = (statement.base, statement.index, statement.value)
                error = super().assign(store_error_of, (shown(kinds), *given), Opaque(), hint="error", effect=True)
                self.attempted(kinds, error)
        super().append(statement)

    def assign(
        self,
        op: Callable[..., Any],
        args: tuple[Arg, ...],
        type: Type,
        kwargs: tuple[tuple[str, Arg], ...] = (),
        *,
        hint: str = "",
        of: Var | None = None,
        inline: bool = False,
        effect: bool = False,
    ) -> Var:
        """Append an operation; behind an attempt where it may raise what a `try` around it catches."""
        if op in DIVISIONS and all(not isinstance(a, Display) and isinstance(a.type, Int | Float) for a in args):
            type = Float() if isinstance(type, Number) else type  # a division by the constant zero
        options: dict[str, Any] = {"hint": hint, "of": of, "inline": inline, "effect": effect}
        if not self.trials or self.generated or self.closing:
            return super().assign(op, args, type, kwargs, **options)
        if op is raise_:
            return self.raised(args)
        if op is assert_ and self.caught((AssertionError,)):
            return self.asserted(args)
        types = [a.type for arg in (*args, *(a for _, a in kwargs)) for a in atoms_of(arg)]
        possible = (*may_raise(op, args, dict(kwargs)), *self.reported(op, types), *self.of_nothing(op, args))
        kinds = self.caught(possible)
        if not kinds:
            if isinstance(op, _CLASS) and issubclass(op, BaseException):
                return self.exception(op, args, kwargs, hint)
            return super().assign(op, args, type, kwargs, **options)
        if isinstance(op, Emitted):
            text = f"a call of `{op.name}`, which is a function of its own here, may raise what is caught around it"
            raise Refused(Problem(text, "test for the case before the call, or handle it inside of the function", self.origin))
        if effect or (getattr(op, "__module__", None) or "").startswith("numpy.random"):  # it must not run twice
            pair = super().assign(attempt, (shown(kinds), constant(op), *args), Tuple((type, Opaque())), kwargs, effect=True)
            error = super().assign(operator.getitem, (pair, constant(1)), Opaque(), hint="error")
            self.attempted(kinds, error)
            return super().assign(operator.getitem, (pair, constant(0)), type, hint=hint)
        error = super().assign(error_of, (shown(kinds), constant(op), *args), Opaque(), kwargs, hint="error", effect=True)
        self.attempted(kinds, error)
        return super().assign(op, args, type, kwargs, **options)

    def exception(
        self, cls: _Class[BaseException], args: tuple[Arg, ...], kwargs: tuple[tuple[str, Arg], ...], hint: str
    ) -> Var:
        """An exception that the program makes. Its numbers are for the reader, derivatives do not pass through it."""
        shut = tuple(
            super(Watch, self).assign(stop_gradient, (a,), a.type, inline=True)
            if isinstance(a, Var) and is_numeric(a.type)
            else a
            for a in args
        )
        made = super().assign(cls, shut, Opaque(), kwargs, hint=hint or "error", effect=True)
        self.classes[made] = cls
        self.carried[made] = args
        return made

    def attempted(self, kinds: Errors, error: Var) -> None:
        """What follows runs where there was no error."""
        self.note(kinds)
        test = super().assign(operator.is_, (error, NONE), Bool(), inline=True)
        self.open(test, self.trials[-1].flag, error)

    def note(self, kinds: Errors) -> None:
        self.trials[-1].seen.update(dict.fromkeys(kinds))

    def reported(self, op: Any, types: list[Type]) -> Errors:
        """Floating point errors, where NumPy raises them, and warnings that were made errors."""
        named = [c for t in self.trials for c in t.kinds]
        found: list[Any] = []
        if self.raises or "raise" in np.geterr().values() or any(issubclass(c, ArithmeticError) for c in named):
            wanted = self.raises or "raise" in np.geterr().values()
            if wanted or FloatingPointError in named or ArithmeticError in named:
                found.append(FloatingPointError)
        found += [c for c in named if issubclass(c, Warning)]
        return tuple(found) if found and floating(op, types) else ()

    def of_nothing(self, op: Any, args: tuple[Arg, ...]) -> Errors:
        """What operations on None raise, where an operand may be None."""
        may_be = any(a in self.f.nullable for arg in args for a in atoms_of(arg) if isinstance(a, Var))
        return (TypeError, AttributeError) if may_be and op not in NEVER else ()

    def caught(self, possible: Errors) -> Errors:
        """Those of the possible exceptions, or their subclasses, that a `try` around here catches."""
        return catchable(possible, tuple(c for t in self.trials for c in t.kinds))

    def raised(self, args: tuple[Arg, ...]) -> Var:
        """`raise error from cause`: an escape where a `try` around here may catch it."""
        error = args[0]
        known = self.class_of(error)
        if isinstance(error, Const) and isinstance(error.value, type):
            error = super().assign(error.value, (), Opaque(), hint="error", effect=True)
        if known is None and isinstance(error, Var) and error.hint != "error":
            error = super().assign(exception_of, (error,), Opaque(), hint="error", effect=True)
        if known is not None and not self.caught((known,)) and not any(issubclass(known, c) for c in self.kinds()):
            return super().assign(raise_, (error, *args[1:]), Opaque(), effect=True)
        assert isinstance(error, Var | Const)
        self.note((known or BaseException,))
        self.throw(error)
        return Var("", Opaque())

    def kinds(self) -> Errors:
        return tuple(c for t in self.trials for c in t.kinds)

    def class_of(self, error: Arg) -> _Class[BaseException] | None:
        """The class of an exception that the program has made here; None where it is only known when it runs."""
        if isinstance(error, Const):
            found: _Class[BaseException] = error.value if isinstance(error.value, _CLASS) else _CLASS(error.value)
            return found
        return self.classes.get(error) if isinstance(error, Var) else None

    def asserted(self, args: tuple[Arg, ...]) -> Var:
        test, message = args
        assert isinstance(test, Var | Const)

        def fail() -> None:
            given = () if message == NONE else (message,)
            self.raised((self.assign(AssertionError, given, Opaque(), hint="error", effect=True), NONE))

        choose(self.f, test, lambda: None, fail)
        return Var("", Opaque())


_CLASS = type


def catchable(possible: Errors, caught: Errors) -> Errors:
    """The classes that are both: of each pair the narrower one, none of which is part of another."""
    both = [p if issubclass(p, c) else c for p in possible for c in caught if issubclass(p, c) or issubclass(c, p)]
    unique = list(dict.fromkeys(both))
    return tuple(c for c in unique if not any(d is not c and issubclass(c, d) for d in unique))


def shown(kinds: Errors) -> Arg:
    """Classes as the operand of an `except`."""
    return constant(kinds[0]) if len(kinds) == 1 else Display("tuple", tuple(map(constant, kinds)))


def watch(f: Flattener) -> Watch:
    """The emitter of `f`, which minds escapes from now on."""
    if not isinstance(f.emit, Watch):
        f.emit = f.storage.emit = Watch(f, f.emit)
    return f.emit


def watching(f: Flattener) -> Watch | None:
    """The emitter where something may escape."""
    return f.emit if isinstance(f.emit, Watch) and f.emit.flags else None


