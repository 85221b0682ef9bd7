"""Flattening a loop: it is laid out from what `carried.py` finds.

    for v in x: s = s + v       For(results s, targets v, sequences x, carried s, inits 0, body yields s + v)
"""

from __future__ import annotations

from wengert.frontend.carried import Carrier
from wengert.frontend.context import Flattener
from wengert.frontend.early_draws import drawn_before
from wengert.frontend.fitting import misfit
from wengert.frontend.join import serial
from wengert.frontend.trips import LoopPlan
from wengert.frontend.values import (
    Poison,
    Refused,
    Value,
    atoms,
    children,
    with_children,
)
from wengert.frontend.windows import through
from wengert.ir.nodes import UNDEFINED, Atom, Block, Checkpoint, Const, For, Var, While
from wengert.ir.types import Tape

__all__ = ["LoopPlan", "loop"]


def loop(f: Flattener, plan: LoopPlan) -> tuple[Var, ...]:
    """Emit the loop and bind what it leaves; returns the collected tapes."""
    entry = dict(f.names)
    carrier = Carrier(f, plan, entry, serial())
    try:
        f.storage.entered.append(f.storage.serial)
        run = carrier.settle()
    except Refused:
        f.names.clear()
        f.names.update(entry)
        raise
    finally:
        f.storage.entered.pop()
    carried: list[Var] = []
    inits: list[Atom] = []
    yields: list[Atom] = []
    results: list[Var] = []
    stop: list[int] = []
    f.names.clear()
    f.names.update(entry)
    for key, spec in carrier.specs.items():
        if plan.stop == key:
            stop.append(len(carried))
        if not _fits(run.start[key], run.after.get(key, UNDEFINED)):
            f.names[key] = misfit(f, run.start[key], run.after[key], key[1], f.emit.origin)
            continue
        made = _lay(run.start[key], entry.get(key, UNDEFINED), run.after.get(key, UNDEFINED), carried, inits, yields)
        for old, left in zip(atoms(made), atoms(run.after.get(key, UNDEFINED)), strict=False):
            if isinstance(old, Var) and (left in f.absent or (key not in entry and "·" not in key[1])):
                f.absent.add(old)
        f.names[key] = _results(made, results, f) if not isinstance(spec, Poison) else spec
    f.names.update({name: through(cell, f.names[key]) for name, (cell, key) in carrier.windows.items()})
    for left, v in zip(yields, results, strict=True):
        f.storage.follow(left, v)
    mark = _mark(plan, carried, inits, yields, results)
    tapes = tuple(Var(plan.collected, Tape(a.type)) for a in run.recorded)
    block = Block(run.block.statements, (*yields, *run.recorded))
    if mark is not None and plan.test is None and not stop:
        block = drawn_before(f, plan.sequences, run.targets, tuple(carried), block)
    common = (tuple(results), tapes)
    if run.test is None:
        f.emit.append(
            For(*common, run.targets, plan.sequences, tuple(carried), tuple(inits), block,
                stop=stop[0] if stop else None, checkpoint=mark, origin=f.emit.origin)
        )  # fmt: skip
    else:
        f.emit.append(
            While(*common, tuple(carried), tuple(inits), run.test, block,
                  stop=stop[0] if stop else None, origin=f.emit.origin)
        )  # fmt: skip
    return tapes


def _mark(
    plan: LoopPlan, carried: list[Var], inits: list[Atom], yields: list[Atom], results: list[Var]
) -> Checkpoint | None:
    """The mark of a checkpointed loop; its number is carried along unchanged, so that it is renamed as all others are."""
    if plan.checkpoint is None:
        return None
    kind, number = plan.checkpoint
    same = Var(kind, number.type)
    carried.append(same)
    inits.append(number)
    yields.append(same)
    results.append(Var(kind, number.type))
    return Checkpoint(kind, len(carried) - 1)


def _fits(start: Value, after: Value) -> bool:
    """True where each variable that is carried has an atom to become; what was refused in the body has been noted there."""
    if isinstance(after, Poison) or after is UNDEFINED:
        return True
    parts = children(start)
    if parts is not None:
        left = children(after)
        return left is not None and len(left) == len(parts) and all(map(_fits, parts, left))
    return not isinstance(start, Var) or isinstance(after, Var | Const)


def _lay(
    start: Value, entry: Value, after: Value, carried: list[Var], inits: list[Atom], yields: list[Atom]
) -> Value:
    """Line up the parts of a carried value: its variable in the body, what it starts as, what it becomes."""
    parts = children(start)
    if parts is not None:
        count = len(parts)
        before = children(entry) or (UNDEFINED,) * count
        left = children(after) or (UNDEFINED,) * count
        rows = zip(parts, before, left, strict=True)
        return with_children(start, tuple(_lay(p, e, a, carried, inits, yields) for p, e, a in rows))
    if isinstance(start, Var):
        entry = entry if isinstance(entry, Var | Const) else UNDEFINED  # refused elsewhere
        after = after if isinstance(after, Var | Const) else UNDEFINED
        carried.append(start)
        inits.append(entry)
        yields.append(after)
    return start


def _results(value: Value, results: list[Var], f: Flattener) -> Value:
    parts = children(value)
    if parts is not None:
        return with_children(value, tuple(_results(p, results, f) for p in parts))
    if isinstance(value, Var):
        made = Var(value.hint, value.type)
        if value in f.nullable:
            f.nullable.add(made)
        if value in f.absent:
            f.absent.add(made)
        f.storage.settle(made, f.storage.compact.get(value))
        results.append(made)
        return made
    return value
