"""Operations -> expressions.

In: atoms, displays and operations, the names of variables, and the lines that are nested in others.
Out: `ast` expressions.

    operator.mul, (x, y)                     x * y
    operator.getitem, (u, slice(1, None))    u[1:]
    np.linalg.norm, (x,), ord=2              np.linalg.norm(x, ord=2)
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Hashable
from types import MethodDescriptorType
from typing import Any

import numpy as np

from wengert import runtime
from wengert.backend.constants import constant, slice_parts
from wengert.backend.layout import Arm, Choice, Line, Nested
from wengert.backend.references import References
from wengert.backend.signs import negative, tidy
from wengert.ir.nodes import Arg, Assign, Atom, Const, Display, Var
from wengert.ir.types import Array, List, Opaque, Tape, Tuple, Type
from wengert.rules.random_draws import is_draw
from wengert.runtime import copy_, format_, is_nonzero, join_, listed

BINARY: dict[Callable[..., Any], type[ast.operator]] = {
    operator.add: ast.Add,
    operator.sub: ast.Sub,
    operator.mul: ast.Mult,
    operator.truediv: ast.Div,
    operator.floordiv: ast.FloorDiv,
    operator.mod: ast.Mod,
    operator.pow: ast.Pow,
    operator.matmul: ast.MatMult,
    operator.and_: ast.BitAnd,
    operator.or_: ast.BitOr,
    operator.xor: ast.BitXor,
    operator.lshift: ast.LShift,
    operator.rshift: ast.RShift,
}
UNARY: dict[Callable[..., Any], type[ast.unaryop]] = {
    operator.neg: ast.USub,
    operator.pos: ast.UAdd,
    operator.invert: ast.Invert,
    operator.not_: ast.Not,
}
COMPARISONS: dict[Callable[..., Any], type[ast.cmpop]] = {
    operator.lt: ast.Lt,
    operator.le: ast.LtE,
    operator.eq: ast.Eq,
    operator.ne: ast.NotEq,
    operator.gt: ast.Gt,
    operator.ge: ast.GtE,
    operator.is_: ast.Is,
    operator.is_not: ast.IsNot,
}
DERIVATIVES = ("_bar", "_dot")
"""The ends of names that the transforms give to floats and arrays of floats."""

METHODS: dict[type, type] = {np.ndarray: Array, list: List, tuple: Tuple}
"""`np.ndarray.sum(x)` is printed `x.sum()` where `x` is known to be what the method belongs to."""


class Expressions:
    def __init__(self, references: References, names: Callable[[Var], str], nested: Nested, there: set[Var]) -> None:
        self.references = references
        self.names = names
        self.nested = nested
        self.there = there

    def atom(self, a: Atom) -> ast.expr:
        if isinstance(a, Const):
            return constant(a.value, self.references)
        line = self.nested.get(a)
        return name(self.names(a)) if line is None else self.line(line)

    def arg(self, a: Arg) -> ast.expr:
        """An operand; a slice outside of brackets is a call of `slice`."""
        if not isinstance(a, Display):
            return self.atom(a)
        match a.kind:
            case "tuple":
                return ast.Tuple([self.arg(i) for i in a.items], ast.Load())
            case "list":
                return ast.List([self.arg(i) for i in a.items], ast.Load())
            case "dict":
                keys: list[ast.expr | None] = [self.key(k) for k in a.keys]
                return ast.Dict(keys, [self.arg(i) for i in a.items])
            case "slice":
                return call(self.references.builtin("slice"), [self.arg(i) for i in a.items])
            case _:
                raise AssertionError(f"unhandled display: {a.kind}")

    def key(self, key: Hashable) -> ast.expr:
        return constant(key, self.references)

    def subscript(self, base: Arg, index: Arg) -> ast.Subscript:
        """`base[index]`; of a list of lists `base[i][j]`."""
        shown = self.arg(base)
        nested = isinstance(base, Var) and isinstance(base.type, List | Tape)
        if nested and isinstance(index, Display) and index.kind == "tuple":
            *outer, index = index.items
            for i in outer:
                shown = ast.Subscript(shown, self.index(i), ast.Load())
        return ast.Subscript(shown, self.index(index), ast.Load())

    def index(self, a: Arg) -> ast.expr:
        """What stands between the brackets of `base[...]`."""
        if isinstance(a, Const) and type(a.value) is tuple and a.value:
            return ast.Tuple([self._entry(Const(v, a.type)) for v in a.value], ast.Load())
        if isinstance(a, Display) and a.kind == "tuple" and a.items:
            return ast.Tuple([self._entry(i) for i in a.items], ast.Load())
        return self._entry(a)

    def _entry(self, a: Arg) -> ast.expr:
        if isinstance(a, Const) and type(a.value) is slice:
            return slice_parts(a.value, self.references)
        if isinstance(a, Display) and a.kind == "slice":
            parts = [None if isinstance(i, Const) and i.value is None else self.arg(i) for i in a.items]
            return ast.Slice(*parts)
        return self.arg(a)

    def line(self, line: Line | Choice) -> ast.expr:
        """The value that `line` binds."""
        if isinstance(line, Choice):
            return self.choice(line)
        assert isinstance(line.statement, Assign), "a store is not an expression"
        return self.operation(line.statement)

    def choice(self, c: Choice) -> ast.expr:
        test = self.atom(c.test)
        if c.kind == "and" and c.then is not None:
            return ast.BoolOp(ast.And(), [test, self.arm(c.then)])
        if c.kind == "or" and c.orelse is not None:
            return ast.BoolOp(ast.Or(), [test, self.arm(c.orelse)])
        assert c.then is not None and c.orelse is not None
        return ast.IfExp(test, self.arm(c.then), self.arm(c.orelse))

    def arm(self, arm: Arm) -> ast.expr:
        return self.atom(arm.value)

    def operation(self, s: Assign) -> ast.expr:
        op, args = s.op, s.args
        if not s.kwargs and isinstance(op, Hashable):
            found = self._signed(s) or self._ones(s) or self._operator(op, args)
            if found is not None:
                return found
        if op is np.zeros_like and args[0] in self.there and _is_buffer(s):  # NumPy makes these five times as fast as those
            return call(self.references.path(np.zeros), [ast.Attribute(self.arg(args[0]), "shape", ast.Load())])
        keywords = [ast.keyword(k, self.arg(a)) for k, a in s.kwargs]
        if args and is_draw(op):
            return ast.Call(self._method(args[0], op.__name__), [self.arg(a) for a in args[1:]], keywords)
        if isinstance(op, MethodDescriptorType) and args and _is_method_of(op, args[0]):
            method = ast.Attribute(self.arg(args[0]), op.__name__, ast.Load())
            return ast.Call(method, [self.arg(a) for a in args[1:]], keywords)
        return ast.Call(self.references.path(op), [self.arg(a) for a in args], keywords)

    def _signed(self, s: Assign) -> ast.expr | None:
        """A sum, difference or negative of derivatives with its signs in place; None for anything else."""
        match s.op, s.args:
            case operator.add | operator.sub, (a, b) if s.target.of is not None:
                return tidy(ast.BinOp(self.arg(a), BINARY[s.op](), self.arg(b)))
            case operator.neg, (Var() | Const() as a,) if self._starts_with_derivative(a):
                return negative(self.atom(a))
            case _:
                return None

    def _starts_with_derivative(self, a: Arg) -> bool:
        """True of a product whose first factor is one: of a mask `-x` could not be taken."""
        line = self.nested.get(a) if isinstance(a, Var) else None
        inside = line.statement if isinstance(line, Line) else None
        if isinstance(inside, Assign) and inside.op in (operator.mul, operator.truediv):
            first = inside.args[0]
            return (isinstance(first, Const) and type(first.value) is float) or self._starts_with_derivative(first)
        return line is None and isinstance(a, Var) and a.of is not None and a.hint in DERIVATIVES

    def _ones(self, s: Assign) -> ast.expr | None:
        """`np.ones(x.shape)`, of what is made as a copy of a number broadcast to the shape of `x`."""
        a = s.args[0] if s.op is copy_ and len(s.args) == 1 else None
        line = self.nested.get(a) if isinstance(a, Var) else None
        inside = line.statement if isinstance(line, Line) else None
        match inside:
            case Assign(op=runtime.broadcast_like, args=(Const(float() as value), Var() as like)):
                if like not in self.there or not _is_double(like.type):
                    return None
                shape = ast.Attribute(self.arg(like), "shape", ast.Load())
                if value == 1.0:
                    return call(self.references.path(np.ones), [shape])
                return call(self.references.path(np.full), [shape, constant(value, self.references)])
            case _:
                return None

    def _method(self, owner: Arg, name: str) -> ast.expr:
        """A method of a generator: `rng.normal`, or `np.random.normal` where NumPy's own generator is meant."""
        if isinstance(owner, Const):
            method, public = getattr(owner.value, name), getattr(np.random, name, None)
            return self.references.path(public if public == method else method)
        return ast.Attribute(self.arg(owner), name, ast.Load())

    def _operator(self, op: Callable[..., Any], args: tuple[Arg, ...]) -> ast.expr | None:
        """What Python writes with symbols, brackets or a dot; None for a call."""
        match args:
            case (a, b) if op in BINARY:
                return ast.BinOp(self.arg(a), BINARY[op](), self.arg(b))
            case (a, b) if op in COMPARISONS:
                return ast.Compare(self.arg(a), [COMPARISONS[op]()], [self.arg(b)])
            case (a,) if op is is_nonzero:
                return ast.Compare(self.arg(a), [ast.NotEq()], [ast.Constant(0.0)])
            case (a, b) if op is operator.contains:
                return ast.Compare(self.arg(b), [ast.In()], [self.arg(a)])
            case (a, b) if op is operator.getitem:
                return self.subscript(a, b)
            case (a, Const(value)) if op is getattr and isinstance(value, str) and value.isidentifier():
                return ast.Attribute(self.arg(a), value, ast.Load())
            case (a,) if op in UNARY:
                return ast.UnaryOp(UNARY[op](), self.arg(a))
            case (Var(type=Array()) as a,) if op is np.transpose:
                return ast.Attribute(self.arg(a), "T", ast.Load())
            case (Var(type=Array()) as a,) if op is copy_:
                return call(ast.Attribute(self.arg(a), "copy", ast.Load()), [])
            case (Display("list") as shown,) if op is listed:
                return self.arg(shown)
            case (Display("list", parts),) if op is join_:
                return self._joined(parts)
            case (a, *rest) if op is format_:
                return self._formatted(a, rest)
            case _:
                return None

    # f-strings

    def _formatted(self, a: Arg, rest: list[Arg]) -> ast.expr:
        conversion = rest[0].value if rest and isinstance(rest[0], Const) else -1
        value = self.arg(a)
        if conversion != -1:
            shown = {115: "str", 114: "repr", 97: "ascii"}[conversion]
            value = call(self.references.builtin(shown), [value])
        spec = [] if len(rest) < 2 or (isinstance(rest[1], Const) and rest[1].value == "") else [self.arg(rest[1])]
        return call(self.references.builtin("format"), [value, *spec])

    def _joined(self, parts: tuple[Arg, ...]) -> ast.expr:
        fields = [self._field(p) for p in parts]
        if all(f is not None for f in fields):
            return ast.JoinedStr([f for f in fields if f is not None])
        joined = ast.Attribute(ast.Constant(""), "join", ast.Load())
        return call(joined, [ast.List([self.arg(p) for p in parts], ast.Load())])

    def _field(self, part: Arg) -> ast.expr | None:
        """A part of an f-string, None where it cannot be written inside of one before Python 3.12."""
        if isinstance(part, Const):
            return ast.Constant(part.value) if isinstance(part.value, str) else None
        line = self.nested.get(part) if isinstance(part, Var) else None
        if not (isinstance(line, Line) and isinstance(line.statement, Assign) and line.statement.op is format_):
            return None
        value, *rest = line.statement.args
        conversion: Arg = rest[0] if rest else Const(-1, Opaque())
        spec: Arg = rest[1] if len(rest) > 1 else Const("", Opaque())
        if not (isinstance(conversion, Const) and isinstance(spec, Const)) or set(spec.value) & set("{}'\"\\\n"):
            return None
        shown = self.arg(value)
        simple = (ast.Name, ast.Attribute, ast.Subscript, ast.BinOp, ast.operator, ast.Call, ast.expr_context)
        numbers = [n for n in ast.walk(shown) if isinstance(n, ast.Constant) and type(n.value) in (int, float)]
        if not all(isinstance(n, simple) or n in numbers for n in ast.walk(shown)):
            return None
        format_spec = ast.JoinedStr([ast.Constant(spec.value)]) if spec.value else None
        return ast.FormattedValue(shown, conversion.value, format_spec)


def _is_buffer(s: Assign) -> bool:
    """True of zeros that a transform makes, of which it is known that they are doubles."""
    t = s.args[0].type if len(s.args) == 1 and isinstance(s.args[0], Var) else None
    made = s.target.of is not None or s.target.inline
    return made and not s.kwargs and t is not None and _is_double(t)


def _is_double(t: Type) -> bool:
    return isinstance(t, Array) and t.dtype == "float64" and t.shape is not None


def _is_method_of(op: Any, first: Arg) -> bool:
    if isinstance(first, Const):
        return type(first.value) is op.__objclass__
    kind = METHODS.get(op.__objclass__)
    return isinstance(first, Var) and kind is not None and isinstance(first.type, kind)


def name(text: str) -> ast.Name:
    return ast.Name(text, ast.Load())


def call(function: ast.expr, args: list[ast.expr]) -> ast.Call:
    return ast.Call(function, args, [])
