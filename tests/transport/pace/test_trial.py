"""Trials show whether 429s depend on the rate. They are judged by answers per second; pure values."""

from __future__ import annotations

import pytest

from cxone_rollcall.transport.pace.trial import FIRST_IN_VAIN, Trial


def in_vain(trial: Trial, *, at: float = 0.0, count: int = FIRST_IN_VAIN) -> float:
    """Send these 429s at lowered rates; return the last one's time. Two answers a second come between them."""
    for _ in range(count):
        at += 1.0
        trial.refused(at, 2, lowered=True)
    return at


def test_a_trial_begins_when_slowing_helps_nothing() -> None:
    """The rate is suspended after enough 429s at lowered rates. It is not suspended one earlier."""
    trial = Trial()
    at = in_vain(trial, count=FIRST_IN_VAIN - 1)
    assert not trial.suspended
    in_vain(trial, at=at, count=1)
    assert trial.suspended


def test_a_429_at_a_rate_that_had_grown_is_not_in_vain() -> None:
    """Slowing down helps if every other 429 follows growth. Then there is no trial."""
    trial = Trial()
    for number in range(100):
        trial.refused(float(number), 2, lowered=number % 2 == 0)
        assert not trial.suspended


def test_pauses_without_an_answer_are_not_in_vain() -> None:
    """Repeated refusals of a used-up window say nothing about the rate."""
    trial = Trial()
    for number in range(100):
        trial.refused(float(number), 0, lowered=True)
    assert not trial.suspended


def test_a_trial_lasts_while_it_pays_off() -> None:
    """The rate stays suspended while much more is answered. More and more 429s change nothing."""
    trial = Trial()
    at = in_vain(trial)
    for _ in range(6 + 12 + 24 + 47):
        at += 1.0
        trial.refused(at, 20, lowered=True)
        assert trial.suspended
    trial.refused(at + 1.0, 20, lowered=True)
    assert not trial.suspended
    assert trial.paid_off


@pytest.mark.parametrize(("answers", "pays_off"), [(2, False), (4, True)])
def test_what_pays_off(answers: int, pays_off: bool) -> None:
    """Twice the answers a second are worth a trial. As many as before are not."""
    trial = Trial()
    at = in_vain(trial)
    for _ in range(6):
        at += 1.0
        trial.refused(at, answers, lowered=True)
    assert trial.suspended is pays_off


def test_a_trial_ends_if_no_more_is_answered() -> None:
    """Without more answers the trial ends. The next one comes later."""
    trial = Trial()
    at = in_vain(trial)
    for _ in range(6):
        at += 1.0
        trial.refused(at, 2, lowered=True)
    assert not trial.suspended
    assert not trial.paid_off
    at = in_vain(trial, at=at, count=2 * FIRST_IN_VAIN - 1)
    assert not trial.suspended
    in_vain(trial, at=at, count=1)
    assert trial.suspended


@pytest.mark.parametrize(("answers", "refused", "goes_on"), [(0, 0, False), (20, 20, False), (40, 3, True)])
def test_a_trial_ends_at_once_where_the_server_counts(answers: int, refused: int, goes_on: bool) -> None:
    """A trial ends at once if the server limits the rate.

    No answer since the last 429, or nearly half refused, is not random; one in ten refused is.
    """
    trial = Trial()
    at = in_vain(trial)
    for _ in range(refused):
        trial.refused_too()
    trial.refused(at + 1.0, answers, lowered=True)
    assert trial.suspended == goes_on
