"""A tenant that lists agents and states, in every documented way."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from tests.roll.calling import says_why

from cxone_rollcall.client import Client
from cxone_rollcall.contracts.incontact import Incontact
from cxone_rollcall.model.credentials import Credentials
from cxone_rollcall.model.exchange import Request, Response
from cxone_rollcall.model.roll import Roll, Standing
from cxone_rollcall.model.secret import Secret
from cxone_rollcall.roll import Ledger, Selection, call_roll, reconcile

BASE = "https://api-na1.niceincontact.com"
CREDENTIALS = Credentials(
    grant_type="password",
    client_id="listed",
    client_secret=Secret("listed-secret"),
    access_key_id="key",
    access_key_secret=Secret("key-secret"),
)
Spoils = Callable[[str, int, Response], Response]
Links = Callable[[str, int], str | None]
ROOT = "/incontactapi/services/v34.0/"
_ROOT = re.compile(r"/incontactapi/services/v\d+\.0/")


def absolute(path: str, skip: int) -> str:
    """Write a link as most servers do."""
    return f"{BASE}{ROOT}{path}?top=100&skip={skip}"


def from_the_root(path: str, skip: int) -> str:
    """The link without a host, in another letter case, slashes doubled."""
    return f"//inContactAPI/services//v34.0/{path}?Skip={skip}&Top=100".replace("//", "/", 1)


def the_query_alone(path: str, skip: int) -> str:
    """Write a link as a query."""
    return f"?top=100&skip={skip}"


def elsewhere(path: str, skip: int) -> str:
    """Write a link to another host, as servers behind a proxy do."""
    return f"http://api-c7.internal{ROOT}{path}?top=100&skip={skip}"


@dataclass
class ListTenant:
    """Agents by id with the codes of their states. None has no row.

    `cap` is how many rows a page has at most, `links` how the next page is pointed at (None: not at all), `total`
    whether the list is counted, each page by itself, or not at all. `spoils` is given each answer of the lists: the
    path, how many rows it skips, and what a healthy server says.
    """

    states: dict[str, int | None]
    cap: int = 100
    links: Links | None = absolute
    total: str = "list"
    alone: dict[str, int | None] | None = None
    token: str = "token-of-the-lists"
    spoils: Spoils = field(default=lambda path, skip, response: response)
    asked: list[str] = field(default_factory=list)

    async def send(self, request: Request) -> Response:
        """Answer, after the other tasks had a turn."""
        await asyncio.sleep(0)
        return self.answer(request)

    def answer(self, request: Request) -> Response:
        """Answer with the current states."""
        path = urlsplit(request.target).path
        if path.startswith("/.well-known/openid"):
            return said({"token_endpoint": f"{BASE}/auth/token"})
        if path.startswith("/.well-known/"):
            return said({"api_endpoint": BASE})
        if path == "/auth/token":
            return said({"access_token": self.token, "expires_in": 3600})
        self.asked.append(request.target)
        name = _ROOT.sub("", path.lower().replace("//", "/"))
        if name not in ("agents", "agents/states"):
            return self.state_of_one(name)
        query = {key.lower(): values[-1] for key, values in parse_qs(urlsplit(request.target).query).items()}
        skip = int(query.get("skip", "0"))
        return self.spoils(name, skip, self.page(name, skip, min(int(query.get("top", "50")), self.cap)))

    def page(self, name: str, skip: int, top: int) -> Response:
        """The rows of a list from `skip` on, at most `top`."""
        if name == "agents":
            rows: list[dict[str, object]] = [{"agentId": int(one), "isActive": True} for one in self.states]
            key = "agents"
        else:
            rows = [row_of(one, code) for one, code in self.states.items() if code is not None]
            key = "agentStates"
        page = rows[skip : skip + top]
        body: dict[str, object] = {key: page}
        if self.total != "none":
            body["totalRecords"] = len(rows) if self.total == "list" else len(page)
        if self.links is not None:
            more = skip + top < len(rows)
            body["_links"] = {"next": self.links(name, skip + top) if more else None}
        return said(body)

    def state_of_one(self, name: str) -> Response:
        """The state of one agent, at `agents/ID/states`."""
        agent_id = name.split("/")[1]
        known = self.alone if self.alone is not None else self.states
        code = known.get(agent_id)
        return said({"agentStates": [] if code is None else [row_of(agent_id, code)]})


def row_of(agent_id: str, code: int) -> dict[str, object]:
    """Return a row of states."""
    names = ("LoggedOut", "Available", "Unavailable", "InboundContact")
    return {"agentId": int(agent_id), "agentStateId": code, "agentStateName": names[code]}


def said(body: object, status: int = 200) -> Response:
    """Return an answer."""
    return Response(status=status, headers={}, body=body if isinstance(body, bytes) else json.dumps(body).encode())


def people(count: int, *, codes: tuple[int | None, ...] = (1, 2, 0, 3)) -> dict[str, int | None]:
    """This number of agents, in these states in turn."""
    return {str(1001 + number): codes[number % len(codes)] for number in range(count)}


@dataclass(frozen=True, slots=True)
class Called:
    """A roll that was called, and how."""

    tenant: ListTenant
    ledger: Ledger
    client: Client

    @property
    def roll(self) -> Roll:
        """The roll, reconciled."""
        return reconcile(self.ledger)

    def ids(self, *standings: Standing) -> set[str]:
        """Return the ids of these standings."""
        return set(self.roll.ids(*standings))


async def called(tenant: ListTenant, selection: Selection | None = None, *, version: str | None = None) -> Called:
    """Call the roll of a tenant that is its own transport."""
    ledger = Ledger()
    client = Client(Incontact(BASE, version=version), tenant, CREDENTIALS, base_url=BASE, rng=lambda: 0.0)
    await call_roll(client, ledger, selection or Selection())
    return Called(tenant, ledger, client)


def is_true(called: Called) -> None:
    """Check that the account balances and no standing is wrong."""
    roll, states = called.roll, called.tenant.states
    ids = [entry.agent.agent_id for entry in roll.entries]
    assert len(ids) == len(set(ids)) == sum(roll.count().values())
    assert set(ids) <= set(states), "no agent is invented"
    assert all((states[one] or 0) > 0 for one in called.ids(Standing.PRESENT)), "no agent is falsely present"
    denied = called.ids(Standing.ABSENT, Standing.LOGGED_OUT)
    assert not any(states[one] for one in denied), "no present agent is called absent or logged out"
    answered = called.ledger.rows.keys()
    assert all(answered.isdisjoint(one.agents) for one in called.ledger.failures), (
        "no failure names an agent with a row"
    )
    assert says_why(called.client, called.ledger), "an incomplete roster has a finding"


def is_whole(called: Called) -> None:
    """Check that all agents have their true standing."""
    is_true(called)
    states = called.tenant.states
    assert set(called.roll.ids(*Standing)) == set(states)
    assert called.roll.roster_complete
    assert called.ids(Standing.PRESENT) == {one for one, code in states.items() if code}
    assert called.ids(Standing.LOGGED_OUT) == {one for one, code in states.items() if code == 0}
    assert not called.ids(Standing.UNKNOWN)
