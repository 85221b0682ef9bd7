"""The simplifications and their order.

In: a raw tangent or adjoint program, which is right as it is. Out: the one that a person would have written.

    simplify(function)
"""

from __future__ import annotations

from collections.abc import Callable

from wengert.ir.nodes import Function
from wengert.simplify.common import common
from wengert.simplify.copies import copies
from wengert.simplify.dead import dead
from wengert.simplify.extents import extents
from wengert.simplify.fills import fills
from wengert.simplify.gathered import gathered
from wengert.simplify.hoist import hoist
from wengert.simplify.order import order
from wengert.simplify.products import products
from wengert.simplify.ranges import ranges
from wengert.simplify.retest import retest
from wengert.simplify.signs import signs
from wengert.simplify.units import units

PASSES: tuple[Callable[[Function], Function], ...] = (
    extents,  # what is asked of a value's shape only: the value itself may then go
    dead,  # most of the primal, where only the gradient is asked for: less work for the others
    copies,  # what loops and branches carry along unchanged: shows more of what is equal
    common,  # what rules and primal compute alike
    units,  # factors that became 1, tests that became true, when a program was put into another
    hoist,  # what a rule computes on every trip from what no trip changes
    copies,  # what arms yield that turned out to be equal
    retest,  # comparisons that were only made to be asked for again
    signs,  # minus signs and factors where a person would write them
    products,  # sums of products, and strong products, by one call each
    fills,  # what is zeroed to be added to
    gathered,  # what is added up beside what it is added to
    dead,  # what lost its last reader
    ranges,  # each loop its own
    order,  # new values after the last line that reads the old ones
)


def simplify(function: Function) -> Function:
    """`function` with the same meaning, shorter."""
    for one in PASSES:
        function = one(function)
    return function
