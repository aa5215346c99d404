"""RC409 and the clock: which agents a request for changes omits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxone_rollcall.findings.finding import Strength
from cxone_rollcall.model.failure import FailureKind
from cxone_rollcall.model.observations.access import AnswersDated
from cxone_rollcall.model.observations.base import Failures
from cxone_rollcall.model.observations.states import DeltaAsked, StatesSeen
from cxone_rollcall.model.roll import Roll, RollEntry
from cxone_rollcall.model.state import AgentState
from cxone_rollcall.model.struct import replace

from .build import AGAIN, TOKEN, Example, Situation, called, failed, listed, situation, states_of

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def at(seconds: float) -> str:
    """Return a date this many seconds after the server's last poll."""
    return (NOON + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def delta(
    roll: Roll,
    with_row: str = "",
    *,
    since: float = 0.0,
    ahead: float | None = 0.0,
    changed: dict[str, float] | None = None,
    repeated: bool = True,
) -> Situation:
    """Return a run that requested changes.

    `since` is in seconds after the server's last poll, `ahead` how far the server's clock is ahead of ours, `changed`
    when agents changed their states, `repeated` whether both requests were answered twice alike.
    """
    when = {agent: at(seconds) for agent, seconds in (changed or {}).items()}
    entries = [
        entry
        if entry.state is None
        else RollEntry(
            entry.agent,
            entry.standing,
            AgentState(entry.state.agent_id, entry.state.state, since=when.get(entry.agent.agent_id)),
        )
        for entry in roll.entries
    ]
    roll = Roll(entries, roster_complete=True)
    return listed(
        roll,
        states_of(roll, listed=True),
        AnswersDated(ahead=ahead, ahead_exchange=TOKEN, age=0.0, age_exchange=0),
        DeltaAsked(
            since=at(since),
            with_row=frozenset(with_row),
            exchange=AGAIN,
            polled=at(0),
            ahead=since or None,
            repeated=repeated,
        ),
    )


EXAMPLES = (
    Example(
        "RC409",
        seen=delta(called("abc", logged_out="d"), "a", changed={"b": -3600.0, "c": -600.0}),
        explains="bc",
        unlike=delta(called("a", logged_out="d"), "a"),  # who is logged in has a row in both
        instead="RC601",
    ),
    Example(
        "RC701",
        seen=delta(called("a"), since=100.0, ahead=-400.0, changed={"a": -250.0}),
        explains="a",
        unlike=delta(called("a"), since=100.0, ahead=0.0, changed={"a": -250.0}),  # a moment yet to come, by any clock
        instead="RC409",
    ),
)


def test_evidence_has_both_answers() -> None:
    """The proof is the response without the row and the one with."""
    found = delta(called("ab"), "a").only("RC409")
    assert [(one.exchange, one.pointer) for one in found.evidence] == [
        (AGAIN, "/agentStates"),
        (3, "/agentStates/*/agentStateName"),
    ]
    assert found.strength is Strength.PROVEN


def test_proof_needs_repetition() -> None:
    """What a delta omits is only SUSPECTED without equal repeated answers. The clocks make no difference."""
    assert delta(called("ab"), "a", repeated=False).only("RC409").strength is Strength.SUSPECTED
    seen = delta(called("a"), since=100.0, ahead=-400.0, changed={"a": -250.0}, repeated=False)
    assert seen.only("RC701").strength is Strength.SUSPECTED


def test_an_agent_that_changed_after_the_poll_is_not_hidden() -> None:
    """An agent that changed after the poll is not mentioned."""
    assert "RC409" not in delta(called("a"), changed={"a": 5.0}).codes()


def test_clock_and_question_share_no_agent() -> None:
    """An agent missing from the delta has one cause."""
    seen = delta(called("abc"), since=90.0, ahead=-100.0, changed={"a": -5.0, "b": -3600.0})
    assert seen.only("RC701").explains == ("a",)
    assert seen.only("RC409").explains == ("b", "c")


@pytest.mark.parametrize(
    ("since", "ahead"),
    [(100.0, 0.2), (100.0, 100.0), (20.0, -100.0), (9000.0, -100.0), (100.0, None)],
    ids=["clocks agree", "ours is behind", "hardly ahead", "a moment of no clock", "no date"],
)
def test_the_clock_is_not_blamed_for_the_moment(since: float, ahead: float | None) -> None:
    """The clock is the cause only if nothing else explains it."""
    seen = delta(called("a"), since=since, ahead=ahead, changed={"a": -1.0})
    assert {finding.strength for finding in seen.findings() if finding.code == "RC701"} <= {Strength.NOTE}
    assert seen.only("RC409").explains == ("a",)


@given(with_row=st.sets(st.sampled_from("abcd")), logged_out=st.booleans())
def test_only_logged_in_agents_are_left_out(with_row: set[str], logged_out: bool) -> None:
    """RC409 names exactly the logged-in agents who are not in the delta."""
    roll = called("abc", logged_out="d") if logged_out else called("abcd")
    seen = delta(roll, "".join(with_row))
    wanted = sorted(set(roll.ids(roll.entries[0].standing)) - with_row)
    named = [agent for finding in seen.findings() if finding.code == "RC409" for agent in finding.explains]
    assert sorted(named) == wanted
    assert all(agent in seen.case()[StatesSeen].rows for agent in named)


def test_a_damaged_response_to_an_option() -> None:
    """An option that got no usable response is to be mended. The message names it."""
    asked = replace(failed(FailureKind.DAMAGED), option="--updated-since now")
    found = situation(called("ab"), Failures(items=(asked,), answered=4)).only("RC507")
    assert (found.strength, found.explains) == (Strength.PROVEN, ())
    assert found.text.startswith("the response for the states with --updated-since now was damaged")
