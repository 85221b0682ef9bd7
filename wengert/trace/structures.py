"""Taking values apart into the leaves of a parameter and naming each leaf as Python reaches it.

In: a `Structure` and a value of that shape. Out: its leaves, left to right.

    leaves(structure, {"w": w, "b": b})      [w, b]
    paths(structure, "p")                    ["p['w']", "p['b']"]
"""

from __future__ import annotations

from typing import Any

from wengert.errors import ArgumentError
from wengert.ir.nodes import Structure


def leaves(structure: Structure, value: Any, name: str = "the argument") -> list[Any]:
    """The leaves of `value`; raises ArgumentError where it has another shape than `structure`."""
    match structure.kind:
        case "leaf":
            return [value]
        case "static":
            return []
        case "tuple" | "list":
            if not hasattr(value, "__len__") or len(value) != len(structure.children):
                raise ArgumentError(f"{name} must be a {structure.kind} of {len(structure.children)} items")
            parts = [(c, value[k], f"{name}[{k}]") for k, c in enumerate(structure.children)]
        case "dict":
            if not isinstance(value, dict) or set(value) != set(structure.keys):
                raise ArgumentError(f"{name} must be a dict with the keys {', '.join(map(repr, structure.keys))}")
            pairs = zip(structure.keys, structure.children, strict=True)
            parts = [(c, value[k], f"{name}[{k!r}]") for k, c in pairs]
        case _:
            fields = zip(structure.keys, structure.children, strict=True)
            parts = [(c, getattr(value, str(k)), f"{name}.{k}") for k, c in fields]
    return [leaf for child, part, path in parts for leaf in leaves(child, part, path)]


def paths(structure: Structure, name: str) -> list[str]:
    """How each leaf is written, starting from `name`."""
    match structure.kind:
        case "leaf":
            return [name]
        case "static":
            return []
        case "tuple" | "list":
            steps = [f"[{k}]" for k in range(len(structure.children))]
        case "dict":
            steps = [f"[{k!r}]" for k in structure.keys]
        case _:
            steps = [f".{k}" for k in structure.keys]
    return [p for step, child in zip(steps, structure.children, strict=True) for p in paths(child, name + step)]
