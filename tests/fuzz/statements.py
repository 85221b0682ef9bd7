"""Random simple statements: assignments, stores into arrays, calls that write, containers.

In: a `Writer`. Out: lines added to it, and the places that they bind.

    STATEMENTS["slices"](w)          "u[1:] += u[:-1]"
"""

from __future__ import annotations

from collections.abc import Callable

from .expressions import BOUNDS, array, broadcastable, gathered, index, scalar, value
from .writer import Arr, Index, Kind, Num, Place, Seq, Writer

SHAPES = ((3,), (2, 3), (2,), (6,), (3, 2))


def some_kind(w: Writer) -> Kind:
    """The kind of a new value: mostly numbers and shapes that are in scope."""
    shapes = list(dict.fromkeys([s for _, s in w.arrays()])) or list(SHAPES)
    kind: Kind = w.pick([Num(), Arr(w.pick(shapes)), Arr(w.pick(SHAPES))])
    return kind


def assign(w: Writer) -> None:
    kind = some_kind(w)
    text = value(w, kind, w.pick([1, 2]))
    name = w.target(kind)
    w.line(f"{name} = {text}")
    w.assign(name, kind)


def alias(w: Writer) -> None:
    """A second name for an array, or for a part of it."""
    kind = Arr(w.pick([s for _, s in w.arrays()] or SHAPES))
    text, name = array(w, kind.shape, 0), w.target(kind)
    w.line(f"{name} = {text}")
    w.assign(name, kind)


def augment(w: Writer) -> None:
    """In place for arrays, a new value for numbers."""
    bound = [(n, p.kind) for n, p in w.places.items() if p.bound and isinstance(p.kind, (Num, Arr))]
    if not bound:
        return assign(w)
    name, kind = w.pick(bound)
    small = w.pick(["+=", "-=", "*="])
    right = broadcastable(w, kind.shape) if isinstance(kind, Arr) and w.chance() else scalar(w, 1)
    w.line(f"{name} {small} {right}")


def tuples(w: Writer) -> None:
    """Several targets in one statement, or a chain of them."""
    form = w.pick(["pair", "chain", "entries", "nested"])
    first, second = some_kind(w), some_kind(w)
    if form == "chain":
        text, a = value(w, first, 1), w.target(first)
        w.assign(a, first)
        b = w.target(first)
        w.line(f"{a} = {b} = {text}")
        w.assign(b, first)
        return
    if form == "entries" and w.arrays() and w.has("stores"):
        w.line(f"{entry(w)}, {entry(w)} = {scalar(w, 1)}, {scalar(w, 0)}")
        return
    one, two = value(w, first, 1), value(w, second, 0)
    a = w.target(first)
    w.assign(a, first)
    b = w.target(second)
    if a == b:
        return
    w.line(f"({a}, ({b}, _)) = ({one}, ({two}, 0.0))" if form == "nested" else f"{a}, {b} = {one}, {two}")
    w.assign(b, second)


def swap(w: Writer) -> None:
    """Two names of one kind change places."""
    bound = [(n, p.kind) for n, p in w.places.items() if p.bound and isinstance(p.kind, (Num, Arr))]
    pairs = [(a, b) for a, k in bound for b, m in bound if a < b and k == m]
    if not pairs:
        return augment(w)
    a, b = w.pick(pairs)
    w.line(f"{a}, {b} = {b}, {a}")


# --- stores -------------------------------------------------------------------------------------------------------------


def entry(w: Writer) -> str:
    """One entry of an array, as a target."""
    name, shape = w.pick(w.arrays())
    return f"{name}[{', '.join(index(w, n) for n in shape)}]"


def _stored(w: Writer, target: str, shape: tuple[int, ...]) -> None:
    """A store or an augmented one of something that fits."""
    kinds = ["scalar", "array"] if shape else ["scalar"]
    right = broadcastable(w, shape) if w.pick(kinds) == "array" else scalar(w, 1)
    if shape and w.chance(4):
        right = array(w, shape, 1)
    w.line(f"{target} {w.pick(['=', '=', '+=', '*=', '-='])} {right}")


def store(w: Writer) -> None:
    if w.arrays():
        _stored(w, entry(w), ())


def slices(w: Writer) -> None:
    if not w.arrays():
        return
    name, shape = w.pick(w.arrays())
    n = shape[0]
    rest = shape[1:]
    forms: list[tuple[str, tuple[int, ...]]] = [(f"{name}[:]", shape), (f"{name}[...]", shape), (f"{name}[::-1]", shape)]
    if n > 1:
        forms += [(f"{name}[1:]", (n - 1, *rest)), (f"{name}[:-1]", (n - 1, *rest)), (f"{name}[::2]", ((n + 1) // 2, *rest))]
    if rest:
        k = rest[0]
        forms += [(f"{name}[{index(w, n)}]", rest), (f"{name}[:, {index(w, k)}]", (n,)), (f"{name}[..., -1]", (n,))]
        forms += [(f"{name}.T[{index(w, k)}]", (n,)), (f"{name}[{index(w, n)}, 1:]", (k - 1,))] if k > 1 else []
    target, region = w.pick(forms)
    if w.chance(5):
        other, held = w.pick(w.arrays())
        w.line(f"{target} = {other}[{index(w, held[0])}] = {scalar(w, 1)}")
        return
    _stored(w, target, region)


def masks(w: Writer) -> None:
    if not w.arrays():
        return
    name, shape = w.pick(w.arrays())
    test = f"{array(w, shape, 0)} {w.pick(['>', '<'])} {w.pick(BOUNDS)}"
    form = w.pick(["scalar", "same", "where"])
    if form == "scalar":
        w.line(f"{name}[{test}] {w.pick(['=', '+=', '*='])} {scalar(w, 1)}")
        return
    w.line(f"mask = {test}")
    right = array(w, shape, 1)
    if form == "where":
        w.line(f"{name}[np.where(mask)] = ({right})[mask]")
    else:
        w.line(f"{name}[mask] {w.pick(['=', '+='])} ({right})[mask]")


def fancy(w: Writer) -> None:
    """Stores at lists of indices, where the last of several values for one entry wins."""
    if not w.arrays():
        return
    name, shape = w.pick(w.arrays())
    size = w.pick([2, 3])
    if len(shape) == 2 and w.chance():
        chosen = f"{gathered(w, shape[0], size)}, {gathered(w, shape[1], size)}"
        _stored(w, f"{name}[{chosen}]", (size,))
    else:
        _stored(w, f"{name}[{gathered(w, shape[0], size)}]", (size, *shape[1:]))


def at(w: Writer) -> None:
    """Unbuffered operations: an index that occurs twice counts twice."""
    if not w.arrays():
        return
    name, shape = w.pick(w.arrays())
    size = w.pick([2, 3])
    op = w.pick(["np.add", "np.add", "np.subtract", "np.multiply"])
    right = w.pick([array(w, (size, *shape[1:]), 0), scalar(w, 0)])
    w.line(f"{op}.at({name}, {gathered(w, shape[0], size)}, {right})")


def out(w: Writer) -> None:
    if not w.arrays():
        return
    name, shape = w.pick(w.arrays())
    a, b = array(w, shape, 0), broadcastable(w, shape)
    forms = [
        f"np.add({a}, {b}, out={name})", f"np.multiply({a}, {b}, {name})", f"np.sin({a}, out={name})",
        f"np.maximum({a}, {scalar(w, 0)}, out={name})", f"np.negative({a}, out={name})",
    ]  # fmt: skip
    w.line(str(w.pick(forms)))


def mutators(w: Writer) -> None:
    """Functions and methods that write into an array."""
    if not w.arrays():
        return
    name, shape = w.pick(w.arrays())
    forms = [f"{name}.fill({scalar(w, 0)})", f"np.copyto({name}, {array(w, shape, 1)})"]
    forms += [f"{name}.flat[{index(w, 2)}] = {scalar(w, 0)}", f"np.put({name}, [0, 1], {scalar(w, 0)})"]
    forms += [f"{name}.sort()"] if len(shape) == 1 else [f"np.fill_diagonal({name}, {scalar(w, 0)})"]
    w.line(str(w.pick(forms)))


def empty(w: Writer) -> None:
    """A buffer that starts unwritten: filled by a loop or by stores; of the last form only the written part is named."""
    shape = w.pick([(3,), (2, 3)])
    kind = Arr(shape)
    name, form = w.fresh(kind), w.pick(["stores", "loop", "part"])
    size = shape[0]
    if form == "loop":
        w.line(f"{name} = np.empty({shape if len(shape) > 1 else size})")
        i = w.fresh(Index(size))
        with w.block(f"for {i} in range({size}):"):
            w.places[i] = Place(Index(size), bound=False)
            w.line(f"{name}[{i}] = {value(w, Arr(shape[1:]) if shape[1:] else Num(), 1)}")
    elif form == "stores":
        first, rest = value(w, Arr(shape[1:]) if shape[1:] else Num(), 1), array(w, (size - 1, *shape[1:]), 1)
        w.line(f"{name} = np.empty({shape if len(shape) > 1 else size})")
        w.line(f"{name}[0] = {first}")
        w.line(f"{name}[1:] = {rest}")
    else:
        text = array(w, shape, 1)
        whole = w.fresh(kind) + "0"
        w.line(f"{whole} = np.empty({(size + 2, *shape[1:])})")
        w.line(f"{whole}[1:-1] = {text}")
        w.line(f"{name} = {whole}[1:-1]")
    w.assign(name, kind)


# --- containers ---------------------------------------------------------------------------------------------------------


def lists(w: Writer) -> None:
    known = w.lists()
    form = w.pick(["new", "append", "item", "pop", "extend", "collected"]) if known else "new"
    if form == "new":
        kind: Kind = w.pick([Num(), Arr((3,))])
        name = w.fresh(Seq(kind))
        w.line(f"{name} = [{', '.join(value(w, kind, 1) for _ in range(w.pick([0, 1, 2])))}]")
        w.assign(name, Seq(kind))
        return
    name, item = w.pick(known)
    if form == "append":
        w.line(f"if len({name}) < 6:")  # it may be the list that a loop walks
        w.line(f"    {name}.append({value(w, item, 1)})")
    elif form == "extend":
        text = f"{name} += {name}" if w.loops == 0 and w.chance(3) else f"{name} = {name} + [{value(w, item, 0)}]"
        w.line(f"{name}.extend([{value(w, item, 0)}])" if w.loops == 0 and w.chance() else text)
    elif form == "collected":
        w.line(f"{name} = [{w.pick(['2.0 * e', 'e * e', 'e'])} for e in {name}]")
    elif form == "pop":
        target = w.target(item)
        w.line(f"{target} = {name}.pop({w.pick(['', '0'])}) if {name} else {value(w, item, 0)}")
        w.assign(target, item)
    else:
        w.line(f"if len({name}) > 1:")
        w.line(f"    {name}[{w.pick(['0', '1', '-1'])}] {w.pick(['=', '+='])} {value(w, item, 1)}")


def dicts(w: Writer) -> None:
    known = [n.split("[")[0] for n in w.places if n.endswith("['s']")]
    if not known:
        w.line(f"d = {{'s': {scalar(w, 1)}, 'u': {array(w, (3,), 1)}}}")
        w.places["d['s']"], w.places["d['u']"] = Place(Num()), Place(Arr((3,)))
        return
    form = w.pick(["item", "array", "update"])
    if form == "item":
        w.line(f"d['s'] {w.pick(['=', '+='])} {scalar(w, 1)}")
    elif form == "array":
        w.line(f"d['u'] = {array(w, (3,), 1)}")
    else:
        w.line(f"d.update(s={scalar(w, 1)})")


def objects(w: Writer) -> None:
    """State on an object: its attributes are places; methods change them."""
    if "o.s" not in w.places:
        w.line(f"o = State({scalar(w, 1)}, {array(w, (3,), 1)})")
        w.places["o.s"], w.places["o.u"] = Place(Num()), Place(Arr((3,)))
        return
    w.line(str(w.pick([f"o.s = {scalar(w, 1)}", f"o.u = {array(w, (3,), 1)}", f"o.kick({scalar(w, 1)})", "o.swap()"])))


def call(w: Writer) -> None:
    """A routine is called for what it writes."""
    if not w.routines:
        return assign(w)
    routine = w.pick(w.routines)
    made = f"{routine.name}({', '.join(value(w, k, 0) for k in routine.takes)})"
    if routine.gives is None:
        w.line(made)
        return
    name = w.target(routine.gives)
    w.line(f"{name} = {made}")
    w.assign(name, routine.gives)


STATEMENTS: dict[str, Callable[[Writer], None]] = {
    "assign": assign, "augment": augment, "aliases": alias, "tuples": tuples, "swap": swap, "stores": store,
    "slices": slices, "masks": masks, "fancy": fancy, "at": at, "out": out, "mutators": mutators, "empty": empty,
    "lists": lists, "dicts": dicts, "objects": objects, "helpers": call, "closures": call,
}  # fmt: skip
"""A statement for each feature."""
