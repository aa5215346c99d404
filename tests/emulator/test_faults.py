"""Each fault does to the answers what its summary says, and leaves the rest alone."""

import json
import random
from collections.abc import Awaitable, Callable, Iterable
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
import pytest

from rollcall.emulator import FAULTS, EmulatorSettings, parse_fault
from rollcall.emulator.faults.hostile_names import SAMPLES

Visit = Any  # the fixture of conftest.py, which import-mode importlib does not let a test import
Visitor = Any  # and what it yields
Effect = Callable[[Visitor], Awaitable[None]]


def chosen(visitor: Visitor, count: int = 1) -> tuple[str, ...]:
    """Return the agents that the first fault that is on has chosen."""
    ids: tuple[str, ...] = visitor.emulator.tenant.chosen(visitor.emulator.faults[0].name, count)
    assert len(ids) == count
    return ids


async def three(visitor: Visitor) -> list[Any]:
    """Ask each endpoint once; give what was answered, or the error that came of it."""
    answers: list[Any] = []
    for ask in (visitor.ask_token, visitor.agents, lambda: visitor.states(visitor.ids())):
        try:
            answers.append(await ask())
        except aiohttp.ClientError as error:
            answers.append(error)
    return answers


def statuses(*wanted: int) -> Effect:
    """The token, the roster and the states are answered with these statuses, and errors with JSON or nothing."""

    async def effect(visitor: Visitor) -> None:
        assert tuple(reply.status for reply in await three(visitor)) == wanted

    return effect


def heals_after(times: int, status: int) -> Effect:
    """The states are answered with the status so many times, and then in full."""

    async def effect(visitor: Visitor) -> None:
        ids = visitor.ids(present=True)
        assert [(await visitor.states(ids)).status for _ in range(times)] == [status] * times
        assert (await visitor.states(ids)).asked == ids

    return effect


def broken(*at: str, with_: type[Exception] = aiohttp.ClientConnectionError) -> Effect:
    """Asking these endpoints breaks off with such an error; the others answer."""

    async def effect(visitor: Visitor) -> None:
        answers = dict(zip(("token", "agents", "states"), await three(visitor), strict=True))
        assert {name for name, answer in answers.items() if isinstance(answer, with_)} == set(at)
        assert {name for name, answer in answers.items() if not isinstance(answer, Exception)} == set(answers) - set(at)

    return effect


def refused_token(status: int, error: str) -> Effect:
    """No token is granted, for this reason; tokens granted before are taken."""

    async def effect(visitor: Visitor) -> None:
        token, agents, states = await three(visitor)
        assert (token.status, token.json["error"]) == (status, error)
        assert (agents.status, states.status) == (200, 200)

    return effect


def same_roster(*, total: int | None = 120, first: int = 1, **page: int) -> Effect:
    """Pages hold every agent once, the total is as given, and the states are not touched."""

    async def effect(visitor: Visitor) -> None:
        assert await visitor.roster(first=first, **page) == visitor.ids()
        assert (await visitor.agents()).json.get("totalCount") == total
        assert (await visitor.states(visitor.ids())).asked == visitor.ids(present=True)

    return effect


def states_hold(rows: Callable[[Visitor], Iterable[str]]) -> Effect:
    """All agents asked for at once, the states hold these rows, and the roster is whole."""

    async def effect(visitor: Visitor) -> None:
        assert (await visitor.states(visitor.ids())).asked == list(rows(visitor))
        assert await visitor.roster() == visitor.ids()

    return effect


def body_is(at: str, wanted: Callable[[bytes], bool]) -> Effect:
    """The body of the answer of an endpoint, status 200, is so."""

    async def effect(visitor: Visitor) -> None:
        answer = dict(zip(("token", "agents", "states"), await three(visitor), strict=True))[at]
        assert answer.status == 200
        assert int(answer.headers["content-length"]) == len(answer.body)
        assert wanted(answer.body)

    return effect


def no_json(body: bytes) -> bool:
    """Whether a body cannot be read as JSON."""
    try:
        json.loads(body)
    except ValueError:
        return True
    return False


def spoiling(*wanted: int | type[Exception]) -> Effect:
    """With the chosen agent a request fails so, alone too; without it all others answer."""

    async def effect(visitor: Visitor) -> None:
        (spoilt,) = chosen(visitor)
        rest = [agent_id for agent_id in visitor.ids(present=True) if agent_id != spoilt]
        for ids in ([spoilt], [*rest[:5], spoilt], visitor.ids()):
            try:
                outcome: int | type[Exception] = (reply := await visitor.states(ids)).status
                assert outcome != 200 or reply.rows == []
            except aiohttp.ClientConnectionError:
                outcome = aiohttp.ClientConnectionError
            assert (outcome,) == wanted
        assert (await visitor.states(rest)).asked == rest

    return effect


async def drips(visitor: Visitor) -> None:
    """The head comes, a byte comes, the end does not."""
    headers = {"Authorization": f"Bearer {visitor.token}"}
    async with visitor.session.get(f"{visitor.url}/api/v2/agents", headers=headers) as response:
        assert response.status == 200
        assert await response.content.readexactly(1) == b"{"
        assert not response.content.at_eof()
        response.close()


async def hangs(visitor: Visitor) -> None:
    """Nothing comes of the request; other endpoints answer."""
    assert await visitor.unanswered("/api/v2/agents")
    assert visitor.emulator.requests["agents", "never"] == 1
    assert (await visitor.states(visitor.ids())).rows


def signs_in(label: str) -> Effect:
    """A page of HTML comes with status 200, under this label."""

    async def effect(visitor: Visitor) -> None:
        for reply in await three(visitor):
            assert reply.status == 200
            assert label in reply.headers["content-type"]
            assert reply.body.startswith(b"<!DOCTYPE html>")

    return effect


async def redirects(visitor: Visitor) -> None:
    """The sign-in is on a host that cannot be there."""
    reply = await visitor.agents()
    assert reply.status == 302
    assert reply.headers["location"].startswith("https://sign-in.invalid/")


async def speaks_the_other(visitor: Visitor) -> None:
    """The other contract's agents want a token, in any version and spelling of the path; v2 is not there."""
    await statuses(404, 404, 404)(visitor)
    for path in ("/incontactapi/services/v34.0/agents", "/inContactAPI//services/V2.0/Agents/states?top=1"):
        assert (await visitor.ask("GET", path)).status == 401
    assert (await visitor.ask("GET", "/incontactapi/services/v34.0/")).status == 404


async def is_late(visitor: Visitor) -> None:
    """Answers come, later."""
    assert [reply.status for reply in await three(visitor)] == [200, 200, 200]


async def drops_connections(visitor: Visitor) -> None:
    """The answer is whole and says nothing of a close; the connection is gone after it."""
    reply = await visitor.agents()
    assert (reply.status, len(reply.rows)) == (200, 100)
    assert "connection" not in reply.headers


async def expires_once(visitor: Visitor) -> None:
    """The token is good for two requests; the next one is good for all."""
    assert [(await visitor.agents()).status for _ in range(4)] == [200, 200, 401, 401]
    await visitor.log_in()
    assert [(await visitor.agents()).status for _ in range(4)] == [200] * 4


async def names_another_tenant(visitor: Visitor) -> None:
    """The new token differs from the old one in its tenant."""
    tenant_id = visitor.emulator.tenant.tenant_id
    await visitor.log_in()
    grants = list(visitor.emulator.tenant.grants.values())
    assert [grant.tenant_id == tenant_id for grant in grants] == [True, False]
    assert (await visitor.agents()).status == 200


async def is_plain(visitor: Visitor) -> None:
    """The answer has no life and no scope, the token no dots; it is honoured."""
    said = (await visitor.ask_token()).json
    assert set(said) == {"access_token", "token_type"}
    assert "." not in said["access_token"]
    visitor.token = said["access_token"]
    assert (await visitor.agents()).status == 200


def lacks(scope: str, agents: int, states: int, *, shown: bool) -> Effect:
    """A new token lacks the scope; its endpoint says 403, the other answers."""

    async def effect(visitor: Visitor) -> None:
        said = (await visitor.ask_token()).json
        assert ("scope" in said) == shown
        assert scope not in said.get("scope", "")
        visitor.token = said["access_token"]
        assert (await visitor.agents()).status == agents
        assert (await visitor.states(visitor.ids())).status == states

    return effect


def reads_comma(good: str, bad: str) -> Effect:
    """Ids joined with one comma are all read, with the other one none is, and a single id always."""

    async def effect(visitor: Visitor) -> None:
        ids = visitor.ids(present=True)[:5]
        assert (await visitor.states(ids, comma=good)).asked == ids
        assert (await visitor.states(ids, comma=bad)).asked == []
        assert (await visitor.states(ids[:1])).asked == ids[:1]

    return effect


async def ignores_ids(visitor: Visitor) -> None:
    """A made-up id gets the same answer as real ones."""
    made_up, real = await visitor.states(["1"]), await visitor.states(visitor.ids())
    assert made_up.body == real.body
    assert len(real.rows) == 5


def takes(limit: int, status: int) -> Effect:
    """So many ids are answered; one more is refused."""

    async def effect(visitor: Visitor) -> None:
        ids = visitor.ids()
        assert (await visitor.states(ids[:limit])).status == 200
        assert (await visitor.states(ids[: limit + 1])).status == status
        assert (await visitor.agents()).status == 200

    return effect


def roster_is_empty(body: bytes, status: int) -> Effect:
    """The roster has nobody; the states are not touched."""

    async def effect(visitor: Visitor) -> None:
        reply = await visitor.agents()
        assert (reply.status, reply.body) == (status, body)
        assert (await visitor.states(visitor.ids())).asked == visitor.ids(present=True)

    return effect


async def begins_at_zero(visitor: Visitor) -> None:
    """Page 0 holds the first agents; who begins at 1 misses them."""
    assert await visitor.roster(size=50, first=0) == visitor.ids()
    assert await visitor.roster(size=50, first=1) == visitor.ids()[50:]


async def loses_rows(visitor: Visitor) -> None:
    """The next page begins where it was asked to: the rows between are on no page of that size, but on smaller ones."""
    assert await visitor.roster(size=100) == visitor.ids()[:25] + visitor.ids()[100:]
    assert await visitor.roster(size=25) == visitor.ids()


def shifts(*, heals: bool) -> Effect:
    """An agent comes twice, one is missed; the second reading is whole if it heals."""

    async def effect(visitor: Visitor) -> None:
        ids = visitor.ids()
        assert await visitor.roster(size=50) == [*ids[:50], ids[49], *ids[50:119]]
        assert (await visitor.roster(size=50) == ids) == heals
        assert (await visitor.agents()).json["totalCount"] == 120

    return effect


async def counts_on(visitor: Visitor) -> None:
    """The total differs from page to page, in the first reading."""
    for totals in ([120, 121, 122], [120, 120, 120]):
        assert [(await visitor.agents(page, 50)).json["totalCount"] for page in (1, 2, 3)] == totals
    assert await visitor.roster(size=50) == visitor.ids()


def rows_at(find: Callable[[Any], Any], *, agents: bool = True, states: bool = True) -> Effect:
    """The rows are where they are looked for, at these endpoints, and where they belong at the others."""

    async def effect(visitor: Visitor) -> None:
        roster, all_states = await visitor.agents(), await visitor.states(visitor.ids())
        assert len(find(roster.json) if agents else roster.rows) == 100
        assert len(find(all_states.json) if states else all_states.rows) == len(visitor.ids(present=True))

    return effect


async def is_hostile(visitor: Visitor) -> None:
    """Ids, logins and states are as they were; the texts are the samples, read back from JSON unharmed."""
    rows = (await visitor.agents()).rows
    assert [str(row["id"]) for row in rows] == visitor.ids()[:100]
    assert {row["firstName"] for row in rows} == set(SAMPLES)
    assert {row["email"] for row in rows} <= set(SAMPLES)
    assert all(row["userName"].isascii() and row["userName"] for row in rows)
    states = await visitor.states(visitor.ids())
    assert states.asked == visitor.ids(present=True)
    assert {row["subState"] for row in states.rows if "subState" in row} <= set(SAMPLES)


def unnamed(check: Callable[[dict[str, Any]], bool]) -> Effect:
    """The row of the chosen agent is so, and no other row is."""

    async def effect(visitor: Visitor) -> None:
        rows = (await visitor.states(visitor.ids())).rows
        assert [str(row["agentId"]) for row in rows] == visitor.ids(present=True)
        assert [str(row["agentId"]) for row in rows if check(row)] == list(chosen(visitor))

    return effect


async def contradicts(visitor: Visitor) -> None:
    """The chosen agent has two rows with different states, all others one."""
    (twice,) = chosen(visitor)
    rows = (await visitor.states(visitor.ids())).rows
    said = [row["state"] for row in rows if str(row["agentId"]) == twice]
    assert len(said) == len(set(said)) == 2
    assert len(rows) == len(visitor.ids(present=True)) + 1


def intrudes(*, on_roster: bool) -> Effect:
    """One row more comes than was asked for, of somebody on the roster or not."""

    async def effect(visitor: Visitor) -> None:
        ids = visitor.ids(present=True)[:3]
        (*wanted, stranger) = (await visitor.states(ids)).asked
        assert wanted == ids
        assert stranger not in ids
        assert (stranger in visitor.ids()) == on_roster

    return effect


async def comes_third(visitor: Visitor) -> None:
    """The chosen agent has no row twice, then always one."""
    (late,) = chosen(visitor)
    for there in (False, False, True, True):
        present = [agent_id for agent_id in visitor.ids(present=True) if there or agent_id != late]
        assert (await visitor.states(visitor.ids())).asked == present


async def breaks_midway(visitor: Visitor) -> None:
    """The head promises more than comes."""
    with pytest.raises(aiohttp.ClientPayloadError):
        await visitor.states(visitor.ids())
    assert (await visitor.agents()).status == 200


def says_nothing(status: int, *, always: bool = False) -> Effect:
    """Where there are no rows there is no body."""

    async def effect(visitor: Visitor) -> None:
        reply = await visitor.states(visitor.ids(present=False))
        assert (reply.status, reply.body) == (status, b"")
        assert ((await visitor.states(visitor.ids())).body == b"") == always

    return effect


def throttles(header: str | None) -> Effect:
    """The first request is answered, the next is throttled, with this Retry-After."""

    async def effect(visitor: Visitor) -> None:
        assert [(await visitor.agents()).status for _ in range(2)] == [200, 429]
        assert (await visitor.states(["1"])).headers.get("retry-after") == header
        assert (await visitor.ask_token()).status == 200

    return effect


async def is_skewed(visitor: Visitor) -> None:
    """The date is an hour behind."""
    ahead = parsedate_to_datetime((await visitor.ask("GET", "/_emulator/requests")).headers["date"])
    assert ahead - parsedate_to_datetime((await visitor.agents()).headers["date"]) >= timedelta(seconds=3599)


async def is_old(visitor: Visitor) -> None:
    """The states carry their age, the roster none."""
    assert (await visitor.states(visitor.ids())).headers["age"] == "90"
    assert "age" not in (await visitor.agents()).headers


CASES: tuple[tuple[str, Effect], ...] = (
    ("reset", broken("token", "agents", "states")),
    ("reset=token", broken("token")),
    ("reset=how=close,at=states", broken("states")),
    ("reset-some", spoiling(aiohttp.ClientConnectionError)),
    ("hang=agents", hangs),
    ("slow-drip=seconds=1000", drips),
    ("slow-drip=seconds=0", same_roster()),
    ("html-page", signs_in("text/html")),
    ("html-page=labelled=json", signs_in("application/json")),
    ("sign-in-redirect", redirects),
    ("server-error", statuses(503, 503, 503)),
    ("server-error=api,status=500", statuses(200, 500, 500)),
    ("server-error=states,times=2", heals_after(2, 503)),
    ("server-error-some", spoiling(500)),
    ("path-missing", statuses(200, 404, 404)),
    ("path-missing=any", statuses(404, 404, 404)),
    ("other-contract", speaks_the_other),
    ("latency=1,jitter=2", is_late),
    ("connection-dropped", drops_connections),
    ("client-refused", refused_token(401, "invalid_client")),
    ("grant-refused", refused_token(400, "unsupported_grant_type")),
    ("grant-refused=invalid_scope", refused_token(400, "invalid_scope")),
    ("grant-refused=none", statuses(400, 200, 200)),
    ("key-refused", refused_token(400, "invalid_grant")),
    ("token-expires=2", expires_once),
    ("token-expires=life=0", statuses(200, 401, 401)),
    ("token-rejected", statuses(200, 401, 401)),
    ("foreign-tenant", names_another_tenant),
    ("token-plain", is_plain),
    ("scope-missing", lacks("presence:read", 200, 403, shown=True)),
    ("scope-missing=agent:read,readable=no", lacks("agent:read", 403, 200, shown=False)),
    ("forbidden", statuses(200, 200, 403)),
    ("separator", reads_comma("%2c", ",")),
    ("separator=literal", reads_comma(",", "%2C")),
    ("ids-ignored=5", ignores_ids),
    ("too-many-ids", takes(50, 414)),
    ("too-many-ids=20,status=431", takes(20, 431)),
    ("batch-cut", states_hold(lambda visitor: visitor.ids(present=True)[:37])),
    ("batch-cut=20,how=ids", states_hold(lambda v: [one for one in v.ids()[:20] if one in v.ids(present=True)])),
    ("poison-id", spoiling(200)),
    ("poison-id=how=400", spoiling(400)),
    ("poison-id=how=404", spoiling(404)),
    ("roster-empty", roster_is_empty(b'{"entities":[],"totalCount":0}', 200)),
    ("roster-empty=absent", roster_is_empty(b'{"entities":[]}', 200)),
    ("roster-empty=204", roster_is_empty(b"", 204)),
    ("page-cap", same_roster()),
    ("page-cap=25,offset=asked", loses_rows),
    ("pages-from-zero", begins_at_zero),
    ("roster-shifts", shifts(heals=True)),
    ("roster-shifts=heals=no", shifts(heals=False)),
    ("roster-shifts=total", counts_on),
    ("roster-short=4", same_roster(total=124)),
    ("no-total", same_roster(total=None)),
    ("rows-elsewhere", rows_at(lambda body: body["items"])),
    ("rows-elsewhere=agents,at=agents", rows_at(lambda body: body["agents"], states=False)),
    ("rows-elsewhere=bare,at=states", rows_at(lambda body: body, agents=False)),
    ("rows-elsewhere=resultSet", rows_at(lambda body: body["resultSet"]["entities"])),
    ("hostile-names", is_hostile),
    ("state-unnamed", unnamed(lambda row: "state" not in row)),
    ("state-unnamed=how=null", unnamed(lambda row: row["state"] is None)),
    ("state-unnamed=how=empty", unnamed(lambda row: row["state"] == "")),
    ("state-unnamed=how=novel", unnamed(lambda row: row["state"] == "Wrapping Up")),
    ("rows-contradict", contradicts),
    ("unasked-row", intrudes(on_roster=False)),
    ("unasked-row=colleague", intrudes(on_roster=True)),
    ("login-race=3", comes_third),
    ("nobody-logged-in", states_hold(lambda visitor: ())),
    ("body-cut", body_is("states", no_json)),
    ("body-cut=agents", body_is("agents", no_json)),
    ("body-cut=token", body_is("token", no_json)),
    ("body-short", breaks_midway),
    ("body-garbled", body_is("states", no_json)),
    ("body-garbled=no-entities", body_is("states", lambda body: json.loads(body) == {"totalCount": 1})),
    ("body-garbled=null,at=token", body_is("token", lambda body: json.loads(body) is None)),
    ("no-content", says_nothing(204)),
    ("no-content=empty", says_nothing(200)),
    ("no-content=when=always", says_nothing(204, always=True)),
    ("rate-limit=0.1", throttles("10")),
    ("rate-limit=0.1,retry_after=none", throttles(None)),
    ("rate-limit=0.1,retry_after=absurd", throttles("31536000")),
    ("rate-limit=0.1,retry_after=garbled", throttles("a little while")),
    ("rate-limit-forever", statuses(200, 200, 429)),
    ("clock-skewed=-3600", is_skewed),
    ("answer-stale=90", is_old),
)


@pytest.mark.parametrize(("spec", "effect"), CASES, ids=[spec for spec, _ in CASES])
async def test_effect(visit: Visit, spec: str, effect: Effect) -> None:
    """A fault does what its summary says."""
    async with visit(spec) as visitor:
        await effect(visitor)


def test_every_fault_has_a_case() -> None:
    """No fault is listed that no case looks at."""
    assert {parse_fault(spec).name for spec, _ in CASES} == {fault.name for fault in FAULTS}


@pytest.mark.parametrize("spec", [spec for spec, _ in CASES])
async def test_truth_is_untouched(visit: Visit, spec: str) -> None:
    """What is true of the agents does not depend on the faults, and who is struck only on the seed."""
    async with visit() as healthy, visit(spec) as struck, visit(spec) as again:
        assert struck.emulator.truth() == healthy.emulator.truth()
        name = struck.emulator.faults[0].name
        assert struck.emulator.tenant.chosen(name, 3) == again.emulator.tenant.chosen(name, 3)


async def test_seed_chooses(visit: Visit) -> None:
    """With another seed other agents are struck."""
    async with visit("poison-id", seed=1) as one, visit("poison-id", seed=2) as other:
        assert chosen(one, 5) != chosen(other, 5)


async def test_rate_limit_heals_or_not(visit: Visit) -> None:
    """After the wait the rate limit is over, unless it is not to heal."""
    time = [1000.0]
    for heals, status in (("yes", 200), ("no", 429)):
        async with visit(f"rate-limit=1,heals={heals}", now=lambda: time[0]) as visitor:
            assert [(await visitor.agents()).status for _ in range(2)] == [200, 429]
            time[0] += 60
            assert (await visitor.agents()).status == status


async def test_token_life(visit: Visit) -> None:
    """A token that dies after some seconds is honoured until then, whatever its answer says."""
    time = [1000.0]
    async with visit("token-expires=life=5,times=2", now=lambda: time[0]) as visitor:
        for status in (401, 401, 200):
            assert (await visitor.agents()).status == 200
            time[0] += 5
            assert (await visitor.agents()).status == status
            await visitor.log_in()


async def test_together(visit: Visit) -> None:
    """Faults that have nothing to do with each other act side by side."""
    async with visit("page-cap=10", "rows-elsewhere=items", "batch-cut=7", "body-cut=states,times=1") as visitor:
        assert len((await visitor.agents()).json["items"]) == 10
        assert no_json((await visitor.states(visitor.ids())).body)
        assert len((await visitor.states(visitor.ids())).json["items"]) == 7


@pytest.mark.parametrize("seed", range(40))
async def test_any_together(visit: Visit, caplog: pytest.LogCaptureFixture, seed: int) -> None:
    """Whatever faults are on together, the emulator does not stumble over them."""
    lot = random.Random(seed)
    specs = [spec for spec, _ in CASES if not spec.startswith(("hang", "slow-drip=seconds=1000"))]
    async with visit(*lot.sample(specs, lot.randint(2, 12)), agents=60, seed=seed, page_cap=20) as visitor:
        for _ in range(3):
            await three(visitor)
        assert (await visitor.ask("GET", "/_emulator/faults")).status == 200
    assert not caplog.records


@pytest.mark.parametrize("agents", [0, 1])
@pytest.mark.parametrize("fault", [fault for fault in FAULTS if fault.name != "hang"], ids=lambda fault: fault.name)
async def test_tiny_tenants(visit: Visit, caplog: pytest.LogCaptureFixture, fault: Any, agents: int) -> None:
    """A fault that finds nobody to strike leaves an answer all the same."""
    quick = {"slow-drip": "slow-drip=seconds=0", "latency": "latency=1"}
    async with visit(agents=agents) as visitor:
        visitor.emulator.switch_on([parse_fault(quick.get(fault.name, fault.name))])
        await three(visitor)
    assert not caplog.records


def test_settings_are_kept() -> None:
    """The default tenant is the one that the documentation shows."""
    settings = EmulatorSettings()
    assert (settings.agents, settings.seed, settings.page_cap, settings.clock) == (120, 1, 100, "frozen")
