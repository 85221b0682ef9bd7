"""The table of derivative rules and the words that fill it.

In: an operation (the Python callable itself), the names of its inputs, its derivatives as text or plain functions.
Out: a row of `RULES` that both modes and all orders use.

    elementwise(np.multiply, "a b", "b", "a", domain=REAL)
    linear(np.transpose, "x", vjp=(transpose_vjp,), examples=[example(normal(2, 3))])
    structural(np.sort, "x", jvp=(sort_jvp,), vjp=(sort_vjp,), examples=[example(normal(5))])
    constant(np.floor, domain=REAL)

The names in `inputs` are parameters of the operation, or stand for its leading ones; "base?" may be left out of a call
and is None in the rule then. The remaining parameters of a vjp are the options that the row supports. Every parameter that
can carry a derivative must be an input: options are taken to carry none.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, TypeAlias

import numpy as np

from wengert.ir import shapes
from wengert.ir.nodes import Arg, Const
from wengert.ir.types import Array, Number, Type
from wengert.rules import scipy
from wengert.rules.binding import Binding, UnsupportedOption, name_of
from wengert.rules.examples import Domain, Example, from_domains
from wengert.rules.static import FLOATING

Op: TypeAlias = Callable[..., Any]
__all__ = [
    "COMPLEX", "RULES", "Binding", "Constant", "Elementwise", "Linear", "Rule", "Structural", "UnsupportedOption",
    "at_complex", "constant", "elementwise", "holds_complex", "holomorphic", "known", "linear", "lookup", "name_of",
    "structural",
]  # fmt: skip

Partial: TypeAlias = str | Callable[..., Any] | None
Body: TypeAlias = Callable[..., Any] | None
Typing: TypeAlias = Callable[[Op, Sequence[Arg], Mapping[str, Arg]], Type]
Singular: TypeAlias = bool | Callable[[Sequence[Arg]], bool]


def known(value: object) -> bool:
    """True; where a rule is flattened, true only of a value known when the function is transformed."""
    return True


def holds_complex(value: Any) -> bool:
    """True of complex numbers and arrays; decided from what is known of its type where a rule is flattened."""
    return np.iscomplexobj(value)


@dataclass(frozen=True, slots=True, eq=False)
class Rule(Binding):
    """What all rows have: how a call is bound, how the type of its result is found, what its checks are made of.

    `lazy` rows take a cotangent that only broadcasts to the result. `displays` rows take sequences written out as
    they are (`np.stack([a, b])`); other rows want them made into an array first.
    """

    result: Typing | None = None
    lazy: bool = False
    examples: tuple[Example, ...] = ()
    singular: tuple[Singular, ...] = ()
    displays: bool = False

    def is_singular(self, k: int, inputs: Sequence[Arg]) -> bool:
        """True where the derivative by input k can be infinite or nan where the operation is defined."""
        flag = self.singular[k]
        return flag(inputs) if callable(flag) else flag


@dataclass(frozen=True, slots=True, eq=False)
class Elementwise(Rule):
    """`partials[k]` is d y / d input k, entry by entry: text in the names of the inputs and `y`, a function or None."""

    partials: tuple[Partial, ...] = ()
    domain: tuple[Domain, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Linear(Rule):
    """Linear in each input: the jvp is the operation itself with one input replaced by its tangent.

    With `engine` the vjp is not a function but part of the adjoint transform.
    """

    vjp: tuple[Body, ...] = ()
    engine: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Structural(Rule):
    """One jvp and one vjp function for each input that can carry a derivative, None for the others."""

    jvp: tuple[Body, ...] = ()
    vjp: tuple[Body, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Constant(Rule):
    """The result carries no derivative, whatever the arguments are."""

    def bind(
        self, args: Sequence[Any], kwargs: Mapping[str, Any], default: Callable[[Any], Any] = lambda v: v
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The call as it is: every argument of a constant operation is allowed."""
        return tuple(args), dict(kwargs)

    def places(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> tuple[int | str | None, ...]:
        return tuple(range(len(args)))


RULES: dict[Op, Rule] = {}
"""The table: an operation without a row here has no derivative."""


COMPLEX: dict[Op, Rule] = {}
"""The rows that hold where an operand or the result is complex: an operation without one is refused there.

Cotangents are those of a transpose without conjugation: of z = x + iy and a real loss, dL/dx - i dL/dy.
"""


def lookup(op: Op) -> Rule | None:
    """The row of an operation, found by the identity of the callable; SciPy's are registered when one is met."""
    try:
        found = RULES.get(op)
        if found is None and "scipy" in sys.modules:
            scipy.load(op)
            found = RULES.get(op)
        return found
    except TypeError:
        return None


def elementwise(
    op: Op | tuple[Op, ...],
    inputs: str,
    *partials: Partial,
    singular: bool | tuple[Singular, ...] = False,
    domain: Domain | tuple[Domain, ...] | None = None,
    examples: Sequence[Example] | None = None,
    result: Typing | None = None,
    aliases: Mapping[str, str] | None = None,
    lazy: bool = True,
) -> None:
    """Register operations whose result at an entry depends on the inputs at that entry only.

    `partials` are in the order of `inputs`. `singular` marks partials that can be infinite or nan. `domain` is where
    the operation is smooth, one for all inputs or one for each.
    """
    names, optional = _names(inputs)
    if len(partials) != len(names):
        raise ValueError(f"{_shown(op)}: {len(names)} inputs but {len(partials)} partials")
    domains = domain if isinstance(domain, tuple) else (domain,) * len(names) if domain else ()
    for each in _ops(op):
        calls = tuple(examples or ())
        if domains:
            required = domains[: sum(not o for o in optional)]
            calls = (*from_domains(required, *_accepted(each)), *calls)
        row = Elementwise(
            each,
            names,
            optional,
            result=result or (_entrywise if _trusted(each) else None),
            lazy=lazy,
            examples=calls,
            options=tuple(_OF_UFUNCS) if isinstance(each, np.ufunc) else (),
            aliases=aliases or {},
            accepts=_OF_UFUNCS if isinstance(each, np.ufunc) else {},
            singular=_singular(singular, len(names)),
            partials=partials,
            domain=domains,
        )
        _register(row)


def linear(
    op: Op | tuple[Op, ...],
    inputs: str,
    *,
    vjp: tuple[Body, ...],
    examples: Sequence[Example],
    result: Typing | None = None,
    options: str = "",
    aliases: Mapping[str, str] | None = None,
    accepts: Mapping[str, tuple[Any, ...]] | None = None,
    lazy: bool = False,
    displays: bool = False,
    engine: bool = False,
) -> None:
    """Register operations that are linear in each of their inputs."""
    names, optional = _names(inputs)
    for each in _ops(op):
        row = Linear(
            each,
            names,
            optional,
            result=result,
            lazy=lazy,
            examples=tuple(examples),
            order=tuple(options.split()),
            options=_options(vjp, len(names)),
            aliases=aliases or {},
            accepts=accepts or {},
            singular=(False,) * len(names),
            displays=displays,
            vjp=vjp,
            engine=engine,
        )
        _register(row, len(vjp))


def structural(
    op: Op | tuple[Op, ...],
    inputs: str,
    *,
    jvp: tuple[Body, ...],
    vjp: tuple[Body, ...],
    examples: Sequence[Example],
    result: Typing | None = None,
    options: str = "",
    aliases: Mapping[str, str] | None = None,
    accepts: Mapping[str, tuple[Any, ...]] | None = None,
    singular: bool | tuple[Singular, ...] = False,
    lazy: bool = False,
    displays: bool = False,
) -> None:
    """Register operations with one jvp and one vjp function for each differentiable input."""
    names, optional = _names(inputs)
    for each in _ops(op):
        row = Structural(
            each,
            names,
            optional,
            result=result,
            lazy=lazy,
            examples=tuple(examples),
            order=tuple(options.split()),
            options=_options(vjp, len(names)),
            aliases=aliases or {},
            accepts=accepts or {},
            singular=_singular(singular, len(names)),
            displays=displays,
            jvp=jvp,
            vjp=vjp,
        )
        _register(row, len(vjp))


def constant(
    *ops: Op,
    domain: Domain | tuple[Domain, ...] | None = None,
    examples: Sequence[Example] | None = None,
    result: Typing | None = None,
) -> None:
    """Register operations whose result carries no derivative."""
    domains = domain if isinstance(domain, tuple) else (domain,) if domain else ()
    for op in ops:
        typing = result or (shapes.elementwise if domains and _trusted(op) else None)
        calls = (*(from_domains(domains, *_accepted(op)) if domains else ()), *(examples or ()))
        _register(Constant(op, (), result=typing, lazy=True, examples=calls))


def holomorphic(*ops: Op) -> None:
    """Operations whose row holds for complex numbers as it stands: its formulas are those of complex derivatives."""
    for op in ops:
        COMPLEX[op] = RULES[op]


def at_complex(op: Op, *, jvp: tuple[Body, ...] | None = None, vjp: tuple[Body, ...], singular: bool = False) -> None:
    """The functions of an operation where it is complex; without `jvp` it is linear over the real numbers."""
    row = RULES[op]
    own: dict[str, Any] = {f.name: getattr(row, f.name) for f in fields(Binding)} | {"options": _options(vjp, len(row.inputs))}
    own |= {"result": row.result, "singular": (singular,) * len(row.inputs), "displays": row.displays}
    COMPLEX[op] = Linear(**own, vjp=vjp) if jvp is None else Structural(**own, jvp=jvp, vjp=vjp)


def _register(row: Rule, count: int | None = None) -> None:
    if lookup(row.op) is not None:
        raise ValueError(f"`{name_of(row.op)}` has a rule already")
    if count is not None and count != len(row.inputs):
        raise ValueError(f"{name_of(row.op)}: {len(row.inputs)} inputs but {count} functions")
    if not row.examples:
        raise ValueError(f"{name_of(row.op)}: a rule needs a domain or examples, from which its checks are generated")
    RULES[row.op] = row


def _ops(op: Op | tuple[Op, ...]) -> tuple[Op, ...]:
    return op if isinstance(op, tuple) else (op,)


def _shown(op: Op | tuple[Op, ...]) -> str:
    return ", ".join(map(name_of, _ops(op)))


def _names(inputs: str) -> tuple[tuple[str, ...], tuple[bool, ...]]:
    words = inputs.split()
    return tuple(w.rstrip("?") for w in words), tuple(w.endswith("?") for w in words)


def _singular(flags: bool | tuple[Singular, ...], count: int) -> tuple[Singular, ...]:
    return flags if isinstance(flags, tuple) else (flags,) * count


def _options(bodies: tuple[Body, ...], inputs: int) -> tuple[str, ...]:
    """The parameters of a vjp function after the cotangent, the result and the inputs."""
    for body in bodies:
        if body is not None:
            code = body.__code__
            return tuple(code.co_varnames[2 + inputs : code.co_argcount])
    return ()


_OF_UFUNCS: dict[str, tuple[Any, ...]] = {"dtype": FLOATING, "casting": ("same_kind", "safe", "unsafe", "equiv", "no")}
"""The options of a ufunc that leave its derivative what it is."""


def _entrywise(op: Op, inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
    """The type of an operation that is applied entry by entry, in another dtype where the call says so."""
    found, dtype = shapes.elementwise(op, inputs), options.get("dtype")
    if dtype is None or not isinstance(dtype, Const) or dtype.value is None:
        return found
    return Array(str(np.dtype(dtype.value)), found.shape) if isinstance(found, Array) else Number()


def _trusted(op: Op) -> bool:
    """True of operations that may be called on samples to find the type of the result."""
    module = getattr(op, "__module__", None)
    return isinstance(op, np.ufunc) or (module or "").partition(".")[0] in ("math", "_operator", "builtins", "numpy")


def _accepted(op: Op) -> tuple[bool, bool]:
    """Whether an operation takes scalars and whether it takes arrays."""
    return True, getattr(op, "__module__", None) != "math" and op not in (float, int, bool, max, min)
