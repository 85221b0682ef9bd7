"""`global`: what a function assigns in its module is written there at once, and read from there by all that follows.

    global count                count = count + 1
    count += 1          ->      setattr(module, "count", count)

What is left in the module is a plain value; it carries derivatives as long as the function runs.
"""

from __future__ import annotations

import ast
import sys
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from wengert.frontend.context import Flattener, statement
from wengert.frontend.expressions import BINARY, binary
from wengert.frontend.forms import Outside, outside_name
from wengert.frontend.source import Binding, lookup, read
from wengert.frontend.values import Frame, Key, Refused, Value, display
from wengert.ir.builder import constant
from wengert.ir.nodes import Const, Var
from wengert.ir.types import Opaque, is_scalar

MODULES = 1 << 40
"""The frame number of names that belong to modules."""


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """Reads a name outside the function: as it was written here, else as it was found."""

    plain: Callable[[Flattener, Binding, str], Value]

    def __call__(self, f: Flattener, binding: Binding, name: str) -> Value:
        held = f.names.get(place(binding))
        return self.plain(f, binding, name) if held is None else f.storage.load(held)


def place(binding: Binding) -> Key:
    """The name under which a module's name is kept once the program may write it."""
    return (MODULES + id(binding.holder), f"{binding.name}·")


def prepare(f: Flattener, function: types.FunctionType) -> None:
    """Read the globals that a function, or one that it names, may write: branches and loops then carry them."""
    for writer, name in dict.fromkeys(written(function, {})):
        _begin(f, lookup(writer, name), name)


def written(function: types.FunctionType, seen: dict[int, None]) -> Iterator[tuple[types.FunctionType, str]]:
    """The functions that can be reached by name, with each name of a module that they declare `global`."""
    if id(function.__code__) in seen or (function.__module__ or "").split(".")[0] in ("numpy", "scipy", "wengert"):
        return
    seen[id(function.__code__)] = None
    try:
        node = read(function).node
    except Exception:
        return  # what has no source declares nothing that we could see
    looked_up: set[str] = set()
    for n in ast.walk(node):
        if isinstance(n, ast.Global):
            yield from ((function, name) for name in n.names)
        if isinstance(n, ast.Name) and n.id not in looked_up:
            looked_up.add(n.id)
            try:
                found = lookup(function, n.id).get()
            except NameError:
                continue
            if isinstance(found, types.FunctionType):
                yield from written(found, seen)


def _begin(f: Flattener, binding: Binding, name: str) -> None:
    """From now on the name is read from the names of the program."""
    if not isinstance(f.capture, Reading):
        f.capture = Reading(f.capture)
    key = place(binding)
    if key not in f.names and binding.kind == "global":
        f.names[key] = f.storage.unload(f.capture(f, binding, name), name)


@statement(ast.Global)
def _global(f: Flattener, node: ast.Global) -> None:
    for name in node.names:
        binding = _binding(f, name)
        if binding is None or binding.kind != "global":
            f.refuse(node, f"the module has no `{name}` yet", "give it a value in the module")
        if place(binding) not in f.names:
            if len(f.emit.opened) > 1:
                f.refuse(node, "this `global` is first met in a branch or a loop", "declare it in the outer function, too")
            _begin(f, binding, name)


def _binding(f: Flattener, name: str) -> Binding | None:
    frame: Frame | None = f.frame
    while frame is not None and frame.parent is not None:
        frame = frame.parent
    return None if frame is None else frame.free(name)


@statement(Outside)
def _outside(f: Flattener, node: Outside) -> None:
    s = node.statement
    match s:
        case ast.Assign(targets=[ast.Name(id=name)]):
            _publish(f, name, f.expression(s.value, name), node)
        case ast.AugAssign(target=ast.Name(id=name)):
            before = f.read(name, s.target)
            if isinstance(before, Var | Const) and is_scalar(before.type):
                _publish(f, name, binary(f, BINARY[type(s.op)], before, f.expression(s.value), s, name), node)
            else:
                _renamed(f, node)
        case _:
            _renamed(f, node)


def _renamed(f: Flattener, node: Outside) -> None:
    """Assign to names of the function's own, then write those into the module."""
    f.body(node.renamed)
    for name in node.names:
        _publish(f, name, f.read(outside_name(name), node), node)


def _publish(f: Flattener, name: str, value: Value, node: ast.AST) -> None:
    """Write a name into its module."""
    binding = _binding(f, name)
    assert binding is not None
    if f.family is not None and f.family.making:
        f.refuse(node, f"`{name}` is assigned in a function that becomes one of its own", "return the value")
    f.names[place(binding)] = f.storage.unload(value, name)
    module = sys.modules.get(binding.holder.get("__name__", ""))
    shown = display(value)
    if any(f"no `{name}`" in p.message for p in f.problems):
        raise Refused(None)  # its declaration was refused
    if module is None or vars(module) is not binding.holder or shown is None:
        f.refuse(node, f"this cannot be written into `{name}` by emitted code", "write a number or an array")
    given: tuple[Any, ...] = (constant(module), constant(name), shown)
    f.emit.apply(setattr, given, type=Opaque(), effect=True)
