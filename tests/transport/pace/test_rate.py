"""A rate is learnt from the answers before a 429. It grows while none comes; pure values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxone_rollcall.transport.pace.rate import BELOW, Growth, Rate, growth_of_a_guess, growth_once_found
from cxone_rollcall.transport.pace.trial import FIRST_IN_VAIN


def guessed(answers: int = 100, pause: float = 1.0) -> Rate:
    """A rate after a second of even answers and a 429."""
    rate = Rate()
    for number in range(answers):
        rate.answered(number / answers, number / answers)
    rate.refused(1.0, 1.0, pause)
    return rate


def send(rate: Rate, seconds: float, *, every: int = 1) -> float:
    """Send at every turn for these seconds, and return the last moment. Each request of `every` is answered at once."""
    now, sent = rate.opens_at, 0
    end = now + seconds
    while rate.opens_at <= end:
        now = rate.opens_at
        rate.sent(now, waited=True)
        if sent % every == 0:
            rate.answered(now, now)
        sent += 1
    return now


def speed(rate: Rate) -> float:
    """The requests per second, which a 429 has limited."""
    assert rate.per_second is not None
    return rate.per_second


def test_the_first_guess_is_that_of_a_bucket() -> None:
    """A bucket is full at first and after the pause. A pause below a second counts as one."""
    assert speed(guessed(100, 1.0)) == 50
    assert speed(guessed(100, 3.0)) == 25
    assert speed(guessed(100, 0.1)) == 50
    assert guessed(100, 3.0).opens_at == 4.0
    assert speed(guessed(1, 30.0)) == 1.0


def test_answers_of_requests_before_the_429_count() -> None:
    """A late answer raises the guess if its request preceded the 429."""
    rate = guessed(100)
    rate.answered(0.9, 1.5)
    assert speed(rate) == 50.5
    rate.answered(1.0, 1.5)
    assert speed(rate) == 51
    rate.answered(2.0, 2.1)
    assert speed(rate) == 51


def test_requests_leave_at_even_distances() -> None:
    """Each request opens the next turn one distance later. Before the first 429 nothing is limited."""
    free = Rate()
    free.sent(3.0, waited=False)
    assert free.opens_at == 0
    rate = guessed(100)
    turns = []
    for _ in range(5):
        turns.append(rate.opens_at)
        rate.sent(rate.opens_at, waited=True)
    assert turns == pytest.approx([2.0, 2.02, 2.04, 2.06, 2.08])


def test_a_late_request_catches_up_little() -> None:
    """A late request catches up by at most 20 ms."""
    rate = guessed(100)
    rate.sent(2.5, waited=False)
    assert rate.opens_at == pytest.approx(2.5 - 0.02 + 0.02)
    early = guessed(100)
    early.sent(1.5, waited=False)
    assert early.opens_at == pytest.approx(2.02)


def test_without_a_burst_nothing_catches_up() -> None:
    """Without a burst, the next turn comes a whole distance later."""
    rate = Rate()
    for number in range(10):
        rate.answered(number, number)
    rate.refused(10.0, 10.0, 1.0)
    per_second = speed(rate)
    rate.sent(20.0, waited=False)
    late = max(0.0, 10 - per_second * 10.0) / 2 / per_second
    assert rate.opens_at == pytest.approx(20.0 - min(0.02, late) + 1 / per_second)


def test_a_rate_grows_while_it_is_used() -> None:
    """A rate stays for its hold, and then doubles. Unused time does not count."""
    rate = guessed(100)
    send(rate, 0.9)
    assert speed(rate) == 50
    send(rate, 3.1)
    assert speed(rate) == pytest.approx(100, rel=0.02)
    idle = guessed(100)
    idle.sent(2.0, waited=True)
    idle.sent(60.0, waited=False)
    idle.sent(120.0, waited=True)
    assert speed(idle) == 50


def test_a_429_without_growth_lowers_the_rate() -> None:
    """A 429 without growth lowers the rate to what was answered. The first step is a tenth."""
    rate = guessed(100)
    for number in range(100):
        rate.answered(2 + number / 50, 2 + number / 50)
    rate.refused(4.0, 4.0, 1.0)
    assert speed(rate) == pytest.approx(0.9 * 50 * 0.97)
    assert rate.opens_at == 5.0
    for number in range(60):
        rate.answered(5 + number / 50, 5 + number / 50)
    rate.refused(6.5, 6.5, 1.0)
    assert speed(rate) == pytest.approx(0.8 * 0.9 * 50 * BELOW * BELOW)


def test_what_was_answered_is_the_least() -> None:
    """A rate without growth is not lowered below what the server answered."""
    rate = guessed(100)
    for number in range(148):
        rate.answered(1.5 + number / 60, 1.5 + number / 60)
    rate.refused(4.0, 4.0, 1.0)
    assert speed(rate) == pytest.approx(148 / 3 * BELOW)


def test_a_guess_that_grew_is_replaced_by_what_was_answered() -> None:
    """After growth, a guess gives way to the answers since the 429. Half of the pause counts."""
    rate = guessed(100)
    answers = 0
    while rate.opens_at < 5.0:
        now = rate.opens_at
        rate.sent(now, waited=True)
        rate.answered(now, now)
        answers += 1
    rate.refused(5.0, 5.0, 1.0)
    assert speed(rate) == pytest.approx(answers / (4.0 - 1.0 / 2) * BELOW)
    assert rate.growth == growth_once_found(1.0)


def test_a_guess_far_too_low_keeps_most_of_its_growth() -> None:
    """A guess that grew more than fourfold keeps 85 %. The growth overshot."""
    rate = guessed(100, 1.0)
    now = send(rate, 7.5)
    grown = speed(rate)
    assert grown > 4 * 50
    rate.refused(now, now, 1.0)
    assert speed(rate) == pytest.approx(grown * 0.85 * BELOW)


def found() -> Rate:
    """A rate that was measured after its first growth."""
    rate = guessed(100, 0.1)
    now = send(rate, 4.0)
    rate.refused(now, now, 0.1)
    assert rate.growth == growth_once_found(0.1)
    return rate


def share_kept(rate: Rate, seconds: float) -> float:
    """The share of its rate that a 429 leaves after these seconds. The server answers a third."""
    now = send(rate, seconds, every=3)
    before = speed(rate)
    rate.refused(now, now, 0.1)
    return speed(rate) / before / 0.97


def test_a_measured_rate_that_grew_keeps_a_share() -> None:
    """A 429 after growth keeps 93 % of the rate. If that was right, it keeps more next time."""
    rate = found()
    assert share_kept(rate, 9.0) == pytest.approx(0.93)
    assert share_kept(rate, 9.0) == pytest.approx(0.965)
    assert share_kept(rate, 9.0) == pytest.approx(0.9825)


def test_a_kept_rate_that_was_too_fast() -> None:
    """A 429 before any growth shows that too much was kept. Next time a tenth less is, half at least."""
    rate = found()
    assert share_kept(rate, 9.0) == pytest.approx(0.93)
    assert share_kept(rate, 1.0) == pytest.approx(0.9)
    assert share_kept(rate, 0.2) == pytest.approx(0.8)
    assert share_kept(rate, 9.0) == pytest.approx(0.83)
    assert share_kept(rate, 0.2) == pytest.approx(0.9)
    later = [share_kept(rate, seconds) for _ in range(6) for seconds in (1.0, 12.0)]
    assert later[-1] == pytest.approx(0.5)


def test_a_429_without_an_answer_in_between() -> None:
    """A second 429 without an answer in between lowers the guess."""
    rate = guessed(100)
    rate.refused(2.1, 2.1, 1.0)
    assert speed(rate) == pytest.approx(100 / 3.1)
    assert rate.opens_at == pytest.approx(3.1)


def test_an_extended_pause() -> None:
    """An extended pause opens later, never earlier. It lowers a guess, and leaves a measured rate."""
    rate = guessed(100)
    rate.extend(1.5)
    assert rate.opens_at == 2.0
    assert speed(rate) == 50
    rate.extend(4.0)
    assert rate.opens_at == 4.0
    assert speed(rate) == 25
    measured = found()
    before = speed(measured)
    measured.extend(1000.0)
    assert (measured.opens_at, speed(measured)) == (1000.0, before)


def test_a_rate_is_forgotten() -> None:
    """A rate that is forgotten limits nothing, until the next 429. Then the answers since the last one count."""
    rate = guessed(100)
    rate.forget()
    assert rate.per_second is None
    assert rate.opens_at == 0
    for number in range(190):
        rate.answered(1.01 + number / 10, 1.01 + number / 10)
    rate.refused(20.0, 20.0, 1.0)
    assert speed(rate) == pytest.approx(190 / 19 * BELOW)


def suspended() -> tuple[Rate, float, float]:
    """A rate that 429s in vain have suspended. Also the time and the rate before."""
    rate, now, before = guessed(1000), 2.0, 0.0
    for _ in range(FIRST_IN_VAIN):
        assert not rate.suspended
        for _ in range(3):
            now += 0.05
            rate.answered(now, now)
        before = speed(rate)
        now += 0.05
        rate.refused(now, now, 0.1)
    assert rate.suspended
    return rate, now, before


def test_429s_of_earlier_requests_count_in_a_trial() -> None:
    """A trial ends if almost half of the requests are refused. Those sent before the last 429 count."""
    for earlier, ends in ((11, True), (0, False)):
        rate, now, _ = suspended()
        for _ in range(13):
            now += 0.05
            rate.answered(now, now)
        for _ in range(earlier):
            rate.refused_too()
        rate.refused(now + 0.1, now + 0.1, 0.1)
        assert rate.suspended is not ends


def test_429s_in_vain_suspend_the_rate() -> None:
    """429s that go on while the rate falls suspend it. A server that then refuses everything gets it back."""
    rate, now, before = suspended()
    assert rate.per_second is None
    assert rate.opens_at == pytest.approx(now + 0.1)
    rate.refused(now + 0.2, now + 0.2, 0.1)
    assert not rate.suspended
    assert speed(rate) == before
    assert rate.opens_at == pytest.approx(now + 0.3)


def test_the_time_of_an_answer_is_halfway() -> None:
    """A server decides halfway between a request and its answer."""
    rate = Rate()
    for number in range(100):
        rate.answered(number / 100 - 0.2, number / 100 + 0.2)
    rate.refused(0.8, 1.2, 1.0)
    assert speed(rate) == pytest.approx(50)
    assert rate.opens_at == pytest.approx(2.2)


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
    assert rate.growth == growth_of_a_guess(0.0)


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
