"""Reverse mode: the primal trace, then the adjoint of each statement from the last to the first.

    adjoint(f, (0,))      a function that returns the gradient of f with respect to parameter 0

The first contribution to a cotangent defines it, later ones add. What the adjoint of a branch or a loop reads and only
its primal block defines is handed out of the branch as a result, out of a loop on a tape. Griewank and Walther,
Evaluating Derivatives (2008), sections 3.2 and 12.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from wengert.analyses.activity import active
from wengert.analyses.complexes import is_complex
from wengert.analyses.distinct import distinct
from wengert.analyses.finite import careful, wild
from wengert.analyses.lasting import Written
from wengert.analyses.overwritten import overwritten
from wengert.analyses.paths import maybe_none
from wengert.errors import ArgumentError
from wengert.ir.builder import ONE
from wengert.ir.callee import Recorded
from wengert.ir.nodes import Atom, Block, Comment, Function, Param, Structure, Var
from wengert.ir.types import Array, Complex, Float, List, Number, Opaque, Tape, Tuple, is_scalar, shape_of
from wengert.runtime import broadcast_like, check_scalar, project
from wengert.transforms.callees import Facts
from wengert.transforms.leftovers import unbound_with
from wengert.transforms.results import pair, structure_of_derivative
from wengert.transforms.reverse import Reverse
from wengert.transforms.shaped import derivative_type


def adjoint(
    function: Function, argnums: Sequence[int], *, value: bool = False, aux: bool = False, seeded: bool = False,
    many: bool = False, name: str = "", explicit: bool = False, facts: Facts | None = None, holomorphic: bool = False,
    absent: Collection[Var] = (),
) -> Function:  # fmt: skip
    """The gradient of `function` with respect to the parameters `argnums`.

    With `value` the result is (value, gradient); with `aux` the function returns a pair, of which the second part is passed
    on. With `seeded` the cotangent of the result is a further parameter and the result need not be scalar. With `many` the
    gradient is a tuple with one entry for each of `argnums`; with `explicit` every cotangent has a statement of its own.
    A `holomorphic` function has complex arguments and a complex result; without it a gradient is that of a real one.
    `facts` are what a call knows of the parameters and of the cotangent; `absent` are free variables that may be unbound.
    """
    if aux:
        check_pair(function)
    result = function.result.children[0] if aux else function.result
    outputs = function.body.yields[: result.leaves]
    passed = function.body.yields[result.leaves :]
    inputs = [v for k in argnums for v in function.params[k].leaves]
    r = Reverse(active(function.body, inputs, outputs), explicit)
    r.complex_values(function, r.active)
    r.overwritten = Written(overwritten(function.body), function.body)
    infinite = () if facts is None else [v for p, w in zip(function.params, facts.wild, strict=True) if w for v in p.leaves]
    if careful(function.body):
        infinite = [v for p in function.params for v in p.leaves]
    r.wild = wild(function.body, infinite)
    r.unbound = unbound_with(function.body, absent)
    r.note_steep(function.body)
    r.distinct = distinct(function.body)
    seed: Param | None = None
    r.emit.append(Comment("primal trace"))
    if not seeded:
        _check_scalar(function, result, outputs)
        _check_kinds(function, inputs, outputs[0], r, holomorphic)
    start = len(r.emit.statements)
    with r.emit.block() as back:
        if not seeded and (_may_be_absent(function, outputs[0], r.unbound) or _rank_unknown(outputs[0])):
            r.emit.apply(check_scalar, (outputs[0],), effect=True, type=Opaque())
        r.emit.append(Comment("adjoint trace"))
        if seeded:
            seed = _seed(r, result, outputs, facts)
        else:
            r.points.add(outputs[0])
        if not seeded and isinstance(outputs[0], Var) and outputs[0] in r.active:
            r.contribute(outputs[0], ONE)
        primal = r.block(function.body)
        r.emit.origin = None
        gradient = tuple(_finish(r, v) for v in inputs)
    assert len(r.emit.statements) == start
    r.emit.statements.extend((*primal.statements, *back))
    each = tuple(structure_of_derivative(function.params[k].structure) for k in argnums)
    shape = Structure("tuple", each) if many else each[0]
    extra: tuple[Atom, ...] = ()
    if value or aux:
        kept = function.result if value else function.result.children[1]
        extra = function.body.yields if value else passed
        shape = pair(kept, shape) if value else pair(shape, kept)
    yields = (*extra, *gradient) if value else (*gradient, *extra)
    params = function.params
    if seed is not None:
        own = tuple(replace(p, kind="positional_or_keyword", default=None) for p in params if not p.capture)
        params = (*own, seed, *(p for p in params if p.capture))
    return replace(
        function,
        name=name or f"{function.name}_grad",
        params=params,
        body=Block(tuple(r.emit.statements), yields),
        result=shape,
    )


def _may_be_absent(function: Function, output: Atom, unassigned: set[Var]) -> bool:
    """True of a result that may be None, and of a name of the user's that a path leaves unbound: reading it is Python's error.

    What several `return` statements give is assigned wherever it is returned.
    """
    returned = isinstance(output, Var) and output.hint == "value"
    return output in maybe_none(function.body) or (output in unassigned and not returned)


def _rank_unknown(a: Atom) -> bool:
    return not is_scalar(a.type) and shape_of(a.type) is None


def check_pair(function: Function) -> None:
    """With `has_aux` a function returns (value, aux)."""
    shape = function.result
    if shape.kind != "tuple" or len(shape.children) != 2:
        raise ArgumentError(
            f"has_aux needs a function that returns a pair (value, aux); `{function.name}` does not",
            "return a tuple of two, or leave has_aux out",
            function.origin,
        )


def _seed(r: Reverse, result: Structure, outputs: Sequence[Atom], facts: Facts | None) -> Param:
    """The parameter that takes the cotangent of the result."""
    leaves = []
    for k, atom in enumerate(outputs):
        name = "value_bar" if len(outputs) == 1 else f"value_bar_{k}"
        leaf = Var(name, derivative_type(atom.type))
        leaves.append(leaf)
        if (len(outputs) == 1 and is_scalar(leaf.type)) if facts is None else facts.solid:  # a caller passes zeros among others
            r.solid.add(leaf)
        if facts is not None and facts.masked:
            r.masked.add(leaf)
        if isinstance(atom, Var) and atom in r.active:
            r.contribute(atom, leaf)
    return Param("value_bar", structure_of_derivative(result), tuple(leaves))


def _check_scalar(function: Function, result: Structure, outputs: Sequence[Atom]) -> None:
    """Gradients are of scalars."""
    way = "use jacobian, or sum the result"
    if result.kind != "leaf":
        kind = f"a {type(result.value).__name__}" if result.kind == "static" else f"a {result.kind}"
        kind = "None" if result.kind == "static" and result.value is None else kind
        way = "use jacobian, or has_aux=True for (value, aux)"
        if kind == "None":
            way = "return the number; what a function writes into an argument comes out by wengert.returning(f, name)"
        text = f"grad needs a function with a scalar result; `{function.name}` returns {kind}"
        raise ArgumentError(text, way, function.origin)
    shape = shape_of(outputs[0].type)
    if shape:
        rank = f"an array with {len(shape)} ax{'i' if len(shape) == 1 else 'e'}s"
        raise ArgumentError(f"grad needs a scalar result; `{function.name}` returns {rank}", way, function.origin)


def _check_kinds(function: Function, inputs: Sequence[Var], output: Atom, r: Reverse, holomorphic: bool) -> None:
    """A gradient is that of a real result; a complex derivative needs complex numbers at both ends."""
    if holomorphic:
        if not all(is_complex(v.type) for v in (*inputs, output)):
            text = f"holomorphic=True needs complex arguments and a complex result; `{function.name}` has real ones"
            raise ArgumentError(text, "leave holomorphic out, or pass complex numbers", function.origin)
    elif r.may_be_complex(output):
        text = f"grad needs a function with a real result; `{function.name}` returns a complex number"
        raise ArgumentError(text, "take np.real or np.abs of it, or set holomorphic=True", function.origin)


def _finish(r: Reverse, v: Var) -> Atom:
    """The cotangent of an input as a result: the type, shape and dtype of the input."""
    bar = r.bars.get(v)
    if bar is None:
        return r.zeros(v)
    want = derivative_type(v.type)
    if bar in r.unbound:  # an unbound name is Python's error, not a result
        return r.named(r.emit.apply(project, (bar, v), type=want), "_bar", v)
    if isinstance(want, Tape | List | Tuple | Recorded):
        return bar
    if bar.type == want and (not isinstance(want, Number) or r.is_point(v)):
        return bar
    if isinstance(want, Array) and want.dtype is not None and isinstance(bar.type, Array):
        if r.is_whole(bar, v) and bar.type.dtype == want.dtype:
            # a length that is a number where the argument's is not: only the program that was left out says they agree
            pairs = zip(bar.type.shape or (), want.shape or (), strict=True)
            sure = all(isinstance(m, int) == isinstance(n, int) for m, n in pairs)
            return bar if sure else r.named(r.emit.apply(broadcast_like, (bar, v), type=want), "_bar", v)
        whole = r.cast(r.full(bar, v), v)
        if isinstance(whole.type, Array) and whole.type.dtype == want.dtype:
            return r.named(whole, "_bar", v)
    if isinstance(want, Float) and is_scalar(bar.type):
        return r.named(r.emit.apply(float, (bar,), type=Float()), "_bar", v)
    if isinstance(want, Complex) and is_scalar(bar.type):
        return r.named(r.emit.apply(complex, (bar,), type=Complex()), "_bar", v)
    return r.named(r.emit.apply(project, (bar, v), type=want), "_bar", v)


