"""Distributions of `scipy.stats` as objects: their methods, and distributions with fixed ("frozen") parameters.

In: `norm.logpdf`, `norm(m, s)`, or `prior.logpdf` of a distribution that was frozen outside of the function. Out: the method of
the distribution itself, which has a row, with the parameters bound to it.

    norm(m, s).logpdf(x)       the same as norm.logpdf(x, loc=m, scale=s)
"""

from __future__ import annotations

import ast
import importlib
import types
from typing import Any

from wengert.frontend.context import Flattener
from wengert.frontend.source import Binding
from wengert.frontend.values import Mapping_, Pack, Partial, Record, Value
from wengert.ir.builder import constant
from wengert.rules.kinds import lookup
from wengert.rules.scipy import part_of

METHODS = ("pdf", "logpdf", "cdf", "logcdf", "sf", "logsf", "ppf", "pmf", "logpmf")
FIXED: dict[str, tuple[str, ...]] = {
    "multivariate_normal": ("mean", "cov"),
    "dirichlet": ("alpha",),
}
"""The parameters of distributions that do not say what theirs are called."""


def is_distribution(value: Any) -> bool:
    """True of `scipy.stats.norm` and its like: objects that are called to freeze their parameters."""
    return part_of(type(value)) == "stats" and _names(value) is not None and any(_row(value, m) for m in METHODS)


def frozen(f: Flattener, distribution: Any, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    """`norm(m, s)`: its methods, with the parameters bound to them."""
    names = _names(distribution) or ()
    if len(args) > len(names):
        f.fails(node, f"this distribution has the parameters {', '.join(names)}")
    bound = tuple({**dict(zip(names, args, strict=False)), **kwargs}.items())
    known = [m for m in METHODS if _row(distribution, m)]
    methods = [Partial(constant(getattr(distribution, m)), (), bound) for m in known]
    return Record(type(distribution), tuple(known), tuple(methods))


def method(f: Flattener, owner: Any, name: str, value: Any, node: ast.AST) -> Value | None:
    """`norm.logpdf` and `prior.logpdf`; None for what is no method of a distribution, or has no row."""
    if not isinstance(value, types.MethodType) or part_of(type(owner)) != "stats":
        return None
    if lookup(value) is not None:
        return constant(value)
    distribution = _of_frozen(owner)
    if distribution is None or not _row(distribution, name):
        return None
    if not hasattr(owner, "args"):
        given = {p: f.capture(f, Binding("attribute", owner, p), p) for p in FIXED[_class_name(distribution)]}
        return f.attribute(frozen(f, distribution, [], given, node), name, node)
    args, named = (f.capture(f, Binding("attribute", owner, part), part) for part in ("args", "kwds"))
    assert isinstance(args, Pack) and isinstance(named, Mapping_)
    options = dict(zip(map(str, named.keys), named.items, strict=True))
    return f.attribute(frozen(f, distribution, list(args.items), options, node), name, node)


def _row(distribution: Any, name: str) -> bool:
    found = getattr(distribution, name, None)
    return found is not None and lookup(found) is not None


def _class_name(distribution: Any) -> str:
    return type(distribution).__name__.removesuffix("_gen").removesuffix("_frozen")


def _of_frozen(owner: Any) -> Any:
    """The distribution whose parameters were frozen: SciPy keeps a copy of it, the rows are those of the original."""
    name = getattr(getattr(owner, "dist", None), "name", None) or _class_name(owner)
    return getattr(importlib.import_module("scipy.stats"), name, None)


def _names(distribution: Any) -> tuple[str, ...] | None:
    """The parameters in the order in which they are frozen."""
    shapes = getattr(distribution, "shapes", None)
    if hasattr(distribution, "numargs"):
        own = tuple(shapes.replace(" ", "").split(",")) if shapes else ()
        discrete = hasattr(distribution, "logpmf")
        return (*own, "loc") if discrete else (*own, "loc", "scale")
    return FIXED.get(_class_name(distribution))
