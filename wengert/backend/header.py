"""Parameters and docstring -> `ast`.

In: the parameters as the user declared them, captures last. Out: `ast.arguments`.

    f(a, /, b=1, *args, k, **options)       and captures as keywords: f(a, *, scale)
"""

from __future__ import annotations

import ast

from wengert.backend.expressions import Expressions
from wengert.ir.nodes import Param


class DocString(ast.stmt):
    """The first statement of a function, with the text as it is printed."""

    _fields = ("text",)
    text: str


def arguments(params: tuple[Param, ...], expressions: Expressions) -> ast.arguments:
    def of(*kinds: str) -> list[Param]:
        return [p for p in params if p.kind in kinds and not p.capture]

    first, plain = of("positional_only"), of("positional_or_keyword")
    keywords = [*of("keyword_only"), *(p for p in params if p.capture)]
    rest, options = of("var_positional"), of("var_keyword")
    return ast.arguments(
        posonlyargs=[ast.arg(p.name) for p in first],
        args=[ast.arg(p.name) for p in plain],
        vararg=ast.arg(rest[0].name) if rest else None,
        kwonlyargs=[ast.arg(p.name) for p in keywords],
        kw_defaults=[None if p.default is None else expressions.atom(p.default) for p in keywords],
        kwarg=ast.arg(options[0].name) if options else None,
        defaults=[expressions.atom(p.default) for p in [*first, *plain] if p.default is not None],
    )


def docstring(text: str) -> list[ast.stmt]:
    """`text` as a docstring; none where it is empty."""
    if not text.strip():
        return []
    quoted = text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    if quoted.endswith('"'):
        quoted = quoted[:-1] + '\\"'
    found = DocString()
    found.text = '"""' + quoted + '"""' if text.isprintable() or _only_line_breaks(text) else repr(text)
    return [found]


def _only_line_breaks(text: str) -> bool:
    return all(line.isprintable() for line in text.split("\n"))
