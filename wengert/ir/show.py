"""The Wengert list as text, in the words of the IR: for reading, for tests, for messages of `verify`.

In: a function, a block or a statement. Out: lines such as

    v1 = mul(x1, x2)
    u'2 = u with [1:n] += v1
    for i in r with u = u0:
        ...
        yield u'2
    => u'3

Names are those of the hints; a second variable of one name gets a mark (`x'2`), variables without one are numbered.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

from wengert.ir.closed import assert_never
from wengert.ir.nodes import (
    APPEND,
    POP,
    AddStore,
    Arg,
    Assign,
    Block,
    Comment,
    Const,
    Display,
    For,
    Function,
    If,
    Loop,
    Param,
    Statement,
    Store,
    Var,
    While,
)

INDENT = "    "


def show(node: Function | Block | Statement) -> str:
    """The text of `node`; the same program gives the same text."""
    names = _Names()
    if isinstance(node, Function):
        lines = _function(names, node)
    elif isinstance(node, Block):
        lines = _block(names, node, "yield")
    else:
        lines = _statement(names, node)
    return "\n".join(lines)


class _Names:
    """Gives each variable its name when it is first met."""

    def __init__(self) -> None:
        self.given: dict[Var, str] = {}
        self.taken: dict[str, int] = {}
        self.numbered = 0

    def var(self, v: Var) -> str:
        if v not in self.given:
            self.given[v] = self.fresh(v)
        return self.given[v]

    def fresh(self, v: Var) -> str:
        if v.of is None and not v.hint:
            self.numbered += 1
            return f"v{self.numbered}"
        name = v.hint if v.of is None else self.var(v.of) + v.hint
        count = self.taken[name] = self.taken.get(name, 0) + 1
        return name if count == 1 else f"{name}'{count}"

    def arg(self, a: Arg) -> str:
        if isinstance(a, Var):
            return self.var(a)
        if isinstance(a, Const):
            return _value(a.value)
        items = [self.arg(i) for i in a.items]
        match a.kind:
            case "slice":
                text = ":".join("" if i == "None" else i for i in items)
                return text.removesuffix(":") if len(items) == 3 else text
            case "list":
                return f"[{', '.join(items)}]"
            case "dict":
                return "{" + ", ".join(f"{k!r}: {i}" for k, i in zip(a.keys, items, strict=True)) + "}"
            case _:
                return f"({', '.join(items)},)" if len(items) == 1 else f"({', '.join(items)})"

    def all_of(self, args: tuple[Arg, ...]) -> str:
        return ", ".join(map(self.arg, args))


def _value(value: Any) -> str:
    if isinstance(value, ModuleType) or callable(value):
        return _op(value)
    return " ".join(repr(value).split())


def _op(op: Any) -> str:
    return str(getattr(op, "__name__", type(op).__name__))


def _function(names: _Names, f: Function) -> list[str]:
    head = ", ".join(_param(names, p) for p in f.params)
    return [f"function {f.name}({head}):", *_indented(_block(names, f.body, "return"))]


def _param(names: _Names, p: Param) -> str:
    leaves = names.all_of(p.leaves)
    text = leaves if p.structure.kind == "leaf" else f"{p.name}: ({leaves})"
    return f"capture {text}" if p.capture else text


def _block(names: _Names, block: Block, word: str) -> list[str]:
    lines = [line for s in block.statements for line in _statement(names, s)]
    return [*lines, f"{word} {names.all_of(block.yields)}".rstrip()]


def _indented(lines: list[str]) -> list[str]:
    return [INDENT + line for line in lines]


def _statement(names: _Names, s: Statement) -> list[str]:
    match s:
        case Assign():
            inside = [names.arg(a) for a in s.args] + [f"{k}={names.arg(a)}" for k, a in s.kwargs]
            mark = "!" if s.effect else ""
            return [f"{names.var(s.target)} = {_op(s.op)}{mark}({', '.join(inside)})"]
        case Store() | AddStore():
            sign = "=" if isinstance(s, Store) else "+="
            parts = isinstance(s.index, Display) and s.index.kind == "tuple" and s.index.items
            index = names.all_of(parts) if parts else names.arg(s.index)
            old, value = names.arg(s.base), names.arg(s.value)
            if s.index in (APPEND, POP):
                change = f"with {value} appended" if s.index == APPEND else "without its last"
                return [f"{names.var(s.result)} = {old} {change}"]
            return [f"{names.var(s.result)} = {old} with [{index}] {sign} {value}"]
        case If():
            head = f"if {names.arg(s.test)}:"
            then, orelse = (_indented(_block(names, b, "yield")) for b in (s.then, s.orelse))
            return [head, *then, "else:", *orelse, *_results(names, s.results)]
        case For() | While():
            return _loop(names, s)
        case Comment():
            return [f"# {s.text}"]
        case _:
            assert_never(s)


def _loop(names: _Names, s: Loop) -> list[str]:
    inits = [names.arg(i) for i in s.inits]
    if isinstance(s, For):
        over = names.all_of(s.sequences)
        over = f"reversed({over})" if s.reverse else over
        head = [f"for {names.all_of(s.targets)} in {over}"]
    else:
        head = ["while"]
    if s.carried:
        head.append("with " + ", ".join(f"{names.var(c)} = {i}" for c, i in zip(s.carried, inits, strict=True)))
    if s.stop is not None and s.stop < len(s.carried):
        head.append(f"until {names.var(s.carried[s.stop])}")
    lines = [" ".join(head) + ":"]
    if isinstance(s, While):
        lines += _indented(_block(names, s.test, "test"))
        lines.append("do:")
    count = len(s.carried)
    lines += _indented(_block(names, Block(s.body.statements, s.body.yields[:count]), "yield"))
    lines += [
        f"{INDENT}record {names.var(t)} <- {names.arg(a)}" for t, a in zip(s.tapes, s.body.yields[count:], strict=False)
    ]
    return lines + _results(names, s.results)


def _results(names: _Names, results: tuple[Var, ...]) -> list[str]:
    return [f"=> {names.all_of(results)}"] if results else []
