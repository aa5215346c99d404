"""Agents that the user names are found by any roster name."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from tests.roll.calling import Called, must_hold, over_a_socket
from tests.roll.servers import Said, Tenant, tenant

from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.roll import Standing
from cxone_rollcall.roll import Selection, UnclearAgents
from cxone_rollcall.roll.selection import Choice

ANN = Agent("7", name="Ann Lee", user_name="ann.lee", email="ann@example.com", team="Support")


@pytest.mark.parametrize(
    ("teams", "inside"),
    [((), True), (("support",), True), ((" SUPPORT ", "x"), True), (("Sup",), False), (("",), False)],
)
def test_a_team_is_named_in_full(teams: tuple[str, ...], inside: bool) -> None:
    """A team is named in full, in any letter case. Without a team, all agents are selected."""
    assert Selection(teams=teams).in_teams(ANN) is inside
    assert Selection(teams=teams).in_teams(Agent("8")) is (teams in ((), ("",)))


TEAMS = (ANN, Agent("8", team="Billing"), Agent("9", team="Support"), Agent("10"), Agent("11", active=False))


@pytest.mark.parametrize(
    ("selection", "kept", "beside"),
    [
        (Selection(), ["7", "8", "9", "10", "11"], []),
        (Selection(teams=("Support",)), ["7", "9"], ["8", "10"]),
        (Selection(agents=("8",)), ["8"], ["7", "9", "10"]),
        (Selection(agents=("8", "7"), teams=("support",)), ["7"], ["8", "9", "10"]),
        (Selection(teams=("Nowhere",)), [], ["7", "8", "9", "10"]),
    ],
)
def test_what_a_choice_remembers(selection: Selection, kept: list[str], beside: list[str]) -> None:
    """A choice names teams, agents kept and dropped, and bystanders.

    It has all teams of the roster; bystanders are active agents.
    """
    choice = Choice(selection)
    chosen = [*choice.choose(TEAMS[:2]), *choice.choose(TEAMS[2:])]
    chosen += [agent for _, agent in choice.named(without=frozenset(), whole=True).agents]
    assert ([agent.agent_id for agent in chosen], choice.bystanders) == (kept, beside)
    seen = choice.observe(5)
    assert (seen.roster, seen.kept, seen.exchange) == (5, len(kept), 5)
    assert seen.teams_seen == ("Billing", "Support")
    assert (seen.agents, seen.teams) == (selection.typed, selection.teams)
    assert seen.dropped == (("8",) if selection.teams and selection.agents else ())


def test_few_bystanders_are_enough() -> None:
    """Of a large roster only some agents stand by."""
    choice = Choice(Selection(teams=("Support",)))
    choice.choose(Agent(str(number)) for number in range(1000))
    assert choice.bystanders == [str(number) for number in range(len(choice.bystanders))]
    assert 0 < len(choice.bystanders) < 100


class Named(Tenant):
    """Names its agents u0, u1, ..., in teams A and B by turns."""

    def listed(self, ids: Sequence[str]) -> Said:
        """Add names and teams."""
        said = super().listed(ids)
        assert isinstance(said.value, dict)
        of = {one: index for index, one in enumerate(self.roster)}
        rows = [{"id": one, "userName": f"u{of[one]}", "teamName": "AB"[of[one] % 2]} for one in ids]
        return Said(200, {**said.value, "entities": rows})


async def chosen(selection: Selection, agents: int = 214, kind: type[Tenant] = Named) -> Called:
    """Call the roll of the selected agents."""
    called = await over_a_socket(tenant(agents, kind=kind), selection)
    asked = [one for one in called.tenant.asked if "agentIds=" in one]
    assert len(asked) <= 8
    return called


async def test_typed_names_are_resolved() -> None:
    """An agent typed by name is requested by internal id. The roll has what was typed."""
    called = await chosen(Selection(agents=("u3", "U150", "u200")))
    must_hold(called)
    assert {entry.asked_as: entry.agent.agent_id for entry in called.roll.entries} == {
        f"{letter}{index}": called.tenant.roster[index] for letter, index in (("u", 3), ("U", 150), ("u", 200))
    }


@pytest.mark.parametrize("typed", ["u", "user", "u3 u4"])
async def test_an_unclear_name_requests_no_agent(typed: str) -> None:
    """A text that means no agent, or several, is an error. No agent is requested."""
    listening = tenant(30, kind=Named)
    with pytest.raises(UnclearAgents):
        await over_a_socket(listening, Selection(agents=("u3", typed)))
    assert not any("agentIds=" in one for one in listening.asked)


async def test_a_single_agent_without_a_row() -> None:
    """If the only requested agent has no row, a colleague confirms it. Few requests are sent."""
    called = await chosen(Selection(agents=("u1",)))
    assert called.ids(Standing.ABSENT) == {called.tenant.roster[1]}
    assert sum("agentIds=" in one for one in called.tenant.asked) <= 7


async def test_one_team() -> None:
    """Only the agents of the team are on the roll."""
    called = await chosen(Selection(teams=("b",)))
    must_hold(called)
    assert called.roll.ids(*Standing) == tuple(called.tenant.roster[1::2])


async def test_typed_and_of_another_team() -> None:
    """A typed agent of another team is dropped. The observation names it."""
    called = await chosen(Selection(agents=("u3", "u4"), teams=("A",)))
    assert called.roll.ids(*Standing) == (called.tenant.roster[4],)
    assert called.ledger.selected.dropped == (called.tenant.roster[3],)


async def test_no_agent_is_selected() -> None:
    """A selection without agents requests no state."""
    called = await chosen(Selection(teams=("Z",)))
    assert len(called.roll) == 0
    assert not any("agentIds=" in one for one in called.tenant.asked)
    assert called.ledger.selected.teams_seen == ("A", "B")


async def test_an_unread_page_hides_a_typed_agent() -> None:
    """A typed name that may be on an unread page is unknown."""

    class SecondPageFails(Named):
        def page(self, page: int, size: int) -> Said:
            return Said(500) if page == 2 else super().page(page, size)

    called = await chosen(Selection(agents=("u0", "u150")), kind=SecondPageFails)
    standing = {entry.agent.agent_id: entry.standing for entry in called.roll.entries}
    assert standing == {called.tenant.roster[0]: Standing.PRESENT, "u150": Standing.UNKNOWN}


async def test_a_state_filter() -> None:
    """With a state filter all agents are still accounted for."""

    class Filtering(Tenant):
        def answer(self, method: str, target: str) -> Said:
            said = super().answer(method, target)
            if "&state=Busy" in target and isinstance(said.value, dict):
                rows = [row for row in said.value["entities"] if row["state"] == "Busy"]
                return Said(200, {"entities": rows})
            return said

    called = await over_a_socket(tenant(214, kind=Filtering), Selection(state="Busy"))
    must_hold(called)
    assert called.ids(Standing.PRESENT) == set(called.tenant.present)
    assert called.ids(Standing.UNKNOWN) == set()
    assert called.ledger.filtered is not None
    busy = {one for one, state in called.tenant.present.items() if state == "Busy"}
    assert called.ledger.filtered.with_row == busy


def test_the_ids_of_a_request_leave_out_no_agent() -> None:
    """The ids of a program's request leave out no agent. Those that a user typed do."""
    for as_sent, kept in ((True, 3), (False, 1)):
        choice = Choice(Selection(agents=("1",), as_sent=as_sent))
        choice.choose([Agent("1"), Agent("2"), Agent("3")])
        choice.named(without=frozenset(), whole=True)
        seen = choice.observe(2)
        assert (seen.roster, seen.kept) == (3, kept)
