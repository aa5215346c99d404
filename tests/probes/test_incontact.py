"""Small probes of incontact: when they run, and their results."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from cxone_rollcall.client.contract_probe import NO_CONTRACTS_PATH, discovery_request
from cxone_rollcall.errors import RequestFailed
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.exchange import Request
from cxone_rollcall.model.failure import FailureKind, Stage
from cxone_rollcall.model.observations.access import TokenGranted
from cxone_rollcall.model.observations.base import Failures, Selected
from cxone_rollcall.model.observations.probes import (
    BusinessUnitAsked,
    OtherContractAsked,
    ServerTimeAsked,
    SkillsAsked,
)
from cxone_rollcall.model.observations.roster import RosterRead
from cxone_rollcall.model.observations.states import AgentsAskedAlone, Alone, AskedAlone, StatesAsked
from cxone_rollcall.model.roll import Roll, RollEntry, Standing
from cxone_rollcall.model.struct import replace
from cxone_rollcall.probes import PROBES
from cxone_rollcall.probes.agents import SKILL_COUNTS, TYPED_IDS
from cxone_rollcall.probes.tenant import (
    BUSINESS_UNIT,
    OTHER_CONTRACT,
    SERVER_TIME,
)

from .scripted import Asked, failed, failure, seen, tenant

NOBODY = Roll((), roster_complete=False)
MISSING = failed(FailureKind.NOT_FOUND, Stage.ROSTER)
REFUSED = failed(FailureKind.UNAUTHORIZED, Stage.ROSTER)
MINE = TokenGranted(exchange=1, scopes=None, agent_id="1001")


def client(**said: Any) -> Any:
    """Return a client with these answers."""
    return Asked(**said)


def roll(*entries: tuple[str, Standing]) -> Roll:
    """Return a roll of agents and their standings."""
    return Roll([RollEntry(Agent(agent), standing) for agent, standing in entries], roster_complete=True)


def roster(agents: int, hidden: int = 0) -> RosterRead:
    """Return a roster of this many agents."""
    return RosterRead(exchange=2, first_exchange=2, pages=1, agents=agents, total=agents, page_size=100, hidden=hidden)


def test_a_healthy_tenant_is_asked_nothing() -> None:
    """In a healthy run each probe gives a reason to skip it."""
    calm = roll(("1001", Standing.PRESENT), ("1002", Standing.LOGGED_OUT))
    states = StatesAsked(exchange=3, batches=1, asked=2, rows=2, listed=True)
    for contract in ("v2", "incontact"):
        facts = seen(tenant(contract), MINE, roster(2), Selected(roster=2, kept=2), states)
        assert [probe.gives.__name__ for probe in PROBES if not probe.not_needed(facts, calm)] == []


async def test_server_time_shows_whether_the_token_is_accepted() -> None:
    """A response shows that the token is accepted, a 401 that not. The clocks are compared."""
    told = client(details={"server-time": {"ServerTime": "2026-03-02T10:31:00.5Z"}}, server_ahead=60.0)
    found = await SERVER_TIME.ask(told, seen(REFUSED), NOBODY)
    assert found == ServerTimeAsked(exchange=1, status=200, accepted=True, ahead=120.5)
    refusing = client()

    async def refuse(path: str) -> Any:
        raise RequestFailed(failure(FailureKind.UNAUTHORIZED, exchange=7, status=401))

    refusing.detail = refuse
    refused = await SERVER_TIME.ask(refusing, seen(REFUSED), NOBODY)
    assert refused == ServerTimeAsked(exchange=7, status=401, accepted=False)


@pytest.mark.parametrize("body", [None, {}, [], {"ServerTime": None}, {"ServerTime": "now"}, "2026"])
async def test_a_time_that_cannot_be_read_is_no_time(body: object) -> None:
    """A response without a readable time still shows an accepted token."""
    found = await SERVER_TIME.ask(client(details={"server-time": body}), seen(REFUSED), NOBODY)
    assert isinstance(found, ServerTimeAsked)
    assert (found.accepted, found.ahead) == (True, None)


@pytest.mark.parametrize("kind", [FailureKind.FORBIDDEN, FailureKind.NOT_FOUND, FailureKind.SERVER_TROUBLE])
async def test_any_other_answer_says_nothing_of_the_token(kind: FailureKind) -> None:
    """Other failures of the server's time say nothing about the token."""
    with pytest.raises(RequestFailed):
        await SERVER_TIME.ask(client(failing={"server-time": kind}), seen(REFUSED), NOBODY)


async def test_a_renewal_that_is_refused_says_nothing_of_the_token() -> None:
    """A 401 of the token endpoint is not the API's."""
    asking = client()

    async def renewing(path: str) -> Any:
        raise RequestFailed(failure(FailureKind.UNAUTHORIZED, Stage.TOKEN))

    asking.detail = renewing
    with pytest.raises(RequestFailed):
        await SERVER_TIME.ask(asking, seen(REFUSED), NOBODY)


def test_server_time_is_for_a_401_of_the_published_contract() -> None:
    """Only a 401 on incontact leads to this probe. Not on v2, and not if the token itself was refused."""
    assert SERVER_TIME.not_needed(seen(REFUSED), NOBODY) == ""
    assert SERVER_TIME.not_needed(seen(tenant("v2"), REFUSED), NOBODY)
    assert SERVER_TIME.not_needed(seen(failed(FailureKind.FORBIDDEN, Stage.ROSTER)), NOBODY)
    assert SERVER_TIME.not_needed(seen(failed(FailureKind.UNAUTHORIZED, Stage.TOKEN)), NOBODY)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"businessUnits": [{"tenantId": "11ed-a"}]}, "/businessUnits/0/tenantId"),
        ({"businessUnit": {"TenantID": "11ed-a"}}, "/businessUnit/TenantID"),
        ([{"tenantId": ""}, {"tenantId": "11ed-a"}, {"tenantId": "11ED-A"}], "/1/tenantId"),
        ([{"tenantId": "11ed-a"}, {"tenantId": "11ed-b"}], None),
        ({"businessUnitId": 4600000}, None),
        ({"tenantId": ""}, None),
        (None, None),
    ],
)
async def test_the_business_unit_names_one_tenant_or_none(body: object, pointer: str | None) -> None:
    """The business unit's tenant is read anywhere; several give none."""
    found = await BUSINESS_UNIT.ask(client(details={"business-unit": body}), seen(), NOBODY)
    none = BusinessUnitAsked(exchange=1, tenant=None)
    assert found == (none if pointer is None else BusinessUnitAsked(exchange=1, tenant="11ed-a", pointer=pointer))


def test_the_business_unit_is_requested_if_it_may_help() -> None:
    """The business unit is requested if the token names none. A tenant must be pinned, and the API must answer."""
    granted = TokenGranted(exchange=1, scopes=None)
    pinned = tenant(tenant_id="11ed-a")
    assert BUSINESS_UNIT.not_needed(seen(pinned, granted), NOBODY) == ""
    assert BUSINESS_UNIT.not_needed(seen(granted), NOBODY)
    assert BUSINESS_UNIT.not_needed(seen(pinned), NOBODY)
    assert BUSINESS_UNIT.not_needed(seen(pinned, TokenGranted(exchange=1, scopes=None, tenant="11ed-a")), NOBODY)
    assert BUSINESS_UNIT.not_needed(seen(pinned, granted, Failures(items=(), answered=0)), NOBODY)
    assert BUSINESS_UNIT.not_needed(seen(tenant("v2", tenant_id="11ed-a"), granted), NOBODY)


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ({"skillActivity": [{"agentsLoggedIn": 3}, {"agentsLoggedIn": 7}]}, 7),
        ({"resultSet": {"skills": [{"AgentsLoggedIn": 2}]}}, 2),
        ([{"agentsLoggedIn": True}, {"agentsLoggedIn": "9"}], 0),
        (None, 0),
    ],
)
async def test_the_greatest_skill_counts(body: object, count: int) -> None:
    """The largest number of one skill counts; others are ignored. One request costs one."""
    asking = client(details={"skills/activity": body})
    found = await SKILL_COUNTS.ask(asking, seen(), NOBODY)
    assert found == SkillsAsked(exchange=1, logged_in=count)
    assert len(asking.sent) == SKILL_COUNTS.cost


PRESENT, ABSENT = Standing.PRESENT, Standing.ABSENT


def alone(said: Alone) -> AgentsAskedAlone:
    """Return the answer to a request for agent 1002 alone."""
    return AgentsAskedAlone(items=(AskedAlone(agent_id="1002", said=said, exchange=4),))


@pytest.mark.parametrize(
    ("agents", "facts", "worth"),
    [
        ([("1001", PRESENT)], (MINE, roster(1)), True),
        ([("1001", PRESENT), ("1002", ABSENT)], (MINE, roster(2)), True),
        ([("1001", PRESENT)], (MINE, roster(1, hidden=9)), False),
        ([("1001", PRESENT), ("1002", PRESENT)], (MINE, roster(2)), False),
        ([("1002", PRESENT)], (MINE, roster(1)), False),
        ([("1001", PRESENT)], (roster(1),), False),
        ([("1001", PRESENT)], (MINE, roster(9), Selected(agents=("1001",), roster=9, kept=1)), False),
        ([("1001", PRESENT)], (MINE, roster(9), Selected(teams=("A",), roster=9, kept=1)), False),
        ([("1001", ABSENT)], (MINE, roster(1)), True),
        ([("1001", PRESENT), ("1002", ABSENT)], (MINE, roster(2, hidden=9)), True),
        ([("1001", PRESENT), ("1002", ABSENT)], (MINE, roster(2), alone(Alone.FORBIDDEN)), False),
        ([("1001", PRESENT), ("1002", ABSENT)], (MINE, roster(2), alone(Alone.NO_ROW)), True),
    ],
    ids=[
        *("roster of one", "row of one", "hiddenAgents is given", "two rows", "another's", "no agent", "selected"),
        *("a team", "no row of one", "hidden beside a colleague", "a colleague is refused", "a colleague has no row"),
    ],
)
def test_skills_are_requested_if_only_one_agent_is_visible(
    agents: list[tuple[str, Standing]], facts: tuple[Any, ...], *, worth: bool
) -> None:
    """Skills are requested if only the own agent is visible. And nothing else shows others."""
    assert (SKILL_COUNTS.not_needed(seen(*facts), roll(*agents)) == "") is worth


OTHER = Request(method="GET", target="/api/v2/agents?page=1&pageSize=1", purpose="does v2 answer here?")
OURS = SimpleNamespace(
    other_contracts=lambda: (("v2", OTHER),),
    roster_request=lambda page, size: Request(method="GET", target=f"/ours/{page}/{size}", purpose="our roster"),
)


@pytest.mark.parametrize(
    ("paths", "answers"),
    [
        ({OTHER.target: 200}, True),
        ({OTHER.target: 401}, True),
        ({OTHER.target: 401, NO_CONTRACTS_PATH: 401}, False),
        ({OTHER.target: 200, NO_CONTRACTS_PATH: 401}, True),
        ({OTHER.target: 404}, False),
        ({OTHER.target: 403}, False),
    ],
)
async def test_a_host_with_401_everywhere_shows_nothing(paths: dict[str, int], *, answers: bool) -> None:
    """A host with 401 everywhere shows nothing about the other contract."""
    asked = client(paths=paths, contract=OURS)
    found = await OTHER_CONTRACT.ask(asked, seen(MISSING), NOBODY)
    status = paths[OTHER.target]
    assert found == OtherContractAsked(
        contract="v2",
        target=OTHER.target,
        exchange=1,
        status=status,
        answers=answers,
        repeated=answers or status == 404,
    )
    control = [NO_CONTRACTS_PATH] if status == 401 else []
    again = [OTHER.target, "/ours/1/1", "/ours/1/1"] if answers or status == 404 else []
    assert asked.sent == [OTHER.target, *control, *again]
    assert len(asked.sent) <= OTHER_CONTRACT.cost


async def test_a_missing_discovery_is_repeated_as_such() -> None:
    """If a discovery was 404, the discovery is requested again."""
    lost = replace(failure(FailureKind.NOT_FOUND, Stage.DISCOVERY), host="hub.example")
    asked = client(paths={OTHER.target: 200}, contract=OURS)
    status_of, sent = asked.status_of, list[Request]()

    async def remembering(request: Request) -> Any:
        sent.append(request)
        return await status_of(request)

    asked.status_of = remembering
    found = await OTHER_CONTRACT.ask(asked, seen(Failures(items=(lost,), answered=1)), NOBODY)
    assert isinstance(found, OtherContractAsked)
    assert found.repeated
    assert sent == [OTHER, OTHER, discovery_request("hub.example"), discovery_request("hub.example")]


@pytest.mark.parametrize("status", [401, 200, 500, None])
async def test_our_path_must_be_missing_twice(status: int | None) -> None:
    """The other contract is proven only if our path stays 404. It is requested again after the other's."""
    said = {"failing": {"/ours": FailureKind.UNREACHABLE}} if status is None else {}
    paths = {OTHER.target: 200, "/ours/1/1": status or 404}
    found = await OTHER_CONTRACT.ask(client(paths=paths, contract=OURS, **said), seen(MISSING), NOBODY)
    assert isinstance(found, OtherContractAsked)
    assert (found.answers, found.repeated) == (True, False)


def test_a_list_has_no_typed_ids() -> None:
    """A list of states has no typed ids."""
    entry = RollEntry(Agent("1001", user_name="ann"), Standing.PRESENT, asked_as="ann")
    typed = Roll([entry], roster_complete=True)
    states = StatesAsked(exchange=3, batches=1, asked=1, rows=1, listed=True)
    assert TYPED_IDS.not_needed(seen(states), typed)
    assert TYPED_IDS.not_needed(seen(), typed) == ""
