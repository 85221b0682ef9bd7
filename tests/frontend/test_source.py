"""The tree of a function has the places of its file, wherever the function came from; a stale file is refused."""

from __future__ import annotations

import ast
import doctest
import functools
import importlib.util
import linecache
import math
import operator
import os
import subprocess
import sys
import textwrap
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from wengert.errors import SourceError
from wengert.frontend.source import Binding, Source, location, lookup, read

HERE = Path(__file__)
LINES = HERE.read_text(encoding="utf-8").split("\n")
COUNT = iter(range(10**9))


def text_at(source: Source, node: ast.AST | None = None) -> str:
    """What stands in the file where the node says that it is."""
    node = node or source.node
    text = "\n".join(source.lines)
    return ast.get_source_segment(text, node) or ""


def cell(text: str, flags: int = 0) -> dict[str, Any]:
    """The names of a text run as a notebook runs a cell."""
    file = f"<cell {next(COUNT)}>"
    text = textwrap.dedent(text).lstrip("\n")
    linecache.cache[file] = (len(text), None, text.splitlines(True), file)
    space: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(text, file, "exec", flags), space)
    return space


def module(path: Path, text: str) -> types.ModuleType:
    """A file, written and imported."""
    path.write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec and spec.loader
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


# --- functions in files -----------------------------------------------------------------------------------------------


def plain(x: float, n: int = 2) -> float:
    """A docstring."""
    y = x * n
    return y


def test_a_function_in_a_file() -> None:
    source = read(plain)
    assert (source.name, source.file) == ("plain", __file__)
    assert LINES[source.node.lineno - 1].startswith("def plain(x")
    assert isinstance(source.node, ast.FunctionDef)
    assert text_at(source, source.node.body[1]) == "y = x * n"
    place = source.location(source.node.body[1])
    assert place == location(source, source.node.body[1])
    assert (place.file, place.column, place.end_line, place.end_column) == (__file__, 4, place.line, 13)
    assert place.picture() == "    y = x * n\n    ^~~~~~~~~"
    assert source.globals["plain"] is plain


def test_it_is_read_once() -> None:
    assert read(plain) is read(plain)
    again = types.FunctionType(plain.__code__, {"__package__": "other"})
    assert read(again).node is read(plain).node
    assert read(again).globals == {"__package__": "other"}


def same(function: Any) -> Any:
    return function


@same
@functools.partial(
    same,
)
def decorated(x: float) -> float:
    return x + 1


def test_decorators() -> None:
    assert LINES[read(decorated).node.lineno - 1] == "def decorated(x: float) -> float:"


def twice(x: float) -> float:
    return x + 1


first_twice = twice


def twice(x: float) -> float:  # type: ignore[no-redef]
    return x + 2


def test_two_functions_of_one_name() -> None:
    assert text_at(read(first_twice)).endswith("x + 1")
    assert text_at(read(twice)).endswith("x + 2")


def outer(a: float) -> tuple[Callable[..., float], Callable[..., float]]:
    def inner(x: float) -> float:
        return x * a

    made = inner

    def inner(x: float) -> float:  # type: ignore[no-redef]
        return x / a

    return made, inner


def test_nested_functions() -> None:
    times, over = outer(2.0)
    assert text_at(read(times)).endswith("x * a")
    assert text_at(read(over)).endswith("x / a")


class Model:
    __weight = 2.0

    def method(self, x: float) -> float:
        return x * 3

    @staticmethod
    def static(x: float) -> float:
        return x * 4

    def private(self, __x: float) -> float:
        __y = self.__weight * __x
        f = functools.partial(same, __key=1)

        def __inner(__z: float) -> float:
            return __z + f.keywords["__key"]

        class Part:
            def get(self) -> float:
                return self.__weight  # type: ignore[no-any-return]

        return __inner(__y) if Part else self.__dict__["w"]  # type: ignore[no-any-return]


def test_methods() -> None:
    assert text_at(read(Model.method)).endswith("x * 3")
    assert text_at(read(Model().method.__func__)).endswith("x * 3")  # type: ignore[attr-defined]
    assert text_at(read(Model.static)).endswith("x * 4")


def test_private_names_are_written_out_as_the_compiler_does() -> None:
    node = read(Model.private).node
    code = Model.private.__code__
    names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
    assert names >= {"_Model__x", "_Model__y", "_Model__inner"}
    assert "_Model__x" in code.co_varnames and "_Model__y" in code.co_varnames
    attributes = {n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute)}
    assert attributes == {"_Model__weight", "_Part__weight", "partial", "keywords", "__dict__"}
    assert {n.arg for n in ast.walk(node) if isinstance(n, ast.arg)} == {"self", "_Model__x", "_Model__z"}
    assert [n.arg for n in ast.walk(node) if isinstance(n, ast.keyword)] == ["__key"]


def test_functions_with_asserts_that_pytest_rewrote() -> None:
    def checked(x: float) -> float:
        assert x > 0.5, f"{x} is too small"

        def deeper(y: float) -> float:
            assert y in (1.5, 2.5)
            return y * 7.5

        return deeper(x)

    assert any(n.startswith("@py") for n in checked.__code__.co_varnames)
    assert LINES[read(checked).node.lineno - 1].strip().startswith("def checked")
    assert text_at(read(checked)).endswith("return deeper(x)")


# --- lambdas ----------------------------------------------------------------------------------------------------------

pair = (lambda x: x + 1, lambda x: x * 1)
nested = (lambda f: f)(lambda x: lambda y: x - y)  # the second and the third
table = {"a": lambda x: x, "b": lambda x: -x, "c": lambda x, y: x, "d": lambda x: +x, "e": lambda x: abs(x)}
spread = (lambda x:
          x ** 2, lambda x: x ** 3)  # fmt: skip
curried = lambda x: lambda y: lambda z: x + y + z  # noqa: E731
constants = [lambda: 1, lambda: 1.0, lambda: True, lambda: -0.0, lambda: 0.0, lambda: (1, (2.0, "é")), lambda: 2]


def test_lambdas_of_one_line() -> None:
    assert [text_at(read(f)) for f in pair] == ["lambda x: x + 1", "lambda x: x * 1"]
    wanted = ["lambda x: x", "lambda x: -x", "lambda x, y: x", "lambda x: +x", "lambda x: abs(x)"]
    assert [text_at(read(f)) for f in table.values()] == wanted
    assert [text_at(read(f)) for f in spread] == ["lambda x:\n          x ** 2", "lambda x: x ** 3"]


def test_lambdas_in_lambdas() -> None:
    assert text_at(read(nested)) == "lambda x: lambda y: x - y"
    assert text_at(read(nested(1))) == "lambda y: x - y"
    assert text_at(read(curried)) == "lambda x: lambda y: lambda z: x + y + z"
    assert text_at(read(curried(1))) == "lambda y: lambda z: x + y + z"
    assert text_at(read(curried(1)(2))) == "lambda z: x + y + z"


def test_lambdas_that_differ_in_the_type_of_a_constant() -> None:
    texts = [text_at(read(f)) for f in constants]
    assert texts == [f"lambda: {v}" for v in ("1", "1.0", "True", "-0.0", "0.0", '(1, (2.0, "é"))', "2")]


def test_identical_lambdas() -> None:
    a, b = (lambda x: x), (lambda x: x)
    assert text_at(read(a)) == text_at(read(b)) == "lambda x: x"


def test_lambdas_without_columns() -> None:
    """Python 3.10, and later ones with -X no_debug_ranges, tell lambdas apart by what they compile to."""
    program = textwrap.dedent(
        """
        import linecache, ast
        from wengert.frontend.source import read
        text = "fs = [lambda x: x + 1, lambda x: lambda y: x * y, lambda x: x + 1.0]; (lambda: 0) if 0 else 1\\n"
        linecache.cache["cell"] = (len(text), None, [text], "cell")
        exec(compile(text, "cell", "exec"))
        for f in (*fs, fs[1](2)):
            print(ast.unparse(read(f).node), read(f).node.col_offset)
        """
    )
    env = {**os.environ, "PYTHONNODEBUGRANGES": "1"}
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=env, check=False)
    assert run.stdout.splitlines() == [
        "lambda x: x + 1 6",
        "lambda x: lambda y: x * y 23",
        "lambda x: x + 1.0 50",
        "lambda y: x * y 33",
    ], run.stderr


# --- where text comes from --------------------------------------------------------------------------------------------


def test_notebook_cells_with_the_same_code_are_kept_apart() -> None:
    text = """
    import math
    def f(x):
        é = "é"; return math.sin(x)
    """
    a, b = cell(text)["f"], cell(text)["f"]
    assert read(a).file != read(b).file
    assert isinstance(read(a).node, ast.FunctionDef)
    place = read(a).location(read(a).node.body[1])
    assert place.picture() == '    é = "é"; return math.sin(x)\n             ^~~~~~~~~~~~~~~~~~'


def test_a_cell_with_a_top_level_await_and_one_with_a_future() -> None:
    file = f"<cell {next(COUNT)}>"
    text = "async def g(): return 1\ndef f(x):\n    return x\nawait g()\n"
    linecache.cache[file] = (len(text), None, text.splitlines(True), file)
    code = compile(text, file, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    inner = next(c for c in code.co_consts if isinstance(c, types.CodeType) and c.co_name == "f")
    assert read(types.FunctionType(inner, {})).node.lineno == 2
    space = cell("from __future__ import annotations\ndef f(x):\n    def g(y: nowhere): return y\n    return g(x)\n")
    assert text_at(read(space["f"])).startswith("def f(x)")


def test_form_feeds_are_not_line_breaks() -> None:
    f = cell("a = 1\n\x0c\ndef f(x):\n    return '\x1c', x\n")["f"]
    assert (read(f).node.lineno, read(f).lines[2]) == (3, "def f(x):")


def test_doctests() -> None:
    names: dict[str, Any] = {"read": read, "ast": ast}
    text = """
    >>> 1
    1
    >>> def f(x):
    ...     return x + 1
    >>> print(ast.unparse(read(f).node), read(f).node.lineno)
    def f(x):
        return x + 1 1
    >>> f.g = lambda x: x - 1; read(f.g).location(read(f.g).node).column
    6
    """
    test = doctest.DocTestParser().get_doctest(textwrap.dedent(text), names, "test_doctests", None, 0)
    result = doctest.DocTestRunner(verbose=False).run(test)
    assert (result.failed, result.attempted) == (0, 4)


def test_async_functions_and_generators_are_read_too() -> None:
    space = cell("async def f(x):\n    return x\ndef g(x):\n    yield x\n")
    assert text_at(read(space["f"])).startswith("async def f")
    assert text_at(read(space["g"])).startswith("def g")


# --- refused ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("function", "name"),
    [(math.sin, "sin"), (len, "len"), (operator.itemgetter(0), "itemgetter"), (functools.partial(plain), "partial")],
)
def test_no_python(function: Any, name: str) -> None:
    with pytest.raises(SourceError) as caught:
        read(function)
    assert str(caught.value) == (
        f"`{name}` is not written in Python: it has no source to differentiate\n"
        "instead: give it a derivative rule, or call it inside a Python function"
    )


def test_no_text() -> None:
    space: dict[str, Any] = {}
    exec(compile("def f(x): return x", "<nowhere>", "exec"), space)
    with pytest.raises(SourceError) as caught:
        read(space["f"])
    assert str(caught.value) == (
        "the source of `f` cannot be found: there is no text of <nowhere>\n"
        "instead: define it in a file or a notebook cell; for code from `exec`, put its text into `linecache.cache`"
    )


EDITS = [
    "def f(x):\n    return x * 2.0\n",
    "def f(x):\n    return x + 3.0\n",
    "def f(x):\n    return x + 2\n",
    "def f(y):\n    return y + 2.0\n",
    "def g(x):\n    return x + 2.0\n",
    "def f(x): return x +\n",
    "",
    "def f(x):\n    return [u + 1 for u in x]\n\n\ndef f(x):\n    return x + 2.5\n",
]


@pytest.mark.parametrize("edit", EDITS)
def test_a_file_that_changed_is_refused(tmp_path: Path, edit: str) -> None:
    path = tmp_path / "model.py"
    f = module(path, "def f(x):\n    return x + 2.0\n").f
    path.write_text(edit, encoding="utf-8")
    linecache.checkcache(str(path))
    with pytest.raises(SourceError, match=r"`f`.*(is not what runs: the file changed|cannot be found)"):
        read(f)


def test_a_file_that_is_gone_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.py"
    f = module(path, "def f(x):\n    return x + 2.0\n").f
    path.unlink()
    linecache.checkcache(str(path))
    with pytest.raises(SourceError, match="there is no text of"):
        read(f)


def test_a_function_that_was_only_moved_is_found(tmp_path: Path) -> None:
    path = tmp_path / "model.py"
    made = module(path, "def f(x):\n    return x + 2.0\n\ng = [lambda x: x + 5, lambda x: x + 6]\n")
    path.write_text("import math\n\n\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    linecache.checkcache(str(path))
    assert read(made.f).node.lineno == 4
    assert [ast.unparse(read(g).node) for g in made.g] == ["lambda x: x + 5", "lambda x: x + 6"]


def test_a_reloaded_file_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "model.py"
    f = module(path, "def f(x):\n    return x + 2.0\n").f
    assert text_at(read(f)).endswith("x + 2.0")
    again = module(path, "def f(x):\n    # a longer file\n    return x * 5.0\n").f
    os.utime(path, (1, 1))
    assert text_at(read(again)).endswith("x * 5.0")
    assert text_at(read(f)).endswith("x + 2.0")


# --- names ------------------------------------------------------------------------------------------------------------


def closing(a: float) -> tuple[Callable[[float], float], Callable[[float], None]]:
    def f(x: float) -> float:
        return a * x + len([later])

    def change(value: float) -> None:
        nonlocal a
        a = value

    if a < 0:
        later = 1
    return f, change


def kind(f: Any, name: str) -> str:
    return lookup(f, name).kind


def test_where_names_are_found() -> None:
    f, change = closing(2.0)
    assert [kind(f, n) for n in ("a", "plain", "len", "nowhere")] == ["closure", "global", "builtin", "missing"]
    binding = lookup(f, "a")
    assert binding.get() == 2.0
    change(3.0)
    assert binding.get() == 3.0
    assert lookup(f, "plain").get() is plain
    assert lookup(f, "len").get() is len
    assert lookup(f, "plain").holder is globals()


def test_names_without_a_value() -> None:
    f, _ = closing(2.0)
    with pytest.raises(NameError, match=r"^`later` is not assigned yet in the enclosing function$"):
        lookup(f, "later").get()
    with pytest.raises(NameError, match=r"^name `nowhere` is not defined$"):
        lookup(f, "nowhere").get()


def test_a_global_is_read_when_it_is_asked_for() -> None:
    space = cell("def f(x): return k * abs(x)\n")
    k, absolute = lookup(space["f"], "k"), lookup(space["f"], "abs")
    assert (k.kind, absolute.kind) == ("missing", "builtin")
    space["k"] = 5
    assert k.get() == 5
    assert absolute.get() is abs
    space["abs"] = len
    assert absolute.get() is len
    del space["k"], space["abs"]
    assert absolute.get() is abs
    with pytest.raises(NameError):
        k.get()


def test_an_attribute_is_a_place_too() -> None:
    holder = types.SimpleNamespace(rate=0.5)
    binding = Binding("attribute", holder, "rate")
    holder.rate = 0.25
    assert binding.get() == 0.25
