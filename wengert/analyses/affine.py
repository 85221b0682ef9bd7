"""Whole numbers as sums: `2 * k + n - 1` is known by the variables in it, and what is at least zero can be proved.

In: sums over symbols, and for each symbol sums that it is at least and at most. Out: True where a sum cannot be negative.

    never_negative(difference(i, plus(k, 1)), bounds)       with i at least k + 1
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

Symbol: TypeAlias = Hashable

STEPS = 200
"""How many sums a proof looks at: those about a nest of loops are found in a few, the others are given up."""


@dataclass(frozen=True, slots=True)
class Sum:
    """The sum of `terms`, each a symbol times a whole number other than zero, and `rest`."""

    terms: tuple[tuple[Symbol, int], ...] = ()
    rest: int = 0


Bounds: TypeAlias = Callable[[Symbol], tuple[Iterable[Sum], Iterable[Sum]]]
"""What a symbol is at least, and what it is at most."""


def one(symbol: Symbol) -> Sum:
    return Sum(((symbol, 1),))


def total(*parts: tuple[Sum, int]) -> Sum:
    """The sum of `parts`, each taken so many times."""
    terms: dict[Symbol, int] = {}
    rest = 0
    for part, times in parts:
        rest += part.rest * times
        for symbol, count in part.terms:
            terms[symbol] = terms.get(symbol, 0) + count * times
    return Sum(tuple((s, c) for s, c in terms.items() if c), rest)


def difference(a: Sum, b: Sum) -> Sum:
    return total((a, 1), (b, -1))


def plus(a: Sum, n: int) -> Sum:
    return Sum(a.terms, a.rest + n)


def never_negative(a: Sum, bounds: Bounds) -> bool:
    """True where `a` is at least zero by the bounds of its symbols; False where no proof is found."""
    todo, seen = [a], {a}
    while todo and len(seen) < STEPS:
        now = todo.pop()
        if not now.terms:
            if now.rest >= 0:
                return True
            continue
        for symbol, count in now.terms:
            least, most = bounds(symbol)
            for bound in least if count > 0 else most:
                smaller = total((now, 1), (one(symbol), -count), (bound, count))
                if smaller not in seen:
                    seen.add(smaller)
                    todo.append(smaller)
    return False
