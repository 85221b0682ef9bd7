"""Derivatives by central differences, and the arithmetic of argument trees that comparing them needs.

In: a function of trees (tuples, lists, dicts, dataclasses of floats and arrays) and a direction. Out: numbers that
share nothing with wengert.

    slope(f, (x,), (x_dot,))                     the tree of the directional derivative of f's result
    dot(w, slope(f, (x,), (x_dot,)))             a number
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

STEP = 1e-3


def leaves(tree: Any) -> list[Any]:
    """The numbers and arrays of a tree, from left to right."""
    if dataclasses.is_dataclass(tree):
        return [leaf for f in dataclasses.fields(tree) for leaf in leaves(getattr(tree, f.name))]
    if isinstance(tree, dict):
        return [leaf for key in tree for leaf in leaves(tree[key])]
    if isinstance(tree, (tuple, list)):
        return [leaf for item in tree for leaf in leaves(item)]
    return [tree]


def rebuild(tree: Any, new: Iterator[Any]) -> Any:
    """A tree of the structure of `tree` with its leaves taken from `new`."""
    if dataclasses.is_dataclass(tree) and not isinstance(tree, type):
        parts = {f.name: rebuild(getattr(tree, f.name), new) for f in dataclasses.fields(tree)}
        return dataclasses.replace(tree, **parts)
    if isinstance(tree, dict):
        return {key: rebuild(tree[key], new) for key in tree}
    if isinstance(tree, (tuple, list)):
        return type(tree)([rebuild(item, new) for item in tree])
    return next(new)


def is_single(tree: Any) -> bool:
    """True where a leaf is of single precision."""
    return any(getattr(leaf, "dtype", None) == np.float32 for leaf in leaves(tree))


def as_double(tree: Any) -> Any:
    """The tree with its single precision leaves in double precision."""
    return rebuild(tree, iter([np.float64(v) if getattr(v, "dtype", None) == np.float32 else v for v in leaves(tree)]))


def like(leaf: Any, value: Any) -> Any:
    """`value` with the type and dtype of `leaf`."""
    return np.asarray(value, leaf.dtype) if isinstance(leaf, np.ndarray) else type(leaf)(value)


def direction(tree: Any, rng: np.random.Generator) -> Any:
    """A random tree of the structure, shapes and dtypes of `tree`."""
    return rebuild(tree, iter([like(v, rng.standard_normal(np.shape(v))) for v in leaves(tree)]))


def moved(tree: Any, along: Any, t: float) -> Any:
    """The point `tree + t along`."""
    return rebuild(tree, iter([like(a, a + t * b) for a, b in zip(leaves(tree), leaves(along), strict=True)]))


def dot(a: Any, b: Any) -> float:
    pairs = zip(leaves(a), leaves(b), strict=True)
    return float(sum(np.sum(np.asarray(u, float) * np.asarray(v, float)) for u, v in pairs))


def slope(f: Callable[..., Any], args: tuple[Any, ...], along: tuple[Any, ...], h: float = STEP) -> Any:
    """The derivative of `f` at `args` along a direction: central differences, twice extrapolated (error h^6)."""
    args, along = as_double(args), as_double(along)

    def central(step: float) -> list[Any]:
        ahead, behind = leaves(f(*moved(args, along, step))), leaves(f(*moved(args, along, -step)))
        pairs = zip(ahead, behind, strict=True)
        return [(np.asarray(a, float) - np.asarray(b, float)) / (2.0 * step) for a, b in pairs]

    d1, d2, d4 = central(4.0 * h), central(2.0 * h), central(h)
    once = [[(4.0 * fine - coarse) / 3.0 for coarse, fine in zip(*pair, strict=True)] for pair in ((d1, d2), (d2, d4))]
    twice = [(16.0 * fine - coarse) / 15.0 for coarse, fine in zip(*once, strict=True)]
    return rebuild(f(*args), iter(twice))


def close(got: Any, want: Any, tolerance: float) -> bool:
    """Equality of two trees up to `tolerance`, relative to the largest number wanted."""
    got, want = leaves(got), leaves(want)
    if len(got) != len(want):
        return False
    size = max([1.0, *(float(np.max(np.abs(w), initial=0.0)) for w in want)])
    return all(
        np.shape(g) == np.shape(w) and np.allclose(np.asarray(g, float), np.asarray(w, float), 0.0, tolerance * size)
        for g, w in zip(got, want, strict=True)
    )
