"""The simplifications and their order.

In: a raw tangent or adjoint program, which is right as it is. Out: the one that a person would have written.

    simplify(function)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from wengert.ir.nodes import AddStore, For, Function, If, Statement, Store, While
from wengert.ir.queries import walk
from wengert.simplify.apart import apart
from wengert.simplify.common import common
from wengert.simplify.copies import copies
from wengert.simplify.dead import dead
from wengert.simplify.extents import extents
from wengert.simplify.fills import fills
from wengert.simplify.gathered import gathered
from wengert.simplify.hoist import hoist
from wengert.simplify.infinite import infinite
from wengert.simplify.order import order
from wengert.simplify.products import products
from wengert.simplify.ranges import ranges
from wengert.simplify.reread import reread
from wengert.simplify.retest import retest
from wengert.simplify.signs import signs
from wengert.simplify.trips import trips
from wengert.simplify.units import units

PASSES: tuple[Callable[[Function], Function], ...] = (
    extents,  # what is asked of a value's shape only: the value itself may then go
    dead,  # most of the primal, where only the gradient is asked for: less work for the others
    apart,  # lists of cotangents that are read one by one
    trips,  # loops that only count what was recorded
    copies,  # what loops and branches carry along unchanged: shows more of what is equal
    common,  # what rules and primal compute alike
    units,  # factors that became 1, tests that became true, when a program was put into another
    hoist,  # what a rule computes on every trip from what no trip changes
    copies,  # what arms yield that turned out to be equal
    retest,  # comparisons that were only made to be asked for again
    signs,  # minus signs and factors where a person would write them
    products,  # sums of products, and strong products, by one call each
    infinite,  # sums that leave out infinite factors, only where there are some
    fills,  # what is zeroed to be added to
    reread,  # what was just stored
    gathered,  # what is added up beside what it is added to
    dead,  # what lost its last reader
    ranges,  # each loop its own
    order,  # new values after the last line that reads the old ones
)

_LOOPS: frozenset[type[Statement]] = frozenset({For, While})
_BUILT: frozenset[type[Statement]] = frozenset({For, While, If})

LOOKS_AT: Mapping[Callable[[Function], Function], frozenset[type[Statement]]] = {
    apart: frozenset({AddStore}),
    trips: _LOOPS,
    hoist: _LOOPS,
    ranges: _LOOPS,
    copies: _BUILT,
    retest: frozenset({If}),
    gathered: frozenset({AddStore}),
    reread: frozenset({Store}),
}
"""Passes that have nothing to do in a program without any of these statements."""


def simplify(function: Function) -> Function:
    """`function` with the same meaning, shorter."""
    there = {type(s) for s in walk(function.body)}
    for one in PASSES:
        if one not in LOOKS_AT or not there.isdisjoint(LOOKS_AT[one]):
            function = one(function)
    return function
