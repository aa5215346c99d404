"""A rate is learnt from what was answered before a 429, and grows when none comes: decided by values alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxone_rollcall.transport.pace.rate import Growth, Rate, growth_of_a_guess, growth_once_found


def test_a_slow_beginning_says_little() -> None:
    """What came one by one before the run was at full speed does not lower the guess."""
    rate = Rate()
    for number in range(20):
        rate.answered(number / 10, number / 10)
    for number in range(50):
        rate.answered(2 + number / 1000, 2 + number / 1000)
    assert rate.per_second is None
    assert rate.opens_at == 0
    rate.refused(2.05, 2.05, 1.0)
    assert rate.per_second == pytest.approx(50 / 1.05, rel=0.05)
    assert rate.opens_at == 3.05


def test_a_429_before_any_answer() -> None:
    """Where the first answer of all is a 429, there is a pause, and nothing is guessed."""
    rate = Rate()
    rate.refused(0.0, 0.1, 1.0)
    assert rate.per_second is None
    assert rate.opens_at == pytest.approx(1.1)


@given(st.floats(0, 200), st.floats(0, 500), st.floats(0, 500))
def test_growth(pause: float, early: float, late: float) -> None:
    """A rate never shrinks while no 429 comes, stays for its time, and has doubled after twice that."""
    for growth in (growth_of_a_guess(pause), growth_once_found(pause)):
        assert growth.times(min(early, late)) <= growth.times(max(early, late))
        assert growth.times(growth.hold) == 1.0
        assert growth.times(growth.hold + growth.doubling) == pytest.approx(2.0)
    assert 6 <= growth_once_found(pause).hold <= 40
    assert Growth(1.0, 1.0).times(1e9) == 2.0**16


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 10), st.floats(0, 2)), max_size=80))
def test_a_rate_is_always_a_rate(events: list[tuple[bool, float, float]]) -> None:
    """Whatever comes in whatever order, the rate stays above nothing, and the next request is not sent for ever."""
    rate, now = Rate(), 0.0
    for good, after, took in events:
        now += after
        if good:
            rate.answered(now - took, now)
            rate.sent(now, waited=True)
        else:
            rate.refused(now - took, now, took)
        assert rate.per_second is None or rate.per_second > 0
        assert rate.opens_at >= 0


def after_a_pause(seconds: float) -> tuple[Rate, list[float]]:
    """Return the rate after a bucket of 50 a second made everybody pause for a second, and when requests left since."""
    rate, now = Rate(), 1.1
    for number in range(50):
        rate.answered(number / 1000, number / 1000)
    rate.refused(0.05, 0.1, 1.0)
    left = []
    while now < 1.1 + seconds:
        left.append(now)
        rate.sent(now, waited=True)
        rate.answered(now, now)
        now = rate.opens_at
    return rate, left


def test_a_pause_is_made_up_for() -> None:
    """After a pause of a second nearly a second's worth leaves beyond the rate, and the second after that is even."""
    _, left = after_a_pause(3.0)
    assert sum(at < 2.1 for at in left) == pytest.approx(50 + 0.9 * 50, abs=6)
    assert sum(2.1 <= at < 3.1 for at in left) == pytest.approx(50, abs=3)


def test_what_is_not_borne_is_not_tried_again() -> None:
    """Where a 429 comes of what a pause should have saved, the rate stays near, and no pause is made up for again."""
    rate, left = after_a_pause(0.5)
    guessed = rate.per_second
    assert guessed is not None
    rate.refused(left[-1], left[-1] + 0.05, 1.0)
    assert rate.per_second is not None
    assert 0.8 * guessed <= rate.per_second <= guessed
    rate.sent(rate.opens_at, waited=True)
    resumed = rate.opens_at
    rate.sent(resumed, waited=True)
    assert rate.opens_at - resumed == pytest.approx(1 / rate.per_second)


def test_what_is_borne_tells_the_rate() -> None:
    """Where all that was saved was borne, a 429 shows a bucket: the rate is what it let through, pause and all."""
    rate, left = after_a_pause(5.0)
    assert rate.growth.times(5.0) > 1.0
    rate.refused(left[-1], left[-1], 1.0)
    assert rate.per_second == pytest.approx(0.97 * len(left) / (left[-1] - 0.075), rel=0.02)
