"""Runs the benchmarks in this process and prints their table: `python benchmarks/run.py [-k EXPRESSION ...]`.

In: options for pytest. Out: Markdown on stdout; times are medians, ratios are medians of the ratios of single sweeps.

The ratios are to compare programs, not the state of the machine, so two things are pinned before NumPy is loaded: one
thread for linear algebra, and an allocator that keeps freed memory. With glibc's defaults a buffer of 800 kB may be
handed back to the system and faulted in again in every call, or not, depending on what ran before; that alone moved one
and the same gradient from 0.11 to 1.5 ms.
"""

from __future__ import annotations

import contextlib
import json
import os
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parent
PINNED = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "MALLOC_TRIM_THRESHOLD_": str(1 << 30),
    "MALLOC_MMAP_THRESHOLD_": str(1 << 30),
}
COLUMNS = ("lowered", "wengert", "autograd", "jax", "primal")
Runs = list[dict[str, Any]]


def measure(options: list[str]) -> tuple[int, Runs]:
    """Run pytest-benchmark quietly; return its exit status and one record for each timing."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "benchmarks.json"
        arguments = [
            str(FOLDER), f"--rootdir={FOLDER.parent}", f"--benchmark-json={path}", "--benchmark-warmup=on",
            "--benchmark-disable-gc", "--benchmark-max-time=0.1", "--benchmark-min-rounds=7",
            "--benchmark-columns=median",
            "-o", "filterwarnings=", "-q", "-p", "no:cacheprovider", "--tb=short", *options,
        ]  # fmt: skip
        with contextlib.redirect_stdout(sys.stderr):
            status = int(pytest.main(arguments))
        records = json.loads(path.read_text())["benchmarks"] if path.exists() and path.stat().st_size else []
    return status, [{**r["extra_info"], "median": r["stats"]["median"]} for r in records]


def chosen(runs: Runs, **facts: Any) -> list[float]:
    """The medians of the runs that have these facts."""
    return [r["median"] for r in runs if all(r.get(key) == value for key, value in facts.items())]


def duration(seconds: float) -> str:
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1e9:.0f} ns"


def gradient_table(runs: Runs) -> list[str]:
    """One row for each case: the hand-written gradient's time, and the others as multiples of it."""
    names = dict.fromkeys(r["case"] for r in runs)
    lines = [
        "| program | by hand | `lower(...)` | `grad(f)` | autograd | JAX, compiled | primal | target |",
        "|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for case in names:
        hand = chosen(runs, case=case, contender="hand")
        cells = []
        for column in COLUMNS:
            times = chosen(runs, case=case, contender=column)
            pairs = zip(times, hand, strict=False)
            cells.append(f"{statistics.median([t / h for t, h in pairs]):.2f}" if times and hand else "-")
        target = next(r["target"] for r in runs if r["case"] == case)
        time = duration(statistics.median(hand)) if hand else "-"
        lines.append(f"| {case} | {time} | {' | '.join(cells)} | {target} |")
    return lines


def simulation_table(runs: Runs) -> list[str]:
    """One row for each program in place: time and peak memory as multiples of the adjoint by hand; growth with the grid."""
    lines = [
        "| program in place | by hand | `value_and_grad(f)` | primal | peak memory | target "
        "| twice the grid: by hand | `value_and_grad(f)` | primal |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for case in dict.fromkeys(r["case"] for r in runs):
        hand = chosen(runs, case=case, contender="hand", grid="once")
        sizes = [r["size"] for r in runs if r["case"] == case and "size" in r]
        cells = [f"{case}, n = {sizes[0]}" if sizes else case]
        cells.append(duration(statistics.median(hand)) if hand else "-")
        for name in ("wengert", "primal"):
            pairs = zip(chosen(runs, case=case, contender=name, grid="once"), hand, strict=False)
            ratios = [t / h for t, h in pairs]
            cells.append(f"{statistics.median(ratios):.2f}" if ratios else "-")
        peaks = {r["contender"]: r["peak"] for r in runs if r["case"] == case and "peak" in r}
        cells.append(f"{peaks['wengert'] / peaks['hand']:.2f}" if {"wengert", "hand"} <= set(peaks) else "-")
        cells.append(str(next(r["target"] for r in runs if r["case"] == case)))
        for name in ("hand", "wengert", "primal"):
            once, doubled = (chosen(runs, case=case, contender=name, grid=g) for g in ("once", "doubled"))
            cells.append(f"{doubled[0] / statistics.median(once):.1f}" if once and doubled else "-")
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def other_table(runs: Runs) -> list[str]:
    """Transformation, import and call: times beside the times aimed for."""
    lines = ["| what | time | target |", "|---|--:|--:|"]
    transforms = {r["statements"]: r["median"] for r in runs if r["table"] == "transform"}
    for statements, time in transforms.items():
        target = "50 ms" if statements == 50 else "linear"
        each = duration(time / statements)
        lines.append(f"| transform {statements} statements | {duration(time)} ({each} each) | {target} |")
    raw, decorated = (chosen(runs, table="call", contender=name) for name in ("lowered", "wengert"))
    if raw and decorated:
        more = statistics.median(decorated) - statistics.median(raw)
        lines.append(f"| a call through the decorated object, beyond the function | {more * 1e6:.2f} µs | 1 µs |")
    imports = [chosen(runs, table="import", what=what) for what in ("NumPy and astor", "and wengert")]
    if all(imports):
        more = statistics.median(imports[1]) - statistics.median(imports[0])
        lines.append(f"| `import wengert`, beyond NumPy and astor | {more * 1e3:.1f} ms | 50 ms |")
    return lines


def main() -> int:
    if any(os.environ.get(name) != value for name, value in PINNED.items()):
        os.execve(sys.executable, [sys.executable, __file__, *sys.argv[1:]], {**os.environ, **PINNED})
    status, runs = measure(sys.argv[1:])
    print("\n".join(gradient_table([r for r in runs if r["table"] == "gradient"])), end="\n\n")
    print("\n".join(simulation_table([r for r in runs if r["table"] == "simulation"])), end="\n\n")
    print("\n".join(other_table([r for r in runs if r["table"] not in ("gradient", "simulation")])))
    return status


if __name__ == "__main__":
    sys.exit(main())
