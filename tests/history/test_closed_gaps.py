"""The gaps of a file. What is said when they are filled."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.reports.floors import written

from cxone_rollcall.history import backfilling
from cxone_rollcall.history.backfill import NEAR, Filling, Gap, Past
from cxone_rollcall.history.backfilling import AFTER, BEFORE, LATE, Backfilled, closed_gaps
from cxone_rollcall.history.interval import Interval, Status, Window, unknown
from cxone_rollcall.history.schema import HOUR
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.roll import Standing


def test_gaps_of_many_are_those_of_each(tmp_path: Path) -> None:
    """However many agents have a gap at once, each has its own. One without a gap is not among them."""
    first, last = 1_800_000_000_000, 1_800_000_060_000
    status, out, gap = (
        Status(Standing.PRESENT, "Available", None, "available"),
        Status(Standing.LOGGED_OUT),
        unknown("x"),
    )
    made = {Agent(str(number)): [(first, last, status)] for number in range(3)}
    for number in range(3, 70):
        begin, end = first + 10_000 + number, first + 20_000 + number
        made[Agent(str(number))] = [(first, begin, status), (begin, end, gap), (end, last, out)]
    written(tmp_path / "h.db", made, first=first, last=last)
    for since, left in ((0, range(3, 70)), (first + 20_003, range(4, 70)), (first + 20_069, range(0))):
        found = closed_gaps(tmp_path / "h.db", since)
        assert [one.agent_id for one in found] == [str(number) for number in left]
        for one in found:
            (part,), begin = one.parts, first + 10_000 + int(one.agent_id)
            assert part == Interval(begin, begin + 10_000, gap)
            assert (one.before and one.before.status, one.after and one.after.status, one.dated) == (status, out, None)


@pytest.mark.parametrize(
    ("done", "said"),
    [
        (Backfilled(2, 7_200_600, 3_600_400), "state-history fills 3600 of 7201 s in 2 gaps"),
        (
            Backfilled(1, 5_000, 0, contradicted=1, unanswered=1),
            "state-history fills 0 of 5 s in 1 gap; it contradicts what was seen in 1 gap; there is no complete answer "
            "yet for 1 gap",
        ),
    ],
)
def test_what_is_said_of_a_round(done: Backfilled, said: str) -> None:
    """A round is told in seconds. Gaps that stay are counted."""
    assert str(done) == said


BEGIN, END, NOW = 100 * HOUR, 100 * HOUR + 60_000, 101 * HOUR
PRESENT = Status(Standing.PRESENT, "Busy", None, "on-contact")


@pytest.mark.parametrize(
    ("before", "first"),
    [
        (None, BEGIN - BEFORE),
        (Interval(0, BEGIN, Status(Standing.LOGGED_OUT)), BEGIN),
        (Interval(BEGIN - 9_000, BEGIN, PRESENT, 1_000), BEGIN - 10_000),
        (Interval(BEGIN - 2 * BEFORE, BEGIN, PRESENT, 1_000), BEGIN - BEFORE),
        (Interval(BEGIN - 9_000, BEGIN, PRESENT, None), BEGIN - BEFORE),
    ],
)
def test_what_is_read_for_a_gap(before: Interval | None, first: int) -> None:
    """From the state before it until the next one, or until now."""
    gap = Gap("1", (Interval(BEGIN, END, unknown("RC105")),), before)
    for now, last in ((NOW, END + AFTER), (END + 7, END + 7)):
        assert list(backfilling._windows([gap], now)) == [(Window(first - NEAR, last), [gap])]  # noqa: SLF001


@pytest.mark.parametrize(
    ("until", "now", "complete", "is_answered"),
    [
        (END, END, True, True),
        (END, END, False, False),
        (END - 1, END + LATE, True, False),
        (END - 1, END + LATE + 1, True, True),
        (END - 1, END + LATE + 1, False, False),
    ],
)
def test_when_asking_again_is_pointless(until: int, now: int, complete: bool, is_answered: bool) -> None:
    """A complete answer counts with later states, or about an old gap."""
    gap = Gap("1", (Interval(BEGIN, END, unknown("RC105")),))
    past = Past((), (), until, complete)
    assert backfilling._is_answered(Filling(gap, gap.parts), past, now) is is_answered  # noqa: SLF001
