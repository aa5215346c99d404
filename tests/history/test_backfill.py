"""Gaps are filled with what the state history proves. Nothing else fills them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.written import assert_as_written

from cxone_rollcall.history import backfill
from cxone_rollcall.history.backfill import Filling, Gap, Past
from cxone_rollcall.history.interval import Interval, Source, Status, Window, unknown
from cxone_rollcall.live.groups import Groups
from cxone_rollcall.model.roll import Standing
from cxone_rollcall.model.state import AgentState
from cxone_rollcall.model.state_history import PastState
from cxone_rollcall.model.struct import replace

GROUPS = Groups()
OUT, AWAY = Status(Standing.LOGGED_OUT), Status(Standing.ABSENT)
AVAILABLE = Status(Standing.PRESENT, "Available", None, "available")
CALL = Status(Standing.PRESENT, "InboundContact", None, "on-contact")
LUNCH = Status(Standing.PRESENT, "Unavailable", "Lunch", "unavailable")
DOWN, BLIND = unknown("recorder-down"), unknown("RC105")
S = 1000
FOREVER = 10**15


def past(
    begin: int, status: Status, length: int | None = None, *, session: str | None = "a", index: int | None = 1
) -> PastState:
    """A row that begins at a second and lasts some seconds."""
    state = AgentState("7", status.state or "LoggedOut", status.sub_state, f"at {begin}")
    return PastState(state, begin * S, None if length is None else length * S, session, index)


def gap(before: Status | None, begin: int, end: int, after: Status | None, dated: int | None = None) -> Gap:
    """A gap in seconds, between two intervals of a minute."""
    return Gap(
        "7",
        (Interval(begin * S, end * S, DOWN),),
        None if before is None else Interval((begin - 60) * S, begin * S, before),
        None if after is None else Interval(end * S, (end + 60) * S, after),
        None if dated is None else dated * S,
    )


def fill(of: Gap, rows: list[PastState], *, whole: bool, until: int = FOREVER) -> Filling:
    """Fill a gap. The server left no state out if the rows are `whole`."""
    return backfill.fill(of, Past(rows, (Window(0, until),) if whole else (), until), GROUPS)


def filled(filling: Filling) -> list[tuple[float, float, str]]:
    """What takes the gap's place: seconds, and state or standing."""
    assert all(
        (one.source is Source.BACKFILLED) is (one.status.standing is not Standing.UNKNOWN) for one in filling.intervals
    )
    return [(one.begin / S, one.end / S, one.status.state or one.status.standing.value) for one in filling.intervals]


def test_consecutive_states_fill_a_gap() -> None:
    """States with consecutive indices follow each other without a hole."""
    rows = [past(90, AVAILABLE, index=3), past(130, CALL, index=4), past(170, LUNCH, index=5), past(220, CALL, index=6)]
    filling = fill(gap(AVAILABLE, 100, 200, LUNCH), rows, whole=False)
    assert filled(filling) == [(100, 130, "Available"), (130, 170, "InboundContact"), (170, 200, "Unavailable")]
    assert [one.slack for one in filling.intervals] == [None, 0, 0]
    assert [one.status for one in filling.intervals] == [AVAILABLE, CALL, LUNCH]
    assert filling.proofs[0].text == "state-history: state 3 of session a, and state 4 follows"


@pytest.mark.parametrize(
    "other",
    [{"index": 5}, {"session": "b"}, {"session": None}, {"index": None}],
    ids=["missing state", "other session", "no session", "no index"],
)
def test_states_that_do_not_follow_each_other(other: dict[str, Any]) -> None:
    """Without consecutive indices the time between two states stays unknown."""
    rows = [past(90, AVAILABLE, index=3), past(130, CALL, 40, **{"index": 4, **other})]
    filling = fill(gap(AVAILABLE, 100, 200, None), rows, whole=True)
    assert filled(filling) == [(100, 130, "unknown"), (130, 170, "InboundContact"), (170, 200, "unknown")]


def test_a_state_covers_its_duration() -> None:
    """A state fills its own duration and no more."""
    filling = fill(gap(AVAILABLE, 100, 200, CALL), [past(90, AVAILABLE, 50, index=None)], whole=True)
    assert filled(filling) == [(100, 140, "Available"), (140, 200, "unknown")]


def test_a_duration_that_contradicts_the_next_state() -> None:
    """A duration far shorter than the time to the next state counts."""
    rows = [past(90, AVAILABLE, 20, index=3), past(150, CALL, 100, index=4)]
    filling = fill(gap(AVAILABLE, 100, 200, CALL), rows, whole=True)
    assert filled(filling) == [(100, 110, "Available"), (110, 150, "unknown"), (150, 200, "InboundContact")]


def test_two_states_at_once_are_none() -> None:
    """Where states of two sessions overlap, neither is taken."""
    rows = [past(90, AVAILABLE, 60, index=3), past(130, CALL, 70, session="b")]
    filling = fill(gap(AVAILABLE, 100, 200, None), rows, whole=True)
    assert filled(filling) == [(100, 130, "Available"), (130, 150, "unknown"), (150, 200, "InboundContact")]


def test_a_state_that_still_lasts() -> None:
    """A state lasts past the gap if the next row shows it."""
    rows = [past(90, AVAILABLE, index=3), past(130, CALL, index=4)]
    assert filled(fill(gap(AVAILABLE, 100, 200, CALL, dated=130), rows, whole=True)) == [
        (100, 130, "Available"),
        (130, 200, "InboundContact"),
    ]
    for dated in (None, 150):
        left = fill(gap(AVAILABLE, 100, 200, CALL, dated=dated), rows, whole=True)
        assert filled(left) == [(100, 130, "Available"), (130, 200, "unknown")]


@pytest.mark.parametrize("away", [OUT, AWAY], ids=["logged out", "absent"])
def test_a_session_that_ended(away: Status) -> None:
    """After a session the agent is logged out, if seen so."""
    rows = [past(90, CALL, 50, index=3)]
    whole = fill(gap(CALL, 100, 200, away), rows, whole=True)
    assert filled(whole) == [(100, 140, "InboundContact"), (140, 200, "logged_out")]
    assert whole.intervals[1].slack == S
    unseen = fill(gap(CALL, 100, 200, None), rows, whole=True)
    part = fill(gap(CALL, 100, 200, away), rows, whole=False)
    assert filled(unseen) == filled(part) == [(100, 140, "InboundContact"), (140, 200, "unknown")]


@pytest.mark.parametrize("away", [OUT, AWAY], ids=["logged out", "absent"])
def test_a_session_that_began(away: Status) -> None:
    """Before a session the agent is logged out, if seen so."""
    rows = [past(150, CALL, 90)]
    whole = fill(gap(away, 100, 200, CALL), rows, whole=True)
    assert filled(whole) == [(100, 150, "logged_out"), (150, 200, "InboundContact")]
    unseen = fill(gap(None, 100, 200, CALL), rows, whole=True)
    second = fill(gap(away, 100, 200, CALL), [replace(rows[0], index=2)], whole=True)
    assert filled(unseen) == filled(second) == [(100, 150, "unknown"), (150, 200, "InboundContact")]


def test_between_two_sessions() -> None:
    """Between two sessions with proven sides the agent is logged out."""
    rows = [past(90, CALL, 30, index=9), past(160, AVAILABLE, 60, session="b")]
    filling = fill(gap(CALL, 100, 200, AVAILABLE), rows, whole=True)
    assert filled(filling) == [(100, 120, "InboundContact"), (120, 160, "logged_out"), (160, 200, "Available")]


@pytest.mark.parametrize(
    "rows",
    [
        [past(90, CALL, index=9), past(160, AVAILABLE, 60, session="b")],
        [past(90, CALL, 30, session=None), past(160, AVAILABLE, 60, session="b")],
        [past(90, CALL, 30, index=9), past(160, AVAILABLE, 60, session="b", index=2)],
        [past(90, CALL, 30, index=9), past(160, AVAILABLE, 60, session=None, index=1)],
        [past(90, CALL, 30, index=9), past(160, AVAILABLE, 60, session="b"), past(230, CALL, 9, index=10)],
    ],
    ids=["no end", "no session", "no first state", "no next session", "session goes on"],
)
def test_sides_of_a_logout_that_nothing_proves(rows: list[PastState]) -> None:
    """Without two proven sides the time between sessions stays unknown."""
    filling = fill(gap(CALL, 100, 200, AVAILABLE), rows, whole=True)
    assert not [one for one in filling.intervals if one.status.standing is Standing.LOGGED_OUT]
    assert filled(filling)[-2][2] == "unknown"


def test_rows_of_logged_out_agents() -> None:
    """A row that says logged out is the end of a session."""
    rows = [past(90, CALL, index=3), past(120, OUT, index=4), past(160, AVAILABLE, 60, session="b")]
    filling = fill(gap(CALL, 100, 200, AVAILABLE), rows, whole=True)
    assert filled(filling) == [(100, 120, "InboundContact"), (120, 160, "logged_out"), (160, 200, "Available")]


@pytest.mark.parametrize("whole", [True, False])
def test_no_rows_prove_nothing(whole: bool) -> None:
    """An agent without rows stays unknown, although logged out before and after."""
    assert fill(gap(OUT, 100, 200, OUT), [], whole=whole).intervals == (Interval(100 * S, 200 * S, DOWN),)


@pytest.mark.parametrize(
    ("before", "after"), [(CALL, LUNCH), (AVAILABLE, CALL), (OUT, LUNCH), (AVAILABLE, OUT)], ids=["b", "a", "out", "in"]
)
def test_a_history_that_contradicts_what_was_seen(before: Status, after: Status) -> None:
    """Nothing is filled if the state beside the gap is another one."""
    rows = [past(50, AVAILABLE, index=3), past(130, LUNCH, index=4), past(220, CALL, index=5)]
    assert not fill(gap(AVAILABLE, 100, 200, LUNCH), rows, whole=True).contradicted
    filling = fill(gap(before, 100, 200, after), rows, whole=True)
    assert filling.contradicted
    assert filled(filling) == [(100, 200, "unknown")]
    assert filling.proofs == ()


def test_a_history_that_is_late() -> None:
    """Beyond the latest row of all agents nothing counts."""
    rows = [past(90, AVAILABLE, 200, index=3)]
    assert filled(fill(gap(AVAILABLE, 100, 200, None), rows, whole=True, until=150 * S)) == [
        (100, 150, "Available"),
        (150, 200, "unknown"),
    ]
    ended = [past(90, CALL, 50, index=3)]
    late = fill(gap(CALL, 100, 200, OUT), ended, whole=True, until=199 * S)
    assert filled(late) == [(100, 140, "InboundContact"), (140, 200, "unknown")]
    assert filled(fill(gap(CALL, 100, 200, OUT), ended, whole=True, until=200 * S))[-1] == (140, 200, "logged_out")


def test_a_row_that_came_twice() -> None:
    """The same row twice is one. Two rows at one place contradict each other, and neither counts."""
    first, second = past(90, AVAILABLE, 40, index=3), past(130, CALL, 100, index=4)
    of = gap(AVAILABLE, 100, 200, CALL)
    twice = fill(of, [second, first, replace(first, length=None), second], whole=True)
    assert filled(twice) == [(100, 130, "Available"), (130, 200, "InboundContact")]
    moved = fill(of, [first, second, replace(second, begin=150 * S)], whole=True)
    assert filled(moved) == [(100, 130, "Available"), (130, 200, "unknown")]


def test_causes_of_what_stays_unknown() -> None:
    """What stays unknown keeps its own cause."""
    two = Gap("7", (Interval(100 * S, 150 * S, DOWN), Interval(150 * S, 200 * S, BLIND)))
    filling = fill(two, [past(120, CALL, 60, index=3)], whole=True)
    assert [(one.begin // S, one.end // S, one.status.cause) for one in filling.intervals] == [
        (100, 120, "recorder-down"),
        (120, 180, None),
        (180, 200, "RC105"),
    ]


SCENES: dict[str, tuple[Gap, list[PastState]]] = {
    "a state that begins in the gap": (gap(None, 100, 200, None), [past(130, CALL, 50, index=4)]),
    "a state that begins before it": (gap(AVAILABLE, 100, 200, None), [past(90, AVAILABLE, 50, index=4)]),
    "a state that begins with it": (gap(AVAILABLE, 100, 200, None), [past(100, CALL, 100)]),
    "a state that lasts beyond it": (gap(None, 100, 200, CALL), [past(130, CALL, 500)]),
    "a state that ended before it": (gap(None, 100, 200, None), [past(50, CALL, 50)]),
    "a state that begins after it": (gap(None, 100, 200, None), [past(200, CALL, 50)]),
    "a duration that is 1 s short": (
        gap(None, 100, 200, None),
        [past(110, CALL, 39, index=3), past(150, LUNCH, 9, index=4)],
    ),
    "a duration that is 2 s short": (
        gap(None, 100, 200, None),
        [past(110, CALL, 38, index=3), past(150, LUNCH, 9, index=4)],
    ),
    "2 s too long": (gap(None, 100, 200, None), [past(110, CALL, 42, index=3), past(150, LUNCH, 9, session="b")]),
    "3 s too long": (gap(None, 100, 200, None), [past(110, CALL, 43, index=3), past(150, LUNCH, 9, session="b")]),
    "longer than two states": (
        gap(None, 100, 200, None),
        [past(110, CALL, 80), past(120, LUNCH, 9, session="b"), past(150, AVAILABLE, 60, session="c")],
    ),
    "a logout while another session lasts": (
        gap(None, 100, 200, OUT),
        [past(50, CALL, 100), past(110, LUNCH, 9, session="b"), past(150, AVAILABLE, 10, session="c")],
    ),
    "a dated state": (gap(None, 100, 200, CALL, dated=130), [past(130, CALL, index=7)]),
    "a state dated otherwise": (gap(None, 100, 200, CALL, dated=131), [past(130, CALL, index=7)]),
    "another state at that date": (gap(None, 100, 200, LUNCH, dated=130), [past(130, CALL, index=7)]),
    "a dated state with a next one": (
        gap(None, 100, 200, CALL, dated=130),
        [past(130, CALL), past(199, LUNCH, index=9)],
    ),
    "a dated state with a later one": (
        gap(None, 100, 200, CALL, dated=130),
        [past(130, CALL), past(200, LUNCH, index=9)],
    ),
    "out before a login": (gap(OUT, 100, 200, CALL), [past(150, CALL, 90)]),
    "away before a login": (gap(AWAY, 100, 200, CALL), [past(150, CALL, 90)]),
    "out after a logout": (gap(CALL, 100, 200, OUT), [past(90, CALL, 50)]),
    "a logout within the poll's second": (gap(CALL, 100, 200, OUT), [past(60, CALL, 39)]),
    "a logout a second before the gap": (gap(CALL, 100, 200, OUT), [past(60, CALL, 38)]),
    "a login after the gap that was not seen": (gap(OUT, 100, 200, OUT), [past(90, OUT, index=None, session=None)]),
    "a logout row": (
        gap(CALL, 100, 200, None),
        [past(90, CALL), past(120, OUT, index=2), past(160, CALL, 60, session="b")],
    ),
    "a login that nothing precedes": (gap(None, 100, 200, CALL), [past(150, CALL, 90)]),
    "a login before the gap": (gap(OUT, 100, 200, OUT), [past(40, CALL), past(70, OUT, index=2)]),
    "a row of the same second with an index": (
        gap(None, 100, 200, None),
        [past(130, LUNCH, 20, index=2), past(130, CALL, 0, index=1)],
    ),
    "a seen name of being out": (
        gap(Status(Standing.LOGGED_OUT, "LoggedOut"), 100, 200, AWAY),
        [past(120, CALL, 30, index=1)],
    ),
}


def test_each_filling_has_its_slack_and_its_proof() -> None:
    """What fills a gap has a slack and a proof. They are written beside this test."""
    text = []
    for scene, (of, rows) in SCENES.items():
        filling = fill(of, rows, whole=True)
        text.append(f"{scene}{', contradicted' if filling.contradicted else ''}:")
        proofs = {(one.begin, one.end): one.text for one in filling.proofs}
        for one in filling.intervals:
            state = " ".join(
                filter(None, (one.status.standing, one.status.state, one.status.sub_state, one.status.group))
            )
            proof = proofs.pop((one.begin, one.end), "-")
            text.append(f"  {one.begin / S:g} to {one.end / S:g}: {state}, {one.source}, {one.slack}, {proof}")
        assert proofs == {}
    assert_as_written(Path(__file__).with_name("fillings.txt"), "\n".join(text) + "\n")


class _Truth(NamedTuple):
    """What an agent does from `begin` on. Logged out without a session."""

    begin: int
    status: Status
    session: str | None
    place: int


def _world(rng: Random) -> list[_Truth]:
    """What an agent does in three hours."""
    at, session, index, truth = 0, None, 0, list[_Truth]()
    while at < 10_000 * S:
        if session is None or rng.random() < 0.2:
            session, index = (None, 0) if session else (f"s{at}", 0)
        status = OUT if session is None else rng.choice((AVAILABLE, CALL, LUNCH))
        index += 1
        if not (truth and truth[-1].session is None and session is None):
            truth.append(_Truth(at, status, session, index))
        at += rng.choice((1, 7, 60, 600)) * rng.randrange(500, 1500)
    return truth


def _rows(rng: Random, truth: list[_Truth], known: int, now: int) -> list[PastState]:
    """The server's rows. It knows of changes until `known`, and counts durations until now."""
    whole_seconds, still, out_rows = rng.random() < 0.5, rng.random() < 0.5, rng.random() < 0.3
    rows = []
    for one, following in zip(truth, (*truth[1:], None), strict=True):
        if one.begin >= known or (one.session is None and not out_rows):
            continue
        ongoing = following is None or following.begin >= known
        end = now if ongoing else following.begin if following else now
        length = end - one.begin
        if whole_seconds:
            length -= length % S
        state = AgentState("7", one.status.state or "LoggedOut", one.status.sub_state)
        given = None if (ongoing and not still) or (one.session is None and rng.random() < 0.5) else length or None
        rows.append(PastState(state, one.begin, given, one.session, one.place if one.session else None))
    return rows


def _at(truth: list[_Truth], moment: int) -> Status:
    return [one for one in truth if one.begin <= moment][-1].status


def _damaged(rng: Random, rows: list[PastState]) -> list[PastState]:
    """Rows of which some, or some members, are missing."""
    left = []
    for row in rows:
        match rng.randrange(8):
            case 0:
                continue
            case 1:
                left.append(replace(row, length=None))
            case 2:
                left.append(replace(row, index=None))
            case 3:
                left.append(replace(row, session=None))
            case _:
                left.append(row)
    rng.shuffle(left)
    return left


@pytest.mark.parametrize("damaged", [False, True], ids=["whole", "damaged"])
@given(seed=st.integers(0, 2**32))
def test_filled_time_is_true(damaged: bool, seed: int) -> None:
    """What is filled is what the agent did. Whole rows fill the gap."""
    rng = Random(seed)
    truth = _world(rng)
    begin = rng.randrange(1000 * S, 6000 * S)
    end = begin + rng.randrange(1, 3000 * S)
    now = end + rng.randrange(60 * S, 1000 * S)
    late = rng.choice((0, 0, 50 * S, 500 * S))
    rows = _rows(rng, truth, now - late, now)
    until = max([one.begin for one in rows] + [rng.randrange(end - 500 * S, now - late)])
    before, after = Interval(begin - S, begin, _at(truth, begin - 1)), Interval(end, end + S, _at(truth, end))
    latest = max((one.begin for one in truth if one.begin <= end), default=0)
    of = Gap("7", (Interval(begin, end, DOWN),), before, after, latest if rng.random() < 0.5 else None)
    filling = fill(of, _damaged(rng, rows) if damaged else rows, whole=not damaged, until=until)
    assert not filling.contradicted
    assert _is_whole(filling)
    for one in filling.intervals:
        if one.status.standing is Standing.UNKNOWN:
            continue
        meant = {_at(truth, at) for at in _turns(truth, one)}
        assert meant == {replace(one.status, state=None) if one.status.standing is Standing.LOGGED_OUT else one.status}
    if not damaged and until >= end and _has_proof(rows, of):
        left = [one.end - one.begin for one in filling.intervals if one.status.standing is Standing.UNKNOWN]
        assert sum(left) < S  # the part of a second that the last duration was cut by


def _is_whole(filling: Filling) -> bool:
    """Whether the intervals are the gap's whole time, in order."""
    at = filling.gap.begin
    for one in filling.intervals:
        if one.begin != at or one.end <= one.begin:
            return False
        at = one.end
    return at == filling.gap.end


def _turns(truth: Iterable[_Truth], one: Interval) -> list[int]:
    """The moments of an interval at which something may have begun. Its begin is certain within its slack."""
    first = min(one.begin + (one.slack or 0), one.end - 1)
    return [first, one.end - 1, *(turn.begin for turn in truth if first <= turn.begin < one.end)]


def _has_proof(rows: list[PastState], of: Gap) -> bool:
    """Whether the rows prove the whole gap. The last one may still last."""
    places = {(row.session, row.index) for row in rows}
    until = [row for row in rows if row.begin < of.end]
    endless = [row for row in until if row.end is None and (row.session, (row.index or 0) + 1) not in places]
    if not until or any(row.session is None for row in until):
        return False
    return not endless or (endless == until[-1:] and of.dated == until[-1].begin)
