"""A text means one agent, several, or none. A misspelt name is offered, never taken."""

from __future__ import annotations

import pytest

from cxone_rollcall.errors import SettingError
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.roll.agent_search import MOST_SIMILAR, Match, UnclearAgents, find_agents, name_agents

ROSTER = (
    Agent("1001", name="Ann Lee", user_name="ann.lee", email="ann.lee@example.com", user_id="aaaa-1"),
    Agent("1002", name="Ann Carter", user_name="ann.carter", email="ann.carter@example.com"),
    Agent("1003", name="Torsten Weiß", user_name="t.weiss", email="weiss@example.com"),
    Agent("1004", name="Torsten Weiß", user_name="t.weiss2", email="weiss2@example.com"),
    Agent("1005", name="1001", user_name="impostor", email="fifth@example.com"),
    Agent("1006"),
    Agent("1007", name="Kavya Al-Sayed", user_name="kavya.alsayed", email="kavya@example.com"),
    Agent("1008", name="翔 鈴木", user_name="sho.suzuki"),
    Agent("1009", name="Leeann Moss", user_name="l.moss"),
)


def found(typed: str, *, whole: bool = True) -> Match:
    """Match one text with the roster."""
    (match,) = find_agents((typed,), ROSTER, whole=whole)
    return match


def ids(typed: str, *, whole: bool = True) -> list[str]:
    """Return the ids of the agents that a text may mean."""
    return [agent.agent_id for agent in found(typed, whole=whole).agents]


@pytest.mark.parametrize("typed", ["1001", "ANN.LEE", "Ann.Lee@Example.com", "ann lee", "AAAA-1", " 1001 "])
@pytest.mark.parametrize("whole", [True, False])
def test_an_agent_is_known_by_each_of_its_names(typed: str, *, whole: bool) -> None:
    """Each of its names means an agent. Case does not matter, and the id comes first."""
    assert found(typed, whole=whole) == Match(typed=typed.strip(), agents=(ROSTER[0],), exact=True)


@pytest.mark.parametrize(
    ("typed", "agent_id"),
    [
        ("Lee, Ann", "1001"),
        ("lee", "1001"),  # a whole word of one name comes before the beginning of another
        ("leea", "1009"),
        ("carter", "1002"),
        ("Kavya", "1007"),
        ("kav", "1007"),
        ("Kavya Alsayed", "1007"),
        ("annlee", "1001"),
        ("Lee-Ann Moss", "1009"),
        ("kav say", "1007"),
        ("鈴木", "1008"),
    ],
)
def test_a_part_of_one_name_alone_means_that_agent(typed: str, agent_id: str) -> None:
    """A part of a name means the only agent that has it. Nobody else is offered."""
    (agent,) = (one for one in ROSTER if one.agent_id == agent_id)
    assert found(typed) == Match(typed=typed, agents=(agent,), exact=False)


@pytest.mark.parametrize("typed", ["ann lea", "Anne Lee", "an.lea@example.com", "Kavia Al-Sayed", "Ann Lee Smith"])
def test_a_misspelt_name_is_offered_and_not_taken(typed: str) -> None:
    """A similar name matches no agent. Candidates are offered, the most similar first."""
    assert ids(typed) == []
    assert found(typed).similar[0].agent_id == ("1007" if "Sayed" in typed else "1001")


@pytest.mark.parametrize(("typed", "several"), [("Torsten Weiß", ["1003", "1004"]), ("ann", ["1001", "1002"])])
def test_an_ambiguous_name_means_each_of_several(typed: str, several: list[str]) -> None:
    """A name or part that two agents share matches both."""
    assert ids(typed) == several


@pytest.mark.parametrize("typed", ["1010", "10 01", "100", "zz", "@", "an", "qqqqqq"])
def test_a_number_or_a_scrap_is_never_a_guess(typed: str) -> None:
    """A similar number is another agent. Two letters are no beginning of a name."""
    assert ids(typed) == []
    assert found(typed).similar == ()


@pytest.mark.parametrize("typed", ["Anne Lee", "Kavya", "Lee, Ann"])
def test_an_incomplete_roster_allows_no_guess(typed: str) -> None:
    """With an incomplete roster only an exact name matches. Another agent may fit better."""
    assert ids(typed, whole=False) == []


def test_a_part_among_ten_thousand_agents_is_found() -> None:
    """A part of a name is found on a large roster."""
    crowd = tuple(Agent(str(10_000 + one), name=f"Kim {one:05d} Park", user_name=f"kim{one}") for one in range(10_000))
    part, misspelt, common = find_agents(("kavya", "Anne Lee", "Kym Park"), (*crowd, *ROSTER), whole=True)
    assert [agent.agent_id for agent in part.agents] == ["1007"]
    assert len(common.similar) == MOST_SIMILAR
    assert misspelt.similar[0].agent_id == "1001"


def test_named_agents_keep_the_text_that_named_them_first() -> None:
    """An agent that several texts name is named once, by the first."""
    named = name_agents(("ann.lee", "kavya", "1001", "ANN.LEE", " "), ROSTER, whole=True)
    assert [(typed, agent.agent_id) for typed, agent in named.agents] == [("ann.lee", "1001"), ("kavya", "1007")]
    assert named.unknown == ()
    assert named.ids_to_ask() == ("1001", "1007")


@pytest.mark.parametrize(
    "typed", ["42", "3f2b8c1e-5d4a-4b6f-9e8d-1a2b3c4d5e6f", "3F2B8C1E-5D4A-4B6F-9E8D-1A2B3C4D5E6F"]
)
def test_an_id_that_the_roster_lacks_is_still_requested(typed: str) -> None:
    """An id that the roster does not have is requested as typed."""
    named = name_agents((typed, "ann.lee"), ROSTER, whole=True)
    assert named.unknown == (typed,)
    assert named.ids_to_ask() == ("1001", typed)


def test_a_name_that_may_be_on_an_unread_page_is_unknown() -> None:
    """With an incomplete roster an unmatched name is unknown. It is never requested as an id."""
    named = name_agents(("Kavya",), ROSTER, whole=False)
    assert named.unknown == ("Kavya",)
    assert named.ids_to_ask() == ()


def test_a_roster_of_one_agent_is_not_whole() -> None:
    """With a roster of one agent an unmatched name is unknown. A missing permission may hide the others."""
    for roster in (ROSTER[:1], ()):
        assert name_agents(("Kavya",), roster, whole=True).unknown == ("Kavya",)
    with pytest.raises(UnclearAgents):
        name_agents(("Kavya",), ROSTER[:2], whole=True)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("Torsten Weiß", "'Torsten Weiß' may mean 2 agents: which one?"),
        ("Anne Lee", "no agent on the roster is called 'Anne Lee', or this account may not list it: did you mean"),
        ("qqqqqq", "no agent on the roster is called 'qqqqqq', or this account may not list it"),
    ],
)
def test_what_is_unclear_is_asked_back(typed: str, said: str) -> None:
    """A text for several agents, or none, is an error. It names what was typed."""
    with pytest.raises(UnclearAgents) as asked:
        name_agents((typed, "ann.lee"), ROSTER, whole=True)
    assert isinstance(asked.value, SettingError)
    assert str(asked.value) == said
    assert [match.typed for match in asked.value.matches] == [typed]


def test_the_host_of_an_email_is_no_name() -> None:
    """The words of an e-mail are those before the @. So its owner is named in full, and the host names nobody."""
    ann, other = Agent("1", email="ann.lee@example.com"), Agent("2", name="Ann Lee Smith")
    assert find_agents(["Lee Ann"], [ann, other], whole=True)[0].agents == (ann,)
    assert find_agents(["example"], [ann, other], whole=True)[0].agents == ()
