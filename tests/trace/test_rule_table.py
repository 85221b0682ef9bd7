"""The table of statuses: filters, forms, and docs/rules.md, which is generated from it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from wengert.trace.rule_table import (
    chosen,
    counts,
    document,
    json_summary,
    json_text,
    markdown,
    markdown_summary,
    summary,
    text,
)
from wengert.trace.surface import surface

DOCUMENT = Path(__file__).parent.parent.parent / "docs" / "rules.md"


def test_filters() -> None:
    assert [s.full_name for s in chosen(["linalg.det"], None)] == ["np.linalg.det"]
    assert [s.full_name for s in chosen(["np.linalg.d*"], None)] == [
        s.full_name for s in surface() if s.module == "numpy.linalg" and s.name.startswith("d")
    ]
    assert {s.name for s in chosen(["cum*"], None)} >= {"cumsum", "cumprod"}
    assert chosen([], None) == list(surface())
    assert chosen([], "np.fft") == chosen([], "numpy.fft") == [s for s in surface() if s.module == "numpy.fft"]
    assert {s.module for s in chosen(["norm"], "numpy.linalg")} == {"numpy.linalg"}
    assert {s.full_name for s in chosen(["np.sin", "np.cos"], None)} >= {"np.sin", "np.cos", "np.sinh"}


@pytest.mark.parametrize(
    ("names", "module", "message"),
    [
        (["foo"], None, "no name matches `foo`"),
        (["np.sin", "f?o"], None, "no name matches `f\\?o`"),
        (["np.sin"], "math", "no name matches `np.sin` in math"),
        ([], "numpy.linlg", "no module `numpy.linlg` in the table; it has numpy, numpy.linalg"),
    ],
)
def test_what_is_not_there(names: list[str], module: str | None, message: str) -> None:
    with pytest.raises(LookupError, match=message):
        chosen(names, module)


def test_scipy_where_it_is_asked_for() -> None:
    pytest.importorskip("scipy")
    assert {s.module for s in chosen([], None)}.isdisjoint({"scipy.special"})
    rows = {s.full_name: s for s in chosen([], "scipy.special")}
    assert rows["scipy.special.expit"].inputs == ("x",)
    assert rows["scipy.special.erf"].status == "differentiable"
    assert [s.full_name for s in chosen(["scipy.special.gammaln"], None)] == ["scipy.special.gammaln"]


def test_text() -> None:
    rows = chosen(["np.ceil", "np.linalg.det", "apply_over_axes"], None)
    assert text(rows).splitlines() == [
        "np.apply_over_axes  refused                     it calls a function of Python: write the loop",
        "np.ceil             constant        constant",
        "np.linalg.det       differentiable  structural  by x",
    ]


def test_markdown() -> None:
    assert markdown(chosen(["np.linalg.det"], None)).splitlines() == [
        "| name | status | kind | note |",
        "| --- | --- | --- | --- |",
        "| `np.linalg.det` | differentiable | structural | by x |",
    ]


def test_json() -> None:
    document = json.loads(json_text(chosen(["np.linalg.det"], None)))
    assert document["numpy"] == np.__version__
    assert document["names"] == [
        {
            "name": "np.linalg.det",
            "module": "numpy.linalg",
            "status": "differentiable",
            "kind": "structural",
            "inputs": ["x"],
            "reason": "",
        }
    ]


def test_summaries() -> None:
    rows = chosen([], None)
    made = counts(rows)
    assert made["all"][-1] == len(rows)
    assert all(sum(c[:3]) == c[3] for c in made.values())
    assert len(summary(rows).splitlines()) == len(made) + 1
    assert json.loads(json_summary(rows))["modules"]["all"]["all"] == len(rows)
    assert list(counts(chosen([], "numpy.fft"))) == ["numpy.fft"]
    assert "| `numpy.fft` |" in markdown_summary(chosen([], "numpy.fft"))


def test_the_document_is_up_to_date(update_golden: bool) -> None:
    """docs/rules.md is that of one version of NumPy: others have other names."""
    if update_golden:
        DOCUMENT.write_text(document(), encoding="utf-8")
    found = DOCUMENT.read_text(encoding="utf-8")
    version = re.search(r"NumPy (\d+\.\d+)", found)
    assert version is not None
    if not np.__version__.startswith(f"{version[1]}."):
        pytest.skip(f"docs/rules.md is for NumPy {version[1]}")
    assert found == document(), "run pytest tests/trace/test_rule_table.py --update-golden"
