"""`try` and bare `raise`: an exception is a jump out of the body, told by a flag that holds it.

In: a `try` statement without jumps (`control` has made flags of them). Out: the body under tests of what may raise,
and branches for its handlers.

    try:                            error = error_of(ZeroDivisionError, truediv, 1.0, x)
        y = 1.0 / x                 if error is None:
    except ZeroDivisionError:           y = 1.0 / x
        y = 0.0                     else:
                                        y = 0.0
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from wengert.frontend.attempts import Trial, Watch, catchable, shown, watch
from wengert.frontend.branches import choose
from wengert.frontend.context import Flattener, expression, statement
from wengert.frontend.escapes import Arm, Flag, Level
from wengert.frontend.forms import Caught
from wengert.frontend.raising import Errors
from wengert.frontend.values import Pack, Value
from wengert.ir.builder import NONE
from wengert.ir.nodes import Atom, Const, Var
from wengert.ir.types import Bool, Opaque
from wengert.runtime import raise_

HANDLED = "handled·"
"""The exception of the handler that is running, for a bare `raise`."""


@statement(ast.Try)
def _try(f: Flattener, node: ast.Try) -> None:
    if not node.finalbody:
        handled(f, node)
        return
    w = watch(f)
    # what raises past us ends the program: only effects must still be seen
    kinds: Errors = (Exception,) if any(isinstance(n, _EFFECTS) for s in node.finalbody for n in ast.walk(s)) else ()
    flag = start(f)
    with trying(w, kinds, flag) as (trial, _):
        if node.handlers:
            handled(f, node)
        else:
            f.body([*node.body, *node.orelse])
    f.body(node.finalbody)
    pass_on(f, w, flag, tuple(trial.seen))


_EFFECTS = (ast.Call, ast.Subscript, ast.Attribute, ast.Yield)


def handled(f: Flattener, node: ast.Try) -> None:
    """The body with its handlers and its `else`."""
    w = watch(f)
    rows = [(handler, _classes(f, handler)) for handler in node.handlers]
    flag = start(f)

    def catch(error: Atom) -> None:
        known = w.class_of(error)
        _handlers(f, w, tuple(trial.seen) if known is None else (known,), rows, error)

    with trying(w, tuple(c for _, classes in rows for c in classes), flag) as (trial, level):
        f.body(node.body)
        single = _single(level, flag)
    if not any(catchable(tuple(trial.seen), classes) for _, classes in rows):
        if single is not None:
            level.arms.append(single)
            w.close(level)
        pass_on(f, w, flag, tuple(trial.seen))
        f.body(node.orelse)
        return
    if single is None:
        dispatch(f, flag, lambda: f.body(node.orelse), catch)
        return
    error = single.escaped[flag.key]
    assert isinstance(error, Var | Const)

    def go_on() -> None:
        f.names.pop(flag.key, None)
        f.body(node.orelse)

    def instead() -> None:
        f.names.pop(flag.key, None)
        catch(error)

    w.close_arm(level, single, go_on, instead)


def _single(level: Level, flag: Flag) -> Arm | None:
    """The only open arm, taken out of the level: its other path is the handlers'."""
    arms = level.arms
    if len(arms) != 1 or arms[0].test is None or arms[0].escaped[flag.key] == NONE:
        return None
    return arms.pop()


def start(f: Flattener) -> Flag:
    """A flag for an exception, not set."""
    flag = Flag(f.hidden("error"))
    f.names[flag.key] = NONE
    return flag


@contextmanager
def trying(w: Watch, kinds: Errors, flag: Flag) -> Iterator[tuple[Trial, Level]]:
    """What is inside raises into `flag`; its arms are closed at the end, those that are left in the level are not."""
    trial = Trial(kinds, flag)
    w.trials.append(trial)
    w.flags.append(flag)
    depth = len(w.opened)
    level = Level(w.f.frames)
    w.levels.append(level)
    try:
        yield trial, level
        if level.arms:
            w.close(level)
    finally:
        if level.arms:
            del w.opened[depth:]
        w.levels.remove(level)
        w.trials.remove(trial)
        w.flags.remove(flag)


def dispatch(f: Flattener, flag: Flag, go_on: Callable[[], None], catch: Callable[[Atom], None]) -> None:
    """`catch` where the flag is set, `go_on` where it is not."""
    error = f.names.pop(flag.key)
    if error == NONE:
        go_on()
    elif isinstance(error, Var) and error in f.nullable:
        test = f.emit.assign(operator.is_, (error, NONE), Bool(), inline=True)
        choose(f, test, go_on, lambda: catch(error))
    else:
        assert isinstance(error, Var | Const)
        catch(error)


def _classes(f: Flattener, handler: ast.ExceptHandler) -> Errors:
    """The classes that a handler names."""
    if handler.type is None:
        return (BaseException,)
    value = f.expression(handler.type)
    found: tuple[Any, ...]
    match value:
        case Const(value=tuple() as found):
            pass
        case Const():
            found = (value.value,)
        case Pack(items=items):
            found = tuple(i.value for i in items if isinstance(i, Const))
        case _:
            found = ()
    if not found or not all(isinstance(c, type) and issubclass(c, BaseException) for c in found):
        f.refuse(handler.type, "`except` needs classes known in advance", "name the exceptions")
    if any(issubclass(c, NameError) for c in found):
        f.refuse(handler.type, "`except NameError` is not supported", "assign the name on every path")
    return found


def _handlers(
    f: Flattener, w: Watch, possible: Errors, rows: list[tuple[ast.ExceptHandler, Errors]], error: Atom
) -> None:
    """The first handler that the exception is an instance of; it is raised again where there is none."""
    if not rows:
        throw_on(w, possible, error)
        return
    (handler, classes), rest = rows[0], rows[1:]
    left = tuple(c for c in possible if not issubclass(c, classes))
    if not left:
        _handle(f, handler, error)
    elif not catchable(possible, classes):
        _handlers(f, w, possible, rest, error)
    else:
        test = f.emit.apply(isinstance, (error, shown(classes)), type=Bool(), inline=True)
        choose(f, test, lambda: _handle(f, handler, error), lambda: _handlers(f, w, left, rest, error))


def _handle(f: Flattener, handler: ast.ExceptHandler, error: Atom) -> None:
    assert f.frame is not None
    place = (f.frame.number, HANDLED)
    before = f.names.get(place)
    f.names[place] = error
    f.body(handler.body)
    if before is None:
        f.names.pop(place, None)
    else:
        f.names[place] = before


def pass_on(f: Flattener, w: Watch, flag: Flag, possible: Errors) -> None:
    """Raise the exception of a flag, where it is set, for the next `try` around; nothing here handles it."""
    error = f.names.get(flag.key)
    if error is not None and error != NONE and w.trials:
        del f.names[flag.key]
        w.note(possible)
        f.names[w.trials[-1].flag.key] = error
        w.guard()
    else:
        dispatch(f, flag, lambda: None, lambda error: throw_on(w, possible, error))


def throw_on(w: Watch, possible: Errors, error: Atom) -> None:
    """Raise an exception, of one of these classes, that the `try` around it has not handled."""
    if w.trials:
        w.note(possible)
        w.throw(error)
    else:
        w.apply(raise_, (error, NONE), type=Opaque(), effect=True)


def _handled(f: Flattener) -> Value | None:
    return None if f.frame is None else f.names.get((f.frame.number, HANDLED))


@expression(Caught)
def _caught(f: Flattener, node: Caught, hint: str) -> Value:
    value = _handled(f)
    if value is None:
        f.refuse(node, "a bare `raise` outside of a handler is not supported", "raise an exception by name")
    return value
