"""What both transforms share: applying a row of the rule table, and the shapes of derivative values.

A derivative of `v` (tangent or cotangent) is any value that broadcasts to the shape of `v`. `full` makes it the whole
array where that is needed; `unbroadcast` sums a contribution over the axes along which the input was broadcast.
"""

from __future__ import annotations

import ast
import functools
import math
import operator
from collections.abc import Container, Mapping, Sequence
from typing import Any

import numpy as np

from wengert.analyses.complexes import complexes, is_complex, is_real, is_undecided
from wengert.errors import MissingRuleError, Problem, UnsupportedError
from wengert.frontend.context import Flattener
from wengert.frontend.emitter import Emitter
from wengert.frontend.flatten import capture, flatten_call
from wengert.frontend.join import join
from wengert.frontend.values import Mapping_, Pack, Refused, Value, display
from wengert.ir.builder import NONE, ZERO, constant, is_const
from wengert.ir.callee import Recorded
from wengert.ir.nodes import Arg, Assign, Atom, Block, Const, Display, For, Function, If, Statement, Var, While
from wengert.ir.queries import atoms_of, operands, targets, walk
from wengert.ir.types import (
    Array,
    Bool,
    Complex,
    Dim,
    Float,
    Int,
    List,
    Number,
    NumpyScalar,
    Opaque,
    Tape,
    Tuple,
    Type,
    is_numeric,
    is_scalar,
    may_be_one,
    shape_of,
)
from wengert.rules import kinds
from wengert.runtime import broadcast_like, strong_product, strong_quotient, unbroadcast, zeros_of
from wengert.transforms.guards import STRONG, Guards, again, guard

SELECTING: frozenset[Any] = STRONG | {np.where, np.tril, np.triu, np.select, np.zeros_like}
"""Operations in a rule that make parts of a derivative zero whatever the cotangent is."""


RAISING: frozenset[Any] = frozenset({operator.truediv, math.log, math.log2, math.log10, math.log1p, math.atanh})
"""Operations that raise on Python floats where their partials are infinite."""

CHOOSING: frozenset[Any] = frozenset({np.maximum, np.minimum, np.fmax, np.fmin, np.clip})
"""Operations whose partials are zero where another operand was chosen: what does not reach the result has no derivative."""

SPREADING: frozenset[Any] = frozenset({
    np.sum, np.mean, np.reshape, np.transpose, np.ravel, np.broadcast_to, np.squeeze, np.expand_dims, np.swapaxes,
    np.moveaxis, np.copy, np.ndarray.astype, np.float64, np.float32, float,
})  # fmt: skip
"""Linear operations whose adjoint makes no zeros of its own."""


class Engine:
    """Emits derivative arithmetic.

    `solid` holds the derivatives that are not zero by construction, `masked` those that a selection made zero in parts,
    `steep` those that may be infinite (all of them where a loop may make them so: `steep_loops`),
    `wild` the values of the program that may be infinite or nan, `points` those that turned out to have no axes,
    `unbound` those that some paths do not assign, `complex` those that may be complex.
    `parts_of_complex` are real parts.
    """

    def __init__(self) -> None:
        self.emit = Emitter()
        self.emit.generated = True
        self.flat = Flattener(self.emit, capture)
        self.solid: set[Atom] = set()
        self.masked: set[Atom] = set()
        self.steep: set[Atom] = set()
        self.steep_loops = False
        self.wild: set[Var] = set()
        self.points: set[Atom] = set()
        self.unbound: set[Var] = set()
        self.complex: set[Var] = set()
        self.parts_of_complex: set[Atom] = set()
        self.guards = Guards()
        self._since: tuple[list[Statement], int] = ([], 0)

    def is_point(self, v: Atom) -> bool:
        """True of values without axes: by their type, or because a scalar was computed from them entry by entry."""
        return v in self.points or is_scalar(v.type)

    def selects(self, before: int, d: Atom, made: Atom) -> None:
        """Note that `made`, emitted since `before` from the derivative `d`, is zero in parts by selection, or infinite."""
        if d in self.steep:
            self.steep.add(made)
        if d in self.masked or any(isinstance(s, Assign) and s.op in SELECTING for s in self.emit.statements[before:]):
            self.masked.add(made)

    def is_guarded(self, rule: kinds.Rule, k: int, d: Atom, inputs: Sequence[Arg], y: Var) -> bool:
        """True where the partial may be infinite and the derivative zero."""
        if rule.is_singular(k, inputs):
            # a Python float would have raised where the partial is infinite
            given = [a for i in inputs for a in atoms_of(i) if a != NONE]
            return rule.op not in RAISING or not all(isinstance(a.type, Float | Int) for a in given)
        return rule.op not in CHOOSING and d in self.masked and any(a in self.wild for a in _factors(rule, k, inputs, y))

    def note_steep(self, body: Block) -> None:
        """Whether a loop of the program makes derivatives that may be infinite, which then come round to all of its trips."""
        loops = [s for s in walk(body) if isinstance(s, For | While)]
        self.steep_loops = any(self._is_steep(s) for loop in loops for s in walk(Block((loop,), ())))

    def _is_steep(self, s: Statement) -> bool:
        rule = kinds.lookup(s.op) if isinstance(s, Assign) else None
        if not isinstance(s, Assign) or rule is None or not any(rule.singular):
            return False
        inputs, _ = rule.bind(s.args, dict(s.kwargs), constant)
        return any(rule.is_singular(k, inputs) for k in range(len(inputs)))

    def strongly(self, factor: Atom, d: Atom) -> Atom:
        """`factor * d`, zero wherever the factor is, though the derivative may be infinite there."""
        if is_scalar(factor.type) and is_scalar(d.type):
            return guard(self, factor, lambda: (self.op(operator.mul, d, factor),))[0]
        return self.op(strong_product, factor, d)

    def is_steep(self, d: Atom) -> bool:
        return d in self.steep or (self.steep_loops and not self.is_solid(d))

    def op(self, op: Any, *args: Arg, **kwargs: Arg) -> Atom:
        return self.emit.apply(op, args, tuple(kwargs.items()))

    # --- names ------------------------------------------------------------------------------------------------------

    def named(self, value: Atom, suffix: str, of: Var) -> Atom:
        """`value` as the derivative of `of`: what was just emitted for it alone takes the name."""
        last = self.emit.statements[-1] if self.emit.statements else None
        if not isinstance(value, Var) or not value.inline:
            return value
        if isinstance(last, Assign) and last.target is value:
            made = Var(suffix, value.type, of)
            self.emit.statements[-1] = Assign(made, last.op, last.args, last.kwargs, last.effect, last.origin)
        elif isinstance(last, If) and last.results == (value,):
            made = Var(suffix, value.type, of)
            self.emit.statements[-1] = If((made,), last.test, last.then, last.orelse, last.origin)
        else:
            return value
        for known in (self.solid, self.masked, self.steep):
            if value in known:
                known.add(made)
        return made

    # --- rules ------------------------------------------------------------------------------------------------------

    def rule(self, s: Assign) -> kinds.Rule:
        """The row of a statement's operation, or a refusal that shows the place."""
        rule = kinds.lookup(s.op)
        if rule is None:
            name = kinds.name_of(s.op)
            way = f"register one with wengert.rules, or cut it with wengert.stop_gradient if `{name}` carries none"
            raise MissingRuleError([Problem(f"no derivative rule is registered for `{name}`", way, s.origin)])
        if self.complex and any(self.may_be_complex(a) for a in (s.target, *operands(s))):
            return self.complex_rule(s)
        return rule

    # --- complex values ---------------------------------------------------------------------------------------------

    def complex_values(self, function: Function, active: Container[Atom]) -> None:
        """Find what is complex; refuse what carries a derivative and may be complex or not."""
        given = {v for p in function.params for v in p.leaves if is_complex(v.type)}
        self.complex = complexes(function.body) | given
        for s in walk(function.body) if self.complex else ():
            for v in targets(s):
                if v in active and v in self.complex and is_undecided(v.type):
                    way = "give arrays a dtype where they are made: np.zeros(n, dtype=complex), x.astype(complex)"
                    text = "it is not known here whether this is complex"
                    raise UnsupportedError([Problem(text, way, getattr(s, "origin", None))])

    def may_be_complex(self, a: Atom) -> bool:
        return a in self.complex or is_complex(a.type)

    def complex_rule(self, s: Assign) -> kinds.Rule:
        """The row of an operation at complex values."""
        rule = kinds.COMPLEX.get(s.op)
        if rule is None:
            way = "split what it is applied to into its real and imaginary part"
            text = f"`{kinds.name_of(s.op)}` is not differentiated at complex values"
            raise UnsupportedError([Problem(text, way, s.origin)])
        return rule

    def kind_at(self, c: Atom, v: Atom) -> Type:
        """The type of the derivative `c` of `v`, whose dtype is not known, once it is of the kind of `v`."""
        want = derivative_type(v.type)
        if isinstance(c.type, Array):
            return Array("complex128" if getattr(want, "dtype", None) == "complex128" else None, c.type.shape)
        return want if is_scalar(want) or (isinstance(want, Array) and want.shape is None) else Number()

    def fitted(self, c: Atom, v: Atom) -> Atom:
        """The derivative `c` as `v` is: its real part where `v` is real, complex where `v` is."""
        if not self.complex or not is_numeric(v.type):
            return c
        if not self.may_be_complex(v):
            if is_real(c.type) or c in self.parts_of_complex or not is_numeric(c.type):
                return c
            made = self.op(np.real, c) if not is_undecided(c.type) else self.emit.apply(np.real, (c,), type=self.kind_at(c, v))
            self.parts_of_complex.add(made)
        elif is_complex(c.type) or not is_numeric(c.type):
            return c
        else:
            real = is_undecided(c.type)
            args = (c, constant(0j))
            made = self.emit.apply(operator.add, args, type=self.kind_at(c, v)) if real else self.op(operator.add, *args)
        if c in self.masked:
            self.masked.add(made)
        return self._solid_as(made, c)

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
        if rule.is_singular(k, inputs) or d in self.steep:
            self.steep.add(made)
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
                quotient = self.op(operator.truediv, numerator, self.text(right, names))
                return self._solid_as(quotient, numerator)
            case _:
                return self.times(d, self.text(node, names))

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
        if self.is_steep(d) and _is_mask(factor):
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
        if a in self.steep or b in self.steep:
            self.steep.add(result)
        return result

    def _solid_as(self, result: Atom, d: Atom) -> Atom:
        if d in self.steep:
            self.steep.add(result)
        if self.is_solid(d):
            self.solid.add(result)
        return result

    def is_solid(self, d: Atom) -> bool:
        return d in self.solid or (isinstance(d, Const) and not is_const(d, 0))

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

    # --- shapes -----------------------------------------------------------------------------------------------------

    def zeros(self, v: Var) -> Atom:
        """A zero derivative of `v` that may be written into."""
        t = v.type
        if is_scalar(t):
            return ZERO
        if isinstance(t, Array) and t.dtype is not None:
            if np.dtype(t.dtype).kind in "fc":
                return self.op(np.zeros_like, v)
            return self.op(np.zeros, self.emit.apply(np.shape, (v,)))
        return self.emit.apply(zeros_of, (v,), type=derivative_type(t))

    def is_whole(self, d: Atom, v: Atom) -> bool:
        """True where `d`, which broadcasts to the shape of `v`, has that shape: no axis of it can be one of length 1."""
        if self.is_point(v):
            return True
        p, q = shape_of(d.type), shape_of(v.type)
        if p is None or q is None or len(p) != len(q):
            return False
        return all(m == n or not may_be_one(m) for m, n in zip(p, q, strict=True))

    def yielded_type(self, v: Var) -> Type:
        """The type of the derivative of what a block yields: nothing is known of its shape where `v` may be unbound."""
        return Number() if self.is_loose(v) and isinstance(v.type, Array) else derivative_type(v.type)

    def is_loose(self, v: Atom) -> bool:
        """True of numbers and arrays that some paths do not assign: their shape must not be asked for."""
        return v in self.unbound and not isinstance(v.type, Tape | List | Tuple)

    def full(self, d: Atom, v: Atom) -> Atom:
        """`d` with the whole shape of `v`."""
        if self.is_whole(d, v) or isinstance(v.type, Tape | List | Tuple | Recorded):
            return d
        return self._solid_as(self.emit.apply(broadcast_like, (d, v), type=full_type(d.type, v.type)), d)

    def unbroadcast(self, c: Atom, v: Var, y: Var) -> Atom:
        """The contribution `c`, of the shape of `y`, summed to the shape of `v`."""
        c = self.fitted(c, v)
        if self.is_point(y):
            self.points.add(v)
            return c
        p, q = shape_of(v.type), shape_of(y.type)
        if p is not None and q is not None:
            axes = broadcast_axes(p, q)
            if axes == ():
                return c
            if axes is not None:
                return self._solid_as(self._summed(c, p, q, axes, y), c)
        whole = self.full(c, y)
        kind = derivative_type(v.type)
        kind = NumpyScalar("float64") if isinstance(kind, Float) else kind  # what was summed is no Python float
        return self._solid_as(self.emit.apply(unbroadcast, (whole, v), type=kind), c)

    def _summed(self, c: Atom, p: tuple[Dim, ...], q: tuple[Dim, ...], axes: tuple[int, ...], y: Var) -> Atom:
        if len(axes) == len(q):
            if is_scalar(c.type) and not p:
                return self.op(operator.mul, c, self.op(np.size, y))
            whole = self.full(c, y)
            total = self.op(np.sum, whole)
            return total if not p else self.op(np.reshape, total, Display("tuple", (constant(1),) * len(p)))
        whole = self.full(c, y)
        lead = len(q) - len(p)
        first = tuple(a for a in axes if a < lead)
        if first:
            whole = self.op(np.sum, whole, axis=axis_operand(first))
        rest = tuple(a - lead for a in axes if a >= lead)
        return self.op(np.sum, whole, axis=axis_operand(rest), keepdims=constant(True)) if rest else whole

    def cast(self, c: Atom, v: Var) -> Atom:
        """`c` in the floating dtype of `v`, where the two are known to differ."""
        c = self.fitted(c, v)
        have, want = c.type, v.type
        if isinstance(have, NumpyScalar) and isinstance(want, NumpyScalar) and have.dtype != want.dtype:
            kind = np.dtype(want.dtype)
            return self._solid_as(self.op(kind.type, c), c) if kind.kind == "f" and have.dtype[0] == "f" else c
        if not (isinstance(have, Array) and isinstance(want, Array) and have.dtype and want.dtype):
            return c
        target = np.dtype(want.dtype)
        if target.kind not in "fc" or have.dtype == want.dtype or np.dtype(have.dtype).kind not in "fc":
            return c
        made = self.emit.apply(np.ndarray.astype, (c, constant(target.type)), type=Array(want.dtype, have.shape))
        return self._solid_as(made, c)


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


def axis_operand(axes: tuple[int, ...]) -> Arg:
    return constant(axes[0]) if len(axes) == 1 else Display("tuple", tuple(map(constant, axes)))


def broadcast_axes(p: tuple[Dim, ...], q: tuple[Dim, ...]) -> tuple[int, ...] | None:
    """The axes of shape `q` along which shape `p` is repeated; None where that is not known."""
    lead = len(q) - len(p)
    if lead < 0:
        return None
    axes = list(range(lead))
    for k, (m, n) in enumerate(zip(p, q[lead:], strict=True)):
        if m == n or not may_be_one(m):
            continue
        if m != 1 or may_be_one(n):
            return None
        axes.append(lead + k)
    return tuple(axes)


def derivative_type(t: Type) -> Type:
    """The type of a whole derivative of a value of type `t`: integers are treated as real."""
    match t:
        case Bool() | Int() | Float():
            return Float()
        case NumpyScalar(dtype=dtype):
            return t if np.dtype(dtype).kind in "fc" else NumpyScalar("float64")
        case Array(dtype=str() as dtype):
            return t if np.dtype(dtype).kind in "fc" else Array("float64", t.shape)
        case Tape(item=item):
            return Tape(derivative_type(item))
        case List(item=item):
            return List(derivative_type(item))
        case Tuple(items=items):
            return Tuple(tuple(map(derivative_type, items)))
        case _:
            return t


def joined_scalars(a: Type, b: Type) -> Type:
    """The type of the derivative of a scalar that comes from one of two paths: a NumPy scalar where it is not known better."""
    return join(*(t if is_scalar(t) else NumpyScalar("float64") for t in (a, b)))


def full_type(d: Type, v: Type) -> Type:
    """The type of `d` broadcast to the shape of `v`."""
    shape = shape_of(v)
    plain = "float64" if isinstance(d, Float) else "complex128" if isinstance(d, Complex) else None
    dtype = d.dtype if isinstance(d, Array | NumpyScalar) else plain
    return Array(dtype, shape) if shape is not None else Number()


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


