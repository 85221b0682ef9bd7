"""Forward mode: each statement, followed by the statement of its tangent.

    tangent(f, (0,))      f with the tangents of parameter 0 as further parameters; returns (value, tangent)

The chain rule in the order of evaluation: Griewank and Walther, Evaluating Derivatives (2008), section 3.1.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from wengert.analyses.activity import active, varied
from wengert.ir.nodes import Assign, Block, Comment, Function, Param, Structure, Var
from wengert.ir.queries import walk
from wengert.ir.types import is_scalar
from wengert.rules import kinds
from wengert.transforms.adjoint import check_pair
from wengert.transforms.forward import Forward
from wengert.transforms.leftovers import unbound_with
from wengert.transforms.results import pair, structure_of_derivative
from wengert.transforms.shaped import derivative_type


def tangent(
    function: Function, argnums: Sequence[int], *, aux: bool = False, solid: bool = True, absent: Collection[Var] = ()
) -> Function:
    """`function` with a tangent for each leaf of the parameters `argnums`; it returns its value and its tangent.

    With `aux` the function returns a pair, of which the second part is passed on without a derivative. Without `solid` the
    tangents that come in may be zero where a partial derivative is infinite. `absent` are free variables that may be unbound.
    """
    if aux:
        check_pair(function)
    t = Forward()
    seeds: list[Param] = []
    taken = {p.name for p in function.params}
    for k in argnums:
        p = function.params[k]
        leaves = tuple(Var("_dot", derivative_type(v.type), v) for v in p.leaves)
        t.dots.update(zip(p.leaves, leaves, strict=True))
        name = f"{p.name}_dot"
        while name in taken:  # the tangent of a function that takes tangents
            name += "_dot"
        taken.add(name)
        seeds.append(Param(name, structure_of_derivative(p.structure), leaves))
    # of several tangents, or of the entries of one, a caller passes zeros for those that stand still
    if solid and len(t.dots) == 1:
        t.solid.update(d for d in t.dots.values() if is_scalar(d.type))
    t.varied = varied(function.body, t.dots) - _not_asked(function, t.dots)
    t.complex_values(function, t.varied)
    t.unbound = unbound_with(function.body, absent)
    t.note_steep(function.body)
    t.emit.append(Comment("primal and tangent trace"))
    t.block(function.body)
    result, yields = function.result, function.body.yields
    count = result.children[0].leaves if aux else result.leaves
    dots = tuple(map(t.outcome, yields[:count]))
    main = result.children[0] if aux else result
    shape = pair(main, structure_of_derivative(main))
    if aux:
        shape = Structure("tuple", (*shape.children, result.children[1]))
    outputs = (*yields[:count], *dots, *yields[count:])
    captures = tuple(p for p in function.params if p.capture)
    own = tuple(p for p in function.params if not p.capture)
    return replace(
        function,
        name=f"{function.name}_tangent",
        params=(*_plain(own), *seeds, *captures),
        body=Block(tuple(t.emit.statements), outputs),
        result=shape,
    )


def _not_asked(function: Function, inputs: Iterable[Var]) -> set[Var]:
    """What calls without a row give, where no result depends on it: they are made for what they do."""
    needed = active(function.body, inputs, function.body.yields)
    calls = (s for s in walk(function.body) if isinstance(s, Assign) and s.effect and kinds.lookup(s.op) is None)
    return {s.target for s in calls if s.target not in needed}


def _plain(params: tuple[Param, ...]) -> tuple[Param, ...]:
    """Parameters that others may follow: no defaults, nothing variadic or keyword-only."""
    return tuple(replace(p, kind="positional_or_keyword", default=None) for p in params)
