"""How a call is taken apart: inputs by position or keyword, options by name.

In: the names of a row and the arguments of one call (values, or operands with types). Out: the inputs in order and the
options of the call, or `UnsupportedOption`.

    np.sum(x, 0, keepdims=True)      inputs (x,), options {"axis": 0, "keepdims": True}
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np

from wengert.errors import UnsupportedError
from wengert.ir.nodes import Arg, Const, Var
from wengert.ir.types import Int
from wengert.rules.scipy import part_of

Op: TypeAlias = Callable[..., Any]


class UnsupportedOption(UnsupportedError):
    """A call passes an argument of the operation that its row does not differentiate."""


def name_of(op: Op) -> str:
    """How messages call an operation: `np.sum`, `math.sin`, `operator.add`."""
    owner = getattr(op, "__self__", None)
    if isinstance(owner, np.ufunc):
        return f"{name_of(owner)}.{getattr(op, '__name__', '')}"
    module = getattr(op, "__module__", None) or ("numpy" if isinstance(op, np.ufunc) else "")
    if part_of(op) is not None:
        distribution = getattr(owner, "name", None) or type(owner).__name__.removesuffix("_gen")
        prefix = f"scipy.{part_of(op)}." + (f"{distribution}." if owner is not None else "")
        return prefix + str(getattr(op, "__name__", repr(op)))
    module = {"numpy": "np.", "_operator": "operator.", "builtins": "", "": ""}.get(module, f"{module}.")
    return module.replace("numpy.", "np.") + str(getattr(op, "__name__", repr(op)))


@dataclass(frozen=True, slots=True, eq=False)
class Binding:
    """The parameters of an operation as its row names them.

    `inputs` are the parameters that may carry derivatives; `optional[k]` says that input k may be left out. `order` names
    the parameters after the leading inputs where the operation has no signature of its own; `options` are those that the row
    takes, `aliases` other names of them, and `accepts` the values that an option may have (`int` stands for every Python int).
    """

    op: Op
    inputs: tuple[str, ...]
    optional: tuple[bool, ...] = ()
    order: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    aliases: Mapping[str, str] = field(default_factory=dict)
    accepts: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)

    def bind(
        self, args: Sequence[Any], kwargs: Mapping[str, Any], default: Callable[[Any], Any] = lambda v: v
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The inputs in order and the options by name; `default` wraps the value of an input that was left out.

        Raises `UnsupportedOption` for an option that the row does not take, unless it has its default value.
        """
        given, defaults = self._by_name(args, kwargs)
        inputs = []
        for name, optional in zip(self.inputs, self.optional, strict=True):
            if name not in given and not optional:
                raise UnsupportedOption(f"`{name_of(self.op)}` is differentiated with its argument `{name}` only")
            inputs.append(given.pop(name) if name in given else default(None))
        options: dict[str, Any] = {}
        for name, value in given.items():
            if name in self.options:
                self._check(name, value)
                options[name] = value
            elif not _is_default(value, defaults.get(name, None)):
                raise UnsupportedOption(f"the option `{name}` of `{name_of(self.op)}` is not differentiated")
        return tuple(inputs), options

    def places(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> tuple[int | str | None, ...]:
        """Where the call passes each input: a position, a keyword, or None where it was left out."""
        positions = self._by_name(range(len(args)), {k: k for k in kwargs})[0]
        return tuple(positions.get(name) for name in self.inputs)

    def _by_name(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """The arguments and the defaults, both under the names that the row uses."""
        names, defaults = parameters(self)
        if len(args) > len(names):
            raise UnsupportedOption(
                f"`{name_of(self.op)}` is differentiated with at most {len(names)} positional arguments"
            )
        given = dict(zip(names, args, strict=False))
        own = signature_names(self)
        for key, value in kwargs.items():
            name = self.aliases.get(key, own.get(key, key))
            if name in given:
                raise TypeError(f"{name_of(self.op)}() got multiple values for argument '{key}'")
            given[name] = value
        return given, defaults

    def _check(self, name: str, value: Any) -> None:
        if name in self.accepts and not any(_accepted(value, v) for v in self.accepts[name]):
            allowed = " or ".join("an int" if v is int else repr(v) for v in self.accepts[name])
            if name == "dtype":
                allowed = " a floating dtype"
            raise UnsupportedOption(f"`{name_of(self.op)}` is differentiated with {name}={allowed} only")


def _accepted(value: Any, allowed: Any) -> bool:
    if allowed is int and isinstance(value, Var):
        return isinstance(value.type, Int)
    raw = value.value if isinstance(value, Const) else value
    return isinstance(raw, (int, np.integer)) if allowed is int else _same(raw, allowed)


def _same(a: Any, b: Any) -> bool:
    return a is b or (type(a) is type(b) and isinstance(a, (str, int, float)) and bool(a == b))


def _is_default(value: Any, default: Any) -> bool:
    raw = value.value if isinstance(value, Const) else value
    return _same(raw, default) or raw is None


_PARAMETERS: dict[Op, tuple[tuple[str, ...], dict[str, Any]]] = {}
_SIGNATURES: dict[Op, dict[str, str]] = {}


def _signature(rule: Binding) -> list[inspect.Parameter]:
    if rule.order or isinstance(getattr(rule.op, "__self__", rule.op), np.ufunc):
        return []
    try:
        found = list(inspect.signature(rule.op).parameters.values())
    except (TypeError, ValueError):
        return []
    found = [p for p in found if p.kind is not inspect.Parameter.VAR_KEYWORD]
    return [] if any(p.kind is inspect.Parameter.VAR_POSITIONAL for p in found) else found


def signature_names(rule: Binding) -> dict[str, str]:
    """The operation's own names of the inputs, with the names that the row gives them.

    An input that is called as a parameter is that parameter; any other name stands for the parameter at its place.
    """
    if rule.op not in _SIGNATURES:
        found = [p.name for p in _signature(rule)]
        named = zip(found, rule.inputs, strict=False)
        own = {p: name for p, name in named if name not in found}
        _SIGNATURES[rule.op] = own | {name: name for name in rule.inputs if name in found}
    return _SIGNATURES[rule.op]


def in_order(
    rule: Binding, operands: tuple[Arg, ...], named: Mapping[str, Arg]
) -> tuple[tuple[Arg, ...], dict[str, Arg]]:
    """A call with its leading inputs in their places, where some of them were given by name."""
    own, names = signature_names(rule), parameters(rule)[0]
    placed, rest = list(operands), dict(named)
    while rest and len(placed) < len(names) and names[len(placed)] in rule.inputs:
        given = next((k for k in rest if own.get(k) == names[len(placed)]), None)
        if given is None:
            break
        placed.append(rest.pop(given))
    return tuple(placed), rest


def parameters(rule: Binding) -> tuple[tuple[str, ...], dict[str, Any]]:
    """The positional parameters of the operation under the row's names, and the defaults of all of them."""
    if rule.op not in _PARAMETERS:
        found = _signature(rule)
        if not found:
            before = tuple(n for n in rule.inputs if n not in rule.order)
            _PARAMETERS[rule.op] = ((*before, *rule.order), {n: inspect.Parameter.empty for n in rule.inputs})
        else:
            own = signature_names(rule)
            named = [(own.get(p.name, rule.aliases.get(p.name, p.name)), p) for p in found]
            positional = tuple(n for n, p in named if p.kind is not inspect.Parameter.KEYWORD_ONLY)
            _PARAMETERS[rule.op] = (positional, {n: p.default for n, p in named})
    return _PARAMETERS[rule.op]
