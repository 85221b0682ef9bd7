"""Which parts of an array stay as they were read, or stored, until the array has its last version.

Nothing of such a part need be recorded: the adjoint reads the last version.

    for k in range(n) with a1 = a:
        for i in range(k + 1, n) with a2 = a1:
            v = getitem(a2, k)          again(v) is getitem(a4, k): later stores are at rows i > k
            a3 = a2 with [i] = w
            yield a3
        ...
    -> a4

A store after a read is one of a later trip of a loop around both, or one behind it in the same trip. For each of these cases
the indices of the read and of the store are sums over the variables of two trips (`affine`), and on some axis the one lies
entirely before the other, by the bounds of the ranges that the loops walk. An index that may be negative counts from the end:
it may select anything.
"""

from __future__ import annotations

import operator
from collections.abc import Container
from typing import TypeAlias

from wengert.analyses.affine import Sum, difference, never_negative, one, plus, total
from wengert.analyses.chains import Chain, Place, chains
from wengert.ir.indexing import index_shape
from wengert.ir.nodes import Arg, Assign, Atom, Block, Const, Display, For, Loop, Statement, Store, Var, While
from wengert.ir.queries import blocks, inner, targets
from wengert.ir.types import Array, Int, NumpyScalar, same_shape

MANY = 100
"""Chains of more stores than this are not looked at: the time to transform a program is linear in its length."""

Symbol: TypeAlias = tuple[Var, str]
Span: TypeAlias = tuple[Sum | None, Sum | None]
"""What an index selects of an axis: from the first sum up to, but not including, the second; None where it is not known."""

ANY: Span = (None, None)


class Lasting:
    """Answers for the loops of a function; `written` are the variables whose memory is overwritten, the last version too."""

    def __init__(self, block: Block, written: Container[Atom] = ()) -> None:
        self.block = block
        self.written = written
        self.looked = False
        self.chain: dict[Var, Chain] = {}
        self.facts = _Integers()
        self.answers: dict[int, Assign | None] = {}

    def again(self, s: Statement) -> Assign | None:
        """The statement that reads what `s` read or stored once more, of the last version; None where it may have changed."""
        if not self.looked:
            self._look()
        if id(s) not in self.answers:
            self.answers[id(s)] = self._again(s)
        return self.answers[id(s)]

    def _look(self) -> None:
        self.looked = True
        for chain in chains(self.block):
            if chain.last not in self.written and len(chain.stores) <= MANY and any(p.loops for _, p in chain.stores):
                self.chain.update(dict.fromkeys(chain.versions, chain))
        if self.chain:
            self.facts.collect(self.block, ())

    def _again(self, s: Statement) -> Assign | None:
        match s:
            case Assign() if s.op is operator.getitem and isinstance(s.args[0], Var):
                version, index, v = s.args[0], s.args[1], s.target
            case Store() if isinstance(s.value, Var) and _is_kept(s):
                version, index, v = s.result, s.index, s.value
            case _:
                return None
        chain = self.chain.get(version)
        if chain is None or not _is_basic(index):
            return None
        read = _parts(index)
        place = chain.versions[version]
        if not all(self._apart(read, place, _parts(other.index), at) for other, at in chain.stores):
            return None
        return Assign(v, operator.getitem, (chain.last, index), origin=s.origin)

    def _apart(self, read: list[Arg], place: Place, store: list[Arg], at: Place) -> bool:
        """True where no store at `at` that comes after `place` selects what `read` does."""
        common = 0
        while common < min(len(place.loops), len(at.loops)) and place.loops[common] is at.loops[common]:
            common += 1
        cases = [*range(common), *([common] if at.order > place.order else [])]
        return all(_Case(self.facts, at.loops[:common], equal).apart(read, store) for equal in cases)


class Written(set[Var]):
    """The variables whose memory is overwritten, and what of it lasts all the same."""

    def __init__(self, found: set[Var], block: Block) -> None:
        super().__init__(found)
        self.lasting = Lasting(block, found)


def _is_kept(s: Store) -> bool:
    """True where the part that was stored is what was stored: of the same shape and dtype."""
    base, value = s.base.type, s.value.type
    if not isinstance(base, Array) or base.shape is None or base.dtype is None:
        return False
    found = index_shape(base.shape, s.index)
    if found is None:
        return False
    shape, scalar = found
    if not shape and scalar:
        return value == NumpyScalar(base.dtype)
    return isinstance(value, Array) and value.dtype == base.dtype and same_shape(value, Array(base.dtype, shape))


def _is_basic(index: Arg) -> bool:
    """True of ints and slices of ints, one for each axis from the first on."""
    return all((isinstance(p, Display) and p.kind == "slice") or _is_int(p) for p in _parts(index))


def _is_int(part: Arg) -> bool:
    if isinstance(part, Const):
        return type(part.value) is int
    return isinstance(part, Var) and isinstance(part.type, Int)


def _parts(index: Arg) -> list[Arg]:
    return list(index.items) if isinstance(index, Display) and index.kind == "tuple" else [index]


class _Integers:
    """Which loops are around the variables of a function, how its integers are computed, and what the loops walk."""

    def __init__(self) -> None:
        self.depth: dict[Var, int] = {}
        self.made: dict[Var, Assign] = {}
        self.sequence: dict[Var, tuple[For, Atom]] = {}

    def collect(self, block: Block, loops: tuple[Loop, ...]) -> None:
        for s in block.statements:
            for v in targets(s):
                self.depth[v] = len(loops)
            if isinstance(s, Assign):
                self.made[s.target] = s
            for v in inner(s):
                self.depth[v] = len(loops) + 1
            if isinstance(s, For):
                self.sequence.update({t: (s, q) for t, q in zip(s.targets, s.sequences, strict=True)})
            for b in blocks(s):
                self.collect(b, (*loops, s) if isinstance(s, For | While) else loops)

    def range_of(self, v: Var) -> tuple[Arg, Arg, int, bool] | None:
        """The first number, the end, the step of the range that a loop variable runs through, and whether from the end."""
        if v not in self.sequence:
            return None
        loop, sequence = self.sequence[v]
        if isinstance(sequence, Const):
            r = sequence.value
            return (_int(r.start), _int(r.stop), r.step, loop.reverse) if isinstance(r, range) else None
        made = self.made.get(sequence)
        if made is None or made.op is not range or made.kwargs or not all(map(_is_int, made.args)):
            return None
        start, stop = (_int(0), made.args[0]) if len(made.args) == 1 else made.args[:2]
        step = made.args[2].value if len(made.args) == 3 and isinstance(made.args[2], Const) else 1
        known = len(made.args) < 3 or isinstance(made.args[2], Const)
        return (start, stop, step, loop.reverse) if known and step else None


def _int(n: int) -> Const:
    return Const(n, Int())


class _Case:
    """A read and a later store: in the same trip of the first `equal` of the loops around both, and in a later one of the next.

    Variables of loops farther inside are two, one for the trip that reads and one for the trip that stores.
    """

    def __init__(self, facts: _Integers, common: tuple[Loop, ...], equal: int) -> None:
        self.facts = facts
        self.equal = equal
        self.sums: dict[Symbol, Sum] = {}
        self.later = common[equal] if equal < len(common) else None

    def apart(self, read: list[Arg], store: list[Arg]) -> bool:
        """True where, on some axis, the read lies before what is stored or behind it."""
        for a, b in zip(read, store, strict=False):
            if (isinstance(b, Display) and b.kind != "slice") or not (isinstance(b, Display) or _is_int(b)):
                return False  # an index array or a mask: the axes behind it are not known
            first, second = self.span(a, "read"), self.span(b, "store")
            if self.before(first, second) or self.before(second, first):
                return True
        return False

    def before(self, a: Span, b: Span) -> bool:
        return a[1] is not None and b[0] is not None and self.proved(difference(b[0], a[1]))

    def span(self, part: Arg, trip: str) -> Span:
        if not isinstance(part, Display):
            at = self.sum_of(part, trip)
            return (at, plus(at, 1)) if self.proved(at) else ANY
        start, stop, step = part.items
        if isinstance(step, Display) or not (_is_none(step) or (_is_int(step) and isinstance(step, Const) and step.value > 0)):
            return ANY
        return self.bound(start, trip), self.bound(stop, trip)

    def bound(self, a: Arg, trip: str) -> Sum | None:
        """An end of a slice, where it counts from the start."""
        if isinstance(a, Display) or not _is_int(a):
            return None
        found = self.sum_of(a, trip)
        return found if self.proved(found) else None

    def sum_of(self, a: Arg, trip: str) -> Sum:
        if isinstance(a, Const):
            return Sum((), a.value)
        assert isinstance(a, Var)
        if (a, trip) not in self.sums:
            self.sums[a, trip] = self.computed(a, trip)
        return self.sums[a, trip]

    def computed(self, a: Var, trip: str) -> Sum:
        s = self.facts.made.get(a)
        if s is not None and not s.kwargs and all(map(_is_int, s.args)):
            parts = [self.sum_of(x, trip) for x in s.args] if s.op in _LINEAR else []
            if s.op is operator.mul and not all(p.terms for p in parts):
                constant, other = parts if not parts[0].terms else reversed(parts)
                return total((other, constant.rest))
            if s.op in (operator.add, operator.sub):
                return total((parts[0], 1), (parts[1], 1 if s.op is operator.add else -1))
            if s.op is operator.neg:
                return total((parts[0], -1))
        return one(self.symbol(a, trip))

    def symbol(self, v: Var, trip: str) -> Symbol:
        return (v, trip if self.facts.depth.get(v, 0) > self.equal else "")

    def proved(self, a: Sum) -> bool:
        return never_negative(a, self.bounds)

    def bounds(self, symbol: object) -> tuple[list[Sum], list[Sum]]:
        assert isinstance(symbol, tuple)
        v, trip = symbol
        least: list[Sum] = []
        most: list[Sum] = []
        found = self.facts.range_of(v)
        if found is not None:
            start, stop, step, backwards = found
            first, end = self.sum_of(start, trip), self.sum_of(stop, trip)
            least.append(first if step > 0 else plus(end, 1))
            most.append(plus(end, -1) if step > 0 else first)
            if trip and self.facts.sequence[v][0] is self.later:
                grows = (step > 0) is not backwards
                other = one((v, "store" if trip == "read" else "read"))
                if grows is (trip == "store"):
                    least.append(plus(other, abs(step)))
                else:
                    most.append(plus(other, -abs(step)))
        if isinstance(v.type, Int) and v.type.size is not None:
            least.append(Sum())
        return least, most


_LINEAR = (operator.add, operator.sub, operator.mul, operator.neg)


def _is_none(a: Arg) -> bool:
    return isinstance(a, Const) and a.value is None
