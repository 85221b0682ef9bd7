"""Calls as functions of their own: recursion, and callees that would be flattened too often.

In: a call with its parameters bound. Out: its value, flattened in place where that ends and stays small; otherwise one
statement that applies an `Emitted` function, made once for each function and signature.

    def power(b, n):                                        r = power(b, n)     with power = Emitted("power", ..)
        return 1.0 if n == 0 else b * power(b, n - 1)
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from wengert.frontend.context import Flattener
from wengert.frontend.emitting import emitted
from wengert.frontend.family import Body, Call, Callee, Family, operations, signed
from wengert.frontend.lists import as_list
from wengert.frontend.signatures import Signature
from wengert.frontend.values import Pack, Refused, Value

UNROLLED = 8
"""How deep a recursion over numbers that are known is flattened in place, where the function is small."""
SMALL = 60
"""How many operations the levels that are flattened in place may have together, beyond the first two."""
LISTED = 3
"""After how many calls inside one another a list that is longer in each of them becomes one of run time."""
BUDGET = 1500
"""How many operations the calls that are flattened in place may have before a function that was flattened often is not."""
OFTEN = 4
FEW = 100
"""How many calls of a recursion that cannot be a function of its own are flattened in place."""
MOST = 5000
"""How many calls are flattened in place before a program is said to be too large."""


def called(f: Flattener, callee: Callee, bound: Mapping[str, Value], body: Body) -> Value:
    """The value of a call."""
    if f.emit.generated:
        return body(f, callee, bound)
    if f.family is None:
        f.family = Family()
    family: Family = f.family
    call = Call(callee, partial(signed, f, callee, bound))
    signature = call.signature if _is_candidate(family, callee) else None
    if signature is not None and _grows(f, family, callee, signature):
        call = Call(callee, partial(signed, f, callee, {k: f.storage.load(f.storage.unload(v)) for k, v in bound.items()}))
        signature = call.signature
    if signature is not None and _wanted(family, callee, signature):
        try:
            return emitted(f, callee, signature, body)
        except Refused as refused:
            if refused.problem is None or not _may_be_flattened(family, callee, signature):
                for problem in family.problems:
                    f.note(Refused(problem))
                raise
            family.failed[callee.identity, signature.key] = refused
    why = family.failed.get((callee.identity, signature.key)) if signature is not None else None
    if why is not None and len(family.places.get(callee.identity, ())) >= FEW:
        raise why
    if len(family.total) >= MOST:
        f.refuse(callee.at, f"the program flattens more than {MOST} calls in place", "use a loop, or fewer levels of calls")
    place = (family.number, f.frames + 1)  # the passes of a loop flatten the same call in the same place
    family.places.setdefault(callee.identity, {})[place] = None
    if place not in family.total:
        family.total[place] = None
        family.size += operations(callee.node)
    family.active.append(call)
    try:
        return body(f, callee, bound)
    finally:
        family.active.pop()


def _is_candidate(family: Family, callee: Callee) -> bool:
    """False where a call is certain to be flattened in place."""
    identity = callee.identity
    if identity in family.known or any(call.callee.identity == identity for call in family.active):
        return True
    return family.size >= BUDGET and len(family.places.get(identity, ())) >= OFTEN


def _grows(f: Flattener, family: Family, callee: Callee, signature: Signature) -> bool:
    """Make lists whose length is another one in every call of a recursion lists of run time; True where there were any."""
    around = _around(family, callee)
    if len(around) < LISTED or signature.key in [s.key for s in around]:
        return False
    before = dict(around[-1].given)
    found = False
    for name, value in signature.given:
        earlier = before.get(name)
        if not (isinstance(value, Pack) and value.kind == "list" and isinstance(earlier, Pack)) or value.home is None:
            continue
        if earlier.kind == "list" and len(earlier.items) != len(value.items):
            listed = as_list(f, value, value.home.cell)
            if listed is not None:
                f.storage.write(value.home, listed, items=True)
                found = True
    return found


def _around(family: Family, callee: Callee) -> list[Signature]:
    """The signatures of the calls of the same function that this one is made in."""
    found = [call.signature for call in family.active if call.callee.identity == callee.identity]
    return [s for s in found if s is not None]


def _wanted(family: Family, callee: Callee, signature: Signature) -> bool:
    """True where a call is to become one of an emitted function."""
    if (callee.identity, signature.key) in family.failed:
        return False
    if (callee.identity, signature.key) in family.entries:
        return True
    around = [s for s in _around(family, callee) if s.key == signature.key]
    levels = min(UNROLLED, max(2, SMALL // operations(callee.node)))
    if len(around) >= levels or any(s.numbers == signature.numbers for s in around):
        return True
    often = len(family.places.get(callee.identity, ())) >= OFTEN
    return often and family.size >= BUDGET


def _may_be_flattened(family: Family, callee: Callee, signature: Signature) -> bool:
    """True where a call that cannot be emitted may be flattened in place instead, and that ends."""
    return all(s.numbers != signature.numbers or s.key != signature.key for s in _around(family, callee))
