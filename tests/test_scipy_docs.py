"""docs/scipy.md: its program runs and prints what is shown, and its table names functions that have rows."""

from __future__ import annotations

import contextlib
import importlib
import io
import linecache
import re
import sys
import types
from pathlib import Path

import pytest

from wengert.rules.kinds import Constant, lookup

pytest.importorskip("scipy")
TEXT = (Path(__file__).parent.parent / "docs" / "scipy.md").read_text(encoding="utf-8")
BLOCKS = [m.group(1) for m in re.finditer(r"^```\w+\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)]


def test_the_program_prints_what_is_shown() -> None:
    file = "<docs scipy>"
    linecache.cache[file] = (len(BLOCKS[0]), None, BLOCKS[0].splitlines(True), file)
    module = types.ModuleType("docs_scipy")
    sys.modules[module.__name__] = module
    with contextlib.redirect_stdout(io.StringIO()) as out:
        exec(compile(BLOCKS[0], file, "exec"), vars(module))
    assert out.getvalue() == BLOCKS[1]


def rows_of_the_table() -> list[tuple[str, list[str]]]:
    found, module = [], ""
    for line in TEXT.splitlines():
        cells = [c.strip() for c in line.strip("|").split("|")]
        if line.startswith("|") and not line.startswith("|--") and cells[1] != "differentiable":
            module = cells[0].strip("`") or module
            found.append((module, re.findall(r"`(\w+)`", cells[1])))
    return found


def test_the_table_names_functions_with_rows() -> None:
    for name, functions in rows_of_the_table():
        module = importlib.import_module(name)
        if name == "scipy.stats":
            methods = [f for f in functions if f[-2:] in ("df", "sf") or f in ("pmf", "logpmf", "ppf")]
            operations = [getattr(getattr(module, d), m) for d in functions if d not in methods for m in methods]
        else:  # an older SciPy may not have all of them
            operations = [getattr(module, f) for f in functions if hasattr(module, f)]
        for operation in operations:
            row = lookup(operation)
            assert row is not None and not isinstance(row, Constant), operation
