"""Random expressions: numbers, tests, arrays of a shape, and the views and parts of the arrays in scope.

In: a `Writer`. Out: source text whose value has the kind asked for; a bare name or view of an array shares its memory.

    scalar(w, 1)             "np.sin(x) * u[0]"
    array(w, (3,), 1)        "u[::-1] + x"
"""

from __future__ import annotations

from typing import Any

from .writer import Arr, Index, Num, Table, Writer

CONSTANTS = ("0.5", "1.5", "-0.3", "2.0", "0.0", "1.0")
BOUNDS = ("0.1", "0.3", "-0.2", "0.7")

UNARY = ("np.sin(<a>)", "-<a>", "np.tanh(<a>)", "<a> ** 2", "np.exp(-<a> * <a>)", "np.abs(<a>)", "np.sqrt(1.0 + <a> * <a>)")
BINARY = ("<a> + <b>", "<a> * <b>", "<a> - <b>", "<a> / (1.5 + <b> * <b>)", "np.maximum(<a>, <b>)", "np.minimum(<a>, <b>)")


def scalar(w: Writer, depth: int) -> str:
    """A number."""
    kinds: list[str] = ["name"] * 3 * bool(w.of(Num())) + ["constant"]
    arrays = w.arrays()
    if arrays:
        kinds += ["entry", "entry", "reduced"]
    if any(isinstance(k, Num) for _, k in w.lists()) and w.has("lists"):
        kinds += ["listed", "listed"]
    kinds += ["held", "held"] * bool(w.held())
    if depth > 0:
        kinds += ["unary", "binary"] * 3 + ["chosen"] * w.has("branches") + ["called"] * bool(w.routines)
    return _SCALARS[w.pick(kinds)](w, depth)


def _name(w: Writer, depth: int) -> str:
    return str(w.pick(w.of(Num()) or CONSTANTS))


def _constant(w: Writer, depth: int) -> str:
    return str(w.pick(CONSTANTS))


def _entry(w: Writer, depth: int) -> str:
    name, shape = w.pick(w.arrays())
    return f"{name}[{', '.join(index(w, n) for n in shape)}]"


def index(w: Writer, size: int) -> str:
    """An index into an axis of `size` entries."""
    return str(w.pick([*w.indices(size), "0", str(size - 1), "-1"]))


def _reduced(w: Writer, depth: int) -> str:
    name, shape = w.pick(w.arrays())
    forms = [f"np.sum({name})", f"{name}.sum()", f"np.mean({name})", f"np.max({name})", f"np.sum({name} * {name})"]
    if len(shape) == 1:
        other = array(w, shape, depth - 1)
        forms += [f"np.dot({name}, {other})", f"{name} @ ({other})"]
    return str(w.pick(forms))


def _listed(w: Writer, depth: int) -> str:
    name = w.pick([n for n, item in w.lists() if isinstance(item, Num)])
    forms = [f"sum({name})", f"sum(e * e for e in {name})", f"float(len({name}))", f"({name}[-1] if {name} else 0.5)"]
    return str(w.pick(forms))


def _held(w: Writer, depth: int) -> str:
    """A number out of a list of lists or of a complex value."""
    name, kind = w.pick(w.held())
    if isinstance(kind, Table):
        item = f"{name}[{index(w, kind.rows)}][{index(w, kind.columns)}]"
        return str(w.pick([item, item, f"sum({name}[{index(w, kind.rows)}])", f"max({name}[0])"]))
    forms = [f"{name}.real", f"{name}.imag", f"abs({name})", f"({name} * np.conj({name})).real"]
    return str(w.pick([f"np.sum({text})" if kind.shape else text for text in forms]))


def _unary(w: Writer, depth: int) -> str:
    return "(" + w.pick(UNARY).replace("<a>", f"({scalar(w, depth - 1)})", 1).replace("<a>", f"({scalar(w, 0)})") + ")"


def _binary(w: Writer, depth: int) -> str:
    a, b = scalar(w, depth - 1), scalar(w, 0)
    return "(" + w.pick(BINARY).replace("<a>", a).replace("<b>", b) + ")"


def _chosen(w: Writer, depth: int) -> str:
    return f"({scalar(w, depth - 1)} if {test(w)} else {scalar(w, 0)})"


def _called(w: Writer, depth: int) -> str:
    known = [r for r in w.routines if isinstance(r.gives, Num)]
    if not known:
        return _name(w, depth)
    routine = w.pick(known)
    return f"{routine.name}({', '.join(value(w, k, 0) for k in routine.takes)})"


_SCALARS: dict[str, Any] = {
    "name": _name, "constant": _constant, "entry": _entry, "reduced": _reduced, "listed": _listed, "held": _held,
    "unary": _unary, "binary": _binary, "chosen": _chosen, "called": _called,
}  # fmt: skip


def test(w: Writer) -> str:
    """A condition on values or loop indices."""
    forms = ["{a} > {c}", "{a} < {b}", "{a} > {c} and {b} < 0.8", "not {a} < {c}", "{a} > 0.5 or {b} > {c}"]
    counted = [name for name, p in w.places.items() if isinstance(p.kind, Index)]
    if counted:
        forms += ["{i} > 0", "{i} == 1", "{i} % 2 == 0"]
    form = str(w.pick(forms))
    i = w.pick(counted) if counted and "{i}" in form else ""
    b = scalar(w, 0) if "{b}" in form else ""
    return form.format(a=scalar(w, 0) if "{a}" in form else "", b=b, c=w.pick(BOUNDS), i=i)


# --- arrays -------------------------------------------------------------------------------------------------------------


def views(w: Writer, name: str, shape: tuple[int, ...]) -> list[tuple[str, tuple[int, ...]]]:
    """Texts that are views of an array, with their shapes."""
    if not w.has("views"):
        return []
    n = shape[0]
    found: list[tuple[str, tuple[int, ...]]] = [(f"{name}[::-1]", shape), (f"{name}[:]", shape)]
    if n > 1:
        found += [(f"{name}[1:]", (n - 1, *shape[1:])), (f"{name}[:-1]", (n - 1, *shape[1:]))]
    if n > 2:
        found += [(f"{name}[::2]", ((n + 1) // 2, *shape[1:])), (f"{name}[1:-1]", (n - 2, *shape[1:]))]
    if len(shape) == 1:
        found += [(f"{name}[:, None]", (n, 1))]
        if n == 6:
            found += [(f"{name}.reshape(2, 3)", (2, 3)), (f"{name}.reshape((3, -1))", (3, 2))]
    if len(shape) == 2:
        k = shape[1]
        row, column = index(w, n), index(w, k)
        found += [
            (f"{name}[{row}]", (k,)), (f"{name}[:, {column}]", (n,)), (f"{name}.T", (k, n)), (f"{name}[..., 0]", (n,)),
            (f"{name}.reshape(-1)", (n * k,)), (f"{name}.ravel()", (n * k,)), (f"np.transpose({name})", (k, n)),
            (f"{name}.reshape({k}, {n})", (k, n)), (f"{name}.T[{column}]", (n,)), (f"{name}[:, ::-1]", shape),
        ]  # fmt: skip
        if k > 1:
            found.append((f"{name}[:, 1:]", (n, k - 1)))
    return found


def array(w: Writer, shape: tuple[int, ...], depth: int) -> str:
    """An array of a shape; a name or a view where nothing is computed."""
    shared = w.of(Arr(shape))
    for name, held in w.arrays():
        shared += [text for text, s in views(w, name, held) if s == shape]
    kinds = ["shared"] * 3 * bool(shared) + ["fresh"]
    if depth > 0:
        kinds += ["unary", "binary", "scaled"] * 2 + ["where"] * w.has("where") + ["product"]
        kinds += ["gathered"] * (w.has("fancy") or w.has("reads")) + ["called"] * bool(w.routines)
    chosen = w.pick(kinds)
    return str(w.pick(shared)) if chosen == "shared" else str(_ARRAYS[chosen](w, shape, depth))


def _fresh(w: Writer, shape: tuple[int, ...], depth: int) -> str:
    size = str(shape[0]) if len(shape) == 1 else str(shape)
    forms = [f"np.zeros({size})", f"np.ones({size})", f"np.full({size}, {scalar(w, 0)})"]
    if len(shape) == 1:
        items = ", ".join(scalar(w, 0) for _ in range(shape[0]))
        forms += [f"np.array([{items}])", f"np.arange({shape[0]}) * {scalar(w, 0)}"]
    elif len(shape) == 2:
        forms.append(f"np.outer({array(w, shape[:1], 0)}, {array(w, shape[1:], 0)})")
    return str(w.pick(forms))


def _mapped(w: Writer, shape: tuple[int, ...], depth: int) -> str:
    a = array(w, shape, depth - 1)
    return "(" + w.pick(UNARY).replace("<a>", f"({a})") + ")"


def _combined(w: Writer, shape: tuple[int, ...], depth: int) -> str:
    return "(" + w.pick(BINARY).replace("<a>", array(w, shape, depth - 1)).replace("<b>", broadcastable(w, shape)) + ")"


def broadcastable(w: Writer, shape: tuple[int, ...]) -> str:
    """An array of the shape, or of one that broadcasts to it."""
    choices = [shape] + ([shape[1:], (shape[0], 1)] if len(shape) == 2 else [])
    return array(w, w.pick(choices), 0)


def _scaled(w: Writer, shape: tuple[int, ...], depth: int) -> str:
    a, s = array(w, shape, depth - 1), scalar(w, depth - 1)
    return str(w.pick([f"({s} * {a})", f"({a} + {s})", f"({a} - {s})"]))


def _where(w: Writer, shape: tuple[int, ...], depth: int) -> str:
    a = array(w, shape, 0)
    other = w.pick([array(w, shape, 0), scalar(w, 0)])
    return f"np.where({array(w, shape, 0)} > {w.pick(BOUNDS)}, {a}, {other})"


def _product(w: Writer, shape: tuple[int, ...], depth: int) -> str:
    """A matrix product, a cumulative sum, a sum over an axis, a copy."""
    forms = [f"{array(w, shape, 0)}.copy()", f"np.cumsum({array(w, shape, 0)}, axis=0)"]
    if len(shape) == 1:
        matrices = [(name, s) for name, s in w.arrays() if len(s) == 2]
        forms += [f"({name} @ {array(w, s[1:], 0)})" for name, s in matrices if s[0] == shape[0]]
        forms += [f"np.sum({name}, axis=0)" for name, s in matrices if s[1] == shape[0]]
        forms += [f"{name}.mean(axis=1)" for name, s in matrices if s[0] == shape[0]]
        if shape[0] > 1:
            forms.append(f"np.concatenate([{array(w, (1,), 0)}, {array(w, (shape[0] - 1,), 0)}])")
    return str(w.pick(forms))


def gathered(w: Writer, rows: int, size: int) -> str:
    """Whole numbers that select `size` of `rows` entries, some of them twice."""
    return "[" + ", ".join(str(w.pick(range(rows))) for _ in range(size)) + "]"


def _gathered(w: Writer, shape: tuple[int, ...], depth: int) -> str:
    fitting = [(name, s) for name, s in w.arrays() if s[1:] == shape[1:]]
    if not fitting:
        return _fresh(w, shape, depth)
    name, held = w.pick(fitting)
    return f"{name}[{gathered(w, held[0], shape[0])}]"


def _given(w: Writer, shape: tuple[int, ...], depth: int) -> str:
    known = [r for r in w.routines if r.gives == Arr(shape)]
    if not known:
        return _fresh(w, shape, depth)
    routine = w.pick(known)
    return f"{routine.name}({', '.join(value(w, k, 0) for k in routine.takes)})"


_ARRAYS: dict[str, Any] = {
    "fresh": _fresh, "unary": _mapped, "binary": _combined, "scaled": _scaled, "where": _where, "product": _product,
    "gathered": _gathered, "called": _given,
}  # fmt: skip


def value(w: Writer, kind: Any, depth: int) -> str:
    """A value of a kind."""
    return array(w, kind.shape, depth) if isinstance(kind, Arr) else scalar(w, depth)
