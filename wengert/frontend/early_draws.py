"""Random draws of a checkpointed loop: they are made and kept before it, for its trips are run again.

    for t in checkpoint(range(n)):            draws = [rng.normal() for t in range(n)]
        x = x + s * rng.normal()              for t in checkpoint(range(n)): x = x + s * draws[t]

That is the same where the draws are all that the trips do to the world, each trip makes them, and their parameters do not
depend on the trips before.
"""

from __future__ import annotations

import operator

from wengert.frontend.context import Flattener
from wengert.ir.builder import constant
from wengert.ir.nodes import Assign, Atom, Block, Const, For, Statement, Var
from wengert.ir.queries import blocks, defined, operands, renewed, substitute, walk
from wengert.ir.types import Int, List, Tape
from wengert.rules.random_draws import DRAWS, Random


def drawn_before(
    f: Flattener, sequences: tuple[Atom, ...], targets: tuple[Var, ...], carried: tuple[Var, ...], block: Block
) -> Block:
    """The body of the loop with its draws read from lists, which are emitted here; as it is where that is not the same."""
    made = [s for s in block.statements if isinstance(s, Assign) and _is_draw(s)]
    ours = {*defined(block), *carried}
    effects = [s for s in walk(block) if isinstance(s, Assign) and s.effect and not _is_draw(s)]
    nested = [s for outer in block.statements for b in blocks(outer) for s in walk(b) if _is_draw(s)]
    counted = _counted(f, sequences, targets)
    before = _needed(block, made)
    own = {s.target for s in (*before, *made)}
    local = any(isinstance(a, Var) and a in ours and a not in own for s in (*before, *made) for a in operands(s))
    if not made or effects or nested or counted is None or local:
        return block
    drawn = tuple(s.target for s in made)
    lists = tuple(Var(v.hint, Tape(v.type)) for v in drawn)
    given = tuple(s for s in block.statements if s in before or s in made)
    inner = tuple(Var(t.hint, t.type) for t in targets)
    early, _ = renewed(substitute(Block(given, drawn), dict(zip(targets, inner, strict=True))))
    f.emit.append(For((), lists, inner, sequences, (), (), early, origin=f.emit.origin))
    start, step = counted
    place: Var = targets[0]
    steps: list[Statement] = []
    for op, by in ((operator.sub, start), (operator.floordiv, step)):
        if by not in (constant(0), constant(1)) or (by == constant(1) and op is operator.sub):
            following = Var("", Int())
            steps.append(Assign(following, op, (place, by), origin=f.emit.origin))
            place = following
    kept = dict(zip(drawn, lists, strict=True))

    def read(s: Statement) -> Statement:
        if not isinstance(s, Assign) or s.target not in kept:
            return s
        return Assign(s.target, operator.getitem, (kept[s.target], place), origin=s.origin)

    return Block((*steps, *map(read, block.statements)), block.yields)


def _is_draw(s: Statement) -> bool:
    """True of a call of a generator's method that has a row."""
    if not isinstance(s, Assign) or not s.effect or s.op not in DRAWS or not s.args:
        return False
    owner = s.args[0]
    return isinstance(owner, Const | Var) and not isinstance(s.target.type, Random | List)


def _needed(block: Block, made: list[Assign]) -> list[Assign]:
    """The operations of the body that the parameters of the draws are made of."""
    wanted = {a for s in made for a in operands(s)}
    found: list[Assign] = []
    for s in reversed(block.statements):
        if isinstance(s, Assign) and s.target in wanted and s not in made:
            found.append(s)
            wanted.update(operands(s))
    return found


def _counted(f: Flattener, sequences: tuple[Atom, ...], targets: tuple[Var, ...]) -> tuple[Atom, Atom] | None:
    """Start and step of the one range that the loop walks; None of another loop."""
    if len(sequences) != 1 or len(targets) != 1:
        return None
    for s in reversed(f.emit.statements):
        if isinstance(s, Assign) and s.target is sequences[0] and s.op is range and not s.kwargs:
            given = [a for a in s.args if isinstance(a, Const | Var)]
            return {1: (constant(0), constant(1)), 2: (given[0], constant(1)), 3: (given[0], given[-1])}[len(given)]
    return None
