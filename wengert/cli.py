"""The command `wengert`: a function in a file, and its derivative as a program, as a table or checked.

    wengert source model.py:loss --mode reverse
    wengert trace survey.py:f --at 2 5 --mode forward --wrt x1
    wengert check model.py:loss --at "[1.0, 2.0]" rate=0.1
    wengert check heat.py:step --returning u --at "[0.0, 1.0, 0.0]" 0.1
    wengert rules np.linalg "*.cum*" --format markdown

Results go to stdout; what the user's own code prints goes to stderr. Exit code 0: done; 1: `check` found a
disagreement; 2: the input is bad, with one message on stderr.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import importlib.metadata
import importlib.util
import inspect
import os
import re
import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

from wengert import pipeline
from wengert.errors import WengertError
from wengert.returning import copied, returning
from wengert.testing import Report, check_grads, leaves
from wengert.trace.literals import parsed
from wengert.trace.point import arguments, differentiable, trace
from wengert.trace.table import LIMIT, Trace

ARG = """an ARG is a Python literal or NAME=literal. Nested lists of numbers become arrays, of integers where all the
numbers are; inf, nan, pi and np.pi are known. Numbers stay Python numbers. trace and check differentiate with respect
to all arguments with floats in them, or all with integers if there is no float, unless --argnums or --wrt is given."""


class BadInput(Exception):
    """What the user gave cannot be used; the text is the message."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise BadInput(f"{message} (see `{self.prog} --help`)")


def main(argv: list[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    given, at = _split(sys.argv[1:] if argv is None else argv)
    try:
        options = _parser().parse_args(given)
        with contextlib.redirect_stdout(sys.stderr):
            text, code = options.run(options, at)
    except BadInput as error:
        return _complain(str(error))
    except WengertError as error:
        return _complain(str(error))
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        return _complain(_told(error))
    return _print(text, code)


def _complain(message: str) -> int:
    print(f"wengert: {message}", file=sys.stderr)
    return 2


def _print(text: str, code: int) -> int:
    """Write the result; a reader that goes away (`| head`) is no error."""
    try:
        encoding = sys.stdout.encoding or "utf-8"
        print(text.rstrip("\n").encode(encoding, "backslashreplace").decode(encoding), flush=True)
    except BrokenPipeError:
        # or the interpreter would complain when it flushes at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return code


def _told(error: BaseException, file: str | None = None) -> str:
    """An exception in one line, with the innermost place in `file` (in any file where None)."""
    what = f"{type(error).__name__}: {' '.join(str(error).split())}".rstrip(": ")
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename}:{error.lineno}: SyntaxError: {error.msg}"
    frames = [f for f in traceback.extract_tb(error.__traceback__) if file is None or f.filename == file]
    return f"{frames[-1].filename}:{frames[-1].lineno}: {what}" if frames else what


# --- the command line -------------------------------------------------------------------------------------------------


def _split(argv: Sequence[str]) -> tuple[list[str], list[str] | None]:
    """The arguments of `--at` apart from the rest, since argparse takes `-1e3` and `-inf` for options."""
    rest: list[str] = []
    at: list[str] | None = None
    taking = False
    for word in argv:
        if word == "--at" or word.startswith("--at="):
            at = [*(at or []), *([word[5:]] if "=" in word else [])]
            taking = True
        elif taking and at is not None and not word.startswith("--") and word != "-h":
            at.append(word)
        else:
            taking = False
            rest.append(word)
    return rest, at


def _parser() -> argparse.ArgumentParser:
    try:
        version = importlib.metadata.version("wengert")
    except importlib.metadata.PackageNotFoundError:
        version = "(not installed)"
    about = "Derivatives of plain NumPy functions."
    parser = _Parser(prog="wengert", description=about, epilog=ARG, allow_abbrev=False)
    parser.add_argument("--version", action="version", version=f"wengert {version}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=_Parser)
    source = _command(commands, _source, "source", "print the generated module")
    table = _command(commands, _trace, "trace", "print the evaluated Wengert list at a point")
    check = _command(commands, _check, "check", "compare forward mode, reverse mode and differences at a point")
    modes = ("reverse", "forward", "primal")
    table.add_argument("--mode", choices=modes, default="reverse")
    pullback = "`pullback` takes the cotangent of a result, which may then be an array or a structure"
    source.add_argument("--mode", choices=(*modes, "pullback"), default="reverse", help=pullback)
    for command in (source, table, check):
        command.add_argument(
            "--returning", nargs="+", metavar="NAME", default=(), help="the arguments whose final contents are results too"
        )
        command.add_argument(
            "--argnums", nargs="+", metavar="K", help="the arguments to differentiate with respect to, counted from 0"
        )
    table.add_argument("--wrt", metavar="NAME", help="the argument whose tangent is 1, or whose adjoint is asked for")
    table.add_argument("--format", choices=tuple(FORMATS), default="text")
    table.add_argument("--all", action="store_true", help=f"show long tables whole (otherwise {LIMIT} lines)")
    _rules_command(commands)
    return parser


def _rules_command(commands: Any) -> None:
    what = "print what is differentiated: every public name of NumPy, math and cmath, and what SciPy has with a rule"
    command: argparse.ArgumentParser = commands.add_parser("rules", help=what, description=what, allow_abbrev=False)
    command.add_argument("names", nargs="*", metavar="NAME", help="part of a name, or a pattern such as `*.cum*`")
    command.add_argument("--module", metavar="MODULE", help="only the names of one module: numpy.linalg, scipy.special")
    command.add_argument("--summary", action="store_true", help="print the counts for each module")
    command.add_argument("--format", choices=("text", "markdown", "json"), default="text")
    command.set_defaults(run=_rules)


def _command(commands: Any, run: Callable[..., tuple[str, int]], name: str, what: str) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = commands.add_parser(
        name, help=what, description=what, epilog=ARG, allow_abbrev=False
    )
    command.add_argument("target", metavar="FILE.py:FUNCTION", help="or package.module:FUNCTION")
    command.add_argument("--at", nargs="*", metavar="ARG", help="the arguments of the function")
    command.set_defaults(run=run)
    return command


FORMATS: dict[str, Callable[[Trace, int | None], str]] = {
    "text": Trace.to_text,
    "markdown": Trace.to_markdown,
    "csv": lambda t, limit: t.to_csv(),
    "json": lambda t, limit: t.to_json(),
}


# --- the commands -----------------------------------------------------------------------------------------------------


def _source(options: argparse.Namespace, at: list[str] | None) -> tuple[str, int]:
    function = _function(options)
    args, kwargs = (None, {}) if at is None else _arguments(function, at)
    names = list(inspect.signature(function).parameters if args is None else arguments(function, args, kwargs))
    argnums = _argnums(options, names) or (0,)
    if options.mode == "pullback":
        known = pipeline.undescribed(function) if args is None else pipeline.described(function, args, kwargs)
        made = pipeline.Adjoint(function, argnums, seeded=True, many=len(argnums) > 1, name="pullback")
        return pipeline.lowered(made, known).source, 0
    return pipeline.lower(function, args, kwargs, mode=options.mode, argnums=argnums).source, 0


def _trace(options: argparse.Namespace, at: list[str] | None) -> tuple[str, int]:
    function = _function(options)
    args, kwargs = _arguments(function, at)
    argnums = _argnums(options, list(arguments(function, args, kwargs)))
    table = trace(function, args, kwargs, mode=options.mode, argnums=argnums, wrt=options.wrt)
    return FORMATS[options.format](table, None if options.all else LIMIT), 0


def _check(options: argparse.Namespace, at: list[str] | None) -> tuple[str, int]:
    function = _function(options)
    args, kwargs = _arguments(function, at)
    values = arguments(function, args, kwargs)
    argnums = _argnums(options, list(values)) or differentiable(values)
    _try(function, args, kwargs)
    report = _checked(function, values, argnums)
    return str(report), 0 if report.ok else 1


def _try(function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """Call the function as it is, so that what it raises is told with its place; its result must hold a number."""
    try:
        value = function(*copied(args, {}), **copied(kwargs, {}))
    except WengertError:
        raise
    except Exception as error:
        file = inspect.getsourcefile(inspect.unwrap(getattr(function, "function", function)))
        raise BadInput(_told(error, file)) from error
    if not leaves(value):
        what = "nothing" if value is None else f"a {type(value).__name__}"
        way = "; for what it leaves in an argument add --returning NAME" if value is None else ""
        raise BadInput(f"`{function.__name__}` returns {what}: there is no derivative to check{way}")


def _checked(function: Any, values: dict[str, Any], argnums: tuple[int, ...]) -> Report:
    """Compare the derivatives with respect to some of the arguments; those that need their name come last, as one dict."""
    parameters = inspect.signature(function).parameters
    extra = [n for n, p in parameters.items() if p.kind in (p.KEYWORD_ONLY, p.VAR_KEYWORD) and n in values]
    given = [v for n, v in values.items() if n not in extra]
    names = list(values)
    keywords: dict[str, Any] = {}
    for name in extra:
        keywords.update(values[name] if parameters[name].kind is inspect.Parameter.VAR_KEYWORD else {name: values[name]})
    if all(k < len(given) for k in argnums):
        report = check_grads(function, given, keywords, argnums=argnums)
    else:

        def called(*everything: Any) -> Any:
            *before, last = everything
            return function(*before, **last)

        argnums = (*(k for k in argnums if k < len(given)), len(given))
        names[len(given) :] = [", ".join(keywords)]
        report = check_grads(called, (*given, keywords), argnums=argnums)
    rows = (replace(row, name=names[k]) for k, row in zip(argnums, report.rows, strict=True))
    return replace(report, rows=tuple(rows))


def _argnums(options: argparse.Namespace, names: list[str]) -> tuple[int, ...] | None:
    """`--argnums 0 1` or `--argnums 0,1`."""
    words = [w for part in options.argnums or () for w in part.split(",") if w]
    for word in words:
        if not word.isdecimal() or int(word) >= len(names):
            raise BadInput(f"--argnums {word}: the function has {len(names)} parameters, counted from 0")
    return tuple(map(int, words)) or None


def _rules(options: argparse.Namespace, at: list[str] | None) -> tuple[str, int]:
    if at is not None:
        raise BadInput("`rules` has no --at: it is about no function")
    from wengert.trace import rule_table  # it loads all rules, which the other commands may not need

    try:
        rows = rule_table.chosen(options.names, options.module)
    except LookupError as error:
        raise BadInput(str(error.args[0])) from None
    forms = {
        "text": (rule_table.text, rule_table.summary),
        "markdown": (rule_table.markdown, rule_table.markdown_summary),
        "json": (rule_table.json_text, rule_table.json_summary),
    }
    return forms[options.format][options.summary](rows), 0


# --- the function -----------------------------------------------------------------------------------------------------


def _function(options: argparse.Namespace) -> Any:
    """The function to differentiate: that of the file, or with `--returning` what it leaves in its arguments."""
    function = load(options.target)
    return returning(function, *options.returning) if options.returning else function


def load(target: str) -> Any:
    """The function that `FILE.py:FUNCTION` or `package.module:FUNCTION` names."""
    place, _, name = target.rpartition(":")
    if not place or not name:
        raise BadInput(f"`{target}` is not of the form FILE.py:FUNCTION")
    is_file = place.endswith(".py") or os.sep in place or Path(place).is_file()
    found: Any = _load_file(Path(place)) if is_file else _load_module(place)
    for part in name.split("."):
        if not hasattr(found, part):
            there = [n for n, v in vars(found).items() if inspect.isfunction(v) and not n.startswith("_")]
            hint = f"; it has {', '.join(there)}" if there else ""
            raise BadInput(f"no function `{name}` in {place}{hint}")
        found = getattr(found, part)
    found = getattr(found, "primal", found)
    if not callable(found) or inspect.isclass(found):
        raise BadInput(f"`{name}` in {place} is not a function")
    return found


def _load_file(path: Path) -> ModuleType:
    """The file as a module, under its own name where nothing else has it; a file of a package as part of it."""
    path = path.resolve()
    if not path.is_file():
        raise BadInput(f"no such file: {path}")
    root, parts = path.parent, [path.stem]
    while (root / "__init__.py").is_file():
        parts.insert(0, root.name)
        root = root.parent
    sys.path.insert(0, str(root))
    if len(parts) > 1:
        return _load_module(".".join(parts), str(path))
    name = path.stem if path.stem not in sys.modules else f"wengert_cli_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise BadInput(f"{path} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses and pickle look their module up
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        raise BadInput(_told(error, str(path))) from error
    return module


def _load_module(name: str, file: str | None = None) -> ModuleType:
    if file is None and "" not in sys.path:
        sys.path.insert(0, "")
    try:
        return importlib.import_module(name)
    except (Exception, SystemExit) as error:
        raise BadInput(f"cannot import {name}: {_told(error, file)}") from error


# --- its arguments ----------------------------------------------------------------------------------------------------


def _arguments(function: Any, at: list[str] | None) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The arguments that `--at` gives, checked against the parameters."""
    if at is None:
        raise BadInput("the point is missing: add --at ARG ...")
    args: list[Any] = []
    kwargs: dict[str, Any] = {}
    for word in at:
        named = re.match(r"([^\W\d]\w*)=(?!=)(.*)", word, re.DOTALL)
        if named is None and kwargs:
            raise BadInput(f"--at {word}: positional arguments come before NAME=literal")
        if named is None:
            args.append(literal(word))
        elif named[1] in kwargs:
            raise BadInput(f"--at {word}: `{named[1]}` is given twice")
        else:
            kwargs[named[1]] = literal(named[2])
    signature = inspect.signature(function)
    try:
        signature.bind(*args, **kwargs)
    except TypeError as error:
        raise BadInput(f"{getattr(function, '__name__', 'function')}{signature}: {error}") from None
    return tuple(args), kwargs


def literal(text: str) -> Any:
    """The value of a Python literal; lists of numbers become arrays."""
    try:
        return parsed(text)
    except ValueError as error:
        raise BadInput(f"--at {text}: {error}") from None
