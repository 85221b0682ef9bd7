"""Times what is not the gradient itself: a call through the decorated object, the transformation, the import."""

from __future__ import annotations

import importlib.util
import math
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from contenders import contender
from yardsticks import CASES

SWEEPS = 5
LENGTHS = (50, 500, 5000)
IMPORTS = {"NumPy and astor": "import numpy, astor", "and wengert": "import numpy, astor, wengert"}
PATTERNS = (
    "{v} = math.sin({a})",
    "{v} = {a} * {b}",
    "{v} = {a} + 0.5 * {b}",
    "{v} = math.exp(-{a} * {a})",
    "{v} = {a} / (1.0 + {b} * {b})",
)


def program_text(statements: int) -> str:
    """A straight-line function; each statement reads the two values before it."""
    lines = ["import math", "", "", "def program(x0, x1):"]
    for k in range(2, statements + 2):
        pattern = PATTERNS[k % len(PATTERNS)]
        lines.append("    " + pattern.format(v=f"x{k}", a=f"x{k - 1}", b=f"x{k - 2}"))
    lines.append(f"    return x{statements + 1}")
    return "\n".join(lines) + "\n"


def fresh_function(folder: Path, statements: int, number: int) -> Callable[..., float]:
    """A function object that no cache has seen."""
    path = folder / f"program_{statements}_{number}.py"
    path.write_text(program_text(statements), encoding="utf-8")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    function: Callable[..., float] = module.program
    assert math.isfinite(function(0.3, 0.7))
    return function


@pytest.mark.parametrize("name", ["lowered", "wengert"] * SWEEPS)
def test_call(benchmark: Any, name: str) -> None:
    function, args = contender(name, CASES[0])
    benchmark.extra_info.update(table="call", contender=name)
    benchmark(function, *args)


@pytest.mark.parametrize("statements", LENGTHS)
def test_transform(benchmark: Any, tmp_path: Path, statements: int) -> None:
    import wengert

    made = iter(range(1000))

    def setup() -> tuple[tuple[Any, ...], dict[str, Any]]:
        return (fresh_function(tmp_path, statements, next(made)),), {}

    def transform(function: Callable[..., float]) -> Any:
        return wengert.grad(function, (0, 1)).lower(0.3, 0.7)

    benchmark.extra_info.update(table="transform", statements=statements)
    benchmark.pedantic(transform, setup=setup, rounds=5, warmup_rounds=1)


@pytest.mark.parametrize("what", list(IMPORTS) * SWEEPS)
def test_import(benchmark: Any, tmp_path_factory: pytest.TempPathFactory, what: str) -> None:
    benchmark.extra_info.update(table="import", what=what)
    command = [sys.executable, "-c", IMPORTS[what]]
    # an installed package has its bytecode: the warm-up round writes it, wherever this process keeps its own
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPYCACHEPREFIX"] = str(tmp_path_factory.getbasetemp() / "bytecode")
    options = {"check": True, "env": environment}
    benchmark.pedantic(subprocess.run, (command,), options, rounds=3, warmup_rounds=1)
