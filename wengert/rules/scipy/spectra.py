"""What `scipy.linalg` has in common with `np.linalg`: the rows are NumPy's, with the options that SciPy has.

In: nothing. Out: rows for `scipy.linalg.det`, `norm`, `eigh`, `eigvalsh`, `svd` and `svdvals`.

    sl.eigh(a, lower=False, eigvals_only=True)       np.linalg.eigvalsh(a, "U")
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import scipy.linalg as sl

from wengert.ir import shapes
from wengert.ir.nodes import Arg, Const
from wengert.ir.types import Type
from wengert.rules.examples import definite, example, matrix, normal
from wengert.rules.kinds import Structural, lookup, structural
from wengert.rules.typings import regular, several

Body = Callable[..., Any]


def _bodies(op: Any) -> tuple[Body, Body]:
    """The jvp and the vjp function of NumPy's row."""
    row = lookup(op)
    assert isinstance(row, Structural) and row.jvp[0] is not None and row.vjp[0] is not None
    return row.jvp[0], row.vjp[0]


def _checked(body: Body) -> Body:
    """With the option to check for values that are not finite."""

    def checked(d: Any, y: Any, x: Any, check_finite: Any = True) -> Any:
        return body(d, y, x)

    return checked


def _norm(body: Body) -> Body:
    def norm(
        d: Any, y: Any, x: Any, ord: Any = None, axis: Any = None, keepdims: Any = False, check_finite: Any = True
    ) -> Any:
        return body(d, y, x, ord=ord, axis=axis, keepdims=keepdims)

    return norm


def _eigvalsh(values: Body) -> Body:
    def eigvalsh(d: Any, y: Any, x: Any, lower: Any = True, check_finite: Any = True) -> Any:
        return values(d, y, x, UPLO="L" if lower else "U")

    return eigvalsh


def _eigh(vectors: Body, values: Body) -> Body:
    def eigh(
        d: Any, y: Any, x: Any, lower: Any = True, eigvals_only: Any = False, check_finite: Any = True, driver: Any = None
    ) -> Any:
        if eigvals_only:
            return values(d, y, x, UPLO="L" if lower else "U")
        return vectors(d, y, x, UPLO="L" if lower else "U")

    return eigh


def _svd(body: Body) -> Body:
    def svd(
        d: Any, y: Any, x: Any, full_matrices: Any = True, compute_uv: Any = True, check_finite: Any = True
    ) -> Any:
        return body(d, y, x, full_matrices=full_matrices, compute_uv=compute_uv)

    return svd


def _values(body: Body) -> Body:
    def svdvals(d: Any, y: Any, x: Any, check_finite: Any = True) -> Any:
        return body(d, y, x, compute_uv=False)

    return svdvals


def _flag(options: Mapping[str, Arg], name: str, default: bool) -> bool:
    found = options.get(name)
    return bool(found.value) if isinstance(found, Const) else default


def _eigh_type(op: Any, inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
    typing = regular if _flag(options, "eigvals_only", False) else several(2, regular)
    return typing(op, inputs, options)


def _svd_type(op: Any, inputs: Sequence[Arg], options: Mapping[str, Arg]) -> Type:
    typing = several(3, regular) if _flag(options, "compute_uv", True) else regular
    return typing(op, inputs, options)


_VECTORS, _VALUES = _bodies(np.linalg.eigh), _bodies(np.linalg.eigvalsh)
_SYMMETRIC = [example(definite(3)), example(definite(3), lower=False, check_finite=False)]

structural(
    sl.det,
    "x",
    jvp=(_checked(_bodies(np.linalg.det)[0]),),
    vjp=(_checked(_bodies(np.linalg.det)[1]),),
    result=shapes.nothing,
    examples=[example(matrix(3)), example(matrix(2), check_finite=False)],
)
structural(
    sl.norm,
    "x",
    jvp=(_norm(_bodies(np.linalg.norm)[0]),),
    vjp=(_norm(_bodies(np.linalg.norm)[1]),),
    result=shapes.probe,
    singular=True,
    examples=[
        example(normal(4)),
        example(normal(3, 4)),
        example(normal(3, 4), 1, 0),
        example(normal(3, 4), axis=1, keepdims=True),
    ],
)
structural(
    sl.eigvalsh,
    "x",
    jvp=(_eigvalsh(_VALUES[0]),),
    vjp=(_eigvalsh(_VALUES[1]),),
    result=regular,
    examples=_SYMMETRIC,
)
structural(
    sl.eigh,
    "x",
    jvp=(_eigh(_VECTORS[0], _VALUES[0]),),
    vjp=(_eigh(_VECTORS[1], _VALUES[1]),),
    result=_eigh_type,
    examples=[  # the driver that NumPy uses, too: with others the sign of a vector jumps from point to point
        example(definite(3), driver="evd"),
        example(definite(3), lower=False, driver="evd", check_finite=False),
        example(definite(3), eigvals_only=True),
        example(definite(3), lower=False, eigvals_only=True),
    ],
)
structural(
    sl.svd,
    "x",
    jvp=(_svd(_bodies(np.linalg.svd)[0]),),
    vjp=(_svd(_bodies(np.linalg.svd)[1]),),
    result=_svd_type,
    examples=[example(matrix(3)), example(normal(4, 3), full_matrices=False), example(normal(3, 4), compute_uv=False)],
)
structural(
    sl.svdvals,
    "x",
    jvp=(_values(_bodies(np.linalg.svd)[0]),),
    vjp=(_values(_bodies(np.linalg.svd)[1]),),
    result=regular,
    examples=[example(normal(4, 3)), example(normal(2, 3), check_finite=False)],
)
