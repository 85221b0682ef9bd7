"""The floors of the house: a module of wengert imports only from floors below its own, or from its own package."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent / "wengert"
FLOORS = {
    "errors": 0, "runtime": 0,
    "ir": 1, "sharing": 1,
    "rules": 2,
    "analyses": 3,
    "frontend": 4, "simplify": 4, "backend": 4,
    "transforms": 5,
    "pipeline": 6,
    "trace": 7,
    "derivative": 8, "returning": 8,
    "drivers": 9,
    "api": 10, "custom": 10,
    "testing": 11,
    "cli": 12,
    "__init__": 13, "__main__": 13,
}  # fmt: skip
FILES = sorted(ROOT.rglob("*.py"))


def room(parts: tuple[str, ...]) -> str:
    """The part of the house that `wengert/<parts>` lies in: a folder or a top module, without the suffix."""
    return parts[0].removesuffix(".py") if parts else "__init__"


def imported(path: Path) -> list[tuple[int, str]]:
    """Every module of wengert that the file imports, absolutely or not, at the top or inside a function."""
    package = ("wengert", *path.relative_to(ROOT).parts[:-1])
    found: list[tuple[int, str]] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join((*base, *([node.module] if node.module else [])))
            if module == "wengert":  # `from wengert import api` reaches a room by its name
                found += [(node.lineno, f"wengert.{alias.name}") for alias in node.names]
            else:
                found.append((node.lineno, module))
    return [(line, name) for line, name in found if name.split(".")[0] == "wengert"]


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_come_from_floors_below(path: Path) -> None:
    here = room(path.relative_to(ROOT).parts)
    assert here in FLOORS, f"{here} has no floor: add it to FLOORS"
    for line, name in imported(path):
        there = room(tuple(name.split(".")[1:]))
        there = there if there in FLOORS else "__init__"
        below = FLOORS[there] < FLOORS[here]
        assert below or there == here, f"{path}:{line}: {here} (floor {FLOORS[here]}) imports {name}"


def test_the_house_is_found() -> None:
    assert len(FILES) > 5
