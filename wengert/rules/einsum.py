"""Einstein sums, in all their forms.

In: nothing. Out: the row for `np.einsum`.

    np.einsum("ij,jk->ik", a, b)      the cotangent of a is np.einsum("ik,jk->ij", y_bar, b)
    np.einsum("ii", a)                the cotangent of a is np.einsum(",ij->ij", y_bar, np.eye(n))
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from wengert.ir import shapes
from wengert.ir.arrays import array_type, common_dtype
from wengert.ir.dims import broadcast
from wengert.ir.nodes import Arg, Const
from wengert.ir.sampling import constant_value
from wengert.ir.types import Array, Bool, Number, NumpyScalar, Type, shape_of
from wengert.rules.examples import example, normal
from wengert.rules.kinds import constant, known, linear
from wengert.rules.static import static
from wengert.rules.typings import given
from wengert.runtime import broadcast_like, unbroadcast

LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


@static
def einsum_terms(subscripts: Any, ranks: Any) -> Any:
    """the ranks of the operands: the terms of an einsum without ellipses, the term of the result last."""
    text = subscripts.replace(" ", "")
    left, arrow, right = text.partition("->")
    terms = left.split(",")
    free = [c for c in LETTERS if c not in text]
    dots = [0 if "." not in t else r - len(t.replace("...", "")) for t, r in zip(terms, ranks, strict=True)]
    extra = "".join(free[: max(dots, default=0)])
    full = [t.replace("...", extra[len(extra) - n :]) for t, n in zip(terms, dots, strict=True)]
    if arrow:
        return (*full, right.replace("...", extra))
    once = sorted(c for c in set("".join(terms)) - {"."} if "".join(terms).count(c) == 1)
    return (*full, extra + "".join(once))


@static
def einsum_text(*sublists: Any) -> Any:
    """the sublists: an einsum that is written with lists of numbers, as text."""
    terms = ["".join("..." if n is Ellipsis else LETTERS[n] for n in s) for s in sublists if s is not None]
    if sublists[-1] is None:
        return ",".join(terms)
    return f"{','.join(terms[:-1])}->{terms[-1]}"


@static
def einsum_adjoint(terms: Any, k: Any) -> Any:
    """the terms: the subscripts of the cotangent of operand k, and which axes of it need a helper.

    An index that nothing else has is repeated by an operand of ones, an index that occurs twice is put on a diagonal by
    an identity matrix: the helpers are the axes of the operand, negative for ones that are an identity matrix.
    """
    own, others = terms[k], [t for j, t in enumerate(terms[:-1]) if j != k]
    free = iter(c for c in LETTERS if c not in "".join(terms))
    seen, target, helpers, extra = set(terms[-1] + "".join(others)), "", [], []
    for axis, c in enumerate(own):
        if c in target or c in own[:axis]:
            new = next(free)
            helpers.append(("eye", axis))
            extra.append(c + new)
            target += new
        else:
            if c not in seen:
                helpers.append(("ones", axis))
                extra.append(c)
            target += c
    return ",".join([terms[-1], *others, *extra]) + "->" + target, tuple(helpers)


@static
def _is_planned(optimize: Any) -> Any:
    """the option `optimize`: whether the order of the products is chosen. A path that is written out is for the operands."""
    return not (optimize is False or optimize is None)


def _planned(optimize: Any) -> Any:
    return _is_planned(optimize) if known(optimize) else True


def _einsum_type(op: Any, inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
    """Each index has the length that it has in any operand."""
    args = [a for a in inputs if not (isinstance(a, Const) and a.value is None)]
    try:
        if isinstance(args[0], Const) and isinstance(args[0].value, str):
            text, operands = args[0].value, args[1:]
        else:
            lists = [constant_value(a) for a in args[1::2]]
            output = constant_value(args[-1]) if len(args) % 2 else None
            text, operands = einsum_text(*lists, output), args[0 : len(args) // 2 * 2 : 2]
    except TypeError:
        return Number()
    types = [array_type(a) for a in operands]
    known = [s for s in map(shape_of, types) if s is not None]
    if len(known) < len(types):
        return Number()
    terms = einsum_terms(text, tuple(map(len, known)))
    lengths = {c: [s[t.index(c)] for t, s in zip(terms, known, strict=False) if c in t] for c in terms[-1]}
    shape = tuple(broadcast(*((d,) for d in lengths[c]))[0] for c in terms[-1])
    if shape:
        return Array(common_dtype(types), shape)
    planned, dtype = options.get("optimize"), common_dtype(types)
    if planned is None or (isinstance(planned, Const) and not planned.value):
        return NumpyScalar(dtype) if dtype is not None and "dtype" not in options else Number()
    return given(op, inputs, {**options, "optimize": Const(True, Bool())})  # a sum over all indices at once takes too long


def _einsum_vjp(place: int) -> Callable[..., Any]:
    """The vjp by the argument at `place`, which is an operand where the call is made in that way."""

    def vjp(
        y_bar: Any, y: Any, p0: Any, p1: Any, p2: Any, p3: Any, p4: Any, p5: Any, p6: Any, p7: Any, p8: Any, p9: Any,
        optimize: Any = False, order: Any = "K", dtype: Any = None, casting: Any = "safe",
    ) -> Any:  # fmt: skip
        given = [p for p in (p0, p1, p2, p3, p4, p5, p6, p7, p8, p9) if p is not None]
        if isinstance(p0, str):
            return _operand_bar(y_bar, p0, given[1:], place - 1, optimize)
        count = len(given) // 2
        output = given[-1] if len(given) % 2 else None
        text = einsum_text(*given[1 : 2 * count : 2], output)
        return _operand_bar(y_bar, text, given[0 : 2 * count : 2], place // 2, optimize)

    return vjp


def _operand_bar(y_bar: Any, subscripts: Any, operands: Any, k: Any, optimize: Any) -> Any:
    terms = einsum_terms(subscripts, tuple([np.ndim(x) for x in operands]))
    text, helpers = einsum_adjoint(terms, k)
    x = operands[k]
    others = [operands[j] for j in range(len(operands)) if j != k]
    extra: list[Any] = []
    for kind, axis in helpers:
        n = np.shape(x)[axis]
        extra = [*extra, np.eye(n) if kind == "eye" else np.ones(n)]
    if _planned(optimize):
        return _of_shape(np.einsum(text, y_bar, *others, *extra, optimize=True), x)
    return _of_shape(np.einsum(text, y_bar, *others, *extra), x)


def _of_shape(bar: Any, x: Any) -> Any:
    """An index of length 1 in one operand may be longer in another one."""
    return broadcast_like(unbroadcast(bar, x), x)


linear(
    np.einsum,
    "p0 p1? p2? p3? p4? p5? p6? p7? p8? p9?",
    vjp=tuple(map(_einsum_vjp, range(10))),
    result=_einsum_type,
    displays=True,
    examples=[
        example("ij,jk->ik", normal(2, 3), normal(3, 4)),
        example("ij,jk", normal(2, 3), normal(3, 4)),
        example("i,i", normal(3), normal(3)),
        example("ij->j", normal(2, 3)),
        example("ij->", normal(2, 3)),
        example("ii->i", normal(3, 3)),
        example("ii", normal(3, 3)),
        example("iji->j", normal(2, 3, 2)),
        example("ij->ji", normal(2, 3)),
        example("...ij,...j->...i", normal(4, 2, 3), normal(3)),
        example("i...,i...", normal(3, 2), normal(3)),
        example("bij,bjk,bkl->bil", normal(2, 2, 3), normal(2, 3, 2), normal(2, 2, 4), optimize=True),
        example("ij,jk,kl->il", normal(2, 3), normal(3, 2), normal(2, 4), optimize=["einsum_path", (1, 2), (0, 1)]),
        example("ij,kl->il", normal(2, 3), normal(2, 4)),
        example("ij->ji", normal(2, 3), order="C", dtype=np.float64),
        example("ij,ij->ij", normal(1, 3), normal(2, 3)),
        example("a,b->ab", normal(2), normal(3)),
        example(",i->i", normal(), normal(3)),
        example(normal(2, 3), [0, 1], normal(3, 4), [1, 2], [0, 2]),
        example(normal(2, 3), [0, 1], normal(3), [1]),
        example(normal(3, 3), [0, 0]),
    ],
)
constant(np.einsum_path, result=shapes.opaque, examples=[example("ij,jk->ik", normal(2, 3), normal(3, 2))])
