"""Building blocks of statements: an open block to append to, constants, and folding at birth.

    b = Builder()
    v = b.assign(operator.mul, (x, y), Float())
    with b.block() as inner: ...
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from wengert.errors import Location
from wengert.ir.nodes import Arg, Assign, Atom, Const, Display, Statement, Var
from wengert.ir.types import Array, Bool, Complex, Float, Int, NumpyScalar, Opaque, Type, same_shape
from wengert.runtime import format_, is_nonzero, join_


def constant(value: Any) -> Const:
    """The `Const` of a Python value, with its type."""
    return Const(value, type_of_constant(value))


def type_of_constant(value: Any) -> Type:
    if isinstance(value, np.generic) and value.dtype.kind in "biufc":
        return NumpyScalar(str(value.dtype))
    match value:
        case bool():
            return Bool()
        case int():
            return Int(value if value >= 0 else None)
        case float():
            return Float()
        case complex():
            return Complex()
        case np.ndarray() if value.dtype.kind in "biufc":
            return Array(str(value.dtype), value.shape)
        case _:
            return Opaque()


ZERO = constant(0.0)
ONE = constant(1.0)
NONE = constant(None)


class Builder:
    """Appends statements to the innermost open block; `origin` is put on each of them."""

    def __init__(self) -> None:
        self._open: list[list[Statement]] = [[]]
        self.origin: Location | None = None

    @property
    def statements(self) -> list[Statement]:
        """The innermost open block."""
        return self._open[-1]

    @property
    def opened(self) -> list[list[Statement]]:
        """The open blocks, from outside in."""
        return self._open

    @contextmanager
    def reopened(self, statements: list[Statement]) -> Iterator[None]:
        """Append to a block that was closed."""
        self._open.append(statements)
        try:
            yield
        finally:
            self._open.pop()

    def append(self, statement: Statement) -> None:
        self._open[-1].append(statement)

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
        target = Var(hint, type, of, inline)
        self.append(Assign(target, op, args, kwargs, effect, self.origin))
        return target

    @contextmanager
    def block(self) -> Iterator[list[Statement]]:
        """Open a block; statements go there until the `with` ends."""
        self._open.append([])
        try:
            yield self._open[-1]
        finally:
            self._open.pop()


def is_const(atom: Arg, value: float) -> bool:
    """True for a numeric constant equal to `value`."""
    return isinstance(atom, Const) and type(atom.value) in (int, float) and atom.value == value


_FOLDABLE: dict[Callable[..., Any], Callable[..., Any]] = {
    f: f
    for f in (
        operator.add, operator.sub, operator.mul, operator.floordiv, operator.mod, operator.neg, operator.not_,
        operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne, operator.is_, operator.is_not,
        abs, len, bool, int, float, min, max, is_nonzero,
    )
}  # fmt: skip


_TEXT: tuple[Callable[..., Any], ...] = (format_, join_, operator.getitem)
"""What makes a text of known parts, or takes a part of a known text."""


def fold_constants(op: Callable[..., Any], args: tuple[Arg, ...]) -> Const | None:
    """The value of an operation on constants, where it has one and evaluating it cannot fail."""
    try:
        if op in _FOLDABLE and all(isinstance(a, Const) for a in args):
            return constant(op(*map(_value, args)))
        if op in _TEXT and (op is not operator.getitem or _is_text(args[0])):
            return constant(op(*map(_value, args)))
    except Exception:
        return None
    return None


def _is_text(arg: Arg) -> bool:
    return isinstance(arg, Const) and isinstance(arg.value, str)


def _value(arg: Arg) -> Any:
    """The value of an operand made of constants; raises ValueError where a part is not known."""
    if isinstance(arg, Const):
        return arg.value
    if isinstance(arg, Display) and arg.kind in ("list", "tuple", "slice"):
        made = [_value(i) for i in arg.items]
        return made if arg.kind == "list" else tuple(made) if arg.kind == "tuple" else slice(*made)
    raise ValueError(arg)


def fold_identity(op: Callable[..., Any], args: tuple[Arg, ...], result: Type) -> Atom | None:
    """One of the operands, where the operation is known to return its value: x + 0, 1 * x, x / 1, x ** 1.

    Only for arithmetic that a transform introduced, and only where neither type nor shape changes by it.
    """
    if len(args) != 2:
        return None
    a, b = args
    if op is operator.add and is_const(a, 0) and _as_good(b, result):
        return b  # type: ignore[return-value]
    if op is operator.mul and is_const(a, 1) and _as_good(b, result):
        return b  # type: ignore[return-value]
    units = {operator.add: 0, operator.sub: 0, operator.mul: 1, operator.truediv: 1, operator.pow: 1}
    if op in units and is_const(b, units[op]) and _as_good(a, result):
        return a  # type: ignore[return-value]
    return None


def _as_good(atom: Arg, result: Type) -> bool:
    if not isinstance(atom, Var | Const):
        return False
    if atom.type == result:
        return isinstance(result, Float | Complex | NumpyScalar | Array)
    # a float64 scalar may stand where Python would have made a NumPy scalar of it, and the other way round
    return (isinstance(atom.type, Float | NumpyScalar) and isinstance(result, Float | NumpyScalar)) or (
        isinstance(atom.type, Array) and isinstance(result, Array)
        and atom.type.dtype == result.dtype and same_shape(atom.type, result)
    )  # fmt: skip
