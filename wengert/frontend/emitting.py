"""Making an emitted function, and applying it.

In: a callee and a signature. Out: one statement for the call; the function is made where it is first applied.

It is flattened by a flattener of its own, over new variables for the numbers among its arguments. What it reads from
closures and modules becomes further parameters. The type of its result is a fixpoint: it is flattened with what is known of
the result so far, at first with nothing, until that describes what it returns.
"""

from __future__ import annotations

import operator
from dataclasses import replace
from typing import Any

from wengert.analyses.aliasing import share
from wengert.errors import UnsupportedError
from wengert.frontend.context import Flattener
from wengert.frontend.emitter import Emitter
from wengert.frontend.family import Body, Call, Callee, Entry, Family, Returned
from wengert.frontend.join import join
from wengert.frontend.leaving import Entered, assign, check_apart, has_given, resolved, take_over
from wengert.frontend.places import is_cell
from wengert.frontend.signatures import Lengths, Signature, general, rebuilt
from wengert.frontend.source import Binding
from wengert.frontend.values import Pack, Place, Refused, Value
from wengert.ir.builder import constant
from wengert.ir.callee import Emitted, Results
from wengert.ir.nodes import LEAF, Assign, Atom, Block, Function, Param, Structure, Var
from wengert.ir.queries import walk

PASSES = 12
"""How often a function is flattened before the type of its result is said not to settle."""


def emitted(f: Flattener, callee: Callee, signature: Signature, body: Body) -> Value:
    """Apply the emitted function of a signature; it is made where it is first applied."""
    family: Family = f.family
    place = (callee.identity, signature.key)
    entry = family.entries.get(place)
    if entry is None:
        entry = Entry(Emitted(callee.name), callee, signature)
        family.entries[place] = entry
        family.known[callee.identity] = None
        family.making.append(entry)
        try:
            _make(f, entry, body)
        except BaseException:
            del family.entries[place]
            raise
        finally:
            family.making.pop()
    return _applied(f, entry, signature)


def _make(f: Flattener, entry: Entry, body: Body) -> None:
    """Flatten until what is known of the result describes what is returned."""
    family: Family = f.family
    callee = entry.callee
    for _ in range(PASSES):
        known = (entry.returned, dict(entry.bindings), entry.effect)
        others = list(family.entries)
        entry.asked = entry.blocked = False
        run = _Run(f, entry)
        try:
            run.flatten(body)
        except Refused:
            if entry.plain or entry.returned is None or not has_given(entry.returned.structure):
                raise
            entry.plain, entry.returned = True, None  # that it returns an argument was too much to expect
            continue
        if run.settles(*known) or not entry.asked:
            run.finish()
            return
        for place, made in list(family.entries.items()):
            if place not in others and made.provisional:  # flattened with what was known then
                del family.entries[place]
    f.refuse(callee.at, f"the type of what `{callee.name}` returns does not settle", "return values of one kind")


class _Run:
    """One flattening of an emitted function."""

    def __init__(self, f: Flattener, entry: Entry) -> None:
        self.f = f
        self.entry = entry
        self.params: list[Var] = []
        self.captured: dict[tuple[int, str], Value] = {}
        self.entered = Entered()
        self.lengths = Lengths()
        child = Flattener(Emitter(), self.capture)
        child.captures, child.guards, child.checked = f.captures, f.guards, f.checked
        child.taken, child.calls, child.frames, child.family = f.taken, list(f.calls), f.frames, f.family
        child.emit.origin = f.emit.origin
        self.child = child

    def flatten(self, body: Body) -> None:
        family: Family = self.f.family
        entry, child = self.entry, self.child
        given: dict[str, Value] = {}
        twins: dict[Var, Var] = {}
        for name, value in entry.signature.given:
            leaves: list[Var] = []
            hint: str = name if isinstance(name, str) else name[1]
            fresh = entry.signature.renewed(value, hint, leaves, self.lengths, child.nullable, twins)
            self.params += leaves
            kept = child.storage.outer(fresh, hint)
            self.entered.enter(child, name, kept)
            if isinstance(name, str):
                given[name] = child.storage.load(kept)
            else:
                child.names[name] = kept
        self.entered.names.update((k, v) for k, v in child.names.items() if not is_cell(k))
        for binding, name in entry.bindings.values():
            child.capture(child, binding, name)
        family.flatteners += 1
        number, family.number = family.number, family.flatteners
        family.active.append(Call(entry.callee, lambda: entry.signature))
        try:
            value = body(child, entry.callee, given)
        except Refused as refused:
            child.note(refused)
            self.value = None
        else:
            self.value = value
        finally:
            family.number = number
            family.active.pop()
        self._check()

    def _check(self) -> None:
        """Refuse what a function of its own cannot do."""
        f, child, callee = self.f, self.child, self.entry.callee
        early = self.entry.asked and self.entry.returned is None  # statements that read the result were left out
        if self.value is None or (child.problems and not early):
            f.family.problems = list(child.problems)
            if child.problems:
                raise Refused(child.problems[0])
            if self.entry.blocked:
                raise Refused(None)
            f.refuse(callee.at, f"`{callee.name}` calls itself on every path", "give it a case that ends")
        called = f"`{callee.name}`, which is called here as a function of its own,"
        for key in child.storage.written:
            if key in child.storage.first and key not in self.entered.cells:
                shown = key[1].split("·")[0] or "its argument"
                f.refuse(callee.at, f"{called} writes into `{shown}`", "return a new array, or write into a copy")

    def capture(self, child: Flattener, binding: Binding, name: str) -> Value:
        """What a name outside of all functions denotes; numbers become parameters."""
        place = (id(binding.holder), binding.name)
        if place in self.captured:
            return child.storage.load(self.captured[place])
        value = self.f.usable(self.f.capture(self.f, binding, name), self.entry.callee.at)
        signature = Signature.of({name: value}, self.f.nullable)
        if signature is None or not signature.atoms:
            return value
        leaves: list[Var] = []
        fresh = signature.renewed(value, name, leaves, self.lengths, child.nullable, {})
        self.params += leaves
        self.entry.bindings[place] = (binding, name)
        self.captured[place] = child.storage.outer(fresh, name)
        return child.storage.load(self.captured[place])

    def settles(self, returned: Returned | None, bindings: dict[Any, Any], effect: bool) -> bool:
        """Take in what this flattening showed; True where it was known before."""
        from wengert.frontend.flatten import structured

        entry, child = self.entry, self.child
        assert self.value is not None
        (written, assigned), contents = self.entered.left(child, returned.written if returned is not None else ())
        value = self.value if entry.plain else self.entered.value(child, self.value)
        if contents:
            value = Pack("tuple", (value, *contents))
        try:
            structure, leaves = structured(child, value)
        except UnsupportedError as error:
            raise Refused(error.problems[0]) from error
        self.block = Block(tuple(child.emit.statements), leaves)
        entry.effect = effect or any(isinstance(s, Assign) and s.effect for s in walk(self.block))
        now = replace(self.returns(structure, leaves), written=written, assigned=assigned)
        if returned is not None and (returned.written, returned.assigned) == (written, assigned):
            if returned.structure != structure and not entry.plain and (has_given(structure) or has_given(returned.structure)):
                entry.plain, entry.returned = True, None
                return False
            if returned.structure != structure:
                text = f"`{entry.callee.name}` returns values of different layouts"
                self.f.refuse(entry.callee.at, text, "return values of one layout")
            now.types = tuple(general(join(a, b), self.lengths) for a, b in zip(returned.types, now.types, strict=True))
            now.nullable = tuple(a or b for a, b in zip(returned.nullable, now.nullable, strict=True))
        entry.returned = now
        return returned == now and bindings == entry.bindings and effect == entry.effect

    def returns(self, structure: Structure, leaves: tuple[Atom, ...]) -> Returned:
        child = self.child
        types = tuple(general(a.type, self.lengths) for a in leaves)
        hints = tuple(a.hint if isinstance(a, Var) else "" for a in leaves)
        every = Param("given", Structure("tuple", (LEAF,) * len(self.params)), tuple(self.params))
        probe = Function("probe", (every,), self.block, structure)
        memory = share(probe)
        bits = [memory.of(a) for a in leaves]
        shares = tuple(
            (bool(b & memory.unowned), tuple(j for j in range(k) if bits[j] & b)) for k, b in enumerate(bits)
        )
        return Returned(structure, types, hints, shares, tuple(a in child.nullable for a in leaves))

    def finish(self) -> None:
        """The function, with one parameter for each number that it is given."""
        op = self.entry.op
        taken: dict[str, None] = {}
        params = tuple(Param(_untaken(v.hint or "x", taken), LEAF, (v,)) for v in self.params)
        count = len(self.block.yields)
        result = LEAF if count == 1 else Structure("tuple", (LEAF,) * count)
        source = self.entry.callee.source
        op.several = count != 1
        op.function = Function(op.name, params, self.block, result, origin=source.location(self.entry.callee.node))
        self.entry.open = False


def _untaken(hint: str, taken: dict[str, None]) -> str:
    k, made = 1, hint
    while made in taken:
        k += 1
        made = f"{hint}_{k}"
    taken[made] = None
    return made


def _applied(f: Flattener, entry: Entry, signature: Signature) -> Value:
    """The call as a statement, and its value in parts."""
    returned = entry.returned
    making = f.family.making
    if entry.open:
        entry.asked = True
        for other in making[making.index(entry) + 1 :]:
            other.provisional = True
            other.blocked = other.blocked or returned is None
    if returned is None:
        raise Refused(None)  # nothing is known of what it returns yet: the other paths tell
    args = list(signature.atoms)
    lengths = signature.lengths
    around: dict[Any, Value] = {}
    for binding, name in entry.bindings.values():
        value = f.usable(f.capture(f, binding, name), entry.callee.at)
        more = Signature.of({name: value}, f.nullable)
        assert more is not None
        args += more.atoms
        around[name] = value
    check_apart(f, signature, around, returned.written, entry.callee.name)
    types = tuple(lengths.here(t) for t in returned.types)
    count = len(types)
    emit = f.emit
    if count == 1:
        leaves = [emit.assign(entry.op, tuple(args), types[0], hint="", effect=entry.effect)]
    else:
        result = emit.assign(entry.op, tuple(args), Results(types), effect=entry.effect)
        leaves = [emit.assign(operator.getitem, (result, constant(k)), t) for k, t in enumerate(types)]
    for leaf, nullable in zip(leaves, returned.nullable, strict=True):
        if nullable:
            f.nullable.add(leaf)
    value = rebuilt(returned.structure, iter(leaves))
    contents: tuple[Value, ...] = ()
    if returned.leaves and isinstance(value, Pack):
        value, *rest = value.items
        contents = tuple(rest)
    take_over(f, signature, returned.written, contents[: len(returned.written)])
    assign(f, signature, returned.assigned, contents[len(returned.written) :])
    _share(f, leaves, returned, tuple(args))
    return resolved(f, signature, value)


def _share(f: Flattener, leaves: list[Var], returned: Returned, args: tuple[Atom, ...]) -> None:
    """Take down whose memory Python's result would be: a store through one of them makes the others unreadable."""
    first = returned.structure.children[0].leaves if returned.leaves else len(leaves)
    written = {j for _, others in returned.shares[first:] for j in others}
    for k, (outside, others) in enumerate(returned.shares):
        if leaves[k] in f.storage.homes:
            continue  # the caller's own array as it is now
        outside = outside or k in written  # what it leaves in an argument is that array
        if outside and (found := f.storage.memory(args)):
            f.storage.origins[leaves[k]] = found
        for j in others:
            a, b = f.storage.unload(leaves[j]), f.storage.unload(leaves[k])
            if isinstance(a, Place) and isinstance(b, Place):
                f.storage.share(a.cell, b.cell)
