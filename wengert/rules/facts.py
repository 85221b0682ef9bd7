"""What arrays tell of themselves in booleans, indices, types and texts: constant, so a program may ask of what varies.

In: nothing. Out: constant rows for `np.isin`, `np.iscomplexobj`, `np.nanargmax`, `np.unravel_index` and others; `EFFECTS`,
functions that are called for what they do.

    y = x * np.isreal(x)        y_dot = x_dot * np.isreal(x)
"""

from __future__ import annotations

import cmath

import numpy as np

from wengert.ir import shapes
from wengert.rules.examples import example, normal
from wengert.rules.kinds import RULES, Constant, constant

_HOLES = np.array([[0.3, np.nan, 1.2], [2.0, 0.1, np.nan]])

constant(np.isin, result=shapes.nothing, examples=[example(normal(3), normal(2)), example(normal(2, 3), [1.0])])
constant(np.isreal, np.iscomplex, result=shapes.nothing, examples=[example(normal(3)), example(normal())])
constant(np.isrealobj, np.iscomplexobj, result=shapes.boolean, examples=[example(normal(3)), example(normal())])
constant(np.isscalar, np.iterable, result=shapes.boolean, examples=[example(normal(3)), example(normal())])
constant(np.isfortran, result=shapes.boolean, examples=[example(normal(2, 3))])
constant(
    np.array_equiv, np.may_share_memory, np.shares_memory, result=shapes.boolean, examples=[example(normal(3), normal(3))]
)
constant(
    np.nanargmax, np.nanargmin, result=shapes.nothing, examples=[example(_HOLES), example(_HOLES, 1), example(_HOLES, axis=0)]
)
constant(np.ravel_multi_index, result=shapes.nothing, examples=[example((np.array([1, 0]), np.array([2, 2])), (2, 3))])
constant(np.unravel_index, result=shapes.opaque, examples=[example(4, (2, 3))])
constant(np.packbits, np.unpackbits, result=shapes.nothing, examples=[example(np.array([3, 5], np.uint8))])
constant(np.result_type, np.common_type, result=shapes.opaque, examples=[example(normal(3), normal(2))])
constant(np.min_scalar_type, result=shapes.opaque, examples=[example(normal(3))])
constant(
    np.array2string, np.array_repr, np.array_str, result=shapes.opaque, examples=[example(normal(3)), example(normal(2, 2))]
)
constant(np.format_float_positional, np.format_float_scientific, result=shapes.opaque, examples=[example(normal())])
constant(
    np.diag_indices_from, np.tril_indices_from, np.triu_indices_from, result=shapes.opaque, examples=[example(normal(3, 3))]
)
if hasattr(np, "bitwise_count"):
    constant(np.bitwise_count, result=shapes.nothing, examples=[example(np.array([1, 7]))])
constant(cmath.isnan, cmath.isinf, cmath.isfinite, result=shapes.boolean, examples=[example(0.5 + 1j)])
constant(cmath.isclose, result=shapes.boolean, examples=[example(0.5 + 1j, 0.5 - 1j)])

EFFECTS = (
    np.save, np.savez, np.savez_compressed, np.savetxt, np.seterr, np.seterrcall, np.setbufsize, np.set_printoptions, np.info,
)  # fmt: skip
"""Functions that write files or change settings: the frontend keeps their calls."""

for _effect in EFFECTS:
    RULES[_effect] = Constant(_effect, (), result=shapes.opaque, lazy=True)
