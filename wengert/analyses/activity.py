"""Which values carry a derivative: varied (they depend on the inputs) and useful (the results depend on them).

    active(block, {x}, (y,))      the variables that are both

Only values that are both get a tangent or a cotangent.
"""

from __future__ import annotations

import builtins
from collections.abc import Iterable
from types import ModuleType

import numpy as np

from wengert.ir.closed import assert_never
from wengert.ir.nodes import AddStore, Arg, Assign, Atom, Block, Comment, Const, For, If, Statement, Store, Var, While
from wengert.ir.queries import atoms_of, walk
from wengert.ir.types import Array, Bool, Complex, Float, Int, List, NumpyScalar, Opaque, Range, Tape, Tuple, Type
from wengert.rules.kinds import Constant, lookup
from wengert.runtime import call_

NEVER: tuple[type[Type], ...] = (Bool, Range)
"""Types of values that no derivative passes through."""

FACTS = ("shape", "size", "ndim", "dtype")
"""Attributes of arrays that carry no derivative."""


def active(block: Block, inputs: Iterable[Var], outputs: Iterable[Atom]) -> set[Var]:
    """The variables of `block` that depend on `inputs` and on which `outputs` depend."""
    varied = _Varied(block, inputs)
    _vary(block, varied)
    useful = {o for o in outputs if isinstance(o, Var)}
    _use(block, useful, varied)
    return varied & useful


def varied(block: Block, inputs: Iterable[Var]) -> set[Var]:
    """The variables of `block` that depend on `inputs`."""
    found = _Varied(block, inputs)
    _vary(block, found)
    return set(found)


class _Varied(set[Var]):
    """What varies; `owners` of the methods that are called, `objects` from outside that were given what varies."""

    def __init__(self, block: Block, inputs: Iterable[Var]) -> None:
        super().__init__(inputs)
        methods = (s for s in walk(block) if isinstance(s, Assign) and s.op is getattr)
        self.owners: dict[Var, Arg] = {s.target: s.args[0] for s in methods}
        self.objects: set[int] = set()

    def keep(self, s: Assign) -> None:
        """An unknown call with what varies may keep it in the objects that it can reach: what is read from them then varies."""
        for arg in (*s.args, *(a for _, a in s.kwargs)):
            self.update(a for a in atoms_of(arg) if isinstance(a, Var) and isinstance(a.type, Opaque))
        owner = self._owner(s)
        if isinstance(owner, Var):
            self.add(owner)
        elif owner is not None:
            self.objects.add(owner)

    def kept(self, s: Assign) -> bool:
        """True of calls of an object from outside that was given what varies."""
        return bool(self.objects) and self._owner(s) in self.objects

    def _owner(self, s: Assign) -> Var | int | None:
        """The object whose method is called: a variable, or the identity of one from outside."""
        first = s.args[0] if s.op is call_ else None
        found = self.owners.get(first) if isinstance(first, Var) else None
        if isinstance(found, Var):
            return found
        thing = found.value if isinstance(found, Const) else getattr(s.op, "__self__", None)
        return None if thing is None or isinstance(thing, ModuleType | type) else id(thing)


def _any(arg: Arg, among: set[Var]) -> bool:
    return any(a in among for a in atoms_of(arg) if isinstance(a, Var))


def _mark(pairs: Iterable[tuple[Atom, Var]], varied: _Varied) -> None:
    for source, target in pairs:
        if source in varied and not isinstance(target.type, NEVER):
            varied.add(target)


def _vary(block: Block, varied: _Varied) -> None:
    for s in block.statements:
        _vary_statement(s, varied)


def _vary_statement(s: Statement, varied: _Varied) -> None:
    match s:
        case Assign():
            given = any(_any(a, varied) for a in s.args) or any(_any(a, varied) for _, a in s.kwargs)
            if given or varied.kept(s):
                rule = lookup(s.op)
                if s.op is getattr and isinstance(s.args[1], Const) and s.args[1].value in FACTS:
                    return
                silent = s.effect and rule is None and isinstance(s.target.type, Opaque) and _no_value(s)
                if s.effect and rule is None and not silent:
                    varied.keep(s)
                # the sign of a complex number turns with it
                still = isinstance(rule, Constant) and not (s.op is np.sign and _kind(s.target.type) == "c")
                constant = still or isinstance(s.target.type, NEVER) or silent
                if not constant and not _truncates(s, varied):
                    varied.add(s.target)
        case Store() | AddStore():
            if s.base in varied or (s.value in varied and not truncates(s)):
                varied.add(s.result)
        case If():
            _vary(s.then, varied)
            _vary(s.orelse, varied)
            _mark(zip(s.then.yields, s.results, strict=True), varied)
            _mark(zip(s.orelse.yields, s.results, strict=True), varied)
        case For() | While():
            _mark(zip(s.inits, s.carried, strict=True), varied)
            if isinstance(s, For):
                _mark(zip(s.sequences, s.targets, strict=True), varied)
            while True:
                before = len(varied)
                _vary(s.body, varied)
                _mark(zip(s.body.yields, s.carried, strict=False), varied)
                if len(varied) == before:
                    break
            _mark(zip(s.carried, s.results, strict=True), varied)
            _mark(zip(s.body.yields[len(s.carried) :], s.tapes, strict=True), varied)
        case Comment():
            return
        case _:
            assert_never(s)


def _truncates(s: Assign, varied: set[Var]) -> bool:
    """True where something real becomes an integer; integers of integers are treated as real."""
    kind = _kind(s.target.type)
    if s.op is np.ndarray.astype and isinstance(s.args[1], Const):
        kind = np.dtype(s.args[1].value).kind
    if kind not in ("i", "u", "b"):
        return False
    read = [a for arg in (*s.args, *(a for _, a in s.kwargs)) for a in atoms_of(arg)]
    return not all(_may_be_whole(a.type) for a in read if a in varied)


def _may_be_whole(t: Type) -> bool:
    """True of integers, and of sequences some items of which are: what is read of them as an integer was one."""
    if isinstance(t, List | Tape):
        return _may_be_whole(t.item)
    if isinstance(t, Tuple):
        return any(map(_may_be_whole, t.items))
    return _kind(t) in ("i", "u", "b")


def truncates(s: Store | AddStore) -> bool:
    """True where something real is stored into an array of integers, which keeps no derivative of it."""
    whole = ("i", "u", "b")
    return isinstance(s.base.type, Array) and _kind(s.base.type) in whole and _kind(s.value.type) not in whole


def _kind(t: Type) -> str:
    """NumPy's letter for the kind of number; empty where it is not known."""
    if isinstance(t, Array | NumpyScalar):
        return np.dtype(t.dtype).kind if t.dtype else ""
    return {Int: "i", Bool: "b", Float: "f", Complex: "c"}.get(type(t), "")


def _no_value(s: Assign) -> bool:
    """True of calls that are made for their effect: what they return is never a number of the program.

    What a method of an object returns may be one.
    """
    module, name = getattr(s.op, "__module__", None), getattr(s.op, "__name__", "")
    mine = module == "wengert.runtime" or (module == "builtins" and getattr(builtins, name, None) is s.op)
    return mine and s.op is not call_


def _use(block: Block, useful: set[Var], varied: set[Var]) -> None:
    for s in reversed(block.statements):
        _use_statement(s, useful, varied)


def _want(atom: Atom, useful: set[Var], varied: set[Var]) -> None:
    if isinstance(atom, Var) and atom in varied:
        useful.add(atom)


def _use_statement(s: Statement, useful: set[Var], varied: set[Var]) -> None:
    match s:
        case Assign():
            if s.target in useful:
                for arg in (*s.args, *(a for _, a in s.kwargs)):
                    for atom in atoms_of(arg):
                        _want(atom, useful, varied)
        case Store() | AddStore():
            if s.result in useful:
                _want(s.base, useful, varied)
                _want(s.value, useful, varied)
        case If():
            for k, result in enumerate(s.results):
                if result in useful:
                    _want(s.then.yields[k], useful, varied)
                    _want(s.orelse.yields[k], useful, varied)
            _use(s.then, useful, varied)
            _use(s.orelse, useful, varied)
        case For() | While():
            _use_loop(s, useful, varied)
        case Comment():
            return
        case _:
            assert_never(s)


def _use_loop(s: For | While, useful: set[Var], varied: set[Var]) -> None:
    count = len(s.carried)
    for k, result in enumerate(s.results):
        if result in useful:
            _want(s.body.yields[k], useful, varied)
            _want(s.carried[k], useful, varied)
    for k, tape in enumerate(s.tapes):
        if tape in useful:
            _want(s.body.yields[count + k], useful, varied)
    while True:
        before = len(useful)
        for k, carried in enumerate(s.carried):
            if carried in useful:
                _want(s.body.yields[k], useful, varied)
        _use(s.body, useful, varied)
        if len(useful) == before:
            break
    for k, carried in enumerate(s.carried):
        if carried in useful:
            _want(s.inits[k], useful, varied)
            _want(s.results[k], useful, varied)
    if isinstance(s, For):
        for target, sequence in zip(s.targets, s.sequences, strict=True):
            if target in useful:
                _want(sequence, useful, varied)
