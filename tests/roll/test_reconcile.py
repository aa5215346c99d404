"""One rule derives an agent's standing from the ledger."""

from __future__ import annotations

import pytest

from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.failure import Failure, FailureKind, Stage
from cxone_rollcall.model.observations.roster import RosterRead
from cxone_rollcall.model.roll import Standing
from cxone_rollcall.model.state import AgentState
from cxone_rollcall.roll import Ledger, reconcile


def ledger_of(*agent_ids: str) -> Ledger:
    """A ledger with these agents called."""
    ledger = Ledger()
    for agent_id in agent_ids:
        ledger.call(Agent(agent_id))
    return ledger


def standings(ledger: Ledger) -> dict[str, Standing]:
    """The standing of each agent."""
    return {entry.agent.agent_id: entry.standing for entry in reconcile(ledger).entries}


def test_rows_and_marks_decide_the_standing() -> None:
    """A row means present or logged out. Absence must be marked, and all others are unknown."""
    ledger = ledger_of("here", "out", "gone", "silent", "both", "nameless")
    ledger.mark_present(AgentState("here", "Busy"), exchange=1)
    ledger.mark_present(AgentState("out", "LoggedOut"), exchange=1)
    ledger.mark_present(AgentState("nameless", None), exchange=1)
    ledger.mark_absent(["gone", "both"], 1)
    ledger.mark_unconfirmed(["silent"], 2)
    ledger.mark_present(AgentState("both", "Break"), exchange=3)
    assert standings(ledger) == {
        "here": Standing.PRESENT,
        "out": Standing.LOGGED_OUT,
        "gone": Standing.ABSENT,
        "silent": Standing.UNKNOWN,
        "both": Standing.PRESENT,
        "nameless": Standing.PRESENT,
    }


def test_rows_of_others() -> None:
    """Rows and absences of agents that were not called add none."""
    ledger = ledger_of("1")
    ledger.mark_present(AgentState("2", "Busy"), exchange=1)
    ledger.mark_absent(["3"], 1)
    assert standings(ledger) == {"1": Standing.UNKNOWN}


def test_twice_is_once() -> None:
    """An agent called twice is on the roll once, as named first."""
    ledger = ledger_of("1", "2", "1")
    ledger.call(Agent("2", name="Later"))
    assert [entry.agent for entry in reconcile(ledger).entries] == [Agent("1"), Agent("2")]


def test_an_empty_ledger() -> None:
    """A run without results has an empty roll that is not complete."""
    roll = reconcile(Ledger())
    assert (len(roll), roll.roster_complete) == (0, False)


@pytest.mark.parametrize(
    ("odd", "complete"),
    [
        ({}, True),
        ({"total": None}, True),
        ({"total": 9}, True),
        ({"total": 11}, False),
        ({"failed_pages": 1}, False),
        ({"unnamed_rows": 1}, False),
        ({"settled": False}, False),
    ],
)
def test_a_complete_roster(odd: dict[str, int | None], complete: bool) -> None:
    """A roster is complete with all pages, all ids and its total."""
    ledger = ledger_of("1")
    read = {"exchange": 2, "first_exchange": 2, "pages": 1, "agents": 10, "total": 10, "page_size": 100}
    ledger.roster = RosterRead(**{**read, **odd})  # type: ignore[arg-type]
    assert reconcile(ledger).roster_complete is complete


def test_the_same_failure_is_one() -> None:
    """One failure of several batches is noted once, with all their agents."""
    ledger = Ledger()
    failure = Failure(kind=FailureKind.FORBIDDEN, stage=Stage.STATES, purpose="states", exchange=3)
    other = Failure(kind=FailureKind.FORBIDDEN, stage=Stage.STATES, purpose="states", exchange=4)
    for one, agents in ((failure, ("1",)), (other, ("2",)), (failure, ("3", "4"))):
        ledger.fail(one, agents)
    assert [(one.exchange, one.agents) for one in ledger.failures] == [(3, ("1", "3", "4")), (4, ("2",))]


def test_the_watcher_is_called_once_for_each_agent() -> None:
    """The watcher is called once for each agent, at its first row."""
    seen: list[str] = []
    ledger = ledger_of("1", "2")
    ledger.watch(seen.append)
    for agent_id in ("1", "1", "9", "2"):
        ledger.mark_present(AgentState(agent_id, "Busy"), exchange=1)
    assert seen == ["1", "2"]
