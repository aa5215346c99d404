"""A text means one agent, several, or none. It is never guessed if the guess could be wrong."""

from __future__ import annotations

import pytest

from cxone_rollcall.model.agent import Agent
from cxone_rollcall.why.agent_search import find_agent

ROSTER = (
    Agent("1001", name="Ann Lee", user_name="ann.lee", email="ann.lee@example.com", user_id="aaaa-1"),
    Agent("1002", name="Ann Carter", user_name="ann.carter", email="ann.carter@example.com"),
    Agent("1003", name="Torsten Weiß", user_name="t.weiss", email="weiss@example.com"),
    Agent("1004", name="Torsten Weiß", user_name="t.weiss2", email="weiss2@example.com"),
    Agent("1005", name="1001", user_name="impostor", email="fifth@example.com"),
    Agent("1006"),
)


def ids(typed: str, *, whole: bool = True) -> list[str]:
    """Return the ids of whom a text may mean."""
    return [agent.agent_id for agent in find_agent(typed, ROSTER, whole=whole).agents]


@pytest.mark.parametrize("typed", ["1001", "ANN.LEE", "Ann.Lee@Example.com", "ann lee", "AAAA-1", " 1001 "])
def test_an_agent_is_known_by_each_of_its_names(typed: str) -> None:
    """Id, user name, e-mail, name and user id find an agent. Case makes no difference, and the id comes first."""
    assert ids(typed) == ["1001"]
    assert find_agent(typed, ROSTER, whole=False).exact


@pytest.mark.parametrize("typed", ["Lee, Ann", "ann lea", "Anne Lee", "an.lee@example.com", "ann.lee@exampel.com"])
def test_what_comes_near_one_alone_means_that_one(typed: str) -> None:
    """A single similar agent is meant, but no exact match."""
    found = find_agent(typed, ROSTER, whole=True)
    assert found.agent is not None
    assert found.agent.agent_id == "1001"
    assert not found.exact


@pytest.mark.parametrize(("typed", "several"), [("Torsten Weiß", ["1003", "1004"]), ("ann", ["1001", "1002"])])
def test_an_ambiguous_name_matches_no_agent(typed: str, several: list[str]) -> None:
    """A name or part that two agents share means neither."""
    assert ids(typed) == several
    assert find_agent(typed, ROSTER, whole=True).agent is None


@pytest.mark.parametrize("typed", ["1007", "10 01", "zz", "@", "", "qqqqqq"])
def test_a_number_or_a_scrap_is_never_a_guess(typed: str) -> None:
    """A similar number is another agent; two letters match none."""
    assert ids(typed) == []


def test_an_incomplete_roster_allows_no_guess() -> None:
    """With an incomplete roster no similar agent is taken. Another may fit better; the similar ones are named."""
    found = find_agent("Anne Lee", ROSTER, whole=False)
    assert found.agents == ()
    assert found.near[0].agent_id == "1001"


def test_a_large_roster_is_looked_through_in_no_time() -> None:
    """A slip is found among ten thousand agents."""
    crowd = (Agent(str(10_000 + one), name=f"Kim {one:05d} Park", user_name=f"kim{one}") for one in range(10_000))
    found = find_agent("Anne Lee", (*crowd, ROSTER[0]), whole=True)
    assert [agent.agent_id for agent in found.agents] == ["1001"]
