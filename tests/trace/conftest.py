"""Programs of the IR written by hand, so that the trace is tested without the stages before it."""

from __future__ import annotations

import math
import operator
from pathlib import Path

import pytest

from wengert.errors import Location
from wengert.ir.builder import ONE
from wengert.ir.nodes import LEAF, Assign, Block, Comment, Function, Param, Structure, Var
from wengert.ir.types import Float

SURVEY = "import math\n\ndef f(x1, x2):\n    y = math.log(x1) + x1 * x2 - math.sin(x2)\n    return y\n"
PAIR = Structure("tuple", (LEAF, LEAF))


class Survey:
    """f(x1, x2) = ln(x1) + x1 x2 - sin(x2), as written, with its tangent and with its adjoint."""

    def __init__(self, file: str) -> None:
        self.x1, self.x2 = Var("x1", Float()), Var("x2", Float())
        self.v = [Var("", Float()) for _ in range(4)]
        self.y = Var("y", Float())
        self.params = (Param("x1", LEAF, (self.x1,)), Param("x2", LEAF, (self.x2,)))
        columns = ((8, 20), (23, 30), (8, 30), (33, 45), (8, 45))
        self.at = [Location(file, 4, a, 4, b) for a, b in columns]
        v1, v2, v3, v4 = self.v
        self.primal_statements = (
            Assign(v1, math.log, (self.x1,), origin=self.at[0]),
            Assign(v2, operator.mul, (self.x1, self.x2), origin=self.at[1]),
            Assign(v4, math.sin, (self.x2,), origin=self.at[3]),
            Assign(v3, operator.add, (v1, v2), origin=self.at[2]),
            Assign(self.y, operator.sub, (v3, v4), origin=self.at[4]),
        )

    def primal(self) -> Function:
        return Function("f", self.params, Block(self.primal_statements, (self.y,)), LEAF)

    def tangent(self) -> Function:
        x1, x2, y, (v1, v2, v3, v4) = self.x1, self.x2, self.y, self.v
        dots = {v: Var("_dot", Float(), v) for v in (x1, x2, v1, v2, v3, v4, y)}
        a, b, c = (Var("", Float(), None, True) for _ in range(3))
        tangents = (
            (Assign(dots[v1], operator.truediv, (dots[x1], x1)),),
            (
                Assign(a, operator.mul, (dots[x1], x2)),
                Assign(b, operator.mul, (dots[x2], x1)),
                Assign(dots[v2], operator.add, (a, b)),
            ),
            (Assign(c, math.cos, (x2,)), Assign(dots[v4], operator.mul, (dots[x2], c))),
            (Assign(dots[v3], operator.add, (dots[v1], dots[v2])),),
            (Assign(dots[y], operator.sub, (dots[v3], dots[v4])),),
        )
        body = [Comment("primal and tangent trace")]
        for s, derived in zip(self.primal_statements, tangents, strict=True):
            body += [s, *derived]
        params = (*self.params, Param("x1_dot", LEAF, (dots[x1],)), Param("x2_dot", LEAF, (dots[x2],)))
        return Function("f_tangent", params, Block(tuple(body), (y, dots[y])), PAIR)

    def adjoint(self) -> Function:
        x1, x2, y, at = self.x1, self.x2, self.y, self.at
        v1, v2, v3, v4 = self.v

        def bar(v: Var) -> Var:
            return Var("_bar", Float(), v)

        y_bar, v1_bar, v2_bar, v3_bar, v4_bar = map(bar, (y, v1, v2, v3, v4))
        x1_bars, x2_bars = (bar(x1), bar(x1)), (bar(x2), bar(x2))
        a, b, c = (Var("", Float(), None, True) for _ in range(3))
        body = (
            Comment("primal trace"), *self.primal_statements, Comment("adjoint trace"),
            Assign(y_bar, operator.pos, (ONE,)),
            Assign(v3_bar, operator.pos, (y_bar,), origin=at[4]),
            Assign(v4_bar, operator.neg, (y_bar,), origin=at[4]),
            Assign(v1_bar, operator.pos, (v3_bar,), origin=at[2]),
            Assign(v2_bar, operator.pos, (v3_bar,), origin=at[2]),
            Assign(a, math.cos, (x2,), origin=at[3]),
            Assign(x2_bars[0], operator.mul, (v4_bar, a), origin=at[3]),
            Assign(x1_bars[0], operator.mul, (v2_bar, x2), origin=at[1]),
            Assign(b, operator.mul, (v2_bar, x1), origin=at[1]),
            Assign(x2_bars[1], operator.add, (x2_bars[0], b), origin=at[1]),
            Assign(c, operator.truediv, (v1_bar, x1), origin=at[0]),
            Assign(x1_bars[1], operator.add, (x1_bars[0], c), origin=at[0]),
        )  # fmt: skip
        result = Structure("tuple", (LEAF, PAIR))
        return Function("f_grad", self.params, Block(body, (y, x1_bars[1], x2_bars[1])), result)


@pytest.fixture
def survey(tmp_path: Path) -> Survey:
    path = tmp_path / "survey.py"
    path.write_text(SURVEY)
    return Survey(str(path))
