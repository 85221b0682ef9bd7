from __future__ import annotations

import csv
import io
import json
import operator
from dataclasses import replace
from typing import Any

import numpy as np

from wengert.errors import Location
from wengert.ir.builder import ONE
from wengert.ir.nodes import LEAF, Assign, Block, Function, Param, Var
from wengert.ir.queries import substitute
from wengert.ir.types import Array
from wengert.trace.evaluate import Row
from wengert.trace.lines import forward, reverse
from wengert.trace.table import Trace, tabulate


def adjoint(survey: Any) -> Trace:
    return tabulate(survey.adjoint(), (2, 5), mode="reverse", wrt=("x1", "x2"), name="f")


def table(trace: Trace) -> list[tuple[str, float | None, str, float | None]]:
    found = []
    for left, right in trace.lines():
        a = (left.name, round(left.value, 3)) if left else ("", None)
        b = (right.name, round(right.value, 3)) if right else ("", None)
        found.append((*a, *b))
    return found


def test_forward_mode_is_table_2_of_the_survey(survey: Any) -> None:
    assert table(tabulate(survey.tangent(), (2, 5, 1.0, 0.0), mode="forward", name="f")) == [
        ("v-1", 2, "v-1_dot", 1.0),
        ("v0", 5, "v0_dot", 0.0),
        ("v1", 0.693, "v1_dot", 0.5),
        ("v2", 10, "v2_dot", 5.0),
        ("v3", -0.959, "v3_dot", 0.0),
        ("v4", 10.693, "v4_dot", 5.5),
        ("v5", 11.652, "v5_dot", 5.5),
        ("y", 11.652, "y_dot", 5.5),
    ]


def test_reverse_mode_is_table_3_of_the_survey(survey: Any) -> None:
    assert table(adjoint(survey)) == [
        ("v-1", 2, "x1_bar", 5.5),
        ("v0", 5, "x2_bar", 1.716),
        ("v1", 0.693, "v-1_bar", 5.5),
        ("v2", 10, "v0_bar", 1.716),
        ("", None, "v-1_bar", 5.0),
        ("v3", -0.959, "v0_bar", -0.284),
        ("v4", 10.693, "v2_bar", 1.0),
        ("", None, "v1_bar", 1.0),
        ("v5", 11.652, "v3_bar", -1.0),
        ("", None, "v4_bar", 1.0),
        ("y", 11.652, "v5_bar", 1.0),
    ]


def test_primal_text(survey: Any) -> None:
    text = tabulate(survey.primal(), (2, 5)).to_text()
    assert text.splitlines() == [
        "f(x1=2, x2=5)",
        "",
        "primal trace                                          | source",
        "------------------------------------------------------+---------------------------------------------",
        "v-1  = x1                                 = 2         |",
        "v0   = x2                                 = 5         |",
        "v1   = log(v-1)  = log(2)                 = 0.693147  | 4: y = math.log(x1) + x1 * x2 - math.sin(x2)",
        "v2   = v-1 * v0  = 2 * 5                  = 10        |",
        "v3   = sin(v0)   = sin(5)                 = -0.958924 |",
        "v4   = v1 + v2   = 0.693147 + 10          = 10.6931   |",
        "v5   = v4 - v3   = 10.6931 - (-0.958924)  = 11.6521   |",
        "y    = v5                                 = 11.6521   |",
    ]


def test_reverse_text_has_both_traces_side_by_side(survey: Any) -> None:
    text = str(adjoint(survey))
    head, rule, first, *_, last = text.splitlines()[2:]
    assert [part.strip() for part in head.split("|")] == ["primal trace", "adjoint trace (read upwards)", "source"]
    assert {len(line.split("|")) for line in text.splitlines()[4:]} == {3}
    assert set(rule) == {"-", "+"}
    assert " ".join(first.split()) == "v-1 = x1 = 2 | x1_bar = v-1_bar = 5.5 |"
    assert " ".join(last.split()) == "y = v5 = 11.6521 | v5_bar = y_bar = 1 |"


def test_long_tables_are_cut_in_the_middle(survey: Any) -> None:
    trace = adjoint(survey)
    whole, cut = trace.to_text(None).splitlines(), trace.to_text(4).splitlines()
    assert len(whole) == 4 + 11
    assert cut[6] == "... 7 lines left out ..."
    assert [c.split()[0] for c in (cut[4], cut[5], cut[8])] == ["v-1", "v0", "y"]
    assert trace.to_text(11) == trace.to_text(None)


def test_markdown(survey: Any) -> None:
    lines = adjoint(survey).to_markdown(4).splitlines()
    assert lines[0] == "**`f(x1=2, x2=5)`**"
    assert lines[4] == "| `v-1 = x1` |  | `2` | `x1_bar = v-1_bar` |  | `5.5` |  |"
    assert lines[6] == "| *7 lines left out* |  |  |  |  |  |  |"
    assert len({line.count("|") for line in lines[2:]}) == 1


def test_markdown_escapes_pipes() -> None:
    x, y = Var("x", Array()), Var("", Array())
    f = Function("f", (Param("x", LEAF, (x,)),), Block((Assign(y, operator.or_, (x, x)),), (y,)), LEAF)
    assert "`v1 = v0 \\| v0`" in tabulate(f, (np.array([1, 2]),)).to_markdown()


def test_csv_has_every_row_with_all_digits(survey: Any) -> None:
    found = list(csv.DictReader(io.StringIO(adjoint(survey).to_csv())))
    assert len(found) == 2 + 5 + 1 + 9 + 2
    assert found[2]["name"] == "v1" and float(found[2]["value"]) == np.log(2.0)
    assert found[2]["line"] == "4" and found[2]["source"].startswith("y = math.log(x1)")
    assert [r["name"] for r in found if r["section"] == "adjoint"][:3] == ["v5_bar", "v4_bar", "v3_bar"]


def test_json_holds_arrays_as_lists() -> None:
    x, y = Var("x", Array()), Var("", Array())
    body = (Assign(y, np.sqrt, (x,)),)
    f = Function("f", (Param("x", LEAF, (x,)),), Block(body, (y,)), LEAF)
    trace = tabulate(f, (np.array([[4.0, np.inf]]),))
    document = json.loads(trace.to_json())
    assert document["function"] == "f" and document["mode"] == "primal"
    assert document["arguments"] == {"x": [[4.0, "inf"]]}
    assert document["rows"][1]["value"] == [[2.0, "inf"]]
    assert trace.title == "f(x=[[4, inf]] (1, 2))"


def test_a_program_without_a_statement_for_the_seed_gets_its_row(survey: Any) -> None:
    f = survey.adjoint()
    y_bar = next(s.target for s in f.body.statements if isinstance(s, Assign) and s.target.of is survey.y)
    statements = tuple(s for s in f.body.statements if not (isinstance(s, Assign) and s.target is y_bar))
    program = replace(f, body=substitute(Block(statements, f.body.yields), {y_bar: ONE}))
    trace = tabulate(program, (2, 5), mode="reverse", wrt=("x1", "x2"))
    assert next(r.name for r in trace.rows if r.section == "adjoint") == "v5_bar"
    assert table(trace)[-1] == ("y", 11.652, "v5_bar", 1.0)


AT = [Location("f.py", k, 0) for k in range(1, 4)]


def test_adjoint_rows_stand_at_their_operation_and_are_read_upwards() -> None:
    primal = [Row(f"v{k}", "", "", 0.0, origin=AT[k]) for k in range(3)]
    bars = [
        Row("late", "", "", 0.0, "adjoint", AT[2]),
        Row("unplaced", "", "", 0.0, "adjoint"),
        Row("early", "", "", 0.0, "adjoint", AT[0]),
        Row("never back down", "", "", 0.0, "adjoint", AT[1]),
    ]
    found = [(a.name if a else "", b.name if b else "") for a, b in reverse([*primal, *bars])]
    assert found == [
        ("v0", "never back down"), ("", "early"), ("v1", ""), ("v2", "unplaced"), ("", "late"),
    ]  # fmt: skip


def test_adjoint_rows_of_a_loop_stand_at_their_trip() -> None:
    primal = [Row(f"v{k}", "", "", 0.0, origin=AT[0], trips=(k,)) for k in range(3)]
    bars = [Row(f"v{k}_bar", "", "", 0.0, "adjoint", AT[0], (k,)) for k in (2, 1, 0)]
    assert [(a and a.name, b and b.name) for a, b in reverse([*primal, *bars])] == [
        ("v0", "v0_bar"), ("v1", "v1_bar"), ("v2", "v2_bar"),
    ]  # fmt: skip


def test_further_tangent_rows_get_lines_of_their_own() -> None:
    found = forward([
        Row("v1", "", "", 0.0),
        Row("v1_dot", "", "", 0.0, "tangent", beside="v1"),
        Row("v1_dot", "", "", 0.0, "tangent", beside="v1"),
        Row("v2", "", "", 0.0),
    ])  # fmt: skip
    assert [(a and a.name, b and b.name) for a, b in found] == [("v1", "v1_dot"), (None, "v1_dot"), ("v2", None)]
