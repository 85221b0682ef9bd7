"""Objects of the user's classes: operators, subscripts and calls are their methods; `super()`.

    v + w       v.__add__(w), or w.__radd__(v)
    v[0]        v.__getitem__(0)
"""

from __future__ import annotations

import ast
import dataclasses
import math
import operator
import sys
import types
from collections import Counter
from collections.abc import Callable
from typing import Any

from wengert.frontend.context import Flattener, builtin
from wengert.frontend.ordering import ORDERS, ordered
from wengert.frontend.values import Mapping_, Pack, Partial, Record, Super, Value, children, display, with_children
from wengert.ir.builder import NONE, constant
from wengert.ir.nodes import Const, Display, Var
from wengert.ir.types import Array, Number, NumpyScalar, Opaque

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

NOT_IMPLEMENTED = constant(NotImplemented)

UNARY: dict[Any, str] = {operator.neg: "neg", operator.pos: "pos", operator.invert: "invert", abs: "abs"}

ROUNDING: dict[Any, str] = {round: "round", math.floor: "floor", math.ceil: "ceil", math.trunc: "trunc", divmod: "divmod"}
"""Functions that ask an object for a method, with what else they are given."""


def members(value: Value) -> frozenset[Any]:
    """What a set holds: sets are objects with one attribute, whose value is known."""
    if isinstance(value, Const):
        return frozenset(value.value)
    assert isinstance(value, Record) and isinstance(value.items[0], Const)
    found: frozenset[Any] = value.items[0].value
    return found


def with_sets(value: Value) -> Value:
    """A result in which sets are what Python makes of them."""
    if isinstance(value, Record) and value.cls is set:
        return constant(set(members(value)))
    parts = children(value)
    made = tuple(map(with_sets, parts or ()))
    return value if all(a is b for a, b in zip(made, parts or (), strict=True)) else with_children(value, made)


def is_set(value: Value) -> bool:
    if isinstance(value, Record):
        return value.cls is set
    return isinstance(value, Const) and isinstance(value.value, set | frozenset)


def _operated_sets(f: Flattener, op: Any, a: Value, b: Value, node: ast.AST) -> Value:
    """Unions, differences and comparisons of sets; a new set is of the class of the first."""
    if not (is_set(a) and is_set(b)):
        if op in (operator.eq, operator.ne):
            return constant(op is operator.ne)
        f.refuse(node, "a set is combined with a set only", "write set(...)")
    if not all(isinstance(v, Const) or isinstance(v.items[0], Const) for v in (a, b)):  # type: ignore[union-attr]
        f.refuse(node, "what is in this set is only known when the program runs", "use a list")
    found = constant(op(members(a), members(b)))
    return Record(set, ("members",), (found,)) if is_set(found) and isinstance(a, Record) else found


def is_held(value: Value) -> bool:
    """True of an object of a user's class that is held as it is: one of the module, of a closure, or an argument."""
    if not isinstance(value, Const) or isinstance(value.value, type | types.ModuleType | types.FunctionType):
        return False
    module = type(value.value).__module__.partition(".")[0]
    return module not in ("numpy", "scipy", "wengert") and module not in sys.stdlib_module_names


def special(value: Value, name: str) -> Callable[..., Any] | None:
    """The method `__name__` that the class of an object defines in Python."""
    cls = value.cls if isinstance(value, Record) else None
    if isinstance(value, Const) and is_held(value):
        cls = type(value.value)
    if cls is None:
        return None
    found = next((vars(c)[f"__{name}__"] for c in cls.__mro__[:-1] if f"__{name}__" in vars(c)), None)
    return found if isinstance(found, types.FunctionType) else None


def call_special(f: Flattener, value: Value, name: str, args: list[Value], node: ast.AST) -> Value | None:
    """`value.__name__(*args)`; None where there is no such method."""
    method = special(value, name)
    return None if method is None else f.call(constant(method), [value, *args], {}, node)


def operated(f: Flattener, op: Any, args: list[Value], node: ast.AST) -> Value | None:
    """An operator that is called as a function, as in `abs(v)` and `reduce(operator.add, vectors)`."""
    match args:
        case [value] if op in UNARY:
            return call_special(f, value, UNARY[op], [], node)
        case [value, *rest] if op in ROUNDING:
            return call_special(f, value, ROUNDING[op], rest, node)
        case [a, b] if op in SPECIAL or op in COMPARISONS:
            return operate(f, op, a, b, node)
        case _:
            return None


def operate(f: Flattener, op: Any, a: Value, b: Value, node: ast.AST) -> Value | None:
    """A binary operator or a comparison of which one side is an object; None where no side is."""
    if not any(isinstance(v, Record) or is_held(v) for v in (a, b)):
        return operated_lists(f, op, a, b, node)
    if any(isinstance(v, Record) and v.cls is set for v in (a, b)) and op not in (operator.is_, operator.is_not):
        return _operated_sets(f, op, a, b, node)
    if op in (operator.is_, operator.is_not):
        return constant(_same(f, a, b, node) is (op is operator.is_))
    if op in ORDERS and _orders_fields(a, op):
        return _ordered_fields(f, op, a, b, node)
    if op in (operator.eq, operator.ne) and _compares_fields(a):
        return _equal_fields(f, op, a, b, node)
    names = COMPARISONS.get(op) or (SPECIAL[op], f"r{SPECIAL[op]}")
    _check_numpy(f, names[1], a, b, node)
    sides = [(a, names[0], b), (b, names[1], a)]
    if _is_derived(b, a) and (op in COMPARISONS or special(b, names[1]) is not special(a, names[1])):
        sides.reverse()  # a class comes before the one that it is derived from
    for value, name, other in sides:
        made = _answer(f, value, name, other, node)
        if made is not None:
            return made
    if op in (operator.eq, operator.ne):
        return constant(_same(f, a, b, node) is (op is operator.eq))
    f.refuse(node, f"these objects have no `__{names[0]}__` that is written in Python", "define it in the class")


def operated_lists(f: Flattener, op: Any, a: Value, b: Value, node: ast.AST) -> Value | None:
    """Comparing and repeating lists whose length is only known when the program runs; None for anything else."""
    from wengert.frontend import disguised, splicing

    if op is operator.mod and isinstance(a, Const) and isinstance(a.value, str):
        return _formatted(f, a, b, node)
    if op in SPECIAL and any(isinstance(v, Mapping_) and disguised.class_of(f, v) in (None, Counter) for v in (a, b)):
        f.refuse(node, "arithmetic of Counters is not supported", "write a loop over their items")
    if op in (operator.add, operator.mul) and any(disguised.greatest(f, v, node) is not None for v in (a, b)):
        f.refuse(node, "a deque with a greatest length cannot be added to here", "use its method `extend`")
    if op is operator.mul:
        return splicing.times(f, a, b, node)
    if (decided := ordered(f, op, a, b, node)) is not None:
        return decided
    if op not in (operator.eq, operator.ne):
        return None
    same = splicing.equal(f, a, b, node)
    if same is None or op is operator.eq:
        return same
    return constant(not same.value) if isinstance(same, Const) else f.apply(operator.not_, same)


def _formatted(f: Flattener, text: Const, values: Value, node: ast.AST) -> Value:
    """`"%d" % values`."""
    shown = display(values)
    if shown is None:
        f.refuse(node, "this value cannot be printed from emitted code", "print its parts")
    given = shown.items if isinstance(shown, Display) and shown.kind == "tuple" else (shown,)
    if all(isinstance(g, Const) for g in given):
        known = tuple(g.value for g in given if isinstance(g, Const))
        return constant(text.value % (known if isinstance(shown, Display) else known[0]))
    return f.emit.apply(operator.mod, (text, shown), type=Opaque())


def _answer(f: Flattener, value: Value, name: str, other: Value, node: ast.AST) -> Value | None:
    """What one side of an operator makes of the other; None where it does not know."""
    if name == "ne" and special(value, "ne") is None:
        made = call_special(f, value, "eq", [other], node)
        if made is None or made == NOT_IMPLEMENTED:
            return None
        test = f.truth(made, node)
        return constant(not test.value) if isinstance(test, Const) else f.apply(operator.not_, test)
    made = call_special(f, value, name, [other], node)
    return None if made == NOT_IMPLEMENTED else made


def _is_derived(b: Value, a: Value) -> bool:
    return isinstance(a, Record) and isinstance(b, Record) and b.cls is not a.cls and issubclass(b.cls, a.cls)


def _check_numpy(f: Flattener, name: str, a: Value, b: Value, node: ast.AST) -> None:
    """An array takes an object for an entry, or for a sequence, before the object is asked."""
    if not isinstance(a, Var | Const) or not isinstance(b, Record):
        return
    if isinstance(a.type, Array | Number):
        first = 0.0
    elif isinstance(a.type, NumpyScalar) and all(hasattr(b.cls, m) for m in ("__len__", "__getitem__")):
        first = -1e6
    else:
        return
    asked = getattr(b.cls, "__array_ufunc__", ...)
    if asked is None or (asked is ... and getattr(b.cls, "__array_priority__", -1e6) > first):
        return
    f.refuse(
        node,
        f"NumPy makes an array of `{b.cls.__name__}` objects here and does not ask for their `__{name}__`",
        f"put the object first, or write `__array_ufunc__ = None` into the class `{b.cls.__name__}`",
    )


def _same(f: Flattener, a: Value, b: Value, node: ast.AST) -> bool:
    """True for one object under two names; refused where that is not known."""
    if not isinstance(a, Record) or not isinstance(b, Record) or a.cls is not b.cls:
        return False
    if a is b:
        return True
    if a.home is None or b.home is None:
        return False  # just made
    if a.home.cell != b.home.cell and f.storage.may_share(a.home.cell, b.home.cell):
        f.refuse(node, "it is not known whether these are one object", "compare their attributes")
    return a.home == b.home


def _compares_fields(value: Value) -> bool:
    """True where `@dataclass` wrote the `__eq__` of an object."""
    if not isinstance(value, Record):
        return False
    owner: Any = next((c for c in value.cls.__mro__ if "__eq__" in vars(c)), object)
    return "__dataclass_params__" in vars(owner) and owner.__dataclass_params__.eq and not _is_written(owner.__eq__)


def _orders_fields(value: Value, op: Any) -> bool:
    """True where `@dataclass(order=True)` wrote the comparisons of an object."""
    if not isinstance(value, Record):
        return False
    name = f"__{COMPARISONS[op][0]}__"
    owner: Any = next((c for c in value.cls.__mro__ if name in vars(c)), object)
    return "__dataclass_params__" in vars(owner) and owner.__dataclass_params__.order and not _is_written(vars(owner)[name])


def _ordered_fields(f: Flattener, op: Any, a: Value, b: Value, node: ast.AST) -> Value | None:
    """Objects of one class are in the order of their fields."""
    if not isinstance(a, Record) or not isinstance(b, Record) or a.cls is not b.cls:
        f.refuse(node, "objects of two classes have no order", "compare their attributes")
    first, second = _fields(f, a, b, node)
    return ordered(f, op, first, second, node)


def _fields(f: Flattener, a: Record, b: Record, node: ast.AST) -> list[Pack]:
    """What two objects of a dataclass are compared by."""
    names = [field.name for field in dataclasses.fields(a.cls) if field.compare]
    return [Pack("tuple", tuple(f.attribute(v, name, node) for name in names)) for v in (a, b)]


def _is_written(method: Any) -> bool:
    """True for a method that the text of a class holds."""
    return isinstance(method, types.FunctionType) and not method.__code__.co_filename.startswith("<string>")


def _equal_fields(f: Flattener, op: Any, a: Value, b: Value, node: ast.AST) -> Value:
    """Dataclass objects of one class are equal where their fields are."""
    from wengert.frontend.expressions import compare

    if not isinstance(a, Record) or not isinstance(b, Record) or a.cls is not b.cls:
        return constant(op is operator.ne)
    first, second = _fields(f, a, b, node)
    return compare(f, ast.Eq() if op is operator.eq else ast.NotEq(), first, second, node, "")


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
            f.fails(node, f"no class after `{proxy.cls.__name__}` has `{name}`")
        case _ if name == "__init__":
            return constant(nothing)
        case _:
            return constant(found)


def nothing(*args: Any, **kwargs: Any) -> None:
    """What `object.__init__` does."""


@builtin(nothing)
def _nothing(f: Flattener, args: list[Value], kwargs: dict[str, Value], node: ast.AST, hint: str) -> Value:
    return NONE
