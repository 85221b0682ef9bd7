"""Objects of the user's classes: operators, subscripts and calls are their methods; `super()`.

    v + w       v.__add__(w), or w.__radd__(v)
    v[0]        v.__getitem__(0)
"""

from __future__ import annotations

import ast
import operator
import types
from collections.abc import Callable
from typing import Any

from wengert.frontend.context import Flattener, builtin
from wengert.frontend.values import Partial, Record, Super, Value
from wengert.ir.builder import NONE, constant
from wengert.ir.nodes import Const

SPECIAL: dict[Any, str] = {
    operator.add: "add", operator.sub: "sub", operator.mul: "mul", operator.truediv: "truediv", operator.pow: "pow",
    operator.floordiv: "floordiv", operator.mod: "mod", operator.matmul: "matmul", operator.and_: "and",
    operator.or_: "or", operator.xor: "xor", operator.lshift: "lshift", operator.rshift: "rshift",
}  # fmt: skip
"""The binary operators that have a reflected method too."""

COMPARISONS: dict[Any, tuple[str, str]] = {
    operator.lt: ("lt", "gt"), operator.gt: ("gt", "lt"), operator.le: ("le", "ge"), operator.ge: ("ge", "le"),
    operator.eq: ("eq", "eq"), operator.ne: ("ne", "ne"),
}  # fmt: skip

UNARY: dict[Any, str] = {operator.neg: "neg", operator.pos: "pos", operator.invert: "invert", abs: "abs"}


def special(value: Value, name: str) -> Callable[..., Any] | None:
    """The method `__name__` that the class of an object defines in Python."""
    if not isinstance(value, Record):
        return None
    found = next((vars(c)[f"__{name}__"] for c in value.cls.__mro__[:-1] if f"__{name}__" in vars(c)), None)
    return found if isinstance(found, types.FunctionType) else None


def call_special(f: Flattener, value: Value, name: str, args: list[Value], node: ast.AST) -> Value | None:
    """`value.__name__(*args)`; None where there is no such method."""
    method = special(value, name)
    return None if method is None else f.call(constant(method), [value, *args], {}, node)


def operate(f: Flattener, op: Any, a: Value, b: Value, node: ast.AST) -> Value | None:
    """A binary operator or a comparison of which one side is an object; None where no side is."""
    if not isinstance(a, Record) and not isinstance(b, Record):
        return None
    names = COMPARISONS.get(op) or ((SPECIAL[op], f"r{SPECIAL[op]}") if op in SPECIAL else ("", ""))
    made = call_special(f, a, names[0], [b], node)
    if made is None or made == constant(NotImplemented):
        made = call_special(f, b, names[1], [a], node)
    if made is None and op in (operator.eq, operator.ne):
        return _equal(f, op, a, b, node)
    if made is None or made == constant(NotImplemented):
        f.refuse(node, f"these objects have no `__{names[0]}__` that is written in Python", "define it in the class")
    return made


def _equal(f: Flattener, op: Any, a: Value, b: Value, node: ast.AST) -> Value:
    """Objects without `__eq__` are equal where they are one."""
    if isinstance(a, Record) and isinstance(b, Record) and not hasattr(a.cls, "__dataclass_fields__"):
        return constant((a.home == b.home) is (op is operator.eq))
    f.refuse(node, "this comparison of objects is not supported", "compare their attributes")


@builtin(super)
def _super(f: Flattener, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str) -> Value:
    """`super()` in a method: the class comes from the cell that Python makes for it."""
    frame = f.frame
    if len(args) == 2 and isinstance(args[0], Const):
        return Super(args[0].value, args[1])
    binding = frame.free("__class__") if frame is not None else None
    parameters = getattr(frame.source.node.args, "args", []) if frame is not None else []
    if binding is None or not parameters or args:
        f.refuse(node, "`super` is supported in methods only, without arguments")
    return Super(binding.get(), f.read(parameters[0].arg, node))


def super_attribute(f: Flattener, proxy: Super, name: str, node: ast.AST) -> Value:
    """A method of the classes that follow `proxy.cls` in the order of the object's class."""
    receiver = proxy.receiver
    cls = receiver.cls if isinstance(receiver, Record) else type(receiver.value) if isinstance(receiver, Const) else None
    if cls is None or proxy.cls not in cls.__mro__:
        f.refuse(node, "`super()` of this is not supported")
    after = cls.__mro__[cls.__mro__.index(proxy.cls) + 1 :]
    found = next((vars(c)[name] for c in after if name in vars(c)), None)
    match found:
        case types.FunctionType():
            return Partial(constant(found), (receiver,))
        case property(fget=types.FunctionType() as getter):
            return f.call(constant(getter), [receiver], {}, node)
        case staticmethod() | classmethod():
            return constant(getattr(cls, name))
        case None:
            f.refuse(node, f"no class after `{proxy.cls.__name__}` has `{name}`")
        case _ if name == "__init__":
            return constant(nothing)
        case _:
            return constant(found)


def nothing(*args: Any, **kwargs: Any) -> None:
    """What `object.__init__` does."""


@builtin(nothing)
def _nothing(f: Flattener, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str) -> Value:
    return NONE
