"""A rate is learnt from the answers before a 429. It grows while none comes; pure values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxone_rollcall.transport.pace.rate import Growth, Rate, growth_of_a_guess, growth_once_found


def test_a_slow_beginning_says_little() -> None:
    """Answers before full speed do not lower the guess."""
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
    """A 429 before any answer causes a pause, and no rate."""
    rate = Rate()
    rate.refused(0.0, 0.1, 1.0)
    assert rate.per_second is None
    assert rate.opens_at == pytest.approx(1.1)


@given(st.floats(0, 200), st.floats(0, 500), st.floats(0, 500))
def test_a_rate_doubles(pause: float, early: float, late: float) -> None:
    """A rate stays for a time, and has doubled after twice that. It never shrinks while no 429 comes."""
    for growth in (growth_of_a_guess(pause), growth_once_found(pause)):
        assert growth.times(min(early, late)) <= growth.times(max(early, late))
        assert growth.times(growth.hold) == 1.0
        assert growth.times(growth.hold + growth.doubling) == pytest.approx(2.0)
    assert 6 <= growth_once_found(pause).hold <= 40
    assert Growth(1.0, 1.0).times(1e9) == 2.0**16


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 10), st.floats(0, 2)), max_size=80))
def test_a_rate_is_always_a_rate(events: list[tuple[bool, float, float]]) -> None:
    """The rate stays positive, and the next request is sent some time."""
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
