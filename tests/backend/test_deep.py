"""Programs with hundreds of branches or terms inside of each other: differentiated in both modes, with legal text."""

import importlib.util
import math
from pathlib import Path
from typing import Any

import pytest

from wengert.backend.load import load
from wengert.backend.room import with_room
from wengert.pipeline import Adjoint, Tangent, described, stages


def elifs(n: int) -> str:
    arms = "".join(f"    elif x < {k}.5:\n        y = x * {k}.0\n" for k in range(1, n))
    return f"    if x < 0.5:\n        y = x\n{arms}    else:\n        y = x * x\n    return y\n"


def early(n: int) -> str:
    return "".join(f"    if x < {k}.5:\n        return x * {k}.0\n" for k in range(n)) + "    return x * x\n"


def early_with_lines_between(n: int) -> str:
    steps = "".join(f"    y = y + x\n    if y > {k}.5 + 3.0 * x:\n        return y * x\n" for k in range(n))
    return f"    y = x\n{steps}    return y\n"


def terms(n: int) -> str:
    return f"    return {' + '.join(['x'] * n)}\n"


def conditional(n: int) -> str:
    return "    return " + "".join(f"x * {k}.0 if x < {k}.5 else " for k in range(n)) + "x\n"


def alternatives(n: int) -> str:
    tests = " or ".join(f"x == {k}.25" for k in range(n))
    return f"    if {tests}:\n        return x\n    return x * x\n"


def returns_of_a_loop(n: int) -> str:
    exits = "".join(f"        if i * x > {k + 3}.5:\n            return s * x\n        s = s + x\n" for k in range(n))
    return f"    s = 0.0\n    for i in range(5):\n{exits}    return s\n"


CASES = [(elifs, 300), (early, 150), (early_with_lines_between, 110), (terms, 600), (conditional, 200), (alternatives, 150)]


def function(path: Path, body: str) -> Any:
    path.write_text(f"def f(x):\n{body}", encoding="utf-8")
    spec = importlib.util.spec_from_file_location("deep", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.f


def made(program: Any, f: Any) -> Any:
    return with_room(lambda: load(dict(stages(program, described(f, (0.7,), {})))["source"]))


@pytest.mark.parametrize(("write", "n"), [*CASES, (returns_of_a_loop, 40)], ids=lambda a: getattr(a, "__name__", str(a)))
def test_both_modes(write: Any, n: int, tmp_path: Path) -> None:
    f = function(tmp_path / "deep.py", write(n))
    backward, forward = made(Adjoint(f, (0,)), f), made(Tangent(f, (0,)), f)
    for x in (0.3, 1.7, 3.2, 17.8, 1e4):
        slope = (f(x + 1e-6) - f(x - 1e-6)) / 2e-6
        assert math.isclose(backward(x), slope, rel_tol=1e-4)
        assert math.isclose(forward(x, 1.0)[1], slope, rel_tol=1e-4)


def test_a_chain_of_branches_reads_as_one(tmp_path: Path) -> None:
    f = function(tmp_path / "deep.py", early(4))
    text = dict(stages(Adjoint(f, (0,)), described(f, (0.7,), {})))["source"].text
    assert text.count("elif x < ") == 3 and "else:\n        # line" in text and "None" not in text


def test_what_one_path_leaves_unbound_is_no_line_of_the_adjoint(tmp_path: Path) -> None:
    f = function(tmp_path / "deep.py", early_with_lines_between(4))
    assert "None" not in dict(stages(Adjoint(f, (0,)), described(f, (0.7,), {})))["source"].text
