"""The command, from its arguments to what it prints and the code it returns."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from wengert.cli import BadInput, literal, load, main

EXAMPLES = Path(__file__).parent.parent / "examples"

PROGRAM = '''\
import math
import numpy as np
from wengert import grad

RATE = 0.5


def f(x1, x2):
    a = math.log(x1)
    b = x1 * x2
    c = math.sin(x2)
    return a + b - c


def decay(x, steps=3):
    print("running")
    for _ in range(steps):
        x = x * RATE
    return x


def energy(u, w=None):
    return np.sum(u * u)


@grad
def decorated(x):
    return x * x


def uncovered(x):
    return np.sum(np.longdouble(x))


class Model:
    def static(x):
        return 2.0 * x


def step(u, rate):
    u[1:-1] += rate * (u[2:] - 2.0 * u[1:-1] + u[:-2])


def total(*xs, scale=1.0, **more):
    return scale * sum(xs) * more.get("factor", 1.0)


def grown(x):
    path = [x]
    for _ in range(int(2 * x)):
        path.append(math.sin(path[-1]))
    return path[-1]


def positive(x):
    if x > 0:
        raise ValueError("x is positive")
    return x


def word(x):
    return "word"


NUMBER = 3.0
'''


@pytest.fixture
def program(tmp_path: Path) -> str:
    path = tmp_path / "program.py"
    path.write_text(PROGRAM)
    return str(path)


def run(capsys: pytest.CaptureFixture[str], *argv: str) -> tuple[int, str, str]:
    code = main(list(argv))
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def refused(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    """The message of a run that must fail with code 2 and print nothing else."""
    code, out, err = run(capsys, *argv)
    assert (code, out) == (2, "")
    assert err.startswith("wengert: ") and "Traceback" not in err
    return err.removeprefix("wengert: ").rstrip("\n")


# --- literals ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2", 2), ("-1e3", -1e3), ("inf", math.inf), ("-inf", -math.inf), ("np.pi", math.pi), ("(1.0, 2)", (1.0, 2)),
        ("None", None), ("'a'", "a"), ("True", True), ("1+2j", 1 + 2j),
    ],
)  # fmt: skip
def test_literals(text: str, value: Any) -> None:
    found = literal(text)
    assert found == value and type(found) is type(value)


def test_nested_lists_are_arrays() -> None:
    assert np.array_equal(literal("[[1.0, -inf], [2, 3]]"), [[1.0, -math.inf], [2.0, 3.0]])
    assert literal("[1, 2]").dtype.kind == "i"
    assert literal("[]").dtype == float
    params = literal("{'w': [1.0], 'n': 2}")
    assert isinstance(params["w"], np.ndarray) and params["n"] == 2
    mixed = literal("[('a', [1.0])]")
    assert isinstance(mixed, list) and isinstance(mixed[0][1], np.ndarray)


@pytest.mark.parametrize("text", ["1 +", "x", "f(2)", "[[1], [2, 3]]", "", "__import__('os')", "np.sin"])
def test_malformed_literals(text: str) -> None:
    with pytest.raises(BadInput, match="--at"):
        literal(text)


# --- functions -----------------------------------------------------------------------------------------------------


def test_load_a_file(program: str) -> None:
    f = load(f"{program}:f")
    assert f(1.0, 0.0) == 0.0 and f.__code__.co_filename == str(Path(program).resolve())


def test_load_a_module() -> None:
    assert load("math:sin") is math.sin


def test_load_unwraps_derivatives_and_follows_dots(program: str) -> None:
    assert load(f"{program}:decorated")(3.0) == 9.0
    assert load(f"{program}:Model.static")(3.0) == 6.0


def test_a_file_of_a_package_is_loaded_as_part_of_it(tmp_path: Path) -> None:
    package = tmp_path / "a_package_of_the_tests"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "constants.py").write_text("TWO = 2.0\n")
    (package / "model.py").write_text("from .constants import TWO\n\ndef f(x):\n    return TWO * x\n")
    assert load(f"{package / 'model.py'}:f")(3.0) == 6.0


def test_no_such_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert refused(capsys, "source", f"{tmp_path}/absent.py:f") == f"no such file: {tmp_path}/absent.py"


def test_no_such_function(capsys: pytest.CaptureFixture[str], program: str) -> None:
    message = refused(capsys, "source", f"{program}:g")
    assert message.startswith(f"no function `g` in {program}; it has ") and "decay, energy" in message


def test_not_a_function(capsys: pytest.CaptureFixture[str], program: str) -> None:
    assert refused(capsys, "source", f"{program}:NUMBER") == f"`NUMBER` in {program} is not a function"
    assert refused(capsys, "source", f"{program}:Model") == f"`Model` in {program} is not a function"
    assert "FILE.py:FUNCTION" in refused(capsys, "source", program)


@pytest.mark.parametrize(
    ("text", "place", "what"),
    [("x = 1\ny = 1 / 0\n", 2, "ZeroDivisionError"), ("def f(:\n", 1, "SyntaxError"),
     ("import no_such_module_here\n", 1, "ModuleNotFoundError"), ("import sys\nsys.exit(3)\n", 2, "SystemExit")],
)  # fmt: skip
def test_files_that_do_not_load(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, text: str, place: int, what: str
) -> None:
    path = tmp_path / "broken.py"
    path.write_text(text)
    assert refused(capsys, "source", f"{path}:f").startswith(f"{path}:{place}: {what}")


def test_no_such_module(capsys: pytest.CaptureFixture[str]) -> None:
    assert refused(capsys, "source", "no_such_module_here:f").startswith("cannot import no_such_module_here: ")


# --- arguments -----------------------------------------------------------------------------------------------------


def test_wrong_arguments(capsys: pytest.CaptureFixture[str], program: str) -> None:
    f = f"{program}:f"
    assert refused(capsys, "trace", f, "--at", "2") == "f(x1, x2): missing a required argument: 'x2'"
    assert refused(capsys, "trace", f, "--at", "1", "2", "3") == "f(x1, x2): too many positional arguments"
    assert refused(capsys, "check", f, "--at", "1", "z=2").startswith("f(x1, x2): ")
    assert refused(capsys, "trace", f, "--at", "x1=2", "x1=3") == "--at x1=3: `x1` is given twice"
    assert refused(capsys, "trace", f, "--at", "x1=2", "3") == "--at 3: positional arguments come before NAME=literal"
    assert refused(capsys, "trace", f, "--at", "a+b", "3") == "--at a+b: not a Python literal"
    assert refused(capsys, "trace", f, "--at", "sin", "3") == (
        """--at sin: not a Python literal; a string needs quotes: "'sin'\""""
    )
    assert refused(capsys, "trace", f) == "the point is missing: add --at ARG ..."


def test_wrong_options(capsys: pytest.CaptureFixture[str], program: str) -> None:
    f = f"{program}:f"
    assert "--mode" in refused(capsys, "trace", f, "--at", "2", "5", "--mode", "sideways")
    assert "x9" in refused(capsys, "trace", f, "--at", "2", "5", "--wrt", "x9")
    assert refused(capsys, "source", f, "--argnums", "2") == (
        "--argnums 2: the function has 2 parameters, counted from 0"
    )
    assert refused(capsys, "source", f, "--argnums", "x").startswith("--argnums x: ")
    assert refused(capsys, "trace", f"{program}:energy", "--at", "'text'").startswith("there is no argument ")
    refused(capsys)
    refused(capsys, "paint")


def test_what_the_function_raises(capsys: pytest.CaptureFixture[str], program: str) -> None:
    message = refused(capsys, "trace", f"{program}:f", "--at", "-1.0", "5.0")
    assert message.startswith(f"{program}:9:9: ") and "ValueError" in message


def test_what_cannot_be_differentiated(capsys: pytest.CaptureFixture[str], program: str) -> None:
    for command in ("source", "trace", "check"):
        message = refused(capsys, command, f"{program}:uncovered", "--at", "[1.0, 2.0]")
        assert "longdouble" in message


def test_help_and_version(capsys: pytest.CaptureFixture[str]) -> None:
    for argv in (["--version"], ["--help"], ["trace", "--help"]):
        with pytest.raises(SystemExit) as stop:
            main(argv)
        assert stop.value.code == 0
    assert "FILE.py:FUNCTION" in capsys.readouterr().out


# --- the commands --------------------------------------------------------------------------------------------------


def rows(out: str, section: str) -> list[tuple[str, float]]:
    return [(r["name"], round(r["value"], 3)) for r in json.loads(out)["rows"] if r["section"] == section]


PRIMAL = [
    ("v-1", 2), ("v0", 5), ("v1", 0.693), ("v2", 10), ("v3", -0.959), ("v4", 10.693), ("v5", 11.652), ("y", 11.652),
]  # fmt: skip


def test_trace_forward_is_table_2_of_the_survey(capsys: pytest.CaptureFixture[str], program: str) -> None:
    code, out, err = run(
        capsys, "trace", f"{program}:f", "--at", "2", "5", "--mode", "forward", "--format", "json"
    )
    assert (code, err) == (0, "")
    assert rows(out, "tangent") == [
        ("v-1_dot", 1), ("v0_dot", 0), ("v1_dot", 0.5), ("v2_dot", 5), ("v3_dot", 0), ("v4_dot", 5.5),
        ("v5_dot", 5.5), ("y_dot", 5.5),
    ]  # fmt: skip


def test_trace_forward_with_respect_to_another_input(capsys: pytest.CaptureFixture[str], program: str) -> None:
    argv = ("trace", f"{program}:f", "--at", "2", "x2=5", "--mode", "forward", "--wrt", "x2", "--format", "json")
    assert rows(run(capsys, *argv)[1], "tangent")[-1] == ("y_dot", 1.716)


def test_trace_reverse_is_table_3_of_the_survey(capsys: pytest.CaptureFixture[str], program: str) -> None:
    code, out, err = run(capsys, "trace", f"{program}:f", "--at", "2", "5", "--format", "json")
    assert (code, err) == (0, "")
    assert rows(out, "primal") == PRIMAL
    assert sorted(rows(out, "adjoint")) == sorted([
        ("v5_bar", 1), ("v4_bar", 1), ("v3_bar", -1), ("v1_bar", 1), ("v2_bar", 1), ("v0_bar", -0.284),
        ("v-1_bar", 5), ("v0_bar", 1.716), ("v-1_bar", 5.5), ("x1_bar", 5.5), ("x2_bar", 1.716),
    ])  # fmt: skip


def test_trace_of_the_example(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "trace", f"{EXAMPLES / 'survey.py'}:f", "--at", "2", "5")
    assert code == 0
    assert "= 11.6521" in out and "x1_bar" in out and "= 1.71634" in out


def test_trace_primal_in_every_format(capsys: pytest.CaptureFixture[str], program: str) -> None:
    for name, first in (("text", "f(x1=2, x2=5)"), ("markdown", "**`f(x1=2, x2=5)`**"), ("csv", "section,name")):
        argv = ("trace", f"{program}:f", "--at", "2", "5", "--mode", "primal", "--format", name)
        code, out, _ = run(capsys, *argv)
        assert code == 0 and out.startswith(first)


def test_trace_unrolls_loops_and_cuts_them_unless_told(capsys: pytest.CaptureFixture[str], program: str) -> None:
    argv = ("trace", f"{program}:decay", "--at", "2.0", "200", "--mode", "primal")
    code, out, err = run(capsys, *argv)
    assert code == 0 and "lines left out" in out and len(out.splitlines()) < 70
    assert err == "running\n" and "running\n" not in out
    whole = run(capsys, *argv, "--all")[1]
    assert "left out" not in whole and whole.count("* RATE") >= 200


def test_negative_numbers_after_at(capsys: pytest.CaptureFixture[str], program: str) -> None:
    for value in ("-1", "-1e3", "-.5", "[-1.0, -2.0]"):
        code, out, err = run(capsys, "trace", "--mode", "primal", f"{program}:energy", "--at", value)
        assert (code, err) == (0, "") and "-" in out


def test_source_runs_without_wengert(capsys: pytest.CaptureFixture[str], program: str) -> None:
    code, out, err = run(capsys, "source", f"{program}:f", "--argnums", "0", "1", "--at", "2.0", "5.0")
    assert (code, err) == (0, "")
    assert "wengert" not in out.replace("Wengert", "")
    space: dict[str, Any] = {}
    exec(compile(out, "generated.py", "exec"), space)
    gradient = next(v for k, v in space.items() if k.startswith("f_"))
    assert np.allclose(gradient(2.0, 5.0), (5.5, 2.0 - math.cos(5.0)))


def test_source_without_a_point_and_in_forward_mode(capsys: pytest.CaptureFixture[str], program: str) -> None:
    code, out, _ = run(capsys, "source", f"{program}:energy")
    assert code == 0 and "def energy" in out
    code, out, _ = run(capsys, "source", f"{program}:f", "--mode", "forward", "--at", "2.0", "5.0")
    assert code == 0 and "x1_dot" in out


def test_check_agrees(capsys: pytest.CaptureFixture[str], program: str) -> None:
    code, out, err = run(capsys, "check", f"{program}:f", "--at", "2", "5")
    assert code == 0 and err == "" and out


def test_check_of_defaults_keywords_and_any_number_of_arguments(
    capsys: pytest.CaptureFixture[str], program: str
) -> None:
    def names(*at: str) -> list[str]:
        code, out, err = run(capsys, "check", f"{program}:total", "--at", *at)
        assert (code, err) == (0, "")
        return [line.split()[0] for line in out.splitlines()[1:-1]]

    assert names("1.0", "2.0") == ["xs_0", "xs_1", "scale"]
    assert names("1.0", "2.0", "--argnums", "1") == ["xs_1"]
    assert names("1.0", "scale=2.0", "factor=3.0") == ["xs_0", "scale,"]
    code, out, _ = run(capsys, "check", f"{program}:decay", "--at", "2.0")
    assert code == 0 and "x " in out


def test_check_of_a_function_that_writes_into_its_argument(capsys: pytest.CaptureFixture[str], program: str) -> None:
    at = ("--at", "[0.0, 1.0, 3.0]", "0.1")
    message = refused(capsys, "check", f"{program}:step", *at)
    assert message.endswith("for what it leaves in an argument add --returning NAME")
    code, out, err = run(capsys, "check", f"{program}:step", "--returning", "u", *at)
    assert (code, err) == (0, "") and out.endswith("ok\n")
    code, out, err = run(capsys, "source", f"{program}:step", "--mode", "pullback", "--returning", "u", *at)
    assert (code, err) == (0, "") and "def step_pullback(u, rate, value_bar):" in out
    code, out, err = run(capsys, "trace", f"{program}:step", "--mode", "forward", "--returning", "u", *at)
    assert (code, err) == (0, "") and "with [1:-1] += " in out
    assert "'w'" in refused(capsys, "source", f"{program}:step", "--returning", "w", *at)


def test_check_tells_where_the_function_raises(capsys: pytest.CaptureFixture[str], program: str) -> None:
    message = refused(capsys, "check", f"{program}:positive", "--at", "1.0")
    assert message.startswith(f"{program}:") and message.endswith(": ValueError: x is positive")


def test_check_needs_a_number(capsys: pytest.CaptureFixture[str], program: str) -> None:
    message = refused(capsys, "check", f"{program}:word", "--at", "1.0")
    assert message == "`word` returns a str: there is no derivative to check"


def test_lists_are_traced_as_they_grow(capsys: pytest.CaptureFixture[str], program: str) -> None:
    code, out, err = run(capsys, "trace", f"{program}:grown", "--at", "1.0")
    assert (code, err) == (0, "")
    assert "v3 with append(v5)" in out and "with pop()" in out and "listed" not in out and "End." not in out


def test_trace_of_any_number_of_arguments(capsys: pytest.CaptureFixture[str], program: str) -> None:
    code, out, err = run(capsys, "trace", f"{program}:total", "--at", "1.0", "2.0", "scale=3.0")
    assert (code, err) == (0, "") and "xs_1_bar" in out


def test_check_disagrees(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "wrong.py"
    path.write_text(
        "from wengert import custom_jvp\n\n@custom_jvp\ndef twice(x):\n    return 2.0 * x\n\n"
        "@twice.defjvp\ndef twice_jvp(primals, tangents):\n    return twice(*primals), 3.0 * tangents[0]\n\n"
        "def f(x):\n    return twice(x) * x\n"
    )
    code, out, err = run(capsys, "check", f"{path}:f", "--at", "2.0")
    assert code == 1 and out and err == ""


def test_python_m_wengert_and_a_reader_that_goes_away(program: str) -> None:
    command = [sys.executable, "-m", "wengert", "trace", f"{program}:decay", "--at", "2.0", "2000", "--all"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == "running\n"
    assert process.returncode == 0


# --- rules ---------------------------------------------------------------------------------------------------------


def test_rules_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "rules", "np.linalg.d*", "np.ceil")
    assert (code, err) == (0, "")
    assert out.splitlines()[0].split() == ["np.ceil", "constant", "constant"]
    assert ["np.linalg.det", "differentiable", "structural", "by", "x"] in [line.split() for line in out.splitlines()]


def test_rules_in_every_format(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "rules", "--module", "np.fft", "--format", "json")
    assert {row["module"] for row in json.loads(out)["names"]} == {"numpy.fft"}
    _, out, _ = run(capsys, "rules", "apply_over_axes", "--format=markdown")
    assert out.splitlines()[-1] == "| `np.apply_over_axes` | refused |  | it calls a function of Python: write the loop |"


def test_rules_summary(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "rules", "--summary")
    assert code == 0
    assert out.splitlines()[0].split() == ["module", "differentiable", "constant", "refused", "all"]
    assert "numpy.random.Generator" in out
    _, out, _ = run(capsys, "rules", "--summary", "--module", "math", "--format", "json")
    assert list(json.loads(out)["modules"]) == ["math"]


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["no_such_name"], "no name matches `no_such_name`"),
        (["--module", "numpy.linlg"], "no module `numpy.linlg` in the table"),
        (["sin", "--at", "2"], "`rules` has no --at"),
        (["--format", "csv"], "invalid choice: 'csv'"),
    ],
)
def test_rules_of_bad_input(capsys: pytest.CaptureFixture[str], argv: list[str], message: str) -> None:
    assert message in refused(capsys, "rules", *argv)
