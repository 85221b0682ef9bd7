"""The object that `grad` and its like return: a function of the user's arguments that is made when it is first needed.

A derivative is transformed once for each kind of arguments. What the transformation assumed about globals and closures
is checked at each call; numbers among them are read at each call.
"""

from __future__ import annotations

import functools
import sys
import threading
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import BuiltinMethodType, MethodType
from typing import Any

import numpy as np

from wengert import pipeline
from wengert.backend.standalone import standalone
from wengert.errors import ArgumentError, UnsupportedError
from wengert.frontend.flatten import Flat
from wengert.frontend.outside import Touched
from wengert.frontend.pinned import ALLOWED, PINNED, Pinned
from wengert.frontend.signature import NUMBERS, Described, Known, alike, as_known, describe_all, extents, key, kind_of
from wengert.frontend.source import Binding
from wengert.ir.builder import constant
from wengert.ir.show import show
from wengert.pipeline import configuration
from wengert.sharing import check_apart

_EVERYTHING = (bool, str, bytes, type(None), MethodType, BuiltinMethodType)
"""Types of values that are what they were where they are equal; a bound method is made anew whenever it is read."""


_ABSENT = object()

LOOPS = 100
"""How many short loops are written out in a program that is refused otherwise."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A derivative for one kind of arguments; `direct` is what a call with them runs, where there is nothing to prepare."""

    lowered: pipeline.Lowered
    guards: tuple[tuple[Binding, Any], ...]
    captures: tuple[tuple[Binding, str, Any], ...]
    keywords: tuple[str, ...]
    touched: Touched
    named: tuple[tuple[Mapping[str, Any], str, Any], ...]
    direct: Callable[..., Any] | None
    pinned: bool

    def kind(self, value: Any) -> Hashable:
        """What is assumed of a value outside."""
        return kind_of(value, self.pinned)

    def holds(self) -> bool:
        """Whether what was assumed about globals and closures still holds."""
        for scope, name, value in self.named:
            if scope.get(name, _ABSENT) is not value:
                return self._holds(self.guards)
        return len(self.named) == len(self.guards) or self._holds(self.guards)

    def _holds(self, guards: Sequence[tuple[Binding, Any]]) -> bool:
        for binding, value in guards:
            now = binding.get()
            if isinstance(value, Known):
                if self.kind(now) != value.key:
                    return False
            elif now is not value and not (isinstance(now, _EVERYTHING) and type(now) is type(value) and now == value):
                return False
        return True


class Derivative:
    """A derivative of `function`: call it, read it, take its derivative.

    `primal` is the function as written, `source` the generated module for arguments of which nothing is known but
    their annotations, `lower(*args)` the one for these arguments, `wengert_list` its text as a list of statements.
    """

    def __init__(
        self, function: Callable[..., Any], program: pipeline.Program, name: str, about: str, nested: Any = None
    ) -> None:
        self._made_from = (function, program, name, about, nested)
        self._program = program
        self._nested = nested
        self._about = about
        self._entries: dict[Any, Entry] = {}
        self._pinned: set[Any] = set()
        self._lock = threading.RLock()
        self.primal = function
        functools.update_wrapper(self, function, assigned=("__module__", "__qualname__", "__doc__"), updated=())
        self.__wrapped__ = function
        self.__name__ = name
        self.__signature__ = pipeline.signature(function)
        self._plain = all(
            p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) for p in self.__signature__.parameters.values()
        )
        self._count = len(self.__signature__.parameters)
        names = tuple(self.__signature__.parameters)
        self._active = {names[k] for k in getattr(program, "argnums", ()) if k < len(names)}

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        left: tuple[str, ...] = ()
        if kwargs or not self._plain or len(args) != self._count:
            args, left = self._bound(args, kwargs)
        kinds = tuple(map(type, args))
        place: tuple[Any, ...]
        if NUMBERS.issuperset(kinds):
            place = (*kinds, None, left, configuration())
        else:
            place = (*map(key, args), alike(args) if kinds.count(np.ndarray) > 1 else None, left, configuration())
        entry = self._entries.get(place)
        if entry is None or (entry.guards and not entry.holds()):
            entry = self._make(args, left, place)
        if entry.direct is not None:
            return entry.direct(*args)
        if entry.touched.written:
            self._check_apart(entry, args)
        return self._call(entry, args, left, place)

    def _call(self, entry: Entry, args: tuple[Any, ...], left: tuple[Any, ...], place: Any) -> Any:
        """A call with what is read from the surroundings, and with parameters that are not plain."""
        named = {}
        for binding, name, kind in entry.captures:
            named[name] = binding.get()
            if entry.kind(named[name]) != kind:
                return self._call(self._make(args, left, place), args, left, place)
        positional: list[Any] = []
        for p, value in zip(self.__signature__.parameters.values(), args, strict=True):
            if p.kind is p.VAR_POSITIONAL:
                positional.extend(value)
            elif p.kind is p.KEYWORD_ONLY:
                named[p.name] = value
            elif p.kind is p.VAR_KEYWORD:
                named.update(value)
            else:
                positional.append(value)
        return entry.lowered.callable(*positional, **named)

    def run(self, args: tuple[Any, ...], extra: tuple[Any, ...] = ()) -> tuple[pipeline.Lowered, Any]:
        """Call a program that takes further arguments (tangents) after those of the function: what ran, and its result."""
        values, left = (args, ()) if self._plain and len(args) == self._count else self._bound(args, {})
        place = (*map(key, values), alike(values), left, configuration())
        entry = self._entries.get(place)
        if entry is None or not entry.holds():
            entry = self._make(values, left, place)
        if entry.touched.written:
            self._check_apart(entry, values)
        named = {name: binding.get() for binding, name, _ in entry.captures}
        if any(entry.kind(named[name]) != kind for _, name, kind in entry.captures):
            entry = self._make(values, left, place)
            named = {name: binding.get() for binding, name, _ in entry.captures}
        return entry.lowered, entry.lowered.callable(*self._spread(values), *extra, **named)

    def _check_apart(self, entry: Entry, values: tuple[Any, ...]) -> None:
        """What the program writes must not be another argument as well, or what it reads from its surroundings."""
        outside = {name: binding.get() for binding, name, _ in entry.captures}
        arguments = dict(zip(self.__signature__.parameters, values, strict=True))
        name = getattr(self.primal, "__name__", "the function")
        check_apart(entry.touched.written, entry.touched.read, arguments | outside, name)

    def _spread(self, values: tuple[Any, ...]) -> list[Any]:
        positional: list[Any] = []
        for p, value in zip(self.__signature__.parameters.values(), values, strict=True):
            if p.kind is p.VAR_POSITIONAL:
                positional.extend(value)
            else:
                positional.append(value)
        return positional

    def _bound(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        """The value of every parameter, and which of them are integers that were left at their default.

        Such an integer is part of the program (an axis, a count): it is known when the function is transformed.
        """
        made = self.__signature__.bind(*args, **kwargs)
        given = set(made.arguments)
        made.apply_defaults()
        left = tuple(
            (n, v) for n, v in made.arguments.items() if n not in given and type(v) is int and n not in self._active
        )
        return tuple(made.arguments.values()), left

    def _make(self, args: tuple[Any, ...], left: tuple[Any, ...], place: Any) -> Entry:
        with self._lock:
            names = self.__signature__.parameters
            general = place
            if place in self._pinned:
                place = (*place, extents(args))
            entry = self._entries.get(place)
            if entry is not None and entry.holds() and all(entry.kind(b.get()) == k for b, _, k in entry.captures):
                return entry
            lowered, pinned = self._lowered(dict(zip(names, args, strict=True)), left, general in self._pinned)
            if pinned:
                self._pinned.add(general)
                place = (*general, extents(args))
            captures = tuple((c.binding, c.param.name, kind_of(c.binding.get(), pinned)) for c in lowered.flat.captures)
            keywords = tuple(n for n, p in names.items() if p.kind is p.KEYWORD_ONLY)
            guards, touched = lowered.flat.guards, lowered.flat.touched
            named = tuple((b.holder, b.name, v) for b, v in guards if b.kind == "global" and not isinstance(v, Known))
            is_direct = self._plain and not touched.written and not captures and not keywords
            direct = lowered.callable if is_direct else None
            entry = Entry(lowered, guards, captures, keywords, touched, named, direct, pinned)
            self._entries[place] = entry
            return entry

    def _lowered(self, values: dict[str, Any], left: tuple[Any, ...], pinned: bool) -> tuple[pipeline.Lowered, bool]:
        """The derivative for one kind of arguments; for these lengths and whole numbers alone where it is refused otherwise."""
        refused: Exception | None = None
        ways = (*(() if pinned else (None,)), *((Pinned(), Pinned(LOOPS)) if pinned or ALLOWED.get() else ()))
        for pin in ways:
            token = PINNED.set(pin)
            try:
                known = describe_all(values, self._active) | {n: as_known(v) for n, v in left}
                return pipeline.lowered(self._program, known), pin is not None
            except (UnsupportedError, RecursionError) as error:
                refused = refused or error
            finally:
                PINNED.reset(token)
        assert refused is not None
        raise refused from None

    def program(self, described: Mapping[str, Described]) -> Flat:
        """The flat form of the derivative, for transforms of it."""
        return self._program.program(described)

    def __wengert_call__(self, f: Any, args: list[Any], kwargs: dict[str, Any], node: Any, hint: str) -> Any:
        """What calling the derivative means inside a function that is being differentiated."""
        return f.call(constant(self._nested), [constant(self.primal), *args], kwargs, node, hint)

    # --- inspection -------------------------------------------------------------------------------------------------

    def lower(self, *args: Any, **kwargs: Any) -> pipeline.Lowered:
        """The derivative for these arguments: `.source`, and callable without any per-call work."""
        values, left = self._bound(args, kwargs)
        return self._make(values, left, (*map(key, values), alike(values), left, configuration())).lowered

    @functools.cached_property
    def _general(self) -> pipeline.Lowered:
        return pipeline.lowered(self._program, pipeline.undescribed(self.primal))

    @property
    def source(self) -> str:
        """The generated module when nothing is known of the arguments but their annotations."""
        return self._general.source

    @property
    def wengert_list(self) -> str:
        """The statements of the generated program, one operation a line, before they are printed as Python."""
        return show(self._general.ir)

    def export(self, path: str | Path, *args: Any, **kwargs: Any) -> Path:
        """Write the generated module to a file that needs only NumPy; specialised to arguments where they are given.

        Functions that the program calls and no import leads to are written into the file. Raises UnsupportedError for
        other objects that it would need.
        """
        made = (self.lower(*args, **kwargs) if args or kwargs else self._general).emitted
        written = Path(path)
        written.write_text(standalone(made.text, made.namespace), encoding="utf-8")
        return written

    def trace(self, *args: Any, **kwargs: Any) -> Any:
        """The evaluated Wengert list at these arguments, as a table."""
        from wengert.trace import trace

        return trace(self.primal, args, kwargs)

    def __reduce__(self) -> Any:
        """Pickled by name where the module holds the derivative under its name, by function and options otherwise."""
        module = sys.modules.get(self.__module__)
        found: Any = module
        name = str(vars(self)["__qualname__"])
        for part in name.split("."):
            found = getattr(found, part, None)
        return name if found is self else (Derivative, self._made_from)

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self if instance is None else functools.partial(self, instance)

    def __repr__(self) -> str:
        name = getattr(self.primal, "__qualname__", repr(self.primal))
        return f"<{self._about} of {name}{self.__signature__}>"


def argument_positions(function: Any, argnums: int | tuple[int, ...]) -> tuple[int, ...]:
    """`argnums` as positions counted from 0; raises `ArgumentError` for one that does not exist."""
    parameters = list(pipeline.signature(function).parameters.values())
    count = len(parameters)
    variadic = any(p.kind is p.VAR_POSITIONAL for p in parameters)
    found = []
    for k in argnums if isinstance(argnums, tuple) else (argnums,):
        if isinstance(k, bool) or not isinstance(k, (int, np.integer)):
            raise ArgumentError(f"argnums must be an int or a tuple of ints, not {argnums!r}")
        if not -count <= k < count and not (variadic and k >= 0):
            name = getattr(function, "__name__", "the function")
            raise ArgumentError(f"argnums {k} is out of range: `{name}` has {count} parameters")
        found.append(int(k) if k >= 0 else int(k) + count)
    if len(set(found)) != len(found):
        raise ArgumentError(f"argnums {argnums!r} names a parameter twice")
    return tuple(found)


