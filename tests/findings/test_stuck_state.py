"""RC607: for how long an agent has been in one state."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cxone_rollcall.findings.failures import MOST_EVIDENCE
from cxone_rollcall.findings.finding import Strength
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.observations.access import AnswersDated
from cxone_rollcall.model.observations.states import RowsOf
from cxone_rollcall.model.roll import Roll, RollEntry, Standing
from cxone_rollcall.model.state import AgentState
from cxone_rollcall.model.struct import replace
from cxone_rollcall.model.timestamp import format_timestamp, parse_timestamp

from .build import STATES, TOKEN, Example, Situation, called, rows_of, situation

NOW = 1_772_447_400.0
"""2026-03-02T10:30:00Z"""
HOUR = 3600.0


def since(began: float | str, *, out: bool = False, ahead: float = 0.0, now: float | None = NOW) -> Situation:
    """Return agents a and b. b has been in its state for this many hours, or since its row's text."""
    said = began if isinstance(began, str) else format_timestamp(NOW - began * HOUR)
    stuck = AgentState("b", "LoggedOut" if out else "Busy", None, said)
    roll = called("ab")
    (b,) = (entry for entry in roll.entries if entry.agent.agent_id == "b")
    entry = RollEntry(b.agent, Standing.LOGGED_OUT if out else Standing.PRESENT, stuck)
    roll = Roll([roll.entries[0], entry], roster_complete=True)
    dated = AnswersDated(ahead=ahead, ahead_exchange=TOKEN, age=0.0, age_exchange=0, now=now)
    return situation(roll, dated, replace(rows_of(roll), came=(RowsOf(STATES + 4, 1), RowsOf(STATES + 5, 1))))


EXAMPLES = (
    Example(
        "RC607",
        seen=since(13),
        strength=Strength.NOTE,
        unlike=since(13, out=True),  # a logged-out agent may be so for any time
        instead="RC601",
    ),
)


@pytest.mark.parametrize(
    "said", ["", "yesterday", "2026-03-01T10:30:00", "0001-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "2026-03-02"]
)
def test_what_is_no_date(said: str) -> None:
    """These are no dates. Without a zone it may be hours off; one of long ago stands for none."""
    assert since(said).codes() == set()


@pytest.mark.parametrize("said", ["2026-03-01T20:30:00z", "2026-03-01T23:00:00+02:00", "2026-03-01T15:00:00.5-0500"])
def test_zones_are_read(said: str) -> None:
    """A date is read in the zone that it names."""
    assert since(said).codes() == {"RC607"}


@given(
    st.integers(-30_000, 30_000),
    st.sampled_from(
        ["%Y-%m-%dT%H:%M:%S.%fZ", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d %H:%M:%S.%fz", "%Y-%m-%dT%H:%M:%S+00:00"]
    ),
)
@example(1, "%Y-%m-%dT%H:%M:%S.%fZ")
@example(0, "%Y-%m-%dT%H:%M:%S.%fZ")
@example(-1, "%Y-%m-%dT%H:%M:%SZ")
def test_twelve_hours_to_the_millisecond(later: int, spelling: str) -> None:
    """Exactly from twelve hours on an agent is stuck, in any spelling."""
    began = NOW - 12 * HOUR + later / 1000
    said = datetime.fromtimestamp(began, UTC).strftime(spelling)
    written = parse_timestamp(said)
    assert written is not None
    assert since(said).codes() == ({"RC607"} if NOW - written > 12 * HOUR else set())


def test_both_clocks_must_agree() -> None:
    """Both clocks must agree that an agent is stuck. A server's clock a day ahead makes none, one behind hides none."""
    assert since(1, ahead=24 * HOUR, now=NOW + 24 * HOUR).codes() == {"RC701"}
    assert since(37, ahead=-24 * HOUR, now=NOW - 24 * HOUR).codes() == {"RC701", "RC607"}
    assert since(13, now=None).codes() == set()


def test_the_longest_are_named_first() -> None:
    """The agent who is longest in a state comes first."""
    hours = dict(zip("abcdefg", (13, 40, 5000, 14, 15, 16, 17), strict=True))
    seen = [AgentState(one, "Busy", None, format_timestamp(NOW - hours[one] * HOUR)) for one in hours]
    roll = Roll([RollEntry(Agent(one.agent_id), Standing.PRESENT, one) for one in seen], roster_complete=True)
    dated = AnswersDated(ahead=0.0, ahead_exchange=TOKEN, age=0.0, age_exchange=0, now=NOW)
    found = situation(roll, dated).only("RC607")
    named = [evidence.claim.split()[3] for evidence in found.evidence]
    assert named == sorted(hours, key=lambda one: -hours[one])[:MOST_EVIDENCE]
    assert "7 agents" in found.text
    assert "5000 hours" in found.text


def test_the_evidence_is_where_the_row_came() -> None:
    """The evidence is the agent's row and its exchange."""
    (evidence,) = since(13).only("RC607").evidence
    assert (evidence.exchange, evidence.seen) == (STATES + 5, format_timestamp(NOW - 13 * HOUR))
