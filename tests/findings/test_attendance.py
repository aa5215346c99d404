"""Who of the expected people is logged in. Unknown is never "not logged in"."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxone_rollcall.findings.attendance import Attendance, Expected, Presence, attendance
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.roll import Roll, RollEntry, Standing

ANN = Agent("100", "Lee, Ann", "ann", "ann@acme.example")
BO = Agent("200", "Bo Ek", "bo", "desk@acme.example")
CY = Agent("300", "Cy Fox", "cy", "desk@acme.example")
OLD = Agent("101", "Ann Lee", "ann.old", "ann@acme.example", active=False)


def of(*names: Sequence[str], standings: dict[Agent, Standing], whole: bool = True) -> Attendance:
    """The attendance of people with these names. Absent agents are simply not logged in."""
    roll = Roll(tuple(RollEntry(agent, standing) for agent, standing in standings.items()), roster_complete=whole)
    people = [Expected(line=line, names=tuple(one)) for line, one in enumerate(names, 2)]
    not_there = {agent.agent_id for agent, standing in standings.items() if standing is Standing.ABSENT}
    return attendance(people, roll, not_there=not_there, whole=whole, file="forty.csv")


@pytest.mark.parametrize(
    ("standing", "presence"),
    [
        (Standing.PRESENT, Presence.LOGGED_IN),
        (Standing.LOGGED_OUT, Presence.NOT_LOGGED_IN),
        (Standing.ABSENT, Presence.NOT_LOGGED_IN),
        (Standing.UNKNOWN, Presence.UNKNOWN),
    ],
)
@pytest.mark.parametrize("name", ["100", "ANN", " ann@acme.example", "lee, ann"])
def test_a_person_has_the_standing_of_the_agent(name: str, standing: Standing, presence: Presence) -> None:
    """Id, user name, e-mail and name find an agent, in any case."""
    (person,) = of([name], standings={ANN: standing, BO: Standing.PRESENT}).people
    assert (person.presence, person.agents) == (presence, (ANN,))


def test_an_absence_with_another_cause_is_unknown() -> None:
    """An absent agent who may be hidden is not called logged out."""
    roll = Roll((RollEntry(ANN, Standing.ABSENT),), roster_complete=True)
    found = attendance([Expected(line=2, names=("100",))], roll, not_there=set(), whole=True, file="f")
    assert found.people[0].presence is Presence.UNKNOWN
    assert found.is_open


@pytest.mark.parametrize(("whole", "presence"), [(True, Presence.NOT_ON_ROSTER), (False, Presence.UNKNOWN)])
def test_only_a_whole_roster_lacks_somebody(whole: bool, presence: Presence) -> None:
    """A name that a part of the roster lacks is unknown."""
    found = of(["900"], standings={ANN: Standing.PRESENT}, whole=whole)
    assert found.people[0].presence is presence
    assert [entry.agent for entry in found.not_expected] == [ANN]
    known, _ = of(["ann"], ["900"], standings={ANN: Standing.PRESENT}, whole=whole).people
    assert (known.agents, known.similar) == ((ANN,), ())


@pytest.mark.parametrize("name", ["ann.lee", "Lee, Ánn", "lee.ann@other.example", "Ann Lee"])
def test_a_name_with_the_same_words_is_offered(name: str) -> None:
    """A person with the same words is offered, but never counted."""
    known = Agent("100", user_name="ann.lee@acme.example")
    (person,) = of([name], standings={known: Standing.PRESENT, BO: Standing.PRESENT}).people
    assert (person.presence, person.agents, person.similar) == (Presence.NOT_ON_ROSTER, (), (known,))
    (person,) = of(["zoe", name], standings={known: Standing.PRESENT}).people
    assert person.similar == (known,)
    for other in ("ann", "lee.ann.jr", "...", "100x"):
        assert of([other], standings={known: Standing.PRESENT}).people[0].similar == ()


def test_the_first_few_of_the_same_words_are_offered() -> None:
    """Of many agents with the same words, the first three are offered."""
    several = [Agent(str(number), "Ann Lee") for number in range(100, 105)]
    (person,) = of(["lee.ann"], standings=dict.fromkeys(several, Standing.PRESENT)).people
    assert person.similar == tuple(several[:3])


def test_two_agents_with_one_email_are_ambiguous() -> None:
    """Which of the two is expected is not guessed. Neither counts as unexpected."""
    found = of(["desk@acme.example"], standings={BO: Standing.PRESENT, CY: Standing.ABSENT})
    assert found.counts[Presence.AMBIGUOUS] == 1
    assert found.people[0].agents == (BO, CY)
    assert found.not_expected == ()
    assert found.is_open
    assert not found.is_met


def test_an_inactive_namesake_is_no_candidate() -> None:
    """Of two agents with one e-mail, the active one is meant. An inactive one alone is found."""
    (person,) = of(["ann@acme.example"], standings={OLD: Standing.ABSENT, ANN: Standing.PRESENT}).people
    assert (person.presence, person.agents) == (Presence.LOGGED_IN, (ANN,))
    (person,) = of(["ann@acme.example"], standings={OLD: Standing.ABSENT}).people
    assert person.agents == (OLD,)


def test_the_first_name_that_is_found_decides() -> None:
    """A wrong id does not hide the e-mail beside it. The best name that is found wins."""
    standings = {ANN: Standing.PRESENT, BO: Standing.ABSENT}
    (person,) = of(["999", "ann@acme.example"], standings=standings).people
    assert (person.asked_as, person.agents) == ("ann@acme.example", (ANN,))
    (person,) = of(["200", "ann@acme.example"], standings=standings).people
    assert person.agents == (BO,)
    (person,) = of(["999", "998"], standings=standings).people
    assert (person.asked_as, person.agents) == ("999", ())


def test_a_person_on_two_lines_counts_once() -> None:
    """The later line is named with the earlier one. Their names may differ."""
    found = of(["100"], ["zoe"], ["ann"], ["ZOE"], standings={ANN: Standing.PRESENT, BO: Standing.PRESENT})
    assert len(found.people) == 2
    assert found.repeated == ((4, 2), (5, 3))


@given(
    standings=st.lists(st.sampled_from(Standing), max_size=8),
    names=st.lists(st.integers(0, 11).map(str), min_size=1, max_size=12),
    whole=st.booleans(),
)
def test_everybody_is_counted_exactly_once(standings: list[Standing], names: list[str], whole: bool) -> None:
    """People and agents balance. Each person has one presence, each agent is expected or not."""
    agents = {Agent(str(number)): standing for number, standing in enumerate(standings)}
    found = of(*[[name] for name in names], standings=agents, whole=whole)
    assert sum(found.counts.values()) == len(found.people) == len(set(names))
    assert len(found.people) + len(found.repeated) == len(names)
    expected = {agent.agent_id for person in found.people for agent in person.agents}
    assert expected.isdisjoint(entry.agent.agent_id for entry in found.not_expected)
    assert len(expected) + len(found.not_expected) == len(agents)
    unknown = {agent.agent_id for agent, standing in agents.items() if standing is Standing.UNKNOWN}
    assert all(
        person.presence is Presence.UNKNOWN
        for person in found.people
        if any(agent.agent_id in unknown for agent in person.agents)
    )
