"""Loops and functions that are run a second time: without what must happen only once.

In: a loop. Out: the same loop without prints and checks, which the first run has made.

    for t in q with x = a:              for t in q with x = a:
        v1 = print!(x)                      y = sin(x)
        y = sin(x)                          yield y
        yield y

Random draws and calls of unknown functions are refused.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import replace

from wengert.errors import Problem, UnsupportedError
from wengert.ir.callee import Emitted, applied_in_turn
from wengert.ir.closed import assert_never
from wengert.ir.nodes import (
    UNDEFINED,
    AddStore,
    Assign,
    Atom,
    Block,
    Comment,
    Const,
    For,
    If,
    Statement,
    Store,
    Var,
    While,
)
from wengert.ir.queries import blocks, operands, substitute, uses, walk, within
from wengert.rules.kinds import lookup
from wengert.rules.random_draws import is_random
from wengert.runtime import assert_, call_, check_contiguous, check_real, check_scalar, raise_

CHECKS = (assert_, raise_, check_contiguous, check_real, check_scalar)
"""Effects that do nothing where the first run went through."""


def repeated(s: For, wanted: Container[Var]) -> For:
    """`s` as it is run once more, without prints and checks.

    Carried names that it neither reads nor hands on to `wanted` ones start unbound: a temporary of an inner loop.
    """
    quiet = _inside(s.body, _is_silent)
    read = {a for t in walk(quiet) for a in operands(t)} | {a for b in _blocks(quiet) for a in b.yields}
    # of exceptions that are not raised here some are looked at by the program
    quiet = _inside(quiet, lambda t: _is_exception(t) and t.target not in read)
    made = replace(s, body=quiet)
    nothing = {c: UNDEFINED for k, c in enumerate(s.carried) if k != s.stop and _is_handed_on(made, c, wanted)}
    inits = tuple(UNDEFINED if c in nothing else a for c, a in zip(s.carried, s.inits, strict=True))
    return replace(made, inits=inits, body=substitute(quiet, nothing))


def _is_handed_on(s: For, c: Var, wanted: Container[Var]) -> bool:
    """True of a carried name whose value only becomes that of other names that nothing reads."""
    names: set[Atom] = {c}
    before = 0
    while len(names) != before:
        before = len(names)
        for t in (s, *walk(s.body)):
            match t:
                case If():
                    for r, *ends in zip(t.results, t.then.yields, t.orelse.yields, strict=True):
                        names.update((r,) if not names.isdisjoint(ends) else ())
                case For() | While():
                    given = t.inits if t is not s else (UNDEFINED,) * len(t.carried)
                    for v, r, *ends in zip(t.carried, t.results, given, t.body.yields, strict=False):
                        names.update((v, r) if not names.isdisjoint(ends) else ())
                case _:
                    pass
    return not any(a in wanted for a in names) and names.isdisjoint(_looked_at(s))


def _looked_at(s: For) -> Iterator[Atom]:
    """What the statements of a loop read, but for what only gets another name."""
    for t in (s, *walk(s.body)):
        match t:
            case For() | While():
                yield from t.body.yields[len(t.carried) :]
                yield from () if t.stop is None else (t.carried[t.stop],)
                yield from t.sequences if isinstance(t, For) else t.test.yields
            case _:
                yield from operands(t)


# --- effects ----------------------------------------------------------------------------------------------------------------


def _is_silent(s: Assign) -> bool:
    """True of what the first run has done already: prints and checks."""
    return s.op is print or s.op in CHECKS


def prints(statements: Sequence[Statement]) -> bool:
    """True of a program that prints, or calls a function that does."""
    block = Block(tuple(statements), ())
    bodies = (block, *(op.defined.body for op in applied_in_turn(block)))
    return any(isinstance(s, Assign) and s.op is print for body in bodies for s in walk(body))


def without_prints(statements: Sequence[Statement]) -> tuple[Statement, ...]:
    """The statements without prints of which nothing reads the result; the functions that they call without theirs."""
    return _without_prints(Block(tuple(statements), ())).statements


def _without_prints(block: Block) -> Block:
    read = uses(block)
    return _calling_quietly(_inside(block, lambda s: s.op is print and not read[s.target]))


def _calling_quietly(block: Block) -> Block:
    def one(s: Statement) -> Statement:
        if isinstance(s, Assign):
            return replace(s, op=_quiet(s.op)) if isinstance(s.op, Emitted) else s
        return within(_calling_quietly, s)

    return replace(block, statements=tuple(map(one, block.statements)))


def _quiet(op: Emitted) -> Emitted:
    """A function without its prints; made once, and entered before it is made: it may call itself."""
    if "quiet" not in op.derived:
        if not prints(op.defined.body.statements):
            return op
        made = op.derived["quiet"] = Emitted(op.name, several=op.several, recorded=op.recorded)
        made.derived["quiet"] = made
        made.function = replace(op.defined, body=_without_prints(op.defined.body))
    found: Emitted = op.derived["quiet"]
    return found


def _is_exception(s: Assign) -> bool:
    return isinstance(s.op, type) and issubclass(s.op, BaseException)


def _inside(block: Block, left_out: Callable[[Assign], bool]) -> Block:
    """A block without what is left out of its statements with an effect, and without branches that hold nothing else."""
    made: list[Statement] = []
    for s in block.statements:
        match s:
            case Assign():
                if not s.effect or not left_out(s):
                    made.append(s)
            case If():
                s = replace(s, then=_inside(s.then, left_out), orelse=_inside(s.orelse, left_out))
                if s.results or s.then.statements or s.orelse.statements:
                    made.append(s)
            case For():
                made.append(replace(s, body=_inside(s.body, left_out)))
            case While():
                made.append(replace(s, test=_inside(s.test, left_out), body=_inside(s.body, left_out)))
            case Store() | AddStore() | Comment():
                made.append(s)
            case _:
                assert_never(s)
    return Block(tuple(made), block.yields)


def _blocks(block: Block) -> Iterator[Block]:
    """The block and all blocks inside."""
    yield block
    for s in walk(block):
        yield from blocks(s)


def check_repeatable(block: Block) -> None:
    """Refuses a block that must not be run twice, with the place of what is in the way."""
    problems = [_problem(s, "") for s in walk(block) if isinstance(s, Assign) and not (_is_repeatable(s) or _is_silent(s))]
    for op in applied_in_turn(block):
        inner = [s for s in walk(op.defined.body) if isinstance(s, Assign) and not _is_repeatable(s)]
        problems += [_problem(s, " in a function that the loop calls") for s in inner]
    if problems:
        raise UnsupportedError(problems)


def _is_repeatable(s: Assign) -> bool:
    """True of statements that do the same when they are run again, and nothing else."""
    if not s.effect or isinstance(s.op, Emitted) or s.op in CHECKS or _is_exception(s):
        return True
    if getattr(s.op, "__module__", None) != raise_.__module__ or s.op is call_:
        return False
    given = [a.value for a in operands(s) if isinstance(a, Const) and callable(a.value)]  # what `error_of` tries
    return all(isinstance(g, type | Emitted) or lookup(g) is not None for g in given) and not any(map(is_random, given))


def _problem(s: Assign, where: str) -> Problem:
    name = getattr(s.op, "__name__", type(s.op).__name__).strip("_")
    text = f"a checkpointed loop runs its trips again, and `{name}`{where} has effects that must happen once"
    return Problem(text, "do this before the loop and read the results in it, or leave `checkpoint` out", s.origin)
