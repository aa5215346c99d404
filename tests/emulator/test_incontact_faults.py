"""Faults affect incontact too, if they have a meaning there."""

import contextlib
import json
import random
from collections import Counter
from typing import Any

import aiohttp
import pytest
from tests.emulator.effects import QUICK
from tests.support.thorough import mostly_thorough, sampled

from cxone_rollcall.emulator import FAULTS
from cxone_rollcall.emulator.faults.rows import SAMPLES

Visit = Any  # the fixture of conftest.py, which import-mode importlib does not let a test import
Visitor = Any  # and what it yields

V2_ALONE = {"separator", "ids-ignored", "too-many-ids", "poison-id", "pages-from-zero", "other-contract"} | {
    "rows-come-and-go",
    "answers-cached",
    "two-backends",
}
PUBLISHED_ALONE = {
    "version-missing",
    "discovery-wrong",
    "no-user",
    "hidden-agents",
    "skip-ignored",
    "next-link-loops",
    "next-link-elsewhere",
    "rows-lost",
    "seen-elsewhere",
    "poll-stale",
}


async def outcomes(visitor: Visitor) -> list[int | str]:
    """Request discovery, a token, roster, states and one detail. Return each status, or `broken`."""
    found: list[int | str] = []
    for ask in (
        lambda: visitor.ask("GET", "/.well-known/openid-configuration"),
        visitor.ask_token,
        visitor.agents,
        visitor.states,
        lambda: visitor.get("server-time"),
    ):
        try:
            found.append((await ask()).status)
        except aiohttp.ClientError:
            found.append("broken")
    return found


@pytest.mark.parametrize(
    ("fault", "wanted"),
    [
        ("reset=any", ["broken"] * 5),
        ("reset=discovery", ["broken", 200, 200, 200, 200]),
        ("html-page=discovery", [200] * 5),
        ("server-error=detail", [200, 200, 200, 200, 503]),
        ("server-error=api", [200, 200, 503, 503, 200]),
        ("path-missing", [200, 200, 404, 404, 200]),
        ("client-refused", [200, 401, 200, 200, 200]),
        ("grant-refused", [200, 400, 200, 200, 200]),
        ("key-refused", [200, 400, 200, 200, 200]),
        ("token-rejected", [200, 200, 401, 401, 401]),
        ("forbidden", [200, 200, 200, 403, 200]),
        ("no-content=when=always", [200, 200, 200, 204, 200]),
        ("nobody-logged-in", [200] * 5),
        ("body-short", [200, 200, 200, "broken", 200]),
        ("rate-limit-forever", [200, 200, 200, 429, 200]),
        ("discovery-wrong=path-missing", [404, 200, 200, 200, 200]),
        ("version-missing=34", [200] * 5),
        ("version-missing=33", [200, 200, 404, 404, 404]),
        ("version-missing=33,at=states", [200, 200, 200, 404, 200]),
        ("version-missing=33,at=agents", [200, 200, 404, 200, 200]),
        *((name, [200] * 5) for name in sorted(V2_ALONE)),
    ],
)
async def test_a_fault_affects_its_endpoint(published: Visit, fault: str, wanted: list[int | str]) -> None:
    """A fault affects the endpoint that it names, on any contract. It changes nothing where it has no meaning."""
    async with published(fault) as visitor:
        assert await outcomes(visitor) == wanted


async def test_refusals_are_spelt_as_here(published: Visit) -> None:
    """A fault's refusals have this contract's spelling."""
    async with published("forbidden", "key-refused", readings={"spelling": "errorDescription"}) as visitor:
        assert set((await visitor.ask_token()).json) == {"error", "errorDescription"}
        assert (await visitor.states()).headers["icstatusdescription"]


async def test_scope_missing(published: Visit) -> None:
    """A permission may be missing in new tokens. Neither token nor response names the permissions."""
    async with published("scope-missing") as visitor:
        said = (await visitor.ask_token()).json
        assert "scope" not in said
        visitor.token = said["access_token"]
        assert [(await visitor.agents()).status, (await visitor.states()).status] == [200, 403]


async def test_page_cap(published: Visit) -> None:
    """A capped page leads on to the rows after its own. Or it loses the rest of the rows requested."""
    for how, count in (("given", 120), ("asked", 45)):
        async with published(f"page-cap=25,offset={how}") as visitor:
            rows = await visitor.follow("agents?top=100", "agents")
            assert len({row["agentId"] for row in rows}) == len(rows) == count


async def test_roster_faults(published: Visit) -> None:
    """Rosters shift, are short, have no total, or are empty."""
    async with published("roster-shifts") as visitor:
        ids = [str(row["agentId"]) for row in await visitor.follow("agents?top=50", "agents")]
        assert (len(ids), len(set(ids))) == (120, 119)
    async with published("roster-short=4") as visitor:
        assert (await visitor.agents()).json["totalRecords"] == 124
        assert (await visitor.states()).json["totalRecords"] == 120
    async with published("no-total") as visitor:
        assert "totalRecords" not in (await visitor.agents()).json
    async with published("roster-empty") as visitor:
        assert (await visitor.agents()).status == 204


async def test_chosen_agents(published: Visit) -> None:
    """Chosen agents have no state name, two rows or none at first. They may be on any page."""
    for fault, check in (
        ("state-unnamed", lambda row: not {"agentStateId", "agentStateName"} & set(row)),
        ("state-unnamed=how=null", lambda row: row["agentStateId"] is row["agentStateName"] is None),
        ("state-unnamed=how=novel", lambda row: row["agentStateName"] == "Wrapping Up"),
    ):
        async with published(fault) as visitor:
            rows = await visitor.follow("agents/states", "agentStates")
            (chosen,) = visitor.emulator.tenant.chosen("state-unnamed", 1)
            assert [str(row["agentId"]) for row in rows if check(row)] == [chosen]
    async with published("rows-contradict") as visitor:
        rows = await visitor.follow("agents/states", "agentStates")
        (twice,) = [agent_id for agent_id, count in Counter(row["agentId"] for row in rows).items() if count > 1]
        assert len({row["agentStateId"] for row in rows if row["agentId"] == twice}) == 2
    async with published("login-race") as visitor:
        assert [len(await visitor.follow("agents/states", "agentStates")) for _ in range(2)] == [119, 120]


async def test_rows_elsewhere(published: Visit) -> None:
    """The rows are under another key, with all that belongs beside them."""
    async with published("rows-elsewhere=items") as visitor:
        said = (await visitor.states()).json
        assert len(said["items"]) == 100
        assert {"lastPollTime", "_links"} < set(said)


async def test_hostile_names(published: Visit) -> None:
    """Names and reasons are the samples; ids and codes are unchanged."""
    async with published("hostile-names") as visitor:
        rows = await visitor.follow("agents", "agents")
        assert {row["firstName"] for row in rows} <= set(SAMPLES)
        assert [str(row["agentId"]) for row in rows] == visitor.ids()


@pytest.mark.parametrize("agents", [0, 1])
@pytest.mark.parametrize("fault", sampled(QUICK, every=3))
async def test_no_fault_stumbles(published: Visit, caplog: pytest.LogCaptureFixture, fault: str, agents: int) -> None:
    """No fault crashes on this contract, or in tiny tenants."""
    async with published(fault, agents=agents) as visitor:
        await outcomes(visitor)
    assert not caplog.records


def test_faults_for_one_contract_only() -> None:
    """Faults about ids, pages and the other contract are for `v2` only. Those about links and users are not."""
    assert {fault.name for fault in FAULTS if fault.contracts == ("v2",)} == V2_ALONE
    assert {fault.name for fault in FAULTS if fault.contracts == ("incontact",)} == PUBLISHED_ALONE


@pytest.mark.parametrize("fault", sorted(PUBLISHED_ALONE))
async def test_v2_is_spared(visit: Visit, fault: str) -> None:
    """A fault for `incontact` only changes nothing on `v2`."""
    async with visit(fault) as visitor:
        assert await visitor.roster() == visitor.ids()
        assert (await visitor.states(visitor.ids())).asked == visitor.ids(present=True)


async def test_requests_are_counted(published: Visit) -> None:
    """The control path counts this contract's endpoints by name."""
    async with published() as visitor:
        await outcomes(visitor)
        said = json.loads((await visitor.ask("GET", "/_emulator/requests")).body)
        assert set(said["endpoints"]) == {"discovery", "token", "agents", "states", "detail"}


@pytest.mark.parametrize("seed", mostly_thorough(range(16), quick=2))
async def test_any_faults_together_crash_nothing(published: Visit, caplog: pytest.LogCaptureFixture, seed: int) -> None:
    """Any faults together never crash the emulator, on any path."""
    lot = random.Random(seed)
    names = [fault.name for fault in FAULTS if fault.name not in {"hang", "slow-drip", "latency"}]
    paths = ("agents", "agents/states", "agents/30000000001", "agents/30000000001/states", "contacts/active")
    more = ("agents/30000000001/login-history", "security-profiles", "permissions", "server-time", "business-unit")
    async with published(*lot.sample(names, lot.randint(2, 12)), agents=60, seed=seed, page_cap=20) as visitor:
        await outcomes(visitor)
        for path in (*paths, *more):
            with contextlib.suppress(aiohttp.ClientError):
                await visitor.get(path)
        assert (await visitor.ask("GET", "/_emulator/faults")).status == 200
    assert not caplog.records
