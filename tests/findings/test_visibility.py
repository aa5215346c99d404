"""RC304 to RC306: hidden agents, and healthy look-alikes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.thorough import examples

from cxone_rollcall.findings.finding import Strength
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.observations.access import TokenGranted
from cxone_rollcall.model.observations.base import Observation, Selected
from cxone_rollcall.model.observations.probes import SkillsAsked
from cxone_rollcall.model.observations.states import AgentsAskedAlone, Alone, AskedAlone, StatesAsked, StatesSeen
from cxone_rollcall.model.roll import Roll, RollEntry, Standing
from cxone_rollcall.model.state import AgentState
from cxone_rollcall.model.struct import replace

from .build import (
    AGAIN,
    OWN,
    PUBLISHED,
    ROSTER,
    SCOPES,
    TOKEN,
    Example,
    Situation,
    called,
    listed,
    roster_of,
    situation,
    states_of,
)

PRESENT, LOGGED_OUT, ABSENT, UNKNOWN = Standing.PRESENT, Standing.LOGGED_OUT, Standing.ABSENT, Standing.UNKNOWN
EARLY, LATE = "2026-03-02T06:00:00Z", "2026-03-02T10:00:00Z"
V2_OWN = TokenGranted(exchange=TOKEN, scopes=SCOPES, agent_id="a")


def teams(red: str = "abc", blue: str = "def", **agents: Mapping[str, Any]) -> dict[str, Any]:
    """Return the agents of two teams, active unless changed."""
    of = {**dict.fromkeys(red, "Red"), **dict.fromkeys(blue, "Blue")}
    return {letter: {"team": team, "active": True, **agents.get(letter, {})} for letter, team in of.items()}


def alone(said: Alone, *agents: str) -> AgentsAskedAlone:
    """Return what was answered to some agents asked for by themselves."""
    return AgentsAskedAlone(items=tuple(AskedAlone(agent_id=agent, said=said, exchange=AGAIN) for agent in agents))


def own(roll: Roll, *seen: Observation, hidden: int = 0) -> Situation:
    """Return a run of the published contract by agent a."""
    return listed(roll, roster_of(roll, hidden=hidden, hidden_exchange=ROSTER if hidden else 0), *seen)


HIDDEN = listed(called("ab", logged_out="c", absent="def", **teams()))
ONLY_A = called("a", absent="bc", b={"active": True}, c={"active": False})
UNVOUCHED = called("a", unknown="bc")
SKILLS = SkillsAsked(exchange=AGAIN, logged_in=7)

EXAMPLES = (
    Example(
        "RC304",
        seen=own(called("ab"), hidden=3),
        strength=Strength.SUSPECTED,
        unlike=listed(called("ab"), roster_of(called("ab"), total=5)),  # a count that is too high, and no word of why
        instead="RC504",
    ),
    Example(
        "RC304",
        seen=listed(called("a"), replace(OWN, agent_id="z"), roster_of(called("a"), hidden=3, hidden_exchange=ROSTER)),
        strength=Strength.SUSPECTED,
        unlike=own(called("a"), hidden=3),  # hidden are all but the token's own agent
        instead="RC306",
    ),
    Example(
        "RC305",
        seen=HIDDEN,
        strength=Strength.SUSPECTED,
        explains="def",
        unlike=listed(called("ab", logged_out="c", absent="ef", unknown="d", **teams())),  # d may have a state
        instead="RC902",
    ),
    Example(
        "RC306",
        seen=own(called("a"), hidden=119),
        strength=Strength.SUSPECTED,
        all=True,
        unlike=listed(called("a"), replace(OWN, agent_id="z")),  # the one agent is not the token's own
        instead=None,
    ),
    Example(
        "RC306",
        seen=own(ONLY_A, SKILLS),
        strength=Strength.SUSPECTED,
        explains="b",
        all=True,
        unlike=own(called("ad", absent="b"), SKILLS),  # another agent has a row
        instead="RC601",
    ),
)


def test_hidden_team_is_not_also_logged_out() -> None:
    """Agents that RC305 explains have no other explanation."""
    assert HIDDEN.codes() == {"RC305", "RC601"}
    assert HIDDEN.only("RC601").explains == ("c",)  # c has a row that says so


@pytest.mark.parametrize(
    "roll",
    [
        called("ab", logged_out="c", absent="de", f={"team": "Blue"}, **teams(blue="de")),
        called("ab", logged_out="c", absent="defg", g={"team": "Green", "active": True}, **teams()),
        called("a", logged_out="b", absent="cdef", **teams()),
        called("abd", logged_out="c", absent="ef", **teams()),
        called("a", logged_out="b", absent="def", **teams(red="ab")),
        called("ab", logged_out="c", absent="defg", g={"active": True}, **teams()),
        called("ab", logged_out="c", absent="def", **teams(), complete=False),
    ],
    ids=[
        "a team of two",
        "a team of one is silent too",
        "one of the other team is silent too",
        "one of the team has a row",
        "no full team of three",
        "an agent without a team has no row either",
        "not the whole roster",
    ],
)
def test_anything_less_is_no_hidden_team(roll: Roll) -> None:
    """A hidden team lacks all rows, and no other agent lacks one. And there are enough agents to compare."""
    assert "RC305" not in listed(roll).codes()


def test_inactive_agents_are_put_aside() -> None:
    """Inactive agents do not count, in any team."""
    who = teams(d={"active": False}, g={"active": False}, blue="defgh", red="abci", i={"active": False})
    seen = listed(called("ab", logged_out="c", absent="defghi", **who))
    assert seen.only("RC305").explains == ("e", "f", "h")
    assert set(seen.only("RC602").explains) == {"d", "g", "i"}


def test_an_empty_shift_is_no_hidden_team() -> None:
    """If logged-out agents have no rows, a team may be off shift."""
    night = called("abc", absent="def", **teams())
    assert situation(night).codes() == listed(night).codes() == {"RC601"}


def test_a_refused_spot_check_shows_a_hidden_team() -> None:
    """A refused spot check shows that the team is hidden."""
    roll = called("abc", absent="ef", unknown="d", **teams())
    found = listed(roll, alone(Alone.FORBIDDEN, "d")).only("RC305")
    assert found.explains == ("e", "f", "d")
    assert "refused" in {one.seen for one in found.evidence}
    assert "RC305" not in listed(roll, alone(Alone.NOT_FOUND, "d")).codes()


def test_unconfirmed_agents_are_part_of_the_hidden_team() -> None:
    """Agents without a spot check belong to the hidden team. They are unknown."""
    roll = called("ab", logged_out="c", unknown="def", **teams())
    silent = states_of(roll, listed=True, unvouched=("d", "e", "f"), unvouched_exchange=3)
    for said in (Alone.FORBIDDEN, Alone.NOT_FOUND):
        assert listed(roll, silent, alone(said, "d")).only("RC305").explains == ("d", "e", "f")
    assert "RC305" not in listed(roll, silent, alone(Alone.ROW, "a")).codes()  # a list that loses rows
    assert "RC305" not in situation(roll, replace(silent, listed=False)).codes()  # nothing confirms an answer to ids


def test_fresh_logins_show_a_hidden_team() -> None:
    """A team that logged in as late as others is probably hidden."""

    def world(blue: str, red: str = EARLY) -> Situation:
        last: dict[str, Any] = {agent: {"last_login": red if agent in "abc" else blue} for agent in "abcdef"}
        return situation(called("abc", absent="def", **teams(**last)))

    assert world(LATE).only("RC305").strength is Strength.SUSPECTED
    assert "RC305" not in world(EARLY, LATE).codes()
    assert "RC305" not in world("yesterday").codes()


def test_a_selection_hides_no_team() -> None:
    """With our own options, a team without rows proves nothing."""
    roll = HIDDEN.roll
    chosen = Selected(roster=9, kept=6, teams=("Red", "Blue"), exchange=ROSTER)
    assert "RC305" not in listed(roll, chosen).codes()


def test_a_tenant_of_one_agent_is_suspected() -> None:
    """A tenant of one agent is suspected of hiding others. Nothing is explained, as the two look alike."""
    found = own(called("a"), SkillsAsked(exchange=AGAIN, logged_in=1)).only("RC306")
    assert (found.strength, found.explains, found.explains_all) == (Strength.SUSPECTED, (), False)
    assert found.settle


@pytest.mark.parametrize(
    ("grant_type", "has_user", "suspected"),
    [
        ("password", None, True),
        ("password", True, True),
        ("password", False, False),
        ("client_credentials", None, False),
    ],
)
def test_one_agent_of_a_token_without_a_name(grant_type: str, has_user: bool | None, suspected: bool) -> None:
    """A roster of one agent may be just the caller. It is not if the token has no user."""
    roll = called("a")
    tenant, token = replace(PUBLISHED, grant_type=grant_type), TokenGranted(exchange=1, scopes=None, has_user=has_user)
    seen = situation(roll, tenant, token, roster_of(roll, only_agent="a"))
    assert ("RC306" in seen.codes()) is suspected


@pytest.mark.parametrize(
    ("roll", "proof"),
    [
        (called("a"), (SKILLS,)),
        (ONLY_A, (SKILLS,)),
        (ONLY_A, (alone(Alone.FORBIDDEN, "b"),)),
        (called(logged_out="a", absent="b", a={"active": True}, b={"active": True}), ()),
        (UNVOUCHED, (SKILLS, states_of(UNVOUCHED, listed=True, unvouched=("b", "c"), unvouched_exchange=3))),
    ],
    ids=["roster, skills", "states, skills", "refused alone", "own row says logged out", "no canary"],
)
def test_others_are_shown_by_something(roll: Roll, proof: tuple[Observation, ...]) -> None:
    """Evidence of other agents makes it a suspicion that explains all. Without evidence there is no suspicion."""
    found = own(roll, *proof).only("RC306")
    assert (found.strength, found.explains_all) == (Strength.SUSPECTED, True)
    assert len(found.evidence) > 1


def test_the_only_one_at_work_is_a_note() -> None:
    """If no other agent may be logged in, it is a note."""
    seen = own(ONLY_A, SkillsAsked(exchange=AGAIN, logged_in=1))
    assert seen.only("RC306").strength is Strength.NOTE
    assert seen.only("RC601").explains == ("b",)


def test_the_inactive_are_no_others() -> None:
    """Inactive agents do not count as others."""
    roll = called(logged_out="a", absent="b", a={"active": True}, b={"active": False})
    assert "RC306" not in own(roll, SKILLS).codes()


def test_with_unknown_agents_the_own_row_may_not_be_the_only_one() -> None:
    """With unknown agents, the own row may not be the only one."""
    assert "RC306" not in own(called("a", unknown="bc"), SKILLS).codes()


@st.composite
def healthy(draw: st.DrawFn) -> Situation:
    """Draw a healthy tenant.

    Logged-in agents have a row, the others all have one or none has. Teams work in shifts, so that whole teams may be
    off. Agents off shift logged in before the present ones.
    """
    size = draw(st.integers(0, 14))
    v2, rows, inactive_rows = draw(st.booleans()), draw(st.booleans()), draw(st.booleans())
    names = draw(st.lists(st.sampled_from(["Red", "Blue", "Green", None]), min_size=size, max_size=size))
    off = draw(st.sets(st.sampled_from(["Red", "Blue", "Green"])))
    tells_activity = draw(st.booleans())
    entries = []
    for number, team in enumerate(names):
        active = draw(st.sampled_from([True, True, True, False]))
        here = active and team not in off and draw(st.sampled_from([True, True, False]))
        has_row = here or (rows if active else inactive_rows)
        standing = PRESENT if here else LOGGED_OUT if has_row else ABSENT
        agent = Agent(
            chr(ord("a") + number),
            team=team,
            active=active if tells_activity else None,
            last_login=LATE if here else draw(st.sampled_from([EARLY, "", None])),
        )
        said = "Available" if here else "LoggedOut"
        entries.append(RollEntry(agent, standing, AgentState(agent.agent_id, said) if has_row else None))
    if not any(entry.state for entry in entries):  # nothing confirms a list without a row
        entries = [RollEntry(entry.agent, UNKNOWN) for entry in entries]
    roll = Roll(entries, roster_complete=True)
    here_now = sum(entry.standing is PRESENT for entry in entries)
    seen: list[Observation] = [SkillsAsked(exchange=AGAIN, logged_in=draw(st.integers(min(1, here_now), here_now)))]
    if not entries:
        return situation(roll, *seen, without=(StatesAsked, StatesSeen))
    silent = [entry.agent.agent_id for entry in entries if entry.state is None]
    asked = draw(st.sets(st.sampled_from(silent))) if silent else set()
    if not v2 and draw(st.booleans()):  # who is asked alone has a row that says logged out
        entries = [
            RollEntry(entry.agent, LOGGED_OUT, AgentState(entry.agent.agent_id, "LoggedOut"))
            if entry.agent.agent_id in asked
            else entry
            for entry in entries
        ]
        return listed(Roll(entries, roster_complete=True), *seen, alone(Alone.ROW, *sorted(asked)))
    seen.append(alone(draw(st.sampled_from([Alone.NO_ROW, Alone.NOT_FOUND, Alone.FAILED])), *sorted(asked)))
    if v2:
        return situation(roll, V2_OWN, states_of(roll), *seen)
    not_found = draw(st.booleans())
    if asked and not_found:  # an agent missing even alone leaves the list unconfirmed
        entries = [RollEntry(entry.agent, UNKNOWN) if entry.state is None else entry for entry in entries]
        roll = Roll(entries, roster_complete=True)
        seen.append(states_of(roll, listed=True, unvouched=tuple(silent), unvouched_exchange=3))
    return listed(roll, *seen)


@examples(500)
@given(healthy())
def test_healthy_tenants_hide_no_team(seen: Situation) -> None:
    """In no healthy tenant is a team hidden. The own agent alone explains no absence."""
    named = [finding for finding in seen.findings() if finding.code.startswith("RC3")]
    assert [finding.code for finding in named] in ([], ["RC306"])
    assert not any(finding.explains or finding.explains_all for finding in named)
    assert all(finding.strength is Strength.NOTE for finding in named) or len(seen.roll) == 1
