"""The structure of what derivative programs take and return: a derivative is laid out as the value it belongs to."""

from __future__ import annotations

from wengert.ir.nodes import Structure


def structure_of_derivative(structure: Structure) -> Structure:
    """A derivative has the structure of its value; what is static in it has none."""
    if structure.kind == "leaf":
        return structure
    if structure.kind == "static":
        return Structure("static", value=None)
    parts = tuple(map(structure_of_derivative, structure.children))
    return Structure(structure.kind, parts, structure.keys, structure.value)


def pair(a: Structure, b: Structure) -> Structure:
    return Structure("tuple", (a, b))
