"""Questions about blocks and statements: what they define, what they read; and renaming.

    reads(block)        the outer variables that a block reads, in order of first use
    defined(block)      every variable that it binds, inner blocks included
    substitute(block, {x: y})
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from wengert.ir.closed import assert_never
from wengert.ir.nodes import (
    AddStore,
    Arg,
    Assign,
    Atom,
    Block,
    Comment,
    Display,
    For,
    If,
    Statement,
    Store,
    Var,
    While,
)


def atoms_of(arg: Arg) -> Iterator[Atom]:
    """The atoms inside an operand, left to right."""
    if isinstance(arg, Display):
        for item in arg.items:
            yield from atoms_of(item)
    else:
        yield arg


def operands(s: Statement) -> Sequence[Atom]:
    """The atoms that `s` itself reads, its blocks not included."""
    match s:
        case Assign():
            if s.kwargs or Display in map(type, s.args):
                return [a for arg in (*s.args, *(v for _, v in s.kwargs)) for a in atoms_of(arg)]
            return s.args  # type: ignore[return-value]
        case Store() | AddStore():
            return [s.base, *atoms_of(s.index), s.value]
        case If():
            return (s.test,)
        case For():
            return (*s.sequences, *s.inits)
        case While():
            return s.inits
        case Comment():
            return ()
        case _:
            assert_never(s)


def blocks(s: Statement) -> tuple[Block, ...]:
    """The blocks inside `s`."""
    match s:
        case Assign():  # most statements are
            return ()
        case If():
            return (s.then, s.orelse)
        case For():
            return (s.body,)
        case While():
            return (s.test, s.body)
        case _:
            return ()


def targets(s: Statement) -> tuple[Var, ...]:
    """The variables that `s` binds for the statements after it."""
    match s:
        case Assign():
            return (s.target,)
        case Store() | AddStore():
            return (s.result,)
        case If():
            return s.results
        case For() | While():
            return (*s.results, *s.tapes)
        case Comment():
            return ()
        case _:
            assert_never(s)


def inner(s: Statement) -> tuple[Var, ...]:
    """The variables that `s` binds for its own blocks: loop targets and carried names."""
    match s:
        case For():
            return (*s.targets, *s.carried)
        case While():
            return s.carried
        case _:
            return ()


def defined(block: Block) -> dict[Var, None]:
    """Every variable bound in `block`, inner blocks included, in order."""
    found: dict[Var, None] = {}

    def walk(b: Block) -> None:
        for s in b.statements:
            found.update(dict.fromkeys(inner(s)))
            for nested in blocks(s):
                walk(nested)
            found.update(dict.fromkeys(targets(s)))

    walk(block)
    return found


def reads(*of: Block) -> dict[Var, None]:
    """The variables that the blocks read and do not bind, in order of first use."""
    found: dict[Var, None] = {}

    def walk(b: Block, bound: set[Var]) -> None:
        for s in b.statements:
            for a in operands(s):
                if isinstance(a, Var) and a not in bound:
                    found.setdefault(a)
            bound.update(inner(s))
            for nested in blocks(s):
                walk(nested, bound)
            bound.update(targets(s))
        for a in b.yields:
            if isinstance(a, Var) and a not in bound:
                found.setdefault(a)

    for block in of:
        walk(block, set())
    return found


def map_arg(f: Callable[[Atom], Atom], arg: Arg) -> Arg:
    """`arg` with `f` applied to its atoms."""
    if isinstance(arg, Display):
        items = tuple(map_arg(f, i) for i in arg.items)
        return arg if items == arg.items else Display(arg.kind, items, arg.keys)
    return f(arg)


def map_atoms(f: Callable[[Atom], Atom], s: Statement) -> Statement:
    """`s` with `f` applied to every atom that it or its blocks read; bindings stay."""

    def all_of(atoms: tuple[Atom, ...]) -> tuple[Atom, ...]:
        return tuple(map(f, atoms))

    match s:
        case Assign():
            args = tuple(map_arg(f, a) for a in s.args)
            kwargs = tuple((k, map_arg(f, a)) for k, a in s.kwargs)
            return replace(s, args=args, kwargs=kwargs)
        case Store() | AddStore():
            return replace(s, base=f(s.base), index=map_arg(f, s.index), value=f(s.value))
        case If():
            return replace(s, test=f(s.test), then=map_block(f, s.then), orelse=map_block(f, s.orelse))
        case For():
            return replace(s, sequences=all_of(s.sequences), inits=all_of(s.inits), body=map_block(f, s.body))
        case While():
            return replace(s, inits=all_of(s.inits), test=map_block(f, s.test), body=map_block(f, s.body))
        case Comment():
            return s
        case _:
            assert_never(s)


def map_block(f: Callable[[Atom], Atom], block: Block) -> Block:
    return Block(tuple(map_atoms(f, s) for s in block.statements), tuple(map(f, block.yields)))


def substitute(block: Block, new: Mapping[Var, Atom]) -> Block:
    """`block` reading `new[v]` wherever it read `v`."""
    if not new:
        return block
    return map_block(lambda a: new.get(a, a) if isinstance(a, Var) else a, block)


def walk(block: Block) -> Iterator[Statement]:
    """Every statement of `block` and of its inner blocks, outer before inner."""
    for s in block.statements:
        yield s
        if not isinstance(s, Assign):
            for nested in blocks(s):
                yield from walk(nested)


def uses(block: Block) -> Counter[Var]:
    """How often each variable is read in `block` and its inner blocks, by statements and as a yield."""
    found: Counter[Var] = Counter()
    count = found.get

    def add(atoms: Sequence[Atom]) -> None:
        for a in atoms:
            if isinstance(a, Var):
                found[a] = count(a, 0) + 1

    add(block.yields)
    for s in walk(block):
        add(operands(s))
        for b in blocks(s):
            add(b.yields)
    return found


def within(f: Callable[[Block], Block], s: Statement) -> Statement:
    """`s` with `f` applied to the blocks inside it."""
    match s:
        case If():
            return replace(s, then=f(s.then), orelse=f(s.orelse))
        case For():
            return replace(s, body=f(s.body))
        case While():
            return replace(s, test=f(s.test), body=f(s.body))
        case _:
            return s


def renewed(block: Block) -> tuple[Block, dict[Var, Var]]:
    """A copy of a block that binds variables of its own; and its variables by those of the block."""
    new: dict[Var, Var] = {}
    for v in defined(block):
        new[v] = Var(v.hint, v.type, new.get(v.of, v.of) if v.of else None, v.inline)

    def of(v: Var) -> Var:
        return new.get(v, v)

    def all_of(variables: tuple[Var, ...]) -> tuple[Var, ...]:
        return tuple(map(of, variables))

    def copied(b: Block) -> Block:
        return Block(tuple(map(bound, b.statements)), b.yields)

    def bound(s: Statement) -> Statement:
        match s:
            case Assign():
                return replace(s, target=of(s.target))
            case Store() | AddStore():
                return replace(s, result=of(s.result))
            case If():
                return replace(s, results=all_of(s.results), then=copied(s.then), orelse=copied(s.orelse))
            case For():
                return replace(
                    s, results=all_of(s.results), tapes=all_of(s.tapes), targets=all_of(s.targets),
                    carried=all_of(s.carried), body=copied(s.body),
                )  # fmt: skip
            case While():
                return replace(
                    s, results=all_of(s.results), tapes=all_of(s.tapes), carried=all_of(s.carried),
                    test=copied(s.test), body=copied(s.body),
                )  # fmt: skip
            case Comment():
                return s
            case _:
                assert_never(s)

    return substitute(copied(block), dict(new)), new
