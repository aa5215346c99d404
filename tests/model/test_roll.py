"""A roll counts every agent once, by standing and by state."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.roll import Roll, RollEntry, Standing
from cxone_rollcall.model.state import AgentState


def roll(*standings: Standing) -> Roll:
    """Return a roll of agents 0, 1, 2, ... with these standings."""
    return Roll([RollEntry(Agent(str(index)), standing) for index, standing in enumerate(standings)], True)


@given(st.lists(st.sampled_from(Standing)))
def test_the_standings_balance(standings: list[Standing]) -> None:
    """The counts of all standings are the roster."""
    called = roll(*standings)
    assert sum(called.count().values()) == len(called) == len(standings)
    assert called.ids(*Standing) == tuple(map(str, range(len(standings))))
    assert sorted(one for standing in Standing for one in called.ids(standing)) == sorted(called.ids(*Standing))


def test_ids_of_no_standing() -> None:
    """Without standings, no ids are returned."""
    assert roll(Standing.PRESENT).ids() == ()


def test_logged_in() -> None:
    """Logged in is what the API says, else unknown."""
    said = {entry.standing: entry.logged_in for entry in roll(*Standing).entries}
    assert said == {
        Standing.PRESENT: True,
        Standing.LOGGED_OUT: False,
        Standing.ABSENT: None,
        Standing.UNKNOWN: None,
    }


def test_present_agents_are_counted_by_state() -> None:
    """States are counted for present agents.

    The most frequent first and then by name; one without a name has a name.
    """
    states = ["Busy", "Break", "Break", None, "", "Available"]
    entries = [
        RollEntry(Agent(str(index)), Standing.PRESENT, AgentState(str(index), state))
        for index, state in enumerate(states)
    ]
    entries.append(RollEntry(Agent("9"), Standing.LOGGED_OUT, AgentState("9", "LoggedOut")))
    counted = Roll(entries, True).states()
    assert list(counted.items()) == [("(not named)", 2), ("Break", 2), ("Available", 1), ("Busy", 1)]
