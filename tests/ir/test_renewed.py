"""A block over new variables means the same and can stand beside the old one."""

from __future__ import annotations

from typing import Any

from wengert import pipeline
from wengert.ir.interpret import run
from wengert.ir.nodes import LEAF, Block, Function, Structure
from wengert.ir.queries import defined, renewed
from wengert.ir.verify import verify


def program(x: Any, n: int) -> Any:
    y, total = x, 0.0
    for k in range(n):
        z = y * y
        y = z + k if z < 2.0 else x
        total = total + y
    while total > 10.0:
        total = total / 2.0
    return total


def test_all_that_is_bound_is_new() -> None:
    flat = pipeline.flat_function(program, pipeline.described(program, (1.1, 4), {})).function
    again, _ = renewed(flat.body)
    assert set(defined(again)).isdisjoint(defined(flat.body)) and len(defined(again)) == len(defined(flat.body))
    statements, yields = (*flat.body.statements, *again.statements), (*flat.body.yields, *again.yields)
    both = Function("both", flat.params, Block(statements, yields), Structure("tuple", (LEAF, LEAF)))
    verify(both)
    assert run(both, [1.1, 4]) == [program(1.1, 4)] * 2
