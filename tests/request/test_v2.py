"""A program's request on the `v2` API. The cause is named, proven by two exchanges, and corrected."""

from __future__ import annotations

import asyncio
import base64
import json
import re
import time
from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest
from tests.request.conftest import TOKEN, Explain
from tests.transport.raw import listening

from cxone_rollcall.emulator.faults import Fault
from cxone_rollcall.emulator.wire import Answer, Call, Listing
from cxone_rollcall.request import question_of, read
from cxone_rollcall.request.background import at_a_host_for_our_token

STATES = "/api/v2/agents/states"


class Case(NamedTuple):
    """A request, its tenant, and the code that explains it."""

    target: str
    code: str
    exit: int
    faults: tuple[str, ...] = ()
    more: Mapping[str, Any] = MappingProxyType({})


CASES = {
    "without ids": Case(STATES, "RC303", 1),
    "ids under another name": Case(f"{STATES}?ids={{ins}}", "RC303", 1),
    "names instead of ids": Case(f"{STATES}?agentIds={{break_name}}", "RC401", 1),
    "a state filter": Case(f"{STATES}?agentIds={{break}},{{busy}}&state=Available", "RC406", 1),
    "a misspelt state": Case(f"{STATES}?agentIds={{available}}&state=Availble", "RC407", 1),
    "too many ids": Case(f"{STATES}?agentIds={{all}}", "RC404", 1, ("too-many-ids=50",)),
    "cut off": Case(f"{STATES}?agentIds={{all}}", "RC405", 1, ("batch-cut=20",)),
    "a separator": Case(f"{STATES}?agentIds={{ins}}", "RC410", 1, ("separator",)),
    "an id that spoils": Case(f"{STATES}?agentIds={{all}}", "RC403", 3, ("poison-id",)),
    "another version of the path": Case("/v2/agents/states?agentIds={ins}", "RC107", 5),
    "the other API": Case("/incontactapi/services/v34.0/agents/states", "RC108", 5),
    "no token": Case(f"{STATES}?agentIds={{ins}}", "RC205", 4, more={"headers": {}}),
    "a token of nobody": Case(
        f"{STATES}?agentIds={{ins}}", "RC205", 4, more={"headers": {"Authorization": "Bearer x1y2z3"}}
    ),
    "a scope": Case(f"{STATES}?agentIds={{ins}}", "RC302", 4, (), {"token": {"scopes": ("agent:read",)}}),
    "one page of the roster": Case("/api/v2/agents?page=1&pageSize=50", "RC502", 1),
    "the second page of the roster": Case("/api/v2/agents?page=2&pageSize=100", "RC502", 1),
}


@pytest.mark.parametrize("name", CASES)
async def test_the_cause_is_named(explain: Explain, name: str) -> None:
    """The cause has its code, PROVEN, and the exit code of `check`."""
    case = CASES[name]
    told = await explain(case.target, *case.faults, **case.more)
    assert (told.proven, told.code) == ({case.code}, case.exit), told.request


async def test_a_wrong_path_and_a_bad_token(explain: Explain) -> None:
    """Two mistakes that hide each other are both named. Each is shown by leaving out its change."""
    headers = {"Authorization": "Bearer x1y2z3"}
    told = await explain("/cxone/agents/states?agentIds={ins}", headers=headers)
    assert (told.proven, told.code) == ({"RC107", "RC205"}, 5)
    assert "this host has nothing at that path, and answers at the path /api/v2/" in told.request["sentence"]


async def test_an_expired_token(explain: Explain) -> None:
    """A token whose claims show its expiry is RC204.

    The request is explained with another one. Rows in their usual place are cited there.
    """
    claims = base64.urlsafe_b64encode(json.dumps({"exp": time.time() - 7_300}).encode()).decode().rstrip("=")
    headers = {"Authorization": f"Bearer eyJhbGciOiJub25lIn0.{claims}.c2lnbmF0dXJl"}
    told = await explain(f"{STATES}?agentIds={{break}}&state=Available", headers=headers)
    assert (told.proven, told.code) == ({"RC204", "RC406"}, 4)
    assert "its token expired 2 hours ago" in told.request["sentence"]
    (hides,) = (one for one in told.document["findings"] if one["code"] == "RC406")
    assert {one["pointer"] for one in hides["evidence"]} == {"/entities"}


class RefusesOthers(Fault, name="refuses-others"):
    """Answers rollcall's own roll call. Fails from the program's first request on."""

    status: int
    seen: bool = False

    def before(self, call: Call) -> Answer | None:
        """Fail after the program's token was seen."""
        self.seen = self.seen or call.authorization[1] == TOKEN
        return Answer(self.status, b'{"error": "Down"}', "application/json") if self.seen else None


@pytest.mark.parametrize("status", [404, 503])
async def test_an_error_that_stays(explain: Explain, tmp_path: Path, status: int) -> None:
    """If no change helps, the sentence quotes the server once. The exchanges say which of them are changed.

    Each change differs from the request: this API has no other version.
    """
    saved = tmp_path / "case.json"
    told = await explain(f"{STATES}?agentIds={{ins}}", RefusesOthers(status=status), options=("--save", str(saved)))
    assert told.request["sentence"] == f"Your request fails (HTTP {status}), and no change of it helps: Down"
    assert [one["what"] for one in told.request["changed"]] == ["with rollcall's own token", "in batches of 3"]
    purposes = {one["number"]: one["purpose"] for one in json.loads(saved.read_bytes())["exchanges"]}
    assert {purposes[one["exchange"]] for one in told.request["changed"]} == {"the program's request, changed"}
    assert "the program's request" in purposes.values()


class FiltersMine(Fault, name="filters-mine"):
    """The parameter `mine` leaves out every other agent."""

    def listing(self, call: Call, listing: Listing) -> Listing:
        """Leave every other agent out."""
        return listing._replace(rows=listing.rows[::2]) if "mine" in call.query else listing


async def test_a_later_page_and_a_parameter(explain: Explain) -> None:
    """A change that helped is not tried again. Those after it are."""
    told = await explain("/api/v2/agents?page=2&pageSize=110&mine=1", FiltersMine())
    assert told.proven == {"RC502", "RC801"}
    assert "/api/v2/agents?page=1&pageSize=110'" in told.request["corrected"]


class LogsOut(Fault, name="logs-out"):
    """One agent logs out after rollcall has requested all states."""

    agent: str = "30000000002"
    asked: list[str] = field(default_factory=list)

    def listing(self, call: Call, listing: Listing) -> Listing:
        """Leave the agent out from the program's first request on."""
        if call.endpoint != "states":
            return listing
        self.asked.append(call.authorization[1])
        if TOKEN not in self.asked:
            return listing
        return listing._replace(rows=[row for row in listing.rows if self.agent.encode() not in row])


async def test_who_logs_out_meanwhile_is_not_missing(explain: Explain) -> None:
    """An agent who logs out meanwhile is not missing. It happens between rollcall's requests and the program's."""
    told = await explain(f"{STATES}?agentIds=30000000002,{{busy}}", LogsOut())
    assert (told.code, told.request["rows"]) == (0, 2)
    assert told.request["sentence"].startswith("Your request is right")


class SaysOut(Fault, name="says-out"):
    """Requests with the program's token get an old state of one agent."""

    agent: str = "30000000002"

    def listing(self, call: Call, listing: Listing) -> Listing:
        """Say that the agent is logged out."""
        if call.endpoint != "states" or call.authorization[1] != TOKEN:
            return listing
        agent, state = self.agent.encode(), re.compile(rb'"state":"\w+"')
        rows = [state.sub(b'"state":"LoggedOut"', row) if agent in row else row for row in listing.rows]
        return listing._replace(rows=rows)


async def test_a_row_that_says_logged_out(explain: Explain) -> None:
    """A row that says "logged out" does not show a logged-in agent. Here rollcall's token gets the true one."""
    told = await explain(f"{STATES}?agentIds=30000000002,{{busy}}", SaysOut())
    assert (told.code, told.proven) == (1, {"RC302"})


@pytest.mark.parametrize("seed", range(6))
async def test_rows_that_come_and_go_prove_nothing(explain: Explain, seed: int) -> None:
    """A server that loses rows by chance proves no mistake. It is RC515."""
    told = await explain(f"{STATES}?agentIds={{all}}", "rows-come-and-go", seed=seed)
    assert told.proven <= {"RC515", "RC516"}


async def test_a_cache_is_no_right_answer(explain: Explain) -> None:
    """Rows in states other than the requested one are no answer."""
    told = await explain(f"{STATES}?agentIds={{break}},{{busy}}&state=Available", "answers-cached")
    assert told.code == 3
    assert "RC516" in told.codes
    assert "in other states than it asks for" in told.request["sentence"]


async def test_a_request_that_needs_our_token_without_one(explain: Explain) -> None:
    """A request that could not be sent is not called refused. It needs rollcall's token, and there is none."""
    told = await explain(f"{STATES}?agentIds={{busy}}", "client-refused", form="address")
    assert told.code == 4
    assert told.request["sentence"].startswith(
        "Your request could not be sent, because it needs rollcall's token; rollcall's own requests meet the same: "
    )
    assert told.request["status"] is None
    assert told.request["changed"] == []


async def test_our_token_goes_to_the_tenant_alone(explain: Explain) -> None:
    """A request that needs it is not sent to another host."""
    asked: list[bytes] = []

    async def handle(head: bytes, writer: asyncio.StreamWriter) -> None:
        asked.append(head)

    async with listening(handle) as other:
        told = await explain(f"{STATES}?agentIds={{ins}}", host=other, form="address")
    assert (told.code, told.request["status"], asked) == (0, 200, [])


def test_a_request_that_is_sent_elsewhere_says_so() -> None:
    """Only a request that needs rollcall's token goes to another host."""
    home, hosts = "https://api.example", ("https://api.example", "https://home.example")
    why = "instead of https://a.example, because it needs rollcall's token, which goes only there"
    for text, base, remarks in (
        ("https://a.example/agents", home, (f"sent to {home} {why}",)),
        ("https://home.example/agents", "https://home.example", ()),
        ("curl https://a.example/agents -H 'Authorization: Bearer x1y2z3'", "https://a.example", ()),
    ):
        request = at_a_host_for_our_token(question_of(read(text.encode())), hosts).request
        assert (request.base, request.remarks) == (base, remarks)


async def test_a_server_that_ignores_ids(explain: Explain) -> None:
    """A right request's sentence names faults of the tenant, too."""
    told = await explain(f"{STATES}?agentIds={{break}},{{busy}}", "ids-ignored", seed=3)
    assert "ignores ids" in told.request["sentence"]
