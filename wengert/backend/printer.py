"""`ast` -> text, through astor.

In: `ast` statements, with `CommentLine` among them. Out: text, its lines wrapped inside of brackets.

    to_text([comment_line("adjoint trace"), ast.parse("x = 1").body[0]])      "# adjoint trace\\nx = 1\\n"

The only module that knows astor. What astor prints through nodes that newer Pythons lack is printed here.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterable
from typing import Any

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # astor looks for `ast.Num` while it is imported
    from astor.code_gen import SourceGenerator, set_precedence, to_source
    from astor.op_util import Precedence

WIDTH = 120
OPENING, CLOSING = frozenset("([{"), frozenset(")]}")


def to_text(statements: Iterable[ast.stmt]) -> str:
    """The text of a module that consists of `statements`."""
    module = ast.Module(list(statements), [])
    text: str = to_source(module, pretty_string=_plain, pretty_source=_joined, source_generator_class=_Generator)
    return text.strip("\n") + "\n"


def _plain(text: Any, *_: Any, **__: Any) -> str:
    return repr(text)


class _Generator(SourceGenerator):  # type: ignore[misc]
    def visit_CommentLine(self, node: Any) -> None:
        self.statement(node, f"# {node.text}".rstrip())

    def visit_DocString(self, node: Any) -> None:
        self.statement(node, node.text)

    def visit_Return(self, node: ast.Return) -> None:
        set_precedence(Precedence.Tuple if isinstance(node.value, ast.Tuple) else Precedence.Comma, node.value)
        self.statement(node, "return ", node.value)

    def visit_Constant(self, node: ast.Constant) -> None:
        value = node.value
        if isinstance(value, (int, float, complex)) and not isinstance(value, bool):
            # `(1).real` needs parentheses, and nothing else does
            bare = self.get__pp(node) < Precedence.highest
            self.write(repr(value) if bare else f"({value!r})")
        else:
            self.write("..." if value is Ellipsis else repr(value))

    def visit_Dict(self, node: ast.Dict) -> None:
        set_precedence(Precedence.Comma, *node.keys)
        super().visit_Dict(node)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        self.write("f'", *map(self._field, node.values), "'")

    def _field(self, part: ast.expr) -> str:
        if isinstance(part, ast.Constant):
            # with a double quote in it, the repr is in single quotes
            return repr('"' + str(part.value))[2:-1].replace("{", "{{").replace("}", "}}")
        assert isinstance(part, ast.FormattedValue)
        inside = type(self)(self.indent_with, False, _plain)
        set_precedence(Precedence.Comma, part.value)
        inside.visit(part.value)
        conversion = "" if part.conversion == -1 else f"!{chr(part.conversion)}"
        spec = "" if part.format_spec is None else ":" + "".join(str(v.value) for v in part.format_spec.values)  # type: ignore[attr-defined]
        return "{" + "".join(inside.result) + conversion + spec + "}"


# lines


def _joined(pieces: list[str]) -> str:
    """The pieces as lines, each wrapped where it is too long."""
    out: list[str] = []
    line: list[str] = []
    for piece in [*pieces, "\n"]:
        if piece.startswith("\n"):
            out.append(_wrapped(line))
            out.append(piece)
            line = []
        else:
            line.append(piece)
    return "".join(out)


def _wrapped(line: list[str]) -> str:
    text = "".join(line)
    if len(text) <= WIDTH or "\n" in text or text.lstrip().startswith("#"):
        return text
    indent = " " * (len(text) - len(text.lstrip()))
    pieces = _bracketed([p for p in line if p][bool(indent) :])
    deeper = indent + (" " * 8 if text.endswith(":") else " " * 4)
    return _broken(pieces, indent, deeper)


def _bracketed(pieces: list[str]) -> list[str]:
    """Parentheses around the right side of an assignment or a `return` whose operators are in no brackets."""
    depth, start = 0, 0
    for k, piece in enumerate(pieces):
        depth += (piece in OPENING) - (piece in CLOSING)
        if not depth and (piece.endswith("= ") or piece.strip() == "return"):
            start = k + 1
        elif not depth and start and piece[:1] == " " and piece[-1:] == " ":
            return [*pieces[:start], "(", *pieces[start:], ")"]
    return pieces


def _broken(pieces: list[str], indent: str, deeper: str) -> str:
    """Lines filled up to `WIDTH`: broken after a comma, before an operator, at the outermost brackets that allow it."""
    lines: list[str] = []
    current, depth = indent, 0
    place: int | None = None  # where `current` may be broken
    for piece in pieces:
        depth -= piece.startswith(tuple(CLOSING))
        operator = depth > 0 and piece[:1] == " " and piece[-1:] == " "
        if operator and len(current) + len(piece) <= WIDTH:
            place = len(current)
        if len(current) + len(piece.rstrip()) > WIDTH and place is not None:
            lines.append(current[:place].rstrip())
            current, place = deeper + current[place:].lstrip(), None
        current += piece
        depth += piece in OPENING
        if depth > 0 and (piece == ", " or piece in OPENING) and len(current) <= WIDTH:
            place = len(current)
    return "\n".join([*lines, current])
