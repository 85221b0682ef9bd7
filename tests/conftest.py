"""Options and fixtures of the whole suite."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

GOLDEN = Path(__file__).parent / "golden"
OF_ROWS, OF_OTHERS = 12, 4
collect_ignore = ["corpus", "programs.py", "differences.py"]  # not tests: importing them again would register twice


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden", action="store_true", help="rewrite tests/golden, except where the new code is wrong"
    )
    text = f"one in {OF_ROWS} of the tests made from the table of rules, one in {OF_OTHERS} of the others"
    parser.addoption("--quick", action="store_true", help=text)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A sample that is the same in every run: it is counted within each file."""
    if not config.getoption("--quick"):
        return
    met: Counter[Path] = Counter()
    left: set[int] = set()
    for item in items:
        every = OF_ROWS if "rules" in item.path.parent.parts and hasattr(item, "callspec") else OF_OTHERS
        if met[item.path] % every:
            left.add(id(item))
        met[item.path] += 1
    config.hook.pytest_deselected(items=[i for i in items if id(i) in left])
    items[:] = [i for i in items if id(i) not in left]


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-golden"))


@pytest.fixture(params=["simplified", pytest.param("raw", marks=pytest.mark.slow)])
def simplification(request: pytest.FixtureRequest) -> Iterator[str]:
    """Everything must be right with simplification and without it."""
    if request.param == "simplified":
        yield request.param
        return
    from wengert.testing import unsimplified

    with unsimplified():
        yield request.param


@pytest.fixture
def any_length() -> Iterator[None]:
    """Refusals are those of arrays of any length: what is made for the lengths at hand alone is left out."""
    from wengert.testing import unpinned

    with unpinned():
        yield


@pytest.fixture
def golden() -> Path:
    return GOLDEN
