"""What was just stored is at hand: it is not read again.

    b1 = b with [i, i] = v              b1 = b with [i, i] = v
    w = getitem(b1, (i, i))             u = neg(v)
    u = neg(w)

In: a function. Out: the same without reading parts of cotangents that are known as they are, dtype and shape included.
"""

from __future__ import annotations

import operator
from dataclasses import replace

from wengert.ir.indexing import selects_once
from wengert.ir.nodes import Assign, Atom, Function, Store, Var
from wengert.ir.queries import substitute, walk
from wengert.ir.types import NumpyScalar, alike


def reread(function: Function) -> Function:
    """`function` reading what was stored where it was made."""
    stored = {s.result: s for s in walk(function.body) if isinstance(s, Store) and s.result.of is not None}
    same: dict[Var, Atom] = {}
    for s in walk(function.body) if stored else ():
        if isinstance(s, Assign) and s.op is operator.getitem and isinstance(s.args[0], Var):
            store = stored.get(s.args[0])
            if store is not None and _comes_back(store, s):
                value = store.value
                same[s.target] = same.get(value, value) if isinstance(value, Var) else value
    return replace(function, body=substitute(function.body, same)) if same else function


def _comes_back(store: Store, s: Assign) -> bool:
    """True where `s` reads what `store` stored, and as it was."""
    have, want = store.value.type, s.target.type
    exact = alike(have, want) or (isinstance(have, NumpyScalar) and have == want)
    return exact and store.index == s.args[1] and selects_once(store.index)
