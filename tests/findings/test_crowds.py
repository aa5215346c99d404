"""Of many agents or requests, a finding cites the first few."""

from __future__ import annotations

from typing import Any

import pytest

from cxone_rollcall.findings.failures import MOST_EVIDENCE
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.failure import FailureKind
from cxone_rollcall.model.observations.access import AnswersDated
from cxone_rollcall.model.observations.base import Failures
from cxone_rollcall.model.observations.probes import ActivityAsked
from cxone_rollcall.model.roll import Roll, RollEntry, Standing
from cxone_rollcall.model.state import AgentState
from cxone_rollcall.model.struct import replace

from .build import OWN, PUBLISHED, TOKEN, Situation, called, failed, listed, situation, states_of
from .test_activity import CONTACT

CROWD = "cdefgh"
ABSENT = called("ab", absent=CROWD)
BESIDE_ROWS = called("a", logged_out="b", absent=CROWD, b={"active": True})
TEAMS: dict[str, Any] = {letter: {"team": f"Team {place // 3}"} for place, letter in enumerate("cdefghijklmnopq")}


def in_responses() -> Situation:
    """Each absent agent was requested in another response."""
    return situation(ABSENT, states_of(ABSENT, absent={letter: 10 + at for at, letter in enumerate(CROWD)}))


def active_elsewhere() -> Situation:
    """Each absent agent has an open contact."""
    items = tuple(replace(CONTACT, agent_id=one) for one in CROWD)
    return listed(BESIDE_ROWS, ActivityAsked(asked=tuple(CROWD), items=items))


def stuck() -> Situation:
    """Each agent has been in its state for a day."""
    rows = [AgentState(agent_id, "Busy", None, "2026-03-01T00:00:00Z") for agent_id in CROWD]
    roll = Roll([RollEntry(Agent(row.agent_id), Standing.PRESENT, row) for row in rows], roster_complete=True)
    dated = AnswersDated(ahead=0.0, ahead_exchange=TOKEN, age=0.0, age_exchange=0, now=1_772_409_600.0)
    return situation(roll, dated)


def failing() -> Situation:
    """Each agent's request failed."""
    items = tuple(failed(FailureKind.SERVER_TROUBLE, agents=one, status=503) for one in CROWD)
    return situation(called("ab", unknown=CROWD), Failures(items=items, answered=1))


def in_teams() -> Situation:
    """Each of five teams has no row, and all others have."""
    whole: dict[str, Any] = {letter: {"team": "Whole"} for letter in "rst"}
    return listed(called("arst", logged_out="b", absent="".join(TEAMS), b={"active": True}, **TEAMS, **whole))


@pytest.mark.parametrize(
    ("code", "seen", "each"),
    [
        ("RC105", failing(), 1),
        ("RC305", in_teams(), 1),
        ("RC601", in_responses(), 1),
        ("RC601", situation(called("a", logged_out=CROWD), PUBLISHED, OWN), 1),
        ("RC606", active_elsewhere(), 2),
        ("RC607", stuck(), 1),
        ("RC902", listed(BESIDE_ROWS), 1),
    ],
)
def test_the_first_few_are_the_evidence(code: str, seen: Situation, each: int) -> None:
    """The first `MOST_EVIDENCE` of a crowd are cited. `each` is the pieces of evidence for one."""
    assert len(seen.only(code).evidence) == each * MOST_EVIDENCE
