"""Random statements on what a list of numbers is not: lists of lists, lists of whole numbers, complex numbers.

In: a `Writer`. Out: lines, as in `statements`.

    tables(w)          "g = [[0] * 3 for _ in range(2)]", then "g[i][0] += x"
"""

from __future__ import annotations

from collections.abc import Callable

from .expressions import array, index, scalar
from .writer import Arr, Complex, Num, Seq, Table, Writer

FORMS = (
    "[[0] * {c} for _ in range({r})]", "[[0.0] * {c} for _ in range({r})]",
    "[[i + j for j in range({c})] for i in range({r})]",
)  # fmt: skip


def ints(w: Writer) -> None:
    """A list of whole numbers, or one number: what is stored or added later is a float."""
    form = w.pick(["number", "list", "list"])
    if form == "number":
        name = w.target(Num())
        w.line(f"{name} = {w.pick(['0', '1', '2'])}")
        w.assign(name, Num())
        return
    n = w.pick([2, 3])
    name = w.fresh(Seq(Num()))
    w.line(f"{name} = {w.pick([f'[0] * {n}', '[0, 1, 2]', f'[0 for _ in range({n})]', f'list(range({n}))'])}")
    w.line(f"{name}[{index(w, n)}] {w.pick(['=', '+='])} {scalar(w, 1)}")
    w.assign(name, Seq(Num()))


# --- lists of lists -----------------------------------------------------------------------------------------------------


def tables(w: Writer) -> None:
    known = [(name, p.kind) for name, p in w.places.items() if isinstance(p.kind, Table)]
    if not known:
        return _made(w)
    name, kind = w.pick(known)
    _CHANGES[w.pick(list(_CHANGES))](w, name, kind)


def _made(w: Writer) -> None:
    kind = Table(*w.pick([(2, 3), (2, 2), (3, 2)]))
    rows, columns = kind.rows, kind.columns
    text = w.pick([*FORMS, "displayed", "copied"])
    matrices = [n for n, shape in w.arrays() if shape == (rows, columns)]
    if text == "displayed":
        text = "[" + ", ".join(_row(w, columns) for _ in range(rows)) + "]"
    elif text == "copied":
        text = f"[list(e) for e in {w.pick(matrices)}]" if matrices else FORMS[0]
    name = w.fresh(kind)
    w.line(f"{name} = {text.format(r=rows, c=columns)}")
    w.assign(name, kind)


def _row(w: Writer, columns: int) -> str:
    return "[" + ", ".join(scalar(w, 0) for _ in range(columns)) + "]"


def _item(w: Writer, name: str, kind: Table) -> None:
    place = f"{name}[{index(w, kind.rows)}][{index(w, kind.columns)}]"
    w.line(f"{place} {w.pick(['=', '=', '+=', '*='])} {scalar(w, 1)}")


def _whole_row(w: Writer, name: str, kind: Table) -> None:
    w.line(f"{name}[{index(w, kind.rows)}] = {_row(w, kind.columns)}")


def _exchanged(w: Writer, name: str, kind: Table) -> None:
    w.line(f"{name}[0], {name}[1] = {name}[1], {name}[0]")


def _swept(w: Writer, name: str, kind: Table) -> None:
    """Each entry is made of its neighbors, as in dynamic programming."""
    left, above = f"{name}[i][j - 1]", f"{name}[i - 1][j]"
    chosen = w.pick([f"{scalar(w, 0)} * {left} + 0.5 * {above}", f"max({left}, {above}) + {scalar(w, 0)}", f"0.5 * {left}"])
    before, w.reserved = w.reserved, {*w.reserved, "i", "j"}
    if not {"i", "j"} & set(w.places):
        w.line(f"for i in range({kind.rows}):")
        w.line(f"    for j in range({w.pick([0, 1])}, {kind.columns}):")
        w.line(f"        {name}[i][j] = {chosen}")
    w.reserved = before


def _rows_walked(w: Writer, name: str, kind: Table) -> None:
    w.line(f"for row in {name}:")
    w.line(f"    row[{index(w, kind.columns)}] {w.pick(['=', '+='])} {scalar(w, 0)}")


def _named_row(w: Writer, name: str, kind: Table) -> None:
    w.line(f"row = {name}[{index(w, kind.rows)}]")
    w.line(f"row[{index(w, kind.columns)}] = {scalar(w, 1)}")


def _flattened(w: Writer, name: str, kind: Table) -> None:
    target = w.fresh(Seq(Num()))
    w.line(f"{target} = [{w.pick(['v', '2.0 * v', 'v * v'])} for e in {name} for v in e]")
    w.assign(target, Seq(Num()))


def _as_array(w: Writer, name: str, kind: Table) -> None:
    made = Arr((kind.rows, kind.columns))
    target = w.target(made)
    w.line(f"{target} = np.array({name}, dtype=float)")
    w.assign(target, made)


_CHANGES: dict[str, Callable[[Writer, str, Table], None]] = {
    "item": _item, "items": _item, "row": _whole_row, "exchanged": _exchanged, "swept": _swept, "walked": _rows_walked,
    "named": _named_row, "flattened": _flattened, "array": _as_array,
}  # fmt: skip


# --- complex numbers ----------------------------------------------------------------------------------------------------


def complexes(w: Writer) -> None:
    known = [(name, p.kind) for name, p in w.places.items() if isinstance(p.kind, Complex)]
    if not known or w.chance(4):
        kind = Complex(w.pick([(), (3,)]))
        real, imaginary = (array(w, kind.shape, 0), array(w, kind.shape, 0)) if kind.shape else (scalar(w, 1), scalar(w, 0))
        name = w.fresh(kind)
        w.line(f"{name} = {w.pick([f'{real} + 1j * {imaginary}', f'{real} * np.exp(1j * {imaginary})'])}")
        w.assign(name, kind)
        return
    name, kind = w.pick(known)
    forms = [
        f"{name} = {name} * ({scalar(w, 0)} + 0.5j)", f"{name} = np.conj({name}) + {scalar(w, 0)}", f"{name} = {name} ** 2",
        f"{name} = {name} / (2.0 + abs({name}))", f"{name} = np.exp(1j * {scalar(w, 0)}) * {name}",
    ]  # fmt: skip
    if kind.shape:
        forms += [f"{name}[0] = {scalar(w, 0)} * {name}[1]", f"{name}[1:] += {name}[:-1]", f"{name} = np.fft.fft({name})"]
    w.line(str(w.pick(forms)))


TABLES: dict[str, Callable[[Writer], None]] = {"ints": ints, "tables": tables, "complex": complexes}
"""A statement for each feature."""
