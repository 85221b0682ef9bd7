"""The row of the test that guards derivative products; see `transforms/guards.py`.

    is_nonzero(d)      d != 0.0
"""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from typing import Any

from wengert import runtime
from wengert.ir import shapes
from wengert.ir.nodes import Arg, Const
from wengert.ir.types import Float, Type
from wengert.rules.examples import example, normal
from wengert.rules.kinds import constant


def _compared(op: Any, inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
    """The type of a comparison with a number."""
    return shapes.elementwise(operator.ne, (*inputs, Const(0.0, Float())), options)


constant(runtime.is_nonzero, result=_compared, examples=[example(normal()), example(normal(2, 3))])
