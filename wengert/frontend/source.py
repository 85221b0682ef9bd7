"""From a Python function to its syntax tree with true positions, and what its free names denote.

In: a function object. Out: a `Source`, whose nodes count lines and columns from the start of the user's file.

    source = read(loss)
    source.node.lineno                  12, the line of `def loss` in its file
    source.location(source.node)        model.py:12:1
    lookup(loss, "np").get()            the module that loss would see now

The text is checked against the code that runs: a file that was edited after its import is refused, not guessed at.
"""

from __future__ import annotations
import __future__

import ast
import builtins
import functools
import linecache
import types
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias, cast

from wengert.errors import Location, SourceError

Node: TypeAlias = ast.FunctionDef | ast.Lambda


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """The text of a function: `node` is its part of the tree of `file`; `lines` are those of the whole file.

    `node` may be shared with other readers: it is never changed. Private names in classes (`self.__x`) are written out
    as the compiler does (`self._Model__x`). An `async def` is given as if it were a `def`; `subset` refuses it.
    """

    name: str
    file: str
    node: Node
    lines: tuple[str, ...] = ()
    globals: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def location(self, node: ast.AST) -> Location:
        return location(self, node)


def location(source: Source, node: ast.AST) -> Location:
    """The span of an expression or statement of `source`."""
    line, column = getattr(node, "lineno", 0), getattr(node, "col_offset", 0)
    end = getattr(node, "end_lineno", None) or 0
    return Location(source.file, line, column, end, getattr(node, "end_col_offset", None) or 0)


@dataclass(frozen=True, slots=True, eq=False)
class Binding:
    """Where a name is kept: `holder` is a closure cell, a module's globals, or the owner of an attribute.

    `kind` is what held the name when it was looked up: "closure", "global", "builtin" or "missing"; or "attribute".
    """

    kind: str
    holder: Any
    name: str

    def get(self) -> Any:
        """The value now, as Python would find it; raises NameError where there is none (yet)."""
        if self.kind == "closure":
            try:
                return self.holder.cell_contents
            except ValueError:
                raise NameError(f"`{self.name}` is not assigned yet in the enclosing function") from None
        if self.kind == "attribute":
            return getattr(self.holder, self.name)
        # a global that appears later hides a builtin, so the kind does not decide
        try:
            return self.holder[self.name]
        except KeyError:
            try:
                return _builtins(self.holder)[self.name]
            except KeyError:
                raise NameError(f"name `{self.name}` is not defined") from None


def lookup(function: types.FunctionType, name: str) -> Binding:
    """Where a free name of `function` is found; what is local to the function is not asked for here."""
    free = function.__code__.co_freevars
    if name in free:
        assert function.__closure__ is not None
        return Binding("closure", function.__closure__[free.index(name)], name)
    scope = function.__globals__
    kind = "global" if name in scope else "builtin" if name in _builtins(scope) else "missing"
    return Binding(kind, scope, name)


def _builtins(scope: dict[str, Any]) -> dict[str, Any]:
    found = scope.get("__builtins__", builtins)
    return found if isinstance(found, dict) else vars(found)


# --- reading ----------------------------------------------------------------------------------------------------------

_READ: dict[tuple[int, int], tuple[Any, Source]] = {}
"""By the identity of the code and of its globals, which the entry keeps alive; equal codes may be of two files."""

_MOST = 4096
"""How many functions are remembered; a program that makes functions without end must not fill the memory."""


def read(function: Callable[..., Any]) -> Source:
    """The source of a Python function.

    Raises `SourceError` where there is none, or where the file no longer says what the function does.
    """
    if not isinstance(function, types.FunctionType):
        name = getattr(function, "__name__", type(function).__name__)
        raise SourceError(
            f"`{name}` is not written in Python: it has no source to differentiate",
            "give it a derivative rule, or call it inside a Python function",
        )
    place = (function.__code__, function.__globals__)
    key = (id(place[0]), id(place[1]))
    found = _READ.get(key)
    if found is None:
        found = (place, _find(function))
        while len(_READ) >= _MOST:
            _READ.pop(next(iter(_READ)), None)
        _READ[key] = found
    return found[1]


def _find(function: types.FunctionType) -> Source:
    code = function.__code__
    file, found = code.co_filename, False
    for attempt in range(2):
        if attempt:  # what linecache holds may be older than a reload
            linecache.checkcache(file)
        text = "".join(linecache.getlines(file, function.__globals__))
        found = found or bool(text)
        try:
            module = _module(file, text, code.co_flags & _FUTURE)
        except (SyntaxError, ValueError):
            continue
        node = module.node(code)
        if node is not None:
            return Source(code.co_name, file, node, module.lines, function.__globals__)
    if not found or file in ("<string>", "<stdin>"):  # many texts share these names; Python 3.13 keeps that of `python -c`
        raise SourceError(
            f"the source of `{code.co_name}` cannot be found: there is no text of {file}",
            "define it in a file or a notebook cell; for code from `exec`, put its text into `linecache.cache`",
        )
    raise SourceError(
        f"the source of `{code.co_name}` in {file} is not what runs: the file changed after it was imported, "
        "or the code was rewritten",
        "import it again, or restart Python; leave import hooks that rewrite functions off for it",
        Location(file, code.co_firstlineno, 0),
    )


_FUTURE = functools.reduce(
    lambda flags, name: flags | getattr(__future__, name).compiler_flag, __future__.all_feature_names, 0
)


@dataclass(frozen=True, slots=True, eq=False)
class _Module:
    """A file: the code objects that its text compiles to, its `def`s by name and first line, its lambdas by line."""

    file: str
    flags: int
    text: str
    lines: tuple[str, ...]
    codes: tuple[types.CodeType, ...]
    functions: dict[tuple[str, int], Node]
    lambdas: dict[int, list[ast.Lambda]]

    def node(self, code: types.CodeType) -> Node | None:
        """The function that `code` was compiled from; None where the text has no such function."""
        alike = [c for c in self.codes if c.co_name == code.co_name and _same(c, code)]
        # where only other parts of the file changed, the function may have moved
        here = [c for c in alike if c.co_firstlineno == code.co_firstlineno] or (alike if len(alike) == 1 else [])
        if not here:
            return None
        line = here[0].co_firstlineno
        if code.co_name != "<lambda>":
            return self.functions.get((code.co_name, line))
        nodes = self.lambdas[line]
        if len(nodes) == 1:
            return nodes[0]
        exact = next((c for c in here if _spans(c) == _spans(code)), here[0])
        return _enclosing(nodes, exact) or self.compiled(nodes, code)

    def compiled(self, nodes: list[ast.Lambda], code: types.CodeType) -> Node | None:
        """Which of the lambdas of one line compiles to `code`, told by moving each in turn to a line of its own."""
        line, away = nodes[0].lineno, len(self.lines)
        for k, node in enumerate(nodes):
            tree = _parse(self.text, self.file, self.flags)
            ast.increment_lineno([n for n in ast.walk(tree) if isinstance(n, ast.Lambda) and n.lineno == line][k], away)
            # those inside it move along, and come after it
            codes = _codes(_compile(tree, self.file, self.flags))
            moved = next((c for c in codes if c.co_firstlineno == line + away), None)
            if moved is not None and _same(moved, code):
                return node
        return None


@functools.lru_cache(maxsize=256)
def _module(file: str, text: str, flags: int) -> _Module:
    tree = _parse(text, file, flags)
    codes = tuple(_codes(_compile(tree, file, flags)))
    functions: dict[tuple[str, int], Node] = {}
    lambdas: dict[int, list[ast.Lambda]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Lambda):
            lambdas.setdefault(node.lineno, []).append(node)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            # code starts at its first decorator
            first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
            functions[node.name, first] = cast(ast.FunctionDef, node)
    _write_out_private(tree, "")
    return _Module(file, flags, text, tuple(text.split("\n")), codes, functions, lambdas)


def _parse(text: str, file: str, flags: int) -> ast.Module:
    return cast(ast.Module, _compile(text, file, flags | ast.PyCF_ONLY_AST))


def _compile(what: str | ast.Module, file: str, flags: int) -> Any:
    with warnings.catch_warnings():  # the user has seen the compiler's warnings at import
        warnings.simplefilter("ignore")
        # a notebook cell may have a top-level await
        return compile(what, file, "exec", flags | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)


def _codes(code: types.CodeType) -> Iterator[types.CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield constant
            yield from _codes(constant)


# --- telling functions apart ------------------------------------------------------------------------------------------

_SHAPE = ("co_name", "co_argcount", "co_posonlyargcount", "co_kwonlyargcount", "co_freevars")
_WHOLE = (*_SHAPE, "co_flags", "co_code", "co_names", "co_varnames", "co_cellvars")


def _same(text: types.CodeType, running: types.CodeType) -> bool:
    """True where the two do the same, wherever they stand."""
    if any(n.startswith("@py") for n in (*running.co_names, *running.co_varnames)):
        return _same_but_asserts(text, running)
    if any(getattr(text, a) != getattr(running, a) for a in _WHOLE) or len(text.co_consts) != len(running.co_consts):
        return False
    return all(map(_same_constant, text.co_consts, running.co_consts))


def _same_constant(a: Any, b: Any) -> bool:
    if isinstance(a, types.CodeType) and isinstance(b, types.CodeType):
        return _same(a, b)
    # 1, 1.0 and True are equal, and 0.0 and -0.0; a frozenset has no order
    return type(a) is type(b) and (a == b if isinstance(a, frozenset) else repr(a) == repr(b))


def _same_but_asserts(text: types.CodeType, running: types.CodeType) -> bool:
    """True where `running` may be `text` with its asserts rewritten by pytest: arguments, names and numbers agree."""
    count = text.co_argcount + text.co_kwonlyargcount
    if any(getattr(text, a) != getattr(running, a) for a in _SHAPE):
        return False
    if text.co_varnames[:count] != running.co_varnames[:count]:
        return False
    names = {*running.co_names, *running.co_varnames, *running.co_cellvars}
    if not names.issuperset((*text.co_names, *text.co_varnames, *text.co_cellvars)):
        return False
    inner = [c for c in running.co_consts if isinstance(c, types.CodeType)]
    numbers = [c for c in running.co_consts if isinstance(c, int | float | complex)]
    for c in text.co_consts:
        pool: list[Any] = inner if isinstance(c, types.CodeType) else numbers
        if isinstance(c, types.CodeType | int | float | complex) and not any(_same_constant(c, d) for d in pool):
            return False
    return True


def _spans(code: types.CodeType) -> list[tuple[int, int, int, int]]:
    """Where the instructions stand in the text; empty before Python 3.11 and with -X no_debug_ranges."""
    found = []
    for line, end_line, column, end_column in code.co_positions() if hasattr(code, "co_positions") else ():
        # the instructions that open a function stand at column 0 of its first line
        if line and end_line and column is not None and end_column:
            found.append((line, column, end_line, end_column))
    return found


def _enclosing(nodes: list[ast.Lambda], code: types.CodeType) -> ast.Lambda | None:
    """The innermost of the lambdas whose body has all instructions of `code`."""
    spans = _spans(code)
    if not spans:
        return None
    first, last = min(s[:2] for s in spans), max(s[2:] for s in spans)
    around = []
    for node in nodes:
        body = node.body
        start, end = (body.lineno, body.col_offset), (body.end_lineno or 0, body.end_col_offset or 0)
        if start <= first and last <= end:
            around.append((start, node))
    return max(around, key=lambda pair: pair[0])[1] if around else None


_NAMED: dict[type[ast.AST], str] = {
    ast.Name: "id", ast.Attribute: "attr", ast.arg: "arg", ast.alias: "asname", ast.FunctionDef: "name",
    ast.Global: "names", ast.Nonlocal: "names",
}  # fmt: skip


def _write_out_private(node: ast.AST, cls: str) -> None:
    """Rename `__x` inside `class Model` to `_Model__x`, in place; keyword arguments of calls stay, as in Python."""
    if isinstance(node, ast.ClassDef):
        for outside in (*node.bases, *node.keywords, *node.decorator_list):
            _write_out_private(outside, cls)
        for statement in node.body:
            _write_out_private(statement, node.name.lstrip("_"))
        return
    attribute = _NAMED.get(type(node))
    if cls and attribute:
        old = getattr(node, attribute)
        setattr(node, attribute, [_private(n, cls) for n in old] if isinstance(old, list) else _private(old, cls))
    for child in ast.iter_child_nodes(node):
        _write_out_private(child, cls)


def _private(name: str | None, cls: str) -> str | None:
    return f"_{cls}{name}" if name and name.startswith("__") and not name.endswith("__") else name
