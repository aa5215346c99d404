"""Faults of requests and responses, each with its effect."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
import pytest
from tests.emulator.effects import (
    Effect,
    Visitor,
    body_is,
    chosen,
    no_json,
    same_roster,
    spoiling,
    states_hold,
    statuses,
)

from cxone_rollcall.emulator.faults.rows import SAMPLES


def reads_comma(good: str, bad: str) -> Effect:
    """Ids joined with one comma are all read. With the other one none is, and a single id always."""

    async def effect(visitor: Visitor) -> None:
        ids = visitor.ids(present=True)[:5]
        assert (await visitor.states(ids, comma=good)).asked == ids
        assert (await visitor.states(ids, comma=bad)).asked == []
        assert (await visitor.states(ids[:1])).asked == ids[:1]

    return effect


def every_page_is(rows: int, total: int | None) -> Effect:
    """Each page, whatever its number, has these agents and this total. They are the first agents."""

    async def effect(visitor: Visitor) -> None:
        for page in (1, 2, 3):
            answered = await visitor.agents(page)
            assert [str(row["id"]) for row in answered.rows] == list(visitor.ids()[:rows])
            assert answered.json.get("totalCount") == total

    return effect


async def ignores_ids(visitor: Visitor) -> None:
    """A made-up id gets the same answer as real ones."""
    made_up, real = await visitor.states(["1"]), await visitor.states(visitor.ids())
    assert made_up.body == real.body
    assert len(real.rows) == 5


def takes(limit: int, status: int) -> Effect:
    """`limit` ids are answered; one more is refused."""

    async def effect(visitor: Visitor) -> None:
        ids = visitor.ids()
        assert (await visitor.states(ids[:limit])).status == 200
        assert (await visitor.states(ids[: limit + 1])).status == status
        assert (await visitor.agents()).status == 200

    return effect


def roster_is_empty(body: bytes, status: int) -> Effect:
    """The roster is empty; the states are unaffected."""

    async def effect(visitor: Visitor) -> None:
        reply = await visitor.agents()
        assert (reply.status, reply.body) == (status, body)
        assert (await visitor.states(visitor.ids())).asked == visitor.ids(present=True)

    return effect


async def begins_at_zero(visitor: Visitor) -> None:
    """Page 0 has the first agents. A client that begins at 1 misses them."""
    assert await visitor.roster(size=50, first=0) == visitor.ids()
    assert await visitor.roster(size=50, first=1) == visitor.ids()[50:]


async def loses_rows(visitor: Visitor) -> None:
    """The next page begins where requested. The rows between are on no page of that size, but on smaller ones."""
    assert await visitor.roster(size=100) == visitor.ids()[:25] + visitor.ids()[100:]
    assert await visitor.roster(size=25) == visitor.ids()


def shifts(*, heals: bool) -> Effect:
    """An agent comes twice, one is missed. The second reading is whole if it heals."""

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
    """At these endpoints the rows are elsewhere, at others in place."""

    async def effect(visitor: Visitor) -> None:
        roster, all_states = await visitor.agents(), await visitor.states(visitor.ids())
        assert len(find(roster.json) if agents else roster.rows) == 100
        assert len(find(all_states.json) if states else all_states.rows) == len(visitor.ids(present=True))

    return effect


async def is_hostile(visitor: Visitor) -> None:
    """Ids, logins and states are unchanged. The texts are the samples, unchanged after JSON."""
    rows = (await visitor.agents()).rows
    assert [str(row["id"]) for row in rows] == visitor.ids()[:100]
    assert {row["firstName"] for row in rows} == set(SAMPLES)
    assert {row["email"] for row in rows} <= set(SAMPLES)
    assert all(row["userName"].isascii() and row["userName"] for row in rows)
    states = await visitor.states(visitor.ids())
    assert states.asked == visitor.ids(present=True)
    assert {row["subState"] for row in states.rows if "subState" in row} <= set(SAMPLES)


def unnamed(check: Callable[[dict[str, Any]], bool]) -> Effect:
    """Only the chosen agent's row passes this check."""

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
    """A row of an unrequested agent comes, on the roster or not."""

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


async def is_stuck(visitor: Visitor) -> None:
    """Only the chosen agent's row has a start: 20 hours ago."""
    dated = [row for row in (await visitor.states(visitor.ids())).json["entities"] if "startDate" in row]
    assert [str(row["agentId"]) for row in dated] == list(chosen(visitor))
    began = datetime.fromisoformat(dated[0]["startDate"]).timestamp()
    assert abs(visitor.emulator.tenant.now() - began - 20 * 3600) < 60


def differs(like: Callable[[list[str], list[str]], bool]) -> Effect:
    """The same request gets different rows, each time like this."""

    async def effect(visitor: Visitor) -> None:
        seen = [list((await visitor.states(visitor.ids())).asked) for _ in range(4)]
        assert len(set(map(tuple, seen))) > 1
        assert all(like(rows, list(visitor.ids(present=True))) for rows in seen)

    return effect


async def answers_for_another(visitor: Visitor) -> None:
    """A request with as many ids gets the rows of the first."""
    ids = visitor.ids()
    first = (await visitor.states(ids[:40])).json["entities"]
    assert (await visitor.states(ids[40:80])).json["entities"] == first
    assert (await visitor.states(ids[40:70])).json["entities"] != first


ANSWERS: tuple[tuple[str, Effect], ...] = (
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
    ("paging-ignored", every_page_is(120, None)),
    ("paging-ignored=size,total=yes", every_page_is(100, 120)),
    ("rows-elsewhere", rows_at(lambda body: body["items"])),
    ("rows-elsewhere=agents,at=agents", rows_at(lambda body: body["agents"], states=False)),
    ("rows-elsewhere=bare,at=states", rows_at(lambda body: body, agents=False)),
    ("rows-elsewhere=resultSet", rows_at(lambda body: body["resultSet"]["entities"])),
    ("hostile-names", is_hostile),
    ("state-unnamed", unnamed(lambda row: "state" not in row)),
    ("state-unnamed=how=null", unnamed(lambda row: row["state"] is None)),
    ("state-unnamed=how=empty", unnamed(lambda row: row["state"] == "")),
    ("state-unnamed=how=novel", unnamed(lambda row: row["state"] == "Wrapping Up")),
    ("state-stuck", is_stuck),
    ("rows-contradict", contradicts),
    ("unasked-row", intrudes(on_roster=False)),
    ("unasked-row=colleague", intrudes(on_roster=True)),
    ("login-race=3", comes_third),
    ("rows-come-and-go=50", differs(lambda rows, whole: set(rows) < set(whole))),
    ("two-backends=turns=alternate", differs(lambda rows, whole: rows in ([], whole))),
    ("two-backends=lagging,turns=alternate", differs(lambda rows, whole: rows == whole or set(rows) < set(whole))),
    ("answers-cached", answers_for_another),
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
