"""The schedule of checkpoints: never more states than slots, and the fewest runs that are possible."""

from __future__ import annotations

import math
from functools import cache

import pytest

from wengert import runtime


@cache
def fewest(count: int, slots: int) -> int:
    """By trying every step."""
    if count <= 1:
        return 0
    if slots == 1:
        return count * (count - 1) // 2
    return min(m + fewest(count - m, slots - 1) + fewest(m, slots) for m in range(1, count))


def walked(trips: range, slots: int, made: int | None = None) -> tuple[int, int]:
    """Follows the schedule with the numbers of the trips as states; how many runs it takes, and how many states it keeps."""
    count = len(trips) if made is None else made
    at = {t: k for k, t in enumerate(trips)}
    pieces = [p for p in runtime.binomial_segments(trips, slots) if at[p[0]] < count]
    states = [at[p[0]] for p in pieces]
    runs, most = (states[-1], len(states)) if states else (0, 0)
    turned = trips[:count][::-1]
    for t, way in zip(turned, runtime.backwards(trips, slots, made), strict=True):
        state = states.pop()
        for piece in way:
            states.append(state)
            most = max(most, len(states))
            for u in piece:
                assert at[u] == state
                state += 1
                runs += 1
        assert state == at[t]
    assert not states
    return runs, most


@pytest.mark.parametrize("slots", range(1, 8))
def test_the_runs_are_the_fewest(slots: int) -> None:
    for n in range(60):
        runs, most = walked(range(n), slots)
        assert runs == fewest(n, slots)
        assert most <= slots
        if n:  # Griewank and Walther, Algorithm 799: revolve (2000), equation 3
            repeats = next(r for r in range(n + 1) if math.comb(slots + r, slots) >= n)
            assert runs == repeats * n - (math.comb(slots + repeats, repeats - 1) if repeats else 0)


@pytest.mark.parametrize(("slots", "repeats"), [(3, 2), (3, 5), (5, 3), (10, 4)])
def test_no_trip_is_run_more_often_than_the_binomial_bound_says(slots: int, repeats: int) -> None:
    n = math.comb(slots + repeats, slots)
    runs, most = walked(range(n), slots)
    assert most == slots
    assert runs < repeats * n


def test_loops_that_end_early() -> None:
    for n, slots in ((20, 3), (13, 1), (31, 5)):
        for made in range(n + 1):
            assert walked(range(n), slots, made)[1] <= slots


def test_ranges_of_any_kind() -> None:
    assert walked(range(20, 0, -3), 2)[1] <= 2
    assert walked(range(5, 5), 2) == (0, 0)
    assert runtime.segments(range(10, 0, -3), 3) == [range(10, 1, -3), range(1, -2, -3)]
    assert runtime.segments(range(0), 3) == []
    assert [t for p in runtime.binomial_segments(range(10, 0, -3), 2) for t in p] == [10, 7, 4, 1]


def test_the_number_of_slots() -> None:
    assert runtime.slots_for(range(1000), 7) == 7
    assert runtime.slots_for(range(0), None) == 1
    assert all(math.log2(n) + 1 <= runtime.slots_for(range(n), None) <= math.log2(n) + 2 for n in (1, 2, 3, 64, 1000))
    with pytest.raises(ValueError, match="at least 1"):
        runtime.slots_for(range(3), 0)
