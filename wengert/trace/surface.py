"""The public names of NumPy, `math` and `cmath`, each with what becomes of it in a derivative.

In: the modules as they are installed. Out: a `Status` for each name, and the names that have none.

    surface()                     (Status("numpy", "abs", "differentiable", "elementwise", ("x",)), ...)
    of_scipy()                    those of SciPy that have a row
    undecided()                   (): a new version of NumPy may bring names that nobody has thought of yet

Functions have what their row says (`wengert.rules.status`); the methods and attributes of arrays what the frontend makes of
them. `rewritten` is the kind of what the frontend takes apart into other operations, such as stores.
"""

from __future__ import annotations

import cmath
import functools
import importlib
import importlib.util
import math
import types
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

import wengert.frontend.flatten  # noqa: F401  (it fills the tables of the frontend)
from wengert.frontend.attributes import ARRAY_VALUES
from wengert.frontend.context import BUILTINS
from wengert.frontend.methods import AS_FUNCTIONS, METHODS
from wengert.frontend.numpy_objects import JOINS
from wengert.rules import scipy
from wengert.rules.kinds import RULES, lookup
from wengert.rules.random_draws import unbound
from wengert.rules.reasons import KEPT
from wengert.rules.reasons import METHODS as REASONS
from wengert.rules.status import CONSTANT, DIFFERENTIABLE, REFUSAL, Status, of_row, status

REWRITTEN = "rewritten"
UNKNOWN = "the frontend does not know it: use the function of np"
MODULES: dict[str, Any] = {
    "numpy": np,
    "numpy.linalg": np.linalg,
    "numpy.fft": np.fft,
    "numpy.random": np.random,
    "numpy.polynomial.polynomial": importlib.import_module("numpy.polynomial.polynomial"),
    "math": math,
    "cmath": cmath,
}
OF_DISTRIBUTIONS = ("pdf", "logpdf", "pmf", "logpmf", "cdf", "logcdf", "sf", "logsf", "ppf")
"""The methods of the distributions of `scipy.stats` that may have a row."""

FACTS = frozenset({"shape", "ndim", "size", "dtype", "itemsize"})
"""Attributes of arrays that the frontend knows, or asks for when the program runs."""


@functools.cache
def surface() -> tuple[Status, ...]:
    """Every public name that has a status, module by module."""
    return tuple(s for _, _, s in _all() if s is not None)


@functools.cache
def of_scipy() -> tuple[Status, ...]:
    """The names of SciPy that have a row; none where SciPy is not installed."""
    if importlib.util.find_spec("scipy") is None:
        return ()
    scipy.load_all()
    return tuple(_rows_of_scipy())


def _rows_of_scipy() -> Iterator[Status]:
    for part in scipy.TOPICS:
        module = f"scipy.{part}"
        holder = importlib.import_module(module)
        for name in _public(holder):
            thing = _value(holder, name)
            row = lookup(thing)
            if row is not None:
                yield of_row(module, name, row)
            elif isinstance(getattr(thing, "logcdf", None), types.MethodType) and not isinstance(thing, type):
                methods = ((m, lookup(getattr(thing, m))) for m in OF_DISTRIBUTIONS if hasattr(thing, m))
                yield from (of_row(module, f"{name}.{m}", row) for m, row in methods if row is not None)


def undecided() -> tuple[str, ...]:
    """The public names without a status."""
    return tuple(f"{module}.{name}" for module, name, s in _all() if s is None)


def _all() -> Iterator[tuple[str, str, Status | None]]:
    for module, holder in MODULES.items():
        for name in _public(holder):
            yield module, name, _of_name(module, name, _value(holder, name))
    for name in _public(np.random.Generator):
        yield "numpy.random.Generator", name, _of_draw(name)
    for name in _public(np.ndarray):
        yield "numpy.ndarray", name, _of_method(name)
    yield from ((s.module, s.name, s) for s in _of_ufuncs())


def _public(holder: Any) -> list[str]:
    return sorted((n for n in dir(holder) if not n.startswith("_")), key=lambda n: (n.lower(), n))


def _value(holder: Any, name: str) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # names that NumPy is about to drop
        return getattr(holder, name)


def _of_name(module: str, name: str, thing: Any) -> Status | None:
    method = unbound(thing)
    found = status(module, name, method)
    if found is not None and (found.kind or not _is_understood(thing)):
        return found
    if _is_understood(thing):
        constant = name in KEPT[module]
        return Status(module, name, CONSTANT if constant else DIFFERENTIABLE, "" if constant else REWRITTEN)
    return found


def _is_understood(thing: Any) -> bool:
    """True of what the frontend has a meaning of its own for."""
    if any(thing is j for j in JOINS):
        return True
    try:
        return thing in BUILTINS or hasattr(thing, "__wengert_call__")
    except TypeError:
        return False


def _of_draw(name: str) -> Status | None:
    module = "numpy.random.Generator"
    thing = getattr(np.random.Generator, name)
    found = status("numpy.random", name, thing)
    if found is None:
        return Status(module, name, CONSTANT) if isinstance(thing, types.GetSetDescriptorType) else None
    return Status(module, name, found.status, found.kind, found.inputs, found.reason)


# --- methods ----------------------------------------------------------------------------------------------------------------

AS_ROWS: dict[str, Any] = {
    "astype": np.ndarray.astype, "conj": np.conj, "conjugate": np.conj, "copy": np.copy, "flatten": np.ravel,
    "reshape": np.reshape, "transpose": np.transpose,
}  # fmt: skip
"""Methods of arrays that are functions of NumPy but for how they are called."""


def _of_method(name: str) -> Status:
    """What becomes of a method or an attribute of an array."""
    module = "numpy.ndarray"
    function = AS_FUNCTIONS.get(name) or AS_ROWS.get(name) or ARRAY_VALUES.get(name)
    handler = METHODS.get(("array", name))
    if name == "mT":
        return Status(module, name, DIFFERENTIABLE, REWRITTEN)
    row = lookup(function) if function is not None and (handler is not None or name in ARRAY_VALUES) else None
    if name in FACTS:
        return Status(module, name, CONSTANT)
    if row is not None:
        return of_row(module, name, row)
    refused = handler is None or getattr(getattr(handler, "func", handler), "__name__", "") == "_in_place"
    if not refused or name == "flat":
        return Status(module, name, DIFFERENTIABLE, REWRITTEN)
    return Status(module, name, REFUSAL, reason=REASONS.get(name, UNKNOWN))


def _of_ufuncs() -> Iterator[Status]:
    """The methods of ufuncs: those that have rows one by one, then all others."""
    module = "numpy.ufunc"
    ways = {
        "reduce": "reduce with np.sum, np.prod, np.max and their like, or write the loop",
        "accumulate": "write the loop",
        "outer": "index with np.newaxis: f(a[:, np.newaxis], b)",
        "reduceat": "loop over the slices",
        "resolve_dtypes": "use np.result_type",
    }
    for op, row in RULES.items():
        owner = getattr(op, "__self__", None)
        if isinstance(owner, np.ufunc):
            yield of_row(module, f"{owner.__name__}.{op.__name__}", row)
    for name in _public(np.ufunc):
        if name == "at":
            yield Status(module, name, DIFFERENTIABLE, REWRITTEN)
        elif callable(getattr(np.ufunc, name)):
            yield Status(module, name, REFUSAL, reason=f"of all others: {ways.get(name, UNKNOWN)}")
        else:
            yield Status(module, name, CONSTANT)
