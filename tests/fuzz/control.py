"""Random blocks: branches, loops, what leaves them; and functions with their own.

In: a `Writer`. Out: lines, as in `statements`.

    block(w, 2, 4)         up to four statements, nested up to two deep
"""

from __future__ import annotations

from collections.abc import Callable

from .expressions import array, scalar, test, value
from .statements import STATEMENTS
from .tables import TABLES
from .writer import Arr, Complex, Index, Kind, Num, Place, Routine, Seq, Table, Writer

SIMPLE = {**STATEMENTS, **TABLES}


def block(w: Writer, depth: int, most: int) -> None:
    """Up to `most` statements; blocks among them nest up to `depth` deep."""
    for _ in range(w.pick(range(1, most + 1))):
        statement(w, depth)


def statement(w: Writer, depth: int) -> None:
    kinds = ["assign", *(name for name in SIMPLE if name in w.features)]
    if depth > 0:
        kinds += [name for name in ("branches", "for", "for", "while", "sweeps") if name in w.features]
        kinds += ["leave"] * (w.has("leave") and w.loops > 0) + ["return"] * w.has("return")
    kind = w.pick(kinds)
    if kind in SIMPLE:
        SIMPLE[kind](w)
    else:
        BLOCKS[kind](w, depth - 1)


def branch(w: Writer, depth: int) -> None:
    with w.block(f"if {test(w)}:"):
        block(w, depth, 2)
        then = dict(w.places)
    if not w.chance():
        return
    with w.block("else:"):
        block(w, depth, 2)
        orelse = dict(w.places)
    w.places.update({n: p for n, p in then.items() if orelse.get(n) == p})


def leave(w: Writer, depth: int) -> None:
    with w.block(f"if {test(w)}:"):
        if w.chance(3):
            block(w, 0, 1)
        w.line(w.pick(["break", "continue"]))


def leave_function(w: Writer, depth: int) -> None:
    if w.inner:
        return
    with w.block(f"if {test(w)}:"):
        w.line(f"return {', '.join(value(w, k, 1) for k in w.gives)}")


def loop(w: Writer, depth: int) -> None:
    """A loop over a range, the entries or rows of an array, several of these side by side, or a list."""
    forms = ["range", "range"]
    arrays = w.arrays()
    forms += ["entries", "enumerate", "zip"] * bool(arrays) + ["list"] * bool(w.lists() and w.has("lists"))
    form = w.pick(forms)
    n = w.pick([2, 3])
    i = w.fresh(Index(n))
    inside: dict[str, Kind] = {}
    if form == "range":
        head = w.pick([f"range({n})", f"range(1, {n})", f"range({n - 1}, -1, -1)"])
        text, inside[i] = f"for {i} in {head}:", Index(n)
    elif form == "list":
        name, item = w.pick(w.lists())
        text, inside["e"] = f"for e in {name}:", item
    else:
        name, shape = w.pick(arrays)
        inside["e"] = Arr(shape[1:]) if shape[1:] else Num()
        text = f"for e in {name}:"
        if form == "enumerate":
            text, inside[i] = f"for {i}, e in enumerate({name}):", Index(shape[0])
        elif form == "zip":
            text, inside["h"] = f"for e, h in zip({name}, {array(w, (shape[0],), 0)}):", Num()
    before = w.reserved
    w.reserved = {*before, *inside}
    with w.block(text):
        w.places.update({name: Place(kind, bound=not isinstance(kind, Index)) for name, kind in inside.items()})
        w.loops += 1
        block(w, depth, 3)
        w.loops -= 1
    w.reserved = before


def counted(w: Writer, depth: int) -> None:
    """A while loop with a counter, which comes first so that `continue` does not pass it by."""
    w.count += 1
    n = f"n{w.count}"
    w.line(f"{n} = 0")
    more = w.pick(["", f" and {scalar(w, 0)} < 2.0"])
    with w.block(f"while {n} < {w.pick([2, 3])}{more}:"):
        w.line(f"{n} += 1")
        w.loops += 1
        block(w, depth, 3)
        w.loops -= 1


def sweep(w: Writer, depth: int) -> None:
    """A recurrence over the entries of an array, or steps of a stencil with two buffers that change places."""
    vectors = [(name, shape) for name, shape in w.arrays() if len(shape) == 1 and shape[0] > 2]
    if not vectors:
        return
    u, shape = w.pick(vectors)
    n, s = shape[0], scalar(w, 0)
    form = w.pick(["forward", "backward", "steps", "rows"])
    if form in ("forward", "backward"):
        before = w.reserved
        i = w.fresh(Index(n))
        head, near = (f"range(1, {n})", f"{i} - 1") if form == "forward" else (f"range({n - 2}, -1, -1)", f"{i} + 1")
        w.reserved = {*before, i}
        with w.block(f"for {i} in {head}:"):
            w.places[i] = Place(Index(n), bound=False)
            w.line(f"{u}[{i}] {w.pick(['=', '+=', '-='])} {s} * {u}[{near}] + {scalar(w, 1)}")
            if w.chance():
                block(w, depth - 1, 1)
        w.reserved = before
        return
    others = [v for v, other in vectors if other == shape and v != u and w.places[v].bound]
    if form == "rows" or not others or not w.places[u].bound:
        w.line(f"{u}[1:-1] += {s} * ({u}[2:] - 2.0 * {u}[1:-1] + {u}[:-2])")
        return
    v = w.pick(others)
    w.count += 1
    with w.block(f"for n{w.count} in range({w.pick([2, 3])}):"):
        w.line(f"{v}[1:-1] = {u}[1:-1] + {s} * ({u}[2:] - 2.0 * {u}[1:-1] + {u}[:-2])")
        if w.chance():
            block(w, depth - 1, 1)
        w.line(f"{u}, {v} = {v}, {u}")


BLOCKS: dict[str, Callable[[Writer, int], None]] = {
    "branches": branch, "for": loop, "while": counted, "leave": leave, "return": leave_function, "sweeps": sweep,
}  # fmt: skip


# --- functions ----------------------------------------------------------------------------------------------------------

TAKES: tuple[tuple[Kind, ...], ...] = ((Arr((3,)), Num()), (Arr((2, 3)),), (Num(), Num()), (Arr((3,)), Arr((3,))), (Arr((2,)),))


def helper(w: Writer, name: str) -> None:
    """A function of the module: it may write into what it is given, and may return one of its arguments."""
    takes = w.pick(TAKES)
    names = ["abc"[k] if isinstance(kind, Arr) else "xyz"[k] for k, kind in enumerate(takes)]
    gives = w.pick([Num(), None, takes[0]])
    outside, w.places = w.places, {n: Place(k) for n, k in zip(names, takes, strict=True)}
    with w.block(f"def {name}({', '.join(names)}):"):
        _body(w, gives)
    w.places = outside
    w.routines.append(Routine(name, takes, gives))


def recursive(w: Writer, name: str) -> None:
    """A function that calls itself some levels deep, and one that starts it; it may write into what it is given."""
    kind = w.pick([Num(), Arr((3,))])
    parameter = "z" if isinstance(kind, Num) else "c"
    gives = w.pick([kind, Num(), None])
    around = {n: Place(p.kind, bound=False) for n, p in w.places.items()}
    outside, w.places = w.places, {**around, parameter: Place(kind)}
    before, w.inner, loops, w.loops, reserved, w.reserved = w.inner, True, w.loops, 0, w.reserved, {*w.reserved, *outside}
    with w.block(f"def {name}_n({parameter}, n):"):
        with w.block("if n <= 0:"):
            block(w, 0, 1)
            w.line(f"return {value(w, gives, 0)}" if gives is not None else "return")
        block(w, 1, 2)
        again = f"{name}_n({w.pick([parameter, value(w, kind, 1)])}, n - 1)"
        if gives is None:
            w.line(again)
        else:
            made = w.fresh(gives)
            w.line(f"{made} = {again}")
            w.assign(made, gives)
        block(w, 0, 2)
        if gives is not None:
            w.line(f"return {value(w, gives, w.pick([0, 1]))}")
    w.inner, w.loops, w.reserved, w.places = before, loops, reserved, outside
    w.line(f"def {name}({parameter}):")
    w.line(f"    return {name}_n({parameter}, {w.pick([2, 7])})")
    w.routines.append(Routine(name, (kind,), gives))


def closure(w: Writer, name: str) -> None:
    """A function inside the function: it reads and writes what is around it."""
    kind = w.pick([Num(), Arr((3,))])
    parameter = "z" if isinstance(kind, Num) else "c"
    gives = w.pick([Num(), None, kind])
    around = {n: Place(p.kind, bound=False) for n, p in w.places.items()}
    outside, w.places = w.places, {**around, parameter: Place(kind)}
    numbers = [n for n, p in outside.items() if isinstance(p.kind, (Num, Arr)) and p.bound and n.isidentifier()]
    reserved, w.reserved = w.reserved, {*w.reserved, *outside}
    with w.block(f"def {name}({parameter}):"):
        if numbers and w.chance():
            changed = w.pick(numbers)
            w.line(f"nonlocal {changed}")
            w.places[changed] = outside[changed]
        _body(w, gives)
    w.places, w.reserved = outside, reserved
    w.routines.append(Routine(name, (kind,), gives))


def _body(w: Writer, gives: Kind | None) -> None:
    before, w.inner, loops, w.loops = w.inner, True, w.loops, 0
    block(w, 1, 3)
    if gives is not None:
        w.line(f"return {value(w, gives, w.pick([0, 1]))}")
    w.inner, w.loops = before, loops


def observed(w: Writer) -> str:
    """A number that depends on every number and array in scope."""
    parts = []
    for k, (name, place) in enumerate(w.places.items()):
        if isinstance(place.kind, Num):
            parts.append(f"{name} * {k + 2}.0")
        elif isinstance(place.kind, Arr):
            parts.append(f"np.sum({name} * {name}) * 0.{k + 2}")
        elif isinstance(place.kind, Seq) and isinstance(place.kind.item, Num):
            parts.append(f"sum({name})")
        elif isinstance(place.kind, Table):
            parts.append(f"sum(sum(e) for e in {name}) * 0.7")
        elif isinstance(place.kind, Complex):
            parts.append(f"np.sum(np.real({name}) * 0.6 + np.imag({name}))")
    return " + ".join(parts) or "0.0"
