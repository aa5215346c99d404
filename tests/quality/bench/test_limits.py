"""The allowed requests of a limit include its burst."""

from dataclasses import replace

import pytest
from quality.bench.limits import reached, shortest
from quality.bench.results import Limit
from tests.quality.bench.made import limited

LIMIT = Limit(rate=20, retry_after="none", agents=10_000, latency_ms=50, repeats=1)


def test_all_that_is_allowed() -> None:
    """A run at burst and then rate has used the whole limit."""
    run = reached(limited(LIMIT), LIMIT)
    assert run == pytest.approx((1, 1, 0))


def test_burst_left_over() -> None:
    """A run without the burst has not used the whole limit. It keeps the rate."""
    of = limited(LIMIT)
    run = reached(replace(of, let_through=of.let_through[LIMIT.rate :]), LIMIT)
    assert run.steady == pytest.approx(1)
    assert run.whole == pytest.approx(200 / 220)


def test_throttled_after_first_second() -> None:
    """Only 429s after the first second count. They are a share of all later requests."""
    run = reached(limited(LIMIT, turned_away=(0.2, 0.9, 1.0, 5.0, 6.0)), LIMIT)
    assert run.throttled == pytest.approx(2 / (180 + 2))


def test_short_run() -> None:
    """A run of less than a second has no steady part."""
    run = reached(replace(limited(LIMIT), let_through=[0.0, 0.5]), LIMIT)
    assert run.steady == 1


@pytest.mark.parametrize(("requests", "seconds"), [(10, 0), (20, 0), (40, 1), (203, 9.15)])
def test_the_shortest_possible_duration(requests: int, seconds: float) -> None:
    """The burst takes no time, the rest follows the rate."""
    assert shortest(requests, LIMIT) == pytest.approx(seconds)
