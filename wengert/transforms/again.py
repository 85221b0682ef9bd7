"""Statements that are run a second time: over new variables, and without what must happen only once.

In: a loop. Out: the same loop with every variable that it binds renewed.

    for t in q with x = a:              for t' in q with x' = a:
        v1 = print!(x)                      y' = sin(x')
        y = sin(x)                          yield y'
        yield y                         => x''

Prints and checks are left out: the first run has made them. Random draws and calls of unknown functions are refused.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from wengert.errors import Problem, UnsupportedError
from wengert.ir.callee import Emitted, applied_in_turn
from wengert.ir.closed import assert_never
from wengert.ir.nodes import AddStore, Assign, Block, Comment, For, If, Statement, Store, Var, While
from wengert.ir.queries import defined, substitute, walk
from wengert.runtime import assert_, backwards, check_contiguous, check_scalar, raise_

CHECKS = (assert_, raise_, check_contiguous, check_scalar)
"""Effects that do nothing where the first run went through."""


def clone(v: Var) -> Var:
    """A new variable of the same type, printed under the same name where that is free."""
    return Var("", v.type, v if v.hint or v.of else None, v.inline)


def renewed(s: For, clone: Callable[[Var], Var]) -> For:
    """`s` over new variables, without prints and checks."""
    body = Block(_kept(s.body), s.body.yields)
    bound = (*s.results, *s.tapes, *s.targets, *s.carried, *defined(body))
    names = {v: clone(v) for v in dict.fromkeys(bound)}
    made = _bound_anew(replace(s, body=substitute(body, names)), names)
    assert isinstance(made, For)
    return made


def _bound_anew(s: Statement, names: dict[Var, Var]) -> Statement:
    """`s` binding `names[v]` wherever it binds `v`."""

    def all_of(variables: tuple[Var, ...]) -> tuple[Var, ...]:
        return tuple(names[v] for v in variables)

    def inside(block: Block) -> Block:
        return Block(tuple(_bound_anew(t, names) for t in block.statements), block.yields)

    match s:
        case Assign():
            return replace(s, target=names[s.target])
        case Store() | AddStore():
            return replace(s, result=names[s.result])
        case If():
            return replace(s, results=all_of(s.results), then=inside(s.then), orelse=inside(s.orelse))
        case For():
            return replace(
                s, results=all_of(s.results), tapes=all_of(s.tapes), targets=all_of(s.targets), carried=all_of(s.carried),
                body=inside(s.body),
            )  # fmt: skip
        case While():
            return replace(
                s, results=all_of(s.results), tapes=all_of(s.tapes), carried=all_of(s.carried), test=inside(s.test),
                body=inside(s.body),
            )  # fmt: skip
        case Comment():
            return s
        case _:
            assert_never(s)


# --- effects ----------------------------------------------------------------------------------------------------------------


def _is_check(s: Assign) -> bool:
    """True of checks, and of the exceptions that they raise."""
    return s.op in CHECKS or (isinstance(s.op, type) and issubclass(s.op, BaseException))


def _kept(block: Block) -> tuple[Statement, ...]:
    """The statements of a block without prints, checks, and branches that hold nothing else."""
    made: list[Statement] = []
    for s in block.statements:
        match s:
            case Assign():
                if not s.effect or not (s.op is print or _is_check(s)):
                    made.append(s)
            case If():
                s = replace(s, then=_inside(s.then), orelse=_inside(s.orelse))
                if s.results or s.then.statements or s.orelse.statements:
                    made.append(s)
            case For():
                made.append(replace(s, body=_inside(s.body)))
            case While():
                made.append(replace(s, test=_inside(s.test), body=_inside(s.body)))
            case Store() | AddStore() | Comment():
                made.append(s)
            case _:
                assert_never(s)
    return tuple(made)


def _inside(block: Block) -> Block:
    return Block(_kept(block), block.yields)


def check_repeatable(block: Block) -> None:
    """Refuses a block that must not be run twice, with the place of what is in the way."""
    problems: list[Problem] = []
    for s in walk(block):
        if not isinstance(s, Assign):
            continue
        if isinstance(s.op, Emitted):
            called = [op.defined.body for op in dict.fromkeys((s.op, *applied_in_turn(s.op.defined.body)))]
            inner = [t for b in called for t in walk(b) if isinstance(t, Assign) and t.effect and not _is_check(t)]
            problems += [_problem(t, " in a function that the loop calls") for t in inner if not isinstance(t.op, Emitted)]
        elif s.effect and s.op not in (print, backwards) and not _is_check(s):
            problems.append(_problem(s, ""))
    if problems:
        raise UnsupportedError(problems)


def _problem(s: Assign, where: str) -> Problem:
    name = getattr(s.op, "__name__", type(s.op).__name__).strip("_")
    text = f"a checkpointed loop runs its trips again, and `{name}`{where} has effects that must happen once"
    return Problem(text, "do this before the loop and read the results in it, or leave `checkpoint` out", s.origin)
