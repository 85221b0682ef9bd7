"""Objects that the text refers to: modules to import, support functions to copy, and what has to be handed in.

In: Python objects. Out: expressions for them, and the head of the module that makes the expressions mean them.

    references = References(taken=frozenset({"x"}))
    references.path(np.linalg.norm)       np.linalg.norm, after `import numpy as np`
    references.path(f)                    f, which is then in `references.namespace`
"""

from __future__ import annotations

import ast
import builtins
import inspect
import keyword
import sys
from types import ModuleType
from typing import Any

import numpy as np

from wengert import runtime
from wengert.ir import callee

SUPPORT = "wengert.runtime"
RESERVED = frozenset([*dir(builtins), *vars(runtime), *keyword.kwlist])
ALIASES = {"numpy": "np"}
ELSEWHERE = ("numpy", "numpy.random", "scipy.special")
"""Modules that own functions which do not say where they come from."""


class References:
    """`taken` are the names that the function uses itself; nothing of the module gets one of them."""

    def __init__(self, taken: frozenset[str]) -> None:
        self.taken = taken
        self.names: dict[str, None] = {}
        self.namespace: dict[str, Any] = {}
        self._modules: dict[str, str] = {}
        self._heads: dict[str, None] = {}
        self._supports: dict[str, str] = {}
        self._aliases: list[str] = []
        self._objects: dict[int, str] = {}
        self._callees: dict[callee.Emitted, str] = {}

    # expressions

    def builtin(self, name: str) -> ast.expr:
        if name in self.taken:
            return _attribute(self.module("builtins"), name)
        self.names[name] = None
        return _name(name)

    def module(self, module: str) -> ast.expr:
        if module not in self._modules:
            self._modules[module] = self._import(module)
        return _dotted(self._modules[module])

    def path(self, obj: Any) -> ast.expr:
        """A path that leads to `obj` from an import, else a name in `namespace`."""
        if isinstance(obj, ModuleType):
            return self.module(obj.__name__) if sys.modules.get(obj.__name__) is obj else self.hand_in(obj)
        if isinstance(obj, callee.Emitted):
            return _name(self.callee(obj))
        if getattr(obj, "__module__", None) == SUPPORT and inspect.isfunction(obj):
            return self.support(obj)
        place = where(obj)
        if place is not None:
            module, qualname = place
            first, *rest = qualname.split(".")
            found = self.builtin(first) if module == "builtins" else _attribute(self.module(module), first)
            for part in rest:
                found = _attribute(found, part)
            return found
        owner = getattr(obj, "__self__", None)
        name = getattr(obj, "__name__", "")
        if owner is not None and name.isidentifier() and getattr(owner, name, None) == obj:
            return _attribute(self.path(owner), name)
        return self.hand_in(obj)

    def callee(self, op: callee.Emitted) -> str:
        """The name of a function that the module defines."""
        if op not in self._callees:
            self._callees[op] = self._new(op.name)
        return self._callees[op]

    def hand_in(self, obj: Any) -> ast.expr:
        """A name for an object that no import leads to."""
        if id(obj) not in self._objects:
            wanted = getattr(obj, "__name__", None)
            if not (isinstance(wanted, str) and wanted.isidentifier()):
                wanted = "array" if isinstance(obj, np.ndarray) else type(obj).__name__.lower().strip("_")
            name = self._new(wanted)
            self._objects[id(obj)] = name
            self.namespace[name] = obj
        return _name(self._objects[id(obj)])

    def support(self, function: Any) -> ast.expr:
        name = function.__name__
        if name not in self._supports:
            self.names[name] = None
            source = inspect.getsource(function)
            self._supports[name] = source.rstrip("\n") + "\n"
            for used in sorted({n.id for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Name)}):
                if used in function.__globals__ and used != name:
                    self._support_needs(used, function.__globals__[used])
            if name in self.taken:
                self._aliases.append(f"{self._new(name)} = {name}\n")
        alias = next((a.split(" = ")[0] for a in self._aliases if a.endswith(f" = {name}\n")), name)
        return _name(alias)

    # the head of the module

    def head(self) -> list[str]:
        """Blocks of text that go before the function: imports, support functions, their aliases."""
        imports = "".join(sorted(self._heads, key=lambda line: (line.startswith("from"), line)))
        return [block for block in (imports, *self._supports.values(), "".join(self._aliases)) if block]

    def _support_needs(self, used: str, obj: Any) -> None:
        if isinstance(obj, ModuleType):
            same = used == obj.__name__
            self._heads[f"import {obj.__name__}\n" if same else f"import {obj.__name__} as {used}\n"] = None
        elif getattr(obj, "__module__", None) == SUPPORT:
            self.support(obj)
        elif where(obj) is None:
            module, name = ("typing", used) if used in ("Any", "NoReturn") else (obj.__module__, used)
            self._heads[f"from {module} import {name}\n"] = None
        elif (place := where(obj)) is not None and place[0] != "builtins":
            self._heads[f"from {place[0]} import {place[1]}\n"] = None
        self.names[used] = None

    def _import(self, module: str) -> str:
        root = module.split(".")[0]
        if root == "numpy" and module != "numpy":
            # `import numpy` brings its public parts along
            self.module("numpy")
            return ".".join([self._modules["numpy"], *module.split(".")[1:]])
        wanted = ALIASES.get(module, root)
        free = wanted not in self.taken and wanted not in self.namespace
        if free and module in ALIASES:
            self._heads[f"import {module} as {wanted}\n"] = None
            self.names[wanted] = None
            return wanted
        if free and (root not in RESERVED or vars(runtime).get(root) is sys.modules.get(root)):
            self._heads[f"import {module}\n"] = None
            self.names[root] = None
            return module
        name = self._new(module.replace(".", "_"))
        self._heads[f"import {module}\n" if name == module else f"import {module} as {name}\n"] = None
        return name

    def _new(self, wanted: str) -> str:
        """A name of the module that nothing else has."""
        name, k = wanted, 1
        while name in self.taken or name in self.names or name in RESERVED or not name.isidentifier():
            k += 1
            name = f"{wanted if wanted.isidentifier() else 'value'}_{k}"
        self.names[name] = None
        return name


def where(obj: Any) -> tuple[str, str] | None:
    """The module and the qualified name under which `obj` itself is found, None where there is none."""
    if obj is np.bool_:
        return "numpy", "bool_"
    name = getattr(obj, "__qualname__", None) or getattr(obj, "__name__", None)
    if name is None and type(obj).__module__.startswith(("numpy.", "scipy.stats.")) and not isinstance(obj, np.ndarray):
        return _kept(obj)
    if not isinstance(name, str) or not all(part.isidentifier() for part in name.split(".")):
        return None
    for module in _modules_of(obj):
        if module != "__main__" and _resolve(module, name) is obj:
            return module, name
    owner = getattr(obj, "__name__", None)
    if isinstance(owner, str) and owner != name:
        for module in _modules_of(obj):
            if module != "__main__" and _resolve(module, owner) is obj:
                return module, owner
    return None


def _kept(obj: Any) -> tuple[str, str] | None:
    """Where an object without a name of its own is found in the modules of its class: `scipy.stats.norm`, `np.mgrid`."""
    for module in _modules_of(obj):
        for name, value in vars(sys.modules[module]).items() if module in sys.modules else ():
            if value is obj:
                return module, name
    return None


def _modules_of(obj: Any) -> list[str]:
    """Where to look for `obj`, public places first."""
    owner = getattr(obj, "__self__", None)
    module = owner.__name__ if isinstance(owner, ModuleType) else getattr(obj, "__module__", None)
    if not isinstance(module, str):
        return list(ELSEWHERE)
    parts = module.split(".")
    if not any(part.startswith("_") for part in parts):
        return [module, *ELSEWHERE]
    public = [".".join(parts[:k]) for k in range(1, len(parts)) if not any(p.startswith("_") for p in parts[:k])]
    return [parts[0].lstrip("_"), *public, *ELSEWHERE, module]


def _resolve(module: str, name: str) -> Any:
    first, *rest = name.split(".")
    found = vars(sys.modules[module]).get(first) if module in sys.modules else None
    for part in rest:
        found = getattr(found, part, None)
    return found


def _name(name: str) -> ast.Name:
    return ast.Name(name, ast.Load())


def _attribute(value: ast.expr, name: str) -> ast.Attribute:
    return ast.Attribute(value, name, ast.Load())


def _dotted(path: str) -> ast.expr:
    first, *rest = path.split(".")
    found: ast.expr = _name(first)
    for part in rest:
        found = _attribute(found, part)
    return found
