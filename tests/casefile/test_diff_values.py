"""Every value that two runs may differ in, compared as a whole."""

from __future__ import annotations

from typing import Any

import pytest
from tests.casefile.runs import judged, ran
from tests.casefile.test_diff import with_entries

from cxone_rollcall.casefile.diff import Difference, differences
from cxone_rollcall.findings.account import Account
from cxone_rollcall.findings.case import Case
from cxone_rollcall.model.exchange import Exchange
from cxone_rollcall.model.observations.access import TokenGranted
from cxone_rollcall.model.observations.base import Observation, Selected, TenantAsked
from cxone_rollcall.model.roll import Roll, Standing
from cxone_rollcall.model.state import AgentState
from cxone_rollcall.model.struct import replace

BARE: tuple[Observation, ...] = (
    TenantAsked(instance="a.example", contract="v2", grant_type="client_credentials", roster_scope="", states_scope=""),
    Selected(),
    TokenGranted(exchange=1, scopes=("a", "b")),
)


async def account_of(*changed: Observation) -> Account:
    """Return an account with these observations, others are bare."""
    account = judged((await ran(agents=4)).file())
    seen = {type(one): one for one in (*BARE, *changed)}
    return replace(account, case=Case(account.roll, tuple(seen.values())), exchanges=())


CHANGED: list[tuple[type[Observation], dict[str, Any], list[tuple[str, str, str, str]]]] = [
    (TenantAsked, {"instance": "b.example"}, [("settings", "instance", "a.example", "b.example")]),
    (TenantAsked, {"contract": "incontact"}, [("settings", "contract", "v2", "incontact")]),
    (TenantAsked, {"grant_type": "password"}, [("settings", "grant type", "client_credentials", "password")]),
    (TenantAsked, {"pinned_version": "v34"}, [("settings", "pinned version", "", "v34")]),
    (TenantAsked, {"tenant_id": "t"}, [("settings", "tenant id", "", "t")]),
    (TenantAsked, {"roster_scope": "x", "chosen": "y"}, []),
    (Selected, {"state": "Busy"}, [("settings", "state", "", "Busy")]),
    (Selected, {"teams": ("a b", "c")}, [("settings", "teams", "none", "a b c")]),
    (Selected, {"teams_seen": ("a",)}, [("settings", "teams seen", "none", "a")]),
    (Selected, {"agents": ("7",)}, [("settings", "agents", "none", "7")]),
    (Selected, {"roster": 7, "kept": 5}, []),
    (TokenGranted, {"scopes": None}, [("token", "scopes", "a b", "")]),
    (TokenGranted, {"tenant": "t"}, [("token", "tenant", "", "t")]),
    (TokenGranted, {"agent_id": "7"}, [("token", "agent id", "", "7")]),
    (TokenGranted, {"has_user": False}, [("token", "has user", "", "no")]),
    (TokenGranted, {"status": 201}, [("token", "status", "200", "201")]),
    (TokenGranted, {"exchange": 5}, []),
]


@pytest.mark.parametrize(("kind", "fields", "found"), CHANGED)
async def test_each_setting(
    kind: type[Observation], fields: dict[str, Any], found: list[tuple[str, str, str, str]]
) -> None:
    """Each setting of tenant, selection and token is compared, nothing else."""
    before = await account_of()
    after = await account_of(*(replace(one, **fields) for one in BARE if type(one) is kind))
    assert differences(before, after) == [Difference(*one) for one in found]
    assert differences(after, before) == [Difference(part, what, new, old) for part, what, old, new in found]


async def test_an_early_end_and_a_profile() -> None:
    """Profiles are compared, and why a run ended early."""
    before = await account_of()
    after = replace(before, ended_early="no time", tenant=replace(before.tenant, profile="eu"))
    assert differences(before, after) == [
        Difference("settings", "profile", "", "eu"),
        Difference("settings", "ended early", "", "no time"),
    ]


async def test_each_field_of_an_agent() -> None:
    """Team, activity and names of agents are compared.

    The id stands for an agent without a name. A roster that was not read in full lacks nobody.
    """
    before = await account_of()
    first, second, *_ = before.roll.entries
    unnamed = replace(first, agent=replace(first.agent, name=None, user_name="u", email="e", team="t", active=False))
    states = {"standing": Standing.PRESENT, "state": AgentState(agent_id="x", state="Busy", sub_state="Call")}
    talking = replace(second, **states)
    old = with_entries(before, [replace(one, standing=Standing.LOGGED_OUT, state=None) for one in before.roll.entries])
    new = with_entries(
        old, [replace(unnamed, standing=Standing.LOGGED_OUT, state=None), talking, *old.roll.entries[2:]]
    )
    agent, who = first.agent, f"{first.agent.name} ({first.agent.agent_id})"
    other = f"{second.agent.name} ({second.agent.agent_id})"
    of_roster = [
        Difference("roster", f"{who} team", agent.team or "", "t"),
        Difference("roster", f"{who} active", "yes", "no"),
        Difference("roster", f"{who} user name", agent.user_name or "", "u"),
        Difference("roster", f"{who} name", agent.name or "", ""),
        Difference("roster", f"{who} email", agent.email or "", "e"),
    ]
    found = differences(old, new)
    assert [one for one in found if one.part == "roster"] == of_roster
    assert [one for one in found if one.part == "states"] == [
        Difference("states", "logged in", "0", "1"),
        Difference("states", "logged out", "4", "3"),
        Difference("states", other, "logged out", "present, Busy, Call"),
    ]
    assert [one for one in differences(old, new, names=False) if one.part == "roster"] == of_roster[:2]
    left, came = with_entries(old, old.roll.entries[1:]), with_entries(new, new.roll.entries[2:])
    assert [one for one in differences(left, old) if one.part == "roster"] == [
        Difference("roster", "agents", "3", "4"),
        Difference("roster", who, "", "on the roster"),
    ]
    assert [one for one in differences(new, came) if one.part == "roster"] == [
        Difference("roster", "agents", "4", "2"),
        Difference("roster", first.agent.agent_id, "on the roster", ""),
        Difference("roster", other, "on the roster", ""),
    ]
    last = old.roll.entries[-1]
    moved = replace(last, agent=replace(last.agent, team="t"))
    cut = replace(old, case=Case(Roll((*old.roll.entries[1:-1], moved), roster_complete=False), BARE))
    assert [one for one in differences(old, cut) if one.part == "roster"] == [
        Difference("roster", "roster complete", "yes", "no"),
        Difference("roster", "agents", "4", "3"),
        Difference("roster", f"{last.agent.name} ({last.agent.agent_id}) team", last.agent.team or "", "t"),
    ]


def exchange(target: str, body: str = "", status: int | None = 200) -> Exchange:
    """Return an exchange of a GET request."""
    return Exchange(
        number=1,
        method="GET",
        target=target,
        purpose="",
        status=status,
        fault="timed out" if status is None else "",
        milliseconds=1,
        response_body=body,
    )


async def test_each_type_in_a_response() -> None:
    """An endpoint's statuses are compared, and its bodies' types."""
    account = await account_of()
    bare = replace(account, exchanges=(exchange("/a/1/b?c=2"), exchange("/only/before")))
    body = '{"t": "", "n": 1, "f": 1.5, "b": true, "z": null, "l": [1, {"x": ""}, []], "o": {"p": 1}}'
    uuid = "0F8fad5b-d9cb-469f-a165-70867728950e"
    full = (
        exchange("/a/22/b", "{}", None),
        exchange(f"/a/{uuid}/b", body),
        exchange("/a/22/b", '{"t": 1', 503),
        exchange("/a/22/b", '{"t": 1}'),
        exchange("/a/22/b", "[" * 900 + "]" * 900),
        exchange("/only/after"),
    )
    assert differences(bare, replace(account, exchanges=full)) == [
        Difference("responses", f"GET /a/*/b {what}", before, after)
        for what, before, after in (
            ("status", "200", "200, 503, timed out"),
            ("/t", "", "number, text"),
            ("/n", "", "number"),
            ("/f", "", "number"),
            ("/b", "", "true or false"),
            ("/z", "", "null"),
            ("/l", "", "list"),
            ("/l/*", "", "list, number"),
            ("/l/*/x", "", "text"),
            ("/o/p", "", "number"),
            ("body", "", "JSON of too many levels, no complete JSON"),
        )
    ]
