"""Calls as functions of their own: recursion, and callees that would be flattened too often.

In: a call with its parameters bound. Out: its value, flattened in place where that ends and stays small; otherwise one
statement that applies an `Emitted` function, made once for each function and signature.

    def power(b, n):                                        r = power(b, n)     with power = Emitted("power", ..)
        return 1.0 if n == 0 else b * power(b, n - 1)
"""

from __future__ import annotations

from collections.abc import Mapping

from wengert.frontend.context import Flattener
from wengert.frontend.emitting import emitted
from wengert.frontend.family import Body, Callee, Family, signed
from wengert.frontend.signatures import Signature
from wengert.frontend.values import Refused, Value

UNROLLED = 8
"""How deep a recursion over numbers that are known is flattened in place."""
BUDGET = 300
"""How many calls are flattened in place before those of functions that were flattened often are not."""
OFTEN = 4


def called(f: Flattener, callee: Callee, bound: Mapping[str, Value], body: Body) -> Value:
    """The value of a call."""
    if f.emit.generated:
        return body(f, callee, bound)
    if f.family is None:
        f.family = Family()
    family: Family = f.family
    signature = signed(f, callee, bound)
    if signature is not None and _wanted(family, callee, signature):
        try:
            return emitted(f, callee, signature, body)
        except Refused as refused:
            if refused.problem is None or not _may_be_flattened(family, callee, signature):
                for problem in family.problems:
                    f.note(Refused(problem))
                raise
            family.failed[callee.identity, signature.key] = refused
    place = (family.number, f.frames + 1)  # the passes of a loop flatten the same call in the same place
    family.places.setdefault(callee.identity, {})[place] = None
    family.total[place] = None
    family.active.append((callee.identity, signature or Signature(())))
    try:
        return body(f, callee, bound)
    finally:
        family.active.pop()


def _wanted(family: Family, callee: Callee, signature: Signature) -> bool:
    """True where a call is to become one of an emitted function."""
    if (callee.identity, signature.key) in family.failed:
        return False
    if (callee.identity, signature.key) in family.entries:
        return True
    around = [s for identity, s in family.active if identity == callee.identity and s.key == signature.key]
    if len(around) >= UNROLLED or any(s.numbers == signature.numbers for s in around):
        return True
    often = len(family.places.get(callee.identity, ())) >= OFTEN
    return often and len(family.total) >= BUDGET


def _may_be_flattened(family: Family, callee: Callee, signature: Signature) -> bool:
    """True where a call that cannot be emitted may be flattened in place instead, and that ends."""
    around = [s for identity, s in family.active if identity == callee.identity]
    return all(s.numbers != signature.numbers or s.key != signature.key for s in around)
