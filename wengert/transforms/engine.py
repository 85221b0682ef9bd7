"""What both transforms share: applying a row of the rule table.

In: a statement's operation, its inputs, a derivative. Out: the statements of the derivative times a partial, with a strong zero
where the partial can be infinite.

    scaled(y_bar, row of np.sin, 0, (x,), y)      x_bar = y_bar * np.cos(x)
"""

from __future__ import annotations

import ast
import functools
import math
import operator
from collections.abc import Container, Mapping, Sequence
from typing import Any

import numpy as np

from wengert.errors import MissingRuleError, Problem, UnsupportedError
from wengert.frontend.flatten import flatten_call
from wengert.frontend.values import Mapping_, Pack, Refused, Value, display
from wengert.ir.builder import NONE, constant, is_const
from wengert.ir.nodes import Arg, Assign, Atom, Const, Display, Var
from wengert.ir.queries import atoms_of, operands
from wengert.ir.types import Array, Bool, Float, Int, NumpyScalar, Opaque, is_scalar
from wengert.rules import kinds
from wengert.runtime import strong_product, strong_quotient
from wengert.transforms.guards import STRONG, again, guard
from wengert.transforms.shaped import Shaped
from wengert.transforms.upright import is_cliff

RAISING: frozenset[Any] = frozenset({operator.truediv, math.log, math.log2, math.log10, math.log1p, math.atanh})
"""Operations that raise on Python floats where their partials are infinite."""

CHOOSING: frozenset[Any] = frozenset({np.maximum, np.minimum, np.fmax, np.fmin, np.clip})
"""Operations whose partials are zero where another operand was chosen: what does not reach the result has no derivative."""

SPREADING: frozenset[Any] = frozenset({
    np.sum, np.mean, np.reshape, np.transpose, np.ravel, np.broadcast_to, np.squeeze, np.expand_dims, np.swapaxes,
    np.moveaxis, np.copy, np.ndarray.astype, np.float64, np.float32, float,
})  # fmt: skip
"""Linear operations whose adjoint makes no zeros of its own."""


class Engine(Shaped):
    """Emits derivative arithmetic."""

    def is_guarded(self, rule: kinds.Rule, k: int, d: Atom, inputs: Sequence[Arg], y: Var) -> bool:
        """True where the partial may be infinite and the derivative zero."""
        if rule.is_singular(k, inputs):
            # a Python float would have raised where the partial is infinite
            given = [a for i in inputs for a in atoms_of(i) if a != NONE]
            return rule.op not in RAISING or not all(isinstance(a.type, Float | Int) for a in given)
        if rule.op in CHOOSING or rule.op in STRONG:
            return False
        return d in self.masked and any(map(self.is_wild, _factors(rule, k, inputs, y)))

    def strongly(self, factor: Atom, d: Atom) -> Atom:
        """`factor * d`, zero wherever the factor is, though the derivative may be infinite there."""
        if is_scalar(factor.type) and is_scalar(d.type):
            return guard(self, factor, lambda: (self.op(operator.mul, d, factor),))[0]
        return self.op(strong_product, factor, d)

    def rule(self, s: Assign) -> kinds.Rule:
        """The row of a statement's operation, or a refusal that shows the place."""
        rule = kinds.lookup(s.op)
        if rule is None:
            name = kinds.name_of(s.op)
            way = f"register one with wengert.rules, or cut it with wengert.stop_gradient if `{name}` carries none"
            raise MissingRuleError([Problem(f"no derivative rule is registered for `{name}`", way, s.origin)])
        if not isinstance(rule, kinds.Constant):
            self.check_operands(s)
        if self.complex and any(self.may_be_complex(a) for a in (s.target, *operands(s))):
            return self.complex_rule(s)
        return rule

    def check_operands(self, s: Assign) -> None:
        """Refuse an object that is no number: what its class makes of operators the rows do not know."""
        for a in operands(s):
            cls = type(a.value) if isinstance(a, Const) else float
            if cls.__module__.partition(".")[0] not in ("builtins", "numpy", "fractions", "types"):
                text = f"an object of the class `{cls.__name__}` takes part in `{kinds.name_of(s.op)}`"
                way = "give it to a function that wengert.custom_jvp gives a derivative, or make an array of it outside"
                raise UnsupportedError([Problem(text, way, s.origin)])

    def complex_rule(self, s: Assign) -> kinds.Rule:
        """The row of an operation at complex values."""
        rule = kinds.COMPLEX.get(s.op)
        if rule is None:
            way = "split what it is applied to into its real and imaginary part"
            text = f"`{kinds.name_of(s.op)}` is not differentiated at complex values"
            raise UnsupportedError([Problem(text, way, s.origin)])
        return rule

    def check_options(self, s: Assign, options: Mapping[str, Arg], active: Container[Atom]) -> None:
        """Refuse an option through which a derivative would have to go: rows know only those by their inputs."""
        for name, arg in options.items():
            if any(a in active and not isinstance(a.type, Int | Bool | Opaque) for a in atoms_of(arg)):
                text = f"`{kinds.name_of(s.op)}` is not differentiated by its option `{name}`"
                raise UnsupportedError([Problem(text, "cut it with wengert.stop_gradient if it carries none", s.origin)])

    def body(self, function: Any, *args: Value, **options: Value) -> Value:
        """Flatten a function of a rule here; what it refuses is refused at the line that is differentiated."""
        try:
            value = flatten_call(self.flat, function, args, options)
        except Refused as refused:
            self.flat.note(refused)
            self.flat.finish()
            raise
        self.flat.finish()
        return value

    def scaled(self, d: Atom, rule: kinds.Elementwise, k: int, inputs: Sequence[Arg], y: Var) -> Atom:
        """`d` times the partial derivative of `y` by input k."""
        if rule.op in STRONG:
            return again(self, d, rule.op, k, inputs, y)
        made = self._scaled(d, rule, k, inputs, y)
        self.follow(made, d)
        if rule.is_singular(k, inputs):
            self.steep.add(made)
            if is_cliff(rule.op, inputs):
                self.sheer.add(made)
        return made

    def _scaled(self, d: Atom, rule: kinds.Elementwise, k: int, inputs: Sequence[Arg], y: Var) -> Atom:
        partial = rule.partials[k]
        self._since = (self.emit.statements, len(self.emit.statements))
        if not isinstance(partial, str):
            value = self.body(partial, *map(value_of, inputs), y)
            assert isinstance(value, Var | Const)
            return self.strongly(value, d) if rule.op in CHOOSING and self.is_steep(d) else self.times(d, value)
        names: dict[str, Value] = {n: value_of(a) for n, a in zip(rule.inputs, inputs, strict=True)} | {"y": y}
        if rule.op in CHOOSING and self.is_steep(d):
            return self.strongly(self.text(parsed(partial), names), d)
        return self._scaled_text(d, parsed(partial), names)

    def _scaled_text(self, d: Atom, node: ast.expr, names: dict[str, Value]) -> Atom:
        """`d * (a / b)` as `d * a / b`, so that a partial of 1 / b divides."""
        match node:
            case ast.UnaryOp(op=ast.USub(), operand=inner):
                return self.negated(self._scaled_text(d, inner, names))
            case ast.BinOp(op=ast.Mult(), left=left, right=right):
                return self.times(self._scaled_text(d, left, names), self.text(right, names))
            case ast.BinOp(op=ast.Div(), left=left, right=right):
                numerator = self._scaled_text(d, left, names)
                quotient = self.op(operator.truediv, numerator, self.divisor(self.text(right, names), names["y"]))
                return self._solid_as(quotient, numerator)
            case _:
                return self.times(d, self.text(node, names))

    def divisor(self, divisor: Atom, y: Value) -> Atom:
        """`divisor` as NumPy's number where Python would raise at zero and the operation, of the result `y`, did not."""
        plain = isinstance(divisor, Var) and isinstance(divisor.type, Float | Int)
        return self.op(np.float64, divisor) if plain and isinstance(y, Var) and isinstance(y.type, NumpyScalar) else divisor

    def text(self, node: ast.expr, names: dict[str, Value]) -> Atom:
        """The value of an expression in the names of a rule."""
        value = self.flat_expression(node, names)
        assert isinstance(value, Var | Const)
        return value

    def flat_expression(self, node: ast.expr, names: dict[str, Value]) -> Value:
        from wengert.frontend.rule_text import evaluate

        return evaluate(self.flat, node, names)

    def times(self, d: Atom, factor: Atom) -> Atom:
        """`d * factor`; a unit factor leaves `d` as it is."""
        if is_const(factor, 1):
            return d
        if is_const(factor, -1):
            return self.negated(d)
        if is_const(d, -1) and isinstance(factor, Var) and not isinstance(factor.type, Int | Bool):
            return self.op(operator.neg, factor)
        if (self.is_steep(d) and _is_mask(factor)) or (d in self.sheer and isinstance(factor, Var)):
            return self.strongly(factor, d)
        result = self._merged(d, factor) or self.op(operator.mul, d, factor)
        return self._solid_as(result, d) if isinstance(factor, Const) and factor.value != 0 else result

    def _merged(self, d: Atom, factor: Atom) -> Atom | None:
        """`c * (k * x)` with both numbers multiplied now, and `d * (1 / x)` as `d / x`."""
        block, count = self._since
        if block is not self.emit.statements or len(block) <= count:
            return None  # the factor was not made for this product alone
        last = block[-1]
        if isinstance(last, Assign) and last.target is factor and last.op is operator.truediv and is_const(last.args[0], 1):
            self.emit.statements.pop()
            return self.op(operator.truediv, d, last.args[1])
        if not isinstance(d, Const) or not isinstance(d.value, float) or not isinstance(last, Assign):
            return None
        if last.target is not factor or last.op is not operator.mul or not isinstance(last.args[0], Const):
            return None
        if not isinstance(last.args[0].value, int | float):
            return None
        self.emit.statements.pop()
        return self.op(operator.mul, constant(d.value * last.args[0].value), last.args[1])

    def negated(self, d: Atom) -> Atom:
        return self._solid_as(self.op(operator.neg, d), d)

    def plus(self, a: Atom, b: Atom) -> Atom:
        result = self.op(operator.add, a, b)
        if self.is_solid(a) and self.is_solid(b):
            self.solid.add(result)
        if a in self.masked and b in self.masked:
            self.masked.add(result)
        self.follow(result, a, b)
        return result

    def guarded(self, d: Atom, rule: kinds.Elementwise, k: int, inputs: Sequence[Arg], y: Var) -> Atom:
        """`d` times the partial, but zero wherever `d` is: an infinite partial times no derivative is none."""
        if self.is_solid(d):
            return self.scaled(d, rule, k, inputs, y)
        # numbers have numbers for derivatives, whatever is known of their types
        if all(is_scalar(a.type) for i in (*inputs, y) for a in atoms_of(i) if a != NONE):
            made = guard(self, d, lambda: (self.scaled(d, rule, k, inputs, y),))[0]
        else:
            made = self._strong(d, rule, k, inputs, y)
        self.steep.add(made)
        if is_cliff(rule.op, inputs):
            self.sheer.add(made)
        self.follow(made, d)
        return made

    def _strong(self, d: Atom, rule: kinds.Elementwise, k: int, inputs: Sequence[Arg], y: Var) -> Atom:
        partial = rule.partials[k]
        if not isinstance(partial, str):
            value = self.body(partial, *map(value_of, inputs), y)
            assert isinstance(value, Var | Const)
            return self.op(strong_product, d, value)
        names: dict[str, Value] = {n: value_of(a) for n, a in zip(rule.inputs, inputs, strict=True)}
        return self._strong_text(d, parsed(partial), names | {"y": y})

    def _strong_text(self, d: Atom, node: ast.expr, names: dict[str, Value]) -> Atom:
        """`d * (c / b)` as a strong quotient, any other product as a strong product."""
        match node:
            case ast.UnaryOp(op=ast.USub(), operand=inner):
                return self.negated(self._strong_text(d, inner, names))
            case ast.BinOp(op=ast.Div(), left=ast.Constant() as left, right=right):
                return self.op(strong_quotient, self.times(d, self.text(left, names)), self.text(right, names))
            case _:
                return self.op(strong_product, d, self.text(node, names))


def _is_mask(a: Atom) -> bool:
    """True of what is a truth value or an array of them."""
    return isinstance(a.type, Bool) or (isinstance(a.type, Array | NumpyScalar) and a.type.dtype == "bool")


def _factors(rule: kinds.Rule, k: int, inputs: Sequence[Arg], y: Var) -> list[Atom]:
    """What the partial by input k reads."""
    partial = rule.partials[k] if isinstance(rule, kinds.Elementwise) else None
    if not isinstance(partial, str):
        return [a for i in (*inputs, y) for a in atoms_of(i)]
    read = {n.id for n in ast.walk(parsed(partial)) if isinstance(n, ast.Name)}
    named = zip((*rule.inputs, "y"), (*inputs, y), strict=True)
    return [a for n, i in named if n in read for a in atoms_of(i)]


@functools.cache
def parsed(text: str) -> ast.expr:
    """A partial's text as an expression, parsed when it is first needed."""
    return ast.parse(text, mode="eval").body


def value_of(arg: Arg) -> Value:
    """An operand as a value of the frontend."""
    if isinstance(arg, Display):
        parts = tuple(map(value_of, arg.items))
        return Mapping_(arg.keys, parts) if arg.kind == "dict" else Pack(arg.kind, parts)
    return arg


def operand_of(value: Value) -> Arg:
    shown = display(value)
    assert shown is not None
    return shown
