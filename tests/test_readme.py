"""README.md: its programs run, what it shows is what they print, and it names every example."""

from __future__ import annotations

import contextlib
import io
import linecache
import re
import sys
import types
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from wengert.cli import main

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = [m.groups() for m in re.finditer(r"^```(\w+)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)]


def run(text: str, number: int) -> tuple[dict[str, Any], str]:
    """The names and the output of a program of the README."""
    file = f"<readme {number}>"
    linecache.cache[file] = (len(text), None, text.splitlines(True), file)
    module = types.ModuleType(f"readme_{number}")
    sys.modules[module.__name__] = module
    with contextlib.redirect_stdout(io.StringIO()) as out:
        exec(compile(text, file, "exec"), vars(module))
    return vars(module), out.getvalue()


def test_the_first_program_prints_what_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names, out = run(BLOCKS[0][1], 0)
    assert out.strip() == BLOCKS[1][1].strip()
    space: dict[str, Any] = {}
    exec((tmp_path / "energy_gradient.py").read_text(), space)
    for bar, other in zip((names["u_bar"], names["k_bar"]), space["energy_grad"](names["u"], 0.1, 3), strict=True):
        assert np.allclose(bar, other, rtol=1e-12)
    assert names["u"].tolist() == [0.0, 0.0, 1.0, 0.0, 0.0]


def test_the_second_program_prints_what_is_shown() -> None:
    assert run(BLOCKS[2][1], 1)[1] == BLOCKS[3][1]


def test_the_table_is_what_the_command_prints(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    (command,) = re.findall(r"`wengert (trace examples/\S+ [^`]*)`", TEXT)
    assert main(command.split()) == 0
    (shown,) = (body for kind, body in BLOCKS if kind == "text" and body.startswith("f(x1=2"))
    lines = capsys.readouterr().out.splitlines()
    assert [line.rstrip() for line in lines] == [line.rstrip() for line in shown.splitlines()]


def test_every_example_is_in_the_table() -> None:
    assert set(re.findall(r"^\| `examples/(\w+)\.py` \|", TEXT, re.MULTILINE)) == {
        p.stem for p in (ROOT / "examples").glob("*.py")
    }


def test_two_commands_set_it_up() -> None:
    assert len(re.findall(r"^pip install ", TEXT, re.MULTILINE)) == 2
    assert all((ROOT / path).is_file() for path in re.findall(r"\]\((docs/\S+)\)", TEXT))
