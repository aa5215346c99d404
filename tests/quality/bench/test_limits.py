"""What a limit allows is counted with its burst, from what the server saw."""

from dataclasses import replace

import pytest
from quality.bench.limits import reached, shortest
from quality.bench.results import Limit
from tests.quality.bench.made import limited

LIMIT = Limit(rate=20, retry_after="none", agents=10_000, latency_ms=50, repeats=1)


def test_all_that_is_allowed() -> None:
    """Whoever spends the burst at once and then keeps the rate has used all of it."""
    run = reached(limited(LIMIT), LIMIT)
    assert run == pytest.approx((1, 1, 0))


def test_burst_left_over() -> None:
    """Whoever leaves the burst unused keeps the rate, and has not used all that was allowed."""
    of = limited(LIMIT)
    run = reached(replace(of, let_through=of.let_through[LIMIT.rate :]), LIMIT)
    assert run.steady == pytest.approx(1)
    assert run.whole == pytest.approx(200 / 220)


def test_throttled_after_first_second() -> None:
    """Only the 429s after the first second count, beside all requests after it."""
    run = reached(limited(LIMIT, turned_away=(0.2, 0.9, 1.0, 5.0, 6.0)), LIMIT)
    assert run.throttled == pytest.approx(2 / (180 + 2))


def test_short_run() -> None:
    """A run that is over within the first second has no steady part that could be too slow."""
    run = reached(replace(limited(LIMIT), let_through=[0.0, 0.5]), LIMIT)
    assert run.steady == 1


@pytest.mark.parametrize(("requests", "seconds"), [(10, 0), (20, 0), (40, 1), (203, 9.15)])
def test_shortest(requests: int, seconds: float) -> None:
    """The burst takes no time, and the rest as long as the rate says."""
    assert shortest(requests, LIMIT) == pytest.approx(seconds)
